//! Transfers: a chart on its way from one owner to another, in two phases, and the caseloads that coordinators hand
//! on without seeing what is in them (P-35, P-36, P-40 to P-48, R082, R090-R095, X-5).
//!
//! The chart stays where it is and changes its owner. While it is offered nothing else about it changes, so that an
//! offer that is declined or withdrawn leaves everything as it was. Each acceptance is a signed statement that names
//! the one before: the chain of custody.
//!
//! ```text
//! handover    an offer as it is found by those it concerns, and what they are told of it
//! waiting     what waits in the former owner's inbox and goes with the chart
//! caseload    which charts somebody has, by their entries alone
//! view        a transfer in progress, as lists show it
//! ```

mod caseload;
mod handover;
mod view;
mod waiting;

mod accept_transfer;
mod decline_transfer;
mod list_caseloads;
mod list_transfers;
mod offer_transfer;
mod read_caseload;
mod read_passages;
mod transfer_caseload;
mod withdraw_transfer;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "transfers",
        endpoints: vec![
            Endpoint::new(&offer_transfer::OPERATION, offer_transfer::handle),
            Endpoint::new(&list_transfers::OPERATION, list_transfers::handle),
            Endpoint::new(&accept_transfer::OPERATION, accept_transfer::handle),
            Endpoint::new(&decline_transfer::OPERATION, decline_transfer::handle),
            Endpoint::new(&withdraw_transfer::OPERATION, withdraw_transfer::handle),
            Endpoint::new(&read_passages::OPERATION, read_passages::handle),
            Endpoint::new(&list_caseloads::OPERATION, list_caseloads::handle),
            Endpoint::new(&read_caseload::OPERATION, read_caseload::handle),
            Endpoint::new(&transfer_caseload::OPERATION, transfer_caseload::handle),
        ],
        events: Vec::new(),
        // None of them opens a client's key: whoever hands charts on sees nothing of what is in them (P-35).
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::OpenDirectories,
            Grant::SignCustody,
        ],
    }
}
