//! Leaves a chart that was shared with the caller; what they wrote stays in it (P-11, R067).

use crate::access_list;
use api::{Call, Fact, Operation, Outcome, Reply, Revision};
use authz::{Action, Resource};
use domain::{ChartId, notice::NoticeReason};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation =
    Operation::delete("leave_chart", "/charts/{chart_id}/membership", Action::LeaveChart, Kind::ChartLeft)
        .ends_own_right()
        .summary("Leave a chart that was shared with you; your notes stay in it (P-11)");

pub async fn handle(call: Call, input: Revision) -> Outcome<()> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    access_list::must_be_free(&chart, input.expected_revision)?;
    let own = chart.must_be_own_grant(&loaded.member, call.now)?;
    let chart = chart.end_grant(own)?;
    let shared = keys::shared_chart(chart.organization_id, own, chart_id);
    let change = access_list::changed(&call, &chart, &[chart.owner], NoticeReason::CollaboratorLeft)
        .unset("share", &shared);
    let fact = Fact::new().client(chart.client_id).chart(chart_id);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
