//! Events: told with the change, delivered until someone takes them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use local::aws::events::{Deliverer, RetryPolicy, Rule, Target};
use serde_json::Value;

use crate::world::{ACCOUNT, REGION, World};

fn quick(max_attempts: u32) -> RetryPolicy {
    RetryPolicy {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        max_attempts,
        ..RetryPolicy::default()
    }
}

/// A target that keeps what it gets, after refusing so many.
fn keeper(rule: Rule, refusals: usize) -> (Target, Arc<Mutex<Vec<Value>>>) {
    let kept: Arc<Mutex<Vec<Value>>> = Arc::default();
    let (keep, left) = (Arc::clone(&kept), Arc::new(Mutex::new(refusals)));
    let target = Target::new("inspection", rule, move |event| {
        let mut left = left.lock().unwrap();
        let outcome = if *left > 0 {
            *left -= 1;
            Err("the function failed".to_owned())
        } else {
            keep.lock().unwrap().push(event);
            Ok(())
        };
        async { outcome }
    });
    (target, kept)
}

#[tokio::test]
async fn a_created_object_is_told_as_eventbridge_tells_it() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    world.send_events("records").await;
    let (target, kept) = keeper(Rule::object_created("records").with_key_prefix("incoming/"), 0);
    let _deliverer = Deliverer::start(&world.outbox, vec![target], quick(3));
    let put = world.put("records", "incoming/scan ü.pdf", b"12345").await;
    world.put("records", "kept/scan.pdf", b"12345").await;
    world.outbox.idle().await.unwrap();
    let kept = kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    let event = &kept[0];
    assert_eq!(event["version"], "0");
    assert_eq!(event["detail-type"], "Object Created");
    assert_eq!(event["source"], "aws.s3");
    assert_eq!((&event["account"], &event["region"]), (&ACCOUNT.into(), &REGION.into()));
    assert_eq!(event["resources"], serde_json::json!(["arn:aws:s3:::records"]));
    assert!(event["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let detail = &event["detail"];
    assert_eq!(detail["bucket"]["name"], "records");
    assert_eq!(detail["object"]["key"], "incoming/scan ü.pdf");
    assert_eq!(detail["object"]["size"], 5);
    assert_eq!(format!("\"{}\"", detail["object"]["etag"].as_str().unwrap()), put.e_tag().unwrap());
    assert_eq!(detail["object"]["version-id"].as_str(), put.version_id());
    assert_eq!(detail["reason"], "PutObject");
    assert_eq!(detail["requester"], ACCOUNT);
    assert_eq!(detail["source-ip-address"], "127.0.0.1");
    assert_eq!(detail["request-id"].as_str().unwrap().len(), 16);
}

#[tokio::test]
async fn every_way_to_make_or_remove_an_object_is_told_in_order() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    world.send_events("records").await;
    let (target, kept) = keeper(Rule::default(), 0);
    let _deliverer = Deliverer::start(&world.outbox, vec![target], quick(3));
    let client = &world.client;
    let version = world.put("records", "a", b"1").await.version_id.unwrap();
    client.copy_object().bucket("records").key("b").copy_source("records/a").send().await.unwrap();
    let id =
        client.create_multipart_upload().bucket("records").key("c").send().await.unwrap().upload_id.unwrap();
    let part = client.upload_part().bucket("records").key("c").upload_id(&id).part_number(1);
    let part = part.body(b"part".to_vec().into()).send().await.unwrap();
    let part = aws_sdk_s3::types::CompletedPart::builder()
        .part_number(1)
        .set_e_tag(part.e_tag)
        .set_checksum_crc32(part.checksum_crc32)
        .build();
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(part).build();
    let complete = client.complete_multipart_upload().bucket("records").key("c").upload_id(&id);
    complete.multipart_upload(parts).send().await.unwrap();
    client.delete_object().bucket("records").key("a").send().await.unwrap();
    client.delete_object().bucket("records").key("a").version_id(&version).send().await.unwrap();
    world.outbox.idle().await.unwrap();
    let mut kept = kept.lock().unwrap().clone();
    kept.sort_by_key(|event| event["detail"]["object"]["sequencer"].as_str().unwrap().to_owned());
    let told: Vec<_> = kept
        .iter()
        .map(|event| (event["detail"]["reason"].as_str().unwrap(), event["detail"]["deletion-type"].as_str()))
        .collect();
    let expected = [
        ("PutObject", None),
        ("CopyObject", None),
        ("CompleteMultipartUpload", None),
        ("DeleteObject", Some("Delete Marker Created")),
        ("DeleteObject", Some("Permanently Deleted")),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn refused_writes_and_quiet_buckets_tell_nothing() {
    let world = World::start().await;
    world.bucket("quiet").await;
    world.put("quiet", "a", b"1").await;
    world.bucket("records").await;
    world.send_events("records").await;
    let bad = world.client.put_object().bucket("records").key("a").body(b"x".to_vec().into());
    bad.checksum_crc32("AAAAAA==").send().await.unwrap_err();
    assert_eq!(world.outbox.pending().await.unwrap(), 0);
}

#[tokio::test]
async fn failed_deliveries_are_retried_and_hopeless_ones_kept() {
    let world = World::start().await;
    world.bucket("records").await;
    world.send_events("records").await;
    let (target, kept) = keeper(Rule::default(), 2);
    let deliverer = Deliverer::start(&world.outbox, vec![target], quick(3));
    world.put("records", "a", b"1").await;
    world.outbox.idle().await.unwrap();
    assert_eq!(kept.lock().unwrap().len(), 1);
    drop(deliverer);

    let (target, kept) = keeper(Rule::default(), 3);
    let deliverer = Deliverer::start(&world.outbox, vec![target], quick(3));
    world.put("records", "b", b"1").await;
    world.outbox.idle().await.unwrap();
    let letters = deliverer.outbox().dead_letters().await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].event["detail"]["object"]["key"], "b");
    assert_eq!((letters[0].attempts, letters[0].error.as_str()), (3, "the function failed"));
    assert_eq!(world.outbox.redrive().await.unwrap(), 1);
    world.outbox.idle().await.unwrap();
    assert_eq!(kept.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn undelivered_events_survive_a_restart() {
    let world = World::start().await;
    world.bucket("records").await;
    world.send_events("records").await;
    world.put("records", "a", b"1").await;
    let world = world.restart().await;
    assert_eq!(world.outbox.pending().await.unwrap(), 1);
    let (target, kept) = keeper(Rule::default(), 0);
    let _deliverer = Deliverer::start(&world.outbox, vec![target], quick(3));
    world.outbox.idle().await.unwrap();
    assert_eq!(kept.lock().unwrap()[0]["detail"]["object"]["key"], "a");
}
