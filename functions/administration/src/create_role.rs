//! Makes a role: permissions with a name, to be given to members (R052).

use crate::{changes, role::RoleView};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    RoleId, limits::NAME_CHARS, member::Permissions, purpose::Purpose, role::RoleTerms, text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation =
    Operation::post("create_role", "/roles", Action::CreateRole, Kind::RoleCreated)
        .purpose(Purpose::Administration)
        .summary("Make a role: a name for the four verbs on each type of record (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    name: Line<NAME_CHARS>,
    permissions: Permissions,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RoleView> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let id: RoleId = call.new_id();
    let terms = RoleTerms { name: input.name, permissions: input.permissions };
    let fact = changes::permissions_fact(&terms.permissions).role(id);
    let occasion = changes::occasion(&call, &loaded, None);
    let (organization, kept) = loaded.organization.set_role(id, Some(terms), occasion)?;
    let change = changes::of_roles(&organization, &kept);
    let reply = Reply::with(RoleView::of(&organization, id)?);
    call.commit(&organization, &permit, change, fact.detail("change", kept.id), reply).await
}
