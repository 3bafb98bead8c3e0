//! Buckets, objects, versions, checks on what is written.

use std::collections::HashMap;

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ChecksumAlgorithm, ChecksumMode, Delete, MetadataDirective, ObjectIdentifier,
    Tag, Tagging,
};

use crate::world::{MEBIBYTE, REGION, World, content, refusal};

#[tokio::test]
async fn buckets_are_made_found_and_removed() {
    let world = World::start().await;
    let client = &world.client;
    assert_eq!(refusal(client.head_bucket().bucket("records").send().await).1, 404);
    world.bucket("records").await;
    assert_eq!(world.s3.buckets().into_iter().collect::<Vec<_>>(), ["records"]);
    let head = client.head_bucket().bucket("records").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some(REGION));
    let location = client.get_bucket_location().bucket("records").send().await.unwrap();
    assert_eq!(location.location_constraint().unwrap().as_str(), REGION);
    assert_eq!(client.list_buckets().send().await.unwrap().buckets()[0].name(), Some("records"));
    let again = client.create_bucket().bucket("records").send().await;
    assert_eq!(refusal(again), ("BucketAlreadyOwnedByYou".into(), 409));

    world.put("records", "note", b"text").await;
    let full = client.delete_bucket().bucket("records").send().await;
    assert_eq!(refusal(full), ("BucketNotEmpty".into(), 409));
    client.delete_object().bucket("records").key("note").send().await.unwrap();
    client.delete_bucket().bucket("records").send().await.unwrap();
    assert!(world.s3.buckets().is_empty());
    let put = client.put_object().bucket("records").key("note").send().await;
    assert_eq!(refusal(put), ("NoSuchBucket".into(), 404));
}

#[tokio::test]
async fn what_is_put_is_what_is_got() {
    let world = World::start().await;
    world.bucket("records").await;
    // Around the edges of chunks, stretches and batches.
    for len in [0, 1, 65_535, 65_536, 65_537, 8 * 65_536, 8 * 65_536 + 1, MEBIBYTE, 3 * MEBIBYTE + 7] {
        let body = content(len, 1);
        world.put("records", "scan", &body).await;
        assert!(world.get("records", "scan").await == body, "{len} bytes");
        let head = world.client.head_object().bucket("records").key("scan").send().await.unwrap();
        assert_eq!(head.content_length(), Some(i64::try_from(len).unwrap()));
    }
    let missing = world.client.get_object().bucket("records").key("gone").send().await;
    assert_eq!(refusal(missing), ("NoSuchKey".into(), 404));
}

#[tokio::test]
async fn everything_said_about_an_object_is_told_again() {
    let world = World::start().await;
    world.bucket("records").await;
    let put =
        world.client.put_object().bucket("records").key("scan.pdf").body(ByteStream::from_static(b"%PDF"));
    let put = put
        .content_type("application/pdf")
        .cache_control("no-store")
        .content_disposition("attachment; filename=scan.pdf")
        .content_language("de")
        .content_encoding("identity")
        .expires(DateTime::from_secs(1_900_000_000))
        .metadata("chart", "c-1")
        .tagging("scan=clean&kind=x%20ray");
    let put = put.send().await.unwrap();
    let got = world.client.get_object().bucket("records").key("scan.pdf").send().await.unwrap();
    assert_eq!(got.content_type(), Some("application/pdf"));
    assert_eq!(got.cache_control(), Some("no-store"));
    assert_eq!(got.content_disposition(), Some("attachment; filename=scan.pdf"));
    assert_eq!(got.content_language(), Some("de"));
    assert_eq!(got.content_encoding(), Some("identity"));
    assert_eq!(got.expires_string(), Some("Sun, 17 Mar 2030 17:46:40 GMT"));
    assert_eq!(got.metadata(), Some(&HashMap::from([("chart".to_owned(), "c-1".to_owned())])));
    assert_eq!(got.tag_count(), Some(2));
    assert_eq!(got.e_tag(), put.e_tag());
    let plain = world.put("records", "plain", b"abc").await;
    assert_eq!(plain.e_tag(), Some("\"900150983cd24fb0d6963f7d28e17f72\""), "the MD5 of the bytes");
    let got = world.client.get_object().bucket("records").key("plain").send().await.unwrap();
    assert_eq!((got.content_type(), got.content_encoding()), (Some("application/octet-stream"), None));
}

