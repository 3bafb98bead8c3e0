//! Signs the view of the small picture that inspection made of a file (R006).

use crate::filed::Filed;
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{limits::DOWNLOAD_SECONDS, record::RecordError};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vault::PresignedRequest;

pub static OPERATION: Operation = Operation::post(
    "sign_preview",
    "/charts/{chart_id}/records/{record_id}/previews",
    Action::SignPreview,
    Kind::PreviewSigned,
)
.success(200)
.summary("Sign the view of a file's preview picture (R006)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The version; the newest, unless given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The GET that gives the picture.
    request: PresignedRequest,
    media_type: String,
    width: u32,
    height: u32,
    /// The number of the file among its record's versions.
    version: u32,
    /// How long the link works.
    expires_in_seconds: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let filed = Filed::find(&call, input.version).await?;
    let preview = filed.file.must_be_available()?.preview.as_ref().ok_or(RecordError::NoPreview)?;
    let vault = &call.system.vault;
    let request = vault.presign_get(&filed.permit, &preview.object, &preview.media_type, "inline").await?;
    call.witness(&filed.permit, filed.fact()).await?;
    Ok(Reply::with(Output {
        request,
        media_type: preview.media_type.clone(),
        width: preview.width,
        height: preview.height,
        version: filed.file.number,
        expires_in_seconds: DOWNLOAD_SECONDS,
    }))
}
