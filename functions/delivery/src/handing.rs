//! A file is handed out: an address of one version of one object, that is good for as long as its member may have it
//! (R005, R057).

use crate::disposition;
use api::{Call, Fact, Problem};
use authz::Permit;
use domain::{
    limits::{DOWNLOAD_SECONDS, NAME_CHARS},
    record::{ObjectRef, Preview},
    text::Line,
};
use schemars::JsonSchema;
use serde::Serialize;
use vault::PresignedRequest;

/// An address of a file, and how to know that what it gives is right.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Download {
    /// The GET that gives the bytes, ranges of them too. Each time it is asked whether the member it was signed for may
    /// still have the file, and leads on to object storage (303): follow it there.
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
    /// How long the address works at most; it ends at once with what its member may do.
    expires_in_seconds: u64,
}

/// A version of a file that its member may have now.
pub struct File {
    pub permit: Permit,
    pub object: ObjectRef,
    pub media_type: String,
    /// Hexadecimal SHA-256 of the whole file.
    pub sha256: String,
    pub file_name: Line<NAME_CHARS>,
    pub size_bytes: u64,
    pub version: Option<u32>,
    /// To be shown in place, not saved.
    pub inline: bool,
    /// What evidence is about.
    pub fact: Fact,
}

impl File {
    /// Gives an address of it out. Nothing is asked of object storage for it.
    pub async fn hand_out(self, call: &Call) -> Result<Download, Problem> {
        // What may not be shown in place is refused before there is an address.
        self.disposition()?;
        let fact = self.fact.detail("inline", self.inline);
        let address = call.hand_out(&self.permit, self.version, self.inline, fact).await?;
        Ok(Download {
            request: PresignedRequest::get(address),
            file_name: self.file_name.into(),
            media_type: self.media_type,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            version: self.version,
            expires_in_seconds: DOWNLOAD_SECONDS,
        })
    }

    /// Where object storage has it.
    pub async fn address(&self, call: &Call) -> Result<String, Problem> {
        let vault = &call.system.vault;
        Ok(vault.presign_get(&self.permit, &self.object, &self.media_type, &self.disposition()?).await?)
    }

    fn disposition(&self) -> Result<String, Problem> {
        let name = self.file_name.as_str();
        if self.inline {
            disposition::inline(name, &self.media_type)
        } else {
            Ok(disposition::attachment(name))
        }
    }
}

/// The small picture that inspection made of a version of a file, which its member may see now.
pub struct Picture {
    pub permit: Permit,
    pub preview: Preview,
    pub version: Option<u32>,
    /// What evidence is about.
    pub fact: Fact,
}

/// An address of a small picture.
#[derive(Debug, Serialize, JsonSchema)]
pub struct View {
    /// The GET that gives the picture. Each time it is asked whether the member it was signed for may still see it, and
    /// leads on to object storage (303): follow it there.
    request: PresignedRequest,
    media_type: String,
    width: u32,
    height: u32,
    /// The number of the file among its record's versions; none of a document of a space.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// How long the address works at most; it ends at once with what its member may do.
    expires_in_seconds: u64,
}

impl Picture {
    /// Gives an address of it out.
    pub async fn hand_out(self, call: &Call) -> Result<View, Problem> {
        let address = call.hand_out(&self.permit, self.version, true, self.fact).await?;
        Ok(View {
            request: PresignedRequest::get(address),
            media_type: self.preview.media_type,
            width: self.preview.width,
            height: self.preview.height,
            version: self.version,
            expires_in_seconds: DOWNLOAD_SECONDS,
        })
    }

    /// Where object storage has it.
    pub async fn address(&self, call: &Call) -> Result<String, Problem> {
        let Preview { object, media_type, .. } = &self.preview;
        Ok(call.system.vault.presign_get(&self.permit, object, media_type, "inline").await?)
    }
}
