//! Follows the address of a file to object storage, for whoever may have the file now (R057).

use crate::{
    sign_contribution_download, sign_download, sign_preview, sign_space_download, sign_space_preview,
};
use api::{Access, Call, Nothing, Operation, Outcome, Problem, Reply};
use authz::Action;
use evidence::Kind;

pub static OPERATION: Operation =
    Operation::get("follow_download", "/downloads/{pass}", Action::FollowDownload, Kind::DownloadSigned)
        .access(Access::Pass)
        .success(303)
        .summary("Follow the address of a file, if the member it was signed for may still have it (R057)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    Ok(Reply::at(address(&call).await?))
}

/// Asks again what was asked when the address was signed.
async fn address(call: &Call) -> Result<String, Problem> {
    let pass = call.pass()?;
    let (version, inline) = (pass.version, pass.inline);
    match pass.operation.as_str() {
        "sign_download" => sign_download::find(call, version, inline).await?.address(call).await,
        "sign_preview" => sign_preview::find(call, version).await?.address(call).await,
        "sign_contribution_download" => {
            sign_contribution_download::find(call, inline).await?.address(call).await
        }
        "sign_space_download" => sign_space_download::find(call, inline).await?.address(call).await,
        "sign_space_preview" => sign_space_preview::find(call).await?.address(call).await,
        other => Err(Problem::internal(format!("a pass of `{other}`"))),
    }
}
