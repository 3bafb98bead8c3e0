//! Adds a physical record: the index entry of a folder on a shelf, with its barcode and the first entry of
//! its custody log (R001, R030, R033).

use crate::{handling, place};
use api::{
    Call, Operation, Outcome, Problem, Reply,
    view::{BodyView, RecordView},
};
use authz::{Action, Resource};
use domain::{
    LocationId, RecordId,
    chart::Section,
    confidentiality::Guard,
    physical::{Barcode, Custody, CustodyAct, Folder},
    record::{Body, Direction, Record, RecordLimits, Title, check_occurred_on},
    text::Line,
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{BarcodeEntry, Change, Key, keys};

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
    if let Some(key) = &barcode_key
        && loaded.get(key)?.is_some()
    {
        return Err(Problem::conflict("barcode_taken", "another folder has this barcode"));
    }

    let today = call.today(&loaded.organization);
    let occurred_on = input.occurred_on.unwrap_or(today);
    check_occurred_on(occurred_on, today)?;

    let client_key =
        call.system.vault.client_key(organization_id, chart.client_id, &chart.client_key).await?;
    let record_id: RecordId = call.new_id();
    let (key, wrapped) = client_key.new_record_key(&call.system.vault, &record_id)?;
    let record = Record {
        id: record_id,
        organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        author: loaded.member.id,
        from_client: false,
        section: input.section,
        direction: input.direction,
        occurred_on,
        created_at: call.now,
        key: wrapped,
        title: key.seal(&call.system.vault, "record/title", &record_id, &input.title)?,
        body: Body::Physical(Folder::filed(place.id, input.position, input.barcode)),
        voided: None,
        limits: RecordLimits::default(),
        guard: Guard::default(),
        cosignature: None,
        revision: 1,
    };
    let act = CustodyAct::Filed { location_id: place.id };
    let fact = handling::fact(&record, &act);
    let change = change(&call, &record, barcode_key.as_ref(), act);
    let mut view = RecordView::new(&record, &key, &permit, &loaded.organization)?;
    if let BodyView::Physical { folder } = &mut view.body {
        folder.location = Some(place.path());
    }
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}

/// The record, its claim on the barcode, and how it came into custody.
fn change(call: &Call, record: &Record, barcode: Option<&Key<BarcodeEntry>>, act: CustodyAct) -> Change {
    let custody = Custody { record_id: record.id, at: call.now, by: record.author, act };
    let custody_key = keys::custody(record.chart_id, record.id, call.new_id());
    let change = Change::new().insert("record", &keys::record(record.chart_id, record.id), record).insert(
        "custody entry",
        &custody_key,
        &custody,
    );
    match barcode {
        Some(key) => {
            let entry = BarcodeEntry { chart_id: record.chart_id, record_id: record.id };
            change.insert("barcode", key, &entry)
        }
        None => change,
    }
}
