//! Lists the folders that belong in a place and in everything within it, or those of them that are overdue (R032,
//! R033).

use crate::rows::{self, Asked, ClosedRow, Inventory, InventoryRow};
use api::{Call, Cursor, Operation, Outcome, Paging, Reply};
use authz::Action;
use domain::{LocationId, purpose::Purpose};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation = Operation::get(
    "list_inventory",
    "/locations/{location_id}/folders",
    Action::ListInventory,
    Kind::InventoryListed,
)
.purpose(Purpose::RecordsManagement)
.summary("List the folders in a place and everything within it, or those that are overdue (R032, R033)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ListInventoryInput")]
pub struct Input {
    /// Whether clients are named, masked, to who may see them.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    names: bool,
    /// Only folders that are checked out and should be back since before today (R033); of those that are closed to the
    /// caller none.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    overdue: bool,
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
    /// Those of the page that are closed to the caller.
    closed: Vec<ClosedRow>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let asked = Asked { names: input.names, overdue: input.overdue };
    let Inventory { place, folders, closed, next, .. } =
        rows::inventory(&call, (limit, after.as_deref()), asked).await?;
    Ok(Reply::with(Output {
        location_id: place.id,
        location: place.path(),
        taken_at: call.now,
        folders,
        closed,
        next,
    }))
}
