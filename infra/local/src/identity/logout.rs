//! Signing out, begun by an application (OpenID Connect RP-Initiated Logout) or by the person.
//!
//! An application proves with an ID token that it speaks of this very session; without that the person is
//! asked, so that a link on some page cannot sign anybody out.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use rusqlite::Connection;

use super::error::{Failure, IdentityError};
use super::guard::{self, FormGuard};
use super::pages::{self, FormPage};
use super::sessions::{self, Session};
use super::sign_in::SESSION_COOKIE;
use super::visit::{Params, Visit};
use super::{Identity, jwt};

const STATE_MAX: usize = 1024;

/// What an application asks for.
struct Request {
    /// The session its ID token is of.
    hinted_session: Option<String>,
    /// Where the browser goes afterwards; checked.
    destination: Option<String>,
    client_id: Option<String>,
}

impl Request {
    fn parse(identity: &Identity, params: &Params) -> Result<Self, &'static str> {
        let hint = params.get("id_token_hint").and_then(|token| Hint::read(identity, token));
        let named = params.get("client_id");
        if let (Some(hint), Some(named)) = (&hint, named)
            && hint.client_id != named
        {
            return Err("The application and its token do not belong together.");
        }
        let client_id =
            hint.as_ref().map(|hint| hint.client_id.clone()).or_else(|| named.map(ToOwned::to_owned));
        let destination = destination(identity, params, client_id.as_deref())?;
        Ok(Self { hinted_session: hint.map(|hint| hint.session_id), destination, client_id })
    }

    /// The request again, for the form that asks the person.
    fn query(&self, params: &Params) -> String {
        let mut pairs: Vec<(&str, &str)> =
            self.client_id.iter().map(|id| ("client_id", id.as_str())).collect();
        let names = ["post_logout_redirect_uri", "logout_uri", "state"];
        pairs.extend(names.into_iter().filter_map(|name| params.get(name).map(|value| (name, value))));
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }
}

/// What an ID token tells about whose session is to end. It may have expired since.
struct Hint {
    client_id: String,
    session_id: String,
}

impl Hint {
    fn read(identity: &Identity, token: &str) -> Option<Self> {
        let now = identity.seconds();
        let claims = identity.keys(|keys| jwt::authentic(token, |kid| keys.public(kid, now))).ok()?;
        let ours = jwt::text(&claims, "iss") == Some(&identity.inner.issuer);
        let is_id_token = jwt::text(&claims, "token_use") == Some("id");
        let hint = Self {
            client_id: jwt::text(&claims, "aud")?.to_owned(),
            session_id: jwt::text(&claims, "sid")?.to_owned(),
        };
        (ours && is_id_token).then_some(hint)
    }
}

/// The registered address the browser is sent to; `logout_uri` is what a user pool calls it.
fn destination(
    identity: &Identity,
    params: &Params,
    client_id: Option<&str>,
) -> Result<Option<String>, &'static str> {
    let asked = params.get("post_logout_redirect_uri").or_else(|| params.get("logout_uri"));
    let Some(uri) = asked else { return Ok(None) };
    let client = client_id.and_then(|id| identity.inner.clients.get(id));
    if !client.is_some_and(|client| client.may_sign_out_to(uri)) {
        return Err("The application asked to go on at an address that is not its own.");
    }
    let Some(state) = params.get("state") else { return Ok(Some(uri.to_owned())) };
    if state.len() > STATE_MAX {
        return Err("The application's request is too long.");
    }
    let separator = if uri.contains('?') { '&' } else { '?' };
    let state = serde_urlencoded::to_string([("state", state)]).unwrap_or_default();
    Ok(Some(format!("{uri}{separator}{state}")))
}

pub async fn get(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    begin(&identity, &visit, &visit.query).await
}

pub async fn post(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    begin(&identity, &visit, &visit.form).await
}

/// What is to happen with the session of this browser.
enum Decision {
    SignedOut,
    Ask,
}

