//! Signs the view of the small picture that inspection made of a document of a space (R072, R006).

use crate::{
    handing::{Picture, View},
    shared::Shared,
};
use api::{Call, Nothing, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{purpose::Purpose, record::RecordError};
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "sign_space_preview",
    "/spaces/{space_id}/items/{item_id}/previews",
    Action::SignSpacePreview,
    Kind::SpacePreviewSigned,
)
.success(200)
.purpose(Purpose::Coordination)
.summary("Sign the view of the preview picture of a document of a space (R072)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<View> {
    let picture = find(&call).await?;
    Ok(Reply::with(picture.hand_out(&call).await?))
}

/// The picture of the document that the path names, for who is in its space now.
pub async fn find(call: &Call) -> Result<Picture, Problem> {
    let shared = Shared::find(call).await?;
    let file = shared.file()?;
    let preview = file.state.must_be_available()?.preview.as_deref().ok_or(RecordError::NoPreview)?;
    Ok(Picture { preview: preview.clone(), version: None, fact: shared.fact(file), permit: shared.permit })
}
