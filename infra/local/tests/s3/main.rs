//! The contract of the embedded S3, told through the official SDK over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail as the test does"
)]

mod crash;
mod events;
mod lifecycle;
mod listing;
mod locks;
mod multipart;
mod objects;
mod presigned;
mod protection;
mod world;
