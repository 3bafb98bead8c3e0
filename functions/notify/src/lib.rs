//! Notify: what members are told in their inbox, and in one digest, reaches them by e-mail (R150, P-10).
//!
//! A notice stands in the inbox by the transaction of what it tells of, and that is the outbox too: the table's stream
//! wakes this function with it. Nothing that is sent says whom or what it is about.

mod letter;
mod send_messages;

use api::{EventHandler, Function, Grant, Trigger, Watched};

/// What wakes it: a notice that was given, a digest that was written, and a message that is to be tried again.
const WATCHED: &[Watched] =
    &[Watched::inserted("notice"), Watched::inserted("message"), Watched::inserted("recall")];

/// The function with its one event.
pub fn function() -> Function {
    Function {
        name: send_messages::FUNCTION,
        endpoints: vec![],
        events: vec![
            EventHandler::new("send_messages", send_messages::handle).on(Trigger::TableStream(WATCHED)),
        ],
        grants: &[Grant::ReadItems, Grant::WriteItems, Grant::SendMail],
    }
}
