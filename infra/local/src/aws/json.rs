//! The front of the services that speak AWS JSON (DynamoDB and its streams, KMS, SQS): reads the
//! request whole, checks who signed it, has it answered, and records the call.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::faults::Moment;
use super::signature::{Expected, SignatureError};
use super::sqs::MAX_BODY;
use super::trail::{Call, describe};
use super::{Aws, ambient, sqs};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");
const CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    DynamoDb,
    Kms,
    Sqs,
}

impl Service {
    /// The service and operation that a target names.
    fn parse(target: &str) -> Option<(Self, &str)> {
        let (prefix, operation) = target.split_once('.')?;
        match prefix {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Some((Self::DynamoDb, operation)),
            "TrentService" => Some((Self::Kms, operation)),
            "AmazonSQS" => Some((Self::Sqs, operation)),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Kms => "kms",
            Self::Sqs => "sqs",
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::DynamoDb | Self::Sqs => "application/x-amz-json-1.0",
            Self::Kms => "application/x-amz-json-1.1",
        })
    }

    /// The largest request: DynamoDB's own limit; KMS's are far smaller than its bound here.
    fn max_body(self) -> usize {
        match self {
            Self::DynamoDb => 16 * 1024 * 1024,
            Self::Kms => 256 * 1024,
            // A batch, whose text is written in JSON inside of JSON.
            Self::Sqs => 4 * MAX_BODY,
        }
    }
}

struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    fn error(status: StatusCode, code: &str, message: &str) -> Self {
        let body = json!({ "__type": code, "message": message }).to_string();
        Self { status, body: body.into() }
    }

    fn error_code(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Error {
            #[serde(rename = "__type")]
            kind: String,
        }
        if self.status.is_success() {
            return None;
        }
        let error = serde_json::from_slice::<Error>(&self.body).ok()?;
        Some(error.kind.rsplit('#').next().unwrap_or_default().to_owned())
    }
}

/// Answers a request that has an `X-Amz-Target`.
pub(super) async fn respond(aws: &Aws, request: Request<Body>) -> Response<Body> {
    let request_id = ambient::new_id().unwrap_or_default();
    let (parts, body) = request.into_parts();
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((service, operation)) = Service::parse(target) else {
        let answer = Answer::error(StatusCode::BAD_REQUEST, "UnknownOperationException", "unknown operation");
        return reply(Service::DynamoDb, request_id, answer);
    };
    let Ok(body) = axum::body::to_bytes(body, service.max_body()).await else {
        let message = "the request cannot be read or is too large";
        let answer = Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message);
        return reply(service, request_id, answer);
    };
    let signed = check(aws, service, &parts, &body);
    if signed.is_ok() {
        aws.faults().wait(operation).await;
    }
    let answer = match signed {
        Ok(()) => match aws.faults().judge(service.name(), operation) {
            None => answer(aws, service, target, body.clone()).await,
            Some(Moment::Before) => unlucky(),
            Some(Moment::After) => {
                answer(aws, service, target, body.clone()).await;
                unlucky()
            }
        },
        Err(error) => Answer::error(error.status(), error.code(), &error.to_string()),
    };
    let call = Call {
        at: ambient::now(),
        request_id: request_id.to_string(),
        region: aws.settings().region.clone(),
        account: aws.settings().account.clone(),
        access_key_id: signed.is_ok().then(|| aws.settings().credentials.access_key_id.clone()),
        service: service.name(),
        name: operation.chars().take(64).collect::<String>().into(),
        parameters: match service {
            Service::DynamoDb => describe::tables(&body),
            Service::Kms => describe::keys(&body),
            Service::Sqs => describe::queue(&body),
        },
        key_arns: if service == Service::Kms { describe::keys_used(&answer.body) } else { Vec::new() },
        error_code: answer.error_code(),
        source: describe::source(&parts),
        user_agent: describe::user_agent(&parts.headers),
    };
    aws.trail().add(&call).await;
    reply(service, request_id, answer)
}

/// The answer to a call that is meant to fail.
fn unlucky() -> Answer {
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "it failed, as it was meant to")
}

fn check(aws: &Aws, service: Service, parts: &Parts, body: &[u8]) -> Result<(), SignatureError> {
    let settings = aws.settings();
    let expected = Expected {
        credentials: &settings.credentials,
        region: &settings.region,
        service: service.name(),
        now: ambient::now(),
    };
    expected.check(parts, body)
}

async fn answer(aws: &Aws, service: Service, target: &str, body: Bytes) -> Answer {
    match service {
        Service::DynamoDb => {
            let answer = aws.dynamodb().respond(target, body).await;
            Answer { status: answer.status, body: answer.body }
        }
        Service::Sqs => {
            let operation = target.rsplit('.').next().unwrap_or_default();
            let answer = aws.sqs().respond(operation, &body).await;
            Answer { status: answer.status, body: answer.body }
        }
        Service::Kms => {
            let (kms, target) = (aws.kms().clone(), target.to_owned());
            // Off the asynchronous threads: changing a key waits for the disk.
            let answered = tokio::task::spawn_blocking(move || kms.respond(&target, &body)).await;
            match answered {
                Ok((status, body)) => Answer { status, body: body.into() },
                Err(_) => {
                    let message = "the request was interrupted";
                    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "KMSInternalException", message)
                }
            }
        }
    }
}

fn reply(service: Service, request_id: Uuid, answer: Answer) -> Response<Body> {
    let checksum = crc32fast::hash(&answer.body);
    let legacy = (service == Service::Sqs)
        .then(|| answer.error_code())
        .flatten()
        .and_then(|code| sqs::legacy_code(&code));
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, service.content_type());
    if let Ok(id) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if service == Service::DynamoDb {
        headers.insert(CRC32, HeaderValue::from(checksum));
    }
    if let Some(code) = legacy {
        headers.insert(QUERY_ERROR, HeaderValue::from_static(code));
    }
    response
}
