//! The key service on disk: `root.key`, which wraps, and `keys.json`, which
//! holds every key with its material wrapped.
//!
//! A change is a new file written beside the old one, flushed, and renamed over
//! it, so that a crash leaves the state before or the state after.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::aead::LessSafeKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::KmsError;
use super::key::{Backing, Cause, Key, Material, Spec, Status, Usage, wrapping_context};
use super::keyring::{Alias, Keyring};
use super::sealing;
use crate::aws::ambient;

const FORMAT: u32 = 1;
const ROOT_KEY_LEN: usize = 32;

/// Where the keys are kept, and the root key that wraps them.
pub(super) struct Disk {
    dir: PathBuf,
    pub root: LessSafeKey,
}

impl Disk {
    /// Opens the folder; makes it and the root key the first time.
    pub(super) fn open(dir: &Path) -> Result<Self, KmsError> {
        fs::create_dir_all(dir)?;
        let root = match fs::read(dir.join("root.key")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => create_root(dir)?,
            Err(error) => return Err(error.into()),
        };
        if root.len() != ROOT_KEY_LEN {
            return Err(KmsError::Corrupt("the root key has the wrong length".into()));
        }
        Ok(Self { dir: dir.to_path_buf(), root: sealing::cipher(&root)? })
    }

    /// Reads every key and unwraps its material.
    pub(super) fn load(&self) -> Result<Keyring, KmsError> {
        let bytes = match fs::read(self.dir.join("keys.json")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Keyring::default()),
            Err(error) => return Err(error.into()),
        };
        let stored: Stored = serde_json::from_slice(&bytes)
            .map_err(|error| KmsError::Corrupt(format!("the key file cannot be read: {error}")))?;
        if stored.format != FORMAT {
            return Err(KmsError::Corrupt(format!("the key file has the unknown format {}", stored.format)));
        }
        let keys = stored.keys.into_iter().map(|key| Ok((key.id, key.unwrap(&self.root)?)));
        Ok(Keyring { keys: keys.collect::<Result<_, KmsError>>()?, aliases: stored.aliases })
    }

    /// Replaces what is on disk.
    pub(super) fn save(&self, keyring: &Keyring) -> Result<(), KmsError> {
        let stored = Stored {
            format: FORMAT,
            keys: keyring.keys.values().map(StoredKey::from).collect(),
            aliases: keyring.aliases.clone(),
        };
        let bytes = serde_json::to_vec(&stored).map_err(|error| KmsError::Internal(error.to_string()))?;
        replace(&self.dir, "keys.json", &bytes)?;
        Ok(())
    }

    /// Replaces what is on disk and blanks the file that was there, so that the
    /// material of a deleted key does not linger in freed blocks.
    pub(super) fn save_and_erase(&self, keyring: &Keyring) -> Result<(), KmsError> {
        let mut old = OpenOptions::new().read(true).write(true).open(self.dir.join("keys.json"))?;
        self.save(keyring)?;
        let length = old.metadata()?.len();
        old.rewind()?;
        std::io::copy(&mut std::io::repeat(0).take(length), &mut old)?;
        old.sync_all()?;
        Ok(())
    }
}

fn create_root(dir: &Path) -> Result<Vec<u8>, KmsError> {
    // A new root key beside existing keys could not unwrap one of them.
    if dir.join("keys.json").exists() {
        return Err(KmsError::Corrupt("the root key of the existing keys is missing".into()));
    }
    let root: [u8; ROOT_KEY_LEN] = ambient::random()?;
    replace(dir, "root.key", &root)?;
    Ok(root.to_vec())
}

/// Writes `name` anew, readable by its owner only, whole or not at all.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let beside = dir.join(format!("{name}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, dir.join(name))?;
    // The rename itself is durable only once the folder is.
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    keys: Vec<StoredKey>,
    aliases: BTreeMap<String, Alias>,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    id: Uuid,
    spec: Spec,
    usage: Usage,
    status: Status,
    created_at: Timestamp,
    description: String,
    policy: Option<String>,
    tags: BTreeMap<String, String>,
    rotation_days: Option<u16>,
    backings: Vec<StoredBacking>,
}

#[derive(Serialize, Deserialize)]
struct StoredBacking {
    id: Uuid,
    created_at: Timestamp,
    cause: Cause,
    wrapped: String,
}

impl From<&Key> for StoredKey {
    fn from(key: &Key) -> Self {
        Self {
            id: key.id,
            spec: key.spec,
            usage: key.usage,
            status: key.status,
            created_at: key.created_at,
            description: key.description.clone(),
            policy: key.policy.clone(),
            tags: key.tags.clone(),
            rotation_days: key.rotation_days,
            backings: key.backings.iter().map(StoredBacking::from).collect(),
        }
    }
}

impl From<&Backing> for StoredBacking {
    fn from(backing: &Backing) -> Self {
        Self {
            id: backing.id,
            created_at: backing.created_at,
            cause: backing.cause,
            wrapped: STANDARD.encode(&backing.wrapped),
        }
    }
}

impl StoredKey {
    fn unwrap(self, root: &LessSafeKey) -> Result<Key, KmsError> {
        let backings = self.backings.into_iter().map(|backing| backing.unwrap(self.id, self.spec, root));
        Ok(Key {
            backings: backings.collect::<Result<_, _>>()?,
            id: self.id,
            spec: self.spec,
            usage: self.usage,
            status: self.status,
            created_at: self.created_at,
            description: self.description,
            policy: self.policy,
            tags: self.tags,
            rotation_days: self.rotation_days,
        })
    }
}

impl StoredBacking {
    fn unwrap(self, key: Uuid, spec: Spec, root: &LessSafeKey) -> Result<Backing, KmsError> {
        let damaged = || KmsError::Corrupt(format!("the material of key {key} cannot be unwrapped"));
        let wrapped = STANDARD.decode(&self.wrapped).map_err(|_| damaged())?;
        let bytes =
            sealing::open_bytes(root, &wrapped, &wrapping_context(key, self.id, spec)).ok_or_else(damaged)?;
        let material = Arc::new(Material::parse(spec, &bytes)?);
        Ok(Backing { id: self.id, created_at: self.created_at, cause: self.cause, wrapped, material })
    }
}
