//! Consents: what clients have permitted, who is in their circle of care, and who stands for them (R060,
//! R066; 45 CFR 164.508(c), 164.502(g)).
//!
//! A permission is recorded with everything that makes it valid, and never changed. What stands on it says
//! so: the shares of a circle of care, the people who see what is meant for a client. Withdrawing it ends all
//! of them in one transaction, and so at the next request.

mod appoint_proxy;
mod end_proxy;
mod known;
mod list_consents;
mod list_proxies;
mod read_circle;
mod record_consent;
mod set_circle;
mod view;
mod withdraw_consent;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "consents",
        endpoints: vec![
            Endpoint::new(&record_consent::OPERATION, record_consent::handle),
            Endpoint::new(&list_consents::OPERATION, list_consents::handle),
            Endpoint::new(&withdraw_consent::OPERATION, withdraw_consent::handle),
            Endpoint::new(&set_circle::OPERATION, set_circle::handle),
            Endpoint::new(&read_circle::OPERATION, read_circle::handle),
            Endpoint::new(&appoint_proxy::OPERATION, appoint_proxy::handle),
            Endpoint::new(&list_proxies::OPERATION, list_proxies::handle),
            Endpoint::new(&end_proxy::OPERATION, end_proxy::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::OpenDirectories,
            Grant::OpenClients,
        ],
    }
}
