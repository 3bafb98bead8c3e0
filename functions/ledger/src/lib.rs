//! Ledger: reading the audit trail of a record, a client, a member and the whole organization (R130-R132,
//! R135, X-7).

mod entry;
mod known;
mod phrase;
mod read_client_evidence;
mod read_evidence;
mod read_member_evidence;
mod read_record_evidence;
mod sight;
mod trail;

use api::{Endpoint, Function, Grant};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "ledger",
        endpoints: vec![
            Endpoint::new(&read_record_evidence::OPERATION, read_record_evidence::handle),
            Endpoint::new(&read_client_evidence::OPERATION, read_client_evidence::handle),
            Endpoint::new(&read_member_evidence::OPERATION, read_member_evidence::handle),
            Endpoint::new(&read_evidence::OPERATION, read_evidence::handle),
        ],
        events: Vec::new(),
        grants: &[Grant::ReadItems, Grant::QueryItems, Grant::QueryTrail, Grant::WriteItems],
    }
}
