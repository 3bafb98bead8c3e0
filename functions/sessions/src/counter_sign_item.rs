//! Signs below the client: the facilitator whom the participant is assigned to.

use crate::{
    held::{self, Held},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{ParticipantId, facilitation::ItemCode};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "counter_sign_item",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/items/{item_code}/signature",
    Action::CounterSignItem,
    Kind::ItemCounterSigned,
)
.summary("Counter-sign a form that your client has completed (R107)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let (participant_id, code): (ParticipantId, ItemCode) =
        (call.path("participant_id")?, call.path("item_code")?);
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let session = held.session.clone().counter_sign(participant_id, code, loaded.member.id, call.now)?;
    let fact = held::fact_of(&session, session.participant(participant_id)?).detail("item", code.name());
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
