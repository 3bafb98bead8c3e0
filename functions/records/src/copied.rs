//! Records as whoever has them as a copy sees them: as they were when the chart was handed over (P-45, R093).
//!
//! For everybody else nothing here does anything, nor costs a read.

use crate::filed::{self, Filed, version_id};
use api::{Call, Loaded, Problem};
use authz::Permit;
use domain::{
    chart::Chart,
    limits::PAGE_ITEMS,
    note::{NoteContent, NoteVersion},
    physical::{Custody, Folder},
    record::{Body, FileVersion, Record},
};
use jiff::Timestamp;
use store::Page;

/// The moment before which the reader sees the chart; `None` for who sees it as it is.
pub(crate) fn until(call: &Call, loaded: &Loaded, chart: &Chart) -> Option<Timestamp> {
    chart.read_only_copy_until(&loaded.member, call.now)
}

impl Filed {
    /// The record as the reader sees it, or 404.
    pub(crate) async fn seen(self, call: &Call, loaded: &Loaded) -> Result<Self, Problem> {
        let record = seen(call, loaded, &self.chart, &self.permit, self.record).await?;
        Ok(Self { record: record.ok_or_else(Problem::not_found)?, ..self })
    }
}

/// The record as the reader sees it; `None` if by then there was nothing of it for others than its author.
pub(crate) async fn seen(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    permit: &Permit,
    record: Record,
) -> Result<Option<Record>, Problem> {
    let Some(until) = until(call, loaded, chart) else { return Ok(Some(record)) };
    let record = record.as_of(until);
    match &record.body {
        Body::Physical(folder) => {
            let folder = folder_then(call, &record, folder.clone(), until).await?;
            Ok(Some(Record { body: Body::Physical(folder), ..record }))
        }
        _ if !record.has_version_since(until) => Ok(Some(record)),
        Body::Data { .. } => note_then(call, chart, permit, record, until).await,
        Body::Electronic { .. } => {
            let fits = |version: FileVersion| version.as_of(until);
            let version = call.system.store.versions_newest(chart.id, record.id, fits).await?;
            Ok(version.map(|version| record.back_to_file(version)))
        }
    }
}

/// The note with the version it had, and that version's title.
async fn note_then(
    call: &Call,
    chart: &Chart,
    permit: &Permit,
    record: Record,
    until: Timestamp,
) -> Result<Option<Record>, Problem> {
    let fits = |version: NoteVersion| version.as_of(until);
    let Some(version) = call.system.store.versions_newest(chart.id, record.id, fits).await? else {
        return Ok(None);
    };
    let key = filed::client_key(call, chart).await?.record_key(&record.id, &record.key)?;
    let id = version_id(record.id, version.number);
    let said: NoteContent = key.open(permit, "note/version", &id, &version.content)?;
    // Sealed as lists find it, and kept nowhere.
    let title = key.seal(&call.system.vault, "record/title", &record.id, &said.title)?;
    Ok(Some(Record { title, ..record.back_to_note(&version) }))
}

/// The folder where it was, by its custody log.
async fn folder_then(
    call: &Call,
    record: &Record,
    folder: Folder,
    until: Timestamp,
) -> Result<Folder, Problem> {
    let (mut log, mut after) = (Vec::<Custody>::new(), None::<String>);
    loop {
        let store = &call.system.store;
        let page = store.custody(record.chart_id, record.id, after.as_deref(), PAGE_ITEMS).await?;
        log.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(folder.as_of(until, log.iter().rev())),
        }
    }
}

/// A version as the reader sees it, if it was there by then.
pub(crate) fn then<T>(
    until: Option<Timestamp>,
    version: T,
    as_of: impl FnOnce(T, Timestamp) -> Option<T>,
) -> Option<T> {
    match until {
        Some(moment) => as_of(version, moment),
        None => Some(version),
    }
}

/// The versions of a page that were there by then, oldest first: behind the first that was not there is none.
pub(crate) fn page<T>(
    until: Option<Timestamp>,
    page: Page<T>,
    as_of: impl Fn(T, Timestamp) -> Option<T>,
) -> Page<T> {
    let all = page.items.len();
    let items: Vec<T> = page.items.into_iter().filter_map(|version| then(until, version, &as_of)).collect();
    let next = page.next.filter(|_| items.len() == all);
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_a_copy_does() {
        let numbers = || Page { items: vec![1, 2, 3], next: Some("3".to_owned()) };
        let before = |number: i64, moment: Timestamp| (number < moment.as_second()).then_some(number);
        let at = |second| Timestamp::from_second(second).ok();
        let shown = page(at(3), numbers(), before);
        assert_eq!((shown.items, shown.next), (vec![1, 2], None));
        let shown = page(at(9), numbers(), before);
        assert_eq!((shown.items.len(), shown.next), (3, Some("3".to_owned())));
        assert_eq!(page(None, numbers(), before).items, [1, 2, 3]);
    }
}
