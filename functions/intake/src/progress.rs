//! What has come of an upload, so that it is resumed where it stopped (R005).

use crate::beginning;
use api::{Call, Problem};
use authz::Permit;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    UploadId,
    limits::NAME_CHARS,
    text::Line,
    upload::{Plan, Upload, UploadState},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use vault::{PartThere, PresignedRequest, VaultError};

/// An upload and how far it has come.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Progress {
    upload_id: UploadId,
    /// `open`, `completed`, `abandoned` or `expired`.
    state: &'static str,
    file_name: String,
    size_bytes: u64,
    plan: Plan,
    /// Whether the whole object is there; then all that is missing is to complete the upload.
    arrived: bool,
    /// The parts that are there; they need not be sent again.
    parts: Vec<PartView>,
    /// A fresh PUT, while the object of a single upload is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    put: Option<PresignedRequest>,
    /// Until when it can be resumed.
    expires_at: Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PartView {
    number: u32,
    size_bytes: u64,
    /// Hexadecimal SHA-256, as object storage computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl From<PartThere> for PartView {
    fn from(part: PartThere) -> Self {
        let sha256 = part.sha256.and_then(|digest| STANDARD.decode(digest).ok());
        let sha256 = sha256.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        Self { number: part.number, size_bytes: part.size_bytes, sha256 }
    }
}

/// Looks at an upload: one call to object storage while it is open, none afterwards.
pub async fn of(
    call: &Call,
    permit: &Permit,
    file_name: Line<NAME_CHARS>,
    upload: &Upload,
) -> Result<Progress, Problem> {
    let state = upload.state_name(call.now);
    let (arrived, parts) = match &upload.state {
        UploadState::Open if state == "open" => there(call, permit, upload).await?,
        UploadState::Open | UploadState::Abandoned => (false, Vec::new()),
        UploadState::Inspected { .. } | UploadState::Completed { .. } => (true, Vec::new()),
    };
    let put = if state == "open" && !arrived { beginning::put(call, permit, upload).await? } else { None };
    Ok(Progress {
        upload_id: upload.id,
        state,
        file_name: file_name.into(),
        size_bytes: upload.size_bytes,
        plan: upload.plan,
        arrived,
        parts: parts.into_iter().map(PartView::from).collect(),
        put,
        expires_at: upload.expires_at,
    })
}

/// Whether the whole object is there and, if not, which of its parts.
async fn there(call: &Call, permit: &Permit, upload: &Upload) -> Result<(bool, Vec<PartThere>), Problem> {
    let vault = &call.system.vault;
    if let Some(multipart_id) = &upload.multipart_id {
        match vault.parts(permit, &upload.object_key, multipart_id).await {
            Ok(parts) => return Ok((false, parts)),
            // Put together already, by a call whose commit did not come through.
            Err(VaultError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((vault.arrived(permit, &upload.object_key).await?.is_some(), Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_shown_as_they_are_sent() {
        let part = PartThere {
            number: 1,
            size_bytes: 5,
            etag: "e".into(),
            sha256: Some(STANDARD.encode([0xab_u8; 32])),
        };
        assert_eq!(PartView::from(part).sha256, Some("ab".repeat(32)));
    }
}
