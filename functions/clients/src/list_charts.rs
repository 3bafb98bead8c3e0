//! Lists a client's charts that the caller may read; the others are not even counted (R046). What is open to them in
//! escrow is listed among the escrows, and not here, where the evidence would not name it.

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Problem, Reply, view::ChartView};
use authz::{Action, Resource};
use domain::{ClientId, chart::Chart};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_charts", "/clients/{client_id}/charts", Action::ListCharts, Kind::ChartsListed)
        .summary("List the charts of a client that you may read (R046)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// In the order they were opened.
    pub charts: Vec<ChartView>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, charts) =
        tokio::try_join!(call.load([key.any()]), call.system.store.charts(client_id).err_into::<Problem>())?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let mut shown = Vec::new();
    for chart in charts.into_iter().map(Chart::without_escrows) {
        if call.may(&loaded, Action::ReadChart, Resource::Chart(&chart))? {
            shown.push(ChartView::new(&chart, &loaded.member, call.now));
        }
    }
    call.witness(&permit, Fact::new().client(client_id).detail("results", shown.len())).await?;
    Ok(Reply::with(Output { charts: shown }))
}
