//! Makes a barcode for a folder that has none: one that no other folder of the organization has (R030, R035).

use crate::handling::{self, FolderAnswer};
use api::{Call, Operation, Outcome};
use authz::{Action, Resource};
use domain::{EvidenceId, physical::Barcode, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "label_folder",
    "/charts/{chart_id}/records/{record_id}/barcode",
    Action::LabelFolder,
    Kind::FolderLabelled,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Make a barcode for a folder that has none (R030, R035)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LabelFolderInput")]
pub struct Input {
    expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let loaded = call.load([chart_key.any(), record_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    // Should another folder have it after all, the commit fails and the call makes another one.
    let barcode = Barcode::for_folder(call.new_id::<EvidenceId>().uuid());
    let acted = handling::act(record, input.expected_revision, |folder| folder.label(barcode))?;
    handling::commit(&call, &loaded, &permit, acted, None).await
}
