//! What a change of a role would do to everybody who has it, before it is made (R052).

use crate::{
    abilities::Inquiry,
    changes,
    difference::{self, MemberDifference},
    everybody, role,
};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{member::Permissions, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation =
    Operation::post("preview_role", "/roles/{role_id}/preview", Action::PreviewRole, Kind::RolePreviewed)
        .success(200)
        .purpose(Purpose::Administration)
        .summary("Who would gain and lose what if a role allowed this instead? Nothing is changed (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    permissions: Permissions,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Everybody who has the role.
    members: Vec<MemberDifference>,
    /// Whether the organization has so many members that not all could be looked at.
    more: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let (id, _) = role::addressed(&call, &loaded)?;
    let concerned = everybody::with_role(&call, loaded.organization.id, id).await?;
    let inquiry = Inquiry::new(&call.system.authorizer, call.now, &loaded.member)?;
    let compared = concerned.members.into_iter().map(|member| {
        let mut then = member.clone();
        (then.role_id, then.permissions) = (None, input.permissions.clone());
        (loaded.organization.seat(member), then)
    });
    let members = difference::of_all(&inquiry, compared)?;
    let fact = changes::permissions_fact(&input.permissions).role(id).detail("members", members.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output { members, more: concerned.more }))
}
