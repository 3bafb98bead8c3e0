//! Reads one version of a note or a file; every one that ever was stays readable (R011).

use crate::{
    Nothing, copied,
    filed::{self, Place},
    list_versions::VersionView,
};
use api::{Call, Operation, Outcome, Problem, Reply, view::FileView};
use authz::Action;
use domain::{
    note::{NoteContent, NoteVersion},
    record::{Body, FileVersion},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_version",
    "/charts/{chart_id}/records/{record_id}/versions/{version}",
    Action::ReadVersion,
    Kind::VersionRead,
)
.summary("Read one version of a record (R011)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub version: VersionView,
    /// What that version of a note says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<NoteContent>,
    /// What inspection found in that version of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Value>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let (place, number): (_, u32) = (Place::of(&call)?, call.path("version")?);
    let note_key = keys::note_version(place.chart_id, place.record_id, number);
    let file_key = keys::file_version(place.chart_id, place.record_id, number);
    // Versions of both kinds stand under the same key; which one it is, the record says.
    let loaded = call.load(place.keys().into_iter().chain([note_key.any()])).await?;
    let filed = place.permitted(&call, &loaded)?;
    let (key, permit) = (filed.key(&call).await?, &filed.permit);
    let until = copied::until(&call, &loaded, &filed.chart);
    let output = match &filed.record.body {
        Body::Data { .. } => {
            let version = copied::then(until, loaded.require(&note_key)?, NoteVersion::as_of);
            let version = version.ok_or_else(Problem::not_found)?;
            let content = Some(filed::content(&version, &key, permit)?);
            let signatories = filed::signatories(version.author, version.cosignature.as_ref());
            let names = call.names(&loaded, signatories, []).await?;
            let signed = filed::SignedVersion::new(&version, &key, permit)?.named(&names);
            Output { version: VersionView::Note(signed), content, facts: None }
        }
        Body::Electronic { .. } => {
            let file = copied::then(until, loaded.require(&file_key)?, FileVersion::as_of);
            let file = file.ok_or_else(Problem::not_found)?;
            let facts = match file.state.finding() {
                Some(finding) => Some(key.open(permit, "file/facts", &file.upload_id, &finding.facts)?),
                None => None,
            };
            Output { version: VersionView::File(FileView::new(&file, &key, permit)?), content: None, facts }
        }
        Body::Physical(_) => return Err(Problem::not_found()),
    };
    call.witness(permit, filed.fact().detail("version", number)).await?;
    Ok(Reply::with(output))
}
