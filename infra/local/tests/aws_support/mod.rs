//! An embedded AWS on a port of its own, and the official clients for it.

#![allow(dead_code, reason = "each test file uses a part")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials as SdkCredentials;
use axum::body::Body;
use axum::extract::Request;
use local::aws::{Aws, Credentials, Settings};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "111122223333";
pub const ACCESS_KEY_ID: &str = "AKIDSTRONGROOM";
pub const SECRET: &str = "a secret for tests";

pub struct Running {
    pub aws: Aws,
    pub data: TempDir,
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

pub fn settings() -> Settings {
    Settings {
        region: REGION.into(),
        account: ACCOUNT.into(),
        credentials: Credentials { access_key_id: ACCESS_KEY_ID.into(), secret_access_key: SECRET.into() },
    }
}

/// Connections and threads of an earlier opener let go of a folder an instant after they are done.
async fn open_when_free(data: &Path) -> Aws {
    for _ in 0..400 {
        if let Ok(aws) = Aws::open(data, settings()).await {
            return aws;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Aws::open(data, settings()).await.unwrap()
}

impl Running {
    pub async fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap()).await
    }

    async fn on(data: TempDir) -> Self {
        let aws = open_when_free(data.path()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = aws.clone();
        let app = axum::Router::new().fallback(move |request: Request<Body>| {
            let aws = serving.clone();
            async move { aws.respond(request).await }
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            let stopped = async move { drop(stopped.await) };
            axum::serve(listener, app).with_graceful_shutdown(stopped).await.unwrap();
        });
        Self { aws, data, address, stop, served }
    }

    /// Ends the process, as far as a test can, and starts another on the same folder.
    pub async fn restart(self) -> Self {
        let Self { aws, data, stop, served, .. } = self;
        drop(aws);
        stop.send(()).unwrap();
        served.await.unwrap();
        Self::on(data).await
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn kms(&self) -> aws_sdk_kms::Client {
        self.kms_as(ACCESS_KEY_ID, SECRET)
    }

    pub fn kms_as(&self, id: &str, secret: &str) -> aws_sdk_kms::Client {
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(aws_sdk_kms::config::BehaviorVersion::latest())
            .region(aws_sdk_kms::config::Region::new(REGION))
            .credentials_provider(SdkCredentials::new(id, secret, None, None, "tests"))
            .endpoint_url(self.endpoint())
            .retry_config(aws_sdk_kms::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_kms::Client::from_conf(config.build())
    }

    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.dynamodb_as(ACCESS_KEY_ID, SECRET)
    }

    pub fn dynamodb_as(&self, id: &str, secret: &str) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::new(REGION))
            .credentials_provider(SdkCredentials::new(id, secret, None, None, "tests"))
            .endpoint_url(self.endpoint())
            .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new(REGION))
            .credentials_provider(SdkCredentials::new(ACCESS_KEY_ID, SECRET, None, None, "tests"))
            .endpoint_url(self.endpoint())
            .force_path_style(true)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.sqs_as(ACCESS_KEY_ID, SECRET)
    }

    pub fn sqs_as(&self, id: &str, secret: &str) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new(REGION))
            .credentials_provider(SdkCredentials::new(id, secret, None, None, "tests"))
            .endpoint_url(self.endpoint())
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        self.ses_as(ACCESS_KEY_ID, SECRET)
    }

    pub fn ses_as(&self, id: &str, secret: &str) -> aws_sdk_sesv2::Client {
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest())
            .region(aws_sdk_sesv2::config::Region::new(REGION))
            .credentials_provider(SdkCredentials::new(id, secret, None, None, "tests"))
            .endpoint_url(self.endpoint())
            .retry_config(aws_sdk_sesv2::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_sesv2::Client::from_conf(config.build())
    }
}
