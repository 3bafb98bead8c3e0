//! Using keys: sealing, opening, data keys, randomness, signatures.

use std::collections::BTreeMap;

use ring::digest;
use serde::Deserialize;
use serde_json::json;

use super::super::error::KmsError;
use super::super::key::Usage;
use super::super::{Decrypted, Kms};
use super::{Answer, Blob, OnKey, base64};
use crate::aws::ambient;

const MAX_PLAINTEXT: usize = 4096;
const MAX_CIPHERTEXT: usize = 6144;
const MAX_CONTEXT: usize = 8192;
const MAX_RANDOM: usize = 1024;
const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const ECDSA: &str = "ECDSA_SHA_256";

type Context = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypt {
    key_id: String,
    plaintext: Blob,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

pub(super) fn encrypt(kms: &Kms, input: Encrypt) -> Answer {
    check_context(&input.encryption_context)?;
    check_algorithm(input.encryption_algorithm.as_deref())?;
    let plaintext = input.plaintext.within("plaintext", MAX_PLAINTEXT)?;
    let (ciphertext, arn) = kms.encrypt(&input.key_id, plaintext, &input.encryption_context)?;
    Ok(json!({ "CiphertextBlob": base64(&ciphertext), "KeyId": arn, "EncryptionAlgorithm": SYMMETRIC }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypt {
    ciphertext_blob: Blob,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

pub(super) fn decrypt(kms: &Kms, input: Decrypt) -> Answer {
    check_algorithm(input.encryption_algorithm.as_deref())?;
    let opened = open(kms, &input.ciphertext_blob, input.key_id.as_deref(), &input.encryption_context)?;
    Ok(json!({
        "Plaintext": base64(&opened.plaintext),
        "KeyId": opened.key_arn,
        "EncryptionAlgorithm": SYMMETRIC,
    }))
}

/// Opens a ciphertext, and refuses when it was not made under the key the caller expects.
fn open(
    kms: &Kms,
    ciphertext: &Blob,
    expected: Option<&str>,
    context: &Context,
) -> Result<Decrypted, KmsError> {
    check_context(context)?;
    let ciphertext = ciphertext.within("ciphertext", MAX_CIPHERTEXT)?;
    let expected = expected.map(|name| kms.read(|keyring| keyring.resolve(name, kms.place()))).transpose()?;
    let (origin, _) = super::super::Origin::parse(ciphertext)?;
    if expected.is_some_and(|id| id != origin.key) {
        return Err(KmsError::IncorrectKey);
    }
    kms.decrypt(ciphertext, context)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReEncrypt {
    ciphertext_blob: Blob,
    source_key_id: Option<String>,
    #[serde(default)]
    source_encryption_context: Context,
    source_encryption_algorithm: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: Context,
    destination_encryption_algorithm: Option<String>,
}

pub(super) fn re_encrypt(kms: &Kms, input: ReEncrypt) -> Answer {
    check_algorithm(input.source_encryption_algorithm.as_deref())?;
    check_algorithm(input.destination_encryption_algorithm.as_deref())?;
    check_context(&input.destination_encryption_context)?;
    let source = input.source_key_id.as_deref();
    let opened = open(kms, &input.ciphertext_blob, source, &input.source_encryption_context)?;
    let (ciphertext, arn) =
        kms.encrypt(&input.destination_key_id, &opened.plaintext, &input.destination_encryption_context)?;
    Ok(json!({
        "CiphertextBlob": base64(&ciphertext),
        "SourceKeyId": opened.key_arn,
        "KeyId": arn,
        "SourceEncryptionAlgorithm": SYMMETRIC,
        "DestinationEncryptionAlgorithm": SYMMETRIC,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateDataKey {
    key_id: String,
    #[serde(default)]
    encryption_context: Context,
    number_of_bytes: Option<usize>,
    key_spec: Option<DataKeySpec>,
}

#[derive(Deserialize)]
enum DataKeySpec {
    #[serde(rename = "AES_256")]
    Aes256,
    #[serde(rename = "AES_128")]
    Aes128,
}

pub(super) fn generate_data_key(kms: &Kms, input: GenerateDataKey, with_plaintext: bool) -> Answer {
    check_context(&input.encryption_context)?;
    let length = match (input.number_of_bytes, input.key_spec) {
        (Some(length), None) => length,
        (None, Some(DataKeySpec::Aes256)) => 32,
        (None, Some(DataKeySpec::Aes128)) => 16,
        _ => return Err(KmsError::Validation("name either a number of bytes or a key spec".into())),
    };
    let key = kms.generate_data_key(&input.key_id, &input.encryption_context, length)?;
    let mut answer = json!({ "CiphertextBlob": base64(&key.ciphertext), "KeyId": key.key_arn });
    if let (true, Some(fields)) = (with_plaintext, answer.as_object_mut()) {
        fields.insert("Plaintext".into(), json!(base64(&key.plaintext)));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateRandom {
    number_of_bytes: usize,
}

pub(super) fn generate_random(input: GenerateRandom) -> Answer {
    if !(1..=MAX_RANDOM).contains(&input.number_of_bytes) {
        return Err(KmsError::Validation(format!("the number of bytes must be 1 to {MAX_RANDOM}")));
    }
    let mut bytes = vec![0; input.number_of_bytes];
    ambient::fill(&mut bytes)?;
    Ok(json!({ "Plaintext": base64(&bytes) }))
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum MessageType {
    #[default]
    Raw,
    Digest,
}

impl MessageType {
    /// The SHA-256 digest that is signed: of the message, or the message itself.
    fn digest(self, message: &Blob) -> Result<Vec<u8>, KmsError> {
        match self {
            Self::Raw => {
                let message = message.within("message", MAX_PLAINTEXT)?;
                Ok(digest::digest(&digest::SHA256, message).as_ref().to_vec())
            }
            Self::Digest if message.0.len() == digest::SHA256_OUTPUT_LEN => Ok(message.0.clone()),
            Self::Digest => Err(KmsError::Validation("a digest for ECDSA_SHA_256 has 32 bytes".into())),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sign {
    key_id: String,
    message: Blob,
    #[serde(default)]
    message_type: MessageType,
    signing_algorithm: String,
}

pub(super) fn sign(kms: &Kms, input: Sign) -> Answer {
    let digest = input.message_type.digest(&input.message)?;
    kms.with_key(&input.key_id, Usage::SignVerify, |key, arn| {
        check_signing(&input.signing_algorithm)?;
        let signature = key.sign(&digest)?;
        Ok(json!({ "KeyId": arn, "Signature": base64(&signature), "SigningAlgorithm": ECDSA }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Verify {
    key_id: String,
    message: Blob,
    #[serde(default)]
    message_type: MessageType,
    signature: Blob,
    signing_algorithm: String,
}

pub(super) fn verify(kms: &Kms, input: Verify) -> Answer {
    let digest = input.message_type.digest(&input.message)?;
    let signature = input.signature.within("signature", MAX_CIPHERTEXT)?;
    kms.with_key(&input.key_id, Usage::SignVerify, |key, arn| {
        check_signing(&input.signing_algorithm)?;
        if !key.verifies(&digest, signature)? {
            return Err(KmsError::InvalidSignature);
        }
        Ok(json!({ "KeyId": arn, "SignatureValid": true, "SigningAlgorithm": ECDSA }))
    })
}

pub(super) fn get_public_key(kms: &Kms, input: OnKey) -> Answer {
    kms.read(|keyring| {
        let key = keyring.key(keyring.resolve(&input.key_id, kms.place())?)?;
        let arn = kms.place().key_arn(key.id);
        // A symmetric key has no public half, whatever state it is in.
        if key.usage != Usage::SignVerify {
            return Err(KmsError::UnsupportedOperation(format!("{arn} has no public key")));
        }
        key.usable_for(Usage::SignVerify, &arn)?;
        Ok(json!({
            "KeyId": arn,
            "PublicKey": base64(&key.public_key()?),
            "KeySpec": key.spec,
            "CustomerMasterKeySpec": key.spec,
            "KeyUsage": key.usage,
            "SigningAlgorithms": [ECDSA],
        }))
    })
}

fn check_context(context: &Context) -> Result<(), KmsError> {
    let length: usize = context.iter().map(|(key, value)| key.len() + value.len()).sum();
    if length <= MAX_CONTEXT {
        return Ok(());
    }
    Err(KmsError::Validation(format!("the encryption context is longer than {MAX_CONTEXT} bytes")))
}

fn check_algorithm(algorithm: Option<&str>) -> Result<(), KmsError> {
    match algorithm {
        None | Some(SYMMETRIC) => Ok(()),
        Some(other) => {
            Err(KmsError::InvalidKeyUsage(format!("`{other}` is no algorithm of a symmetric key")))
        }
    }
}

fn check_signing(algorithm: &str) -> Result<(), KmsError> {
    if algorithm == ECDSA {
        return Ok(());
    }
    Err(KmsError::InvalidKeyUsage(format!("`{algorithm}` is no algorithm of a p-256 key")))
}
