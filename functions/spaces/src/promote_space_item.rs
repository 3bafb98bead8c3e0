//! Copies an item of a space into a chart, with where it comes from: by a member of the space who may add to that
//! chart, and not by being in the space (R074, X-6).

use crate::{
    copy::Copying,
    entered::{Place, must_also},
};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, RecordId,
    chart::{Chart, Section},
    purpose::Purpose,
    record::check_occurred_on,
    space::{ItemKind, Promotion, RecordOrigin, SpaceItem},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "promote_space_item",
    "/spaces/{space_id}/items/{item_id}/promotions",
    Action::PromoteSpaceItem,
    Kind::SpaceItemPromoted,
)
.purpose(Purpose::RecordsManagement)
.summary("Copy an item of a space into a chart you may add to, as a record (R074)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    chart_id: ChartId,
    /// Progress notes for a note and documents for a file, unless given.
    #[serde(default)]
    section: Option<Section>,
    /// The day it tells of; the day it came into the space, unless given.
    #[serde(default)]
    occurred_on: Option<Date>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    chart_id: ChartId,
    /// The copy; from now on it is a record like every other one of the chart.
    record_id: RecordId,
    /// What is kept with it of where it comes from.
    origin: RecordOrigin,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let place = Place::of(&call)?;
    let (item_key, chart_key) = (place.item(&call)?, keys::chart(input.chart_id));
    let loaded = call.load([place.space_key.any(), item_key.any(), chart_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let item = entered.item(&call, &loaded, &item_key)?;
    let chart: Chart = loaded.require(&chart_key)?;
    let to_add = may_add(&call, &loaded, &chart, item.kind())?;
    chart.must_be_open()?;
    let occurred_on = input.occurred_on.unwrap_or_else(|| written_on(&item, &loaded));
    check_occurred_on(occurred_on, call.today(&loaded.organization))?;

    let record_id: RecordId = call.new_id();
    let promotion = Promotion { record_id, by: loaded.member.id, at: call.now };
    let promoted = item.clone().promote(chart.id, promotion)?;
    let copying = Copying {
        call: &call,
        loaded: &loaded,
        entered: &entered,
        item: &item,
        chart: &chart,
        to_add: &to_add,
        record_id,
        section: input.section,
        occurred_on,
    };
    let origin = item.origin(&promotion);
    let change = copying
        .change()
        .await?
        .insert("record", &keys::record_origin(chart.id, record_id), &origin)
        .replace("item", &item_key, &promoted);
    let fact = entered.fact().space_item(item.id).detail("kind", item.kind().name());
    let fact = fact.client(chart.client_id).chart(chart.id).record(record_id);
    let fact = fact.detail("written_by", item.author).detail("written_at", item.created_at);
    let reply = Reply::with(Output { chart_id: chart.id, record_id, origin });
    call.commit(&loaded.organization, &entered.permit, change, fact, reply).await
}

/// The chart's own policies decide, as of a note or file that is made in it.
fn may_add(call: &Call, loaded: &Loaded, chart: &Chart, kind: ItemKind) -> Result<Permit, Problem> {
    let action = match kind {
        ItemKind::Note => Action::DraftNote,
        ItemKind::Document => Action::StartUpload,
    };
    must_also(call, loaded, action, Resource::Chart(chart))
}

/// The day it came into the space, where the organization is.
fn written_on(item: &SpaceItem, loaded: &Loaded) -> Date {
    item.created_at.to_zoned(loaded.organization.policy.time_zone.zone()).date()
}
