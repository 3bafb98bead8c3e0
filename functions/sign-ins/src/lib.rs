//! Sign-ins: failed attempts to sign in become evidence of the members they were made against (R132,
//! 45 CFR 164.308(a)(5)(ii)(C)).
//!
//! The user pool writes every attempt to a log, whose lines wake this function. Attempts that succeeded are
//! left alone: whoever signed in begins a session, and `begin_session` leaves the evidence of it, with the
//! token of the very person. Nobody is written down for a name that belongs to no member.

mod activity;
mod witness_sign_in;

use api::{EventHandler, Function, Grant, Trigger};

/// The function with its one event.
pub fn function() -> Function {
    Function {
        name: witness_sign_in::FUNCTION,
        endpoints: vec![],
        events: vec![
            EventHandler::new("witness_sign_in", witness_sign_in::handle).on(Trigger::SignInActivity),
        ],
        grants: &[Grant::QueryMemberships, Grant::WriteEvidence],
    }
}
