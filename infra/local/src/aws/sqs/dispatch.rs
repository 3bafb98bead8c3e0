//! From an operation and a JSON body to the queues and back.

use std::time::Duration;

use http::StatusCode;
use s3s::crypto::{Checksum as _, Md5};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Answer, MAX_BODY, Message, Sqs, SqsError, store};
use crate::aws::ambient;

/// Messages of one request (SQS's own limit).
const MOST: usize = 10;

/// Answers one request.
pub(super) async fn answer(sqs: &Sqs, operation: &str, body: &[u8]) -> Answer {
    let done = match operation {
        "GetQueueUrl" => get_url(sqs, body).await,
        "GetQueueAttributes" => get_attributes(sqs, body).await,
        "SendMessage" => send(sqs, body).await,
        "SendMessageBatch" => send_batch(sqs, body).await,
        "ReceiveMessage" => receive(sqs, body).await,
        "DeleteMessage" => delete(sqs, body).await,
        _ => {
            let message = format!("the action {operation} is not valid");
            return failure(
                StatusCode::BAD_REQUEST,
                "com.amazon.coral.service#UnknownOperationException",
                &message,
            );
        }
    };
    match done {
        Ok(answer) => Answer { status: StatusCode::OK, body: answer.to_string().into() },
        Err(error) => {
            let (status, code) = match &error {
                SqsError::NoSuchQueue => (StatusCode::BAD_REQUEST, "com.amazonaws.sqs#QueueDoesNotExist"),
                SqsError::Invalid(_) => {
                    (StatusCode::BAD_REQUEST, "com.amazonaws.sqs#InvalidParameterValueException")
                }
                SqsError::Database(_) | SqsError::Sqlite(_) => {
                    tracing::error!(error = &error as &dyn std::error::Error, operation, "the queues failed");
                    (StatusCode::INTERNAL_SERVER_ERROR, "com.amazonaws.sqs#InternalFailure")
                }
            };
            failure(status, code, &error.to_string())
        }
    }
}

pub(super) fn failure(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer { status, body: json!({ "__type": code, "message": message }).to_string().into() }
}

/// The code that an error had before SQS spoke JSON, and who is at fault: clients still go by it.
pub(crate) fn legacy_code(code: &str) -> Option<&'static str> {
    match code {
        "QueueDoesNotExist" => Some("AWS.SimpleQueueService.NonExistentQueue;Sender"),
        "InvalidParameterValueException" => Some("InvalidParameterValue;Sender"),
        _ => None,
    }
}

type Done = Result<Value, SqsError>;

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|_| SqsError::Invalid("the request cannot be read"))
}

/// The queue that a URL ends with.
fn queue_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    queue_name: String,
}

/// Whoever asks needs no host: of a queue's URL only the end is read.
async fn get_url(sqs: &Sqs, body: &[u8]) -> Done {
    let Named { queue_name } = read(body)?;
    let name = queue_name.clone();
    sqs.database.read(move |connection| store::settings(connection, &name)).await?;
    Ok(
        json!({ "QueueUrl": format!("https://sqs.{}.amazonaws.com/{}/{queue_name}", sqs.region, sqs.account) }),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfQueue {
    queue_url: String,
}

async fn get_attributes(sqs: &Sqs, body: &[u8]) -> Done {
    let OfQueue { queue_url } = read(body)?;
    let (queue, now) = (queue_of(&queue_url).to_owned(), ambient::now());
    let name = queue.clone();
    let (settings, (seen, unseen)) = sqs
        .database
        .read::<_, SqsError, _>(move |connection| {
            Ok((store::settings(connection, &name)?, store::counts(connection, &name, now)?))
        })
        .await?;
    let mut attributes = json!({
        "QueueArn": sqs.arn(&queue),
        "VisibilityTimeout": settings.visibility.as_secs().to_string(),
        "ApproximateNumberOfMessages": seen.to_string(),
        "ApproximateNumberOfMessagesNotVisible": unseen.to_string(),
    });
    if let Some((dead_letters, most)) = settings.dead_letters {
        let policy = json!({ "deadLetterTargetArn": sqs.arn(&dead_letters), "maxReceiveCount": most });
        if let Some(attributes) = attributes.as_object_mut() {
            attributes.insert("RedrivePolicy".to_owned(), json!(policy.to_string()));
        }
    }
    Ok(json!({ "Attributes": attributes }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u32,
}

async fn send(sqs: &Sqs, body: &[u8]) -> Done {
    let Send { queue_url, message_body, delay_seconds } = read(body)?;
    let sent = send_one(sqs, queue_of(&queue_url), &message_body, delay_seconds).await?;
    Ok(json!({ "MessageId": sent, "MD5OfMessageBody": md5(&message_body) }))
}

async fn send_one(sqs: &Sqs, queue: &str, body: &str, delay_seconds: u32) -> Result<String, SqsError> {
    if body.is_empty() || body.len() > MAX_BODY {
        return Err(SqsError::Invalid("a message has from 1 byte to 1 MiB"));
    }
    if delay_seconds > 900 {
        return Err(SqsError::Invalid("a message is delayed by 15 minutes at most"));
    }
    sqs.send(queue, body, Duration::from_secs(delay_seconds.into())).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u32,
}

async fn send_batch(sqs: &Sqs, body: &[u8]) -> Done {
    let SendBatch { queue_url, entries } = read(body)?;
    if entries.is_empty() || entries.len() > MOST {
        return Err(SqsError::Invalid("a batch has from 1 to 10 messages"));
    }
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let Entry { id, message_body, delay_seconds } = entry;
        match send_one(sqs, queue_of(&queue_url), &message_body, delay_seconds).await {
            Ok(message_id) => {
                sent.push(
                    json!({ "Id": id, "MessageId": message_id, "MD5OfMessageBody": md5(&message_body) }),
                );
            }
            Err(SqsError::Invalid(why)) => failed.push(json!({
                "Id": id, "SenderFault": true, "Code": "InvalidParameterValue", "Message": why,
            })),
            Err(error) => return Err(error),
        }
    }
    Ok(json!({ "Successful": sent, "Failed": failed }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
}

async fn receive(sqs: &Sqs, body: &[u8]) -> Done {
    let Receive { queue_url, max_number_of_messages, visibility_timeout } = read(body)?;
    let most = max_number_of_messages.unwrap_or(1);
    if !(1..=MOST).contains(&most) {
        return Err(SqsError::Invalid("from 1 to 10 messages are received at once"));
    }
    let hidden = visibility_timeout.map(Duration::from_secs);
    let received = sqs.receive(queue_of(&queue_url), most, hidden).await?;
    let messages = received.iter().map(|message| {
        json!({
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "Body": message.body,
            "MD5OfBody": md5(&message.body),
            "Attributes": attributes(message),
        })
    });
    Ok(json!({ "Messages": messages.collect::<Vec<_>>() }))
}

/// What is known of a message besides what it says.
pub(super) fn attributes(message: &Message) -> Value {
    json!({
        "ApproximateReceiveCount": message.receives.to_string(),
        "SentTimestamp": message.sent_at.as_millisecond().to_string(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    queue_url: String,
    receipt_handle: String,
}

async fn delete(sqs: &Sqs, body: &[u8]) -> Done {
    let Delete { queue_url, receipt_handle } = read(body)?;
    let name = queue_of(&queue_url).to_owned();
    let queue = name.clone();
    sqs.database.read(move |connection| store::settings(connection, &name)).await?;
    sqs.delete(&queue, &receipt_handle).await?;
    Ok(json!({}))
}

pub(super) fn md5(text: &str) -> String {
    let mut hash = Md5::new();
    hash.update(text.as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
