//! Records what became of the integration: offered, declined or held, certified, with notes (A-09, O-12).

use crate::{
    held::{self, Held},
    recorded::{Reason, Recording},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    ParticipantId,
    facilitation::{Content, IntegrationNotes, Offer, Part},
    limits::NOTE_SECTION_CHARS,
    text::Prose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "record_integration",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/integration",
    Action::RecordIntegration,
    Kind::IntegrationRecorded,
)
.summary("Record the integration of a participant: offered, declined or held (R104, R110)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub offer: Offer,
    #[serde(default)]
    pub notes: Option<Prose<NOTE_SECTION_CHARS>>,
    /// Why what was recorded before was not right; needed from the second time on.
    #[serde(default)]
    pub reason: Option<Reason>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let (by, with_reason) = (loaded.member.id, input.reason.is_some());
    let (session, number) =
        held.session.clone().integrate(participant_id, input.offer, by, with_reason, call.now)?;
    let participant = session.participant(participant_id)?;
    let key = held::key_of(&call, &session, participant).await?;
    let recording = Recording {
        participant_id,
        part: Part::Integration,
        number,
        content: &Content::Integration(IntegrationNotes { notes: input.notes }),
        reason: input.reason.as_ref(),
    };
    let change = recording.add_to(held::replaced(&session), &call, &key)?;
    let fact = held::fact_of(&session, participant).detail("entry", number);
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}
