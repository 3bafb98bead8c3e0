//! Journeys over HTTP against the whole product, told as people would tell them.
//!
//! One binary, so that linking is paid for once; one file for each part of the main job.

#![expect(clippy::indexing_slicing, reason = "an answer without what is looked for should stop its journey")]

mod story;
mod acts;
mod crash;
mod isolation;
mod snapshot;
mod bad_input;
mod hostile;
mod idempotency;
