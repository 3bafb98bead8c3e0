//! A successful answer.

use serde::Serialize;

/// The body of a success; its status is the operation's own.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    pub(crate) body: Option<T>,
    pub(crate) location: Option<String>,
    /// The operation's answer as it was remembered for this idempotency key.
    pub(crate) replayed: bool,
}

impl<T: Serialize> Reply<T> {
    pub const fn with(body: T) -> Self {
        Self { body: Some(body), location: None, replayed: false }
    }
}

impl Reply<()> {
    /// Nothing to say: 204.
    pub const fn none() -> Self {
        Self { body: None, location: None, replayed: false }
    }

    /// It is at another address: 303.
    pub const fn at(address: String) -> Self {
        Self { body: None, location: Some(address), replayed: false }
    }
}
