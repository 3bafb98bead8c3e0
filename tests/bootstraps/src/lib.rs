//! Proof that the binaries which are deployed serve the events which are sent to them: every function runs as
//! its own process under Lambda's Runtime API, over one embedded AWS, and gets every file of `events/`.
//!
//! | module | holds |
//! |---|---|
//! | `stage` | the processes, and what it takes to send one a sample event |
//! | `story` | the order in which the events make sense, and what has to be there before each |
//! | `cold_start` | how long a new process takes to its first answer, and how much memory |
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a proof that fails should stop"
)]

pub mod cold_start;
pub mod stage;
pub mod story;

pub use stage::Stage;
