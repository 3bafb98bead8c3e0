//! Reads an upload into a space: what is there already, and a fresh way to send the rest (R072, R005).

use crate::{
    Nothing,
    companion::Sending,
    progress::{self, Progress},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{SpaceItemId, purpose::Purpose, upload::UploadState};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "read_space_upload",
    "/spaces/{space_id}/uploads/{upload_id}",
    Action::ReadSpaceUpload,
    Kind::SpaceUploadRead,
)
.purpose(Purpose::Coordination)
.summary("See what of an upload into a space is there, to resume it (R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    progress: Progress,
    /// The document it has become, once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<SpaceItemId>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let sending = Sending::find(&call).await?;
    let (companion, upload) = (&sending.companion, &sending.upload);
    let file_name = companion.key.open(&companion.permit, "file/name", &upload.id, &upload.file_name)?;
    let (_, progress) = tokio::try_join!(
        call.witness(&companion.permit, sending.fact()),
        progress::of(&call, &companion.permit, file_name, upload)
    )?;
    let completed = matches!(upload.state, UploadState::Completed { .. });
    Ok(Reply::with(Output { progress, item_id: completed.then_some(sending.item_id) }))
}
