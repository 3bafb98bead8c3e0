//! SES: takes e-mail and keeps it. Nothing is ever sent anywhere; what was taken can be looked at.

use std::collections::BTreeMap;

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{Database, DatabaseError, Outbox};
use super::faults::Moment;
use super::signature::Expected;
use super::trail::{Call, describe};
use super::{Aws, ambient};

/// The one path that is answered.
const SEND: &str = "/v2/email/outbound-emails";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The largest request (SES takes 40 MB, with attachments that we have none of).
const MAX_BODY: usize = 1024 * 1024;
/// Recipients of one message (SES's own limit).
const MOST_RECIPIENTS: usize = 50;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS mails (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL,
    taken   INTEGER NOT NULL,
    sender  TEXT NOT NULL,
    message TEXT NOT NULL
);
";

/// An e-mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The id that its sender was given.
    pub id: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Whom it says it is from.
    pub from: String,
    /// Whom it is for.
    pub to: Vec<String>,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same in HTML.
    pub html: Option<String>,
    /// Its own headers, by name.
    pub headers: BTreeMap<String, String>,
}

/// The e-mail that was taken; clones share it.
#[derive(Debug, Clone)]
pub struct Ses {
    database: Database,
}

impl Ses {
    pub(crate) async fn open(events: &Outbox) -> Result<Self, DatabaseError> {
        let database = events.database().clone();
        database.write::<_, DatabaseError, _>(|connection| Ok(connection.execute_batch(SCHEMA)?)).await?;
        Ok(Self { database })
    }

    /// All e-mail that was ever taken, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn outbox(&self) -> Result<Vec<Email>, DatabaseError> {
        self.database
            .read(|connection| {
                let query = "SELECT id, taken, sender, message FROM mails ORDER BY seq";
                let mut statement = connection.prepare_cached(query)?;
                let mut rows = statement.query([])?;
                let mut emails = Vec::new();
                while let Some(row) = rows.next()? {
                    let message: String = row.get(3)?;
                    let message: SendEmail = serde_json::from_str(&message)?;
                    let at = Timestamp::from_millisecond(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH);
                    emails.push(message.into_email(row.get(0)?, at, row.get(2)?));
                }
                Ok(emails)
            })
            .await
    }

    /// Keeps a message; gives its id.
    async fn take(&self, message: &SendEmail, body: Bytes, now: Timestamp) -> Result<String, DatabaseError> {
        let id = ambient::new_id().map_err(|error| DatabaseError::Io(std::io::Error::other(error)))?;
        let (id, from) = (id.to_string(), message.from_email_address.clone());
        let kept = id.clone();
        self.database
            .write::<_, DatabaseError, _>(move |connection| {
                let insert = "INSERT INTO mails (id, taken, sender, message) VALUES (?1, ?2, ?3, ?4)";
                let values = params![kept, now.as_millisecond(), from, String::from_utf8_lossy(&body)];
                connection.prepare_cached(insert)?.execute(values)?;
                Ok(())
            })
            .await?;
        Ok(id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Parts,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

impl SendEmail {
    /// Why SES would not take it.
    fn fault(&self) -> Option<&'static str> {
        let addresses = &self.destination.to_addresses;
        let is_one = |address: &String| {
            let parts = address.split_once('@');
            parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
                && !address.contains(char::is_whitespace)
        };
        let simple = &self.content.simple;
        match () {
            () if !is_one(&self.from_email_address) => Some("Invalid sender address"),
            () if addresses.is_empty() => Some("Missing final recipient"),
            () if addresses.len() > MOST_RECIPIENTS => Some("Recipient count exceeds 50"),
            () if !addresses.iter().all(is_one) => Some("Invalid recipient address"),
            () if simple.subject.data.contains(['\r', '\n']) => Some("A subject has one line"),
            () if simple.body.text.is_none() && simple.body.html.is_none() => Some("A message has a body"),
            () => None,
        }
    }

    fn into_email(self, id: String, at: Timestamp, from: String) -> Email {
        let Simple { subject, body, headers } = self.content.simple;
        Email {
            id,
            at,
            from,
            to: self.destination.to_addresses,
            subject: subject.data,
            text: body.text.map(|text| text.data).unwrap_or_default(),
            html: body.html.map(|html| html.data),
            headers: headers.into_iter().map(|header| (header.name, header.value)).collect(),
        }
    }
}

/// Whether a request is for SES: it says so in its signature's scope, as buckets may have any name.
pub(super) fn is_for(parts: &http::request::Parts) -> bool {
    let signed = parts.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    parts.uri.path().starts_with("/v2/email/")
        && signed.is_some_and(|scope| scope.contains("/ses/aws4_request"))
}

struct Answer {
    status: StatusCode,
    error: Option<&'static str>,
    body: Value,
}

impl Answer {
    fn error(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, error: Some(code), body: json!({ "message": message }) }
    }
}

