//! Begins to take stock of a place: what should be in it, and in everything within it, is written down (R032).

use crate::taking::StocktakeView;
use api::{Call, Fact, Nothing, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    limits::STOCKTAKE_FOLDERS,
    purpose::Purpose,
    stocktake::{Expected, Stocktake, StocktakeError},
};
use evidence::Kind;
use store::{Change, FiledEntry, StocktakeExpected, keys};

pub static OPERATION: Operation = Operation::post(
    "begin_stocktake",
    "/locations/{location_id}/stocktakes",
    Action::BeginStocktake,
    Kind::StocktakeBegun,
)
.purpose(Purpose::RecordsManagement)
.summary("Begin to take stock of a place and everything within it (R032)");

/// Folders in one item of the table.
const PART: usize = 400;

pub async fn handle(call: Call, _: Nothing) -> Outcome<StocktakeView> {
    let organization_id = call.organization_id()?;
    let place_key = keys::location(organization_id, call.path("location_id")?);
    let loaded = call.load([place_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let place = loaded.require(&place_key)?;
    place.must_be_in_use()?;
    let filed = call.system.store.filed_all(organization_id, &place.ids(), STOCKTAKE_FOLDERS).await?;
    let filed = filed.ok_or(StocktakeError::TooManyFolders)?;
    let stocktake = Stocktake::begin(call.new_id(), &place, loaded.member.id, filed.len(), call.now)?;
    let mut change =
        Change::new().insert("stocktake", &keys::stocktake(organization_id, stocktake.id), &stocktake);
    for (number, some) in filed.chunks(PART).enumerate() {
        let part = StocktakeExpected { folders: some.iter().map(expected).collect() };
        change = change.insert("expected", &keys::stocktake_expected(stocktake.id, number), &part);
    }
    let fact = Fact::new().location(place.id).detail("stocktake_id", stocktake.id);
    let names = call.names(&loaded, [stocktake.begun_by], [place.id]).await?;
    let reply = Reply::with(StocktakeView::new(&stocktake, &names));
    call.commit(&loaded.organization, &permit, change, fact.detail("expected", filed.len()), reply).await
}

fn expected(entry: &FiledEntry) -> Expected {
    Expected {
        record_id: entry.record_id,
        chart_id: entry.chart_id,
        client_id: entry.client_id,
        location_id: entry.location_id,
        barcode: entry.barcode.clone(),
    }
}
