//! Delivery: files on their way out, bit-exact and straight from object storage (R005, R006, R057).
//!
//! Every address is bound to one version of one object; evidence of it stands before it leaves. It is one of ours: each
//! time somebody comes by it, within two minutes, it is decided anew whether its member may have the file, and only then
//! does it lead on to object storage. Only what inspection has found available is handed out.

mod disposition;
mod filed;
mod follow_download;
mod handing;
mod shared;
mod sign_contribution_download;
mod sign_download;
mod sign_preview;
mod sign_space_download;
mod sign_space_preview;

use api::{Endpoint, Function, Grant};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "delivery",
        endpoints: vec![
            Endpoint::new(&sign_download::OPERATION, sign_download::handle),
            Endpoint::new(&sign_preview::OPERATION, sign_preview::handle),
            Endpoint::new(&sign_contribution_download::OPERATION, sign_contribution_download::handle),
            Endpoint::new(&sign_space_download::OPERATION, sign_space_download::handle),
            Endpoint::new(&sign_space_preview::OPERATION, sign_space_preview::handle),
            Endpoint::new(&follow_download::OPERATION, follow_download::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::ReadKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
            Grant::ReadFiles,
        ],
    }
}
