//! Objects: put, get, head, delete.

use std::ops::Range;

use rusqlite::Connection;
use s3s::dto::{
    ChecksumMode, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput,
    DeletedObject, ETag, ETagCondition, Error as WireError, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, ObjectLockMode, PutObjectInput, PutObjectOutput, Range as WireRange, StreamingBlob,
};
use s3s::{S3Request, s3_error};

use super::blobs::Pin;
use super::buckets;
use super::caller::Caller;
use super::conditions::{ReadConditions, WriteConditions};
use super::digest::{Algorithm, Claims, claimed_checksums, tell_checksum};
use super::error::{Result, S3Error, no_such_key, no_such_version, with_headers};
use super::headers::object_headers;
use super::locks::{self, LockWish, lock_wish};
use super::model::{
    About, Bucket, Draft, Headers, Lock, NULL_VERSION, Protection, Segment, Tags, Version, Versioning,
    count_for_wire, size_for_wire,
};
use super::notices::{Herald, News};
use super::protect::{protection_wish, tell_protection};
use super::reader::{Content, Reader};
use super::store::{Effects, Store};
use super::versions::{self, Change};
use super::writer::{Order, Written};
use super::{tags, time};
use crate::aws::ambient;

const MAX_DELETED_AT_ONCE: usize = 1000;

/// The content of the named version, or of the latest; a delete marker has none.
pub(super) fn content_version(
    connection: &Connection,
    bucket: &Bucket,
    key: &str,
    version_id: Option<&str>,
) -> Result<Version> {
    let Some(version) = versions::named_or_latest(connection, bucket.id, key, version_id)? else {
        return Err(if version_id.is_some() { no_such_version() } else { no_such_key(key) });
    };
    if !version.marker {
        return Ok(version);
    }
    let mut told = vec![("x-amz-delete-marker", "true".to_owned())];
    told.extend(bucket.told_version(&version.version_id).map(|id| ("x-amz-version-id", id)));
    if version_id.is_none() {
        return Err(with_headers(s3_error!(NoSuchKey, "The specified key does not exist: `{key}`"), &told));
    }
    told.push(("last-modified", time::http_date(version.modified)));
    told.push(("allow", "DELETE".to_owned()));
    let refusal = s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource.");
    Err(with_headers(refusal, &told))
}

/// An object to be read, with its blobs held in place.
pub(super) struct Found {
    pub bucket: Bucket,
    pub version: Version,
    pub segments: Vec<Segment>,
    pub pin: Pin,
}

impl Found {
    pub(super) fn protection(&self) -> Result<Protection> {
        let protection = self.version.about.protection.clone();
        protection.ok_or_else(|| S3Error::Corrupt("an object has no protection".into()))
    }

    /// A reader of part of the content.
    pub(super) fn reader(self, store: &Store, range: &Range<u64>) -> Result<Reader> {
        let protection = self.protection()?;
        Ok(Reader::new(store.clone(), protection, self.segments, range, self.pin))
    }
}

/// The part of an object that a request asks for.
struct Extent {
    range: Range<u64>,
    partial: bool,
    parts: Option<i32>,
}

impl Extent {
    fn of(found: &Found, range: Option<WireRange>, part: Option<i32>) -> Result<Self> {
        let size = found.version.size;
        match (range, part) {
            (None, None) => Ok(Self { range: 0..size, partial: false, parts: None }),
            (Some(range), None) => {
                let unsatisfiable = |_| {
                    let refusal = s3_error!(InvalidRange, "The requested range is not satisfiable");
                    with_headers(refusal, &[("content-range", format!("bytes */{size}"))])
                };
                Ok(Self { range: range.check(size).map_err(unsatisfiable)?, partial: true, parts: None })
            }
            (None, Some(part)) => Self::of_part(found, part),
            (Some(_), Some(_)) => {
                let told = "Cannot specify both Range header and partNumber query parameter";
                Err(s3_error!(InvalidRequest, "{told}").into())
            }
        }
    }

    fn of_part(found: &Found, part: i32) -> Result<Self> {
        let in_parts = found.segments.iter().all(|segment| segment.part.is_some());
        let parts = if in_parts { count_for_wire(found.segments.len()) } else { None };
        let mut start: u64 = 0;
        for (position, segment) in found.segments.iter().enumerate() {
            // Parts are asked for by their place, whatever numbers they were sent under.
            if count_for_wire(position + 1) == Some(part) {
                return Ok(Self { range: start..start + segment.len, partial: segment.len > 0, parts });
            }
            start += segment.len;
        }
        Err(s3_error!(InvalidPart, "The requested partnumber is not satisfiable").into())
    }

