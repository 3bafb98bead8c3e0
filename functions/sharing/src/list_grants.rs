//! Lists with whom a chart is shared: its owner changes it, collaborators and administrators see it (P-08).

use crate::{
    Nothing,
    access_list::{self, GrantView},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{ChartId, MemberId, sharing::Grant};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_grants", "/charts/{chart_id}/grants", Action::ListGrants, Kind::GrantsListed)
        .summary("List with whom a chart is shared (P-08)");

/// With whom a chart is shared: ids and names of members, and nothing of whom it is about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub chart_id: ChartId,
    pub owner: MemberId,
    /// Those that give something now, in the order they were made.
    pub grants: Vec<GrantView>,
    /// The chart's: to be sent back with a change of the list.
    pub revision: u64,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let live: Vec<Grant> =
        chart.grants.rows().iter().filter(|grant| grant.is_live(call.now)).cloned().collect();
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("results", live.len());
    let ((), called) =
        tokio::try_join!(call.witness(&permit, fact), access_list::called(&call, &loaded, &live))?;
    let grants = live.iter().map(|grant| GrantView::new(grant, &called, &loaded.organization)).collect();
    Ok(Reply::with(Output { chart_id, owner: chart.owner, grants, revision: chart.revision }))
}
