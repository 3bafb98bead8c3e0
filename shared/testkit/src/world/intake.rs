//! A patient without an account, who was sent an intake link.

use super::{
    Actor, Request, Site,
    clinic::id,
    transfer::{Started, announcement},
};
use crate::files::TestFile;
use domain::{ChartId, LinkId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// A link as its maker sees it, once.
#[derive(Clone, Debug)]
pub struct IntakeLink {
    pub id: LinkId,
    /// What is sent to the patient.
    pub address: String,
}

/// Whoever holds the link.
#[derive(Clone)]
pub struct Patient {
    site: Arc<Site>,
    token: String,
}

impl Actor {
    /// Makes a link that asks for something, good for a day, for three files of a gigabyte together.
    pub async fn asks_for(&self, chart: ChartId, what: &str) -> IntakeLink {
        let expires_at = self.site().clock.now() + SignedDuration::from_hours(24);
        let limits = json!({ "files": 3, "bytes": 1_073_741_824_u64 });
        self.asks_with(chart, json!({ "what": what, "expires_at": expires_at, "limits": limits })).await
    }

    /// The same in all its words.
    pub async fn asks_with(&self, chart: ChartId, body: Value) -> IntakeLink {
        let made = self.post(&format!("/charts/{chart}/intake-links")).json(&body).expect(201).await;
        let address = made["address"].as_str().unwrap_or_else(|| panic!("no address in {made}")).to_owned();
        IntakeLink { id: id(&made, "link_id"), address }
    }
}

impl IntakeLink {
    /// The secret of the link: what follows the `#`, which no browser sends to a server.
    pub fn token(&self) -> &str {
        self.address.split_once('#').unwrap_or_else(|| panic!("no secret in `{}`", self.address)).1
    }

    /// Whoever opens it.
    pub fn opened_at(&self, site: &Arc<Site>) -> Patient {
        Patient { site: Arc::clone(site), token: self.token().to_owned() }
    }
}

impl Patient {
    /// Somebody with this token, true or not.
    pub fn with_token(site: &Arc<Site>, token: &str) -> Self {
        Self { site: Arc::clone(site), token: token.to_owned() }
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    #[track_caller]
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    #[track_caller]
    fn request(&self, method: Method, path: &str) -> Request {
        Request::of_nobody(&self.site).method(method, path).intake_token(&self.token)
    }

    /// Who asks for what, and what is left to send.
    pub async fn sees_request(&self) -> Value {
        self.get("/intake/request").expect(200).await
    }

    pub async fn starts_upload(&self, file: &TestFile, more: Value) -> Started {
        let body = announcement(file, more);
        Started::at(&self.site, self.get("/"), "/intake/uploads".to_owned(), &body).await
    }

    /// Sends a file and gets the receipt; waits until it has been inspected.
    pub async fn uploads(&self, file: &TestFile) -> Value {
        let started = self.starts_upload(file, json!({})).await;
        started.sends(&file.bytes).await;
        let receipt = started.completes().await;
        self.site.idle().await;
        receipt
    }
}
