//! The key service, through the official client.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{
    DataKeySpec, KeySpec, KeyState, KeyUsageType, MessageType, RotationType, SigningAlgorithmSpec, Tag,
};
use aws_support::Running;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

async fn new_key(kms: &Client) -> String {
    let key = kms.create_key().send().await.unwrap();
    key.key_metadata().unwrap().arn().unwrap().to_owned()
}

async fn new_signing_key(kms: &Client) -> String {
    let order = kms.create_key().key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::SignVerify);
    order.send().await.unwrap().key_metadata().unwrap().arn().unwrap().to_owned()
}

async fn seal(kms: &Client, key: &str, text: &str, client: &str) -> Blob {
    let order = kms.encrypt().key_id(key).plaintext(Blob::new(text)).encryption_context("client", client);
    order.send().await.unwrap().ciphertext_blob.unwrap()
}

async fn open(kms: &Client, sealed: &Blob, client: &str) -> Result<String, String> {
    let order = kms.decrypt().ciphertext_blob(sealed.clone()).encryption_context("client", client);
    let opened = order.send().await.map_err(|error| code(&error))?;
    Ok(String::from_utf8(opened.plaintext.unwrap().into_inner()).unwrap())
}

/// The code of a refusal, as a caller sees it.
fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("no service error").to_owned()
}

fn now() -> Timestamp {
    Timestamp::try_from(std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap()).unwrap()
}

fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn what_is_sealed_opens_only_in_its_context() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = new_key(&kms).await;
    let sealed = seal(&kms, &key, "a secret", "c1").await;
    assert!(!sealed.as_ref().windows(8).any(|bytes| bytes == b"a secret"));
    assert_ne!(sealed, seal(&kms, &key, "a secret", "c1").await, "each sealing is different");
    assert_eq!(open(&kms, &sealed, "c1").await.as_deref(), Ok("a secret"));
    assert_eq!(open(&kms, &sealed, "c2").await, Err("InvalidCiphertextException".into()));

    let without = kms.decrypt().ciphertext_blob(sealed.clone()).send().await.unwrap_err();
    assert!(without.as_service_error().unwrap().is_invalid_ciphertext_exception());
    let mut altered = sealed.into_inner();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(open(&kms, &Blob::new(altered), "c1").await, Err("InvalidCiphertextException".into()));
    assert_eq!(open(&kms, &Blob::new("not ours"), "c1").await, Err("InvalidCiphertextException".into()));
}

#[tokio::test]
async fn a_caller_can_insist_on_a_key() {
    let running = Running::start().await;
    let kms = running.kms();
    let (key, other) = (new_key(&kms).await, new_key(&kms).await);
    let sealed = seal(&kms, &key, "a secret", "c1").await;
    let insist = |key: &str| {
        kms.decrypt().ciphertext_blob(sealed.clone()).encryption_context("client", "c1").key_id(key).send()
    };
    assert_eq!(insist(&key).await.unwrap().key_id(), Some(key.as_str()));
    assert!(insist(&other).await.unwrap_err().into_service_error().is_incorrect_key_exception());
}

#[tokio::test]
async fn data_keys_come_sealed_and_in_the_clear() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = new_key(&kms).await;
    let order = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
    let drawn = order.encryption_context("client", "c1").send().await.unwrap();
    let plaintext = drawn.plaintext.unwrap();
    assert_eq!(plaintext.as_ref().len(), 32);
    let order = kms.decrypt().ciphertext_blob(drawn.ciphertext_blob.unwrap());
    let opened = order.encryption_context("client", "c1").send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap(), plaintext);

    let sealed = kms.generate_data_key_without_plaintext().key_id(&key).number_of_bytes(64);
    let sealed = sealed.send().await.unwrap().ciphertext_blob.unwrap();
    let opened = kms.decrypt().ciphertext_blob(sealed).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().as_ref().len(), 64);

    let neither = kms.generate_data_key().key_id(&key).send().await.unwrap_err();
    assert_eq!(code(&neither), "ValidationException");
    let random = kms.generate_random().number_of_bytes(24).send().await.unwrap();
    assert_eq!(random.plaintext.unwrap().as_ref().len(), 24);
}

