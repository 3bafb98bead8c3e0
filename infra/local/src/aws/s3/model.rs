//! What the store knows of a bucket, a version and its content.

use std::collections::BTreeMap;

use jiff::Timestamp;
use s3s::dto;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::digest::Checksum;

/// The version id of what was written without versioning.
pub(super) const NULL_VERSION: &str = "null";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Versioning {
    Never,
    Enabled,
    Suspended,
}

impl Versioning {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Enabled => dto::BucketVersioningStatus::ENABLED,
            Self::Suspended => dto::BucketVersioningStatus::SUSPENDED,
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            dto::BucketVersioningStatus::ENABLED => Self::Enabled,
            dto::BucketVersioningStatus::SUSPENDED => Self::Suspended,
            _ => Self::Never,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub id: i64,
    pub name: String,
    pub created: Timestamp,
    pub versioning: Versioning,
    pub lockable: bool,
}

impl Bucket {
    /// The version id to tell: buckets that never had versioning tell none.
    pub(super) fn told_version(&self, version_id: &str) -> Option<String> {
        (self.versioning != Versioning::Never).then(|| version_id.to_owned())
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.name)
    }
}

/// How an object is protected at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Protection {
    /// Whether the client (or the bucket's default) chose KMS; otherwise the store's own key protects it.
    pub kms: bool,
    pub key_arn: String,
    pub bucket_key: bool,
    /// What the data keys are bound to.
    pub context: BTreeMap<String, String>,
}

impl Protection {
    pub(super) fn algorithm(&self) -> dto::ServerSideEncryption {
        dto::ServerSideEncryption::from_static(if self.kms {
            dto::ServerSideEncryption::AWS_KMS
        } else {
            dto::ServerSideEncryption::AES256
        })
    }

    /// The key to tell: the store's own is nobody's business.
    pub(super) fn told_key(&self) -> Option<String> {
        self.kms.then(|| self.key_arn.clone())
    }

    pub(super) fn told_bucket_key(&self) -> Option<bool> {
        (self.kms && self.bucket_key).then_some(true)
    }
}

/// What a client said about an object besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Headers {
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub expires: Option<Timestamp>,
    pub website_redirect: Option<String>,
    pub storage_class: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// Everything of a version that is only stored and told again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub headers: Headers,
    pub checksum: Option<Checksum>,
    pub protection: Option<Protection>,
}

pub(super) type Tags = Vec<(String, String)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LockMode {
    Governance,
    Compliance,
}

impl LockMode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Governance => dto::ObjectLockMode::GOVERNANCE,
            Self::Compliance => dto::ObjectLockMode::COMPLIANCE,
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// What keeps a version from being deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    pub retention: Option<Retention>,
    pub legal_hold: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retention {
    pub mode: LockMode,
    pub until: Timestamp,
}

/// One version of an object, or a delete marker.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub seq: i64,
    pub key: String,
    pub version_id: String,
    pub latest: bool,
    pub marker: bool,
    pub size: u64,
    pub etag: String,
    pub modified: Timestamp,
    /// When a newer version took its place.
    pub superseded: Option<Timestamp>,
    pub about: About,
    pub tags: Tags,
    pub lock: Lock,
}

/// A stretch of an object's bytes: one sealed blob.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub part: Option<i32>,
    pub blob: Uuid,
    pub len: u64,
    /// The blob's data key, sealed by the key service.
    pub wrapped: Vec<u8>,
}

/// A version about to be written.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub key: String,
    pub size: u64,
    pub etag: String,
    pub about: About,
    pub tags: Tags,
    pub lock: Lock,
    pub segments: Vec<Segment>,
}

pub(super) fn size_for_wire(size: u64) -> Option<i64> {
    i64::try_from(size).ok()
}

pub(super) fn count_for_wire(count: usize) -> Option<i32> {
    i32::try_from(count).ok()
}
