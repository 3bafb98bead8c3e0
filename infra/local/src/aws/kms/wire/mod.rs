//! The AWS JSON 1.1 protocol of the key service: one function per operation,
//! found by the name after `TrentService.` in `X-Amz-Target`.

mod aliases;
mod crypto;
mod manage;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::Kms;
use super::error::KmsError;

const PREFIX: &str = "TrentService.";
const MAX_PAGE: usize = 1000;
const DEFAULT_PAGE: usize = 100;

type Answer = Result<Value, KmsError>;

/// Answers one request with the bytes of a JSON object, or nothing where AWS sends nothing.
pub(super) fn answer(kms: &Kms, target: &str, body: &[u8]) -> Result<Vec<u8>, KmsError> {
    let operation = target.strip_prefix(PREFIX).ok_or(KmsError::UnknownOperation)?;
    let answer = match operation {
        "CreateKey" => manage::create_key(kms, parse(body)?),
        "DescribeKey" => manage::describe_key(kms, parse(body)?),
        "ListKeys" => manage::list_keys(kms, parse(body)?),
        "UpdateKeyDescription" => manage::update_description(kms, parse(body)?),
        "GetKeyPolicy" => manage::get_policy(kms, parse(body)?),
        "PutKeyPolicy" => manage::put_policy(kms, parse(body)?),
        "EnableKey" => manage::enable(kms, parse(body)?),
        "DisableKey" => manage::disable(kms, parse(body)?),
        "ScheduleKeyDeletion" => manage::schedule_deletion(kms, parse(body)?),
        "CancelKeyDeletion" => manage::cancel_deletion(kms, parse(body)?),
        "EnableKeyRotation" => manage::enable_rotation(kms, parse(body)?),
        "DisableKeyRotation" => manage::disable_rotation(kms, parse(body)?),
        "GetKeyRotationStatus" => manage::rotation_status(kms, parse(body)?),
        "RotateKeyOnDemand" => manage::rotate_on_demand(kms, parse(body)?),
        "ListKeyRotations" => manage::list_rotations(kms, parse(body)?),
        "TagResource" => manage::tag(kms, parse(body)?),
        "UntagResource" => manage::untag(kms, parse(body)?),
        "ListResourceTags" => manage::list_tags(kms, parse(body)?),
        "CreateAlias" => aliases::create(kms, parse(body)?),
        "UpdateAlias" => aliases::update(kms, parse(body)?),
        "DeleteAlias" => aliases::delete(kms, parse(body)?),
        "ListAliases" => aliases::list(kms, parse(body)?),
        "Encrypt" => crypto::encrypt(kms, parse(body)?),
        "Decrypt" => crypto::decrypt(kms, parse(body)?),
        "ReEncrypt" => crypto::re_encrypt(kms, parse(body)?),
        "GenerateDataKey" => crypto::generate_data_key(kms, parse(body)?, true),
        "GenerateDataKeyWithoutPlaintext" => crypto::generate_data_key(kms, parse(body)?, false),
        "GenerateRandom" => crypto::generate_random(parse(body)?),
        "Sign" => crypto::sign(kms, parse(body)?),
        "Verify" => crypto::verify(kms, parse(body)?),
        "GetPublicKey" => crypto::get_public_key(kms, parse(body)?),
        _ => Err(KmsError::UnknownOperation),
    }?;
    Ok(if answer.is_null() { Vec::new() } else { answer.to_string().into_bytes() })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, KmsError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| KmsError::Validation(error.to_string()))
}

/// A request that names nothing but a key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnKey {
    key_id: String,
}

/// Which page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    limit: Option<usize>,
    marker: Option<String>,
}

impl Page {
    /// Cuts one page out of `all`; a marker is the name of the last item given.
    fn cut(&self, field: &str, all: BTreeMap<String, Value>) -> Answer {
        let limit = self.limit.unwrap_or(DEFAULT_PAGE);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(KmsError::Validation(format!("limit must be 1 to {MAX_PAGE}")));
        }
        if self.marker.as_ref().is_some_and(String::is_empty) {
            return Err(KmsError::InvalidMarker);
        }
        let after = self.marker.as_deref().unwrap_or_default();
        let mut rest = all.into_iter().filter(|(name, _)| name.as_str() > after);
        let (names, items): (Vec<String>, Vec<Value>) = rest.by_ref().take(limit).unzip();
        let truncated = rest.next().is_some();
        let mut answer = json!({ field: items, "Truncated": truncated });
        if let (true, Some(last), Some(fields)) = (truncated, names.last(), answer.as_object_mut()) {
            fields.insert("NextMarker".into(), json!(last));
        }
        Ok(answer)
    }
}

/// Bytes, which JSON carries in base64.
struct Blob(Vec<u8>);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Blob).map_err(|_| serde::de::Error::custom("a blob is not in base64"))
    }
}

impl Blob {
    /// The bytes, when there are neither none nor too many.
    fn within(&self, field: &str, max: usize) -> Result<&[u8], KmsError> {
        if self.0.is_empty() || self.0.len() > max {
            return Err(KmsError::Validation(format!("{field} must have 1 to {max} bytes")));
        }
        Ok(&self.0)
    }
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A time as AWS JSON writes it: seconds since 1970, with the milliseconds behind the point.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double for 285,000 years")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &[&str]) -> BTreeMap<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), json!(name))).collect()
    }

    #[test]
    fn pages_hold_everything_once() {
        let mut page = Page { limit: Some(2), marker: None };
        let mut seen = Vec::new();
        loop {
            let answer = page.cut("Items", all(&["a", "b", "c", "d", "e"])).unwrap();
            seen.extend(answer["Items"].as_array().unwrap().clone());
            let Some(next) = answer.get("NextMarker") else { break };
            page.marker = Some(next.as_str().unwrap().to_owned());
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
        assert!(Page { limit: Some(0), marker: None }.cut("Items", all(&[])).is_err());
    }
}