#[tokio::test]
async fn re_encryption_moves_to_another_key_and_context() {
    let running = Running::start().await;
    let kms = running.kms();
    let (old, new) = (new_key(&kms).await, new_key(&kms).await);
    let sealed = seal(&kms, &old, "a secret", "c1").await;
    let order = kms.re_encrypt().ciphertext_blob(sealed.clone()).destination_key_id(&new);
    let order = order.destination_encryption_context("client", "c2");
    let refused = order.clone().source_encryption_context("client", "c9").send().await.unwrap_err();
    assert_eq!(code(&refused), "InvalidCiphertextException");
    let moved = order.source_encryption_context("client", "c1").send().await.unwrap();
    assert_eq!((moved.source_key_id(), moved.key_id()), (Some(old.as_str()), Some(new.as_str())));
    let moved = moved.ciphertext_blob.unwrap();
    assert_eq!(open(&kms, &moved, "c2").await.as_deref(), Ok("a secret"));
    assert_eq!(open(&kms, &moved, "c1").await, Err("InvalidCiphertextException".into()));
}

#[tokio::test]
async fn signatures_verify_with_the_public_key_alone() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = new_signing_key(&kms).await;
    let public = kms.get_public_key().key_id(&key).send().await.unwrap().public_key.unwrap();
    let (_, point) = public.as_ref().split_at(26);
    let outside = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, point);
    let message = b"a checkpoint";
    let digest = Sha256::digest(message).to_vec();
    for (kind, signed) in [(MessageType::Raw, message.to_vec()), (MessageType::Digest, digest.clone())] {
        let order = kms.sign().key_id(&key).message(Blob::new(signed)).message_type(kind);
        let order = order.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let signature = order.send().await.unwrap().signature.unwrap();
        outside.verify(message, signature.as_ref()).unwrap();

        let verify = |message: &[u8], kind| {
            let order = kms.verify().key_id(&key).message(Blob::new(message)).message_type(kind);
            let order = order.signature(signature.clone());
            order.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256).send()
        };
        assert!(verify(message, MessageType::Raw).await.unwrap().signature_valid());
        assert!(verify(&digest, MessageType::Digest).await.unwrap().signature_valid());
        let wrong = verify(b"another", MessageType::Raw).await.unwrap_err().into_service_error();
        assert!(wrong.is_kms_invalid_signature_exception());
    }
    let short = kms.sign().key_id(&key).message(Blob::new("short")).message_type(MessageType::Digest);
    let short = short.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256).send().await.unwrap_err();
    assert_eq!(code(&short), "ValidationException");
}

#[tokio::test]
async fn keys_do_only_what_they_are_made_for() {
    let running = Running::start().await;
    let kms = running.kms();
    let (sealing, signing) = (new_key(&kms).await, new_signing_key(&kms).await);
    let sign = kms.sign().key_id(&sealing).message(Blob::new("m"));
    let sign = sign.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256).send().await.unwrap_err();
    assert!(sign.into_service_error().is_invalid_key_usage_exception());
    let encrypt = kms.encrypt().key_id(&signing).plaintext(Blob::new("m")).send().await.unwrap_err();
    assert!(encrypt.into_service_error().is_invalid_key_usage_exception());
    let rotate = kms.rotate_key_on_demand().key_id(&signing).send().await.unwrap_err();
    assert!(rotate.into_service_error().is_unsupported_operation_exception());
    let unfit = kms.create_key().key_spec(KeySpec::EccNistP256).send().await.unwrap_err();
    assert_eq!(code(&unfit), "ValidationException");
    for missing in ["alias/nowhere", "0198c2a0-0000-4000-8000-000000000000", "nonsense"] {
        let refused = kms.encrypt().key_id(missing).plaintext(Blob::new("m")).send().await.unwrap_err();
        assert!(refused.into_service_error().is_not_found_exception(), "{missing}");
    }
}

