//! A running object store with a real client: the SDK over loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use aws_credential_types::Credentials as SdkCredentials;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, EventBridgeConfiguration, NotificationConfiguration, VersioningConfiguration,
};
use aws_sdk_s3::{Client, Config};
use axum::Router;
use axum::extract::{Request, State};
use local::aws::Credentials;
use local::aws::events::Outbox;
use local::aws::kms::Kms;
use local::aws::s3::S3;
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub const REGION: &str = "eu-central-1";
pub const ACCOUNT: &str = "123456789012";
pub const MEBIBYTE: usize = 1024 * 1024;

pub struct World {
    pub s3: S3,
    pub kms: Kms,
    pub outbox: Outbox,
    pub client: Client,
    pub address: SocketAddr,
    server: JoinHandle<()>,
    folder: PathBuf,
    /// Removes the folder at the end, unless the folder is someone else's.
    owned: Option<TempDir>,
}

impl World {
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let world = Self::start_in(folder.path().to_owned()).await;
        Self { owned: Some(folder), ..world }
    }

    pub async fn start_in(folder: PathBuf) -> Self {
        let kms = Kms::open(&folder.join("kms"), REGION, ACCOUNT).unwrap();
        let dir = folder.join("s3");
        let outbox = Outbox::open(&dir).await.unwrap();
        let credentials = Credentials {
            access_key_id: "AKIDLOCAL".to_owned(),
            secret_access_key: "local/secret+key".to_owned(),
        };
        let s3 = S3::open(&dir, kms.clone(), credentials, REGION, outbox.clone()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = |State(s3): State<S3>, request: Request| async move { s3.respond(request).await };
        let router = Router::new().fallback(answer).with_state(s3.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = client(address, "local/secret+key");
        Self { s3, kms, outbox, client, address, server, folder, owned: None }
    }

    /// Stops everything and opens it again from what is on disk.
    pub async fn restart(mut self) -> Self {
        let (folder, owned) = (self.folder.clone(), self.owned.take());
        self.stop().await;
        Self { owned, ..Self::start_in(folder).await }
    }

    /// Stops everything; connections let go of the store an instant later.
    pub async fn stop(self) {
        self.server.abort();
        let _ = self.server.await;
    }

    pub fn blobs(&self) -> PathBuf {
        self.folder.join("s3").join("blobs")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A client that signs with a secret of its own choosing.
    pub fn impostor(&self) -> Client {
        client(self.address, "another secret")
    }

    pub async fn bucket(&self, name: &str) {
        self.client.create_bucket().bucket(name).create_bucket_configuration(here()).send().await.unwrap();
    }

    pub async fn versioned_bucket(&self, name: &str) {
        self.bucket(name).await;
        self.set_versioning(name, BucketVersioningStatus::Enabled).await;
    }

    pub async fn locked_bucket(&self, name: &str) {
        let create = self.client.create_bucket().bucket(name).object_lock_enabled_for_bucket(true);
        create.create_bucket_configuration(here()).send().await.unwrap();
    }

    pub async fn set_versioning(&self, name: &str, status: BucketVersioningStatus) {
        let configuration = VersioningConfiguration::builder().status(status).build();
        let put = self.client.put_bucket_versioning().bucket(name);
        put.versioning_configuration(configuration).send().await.unwrap();
    }

    pub async fn send_events(&self, name: &str) {
        let bridge = EventBridgeConfiguration::builder().build();
        let configuration = NotificationConfiguration::builder().event_bridge_configuration(bridge).build();
        let put = self.client.put_bucket_notification_configuration().bucket(name);
        put.notification_configuration(configuration).send().await.unwrap();
    }

    pub async fn put(&self, bucket: &str, key: &str, body: &[u8]) -> PutObjectOutput {
        let put = self.client.put_object().bucket(bucket).key(key);
        put.body(ByteStream::from(body.to_vec())).send().await.unwrap()
    }

    pub async fn get(&self, bucket: &str, key: &str) -> Vec<u8> {
        let got = self.client.get_object().bucket(bucket).key(key).send().await.unwrap();
        got.body.collect().await.unwrap().to_vec()
    }

    pub async fn get_version(&self, bucket: &str, key: &str, version: &str) -> Vec<u8> {
        let get = self.client.get_object().bucket(bucket).key(key).version_id(version);
        get.send().await.unwrap().body.collect().await.unwrap().to_vec()
    }

    /// A new key of the key service, by its ARN.
    pub fn key(&self) -> String {
        let (status, answer) = self.kms.respond("TrentService.CreateKey", b"{}");
        assert!(status.is_success());
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        answer["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    pub fn switch_key(&self, operation: &str, key: &str) {
        let order = serde_json::json!({ "KeyId": key }).to_string();
        let (status, _) = self.kms.respond(&format!("TrentService.{operation}"), order.as_bytes());
        assert!(status.is_success());
    }

    /// Every blob on disk, by path.
    pub fn blob_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        for folder in std::fs::read_dir(self.blobs()).unwrap().flatten().filter(|entry| entry.path().is_dir())
        {
            for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
                files.insert(file.path(), std::fs::read(file.path()).unwrap());
            }
        }
        files
    }

    /// Waits until so many blobs are left: deleting them goes on behind the answer.
    pub async fn settled_on(&self, blobs: usize) {
        for _ in 0..400 {
            if self.blob_files().len() == blobs {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("{} blobs are left, not {blobs}", self.blob_files().len());
    }

    pub async fn version_count(&self, bucket: &str) -> usize {
        let listed = self.client.list_object_versions().bucket(bucket).send().await.unwrap();
        listed.versions().len() + listed.delete_markers().len()
    }
}

fn here() -> aws_sdk_s3::types::CreateBucketConfiguration {
    let constraint = aws_sdk_s3::types::BucketLocationConstraint::from(REGION);
    aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(constraint).build()
}

fn client(address: SocketAddr, secret: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(SdkCredentials::from_keys("AKIDLOCAL", secret, None))
        .endpoint_url(format!("http://{address}"))
        .force_path_style(true)
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// Bytes that do not repeat within a chunk, so that a misplaced one shows.
pub fn content(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut bytes = Vec::with_capacity(len + 4);
    while bytes.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The S3 code and the HTTP status that a call was refused with.
pub fn refusal<T: std::fmt::Debug, E>(outcome: Result<T, aws_sdk_s3::error::SdkError<E>>) -> (String, u16)
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::fmt::Debug,
{
    let error = outcome.unwrap_err();
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = aws_sdk_s3::error::ProvideErrorMetadata::code(&error).unwrap_or_default().to_owned();
    (code, status)
}
