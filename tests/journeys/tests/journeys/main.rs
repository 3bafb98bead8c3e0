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
mod confidentiality;
mod consents;
mod cosignatures;
mod crash;
mod dispositions;
mod escrow;
mod facilitation;
mod folders;
mod holds;
mod hostile;
mod idempotency;
mod intake;
mod inventory;
mod isolation;
mod keys;
mod matrix;
mod north;
mod notes;
mod retention;
mod roles;
mod sessions;
mod sharing;
mod snapshot;
mod spaces;
mod story;
mod sweep;
mod timeline;
mod trail;
mod transfers;
mod uploads;
