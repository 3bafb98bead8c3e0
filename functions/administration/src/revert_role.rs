//! Takes a change of a role back: the role is again what it was before it, for everybody who has it (R052). Taking
//! back is a change like every other, and can be taken back too; what was made by the change is gone again.

use crate::{
    changes, everybody,
    role::{self, RoleView},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChangeId,
    purpose::Purpose,
    role::{Changed, RoleError},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::keys;

pub static OPERATION: Operation =
    Operation::post("revert_role", "/roles/{role_id}/reversal", Action::RevertRole, Kind::RoleReverted)
        .success(200)
        .purpose(Purpose::Administration)
        .summary("Take a change of a role back (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The role's revision as it was read.
    expected_revision: u64,
    /// The change to take back: the role becomes what it was before it.
    change_id: ChangeId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The change that this is.
    change_id: ChangeId,
    /// The role as it is again; `null` if it was the making of it that was taken back.
    role: Option<RoleView>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let change_key = keys::permission_change(call.organization_id()?, input.change_id);
    let loaded = call.load([change_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let (id, known) = role::addressed(&call, &loaded)?;
    if input.expected_revision != known.revision {
        return Err(Problem::stale(known.revision));
    }
    let before = match loaded.require(&change_key)?.of {
        Changed::Role { role_id, before, .. } if role_id == id => before,
        _ => return Err(Problem::not_found()),
    };
    // Whoever is given the role at this very moment has a role that is gone, and so nothing: no harm is done.
    if before.is_none() && !everybody::with_role(&call, loaded.organization.id, id).await?.members.is_empty()
    {
        return Err(RoleError::Held.into());
    }
    let fact = before.as_ref().map(|terms| changes::permissions_fact(&terms.permissions)).unwrap_or_default();
    let occasion = changes::occasion(&call, &loaded, Some(input.change_id));
    let (organization, kept) = loaded.organization.set_role(id, before, occasion)?;
    let fact = fact.role(id).detail("change", kept.id).detail("reverts", input.change_id);
    let change = changes::of_roles(&organization, &kept);
    let role = organization.roles.get(&id).map(|role| RoleView::new(id, role));
    let reply = Reply::with(Output { change_id: kept.id, role });
    call.commit(&organization, &permit, change, fact, reply).await
}
