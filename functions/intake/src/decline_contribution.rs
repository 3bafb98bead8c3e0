//! Declines what a client sent, with the reason; it stays out of the chart and is not lost (X-9, R121).

use crate::inbox;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, ContributionId, limits::REASON_CHARS, text::Prose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "decline_contribution",
    "/charts/{chart_id}/contributions/{contribution_id}/refusal",
    Action::DeclineContribution,
    Kind::ContributionDeclined,
)
.success(200)
.summary("Decline what the client sent, with the reason (X-9, R121)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    reason: Prose<REASON_CHARS>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    contribution_id: ContributionId,
    revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (chart_id, contribution_id): (ChartId, ContributionId) =
        (call.path("chart_id")?, call.path("contribution_id")?);
    let (chart_key, contribution_key) =
        (keys::chart(chart_id), keys::contribution(chart_id, contribution_id));
    let loaded = call.load([chart_key.any(), contribution_key.any()]).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let contribution = loaded.require(&contribution_key)?;
    if input.expected_revision != contribution.revision {
        return Err(Problem::stale(contribution.revision));
    }
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&contribution_id, &contribution.key)?;
    let reason = key.seal(vault, "contribution/reason", &contribution_id, &input.reason)?;
    let contribution = contribution.decline(loaded.member.id, reason, call.now)?;
    let change = Change::new().replace("contribution", &contribution_key, &contribution);
    let change = inbox::out_of(change, &chart, &contribution);
    let fact = Fact::new()
        .client(chart.client_id)
        .chart(chart_id)
        .link(contribution.link_id)
        .contribution(contribution_id);
    let reply = Reply::with(Output { contribution_id, revision: contribution.revision.saturating_add(1) });
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
