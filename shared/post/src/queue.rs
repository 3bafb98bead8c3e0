//! Sending work to the queue. What is sent is done at least once, in no order that means anything.

use api::{Problem, System};
use aws_sdk_sqs::{
    Client,
    config::Builder,
    error::DisplayErrorContext,
    types::{BatchResultErrorEntry, SendMessageBatchRequestEntry},
};
use serde::Serialize;

/// Messages of one SendMessageBatch (AWS service quota).
const BATCH: usize = 10;
/// How often what the queue took only a part of is sent again.
const TRIES: u32 = 3;

/// The queue of work.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

/// Work could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The function was not told of the queue.
    #[error("`STRONGROOM_QUEUE_URL` is not set")]
    Unset,
    #[error("the work cannot be written: {0}")]
    Work(#[from] serde_json::Error),
    /// It may have been sent all the same.
    #[error("the queue does not answer as it should: {0}")]
    Unavailable(String),
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Unavailable(_) => Self::unavailable(error),
            QueueError::Unset | QueueError::Work(_) => Self::internal(error),
        }
    }
}

impl Queue {
    pub fn new(system: &System) -> Result<Self, QueueError> {
        let url = system.settings.queue_url.clone().ok_or(QueueError::Unset)?;
        let config = Builder::from(&system.sdk_config()).interceptor(system.meter.clone()).build();
        Ok(Self { client: Client::from_conf(config), url })
    }

    /// Sends one piece of work, as JSON.
    pub async fn send(&self, work: &impl Serialize) -> Result<(), QueueError> {
        let body = serde_json::to_string(work)?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| QueueError::Unavailable(DisplayErrorContext(error).to_string()))
    }

    /// Sends all of it, ten at a time. After an error some of it may have been sent, and no harm is done by sending all of
    /// it again.
    pub async fn send_all(&self, work: impl IntoIterator<Item = impl Serialize>) -> Result<(), QueueError> {
        let bodies: Vec<String> =
            work.into_iter().map(|one| serde_json::to_string(&one)).collect::<Result<_, _>>()?;
        for batch in bodies.chunks(BATCH) {
            self.send_batch(batch).await?;
        }
        Ok(())
    }

    async fn send_batch(&self, bodies: &[String]) -> Result<(), QueueError> {
        let mut left: Vec<SendMessageBatchRequestEntry> =
            bodies.iter().enumerate().map(|(number, body)| entry(number, body)).collect::<Result<_, _>>()?;
        let mut why = String::new();
        for _ in 0..TRIES {
            let request = self.client.send_message_batch().queue_url(&self.url);
            let sent = request.set_entries(Some(left.clone())).send().await;
            let sent =
                sent.map_err(|error| QueueError::Unavailable(DisplayErrorContext(error).to_string()))?;
            let failed = sent.failed();
            if let Some(first) = failed.first() {
                why = reason(first);
            }
            left.retain(|one| failed.iter().any(|failed| failed.id() == one.id()));
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(QueueError::Unavailable(why))
    }
}

fn reason(failed: &BatchResultErrorEntry) -> String {
    format!("{}: {}", failed.code(), failed.message().unwrap_or_default())
}

fn entry(number: usize, body: &str) -> Result<SendMessageBatchRequestEntry, QueueError> {
    let entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(body).build();
    entry.map_err(|error| QueueError::Unavailable(error.to_string()))
}
