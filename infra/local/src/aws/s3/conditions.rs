//! Conditions on requests: which ETag, how old, whether anything is there.

use jiff::Timestamp;
use rusqlite::Connection;
use s3s::dto::{ETag, ETagCondition, Timestamp as WireTimestamp};
use s3s::s3_error;

use super::error::{Result, no_such_key, precondition_failed, with_headers};
use super::model::{Bucket, Version};
use super::{time, versions};

/// The conditions of a read.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadConditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<WireTimestamp>,
    pub if_unmodified_since: Option<WireTimestamp>,
}

impl ReadConditions {
    /// Refuses with 412 or 304, in the order that HTTP asks for.
    pub(super) fn check(&self, version: &Version) -> Result<()> {
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !strong(condition, &version.etag) => {
                return Err(precondition_failed("If-Match"));
            }
            (None, Some(since)) if later(version.modified, since)? => {
                return Err(precondition_failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) if weak(condition, &version.etag) => Err(not_modified(version)),
            (None, Some(since)) if !later(version.modified, since)? => Err(not_modified(version)),
            _ => Ok(()),
        }
    }

    /// For the source of a copy, where "not modified" is a failed condition too.
    pub(super) fn check_source(&self, version: &Version) -> Result<()> {
        self.check(version).map_err(|error| match error {
            super::error::S3Error::Refused(refusal) if *refusal.code() == s3s::S3ErrorCode::NotModified => {
                precondition_failed("x-amz-copy-source-if-none-match")
            }
            other => other,
        })
    }
}

fn not_modified(version: &Version) -> super::error::S3Error {
    let etag = format!("\"{}\"", version.etag);
    let modified = time::http_date(version.modified);
    with_headers(s3_error!(NotModified), &[("etag", etag), ("last-modified", modified)])
}

fn strong(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => wanted.strong_cmp(&ETag::Strong(etag.to_owned())),
    }
}

fn weak(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => wanted.weak_cmp(&ETag::Strong(etag.to_owned())),
    }
}

fn later(modified: Timestamp, since: &WireTimestamp) -> Result<bool> {
    Ok(time::whole_seconds(modified) > time::whole_seconds(time::parse(since)?))
}

/// The conditions of a write.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteConditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// Refuses unless the key is as the writer believes; in the transaction that writes.
    pub(super) fn check(&self, connection: &Connection, bucket: &Bucket, key: &str) -> Result<()> {
        if matches!(self.if_none_match, Some(ETagCondition::ETag(_))) {
            let told = "A header you provided implies functionality that is not implemented: If-None-Match takes `*`";
            return Err(s3_error!(NotImplemented, "{told}").into());
        }
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(());
        }
        let current = versions::latest(connection, bucket.id, key)?.filter(|version| !version.marker);
        if self.if_none_match.is_some() && current.is_some() {
            return Err(precondition_failed("If-None-Match"));
        }
        match (&self.if_match, current) {
            (Some(_), None) => Err(no_such_key(key)),
            (Some(condition), Some(current)) if !strong(condition, &current.etag) => {
                Err(precondition_failed("If-Match"))
            }
            _ => Ok(()),
        }
    }
}
