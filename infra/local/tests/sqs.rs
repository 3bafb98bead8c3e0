//! The queues, by the official client: what is sent is kept, comes until it is done, and lies apart when it has come too
//! often.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use aws_support::Running;
use local::aws::events::RetryPolicy;
use local::aws::sqs::{QueueDeliverer, QueueSettings, QueueTarget};
use serde_json::{Value, json};

const WORK: &str = "http://localhost/111122223333/work";

async fn with_queue(most_receives: u32) -> Running {
    let running = Running::start().await;
    let visibility = Duration::from_secs(900);
    let sqs = running.aws.sqs();
    sqs.create("dead", QueueSettings { visibility, dead_letters: None }).await.unwrap();
    let dead_letters = Some(("dead".to_owned(), most_receives));
    sqs.create("work", QueueSettings { visibility, dead_letters }).await.unwrap();
    running
}

fn quick() -> RetryPolicy {
    RetryPolicy {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        max_attempts: 10,
        attempt_timeout: Duration::from_millis(500),
    }
}

/// Does what it is told in each message: `ok`, `fail`, `fail once`, `panic`, `error`.
#[derive(Clone, Default)]
struct Hands {
    seen: Arc<Mutex<Vec<(String, u32)>>>,
}

impl Hands {
    fn target(&self) -> QueueTarget {
        let hands = self.clone();
        QueueTarget::new("work", move |event| {
            let hands = hands.clone();
            async move { hands.work(&event) }
        })
    }

    fn work(&self, event: &Value) -> Result<Value, String> {
        let mut failures = Vec::new();
        for record in event["Records"].as_array().unwrap() {
            assert_eq!(record["eventSource"], "aws:sqs");
            assert_eq!(record["eventSourceARN"], "arn:aws:sqs:eu-west-1:111122223333:work");
            let body = record["body"].as_str().unwrap();
            let count: u32 =
                record["attributes"]["ApproximateReceiveCount"].as_str().unwrap().parse().unwrap();
            self.seen.lock().unwrap().push((body.to_owned(), count));
            match body {
                "fail" => failures.push(json!({ "itemIdentifier": record["messageId"] })),
                "fail once" if count == 1 => failures.push(json!({ "itemIdentifier": record["messageId"] })),
                "panic" => panic!("a broken target"),
                "error" => return Err("down".into()),
                _ => {}
            }
        }
        Ok(json!({ "batchItemFailures": failures }))
    }

    fn bodies(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(body, _)| body.clone()).collect()
    }
}

#[tokio::test]
async fn a_message_is_received_until_it_is_deleted() {
    let running = with_queue(3).await;
    let sqs = running.sqs();
    let sent = sqs.send_message().queue_url(WORK).message_body("one").send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("f97c5d29941bfb1b2fdab0874906ab82"));
    let receive = || sqs.receive_message().queue_url(WORK).visibility_timeout(0).send();
    let first = receive().await.unwrap().messages.unwrap();
    assert_eq!((first[0].body(), first[0].message_id()), (Some("one"), sent.message_id()));
    let second = receive().await.unwrap().messages.unwrap();
    assert_eq!(second.len(), 1);
    let hidden = sqs.receive_message().queue_url(WORK).send().await.unwrap().messages.unwrap();
    assert!(receive().await.unwrap().messages.unwrap_or_default().is_empty(), "out of sight");
    let attributes =
        sqs.get_queue_attributes().queue_url(WORK).attribute_names(QueueAttributeName::All).send().await;
    let attributes = attributes.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible], "1");
    assert!(attributes[&QueueAttributeName::RedrivePolicy].contains("\"maxReceiveCount\":3"));
    sqs.delete_message()
        .queue_url(WORK)
        .receipt_handle(hidden[0].receipt_handle().unwrap())
        .send()
        .await
        .unwrap();
    assert!(running.aws.sqs().messages("work").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_is_taken_as_far_as_it_can_be() {
    let running = with_queue(3).await;
    let sqs = running.sqs();
    let entry = |id: &str, body: &str| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
    };
    let too_long = "x".repeat(1024 * 1024 + 1);
    let request = sqs.send_message_batch().queue_url(WORK);
    let sent = request.entries(entry("a", "1")).entries(entry("b", &too_long)).send().await.unwrap();
    assert_eq!((sent.successful()[0].id(), sent.failed()[0].id()), ("a", "b"));
    assert!(sent.failed()[0].sender_fault());
    let eleven = (0..11).map(|number| entry(&number.to_string(), "1")).collect();
    let refused = sqs.send_message_batch().queue_url(WORK).set_entries(Some(eleven)).send().await;
    assert!(refused.is_err());
    let messages = running.aws.sqs().messages("work").await.unwrap();
    assert_eq!(messages.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["1"]);
}

