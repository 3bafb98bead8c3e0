//! A key: what it is for, the state it is in, and its generations of material.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use ring::aead::LessSafeKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::KmsError;
use super::sealing;
use crate::aws::ambient;

/// AWS lets a key be rotated by hand this often in its life.
const MAX_ON_DEMAND_ROTATIONS: usize = 25;
/// The beginning of every P-256 public key in SubjectPublicKeyInfo form; the 65 bytes of the point follow.
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The kinds of key this service makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Spec {
    #[default]
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    #[serde(rename = "ECC_NIST_P256")]
    P256,
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Usage {
    #[default]
    #[serde(rename = "ENCRYPT_DECRYPT")]
    EncryptDecrypt,
    #[serde(rename = "SIGN_VERIFY")]
    SignVerify,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Enabled,
    Disabled,
    PendingDeletion { delete_at: Timestamp },
}

/// Why a generation of material was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cause {
    Creation,
    Automatic,
    OnDemand,
}

/// The secret itself, in memory only.
pub(super) enum Material {
    Symmetric(Box<LessSafeKey>),
    P256(Box<SigningKey>),
}

impl Material {
    /// Reads the secret's 32 bytes: an AES key, or a scalar of the curve.
    pub(super) fn parse(spec: Spec, bytes: &[u8]) -> Result<Self, KmsError> {
        match spec {
            Spec::Symmetric => Ok(Self::Symmetric(Box::new(sealing::cipher(bytes)?))),
            Spec::P256 => SigningKey::from_slice(bytes)
                .map(|key| Self::P256(Box::new(key)))
                .map_err(|_| KmsError::Corrupt("a signing key is not on its curve".into())),
        }
    }

    /// Draws a new secret; returns its bytes too, for wrapping.
    fn draw(spec: Spec) -> Result<(Self, [u8; 32]), KmsError> {
        // About one draw in 2^32 is no scalar of the curve, hence more than one try.
        for _ in 0..4 {
            let bytes: [u8; 32] = ambient::random()?;
            if let Ok(material) = Self::parse(spec, &bytes) {
                return Ok((material, bytes));
            }
        }
        Err(KmsError::Internal("no signing key could be drawn".into()))
    }
}

/// One generation of a key's material. Older ones only open what they sealed.
#[derive(Clone)]
pub(super) struct Backing {
    pub id: Uuid,
    pub created_at: Timestamp,
    pub cause: Cause,
    /// The material under the root key, as it is kept on disk.
    pub wrapped: Vec<u8>,
    pub material: Arc<Material>,
}

/// A key with its past and present material, newest last.
#[derive(Clone)]
pub(super) struct Key {
    pub id: Uuid,
    pub spec: Spec,
    pub usage: Usage,
    pub status: Status,
    pub created_at: Timestamp,
    pub description: String,
    pub policy: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub rotation_days: Option<u16>,
    pub backings: Vec<Backing>,
}

impl Key {
    /// The newest generation, which seals and signs.
    pub(super) fn current(&self) -> Result<&Backing, KmsError> {
        self.backings.last().ok_or_else(|| KmsError::Corrupt("a key has no material".into()))
    }

    /// Refuses a key that is switched off, on its way out, or made for something else.
    pub(super) fn usable_for(&self, usage: Usage, arn: &str) -> Result<(), KmsError> {
        match self.status {
            Status::Enabled => {}
            Status::Disabled => return Err(KmsError::Disabled(arn.into())),
            Status::PendingDeletion { .. } => {
                return Err(KmsError::InvalidState(format!("{arn} is pending deletion")));
            }
        }
        if self.usage == usage {
            return Ok(());
        }
        Err(KmsError::InvalidKeyUsage(format!("{arn} has another key usage than the operation needs")))
    }

    /// Refuses a key on its way out; a disabled one may still be managed.
    pub(super) fn not_pending(&self, arn: &str) -> Result<(), KmsError> {
        match self.status {
            Status::PendingDeletion { .. } => {
                Err(KmsError::InvalidState(format!("{arn} is pending deletion")))
            }
            Status::Enabled | Status::Disabled => Ok(()),
        }
    }

    /// Only symmetric keys rotate.
    pub(super) fn rotates(&self, arn: &str) -> Result<(), KmsError> {
        match self.spec {
            Spec::Symmetric => Ok(()),
            Spec::P256 => {
                Err(KmsError::UnsupportedOperation(format!("{arn} is of a kind that does not rotate")))
            }
        }
    }

    /// Adds a generation; what the earlier ones sealed still opens.
    pub(super) fn add_generation(
        &mut self,
        root: &LessSafeKey,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), KmsError> {
        let by_hand = self.backings.iter().filter(|backing| backing.cause == Cause::OnDemand).count();
        if cause == Cause::OnDemand && by_hand >= MAX_ON_DEMAND_ROTATIONS {
            return Err(KmsError::LimitExceeded("the key has used up its rotations on demand".into()));
        }
        let id = ambient::new_id()?;
        let (material, bytes) = Material::draw(self.spec)?;
        let wrapped = sealing::seal_bytes(root, &bytes, &wrapping_context(self.id, id, self.spec))?;
        self.backings.push(Backing { id, created_at: now, cause, wrapped, material: Arc::new(material) });
        Ok(())
    }

    /// When the yearly (or otherwise set) rotation falls due; `None` without automatic rotation.
    pub(super) fn next_rotation(&self) -> Option<Timestamp> {
        let days = i64::from(self.rotation_days?);
        let latest = self.backings.last()?.created_at;
        latest.checked_add((days * 24).hours()).ok()
    }

    /// Signs a SHA-256 digest; DER, as AWS answers.
    pub(super) fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, KmsError> {
        let signature: Signature = self
            .signer()?
            .sign_prehash(digest)
            .map_err(|_| KmsError::Validation("the digest has the wrong length".into()))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    /// Whether `signature` (DER) is this key's over the SHA-256 `digest`.
    pub(super) fn verifies(&self, digest: &[u8], signature: &[u8]) -> Result<bool, KmsError> {
        let verifying = *self.signer()?.verifying_key();
        let Ok(signature) = DerSignature::from_bytes(signature) else { return Ok(false) };
        Ok(verifying.verify_prehash(digest, &signature).is_ok())
    }

    /// The public half as DER SubjectPublicKeyInfo.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, KmsError> {
        let point = self.signer()?.verifying_key().to_encoded_point(false);
        Ok([P256_SPKI_PREFIX.as_slice(), point.as_bytes()].concat())
    }

    fn signer(&self) -> Result<&SigningKey, KmsError> {
        match self.current()?.material.as_ref() {
            Material::P256(key) => Ok(key),
            Material::Symmetric(_) => {
                Err(KmsError::UnsupportedOperation("a symmetric key cannot sign".into()))
            }
        }
    }
}

impl Backing {
    pub(super) fn cipher(&self) -> Result<&LessSafeKey, KmsError> {
        match self.material.as_ref() {
            Material::Symmetric(cipher) => Ok(cipher),
            Material::P256(_) => Err(KmsError::UnsupportedOperation("a signing key cannot encrypt".into())),
        }
    }
}

/// Binds wrapped material to its place, so that material cannot be moved between keys on disk.
pub(super) fn wrapping_context(key: Uuid, backing: Uuid, spec: Spec) -> Vec<u8> {
    let kind = match spec {
        Spec::Symmetric => b's',
        Spec::P256 => b'p',
    };
    [b"material".as_slice(), key.as_bytes(), backing.as_bytes(), &[kind]].concat()
}
