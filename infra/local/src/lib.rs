//! What stands in for AWS on one machine: an embedded AWS that speaks the real wire, and a small sign-in
//! service. Neither knows anything of records; the `runner` crate puts the product on top of them. For
//! trying, testing and developing; production is AWS.

pub mod aws;
pub mod identity;
