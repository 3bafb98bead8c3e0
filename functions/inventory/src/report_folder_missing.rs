//! Reports a folder missing; who had it last stays known (R033).

use crate::handling::{self, FolderAnswer};
use api::{Call, Operation, Outcome};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "report_folder_missing",
    "/charts/{chart_id}/records/{record_id}/missing",
    Action::ReportFolderMissing,
    Kind::FolderReportedMissing,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Report a folder missing (R033)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let loaded = call.load([chart_key.any(), record_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let acted = handling::act(record, input.expected_revision, |folder| folder.report_missing(call.now))?;
    handling::commit(&call, &loaded, &permit, acted, None).await
}