async fn begin(identity: &Identity, visit: &Visit, params: &Params) -> Result<Response, Failure> {
    let request = match Request::parse(identity, params) {
        Ok(request) => request,
        Err(reason) => return Ok(refuse(identity, reason)),
    };
    let (cookie, hinted) =
        (visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned), request.hinted_session.clone());
    let now = identity.seconds();
    let decision =
        identity.transact(move |conn| decide(conn, cookie.as_deref(), hinted.as_deref(), now)).await?;
    match decision {
        Decision::SignedOut => Ok(signed_out(identity, request.destination)),
        Decision::Ask => ask(identity, visit, &request.query(params), None),
    }
}

fn decide(
    conn: &Connection,
    cookie: Option<&str>,
    hinted: Option<&str>,
    now: i64,
) -> Result<Decision, IdentityError> {
    let session: Option<Session> = match cookie {
        Some(cookie) => sessions::by_cookie(conn, cookie, now)?,
        None => None,
    };
    match (session, hinted) {
        (Some(session), Some(hinted)) if session.id == hinted => {
            sessions::end(conn, hinted, now)?;
            Ok(Decision::SignedOut)
        }
        (Some(_), _) => Ok(Decision::Ask),
        // No session at this browser: the application's own is ended, there is nobody to ask.
        (None, hinted) => {
            hinted.map_or(Ok(()), |hinted| sessions::end(conn, hinted, now))?;
            Ok(Decision::SignedOut)
        }
    }
}

/// The person has said so.
pub async fn confirm(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    let request = match Request::parse(&identity, &visit.query) {
        Ok(request) => request,
        Err(reason) => return Ok(refuse(&identity, reason)),
    };
    if !guard::holds(&identity, &visit) {
        let stale = "This form was open for too long. Please try again.";
        return ask(&identity, &visit, &request.query(&visit.query), Some((StatusCode::FORBIDDEN, stale)));
    }
    if let Some(cookie) = visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned) {
        let now = identity.seconds();
        identity
            .transact(move |conn| match sessions::by_cookie(conn, &cookie, now)? {
                Some(session) => sessions::end(conn, &session.id, now),
                None => Ok(()),
            })
            .await?;
    }
    Ok(signed_out(&identity, request.destination))
}

fn refuse(identity: &Identity, reason: &str) -> Response {
    pages::message(identity, StatusCode::BAD_REQUEST, "Sign-out failed", reason)
}

fn signed_out(identity: &Identity, destination: Option<String>) -> Response {
    let response = match destination {
        Some(uri) => pages::redirect(&uri),
        None => pages::message(identity, StatusCode::OK, "Signed out", "You can close this page."),
    };
    guard::clear_cookie(identity, response, SESSION_COOKIE)
}

fn ask(
    identity: &Identity,
    visit: &Visit,
    query: &str,
    trouble: Option<(StatusCode, &str)>,
) -> Result<Response, Failure> {
    let guard = FormGuard::new(identity, visit)?;
    let target = Params::parse(query).ok().and_then(|params| destination_origin(&params));
    let page = FormPage {
        status: trouble.map_or(StatusCode::OK, |(status, _)| status),
        title: "Sign out?",
        introduction: "<p>You will be signed out of Strongroom at this browser.</p>".to_owned(),
        problem: trouble.map(|(_, problem)| problem),
        action: format!("{}/logout/confirm?{query}", identity.base_path()),
        fields: Vec::new(),
        button: "Sign out",
        form_token: &guard.token,
        target: target.as_deref(),
    };
    let response = page.respond(identity);
    Ok(guard.give(identity, response))
}

/// The origin of a destination that has been checked.
fn destination_origin(params: &Params) -> Option<String> {
    let uri = params.get("post_logout_redirect_uri").or_else(|| params.get("logout_uri"))?;
    super::clients::origin_of(uri).map(ToOwned::to_owned)
}
