//! Multipart uploads: parts, resumption, completion and its refusals.

use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
};

use crate::world::{MEBIBYTE, World, content, refusal};

const LARGE: usize = 5 * MEBIBYTE;

struct Upload<'a> {
    world: &'a World,
    key: &'static str,
    id: String,
}

impl<'a> Upload<'a> {
    async fn begin(world: &'a World, key: &'static str, algorithm: Option<ChecksumAlgorithm>) -> Self {
        let create = world.client.create_multipart_upload().bucket("records").key(key);
        let created = create.set_checksum_algorithm(algorithm).send().await.unwrap();
        Self { world, key, id: created.upload_id.unwrap() }
    }

    async fn part(&self, number: i32, body: &[u8], algorithm: Option<ChecksumAlgorithm>) -> UploadPartOutput {
        let part = self.world.client.upload_part().bucket("records").key(self.key).upload_id(&self.id);
        let part = part.part_number(number).body(ByteStream::from(body.to_vec()));
        part.set_checksum_algorithm(algorithm).send().await.unwrap()
    }

    fn complete(
        &self,
        parts: Vec<CompletedPart>,
    ) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder
    {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.world.client.complete_multipart_upload().bucket("records").key(self.key);
        complete.upload_id(&self.id).multipart_upload(parts)
    }
}

fn named(number: i32, part: &UploadPartOutput) -> CompletedPart {
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(part.e_tag.clone())
        .set_checksum_crc32(part.checksum_crc32.clone())
        .set_checksum_sha256(part.checksum_sha256.clone())
        .build()
}

#[tokio::test]
async fn parts_become_one_object() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let upload = Upload::begin(&world, "scan", Some(ChecksumAlgorithm::Sha256)).await;
    let (head, tail) = (content(LARGE, 1), content(100_000, 2));
    let sha = Some(ChecksumAlgorithm::Sha256);
    let stale = upload.part(1, b"a first try of the part", sha.clone()).await;
    let one = upload.part(1, &head, sha.clone()).await;
    let two = upload.part(7, &tail, sha).await;
    assert_ne!(stale.e_tag, one.e_tag);
    assert_eq!(refusal(world.client.get_object().bucket("records").key("scan").send().await).1, 404);
    let completed = upload.complete(vec![named(1, &one), named(7, &two)]).send().await.unwrap();
    assert!(completed.e_tag().unwrap().ends_with("-2\""));
    assert!(completed.checksum_sha256().unwrap().ends_with("-2"));
    assert!(completed.version_id().is_some());
    let whole = [head.clone(), tail.clone()].concat();
    assert!(world.get("records", "scan").await == whole);

    // Ranges across the seam, and parts by their place.
    let seam = world.client.get_object().bucket("records").key("scan").range(format!(
        "bytes={}-{}",
        LARGE - 3,
        LARGE + 2
    ));
    assert_eq!(
        seam.send().await.unwrap().body.collect().await.unwrap().to_vec(),
        whole[LARGE - 3..=LARGE + 2]
    );
    let second = world.client.get_object().bucket("records").key("scan").part_number(2).send().await.unwrap();
    assert_eq!(second.parts_count(), Some(2));
    assert!(second.body.collect().await.unwrap().to_vec() == tail);
    let head = world.client.head_object().bucket("records").key("scan").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.checksum_type(), Some(&ChecksumType::Composite));
    assert_eq!(head.checksum_sha256(), completed.checksum_sha256());
    world.settled_on(2).await;
    assert_eq!(refusal(upload.complete(vec![named(1, &one)]).send().await), ("NoSuchUpload".into(), 404));
}

#[tokio::test]
async fn an_upload_is_resumed_through_its_parts() {
    let world = World::start().await;
    world.bucket("records").await;
    let upload = Upload::begin(&world, "scan", Some(ChecksumAlgorithm::Crc32)).await;
    let crc = Some(ChecksumAlgorithm::Crc32);
    let (head, tail) = (content(LARGE, 3), content(10, 4));
    let one = upload.part(1, &head, crc.clone()).await;
    let id = upload.id.clone();
    let world = world.restart().await;
    let upload = Upload { world: &world, key: "scan", id };
    let listed =
        world.client.list_parts().bucket("records").key("scan").upload_id(&upload.id).send().await.unwrap();
    assert_eq!(listed.parts().len(), 1);
    let arrived = &listed.parts()[0];
    assert_eq!((arrived.part_number(), arrived.size()), (Some(1), Some(LARGE as i64)));
    assert_eq!((arrived.e_tag(), arrived.checksum_crc32()), (one.e_tag(), one.checksum_crc32()));
    assert_eq!(listed.checksum_algorithm(), Some(&ChecksumAlgorithm::Crc32));
    let two = upload.part(2, &tail, crc).await;
    let from_list = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(arrived.e_tag.clone())
        .set_checksum_crc32(arrived.checksum_crc32.clone());
    upload.complete(vec![from_list.build(), named(2, &two)]).send().await.unwrap();
    assert!(world.get("records", "scan").await == [head, tail].concat());
}

