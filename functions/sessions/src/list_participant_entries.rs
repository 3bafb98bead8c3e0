//! Lists everything that was ever recorded of a participant, part by part, oldest first: what was corrected stands
//! beside its correction (O-01, X-4).

use crate::{
    held::{self, Held},
    recorded::EntryView,
};
use api::{Call, Cursor, Operation, Outcome, Paging, Problem, Reply};
use authz::Action;
use domain::{
    ParticipantId,
    facilitation::{Participant, Standing},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_participant_entries",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/entries",
    Action::ListParticipantEntries,
    Kind::ParticipantEntriesListed,
)
.summary("List everything recorded of a participant, corrections beside what they correct (O-01)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub entries: Vec<EntryView>,
    /// Why the participant's part was struck through, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removal_reason: Option<String>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (_, held) = Held::load(&call, []).await?;
    let participant = there(&held, participant_id)?;
    let key = held::key_of(&call, &held.session, participant).await?;
    let page = call.system.store.entries(participant_id, after.as_deref(), limit).await?;
    let opened = page.items.iter().map(|entry| EntryView::open(entry, &key, &held.permit));
    let entries: Vec<EntryView> = opened.collect::<Result<_, _>>()?;
    let removal_reason = match &participant.standing {
        Standing::Removed { reason, .. } => {
            Some(key.open(&held.permit, "session/removal", &participant_id, reason)?.into())
        }
        Standing::Present | Standing::Moved { .. } => None,
    };
    held::witness(&call, &held, std::iter::once(participant)).await?;
    Ok(Reply::with(Output { entries, removal_reason, next: page.next.as_deref().map(Cursor::new) }))
}

/// A participant whose part is in this session, struck through or not; who was moved has theirs elsewhere.
fn there(held: &Held, id: ParticipantId) -> Result<&Participant, Problem> {
    let participant = held.session.participant(id)?;
    match participant.standing {
        Standing::Moved { .. } => Err(Problem::not_found()),
        Standing::Present | Standing::Removed { .. } => Ok(participant),
    }
}
