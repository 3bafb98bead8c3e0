//! Who may do what, and why (R050-R053).
//!
//! Every decision is made by the Cedar policies in `policies.cedar` over the types in
//! `schema.cedarschema`; this crate turns members and records into Cedar's entities and a decision into a
//! [`Permit`] or a [`Denial`]. A permit cannot be made anywhere else, and without one no other crate opens
//! content or writes anything.

mod action;
mod decide;
mod permit;
pub mod reason;
mod resource;
mod shape;

pub use action::Action;
pub use decide::{Authorizer, Decision, PolicyError};
pub use permit::{Denial, Grounds, Permit};
pub use resource::{About, Resource};
pub use shape::{Shape, Subject};
