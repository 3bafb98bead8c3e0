//! A clinic's work from several desks at once, where the product may die at any moment: each act is either
//! acknowledged or it is not known whether it happened.
//!
//! | module | what it is for |
//! |---|---|
//! | here | one request that may stay without an answer, and choices from a seed |
//! | `act` | what is done at a desk, what is asked for it, and which evidence it leaves |
//! | `desk` | who does it, and what they know of it: what must be there afterwards |

mod act;
mod desk;

pub use act::{Act, content};
pub use desk::{Chart, Contribution, Desk, Done, Filed, Folder, LOOKING, Note, Place, Step, Upload};

use reqwest::{Client, Method, StatusCode, header::USER_AGENT};
use serde_json::Value;
use std::time::Duration;
use testkit::{Actor, world::Presigned};

/// How long one answer may take before the product is held to hang.
const TIMEOUT: Duration = Duration::from_secs(60);

/// No answer came: what was asked for has happened, or it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// Who asks.
#[derive(Clone)]
pub enum Bearer {
    Member(Actor),
    /// The token of an intake link.
    Link(String),
}

/// What is asked, without who asks and how often.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub body: Value,
    /// The status of a success.
    pub success: u16,
}

impl Ask {
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body, success: 201 }
    }

    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PUT, path: path.into(), body, success: 200 }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: Value::Null, success: 200 }
    }

    #[must_use]
    pub fn answered_by(self, success: u16) -> Self {
        Self { success, ..self }
    }
}

/// An answer that came whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub body: Value,
    /// Whether it is the answer that an earlier call got, or was to get.
    pub replayed: bool,
}

/// The way to the product. Unlike the one of `testkit`, it survives the product's end.
#[derive(Clone)]
pub struct Line {
    http: Client,
    origin: String,
}

impl Line {
    pub fn to(origin: &str) -> Self {
        let http = Client::builder().timeout(TIMEOUT).build().expect("a client");
        Self { http, origin: origin.to_owned() }
    }

    /// Asks once; `agent` is by what evidence will know the request. A refusal is a defect: nobody asks here
    /// for what they may not have.
    pub async fn ask(&self, who: &Bearer, ask: &Ask, agent: &str, key: Option<&str>) -> Result<Answer, Gone> {
        let request = self.http.request(ask.method.clone(), format!("{}{}", self.origin, ask.path));
        let request = match who {
            Bearer::Member(actor) => request
                .bearer_auth(actor.token().await)
                .header(api::ORGANIZATION_HEADER, actor.organization_id().to_string()),
            Bearer::Link(token) => request.header(api::INTAKE_TOKEN_HEADER, token),
        };
        let request = request.header(USER_AGENT, agent);
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        let request = if ask.body.is_null() { request } else { request.json(&ask.body) };
        let response = request.send().await.map_err(|_| Gone)?;
        let (status, replayed) = (response.status(), response.headers().contains_key("idempotency-replayed"));
        let body = response.bytes().await.map_err(|_| Gone)?;
        let said = String::from_utf8_lossy(&body);
        assert_eq!(status.as_u16(), ask.success, "{} {} by `{agent}`: {said}", ask.method, ask.path);
        let body =
            serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{}: {error}: {said}", ask.path));
        Ok(Answer { body, replayed })
    }

    /// Makes a presigned request; the bytes that come back are those of the object, or nothing of interest.
    pub async fn transfer(&self, signed: &Presigned, bytes: Vec<u8>) -> Result<Vec<u8>, Gone> {
        let mut request = self.http.request(signed.method.clone(), &signed.url);
        for (name, value) in signed.headers.iter().filter(|(name, _)| *name != "content-length") {
            request = request.header(name, value);
        }
        let request = if bytes.is_empty() { request } else { request.body(bytes) };
        let response = request.send().await.map_err(|_| Gone)?;
        let status = response.status();
        let body = response.bytes().await.map_err(|_| Gone)?;
        assert_eq!(status, StatusCode::OK, "object storage refused: {}", String::from_utf8_lossy(&body));
        Ok(body.to_vec())
    }
}

/// Choices from a seed (SplitMix64): the same seed makes the same ones.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// One of them; none when there is none.
    pub fn pick<T: Copy>(&mut self, some: &[T]) -> Option<T> {
        some.get(self.below(some.len())).copied()
    }
}

/// The text of a field of an answer.
pub fn text(answer: &Value, field: &str) -> String {
    let text = answer[field].as_str().unwrap_or_else(|| panic!("no text in `{field}` of {answer}"));
    text.to_owned()
}

pub fn number(answer: &Value, field: &str) -> u64 {
    answer[field].as_u64().unwrap_or_else(|| panic!("no number in `{field}` of {answer}"))
}

/// The rows of a list in an answer.
pub fn rows<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().unwrap_or_else(|| panic!("no list in `{field}` of {answer}"))
}
