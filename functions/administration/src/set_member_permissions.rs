//! Sets a member's roles and user-level permissions, in place of a named role if they had one (R050-R052). What was
//! before is kept, and can be taken back.

use crate::{changes, deserted, view::MemberView};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    member::{Permissions, Role},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::keys;

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
    let before = member.standing();
    let member = member.change(loaded.member.id, input.roles, input.permissions)?;
    let (member, kept) = member.changed_from(before, changes::occasion(&call, &loaded, None));
    let fact = changes::standing_fact(&member).detail("change", kept.id);
    let change = changes::while_acting(&loaded, &member, changes::of_member(&member, &kept));
    let change = deserted::listed_if_client(&call, change, &member).await?;
    let reply = Reply::with(MemberView::committed(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
