//! Lists the stock-takings of the organization, the newest first (R032).

use crate::taking::StocktakeView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_stocktakes", "/stocktakes", Action::ListStocktakes, Kind::StocktakesListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the stock-takings (R032)");

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListStocktakesOutput")]
pub struct Output {
    stocktakes: Vec<StocktakeView>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let query = async {
        Ok::<_, Problem>(call.system.store.stocktakes(organization_id, after.as_deref(), limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([]), query)?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let members: Vec<_> = page.items.iter().map(|one| one.begun_by).collect();
    let places: Vec<_> = page.items.iter().map(|one| one.location_id).collect();
    let (names, ()) = tokio::try_join!(
        call.names(&loaded, members, places),
        call.witness(&permit, Fact::new().detail("stocktakes", page.items.len()))
    )?;
    Ok(Reply::with(Output {
        stocktakes: page.items.iter().map(|one| StocktakeView::new(one, &names)).collect(),
        next: page.next.as_deref().map(Cursor::new),
    }))
}
