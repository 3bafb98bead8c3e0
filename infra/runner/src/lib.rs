//! The whole product on one machine: all functions in one process, over the embedded AWS, behind a gateway
//! that calls them as API Gateway does.

mod demo;
mod docs;
pub mod functions;
mod gateway;
mod outbox;
mod portal;
pub mod provision;
mod sign_ins;
mod start;
mod wake;

pub use demo::{DemoClinic, DemoPerson};
pub use start::{Options, Runner, RunnerError};
pub use wake::WakeError;
