//! Clients: the people records are about, how they are found, and whose charts they have (R010, R020-R024,
//! R085).
//!
//! Nothing about a person stands in clear in the table. Demographics are sealed under the client's own key,
//! the masked card of lists under the organization's, and what can be typed to find a client is indexed as
//! keyed digests. Showing a masked detail as it is, is an act of its own with evidence of its own.

mod card;
mod childhood;
mod close_client;
mod detail;
mod duplicates;
mod find_duplicate_clients;
mod index;
mod list_charts;
mod merge_client;
mod open_chart;
mod read_client;
mod register_client;
mod reopen_client;
mod reveal_field;
mod revise_client;
mod search_clients;
mod standing;
mod unmerge_client;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "clients",
        endpoints: vec![
            Endpoint::new(&register_client::OPERATION, register_client::handle),
            Endpoint::new(&search_clients::OPERATION, search_clients::handle),
            Endpoint::new(&find_duplicate_clients::OPERATION, find_duplicate_clients::handle),
            Endpoint::new(&read_client::OPERATION, read_client::handle),
            Endpoint::new(&revise_client::OPERATION, revise_client::handle),
            Endpoint::new(&reveal_field::OPERATION, reveal_field::handle),
            Endpoint::new(&close_client::OPERATION, close_client::handle),
            Endpoint::new(&reopen_client::OPERATION, reopen_client::handle),
            Endpoint::new(&merge_client::OPERATION, merge_client::handle),
            Endpoint::new(&unmerge_client::OPERATION, unmerge_client::handle),
            Endpoint::new(&open_chart::OPERATION, open_chart::handle),
            Endpoint::new(&list_charts::OPERATION, list_charts::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::OpenDirectories,
            Grant::OpenClients,
            Grant::SealClients,
        ],
    }
}
