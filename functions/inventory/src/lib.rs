//! Inventory: where physical records are kept, who has them, how they got there, and what became of them (R030-R037).

mod add_folder;
mod add_location;
mod begin_stocktake;
mod check_in_folder;
mod check_out_folder;
mod close_incident;
mod close_stocktake;
mod export_inventory;
mod filing;
mod find_barcode;
mod handling;
mod import_folders;
mod importing;
mod incidents;
mod label_folder;
mod leaving;
mod link_scan;
mod list_custody;
mod list_incidents;
mod list_inventory;
mod list_locations;
mod list_stocktakes;
mod make_labels;
mod place;
mod query;
mod raising;
mod read_stocktake;
mod report_folder_missing;
mod report_incident;
mod retire_location;
mod revise_location;
mod rows;
mod scan_stocktake;
mod send_folder;
mod taking;
mod validate_import;

use api::{Endpoint, Function, Grant, Nothing};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "inventory",
        endpoints: vec![
            Endpoint::new(&add_location::OPERATION, add_location::handle),
            Endpoint::new(&list_locations::OPERATION, list_locations::handle),
            Endpoint::new(&revise_location::OPERATION, revise_location::handle),
            Endpoint::new(&retire_location::OPERATION, retire_location::handle),
            Endpoint::new(&add_folder::OPERATION, add_folder::handle),
            Endpoint::new(&check_out_folder::OPERATION, check_out_folder::handle),
            Endpoint::new(&check_in_folder::OPERATION, check_in_folder::handle),
            Endpoint::new(&send_folder::OPERATION, send_folder::handle),
            Endpoint::new(&report_folder_missing::OPERATION, report_folder_missing::handle),
            Endpoint::new(&link_scan::OPERATION, link_scan::handle),
            Endpoint::new(&list_custody::OPERATION, list_custody::handle),
            Endpoint::new(&find_barcode::OPERATION, find_barcode::handle),
            Endpoint::new(&label_folder::OPERATION, label_folder::handle),
            Endpoint::new(&make_labels::OPERATION, make_labels::handle),
            Endpoint::new(&list_inventory::OPERATION, list_inventory::handle),
            Endpoint::new(&export_inventory::OPERATION, export_inventory::handle),
            Endpoint::new(&begin_stocktake::OPERATION, begin_stocktake::handle),
            Endpoint::new(&list_stocktakes::OPERATION, list_stocktakes::handle),
            Endpoint::new(&scan_stocktake::OPERATION, scan_stocktake::handle),
            Endpoint::new(&read_stocktake::OPERATION, read_stocktake::handle),
            Endpoint::new(&close_stocktake::OPERATION, close_stocktake::handle),
            Endpoint::new(&validate_import::OPERATION, validate_import::handle),
            Endpoint::new(&import_folders::OPERATION, import_folders::handle),
            Endpoint::new(&report_incident::OPERATION, report_incident::handle),
            Endpoint::new(&list_incidents::OPERATION, list_incidents::handle),
            Endpoint::new(&close_incident::OPERATION, close_incident::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::CheckItems,
            Grant::ReadKeys,
            Grant::WriteKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
        ],
    }
}
