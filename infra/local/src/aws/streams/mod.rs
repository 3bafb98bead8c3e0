//! What is written to a table, on its way to functions: batches in order, each change at least once, from where the last
//! process got to, as Lambda takes them from DynamoDB Streams.
//!
//! How far a target has got stands in the database of events and is written after each delivery, so a restart repeats a
//! delivery rather than losing one. Changes that no target looks for are passed over and remembered only now and then.

mod store;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::worker::Worker;
use super::dynamodb::{DynamoDb, DynamoDbError};
use super::events::{Database, DatabaseError, DeadLetter, Outbox, RetryPolicy};

type Deliver = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// The changes that a target looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFilter {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub event_name: String,
    /// A text attribute of the item (as it is now, or was when it was removed), and its value.
    pub attribute: Option<(String, String)>,
}

impl StreamFilter {
    fn lets_through(&self, record: &Value) -> bool {
        let named = record.get("eventName").and_then(Value::as_str) == Some(&self.event_name);
        named && self.attribute.as_ref().is_none_or(|(name, value)| text(record, name) == Some(value))
    }
}

/// A text attribute of the item that a record is of.
fn text<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    let change = record.get("dynamodb")?;
    let image = change.get("NewImage").or_else(|| change.get("OldImage"))?;
    image.get(name)?.get("S")?.as_str()
}

/// A function that takes the changes of a table.
#[derive(Clone)]
pub struct StreamTarget {
    name: String,
    table: String,
    /// One of these must fit; all changes come when there are none.
    filters: Vec<StreamFilter>,
    deliver: Deliver,
}

impl StreamTarget {
    /// `deliver` gets an event with `Records` and answers with `batchItemFailures`, or says why it could not. Under its
    /// name a target goes on after a restart.
    pub fn new<F, R>(name: &str, table: &str, filters: Vec<StreamFilter>, deliver: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, String>> + Send + 'static,
    {
        let deliver: Deliver = Arc::new(move |event| Box::pin(deliver(event)));
        Self { name: name.to_owned(), table: table.to_owned(), filters, deliver }
    }

    fn wants(&self, record: &Value) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.lets_through(record))
    }
}

impl fmt::Debug for StreamTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTarget")
            .field("name", &self.name)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

/// The streams' delivery could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The database of events refuses.
    #[error("what is known of streams cannot be used")]
    Database(#[from] DatabaseError),
    /// The same, beneath it.
    #[error("what is known of streams cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The table's stream cannot be read.
    #[error("the stream of `{0}` cannot be read: {1}")]
    Stream(String, String),
    /// The tables refuse.
    #[error("the tables cannot be used")]
    DynamoDb(#[from] DynamoDbError),
}

/// A table, and the number of the last of its changes that was delivered.
type Position = (String, Option<String>);

/// The delivery of streams; clones share it.
#[derive(Clone)]
pub struct Streams {
    dynamodb: DynamoDb,
    database: Database,
    /// How far each running target has got, by its name: table and sequence number.
    positions: Arc<Mutex<BTreeMap<String, Position>>>,
    moved: Arc<watch::Sender<u64>>,
}

impl Streams {
    pub(crate) async fn open(dynamodb: DynamoDb, events: &Outbox) -> Result<Self, DatabaseError> {
        let database = events.database().clone();
        database
            .write::<_, DatabaseError, _>(|connection| Ok(connection.execute_batch(store::SCHEMA)?))
            .await?;
        Ok(Self { dynamodb, database, positions: Arc::default(), moved: Arc::new(watch::Sender::new(0)) })
    }

    /// Changes that a target refused until the attempts ran out, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StreamError> {
        self.database.read(store::dead_letters).await
    }

    /// Whether a running target has changes before it.
    ///
    /// # Errors
    /// When a stream cannot be read.
    pub async fn is_idle(&self) -> Result<bool, StreamError> {
        let positions: Vec<_> = self.positions().values().cloned().collect();
        for (table, position) in positions {
            if !self.records(&table, position, 1).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until no running target has changes before it.
    ///
    /// # Errors
    /// When a stream cannot be read.
    pub async fn idle(&self) -> Result<(), StreamError> {
        let mut moved = self.moved.subscribe();
        loop {
            moved.borrow_and_update();
            if self.is_idle().await? {
                return Ok(());
            }
            moved.changed().await.map_err(|_| DatabaseError::Closed)?;
        }
    }

    /// How far every target that was ever started has come in a table's stream, at least: what is older may go.
    pub(crate) async fn delivered(&self) -> Result<BTreeMap<String, String>, StreamError> {
        self.database.read(store::delivered).await
    }

    /// Changes of a table after a position.
    async fn records(
        &self,
        table: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Value>, StreamError> {
        let read = self.dynamodb.stream_records(table, after, limit).await?;
        read.map_err(|why| StreamError::Stream(table.to_owned(), why))
    }

    fn positions(&self) -> MutexGuard<'_, BTreeMap<String, (String, Option<String>)>> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn move_to(&self, target: &StreamTarget, position: Option<String>) {
        self.positions().insert(target.name.clone(), (target.table.clone(), position));
        self.moved.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// The sequence number of a record.
fn sequence(record: &Value) -> Option<&str> {
    record.get("dynamodb")?.get("SequenceNumber")?.as_str()
}

/// Delivers until it is dropped; what was not finished is delivered by the next one.
#[derive(Debug)]
pub struct StreamDeliverer {
    tasks: Vec<JoinHandle<()>>,
}

impl StreamDeliverer {
    /// Starts delivering, each target from where it got to, or from the oldest change that is kept.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start(
        streams: &Streams,
        targets: Vec<StreamTarget>,
        retry: &RetryPolicy,
    ) -> Result<Self, StreamError> {
        let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
        streams.database.write(move |connection| store::forget_others(connection, &names)).await?;
        let mut tasks = Vec::new();
        for target in targets {
            let (name, table) = (target.name.clone(), target.table.clone());
            let begin = move |connection: &rusqlite::Connection| store::begin(connection, &name, &table);
            let position = streams.database.write(begin).await?;
            // Before anything else, so that nobody finds the streams idle that have not begun.
            streams.move_to(&target, position.clone());
            tasks.push(tokio::spawn(Worker::new(streams.clone(), target, retry.clone(), position).run()));
        }
        Ok(Self { tasks })
    }
}

impl Drop for StreamDeliverer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_looks_at_the_change_and_the_item() {
        let inserted =
            json!({ "eventName": "INSERT", "dynamodb": { "NewImage": { "entity": { "S": "message" } } } });
        let removed =
            json!({ "eventName": "REMOVE", "dynamodb": { "OldImage": { "entity": { "S": "message" } } } });
        let filter = |name: &str, entity: &str| StreamFilter {
            event_name: name.into(),
            attribute: Some(("entity".into(), entity.into())),
        };
        assert!(filter("INSERT", "message").lets_through(&inserted));
        assert!(!filter("MODIFY", "message").lets_through(&inserted));
        assert!(!filter("INSERT", "notice").lets_through(&inserted));
        assert!(filter("REMOVE", "message").lets_through(&removed));
        assert!(StreamFilter { event_name: "REMOVE".into(), attribute: None }.lets_through(&removed));
    }
}
