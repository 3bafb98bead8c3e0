//! Explains a decision: may this member do this to that, or could they if they were given something else, and which
//! policies say so (R050, R052).
//!
//! The answer comes from the authorizer that decides every call, never from a second implementation.

use crate::{changes, supposition::Supposition};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource, reason};
use domain::{ChartId, ClientId, MemberId, RecordId, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AnyKey, keys};

pub static OPERATION: Operation =
    Operation::post("explain_decision", "/decisions", Action::ExplainDecision, Kind::DecisionExplained)
        .success(200)
        .purpose(Purpose::Administration)
        .summary("May this member do this, and which policies decide? (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    member_id: MemberId,
    /// An action by its name: `ReadRecord`.
    action: String,
    on: On,
    /// What they could do if they were given this instead.
    #[serde(default)]
    with: Option<Supposition>,
}

/// On what the action would be done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum On {
    Organization,
    Member { member_id: MemberId },
    Client { client_id: ClientId },
    Chart { chart_id: ChartId },
    Record { chart_id: ChartId, record_id: RecordId },
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    allowed: bool,
    /// The policies that allowed or forbade; empty when none allows.
    policies: Vec<String>,
    /// The same in plain sentences.
    reason: String,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let action = Action::from_name(&input.action)
        .filter(|action| !action.is_outside_policies())
        .ok_or_else(|| Problem::invalid("no_such_action", "there is no such action"))?;
    let organization_id = call.organization_id()?;
    let member_key = keys::member(organization_id, input.member_id);
    let loaded = call.load(wanted(&call, &input.on)?.into_iter().chain([member_key.any()])).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let member = loaded.require(&member_key)?;
    let supposed = input.with.is_some();
    let member = match input.with {
        Some(with) => with.apply(&loaded.organization, loaded.member.id, member)?,
        None => member,
    };
    let decide = |resource: Resource<'_>| call.decide(&loaded, &member, action, resource);
    let decision = match input.on {
        On::Organization => decide(Resource::Organization(organization_id))?,
        On::Member { member_id } => {
            decide(Resource::Member(&loaded.require(&keys::member(organization_id, member_id))?))?
        }
        On::Client { client_id } => {
            let client = loaded.require(&keys::client(client_id))?;
            own(client.organization_id == organization_id)?;
            decide(Resource::Client(&client))?
        }
        On::Chart { chart_id } => {
            let chart = loaded.require(&keys::chart(chart_id))?;
            own(chart.organization_id == organization_id)?;
            decide(Resource::Chart(&chart))?
        }
        On::Record { chart_id, record_id } => {
            let chart = loaded.require(&keys::chart(chart_id))?;
            let record = loaded.require(&keys::record(chart_id, record_id))?;
            own(record.organization_id == organization_id)?;
            decide(Resource::Record(&record, &chart))?
        }
    };
    let fact = if supposed { changes::standing_fact(&member) } else { Fact::new().member(member.id) };
    let fact = fact.detail("action", action.name()).detail("allowed", decision.allowed);
    call.witness(&permit, fact.detail("supposed", supposed)).await?;
    let reason = reason::sentences(&decision.policies);
    Ok(Reply::with(Output { allowed: decision.allowed, policies: decision.policies, reason }))
}

fn wanted(call: &Call, on: &On) -> Result<Vec<AnyKey>, Problem> {
    Ok(match on {
        On::Organization => vec![],
        On::Member { member_id } => vec![keys::member(call.organization_id()?, *member_id).any()],
        On::Client { client_id } => vec![keys::client(*client_id).any()],
        On::Chart { chart_id } => vec![keys::chart(*chart_id).any()],
        On::Record { chart_id, record_id } => {
            vec![keys::chart(*chart_id).any(), keys::record(*chart_id, *record_id).closed()]
        }
    })
}

/// Another organization's things do not exist here.
fn own(is_own: bool) -> Result<(), Problem> {
    if is_own { Ok(()) } else { Err(Problem::not_found()) }
}
