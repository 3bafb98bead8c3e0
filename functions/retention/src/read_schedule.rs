//! Reads the schedule in force: where and how the organization practises, what it has checked, its own policy, its file
//! plan, and what no rule covers (R041, R152).

use crate::schedule::ScheduleView;
use api::{Call, Fact, Nothing, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation =
    Operation::get("read_schedule", "/retention/schedule", Action::ReadSchedule, Kind::ScheduleRead)
        .purpose(Purpose::RecordsManagement)
        .summary("Read the schedule by which records are kept (R152)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<ScheduleView> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let view = ScheduleView::of(&call, &loaded, &loaded.organization.retention).await?;
    call.witness(&permit, Fact::new().detail("version", view.version)).await?;
    Ok(Reply::with(view))
}
