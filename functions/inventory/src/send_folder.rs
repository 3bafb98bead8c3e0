//! Sends a folder to another place; it is in transit until it is checked in there (R033). Out of a guarded place to one
//! that is guarded less it is sent by who is cleared for it (R037).

use crate::{
    handling::{self, FolderAnswer},
    leaving::{self, Leaving},
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
.summary("Send a folder to another place (R033, R037)");

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
    let left = Leaving::sent(&call, &record, &place).await?;
    let acted = handling::act(record, input.expected_revision, |folder| {
        left.as_ref().map_or(Ok(()), |left| left.must_release(&folder, &place, &loaded.member))?;
        folder.send(place.id, call.now)
    })?;
    leaving::commit(&call, &loaded, &permit, acted, (left.as_ref(), &place)).await
}
