//! Signatures on the chain of custody and on certificates of destruction, by a key that never leaves KMS (R095, R155).

use crate::{Vault, VaultError};
use authz::Permit;
use aws_sdk_kms::{
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::digest;

/// Characters on a line of a PEM file (RFC 7468).
const PEM_LINE_CHARS: usize = 64;

/// A signature, and the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key, as KMS names it.
    pub key_id: String,
    /// ECDSA over P-256 and SHA-256, ASN.1 DER in Base64.
    pub text: String,
}

/// The public half of the key that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The key, as KMS names it.
    pub key_id: String,
    /// `SubjectPublicKeyInfo` as PEM: what `openssl dgst -sha256 -verify` takes.
    pub pem: String,
}

impl Vault {
    /// Signs a statement of custody: one call to KMS.
    pub async fn sign_custody(&self, _permit: &Permit, statement: &str) -> Result<Signature, VaultError> {
        self.sign(statement.as_bytes(), MessageType::Raw).await
    }

    /// Signs what may be longer than KMS takes, by its SHA-256: the signature is the same kind of signature, and is
    /// checked on the bytes themselves. One call to KMS.
    pub async fn sign_document(&self, _permit: &Permit, document: &[u8]) -> Result<Signature, VaultError> {
        let digest = digest::digest(&digest::SHA256, document);
        self.sign(digest.as_ref(), MessageType::Digest).await
    }

    async fn sign(&self, message: &[u8], kind: MessageType) -> Result<Signature, VaultError> {
        let request = self
            .kms()
            .sign()
            .key_id(self.custody_key_id())
            .message(Blob::new(message))
            .message_type(kind)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let reply = request.send().await.map_err(VaultError::from_sdk)?;
        let key_id = reply.key_id.ok_or(VaultError::Corrupt("KMS named no key"))?;
        let signature = reply.signature.ok_or(VaultError::Corrupt("KMS sent no signature"))?;
        Ok(Signature { key_id, text: STANDARD.encode(signature.as_ref()) })
    }

    /// The key that statements of custody are checked with: one call to KMS.
    pub async fn custody_key(&self) -> Result<VerifyingKey, VaultError> {
        let request = self.kms().get_public_key().key_id(self.custody_key_id());
        let reply = request.send().await.map_err(VaultError::from_sdk)?;
        let key_id = reply.key_id.ok_or(VaultError::Corrupt("KMS named no key"))?;
        let key = reply.public_key.ok_or(VaultError::Corrupt("KMS sent no public key"))?;
        Ok(VerifyingKey { key_id, pem: pem(key.as_ref()) })
    }
}

fn pem(spki: &[u8]) -> String {
    let text = STANDARD.encode(spki);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for (at, character) in text.chars().enumerate() {
        if at > 0 && at % PEM_LINE_CHARS == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_written_as_tools_read_it() {
        let pem = pem(&[7; 91]);
        let lines: Vec<&str> = pem.lines().collect();
        assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [26, 64, 60, 24]);
        assert_eq!(STANDARD.decode(lines[1..3].concat()).unwrap(), [7; 91]);
    }
}
