//! Everything that is kept, at one moment: what a refused request must leave as it was.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a journey whose surroundings fail should stop"
)]

use crate::acts::merged;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::World;

/// Items of both tables by their keys; facts of the audit trail apart, because refusals leave them too.
#[derive(Debug)]
pub struct Snapshot {
    items: BTreeMap<(Table, String, String), Value>,
    facts: usize,
}

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Main,
    Keys,
}

impl Snapshot {
    pub async fn of(world: &World) -> Self {
        // What the product does by itself, it has done.
        world.idle().await;
        Self::scanned(world, json!({})).await
    }

    async fn scanned(world: &World, filter: Value) -> Self {
        let mut snapshot = Self { items: BTreeMap::new(), facts: 0 };
        for table in [Table::Main, Table::Keys] {
            let mut start = Value::Null;
            loop {
                let mut request = merged(json!({ "ConsistentRead": true }), filter.clone());
                if !start.is_null() {
                    request["ExclusiveStartKey"] = start;
                }
                let mut page = asked(world, table, "Scan", request).await;
                let items = page["Items"].as_array_mut().unwrap_or_else(|| panic!("no items"));
                items.drain(..).for_each(|item| snapshot.add(table, item));
                start = page["LastEvaluatedKey"].take();
                if start.is_null() {
                    break;
                }
            }
        }
        snapshot
    }

    /// Puts back what has come, gone or changed since; the evidence of it stays.
    pub async fn restore(&self, world: &World) {
        let now = Self::scanned(
            world,
            json!({
                "FilterExpression": "#entity <> :evidence", "ExpressionAttributeNames": { "#entity": "entity" },
                "ExpressionAttributeValues": { ":evidence": { "S": "evidence" } }
            }),
        )
        .await;
        for (key, item) in self.items.iter().filter(|(key, item)| now.items.get(*key) != Some(*item)) {
            assert_eq!(asked(world, key.0, "PutItem", json!({ "Item": item })).await, json!({}), "{key:?}");
        }
        for (table, pk, sk) in now.items.keys().filter(|key| !self.items.contains_key(*key)) {
            let key = json!({ "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
            assert_eq!(asked(world, *table, "DeleteItem", key).await, json!({}), "{pk} {sk}");
        }
    }

    fn add(&mut self, table: Table, item: Value) {
        let text = |name: &str| item[name]["S"].as_str().expect("a key of text").to_owned();
        if text("entity") == "evidence" {
            self.facts += 1;
        } else {
            self.items.insert((table, text("pk"), text("sk")), item);
        }
    }

    /// How many things of a kind there are.
    pub fn count(&self, entity: &str) -> usize {
        let is_one = |(key, item): &(&(Table, String, String), &Value)| {
            key.0 == Table::Main && item["entity"]["S"] == entity
        };
        self.items.iter().filter(is_one).count()
    }

    /// How many facts the audit trail holds.
    pub const fn facts(&self) -> usize {
        self.facts
    }

    /// Nothing but evidence has come since, and nothing has gone.
    #[track_caller]
    pub fn assert_unchanged(&self, later: &Self) {
        let keys = |one: &Self, other: &Self| -> Vec<_> {
            one.items
                .iter()
                .filter(|(key, item)| other.items.get(*key) != Some(*item))
                .map(|(key, _)| key.clone())
                .collect()
        };
        let (before, after) = (keys(self, later), keys(later, self));
        assert!(before.is_empty() && after.is_empty(), "was {before:#?}, is {after:#?}");
        assert!(later.facts >= self.facts, "evidence is never taken away");
    }
}

/// Asks a table itself.
pub async fn asked(world: &World, table: Table, what: &str, request: Value) -> Value {
    let (aws, system) = (world.aws().await, world.system().await);
    let name = match table {
        Table::Main => &system.settings.table,
        Table::Keys => &system.settings.keys_table,
    };
    let request = merged(json!({ "TableName": name }), request);
    let answer =
        aws.dynamodb().respond(&format!("DynamoDB_20120810.{what}"), request.to_string().into()).await;
    assert_eq!(answer.status, 200, "{what}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}
