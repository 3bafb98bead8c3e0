//! Links a folder to the electronic record that is its scan, and says whether someone has compared the two;
//! paper may only ever be destroyed behind a verified scan (R036).

use crate::handling::{self, FolderAnswer};
use api::{Call, Loaded, Operation, Outcome, Problem};
use authz::{Action, Resource};
use domain::{
    RecordId,
    chart::Chart,
    physical::{FolderError, Scan},
    purpose::Purpose,
    record::{FileVersion, Record},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::put(
    "link_scan",
    "/charts/{chart_id}/records/{record_id}/scan",
    Action::LinkScan,
    Kind::ScanLinked,
)
.purpose(Purpose::RecordsManagement)
.summary("Link a folder to the electronic record that is its scan (R036)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    /// The electronic record, of the same chart.
    record_id: RecordId,
    /// Whether the caller has compared scan and paper, page by page.
    verified: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FolderAnswer> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let scan_key = keys::record(call.path("chart_id")?, input.record_id);
    let loaded = call.load([chart_key.any(), record_key.any(), scan_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let scan = loaded.get(&scan_key)?.ok_or(FolderError::ScanKind)?;
    let file = readable_file(&call, &loaded, &scan, &chart)?;
    if input.verified {
        // Nobody has compared what cannot be opened.
        file.must_be_available()?;
    }
    let acted = handling::act(record, input.expected_revision, |folder| {
        Ok(folder.link_scan(Scan::linked(scan.id, input.verified, loaded.member.id, call.now)))
    })?;
    handling::commit(&call, &loaded, &permit, acted, None).await
}

/// The file of a scan the caller may read; what they may not read is no scan to them.
fn readable_file<'r>(
    call: &Call,
    loaded: &Loaded,
    scan: &'r Record,
    chart: &Chart,
) -> Result<&'r FileVersion, Problem> {
    let file = scan.file().map_err(|_| FolderError::ScanKind)?;
    // Whoever sees the folder would see that there is something they may not even know of (R046).
    if scan.guard.compartment.is_secret() {
        return Err(FolderError::ScanKind.into());
    }
    if !call.may(loaded, Action::ReadRecord, Resource::Record(scan, chart))? {
        return Err(FolderError::ScanKind.into());
    }
    scan.must_stand()?;
    Ok(file)
}
