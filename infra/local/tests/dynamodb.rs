//! The tables, through the official client.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, KeysAndAttributes, Projection, ProjectionType, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification, TransactWriteItem,
};
use aws_support::Running;

const TABLE: &str = "records";
type Item = HashMap<String, AttributeValue>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn item(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk), ("gpk", "all"), ("gsk", sk)]
        .map(|(name, value)| (name.into(), text(value)))
        .into()
}

fn key(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)].map(|(name, value)| (name.into(), text(value))).into()
}

async fn create_table(dynamodb: &Client) {
    let element =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let stream =
        StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
    let index = GlobalSecondaryIndex::builder()
        .index_name("by_time")
        .key_schema(element("gpk", KeyType::Hash))
        .key_schema(element("gsk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    let mut order = dynamodb
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element("pk", KeyType::Hash))
        .key_schema(element("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .stream_specification(stream.build().unwrap());
    for name in ["pk", "sk", "gpk", "gsk"] {
        let attribute =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        order = order.attribute_definitions(attribute.build().unwrap());
    }
    order.send().await.unwrap();
}

async fn with_table() -> (Running, Client) {
    let running = Running::start().await;
    let dynamodb = running.dynamodb();
    create_table(&dynamodb).await;
    (running, dynamodb)
}

async fn put(dynamodb: &Client, item: Item) {
    dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
}

async fn get(dynamodb: &Client, pk: &str, sk: &str) -> Option<Item> {
    let order = dynamodb.get_item().table_name(TABLE).set_key(Some(key(pk, sk))).consistent_read(true);
    order.send().await.unwrap().item
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("no service error")
}

#[tokio::test]
async fn a_condition_holds() {
    let (_running, dynamodb) = with_table().await;
    let order = dynamodb.put_item().table_name(TABLE).set_item(Some(item("c1", "r1")));
    let order = order.condition_expression("attribute_not_exists(pk)");
    order.clone().send().await.unwrap();
    let order = order.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match order.send().await.unwrap_err().into_service_error() {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) => {
            assert_eq!(refused.item().unwrap().get("pk"), Some(&text("c1")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_transaction_happens_whole_or_not_at_all() {
    let (_running, dynamodb) = with_table().await;
    put(&dynamodb, item("c1", "r1")).await;
    put(&dynamodb, item("c1", "r3")).await;
    let write = |pk: &str, sk: &str, condition: Option<&str>| {
        let put = Put::builder().table_name(TABLE).set_item(Some(item(pk, sk)));
        let put = put.set_condition_expression(condition.map(str::to_owned));
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let present = ConditionCheck::builder()
        .table_name(TABLE)
        .set_key(Some(key("c1", "r1")))
        .condition_expression("attribute_exists(pk)");
    let present = TransactWriteItem::builder().condition_check(present.build().unwrap()).build();
    let absent = Some("attribute_not_exists(pk)");

    let order = dynamodb.transact_write_items().transact_items(present.clone());
    let order =
        order.transact_items(write("c1", "r2", absent)).transact_items(write("c1", "r3", Some("gpk = pk")));
    match order.send().await.unwrap_err().into_service_error() {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
            refused,
        ) => {
            let reasons = refused.cancellation_reasons().iter().map(|reason| reason.code().unwrap());
            assert_eq!(reasons.collect::<Vec<_>>(), ["None", "None", "ConditionalCheckFailed"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(get(&dynamodb, "c1", "r2").await, None);

    let order =
        dynamodb.transact_write_items().transact_items(present).transact_items(write("c1", "r2", absent));
    let order = order.client_request_token("token-1").return_consumed_capacity(ReturnConsumedCapacity::Total);
    let done = order.clone().send().await.unwrap();
    assert!(done.consumed_capacity()[0].capacity_units().unwrap() >= 2.0);
    assert!(get(&dynamodb, "c1", "r2").await.is_some());
    order.send().await.expect("the same token again is the same transaction");
}

#[tokio::test]
async fn an_index_is_read_page_by_page() {
    let (_running, dynamodb) = with_table().await;
    for n in 0..7 {
        put(&dynamodb, item(&format!("c{}", n % 3), &format!("r{n}"))).await;
    }
    let (mut seen, mut pages, mut start) = (Vec::new(), 0, None);
    loop {
        let page = dynamodb
            .query()
            .table_name(TABLE)
            .index_name("by_time")
            .key_condition_expression("gpk = :all AND gsk > :after")
            .expression_attribute_values(":all", text("all"))
            .expression_attribute_values(":after", text("r0"))
            .limit(4)
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .unwrap();
        let capacity = page.consumed_capacity().unwrap();
        assert!(capacity.global_secondary_indexes().unwrap().contains_key("by_time"));
        seen.extend(page.items().iter().map(|item| item["sk"].as_s().unwrap().clone()));
        pages += 1;
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["r6", "r5", "r4", "r3", "r2", "r1"]);
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn one_call_reads_many_items() {
    let (_running, dynamodb) = with_table().await;
    put(&dynamodb, item("c1", "r1")).await;
    put(&dynamodb, item("c2", "r2")).await;
    let keys = [("c1", "r1"), ("c2", "r2"), ("c3", "r3")].map(|(pk, sk)| key(pk, sk)).to_vec();
    let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().unwrap();
    let order = dynamodb.batch_get_item().request_items(TABLE, keys);
    let read = order.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    assert_eq!(read.responses().unwrap()[TABLE].len(), 2);
    assert!(read.consumed_capacity()[0].capacity_units().unwrap() >= 2.0);
}

#[tokio::test]
async fn what_has_outlived_its_time_is_swept() {
    let (running, dynamodb) = with_table().await;
    let live = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build().unwrap();
    dynamodb.update_time_to_live().table_name(TABLE).time_to_live_specification(live).send().await.unwrap();
    let expiring = |sk: &str, at: u64| {
        let mut item = item("c1", sk);
        item.insert("expires_at".into(), AttributeValue::N(at.to_string()));
        item
    };
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    put(&dynamodb, expiring("old", now - 60)).await;
    put(&dynamodb, expiring("new", now + 3600)).await;
    put(&dynamodb, item("c1", "forever")).await;
    assert_eq!(running.aws.dynamodb().sweep_ttl().await.unwrap(), 1);
    assert!(get(&dynamodb, "c1", "old").await.is_none());
    assert!(get(&dynamodb, "c1", "new").await.is_some());
    assert!(get(&dynamodb, "c1", "forever").await.is_some());
}

#[tokio::test]
async fn tables_and_items_outlive_the_process() {
    let (running, dynamodb) = with_table().await;
    put(&dynamodb, item("c1", "r1")).await;
    drop(dynamodb);
    let running = running.restart().await;
    let dynamodb = running.dynamodb();
    assert!(get(&dynamodb, "c1", "r1").await.is_some());
    let table = dynamodb.describe_table().table_name(TABLE).send().await.unwrap().table.unwrap();
    assert_eq!(table.table_arn(), Some("arn:aws:dynamodb:eu-west-1:111122223333:table/records"));
    let again = dynamodb.create_table().table_name(TABLE);
    let element = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let attribute =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let again = again.key_schema(element).attribute_definitions(attribute.build().unwrap());
    let again = again.billing_mode(BillingMode::PayPerRequest).send().await.unwrap_err();
    assert_eq!(code(&again), "ResourceInUseException");
}

#[tokio::test]
async fn tags_and_streams_are_found_by_our_arns() {
    let (running, dynamodb) = with_table().await;
    put(&dynamodb, item("c1", "r1")).await;
    put(&dynamodb, item("c1", "r2")).await;
    let table = dynamodb.describe_table().table_name(TABLE).send().await.unwrap().table.unwrap();
    let tag = aws_sdk_dynamodb::types::Tag::builder().key("app").value("strongroom").build().unwrap();
    let arn = table.table_arn().unwrap();
    dynamodb.tag_resource().resource_arn(arn).tags(tag).send().await.unwrap();
    let tags = dynamodb.list_tags_of_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags()[0].value(), "strongroom");

    let stream = table.latest_stream_arn().unwrap();
    assert!(stream.starts_with("arn:aws:dynamodb:eu-west-1:111122223333:table/records/stream/"));
    let ask = async |operation: &str, body: serde_json::Value| {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        let answer = running.aws.dynamodb().respond(&target, body.to_string().into()).await;
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(answer.status.is_success(), "{json}");
        json
    };
    let described = ask("DescribeStream", serde_json::json!({ "StreamArn": stream })).await;
    assert_eq!(described["StreamDescription"]["StreamArn"], stream);
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let start =
        serde_json::json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = ask("GetShardIterator", start).await;
    let position = serde_json::json!({ "ShardIterator": iterator["ShardIterator"] });
    let records = ask("GetRecords", position.clone()).await;
    let records = records["Records"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["awsRegion"], "eu-west-1");
    assert_eq!(records[1]["dynamodb"]["NewImage"]["sk"]["S"], "r2");

    let now =
        jiff::Timestamp::try_from(std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap()).unwrap();
    let later = now + jiff::SignedDuration::from_hours(25);
    assert_eq!(
        running.aws.dynamodb().trim_streams(later, std::collections::BTreeMap::new()).await.unwrap(),
        2
    );
    assert!(ask("GetRecords", position).await["Records"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn writes_from_many_callers_are_all_kept() {
    let (_running, dynamodb) = with_table().await;
    let writes = (0..40).map(|n| {
        let dynamodb = dynamodb.clone();
        tokio::spawn(async move { put(&dynamodb, item("c1", &format!("r{n:02}"))).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap();
    }
    let order = dynamodb.query().table_name(TABLE).key_condition_expression("pk = :pk");
    let found = order.expression_attribute_values(":pk", text("c1")).send().await.unwrap();
    assert_eq!(found.count(), 40);
}

#[tokio::test]
async fn mistakes_are_named_as_dynamodb_names_them() {
    let (_running, dynamodb) = with_table().await;
    let missing = dynamodb.get_item().table_name("nowhere").set_key(Some(key("a", "b"))).send().await;
    assert_eq!(code(&missing.unwrap_err()), "ResourceNotFoundException");
    let order = dynamodb.query().table_name(TABLE).key_condition_expression("pk ==== :pk");
    let malformed = order.expression_attribute_values(":pk", text("c1")).send().await;
    assert_eq!(code(&malformed.unwrap_err()), "ValidationException");
    let backups = dynamodb.describe_continuous_backups().table_name(TABLE).send().await.unwrap_err();
    assert_eq!(code(&backups), "UnknownOperationException");
}

#[tokio::test]
async fn strangers_are_refused() {
    let (running, dynamodb) = with_table().await;
    put(&dynamodb, item("c1", "r1")).await;
    let guess = running.dynamodb_as(aws_support::ACCESS_KEY_ID, "a guess");
    let refused = guess.get_item().table_name(TABLE).set_key(Some(key("c1", "r1"))).send().await.unwrap_err();
    assert_eq!(code(&refused), "InvalidSignatureException");
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    let unknown = running.dynamodb_as("AKIDSTRANGER", aws_support::SECRET);
    let refused = unknown.list_tables().send().await.unwrap_err();
    assert_eq!(code(&refused), "UnrecognizedClientException");
}

/// Set in the process that is to be killed, to the folder it works in.
const VICTIM: &str = "STRONGROOM_TEST_VICTIM";

/// Writes for as long as it lives, and says so after each acknowledged write.
async fn write_until_killed(data: &std::path::Path) {
    let aws = local::aws::Aws::open(data, aws_support::settings()).await.unwrap();
    let ask = async |operation: &str, body: serde_json::Value| {
        let target = format!("DynamoDB_20120810.{operation}");
        let answer = aws.dynamodb().respond(&target, body.to_string().into()).await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
    };
    let table = serde_json::json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
    });
    ask("CreateTable", table).await;
    for n in 0.. {
        let item = serde_json::json!({ "pk": { "S": n.to_string() } });
        ask("PutItem", serde_json::json!({ "TableName": TABLE, "Item": item })).await;
        println!("written {n}");
    }
}

#[tokio::test]
async fn acknowledged_writes_survive_a_killed_process() {
    use std::io::{BufRead, BufReader};
    if let Some(data) = std::env::var_os(VICTIM) {
        return write_until_killed(data.as_ref()).await;
    }
    let data = tempfile::tempdir().unwrap();
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "acknowledged_writes_survive_a_killed_process", "--nocapture"])
        .env(VICTIM, data.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut written = lines.filter(|line| line.starts_with("written "));
    assert_eq!(written.by_ref().take(60).count(), 60);
    victim.kill().unwrap();
    victim.wait().unwrap();
    // What it said between the count and the kill counts too.
    let acknowledged = 60 + written.count();

    let aws = local::aws::Aws::open(data.path(), aws_support::settings()).await.unwrap();
    let scan = serde_json::json!({ "TableName": TABLE, "Select": "COUNT" }).to_string();
    let answer = aws.dynamodb().respond("DynamoDB_20120810.Scan", scan.into()).await;
    let found: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let found = found["Count"].as_u64().unwrap() as usize;
    // One more may have been written and not yet acknowledged.
    assert!((acknowledged..=acknowledged + 1).contains(&found), "{acknowledged} acknowledged, {found} found");
}
