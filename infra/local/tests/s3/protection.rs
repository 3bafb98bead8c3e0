//! Encryption at rest: what is on disk, and what a key out of use means.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};

use crate::world::{World, content, refusal};

const SECRET: &[u8] = b"the words of a patient that nobody else may read";

fn on_disk(world: &World, needle: &[u8]) -> bool {
    world.blob_files().values().any(|blob| blob.windows(needle.len()).any(|window| window == needle))
}

#[tokio::test]
async fn nothing_is_on_disk_in_the_clear() {
    let world = World::start().await;
    world.bucket("records").await;
    let put = world.put("records", "plain", SECRET).await;
    assert_eq!(put.server_side_encryption(), Some(&ServerSideEncryption::Aes256));
    let key = world.key();
    let put = world.client.put_object().bucket("records").key("sealed").body(ByteStream::from_static(SECRET));
    let put =
        put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(&key).send().await.unwrap();
    assert_eq!(put.ssekms_key_id(), Some(key.as_str()));
    assert_eq!(world.blob_files().len(), 2);
    assert!(!on_disk(&world, SECRET) && !on_disk(&world, &SECRET[..16]));
    for object in ["plain", "sealed"] {
        assert_eq!(world.get("records", object).await, SECRET);
    }
    let head = world.client.head_object().bucket("records").key("sealed").send().await.unwrap();
    assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!(head.ssekms_key_id(), Some(key.as_str()));
}

#[tokio::test]
async fn under_kms_the_etag_tells_nothing_of_the_bytes() {
    let world = World::start().await;
    world.bucket("records").await;
    let put = |key: &str| {
        let put = world.client.put_object().bucket("records").key(key).body(ByteStream::from_static(SECRET));
        put.server_side_encryption(ServerSideEncryption::AwsKms).send()
    };
    let (one, two) = (put("one").await.unwrap(), put("two").await.unwrap());
    assert_ne!(one.e_tag(), two.e_tag());
    // The MD5 that the client sends is verified all the same.
    let wrong =
        world.client.put_object().bucket("records").key("three").body(ByteStream::from_static(SECRET));
    let wrong =
        wrong.server_side_encryption(ServerSideEncryption::AwsKms).content_md5("AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(refusal(wrong.send().await), ("BadDigest".into(), 400));
}

#[tokio::test]
async fn a_key_out_of_use_locks_its_objects() {
    let world = World::start().await;
    world.bucket("records").await;
    let key = world.key();
    let put = || {
        let put =
            world.client.put_object().bucket("records").key("sealed").body(ByteStream::from_static(SECRET));
        put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(&key).send()
    };
    put().await.unwrap();
    world.switch_key("DisableKey", &key);
    let get = || world.client.get_object().bucket("records").key("sealed").send();
    assert_eq!(refusal(get().await), ("KMS.DisabledException".into(), 400));
    assert_eq!(refusal(put().await), ("KMS.DisabledException".into(), 400));
    world.switch_key("EnableKey", &key);
    assert_eq!(world.get("records", "sealed").await, SECRET);
    world.switch_key("ScheduleKeyDeletion", &key);
    assert_eq!(refusal(get().await), ("KMS.KMSInvalidStateException".into(), 400));
    let in_a_month: jiff::Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(world.kms.expire_keys(in_a_month).unwrap(), std::slice::from_ref(&key));
    assert_eq!(refusal(get().await), ("KMS.NotFoundException".into(), 400));
    let unknown = world.client.put_object().bucket("records").key("x").body(ByteStream::from_static(b"x"));
    let unknown = unknown.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id("alias/nobody");
    assert_eq!(refusal(unknown.send().await), ("KMS.NotFoundException".into(), 400));
    world.settled_on(1).await;
}

#[tokio::test]
async fn a_bucket_default_protects_what_says_nothing() {
    let world = World::start().await;
    world.bucket("records").await;
    let get = || world.client.get_bucket_encryption().bucket("records").send();
    let rule = get().await.unwrap().server_side_encryption_configuration.unwrap().rules.remove(0);
    let default = rule.apply_server_side_encryption_by_default.unwrap();
    assert_eq!(default.sse_algorithm, ServerSideEncryption::Aes256);
    let key = world.key();
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id(&key)
        .build()
        .unwrap();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(true)
        .build();
    let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let put = world.client.put_bucket_encryption().bucket("records");
    put.server_side_encryption_configuration(configuration).send().await.unwrap();
    let put = world.put("records", "note", SECRET).await;
    assert_eq!((put.ssekms_key_id(), put.bucket_key_enabled()), (Some(key.as_str()), Some(true)));
    let create = world.client.create_multipart_upload().bucket("records").key("large").send().await.unwrap();
    assert_eq!(create.ssekms_key_id(), Some(key.as_str()));
    let explicit =
        world.client.put_object().bucket("records").key("own").body(ByteStream::from_static(SECRET));
    let explicit = explicit.server_side_encryption(ServerSideEncryption::Aes256).send().await.unwrap();
    assert_eq!(explicit.ssekms_key_id(), None);
}

#[tokio::test]
async fn damaged_content_is_never_told_as_whole() {
    let world = World::start().await;
    world.bucket("records").await;
    let body = content(200_000, 1);
    world.put("records", "scan", &body).await;
    let (path, mut blob) = world.blob_files().pop_first().unwrap();
    blob[150_000] ^= 1;
    std::fs::write(&path, &blob).unwrap();
    let get = || world.client.get_object().bucket("records").key("scan");
    let outcome = match get().send().await {
        Ok(got) => got.body.collect().await.is_ok(),
        Err(_) => false,
    };
    assert!(!outcome);
    let sound = get().range("bytes=0-65535").send().await.unwrap().body.collect().await.unwrap().to_vec();
    assert!(sound == body[..65_536]);
    blob.truncate(100_000);
    std::fs::write(&path, &blob).unwrap();
    assert_eq!(refusal(get().send().await), ("InternalError".into(), 500));
}
