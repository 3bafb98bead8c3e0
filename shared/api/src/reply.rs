//! A successful answer.

use serde::Serialize;

/// The body of a success; its status is the operation's own.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    pub(crate) body: Option<T>,
    /// The operation's answer as it was remembered for this idempotency key.
    pub(crate) replayed: bool,
}

impl<T: Serialize> Reply<T> {
    pub const fn with(body: T) -> Self {
        Self { body: Some(body), replayed: false }
    }
}

impl Reply<()> {
    /// Nothing to say: 204.
    pub const fn none() -> Self {
        Self { body: None, replayed: false }
    }
}