#[tokio::test]
async fn a_full_object_checksum_is_that_of_the_whole() {
    let world = World::start().await;
    world.bucket("records").await;
    let create = world.client.create_multipart_upload().bucket("records").key("scan");
    let create = create.checksum_algorithm(ChecksumAlgorithm::Crc32).checksum_type(ChecksumType::FullObject);
    let id = create.send().await.unwrap().upload_id.unwrap();
    let upload = Upload { world: &world, key: "scan", id };
    let (head, tail) = (content(LARGE, 5), content(777, 6));
    let crc = Some(ChecksumAlgorithm::Crc32);
    let one = upload.part(1, &head, crc.clone()).await;
    let two = upload.part(2, &tail, crc.clone()).await;
    let parts = || vec![named(1, &one), named(2, &two)];
    let whole = [head, tail].concat();
    let put = world.client.put_object().bucket("records").key("same").body(ByteStream::from(whole));
    let same = put.set_checksum_algorithm(crc).send().await.unwrap();
    let wrong = upload.complete(parts()).checksum_type(ChecksumType::FullObject).checksum_crc32("AAAAAA==");
    assert_eq!(refusal(wrong.send().await), ("BadDigest".into(), 400));
    let right = upload.complete(parts()).checksum_type(ChecksumType::FullObject);
    let right = right.checksum_crc32(same.checksum_crc32().unwrap());
    let completed = right.mpu_object_size((LARGE + 777) as i64).send().await.unwrap();
    assert_eq!(completed.checksum_crc32(), same.checksum_crc32());
    assert_eq!(completed.checksum_type(), Some(&ChecksumType::FullObject));
}

#[tokio::test]
async fn a_completion_must_name_what_arrived() {
    let world = World::start().await;
    world.bucket("records").await;
    let upload = Upload::begin(&world, "scan", None).await;
    let one = upload.part(1, &content(LARGE, 7), None).await;
    let two = upload.part(2, b"small", None).await;
    let three = upload.part(3, b"last", None).await;
    let complete = |parts| async { refusal(upload.complete(parts).send().await).0 };
    assert_eq!(complete(vec![named(2, &two), named(1, &one)]).await, "InvalidPartOrder");
    assert_eq!(complete(vec![named(1, &one), named(1, &one)]).await, "InvalidPartOrder");
    assert_eq!(complete(vec![named(1, &one), named(9, &two)]).await, "InvalidPart");
    assert_eq!(complete(vec![named(1, &two)]).await, "InvalidPart");
    assert_eq!(complete(vec![named(1, &one), named(2, &two), named(3, &three)]).await, "EntityTooSmall");
    assert_eq!(complete(Vec::new()).await, "MalformedXML");
    let short = upload.complete(vec![named(1, &one)]).mpu_object_size(5).send().await;
    assert_eq!(refusal(short).0, "InvalidRequest");
    // The upload lives on, and parts left out of it are discarded.
    upload.complete(vec![named(1, &one), named(3, &three)]).send().await.unwrap();
    world.settled_on(2).await;
}

#[tokio::test]
async fn a_composite_upload_needs_its_checksums() {
    let world = World::start().await;
    world.bucket("records").await;
    let upload = Upload::begin(&world, "scan", Some(ChecksumAlgorithm::Sha256)).await;
    let part = || {
        let part =
            world.client.upload_part().bucket("records").key("scan").upload_id(&upload.id).part_number(1);
        part.body(ByteStream::from_static(b"bytes"))
    };
    let other = part().checksum_algorithm(ChecksumAlgorithm::Crc32C).send().await;
    assert_eq!(refusal(other), ("InvalidRequest".into(), 400));
    let bad = part().checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").send().await;
    assert_eq!(refusal(bad), ("BadDigest".into(), 400));
    let one = part().checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    let bare = CompletedPart::builder().part_number(1).set_e_tag(one.e_tag.clone()).build();
    assert_eq!(refusal(upload.complete(vec![bare]).send().await), ("InvalidRequest".into(), 400));
    upload.complete(vec![named(1, &one)]).send().await.unwrap();
    world.settled_on(1).await;
}

