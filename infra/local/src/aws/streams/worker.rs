//! One target's share of the work.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{StreamError, StreamTarget, Streams, sequence, store};
use crate::aws::events::{DeadLetter, RetryPolicy};
use crate::aws::sqs::failures;

/// Records looked at in one go, and delivered in one.
const READ: usize = 200;
const BATCH: usize = 25;
/// Unwanted records after which the position is written down all the same.
const PASSED_OVER: usize = 1000;
/// How long to leave a database alone that just refused.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Worker {
    streams: Streams,
    target: StreamTarget,
    retry: RetryPolicy,
    /// The last record that is done with.
    position: Option<String>,
    /// Records passed over since the position was written down.
    passed_over: usize,
    /// How many records go into a batch; fewer after a batch failed as a whole, until one goes well.
    most: usize,
    /// How often the first record that waits has failed.
    attempts: u32,
}

impl Worker {
    pub(super) fn new(
        streams: Streams,
        target: StreamTarget,
        retry: RetryPolicy,
        position: Option<String>,
    ) -> Self {
        Self { streams, target, retry, position, passed_over: 0, most: BATCH, attempts: 0 }
    }

    pub(super) async fn run(mut self) {
        let mut changes: watch::Receiver<u64> = self.streams.dynamodb.changes();
        loop {
            changes.borrow_and_update();
            match self.step().await {
                Ok(Step::Waits) => {
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
                Ok(Step::Went) => {}
                Ok(Step::Failed) => tokio::time::sleep(self.retry.pause_after(self.attempts.max(1))).await,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a stream cannot be delivered; trying again"
                    );
                    tokio::time::sleep(TROUBLE_PAUSE).await;
                }
            }
        }
    }

    /// Delivers what comes next, once.
    async fn step(&mut self) -> Result<Step, StreamError> {
        let read = self.streams.records(&self.target.table, self.position.clone(), READ).await?;
        let Some(last) = read.last().and_then(sequence).map(str::to_owned) else { return Ok(Step::Waits) };
        let looked_at = read.len();
        let mut batch: Vec<Value> = read.into_iter().filter(|record| self.target.wants(record)).collect();
        if batch.is_empty() {
            self.pass_over(looked_at, last).await?;
            return Ok(Step::Went);
        }
        let reaches_end = batch.len() <= self.most;
        batch.truncate(self.most);
        match self.deliver(&batch).await {
            Ok(answer) => self.settle(&batch, &answer, reaches_end.then_some(last)).await,
            Err(error) if batch.len() > 1 => {
                tracing::warn!(target = %self.target.name, %error, "a batch of changes was refused");
                // Whatever is wrong with it, the half of it may be well.
                self.most = batch.len() / 2;
                Ok(Step::Failed)
            }
            Err(error) => self.failed(batch.into_iter().next(), error).await,
        }
    }

    async fn pass_over(&mut self, records: usize, last: String) -> Result<(), StreamError> {
        self.passed_over += records;
        if self.passed_over >= PASSED_OVER {
            return self.reach(last, None).await;
        }
        self.position = Some(last.clone());
        self.streams.move_to(&self.target, Some(last));
        Ok(())
    }

    /// Goes on after what the answer leaves done: all before the first failure.
    async fn settle(
        &mut self,
        batch: &[Value],
        answer: &Value,
        end: Option<String>,
    ) -> Result<Step, StreamError> {
        let failed = failures(answer);
        let is_failed = |record: &Value| sequence(record).is_some_and(|sequence| failed.contains(sequence));
        let first = batch.iter().position(is_failed);
        let done = batch.get(..first.unwrap_or(batch.len())).and_then(|done| done.last()).and_then(sequence);
        let done = if first.is_none() { end.as_deref().or(done) } else { done };
        if let Some(done) = done.map(str::to_owned) {
            self.reach(done, None).await?;
            (self.most, self.attempts) = (BATCH, 0);
        }
        match first {
            None => Ok(Step::Went),
            Some(first) => {
                self.failed(batch.get(first).cloned(), "the target says that it failed".to_owned()).await
            }
        }
    }

    /// One record was refused: it is tried again, or given up.
    async fn failed(&mut self, record: Option<Value>, error: String) -> Result<Step, StreamError> {
        self.attempts = self.attempts.saturating_add(1);
        let (attempts, target) = (self.attempts, self.target.name.clone());
        let dead = attempts >= self.retry.max_attempts;
        tracing::warn!(%target, %error, dead, "a change was refused");
        if let Some(record) = record.filter(|_| dead)
            && let Some(sequence) = sequence(&record).map(str::to_owned)
        {
            let letter = DeadLetter { target, event: record, attempts, error };
            self.reach(sequence, Some(letter)).await?;
            self.attempts = 0;
            return Ok(Step::Went);
        }
        Ok(Step::Failed)
    }

    /// Writes down how far the target has got.
    async fn reach(&mut self, sequence: String, dead: Option<DeadLetter>) -> Result<(), StreamError> {
        let (name, to) = (self.target.name.clone(), sequence.clone());
        let write =
            move |connection: &rusqlite::Connection| store::reach(connection, &name, &to, dead.as_ref());
        self.streams.database.write(write).await?;
        self.passed_over = 0;
        self.position = Some(sequence.clone());
        self.streams.move_to(&self.target, Some(sequence));
        Ok(())
    }

    async fn deliver(&self, batch: &[Value]) -> Result<Value, String> {
        let event = json!({ "Records": batch });
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

enum Step {
    /// There was nothing to deliver.
    Waits,
    /// Something was done with.
    Went,
    /// Something has to be tried again, after a pause.
    Failed,
}
