//! Passwords: Argon2id with the parameters OWASP recommends (19 MiB, two passes, one lane), computed off
//! the async threads and only a few at a time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::crypto;
use super::error::{Failure, IdentityError};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once: each takes its memory and a processor.
const AT_ONCE: usize = 2;
/// How long a visitor waits for their turn.
const PATIENCE: Duration = Duration::from_secs(5);

pub const LENGTH_MIN: usize = 12;
/// The most bytes of a password that are looked at.
pub const LENGTH_MAX: usize = 256;

/// The machinery that checks passwords for visitors.
pub struct Hashing {
    turns: Arc<Semaphore>,
    /// The hash of nobody's password: checking it takes as long for an unknown name as for a known one.
    decoy: String,
}

impl Hashing {
    pub fn new() -> Result<Self, IdentityError> {
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), decoy: hash(&crypto::secret()?)? })
    }

    /// Whether `password` is the one `kept` was made of; never, but as slowly, when nothing is kept.
    pub async fn check(&self, password: String, kept: Option<String>) -> Result<bool, Failure> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.decoy.clone());
        let matched = self.in_turn(move || Ok(matches(&password, &kept))).await?;
        Ok(known && matched)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: String) -> Result<String, Failure> {
        self.in_turn(move || hash(&password)).await
    }

    async fn in_turn<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, IdentityError> + Send + 'static,
    {
        let turn = self.turn().await?;
        let done = tokio::task::spawn_blocking(move || {
            // The turn goes with the work, which goes on when the visitor has left.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Failure::Internal(IdentityError::Interrupted))?.map_err(Failure::Internal)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        turn.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)
    }
}

fn argon2() -> Result<Argon2<'static>, IdentityError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| IdentityError::PasswordHash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password under a fresh salt, as a PHC string.
pub fn hash(password: &str) -> Result<String, IdentityError> {
    let salt = crypto::random::<16>()?;
    let hash = argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|_| IdentityError::PasswordHash)?;
    Ok(hash.to_string())
}

fn matches(password: &str, kept: &str) -> bool {
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), kept).is_ok())
}

/// Refuses passwords that are short or made of what everybody knows about the person.
pub fn check_policy(password: &str, username: &str, email: &str) -> Result<(), IdentityError> {
    let weak = |reason| Err(IdentityError::WeakPassword(reason));
    if password.chars().count() < LENGTH_MIN {
        return weak("must have at least 12 characters");
    }
    if password.len() > LENGTH_MAX {
        return weak("must have at most 256 bytes");
    }
    if password.chars().collect::<HashSet<_>>().len() < 5 {
        return weak("must have at least 5 different characters");
    }
    let lowered = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    if [username, email, local].iter().any(|known| known.len() >= 4 && lowered.contains(*known)) {
        return weak("must not contain the username or the e-mail address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_salted_and_matches_its_password_only() {
        let (one, other) = (hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(matches("correct horse battery", &one));
        assert!(!matches("correct horse batterz", &one));
        assert!(!matches("correct horse battery", "no hash"));
    }

    #[test]
    fn weak_passwords_are_refused() {
        let check = |password: &str| check_policy(password, "amara", "amara.north@clinic.example");
        assert!(check("a quiet long phrase").is_ok());
        for password in
            ["short", "aaaaaaaaaaaaaaaa", "hello Amara 1234", "amara.north 99x", &"ab3de".repeat(60)]
        {
            assert!(check(password).is_err(), "{password}");
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hashing = Hashing::new().unwrap();
        assert!(!hashing.check("anything at all".to_owned(), None).await.unwrap());
        let kept = hashing.hash("anything at all".to_owned()).await.unwrap();
        assert!(hashing.check("anything at all".to_owned(), Some(kept)).await.unwrap());
    }
}
