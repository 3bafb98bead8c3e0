//! Restores a suspended member with the roles and permissions they had (P-48).

use crate::{Nothing, view::MemberView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "restore_member",
    "/members/{member_id}/suspension",
    Action::RestoreMember,
    Kind::MemberRestored,
)
.success(200)
.purpose(Purpose::Administration)
.summary("Restore a suspended member (P-48)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    let member = member.restore()?;
    let fact = Fact::new().member(member.id);
    let change = Change::new().replace("member", &key, &member);
    let reply = Reply::with(MemberView::committed(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
