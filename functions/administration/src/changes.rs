//! How a change of roles or permissions is written down: with what was before, so that it can be taken back (R052).

use api::{Call, Fact, Loaded};
use domain::{
    ChangeId,
    member::{Member, Permissions, Verb},
    organization::Organization,
    record::RecordType,
    role::{Occasion, PermissionChange},
};
use store::{Change, keys};

/// When and by whom this call changes something.
pub fn occasion(call: &Call, loaded: &Loaded, reverts: Option<ChangeId>) -> Occasion {
    Occasion { id: call.new_id(), by: loaded.member.id, at: call.now, reverts }
}

/// The next state of the organization, whose roles have changed.
pub fn of_roles(organization: &Organization, kept: &PermissionChange) -> Change {
    keep(kept).replace("organization", &keys::organization(organization.id), organization)
}

/// The next state of a member who is given something else.
pub fn of_member(member: &Member, kept: &PermissionChange) -> Change {
    keep(kept).replace("member", &keys::member(member.organization_id, member.id), member)
}

/// The change of a member, made only as long as who makes it is as they were read: of two administrators who demote or
/// suspend each other at the same moment one stays (P-51).
pub fn while_acting(loaded: &Loaded, member: &Member, change: Change) -> Change {
    let acting = &loaded.member;
    if acting.id == member.id {
        return change;
    }
    change.check("acting member", &keys::member(acting.organization_id, acting.id), Some(acting.revision))
}

fn keep(kept: &PermissionChange) -> Change {
    Change::new().insert("change", &keys::permission_change(kept.organization_id, kept.id), kept)
}

/// Evidence says what a member is given from now on.
pub fn standing_fact(member: &Member) -> Fact {
    let roles = member.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    let fact = permissions_fact(&member.permissions).member(member.id).detail("roles", roles);
    match member.role_id {
        Some(role_id) => fact.role(role_id),
        None => fact,
    }
}

/// Evidence says what permissions allow: `data: access add`.
pub fn permissions_fact(permissions: &Permissions) -> Fact {
    RecordType::ALL.into_iter().fold(Fact::new(), |fact, kind| {
        let verbs = Verb::ALL.into_iter().filter(|verb| permissions.allows(kind, *verb));
        fact.detail(kind.name(), verbs.map(Verb::name).collect::<Vec<_>>().join(" "))
    })
}
