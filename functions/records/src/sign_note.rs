//! Signs a note: from now on it is a record that is never changed (R003, R014). Where its author writes under
//! approval, it waits for the signature of the chart's owner (R068, P-13).

use crate::{
    cosigning,
    filed::{Filed, Place, version_id},
};
use api::{Call, Operation, Outcome, Problem, Reply, view::RecordView};
use authz::Action;
use domain::note::NoteVersion;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "sign_note",
    "/charts/{chart_id}/records/{record_id}/signature",
    Action::SignNote,
    Kind::NoteSigned,
)
.summary("Sign a note's draft as its first version (R003, R014)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The revision of the draft that is signed: nobody signs what they have not seen.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
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
    let content = key.open(&filed.permit, "note/draft", &id, &draft.content)?;
    content.check()?;
    let version = NoteVersion {
        record_id: id,
        number: 1,
        author: loaded.member.id,
        signed_at: call.now,
        content: key.seal(vault, "note/version", &version_id(id, 1), &content)?,
        reason: None,
        cosignature: None,
    };
    let title = key.seal(vault, "record/title", &id, &content.title)?;
    let (before, waits) = (filed.record.clone(), filed.chart.needs_cosignature(&loaded.member, call.now));
    let record = filed.record.sign(loaded.member.id, title, call.now)?.awaiting_cosignature(waits, call.now);
    let filed = Filed { record, ..filed };
    let change = filed
        .entering(&call, &loaded, &place, &before)
        .insert("version", &keys::note_version(place.chart_id, id, 1), &version)
        .take("draft", &draft_key, &draft);
    let (change, fact) = cosigning::asked(&call, &filed, change, filed.fact());
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(view)).await
}