#[tokio::test]
async fn keys_are_known_by_id_arn_and_alias() {
    let running = Running::start().await;
    let kms = running.kms();
    let tag = Tag::builder().tag_key("app").tag_value("strongroom").build().unwrap();
    let order = kms.create_key().description("records").policy("{}").tags(tag);
    let made = order.send().await.unwrap().key_metadata.unwrap();
    let (id, arn) = (made.key_id(), made.arn().unwrap());
    assert_eq!(arn, format!("arn:aws:kms:eu-west-1:111122223333:key/{id}"));
    kms.create_alias().alias_name("alias/records").target_key_id(id).send().await.unwrap();
    let taken = kms.create_alias().alias_name("alias/records").target_key_id(id).send().await.unwrap_err();
    assert!(taken.into_service_error().is_already_exists_exception());
    for bad in ["records", "alias/aws/s3", "alias/", "alias/with space"] {
        let refused = kms.create_alias().alias_name(bad).target_key_id(id).send().await.unwrap_err();
        assert!(refused.into_service_error().is_invalid_alias_name_exception(), "{bad}");
    }
    for name in [id, arn, "alias/records", "arn:aws:kms:eu-west-1:111122223333:alias/records"] {
        let found = kms.describe_key().key_id(name).send().await.unwrap().key_metadata.unwrap();
        assert_eq!((found.key_id(), found.description()), (id, Some("records")));
    }
    let elsewhere = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
    assert!(kms.describe_key().key_id(elsewhere).send().await.is_err());

    let other = new_key(&kms).await;
    let sealed = seal(&kms, "alias/records", "a secret", "c1").await;
    kms.update_alias().alias_name("alias/records").target_key_id(&other).send().await.unwrap();
    let moved = kms.describe_key().key_id("alias/records").send().await.unwrap();
    assert_eq!(moved.key_metadata.unwrap().arn(), Some(other.as_str()));
    assert_eq!(open(&kms, &sealed, "c1").await.as_deref(), Ok("a secret"), "a moved alias loses nothing");
    let signing = new_signing_key(&kms).await;
    assert!(kms.update_alias().alias_name("alias/records").target_key_id(signing).send().await.is_err());
    let disable = kms.disable_key().key_id("alias/records").send().await.unwrap_err();
    assert_eq!(code(&disable), "NotFoundException");
    kms.delete_alias().alias_name("alias/records").send().await.unwrap();
    assert!(kms.describe_key().key_id("alias/records").send().await.is_err());
}

#[tokio::test]
async fn keys_tags_and_aliases_are_listed_in_pages() {
    let running = Running::start().await;
    let kms = running.kms();
    let mut made = Vec::new();
    for n in 0..5 {
        let key = new_key(&kms).await;
        kms.create_alias().alias_name(format!("alias/k{n}")).target_key_id(&key).send().await.unwrap();
        made.push(key);
    }
    let mut seen = Vec::new();
    let mut pages = kms.list_keys().into_paginator().page_size(2).send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.keys().len() <= 2);
        seen.extend(page.keys().iter().map(|key| key.key_arn().unwrap().to_owned()));
    }
    // The object store has a key of its own here.
    seen.retain(|key| made.contains(key));
    made.sort();
    assert_eq!(seen, made);
    let aliases = kms.list_aliases().key_id(&made[0]).send().await.unwrap();
    assert_eq!(aliases.aliases().len(), 1);

    let tag = |key: &str| Tag::builder().tag_key(key).tag_value("v").build().unwrap();
    kms.tag_resource().key_id(&made[0]).tags(tag("a")).tags(tag("b")).send().await.unwrap();
    kms.untag_resource().key_id(&made[0]).tag_keys("a").send().await.unwrap();
    let tags = kms.list_resource_tags().key_id(&made[0]).send().await.unwrap();
    assert_eq!(tags.tags().iter().map(Tag::tag_key).collect::<Vec<_>>(), ["b"]);
    let reserved = kms.tag_resource().key_id(&made[0]).tags(tag("aws:x")).send().await.unwrap_err();
    assert!(reserved.into_service_error().is_tag_exception());
}

#[tokio::test]
async fn a_rotated_key_still_opens_what_it_sealed() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = new_key(&kms).await;
    let first = seal(&kms, &key, "first", "c1").await;
    kms.rotate_key_on_demand().key_id(&key).send().await.unwrap();
    let second = seal(&kms, &key, "second", "c1").await;
    assert_ne!(first.as_ref()[17..33], second.as_ref()[17..33], "another generation seals now");

    kms.enable_key_rotation().key_id(&key).rotation_period_in_days(90).send().await.unwrap();
    let status = kms.get_key_rotation_status().key_id(&key).send().await.unwrap();
    assert_eq!((status.key_rotation_enabled(), status.rotation_period_in_days()), (true, Some(90)));
    assert!(running.aws.kms().rotate_due_keys(in_days(89)).unwrap().is_empty());
    assert_eq!(running.aws.kms().rotate_due_keys(in_days(91)).unwrap(), [key.as_str()]);
    let third = seal(&kms, &key, "third", "c1").await;
    kms.disable_key_rotation().key_id(&key).send().await.unwrap();
    assert!(running.aws.kms().rotate_due_keys(in_days(900)).unwrap().is_empty());

    let running = running.restart().await;
    let kms = running.kms();
    for (sealed, text) in [(first, "first"), (second, "second"), (third, "third")] {
        assert_eq!(open(&kms, &sealed, "c1").await.as_deref(), Ok(text));
    }
    let rotations = kms.list_key_rotations().key_id(&key).send().await.unwrap();
    let kinds: Vec<_> = rotations.rotations().iter().map(|r| r.rotation_type().unwrap().clone()).collect();
    assert_eq!(kinds, [RotationType::OnDemand, RotationType::Automatic]);
}

