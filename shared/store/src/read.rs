//! Reading by key: everything a decision needs comes in one consistent batch.

use crate::{Item, Key, Store, StoreError, change::Attributes};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// What a batch read found, taken out by the keys it was asked for.
#[derive(Debug, Default)]
pub struct Items {
    found: HashMap<(String, String), Attributes>,
}

impl Items {
    /// The item of this key, if the table has it.
    pub fn get<T: Item>(&self, key: &Key<T>) -> Result<Option<T>, StoreError> {
        self.found.get(&key.any()).map(from_attributes).transpose()
    }
}

pub(crate) fn from_attributes<T: DeserializeOwned>(attributes: &Attributes) -> Result<T, StoreError> {
    serde_dynamo::from_item(attributes.clone()).map_err(StoreError::corrupt)
}

const TRIES: u32 = 5;
/// Keys of one BatchGetItem (AWS service quota).
const BATCH_KEYS: usize = 100;

impl Store {
    /// Reads up to 100 items of any kind in one round trip, strongly consistent.
    pub async fn fetch(&self, keys: impl IntoIterator<Item = (String, String)>) -> Result<Items, StoreError> {
        let keys: BTreeSet<(String, String)> = keys.into_iter().collect();
        if keys.len() > BATCH_KEYS {
            return Err(StoreError::corrupt("a batch of too many keys"));
        }
        let mut found = HashMap::new();
        let mut wanted: Vec<Attributes> = keys.into_iter().map(key).collect();
        for attempt in 0..TRIES {
            if wanted.is_empty() {
                return Ok(Items { found });
            }
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
            }
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let reply = self
                .client()
                .batch_get_item()
                .request_items(self.table(), request.map_err(StoreError::corrupt)?)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
            for item in reply.responses.unwrap_or_default().remove(self.table()).unwrap_or_default() {
                found.insert((text(&item, "pk")?, text(&item, "sk")?), item);
            }
            let unprocessed = reply.unprocessed_keys.unwrap_or_default().remove(self.table());
            wanted = unprocessed.map(|left| left.keys).unwrap_or_default();
        }
        if wanted.is_empty() { Ok(Items { found }) } else { Err(StoreError::Throttled) }
    }
}

fn key((pk, sk): (String, String)) -> Attributes {
    HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
}

pub(crate) fn text(item: &Attributes, name: &str) -> Result<String, StoreError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .ok_or_else(|| StoreError::corrupt(format!("an item has no {name}")))
}
