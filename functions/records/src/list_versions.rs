//! Lists the versions of a note or a file, oldest first; a folder has none (R011).

use crate::{
    copied,
    filed::{Filed, Place, SignedVersion},
};
use api::{Call, Cursor, Operation, Outcome, Paging, Problem, Reply, view::FileView};
use authz::Action;
use domain::{
    note::NoteVersion,
    record::{Body, FileVersion},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::Page;
use vault::RecordKey;

pub static OPERATION: Operation = Operation::get(
    "list_versions",
    "/charts/{chart_id}/records/{record_id}/versions",
    Action::ListVersions,
    Kind::VersionsListed,
)
.summary("List the versions of a record, oldest first (R011)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub versions: Vec<VersionView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A version, by the type of its record.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum VersionView {
    Note(SignedVersion),
    File(FileView),
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?.seen(&call, &loaded).await?;
    let key = filed.key(&call).await?;
    let until = copied::until(&call, &loaded, &filed.chart);
    let (page, ()) = tokio::try_join!(
        versions(&call, &filed, &key, until, after.as_deref(), limit),
        call.witness(&filed.permit, filed.fact()),
    )?;
    Ok(Reply::with(Output { versions: page.items, next: page.next.as_deref().map(Cursor::new) }))
}

async fn versions(
    call: &Call,
    filed: &Filed,
    key: &RecordKey,
    until: Option<Timestamp>,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<VersionView>, Problem> {
    let (store, chart, record) = (&call.system.store, filed.chart.id, filed.record.id);
    match &filed.record.body {
        Body::Data { .. } => {
            let page: Page<NoteVersion> = store.versions(chart, record, after, limit).await?;
            let page = copied::page(until, page, NoteVersion::as_of);
            shown(page, |version| Ok(VersionView::Note(SignedVersion::new(version, key, &filed.permit)?)))
        }
        Body::Electronic { .. } => {
            let page: Page<FileVersion> = store.versions(chart, record, after, limit).await?;
            let page = copied::page(until, page, FileVersion::as_of);
            shown(page, |version| Ok(VersionView::File(FileView::new(version, key, &filed.permit)?)))
        }
        Body::Physical(_) => Ok(Page { items: Vec::new(), next: None }),
    }
}

fn shown<T>(
    page: Page<T>,
    view: impl Fn(&T) -> Result<VersionView, Problem>,
) -> Result<Page<VersionView>, Problem> {
    Ok(Page { items: page.items.iter().map(view).collect::<Result<_, _>>()?, next: page.next })
}
