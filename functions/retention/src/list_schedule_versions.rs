//! Lists every version of the schedule there was, newest first: certificates name the one they stand on (R157).

use crate::schedule::ScheduleView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_schedule_versions",
    "/retention/schedule/versions",
    Action::ListScheduleVersions,
    Kind::ScheduleVersionsListed,
)
.purpose(Purpose::RecordsManagement)
.summary("List the versions of the schedule, newest first (R157)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub versions: Vec<ScheduleView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.schedules(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let profiles = page.items.iter().map(|version| &version.profile);
    let versions = ScheduleView::all(&call, &loaded, profiles).await?;
    call.witness(&permit, Fact::new().detail("results", versions.len())).await?;
    Ok(Reply::with(Output { versions, next: page.next.as_deref().map(Cursor::new) }))
}
