//! Multipart uploads. Completing one copies nothing: the parts' blobs become
//! the object's segments.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CompletedPart, CopyPartResult, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ETag, ListPartsInput, ListPartsOutput, Part as WirePart, Range as WireRange,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, s3_error};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::buckets;
use super::caller::Caller;
use super::conditions::WriteConditions;
use super::copying::source_conditions;
use super::digest::{self, Algorithm, Checksum, Claims, Kind, claimed_checksums, tell_checksum};
use super::error::{Result, S3Error, no_such_upload};
use super::headers::object_headers;
use super::locks::lock_wish;
use super::model::{
    About, Bucket, Draft, Headers, Lock, Protection, Segment, Tags, count_for_wire, size_for_wire,
};
use super::notices::News;
use super::protect::{protection_wish, tell_protection};
use super::store::{Effects, Store};
use super::versions;
use super::writer::{Order, Written, random_etag};
use super::{listing, tags, time};
use crate::aws::ambient;

const MAX_PART_NUMBER: i32 = 10_000;
const MIN_PART_LEN: u64 = 5 * 1024 * 1024;
const MAX_OBJECT_LEN: u64 = 5 * 1024 * 1024 * 1024 * 1024;
const MAX_LISTED_PARTS: i32 = 1000;

/// What was settled when an upload began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Plan {
    headers: Headers,
    tags: Tags,
    lock: Lock,
    protection: Protection,
    pub algorithm: Algorithm,
    pub kind: Kind,
    /// Whether the client named the algorithm, and so must send checksums of the parts.
    pub declared: bool,
}

/// An upload that is under way.
pub(super) struct Upload {
    pub id: String,
    pub plan: Plan,
}

/// A part that has arrived.
struct Part {
    number: i32,
    segment: Segment,
    etag: String,
    checksum: Checksum,
    modified: Timestamp,
}

fn find(connection: &Connection, bucket: &Bucket, key: &str, id: &str) -> Result<Upload> {
    let query = "SELECT body FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3";
    let mut statement = connection.prepare_cached(query)?;
    let values = params![id, bucket.id, key.as_bytes()];
    let body: Option<String> = statement.query_row(values, |row| row.get(0)).optional()?;
    let plan = serde_json::from_str(&body.ok_or_else(no_such_upload)?)?;
    Ok(Upload { id: id.to_owned(), plan })
}

/// The parts of an upload with numbers after `after`, in order.
fn parts(connection: &Connection, upload: &str, after: i32, limit: i64) -> Result<Vec<Part>> {
    let query = "SELECT number, blob, len, wrapped, etag, checksum, modified FROM parts
                 WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![upload, after, limit])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        let blob = versions::blob_id(&row.get::<_, String>(1)?)?;
        parts.push(Part {
            number,
            segment: Segment { part: Some(number), blob, len: row.get(2)?, wrapped: row.get(3)? },
            etag: row.get(4)?,
            checksum: serde_json::from_str(&row.get::<_, String>(5)?)?,
            modified: time::stored(row.get(6)?),
        });
    }
    Ok(parts)
}

/// Forgets an upload and its parts; returns the parts' blobs.
pub(super) fn forget(connection: &Connection, upload: &str) -> Result<Vec<Uuid>> {
    let blobs = parts(connection, upload, 0, i64::MAX)?.into_iter().map(|part| part.segment.blob).collect();
    connection.prepare_cached("DELETE FROM parts WHERE upload = ?1")?.execute([upload])?;
    connection.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([upload])?;
    Ok(blobs)
}

