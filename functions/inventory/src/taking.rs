//! What the operations on stock-takings share: how one is shown, and how folders stand now (R032).

use crate::{handling, rows::Around};
use api::{Call, Loaded, Names, Problem};
use authz::Permit;
use domain::{
    ChartId, LocationId, MemberId, OrganizationId, RecordId, StocktakeId,
    chart::Chart,
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

/// The lines with the numbers and places they speak of; of a folder that is closed to the caller, its label alone.
pub(crate) async fn lines(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    lines: Vec<ReportLine>,
) -> Result<Vec<StocktakeLine>, Problem> {
    let open = open(call, loaded, &lines).await?;
    let told = |line: ReportLine| {
        let is_open = line.record_id.is_none_or(|record| open.contains(&record));
        if is_open { line } else { line.label_alone() }
    };
    let lines: Vec<ReportLine> = lines.into_iter().map(told).collect();
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

/// Those of the folders that the caller may know. One that is gone nobody may: from whom it was kept is gone with it.
async fn open(call: &Call, loaded: &Loaded, lines: &[ReportLine]) -> Result<BTreeSet<RecordId>, Problem> {
    let folders = lines.iter().filter_map(|line| line.chart_id.zip(line.record_id));
    let mut open = BTreeSet::new();
    for (id, (record, chart)) in handling::filed(call, folders).await? {
        if !handling::is_closed(call, loaded, &record, &chart)? {
            open.insert(id);
        }
    }
    Ok(open)
}

/// The folder of a record that stands.
pub(crate) fn standing_folder(record: Option<&Record>) -> Option<&Folder> {
    record.filter(|record| record.voided.is_none()).and_then(|record| handling::folder(record).ok())
}

/// What stock-taking makes of a folder that nobody expected.
pub(crate) fn stranger(record: &Record, place: LocationId) -> Stranger {
    Stranger {
        record_id: record.id,
        chart_id: record.chart_id,
        client_id: record.client_id,
        standing: Standing::of(standing_folder(Some(record)), place),
    }
}

/// The folders that have these barcodes, with their charts; a barcode that nothing has is not among them.
pub(crate) async fn by_barcode(
    call: &Call,
    organization: OrganizationId,
    barcodes: &BTreeSet<Barcode>,
) -> Result<BTreeMap<Barcode, (Record, Chart)>, Problem> {
    let keys: Vec<(&Barcode, Key<BarcodeEntry>)> =
        barcodes.iter().map(|barcode| (barcode, keys::barcode(organization, barcode))).collect();
    let entries = call.system.store.fetch_all(keys.iter().map(|(_, key)| key.any())).await?;
    let mut known: BTreeMap<RecordId, (&Barcode, ChartId)> = BTreeMap::new();
    for (barcode, key) in keys {
        known.extend(entries.get(&key)?.map(|entry| (entry.record_id, (barcode, entry.chart_id))));
    }
    let filed = handling::filed(call, known.iter().map(|(record, (_, chart))| (*chart, *record))).await?;
    let labelled = filed.into_iter().filter_map(|(id, filed)| Some((known.get(&id)?.0.clone(), filed)));
    Ok(labelled.collect())
}
