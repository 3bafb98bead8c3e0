//! Signs the view of the small picture that inspection made of a file (R006).

use crate::{
    filed::Filed,
    handing::{Picture, View},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::record::RecordError;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

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

pub async fn handle(call: Call, input: Input) -> Outcome<View> {
    let picture = find(&call, input.version).await?;
    Ok(Reply::with(picture.hand_out(&call).await?))
}

/// The picture of the version that is asked for, for who may see it now.
pub async fn find(call: &Call, version: Option<u32>) -> Result<Picture, Problem> {
    let filed = Filed::find(call, version).await?;
    let preview = filed.file.must_be_available()?.preview.as_deref().ok_or(RecordError::NoPreview)?;
    Ok(Picture {
        preview: preview.clone(),
        version: Some(filed.file.number),
        fact: filed.fact(),
        permit: filed.permit,
    })
}
