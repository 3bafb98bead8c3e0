//! The time of a world: the machine's, until a test moves it forward.

use jiff::{SignedDuration, Timestamp};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A clock that tests can advance; clones show the same time.
///
/// Object storage keeps the machine's own time, as AWS would.
#[derive(Clone, Debug, Default)]
pub struct TestClock {
    ahead_seconds: Arc<AtomicI64>,
}

impl TestClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time enters a world")]
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.ahead_seconds.load(Ordering::SeqCst))
    }

    /// Lets hours pass.
    pub fn advance(&self, hours: i64) {
        self.advance_by(SignedDuration::from_hours(hours));
    }

    pub fn advance_by(&self, duration: SignedDuration) {
        self.ahead_seconds.fetch_add(duration.as_secs(), Ordering::SeqCst);
    }
}
