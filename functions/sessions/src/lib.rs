//! Facilitated sessions: preparation, administration and integration with a client or a group, shared with the service
//! center they are held at (R100-R110, A-01 to A-14).
//!
//! A session belongs to the facilitators' organization, its center is another one. The center's administrators read
//! the whole of it from the moment it is associated to the moment they release it, and both see the same status,
//! which is derived and never stored. A facilitator's own chart of the client is no part of a session. What was
//! recorded is never changed: answers and records are entries, and a correction is one more.

mod add_participant;
mod approve_facilitator;
mod assign_participant;
mod associate_center;
mod center;
mod checking;
mod complete_item;
mod counter_sign_item;
mod create_facilitation;
mod held;
mod list_approvals;
mod list_center_facilitations;
mod list_client_facilitations;
mod list_facilitations;
mod list_participant_entries;
mod move_participant;
mod people;
mod plan_facilitation;
mod read_facilitation;
mod record_administration;
mod record_integration;
mod record_preparation;
mod recorded;
mod release_facilitation;
mod remove_participant;
mod require_item;
mod rows;
mod set_center_profile;
mod view;
mod void_facilitation;
mod withdraw_approval;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "sessions",
        endpoints: vec![
            Endpoint::new(&create_facilitation::OPERATION, create_facilitation::handle),
            Endpoint::new(&list_facilitations::OPERATION, list_facilitations::handle),
            Endpoint::new(&list_client_facilitations::OPERATION, list_client_facilitations::handle),
            Endpoint::new(&read_facilitation::OPERATION, read_facilitation::handle),
            Endpoint::new(&list_participant_entries::OPERATION, list_participant_entries::handle),
            Endpoint::new(&plan_facilitation::OPERATION, plan_facilitation::handle),
            Endpoint::new(&void_facilitation::OPERATION, void_facilitation::handle),
            Endpoint::new(&associate_center::OPERATION, associate_center::handle),
            Endpoint::new(&release_facilitation::OPERATION, release_facilitation::handle),
            Endpoint::new(&add_participant::OPERATION, add_participant::handle),
            Endpoint::new(&assign_participant::OPERATION, assign_participant::handle),
            Endpoint::new(&move_participant::OPERATION, move_participant::handle),
            Endpoint::new(&remove_participant::OPERATION, remove_participant::handle),
            Endpoint::new(&require_item::OPERATION, require_item::handle),
            Endpoint::new(&complete_item::OPERATION, complete_item::handle),
            Endpoint::new(&counter_sign_item::OPERATION, counter_sign_item::handle),
            Endpoint::new(&record_preparation::OPERATION, record_preparation::handle),
            Endpoint::new(&record_administration::OPERATION, record_administration::handle),
            Endpoint::new(&record_integration::OPERATION, record_integration::handle),
            Endpoint::new(&set_center_profile::OPERATION, set_center_profile::handle),
            Endpoint::new(&list_approvals::OPERATION, list_approvals::handle),
            Endpoint::new(&approve_facilitator::OPERATION, approve_facilitator::handle),
            Endpoint::new(&withdraw_approval::OPERATION, withdraw_approval::handle),
            Endpoint::new(&list_center_facilitations::OPERATION, list_center_facilitations::handle),
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
