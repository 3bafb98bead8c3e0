//! The three steps of keys, each its own type, so that a client's key never seals a record by mistake.

use crate::{
    BlindIndex, Vault, VaultError,
    cipher::{Binding, Key},
};
use authz::Permit;
use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use domain::{
    ClientId, OrganizationId, Sealed, SpaceId, WrappedKey,
    upload::{Destination, Upload},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

/// Seals what every member of an organization works with, and keys its blind index.
#[derive(Clone, Debug)]
pub struct DirectoryKey {
    key: Key,
    organization: OrganizationId,
}

/// Seals a client's demographics and the keys of their records.
#[derive(Clone, Debug)]
pub struct ClientKey {
    key: Key,
    organization: OrganizationId,
    client: ClientId,
}

/// Seals what one record says.
#[derive(Clone, Debug)]
pub struct RecordKey {
    key: Key,
    organization: OrganizationId,
    client: ClientId,
}

/// Seals what is in one collaborative space, which has no client.
#[derive(Clone, Debug)]
pub struct SpaceKey {
    key: Key,
    organization: OrganizationId,
    space: SpaceId,
}

macro_rules! sealing {
    ($name:ident, |$this:ident| $ids:expr) => {
        impl $name {
            fn binding(&self, what: &str, id: &dyn fmt::Display) -> Binding {
                let $this = self;
                let mut ids: Vec<&dyn fmt::Display> = $ids;
                ids.push(id);
                Binding::new(what, &ids)
            }

            /// Seals a value as the named part of the thing with this id.
            pub fn seal<T: Serialize>(
                &self,
                vault: &Vault,
                what: &str,
                id: &dyn fmt::Display,
                value: &T,
            ) -> Result<Sealed<T>, VaultError> {
                self.key.seal(vault.random(), &self.binding(what, id), value)
            }

            /// Opens a value for someone who is permitted something in its organization.
            pub fn open<T: DeserializeOwned>(
                &self,
                permit: &Permit,
                what: &str,
                id: &dyn fmt::Display,
                sealed: &Sealed<T>,
            ) -> Result<T, VaultError> {
                // INVARIANT: no permit, no data.
                if !permit.opens(self.organization) {
                    return Err(VaultError::KeyRefused("permit of another organization".into()));
                }
                self.key.open(&self.binding(what, id), sealed)
            }
        }
    };
}

sealing!(DirectoryKey, |this| vec![&this.organization]);
sealing!(ClientKey, |this| vec![&this.organization, &this.client]);
sealing!(RecordKey, |this| vec![&this.organization, &this.client]);
sealing!(SpaceKey, |this| vec![&this.organization, &this.space]);

/// Seals what is said of a file: its record's key, or in a space the space's.
#[derive(Clone, Debug)]
pub enum FileKey {
    Record(RecordKey),
    Space(SpaceKey),
}

impl From<RecordKey> for FileKey {
    fn from(key: RecordKey) -> Self {
        Self::Record(key)
    }
}

impl From<SpaceKey> for FileKey {
    fn from(key: SpaceKey) -> Self {
        Self::Space(key)
    }
}

impl FileKey {
    pub fn seal<T: Serialize>(
        &self,
        vault: &Vault,
        what: &str,
        id: &dyn fmt::Display,
        value: &T,
    ) -> Result<Sealed<T>, VaultError> {
        match self {
            Self::Record(key) => key.seal(vault, what, id, value),
            Self::Space(key) => key.seal(vault, what, id, value),
        }
    }

    pub fn open<T: DeserializeOwned>(
        &self,
        permit: &Permit,
        what: &str,
        id: &dyn fmt::Display,
        sealed: &Sealed<T>,
    ) -> Result<T, VaultError> {
        match self {
            Self::Record(key) => key.open(permit, what, id, sealed),
            Self::Space(key) => key.open(permit, what, id, sealed),
        }
    }
}

impl DirectoryKey {
    pub fn blind_index(&self) -> BlindIndex {
        BlindIndex::new(self.key.bytes(), self.organization)
    }

    /// Opens a remembered answer to a call: whoever made the call may have it again.
    pub fn open_answer<T: DeserializeOwned>(
        &self,
        id: &dyn fmt::Display,
        sealed: &Sealed<T>,
    ) -> Result<T, VaultError> {
        self.key.open(&self.binding("answer", id), sealed)
    }

    /// A key for a new collaborative space of this organization.
    pub fn new_space_key(&self, vault: &Vault, space: SpaceId) -> Result<(SpaceKey, WrappedKey), VaultError> {
        let key = Key::random(vault.random())?;
        let wrapped = self.key.seal_bytes(vault.random(), &self.binding("space/key", &space), key.bytes())?;
        let organization = self.organization;
        Ok((SpaceKey { key, organization, space }, WrappedKey::from_bytes(wrapped)))
    }

    /// The key of a space of this organization: no call, whatever the number of spaces.
    pub fn space_key(&self, space: SpaceId, wrapped: &WrappedKey) -> Result<SpaceKey, VaultError> {
        let bytes = self.key.open_bytes(&self.binding("space/key", &space), wrapped.as_bytes())?;
        Ok(SpaceKey { key: Key::from_bytes(&bytes)?, organization: self.organization, space })
    }
}

impl ClientKey {
    /// A key for a new record (or link, or contribution) of this client.
    pub fn new_record_key(
        &self,
        vault: &Vault,
        id: &dyn fmt::Display,
    ) -> Result<(RecordKey, WrappedKey), VaultError> {
        let key = Key::random(vault.random())?;
        let wrapped = self.key.seal_bytes(vault.random(), &self.binding("record/key", id), key.bytes())?;
        Ok((self.as_record_key(key), WrappedKey::from_bytes(wrapped)))
    }

    /// The key of a record of this client. `id` is the id the key was made for.
    pub fn record_key(&self, id: &dyn fmt::Display, wrapped: &WrappedKey) -> Result<RecordKey, VaultError> {
        let bytes = self.unwrapped(id, wrapped)?;
        Ok(self.as_record_key(Key::from_bytes(&bytes)?))
    }

    /// The key of what an upload becomes: its record, or its contribution.
    pub fn upload_key(&self, upload: &Upload) -> Result<RecordKey, VaultError> {
        match &upload.destination {
            Destination::Record { record_id, .. } | Destination::Version { record_id } => {
                self.record_key(record_id, &upload.key)
            }
            Destination::Contribution { contribution_id, .. } => {
                self.record_key(contribution_id, &upload.key)
            }
            Destination::SpaceItem { .. } => {
                Err(VaultError::KeyRefused("a space's upload is under no client's key".into()))
            }
        }
    }

    /// The same key wrapped for another id: what a contribution becomes keeps its key.
    pub fn rewrap(
        &self,
        vault: &Vault,
        from: &dyn fmt::Display,
        to: &dyn fmt::Display,
        wrapped: &WrappedKey,
    ) -> Result<WrappedKey, VaultError> {
        let bytes = self.unwrapped(from, wrapped)?;
        let again = self.key.seal_bytes(vault.random(), &self.binding("record/key", to), &bytes)?;
        Ok(WrappedKey::from_bytes(again))
    }

    /// The bytes of a record's key, unless it was destroyed.
    fn unwrapped(&self, id: &dyn fmt::Display, wrapped: &WrappedKey) -> Result<Vec<u8>, VaultError> {
        if wrapped.is_destroyed() {
            return Err(VaultError::KeyDestroyed);
        }
        self.key.open_bytes(&self.binding("record/key", id), wrapped.as_bytes())
    }

    const fn as_record_key(&self, key: Key) -> RecordKey {
        RecordKey { key, organization: self.organization, client: self.client }
    }
}

/// Data keys KMS has unwrapped, kept for a few minutes so that a warm function asks KMS once.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(Mutex<HashMap<Vec<u8>, (Instant, Key)>>);

const CACHE_KEYS: usize = 1_000;
/// How long a destroyed or disabled KMS key can still open what a warm function has unwrapped.
const CACHE_LIFE: Duration = Duration::from_secs(300);

impl KeyCache {
    fn get(&self, wrapped: &WrappedKey) -> Option<Key> {
        let kept = self.0.lock().ok()?;
        kept.get(wrapped.as_bytes())
            .filter(|(since, _)| since.elapsed() < CACHE_LIFE)
            .map(|(_, key)| key.clone())
    }

    fn put(&self, wrapped: &WrappedKey, key: &Key) {
        let Ok(mut kept) = self.0.lock() else { return };
        if kept.len() >= CACHE_KEYS {
            kept.retain(|_, (since, _)| since.elapsed() < CACHE_LIFE);
        }
        if kept.len() >= CACHE_KEYS {
            kept.clear();
        }
        kept.insert(wrapped.as_bytes().to_vec(), (Instant::now(), key.clone()));
    }
}

impl Vault {
    /// A directory key for a new organization: one call to KMS.
    pub async fn new_directory_key(
        &self,
        organization: OrganizationId,
    ) -> Result<(DirectoryKey, WrappedKey), VaultError> {
        let (key, wrapped) = self.new_data_key(directory_context(organization)).await?;
        Ok((DirectoryKey { key, organization }, wrapped))
    }

    /// The directory key of an organization: no call when warm.
    pub async fn directory_key(
        &self,
        organization: OrganizationId,
        wrapped: &WrappedKey,
    ) -> Result<DirectoryKey, VaultError> {
        let key = self.data_key(directory_context(organization), wrapped).await?;
        Ok(DirectoryKey { key, organization })
    }

    /// A key for a new client: one call to KMS.
    pub async fn new_client_key(
        &self,
        organization: OrganizationId,
        client: ClientId,
    ) -> Result<(ClientKey, WrappedKey), VaultError> {
        let (key, wrapped) = self.new_data_key(client_context(organization, client)).await?;
        Ok((ClientKey { key, organization, client }, wrapped))
    }

    /// The key of a client: no call when warm.
    pub async fn client_key(
        &self,
        organization: OrganizationId,
        client: ClientId,
        wrapped: &WrappedKey,
    ) -> Result<ClientKey, VaultError> {
        let key = self.data_key(client_context(organization, client), wrapped).await?;
        Ok(ClientKey { key, organization, client })
    }

    async fn new_data_key(&self, context: HashMap<String, String>) -> Result<(Key, WrappedKey), VaultError> {
        let reply = self
            .kms()
            .generate_data_key()
            .key_id(self.key_id())
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(context))
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        let plain = reply.plaintext.ok_or(VaultError::Corrupt("KMS sent no key"))?;
        let wrapped = reply.ciphertext_blob.ok_or(VaultError::Corrupt("KMS sent no wrapped key"))?;
        let (key, wrapped) = (Key::from_bytes(plain.as_ref())?, WrappedKey::from_bytes(wrapped.into_inner()));
        self.key_cache().put(&wrapped, &key);
        Ok((key, wrapped))
    }

    async fn data_key(
        &self,
        context: HashMap<String, String>,
        wrapped: &WrappedKey,
    ) -> Result<Key, VaultError> {
        if let Some(key) = self.key_cache().get(wrapped) {
            return Ok(key);
        }
        let reply = self
            .kms()
            .decrypt()
            .key_id(self.key_id())
            .ciphertext_blob(Blob::new(wrapped.as_bytes()))
            .set_encryption_context(Some(context))
            .send()
            .await
            .map_err(VaultError::from_sdk)?;
        let key = Key::from_bytes(reply.plaintext.ok_or(VaultError::Corrupt("KMS sent no key"))?.as_ref())?;
        self.key_cache().put(wrapped, &key);
        Ok(key)
    }
}

