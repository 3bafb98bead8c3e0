//! Lifecycle rules, run at a time of the test's choosing.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration,
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, Tag,
};
use jiff::{SignedDuration, Timestamp};
use local::aws::s3::LifecycleReport;

use crate::world::{World, refusal};

fn in_days(days: i64) -> Timestamp {
    let now = Timestamp::try_from(std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap()).unwrap();
    now + SignedDuration::from_hours(24 * days)
}

fn prefix(prefix: &str) -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix(prefix).build()
}

fn rule(filter: LifecycleRuleFilter) -> aws_sdk_s3::types::builders::LifecycleRuleBuilder {
    LifecycleRule::builder().status(ExpirationStatus::Enabled).filter(filter)
}

fn days(days: i32) -> LifecycleExpiration {
    LifecycleExpiration::builder().days(days).build()
}

async fn set(world: &World, rules: Vec<LifecycleRule>) {
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    let put = world.client.put_bucket_lifecycle_configuration().bucket("records");
    put.lifecycle_configuration(configuration).send().await.unwrap();
}

#[tokio::test]
async fn unfinished_uploads_are_given_up() {
    let world = World::start().await;
    world.bucket("records").await;
    let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(2).build();
    set(&world, vec![rule(prefix("incoming/")).abort_incomplete_multipart_upload(abort).build().unwrap()])
        .await;
    for key in ["incoming/scan", "elsewhere"] {
        let create = world.client.create_multipart_upload().bucket("records").key(key).send().await.unwrap();
        let part = world.client.upload_part().bucket("records").key(key).part_number(1);
        part.upload_id(create.upload_id().unwrap()).body(b"part".to_vec().into()).send().await.unwrap();
    }
    assert_eq!(world.s3.run_lifecycle(in_days(1)).await.unwrap(), LifecycleReport::default());
    let report = world.s3.run_lifecycle(in_days(4)).await.unwrap();
    assert_eq!(report, LifecycleReport { uploads_aborted: 1, ..LifecycleReport::default() });
    let left = world.client.list_multipart_uploads().bucket("records").send().await.unwrap();
    assert_eq!(left.uploads()[0].key(), Some("elsewhere"));
    world.settled_on(1).await;
}

#[tokio::test]
async fn objects_expire_by_prefix_and_tag() {
    let world = World::start().await;
    world.bucket("records").await;
    let tag = Tag::builder().key("scan").value("refused").build().unwrap();
    let and = LifecycleRuleAndOperator::builder().prefix("incoming/").tags(tag).build();
    let filter = LifecycleRuleFilter::builder().and(and).build();
    set(&world, vec![rule(filter).expiration(days(7)).build().unwrap()]).await;
    for (key, tags) in
        [("incoming/bad", "scan=refused"), ("incoming/good", "scan=clean"), ("kept", "scan=refused")]
    {
        let put = world.client.put_object().bucket("records").key(key).tagging(tags);
        put.body(b"x".to_vec().into()).send().await.unwrap();
    }
    assert_eq!(world.s3.run_lifecycle(in_days(6)).await.unwrap().objects_expired, 0);
    assert_eq!(world.s3.run_lifecycle(in_days(9)).await.unwrap().objects_expired, 1);
    let gone = world.client.get_object().bucket("records").key("incoming/bad").send().await;
    assert_eq!(refusal(gone), ("NoSuchKey".into(), 404));
    world.get("records", "incoming/good").await;
    world.get("records", "kept").await;
    world.settled_on(2).await;
}

#[tokio::test]
async fn versions_go_in_their_turn_and_held_ones_stay() {
    let world = World::start().await;
    world.locked_bucket("records").await;
    let noncurrent = NoncurrentVersionExpiration::builder().noncurrent_days(3).build();
    let expiration = rule(prefix("")).expiration(days(1)).noncurrent_version_expiration(noncurrent);
    set(&world, vec![expiration.build().unwrap()]).await;
    world.put("records", "note", b"first").await;
    world.put("records", "note", b"second").await;
    let held = world.put("records", "held", b"held").await.version_id.unwrap();
    let hold = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::On).build();
    let hold = world.client.put_object_legal_hold().bucket("records").key("held").legal_hold(hold);
    hold.send().await.unwrap();

    // The latest are hidden first; only what was superseded long ago is removed.
    let report = world.s3.run_lifecycle(in_days(5)).await.unwrap();
    assert_eq!((report.objects_expired, report.versions_removed), (2, 1));
    assert_eq!(refusal(world.client.head_object().bucket("records").key("note").send().await).1, 404);
    // Then the marker of `note` hides nothing any more; that of `held` does.
    let report = world.s3.run_lifecycle(in_days(20)).await.unwrap();
    let removed = LifecycleReport { versions_removed: 1, markers_removed: 1, ..LifecycleReport::default() };
    assert_eq!(report, removed);
    assert_eq!(world.s3.run_lifecycle(in_days(30)).await.unwrap(), LifecycleReport::default());
    assert_eq!(world.get_version("records", "held", &held).await, b"held");
    world.settled_on(1).await;
}

#[tokio::test]
async fn newer_noncurrent_versions_can_be_kept() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let noncurrent =
        NoncurrentVersionExpiration::builder().noncurrent_days(1).newer_noncurrent_versions(2).build();
    set(&world, vec![rule(prefix("")).noncurrent_version_expiration(noncurrent).build().unwrap()]).await;
    for body in [b"1", b"2", b"3", b"4"] {
        world.put("records", "note", body).await;
    }
    assert_eq!(world.s3.run_lifecycle(in_days(9)).await.unwrap().versions_removed, 1);
    assert_eq!(world.s3.run_lifecycle(in_days(9)).await.unwrap().versions_removed, 0);
    assert_eq!(world.version_count("records").await, 3);
    assert_eq!(world.get("records", "note").await, b"4");
}

#[tokio::test]
async fn rules_are_told_as_they_were_set_and_disabled_ones_rest() {
    let world = World::start().await;
    world.bucket("records").await;
    let get = || world.client.get_bucket_lifecycle_configuration().bucket("records").send();
    assert_eq!(refusal(get().await), ("NoSuchLifecycleConfiguration".into(), 404));
    let off =
        rule(prefix("")).id("off").status(ExpirationStatus::Disabled).expiration(days(1)).build().unwrap();
    set(&world, vec![off.clone()]).await;
    assert_eq!(get().await.unwrap().rules(), [off]);
    world.put("records", "note", b"x").await;
    assert_eq!(world.s3.run_lifecycle(in_days(9)).await.unwrap(), LifecycleReport::default());
    let nothing =
        BucketLifecycleConfiguration::builder().rules(rule(prefix("")).build().unwrap()).build().unwrap();
    let put =
        world.client.put_bucket_lifecycle_configuration().bucket("records").lifecycle_configuration(nothing);
    assert_eq!(refusal(put.send().await), ("MalformedXML".into(), 400));
}
