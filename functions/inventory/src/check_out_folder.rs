//! Hands a folder to a member until a day, if they are cleared for what is kept there (R033, R037).

use crate::handling::{self, FolderAnswer};
use api::{Call, Operation, Outcome};
use authz::{Action, Resource};
use domain::{MemberId, physical::FolderError, purpose::Purpose};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "check_out_folder",
    "/charts/{chart_id}/records/{record_id}/check-out",
    Action::CheckOutFolder,
    Kind::FolderCheckedOut,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Hand a folder to a member until a day (R033, R037)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    /// The member who takes it.
    to: MemberId,
    /// The day by which it is back.
    due_on: Date,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let organization_id = call.organization_id()?;
    let (chart_key, record_key) = handling::addressed(&call)?;
    let custodian_key = keys::member(organization_id, input.to);
    let loaded = call.load([chart_key.any(), record_key.any(), custodian_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;

    let place = handling::home(&call, &record).await?;
    let custodian = loaded.get(&custodian_key)?.ok_or(FolderError::CustodianNotActive)?;
    let custodian = loaded.organization.seat(custodian);

    let today = call.today(&loaded.organization);
    let acted = handling::act(record, input.expected_revision, |folder| {
        place.must_hand(&custodian, loaded.member.id)?;
        folder.check_out(custodian.id, input.due_on, today, call.now)
    })?;
    handling::commit(&call, &loaded, &permit, acted, Some(&place)).await
}
