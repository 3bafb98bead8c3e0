//! Creates a collaborative space, from a chart or by itself; nobody is in it yet but who creates it (R070, R071,
//! P-20, P-21).

use crate::{
    entered::must_also,
    view::{LinkedChart, SpaceView},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, SpaceId,
    chart::Chart,
    purpose::Purpose,
    space::{Beginning, Space, SpaceName, Subject},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, Key, SpaceEntry, keys};

pub static OPERATION: Operation =
    Operation::post("create_space", "/spaces", Action::CreateSpace, Kind::SpaceCreated)
        .purpose(Purpose::Coordination)
        .summary("Create a collaborative space, which is not for recordkeeping (R070, R071)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    name: SpaceName,
    subject: Subject,
    /// The chart it is about, which the creator may read. Being in the space gives nothing on that chart.
    #[serde(default)]
    chart_id: Option<ChartId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<SpaceView> {
    let chart_key = input.chart_id.map(keys::chart);
    let loaded = call.load(chart_key.iter().map(Key::any)).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let chart: Option<Chart> = chart_key.map(|key| loaded.require(&key)).transpose()?;
    if let Some(chart) = &chart {
        must_also(&call, &loaded, Action::ReadChart, Resource::Chart(chart))?;
    }
    let (vault, space_id) = (&call.system.vault, call.new_id::<SpaceId>());
    let directory = call.directory(&loaded.organization).await?;
    let (key, wrapped) = directory.new_space_key(vault, space_id)?;
    let beginning = Beginning {
        id: space_id,
        name: key.seal(vault, "space/name", &space_id, &input.name)?,
        subject: input.subject,
        chart_id: input.chart_id,
        key: wrapped,
    };
    let space = Space::create(beginning, &loaded.member, call.now)?;
    let names = call.names(&loaded, [], []).await?;
    let linked = chart.map(|chart| LinkedChart { chart_id: chart.id, client_id: chart.client_id });
    let fact = Fact::new().space(space_id).detail("linked", linked.is_some());
    let view = SpaceView::new(&space, &key, &permit, &names, linked)?;
    let entry_key = keys::space_entry(space.organization_id, loaded.member.id, space_id);
    let change = Change::new().insert("space", &keys::space(space_id), &space).insert(
        "space",
        &entry_key,
        &SpaceEntry::of(space_id),
    );
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
