//! Rejects a disposition, with the reason: nothing is destroyed, and its records can be proposed again (R154).
//!
//! That a record is in a disposition counts only while the disposition keeps it, so one write sets all of them free.

use crate::{
    disposing::{self, DispositionView, REASON},
    freeing,
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::Action;
use domain::{limits::REASON_CHARS, notice::NoticeReason, purpose::Purpose, text::Prose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "reject_disposition",
    "/dispositions/{disposition_id}/rejection",
    Action::RejectDisposition,
    Kind::DispositionRejected,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Reject a disposition; its records are kept, and can be proposed again (R154)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub reason: Prose<REASON_CHARS>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<DispositionView> {
    let key = keys::disposition(call.path("disposition_id")?);
    let loaded = call.load([key.any()]).await?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let directory = call.directory(&loaded.organization).await?;
    let reason = directory.seal(&call.system.vault, REASON, &disposition.id, &input.reason)?;
    let disposition = disposition.reject(loaded.member.id, reason, call.now)?;
    let view = DispositionView::of(&call, &loaded, &permit, &disposition).await?.revised();
    let change = Change::new().replace("disposition", &key, &disposition);
    let (to, told) = (disposition.proposed_by, NoticeReason::DispositionRejected);
    let change = disposing::tell(&call, change, &disposition, to, told);
    let fact = Fact::new().disposition(disposition.id).detail("records", disposition.items);
    let reply = call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await?;
    freeing::free(&call, &permit, &disposition).await;
    Ok(reply)
}