#[tokio::test]
async fn ranges_touch_only_what_they_name() {
    let world = World::start().await;
    world.bucket("records").await;
    let body = content(300_000, 2);
    world.put("records", "scan", &body).await;
    let get = |range: &str| world.client.get_object().bucket("records").key("scan").range(range).send();
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=65535-65536", 65_535, 65_537),
        ("bytes=100000-", 100_000, 300_000),
        ("bytes=-5", 299_995, 300_000),
        ("bytes=131072-999999", 131_072, 300_000),
    ] {
        let got = get(range).await.unwrap();
        assert_eq!(got.content_range(), Some(format!("bytes {from}-{}/300000", to - 1).as_str()));
        assert_eq!(got.content_length(), Some(i64::try_from(to - from).unwrap()));
        assert!(got.body.collect().await.unwrap().to_vec() == body[from..to], "{range}");
    }
    assert_eq!(refusal(get("bytes=300000-").await), ("InvalidRange".into(), 416));
}

#[tokio::test]
async fn conditions_on_reading() {
    let world = World::start().await;
    world.bucket("records").await;
    let put = world.put("records", "note", b"text").await;
    let etag = put.e_tag().unwrap();
    let get = || world.client.get_object().bucket("records").key("note");
    get().if_match(etag).send().await.unwrap();
    assert_eq!(refusal(get().if_match("\"other\"").send().await).1, 412);
    assert_eq!(refusal(get().if_none_match(etag).send().await).1, 304);
    get().if_none_match("\"other\"").send().await.unwrap();
    let future = DateTime::from_secs(4_000_000_000);
    assert_eq!(refusal(get().if_modified_since(future).send().await).1, 304);
    assert_eq!(refusal(get().if_unmodified_since(DateTime::from_secs(1)).send().await).1, 412);
}

#[tokio::test]
async fn conditions_on_writing() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let put = |body: &'static [u8]| {
        world.client.put_object().bucket("records").key("note").body(ByteStream::from_static(body))
    };
    let first = put(b"first").if_none_match("*").send().await.unwrap();
    let second = put(b"second").if_none_match("*").send().await;
    assert_eq!(refusal(second), ("PreconditionFailed".into(), 412));
    assert_eq!(world.get("records", "note").await, b"first");
    assert_eq!(refusal(put(b"third").if_match("\"other\"").send().await).1, 412);
    put(b"third").if_match(first.e_tag().unwrap()).send().await.unwrap();
    assert_eq!(world.get("records", "note").await, b"third");
    assert_eq!(world.version_count("records").await, 2);
    // A deleted object is not there, so it may be written anew.
    world.client.delete_object().bucket("records").key("note").send().await.unwrap();
    assert_eq!(refusal(put(b"fourth").if_match("*").send().await).1, 404);
    put(b"fourth").if_none_match("*").send().await.unwrap();
    world.settled_on(3).await;
}

