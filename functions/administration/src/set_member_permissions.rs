//! Sets a member's roles and user-level permissions (R050-R052).

use crate::view::MemberView;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    member::{Permissions, Role, Verb},
    purpose::Purpose,
    record::RecordType,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "set_member_permissions",
    "/members/{member_id}/permissions",
    Action::SetMemberPermissions,
    Kind::MemberPermissionsSet,
)
.purpose(Purpose::Administration)
.summary("Set a member's roles and the four verbs for each type of record (R051)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    roles: BTreeSet<Role>,
    permissions: Permissions,
}

pub async fn handle(call: Call, input: Input) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    if input.expected_revision != member.revision {
        return Err(Problem::stale(member.revision));
    }
    let member = member.change(loaded.member.id, input.roles, input.permissions)?;
    let fact = permissions_fact(&member.roles, &member.permissions).member(member.id);
    let change = Change::new().replace("member", &key, &member);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(MemberView::committed(member))).await
}

/// Evidence says what the member may do from now on: `data: access add`.
fn permissions_fact(roles: &BTreeSet<Role>, permissions: &Permissions) -> Fact {
    let roles = roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    RecordType::ALL.into_iter().fold(Fact::new().detail("roles", roles), |fact, kind| {
        let verbs = Verb::ALL.into_iter().filter(|verb| permissions.allows(kind, *verb));
        fact.detail(kind.name(), verbs.map(Verb::name).collect::<Vec<_>>().join(" "))
    })
}
