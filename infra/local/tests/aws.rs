//! The one door to the embedded AWS: who is let in, whose requests it claims,
//! what it writes down, and who may have its folder.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use aws_sdk_kms::primitives::Blob;
use aws_support::{ACCESS_KEY_ID, Running};
use axum::body::Body;
use http::{Request, StatusCode};
use jiff::civil::Date;
use local::aws::{Aws, AwsError};
use serde_json::Value;

fn today() -> Date {
    let now = std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap();
    jiff::Timestamp::try_from(now).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date()
}

async fn answer(running: &Running, request: Request<Body>) -> (StatusCode, Value) {
    let response = running.aws.respond(request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn unsigned_requests_get_nothing() {
    let running = Running::start().await;
    for target in ["TrentService.ListKeys", "DynamoDB_20120810.ListTables"] {
        let request = Request::post("/").header("x-amz-target", target).body(Body::from("{}")).unwrap();
        let (status, body) = answer(&running, request).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(body["__type"], "MissingAuthenticationTokenException");
    }
    let request = Request::post("/").header("x-amz-target", "Elsewhere.Do").body(Body::empty()).unwrap();
    let (status, body) = answer(&running, request).await;
    assert_eq!(
        (status, body["__type"].as_str()),
        (StatusCode::BAD_REQUEST, Some("UnknownOperationException"))
    );
}

#[tokio::test]
async fn too_large_a_request_is_refused_before_it_is_read() {
    let running = Running::start().await;
    let body = Body::from(vec![b' '; 300 * 1024]);
    let request = Request::post("/").header("x-amz-target", "TrentService.Encrypt").body(body).unwrap();
    assert_eq!(answer(&running, request).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn only_requests_for_aws_are_claimed() {
    let running = Running::start().await;
    let claims =
        |request: http::request::Builder| running.aws.claims(&request.body(()).unwrap().into_parts().0);
    assert!(claims(Request::post("/").header("x-amz-target", "TrentService.Encrypt")));
    assert!(claims(Request::get("/b/k").header("authorization", "AWS4-HMAC-SHA256 Credential=a")));
    assert!(claims(Request::put("/b/k?X-Amz-Date=1&X-Amz-Signature=00")));
    assert!(!claims(Request::get("/charts/1").header("authorization", "Bearer t")));
    assert!(!claims(Request::get("/charts/1?note=X-Amz-Signature")));
    assert!(!claims(Request::get("/")));
    assert!(!claims(Request::get("/objects/k")));
    running.s3().create_bucket().bucket("objects").send().await.unwrap();
    assert!(claims(Request::get("/objects/k")), "an unsigned request for a bucket is for S3 to refuse");
}

#[tokio::test]
async fn calls_to_s3_are_written_down_without_content() {
    let running = Running::start().await;
    let s3 = running.s3();
    s3.create_bucket().bucket("objects").send().await.unwrap();
    let secret = "the words of a note";
    let body = aws_sdk_s3::primitives::ByteStream::from_static(secret.as_bytes());
    s3.put_object().bucket("objects").key("c1/a b").body(body).send().await.unwrap();
    let read = s3.get_object().bucket("objects").key("c1/a b").send().await.unwrap();
    assert_eq!(read.body.collect().await.unwrap().into_bytes(), secret);
    let missing = s3.get_object().bucket("objects").key("c1/none").send().await.unwrap_err();
    let response = running.aws.respond(Request::get("/objects/c1/a%20b").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);

    let records = running.aws.trail().records(today()).await.unwrap();
    let names: Vec<_> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["CreateBucket", "PutObject", "GetObject", "GetObject", "GetObject"]);
    let [create, put, _, none, stranger] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(
        (&create["managementEvent"], &put["managementEvent"]),
        (&Value::from(true), &Value::from(false))
    );
    assert_eq!(put["requestParameters"]["bucketName"], "objects");
    assert_eq!(put["requestParameters"]["key"], "c1/a b");
    assert_eq!(put["userIdentity"]["accessKeyId"], ACCESS_KEY_ID);
    assert_eq!(none["errorCode"], "NoSuchKey");
    let id = missing.raw_response().unwrap().headers().get("x-amz-request-id");
    assert_eq!(none["requestID"].as_str(), id, "a caller can ask about a request");
    assert_eq!(stranger["userIdentity"]["type"], "Unknown");
    assert!(stranger["errorCode"].is_string());
    assert!(!records.iter().any(|record| record.to_string().contains(secret)));
}

#[tokio::test]
async fn maintenance_does_what_is_due() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    kms.schedule_key_deletion().key_id(key.key_id()).pending_window_in_days(7).send().await.unwrap();
    let now =
        jiff::Timestamp::try_from(std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap()).unwrap();
    running.aws.maintain(now).await;
    assert!(kms.describe_key().key_id(key.key_id()).send().await.is_ok());
    running.aws.maintain(now + jiff::SignedDuration::from_hours(8 * 24)).await;
    assert!(kms.describe_key().key_id(key.key_id()).send().await.is_err());
}

#[tokio::test]
async fn every_call_is_written_down_without_its_content() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let secret = "the words of a note";
    let sealed = kms.encrypt().key_id(key.key_id()).plaintext(Blob::new(secret)).send().await.unwrap();
    kms.decrypt().ciphertext_blob(sealed.ciphertext_blob.unwrap()).send().await.unwrap();
    let note = aws_sdk_dynamodb::types::AttributeValue::S(secret.into());
    let missing = running.dynamodb().put_item().table_name("records").item("note", note).send().await;
    assert!(missing.is_err());
    running.kms_as("AKIDSTRANGER", "a guess").list_keys().send().await.unwrap_err();

    let records = running.aws.trail().records(today()).await.unwrap();
    let names: Vec<_> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["CreateKey", "Encrypt", "Decrypt", "PutItem", "ListKeys"]);
    let [create, encrypt, decrypt, put, stranger] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(create["resources"][0]["ARN"], key.arn().unwrap());
    assert_eq!(encrypt["eventSource"], "kms.amazonaws.com");
    assert_eq!(encrypt["requestParameters"]["keyId"], key.key_id());
    assert_eq!(encrypt["userIdentity"]["accessKeyId"], ACCESS_KEY_ID);
    assert_eq!(encrypt["sourceIPAddress"], "127.0.0.1");
    assert_eq!(encrypt["readOnly"], true);
    assert_eq!(
        decrypt["resources"][0]["ARN"],
        key.arn().unwrap(),
        "the key a ciphertext names is known after"
    );
    assert_eq!(put["eventSource"], "dynamodb.amazonaws.com");
    assert_eq!(put["requestParameters"]["tableName"], "records");
    assert_eq!(put["errorCode"], "ResourceNotFoundException");
    assert_eq!((put["managementEvent"].as_bool(), put["readOnly"].as_bool()), (Some(false), Some(false)));
    assert_eq!(stranger["errorCode"], "UnrecognizedClientException");
    assert_eq!(stranger["userIdentity"]["type"], "Unknown");

    let page = running.data.path().join("trail").join(format!("{}.jsonl", today()));
    let text = std::fs::read_to_string(page).unwrap();
    assert!(!text.contains(secret));
    assert!(!text.contains(aws_support::SECRET));
}

#[tokio::test]
async fn a_folder_belongs_to_one_process() {
    let running = Running::start().await;
    let second = Aws::open(running.data.path(), aws_support::settings()).await;
    assert!(matches!(second, Err(AwsError::InUse)));
}
