//! Assigns a participant to another facilitator of the session: who is contacted and counter-signs from now on.

use crate::{
    held::{self, Held},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{MemberId, ParticipantId};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "assign_participant",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/facilitator",
    Action::AssignParticipant,
    Kind::ParticipantAssigned,
)
.summary("Assign a participant to another facilitator of the session (R109)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub facilitator_id: MemberId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let session = held.session.clone().assign(participant_id, input.facilitator_id)?;
    let fact = held::fact_of(&session, session.participant(participant_id)?).member(input.facilitator_id);
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