#[tokio::test]
async fn only_one_of_many_rivals_creates_an_object() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let rivals = (0..8).map(|rival: u8| {
        let put = world.client.put_object().bucket("records").key("lock").if_none_match("*");
        tokio::spawn(put.body(ByteStream::from(vec![rival; 1000])).send())
    });
    let mut won = 0;
    for rival in rivals.collect::<Vec<_>>() {
        won += usize::from(rival.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
    assert_eq!(world.version_count("records").await, 1);
    world.settled_on(1).await;
}

#[tokio::test]
async fn versions_stay_and_markers_hide() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let client = &world.client;
    let first = world.put("records", "note", b"first").await.version_id.unwrap();
    let second = world.put("records", "note", b"second").await.version_id.unwrap();
    assert_ne!(first, second);
    assert_eq!(world.get("records", "note").await, b"second");
    assert_eq!(world.get_version("records", "note", &first).await, b"first");

    let deleted = client.delete_object().bucket("records").key("note").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id.unwrap();
    let hidden = client.get_object().bucket("records").key("note").send().await;
    let raw = hidden.as_ref().unwrap_err().raw_response().unwrap().headers().get("x-amz-delete-marker");
    assert_eq!(raw, Some("true"));
    assert_eq!(refusal(hidden), ("NoSuchKey".into(), 404));
    let by_id = client.get_object().bucket("records").key("note").version_id(&marker).send().await;
    assert_eq!(refusal(by_id), ("MethodNotAllowed".into(), 405));
    assert_eq!(world.get_version("records", "note", &second).await, b"second");

    let delete =
        |version: &str| client.delete_object().bucket("records").key("note").version_id(version).send();
    let unhidden = delete(&marker).await.unwrap();
    assert_eq!((unhidden.delete_marker(), unhidden.version_id()), (Some(true), Some(marker.as_str())));
    assert_eq!(world.get("records", "note").await, b"second");
    delete(&second).await.unwrap();
    assert_eq!(world.get("records", "note").await, b"first");
    delete(&first).await.unwrap();
    let gone = client.get_object().bucket("records").key("note").version_id(&first).send().await;
    assert_eq!(refusal(gone), ("NoSuchVersion".into(), 404));
    world.settled_on(0).await;
}

#[tokio::test]
async fn suspended_versioning_replaces_only_the_null_version() {
    let world = World::start().await;
    world.bucket("records").await;
    assert_eq!(world.put("records", "note", b"zero").await.version_id, None);
    world.set_versioning("records", BucketVersioningStatus::Enabled).await;
    let kept = world.put("records", "note", b"one").await.version_id.unwrap();
    assert_eq!(world.get_version("records", "note", "null").await, b"zero");
    world.set_versioning("records", BucketVersioningStatus::Suspended).await;
    assert_eq!(world.put("records", "note", b"two").await.version_id.as_deref(), Some("null"));
    assert_eq!(world.get("records", "note").await, b"two");
    assert_eq!(world.get_version("records", "note", "null").await, b"two");
    assert_eq!(world.get_version("records", "note", &kept).await, b"one");
    let status = world.client.get_bucket_versioning().bucket("records").send().await.unwrap();
    assert_eq!(status.status(), Some(&BucketVersioningStatus::Suspended));
    world.settled_on(2).await;
}

#[tokio::test]
async fn without_versioning_nothing_is_left_behind() {
    let world = World::start().await;
    world.bucket("records").await;
    world.put("records", "note", b"first").await;
    world.put("records", "note", b"second").await;
    world.settled_on(1).await;
    let deleted = world.client.delete_object().bucket("records").key("note").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id()), (None, None));
    world.settled_on(0).await;
    world.client.delete_object().bucket("records").key("note").send().await.unwrap();
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    world.put("records", "note", b"good").await;
    let put = || {
        world.client.put_object().bucket("records").key("note").body(ByteStream::from_static(b"bad bytes"))
    };
    let md5 = put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await;
    assert_eq!(refusal(md5), ("BadDigest".into(), 400));
    let crc = put().checksum_crc32_c("AAAAAA==").send().await;
    assert_eq!(refusal(crc), ("BadDigest".into(), 400));
    let sha = put().checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").send().await;
    assert_eq!(refusal(sha), ("BadDigest".into(), 400));
    let nonsense = put().checksum_sha1("not base64").send().await;
    assert_eq!(refusal(nonsense), ("InvalidRequest".into(), 400));
    assert_eq!(world.get("records", "note").await, b"good");
    assert_eq!(world.version_count("records").await, 1);
    world.settled_on(1).await;
}

