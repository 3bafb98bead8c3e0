//! All keys and aliases, and the rules by which a caller names one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::KmsError;
use super::key::{Key, Status};

/// A friendly name of a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Alias {
    pub target: Uuid,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Where this service pretends to be; part of every ARN.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub region: String,
    pub account: String,
}

impl Place {
    pub(super) fn key_arn(&self, id: Uuid) -> String {
        format!("arn:aws:kms:{}:{}:key/{id}", self.region, self.account)
    }

    pub(super) fn alias_arn(&self, name: &str) -> String {
        format!("arn:aws:kms:{}:{}:{name}", self.region, self.account)
    }

    /// Takes the ARN's beginning off, when it is one of this place.
    fn local<'a>(&self, name: &'a str) -> Result<&'a str, KmsError> {
        if !name.starts_with("arn:") {
            return Ok(name);
        }
        name.strip_prefix(&format!("arn:aws:kms:{}:{}:", self.region, self.account))
            .ok_or_else(|| KmsError::NotFound(format!("key `{name}`")))
    }
}

/// The keys by id, the aliases by name (`alias/…`).
#[derive(Clone, Default)]
pub(super) struct Keyring {
    pub keys: BTreeMap<Uuid, Key>,
    pub aliases: BTreeMap<String, Alias>,
}

impl Keyring {
    /// Finds the id behind a key id, key ARN, alias name or alias ARN.
    pub(super) fn resolve(&self, name: &str, place: &Place) -> Result<Uuid, KmsError> {
        let local = place.local(name)?;
        if local.starts_with("alias/") {
            return match self.aliases.get(local) {
                Some(alias) => Ok(alias.target),
                None => Err(KmsError::NotFound(format!("alias `{}`", place.alias_arn(local)))),
            };
        }
        self.resolve_id(name, place)
    }

    /// Finds the id behind a key id or key ARN. Managing a key takes its own
    /// name, so that nothing is switched off through a moved alias.
    pub(super) fn resolve_id(&self, name: &str, place: &Place) -> Result<Uuid, KmsError> {
        let local = place.local(name)?;
        if local.starts_with("alias/") && local != name {
            return Err(KmsError::InvalidArn(format!("`{name}` names an alias where a key is needed")));
        }
        let missing = || KmsError::NotFound(format!("key `{name}`"));
        let id = Uuid::try_parse(local.strip_prefix("key/").unwrap_or(local)).map_err(|_| missing())?;
        if self.keys.contains_key(&id) { Ok(id) } else { Err(missing()) }
    }

    pub(super) fn key(&self, id: Uuid) -> Result<&Key, KmsError> {
        self.keys.get(&id).ok_or_else(|| KmsError::NotFound(format!("key `{id}`")))
    }

    pub(super) fn key_mut(&mut self, id: Uuid) -> Result<&mut Key, KmsError> {
        self.keys.get_mut(&id).ok_or_else(|| KmsError::NotFound(format!("key `{id}`")))
    }

    /// Forgets the keys whose waiting period is over, and their aliases.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<Uuid> {
        let due = |key: &Key| matches!(key.status, Status::PendingDeletion { delete_at } if delete_at <= now);
        let gone: Vec<Uuid> = self.keys.values().filter(|key| due(key)).map(|key| key.id).collect();
        self.keys.retain(|id, _| !gone.contains(id));
        self.aliases.retain(|_, alias| !gone.contains(&alias.target));
        gone
    }
}
