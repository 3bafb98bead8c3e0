//! Approves that a chart is opened, as the second of two administrators: from now on both read it, for its days.

use crate::{
    Nothing,
    escrows::{self, EscrowView, Named},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{notice::NoticeReason, purpose::Purpose};
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "approve_escrow",
    "/charts/{chart_id}/escrows/{escrow_id}/approval",
    Action::ApproveEscrow,
    Kind::EscrowApproved,
)
.success(200)
.purpose(Purpose::Legal)
.summary("Approve, as a second administrator, that a chart is opened for a legal cause (X-3)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<EscrowView> {
    let named = Named::of(&call)?;
    let loaded = named.load(&call).await?;
    let controlled = named.controlled(&call, &loaded)?;
    let escrow = controlled.escrow.approve(loaded.member.id, controlled.chart.owner, call.now)?;
    let (chart, change) = escrows::changed(&call, &controlled.chart, &escrow, NoticeReason::EscrowApproved);
    let fact = escrows::fact(&chart, &escrow);
    let views = escrows::views(&call, &loaded, &controlled.permit, &[(escrow, chart)]).await?;
    let view = views.into_iter().next().ok_or_else(|| Problem::internal("an escrow is not shown"))?;
    call.commit(&loaded.organization, &controlled.permit, change, fact, Reply::with(view)).await
}
