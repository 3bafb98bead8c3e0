//! Amends a signed note: appends a version with its reason; every earlier one stays readable (R011, R014). What is
//! amended under approval waits for its co-signature again (R068, P-13).

use crate::{
    cosigning,
    filed::{Filed, Place, Reason, version_id},
};
use api::{Call, Operation, Outcome, Reply, view::RecordView};
use authz::Action;
use domain::note::{NoteContent, NoteVersion};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "amend_note",
    "/charts/{chart_id}/records/{record_id}/amendments",
    Action::AmendNote,
    Kind::NoteAmended,
)
.summary("Append a version to a signed note, with the reason (R011)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub content: NoteContent,
    /// Why it is amended.
    pub reason: Reason,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    input.content.check()?;
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;

    let (vault, key, id) = (&call.system.vault, filed.key(&call).await?, place.record_id);
    let title = key.seal(vault, "record/title", &id, &input.content.title)?;
    let (before, waits) = (filed.record.clone(), filed.chart.needs_cosignature(&loaded.member, call.now));
    let (record, number) = filed.record.amend(loaded.member.id, title, call.now)?;
    let filed = Filed { record: record.awaiting_cosignature(waits, call.now), ..filed };
    let name = version_id(id, number);
    let version = NoteVersion {
        record_id: id,
        number,
        author: loaded.member.id,
        signed_at: call.now,
        content: key.seal(vault, "note/version", &name, &input.content)?,
        reason: Some(key.seal(vault, "note/reason", &name, &input.reason)?),
        cosignature: None,
    };
    let version_key = keys::note_version(place.chart_id, id, number);
    let change = filed.entering(&call, &loaded, &place, &before).insert("version", &version_key, &version);
    let fact = filed.fact().detail("version", number);
    let (change, fact) = cosigning::asked(&call, &filed, change, fact);
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(view)).await
}
