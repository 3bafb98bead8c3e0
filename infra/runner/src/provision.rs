//! What the deployment template makes in production, made here on the first start: keys, tables, bucket and the
//! queue of work with its dead letters.

use api::{Settings, environment::Clients};
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus,
    EventBridgeConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    NotificationConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, VersioningConfiguration,
};
use local::aws::{Aws, Credentials, sqs::QueueSettings};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};
use store::Store;

/// Where the embedded AWS pretends to be.
pub const REGION: &str = "us-west-2";
pub const ACCOUNT: &str = "000000000000";
const TABLE: &str = "strongroom";
const KEYS_TABLE: &str = "strongroom-keys";
pub const BUCKET: &str = "strongroom-content";
/// The queue of work, and where what cannot be done comes to lie.
pub const WORK_QUEUE: &str = "strongroom-work";
pub const WORK_DEAD_LETTERS: &str = "strongroom-work-dead-letters";
/// The address e-mail comes from; none is ever sent anywhere.
const MAIL_FROM: &str = "strongroom@localhost.example";
const KEY_ALIAS: &str = "alias/strongroom";
const CUSTODY_KEY_ALIAS: &str = "alias/strongroom-custody";
/// Days after which an unfinished multipart upload is forgotten, and an object nobody completed.
const UNFINISHED_DAYS: i32 = 2;
const PENDING_DAYS: i32 = 3;

/// How long work that was taken is out of sight, and how often it is tried.
const QUEUE_VISIBILITY_SECONDS: u64 = 900;
const QUEUE_MOST_RECEIVES: u32 = 8;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A secret of this data folder, made on its first start and readable by its owner alone.
pub fn secret(data: &Path, name: &str, make: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
    let path = data.join(name);
    match fs::read_to_string(&path) {
        Ok(secret) => Ok(secret.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = make()?;
            fs::create_dir_all(data)?;
            let partial = data.join(format!("{name}.partial"));
            let mut file =
                fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
            fs::rename(partial, path)?;
            Ok(secret)
        }
        Err(error) => Err(error),
    }
}

/// Random letters and digits.
pub fn random_text(length: usize) -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte & 31)))
        .map(|byte| char::from(*byte))
        .collect())
}

/// The one access key of this data folder.
pub fn credentials(data: &Path) -> io::Result<Credentials> {
    let secret_access_key = secret(data, "access-key", || random_text(40))?;
    Ok(Credentials { access_key_id: "AKIALOCALSTRONGROOM0".to_owned(), secret_access_key })
}

/// The settings the functions get.
pub fn settings(origin: &str, credentials: &Credentials) -> Settings {
    Settings {
        region: REGION.to_owned(),
        endpoint: Some(origin.to_owned()),
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: None,
        table: TABLE.to_owned(),
        keys_table: KEYS_TABLE.to_owned(),
        bucket: BUCKET.to_owned(),
        key_id: KEY_ALIAS.to_owned(),
        custody_key_id: CUSTODY_KEY_ALIAS.to_owned(),
        portal_origin: origin.to_owned(),
        issuer: Some(format!("{origin}/identity")),
        queue_url: Some(format!("{origin}/{ACCOUNT}/{WORK_QUEUE}")),
        mail_from: Some(MAIL_FROM.to_owned()),
    }
}

/// Makes what is not there yet; the second time it changes nothing.
pub async fn provision(aws: &Aws, settings: &Settings, data: &Path) -> Result<(), Fault> {
    let clients = Clients::new(settings);
    queues(aws).await?;
    key(&clients).await?;
    custody_key(&clients).await?;
    tables(&clients, settings, data).await?;
    if !aws.s3().has_bucket(&settings.bucket) {
        let bucket = clients.s3.create_bucket().bucket(&settings.bucket);
        // As the template makes it where object lock is chosen: a legal hold locks what it covers.
        bucket.object_lock_enabled_for_bucket(true).send().await?;
    }
    versioning(&clients, &settings.bucket).await?;
    encryption(&clients, &settings.bucket).await?;
    lifecycle(&clients, &settings.bucket).await?;
    events(&clients, &settings.bucket).await
}

/// The queue of work; what was tried too often in vain lies beside it.
async fn queues(aws: &Aws) -> Result<(), Fault> {
    let visibility = Duration::from_secs(QUEUE_VISIBILITY_SECONDS);
    let dead_letters = QueueSettings { visibility, dead_letters: None };
    aws.sqs().create(WORK_DEAD_LETTERS, dead_letters).await?;
    let redrive = Some((WORK_DEAD_LETTERS.to_owned(), QUEUE_MOST_RECEIVES));
    let work = QueueSettings { visibility, dead_letters: redrive };
    Ok(aws.sqs().create(WORK_QUEUE, work).await?)
}

