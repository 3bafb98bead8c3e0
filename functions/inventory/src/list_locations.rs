//! Lists the places where physical records are kept, each with its path from the site (R030).

use crate::place::LocationView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_locations", "/locations", Action::ListLocations, Kind::LocationsListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the places where physical records are kept (R030)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    locations: Vec<LocationView>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let query = async {
        Ok::<_, Problem>(call.system.store.locations(organization_id, after.as_deref(), limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([]), query)?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    call.witness(&permit, Fact::new().detail("locations", page.items.len())).await?;
    Ok(Reply::with(Output {
        locations: page.items.into_iter().map(LocationView::from).collect(),
        next: page.next.as_deref().map(Cursor::new),
    }))
}
