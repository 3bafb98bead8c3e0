//! Marks a whole chart confidential, or takes the mark off (R081, P-31).

use api::{Call, Fact, Operation, Outcome, Problem, Reply, view::ChartView};
use authz::{Action, Resource};
use domain::ChartId;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, ChartEntry, keys};

pub static OPERATION: Operation =
    Operation::put("mark_chart", "/charts/{chart_id}/confidentiality", Action::MarkChart, Kind::ChartMarked)
        .summary("Mark a whole chart confidential, or take the mark off (R081)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The chart's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub confidential: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<ChartView> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    if chart.revision != input.expected_revision {
        return Err(Problem::stale(chart.revision));
    }
    let chart = chart.mark(input.confidential)?;
    // Where the chart is owned the same is said, so that charts are counted unread (P-33).
    let owned = keys::owned_chart(chart.organization_id, chart.owner, chart_id);
    let change = Change::new().replace_chart(&chart).set("owned chart", &owned, &ChartEntry::of(&chart));
    // Whether the mark is on is for who has the chart (P-34), and the trail is read by others too.
    let fact = Fact::new().client(chart.client_id).chart(chart_id);
    let view = ChartView::new(&chart, &loaded.member, call.now).revised();
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
