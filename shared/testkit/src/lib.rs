//! What tests of the whole product stand on, and only tests depend on.
//!
//! | module | what it gives |
//! |---|---|
//! | `world` | people who sign in and keep records, over HTTP, against a running product |
//! | `files` | the same X-ray, scan, photo or zip bomb on every machine |
//! | `aws` | an embedded AWS of a test's own, set up as the product needs it |
//! | `runtime_api`, `bootstrap` | Lambda's side of a function's process |
//!
//! Nothing here returns an error that a test could do something about: what goes wrong stops the test, and
//! says where and with what answer.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose surroundings fail should stop"
)]

pub mod aws;
pub mod bootstrap;
pub mod files;
pub mod runtime_api;
pub mod world;

pub use bootstrap::Bootstrap;
/// Ways to fail and to be late: see [`World::faults`].
pub use local::aws::faults::{Fault, Faults, Injected, Late, Moment};
pub use world::{Actor, Clinic, World};