/// Answers a request for SES, and records the call.
pub(super) async fn respond(aws: &Aws, request: Request<Body>) -> Response<Body> {
    let request_id = ambient::new_id().unwrap_or_default().to_string();
    let (parts, body) = request.into_parts();
    let (answer, signed) = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => answer(aws, &parts, body).await,
        Err(_) => {
            let message = "the request cannot be read or is too large";
            (Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "BadRequestException", message), false)
        }
    };
    let call = Call {
        at: ambient::now(),
        request_id: request_id.clone(),
        region: aws.settings().region.clone(),
        account: aws.settings().account.clone(),
        access_key_id: signed.then(|| aws.settings().credentials.access_key_id.clone()),
        service: "ses",
        name: "SendEmail".into(),
        // Whom it is for is nothing for a log.
        parameters: Value::Null,
        key_arns: Vec::new(),
        error_code: answer.error.map(str::to_owned),
        source: describe::source(&parts),
        user_agent: describe::user_agent(&parts.headers),
    };
    aws.trail().add(&call).await;
    let mut response = Response::new(Body::from(answer.body.to_string()));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(code) = answer.error {
        headers.insert(ERROR_TYPE, HeaderValue::from_static(code));
    }
    response
}

/// The answer, and whether the request was signed by our caller.
async fn answer(aws: &Aws, parts: &http::request::Parts, body: Bytes) -> (Answer, bool) {
    let settings = aws.settings();
    let expected = Expected {
        credentials: &settings.credentials,
        region: &settings.region,
        service: "ses",
        now: ambient::now(),
    };
    if let Err(error) = expected.check(parts, &body) {
        return (Answer::error(error.status(), error.code(), &error.to_string()), false);
    }
    if parts.method != Method::POST || parts.uri.path() != SEND {
        let message = "there is nothing here but sending";
        return (Answer::error(StatusCode::NOT_FOUND, "NotFoundException", message), true);
    }
    let failure = || Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "try again");
    let fault = aws.faults().judge("ses", "SendEmail");
    if fault == Some(Moment::Before) {
        return (failure(), true);
    }
    let sent = send(aws, body).await;
    (if fault == Some(Moment::After) { failure() } else { sent }, true)
}

async fn send(aws: &Aws, body: Bytes) -> Answer {
    let refused = |why: &str| Answer::error(StatusCode::BAD_REQUEST, "BadRequestException", why);
    let Ok(message) = serde_json::from_slice::<SendEmail>(&body) else {
        return refused("the message cannot be read; only simple ones are taken here");
    };
    if let Some(fault) = message.fault() {
        return refused(fault);
    }
    match aws.ses().take(&message, body, ambient::now()).await {
        Ok(id) => Answer { status: StatusCode::OK, error: None, body: json!({ "MessageId": id }) },
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "e-mail cannot be kept");
            Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "try again")
        }
    }
}