#[tokio::test]
async fn strangers_and_unknown_queues_get_nothing() {
    let running = with_queue(3).await;
    let stranger = running.sqs_as("AKIDSTRANGER", "a guess");
    assert!(stranger.send_message().queue_url(WORK).message_body("one").send().await.is_err());
    let nowhere = running.sqs().send_message().queue_url("http://localhost/1/none").message_body("one");
    let error = nowhere.send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_does_not_exist(), "{error:?}");
    assert!(running.sqs().get_queue_url().queue_name("none").send().await.is_err());
    let found = running.sqs().get_queue_url().queue_name("work").send().await.unwrap();
    assert!(found.queue_url().unwrap().ends_with("/111122223333/work"));
}

#[tokio::test]
async fn of_a_batch_only_what_failed_comes_again() {
    let running = with_queue(5).await;
    let (sqs, hands) = (running.aws.sqs(), Hands::default());
    for body in ["ok", "fail once", "ok too"] {
        sqs.send("work", body, Duration::ZERO).await.unwrap();
    }
    let _deliverer = QueueDeliverer::start(sqs, vec![hands.target()], &quick());
    sqs.idle().await.unwrap();
    assert_eq!(hands.bodies(), ["ok", "fail once", "ok too", "fail once"]);
    assert!(sqs.messages("dead").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_fails_too_often_lies_apart_until_it_is_sent_back() {
    let running = with_queue(3).await;
    let (sqs, hands) = (running.aws.sqs(), Hands::default());
    for body in ["fail", "panic", "error", "ok"] {
        sqs.send("work", body, Duration::ZERO).await.unwrap();
        // One after the other, so that none fails with another.
        let _deliverer = QueueDeliverer::start(sqs, vec![hands.target()], &quick());
        sqs.idle().await.unwrap();
    }
    let dead = sqs.messages("dead").await.unwrap();
    let bodies: BTreeSet<&str> = dead.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, BTreeSet::from(["fail", "panic", "error"]));
    assert_eq!(hands.bodies().iter().filter(|body| *body == "fail").count(), 3);
    assert_eq!(sqs.redrive("dead").await.unwrap(), 3);
    assert_eq!(sqs.messages("work").await.unwrap().len(), 3);
    assert!(sqs.messages("dead").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restart_loses_nothing_that_was_sent_or_taken() {
    let running = with_queue(5).await;
    running.sqs().send_message().queue_url(WORK).message_body("one").send().await.unwrap();
    running.sqs().send_message().queue_url(WORK).message_body("two").send().await.unwrap();
    // Somebody takes one for a quarter of an hour, and dies.
    let taken = running.sqs().receive_message().queue_url(WORK).send().await.unwrap();
    assert_eq!(taken.messages().len(), 1);
    let running = running.restart().await;
    let hands = Hands::default();
    let _deliverer = QueueDeliverer::start(running.aws.sqs(), vec![hands.target()], &quick());
    running.aws.idle().await.unwrap();
    let mut bodies = hands.bodies();
    bodies.sort_unstable();
    assert_eq!(bodies, ["one", "two"]);
}

#[tokio::test]
async fn a_delayed_message_waits() {
    let running = with_queue(5).await;
    let (sqs, hands) = (running.aws.sqs(), Hands::default());
    let _deliverer = QueueDeliverer::start(sqs, vec![hands.target()], &quick());
    sqs.send("work", "later", Duration::from_millis(300)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(hands.bodies().is_empty());
    sqs.idle().await.unwrap();
    assert_eq!(hands.bodies(), ["later"]);
}