#[tokio::test]
async fn a_completion_can_be_made_to_spare_what_is_there() {
    let world = World::start().await;
    world.bucket("records").await;
    world.put("records", "scan", b"already here").await;
    let upload = Upload::begin(&world, "scan", None).await;
    let one = upload.part(1, b"bytes", None).await;
    let refused = upload.complete(vec![named(1, &one)]).if_none_match("*").send().await;
    assert_eq!(refusal(refused), ("PreconditionFailed".into(), 412));
    assert_eq!(world.get("records", "scan").await, b"already here");
    upload.complete(vec![named(1, &one)]).send().await.unwrap();
    assert_eq!(world.get("records", "scan").await, b"bytes");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let world = World::start().await;
    world.bucket("records").await;
    let upload = Upload::begin(&world, "scan", None).await;
    upload.part(1, b"bytes", None).await;
    let abort =
        || world.client.abort_multipart_upload().bucket("records").key("scan").upload_id(&upload.id).send();
    abort().await.unwrap();
    world.settled_on(0).await;
    assert_eq!(refusal(abort().await), ("NoSuchUpload".into(), 404));
    let part = world.client.upload_part().bucket("records").key("scan").upload_id(&upload.id).part_number(1);
    assert_eq!(refusal(part.body(ByteStream::from_static(b"x")).send().await), ("NoSuchUpload".into(), 404));
    let number =
        world.client.upload_part().bucket("records").key("scan").upload_id(&upload.id).part_number(10_001);
    assert_eq!(refusal(number.send().await), ("InvalidArgument".into(), 400));
}

#[tokio::test]
async fn parts_and_uploads_are_listed_in_pages() {
    let world = World::start().await;
    world.bucket("records").await;
    let first = Upload::begin(&world, "a", None).await;
    let second = Upload::begin(&world, "b", None).await;
    for number in 1..=3 {
        first.part(number, b"x", None).await;
    }
    let list = || world.client.list_parts().bucket("records").key("a").upload_id(&first.id).max_parts(2);
    let page = list().send().await.unwrap();
    assert_eq!((page.parts().len(), page.is_truncated()), (2, Some(true)));
    let rest = list().part_number_marker(page.next_part_number_marker().unwrap()).send().await.unwrap();
    assert_eq!((rest.parts().len(), rest.is_truncated()), (1, Some(false)));

    let list = || world.client.list_multipart_uploads().bucket("records").max_uploads(1);
    let page = list().send().await.unwrap();
    assert_eq!(page.uploads()[0].upload_id(), Some(first.id.as_str()));
    let rest = list()
        .key_marker(page.next_key_marker().unwrap())
        .upload_id_marker(page.next_upload_id_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(rest.uploads()[0].upload_id(), Some(second.id.as_str()));
    assert_eq!(rest.is_truncated(), Some(false));
}

#[tokio::test]
async fn a_part_can_be_copied_from_an_object() {
    let world = World::start().await;
    world.bucket("records").await;
    let body = content(LARGE + 1000, 8);
    world.put("records", "source", &body).await;
    let upload = Upload::begin(&world, "copy", None).await;
    let copy = |number: i32, range: String| {
        let copy = world.client.upload_part_copy().bucket("records").key("copy").upload_id(&upload.id);
        copy.part_number(number).copy_source("records/source").copy_source_range(range).send()
    };
    let one = copy(1, format!("bytes=0-{}", LARGE - 1)).await.unwrap();
    let two = copy(2, format!("bytes={LARGE}-{}", LARGE + 999)).await.unwrap();
    let named = |number, etag: Option<&str>| {
        CompletedPart::builder().part_number(number).set_e_tag(etag.map(str::to_owned)).build()
    };
    let parts = vec![
        named(1, one.copy_part_result().unwrap().e_tag()),
        named(2, two.copy_part_result().unwrap().e_tag()),
    ];
    upload.complete(parts).send().await.unwrap();
    assert!(world.get("records", "copy").await == body);
}
