//! Sets what the organization asks of its own records (R010, R052).

use crate::view::OrganizationView;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{organization::Policy, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::put("set_policy", "/organization/policy", Action::SetPolicy, Kind::PolicySet)
        .purpose(Purpose::Administration)
        .summary(
            "Set time zone, required demographics and automatic logoff (R010, 45 CFR 164.312(a)(2)(iii))",
        );

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    policy: Policy,
}

pub async fn handle(call: Call, input: Input) -> Outcome<OrganizationView> {
    input.policy.check()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let mut organization = loaded.organization;
    if input.expected_revision != organization.revision {
        return Err(Problem::stale(organization.revision));
    }
    let fact = Fact::new()
        .detail("time_zone", input.policy.time_zone.as_str())
        .detail("required_fields", input.policy.required_fields.len())
        .detail("idle_minutes", input.policy.idle_minutes);
    organization.policy = input.policy;
    let key = keys::organization(organization.id);
    let change = Change::new().replace("organization", &key, &organization);
    let reply = Reply::with(OrganizationView::committed(organization.clone()));
    call.commit(&organization, &permit, change, fact, reply).await
}
