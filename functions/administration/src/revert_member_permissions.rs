//! Takes a change of what a member is given back: their roles, their own permissions and their named role are again
//! what they were before it (R052). Taking back is a change like every other, and can be taken back too.

use crate::{changes, deserted, view::MemberView};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChangeId, purpose::Purpose, role::Changed};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "revert_member_permissions",
    "/members/{member_id}/reversal",
    Action::RevertMemberPermissions,
    Kind::MemberPermissionsReverted,
)
.success(200)
.purpose(Purpose::Administration)
.summary("Take a change of a member's roles and permissions back (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The member's revision as it was read.
    expected_revision: u64,
    /// The change to take back: the member is given what they had before it.
    change_id: ChangeId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let change_key = keys::permission_change(call.organization_id()?, input.change_id);
    let loaded = call.load([key.any(), change_key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    if input.expected_revision != member.revision {
        return Err(Problem::stale(member.revision));
    }
    let standing = match loaded.require(&change_key)?.of {
        Changed::Member { member_id, before, .. } if member_id == member.id => before,
        _ => return Err(Problem::not_found()),
    };
    standing.role_id.map(|id| loaded.organization.role(id)).transpose()?;
    let before = member.standing();
    let member = member.stand(loaded.member.id, standing)?;
    let occasion = changes::occasion(&call, &loaded, Some(input.change_id));
    let (member, kept) = member.changed_from(before, occasion);
    let fact = changes::standing_fact(&member).detail("change", kept.id).detail("reverts", input.change_id);
    let change = changes::while_acting(&loaded, &member, changes::of_member(&member, &kept));
    let change = deserted::listed_if_client(&call, change, &member).await?;
    let reply = Reply::with(MemberView::committed(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
