//! Ends an escrow before its time, or takes back that it was asked for: from now on it opens nothing.

use crate::{
    Nothing,
    escrows::{self, Named},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{escrow::EscrowStatus, notice::NoticeReason, purpose::Purpose};
use evidence::Kind;

pub static OPERATION: Operation = Operation::delete(
    "end_escrow",
    "/charts/{chart_id}/escrows/{escrow_id}",
    Action::EndEscrow,
    Kind::EscrowEnded,
)
.purpose(Purpose::Legal)
.summary("End that a chart is open for a legal cause, or take back that you asked for it (X-3)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let named = Named::of(&call)?;
    let loaded = named.load(&call).await?;
    let controlled = named.controlled(&call, &loaded)?;
    let escrow = controlled.escrow.end(loaded.member.id, controlled.chart.owner, call.now)?;
    let reason = match escrow.status(call.now) {
        EscrowStatus::Withdrawn => NoticeReason::EscrowRefused,
        _ => NoticeReason::EscrowEnded,
    };
    let (chart, change) = escrows::changed(&call, &controlled.chart, &escrow, reason);
    let fact = escrows::fact(&chart, &escrow);
    call.commit(&loaded.organization, &controlled.permit, change, fact, Reply::none()).await
}
