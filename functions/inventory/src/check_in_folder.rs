//! Puts a folder back on a shelf: after a check-out, a journey, or having been missing (R033). One that belongs in a
//! guarded place is put where it is guarded less by who is cleared for it, or where such a one has sent it (R037).

use crate::{
    handling::{self, FolderAnswer},
    leaving::{self, Leaving},
    place,
};
use api::{Call, Operation, Outcome};
use authz::{Action, Resource};
use domain::{LocationId, purpose::Purpose, text::Line};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "check_in_folder",
    "/charts/{chart_id}/records/{record_id}/check-in",
    Action::CheckInFolder,
    Kind::FolderCheckedIn,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Put a folder back on a shelf, this one or another (R033, R037)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    location_id: LocationId,
    /// Where exactly: `third from the left`.
    #[serde(default)]
    position: Option<Line<80>>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let place_key = keys::location(call.organization_id()?, input.location_id);
    let loaded = call.load([chart_key.any(), record_key.any(), place_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let place = place::named(&loaded, &place_key)?;
    let left = Leaving::put(&call, &record, &place).await?;
    let acted = handling::act(record, input.expected_revision, |folder| {
        left.as_ref().map_or(Ok(()), |left| left.must_release(&folder, &place, &loaded.member))?;
        let (folder, act) = folder.check_in(place.id, input.position)?;
        Ok((folder.at(&place), act))
    })?;
    leaving::commit(&call, &loaded, &permit, acted, (left.as_ref(), &place)).await
}
