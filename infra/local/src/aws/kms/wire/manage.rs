//! Making, describing, switching, rotating, tagging and deleting keys.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::error::KmsError;
use super::super::key::{Cause, Key, Spec, Status, Usage};
use super::super::keyring::Place;
use super::super::{Kms, NewKey};
use super::{Answer, OnKey, Page, seconds};
use crate::aws::ambient;

const MAX_TAGS: usize = 50;
const MAX_DESCRIPTION: usize = 8192;
const MAX_POLICY: usize = 32_768;
const DEFAULT_ROTATION_DAYS: u16 = 365;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateKey {
    #[serde(default)]
    key_spec: Spec,
    #[serde(default)]
    key_usage: Usage,
    #[serde(default)]
    description: String,
    policy: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    tag_key: String,
    tag_value: String,
}

pub(super) fn create_key(kms: &Kms, input: CreateKey) -> Answer {
    if !matches!(
        (input.key_spec, input.key_usage),
        (Spec::Symmetric, Usage::EncryptDecrypt) | (Spec::P256, Usage::SignVerify)
    ) {
        return Err(KmsError::Validation("the key usage does not fit the key spec".into()));
    }
    check_length("description", &input.description, MAX_DESCRIPTION)?;
    check_length("policy", input.policy.as_deref().unwrap_or_default(), MAX_POLICY)?;
    let mut tags = BTreeMap::new();
    add_tags(&mut tags, input.tags)?;
    let key = kms.create_key(NewKey {
        spec: input.key_spec,
        usage: input.key_usage,
        description: input.description,
        policy: input.policy,
        tags,
    })?;
    Ok(json!({ "KeyMetadata": metadata(&key, kms.place()) }))
}

pub(super) fn describe_key(kms: &Kms, input: OnKey) -> Answer {
    kms.read(|keyring| {
        let key = keyring.key(keyring.resolve(&input.key_id, kms.place())?)?;
        Ok(json!({ "KeyMetadata": metadata(key, kms.place()) }))
    })
}

