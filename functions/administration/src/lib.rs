//! Administration: the organization, its members, their roles and permissions, its words and its policy
//! (R020, R050-R053, R132).

mod abilities;
mod add_team_member;
mod assign_role;
mod begin_session;
mod change_role;
mod changes;
mod charts;
mod create_organization;
mod create_role;
mod create_team;
mod deserted;
mod difference;
mod dissolve_team;
mod end_session;
mod everybody;
mod explain_decision;
mod invite_member;
mod list_members;
mod list_permission_changes;
mod list_roles;
mod list_teams;
mod made_up;
mod parts;
mod preview_member_permissions;
mod preview_role;
mod read_contexts;
mod read_member;
mod read_organization;
mod read_reach;
mod remove_team_member;
mod restore_member;
mod revert_member_permissions;
mod revert_role;
mod role;
mod set_member_permissions;
mod set_policy;
mod set_vocabulary;
mod supposition;
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
            Endpoint::new(&create_team::OPERATION, create_team::handle),
            Endpoint::new(&list_teams::OPERATION, list_teams::handle),
            Endpoint::new(&add_team_member::OPERATION, add_team_member::handle),
            Endpoint::new(&remove_team_member::OPERATION, remove_team_member::handle),
            Endpoint::new(&dissolve_team::OPERATION, dissolve_team::handle),
            Endpoint::new(&explain_decision::OPERATION, explain_decision::handle),
            Endpoint::new(&list_roles::OPERATION, list_roles::handle),
            Endpoint::new(&create_role::OPERATION, create_role::handle),
            Endpoint::new(&change_role::OPERATION, change_role::handle),
            Endpoint::new(&preview_role::OPERATION, preview_role::handle),
            Endpoint::new(&revert_role::OPERATION, revert_role::handle),
            Endpoint::new(&assign_role::OPERATION, assign_role::handle),
            Endpoint::new(&preview_member_permissions::OPERATION, preview_member_permissions::handle),
            Endpoint::new(&revert_member_permissions::OPERATION, revert_member_permissions::handle),
            Endpoint::new(&list_permission_changes::OPERATION, list_permission_changes::handle),
            Endpoint::new(&read_reach::OPERATION, read_reach::handle),
        ],
        events: Vec::new(),
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
