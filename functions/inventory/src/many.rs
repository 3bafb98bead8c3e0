//! Reading more things by their keys than one round trip holds.

use api::{Call, Problem};
use futures_util::{StreamExt, TryStreamExt, stream};
use store::{AnyKey, Item, Items, Key};

/// Keys that one batch read takes, and batches that are read at the same time.
const BATCH_KEYS: usize = 100;
const AT_ONCE: usize = 8;

/// What was found.
pub(crate) struct Many(Vec<Items>);

impl Many {
    pub(crate) async fn read(call: &Call, wanted: impl IntoIterator<Item = AnyKey>) -> Result<Self, Problem> {
        let mut wanted: Vec<AnyKey> = wanted.into_iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let batches: Vec<Vec<AnyKey>> = wanted.chunks(BATCH_KEYS).map(<[_]>::to_vec).collect();
        let reads = batches.into_iter().map(|batch| call.system.store.fetch(batch));
        Ok(Self(stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?))
    }

    pub(crate) fn get<T: Item>(&self, key: &Key<T>) -> Result<Option<T>, Problem> {
        for items in &self.0 {
            if let Some(item) = items.get(key)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}
