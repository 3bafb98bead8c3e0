//! The userinfo endpoint: what is known of a person now, for the bearer of their access token.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::pages::{Problem, unstored};
use super::visit::Visit;
use super::{Identity, accounts, grants, jwt};

pub async fn userinfo(State(identity): State<Identity>, visit: Visit) -> Response {
    let bearer = visit.authorization().and_then(|value| value.split_once(' '));
    let Some((_, token)) = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return challenge(StatusCode::UNAUTHORIZED.into_response(), "Bearer realm=\"userinfo\"");
    };
    let now = identity.now();
    let claims = match identity.verify(token.trim(), now) {
        Ok(claims) if jwt::text(&claims, "token_use") == Some("access") => claims,
        _ => return invalid(),
    };
    let (Some(subject), Some(grant_id)) = (owned(&claims, "sub"), owned(&claims, "origin_jti")) else {
        return invalid();
    };
    let found = identity.transact(move |conn| {
        let live = grants::is_live(conn, &grant_id, now.as_second())?;
        let account = accounts::get(conn, &subject)?;
        Ok(account.filter(|account| live && !account.disabled))
    });
    match found.await {
        Ok(Some(account)) => {
            let scope = jwt::text(&claims, "scope").unwrap_or_default();
            unstored(Json(facts(&account, scope)).into_response())
        }
        Ok(None) => invalid(),
        Err(failure) => {
            let status = failure.report();
            Problem { status, error: "server_error", description: "the service could not answer" }
                .into_response()
        }
    }
}

fn owned(claims: &jwt::Claims, name: &str) -> Option<String> {
    jwt::text(claims, name).map(ToOwned::to_owned)
}

/// What the token's scopes open.
fn facts(account: &Account, scope: &str) -> Map<String, Value> {
    let has = |name: &str| scope.split(' ').any(|scope| scope == name);
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    put("sub", json!(account.subject));
    if has("profile") {
        put("name", json!(account.name));
        put("username", json!(account.username));
        put("preferred_username", json!(account.username));
    }
    if has("email") {
        put("email", json!(account.email));
        put("email_verified", json!(account.email_verified));
    }
    facts
}

fn invalid() -> Response {
    let problem = Problem {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_token",
        description: "the access token is not good",
    };
    challenge(problem.into_response(), "Bearer realm=\"userinfo\", error=\"invalid_token\"")
}

fn challenge(mut response: Response, value: &'static str) -> Response {
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
    response
}
