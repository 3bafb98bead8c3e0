//! Retention: how long records are kept and why, what a legal hold keeps longer, and how records come to their end:
//! proposed, approved by two people, destroyed and certified (R150-R158).
//!
//! This function decides and records; only `retention-sweep` destroys.
//!
//! Each operation is a file of its name. What several of them stand on:
//!
//! | file | holds |
//! |---|---|
//! | `schedule`, `known`, `inputs`, `words` | a schedule, facts of a client, what rules were applied to, what is missing |
//! | `gone` | a destroyed record as people see it |
//! | `keeping` | a hold as people see it, whom it tells, and what asks the holds |
//! | `candidates`, `disposing`, `freeing` | which records can be proposed; a disposition as people see it; its records set free |
//! | `certified`, `sheet`, `layout` | the certificate put together, as a PDF, and its text on pages |
//! | `work` | handing work over to the sweep |

// The schedule.
mod gone;
mod inputs;
mod known;
mod schedule;
mod words;

mod classify_record;
mod explain_retention;
mod list_destroyed;
mod list_eligible;
mod list_rules;
mod list_schedule_versions;
mod list_unknown;
mod preview_schedule;
mod read_outlook;
mod read_retention_facts;
mod read_schedule;
mod record_retention_facts;
mod rehearse_sweep;
mod set_schedule;

// Holds and dispositions.
mod candidates;
mod certified;
mod disposing;
mod freeing;
mod keeping;
mod layout;
mod sheet;
mod work;

mod acknowledge_hold;
mod approve_disposition;
mod confirm_destruction;
mod execute_disposition;
mod export_certificate;
mod list_dispositions;
mod list_holds;
mod place_hold;
mod propose_disposition;
mod prove_destruction;
mod read_certificate;
mod read_disposition;
mod read_hold;
mod reaffirm_hold;
mod reject_disposition;
mod release_hold;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "retention",
        endpoints: vec![
            // The schedule.
            Endpoint::new(&read_schedule::OPERATION, read_schedule::handle),
            Endpoint::new(&list_rules::OPERATION, list_rules::handle),
            Endpoint::new(&set_schedule::OPERATION, set_schedule::handle),
            Endpoint::new(&preview_schedule::OPERATION, preview_schedule::handle),
            Endpoint::new(&list_schedule_versions::OPERATION, list_schedule_versions::handle),
            Endpoint::new(&explain_retention::OPERATION, explain_retention::handle),
            Endpoint::new(&classify_record::OPERATION, classify_record::handle),
            Endpoint::new(&record_retention_facts::OPERATION, record_retention_facts::handle),
            Endpoint::new(&read_retention_facts::OPERATION, read_retention_facts::handle),
            Endpoint::new(&read_outlook::OPERATION, read_outlook::handle),
            Endpoint::new(&rehearse_sweep::OPERATION, rehearse_sweep::handle),
            Endpoint::new(&list_eligible::OPERATION, list_eligible::handle),
            Endpoint::new(&list_unknown::OPERATION, list_unknown::handle),
            Endpoint::new(&list_destroyed::OPERATION, list_destroyed::handle),
            // Holds.
            Endpoint::new(&place_hold::OPERATION, place_hold::handle),
            Endpoint::new(&list_holds::OPERATION, list_holds::handle),
            Endpoint::new(&read_hold::OPERATION, read_hold::handle),
            Endpoint::new(&acknowledge_hold::OPERATION, acknowledge_hold::handle),
            Endpoint::new(&reaffirm_hold::OPERATION, reaffirm_hold::handle),
            Endpoint::new(&release_hold::OPERATION, release_hold::handle),
            // Dispositions.
            Endpoint::new(&propose_disposition::OPERATION, propose_disposition::handle),
            Endpoint::new(&list_dispositions::OPERATION, list_dispositions::handle),
            Endpoint::new(&read_disposition::OPERATION, read_disposition::handle),
            Endpoint::new(&approve_disposition::OPERATION, approve_disposition::handle),
            Endpoint::new(&reject_disposition::OPERATION, reject_disposition::handle),
            Endpoint::new(&execute_disposition::OPERATION, execute_disposition::handle),
            Endpoint::new(&confirm_destruction::OPERATION, confirm_destruction::handle),
            Endpoint::new(&read_certificate::OPERATION, read_certificate::handle),
            Endpoint::new(&export_certificate::OPERATION, export_certificate::handle),
            Endpoint::new(&prove_destruction::OPERATION, prove_destruction::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::QueryTimeline,
            Grant::WriteItems,
            Grant::CheckItems,
            Grant::OpenDirectories,
            Grant::OpenClients,
            Grant::SignCustody,
            Grant::SendWork,
        ],
    }
}
