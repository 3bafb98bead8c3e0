//! Which key protects an object: the one its request names, else its bucket's
//! default, else the store's own. There is no unprotected object.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Connection;
use s3s::dto::{ServerSideEncryption, ServerSideEncryptionConfiguration};
use s3s::s3_error;

use super::buckets::{self, Setting};
use super::error::Result;
use super::model::{Bucket, Protection};
use super::store::Store;

/// What a request says about protection.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    pub algorithm: Option<ServerSideEncryption>,
    pub key_id: Option<String>,
    pub context: Option<String>,
    pub bucket_key: Option<bool>,
    /// Whether the client brought a key of its own, which the store does not do.
    pub customer_key: bool,
}

/// The protection fields that several operations' inputs have.
macro_rules! protection_wish {
    ($input:expr) => {
        $crate::aws::s3::protect::Wish {
            algorithm: $input.server_side_encryption.clone(),
            key_id: $input.ssekms_key_id.clone(),
            context: $input.ssekms_encryption_context.clone(),
            bucket_key: $input.bucket_key_enabled,
            customer_key: $input.sse_customer_algorithm.is_some() || $input.sse_customer_key.is_some(),
        }
    };
}

/// Puts an object's protection into the fields of an operation's output.
macro_rules! tell_protection {
    ($output:expr, $protection:expr) => {
        if let Some(protection) = $protection {
            let protection: &$crate::aws::s3::model::Protection = protection;
            $output.server_side_encryption = Some(protection.algorithm());
            $output.ssekms_key_id = protection.told_key();
            $output.bucket_key_enabled = protection.told_bucket_key();
        }
    };
}

pub(super) use {protection_wish, tell_protection};

impl Store {
    /// Settles how the object `key` of `bucket` is to be protected.
    pub(super) async fn protection(&self, bucket: &Bucket, key: &str, wish: Wish) -> Result<Protection> {
        if wish.customer_key {
            return Err(s3_error!(NotImplemented, "Customer-provided keys are not supported.").into());
        }
        let wish = match wish.algorithm {
            Some(_) => wish,
            None if wish.key_id.is_some() => {
                return Err(s3_error!(
                    InvalidArgument,
                    "Server Side Encryption with AWS KMS managed key requires HTTP header \
                     x-amz-server-side-encryption : aws:kms"
                )
                .into());
            }
            None => self.bucket_default(bucket.id).await?,
        };
        let kms = match wish.algorithm.as_ref().map(ServerSideEncryption::as_str) {
            None | Some(ServerSideEncryption::AES256) => false,
            Some(ServerSideEncryption::AWS_KMS) => true,
            Some(_) => {
                let told = "The encryption method specified is not supported";
                return Err(s3_error!(InvalidEncryptionAlgorithmError, "{told}").into());
            }
        };
        let bucket_key = kms && wish.bucket_key.unwrap_or_default();
        let object_arn = if bucket_key { bucket.arn() } else { format!("{}/{key}", bucket.arn()) };
        let mut context = if kms { parse_context(wish.context.as_deref())? } else { BTreeMap::new() };
        context.entry("aws:s3:arn".to_owned()).or_insert(object_arn);
        let key_arn = match wish.key_id {
            Some(key_id) if kms => key_id,
            _ => self.default_key().to_owned(),
        };
        Ok(Protection { kms, key_arn, bucket_key, context })
    }

    async fn bucket_default(&self, bucket: i64) -> Result<Wish> {
        self.look(move |connection| bucket_default(connection, bucket)).await
    }
}

fn bucket_default(connection: &Connection, bucket: i64) -> Result<Wish> {
    let configuration: Option<ServerSideEncryptionConfiguration> =
        buckets::setting(connection, bucket, Setting::Encryption)?;
    let Some(rule) = configuration.and_then(|configuration| configuration.rules.into_iter().next()) else {
        return Ok(Wish::default());
    };
    let by_default = rule.apply_server_side_encryption_by_default;
    Ok(Wish {
        key_id: by_default.as_ref().and_then(|default| default.kms_master_key_id.clone()),
        algorithm: by_default.map(|default| default.sse_algorithm),
        bucket_key: rule.bucket_key_enabled,
        ..Wish::default()
    })
}

fn parse_context(header: Option<&str>) -> Result<BTreeMap<String, String>> {
    let Some(header) = header else { return Ok(BTreeMap::new()) };
    let decoded = STANDARD.decode(header).ok();
    let parsed = decoded.and_then(|json| serde_json::from_slice(&json).ok());
    parsed.ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "The header x-amz-server-side-encryption-context is not base64-encoded JSON."
        )
        .into()
    })
}
