//! Takes a place out of use, with nothing in it any more; custody logs go on speaking of it (R030).

use crate::place::{self, LocationView};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, Door, Key, keys};

pub static OPERATION: Operation = Operation::post(
    "retire_location",
    "/locations/{location_id}/retirement",
    Action::RetireLocation,
    Kind::LocationRetired,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Take a place without folders out of use (R030)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RetireLocationInput")]
pub struct Input {
    expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<LocationView> {
    let organization_id = call.organization_id()?;
    let key = keys::location(organization_id, call.path("location_id")?);
    let doors: Vec<Key<Door>> = store::doors(call.path("location_id")?).collect();
    // The doors are read before it is looked what is behind them.
    let loaded = call.load(doors.iter().map(Key::any).chain([key.any()])).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let location = loaded.require(&key)?;
    Problem::unless_current(location.revision, input.expected_revision)?;
    let ids = location.ids();
    let folders = async { Ok::<_, Problem>(call.system.store.filed(organization_id, &ids, None, 1).await?) };
    let (all, folders) = tokio::try_join!(place::all(&call), folders)?;
    let within = all.iter().filter(|one| one.is_within(location.id) && one.retired_at.is_none()).count();
    let retired = location.retire(folders.items.len(), within, call.now)?;
    let mut change = Change::new().replace("location", &key, &retired);
    for door in &doors {
        change = change.close_door(door, loaded.get(door)?, call.now);
    }
    let fact = Fact::new().location(retired.id);
    let reply = Reply::with(LocationView::from(retired).revised());
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
