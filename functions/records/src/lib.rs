//! Records: notes from draft to amendment, and everything of a chart read in one order (R002, R003, R011,
//! R014, R015, R050, R055, X-4).
//!
//! Nothing here overwrites or deletes. A note is its author's draft until signed; a signed version is never
//! changed, an amendment appends; a wrong record is voided and stays, struck through.

mod amend_note;
mod copied;
mod cosign_note;
mod cosigning;
mod draft_note;
mod filed;
mod limit_record;
mod list_cosignatures;
mod list_records;
mod list_versions;
mod mark_chart;
mod mark_record;
mod read_chart;
mod read_record;
mod read_timeline;
mod read_version;
mod return_note;
mod save_draft;
mod sign_note;
mod timeline;
mod void_record;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "records",
        endpoints: vec![
            Endpoint::new(&read_chart::OPERATION, read_chart::handle),
            Endpoint::new(&draft_note::OPERATION, draft_note::handle),
            Endpoint::new(&save_draft::OPERATION, save_draft::handle),
            Endpoint::new(&sign_note::OPERATION, sign_note::handle),
            Endpoint::new(&amend_note::OPERATION, amend_note::handle),
            Endpoint::new(&list_records::OPERATION, list_records::handle),
            Endpoint::new(&read_timeline::OPERATION, read_timeline::handle),
            Endpoint::new(&read_record::OPERATION, read_record::handle),
            Endpoint::new(&list_versions::OPERATION, list_versions::handle),
            Endpoint::new(&read_version::OPERATION, read_version::handle),
            Endpoint::new(&void_record::OPERATION, void_record::handle),
            Endpoint::new(&limit_record::OPERATION, limit_record::handle),
            Endpoint::new(&mark_record::OPERATION, mark_record::handle),
            Endpoint::new(&mark_chart::OPERATION, mark_chart::handle),
            Endpoint::new(&cosign_note::OPERATION, cosign_note::handle),
            Endpoint::new(&return_note::OPERATION, return_note::handle),
            Endpoint::new(&list_cosignatures::OPERATION, list_cosignatures::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::QueryTimeline,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::ReadKeys,
            Grant::QueryKeys,
            Grant::WriteKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
        ],
    }
}
