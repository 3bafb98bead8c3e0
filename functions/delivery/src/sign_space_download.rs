//! Signs the download of a document of a collaborative space, for any of its members (R072, R057).

use crate::{
    handing::{Download, Handed},
    shared::Shared,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "sign_space_download",
    "/spaces/{space_id}/items/{item_id}/downloads",
    Action::SignSpaceDownload,
    Kind::SpaceDownloadSigned,
)
.success(200)
.purpose(Purpose::Coordination)
.summary("Sign the download of a document of a space (R072)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// To be shown in a viewer instead of saved; only types that are safe to show are.
    #[serde(default)]
    inline: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Download> {
    let shared = Shared::find(&call).await?;
    let (file, permit) = (shared.file()?, &shared.permit);
    let finding = file.state.must_be_available()?;
    let key = shared.key(&call).await?;
    let handed = Handed {
        object: &file.object,
        finding,
        file_name: key.open(permit, "file/name", &file.upload_id, &file.file_name)?,
        size_bytes: file.size_bytes,
        version: None,
        inline: input.inline,
    };
    let download = handed.sign(&call, permit).await?;
    call.witness(permit, shared.fact(file).detail("inline", input.inline)).await?;
    Ok(Reply::with(download))
}
