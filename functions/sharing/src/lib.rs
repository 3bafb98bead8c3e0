//! Sharing: who else uses a chart, what members are told of it, and the organization's own way in under dual control
//! (P-01 to P-12, R057, R060-R064, R067, X-3).
//!
//! A chart is shared whole, by its owner, with members and teams of the organization; no input here names a record,
//! a section or a day of records. The access list stands in the chart itself, so every change of it is a change of
//! the chart: it waits its turn behind other changes and is felt at the next request of whomever it concerns.

mod access_list;
mod approve_escrow;
mod change_grant;
mod dismiss_notice;
mod end_escrow;
mod escrows;
mod leave_chart;
mod list_escrows;
mod list_grants;
mod list_my_charts;
mod list_notices;
mod list_readers;
mod list_record_readers;
mod readers;
mod refuse_escrow;
mod request_escrow;
mod revoke_grant;
mod share_chart;
mod share_with_circle;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "sharing",
        endpoints: vec![
            Endpoint::new(&list_my_charts::OPERATION, list_my_charts::handle),
            Endpoint::new(&list_grants::OPERATION, list_grants::handle),
            Endpoint::new(&share_chart::OPERATION, share_chart::handle),
            Endpoint::new(&change_grant::OPERATION, change_grant::handle),
            Endpoint::new(&revoke_grant::OPERATION, revoke_grant::handle),
            Endpoint::new(&leave_chart::OPERATION, leave_chart::handle),
            Endpoint::new(&share_with_circle::OPERATION, share_with_circle::handle),
            Endpoint::new(&list_readers::OPERATION, list_readers::handle),
            Endpoint::new(&list_record_readers::OPERATION, list_record_readers::handle),
            Endpoint::new(&list_notices::OPERATION, list_notices::handle),
            Endpoint::new(&dismiss_notice::OPERATION, dismiss_notice::handle),
            Endpoint::new(&request_escrow::OPERATION, request_escrow::handle),
            Endpoint::new(&approve_escrow::OPERATION, approve_escrow::handle),
            Endpoint::new(&refuse_escrow::OPERATION, refuse_escrow::handle),
            Endpoint::new(&end_escrow::OPERATION, end_escrow::handle),
            Endpoint::new(&list_escrows::OPERATION, list_escrows::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::OpenDirectories,
        ],
    }
}
