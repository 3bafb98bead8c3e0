//! AES-256-GCM with the identity of what is sealed as associated data, so that ciphertext moved to another
//! record, client or organization does not open.

use crate::VaultError;
use domain::Sealed;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// What a ciphertext belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding(String);

impl Binding {
    /// `what` names the thing and its part (`record/title`); ids say which one.
    pub fn new(what: &str, ids: &[&dyn fmt::Display]) -> Self {
        let ids = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
        Self(format!("strongroom/1|{what}|{ids}"))
    }
}

/// 256 bits that seal, and never show themselves.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

impl Key {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes.try_into().map(Self).map_err(|_| VaultError::Corrupt("a key is not 256 bits"))
    }

    pub(crate) fn random(random: &SystemRandom) -> Result<Self, VaultError> {
        let mut bytes = [0; 32];
        random.fill(&mut bytes).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
        Ok(Self(bytes))
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<LessSafeKey, VaultError> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0).map_err(|_| VaultError::Corrupt("not a key"))?;
        Ok(LessSafeKey::new(key))
    }

    /// Nonce, then ciphertext and tag. A key seals few things, so random nonces do not meet.
    pub(crate) fn seal_bytes(
        &self,
        random: &SystemRandom,
        binding: &Binding,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
        let mut body = plain.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(binding.0.as_bytes()),
                &mut body,
            )
            .map_err(|_| VaultError::Corrupt("cannot seal"))?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    pub(crate) fn open_bytes(&self, binding: &Binding, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, body) =
            sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Corrupt("ciphertext is too short"))?;
        let nonce =
            Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Corrupt("not a nonce"))?;
        let mut body = body.to_vec();
        let plain = self
            .cipher()?
            .open_in_place(nonce, Aad::from(binding.0.as_bytes()), &mut body)
            .map_err(|_| VaultError::Corrupt("ciphertext does not open"))?;
        Ok(plain.to_vec())
    }

    pub(crate) fn seal<T: Serialize>(
        &self,
        random: &SystemRandom,
        binding: &Binding,
        value: &T,
    ) -> Result<Sealed<T>, VaultError> {
        let plain = serde_json::to_vec(value).map_err(|_| VaultError::Corrupt("cannot be written"))?;
        self.seal_bytes(random, binding, &plain).map(Sealed::from_bytes)
    }

    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        binding: &Binding,
        sealed: &Sealed<T>,
    ) -> Result<T, VaultError> {
        let plain = self.open_bytes(binding, sealed.as_bytes())?;
        serde_json::from_slice(&plain).map_err(|_| VaultError::Corrupt("content cannot be read"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_opens_only_under_its_key_and_identity() {
        let random = SystemRandom::new();
        let (key, other) = (Key::random(&random).unwrap(), Key::random(&random).unwrap());
        let binding = Binding::new("record/title", &[&"a", &"b"]);
        let sealed = key.seal(&random, &binding, &"Panoramic".to_owned()).unwrap();
        assert_eq!(key.open(&binding, &sealed).unwrap(), "Panoramic");
        assert!(other.open(&binding, &sealed).is_err());
        assert!(key.open(&Binding::new("record/title", &[&"a", &"c"]), &sealed).is_err());
        let mut torn = sealed.as_bytes().to_vec();
        torn[14] ^= 1;
        assert!(key.open::<String>(&binding, &Sealed::from_bytes(torn)).is_err());
        assert!(key.open::<String>(&binding, &Sealed::from_bytes(vec![1])).is_err());
    }
}
