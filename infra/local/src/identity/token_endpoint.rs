//! The token endpoint and the revocation endpoint (RFC 6749, RFC 7636, RFC 7009).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use rusqlite::Connection;

use super::error::{Failure, IdentityError};
use super::grants::{self, Granted, Redeemed, Redemption};
use super::pages::{Problem, unstored};
use super::tokens::{self, Ingredients, TokenSet};
use super::visit::Visit;
use super::{Identity, accounts};

fn problem(error: &'static str, description: &'static str) -> Problem {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Problem { status, error, description }
}

/// A failure of ours as applications read it.
fn failed(failure: &Failure) -> Response {
    Problem { status: failure.report(), error: "server_error", description: "the service could not answer" }
        .into_response()
}

/// The registered client a request names. All clients are public: one that shows a secret is mistaken.
fn client(identity: &Identity, visit: &Visit) -> Result<String, Box<Response>> {
    if visit.authorization().is_some() || visit.form.get("client_secret").is_some() {
        let problem = problem("invalid_client", "clients here have no secret; send client_id only");
        let mut response = problem.into_response();
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        return Err(Box::new(response));
    }
    let known = visit.form.get("client_id").and_then(|id| identity.inner.clients.get(id));
    known
        .map(|client| client.id.clone())
        .ok_or_else(|| problem("invalid_client", "client_id is missing or not known").into_response().into())
}

pub async fn token(State(identity): State<Identity>, visit: Visit) -> Response {
    let client_id = match client(&identity, &visit) {
        Ok(client_id) => client_id,
        Err(response) => return *response,
    };
    let answered = match visit.form.get("grant_type") {
        Some("authorization_code") => exchange_code(&identity, &visit, client_id).await,
        Some("refresh_token") => exchange_refresh_token(&identity, &visit, client_id).await,
        Some(_) => Ok(Err(problem("unsupported_grant_type", "grant_type is not supported"))),
        None => Ok(Err(problem("invalid_request", "grant_type is missing"))),
    };
    match answered {
        Ok(Ok(tokens)) => unstored(Json(tokens.json()).into_response()),
        Ok(Err(problem)) => problem.into_response(),
        Err(failure) => failed(&failure),
    }
}

type Answer = Result<Result<TokenSet, Problem>, Failure>;

async fn exchange_code(identity: &Identity, visit: &Visit, client_id: String) -> Answer {
    let field = |name: &str| visit.form.get(name).map(ToOwned::to_owned);
    let (Some(code), Some(redirect_uri)) = (field("code"), field("redirect_uri")) else {
        return Ok(Err(problem("invalid_request", "code and redirect_uri are needed")));
    };
    let verifier = field("code_verifier").filter(|verifier| is_verifier(verifier));
    let Some(verifier) = verifier else {
        return Ok(Err(problem("invalid_request", "code_verifier must be 43 to 128 unreserved characters")));
    };
    let shown = Redemption { code, client_id, redirect_uri, verifier };
    let (here, now) = (identity.clone(), identity.seconds());
    identity
        .transact(move |conn| {
            let redeemed = grants::redeem(conn, &shown, now)?;
            conclude(&here, conn, redeemed, now)
        })
        .await
}

/// RFC 7636, section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

async fn exchange_refresh_token(identity: &Identity, visit: &Visit, client_id: String) -> Answer {
    let Some(token) = visit.form.get("refresh_token").map(ToOwned::to_owned) else {
        return Ok(Err(problem("invalid_request", "refresh_token is needed")));
    };
    let scope = visit.form.get("scope").map(ToOwned::to_owned);
    let (here, now) = (identity.clone(), identity.seconds());
    identity
        .transact(move |conn| {
            let redeemed = grants::refresh(conn, &token, &client_id, scope.as_deref(), now)?;
            conclude(&here, conn, redeemed, now)
        })
        .await
}

/// Signs the tokens of a grant, unless its person may no longer sign in.
fn conclude(
    identity: &Identity,
    conn: &Connection,
    redeemed: Redeemed,
    now: i64,
) -> Result<Result<TokenSet, Problem>, IdentityError> {
    let Granted { grant, refresh_token, nonce } = match redeemed {
        Redeemed::Granted(granted) => granted,
        Redeemed::Exceeded => {
            return Ok(Err(problem("invalid_scope", "scope asks for more than was granted")));
        }
        Redeemed::Refused(reason) => return Ok(Err(problem("invalid_grant", reason))),
    };
    let Some(account) = accounts::get(conn, &grant.subject)?.filter(|account| !account.disabled) else {
        grants::revoke(conn, &grant.id, now)?;
        return Ok(Err(problem("invalid_grant", "the person may no longer sign in")));
    };
    let ingredients =
        Ingredients { grant: &grant, account: &account, nonce: nonce.as_deref(), refresh_token, now };
    tokens::issue(identity, ingredients).map(Ok)
}

/// Revokes a refresh token with everything that comes of its grant. Unknown tokens are none already.
pub async fn revoke(State(identity): State<Identity>, visit: Visit) -> Response {
    let client_id = match client(&identity, &visit) {
        Ok(client_id) => client_id,
        Err(response) => return *response,
    };
    let Some(token) = visit.form.get("token").map(ToOwned::to_owned) else {
        return problem("invalid_request", "token is needed").into_response();
    };
    if token.contains('.') {
        // As with a user pool: access and ID tokens are checked without asking here, and end by themselves.
        return problem("unsupported_token_type", "only refresh tokens can be revoked").into_response();
    }
    let now = identity.seconds();
    match identity.transact(move |conn| grants::revoke_token(conn, &token, &client_id, now)).await {
        Ok(()) => unstored(StatusCode::OK.into_response()),
        Err(failure) => failed(&failure),
    }
}
