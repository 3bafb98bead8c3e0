//! Approves a disposition: two people do, neither of whom proposed it (R154).

use crate::{
    Nothing,
    disposing::{self, DispositionView},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::Action;
use domain::{disposition::DispositionState, notice::NoticeReason, purpose::Purpose};
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "approve_disposition",
    "/dispositions/{disposition_id}/approvals",
    Action::ApproveDisposition,
    Kind::DispositionApproved,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Approve a disposition that somebody else has proposed (R154)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<DispositionView> {
    let key = keys::disposition(call.path("disposition_id")?);
    let loaded = call.load([key.any()]).await?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let disposition = disposition.approve(loaded.member.id, call.now)?;
    let view = DispositionView::of(&call, &loaded, &permit, &disposition).await?.revised();
    let mut change = Change::new().replace("disposition", &key, &disposition);
    if matches!(disposition.state, DispositionState::Approved) {
        let (to, reason) = (disposition.proposed_by, NoticeReason::DispositionApproved);
        change = disposing::tell(&call, change, &disposition, to, reason);
    }
    let fact = Fact::new().disposition(disposition.id).detail("approvals", disposition.approvals.len());
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
