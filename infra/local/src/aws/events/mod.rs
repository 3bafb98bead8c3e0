//! Events between services, as EventBridge carries them: a durable outbox,
//! rules that choose what a target gets, delivery at least once with backoff,
//! and a list of what could not be delivered.
//!
//! An event is written in the same transaction as the change it tells of (the
//! outbox's database is also where S3 keeps its metadata), so a crash can
//! neither lose an event nor tell of a change that did not happen.

mod database;
mod deliverer;
mod outbox;
mod rule;

pub use database::{Database, DatabaseError};
pub use deliverer::{Deliverer, Delivery, RetryPolicy, Target};
pub use outbox::{DeadLetter, Outbox};
pub use rule::Rule;

pub(crate) use outbox::record;
