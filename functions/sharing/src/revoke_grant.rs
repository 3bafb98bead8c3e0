//! Ends a share of a chart: by its owner, or by an administrator, who may end sharing and never share (P-08, X-2,
//! R057).

use crate::access_list;
use api::{Call, Operation, Outcome, Reply, Revision};
use authz::{Action, Resource};
use domain::{ChartId, notice::NoticeReason};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::delete(
    "revoke_grant",
    "/charts/{chart_id}/grants/{grantee_id}",
    Action::RevokeGrant,
    Kind::GrantRevoked,
)
.summary("End a share of a chart; takes effect on the next call (R057, R063)");

pub async fn handle(call: Call, input: Revision) -> Outcome<()> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let grantee = access_list::row(&call, &chart)?.grantee;
    access_list::must_be_free(&chart, input.expected_revision)?;
    let chart = chart.end_grant(grantee)?;
    let hearers = access_list::hearers(&call, &chart, grantee).await?;
    let shared = keys::shared_chart(chart.organization_id, grantee, chart_id);
    let change =
        access_list::changed(&call, &chart, &hearers, NoticeReason::SharingEnded).unset("share", &shared);
    let change = if loaded.member.id == chart.owner {
        change
    } else {
        change.notify(&access_list::notice(&call, &chart, chart.owner, NoticeReason::GrantRevoked))
    };
    let fact = access_list::of_grantee(&chart, grantee);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
