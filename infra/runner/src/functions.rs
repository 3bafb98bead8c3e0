//! All functions of the product; what is not listed here is not served, documented or deployed.

use api::Function;

/// Every function, in the order of the documentation.
pub fn functions() -> Vec<Function> {
    vec![
        administration::function(),
        clients::function(),
        records::function(),
        inventory::function(),
        intake::function(),
        inspection::function(),
        delivery::function(),
        sharing::function(),
        consents::function(),
        spaces::function(),
        transfers::function(),
        sessions::function(),
        retention::function(),
        retention_sweep::function(),
        notify::function(),
        ledger::function(),
        sign_ins::function(),
    ]
}