    fn content_range(&self, size: u64) -> Option<String> {
        let last = self.range.end.saturating_sub(1);
        self.partial.then(|| format!("bytes {}-{last}/{size}", self.range.start))
    }
}

/// What GET and HEAD tell of an object in the same fields.
macro_rules! tell_object {
    ($output:expr, $bucket:expr, $version:expr, $extent:expr, $checksum_mode:expr) => {{
        let version: &Version = $version;
        let headers: &Headers = &version.about.headers;
        $output.accept_ranges = Some("bytes".to_owned());
        $output.cache_control = headers.cache_control.clone();
        $output.content_disposition = headers.content_disposition.clone();
        $output.content_encoding = headers.content_encoding.clone();
        $output.content_language = headers.content_language.clone();
        $output.content_type =
            Some(headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned()));
        $output.expires = headers.expires.map(time::wire);
        $output.website_redirect_location = headers.website_redirect.clone();
        $output.metadata =
            (!headers.metadata.is_empty()).then(|| headers.metadata.clone().into_iter().collect());
        $output.content_length = size_for_wire($extent.range.end - $extent.range.start);
        $output.content_range = $extent.content_range(version.size);
        $output.parts_count = $extent.parts;
        $output.e_tag = Some(ETag::Strong(version.etag.clone()));
        $output.last_modified = Some(time::wire(version.modified));
        $output.version_id = $bucket.told_version(&version.version_id);
        $output.object_lock_mode =
            version.lock.retention.map(|retention| ObjectLockMode::from_static(retention.mode.as_str()));
        $output.object_lock_retain_until_date =
            version.lock.retention.map(|retention| time::wire(retention.until));
        $output.object_lock_legal_hold_status = version.lock.legal_hold.map(locks::hold_status);
        tell_protection!($output, &version.about.protection);
        let asked = $checksum_mode.is_some_and(|mode: ChecksumMode| mode.as_str() == ChecksumMode::ENABLED);
        // A checksum of the whole says nothing about a part.
        if let Some(checksum) = version.about.checksum.as_ref().filter(|_| asked && !$extent.partial) {
            tell_checksum!($output, checksum);
            $output.checksum_type = Some(checksum.kind.wire());
        }
    }};
}

/// What a write is made of besides its bytes.
pub(super) struct Writing {
    pub bucket: String,
    pub key: String,
    pub headers: Headers,
    pub tags: Tags,
    pub lock: LockWish,
    pub protection: Protection,
    pub conditions: WriteConditions,
    pub herald: Herald,
    pub reason: &'static str,
}

/// A write that is done.
pub(super) struct Put {
    pub etag: String,
    pub version_id: Option<String>,
    pub about: About,
}

impl Store {
    pub(super) async fn find(
        &self,
        bucket: String,
        key: String,
        version_id: Option<String>,
    ) -> Result<Found> {
        let looking = self.blobs().look_up().await;
        let (bucket, version, segments) = self
            .look(move |connection| {
                let bucket = buckets::find(connection, &bucket)?;
                let version = content_version(connection, &bucket, &key, version_id.as_deref())?;
                let segments = versions::segments(connection, version.seq)?;
                Ok((bucket, version, segments))
            })
            .await?;
        let ids = segments.iter().map(|segment| segment.blob).collect();
        let pin = self.blobs().pin(ids, &looking);
        Ok(Found { bucket, version, segments, pin })
    }

    pub(super) fn herald(&self, caller: Caller) -> Herald {
        Herald::new(self, caller, ambient::now())
    }

