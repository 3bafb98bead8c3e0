//! Tokens of intake links: 128 random bits that exist in clear only where they were handed out.

use crate::{Vault, VaultError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use std::fmt;

/// A new token, and what is kept of it.
#[derive(Clone)]
pub struct Token {
    /// What its bearer sends: 128 bits, base64url.
    pub text: String,
    /// Hexadecimal SHA-256 of the text; enough randomness is in it that no salt is needed.
    pub sha256: String,
}

impl Token {
    fn random(random: &SystemRandom) -> Result<Self, VaultError> {
        let mut bits = [0_u8; 16];
        random.fill(&mut bits).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
        let text = URL_SAFE_NO_PAD.encode(bits);
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let sha256 = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { text, sha256 })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Vault {
    /// A token nobody can guess.
    pub fn new_token(&self) -> Result<Token, VaultError> {
        Token::random(self.random())
    }

    /// 256 random bits, hexadecimal: what is hashed with something short so that nobody finds it out by trying.
    pub fn new_salt(&self) -> Result<String, VaultError> {
        let mut bits = [0_u8; 32];
        self.random().fill(&mut bits).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
        Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_bits_and_does_not_show_itself() {
        let random = SystemRandom::new();
        let (one, other) = (Token::random(&random).unwrap(), Token::random(&random).unwrap());
        assert_eq!((one.text.len(), one.sha256.len()), (22, 64));
        assert_ne!(one.text, other.text);
        assert!(!format!("{one:?}").contains(&one.text));
    }
}
