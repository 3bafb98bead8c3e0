//! What lets the whole product run on one machine: an embedded AWS that speaks
//! the real wire, and a small sign-in service. For trying, testing and
//! developing; production is AWS.

pub mod aws;
pub mod identity;
