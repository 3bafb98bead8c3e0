//! Reads a space: who is in it, and that it is not for recordkeeping (R070, R074, R075).

use crate::{
    Nothing,
    entered::Place,
    view::{LinkedChart, SpaceView},
};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, chart::Chart, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_space", "/spaces/{space_id}", Action::ReadSpace, Kind::SpaceRead)
        .purpose(Purpose::Coordination)
        .summary("Read who is in a space, and what a space is not for (R070, R074)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<SpaceView> {
    let place = Place::of(&call)?;
    let loaded = call.load([place.space_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let ((), chart, names) = tokio::try_join!(
        call.witness(&entered.permit, entered.fact()),
        linked(&call, &loaded, entered.space.chart_id),
        call.names(&loaded, entered.space.members.keys().copied(), []),
    )?;
    Ok(Reply::with(SpaceView::new(&entered.space, &entered.key, &entered.permit, &names, chart)?))
}

/// The chart the space was created from, if the caller may read that chart for another reason than this one.
async fn linked(
    call: &Call,
    loaded: &Loaded,
    chart_id: Option<ChartId>,
) -> Result<Option<LinkedChart>, Problem> {
    let Some(chart_id) = chart_id else { return Ok(None) };
    let key = keys::chart(chart_id);
    let chart: Option<Chart> = call.system.store.fetch([key.any()]).await?.get(&key)?;
    let Some(chart) = chart.map(Chart::without_escrows) else { return Ok(None) };
    let may = call.may(loaded, Action::ReadChart, Resource::Chart(&chart))?;
    Ok(may.then_some(LinkedChart { chart_id, client_id: chart.client_id }))
}
