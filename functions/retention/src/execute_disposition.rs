//! Executes a disposition that two people have approved: from here on the sweep destroys what still may be destroyed,
//! and sends out the orders for paper (R154).
//!
//! This function destroys nothing. The batch stands among those that are executed until its certificate is signed, so
//! that the sweep goes on with it even if the message that is sent here is lost.

use crate::{
    Nothing,
    disposing::{self, DispositionView},
    work,
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::Action;
use domain::{purpose::Purpose, work::Work};
use evidence::Kind;
use store::{Change, DispositionEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "execute_disposition",
    "/dispositions/{disposition_id}/execution",
    Action::ExecuteDisposition,
    Kind::DispositionExecuted,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Execute a disposition that two people have approved (R154)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<DispositionView> {
    let key = keys::disposition(call.path("disposition_id")?);
    let loaded = call.load([key.any()]).await?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let disposition = disposition.execute(loaded.member.id, call.now)?;
    let (organization_id, disposition_id) = (disposition.organization_id, disposition.id);
    let view = DispositionView::of(&call, &loaded, &permit, &disposition).await?.revised();
    let change = Change::new().replace("disposition", &key, &disposition).set(
        "executing",
        &keys::executing(organization_id, disposition_id),
        &DispositionEntry { disposition_id },
    );
    let fact = Fact::new().disposition(disposition_id).detail("records", disposition.items);
    let reply = call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await?;
    work::hand_over(&call, &Work::Destroy { organization_id, disposition_id }).await;
    Ok(reply)
}
