//! Reads a member.

use crate::{Nothing, view::MemberView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_member", "/members/{member_id}", Action::ReadMember, Kind::MemberRead)
        .purpose(Purpose::Administration)
        .summary("Read a member with roles and permissions");

pub async fn handle(call: Call, _: Nothing) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    call.witness(&permit, Fact::new().member(member.id)).await?;
    Ok(Reply::with(MemberView::new(&loaded.organization, member)))
}
