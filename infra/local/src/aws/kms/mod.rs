//! A key service with AWS KMS's wire: real cryptography, durable keys.
//!
//! Symmetric keys are AES-256-GCM with the encryption context as associated
//! data; signing keys are ECDSA over P-256 (by `p256`, because `ring` signs
//! messages but never a ready digest, and both must come from one key). Keys
//! rotate, can be disabled, and can be scheduled for deletion, after which
//! nothing they sealed can be opened.

mod disk;
mod error;
mod key;
mod keyring;
mod sealing;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use jiff::Timestamp;
use uuid::Uuid;

pub use error::KmsError;

use self::disk::Disk;
use self::key::{Cause, Key, Spec, Status, Usage};
use self::keyring::{Keyring, Place};
use self::sealing::Origin;
use crate::aws::ambient;

/// The longest data key AWS hands out.
const MAX_DATA_KEY_LEN: usize = 1024;

/// The key service; clones share the same keys.
#[derive(Clone)]
pub struct Kms {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    disk: Disk,
    keyring: RwLock<Keyring>,
}

/// A fresh data key, in the clear and sealed.
pub struct DataKey {
    /// The key itself: use it, never store it.
    pub plaintext: Vec<u8>,
    /// The key sealed under the KMS key: store this.
    pub ciphertext: Vec<u8>,
    /// The KMS key that sealed it.
    pub key_arn: String,
}

/// An opened ciphertext.
pub struct Decrypted {
    /// What was sealed.
    pub plaintext: Vec<u8>,
    /// The KMS key that had sealed it.
    pub key_arn: String,
}

// Secrets stay out of logs, whoever prints what holds them.
impl fmt::Debug for Kms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kms").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("key_arn", &self.key_arn).finish_non_exhaustive()
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("key_arn", &self.key_arn).finish_non_exhaustive()
    }
}

impl Kms {
    /// Opens the keys in `dir`, or begins there.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or its keys cannot be unwrapped.
    pub fn open(dir: &Path, region: &str, account: &str) -> Result<Self, KmsError> {
        let disk = Disk::open(dir)?;
        let keyring = RwLock::new(disk.load()?);
        let place = Place { region: region.into(), account: account.into() };
        Ok(Self { inner: Arc::new(Inner { place, disk, keyring }) })
    }

    /// Draws a data key of `len` bytes and seals it under `key_id` (id, ARN or alias), bound to `context`.
    ///
    /// # Errors
    /// When the key is missing, unusable, or not symmetric, or the length is out of range.
    pub fn generate_data_key(
        &self,
        key_id: &str,
        context: &BTreeMap<String, String>,
        len: usize,
    ) -> Result<DataKey, KmsError> {
        if !(1..=MAX_DATA_KEY_LEN).contains(&len) {
            return Err(KmsError::Validation(format!("a data key has 1 to {MAX_DATA_KEY_LEN} bytes")));
        }
        let mut plaintext = vec![0; len];
        ambient::fill(&mut plaintext)?;
        let (ciphertext, key_arn) = self.encrypt(key_id, &plaintext, context)?;
        Ok(DataKey { plaintext, ciphertext, key_arn })
    }

    /// Seals a few bytes under `key_id`, bound to `context`; returns the ciphertext and the key's ARN.
    ///
    /// # Errors
    /// When the key is missing, unusable, or not symmetric.
    pub fn encrypt(
        &self,
        key_id: &str,
        plaintext: &[u8],
        context: &BTreeMap<String, String>,
    ) -> Result<(Vec<u8>, String), KmsError> {
        self.with_key(key_id, Usage::EncryptDecrypt, |key, arn| {
            let backing = key.current()?;
            let origin = Origin { key: key.id, backing: backing.id };
            Ok((sealing::seal(backing.cipher()?, origin, plaintext, context)?, arn.to_owned()))
        })
    }

    /// Opens a ciphertext with the key it names, whichever generation sealed it.
    ///
    /// # Errors
    /// When the ciphertext or context differ from what was sealed, or the key is gone or unusable.
    pub fn decrypt(
        &self,
        ciphertext: &[u8],
        context: &BTreeMap<String, String>,
    ) -> Result<Decrypted, KmsError> {
        let (origin, sealed) = Origin::parse(ciphertext)?;
        self.with_key(&origin.key.to_string(), Usage::EncryptDecrypt, |key, arn| {
            let backing = key.backings.iter().find(|backing| backing.id == origin.backing);
            let cipher = backing.ok_or(KmsError::InvalidCiphertext)?.cipher()?;
            let plaintext = sealing::open(cipher, origin, sealed, context)?;
            Ok(Decrypted { plaintext, key_arn: arn.to_owned() })
        })
    }

