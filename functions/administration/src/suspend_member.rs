//! Suspends a member: from the next call on they have nothing; their charts stay (P-48, R057).

use crate::{changes, deserted, view::MemberView};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "suspend_member",
    "/members/{member_id}/suspension",
    Action::SuspendMember,
    Kind::MemberSuspended,
)
.purpose(Purpose::Administration)
.summary("Suspend a member; takes effect on their next call (P-48, R057)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<MemberView> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    if input.expected_revision != member.revision {
        return Err(Problem::stale(member.revision));
    }
    let member = member.suspend(loaded.member.id)?;
    let fact = Fact::new().member(member.id);
    let change = changes::while_acting(&loaded, &member, Change::new().replace("member", &key, &member));
    let change = deserted::listed(&call, change, &member).await?;
    let reply = Reply::with(MemberView::committed(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
