//! Reads a record whole: what a note says, what a file is found to be, where a folder is (R002, R014, R015).

use crate::{
    Nothing, copied,
    filed::{self, Filed, Place, SignedVersion},
    save_draft::DraftView,
};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply, view::RecordView};
use authz::Action;
use domain::{
    member::Role,
    note::{Draft, NoteContent, NoteVersion},
    record::{Body, FileVersion, RecordLimits},
    space::RecordOrigin,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::{Key, keys};
use vault::RecordKey;

pub static OPERATION: Operation = Operation::get(
    "read_record",
    "/charts/{chart_id}/records/{record_id}",
    Action::ReadRecord,
    Kind::RecordRead,
)
.summary("Read a record of any type (R002, R014, R015)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub record: RecordView,
    /// What the newest version of a note says, or its draft to its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<NoteContent>,
    /// Of a draft: when it was saved, and the revision to send with the next save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftView>,
    /// The newest signed version of a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedVersion>,
    /// What inspection found in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Value>,
    /// The record's own permissions, to the owner of the chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<RecordLimits>,
    /// The collaborative space it was copied from, if it was (R074).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<RecordOrigin>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let place = Place::of(&call)?;
    let draft_key = keys::draft(place.chart_id, place.record_id);
    let origin_key = keys::record_origin(place.chart_id, place.record_id);
    let loaded = call.load(place.keys().into_iter().chain([draft_key.any(), origin_key.any()])).await?;
    let filed = place.permitted(&call, &loaded)?.seen(&call, &loaded).await?;
    let key = filed.key(&call).await?;
    let ((), version, names) = tokio::try_join!(
        call.witness(&filed.permit, filed.fact()),
        newest(&call, &filed),
        call.names(&loaded, signatories(&filed), location(&filed)),
    )?;
    let until = copied::until(&call, &loaded, &filed.chart);
    let version = version.and_then(|version| copied::then(until, version, NoteVersion::as_of));
    let record = filed.view(&key, &loaded)?.named(&names);
    let record = record.seen_by(&filed.chart, &loaded.member, call.now);
    let (limits, origin) = (limits(&filed, &loaded), origin(&loaded, &origin_key)?);
    let shown = Output { record, content: None, draft: None, signed: None, facts: None, limits, origin };
    let draft = loaded.get(&draft_key)?.filter(|_| filed.record.is_draft());
    let shown = match &filed.record.body {
        Body::Data { .. } => note(shown, &filed, &key, draft.as_ref(), version.as_ref())?,
        Body::Electronic { current, .. } => Output { facts: facts(current, &filed, &key)?, ..shown },
        Body::Physical(_) => shown,
    };
    let signed = shown.signed.map(|signed| signed.named(&names));
    Ok(Reply::with(Output { signed, ..shown }))
}

/// Where it came from, for who works here: the client was told nothing of spaces.
fn origin(loaded: &Loaded, key: &Key<RecordOrigin>) -> Result<Option<RecordOrigin>, Problem> {
    if loaded.member.roles.contains(&Role::Client) { Ok(None) } else { loaded.get(key) }
}

fn signatories(filed: &Filed) -> impl Iterator<Item = domain::MemberId> {
    filed::signatories(filed.record.author, filed.record.cosignature.as_ref())
}

/// The newest signed version of a note; nothing else needs a second read.
async fn newest(call: &Call, filed: &Filed) -> Result<Option<NoteVersion>, Problem> {
    let Body::Data { versions: number @ 1.., .. } = filed.record.body else { return Ok(None) };
    let key = keys::note_version(filed.chart.id, filed.record.id, number);
    let version = call.system.store.fetch([key.any()]).await?.get(&key)?;
    version.map(Some).ok_or_else(|| Problem::internal("a signed note without its version"))
}

fn location(filed: &Filed) -> Option<domain::LocationId> {
    match &filed.record.body {
        Body::Physical(folder) => Some(folder.location_id),
        _ => None,
    }
}

fn note(
    shown: Output,
    filed: &Filed,
    key: &RecordKey,
    draft: Option<&Draft>,
    version: Option<&NoteVersion>,
) -> Result<Output, Problem> {
    let permit = &filed.permit;
    if let Some(version) = version {
        let content = Some(filed::content(version, key, permit)?);
        return Ok(Output { content, signed: Some(SignedVersion::new(version, key, permit)?), ..shown });
    }
    let Some(draft) = draft else { return Ok(shown) };
    let content = Some(key.open(permit, "note/draft", &draft.record_id, &draft.content)?);
    Ok(Output { content, draft: Some(DraftView::new(draft)), ..shown })
}

fn facts(file: &FileVersion, filed: &Filed, key: &RecordKey) -> Result<Option<Value>, Problem> {
    let Some(finding) = file.state.finding() else { return Ok(None) };
    Ok(Some(key.open(&filed.permit, "file/facts", &file.upload_id, &finding.facts)?))
}

fn limits(filed: &Filed, loaded: &Loaded) -> Option<RecordLimits> {
    (filed.chart.owner == loaded.member.id).then(|| filed.record.limits.clone())
}
