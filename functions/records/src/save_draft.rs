//! Saves what is typed of a note so far: cheap enough to happen every few seconds (R003).

use crate::filed::Place;
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    RecordId,
    note::{Draft, NoteContent},
    record::Record,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "save_draft",
    "/charts/{chart_id}/records/{record_id}/draft",
    Action::SaveDraft,
    Kind::DraftSaved,
)
.summary("Save a note's draft (R003, R055)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The draft's revision as it was read or last saved.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub content: NoteContent,
}

/// A draft as it was saved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DraftView {
    pub record_id: RecordId,
    /// Server time, UTC.
    pub saved_at: Timestamp,
    /// To be sent back with the next save, and with the signature.
    pub revision: u64,
}

impl DraftView {
    pub(crate) const fn new(draft: &Draft) -> Self {
        Self { record_id: draft.record_id, saved_at: draft.saved_at, revision: draft.revision }
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<DraftView> {
    input.content.check_draft()?;
    let place = Place::of(&call)?;
    let draft_key = keys::draft(place.chart_id, place.record_id);
    let loaded = call.load(place.keys().into_iter().chain([draft_key.any()])).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.record.must_be_draft_of(loaded.member.id)?;
    let draft = loaded.require(&draft_key)?;
    if draft.revision != input.expected_revision {
        return Err(Problem::stale(draft.revision));
    }

    let (vault, key, id) = (&call.system.vault, filed.key(&call).await?, place.record_id);
    let draft =
        Draft { content: key.seal(vault, "note/draft", &id, &input.content)?, saved_at: call.now, ..draft };
    let change = Change::new().replace("draft", &draft_key, &draft);
    // Lists show the title of the record, so it follows the draft's; an autosave mostly leaves it alone.
    let title = key.open(&filed.permit, "record/title", &id, &filed.record.title)?;
    let change = if title == input.content.title {
        change
    } else {
        let title = key.seal(vault, "record/title", &id, &input.content.title)?;
        change.replace("record", &place.record_key, &Record { title, ..filed.record.clone() })
    };
    let saved = DraftView { revision: draft.revision.saturating_add(1), ..DraftView::new(&draft) };
    call.commit(&loaded.organization, &filed.permit, change, filed.fact(), Reply::with(saved)).await
}
