//! Reads an upload: what is there already, and a fresh way to send the rest (R005).

use crate::{
    Nothing,
    progress::{self, Progress},
    sender::Sending,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{RecordId, upload::UploadState};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "read_upload",
    "/charts/{chart_id}/uploads/{upload_id}",
    Action::ReadUpload,
    Kind::UploadRead,
)
.summary("See what of an upload is there, to resume it (R005)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    progress: Progress,
    /// The record it has become, once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<RecordId>,
    /// The number of the file among the record's versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let sending = Sending::find(&call).await?;
    let upload = &sending.upload;
    let file_name = sending.key.open(&sending.permit, "file/name", &upload.id, &upload.file_name)?;
    let (_, progress) = tokio::try_join!(
        call.witness(&sending.permit, sending.fact()),
        progress::of(&call, &sending.permit, file_name, upload)
    )?;
    let (record_id, version) = match sending.upload.state {
        UploadState::Completed { version, .. } => (Some(sending.record_id), version),
        _ => (None, None),
    };
    Ok(Reply::with(Output { progress, record_id, version }))
}
