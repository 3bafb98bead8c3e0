//! Objects: presigned on the way in and out, looked at and labelled by our functions, never carried by them.

use crate::{VaultError, keys::KeyCache, layout};
use authz::Permit;
use aws_sdk_kms::Client as Kms;
use aws_sdk_s3::{
    Client as S3,
    presigning::{PresignedRequest as Signed, PresigningConfig},
    primitives::ByteStream,
    types::{
        ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart as S3CompletedPart,
        ServerSideEncryption, Tag, Tagging as S3Tagging,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    limits::{FOLLOWED_SECONDS, PRESIGNED_SECONDS},
    record::ObjectRef,
    upload::Sha256,
};
use ring::rand::SystemRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What the vault is told by its surroundings.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// The bucket of all content.
    pub bucket: String,
    /// The KMS key, by id, ARN or alias.
    pub key_id: String,
    /// The KMS key that signs the chain of custody.
    pub custody_key_id: String,
}

/// S3 and KMS as the product uses them.
#[derive(Clone, Debug)]
pub struct Vault {
    s3: S3,
    kms: Kms,
    settings: Arc<VaultSettings>,
    keys: Arc<KeyCache>,
    random: SystemRandom,
}

/// A request that needs no token: the caller makes it themselves, to object storage or on the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresignedRequest {
    /// `PUT` or `GET`.
    pub method: String,
    pub url: String,
    /// Headers that are part of the signature and must be sent exactly so.
    pub headers: BTreeMap<String, String>,
}

/// What a PUT is bound to, beyond its key.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub size_bytes: u64,
    pub media_type: &'a str,
    pub sha256: Option<&'a Sha256>,
}

/// A part that object storage has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartThere {
    pub number: u32,
    pub size_bytes: u64,
    pub etag: String,
    /// Base64 SHA-256, as the store reports it.
    pub sha256: Option<String>,
}

/// What names a part when the upload is completed.
pub type CompletedPart = PartThere;

/// An object as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub object: ObjectRef,
    pub size_bytes: u64,
}

/// The tag an object bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    Pending,
    Kept,
}

impl Tagging {
    const fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Pending => layout::PENDING,
            Self::Kept => layout::KEPT,
        }
    }

    fn header(self) -> String {
        let (name, value) = self.pair();
        format!("{name}={value}")
    }
}

impl Vault {
    pub fn new(s3: S3, kms: Kms, settings: VaultSettings) -> Self {
        let (settings, keys) = (Arc::new(settings), Arc::new(KeyCache::default()));
        Self { s3, kms, settings, keys, random: SystemRandom::new() }
    }

    pub(crate) const fn kms(&self) -> &Kms {
        &self.kms
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.settings.key_id
    }

    pub(crate) fn custody_key_id(&self) -> &str {
        &self.settings.custody_key_id
    }

    pub(crate) fn key_cache(&self) -> &KeyCache {
        &self.keys
    }

    pub(crate) const fn random(&self) -> &SystemRandom {
        &self.random
    }

    pub(crate) const fn s3(&self) -> &S3 {
        &self.s3
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.settings.bucket
    }

    /// Signs one PUT of one object of one size and, where known, one digest; it works once, because it asks
    /// that nothing is there yet.
    pub async fn presign_put(
        &self,
        _permit: &Permit,
        key: &str,
        expected: &Expected<'_>,
    ) -> Result<PresignedRequest, VaultError> {
        let length =
            i64::try_from(expected.size_bytes).map_err(|_| VaultError::Corrupt("a size too large"))?;
        let request = self
            .s3
            .put_object()
            .bucket(self.bucket())
            .key(key)
            .content_length(length)
            .content_type(expected.media_type)
            .if_none_match("*")
            .tagging(Tagging::Pending.header())
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(self.key_id())
            .set_checksum_sha256(expected.sha256.map(|digest| STANDARD.encode(digest.bytes())));
        let signed = request.presigned(expiry(PRESIGNED_SECONDS)?).await.map_err(VaultError::from_sdk)?;
        Ok(presigned(&signed))
    }

    /// Opens a multipart upload and returns the store's id of it: one call to S3.
    pub async fn open_multipart(
        &self,
        _permit: &Permit,
        key: &str,
        media_type: &str,
    ) -> Result<String, VaultError> {
        let reply = self
            .s3
            .create_multipart_upload()
            .bucket(self.bucket())
            .key(key)
            .content_type(media_type)
            .tagging(Tagging::Pending.header())
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(self.key_id())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_type(ChecksumType::Composite)
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        reply.upload_id.ok_or(VaultError::Corrupt("S3 sent no upload id"))
    }

    /// Signs the PUT of one part of one size and one digest.
    pub async fn presign_part(
        &self,
        _permit: &Permit,
        key: &str,
        multipart_id: &str,
        number: u32,
        size_bytes: u64,
        sha256: &Sha256,
    ) -> Result<PresignedRequest, VaultError> {
        let length = i64::try_from(size_bytes).map_err(|_| VaultError::Corrupt("a size too large"))?;
        let request = self
            .s3
            .upload_part()
            .bucket(self.bucket())
            .key(key)
            .upload_id(multipart_id)
            .part_number(i32::try_from(number).unwrap_or(i32::MAX))
            .content_length(length)
            .checksum_sha256(STANDARD.encode(sha256.bytes()));
        let signed = request.presigned(expiry(PRESIGNED_SECONDS)?).await.map_err(VaultError::from_sdk)?;
        Ok(presigned(&signed))
    }

