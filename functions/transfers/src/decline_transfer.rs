//! Declines a chart that is offered: everything is as it was before (P-40, P-47, R093).

use crate::{Nothing, handover};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::notice::NoticeReason;
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "decline_transfer",
    "/charts/{chart_id}/transfers/{transfer_id}/refusal",
    Action::DeclineTransfer,
    Kind::TransferDeclined,
)
.ends_own_right()
.success(204)
.summary("Decline a chart that is offered to you; everything is as it was (P-47)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let (chart_id, transfer_id) = handover::named(&call)?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let (chart, offer) = chart.end_offer(transfer_id)?;
    let change = handover::ended(&chart, chart.owner, &offer);
    let reason = NoticeReason::TransferDeclined;
    let change = handover::tell_givers(&call, change, &chart, chart.owner, &offer, reason);
    let fact = handover::fact(&chart, &offer, chart.owner);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
