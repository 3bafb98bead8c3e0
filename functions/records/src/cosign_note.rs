//! Co-signs a note that its author wrote under approval: the supervisor's signature stands beside the author's
//! (R068, P-03, P-13).

use crate::{
    cosigning,
    filed::{Filed, Place},
};
use api::{Call, Operation, Outcome, Reply, view::RecordView};
use authz::Action;
use domain::notice::NoticeReason;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "cosign_note",
    "/charts/{chart_id}/records/{record_id}/cosignature",
    Action::CosignNote,
    Kind::NoteCosigned,
)
.summary("Co-sign the newest version of a note written under approval (R068, P-13)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read: nobody signs what they have not seen.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;
    let before = filed.record.clone();
    let filed = Filed { record: filed.record.cosign(loaded.member.id, call.now)?, ..filed };
    let key = filed.key(&call).await?;
    let change = cosigning::decided(&call, &place, &filed, &before, NoticeReason::NoteCosigned).await?;
    let fact = filed.fact().member(filed.record.author).detail("version", filed.record.versions());
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(view)).await
}
