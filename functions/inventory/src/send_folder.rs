//! Sends a folder to another place; it is in transit until it is checked in there (R033).

use crate::{
    handling::{self, FolderAnswer},
    place,
};
use api::{Call, Operation, Outcome};
use authz::{Action, Resource};
use domain::{LocationId, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "send_folder",
    "/charts/{chart_id}/records/{record_id}/move",
    Action::SendFolder,
    Kind::FolderSent,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Send a folder to another place (R033)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    /// The place it is sent to.
    to: LocationId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let place_key = keys::location(call.organization_id()?, input.to);
    let loaded = call.load([chart_key.any(), record_key.any(), place_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let place = place::named(&loaded, &place_key)?;
    let acted = handling::act(record, input.expected_revision, |folder| folder.send(place.id, call.now))?;
    handling::commit(&call, &loaded, &permit, acted, Some(&place)).await
}
