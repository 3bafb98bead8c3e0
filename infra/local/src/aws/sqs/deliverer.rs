//! Takes messages to a function in batches, as Lambda's event source mapping does: what the function names as failed
//! comes again after a growing pause, the rest is done; an error is all of the batch.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};

use super::{Message, Sqs, SqsError, dispatch, store};
use crate::aws::ambient;
use crate::aws::events::RetryPolicy;

/// Messages of one batch.
const BATCH: usize = 10;
/// Batches that are worked on at once.
const CONCURRENCY: usize = 4;
/// How long to leave a database alone that just refused.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);
const LONG_SLEEP: Duration = Duration::from_secs(3600);

type Deliver = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// A function that takes the messages of a queue.
#[derive(Clone)]
pub struct QueueTarget {
    queue: String,
    deliver: Deliver,
}

impl QueueTarget {
    /// `deliver` gets an event with `Records` and answers with `batchItemFailures`, or says why it could not.
    pub fn new<F, R>(queue: &str, deliver: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, String>> + Send + 'static,
    {
        Self { queue: queue.to_owned(), deliver: Arc::new(move |event| Box::pin(deliver(event))) }
    }
}

impl fmt::Debug for QueueTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueTarget").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// Delivers until it is dropped; what was not finished is delivered by the next one.
#[derive(Debug)]
pub struct QueueDeliverer {
    tasks: Vec<JoinHandle<()>>,
    sqs: Sqs,
    queues: Vec<String>,
}

impl QueueDeliverer {
    /// Starts delivering. The pauses are those of `retry`; how often a message is tried, the queue says.
    #[must_use]
    pub fn start(sqs: &Sqs, targets: Vec<QueueTarget>, retry: &RetryPolicy) -> Self {
        let queues: Vec<String> = targets.iter().map(|target| target.queue.clone()).collect();
        sqs.taken.lock().unwrap_or_else(PoisonError::into_inner).extend(queues.iter().cloned());
        let tasks = targets
            .into_iter()
            .map(|target| tokio::spawn(Worker { sqs: sqs.clone(), target, retry: retry.clone() }.run()))
            .collect();
        Self { tasks, sqs: sqs.clone(), queues }
    }
}

impl Drop for QueueDeliverer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        let mut taken = self.sqs.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|queue| !self.queues.contains(queue));
    }
}

#[derive(Clone)]
struct Worker {
    sqs: Sqs,
    target: QueueTarget,
    retry: RetryPolicy,
}

impl Worker {
    async fn run(self) {
        let queue = self.target.queue.clone();
        let now = ambient::now();
        // The folder is this process's alone, so nobody works on what an earlier one left out of sight.
        let shown = self.sqs.database.write(move |connection| store::show_all(connection, &queue, now)).await;
        if let Err(error) = shown {
            trouble(&error).await;
        }
        let mut changes = self.sqs.changes();
        let mut running = JoinSet::new();
        loop {
            changes.borrow_and_update();
            while running.len() < CONCURRENCY {
                match self.take().await {
                    Ok(batch) if batch.is_empty() => break,
                    Ok(batch) => drop(running.spawn(self.clone().attempt(batch))),
                    Err(error) => trouble(&error).await,
                }
            }
            let pause = if running.len() < CONCURRENCY { self.until_next().await } else { LONG_SLEEP };
            tokio::select! {
                Some(_) = running.join_next(), if !running.is_empty() => {}
                changed = changes.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn take(&self) -> Result<Vec<Message>, SqsError> {
        // In sight again only when an attempt cannot be running any more.
        let hidden = self.retry.attempt_timeout.saturating_mul(2);
        self.sqs.receive(&self.target.queue, BATCH, Some(hidden)).await
    }

    /// How long until a message comes into sight.
    async fn until_next(&self) -> Duration {
        let queue = self.target.queue.clone();
        let next: Result<_, SqsError> =
            self.sqs.database.read(move |connection| store::next_visible(connection, &queue)).await;
        match next {
            Ok(Some(at)) => {
                let left = at.saturating_sub(ambient::now().as_millisecond());
                Duration::from_millis(u64::try_from(left).unwrap_or_default())
            }
            Ok(None) => LONG_SLEEP,
            Err(_) => TROUBLE_PAUSE,
        }
    }

    /// Delivers one batch once and writes down how it went.
    async fn attempt(self, batch: Vec<Message>) {
        let records: Vec<Value> = batch.iter().map(|message| self.record(message)).collect();
        let failed = match self.deliver(json!({ "Records": records })).await {
            Ok(answer) => failures(&answer),
            Err(error) => {
                tracing::warn!(queue = %self.target.queue, %error, "a batch of messages was refused");
                batch.iter().map(|message| message.id.clone()).collect()
            }
        };
        for message in batch {
            let noted = if failed.contains(&message.id) {
                self.give_back(&message).await
            } else {
                self.sqs.delete(&self.target.queue, &message.receipt).await
            };
            if let Err(error) = noted {
                // It comes into sight again and is delivered another time: at least once.
                trouble(&error).await;
            }
        }
    }

    fn record(&self, message: &Message) -> Value {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": dispatch::attributes(message),
            "messageAttributes": {},
            "md5OfBody": dispatch::md5(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.sqs.arn(&self.target.queue),
            "awsRegion": &*self.sqs.region,
        })
    }

    async fn give_back(&self, message: &Message) -> Result<(), SqsError> {
        let now = ambient::now();
        let visible = now.checked_add(self.retry.pause_after(message.receives)).unwrap_or(now);
        let (queue, receipt) = (self.target.queue.clone(), message.receipt.clone());
        let back = move |connection: &rusqlite::Connection| {
            store::give_back(connection, &queue, &receipt, visible, now)
        };
        self.sqs.database.write(back).await?;
        self.sqs.wake();
        Ok(())
    }

    async fn deliver(&self, event: Value) -> Result<Value, String> {
        // A task of its own, so that a panic in the target is only a failed attempt.
        let mut task = tokio::spawn((self.target.deliver)(event));
        match tokio::time::timeout(self.retry.attempt_timeout, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the target panicked".to_owned()),
            Err(_) => {
                task.abort();
                Err("the target took too long".to_owned())
            }
        }
    }
}

/// The items of a batch that a function says have failed.
pub(crate) fn failures(answer: &Value) -> BTreeSet<String> {
    let failures = answer.get("batchItemFailures").and_then(Value::as_array);
    let ids = failures.into_iter().flatten().filter_map(|failure| failure.get("itemIdentifier")?.as_str());
    ids.map(str::to_owned).collect()
}

async fn trouble(error: &SqsError) {
    tracing::error!(error = error as &dyn std::error::Error, "the queues cannot be used; trying again");
    tokio::time::sleep(TROUBLE_PAUSE).await;
}
