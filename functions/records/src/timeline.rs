//! A chart's records in their order, as one reader may see them (R015, R046, R050).
//!
//! What a reader may not read leaves no trace: pages are as full as if it were not there, and no cursor points
//! at it.

use crate::{copied, filed};
use api::{Call, Loaded, Problem, view::RecordView};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, LocationId, MemberId,
    chart::Chart,
    record::{Body, Record},
};
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use store::{Page, keys};
use vault::ClientKey;

/// The first `wanted` records that the reader may see, beginning with a page that was read already.
pub(crate) async fn visible(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    chart: &Chart,
    first: Page<Record>,
    wanted: u32,
) -> Result<Vec<Record>, Problem> {
    let (mut seen, mut page) = (Vec::new(), first);
    let enough = usize::try_from(wanted).unwrap_or(usize::MAX);
    loop {
        for record in page.items {
            // Destroyed, and back from a backup without its key.
            if !record.key.is_destroyed() && may_read(call, loaded, &record, chart)? {
                seen.extend(copied::seen(call, loaded, chart, permit, record).await?);
            }
        }
        match page.next {
            Some(after) if seen.len() < enough => {
                page = call.system.store.timeline(chart.id, Some(&after), wanted).await?;
            }
            _ => break,
        }
    }
    seen.truncate(enough);
    Ok(seen)
}

fn may_read(call: &Call, loaded: &Loaded, record: &Record, chart: &Chart) -> Result<bool, Problem> {
    call.may(loaded, Action::ReadRecord, Resource::Record(record, chart))
}

/// One page, newest first, and the key after which the next one starts; `records` are one more than the page
/// holds if there is a next one.
pub(crate) fn cut(mut records: Vec<Record>, limit: u32) -> (Vec<Record>, Option<String>) {
    records.sort_by_key(|record| std::cmp::Reverse((record.occurred_on, record.id)));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = records.len() > limit;
    records.truncate(limit);
    let last = records.last().filter(|_| more);
    let next = last.map(|record| keys::timeline_sort(record.occurred_on, record.id));
    (records, next)
}

/// The keys of the clients these charts are of, by chart.
pub(crate) async fn client_keys(
    call: &Call,
    charts: &[Chart],
) -> Result<BTreeMap<ChartId, ClientKey>, Problem> {
    let keys = charts
        .iter()
        .map(|chart| async move { Ok::<_, Problem>((chart.id, filed::client_key(call, chart).await?)) });
    Ok(try_join_all(keys).await?.into_iter().collect())
}

/// What is shown of each record.
pub(crate) fn views(
    records: &[Record],
    keys: &BTreeMap<ChartId, ClientKey>,
    permit: &Permit,
    loaded: &Loaded,
) -> Result<Vec<RecordView>, Problem> {
    let view = |record: &Record| {
        let client_key =
            keys.get(&record.chart_id).ok_or_else(|| Problem::internal("a record of no chart"))?;
        let key = client_key.record_key(&record.id, &record.key)?;
        RecordView::new(record, &key, permit, &loaded.organization)
    };
    records.iter().map(view).collect()
}

/// Whose names and which places the records speak of.
pub(crate) fn mentioned(records: &[Record]) -> (Vec<MemberId>, Vec<LocationId>) {
    let authors =
        records.iter().flat_map(|record| filed::signatories(record.author, record.cosignature.as_ref()));
    let places = records.iter().filter_map(|record| match &record.body {
        Body::Physical(folder) => Some(folder.location_id),
        _ => None,
    });
    (authors.collect(), places.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ClientId, OrganizationId, RecordId, Sealed, WrappedKey,
        chart::Section,
        confidentiality::Guard,
        record::{Direction, RecordLimits},
    };
    use jiff::{Timestamp, civil::date};
    use uuid::Uuid;

    fn note(chart: u128, id: u128, day: i8) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(id)),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::from_u128(chart)),
            author: MemberId::new(Uuid::nil()),
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, day),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: None },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 1,
        }
    }

    fn ids(records: &[Record]) -> Vec<u128> {
        records.iter().map(|record| record.id.uuid().as_u128()).collect()
    }

    /// Records of several charts come in one order, which is that of the keys a page ends with.
    #[test]
    fn charts_are_merged_by_day_and_then_by_record() {
        let records = vec![note(1, 5, 2), note(1, 1, 1), note(2, 6, 2), note(2, 2, 9)];
        let (all, next) = cut(records.clone(), 4);
        assert_eq!((ids(&all), next), (vec![2, 6, 5, 1], None));
        let (page, next) = cut(records, 2);
        let last = keys::timeline_sort(date(2026, 3, 2), page[1].id);
        assert_eq!((ids(&page), next), (vec![2, 6], Some(last)));
    }

    #[test]
    fn an_empty_page_has_no_next() {
        assert_eq!(cut(Vec::new(), 5).1, None);
    }
}
