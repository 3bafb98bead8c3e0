//! Revokes an intake link: from the next request on it opens nothing (X-9, R057).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{ChartId, LinkId};
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "revoke_intake_link",
    "/charts/{chart_id}/intake-links/{link_id}",
    Action::RevokeIntakeLink,
    Kind::IntakeLinkRevoked,
)
.summary("Revoke an intake link (X-9, R057)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let (chart_id, link_id): (ChartId, LinkId) = (call.path("chart_id")?, call.path("link_id")?);
    let (chart_key, link_key) = (keys::chart(chart_id), keys::link(chart_id, link_id));
    let loaded = call.load([chart_key.any(), link_key.any()]).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    // The token keeps pointing at the link, so that its bearer is told that it was revoked.
    let link = loaded.require(&link_key)?.revoke(call.now)?;
    let entry_key = keys::renewal_entry(chart.organization_id, chart.owner, link_id);
    let change = Change::new().replace("intake link", &link_key, &link).unset("renewal entry", &entry_key);
    let fact = Fact::new().client(chart.client_id).chart(chart_id).link(link_id);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
