//! Reads a chart: whose it is, what the reader is to it, and whom it is about, masked (R010, R085).

use crate::Nothing;
use api::{
    Call, Fact, Operation, Outcome, Problem, Reply,
    view::{ChartView, ClientCard},
};
use authz::{Action, Resource};
use domain::ChartId;
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_chart", "/charts/{chart_id}", Action::ReadChart, Kind::ChartRead)
        .summary("Read a chart with its client, masked (R010, R085)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub chart: ChartView,
    /// Whom it is about, as lists show them.
    pub client: ClientCard,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let client_key = keys::client(chart.client_id);
    let (items, (), directory) = tokio::try_join!(
        call.system.store.fetch([client_key.any()]).err_into::<Problem>(),
        call.witness(&permit, Fact::new().client(chart.client_id).chart(chart_id)),
        call.directory(&loaded.organization),
    )?;
    let client = items.get(&client_key)?.ok_or_else(|| Problem::internal("a chart without its client"))?;
    let client = ClientCard::new(&client, &directory, &permit)?;
    Ok(Reply::with(Output { chart: ChartView::new(&chart, &loaded.member, call.now), client }))
}
