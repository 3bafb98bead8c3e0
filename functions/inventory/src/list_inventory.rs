//! Lists the folders that belong in a place and in everything within it (R032).

use crate::rows::{self, InventoryRow};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{LocationId, purpose::Purpose};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_inventory",
    "/locations/{location_id}/folders",
    Action::ListInventory,
    Kind::InventoryListed,
)
.purpose(Purpose::RecordsManagement)
.summary("List the folders in a place and everything within it (R032)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ListInventoryInput")]
pub struct Input {
    /// Whether clients are named, masked, to who may see them.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    names: bool,
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListInventoryOutput")]
pub struct Output {
    location_id: LocationId,
    /// `Main site / Records room`.
    location: String,
    /// The moment the list is of.
    taken_at: Timestamp,
    folders: Vec<InventoryRow>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let place_key = keys::location(organization_id, call.path("location_id")?);
    let loaded = call.load([place_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let place = loaded.require(&place_key)?;
    let page = call.system.store.filed(organization_id, &place.ids(), after.as_deref(), limit).await?;
    let folders = rows::rows(&call, &loaded, &permit, &page.items, input.names).await?;
    let fact = Fact::new().location(place.id).detail("folders", folders.len()).detail("names", input.names);
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output {
        location_id: place.id,
        location: place.path(),
        taken_at: call.now,
        folders,
        next: page.next.as_deref().map(Cursor::new),
    }))
}
