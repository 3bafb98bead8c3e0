//! Inventory: where physical records are kept, who has them, and how they got there (R030, R033, R036, R037).

mod add_folder;
mod add_location;
mod check_in_folder;
mod check_out_folder;
mod find_barcode;
mod handling;
mod link_scan;
mod list_custody;
mod list_locations;
mod place;
mod report_folder_missing;
mod send_folder;

use api::{Endpoint, Function, Grant, Nothing};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "inventory",
        endpoints: vec![
            Endpoint::new(&add_location::OPERATION, add_location::handle),
            Endpoint::new(&list_locations::OPERATION, list_locations::handle),
            Endpoint::new(&add_folder::OPERATION, add_folder::handle),
            Endpoint::new(&check_out_folder::OPERATION, check_out_folder::handle),
            Endpoint::new(&check_in_folder::OPERATION, check_in_folder::handle),
            Endpoint::new(&send_folder::OPERATION, send_folder::handle),
            Endpoint::new(&report_folder_missing::OPERATION, report_folder_missing::handle),
            Endpoint::new(&link_scan::OPERATION, link_scan::handle),
            Endpoint::new(&list_custody::OPERATION, list_custody::handle),
            Endpoint::new(&find_barcode::OPERATION, find_barcode::handle),
        ],
        event: None,
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::OpenDirectories,
            Grant::OpenClients,
        ],
    }
}