#[tokio::test]
async fn a_wrong_secret_opens_nothing() {
    let world = World::start().await;
    world.bucket("records").await;
    let impostor = world.impostor();
    let put =
        impostor.put_object().bucket("records").key("note").body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(refusal(put), ("SignatureDoesNotMatch".into(), 403));
    let anonymous = reqwest::get(format!("http://{}/records/note", world.address)).await.unwrap();
    assert_eq!(anonymous.status(), 403);
    assert!(anonymous.text().await.unwrap().contains("<Code>AccessDenied</Code>"));
    assert_eq!(world.blob_files().len(), 0);
}

#[tokio::test]
async fn every_checksum_is_verified_kept_and_told() {
    let world = World::start().await;
    world.bucket("records").await;
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        // In memory the SDK sends the checksum as a header; as a stream, behind the bytes.
        let file = world.folder().join("body");
        std::fs::write(&file, b"123456789").unwrap();
        for body in [ByteStream::from_static(b"123456789"), ByteStream::from_path(&file).await.unwrap()] {
            let put = world.client.put_object().bucket("records").key("note").body(body);
            put.checksum_algorithm(algorithm.clone()).send().await.unwrap();
            let head =
                world.client.head_object().bucket("records").key("note").checksum_mode(ChecksumMode::Enabled);
            let head = head.send().await.unwrap();
            let told = match algorithm {
                ChecksumAlgorithm::Crc32 => (head.checksum_crc32(), "y/Q5Jg=="),
                ChecksumAlgorithm::Crc32C => (head.checksum_crc32_c(), "4waSgw=="),
                ChecksumAlgorithm::Crc64Nvme => (head.checksum_crc64_nvme(), "rosUhgp5mIg="),
                ChecksumAlgorithm::Sha1 => (head.checksum_sha1(), "98O8HYCOBHMq32eZZczDTKeuNEE="),
                _ => (head.checksum_sha256(), "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
            };
            assert_eq!(told.0, Some(told.1));
            assert_eq!(head.checksum_type().unwrap().as_str(), "FULL_OBJECT");
            let got =
                world.client.get_object().bucket("records").key("note").checksum_mode(ChecksumMode::Enabled);
            assert_eq!(got.send().await.unwrap().body.collect().await.unwrap().to_vec(), b"123456789");
        }
    }
}

#[tokio::test]
async fn any_key_is_only_a_name() {
    let world = World::start().await;
    world.bucket("records").await;
    let long = "k".repeat(1024);
    let keys =
        ["../../escape", "a//b", "/lead", "ünïcödé/日本", "with space+plus&amp=?#%", "..", long.as_str()];
    for (seed, key) in keys.into_iter().enumerate() {
        let body = content(100, u32::try_from(seed).unwrap());
        world.put("records", key, &body).await;
        assert_eq!(world.get("records", key).await, body, "{key}");
    }
    assert_eq!(world.client.list_objects_v2().bucket("records").send().await.unwrap().key_count(), Some(7));
    let too_long = "k".repeat(1025);
    let put = world.client.put_object().bucket("records").key(&too_long).send().await;
    assert_eq!(refusal(put), ("KeyTooLongError".into(), 400));
    let outside = std::fs::read_dir(world.folder()).unwrap().flatten().map(|entry| entry.file_name());
    let mut outside: Vec<_> = outside.collect();
    outside.sort();
    assert_eq!(outside, ["kms", "s3"]);
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    for key in ["a", "b", "c"] {
        world.put("records", key, key.as_bytes()).await;
    }
    let version = world.put("records", "a", b"second").await.version_id.unwrap();
    let object = |key: &str| ObjectIdentifier::builder().key(key);
    let delete = Delete::builder()
        .objects(object("a").version_id(&version).build().unwrap())
        .objects(object("b").build().unwrap())
        .objects(object("never").build().unwrap());
    let delete = world.client.delete_objects().bucket("records").delete(delete.build().unwrap());
    let deleted = delete.send().await.unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (3, 0));
    assert_eq!(deleted.deleted()[0].version_id(), Some(version.as_str()));
    assert_eq!(deleted.deleted()[1].delete_marker(), Some(true));
    assert_eq!(world.get("records", "a").await, b"a");
    assert_eq!(refusal(world.client.get_object().bucket("records").key("b").send().await).1, 404);
    assert_eq!(world.get("records", "c").await, b"c");
}

