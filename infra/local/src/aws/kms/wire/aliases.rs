//! Friendly names of keys.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Kms;
use super::super::error::KmsError;
use super::super::keyring::Alias;
use super::{Answer, Page, seconds};
use crate::aws::ambient;

const MAX_NAME: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    alias_name: String,
    target_key_id: String,
}

pub(super) fn create(kms: &Kms, input: Target) -> Answer {
    check_name(&input.alias_name)?;
    let now = ambient::now();
    kms.change(|keyring| {
        if keyring.aliases.contains_key(&input.alias_name) {
            return Err(KmsError::AlreadyExists(kms.place().alias_arn(&input.alias_name)));
        }
        let target = keyring.resolve_id(&input.target_key_id, kms.place())?;
        keyring.key(target)?.not_pending(&kms.place().key_arn(target))?;
        keyring.aliases.insert(input.alias_name, Alias { target, created_at: now, updated_at: now });
        Ok(Value::Null)
    })
}

pub(super) fn update(kms: &Kms, input: Target) -> Answer {
    check_name(&input.alias_name)?;
    kms.change(|keyring| {
        let target = keyring.resolve_id(&input.target_key_id, kms.place())?;
        let missing = || KmsError::NotFound(format!("alias `{}`", kms.place().alias_arn(&input.alias_name)));
        let before = keyring.aliases.get(&input.alias_name).ok_or_else(missing)?.target;
        let (old, new) = (keyring.key(before)?, keyring.key(target)?);
        new.not_pending(&kms.place().key_arn(target))?;
        if (old.spec, old.usage) != (new.spec, new.usage) {
            return Err(KmsError::Validation(
                "an alias moves only between keys of one kind and usage".into(),
            ));
        }
        let alias = keyring.aliases.get_mut(&input.alias_name).ok_or_else(missing)?;
        (alias.target, alias.updated_at) = (target, ambient::now());
        Ok(Value::Null)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    alias_name: String,
}

pub(super) fn delete(kms: &Kms, input: Delete) -> Answer {
    kms.change(|keyring| match keyring.aliases.remove(&input.alias_name) {
        Some(_) => Ok(Value::Null),
        None => Err(KmsError::NotFound(format!("alias `{}`", kms.place().alias_arn(&input.alias_name)))),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    key_id: Option<String>,
    #[serde(flatten)]
    page: Page,
}

pub(super) fn list(kms: &Kms, input: List) -> Answer {
    let aliases = kms.read(|keyring| {
        let only = input.key_id.as_deref().map(|name| keyring.resolve_id(name, kms.place())).transpose()?;
        let wanted = keyring.aliases.iter().filter(|(_, alias)| only.is_none_or(|id| id == alias.target));
        let entry = |(name, alias): (&String, &Alias)| {
            let entry = json!({
                "AliasName": name,
                "AliasArn": kms.place().alias_arn(name),
                "TargetKeyId": alias.target,
                "CreationDate": seconds(alias.created_at),
                "LastUpdatedDate": seconds(alias.updated_at),
            });
            (name.clone(), entry)
        };
        Ok::<_, KmsError>(wanted.map(entry).collect())
    })?;
    input.page.cut("Aliases", aliases)
}

fn check_name(name: &str) -> Result<(), KmsError> {
    let rest = name.strip_prefix("alias/").unwrap_or_default();
    let fits = !rest.is_empty()
        && name.len() <= MAX_NAME
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-'));
    if fits && !rest.starts_with("aws/") {
        return Ok(());
    }
    Err(KmsError::InvalidAliasName(format!("`{name}` is not allowed as the name of an alias")))
}
