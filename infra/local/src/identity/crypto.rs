//! Randomness and fingerprints, over `ring`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::error::IdentityError;

/// Fresh bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], IdentityError> {
    let mut bytes = [0_u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| IdentityError::Random)?;
    Ok(bytes)
}

/// A new secret of 256 bits, as it travels in cookies, codes and refresh tokens.
pub fn secret() -> Result<String, IdentityError> {
    Ok(encode(&random::<32>()?))
}

/// A new random identifier.
pub fn identifier() -> Result<String, IdentityError> {
    Ok(uuid::Builder::from_random_bytes(random::<16>()?).into_uuid().to_string())
}

/// What is kept of a secret, so that it can be recognised and not learnt.
pub fn fingerprint(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Base64 for addresses, without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of [`encode`], refusing any other spelling of them.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A keyed fingerprint of a label and a value.
pub fn keyed(key: &hmac::Key, label: &str, value: &str) -> Vec<u8> {
    hmac::sign(key, format!("{label}\n{value}").as_bytes()).as_ref().to_vec()
}

/// Whether `tag` is the keyed fingerprint of the label and the value, in constant time.
pub fn keyed_matches(key: &hmac::Key, label: &str, value: &str, tag: &[u8]) -> bool {
    hmac::verify(key, format!("{label}\n{value}").as_bytes(), tag).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }

    #[test]
    fn a_tag_holds_for_its_label_and_value_only() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let tag = keyed(&key, "form", "a");
        assert!(keyed_matches(&key, "form", "a", &tag));
        assert!(!keyed_matches(&key, "form", "b", &tag));
        assert!(!keyed_matches(&key, "other", "a", &tag));
    }

    #[test]
    fn only_the_canonical_spelling_decodes() {
        assert_eq!(decode("AA"), Some(vec![0]));
        assert_eq!(decode("AB"), None);
        assert_eq!(decode("AA=="), None);
    }
}
