//! Journeys over HTTP against the whole product, told as people would tell them.
//!
//! One binary, so that linking is paid for once; one file for each part of the main job.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an answer without what is looked for should stop its journey"
)]

mod acts;
mod bad_input;
mod clients;
mod crash;
mod folders;
mod hostile;
mod idempotency;
mod intake;
mod isolation;
mod north;
mod notes;
mod sessions;
mod snapshot;
mod story;
mod timeline;
mod trail;
mod uploads;