    pub(super) async fn put_object(&self, request: S3Request<PutObjectInput>) -> Result<PutObjectOutput> {
        let S3Request { mut input, headers, extensions, trailing_headers, .. } = request;
        let claims = Claims::read(
            &headers,
            claimed_checksums!(input),
            input.checksum_algorithm.as_ref(),
            input.content_md5.as_deref(),
            input.content_length,
        )?;
        let bucket = self.bucket(&input.bucket).await?;
        let protection = self.protection(&bucket, &input.key, protection_wish!(input)).await?;
        let writing = Writing {
            headers: object_headers!(input)?,
            tags: tags::from_header(input.tagging.as_deref())?,
            lock: lock_wish!(input),
            conditions: WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match },
            herald: self.herald(Caller::of(&extensions)),
            reason: "PutObject",
            bucket: input.bucket,
            key: input.key,
            protection: protection.clone(),
        };
        let algorithm = claims.named().unwrap_or(Algorithm::Crc64Nvme);
        let order = Order { protection, claims, trailers: trailing_headers, algorithm };
        let written = self.receive(input.body.take(), order).await?;
        let put = self.put(writing, written).await?;
        let mut output = PutObjectOutput {
            e_tag: Some(ETag::Strong(put.etag)),
            version_id: put.version_id,
            ..PutObjectOutput::default()
        };
        tell_protection!(output, &put.about.protection);
        if let Some(checksum) = &put.about.checksum {
            tell_checksum!(output, checksum);
            output.checksum_type = Some(checksum.kind.wire());
        }
        Ok(output)
    }

    /// Makes an object of a blob that was written for it.
    pub(super) async fn put(&self, writing: Writing, written: Written) -> Result<Put> {
        let etag = written.etag()?;
        let protection = Protection { key_arn: written.key_arn, ..writing.protection };
        let about = About {
            headers: writing.headers,
            checksum: Some(written.digested.kept()?.clone()),
            protection: Some(protection),
        };
        let mut draft = Draft {
            key: writing.key,
            size: written.segment.len,
            etag: etag.clone(),
            about: about.clone(),
            tags: writing.tags,
            // Settled in the transaction.
            lock: Lock::default(),
            segments: vec![written.segment],
        };
        let (herald, unfinished) = (writing.herald, written.unfinished);
        let version_id = self
            .commit(move |connection, effects| {
                let bucket = buckets::find(connection, &writing.bucket)?;
                writing.conditions.check(connection, &bucket, &draft.key)?;
                draft.lock = writing.lock.settle(connection, &bucket, herald.now())?;
                let change = versions::add(connection, &bucket, &draft, herald.now(), effects)?;
                let news = News::Created { reason: writing.reason, size: draft.size, etag: &draft.etag };
                herald.tell(connection, effects, &bucket, &draft.key, &change, &news)?;
                unfinished.keep();
                Ok(bucket.told_version(&change.version_id))
            })
            .await?;
        Ok(Put { etag, version_id, about })
    }

    pub(super) async fn get_object(&self, request: S3Request<GetObjectInput>) -> Result<GetObjectOutput> {
        let input = request.input;
        let found = self.find(input.bucket, input.key, input.version_id).await?;
        let conditions = ReadConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        conditions.check(&found.version)?;
        let extent = Extent::of(&found, input.range, input.part_number)?;
        let mut output = GetObjectOutput::default();
        tell_object!(output, found.bucket, &found.version, extent, input.checksum_mode);
        output.tag_count =
            (!found.version.tags.is_empty()).then(|| count_for_wire(found.version.tags.len())).flatten();
        let reader = found.reader(self, &extent.range)?;
        let content = Content::start(reader, extent.range.end - extent.range.start).await?;
        output.body = Some(StreamingBlob::new(content));
        Ok(output)
    }

    pub(super) async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Result<HeadObjectOutput> {
        let input = request.input;
        let found = self.find(input.bucket, input.key, input.version_id).await?;
        let conditions = ReadConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        conditions.check(&found.version)?;
        let extent = Extent::of(&found, input.range, input.part_number)?;
        let mut output = HeadObjectOutput::default();
        tell_object!(output, found.bucket, &found.version, extent, input.checksum_mode);
        Ok(output)
    }

    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Result<DeleteObjectOutput> {
        let input = request.input;
        let deleter = Deleter {
            bypass: input.bypass_governance_retention.unwrap_or_default(),
            herald: self.herald(Caller::of(&request.extensions)),
            reason: "DeleteObject",
        };
        let deleted = self
            .commit(move |connection, effects| {
                let bucket = buckets::find(connection, &input.bucket)?;
                let conditions = WriteConditions { if_match: input.if_match, if_none_match: None };
                conditions.check(connection, &bucket, &input.key)?;
                deleter.delete(connection, effects, &bucket, &input.key, input.version_id.as_deref())
            })
            .await?;
        Ok(DeleteObjectOutput {
            delete_marker: deleted.marker.then_some(true),
            version_id: deleted.version_id,
            ..DeleteObjectOutput::default()
        })
    }

    pub(super) async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> Result<DeleteObjectsOutput> {
        let input = request.input;
        if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_DELETED_AT_ONCE {
            let told =
                "The XML you provided was not well-formed or did not validate against our published schema";
            return Err(s3_error!(MalformedXML, "{told}").into());
        }
        let quiet = input.delete.quiet.unwrap_or_default();
        let deleter = Deleter {
            bypass: input.bypass_governance_retention.unwrap_or_default(),
            herald: self.herald(Caller::of(&request.extensions)),
            reason: "DeleteObject",
        };
        let (deleted, errors) = self
            .commit(move |connection, effects| {
                let bucket = buckets::find(connection, &input.bucket)?;
                let mut told = (Vec::new(), Vec::new());
                for object in input.delete.objects {
                    let named = object.version_id.as_deref();
                    let condition = object.e_tag.map(ETagCondition::ETag);
                    let conditions = WriteConditions { if_match: condition, if_none_match: None };
                    let outcome = conditions
                        .check(connection, &bucket, &object.key)
                        .and_then(|()| deleter.delete(connection, effects, &bucket, &object.key, named));
                    match outcome {
                        Ok(deleted) => told.0.push(deleted.told(object.key, object.version_id)),
                        // A refusal came before anything was changed, so the others go on.
                        Err(S3Error::Refused(refusal)) => {
                            told.1.push(told_error(object.key, object.version_id, &refusal));
                        }
                        Err(failure) => return Err(failure),
                    }
                }
                Ok(told)
            })
            .await?;
        let deleted = (!quiet && !deleted.is_empty()).then_some(deleted);
        let errors = (!errors.is_empty()).then_some(errors);
        Ok(DeleteObjectsOutput { deleted, errors, ..DeleteObjectsOutput::default() })
    }
}