/// Adds a part to an upload that still exists; a part of the same number gives way.
fn add_part(
    connection: &Connection,
    effects: &mut Effects,
    upload: &str,
    number: i32,
    written: Written,
    etag: &str,
    now: Timestamp,
) -> Result<()> {
    let former = "DELETE FROM parts WHERE upload = ?1 AND number = ?2 RETURNING blob";
    let mut statement = connection.prepare_cached(former)?;
    let former: Option<String> = statement.query_row(params![upload, number], |row| row.get(0)).optional()?;
    effects.doomed.extend(former.map(|blob| versions::blob_id(&blob)).transpose()?);
    let insert = "INSERT INTO parts (upload, number, blob, len, wrapped, etag, checksum, modified)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let Written { segment, digested, unfinished, .. } = written;
    connection.prepare_cached(insert)?.execute(params![
        upload,
        number,
        segment.blob.to_string(),
        segment.len,
        segment.wrapped,
        etag,
        serde_json::to_string(digested.kept()?)?,
        now.as_millisecond(),
    ])?;
    unfinished.keep();
    Ok(())
}

fn check_part_number(number: i32) -> Result<()> {
    if (1..=MAX_PART_NUMBER).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive").into())
}

/// Refuses a part whose checksum does not fit the upload's.
fn check_part_checksum(plan: &Plan, sent: Option<Algorithm>) -> Result<()> {
    let fits = match sent {
        Some(sent) => sent == plan.algorithm || !plan.declared,
        None => !plan.declared || plan.kind == Kind::FullObject,
    };
    if fits {
        return Ok(());
    }
    let (expected, actual) = (plan.algorithm.name(), sent.map_or("null", Algorithm::name));
    let told = "Checksum Type mismatch occurred";
    Err(s3_error!(
        InvalidRequest,
        "{told}, expected checksum Type: {expected}, actual checksum Type: {actual}"
    )
    .into())
}

impl Store {
    pub(super) async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Result<CreateMultipartUploadOutput> {
        let mut input = request.input;
        let bucket = self.bucket(&input.bucket).await?;
        let mut protection = self.protection(&bucket, &input.key, protection_wish!(input)).await?;
        // A key that cannot be used is told now, not after the parts.
        protection.key_arn = self.usable_key(protection.clone()).await?;
        let declared = input.checksum_algorithm.as_ref().map(Algorithm::parse).transpose()?;
        let algorithm = declared.unwrap_or(Algorithm::Crc64Nvme);
        let kind = Kind::choose(algorithm, input.checksum_type.as_ref())?;
        let mut plan = Plan {
            headers: object_headers!(input)?,
            tags: tags::from_header(input.tagging.as_deref())?,
            lock: Lock::default(),
            protection: protection.clone(),
            algorithm,
            kind,
            declared: declared.is_some(),
        };
        let id = ambient::new_id()?.simple().to_string();
        let mut output = CreateMultipartUploadOutput {
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            upload_id: Some(id.clone()),
            checksum_algorithm: declared.map(Algorithm::wire),
            checksum_type: declared.map(|_| kind.wire()),
            ..CreateMultipartUploadOutput::default()
        };
        tell_protection!(output, &Some(protection));
        let lock = lock_wish!(input);
        self.commit(move |connection, _| {
            let now = ambient::now();
            let bucket = buckets::find(connection, &input.bucket)?;
            plan.lock = lock.settle(connection, &bucket, now)?;
            let body = serde_json::to_string(&plan)?;
            let insert = "INSERT INTO uploads (id, bucket, key, initiated, body) VALUES (?1, ?2, ?3, ?4, ?5)";
            let values = params![id, bucket.id, input.key.as_bytes(), now.as_millisecond(), body];
            connection.prepare_cached(insert)?.execute(values)?;
            Ok(())
        })
        .await?;
        Ok(output)
    }

    /// The ARN of the key that protects an upload, once it has proved usable.
    async fn usable_key(&self, protection: Protection) -> Result<String> {
        let kms = self.kms().clone();
        let probe = move || kms.generate_data_key(&protection.key_arn, &protection.context, 32);
        Ok(tokio::task::spawn_blocking(probe).await??.key_arn)
    }

