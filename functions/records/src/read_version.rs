//! Reads one version of a note or a file; every one that ever was stays readable (R011).

use crate::{
    Nothing,
    filed::{self, Place},
    list_versions::VersionView,
};
use api::{Call, Operation, Outcome, Problem, Reply, view::FileView};
use authz::Action;
use domain::{note::NoteContent, record::Body};
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
    let output = match &filed.record.body {
        Body::Data { .. } => {
            let version = loaded.require(&note_key)?;
            let content = Some(filed::content(&version, &key, permit)?);
            let version = VersionView::Note(filed::SignedVersion::new(&version, &key, permit)?);
            Output { version, content, facts: None }
        }
        Body::Electronic { .. } => {
            let file = loaded.require(&file_key)?;
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
