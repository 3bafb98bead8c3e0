//! A custodian says that they know of a legal hold; saying it again changes nothing (R156).

use crate::{
    Nothing,
    keeping::{self, HoldView},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use store::Change;

pub static OPERATION: Operation = Operation::post(
    "acknowledge_hold",
    "/holds/{hold_id}/acknowledgement",
    Action::AcknowledgeHold,
    Kind::HoldAcknowledged,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Say that you know of a legal hold you are a custodian of (R156)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<HoldView> {
    let key = keeping::named(&call)?;
    let loaded = call.load([key.any()]).await?;
    let hold = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Hold(&hold))?;
    let hold = hold.acknowledge(loaded.member.id, call.now)?;
    let view = HoldView::of(&call, &loaded, &permit, &hold).await?.revised();
    let change = Change::new().replace("hold", &key, &hold);
    call.commit(&loaded.organization, &permit, change, Fact::new().hold(hold.id), Reply::with(view)).await
}