    async fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload> {
        let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), id.to_owned());
        self.look(move |connection| find(connection, &buckets::find(connection, &bucket)?, &key, &id)).await
    }

    pub(super) async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Result<UploadPartOutput> {
        let S3Request { mut input, headers, trailing_headers, .. } = request;
        check_part_number(input.part_number)?;
        let claims = Claims::read(
            &headers,
            claimed_checksums!(input),
            input.checksum_algorithm.as_ref(),
            input.content_md5.as_deref(),
            input.content_length,
        )?;
        let upload = self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        check_part_checksum(&upload.plan, claims.sent())?;
        let algorithm = upload.plan.algorithm;
        let protection = upload.plan.protection.clone();
        let order = Order { protection: protection.clone(), claims, trailers: trailing_headers, algorithm };
        let written = self.receive(input.body.take(), order).await?;
        let (etag, checksum) =
            self.put_part(input.bucket, input.key, input.upload_id, input.part_number, written).await?;
        let mut output = UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..UploadPartOutput::default() };
        tell_protection!(output, &Some(protection));
        tell_checksum!(output, &checksum);
        Ok(output)
    }

    async fn put_part(
        &self,
        bucket: String,
        key: String,
        id: String,
        number: i32,
        written: Written,
    ) -> Result<(String, Checksum)> {
        let (etag, checksum) = (written.etag()?, written.digested.told()?.clone());
        let kept = etag.clone();
        self.commit(move |connection, effects| {
            // The upload may have been completed or aborted while the part came in.
            let upload = find(connection, &buckets::find(connection, &bucket)?, &key, &id)?;
            add_part(connection, effects, &upload.id, number, written, &kept, ambient::now())
        })
        .await?;
        Ok((etag, checksum))
    }

    pub(super) async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> Result<UploadPartCopyOutput> {
        let mut input = request.input;
        check_part_number(input.part_number)?;
        let upload = self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        let conditions = source_conditions!(input);
        let source = self.find_source(input.copy_source, &conditions).await?;
        let range = match &input.copy_source_range {
            None => 0..source.version.size,
            Some(text) => WireRange::parse(text)
                .ok()
                .and_then(|range| range.check(source.version.size).ok())
                .ok_or_else(|| {
                    s3_error!(InvalidArgument, "The x-amz-copy-source-range value is not valid.")
                })?,
        };
        let copied_version = source.bucket.told_version(&source.version.version_id);
        let Plan { protection, algorithm, .. } = upload.plan;
        let written = self.copy_content(source, range, protection.clone(), algorithm).await?;
        let (etag, checksum) =
            self.put_part(input.bucket, input.key, input.upload_id, input.part_number, written).await?;
        let mut result = CopyPartResult {
            e_tag: Some(ETag::Strong(etag)),
            last_modified: Some(time::wire(ambient::now())),
            ..CopyPartResult::default()
        };
        tell_checksum!(result, &checksum);
        let mut output = UploadPartCopyOutput {
            copy_part_result: Some(result),
            copy_source_version_id: copied_version,
            ..UploadPartCopyOutput::default()
        };
        tell_protection!(output, &Some(protection));
        Ok(output)
    }

    pub(super) async fn list_parts(&self, request: S3Request<ListPartsInput>) -> Result<ListPartsOutput> {
        let input = request.input;
        let max = input.max_parts.unwrap_or(MAX_LISTED_PARTS).clamp(0, MAX_LISTED_PARTS);
        let after = input.part_number_marker.unwrap_or_default();
        let owner = self.owner();
        self.look(move |connection| {
            let bucket = buckets::find(connection, &input.bucket)?;
            let upload = find(connection, &bucket, &input.key, &input.upload_id)?;
            let mut listed = parts(connection, &upload.id, after, i64::from(max) + 1)?;
            let truncated = count_for_wire(listed.len()).is_none_or(|count| count > max);
            listed.truncate(usize::try_from(max).unwrap_or_default());
            let next = listed.last().map(|part| part.number);
            Ok(ListPartsOutput {
                bucket: Some(input.bucket),
                key: Some(input.key),
                upload_id: Some(upload.id),
                checksum_algorithm: upload.plan.declared.then(|| upload.plan.algorithm.wire()),
                checksum_type: upload.plan.declared.then(|| upload.plan.kind.wire()),
                initiator: Some(listing::initiator(&owner)),
                owner: Some(owner),
                is_truncated: Some(truncated),
                max_parts: Some(max),
                part_number_marker: Some(after),
                next_part_number_marker: next,
                parts: Some(listed.into_iter().map(told_part).collect()),
                ..ListPartsOutput::default()
            })
        })
        .await
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Result<AbortMultipartUploadOutput> {
        let input = request.input;
        self.commit(move |connection, effects| {
            let bucket = buckets::find(connection, &input.bucket)?;
            let upload = find(connection, &bucket, &input.key, &input.upload_id)?;
            effects.doomed.extend(forget(connection, &upload.id)?);
            Ok(())
        })
        .await?;
        Ok(AbortMultipartUploadOutput::default())
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Result<CompleteMultipartUploadOutput> {
        let S3Request { mut input, extensions, .. } = request;
        let herald = self.herald(Caller::of(&extensions));
        let completion = Completion {
            named: input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default(),
            claimed: claimed_checksums!(input),
            claimed_kind: input.checksum_type.take(),
            claimed_len: input.mpu_object_size,
        };
        let conditions = WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let (draft, version_id) = self
            .commit(move |connection, effects| {
                let bucket = buckets::find(connection, &input.bucket)?;
                let upload = find(connection, &bucket, &input.key, &input.upload_id)?;
                let draft = completion.draft(connection, &upload, input.key)?;
                conditions.check(connection, &bucket, &draft.key)?;
                let used: Vec<Uuid> = draft.segments.iter().map(|segment| segment.blob).collect();
                let blobs = forget(connection, &upload.id)?;
                effects.doomed.extend(blobs.into_iter().filter(|blob| !used.contains(blob)));
                let change = versions::add(connection, &bucket, &draft, herald.now(), effects)?;
                let reason = "CompleteMultipartUpload";
                let news = News::Created { reason, size: draft.size, etag: &draft.etag };
                herald.tell(connection, effects, &bucket, &draft.key, &change, &news)?;
                Ok((draft, bucket.told_version(&change.version_id)))
            })
            .await?;
        let mut output = CompleteMultipartUploadOutput {
            location: Some(format!("/{bucket}/{key}")),
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(ETag::Strong(draft.etag)),
            version_id,
            ..CompleteMultipartUploadOutput::default()
        };
        tell_protection!(output, &draft.about.protection);
        if let Some(checksum) = &draft.about.checksum {
            tell_checksum!(output, checksum);
            output.checksum_type = Some(checksum.kind.wire());
        }
        Ok(output)
    }
}

fn told_part(part: Part) -> WirePart {
    let mut told = WirePart {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(time::wire(part.modified)),
        part_number: Some(part.number),
        size: size_for_wire(part.segment.len),
        ..WirePart::default()
    };
    tell_checksum!(told, &part.checksum);
    told
}

/// What the client says when it completes an upload.
struct Completion {
    named: Vec<CompletedPart>,
    claimed: Vec<(Algorithm, String)>,
    claimed_kind: Option<s3s::dto::ChecksumType>,
    claimed_len: Option<i64>,
}

impl Completion {
    /// The object that the named parts make, if they are what the client believes.
    fn draft(&self, connection: &Connection, upload: &Upload, key: String) -> Result<Draft> {
        let plan = &upload.plan;
        let parts = self.choose(plan, parts(connection, &upload.id, 0, i64::MAX)?)?;
        let size = parts.iter().fold(0_u64, |size, part| size.saturating_add(part.segment.len));
        self.check_size(size)?;
        let checksum = self.checksum(plan, &parts)?;
        let etag = if plan.protection.kms {
            format!("{}-{}", random_etag()?, parts.len())
        } else {
            digest::multipart_etag(&parts.iter().map(|part| part.etag.as_str()).collect::<Vec<_>>())
        };
        let about = About {
            headers: plan.headers.clone(),
            checksum: Some(checksum),
            protection: Some(plan.protection.clone()),
        };
        let segments = parts.into_iter().map(|part| part.segment).collect();
        Ok(Draft { key, size, etag, about, tags: plan.tags.clone(), lock: plan.lock, segments })
    }

    /// The parts that the client names, in its order.
    fn choose(&self, plan: &Plan, arrived: Vec<Part>) -> Result<Vec<Part>> {
        if self.named.is_empty() {
            return Err(s3_error!(MalformedXML, "You must specify at least one part").into());
        }
        let mut arrived: HashMap<i32, Part> = arrived.into_iter().map(|part| (part.number, part)).collect();
        let mut chosen: Vec<Part> = Vec::with_capacity(self.named.len());
        for named in &self.named {
            let number = named.part_number.unwrap_or_default();
            if chosen.last().is_some_and(|before| before.number >= number) {
                let told =
                    "The list of parts was not in ascending order. Parts must be ordered by part number.";
                return Err(s3_error!(InvalidPartOrder, "{told}").into());
            }
            let part = arrived.remove(&number).ok_or_else(invalid_part)?;
            check_named(plan, named, &part)?;
            chosen.push(part);
        }
        let all_but_last = chosen.len().saturating_sub(1);
        if chosen.iter().take(all_but_last).any(|part| part.segment.len < MIN_PART_LEN) {
            let told = "Your proposed upload is smaller than the minimum allowed size";
            return Err(s3_error!(EntityTooSmall, "{told}").into());
        }
        Ok(chosen)
    }

    fn check_size(&self, size: u64) -> Result<()> {
        if size > MAX_OBJECT_LEN {
            let told = "Your proposed upload exceeds the maximum allowed size";
            return Err(s3_error!(EntityTooLarge, "{told}").into());
        }
        if self.claimed_len.is_some_and(|claimed| u64::try_from(claimed) != Ok(size)) {
            let told = "The provided 'x-amz-mp-object-size' header value does not match what was computed.";
            return Err(s3_error!(InvalidRequest, "{told}").into());
        }
        Ok(())
    }

    fn checksum(&self, plan: &Plan, parts: &[Part]) -> Result<Checksum> {
        if self.claimed_kind.as_ref().is_some_and(|claimed| *claimed != plan.kind.wire()) {
            let told = "The checksum type of the upload and of its completion differ.";
            return Err(s3_error!(InvalidRequest, "{told}").into());
        }
        let sums: Vec<(String, u64)> =
            parts.iter().map(|part| (part.checksum.value.clone(), part.segment.len)).collect();
        let checksum = digest::combine(plan.algorithm, plan.kind, &sums)?;
        for (algorithm, claimed) in &self.claimed {
            // A composite may be claimed with or without its count of parts.
            let bare = checksum.value.split_once('-').map_or(checksum.value.as_str(), |(bare, _)| bare);
            let comparable = *algorithm == checksum.algorithm;
            if plan.declared && !comparable || comparable && *claimed != checksum.value && claimed != bare {
                return Err(digest::bad_digest(algorithm.name()));
            }
        }
        Ok(checksum)
    }
}

fn invalid_part() -> S3Error {
    let told = "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
                specified entity tag may not match the part's entity tag.";
    s3_error!(InvalidPart, "{told}").into()
}

fn check_named(plan: &Plan, named: &CompletedPart, part: &Part) -> Result<()> {
    if named.e_tag.as_ref().is_none_or(|etag| etag.value() != part.etag) {
        return Err(invalid_part());
    }
    let claimed = claimed_checksums!(named);
    if plan.declared && plan.kind == Kind::Composite && claimed.is_empty() {
        let (name, number) = (plan.algorithm.name().to_lowercase(), part.number);
        return Err(s3_error!(
            InvalidRequest,
            "The upload was created using a {name} checksum. The complete request must include the checksum for \
             each part. It was missing for part {number} in the request."
        )
        .into());
    }
    // Of an upload that declared none, another algorithm's sums were checked as the parts came, and not kept.
    let fits = |(algorithm, value): &(Algorithm, String)| {
        if *algorithm == part.checksum.algorithm { *value == part.checksum.value } else { !plan.declared }
    };
    if claimed.iter().all(fits) { Ok(()) } else { Err(invalid_part()) }
}
