//! Adds a client to a session, from the caller's own chart, which stays their own (R100, A-10).

use crate::{
    checking::{self, Asked},
    held::{self, Held},
    people::{self, NewParticipant},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::facilitation::Act;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{FacilitationEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "add_participant",
    "/facilitated-sessions/{facilitation_id}/participants",
    Action::AddParticipant,
    Kind::ParticipantAdded,
)
.summary("Add a client of yours to a session (R100, R109)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub participant: NewParticipant,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let chart = keys::chart(input.participant.chart_id).any();
    let (loaded, held) = Held::load_current(&call, input.expected_revision, [chart]).await?;
    let joined = people::join(&call, &loaded, &held.permit, vec![input.participant]).await?;
    let participant = joined.into_iter().next().ok_or_else(|| Problem::internal("nobody joined"))?;
    let session = people::remembered(&call, held.session.clone().admit(participant.clone())?).await?;
    if session.scheduled_at.is_some() {
        let keys = held::keys_of(&call, &session).await?;
        let asked = Asked { act: Act::Schedule, participant_id: Some(participant.id), given: None };
        checking::must_be_allowed(&call, &held.permit, &session, &keys, asked).await?;
    }
    // Somebody whose part was struck through may come again: the row may be there.
    let row = keys::client_facilitation(participant.client_id, session.id);
    let entry = FacilitationEntry { facilitation_id: session.id };
    let change = held::replaced(&session).set("row", &row, &entry);
    let fact = held::fact_of(&session, &participant).detail("attested", participant.is_attested());
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}
