//! Reading by key: everything a decision needs comes in one consistent batch.

use crate::{
    AnyKey, Item, Key, Store, StoreError,
    change::Attributes,
    secrets::{Place, Secrets, by_place},
};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// What a batch read found, taken out by the keys it was asked for.
#[derive(Debug, Default)]
pub struct Items {
    found: HashMap<Place, Attributes>,
}

impl Items {
    /// The item of this key, if the table has it.
    pub fn get<T: Item>(&self, key: &Key<T>) -> Result<Option<T>, StoreError> {
        self.found.get(&(key.pk.clone(), key.sk.clone())).map(from_attributes).transpose()
    }
}

pub(crate) fn from_attributes<T: DeserializeOwned>(attributes: &Attributes) -> Result<T, StoreError> {
    let mut item = attributes.clone();
    // Where it stands is the table's, and no part of what stands there: what knows all its fields has none of these.
    for name in ["pk", "sk", "entity"] {
        item.remove(name);
    }
    serde_dynamo::from_item(item).map_err(StoreError::corrupt)
}

const TRIES: u32 = 5;
/// Keys of one BatchGetItem (AWS service quota).
const BATCH_KEYS: usize = 100;
/// Batches that are read at the same time.
const BATCHES_AT_ONCE: usize = 8;

/// What the two tables have of the places that were asked for.
#[derive(Default)]
pub(crate) struct Gathered {
    pub items: HashMap<Place, Attributes>,
    pub secrets: Secrets,
}

impl Store {
    /// Reads up to 100 items of any kind in one round trip, strongly consistent.
    pub async fn fetch(&self, keys: impl IntoIterator<Item = AnyKey>) -> Result<Items, StoreError> {
        let wanted = by_key(keys);
        if wanted.len() > BATCH_KEYS {
            return Err(StoreError::corrupt("a batch of too many keys"));
        }
        let with_secret = wanted.iter().filter(|(_, secret)| secret.is_some());
        let apart = with_secret.map(|(place, _)| place.clone()).collect();
        let Gathered { items: mut found, secrets } =
            self.gather(wanted.keys().cloned().collect(), apart).await?;
        let to_complete = found
            .iter_mut()
            .filter_map(|(place, item)| Some((wanted.get(place).copied().flatten()?, item)))
            .collect();
        self.put_together(to_complete, secrets).await?;
        Ok(Items { found })
    }

    /// Reads however many items, each as [`Store::fetch`] does, and not all of one moment.
    pub async fn fetch_all(&self, keys: impl IntoIterator<Item = AnyKey>) -> Result<Items, StoreError> {
        let wanted: Vec<AnyKey> =
            by_key(keys).into_iter().map(|((pk, sk), secret)| AnyKey { pk, sk, secret }).collect();
        let batches: Vec<Vec<AnyKey>> = wanted.chunks(BATCH_KEYS).map(<[_]>::to_vec).collect();
        let reads = batches.into_iter().map(|batch| self.fetch(batch));
        let parts: Vec<Items> = stream::iter(reads).buffer_unordered(BATCHES_AT_ONCE).try_collect().await?;
        Ok(Items { found: parts.into_iter().flat_map(|part| part.found).collect() })
    }

    /// Reads items of both tables: one batch, or at the same time as many as their number needs.
    pub(crate) async fn gather(
        &self,
        items: Vec<Place>,
        secrets: Vec<Place>,
    ) -> Result<Gathered, StoreError> {
        let items = items.into_iter().map(|place| (self.table(), place));
        let wanted: Vec<_> =
            items.chain(secrets.into_iter().map(|place| (self.keys_table(), place))).collect();
        let mut gathered = Gathered::default();
        for part in try_join_all(wanted.chunks(BATCH_KEYS).map(|batch| self.batch(batch))).await? {
            gathered.items.extend(part.items);
            gathered.secrets.extend(part.secrets);
        }
        Ok(gathered)
    }

    async fn batch(&self, wanted: &[(&str, Place)]) -> Result<Gathered, StoreError> {
        let mut left: HashMap<String, Vec<Attributes>> = HashMap::new();
        for (table, place) in wanted {
            left.entry((*table).to_owned()).or_default().push(key(place.clone()));
        }
        let mut gathered = Gathered::default();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
            }
            let request = left.drain().map(|(table, keys)| Ok((table, consistently(keys)?)));
            let reply = self
                .client()
                .batch_get_item()
                .set_request_items(Some(request.collect::<Result<_, StoreError>>()?))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
            let mut found = reply.responses.unwrap_or_default();
            gathered.items.extend(by_place(found.remove(self.table()).unwrap_or_default())?);
            gathered.secrets.extend(by_place(found.remove(self.keys_table()).unwrap_or_default())?);
            let unprocessed = reply.unprocessed_keys.unwrap_or_default();
            left.extend(unprocessed.into_iter().map(|(table, unread)| (table, unread.keys)));
            if left.is_empty() {
                return Ok(gathered);
            }
        }
        Err(StoreError::Throttled)
    }
}

/// Each place once, with its secret if anybody asks for that.
fn by_key(keys: impl IntoIterator<Item = AnyKey>) -> BTreeMap<Place, Option<&'static str>> {
    let mut wanted: BTreeMap<Place, Option<&'static str>> = BTreeMap::new();
    for AnyKey { pk, sk, secret } in keys {
        let known = wanted.entry((pk, sk)).or_default();
        *known = known.or(secret);
    }
    wanted
}

fn consistently(keys: Vec<Attributes>) -> Result<KeysAndAttributes, StoreError> {
    let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
    request.build().map_err(StoreError::corrupt)
}

fn key((pk, sk): Place) -> Attributes {
    HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
}

pub(crate) fn text(item: &Attributes, name: &str) -> Result<String, StoreError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .ok_or_else(|| StoreError::corrupt(format!("an item has no {name}")))
}
