//! What the operations on stock-takings share: how one is shown, and how folders stand now (R032).

use crate::{handling, rows::Around};
use api::{Call, Loaded, Names, Problem};
use authz::Permit;
use domain::{
    ChartId, LocationId, MemberId, OrganizationId, RecordId, StocktakeId,
    physical::{Barcode, Folder},
    record::Record,
    stocktake::{ReportLine, Standing, Stocktake, StocktakeClosed, Stranger, Verdict},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{BarcodeEntry, Key, keys};

/// A stock-taking.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StocktakeView {
    pub id: StocktakeId,
    pub location_id: LocationId,
    /// `Main site / Records room`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    pub begun_by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_by_name: Option<String>,
    pub begun_at: Timestamp,
    /// Folders that should be there.
    pub expected: u32,
    /// Batches of barcodes that have come.
    pub batches: u32,
    /// What it came to; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<StocktakeClosed>,
    pub revision: u64,
}

impl StocktakeView {
    pub(crate) fn new(stocktake: &Stocktake, names: &Names) -> Self {
        Self {
            id: stocktake.id,
            location_id: stocktake.location_id,
            location: names.location(stocktake.location_id).map(str::to_owned),
            begun_by: stocktake.begun_by,
            begun_by_name: names.member(stocktake.begun_by).map(str::to_owned),
            begun_at: stocktake.begun_at,
            expected: stocktake.expected,
            batches: stocktake.batches,
            closed: stocktake.closed.clone(),
            revision: stocktake.revision,
        }
    }

    /// The view of one whose change is about to be committed.
    #[must_use]
    pub(crate) const fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }
}

/// A line of the report, as people read it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StocktakeLine {
    pub verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<Barcode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_id: Option<ChartId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_number: Option<String>,
    /// Where it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// The lines with the numbers and places they speak of.
pub(crate) async fn lines(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    lines: Vec<ReportLine>,
) -> Result<Vec<StocktakeLine>, Problem> {
    let clients = lines.iter().filter_map(|line| line.client_id).collect();
    let places = lines.iter().filter_map(|line| line.location_id).collect();
    let around = Around::of(call, loaded, permit, &clients, &places).await?;
    let shown = lines.into_iter().map(|line| StocktakeLine {
        verdict: line.verdict,
        barcode: line.barcode,
        record_id: line.record_id,
        chart_id: line.chart_id,
        file_number: line.client_id.map(|client| around.file_number(client)),
        location: line.location_id.and_then(|place| around.path(place)),
    });
    Ok(shown.collect())
}

/// The folder of a record that stands.
pub(crate) fn standing_folder(record: Option<&Record>) -> Option<&Folder> {
    record.filter(|record| record.voided.is_none()).and_then(|record| handling::folder(record).ok())
}

/// The folders that have these barcodes; a barcode that nothing has is not among them.
pub(crate) async fn by_barcode(
    call: &Call,
    organization: OrganizationId,
    place: LocationId,
    barcodes: &BTreeSet<Barcode>,
) -> Result<BTreeMap<Barcode, Stranger>, Problem> {
    let entry_keys: Vec<(&Barcode, Key<BarcodeEntry>)> =
        barcodes.iter().map(|barcode| (barcode, keys::barcode(organization, barcode))).collect();
    let store = &call.system.store;
    let entries = store.fetch_all(entry_keys.iter().map(|(_, key)| key.any())).await?;
    let mut record_keys: Vec<(&Barcode, Key<Record>)> = Vec::new();
    for (barcode, key) in &entry_keys {
        let entry = entries.get(key)?;
        record_keys.extend(entry.map(|entry| (*barcode, keys::record(entry.chart_id, entry.record_id))));
    }
    let records = store.fetch_all(record_keys.iter().map(|(_, key)| key.any())).await?;
    let mut found = BTreeMap::new();
    for (barcode, key) in record_keys {
        let record: Option<Record> = records.get(&key)?;
        let Some(record) = record.filter(|record| !record.guard.compartment.is_secret()) else { continue };
        let stranger = Stranger {
            record_id: record.id,
            chart_id: record.chart_id,
            client_id: record.client_id,
            standing: Standing::of(standing_folder(Some(&record)), place),
        };
        found.insert(barcode.clone(), stranger);
    }
    Ok(found)
}