/// Makes both tables. A start that is killed meanwhile leaves half of them, and the mark that says so; nobody was
/// served before they were whole, so the next start takes the half away and begins anew.
async fn tables(clients: &Clients, settings: &Settings, data: &Path) -> Result<(), Fault> {
    let (dynamodb, names) = (&clients.dynamodb, [&settings.table, &settings.keys_table]);
    let mark = data.join("making-table");
    if mark.exists() {
        for name in names {
            let deleted = dynamodb.delete_table().table_name(name).send().await;
            if let Err(error) = deleted
                && !error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception())
            {
                return Err(error.into());
            }
        }
    } else if dynamodb.describe_table().table_name(&settings.table).send().await.is_ok() {
        let keys = dynamodb.describe_table().table_name(&settings.keys_table).send().await;
        return keys
            .map(drop)
            .map_err(|_| "this data folder is of an earlier version, or its keys are lost".into());
    }
    fs::File::create(&mark)?.sync_all()?;
    fs::File::open(data)?.sync_all()?;
    Store::new(dynamodb.clone(), &settings.table, &settings.keys_table).create_table().await?;
    fs::remove_file(&mark)?;
    Ok(())
}

async fn key(clients: &Clients) -> Result<(), Fault> {
    let known = clients.kms.describe_key().key_id(KEY_ALIAS).send().await;
    if known.is_ok() {
        return Ok(());
    }
    let made = clients.kms.create_key().description("Strongroom's content and data keys").send().await?;
    let id = made.key_metadata.ok_or("KMS made no key")?.key_id;
    clients.kms.enable_key_rotation().key_id(&id).send().await?;
    clients.kms.create_alias().alias_name(KEY_ALIAS).target_key_id(&id).send().await?;
    Ok(())
}

/// The key that signs the chain of custody; nobody can rotate it, as signatures are checked for as long as charts
/// are kept.
async fn custody_key(clients: &Clients) -> Result<(), Fault> {
    if clients.kms.describe_key().key_id(CUSTODY_KEY_ALIAS).send().await.is_ok() {
        return Ok(());
    }
    let made = clients
        .kms
        .create_key()
        .description("Strongroom's chain of custody")
        .key_spec(KeySpec::EccNistP256)
        .key_usage(KeyUsageType::SignVerify)
        .send()
        .await?;
    let id = made.key_metadata.ok_or("KMS made no key")?.key_id;
    clients.kms.create_alias().alias_name(CUSTODY_KEY_ALIAS).target_key_id(&id).send().await?;
    Ok(())
}

async fn versioning(clients: &Clients, bucket: &str) -> Result<(), Fault> {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    clients.s3.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await?;
    Ok(())
}

async fn encryption(clients: &Clients, bucket: &str) -> Result<(), Fault> {
    let kms = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id(KEY_ALIAS)
        .build()?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(kms)
        .bucket_key_enabled(true)
        .build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
    clients
        .s3
        .put_bucket_encryption()
        .bucket(bucket)
        .server_side_encryption_configuration(rules)
        .send()
        .await?;
    Ok(())
}

async fn lifecycle(clients: &Clients, bucket: &str) -> Result<(), Fault> {
    let unfinished = LifecycleRule::builder()
        .id("forget-unfinished-uploads")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(UNFINISHED_DAYS).build(),
        )
        .build()?;
    let (name, value) = vault::layout::PENDING;
    let pending = LifecycleRule::builder()
        .id("expire-what-nobody-completed")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().tag(Tag::builder().key(name).value(value).build()?).build())
        .expiration(LifecycleExpiration::builder().days(PENDING_DAYS).build())
        .build()?;
    let rules = BucketLifecycleConfiguration::builder().rules(unfinished).rules(pending).build()?;
    clients
        .s3
        .put_bucket_lifecycle_configuration()
        .bucket(bucket)
        .lifecycle_configuration(rules)
        .send()
        .await?;
    Ok(())
}

async fn events(clients: &Clients, bucket: &str) -> Result<(), Fault> {
    let on = NotificationConfiguration::builder()
        .event_bridge_configuration(EventBridgeConfiguration::builder().build())
        .build();
    clients
        .s3
        .put_bucket_notification_configuration()
        .bucket(bucket)
        .notification_configuration(on)
        .send()
        .await?;
    Ok(())
}
