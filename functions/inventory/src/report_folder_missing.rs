//! Reports a folder missing; who had it last stays known, and the loss is to be assessed as a breach (R033, R034).

use crate::{
    handling::{self, FolderAnswer},
    raising,
};
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
.summary("Report a folder missing, which raises an incident (R033, R034)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let (chart_id, record_id) = (call.path("chart_id")?, call.path("record_id")?);
    let (loaded, assessors, handed_to) = tokio::try_join!(
        call.load([chart_key.any(), record_key.any()]),
        raising::assessors(&call),
        raising::handed_to(&call, chart_id, record_id)
    )?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let acted = handling::act(record, input.expected_revision, |folder| folder.report_missing(call.now))?;
    let lost = raising::lost(&call, &loaded, &permit, acted, (&assessors, handed_to));
    handling::settle(&call, &loaded, &permit, lost, None).await
}