#[tokio::test]
async fn tags_are_put_told_and_taken_off() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let version = world.put("records", "scan", b"x").await.version_id.unwrap();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let tagging = |tags: Vec<Tag>| Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    let put =
        |tags| world.client.put_object_tagging().bucket("records").key("scan").tagging(tagging(tags)).send();
    put(vec![tag("scan", "clean"), tag("kind", "pdf")]).await.unwrap();
    let get = || world.client.get_object_tagging().bucket("records").key("scan").version_id(&version).send();
    assert_eq!(get().await.unwrap().tag_set(), [tag("scan", "clean"), tag("kind", "pdf")]);
    assert_eq!(refusal(put(vec![tag("a", "1"), tag("a", "2")]).await).0, "InvalidTag");
    assert_eq!(get().await.unwrap().tag_set().len(), 2);
    world.client.delete_object_tagging().bucket("records").key("scan").send().await.unwrap();
    assert!(get().await.unwrap().tag_set().is_empty());
}

#[tokio::test]
async fn copies_are_objects_of_their_own() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let body = content(700_000, 3);
    let put =
        world.client.put_object().bucket("records").key("from a/ü").metadata("chart", "c-1").tagging("k=v");
    let source = put.content_type("image/png").body(ByteStream::from(body.clone())).send().await.unwrap();
    let copy = |to: &str| {
        world.client.copy_object().bucket("records").key(to).copy_source("records/from%20a/%C3%BC")
    };
    let copied = copy("to").send().await.unwrap();
    assert_eq!(copied.copy_object_result().unwrap().e_tag(), source.e_tag());
    assert_eq!(copied.copy_source_version_id(), source.version_id());
    assert!(world.get("records", "to").await == body);
    let head = world.client.head_object().bucket("records").key("to").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata().unwrap()["chart"].as_str()), (Some("image/png"), "c-1"));
    let replaced = copy("new").metadata_directive(MetadataDirective::Replace).content_type("text/plain");
    replaced.send().await.unwrap();
    let head = world.client.head_object().bucket("records").key("new").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata().unwrap().len()), (Some("text/plain"), 0));
    assert_eq!(refusal(copy("from a/ü").send().await), ("InvalidRequest".into(), 400));
    assert_eq!(refusal(copy("x").copy_source_if_match("\"other\"").send().await).1, 412);
    // The copy does not need its source.
    let delete = world.client.delete_object().bucket("records").key("from a/ü");
    delete.version_id(source.version_id().unwrap()).send().await.unwrap();
    world.settled_on(2).await;
    assert!(world.get("records", "to").await == body);
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let body = content(200_000, 4);
    let first = world.put("records", "note", &body).await.version_id.unwrap();
    world.put("records", "note", b"second").await;
    let create = world.client.create_multipart_upload().bucket("records").key("large").send().await.unwrap();
    let stray = world.blobs().join("00").join("00000000-0000-4000-8000-000000000000");
    std::fs::write(&stray, b"left by a crash").unwrap();
    let world = world.restart().await;
    assert!(world.get_version("records", "note", &first).await == body);
    assert_eq!(world.get("records", "note").await, b"second");
    let uploads = world.client.list_multipart_uploads().bucket("records").send().await.unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), create.upload_id());
    assert!(!stray.exists(), "what no metadata names is removed");
    assert!(world.s3.has_bucket("records"));
}

#[tokio::test]
async fn an_object_can_be_read_to_its_end_while_it_is_deleted() {
    let world = World::start().await;
    world.bucket("records").await;
    let body = content(12 * MEBIBYTE, 5);
    world.put("records", "scan", &body).await;
    let mut got = world.client.get_object().bucket("records").key("scan").send().await.unwrap();
    let head = got.body.next().await.unwrap().unwrap();
    world.client.delete_object().bucket("records").key("scan").send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let mut read = head.to_vec();
    while let Some(chunk) = got.body.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == body);
    world.settled_on(0).await;
}
