//! What applications may know beforehand: the issuer's configuration and its keys, and which pages may call
//! it from a browser.

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::error::Failure;
use super::{Identity, jwt};

/// The configuration of OpenID Connect Discovery.
pub async fn configuration(State(identity): State<Identity>) -> Response {
    let issuer = &identity.inner.issuer;
    let at = |path: &str| format!("{issuer}/{path}");
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "revocation_endpoint": at("revoke"),
        "end_session_endpoint": at("logout"),
        "jwks_uri": at("jwks.json"),
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [jwt::ALGORITHM],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "sid", "jti",
            "name", "email", "email_verified", "username", "cognito:username", "token_use",
        ],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    });
    cached(Json(body).into_response())
}

/// The public keys, the current one first.
pub async fn jwks(State(identity): State<Identity>) -> Result<Response, Failure> {
    let now = identity.seconds();
    let set = identity.keys(|keys| keys.jwks(now))?;
    Ok(cached(Json(set).into_response()))
}

fn cached(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    response
}

/// Lets the pages of registered applications call these endpoints from another origin, without cookies.
pub async fn cross_origin(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let known =
        origin.filter(|origin| origin.to_str().is_ok_and(|text| identity.inner.clients.know_origin(text)));
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = known {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        allow(headers, is_preflight);
    }
    response
}

fn allow(headers: &mut HeaderMap, is_preflight: bool) {
    if is_preflight {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
}
