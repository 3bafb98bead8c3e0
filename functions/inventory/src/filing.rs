//! The writing of a new folder: its record, its claim on a barcode, where it belongs, and how it came into custody
//! (R030, R033).

use crate::handling;
use api::{Call, Fact, Problem};
use domain::{
    MemberId, RecordId,
    chart::{Chart, Section},
    confidentiality::Guard,
    physical::{Barcode, Custody, CustodyAct, Folder, Location},
    record::{Body, Direction, Record, RecordLimits, Title},
    text::Line,
};
use jiff::civil::Date;
use store::{BarcodeEntry, Change, keys};
use vault::RecordKey;

/// What is said of a new folder.
pub(crate) struct NewFolder {
    pub(crate) title: Title,
    pub(crate) position: Option<Line<80>>,
    pub(crate) barcode: Option<Barcode>,
    pub(crate) section: Section,
    pub(crate) direction: Direction,
    pub(crate) occurred_on: Date,
}

/// A folder that is about to be filed.
pub(crate) struct Filed {
    pub(crate) record: Record,
    pub(crate) key: RecordKey,
    pub(crate) change: Change,
    pub(crate) fact: Fact,
}

/// Seals a new folder of a chart, for a place. What follows for the chart (`Chart::filed`) is the caller's to write.
pub(crate) async fn file(
    call: &Call,
    chart: &Chart,
    place: &Location,
    author: MemberId,
    new: NewFolder,
) -> Result<Filed, Problem> {
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let record_id: RecordId = call.new_id();
    let (key, wrapped) = client_key.new_record_key(vault, &record_id)?;
    let record = Record {
        id: record_id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        author,
        from_client: false,
        section: new.section,
        direction: new.direction,
        occurred_on: new.occurred_on,
        created_at: call.now,
        key: wrapped,
        title: key.seal(vault, "record/title", &record_id, &new.title)?,
        body: Body::Physical(Folder::filed(place.id, new.position, new.barcode).at(place)),
        voided: None,
        limits: RecordLimits::default(),
        class: None,
        guard: Guard::default(),
        cosignature: None,
        revision: 1,
    };
    let act = CustodyAct::Filed { location_id: place.id };
    let fact = handling::fact(&record, &act);
    let change = change(call, &record, act).put_into(place.id, call.new_id());
    Ok(Filed { record, key, change, fact })
}

fn change(call: &Call, record: &Record, act: CustodyAct) -> Change {
    let custody = Custody { record_id: record.id, at: call.now, by: record.author, act };
    let custody_key = keys::custody(record.chart_id, record.id, call.new_id());
    let change = Change::new()
        .insert("record", &keys::record(record.chart_id, record.id), record)
        .insert("custody entry", &custody_key, &custody)
        .shelve(record, None);
    match handling::folder(record).ok().and_then(|folder| folder.barcode.as_ref()) {
        Some(barcode) => {
            let entry = BarcodeEntry { chart_id: record.chart_id, record_id: record.id };
            change.insert("barcode", &keys::barcode(record.organization_id, barcode), &entry)
        }
        None => change,
    }
}
