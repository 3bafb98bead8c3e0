//! Finds the folder or the place with a barcode: what a scanner at the records room's desk asks (R030, R033).
//!
//! Whoever handles folders learns which record it is and where it belongs; its title is for readers of the
//! record alone.

use crate::{Nothing, handling, place::LocationView};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply, view::FolderView};
use authz::{Action, Resource};
use domain::{ChartId, RecordId, chart::Chart, physical::Barcode, purpose::Purpose, record::Record};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Key, keys};

pub static OPERATION: Operation =
    Operation::get("find_barcode", "/barcodes/{barcode}", Action::FindBarcode, Kind::BarcodeFound)
        .purpose(Purpose::RecordsManagement)
        .summary("Find the folder or the place with a barcode (R030)");

/// What has the barcode.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "found", rename_all = "snake_case")]
#[schemars(rename = "FindBarcodeOutput")]
pub enum Output {
    Folder(Box<FoundFolder>),
    Location(Box<LocationView>),
}

/// A folder, by its barcode.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundFolder {
    chart_id: ChartId,
    record_id: RecordId,
    /// To be sent back with the next act.
    revision: u64,
    /// Only for who may read the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Whether the record was entered in error.
    voided: bool,
    #[serde(flatten)]
    folder: FolderView,
    /// The name of who has it, or had it last before it went missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    custodian: Option<String>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let barcode: Barcode = call.path("barcode")?;
    let entry_key = keys::barcode(organization_id, &barcode);
    let place_key = barcode.location().map(|id| keys::location(organization_id, id));
    let wanted = [entry_key.any()].into_iter().chain(place_key.iter().map(Key::any));
    let loaded = call.load(wanted).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let entry = loaded.get(&entry_key)?;
    if let (None, Some(key)) = (&entry, &place_key) {
        let place = loaded.require(key)?;
        call.witness(&permit, Fact::new().location(place.id)).await?;
        return Ok(Reply::with(Output::Location(Box::new(place.into()))));
    }
    let entry = entry.ok_or_else(Problem::not_found)?;
    let (chart_key, record_key) =
        (keys::chart(entry.chart_id), keys::record(entry.chart_id, entry.record_id));
    let found = call.system.store.fetch([chart_key.any(), record_key.any()]).await?;
    let chart = found.get(&chart_key)?.ok_or_else(Problem::not_found)?;
    let record = found.get(&record_key)?.ok_or_else(Problem::not_found)?;
    let folder = handling::folder(&record)?;

    let title = title(&call, &loaded, &record, &chart).await?;
    let custodian = folder.holder();
    let fact = Fact::new().client(record.client_id).chart(chart.id).record(record.id);
    let (names, ()) = tokio::try_join!(
        call.names(&loaded, custodian, [folder.location_id]),
        call.witness(&permit, fact.detail("state", folder.state.name()))
    )?;
    Ok(Reply::with(Output::Folder(Box::new(FoundFolder {
        chart_id: chart.id,
        record_id: record.id,
        revision: record.revision,
        title,
        voided: record.voided.is_some(),
        custodian: custodian.and_then(|id| names.member(id)).map(str::to_owned),
        folder: FolderView {
            location: names.location(folder.location_id).map(str::to_owned),
            ..FolderView::new(folder)
        },
    }))))
}

/// The title, for who may read the record by another right than an escrow, which this evidence would not name.
async fn title(
    call: &Call,
    loaded: &Loaded,
    record: &Record,
    chart: &Chart,
) -> Result<Option<String>, Problem> {
    let chart = &chart.clone().without_escrows();
    let (authorizer, resource) = (&call.system.authorizer, Resource::Record(record, chart));
    let permit = match authorizer.permit(&loaded.member, Action::ReadRecord, resource, call.now) {
        Ok(permit) => permit,
        // The record itself names the caller and leaves them no access: a barcode is no way around that.
        Err(denial) if handling::is_kept(&denial.policies) => return Err(denial.into()),
        Err(_) => return Ok(None),
    };
    let vault = &call.system.vault;
    let client_key = vault.client_key(record.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&record.id, &record.key)?;
    Ok(Some(key.open(&permit, "record/title", &record.id, &record.title)?.into()))
}
