//! Withdraws an offer nobody has answered: everything is as it was before (P-40, P-47).

use crate::{Nothing, handover};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::notice::NoticeReason;
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::delete(
    "withdraw_transfer",
    "/charts/{chart_id}/transfers/{transfer_id}",
    Action::WithdrawTransfer,
    Kind::TransferWithdrawn,
)
.ends_own_right()
.summary("Withdraw the offer of a chart; everything is as it was (P-47)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let (chart_id, transfer_id) = handover::named(&call)?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let (chart, offer) = chart.end_offer(transfer_id)?;
    let told = handover::notice(&call, &chart, offer.to, NoticeReason::TransferWithdrawn);
    let change = handover::ended(&chart, chart.owner, &offer).notify(&told);
    let fact = handover::fact(&chart, &offer, offer.to);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
