//! What API Gateway does in production: finds the function of a route, lets its JWT authorizer look at the
//! token, and hands the function the same event it gets there.

use api::{Access, Function, System};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Request, StatusCode, header};
use local::identity::Identity;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The most bytes of a request the gateway passes on (API Gateway's quota is 10 MB, Lambda's 6 MB).
const REQUEST_BYTES: usize = 6 * 1024 * 1024;

/// The gateway of one system.
pub struct Gateway {
    functions: Vec<Function>,
    system: Arc<System>,
    identity: Identity,
    requests: AtomicU64,
    started: u64,
}

struct Route<'a> {
    function: &'a Function,
    template: &'static str,
    access: Access,
}

impl Gateway {
    pub fn new(functions: Vec<Function>, system: Arc<System>, identity: Identity) -> Self {
        let started = u64::try_from(system.now().as_millisecond()).unwrap_or_default();
        Self { functions, system, identity, requests: AtomicU64::new(0), started }
    }

    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// What a call gets while the first start is still making key, table and bucket.
    pub fn starting(&self) -> Response {
        let detail = "the product is starting; try again in a moment";
        problem(StatusCode::SERVICE_UNAVAILABLE, "starting", detail, "none")
    }

    /// Answers one request of the API.
    pub async fn respond(&self, request: Request<Body>, peer: Option<SocketAddr>) -> Response {
        let request_id = format!("{:x}-{:x}", self.started, self.requests.fetch_add(1, Ordering::Relaxed));
        let (parts, body) = request.into_parts();
        let Some(route) = self.route(parts.method.as_str(), parts.uri.path()) else {
            return problem(
                StatusCode::NOT_FOUND,
                "no_such_operation",
                "there is no such operation",
                &request_id,
            );
        };
        let claims = match self.authorize(&route, &parts.headers) {
            Ok(claims) => claims,
            Err(detail) => {
                let refused = problem(StatusCode::UNAUTHORIZED, "unauthenticated", detail, &request_id);
                return ([(header::WWW_AUTHENTICATE, "Bearer")], refused).into_response();
            }
        };
        let Ok(body) = axum::body::to_bytes(body, REQUEST_BYTES).await else {
            let detail = "a request has at most 6 MiB";
            return problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail, &request_id);
        };
        let event = self.event(&route, &parts, &body, claims, peer, &request_id);
        match lambda_http::request::from_str(&event.to_string()) {
            Ok(request) => reply(api::respond(route.function, &self.system, request).await),
            Err(error) => {
                tracing::error!(%error, "the gateway's event cannot be read");
                let detail = "something went wrong on our side; nothing was changed";
                problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail, &request_id)
            }
        }
    }

    /// The function of a path; of several templates that fit, the one with the method goes first, so that
    /// the function can say 405 where none has it.
    fn route(&self, method: &str, path: &str) -> Option<Route<'_>> {
        let mut found = None;
        for function in &self.functions {
            for endpoint in &function.endpoints {
                let operation = endpoint.operation;
                if !fits(operation.path, path) {
                    continue;
                }
                let route = Route { function, template: operation.path, access: operation.access };
                if operation.method.name() == method {
                    return Some(route);
                }
                found.get_or_insert(route);
            }
        }
        found
    }

    /// The claims of the token, as the JWT authorizer passes them on: every value as text.
    fn authorize(&self, route: &Route<'_>, headers: &HeaderMap) -> Result<Option<Value>, &'static str> {
        if matches!(route.access, Access::IntakeLink | Access::Pass) {
            return Ok(None);
        }
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or("sign in first: send a bearer token")?;
        let claims = self
            .identity
            .verify(bearer.trim(), self.system.now())
            .map_err(|_| "the token is not valid, or not any more; sign in again")?;
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(values) => {
                let values: Vec<String> =
                    values.iter().map(|one| one.as_str().unwrap_or_default().into()).collect();
                format!("[{}]", values.join(" "))
            }
            other => other.to_string(),
        };
        let claims: Map<String, Value> =
            claims.iter().map(|(name, value)| (name.clone(), Value::String(text(value)))).collect();
        Ok(Some(Value::Object(claims)))
    }

    /// The request as API Gateway's payload format 2.0 has it.
    fn event(
        &self,
        route: &Route<'_>,
        parts: &http::request::Parts,
        body: &[u8],
        claims: Option<Value>,
        peer: Option<SocketAddr>,
        request_id: &str,
    ) -> Value {
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let now = self.system.now();
        let key = format!("{method} {}", route.template);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let (body, encoded) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(body), true),
        };
        json!({
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": parts.uri.query().unwrap_or_default(),
            "headers": headers(&parts.headers),
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "authorizer": claims.map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } })),
                "domainName": "localhost",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": peer.map(|peer| peer.ip().to_string()),
                    "userAgent": agent
                },
                "requestId": request_id,
                "routeKey": key,
                "stage": "$default",
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": now.as_millisecond()
            },
            "body": (!body.is_empty()).then_some(body),
            "isBase64Encoded": encoded
        })
    }
}

/// Headers with one line each, as API Gateway joins them.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let Ok(value) = value.to_str() else { continue };
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|line| {
                line.push(',');
                line.push_str(value);
            })
            .or_insert_with(|| value.to_owned());
    }
    joined
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(give)) if want == give || (want.starts_with('{') && !give.is_empty()) => {}
            _ => return false,
        }
    }
}

fn reply(response: lambda_http::Response<lambda_http::Body>) -> Response {
    let (parts, body) = response.into_parts();
    let body = match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    };
    Response::from_parts(parts, body)
}

fn problem(status: StatusCode, code: &str, detail: &str, request_id: &str) -> Response {
    let body = json!({
        "type": format!("urn:strongroom:problem:{code}"),
        "title": code.replace('_', " "),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
        "instance": format!("urn:strongroom:request:{request_id}")
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, kind, body.to_string()).into_response()
}
