//! Whether a legal hold covers an object, wherever that stands (R156).
//!
//! A document of a space that was promoted into charts is one object for all of them, and stays locked for as long as a
//! hold covers it in any of these places. Whoever locks or unlocks one asks here, and is told of what stands in the table
//! now. A document whose time in its space is over is its records' alone: a hold that covers the space covers it no more.

use api::Problem;
use domain::{
    ChartId, HoldId, SpaceId, SpaceItemId,
    hold::HoldSubject,
    record::{ObjectRef, Record},
    space::{EndedDocument, Promotion, RecordOrigin, SpaceItem},
    upload::Holder,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::{Key, StandingHolds, Store, keys};
use vault::layout;

/// A document of a space, wherever it stands.
pub(crate) enum Document {
    InSpace(Box<SpaceItem>),
    /// The space has let go of it.
    Ended(EndedDocument),
}

impl Document {
    /// `None` if nothing is left of it: then no record has its file either.
    ///
    /// INVARIANT: it is looked for in the order in which it moves, one read after another: who looks everywhere at once can
    /// miss it on its way, and would take for nobody's what records have.
    pub(crate) async fn find(
        store: &Store,
        space: SpaceId,
        item: SpaceItemId,
    ) -> Result<Option<Self>, Problem> {
        let key = keys::space_item(space, item);
        let in_space: Option<SpaceItem> = store.fetch([key.any()]).await?.get(&key)?;
        if let Some(item) = in_space {
            return Ok(Some(Self::InSpace(Box::new(item))));
        }
        for key in [keys::ended_document(space, item), keys::left_document(space, item)] {
            let document: Option<EndedDocument> = store.fetch([key.any()]).await?.get(&key)?;
            if let Some(document) = document {
                return Ok(Some(Self::Ended(document)));
            }
        }
        Ok(None)
    }

    pub(crate) fn promotions(&self) -> &BTreeMap<ChartId, Promotion> {
        match self {
            Self::InSpace(item) => &item.promotions,
            Self::Ended(document) => &document.promotions,
        }
    }

    /// Whether its space has it: shows it, or keeps it because of a hold.
    pub(crate) fn is_of_space(&self, standing: &StandingHolds, now: Timestamp) -> bool {
        let Self::InSpace(item) = self else { return false };
        item.must_be_kept(now).is_ok() || !standing.covering_space(item.space_id).is_empty()
    }
}

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
    if standing.holds.is_empty() {
        return Ok(None);
    }
    let Some(document) = Document::find(store, space, item).await? else { return Ok(None) };
    let own = match &document {
        Document::InSpace(_) => standing.covering_space(space).first().copied(),
        Document::Ended(_) => None,
    };
    if own.is_some() {
        return Ok(own);
    }
    let promoted = promoted(store, document.promotions()).await?;
    let mut holds = promoted.iter().flat_map(|record| standing.covering(&HoldSubject::from(record)));
    Ok(holds.next())
}

/// The records there are that a document of a space was promoted to.
pub(crate) async fn promoted(
    store: &Store,
    promotions: &BTreeMap<ChartId, Promotion>,
) -> Result<Vec<Record>, Problem> {
    let record = |(chart, promotion): (&ChartId, &Promotion)| keys::record(*chart, promotion.record_id);
    let keys: Vec<Key<Record>> = promotions.iter().map(record).collect();
    let found = store.fetch(keys.iter().map(Key::closed)).await?;
    let records = keys.iter().filter_map(|key| found.get(key).transpose());
    Ok(records.collect::<Result<_, _>>()?)
}

fn is_of_space(object: &ObjectRef) -> bool {
    layout::parse_upload(&object.key).is_some_and(|place| matches!(place.holder, Holder::Space(_)))
}
