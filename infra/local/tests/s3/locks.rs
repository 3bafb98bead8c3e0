//! Object Lock: what is kept cannot be deleted before its time.

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention, Delete, ObjectIdentifier, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention,
    ObjectLockRetentionMode, ObjectLockRule, VersioningConfiguration,
};

use crate::world::{World, refusal};

const FAR: i64 = 4_000_000_000;

fn retention(mode: ObjectLockRetentionMode, until: i64) -> ObjectLockRetention {
    ObjectLockRetention::builder().mode(mode).retain_until_date(DateTime::from_secs(until)).build()
}

fn in_seconds(seconds: u64) -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + seconds).unwrap()
}

#[tokio::test]
async fn compliance_is_absolute_until_it_ends() {
    let world = World::start().await;
    world.locked_bucket("records").await;
    let put = world.client.put_object().bucket("records").key("note").body(ByteStream::from_static(b"kept"));
    let put = put.object_lock_mode(ObjectLockMode::Compliance);
    let put = put.object_lock_retain_until_date(DateTime::from_secs(in_seconds(3))).send().await.unwrap();
    let version = put.version_id().unwrap();
    let delete = || {
        let delete = world.client.delete_object().bucket("records").key("note").version_id(version);
        delete.bypass_governance_retention(true).send()
    };
    assert_eq!(refusal(delete().await), ("AccessDenied".into(), 403));
    let shorten =
        world.client.put_object_retention().bucket("records").key("note").bypass_governance_retention(true);
    let shorten = shorten.retention(retention(ObjectLockRetentionMode::Compliance, in_seconds(1)));
    assert_eq!(refusal(shorten.send().await), ("AccessDenied".into(), 403));
    // A marker may hide it, but the version stays.
    world.client.delete_object().bucket("records").key("note").send().await.unwrap();
    assert_eq!(world.get_version("records", "note", version).await, b"kept");
    let object = ObjectIdentifier::builder().key("note").version_id(version).build().unwrap();
    let many = Delete::builder().objects(object).build().unwrap();
    let many = world.client.delete_objects().bucket("records").delete(many).send().await.unwrap();
    assert_eq!(many.errors()[0].code(), Some("AccessDenied"));
    tokio::time::sleep(std::time::Duration::from_millis(3100)).await;
    delete().await.unwrap();
    world.settled_on(0).await;
}

#[tokio::test]
async fn governance_yields_to_whoever_may_bypass_it() {
    let world = World::start().await;
    world.locked_bucket("records").await;
    let version = world.put("records", "note", b"kept").await.version_id.unwrap();
    let put = world.client.put_object_retention().bucket("records").key("note");
    put.retention(retention(ObjectLockRetentionMode::Governance, FAR)).send().await.unwrap();
    let got = world.client.get_object_retention().bucket("records").key("note").send().await.unwrap();
    assert_eq!(got.retention(), Some(&retention(ObjectLockRetentionMode::Governance, FAR)));
    let head = world.client.head_object().bucket("records").key("note").send().await.unwrap();
    assert_eq!(head.object_lock_mode(), Some(&ObjectLockMode::Governance));
    let delete = || world.client.delete_object().bucket("records").key("note").version_id(&version);
    assert_eq!(refusal(delete().send().await), ("AccessDenied".into(), 403));
    delete().bypass_governance_retention(true).send().await.unwrap();
    assert_eq!(world.version_count("records").await, 0);
}

#[tokio::test]
async fn a_legal_hold_holds_until_it_is_lifted() {
    let world = World::start().await;
    world.locked_bucket("records").await;
    let version = world.put("records", "note", b"kept").await.version_id.unwrap();
    let get = || world.client.get_object_legal_hold().bucket("records").key("note").send();
    assert_eq!(refusal(get().await), ("NoSuchObjectLockConfiguration".into(), 404));
    let hold = |status: ObjectLockLegalHoldStatus| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        world.client.put_object_legal_hold().bucket("records").key("note").legal_hold(hold).send()
    };
    hold(ObjectLockLegalHoldStatus::On).await.unwrap();
    assert_eq!(get().await.unwrap().legal_hold().unwrap().status(), Some(&ObjectLockLegalHoldStatus::On));
    let delete = || {
        let delete = world.client.delete_object().bucket("records").key("note").version_id(&version);
        delete.bypass_governance_retention(true).send()
    };
    assert_eq!(refusal(delete().await), ("AccessDenied".into(), 403));
    hold(ObjectLockLegalHoldStatus::Off).await.unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn a_default_retention_covers_every_new_version() {
    let world = World::start().await;
    world.locked_bucket("records").await;
    let default = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(30).build();
    let rule = ObjectLockRule::builder().default_retention(default).build();
    let configuration =
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule);
    let put = world.client.put_object_lock_configuration().bucket("records");
    put.object_lock_configuration(configuration.build()).send().await.unwrap();
    let version = world.put("records", "note", b"kept").await.version_id.unwrap();
    let got = world.client.get_object_retention().bucket("records").key("note").send().await.unwrap();
    let until = got.retention().unwrap().retain_until_date().unwrap().secs();
    assert!((until - in_seconds(30 * 86_400)).abs() < 60);
    let delete = world.client.delete_object().bucket("records").key("note").version_id(&version).send().await;
    assert_eq!(refusal(delete), ("AccessDenied".into(), 403));
}

#[tokio::test]
async fn locks_need_a_bucket_made_for_them() {
    let world = World::start().await;
    world.versioned_bucket("plain").await;
    world.put("plain", "note", b"x").await;
    let put = world.client.put_object_retention().bucket("plain").key("note");
    let put = put.retention(retention(ObjectLockRetentionMode::Governance, FAR)).send().await;
    assert_eq!(refusal(put), ("InvalidRequest".into(), 400));
    let get = world.client.get_object_lock_configuration().bucket("plain").send().await;
    assert_eq!(refusal(get), ("ObjectLockConfigurationNotFoundError".into(), 404));
    world.locked_bucket("locked").await;
    let suspend = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let suspend = world.client.put_bucket_versioning().bucket("locked").versioning_configuration(suspend);
    assert_eq!(refusal(suspend.send().await), ("InvalidBucketState".into(), 409));
}
