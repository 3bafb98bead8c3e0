//! Sends a note that waits for a co-signature back to its author, with the reason; they amend it (R068, P-13).

use crate::{
    cosigning,
    filed::{Filed, Place, Reason, version_id},
};
use api::{Call, Operation, Outcome, Reply, view::RecordView};
use authz::Action;
use domain::notice::NoticeReason;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "return_note",
    "/charts/{chart_id}/records/{record_id}/return",
    Action::ReturnNote,
    Kind::NoteReturned,
)
.summary("Send a note written under approval back to its author (R068, P-13)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// What is to be amended.
    pub reason: Reason,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;
    let key = filed.key(&call).await?;
    let version = filed.record.versions();
    let name = version_id(place.record_id, version);
    let reason = key.seal(&call.system.vault, "note/return", &name, &input.reason)?;
    let before = filed.record.clone();
    let filed = Filed { record: filed.record.send_back(loaded.member.id, reason, call.now)?, ..filed };
    let change = cosigning::decided(&call, &place, &filed, &before, NoticeReason::NoteReturned).await?;
    let fact = filed.fact().member(filed.record.author).detail("version", version);
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(view)).await
}