fn told_error(key: String, version_id: Option<String>, refusal: &s3s::S3Error) -> WireError {
    WireError {
        key: Some(key),
        version_id,
        code: Some(refusal.code().as_str().to_owned()),
        message: refusal.message().map(str::to_owned),
    }
}

/// Deletes objects on someone's behalf.
pub(super) struct Deleter {
    pub bypass: bool,
    pub herald: Herald,
    pub reason: &'static str,
}

/// What deleting came to.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// Whether a delete marker was made, or removed.
    pub marker: bool,
    pub version_id: Option<String>,
}

impl Deleted {
    fn told(self, key: String, named: Option<String>) -> DeletedObject {
        DeletedObject {
            key: Some(key),
            delete_marker: self.marker.then_some(true),
            delete_marker_version_id: if self.marker { self.version_id } else { None },
            version_id: named,
        }
    }
}

impl Deleter {
    /// Removes the named version for good; without a name, hides the object
    /// behind a delete marker, or removes it where there are no versions.
    pub(super) fn delete(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Deleted> {
        match version_id {
            Some(version_id) => self.remove(connection, effects, bucket, key, version_id),
            None if bucket.versioning == Versioning::Never => {
                self.remove(connection, effects, bucket, key, NULL_VERSION)?;
                Ok(Deleted::default())
            }
            None => self.hide(connection, effects, bucket, key),
        }
    }

    fn remove(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        key: &str,
        version_id: &str,
    ) -> Result<Deleted> {
        let told = Some(version_id.to_owned());
        // Removing what is not there is done already.
        let Some(version) = versions::by_id(connection, bucket.id, key, version_id)? else {
            return Ok(Deleted { marker: false, version_id: told });
        };
        locks::may_delete(&version, self.bypass, self.herald.now())?;
        versions::remove(connection, bucket.id, &version, effects)?;
        let seq = versions::next_seq(connection)?;
        let change = Change { seq, version_id: version.version_id.clone() };
        let news = News::Removed { reason: self.reason, etag: &version.etag };
        self.herald.tell(connection, effects, bucket, key, &change, &news)?;
        Ok(Deleted { marker: version.marker, version_id: told })
    }

    fn hide(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        key: &str,
    ) -> Result<Deleted> {
        let hidden = versions::latest(connection, bucket.id, key)?;
        let change = versions::add_marker(connection, bucket, key, self.herald.now(), effects)?;
        let etag = hidden.map(|version| version.etag).unwrap_or_default();
        let news = News::MarkerCreated { reason: self.reason, etag: &etag };
        self.herald.tell(connection, effects, bucket, key, &change, &news)?;
        Ok(Deleted { marker: true, version_id: bucket.told_version(&change.version_id) })
    }
}
