//! A file is handed out: one link, for one version of one object (R005).

use crate::disposition;
use api::{Call, Problem};
use authz::Permit;
use domain::{
    limits::{DOWNLOAD_SECONDS, NAME_CHARS},
    record::{Finding, ObjectRef},
    text::Line,
};
use schemars::JsonSchema;
use serde::Serialize;
use vault::PresignedRequest;

/// A link to a file, and how to know that what it gives is right.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Download {
    /// The GET that gives the bytes; ranges of it, too.
    request: PresignedRequest,
    /// The name with which it came.
    file_name: String,
    media_type: String,
    size_bytes: u64,
    /// Hexadecimal SHA-256 of the whole file.
    sha256: String,
    /// The number of the file among its record's versions; none of a contribution.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// How long the link works.
    expires_in_seconds: u64,
}

/// What is handed out.
pub struct Handed<'a> {
    pub object: &'a ObjectRef,
    pub finding: &'a Finding,
    pub file_name: Line<NAME_CHARS>,
    pub size_bytes: u64,
    pub version: Option<u32>,
    /// To be shown in place, not saved.
    pub inline: bool,
}

impl Handed<'_> {
    /// Signs the link. Nothing is asked of object storage for it.
    pub async fn sign(self, call: &Call, permit: &Permit) -> Result<Download, Problem> {
        let (name, media_type) = (self.file_name.as_str(), self.finding.media_type.as_str());
        let disposition =
            if self.inline { disposition::inline(name, media_type)? } else { disposition::attachment(name) };
        let request = call.system.vault.presign_get(permit, self.object, media_type, &disposition).await?;
        Ok(Download {
            request,
            media_type: media_type.to_owned(),
            size_bytes: self.size_bytes,
            sha256: self.finding.sha256.clone(),
            version: self.version,
            expires_in_seconds: DOWNLOAD_SECONDS,
            file_name: self.file_name.into(),
        })
    }
}
