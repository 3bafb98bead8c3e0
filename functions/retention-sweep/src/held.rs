//! Whether a legal hold covers an object, wherever that stands (R156).
//!
//! A document of a space that was promoted into charts is one object for all of them, and stays locked for as long as a
//! hold covers it in any of these places. Whoever locks or unlocks one asks here, and is told of what stands in the table
//! now.

use api::Problem;
use domain::{
    HoldId, SpaceId, SpaceItemId,
    hold::HoldSubject,
    record::{ObjectRef, Record},
    space::{RecordOrigin, SpaceItem},
    upload::Holder,
};
use store::{Key, StandingHolds, Store, keys};
use vault::layout;

/// A hold that covers a file of a record, or the same object where the record was promoted from.
pub(crate) async fn file(
    store: &Store,
    standing: &StandingHolds,
    subject: &HoldSubject,
    object: &ObjectRef,
) -> Result<Option<HoldId>, Problem> {
    let own = standing.covering(subject).first().copied();
    if own.is_some() || standing.holds.is_empty() || !is_of_space(object) {
        return Ok(own);
    }
    let origin_key = keys::record_origin(subject.chart_id, subject.record_id);
    let origin: Option<RecordOrigin> = store.fetch([origin_key.any()]).await?.get(&origin_key)?;
    match origin {
        Some(origin) => document(store, standing, origin.space_id, origin.item_id).await,
        None => Ok(None),
    }
}

/// A hold that covers a document of a space, or any record that it was promoted to.
pub(crate) async fn document(
    store: &Store,
    standing: &StandingHolds,
    space: SpaceId,
    item: SpaceItemId,
) -> Result<Option<HoldId>, Problem> {
    let own = standing.covering_space(space).first().copied();
    if own.is_some() || standing.holds.is_empty() {
        return Ok(own);
    }
    let item_key = keys::space_item(space, item);
    let item: Option<SpaceItem> = store.fetch([item_key.any()]).await?.get(&item_key)?;
    let Some(item) = item else { return Ok(None) };
    let promoted = promoted(store, &item).await?;
    let mut holds = promoted.iter().flat_map(|record| standing.covering(&HoldSubject::from(record)));
    Ok(holds.next())
}

/// The records there are that a document of a space was promoted to.
pub(crate) async fn promoted(store: &Store, item: &SpaceItem) -> Result<Vec<Record>, Problem> {
    let promotions = item.promotions.iter();
    let keys: Vec<Key<Record>> =
        promotions.map(|(chart, promotion)| keys::record(*chart, promotion.record_id)).collect();
    let found = store.fetch(keys.iter().map(Key::closed)).await?;
    let records = keys.iter().filter_map(|key| found.get(key).transpose());
    Ok(records.collect::<Result<_, _>>()?)
}

fn is_of_space(object: &ObjectRef) -> bool {
    layout::parse_upload(&object.key).is_some_and(|place| matches!(place.holder, Holder::Space(_)))
}
