//! Tags of objects, within S3's limits.

use std::collections::BTreeSet;

use rusqlite::params;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Request, s3_error};

use super::error::{Result, S3Error, refusal_with_code};
use super::model::Tags;
use super::store::Store;
use super::{buckets, objects};

const MAX_TAGS: usize = 10;
const MAX_KEY_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;

fn invalid(told: &str) -> S3Error {
    s3_error!(InvalidTag, "{told}").into()
}

/// Tags as a header carries them, written like a query.
pub(super) fn from_header(header: Option<&str>) -> Result<Tags> {
    let Some(header) = header else { return Ok(Tags::new()) };
    let told = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without \
                tag name duplicates.";
    let tags = serde_urlencoded::from_str(header).map_err(|_| s3_error!(InvalidArgument, "{told}"))?;
    checked(tags)
}

fn from_wire(tags: Vec<Tag>) -> Result<Tags> {
    checked(
        tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect(),
    )
}

fn checked(tags: Tags) -> Result<Tags> {
    if tags.len() > MAX_TAGS {
        let told = format!("Object tags cannot be greater than {MAX_TAGS}");
        return Err(refusal_with_code("BadRequest".into(), http::StatusCode::BAD_REQUEST, told).into());
    }
    let mut keys = BTreeSet::new();
    for (key, value) in &tags {
        if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > MAX_VALUE_CHARS {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if !keys.insert(key.as_str()) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}

pub(super) fn to_wire(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

impl Store {
    pub(super) async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> Result<PutObjectTaggingOutput> {
        let input = request.input;
        let tags = from_wire(input.tagging.tag_set)?;
        let version_id = self.set_tags(input.bucket, input.key, input.version_id, tags).await?;
        Ok(PutObjectTaggingOutput { version_id })
    }

    pub(super) async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> Result<DeleteObjectTaggingOutput> {
        let input = request.input;
        let version_id = self.set_tags(input.bucket, input.key, input.version_id, Tags::new()).await?;
        Ok(DeleteObjectTaggingOutput { version_id })
    }

    async fn set_tags(
        &self,
        bucket: String,
        key: String,
        version_id: Option<String>,
        tags: Tags,
    ) -> Result<Option<String>> {
        self.commit(move |connection, _| {
            let bucket = buckets::find(connection, &bucket)?;
            let version = objects::content_version(connection, &bucket, &key, version_id.as_deref())?;
            let update = "UPDATE versions SET tags = ?2 WHERE seq = ?1";
            connection
                .prepare_cached(update)?
                .execute(params![version.seq, serde_json::to_string(&tags)?])?;
            Ok(bucket.told_version(&version.version_id))
        })
        .await
    }

    pub(super) async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> Result<GetObjectTaggingOutput> {
        let input = request.input;
        self.look(move |connection| {
            let bucket = buckets::find(connection, &input.bucket)?;
            let version =
                objects::content_version(connection, &bucket, &input.key, input.version_id.as_deref())?;
            let version_id = bucket.told_version(&version.version_id);
            Ok(GetObjectTaggingOutput { tag_set: to_wire(&version.tags), version_id })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_like_queries() {
        let tags = from_header(Some("scan=clean&kind=x%20ray")).expect("tags");
        assert_eq!(tags, [("scan".to_owned(), "clean".to_owned()), ("kind".to_owned(), "x ray".to_owned())]);
        assert!(from_header(None).expect("none").is_empty());
    }

    #[test]
    fn limits_hold() {
        assert!(from_header(Some("a=1&a=2")).is_err());
        assert!(from_header(Some("=1")).is_err());
        assert!(from_header(Some(&format!("{}=1", "k".repeat(129)))).is_err());
        assert!(from_header(Some(&format!("k={}", "v".repeat(257)))).is_err());
        let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(from_header(Some(&eleven.join("&"))).is_err());
    }
}
