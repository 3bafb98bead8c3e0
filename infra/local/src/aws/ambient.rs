//! The one place where the embedded AWS reads the clock and draws randomness,
//! so that everything else can be given both.

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

/// The operating system had no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the system has no randomness to give")]
pub struct NoRandomness;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "the embedded AWS is an edge: AWS has its own clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Fills `bytes` with unpredictable ones.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
}

/// `N` unpredictable bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// A random (version 4) UUID, as AWS gives its keys and requests.
pub(crate) fn new_id() -> Result<Uuid, NoRandomness> {
    Ok(uuid::Builder::from_random_bytes(random()?).into_uuid())
}