#[tokio::test]
async fn a_disabled_key_does_nothing_until_enabled() {
    let running = Running::start().await;
    let kms = running.kms();
    let key = new_key(&kms).await;
    let sealed = seal(&kms, &key, "a secret", "c1").await;
    kms.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(open(&kms, &sealed, "c1").await, Err("DisabledException".into()));
    let refused =
        kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256).send().await.unwrap_err();
    assert!(refused.into_service_error().is_disabled_exception());
    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(open(&kms, &sealed, "c1").await.as_deref(), Ok("a secret"));
}

#[tokio::test]
async fn a_deleted_keys_material_is_gone_after_its_waiting_period() {
    let running = Running::start().await;
    let kms = running.kms();
    let (key, kept) = (new_key(&kms).await, new_key(&kms).await);
    kms.create_alias().alias_name("alias/doomed").target_key_id(&key).send().await.unwrap();
    let sealed = seal(&kms, &key, "a secret", "c1").await;
    let too_soon = kms.schedule_key_deletion().key_id(&key).pending_window_in_days(6).send().await;
    assert_eq!(code(&too_soon.unwrap_err()), "ValidationException");

    kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    assert_eq!(open(&kms, &sealed, "c1").await, Err("KMSInvalidStateException".into()));
    let enable = kms.enable_key().key_id(&key).send().await.unwrap_err();
    assert!(enable.into_service_error().is_kms_invalid_state_exception());
    kms.cancel_key_deletion().key_id(&key).send().await.unwrap();
    let rescued = kms.describe_key().key_id(&key).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(rescued.key_state(), Some(&KeyState::Disabled));
    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(open(&kms, &sealed, "c1").await.as_deref(), Ok("a secret"));

    let scheduled = kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    assert_eq!(scheduled.pending_window_in_days(), Some(7));
    assert!(running.aws.kms().expire_keys(in_days(6)).unwrap().is_empty());
    assert_eq!(running.aws.kms().expire_keys(in_days(8)).unwrap(), [key.as_str()]);
    assert_eq!(open(&kms, &sealed, "c1").await, Err("NotFoundException".into()));
    assert!(kms.describe_key().key_id("alias/doomed").send().await.is_err());

    let id = key.rsplit('/').next().unwrap();
    let on_disk = std::fs::read_to_string(running.data.path().join("kms/keys.json")).unwrap();
    assert!(!on_disk.contains(id));
    let running = running.restart().await;
    assert_eq!(open(&running.kms(), &sealed, "c1").await, Err("NotFoundException".into()));
    assert!(running.kms().describe_key().key_id(kept).send().await.is_ok());
}

#[tokio::test]
async fn keys_outlive_the_process_and_are_useless_without_their_root() {
    let running = Running::start().await;
    let key = new_key(&running.kms()).await;
    running.kms().create_alias().alias_name("alias/records").target_key_id(&key).send().await.unwrap();
    let sealed = seal(&running.kms(), "alias/records", "a secret", "c1").await;
    let running = running.restart().await;
    assert_eq!(open(&running.kms(), &sealed, "c1").await.as_deref(), Ok("a secret"));
    seal(&running.kms(), "alias/records", "more", "c1").await;

    let dir = running.data.path().join("kms");
    #[cfg(unix)]
    for file in ["root.key", "keys.json"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let reopen = || local::aws::kms::Kms::open(&dir, aws_support::REGION, aws_support::ACCOUNT);
    let root = std::fs::read(dir.join("root.key")).unwrap();
    std::fs::write(dir.join("root.key"), [0; 32]).unwrap();
    assert!(reopen().is_err(), "a foreign root key unwraps nothing");
    std::fs::remove_file(dir.join("root.key")).unwrap();
    assert!(reopen().is_err(), "a lost root key is not replaced");
    std::fs::write(dir.join("root.key"), root).unwrap();
    assert!(reopen().is_ok());
}

#[tokio::test]
async fn strangers_are_refused() {
    let running = Running::start().await;
    let guess = running.kms_as(aws_support::ACCESS_KEY_ID, "a guess").list_keys().send().await.unwrap_err();
    assert_eq!(code(&guess), "InvalidSignatureException");
    assert_eq!(guess.raw_response().unwrap().status().as_u16(), 403);
    let unknown = running.kms_as("AKIDSTRANGER", aws_support::SECRET).list_keys().send().await.unwrap_err();
    assert_eq!(code(&unknown), "UnrecognizedClientException");
}
