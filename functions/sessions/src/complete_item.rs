//! Completes an item: the client answers for themselves, or a facilitator takes their answers down. Answers are an
//! entry, and what was answered before stays beside it (A-07, A-08, O-01).

use crate::{
    center, held,
    people::must_also,
    recorded::{Reason, Recording},
    view::{self, ItemView},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    FacilitationId, ParticipantId,
    facilitation::{Answers, Content, ItemCode, ItemState, Part, ParticipantStatus},
    notice::NoticeReason,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "complete_item",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/items/{item_code}/answers",
    Action::CompleteItem,
    Kind::ItemCompleted,
)
.summary("Answer a survey or fill in a form of a session (R104, R107)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub answers: Answers,
    /// Why what was answered before was not right; needed from the second time on.
    #[serde(default)]
    pub reason: Option<Reason>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub item: ItemView,
    /// How far the client is now.
    pub status: ParticipantStatus,
    /// The session's, to be sent back with the next change.
    pub revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (id, participant_id): (FacilitationId, ParticipantId) =
        (call.path("facilitation_id")?, call.path("participant_id")?);
    let code: ItemCode = call.path("item_code")?;
    let key = keys::facilitation(id);
    let loaded = call.load([key.any()]).await?;
    let session = loaded.require(&key)?;
    let Ok(participant) = session.participant(participant_id) else {
        // That there is the session is told to who may read it, and whoever may not is refused it as ever (R046, R131).
        must_also(&call, &loaded, Action::ReadFacilitation, Resource::Facilitation(&session))?;
        return Err(Problem::not_found());
    };
    let permit = call.permit(&loaded, Resource::Participation(&session, participant))?;
    Problem::unless_current(session.revision, input.expected_revision)?;
    input.answers.check(code, call.now)?;
    let sealing = held::key_of(&call, &session, participant).await?;
    let fact = held::fact_of(&session, participant).detail("item", code.name());
    let with_reason = input.reason.is_some();
    let (session, number) =
        session.clone().complete(participant_id, code, loaded.member.id, with_reason, call.now)?;
    let recording = Recording {
        participant_id,
        part: Part::Item(code),
        number,
        content: &Content::Item { answers: input.answers },
        reason: input.reason.as_ref(),
    };
    let change = recording.add_to(held::replaced(&session), &call, &sealing)?;
    let participant = session.participant(participant_id)?;
    let mut items = view::items(participant, session.center.as_ref()).into_iter();
    let item =
        items.find(|item| item.code == code).ok_or_else(|| Problem::internal("an item that is not there"))?;
    // Who is asked to sign below is told, if it is not they who took the answers down.
    let signs = participant.facilitator;
    let change = if item.state == ItemState::AwaitingCounterSignature && signs != loaded.member.id {
        let reason = NoticeReason::FormToCounterSign;
        change.notify(&center::notice(&call, session.organization_id, signs, reason))
    } else {
        change
    };
    let status = participant.status(session.center.as_ref());
    let output = Output { item, status, revision: session.revision.saturating_add(1) };
    call.commit(&loaded.organization, &permit, change, fact.detail("entry", number), Reply::with(output))
        .await
}
