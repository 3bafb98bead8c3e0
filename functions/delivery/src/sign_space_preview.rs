//! Signs the view of the small picture that inspection made of a document of a space (R072, R006).

use crate::shared::Shared;
use api::{Call, Nothing, Operation, Outcome, Reply};
use authz::Action;
use domain::{limits::DOWNLOAD_SECONDS, purpose::Purpose, record::RecordError};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use vault::PresignedRequest;

pub static OPERATION: Operation = Operation::post(
    "sign_space_preview",
    "/spaces/{space_id}/items/{item_id}/previews",
    Action::SignSpacePreview,
    Kind::SpacePreviewSigned,
)
.success(200)
.purpose(Purpose::Coordination)
.summary("Sign the view of the preview picture of a document of a space (R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The GET that gives the picture.
    request: PresignedRequest,
    media_type: String,
    width: u32,
    height: u32,
    /// How long the link works.
    expires_in_seconds: u64,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let shared = Shared::find(&call).await?;
    let file = shared.file()?;
    let preview = file.state.must_be_available()?.preview.as_ref().ok_or(RecordError::NoPreview)?;
    let vault = &call.system.vault;
    let request = vault.presign_get(&shared.permit, &preview.object, &preview.media_type, "inline").await?;
    call.witness(&shared.permit, shared.fact(file)).await?;
    Ok(Reply::with(Output {
        request,
        media_type: preview.media_type.clone(),
        width: preview.width,
        height: preview.height,
        expires_in_seconds: DOWNLOAD_SECONDS,
    }))
}
