//! Changes a role's name and permissions, for everybody who has it from their next request on (R051, R052). What was
//! before is kept, and can be taken back.

use crate::{
    changes,
    role::{self, RoleView},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{limits::NAME_CHARS, member::Permissions, purpose::Purpose, role::RoleTerms, text::Line};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation =
    Operation::put("change_role", "/roles/{role_id}", Action::ChangeRole, Kind::RoleChanged)
        .purpose(Purpose::Administration)
        .summary("Change what a role allows; takes effect on the next call of everybody who has it (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The role's revision as it was read.
    expected_revision: u64,
    name: Line<NAME_CHARS>,
    permissions: Permissions,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RoleView> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let (id, known) = role::addressed(&call, &loaded)?;
    if input.expected_revision != known.revision {
        return Err(Problem::stale(known.revision));
    }
    let terms = RoleTerms { name: input.name, permissions: input.permissions };
    let fact = changes::permissions_fact(&terms.permissions).role(id);
    let occasion = changes::occasion(&call, &loaded, None);
    let (organization, kept) = loaded.organization.set_role(id, Some(terms), occasion)?;
    let change = changes::of_roles(&organization, &kept);
    let reply = Reply::with(RoleView::of(&organization, id)?);
    call.commit(&organization, &permit, change, fact.detail("change", kept.id), reply).await
}
