//! An embedded AWS of a test's own, with the table, bucket and key that the deployment makes in production.

use api::Settings;
use axum::{Router, body::Body, extract::Request};
use local::aws::{Aws, Credentials, Settings as AwsSettings};
use runner::provision;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// Where people would use the product: intake links point there.
const PORTAL_ORIGIN: &str = "https://portal.example";

/// An embedded AWS on a port of its own; ends when dropped, and its folder with it.
pub struct EmbeddedAws {
    aws: Aws,
    settings: Settings,
    served: JoinHandle<()>,
    _data: TempDir,
}

impl Drop for EmbeddedAws {
    fn drop(&mut self) {
        self.served.abort();
    }
}

impl EmbeddedAws {
    /// Starts it, with everything in it that functions expect.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let secret_access_key = "a secret access key for tests".to_owned();
        let credentials = Credentials { access_key_id: "AKIATESTSTRONGROOM00".to_owned(), secret_access_key };
        let aws = AwsSettings {
            region: provision::REGION.to_owned(),
            account: provision::ACCOUNT.to_owned(),
            credentials: credentials.clone(),
        };
        let aws = Aws::open(data.path(), aws).await.expect("an embedded aws");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let served = tokio::spawn(serve(aws.clone(), listener));
        let mut settings = provision::settings(&origin, &credentials);
        PORTAL_ORIGIN.clone_into(&mut settings.portal_origin);
        provision::provision(&aws, &settings, data.path()).await.expect("table, bucket and key");
        Self { aws, settings, served, _data: data }
    }

    /// What a function is told in order to use it.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub const fn aws(&self) -> &Aws {
        &self.aws
    }
}

async fn serve(aws: Aws, listener: TcpListener) {
    let router = Router::new().fallback(move |request: Request<Body>| {
        let aws = aws.clone();
        async move { aws.respond(request).await }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.expect("the embedded aws serves");
}
