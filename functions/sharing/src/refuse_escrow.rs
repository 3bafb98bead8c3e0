//! Refuses that a chart is opened, as the second of two administrators: it stays its facilitator's alone.

use crate::{
    Nothing,
    escrows::{self, Named},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{notice::NoticeReason, purpose::Purpose};
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "refuse_escrow",
    "/charts/{chart_id}/escrows/{escrow_id}/refusal",
    Action::RefuseEscrow,
    Kind::EscrowRefused,
)
.success(204)
.purpose(Purpose::Legal)
.summary("Refuse, as a second administrator, that a chart is opened (X-3)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let named = Named::of(&call)?;
    let loaded = named.load(&call).await?;
    let controlled = named.controlled(&call, &loaded)?;
    let escrow = controlled.escrow.refuse(loaded.member.id, controlled.chart.owner, call.now)?;
    let (chart, change) = escrows::changed(&call, &controlled.chart, &escrow, NoticeReason::EscrowRefused);
    let fact = escrows::fact(&chart, &escrow);
    call.commit(&loaded.organization, &controlled.permit, change, fact, Reply::none()).await
}
