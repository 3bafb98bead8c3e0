//! What other roles or permissions would do to a member, before they are given (R052).

use crate::{
    abilities::Inquiry,
    changes,
    difference::{Difference, MemberDifference},
    supposition::Supposition,
};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "preview_member_permissions",
    "/members/{member_id}/preview",
    Action::PreviewMemberPermissions,
    Kind::MemberPermissionsPreviewed,
)
.success(200)
.purpose(Purpose::Administration)
.summary("What would a member gain and lose with other permissions? Nothing is changed (R052)");

pub async fn handle(call: Call, input: Supposition) -> Outcome<MemberDifference> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    let then = input.apply(&loaded.organization, loaded.member.id, member.clone())?;
    let now = loaded.organization.seat(member);
    let inquiry = Inquiry::new(&call.system.authorizer, call.now, &loaded.member)?;
    let difference = Difference::between(&inquiry, &now, &then)?;
    call.witness(&permit, changes::standing_fact(&then)).await?;
    Ok(Reply::with(MemberDifference {
        member_id: now.id,
        name: now.name.into(),
        status: now.status,
        difference,
    }))
}
