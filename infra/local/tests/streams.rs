//! Changes of a table on their way to functions: each at least once, in order, and none lost by a restart.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use aws_support::Running;
use local::aws::events::RetryPolicy;
use local::aws::streams::{StreamDeliverer, StreamFilter, StreamTarget};
use serde_json::{Value, json};

async fn with_table() -> Running {
    let running = Running::start().await;
    let key = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .unwrap();
    let schema = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .unwrap();
    let request = running.dynamodb().create_table().table_name("records");
    request
        .attribute_definitions(key)
        .key_schema(schema)
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await
        .unwrap();
    running
}

async fn put(running: &Running, key: &str, entity: &str, text: &str) {
    let text_of = |text: &str| AttributeValue::S(text.to_owned());
    let request = running.dynamodb().put_item().table_name("records").item("pk", text_of(key));
    request.item("entity", text_of(entity)).item("text", text_of(text)).send().await.unwrap();
}

async fn remove(running: &Running, key: &str) {
    let request = running.dynamodb().delete_item().table_name("records");
    request.key("pk", AttributeValue::S(key.to_owned())).send().await.unwrap();
}

fn quick() -> RetryPolicy {
    RetryPolicy {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        max_attempts: 4,
        attempt_timeout: Duration::from_millis(500),
    }
}

/// Writes down what it is shown, and fails as it is told by `fails`.
#[derive(Clone)]
struct Reader {
    seen: Arc<Mutex<Vec<String>>>,
    fails: Arc<Mutex<Fails>>,
}

/// Says how each record fails, by its key.
type Fails = Box<dyn FnMut(&str) -> Failure + Send>;

enum Failure {
    None,
    /// The answer names the record.
    Item,
    /// The function ends in an error.
    Batch,
}

impl Reader {
    fn new(fails: impl FnMut(&str) -> Failure + Send + 'static) -> Self {
        Self { seen: Arc::default(), fails: Arc::new(Mutex::new(Box::new(fails))) }
    }

    fn target(&self, filters: Vec<StreamFilter>) -> StreamTarget {
        let reader = self.clone();
        StreamTarget::new("reader", "records", filters, move |event| {
            let reader = reader.clone();
            async move { reader.read(&event) }
        })
    }

    fn read(&self, event: &Value) -> Result<Value, String> {
        for record in event["Records"].as_array().unwrap() {
            assert_eq!(record["eventSource"], "aws:dynamodb");
            assert_eq!(record["awsRegion"], "eu-west-1");
            let change = &record["dynamodb"];
            let image =
                if change["NewImage"].is_object() { &change["NewImage"] } else { &change["OldImage"] };
            let name = record["eventName"].as_str().unwrap();
            let text = format!("{name} {}", image["text"]["S"].as_str().unwrap());
            match (self.fails.lock().unwrap())(&text) {
                Failure::None => self.seen.lock().unwrap().push(text),
                Failure::Item => {
                    let failed = json!({ "itemIdentifier": change["SequenceNumber"] });
                    return Ok(json!({ "batchItemFailures": [failed] }));
                }
                Failure::Batch => return Err("down".into()),
            }
        }
        Ok(json!({ "batchItemFailures": [] }))
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn start(running: &Running, target: StreamTarget) -> StreamDeliverer {
    StreamDeliverer::start(running.aws.streams(), vec![target], &quick()).await.unwrap()
}

#[tokio::test]
async fn changes_come_in_order() {
    let running = with_table().await;
    let reader = Reader::new(|_| Failure::None);
    put(&running, "a", "message", "one").await;
    let _deliverer = start(&running, reader.target(Vec::new())).await;
    put(&running, "a", "message", "two").await;
    put(&running, "b", "message", "three").await;
    remove(&running, "a").await;
    running.aws.idle().await.unwrap();
    assert_eq!(reader.seen(), ["INSERT one", "MODIFY two", "INSERT three", "REMOVE two"]);
}

#[tokio::test]
async fn a_target_gets_what_it_looks_for() {
    let running = with_table().await;
    let reader = Reader::new(|_| Failure::None);
    let filter = |name: &str, entity: &str| StreamFilter {
        event_name: name.to_owned(),
        attribute: Some(("entity".to_owned(), entity.to_owned())),
    };
    let filters = vec![filter("INSERT", "message"), filter("REMOVE", "notice")];
    let _deliverer = start(&running, reader.target(filters)).await;
    put(&running, "a", "message", "one").await;
    put(&running, "a", "message", "changed").await;
    put(&running, "b", "notice", "two").await;
    remove(&running, "a").await;
    remove(&running, "b").await;
    running.aws.idle().await.unwrap();
    assert_eq!(reader.seen(), ["INSERT one", "REMOVE two"]);
}

#[tokio::test]
async fn a_failed_record_is_repeated_with_all_after_it_and_none_overtakes_it() {
    let running = with_table().await;
    let mut left = 2;
    let reader = Reader::new(move |text| {
        if text == "INSERT three" && left > 0 {
            left -= 1;
            return Failure::Item;
        }
        Failure::None
    });
    for (key, text) in [("a", "one"), ("b", "two"), ("c", "three"), ("d", "four")] {
        put(&running, key, "message", text).await;
    }
    let _deliverer = start(&running, reader.target(Vec::new())).await;
    running.aws.idle().await.unwrap();
    assert_eq!(reader.seen(), ["INSERT one", "INSERT two", "INSERT three", "INSERT four"]);
    assert!(running.aws.streams().dead_letters().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_poisonous_record_is_found_and_given_up_alone() {
    let running = with_table().await;
    let reader = Reader::new(|text| if text == "INSERT 7" { Failure::Batch } else { Failure::None });
    for number in 0..20 {
        put(&running, &format!("key {number}"), "message", &number.to_string()).await;
    }
    let _deliverer = start(&running, reader.target(Vec::new())).await;
    running.aws.idle().await.unwrap();
    // What came before it in its batches was repeated; of what came after it, nothing is missing.
    let seen = reader.seen();
    assert!((0..20).filter(|number| *number != 7).all(|number| seen.contains(&format!("INSERT {number}"))));
    let letters = running.aws.streams().dead_letters().await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].event["dynamodb"]["NewImage"]["text"]["S"], "7");
    assert_eq!(
        (letters[0].target.as_str(), letters[0].attempts, letters[0].error.as_str()),
        ("reader", 4, "down")
    );
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let running = with_table().await;
    let reader = Reader::new(|_| Failure::None);
    let deliverer = start(&running, reader.target(Vec::new())).await;
    put(&running, "a", "message", "one").await;
    running.aws.idle().await.unwrap();
    drop(deliverer);
    // Written while nobody reads, and long ago.
    put(&running, "b", "message", "two").await;
    let later: jiff::Timestamp = "2120-01-01T00:00:00Z".parse().unwrap();
    running.aws.maintain(later).await;
    let running = running.restart().await;
    put(&running, "c", "message", "three").await;
    let again = Reader::new(|_| Failure::None);
    let _deliverer = start(&running, again.target(Vec::new())).await;
    running.aws.idle().await.unwrap();
    assert_eq!(reader.seen(), ["INSERT one"]);
    assert_eq!(again.seen(), ["INSERT two", "INSERT three"]);
}
