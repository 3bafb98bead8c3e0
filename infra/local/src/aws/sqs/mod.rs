//! SQS: queues whose messages are kept until somebody has done what they ask for.
//!
//! A message that is received is out of sight for a while; whoever has done its work deletes it, and otherwise it comes
//! again. What has come too often moves to the queue of dead letters. Messages stand in the database of events, each
//! durable before its sender is answered.

mod deliverer;
mod dispatch;
mod store;

pub(crate) use deliverer::failures;
pub use deliverer::{QueueDeliverer, QueueTarget};
pub(crate) use dispatch::legacy_code;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use tokio::sync::watch;

use super::ambient;
use super::events::{Database, DatabaseError, Outbox};

/// The longest a message may be (SQS's own limit).
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// How a queue behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// How long a received message is out of sight.
    pub visibility: Duration,
    /// Where messages go that were received too often, and how often is too often.
    pub dead_letters: Option<(String, u32)>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id that its sender was given.
    pub id: String,
    /// What it says.
    pub body: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often it was received.
    pub receives: u32,
    /// What it is deleted by, while it is out of sight.
    pub receipt: String,
}

/// A queue could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SqsError {
    /// There is no queue of this name.
    #[error("the specified queue does not exist")]
    NoSuchQueue,
    /// The request cannot be read, or asks for what is not allowed.
    #[error("{0}")]
    Invalid(&'static str),
    /// The database refuses.
    #[error("the queues cannot be used")]
    Database(#[from] DatabaseError),
    /// The same, beneath it.
    #[error("the queues cannot be used")]
    Sqlite(#[from] rusqlite::Error),
}

/// The answer to one request: a status and a JSON body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

/// The queues; clones share them.
#[derive(Debug, Clone)]
pub struct Sqs {
    database: Database,
    changes: Arc<watch::Sender<u64>>,
    /// The queues that somebody takes messages from.
    taken: Arc<Mutex<BTreeSet<String>>>,
    region: Arc<str>,
    account: Arc<str>,
}

impl Sqs {
    /// Opens the queues in the database of events.
    pub(crate) async fn open(events: &Outbox, region: &str, account: &str) -> Result<Self, DatabaseError> {
        let database = events.database().clone();
        database
            .write::<_, DatabaseError, _>(|connection| Ok(connection.execute_batch(store::SCHEMA)?))
            .await?;
        Ok(Self {
            database,
            changes: Arc::new(watch::Sender::new(0)),
            taken: Arc::default(),
            region: region.into(),
            account: account.into(),
        })
    }

    /// Makes a queue, or changes how it behaves; its messages stay.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create(&self, name: &str, settings: QueueSettings) -> Result<(), SqsError> {
        let name = name.to_owned();
        self.database.write(move |connection| store::create(connection, &name, &settings)).await
    }

    /// Sends one message; gives its id.
    ///
    /// # Errors
    /// When there is no such queue, or the database refuses.
    pub async fn send(&self, queue: &str, body: &str, delay: Duration) -> Result<String, SqsError> {
        let (queue, body) = (queue.to_owned(), body.to_owned());
        let now = ambient::now();
        let id =
            self.database.write(move |connection| store::send(connection, &queue, &body, now, delay)).await?;
        self.wake();
        Ok(id)
    }

    /// All messages of a queue, seen or out of sight, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn messages(&self, queue: &str) -> Result<Vec<Message>, SqsError> {
        let queue = queue.to_owned();
        self.database.read(move |connection| store::messages(connection, &queue)).await
    }

    /// Sends everything of a queue of dead letters back to where it came from; gives how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn redrive(&self, dead_letters: &str) -> Result<usize, SqsError> {
        let (queue, now) = (dead_letters.to_owned(), ambient::now());
        let moved = self.database.write(move |connection| store::redrive(connection, &queue, now)).await?;
        self.wake();
        Ok(moved)
    }

    /// How many messages wait, or are worked on, in queues that somebody takes messages from.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn pending(&self) -> Result<u64, SqsError> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.database.read(move |connection| store::count(connection, &taken)).await
    }

    /// Waits until nothing is pending.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn idle(&self) -> Result<(), SqsError> {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            if self.pending().await? == 0 {
                return Ok(());
            }
            changes.changed().await.map_err(|_| DatabaseError::Closed)?;
        }
    }

    /// Answers one request named by its operation.
    pub(crate) async fn respond(&self, operation: &str, body: &[u8]) -> Answer {
        dispatch::answer(self, operation, body).await
    }

    /// Takes up to `limit` messages out of sight; what was received too often goes to the dead letters instead.
    async fn receive(
        &self,
        queue: &str,
        limit: usize,
        hidden: Option<Duration>,
    ) -> Result<Vec<Message>, SqsError> {
        let (queue, now) = (queue.to_owned(), ambient::now());
        self.database.write(move |connection| store::receive(connection, &queue, limit, hidden, now)).await
    }

    /// Forgets a message whose work is done.
    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), SqsError> {
        let (queue, receipt) = (queue.to_owned(), receipt.to_owned());
        self.database.write(move |connection| store::delete(connection, &queue, &receipt)).await?;
        self.wake();
        Ok(())
    }

    fn arn(&self, queue: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{queue}", self.region, self.account)
    }

    fn wake(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
