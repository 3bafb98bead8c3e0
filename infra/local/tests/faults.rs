//! Calls that fail on purpose, as their callers see them: before they take effect, or after.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use aws_sdk_kms::primitives::Blob;
use aws_sdk_s3::primitives::ByteStream;
use aws_support::Running;
use local::aws::faults::{Fault, Injected, Moment};

#[tokio::test]
async fn a_call_of_kms_fails_and_the_next_goes_well() {
    let running = Running::start().await;
    let (kms, faults) = (running.kms(), running.aws.faults());
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    faults.plan(Fault::before("Encrypt").nth(2));
    let encrypt = || kms.encrypt().key_id(key.key_id()).plaintext(Blob::new("secret")).send();
    assert!(encrypt().await.is_ok());
    let error = encrypt().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
    assert!(encrypt().await.is_ok());
    let failed = Injected { service: "kms", operation: "Encrypt".into(), moment: Moment::Before };
    assert_eq!(faults.injected(), [failed]);
}

#[tokio::test]
async fn an_object_is_there_although_its_put_failed() {
    let running = Running::start().await;
    let (s3, faults) = (running.s3(), running.aws.faults());
    s3.create_bucket().bucket("objects").send().await.unwrap();
    let put =
        |key: &str| s3.put_object().bucket("objects").key(key).body(ByteStream::from_static(b"bytes")).send();
    faults.plan(Fault::before("PutObject"));
    faults.plan(Fault::after("PutObject"));
    assert!(put("before").await.is_err());
    assert!(put("after").await.is_err());
    assert!(s3.head_object().bucket("objects").key("before").send().await.is_err());
    assert!(s3.head_object().bucket("objects").key("after").send().await.is_ok());
}

#[tokio::test]
async fn an_sdk_hides_one_failure_and_not_as_many_as_it_tries() {
    let running = Running::start().await;
    let patient = running.dynamodb().config().to_builder();
    let retry = aws_sdk_dynamodb::config::retry::RetryConfig::standard()
        .with_initial_backoff(std::time::Duration::from_millis(5));
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(
        patient
            .retry_config(retry)
            .sleep_impl(aws_sdk_dynamodb::config::SharedAsyncSleep::new(Sleep))
            .build(),
    );
    running.aws.faults().plan(Fault::before("ListTables"));
    assert!(dynamodb.list_tables().send().await.is_ok());
    running.aws.faults().plan(Fault::before("ListTables").for_good());
    assert!(dynamodb.list_tables().send().await.is_err());
    assert!(dynamodb.list_tables().send().await.is_ok());
    assert_eq!(running.aws.faults().end().len(), 4);
}

#[tokio::test]
async fn a_late_call_takes_effect_behind_what_comes_between() {
    let running = Running::start().await;
    let kms = running.kms();
    let create = || kms.create_key().send();
    let late = running.aws.faults().hold_up("CreateKey");
    let (held, between) = tokio::join!(create(), late.until(create()));
    let (held, between) = (held.unwrap().key_metadata.unwrap(), between.unwrap().key_metadata.unwrap());
    assert!(held.creation_date >= between.creation_date, "{held:?} {between:?}");
    assert!(create().await.is_ok(), "one call is late, and no other");
}

#[derive(Debug)]
struct Sleep;

impl aws_sdk_dynamodb::config::AsyncSleep for Sleep {
    fn sleep(&self, duration: std::time::Duration) -> aws_sdk_dynamodb::config::Sleep {
        aws_sdk_dynamodb::config::Sleep::new(tokio::time::sleep(duration))
    }
}