pub(super) fn list_keys(kms: &Kms, input: Page) -> Answer {
    let entry =
        |key: &Key| (key.id.to_string(), json!({ "KeyId": key.id, "KeyArn": kms.place().key_arn(key.id) }));
    input.cut("Keys", kms.read(|keyring| keyring.keys.values().map(entry).collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateDescription {
    key_id: String,
    description: String,
}

pub(super) fn update_description(kms: &Kms, input: UpdateDescription) -> Answer {
    check_length("description", &input.description, MAX_DESCRIPTION)?;
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        key.description = input.description;
        Ok(Value::Null)
    })
}

pub(super) fn get_policy(kms: &Kms, input: OnKey) -> Answer {
    kms.read(|keyring| {
        let key = keyring.key(keyring.resolve_id(&input.key_id, kms.place())?)?;
        let policy = key.policy.clone().unwrap_or_else(|| default_policy(kms.place()));
        Ok(json!({ "Policy": policy, "PolicyName": "default" }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutPolicy {
    key_id: String,
    policy: String,
}

/// Keeps the policy's text. It grants and refuses nothing here: whoever holds
/// this service's credentials is the account.
pub(super) fn put_policy(kms: &Kms, input: PutPolicy) -> Answer {
    check_length("policy", &input.policy, MAX_POLICY)?;
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        key.policy = Some(input.policy);
        Ok(Value::Null)
    })
}

pub(super) fn enable(kms: &Kms, input: OnKey) -> Answer {
    switch(kms, &input, Status::Enabled)
}

pub(super) fn disable(kms: &Kms, input: OnKey) -> Answer {
    switch(kms, &input, Status::Disabled)
}

fn switch(kms: &Kms, input: &OnKey, status: Status) -> Answer {
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        key.status = status;
        Ok(Value::Null)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleDeletion {
    key_id: String,
    pending_window_in_days: Option<i64>,
}

pub(super) fn schedule_deletion(kms: &Kms, input: ScheduleDeletion) -> Answer {
    let days = input.pending_window_in_days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(KmsError::Validation("the waiting period must be 7 to 30 days".into()));
    }
    let delete_at = ambient::now()
        .checked_add((days * 24).hours())
        .map_err(|error| KmsError::Internal(error.to_string()))?;
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        key.status = Status::PendingDeletion { delete_at };
        Ok(json!({
            "KeyId": arn,
            "DeletionDate": seconds(delete_at),
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
        }))
    })
}

/// A rescued key comes back switched off, as with AWS: someone must decide to use it again.
pub(super) fn cancel_deletion(kms: &Kms, input: OnKey) -> Answer {
    kms.change_key(&input.key_id, |key, arn| match key.status {
        Status::PendingDeletion { .. } => {
            key.status = Status::Disabled;
            Ok(json!({ "KeyId": arn }))
        }
        Status::Enabled | Status::Disabled => {
            Err(KmsError::InvalidState(format!("{arn} is not pending deletion")))
        }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnableRotation {
    key_id: String,
    rotation_period_in_days: Option<u16>,
}

pub(super) fn enable_rotation(kms: &Kms, input: EnableRotation) -> Answer {
    let days = input.rotation_period_in_days.unwrap_or(DEFAULT_ROTATION_DAYS);
    if !(90..=2560).contains(&days) {
        return Err(KmsError::Validation("the rotation period must be 90 to 2560 days".into()));
    }
    set_rotation(kms, &input.key_id, Some(days))
}

pub(super) fn disable_rotation(kms: &Kms, input: OnKey) -> Answer {
    set_rotation(kms, &input.key_id, None)
}

fn set_rotation(kms: &Kms, key_id: &str, days: Option<u16>) -> Answer {
    kms.change_key(key_id, |key, arn| {
        key.usable_for(key.usage, arn)?;
        key.rotates(arn)?;
        key.rotation_days = days;
        Ok(Value::Null)
    })
}

pub(super) fn rotation_status(kms: &Kms, input: OnKey) -> Answer {
    kms.read(|keyring| {
        let key = keyring.key(keyring.resolve_id(&input.key_id, kms.place())?)?;
        key.rotates(&kms.place().key_arn(key.id))?;
        let mut status = json!({ "KeyId": key.id, "KeyRotationEnabled": key.rotation_days.is_some() });
        if let (Some(days), Some(next), Some(fields)) =
            (key.rotation_days, key.next_rotation(), status.as_object_mut())
        {
            fields.insert("RotationPeriodInDays".into(), json!(days));
            fields.insert("NextRotationDate".into(), json!(seconds(next)));
        }
        Ok(status)
    })
}

pub(super) fn rotate_on_demand(kms: &Kms, input: OnKey) -> Answer {
    kms.change_key(&input.key_id, |key, arn| {
        key.usable_for(key.usage, arn)?;
        key.rotates(arn)?;
        key.add_generation(&kms.inner.disk.root, Cause::OnDemand, ambient::now())?;
        Ok(json!({ "KeyId": key.id }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnKeyPaged {
    key_id: String,
    #[serde(flatten)]
    page: Page,
}

pub(super) fn list_rotations(kms: &Kms, input: OnKeyPaged) -> Answer {
    let rotations = kms.read(|keyring| {
        let key = keyring.key(keyring.resolve_id(&input.key_id, kms.place())?)?;
        key.rotates(&kms.place().key_arn(key.id))?;
        let entries = key.backings.iter().enumerate().filter_map(|(at, backing)| {
            let kind = match backing.cause {
                Cause::Creation => return None,
                Cause::Automatic => "AUTOMATIC",
                Cause::OnDemand => "ON_DEMAND",
            };
            let rotation =
                json!({ "KeyId": key.id, "RotationDate": seconds(backing.created_at), "RotationType": kind });
            // Padded, so that the order of names is the order of time.
            Some((format!("{at:06}"), rotation))
        });
        Ok::<_, KmsError>(entries.collect())
    })?;
    input.page.cut("Rotations", rotations)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagKey {
    key_id: String,
    tags: Vec<Tag>,
}

pub(super) fn tag(kms: &Kms, input: TagKey) -> Answer {
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        add_tags(&mut key.tags, input.tags)?;
        Ok(Value::Null)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagKey {
    key_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(kms: &Kms, input: UntagKey) -> Answer {
    kms.change_key(&input.key_id, |key, arn| {
        key.not_pending(arn)?;
        key.tags.retain(|name, _| !input.tag_keys.contains(name));
        Ok(Value::Null)
    })
}

pub(super) fn list_tags(kms: &Kms, input: OnKeyPaged) -> Answer {
    let tags = kms.read(|keyring| {
        let key = keyring.key(keyring.resolve_id(&input.key_id, kms.place())?)?;
        let entry =
            |(name, value): (&String, &String)| (name.clone(), json!({ "TagKey": name, "TagValue": value }));
        Ok::<_, KmsError>(key.tags.iter().map(entry).collect())
    })?;
    input.page.cut("Tags", tags)
}

fn add_tags(tags: &mut BTreeMap<String, String>, new: Vec<Tag>) -> Result<(), KmsError> {
    for tag in new {
        let name_fits = (1..=128).contains(&tag.tag_key.chars().count()) && !tag.tag_key.starts_with("aws:");
        if !name_fits || tag.tag_value.chars().count() > 256 {
            return Err(KmsError::Tag(format!("the tag `{}` or its value is not allowed", tag.tag_key)));
        }
        tags.insert(tag.tag_key, tag.tag_value);
    }
    if tags.len() > MAX_TAGS {
        return Err(KmsError::LimitExceeded(format!("a key has at most {MAX_TAGS} tags")));
    }
    Ok(())
}

fn check_length(field: &str, text: &str, max: usize) -> Result<(), KmsError> {
    if text.len() <= max {
        return Ok(());
    }
    Err(KmsError::Validation(format!("the {field} is longer than {max} bytes")))
}

/// What AWS gives a key that was made without a policy.
fn default_policy(place: &Place) -> String {
    json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", place.account) },
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
    .to_string()
}

fn metadata(key: &Key, place: &Place) -> Value {
    let mut metadata = json!({
        "AWSAccountId": place.account,
        "KeyId": key.id,
        "Arn": place.key_arn(key.id),
        "CreationDate": seconds(key.created_at),
        "Enabled": key.status == Status::Enabled,
        "Description": key.description,
        "KeyUsage": key.usage,
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": key.spec,
        "CustomerMasterKeySpec": key.spec,
        "MultiRegion": false,
    });
    let state = match key.status {
        Status::Enabled => "Enabled",
        Status::Disabled => "Disabled",
        Status::PendingDeletion { .. } => "PendingDeletion",
    };
    if let Some(fields) = metadata.as_object_mut() {
        fields.insert("KeyState".into(), json!(state));
        if let Status::PendingDeletion { delete_at } = key.status {
            fields.insert("DeletionDate".into(), json!(seconds(delete_at)));
        }
        match key.spec {
            Spec::Symmetric => fields.insert("EncryptionAlgorithms".into(), json!(["SYMMETRIC_DEFAULT"])),
            Spec::P256 => fields.insert("SigningAlgorithms".into(), json!(["ECDSA_SHA_256"])),
        };
    }
    metadata
}
