//! Entries: sealed under their participant's key, found by the numbers the session keeps of them, opened whole.

use api::{Call, Problem};
use authz::Permit;
use domain::{
    MemberId, ParticipantId,
    facilitation::{Content, Entry, FacilitatedSession, Part, Participant},
    limits::REASON_CHARS,
    text::Prose,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Change, Key, keys};
use vault::RecordKey;

/// Why what was recorded before was not right.
pub(crate) type Reason = Prose<REASON_CHARS>;

/// One entry, opened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionEntry")]
pub struct EntryView {
    pub participant_id: ParticipantId,
    pub part: Part,
    /// Counted from 1; the greatest of a part is what holds.
    pub number: u32,
    pub recorded_by: MemberId,
    /// Server time, UTC.
    pub recorded_at: Timestamp,
    pub content: Content,
    /// The sum of a questionnaire's answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u32>,
    /// Why the entry before it was not right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is to be recorded.
pub(crate) struct Recording<'a> {
    pub(crate) participant_id: ParticipantId,
    pub(crate) part: Part,
    pub(crate) number: u32,
    pub(crate) content: &'a Content,
    pub(crate) reason: Option<&'a Reason>,
}

impl Recording<'_> {
    /// Adds the entry to a change, sealed.
    pub(crate) fn add_to(&self, change: Change, call: &Call, key: &RecordKey) -> Result<Change, Problem> {
        let (vault, id) = (&call.system.vault, entry_id(self.participant_id, self.part, self.number));
        let seal_reason = |reason: &Reason| key.seal(vault, "session/reason", &id, reason);
        let entry = Entry {
            participant_id: self.participant_id,
            part: self.part,
            number: self.number,
            recorded_by: call.member_id()?,
            recorded_at: call.now,
            content: key.seal(vault, "session/entry", &id, self.content)?,
            reason: self.reason.map(seal_reason).transpose()?,
        };
        Ok(change.insert("entry", &keys::entry(self.participant_id, self.part, self.number), &entry))
    }
}

/// An entry's identity among ciphertexts: none opens in the place of another.
fn entry_id(participant: ParticipantId, part: Part, number: u32) -> String {
    format!("{participant}/{}/{number}", part.name())
}

impl EntryView {
    pub(crate) fn open(entry: &Entry, key: &RecordKey, permit: &Permit) -> Result<Self, Problem> {
        let id = entry_id(entry.participant_id, entry.part, entry.number);
        let content = key.open(permit, "session/entry", &id, &entry.content)?;
        let reason = match &entry.reason {
            Some(reason) => Some(key.open(permit, "session/reason", &id, reason)?.into()),
            None => None,
        };
        let score = match &content {
            Content::Item { answers } => answers.score(),
            Content::Administration(_) | Content::Integration(_) => None,
        };
        Ok(Self {
            participant_id: entry.participant_id,
            part: entry.part,
            number: entry.number,
            recorded_by: entry.recorded_by,
            recorded_at: entry.recorded_at,
            content,
            score,
            reason,
        })
    }
}

/// What holds now of everybody who takes part: the newest entry of each part that is wanted, opened.
pub(crate) async fn newest(
    call: &Call,
    session: &FacilitatedSession,
    permit: &Permit,
    keys: &BTreeMap<ParticipantId, RecordKey>,
    wanted: impl Fn(Part) -> bool,
) -> Result<Vec<EntryView>, Problem> {
    let known: Vec<Key<Entry>> = session
        .present()
        .flat_map(|participant| numbers(participant).map(|(part, number)| (participant.id, part, number)))
        .filter(|(_, part, _)| wanted(*part))
        .map(|(participant, part, number)| keys::entry(participant, part, number))
        .collect();
    let items = call.system.store.fetch_all(known.iter().map(Key::any)).await?;
    let mut opened = Vec::new();
    for key in &known {
        let entry =
            items.get(key)?.ok_or_else(|| Problem::internal("a session without one of its entries"))?;
        let Some(key) = keys.get(&entry.participant_id) else { continue };
        opened.push(EntryView::open(&entry, key, permit)?);
    }
    Ok(opened)
}

/// The parts of a participant that have entries, each with the number of the newest.
fn numbers(participant: &Participant) -> impl Iterator<Item = (Part, u32)> + '_ {
    let items = participant.items.iter().map(|(code, item)| (Part::Item(*code), item.entries));
    let given = participant.administration.iter().map(|given| (Part::Administration, given.entries));
    let after = participant.integration.iter().map(|after| (Part::Integration, after.entries));
    items.chain(given).chain(after).filter(|(_, number)| *number > 0)
}
