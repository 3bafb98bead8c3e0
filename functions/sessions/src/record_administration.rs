//! Records what was administered and what came of it, or corrects it with a reason. What goes against a rule is recorded
//! only with the reason why it was done (A-09, R107, R110).

use crate::{
    checking::{self, Asked},
    held::{self, Held},
    people,
    recorded::{Reason, Recording},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    ParticipantId,
    facilitation::{Act, Administration, Code, Content, Part},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "record_administration",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/administration",
    Action::RecordAdministration,
    Kind::AdministrationRecorded,
)
.summary("Record doses, times and reactions of a participant (R107, R110)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub administration: Administration,
    /// Why what was recorded before was not right; needed from the second time on.
    #[serde(default)]
    pub reason: Option<Reason>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let (given, by) = (&input.administration, loaded.member.id);
    let with_reason = input.reason.is_some();
    let record = |against: Vec<Code>| {
        held.session.clone().administer(participant_id, given, against, by, with_reason, call.now)
    };
    // First whether it can be at all, then whether it may.
    let (planned, _) = record(Vec::new())?;
    let keys = held::keys_of(&call, &planned).await?;
    let planned = people::refreshed(&call, &held.permit, planned, &keys).await?;
    let asked = Asked { act: Act::Administer, participant_id: Some(participant_id), given: Some(given) };
    let against = checking::must_be_allowed(&call, &held.permit, &planned, &keys, asked).await?;
    let codes = against.iter().map(|code| code.name()).collect::<Vec<_>>().join(" ");
    let (session, number) = record(against)?;
    let session = people::refreshed(&call, &held.permit, session, &keys).await?;
    let key = held::key_of(&call, &session, session.participant(participant_id)?).await?;
    let recording = Recording {
        participant_id,
        part: Part::Administration,
        number,
        content: &Content::Administration(Box::new(given.clone())),
        reason: input.reason.as_ref(),
    };
    let change = recording.add_to(held::replaced(&session), &call, &key)?;
    let change = held::seen(&call, &loaded, session.participant(participant_id)?, change).await?;
    let fact = held::fact_of(&session, session.participant(participant_id)?).detail("entry", number);
    let fact = if codes.is_empty() { fact } else { fact.detail("deviations", codes) };
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}
