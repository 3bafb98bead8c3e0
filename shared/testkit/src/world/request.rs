//! One request to the product and its answer, with what went wrong said where the test asked.

use super::{Actor, Site};
use api::{INTAKE_TOKEN_HEADER, ORGANIZATION_HEADER, PURPOSE_HEADER};
use reqwest::Method;
use serde_json::Value;
use std::{collections::BTreeMap, panic::Location, sync::Arc};

/// Who asks.
#[derive(Clone)]
enum Bearer {
    Nobody,
    Actor(Box<Actor>),
    /// Whatever it is, it is sent as it is.
    Token(String),
}

/// A request that is not sent yet.
#[must_use = "a request does nothing until it is sent"]
#[derive(Clone)]
pub struct Request {
    site: Arc<Site>,
    bearer: Bearer,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    at: &'static Location<'static>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    what: String,
}

impl Request {
    #[track_caller]
    pub(super) fn of_nobody(site: &Arc<Site>) -> Self {
        Self {
            site: Arc::clone(site),
            bearer: Bearer::Nobody,
            method: Method::GET,
            path: "/".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            at: Location::caller(),
        }
    }

    #[track_caller]
    pub(super) fn of(actor: &Actor, method: Method, path: &str) -> Self {
        let request = Self::of_nobody(actor.site()).method(method, path);
        let request = Self { bearer: Bearer::Actor(Box::new(actor.clone())), ..request };
        match actor.organization() {
            Some(id) => request.header(ORGANIZATION_HEADER, &id.to_string()),
            None => request,
        }
    }

    pub fn method(mut self, method: Method, path: &str) -> Self {
        self.method = method;
        path.clone_into(&mut self.path);
        self
    }

    pub fn get(self, path: &str) -> Self {
        self.method(Method::GET, path)
    }

    pub fn post(self, path: &str) -> Self {
        self.method(Method::POST, path)
    }

    /// As somebody else: with this token instead of the actor's own.
    pub fn token(mut self, token: &str) -> Self {
        self.bearer = Bearer::Token(token.to_owned());
        self
    }

    /// As the bearer of an intake link.
    pub fn intake_token(self, token: &str) -> Self {
        self.header(INTAKE_TOKEN_HEADER, token)
    }

    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.query.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Sets a header, instead of one of that name that is there.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The purpose of use, by its FHIR code.
    pub fn purpose(self, code: &str) -> Self {
        self.header(PURPOSE_HEADER, code)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    pub async fn send(self) -> Answer {
        let what = format!("{} {} ({})", self.method, self.path, self.at);
        let mut request = self.site.http.request(self.method, format!("{}{}", self.site.origin(), self.path));
        request = match &self.bearer {
            Bearer::Nobody => request,
            Bearer::Token(token) => request.bearer_auth(token),
            Bearer::Actor(actor) => request.bearer_auth(actor.token().await),
        };
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        if !self.body.is_empty() {
            request = request.body(self.body);
        }
        Answer::read(request, what).await
    }

    /// The body of a success with this status; null when it has none.
    pub async fn expect(self, status: u16) -> Value {
        self.send().await.expect(status)
    }

    /// The body of a refusal with this status and code.
    pub async fn problem(self, status: u16, code: &str) -> Value {
        self.send().await.problem(status, code)
    }
}

impl Answer {
    pub(super) async fn read(request: reqwest::RequestBuilder, what: String) -> Self {
        let response = request.send().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let status = response.status().as_u16();
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = response.bytes().await.unwrap_or_else(|error| panic!("{what}: {error:?}")).to_vec();
        Self { status, headers, body, what }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error} in {}", self.what, self.text()))
    }

    /// The body of a success with this status; null when it has none.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        assert_eq!(self.header("cache-control"), Some("no-store"), "{}: nothing may be cached", self.what);
        self.json()
    }

    /// The body of a refusal with this status and code, in the one form of all refusals.
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.what);
        assert_eq!(self.header("cache-control"), Some("no-store"), "{}: nothing may be cached", self.what);
        let body = self.json();
        assert_eq!(body["code"], code, "{}: {body}", self.what);
        assert_eq!(body["status"], status, "{}: {body}", self.what);
        assert_eq!(body["type"], format!("urn:strongroom:problem:{code}"), "{}: {body}", self.what);
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        assert!(!text("title").is_empty() && !text("detail").is_empty(), "{}: {body}", self.what);
        assert!(text("instance").starts_with("urn:strongroom:request:"), "{}: {body}", self.what);
        body
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(2_000).collect()
    }
}