    /// Answers one request of the AWS JSON protocol, named by its `X-Amz-Target`.
    #[must_use]
    pub fn respond(&self, target: &str, body: &[u8]) -> (StatusCode, Vec<u8>) {
        match wire::answer(self, target, body) {
            Ok(answer) => (StatusCode::OK, answer),
            Err(error) => {
                if error.is_internal() {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        target,
                        "the key service failed"
                    );
                }
                (error.status(), error.body())
            }
        }
    }

    /// Erases the material of every key whose waiting period is over; returns the keys' ARNs.
    ///
    /// # Errors
    /// When the disk refuses; then nothing is erased.
    pub fn expire_keys(&self, now: Timestamp) -> Result<Vec<String>, KmsError> {
        let mut keyring = self.inner.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = keyring.clone();
        let gone = next.expire(now);
        if !gone.is_empty() {
            self.inner.disk.save_and_erase(&next)?;
            *keyring = next;
        }
        Ok(gone.into_iter().map(|id| self.inner.place.key_arn(id)).collect())
    }

    /// Gives new material to every key whose automatic rotation is due; returns the keys' ARNs.
    ///
    /// # Errors
    /// When the disk refuses; then nothing is rotated.
    pub fn rotate_due_keys(&self, now: Timestamp) -> Result<Vec<String>, KmsError> {
        let due = |key: &&Key| {
            key.status == Status::Enabled && key.next_rotation().is_some_and(|next_at| next_at <= now)
        };
        let due: Vec<Uuid> =
            self.read(|keyring| keyring.keys.values().filter(due).map(|key| key.id).collect());
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.change(|keyring| {
            for id in &due {
                keyring.key_mut(*id)?.add_generation(&self.inner.disk.root, Cause::Automatic, now)?;
            }
            Ok(())
        })?;
        Ok(due.into_iter().map(|id| self.inner.place.key_arn(id)).collect())
    }

    fn place(&self) -> &Place {
        &self.inner.place
    }

    fn read<T>(&self, look: impl FnOnce(&Keyring) -> T) -> T {
        look(&self.inner.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `use_key` with the named key when it is enabled and made for `usage`.
    fn with_key<T>(
        &self,
        name: &str,
        usage: Usage,
        use_key: impl FnOnce(&Key, &str) -> Result<T, KmsError>,
    ) -> Result<T, KmsError> {
        self.read(|keyring| {
            let key = keyring.key(keyring.resolve(name, self.place())?)?;
            let arn = self.place().key_arn(key.id);
            key.usable_for(usage, &arn)?;
            use_key(key, &arn)
        })
    }

    /// Changes the keys: what `alter` made is on disk before anyone sees it, or nothing changed.
    fn change<T>(&self, alter: impl FnOnce(&mut Keyring) -> Result<T, KmsError>) -> Result<T, KmsError> {
        let mut keyring = self.inner.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = keyring.clone();
        let outcome = alter(&mut next)?;
        self.inner.disk.save(&next)?;
        *keyring = next;
        Ok(outcome)
    }

    /// Changes one key that the caller names by its id or ARN.
    fn change_key<T>(
        &self,
        name: &str,
        alter: impl FnOnce(&mut Key, &str) -> Result<T, KmsError>,
    ) -> Result<T, KmsError> {
        self.change(|keyring| {
            let id = keyring.resolve_id(name, self.place())?;
            alter(keyring.key_mut(id)?, &self.place().key_arn(id))
        })
    }

    /// Makes a key with its first material.
    fn create_key(&self, order: NewKey) -> Result<Key, KmsError> {
        let id = ambient::new_id()?;
        let now = ambient::now();
        let mut key = Key {
            id,
            spec: order.spec,
            usage: order.usage,
            status: Status::Enabled,
            created_at: now,
            description: order.description,
            policy: order.policy,
            tags: order.tags,
            rotation_days: None,
            backings: Vec::new(),
        };
        key.add_generation(&self.inner.disk.root, Cause::Creation, now)?;
        self.change(|keyring| {
            keyring.keys.insert(id, key.clone());
            Ok(key)
        })
    }
}

/// What a caller orders with `CreateKey`.
struct NewKey {
    spec: Spec,
    usage: Usage,
    description: String,
    policy: Option<String>,
    tags: BTreeMap<String, String>,
}
