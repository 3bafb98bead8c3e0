//! The story of the product's main job, told over HTTP against any running product, and what else is tried on
//! it from outside.
//!
//! | module | what it is for |
//! |---|---|
//! | `story` | a clinic keeps the records of one patient, from the first day to the audit trail |
//! | `narrator` | tells an operator what happens, while it happens |
//! | `load` | a clinic's work from several desks at once, and what of it was acknowledged |
//! | `crash` | whether the product loses anything of it when it is killed |
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story ends where an answer is not as it should be, and says so"
)]

pub mod crash;
pub mod load;
pub mod narrator;
pub mod story;
