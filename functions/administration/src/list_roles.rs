//! Lists the roles and what each allows, those that everybody has among them: who may see, add, edit and strike out
//! which records, complete enough to print (R051, R058).

use crate::{
    Nothing,
    abilities::{self, Abilities, Held, Inquiry},
    role::RoleView,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    member::{Permissions, Role, Verb},
    purpose::Purpose,
    record::RecordType,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

pub static OPERATION: Operation =
    Operation::get("list_roles", "/roles", Action::ListRoles, Kind::RolesListed)
        .purpose(Purpose::Administration)
        .summary("List the roles and who may see, add, edit and strike out which records (R058)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The organization's own, in order of their names; given to practitioners.
    roles: Vec<OwnRole>,
    /// What a member is, each with the permissions a new member of it starts with.
    built_in: Vec<BuiltInRole>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct OwnRole {
    #[serde(flatten)]
    role: RoleView,
    /// What it comes to for a practitioner.
    allows: Vec<Allowance>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BuiltInRole {
    role: Role,
    permissions: Permissions,
    allows: Vec<Allowance>,
}

/// That a verb is allowed on a type of record, in these charts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Allowance {
    #[serde(rename = "type")]
    record: RecordType,
    verb: Verb,
    charts: BTreeSet<Held>,
    /// All there is to do there, by the names of the actions.
    actions: BTreeSet<&'static str>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let inquiry = Inquiry::new(&call.system.authorizer, call.now, &loaded.member)?;
    let allows = |role: Role, permissions: &Permissions| -> Result<Vec<Allowance>, Problem> {
        let somebody = abilities::somebody(&loaded.member, role, permissions.clone());
        Ok(allowances(&inquiry.abilities(&somebody)?))
    };
    let mut roles = Vec::new();
    for (id, role) in &loaded.organization.roles {
        let allows = allows(Role::Practitioner, &role.permissions)?;
        roles.push(OwnRole { role: RoleView::new(*id, role), allows });
    }
    roles.sort_by(|one, other| one.role.name.cmp(&other.role.name));
    let mut built_in = Vec::new();
    for role in Role::ALL {
        let permissions = Permissions::starting(&BTreeSet::from([role]));
        built_in.push(BuiltInRole { role, allows: allows(role, &permissions)?, permissions });
    }
    call.witness(&permit, Fact::new()).await?;
    Ok(Reply::with(Output { roles, built_in }))
}

fn allowances(abilities: &Abilities) -> Vec<Allowance> {
    // Who may open no chart has none of their own.
    let owns = abilities.iter().any(|ability| ability.action == Action::OpenChart);
    let of_verb = |((record, verb), charts): ((RecordType, Verb), BTreeSet<Held>)| {
        let charts: BTreeSet<Held> = charts.into_iter().filter(|held| owns || *held != Held::Own).collect();
        let here = abilities.iter().filter(|one| {
            (one.record, one.verb) == (Some(record), Some(verb))
                && one.held.is_some_and(|held| charts.contains(&held))
        });
        let actions = here.map(|ability| ability.action.name()).collect();
        Allowance { record, verb, charts, actions }
    };
    let rows = abilities::verbs(abilities).into_iter().map(of_verb);
    rows.filter(|allowance| !allowance.charts.is_empty()).collect()
}