/// KMS binds a wrapped key to its owner and logs both in CloudTrail.
fn directory_context(organization: OrganizationId) -> HashMap<String, String> {
    HashMap::from([
        ("strongroom:purpose".to_owned(), "directory".to_owned()),
        ("strongroom:organization".to_owned(), organization.to_string()),
    ])
}

fn client_context(organization: OrganizationId, client: ClientId) -> HashMap<String, String> {
    HashMap::from([
        ("strongroom:purpose".to_owned(), "client".to_owned()),
        ("strongroom:organization".to_owned(), organization.to_string()),
        ("strongroom:client".to_owned(), client.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;

    const fn id() -> &'static str {
        "01890000-0000-7000-8000-000000000001"
    }

    /// R158: what is left of a destroyed record says so, and is not taken for damage.
    #[test]
    fn a_destroyed_key_opens_nothing() {
        let key = Key::random(&SystemRandom::new()).unwrap();
        let (organization, client): (OrganizationId, ClientId) =
            (id().parse().unwrap(), id().parse().unwrap());
        let client = ClientKey { key, organization, client };
        let destroyed = client.record_key(&"a record", &WrappedKey::default());
        assert!(matches!(destroyed, Err(VaultError::KeyDestroyed)));
        let damaged = client.record_key(&"a record", &WrappedKey::from_bytes(vec![1]));
        assert!(matches!(damaged, Err(VaultError::Corrupt(_))));
    }
}
