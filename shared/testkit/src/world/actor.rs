//! Somebody who has signed in.

use super::{
    Request, Site,
    sign_in::{self, Tokens},
};
use domain::{MemberId, OrganizationId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A signed-in person; clones are the same person in the same session.
#[derive(Clone)]
pub struct Actor {
    site: Arc<Site>,
    name: String,
    username: String,
    password: String,
    tokens: Arc<Mutex<Tokens>>,
    membership: Option<(OrganizationId, MemberId)>,
}

impl Actor {
    pub(super) fn signed_in(
        site: Arc<Site>,
        name: &str,
        username: &str,
        password: &str,
        tokens: Tokens,
    ) -> Self {
        Self {
            site,
            name: name.to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
            tokens: Arc::new(Mutex::new(tokens)),
            membership: None,
        }
    }

    pub const fn site(&self) -> &Arc<Site> {
        &self.site
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn email(&self) -> &str {
        &self.username
    }

    pub(super) fn organization(&self) -> Option<OrganizationId> {
        self.membership.map(|(organization, _)| organization)
    }

    /// The organization they act in.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization().unwrap_or_else(|| panic!("{} is a member of nothing", self.name))
    }

    /// Which member of it they are.
    pub fn member_id(&self) -> MemberId {
        self.membership.unwrap_or_else(|| panic!("{} is a member of nothing", self.name)).1
    }

    /// The same person, acting in this organization.
    #[must_use]
    pub fn acting_in(&self, organization_id: OrganizationId, member_id: MemberId) -> Self {
        Self { membership: Some((organization_id, member_id)), ..self.clone() }
    }

    /// The access token; a new one once the clock has passed the old one's end.
    pub async fn token(&self) -> String {
        let mut tokens = self.tokens.lock().await;
        if self.site.clock.now() + SignedDuration::from_secs(30) >= tokens.expires_at {
            *tokens = sign_in::tokens(&self.site, &self.username, &self.password).await;
        }
        tokens.access.clone()
    }

    /// What the sign-in gave, as it stands.
    pub async fn tokens(&self) -> Tokens {
        self.tokens.lock().await.clone()
    }

    /// Begins a session: accepts open invitations, and leaves evidence of the sign-in.
    pub async fn begins_session(&self) -> serde_json::Value {
        self.post("/sessions").json(&json!({})).expect(201).await
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Request {
        Request::of(self, Method::GET, path)
    }

    #[track_caller]
    pub fn post(&self, path: &str) -> Request {
        Request::of(self, Method::POST, path)
    }

    #[track_caller]
    pub fn put(&self, path: &str) -> Request {
        Request::of(self, Method::PUT, path)
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Request {
        Request::of(self, Method::DELETE, path)
    }
}
