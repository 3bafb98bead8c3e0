//! Signs the download of a document of a collaborative space, for any of its members (R072, R057).

use crate::{
    handing::{Download, File},
    shared::Shared,
};
use api::{Call, Operation, Outcome, Problem, Reply};
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
    let file = find(&call, input.inline).await?;
    Ok(Reply::with(file.hand_out(&call).await?))
}

/// The document that the path names, for who is in its space now.
pub async fn find(call: &Call, inline: bool) -> Result<File, Problem> {
    let shared = Shared::find(call).await?;
    let (file, key) = (shared.file()?.clone(), shared.key(call).await?);
    let finding = file.state.must_be_available()?;
    Ok(File {
        media_type: finding.media_type.clone(),
        sha256: finding.sha256.clone(),
        file_name: key.open(&shared.permit, "file/name", &file.upload_id, &file.file_name)?,
        size_bytes: file.size_bytes,
        version: None,
        inline,
        fact: shared.fact(&file),
        object: file.object,
        permit: shared.permit,
    })
}
