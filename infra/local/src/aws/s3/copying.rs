//! Copies: of an object, or of a part of one into a multipart upload. The
//! content is opened and sealed anew, since every blob has a key of its own.

use std::ops::Range;

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, MetadataDirective,
    TaggingDirective,
};
use s3s::{S3Request, s3_error};

use super::caller::Caller;
use super::conditions::{ReadConditions, WriteConditions};
use super::digest::{Algorithm, Kind, Wanted, tell_checksum};
use super::error::{Result, S3Error};
use super::headers::object_headers;
use super::locks::lock_wish;
use super::model::Protection;
use super::objects::{Found, Writing};
use super::protect::{protection_wish, tell_protection};
use super::store::Store;
use super::writer::{Sink, Written};
use super::{tags, time};

/// The largest source of one copy request.
const MAX_COPY_LEN: u64 = 5 * 1024 * 1024 * 1024;

/// The fields of an input that limit which source may be copied.
macro_rules! source_conditions {
    ($input:expr) => {
        $crate::aws::s3::conditions::ReadConditions {
            if_match: $input.copy_source_if_match.take(),
            if_none_match: $input.copy_source_if_none_match.take(),
            if_modified_since: $input.copy_source_if_modified_since.take(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.take(),
        }
    };
}

pub(super) use source_conditions;

impl Store {
    /// The source of a copy, held in place.
    pub(super) async fn find_source(&self, source: CopySource, conditions: &ReadConditions) -> Result<Found> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(s3_error!(NotImplemented, "Access points are not supported.").into());
        };
        let found = self.find(bucket.into(), key.into(), version_id.map(String::from)).await;
        let found = found.map_err(|error| match error {
            S3Error::Refused(refusal) if *refusal.code() == s3s::S3ErrorCode::MethodNotAllowed => {
                let told = "The source of a copy request may not specifically refer to a delete marker by version id.";
                s3_error!(InvalidRequest, "{told}").into()
            }
            other => other,
        })?;
        conditions.check_source(&found.version)?;
        Ok(found)
    }

    /// Copies a range of the source's content into a new blob.
    pub(super) async fn copy_content(
        &self,
        source: Found,
        range: Range<u64>,
        protection: Protection,
        algorithm: Algorithm,
    ) -> Result<Written> {
        if range.end.saturating_sub(range.start) > MAX_COPY_LEN {
            let told = "The specified copy source is larger than the maximum allowable size for a copy source: \
                        5368709120";
            return Err(s3_error!(InvalidRequest, "{told}").into());
        }
        let mut reader = source.reader(self, &range)?;
        let store = self.clone();
        let copy = move || {
            let mut sink =
                Sink::begin(&store, &protection, Wanted { kept: algorithm, claimed: None, md5: false })?;
            while let Some(stretch) = reader.next()? {
                sink.write(&stretch)?;
            }
            sink.finish(|_, _| Ok(()))
        };
        tokio::task::spawn_blocking(copy).await?
    }

    pub(super) async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput> {
        let S3Request { mut input, extensions, .. } = request;
        let replaces_headers =
            is(&input.metadata_directive, MetadataDirective::as_str, MetadataDirective::REPLACE);
        let replaces_tags = is(&input.tagging_directive, TaggingDirective::as_str, TaggingDirective::REPLACE);
        let unchanged = !replaces_headers && input.server_side_encryption.is_none();
        refuse_copy_onto_itself(&input, unchanged)?;
        let conditions = source_conditions!(input);
        let source = self.find_source(input.copy_source.clone(), &conditions).await?;
        let bucket = self.bucket(&input.bucket).await?;
        let protection = self.protection(&bucket, &input.key, protection_wish!(input)).await?;
        let own_headers = object_headers!(input)?;
        let writing = Writing {
            headers: if replaces_headers { own_headers } else { source.version.about.headers.clone() },
            tags: if replaces_tags {
                tags::from_header(input.tagging.as_deref())?
            } else {
                source.version.tags.clone()
            },
            lock: lock_wish!(input),
            conditions: WriteConditions::default(),
            herald: self.herald(Caller::of(&extensions)),
            reason: "CopyObject",
            bucket: input.bucket,
            key: input.key,
            protection: protection.clone(),
        };
        let algorithm = match &input.checksum_algorithm {
            Some(asked) => Algorithm::parse(asked)?,
            None => source_algorithm(&source),
        };
        let copied_version = source.bucket.told_version(&source.version.version_id);
        let (now, range) = (writing.herald.now(), 0..source.version.size);
        let written = self.copy_content(source, range, protection, algorithm).await?;
        let put = self.put(writing, written).await?;
        let mut result = CopyObjectResult {
            e_tag: Some(ETag::Strong(put.etag)),
            last_modified: Some(time::wire(now)),
            ..CopyObjectResult::default()
        };
        if let Some(checksum) = &put.about.checksum {
            tell_checksum!(result, checksum);
            result.checksum_type = Some(checksum.kind.wire());
        }
        let mut output = CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: copied_version,
            version_id: put.version_id,
            ..CopyObjectOutput::default()
        };
        tell_protection!(output, &put.about.protection);
        Ok(output)
    }
}

fn is<T>(directive: &Option<T>, text: impl Fn(&T) -> &str, wanted: &str) -> bool {
    directive.as_ref().is_some_and(|directive| text(directive) == wanted)
}

/// The copy keeps the source's kind of checksum, if that is one of its bytes.
fn source_algorithm(source: &Found) -> Algorithm {
    let checksum = source.version.about.checksum.as_ref();
    checksum
        .filter(|checksum| checksum.kind == Kind::FullObject)
        .map_or(Algorithm::Crc64Nvme, |c| c.algorithm)
}

fn refuse_copy_onto_itself(input: &CopyObjectInput, unchanged: bool) -> Result<()> {
    match &input.copy_source {
        CopySource::Bucket { bucket, key, version_id: None }
            if unchanged && **bucket == *input.bucket && **key == *input.key =>
        {
            let told = "This copy request is illegal because it is trying to copy an object to itself without \
                        changing the object's metadata, storage class, website redirect location or encryption \
                        attributes.";
            Err(s3_error!(InvalidRequest, "{told}").into())
        }
        _ => Ok(()),
    }
}
