//! Adds a physical record: the index entry of a folder on a shelf, with its barcode and the first entry of
//! its custody log (R001, R030, R033).

use crate::{
    filing::{self, Filed, NewFolder},
    place,
};
use api::{
    Call, Operation, Outcome, Problem, Reply,
    view::{BodyView, RecordView},
};
use authz::{Action, Resource};
use domain::{
    LocationId,
    chart::Section,
    physical::Barcode,
    record::{Direction, Title, check_occurred_on},
    text::Line,
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Key, keys};

pub static OPERATION: Operation =
    Operation::post("add_folder", "/charts/{chart_id}/folders", Action::AddFolder, Kind::FolderAdded)
        .summary("Add a physical record: what it is and where it is kept (R030)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    title: Title,
    location_id: LocationId,
    /// Where exactly: `third from the left`.
    #[serde(default)]
    position: Option<Line<80>>,
    /// What the label on the folder reads as; one folder of the organization has it.
    #[serde(default)]
    barcode: Option<Barcode>,
    #[serde(default)]
    section: Section,
    #[serde(default)]
    direction: Direction,
    /// The day it tells of; today unless given.
    #[serde(default)]
    occurred_on: Option<Date>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let organization_id = call.organization_id()?;
    let chart_key = keys::chart(call.path("chart_id")?);
    let place_key = keys::location(organization_id, input.location_id);
    let barcode_key = input.barcode.as_ref().map(|barcode| keys::barcode(organization_id, barcode));
    let wanted = [chart_key.any(), place_key.any()].into_iter().chain(barcode_key.iter().map(Key::any));
    let loaded = call.load(wanted).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    chart.must_be_open()?;
    let place = place::named(&loaded, &place_key)?;
    input.barcode.as_ref().map_or(Ok(()), Barcode::must_be_a_folders)?;
    if let Some(key) = &barcode_key
        && loaded.get(key)?.is_some()
    {
        return Err(Problem::conflict("barcode_taken", "another folder has this barcode"));
    }

    let today = call.today(&loaded.organization);
    let occurred_on = input.occurred_on.unwrap_or(today);
    check_occurred_on(occurred_on, today)?;

    let new = NewFolder {
        title: input.title,
        position: input.position,
        barcode: input.barcode,
        section: input.section,
        direction: input.direction,
        occurred_on,
    };
    let Filed { record, key, change, fact } =
        filing::file(&call, &chart, &place, loaded.member.id, new).await?;
    let change = match chart.filed(&record, &loaded.organization) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    };
    let mut view = RecordView::new(&record, &key, &permit, &loaded.organization)?;
    if let BodyView::Physical { folder } = &mut view.body {
        folder.location = Some(place.path());
    }
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