    /// The parts that are already there, in order.
    pub async fn parts(
        &self,
        _permit: &Permit,
        key: &str,
        multipart_id: &str,
    ) -> Result<Vec<PartThere>, VaultError> {
        let mut parts = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let reply = self
                .s3
                .list_parts()
                .bucket(self.bucket())
                .key(key)
                .upload_id(multipart_id)
                .set_part_number_marker(after.take())
                .send()
                .await
                .map_err(VaultError::from_sdk)?;
            parts.extend(reply.parts().iter().filter_map(part_there));
            if !reply.is_truncated().unwrap_or(false) || reply.next_part_number_marker().is_none() {
                return Ok(parts);
            }
            after = reply.next_part_number_marker;
        }
    }

    /// Puts the parts together; refused if something is there already.
    pub async fn complete_multipart(
        &self,
        _permit: &Permit,
        key: &str,
        multipart_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectRef, VaultError> {
        let parts = parts
            .iter()
            .map(|part| {
                S3CompletedPart::builder()
                    .part_number(i32::try_from(part.number).unwrap_or(i32::MAX))
                    .e_tag(&part.etag)
                    .set_checksum_sha256(part.sha256.clone())
                    .build()
            })
            .collect();
        let reply = self
            .s3
            .complete_multipart_upload()
            .bucket(self.bucket())
            .key(key)
            .upload_id(multipart_id)
            .if_none_match("*")
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        let version_id = reply.version_id.unwrap_or_else(|| "null".to_owned());
        Ok(ObjectRef { key: key.to_owned(), version_id })
    }

    /// Gives up a multipart upload; its parts are forgotten.
    pub async fn abort_multipart(
        &self,
        _permit: &Permit,
        key: &str,
        multipart_id: &str,
    ) -> Result<(), VaultError> {
        let request = self.s3.abort_multipart_upload().bucket(self.bucket()).key(key).upload_id(multipart_id);
        match request.send().await.map_err(VaultError::from_sdk) {
            Ok(_) | Err(VaultError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The newest version of an object, if it has arrived.
    pub async fn arrived(&self, _permit: &Permit, key: &str) -> Result<Option<Arrived>, VaultError> {
        match self.s3.head_object().bucket(self.bucket()).key(key).send().await.map_err(VaultError::from_sdk)
        {
            Ok(head) => Ok(Some(Arrived {
                object: ObjectRef {
                    key: key.to_owned(),
                    version_id: head.version_id.unwrap_or_else(|| "null".to_owned()),
                },
                size_bytes: head.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
            })),
            Err(VaultError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bytes of one version of an object, as a stream.
    pub async fn read(&self, _permit: &Permit, object: &ObjectRef) -> Result<ByteStream, VaultError> {
        let reply = self
            .s3
            .get_object()
            .bucket(self.bucket())
            .key(&object.key)
            .set_version_id(version(object))
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        Ok(reply.body)
    }

    /// Labels an object as kept, so that the bucket's lifecycle leaves it alone.
    pub async fn tag(
        &self,
        _permit: &Permit,
        object: &ObjectRef,
        tagging: Tagging,
    ) -> Result<(), VaultError> {
        let (name, value) = tagging.pair();
        let tag = Tag::builder().key(name).value(value).build().map_err(|_| VaultError::Corrupt("a tag"))?;
        let tags = S3Tagging::builder().tag_set(tag).build().map_err(|_| VaultError::Corrupt("a tag"))?;
        let request = self.s3.put_object_tagging().bucket(self.bucket()).key(&object.key);
        request
            .set_version_id(version(object))
            .tagging(tags)
            .send()
            .await
            .map(drop)
            .map_err(VaultError::from_sdk)
    }

    /// Stores a preview that inspection has made.
    pub async fn put_preview(
        &self,
        _permit: &Permit,
        key: &str,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> Result<ObjectRef, VaultError> {
        let reply = self
            .s3
            .put_object()
            .bucket(self.bucket())
            .key(key)
            .content_type(media_type)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(self.key_id())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        let version_id = reply.version_id.unwrap_or_else(|| "null".to_owned());
        Ok(ObjectRef { key: key.to_owned(), version_id })
    }

    /// The address of one GET of one version of an object, for a moment; ranges work, for seeking.
    pub async fn presign_get(
        &self,
        _permit: &Permit,
        object: &ObjectRef,
        media_type: &str,
        disposition: &str,
    ) -> Result<String, VaultError> {
        let request = self
            .s3
            .get_object()
            .bucket(self.bucket())
            .key(&object.key)
            .set_version_id(version(object))
            .response_content_type(media_type)
            .response_content_disposition(disposition)
            .response_cache_control("private, no-store");
        let signed = request.presigned(expiry(FOLLOWED_SECONDS)?).await.map_err(VaultError::from_sdk)?;
        Ok(signed.uri().to_owned())
    }
}

impl PresignedRequest {
    /// The GET of an address that needs nothing beside it.
    pub fn get(url: String) -> Self {
        Self { method: "GET".to_owned(), url, headers: BTreeMap::new() }
    }
}

fn version(object: &ObjectRef) -> Option<String> {
    (object.version_id != "null").then(|| object.version_id.clone())
}

fn part_there(part: &aws_sdk_s3::types::Part) -> Option<PartThere> {
    Some(PartThere {
        number: u32::try_from(part.part_number()?).ok()?,
        size_bytes: u64::try_from(part.size()?).ok()?,
        etag: part.e_tag()?.to_owned(),
        sha256: part.checksum_sha256().map(str::to_owned),
    })
}

fn expiry(seconds: u64) -> Result<PresigningConfig, VaultError> {
    PresigningConfig::expires_in(Duration::from_secs(seconds))
        .map_err(|_| VaultError::Corrupt("a lifetime of a link"))
}

fn presigned(signed: &Signed) -> PresignedRequest {
    PresignedRequest {
        method: signed.method().to_owned(),
        url: signed.uri().to_owned(),
        // `host` is set by whoever sends the request.
        headers: signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
    }
}
