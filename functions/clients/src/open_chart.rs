//! Opens a member's chart for a client; the member is its owner (P-01).

use api::{Call, Fact, Operation, Outcome, Problem, Reply, view::ChartView};
use authz::{Action, Resource};
use domain::{
    ClientId,
    chart::Chart,
    client::{Client, ClientError},
    limits::CLIENT_CHARTS,
};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use store::{Change, keys};

use crate::Nothing;

pub static OPERATION: Operation =
    Operation::post("open_chart", "/clients/{client_id}/charts", Action::OpenChart, Kind::ChartOpened)
        .summary("Open your chart for a client; you are its owner (R010)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub chart: ChartView,
    /// The client's revision after it: a chart more is a change of the client.
    pub client_revision: u64,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, charts) =
        tokio::try_join!(call.load([key.any()]), call.system.store.charts(client_id).err_into::<Problem>())?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    must_take_charts(&client, &charts)?;
    if let Some(chart) = charts.iter().find(|chart| chart.owner == loaded.member.id) {
        let problem = Problem::conflict("chart_exists", "you have a chart of this client already");
        return Err(problem.with("chart_id", json!(chart.id)));
    }
    let chart = Chart::open(call.new_id(), &client, loaded.member.id, call.now);
    let change = Change::new()
        .open_chart(&chart)
        // The client is written unchanged, so that of two charts of one owner, or of a chart and a closure at
        // the same moment, one comes after the other and sees it.
        .replace("client", &key, &client);
    let output = Output {
        chart: ChartView::new(&chart, &loaded.member, call.now),
        client_revision: client.revision.saturating_add(1),
    };
    let fact = Fact::new().client(client_id).chart(chart.id);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

fn must_take_charts(client: &Client, charts: &[Chart]) -> Result<(), Problem> {
    client.must_be_active()?;
    if client.merged_into.is_some() {
        return Err(ClientError::Merged.into());
    }
    if charts.len() >= CLIENT_CHARTS {
        let detail = format!("a client has at most {CLIENT_CHARTS} charts");
        return Err(Problem::conflict("too_many_charts", detail));
    }
    Ok(())
}
