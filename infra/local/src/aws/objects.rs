//! The front of S3: hands the request on as it streams, and records the call.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::faults::Moment;
use super::trail::{Call, describe};
use super::{Aws, ambient};

/// An error's body is read whole, to record its code; none is longer.
const MAX_ERROR: usize = 64 * 1024;

/// Answers a request for S3.
pub(super) async fn respond(aws: &Aws, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut call = describe_call(aws, &parts, ambient::now());
    let response = answer(aws, &call.name, Request::from_parts(parts, body)).await;
    let (response, error_code) = error_code(response).await;
    call.error_code = error_code;
    call.request_id = request_id(&response);
    aws.trail().add(&call).await;
    response
}

/// Hands the request on, unless it is meant to fail. Of presigned requests none is: those are no functions'.
async fn answer(aws: &Aws, name: &str, request: Request<Body>) -> Response<Body> {
    let is_presigned = !request.headers().contains_key(http::header::AUTHORIZATION);
    match (!is_presigned).then(|| aws.faults().judge("s3", name)).flatten() {
        None => aws.s3().respond(request).await,
        Some(Moment::Before) => unlucky(),
        Some(Moment::After) => {
            let answered = aws.s3().respond(request).await;
            // What was to be read is thrown away, so that all of the call has happened.
            drop(axum::body::to_bytes(answered.into_body(), usize::MAX).await);
            unlucky()
        }
    }
}

/// The answer to a call that is meant to fail.
fn unlucky() -> Response<Body> {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>InternalError</Code>\
                <Message>it failed, as it was meant to</Message></Error>";
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// The id that S3 gave the request, by which its caller may ask about it.
fn request_id(response: &Response<Body>) -> String {
    let id = response.headers().get("x-amz-request-id").and_then(|value| value.to_str().ok());
    id.unwrap_or_default().to_owned()
}

fn describe_call(aws: &Aws, parts: &http::request::Parts, at: Timestamp) -> Call {
    let ours = &aws.settings().credentials.access_key_id;
    let parameters = describe::object(parts);
    Call {
        at,
        request_id: String::new(),
        region: aws.settings().region.clone(),
        account: aws.settings().account.clone(),
        access_key_id: describe::claimed_key(parts).filter(|claimed| claimed == ours),
        service: "s3",
        name: describe::s3_name(parts),
        parameters: if parameters.as_object().is_some_and(serde_json::Map::is_empty) {
            Value::Null
        } else {
            parameters
        },
        key_arns: Vec::new(),
        error_code: None,
        source: describe::source(parts),
        user_agent: describe::user_agent(&parts.headers),
    }
}

/// Reads the code out of an error, and leaves any other response to stream.
async fn error_code(response: Response<Body>) -> (Response<Body>, Option<String>) {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, MAX_ERROR).await.unwrap_or_else(|_| Bytes::new());
    let text = String::from_utf8_lossy(&body);
    let code = between(&text, "<Code>", "</Code>")
        .map_or_else(|| Cow::Owned(status.as_u16().to_string()), Cow::Borrowed);
    let code = code.into_owned();
    (Response::from_parts(parts, Body::from(body)), Some(code))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_errors_code_is_read_and_its_body_kept() {
        let body = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>";
        let response = Response::builder().status(404).body(Body::from(body)).unwrap();
        let (response, code) = error_code(response).await;
        assert_eq!(code.as_deref(), Some("NoSuchKey"));
        let kept = axum::body::to_bytes(response.into_body(), MAX_ERROR).await.unwrap();
        assert_eq!(kept, body);
        let head = Response::builder().status(404).body(Body::empty()).unwrap();
        assert_eq!(error_code(head).await.1.as_deref(), Some("404"));
        assert_eq!(error_code(Response::new(Body::from("<Code>data</Code>"))).await.1, None);
    }
}
