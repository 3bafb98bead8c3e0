//! Takes a batch of barcodes into a stock-taking, from whoever walks along the shelves with a phone (R032). A batch
//! that is sent twice, or a folder that two people scan, counts once.

use crate::{handling, taking};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, LocationId, RecordId, StocktakeId,
    chart::Chart,
    limits::STOCKTAKE_BARCODES,
    physical::Barcode,
    purpose::Purpose,
    record::Record,
    stocktake::{Standing, Stranger},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, StocktakeScan, keys};

pub static OPERATION: Operation = Operation::post(
    "scan_stocktake",
    "/stocktakes/{stocktake_id}/scans",
    Action::ScanStocktake,
    Kind::StocktakeScanned,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Take a batch of barcodes into a stock-taking (R032)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ScanStocktakeInput")]
pub struct Input {
    /// As they were read, 200 at most.
    barcodes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScanStocktakeOutput")]
pub struct Output {
    stocktake_id: StocktakeId,
    results: Vec<Scanned>,
}

/// What the person at the shelf is told of a barcode, as things stand now. Of a folder that is closed to them it is no
/// more than whether it belongs where they hold it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Scanned {
    barcode: String,
    result: ScanResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart_id: Option<ChartId>,
    /// Of what is misplaced: where it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanResult {
    /// It belongs here.
    Found,
    /// It is here, though it was said to be out, on its way or missing: check it in.
    Reappeared,
    /// It belongs elsewhere.
    Misplaced,
    /// Nothing has this barcode.
    Unexpected,
    /// The label of a place, which is not counted.
    Place,
    /// No barcode, and not counted.
    Unreadable,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let key = keys::stocktake(organization_id, call.path("stocktake_id")?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let stocktake = loaded.require(&key)?;
    if !(1..=STOCKTAKE_BARCODES).contains(&input.barcodes.len()) {
        let detail = format!("a batch has from 1 to {STOCKTAKE_BARCODES} barcodes");
        return Err(Problem::unprocessable("invalid_batch", detail));
    }
    let stocktake = stocktake.take_batch()?;
    let read: BTreeMap<&str, Barcode> = input
        .barcodes
        .iter()
        .filter_map(|text| Some((text.as_str(), text.trim().parse::<Barcode>().ok()?)))
        .collect();
    let counted: BTreeSet<Barcode> =
        read.values().filter(|barcode| barcode.location().is_none()).cloned().collect();
    let found = taking::by_barcode(&call, organization_id, &counted).await?;
    let known = known(&call, &loaded, stocktake.location_id, &found)?;
    let results = told(&call, &loaded, &input.barcodes, &read, &known).await?;

    let scan = StocktakeScan { by: loaded.member.id, at: call.now, barcodes: counted.into_iter().collect() };
    let change = Change::new().replace("stocktake", &key, &stocktake).insert(
        "scan",
        &keys::stocktake_scan(stocktake.id, call.new_id()),
        &scan,
    );
    let fact = Fact::new()
        .location(stocktake.location_id)
        .detail("stocktake_id", stocktake.id)
        .detail("barcodes", scan.barcodes.len());
    let reply = Reply::with(Output { stocktake_id: stocktake.id, results });
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}

/// How a folder stands, and what it is if that is not closed to the caller.
type Known = (Standing, Option<Stranger>);

fn known<'f>(
    call: &Call,
    loaded: &Loaded,
    place: LocationId,
    found: &'f BTreeMap<Barcode, (Record, Chart)>,
) -> Result<BTreeMap<&'f Barcode, Known>, Problem> {
    let mut known = BTreeMap::new();
    for (barcode, (record, chart)) in found {
        let stranger = taking::stranger(record, place);
        let is_closed = handling::is_closed(call, loaded, record, chart)?;
        known.insert(barcode, (stranger.standing, (!is_closed).then_some(stranger)));
    }
    Ok(known)
}

async fn told(
    call: &Call,
    loaded: &Loaded,
    barcodes: &[String],
    read: &BTreeMap<&str, Barcode>,
    known: &BTreeMap<&Barcode, Known>,
) -> Result<Vec<Scanned>, Problem> {
    let elsewhere: BTreeSet<LocationId> =
        known.values().filter_map(|(_, stranger)| belongs(stranger.as_ref()?)).collect();
    let names = call.names(loaded, [], elsewhere).await?;
    let shown = barcodes.iter().map(|text| {
        let known = read.get(text.as_str()).and_then(|barcode| known.get(barcode));
        let stranger = known.and_then(|(_, stranger)| stranger.as_ref());
        let is_place = read.get(text.as_str()).is_some_and(|barcode| barcode.location().is_some());
        let result = match known {
            Some((standing, _)) => result(*standing),
            None if is_place => ScanResult::Place,
            None if read.contains_key(text.as_str()) => ScanResult::Unexpected,
            None => ScanResult::Unreadable,
        };
        Scanned {
            barcode: text.chars().take(64).collect(),
            result,
            record_id: stranger.map(|stranger| stranger.record_id),
            chart_id: stranger.map(|stranger| stranger.chart_id),
            location: stranger.and_then(belongs).and_then(|id| names.location(id)).map(str::to_owned),
        }
    });
    Ok(shown.collect())
}

const fn result(standing: Standing) -> ScanResult {
    match standing {
        Standing::Here => ScanResult::Found,
        Standing::Out | Standing::Underway | Standing::Missing => ScanResult::Reappeared,
        Standing::Elsewhere(_) => ScanResult::Misplaced,
        Standing::Gone => ScanResult::Unexpected,
    }
}

const fn belongs(stranger: &Stranger) -> Option<LocationId> {
    match stranger.standing {
        Standing::Elsewhere(location) => Some(location),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_told_at_the_shelf_follows_from_how_the_folder_stands() {
        let elsewhere = LocationId::new(Uuid::from_u128(9));
        assert_eq!(result(Standing::Here), ScanResult::Found);
        assert_eq!(result(Standing::Out), ScanResult::Reappeared);
        assert_eq!(result(Standing::Elsewhere(elsewhere)), ScanResult::Misplaced);
        assert_eq!(result(Standing::Gone), ScanResult::Unexpected);
    }
}
