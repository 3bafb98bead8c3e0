//! Strikes a participant's part through, and nobody else's; it is kept.

use crate::{
    held::{self, Held},
    recorded::Reason,
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{ParticipantId, facilitation::FacilitationError};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "remove_participant",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/removal",
    Action::RemoveParticipant,
    Kind::ParticipantRemoved,
)
.success(200)
.summary("Void a participant's part in a session; it is kept, struck through (X-4)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// Why.
    pub reason: Reason,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let participant = held.session.participant(participant_id)?;
    if !participant.is_present() {
        return Err(Problem::from(FacilitationError::Gone));
    }
    let fact = held::fact_of(&held.session, participant);
    let key = held::key_of(&call, &held.session, participant).await?;
    let reason = key.seal(&call.system.vault, "session/removal", &participant_id, &input.reason)?;
    let session = held.session.clone().remove(participant_id, loaded.member.id, reason, call.now)?;
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
