//! Administration: the organization, its members, their roles and permissions, its words and its policy
//! (R020, R050-R053, R132).

mod begin_session;
mod create_organization;
mod end_session;
mod explain_decision;
mod invite_member;
mod list_members;
mod read_contexts;
mod read_member;
mod read_organization;
mod restore_member;
mod set_member_permissions;
mod set_policy;
mod set_vocabulary;
mod suspend_member;
mod view;

use api::{Endpoint, Function, Grant, Nothing};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "administration",
        endpoints: vec![
            Endpoint::new(&create_organization::OPERATION, create_organization::handle),
            Endpoint::new(&read_contexts::OPERATION, read_contexts::handle),
            Endpoint::new(&begin_session::OPERATION, begin_session::handle),
            Endpoint::new(&end_session::OPERATION, end_session::handle),
            Endpoint::new(&read_organization::OPERATION, read_organization::handle),
            Endpoint::new(&set_vocabulary::OPERATION, set_vocabulary::handle),
            Endpoint::new(&set_policy::OPERATION, set_policy::handle),
            Endpoint::new(&invite_member::OPERATION, invite_member::handle),
            Endpoint::new(&list_members::OPERATION, list_members::handle),
            Endpoint::new(&read_member::OPERATION, read_member::handle),
            Endpoint::new(&set_member_permissions::OPERATION, set_member_permissions::handle),
            Endpoint::new(&suspend_member::OPERATION, suspend_member::handle),
            Endpoint::new(&restore_member::OPERATION, restore_member::handle),
            Endpoint::new(&explain_decision::OPERATION, explain_decision::handle),
        ],
        event: None,
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::OpenDirectories,
            Grant::SealDirectories,
        ],
    }
}
