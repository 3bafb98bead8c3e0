//! Gives a member a role, whose permissions they have from their next request on in place of their own; or their own
//! again (R052). What was before is kept, and can be taken back.

use crate::{changes, view::MemberView};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{RoleId, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::put("assign_role", "/members/{member_id}/role", Action::AssignRole, Kind::RoleAssigned)
        .purpose(Purpose::Administration)
        .summary("Give a member a role in place of permissions of their own, or take it away (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The member's revision as it was read.
    expected_revision: u64,
    /// The role; `null` gives them their own permissions again.
    #[serde(deserialize_with = "Option::deserialize")]
    role_id: Option<RoleId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    if input.expected_revision != member.revision {
        return Err(Problem::stale(member.revision));
    }
    input.role_id.map(|id| loaded.organization.role(id)).transpose()?;
    let before = member.standing();
    let member = member.assign(input.role_id)?;
    let (member, kept) = member.changed_from(before, changes::occasion(&call, &loaded, None));
    let fact = changes::standing_fact(&member).detail("change", kept.id);
    let change = changes::of_member(&member, &kept);
    let reply = Reply::with(MemberView::committed(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
