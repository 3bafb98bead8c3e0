//! Sealing under AES-256-GCM: the shape of a ciphertext, and the canonical
//! bytes of an encryption context that bind it.
//!
//! A ciphertext is `version (1) | key id (16) | backing key id (16) | nonce (12) | sealed bytes and tag`.
//! All that precedes the nonce is authenticated together with the context, so
//! that a ciphertext cannot be made to name another key.

use std::collections::BTreeMap;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use uuid::Uuid;

use super::error::KmsError;
use crate::aws::ambient;

const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + 16 + 16;

/// Which key, and which generation of it, sealed a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub key: Uuid,
    pub backing: Uuid,
}

impl Origin {
    fn header(self) -> [u8; HEADER_LEN] {
        let mut header = [0; HEADER_LEN];
        let bytes = [VERSION].into_iter().chain(*self.key.as_bytes()).chain(*self.backing.as_bytes());
        header.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
        header
    }

    /// Reads who sealed `ciphertext`, and returns what follows: nonce and sealed bytes.
    pub(super) fn parse(ciphertext: &[u8]) -> Result<(Self, &[u8]), KmsError> {
        let (header, rest) = ciphertext.split_at_checked(HEADER_LEN).ok_or(KmsError::InvalidCiphertext)?;
        let [VERSION, ids @ ..] = header else { return Err(KmsError::InvalidCiphertext) };
        let (key, backing) = ids.split_at_checked(16).ok_or(KmsError::InvalidCiphertext)?;
        let id = |bytes| Uuid::from_slice(bytes).map_err(|_| KmsError::InvalidCiphertext);
        Ok((Self { key: id(key)?, backing: id(backing)? }, rest))
    }
}

/// A key for AES-256-GCM out of its 32 bytes.
pub(super) fn cipher(material: &[u8]) -> Result<LessSafeKey, KmsError> {
    let key = UnboundKey::new(&AES_256_GCM, material)
        .map_err(|_| KmsError::Corrupt("a key has the wrong length".into()))?;
    Ok(LessSafeKey::new(key))
}

/// Seals under a fresh nonce, which comes first in the result.
pub(super) fn seal_bytes(cipher: &LessSafeKey, plaintext: &[u8], aad: &[u8]) -> Result<Vec<u8>, KmsError> {
    let nonce: [u8; NONCE_LEN] = ambient::random()?;
    let mut sealed = plaintext.to_vec();
    cipher
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed)
        .map_err(|_| KmsError::Internal("sealing failed".into()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal_bytes`] made; `None` when key, bytes or associated data differ.
pub(super) fn open_bytes(cipher: &LessSafeKey, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut bytes = sealed.to_vec();
    let length = cipher.open_in_place(nonce, Aad::from(aad), &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// Seals `plaintext` into a ciphertext that names its origin and is bound to `context`.
pub(super) fn seal(
    cipher: &LessSafeKey,
    origin: Origin,
    plaintext: &[u8],
    context: &BTreeMap<String, String>,
) -> Result<Vec<u8>, KmsError> {
    let header = origin.header();
    let sealed = seal_bytes(cipher, plaintext, &associated(header, context))?;
    Ok([header.as_slice(), &sealed].concat())
}

/// Opens what follows the header of a ciphertext that `origin` sealed.
pub(super) fn open(
    cipher: &LessSafeKey,
    origin: Origin,
    sealed: &[u8],
    context: &BTreeMap<String, String>,
) -> Result<Vec<u8>, KmsError> {
    open_bytes(cipher, sealed, &associated(origin.header(), context)).ok_or(KmsError::InvalidCiphertext)
}

/// The associated data: the header, then the context's pairs in key order, each
/// part preceded by its length, so that no two contexts have the same bytes.
fn associated(header: [u8; HEADER_LEN], context: &BTreeMap<String, String>) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.extend((context.len() as u64).to_be_bytes());
    for part in context.iter().flat_map(|(key, value)| [key, value]) {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
    }

    #[test]
    fn contexts_that_join_to_the_same_text_have_different_bytes() {
        let header = Origin { key: Uuid::nil(), backing: Uuid::nil() }.header();
        let split = |pairs| associated(header, &context(pairs));
        assert_ne!(split(&[("ab", "c")]), split(&[("a", "bc")]));
        assert_ne!(split(&[("a", ""), ("b", "")]), split(&[("a", "b")]));
        assert_eq!(split(&[("a", "1"), ("b", "2")]), split(&[("b", "2"), ("a", "1")]));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let cipher = cipher(&[7; 32]).unwrap();
        let origin = Origin { key: Uuid::from_u128(1), backing: Uuid::from_u128(2) };
        let sealed = seal(&cipher, origin, b"secret", &context(&[("client", "c1")])).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            let opened = Origin::parse(&altered)
                .and_then(|(origin, rest)| open(&cipher, origin, rest, &context(&[("client", "c1")])));
            assert!(opened.is_err(), "byte {at} can be altered unnoticed");
        }
        let (found, rest) = Origin::parse(&sealed).unwrap();
        assert_eq!(found, origin);
        assert_eq!(open(&cipher, found, rest, &context(&[("client", "c1")])).unwrap(), b"secret");
        assert!(open(&cipher, found, rest, &context(&[])).is_err());
    }

    #[test]
    fn short_ciphertexts_are_refused() {
        for length in 0..60 {
            let bytes = vec![VERSION; length];
            let opened = Origin::parse(&bytes)
                .and_then(|(origin, rest)| open(&cipher(&[0; 32]).unwrap(), origin, rest, &BTreeMap::new()));
            assert!(opened.is_err());
        }
    }
}
