//! The authorization endpoint: where an application sends a browser, and what it may ask for.
//!
//! Until client and redirect are known to belong together, mistakes are shown on a page; afterwards they
//! travel back to the application (RFC 6749, section 4.1.2.1).

use axum::extract::State;
use axum::response::Response;

use super::clients::origin_of;
use super::error::Failure;
use super::sessions::{self, Session, Stage};
use super::sign_in::{self, Purpose, SESSION_COOKIE};
use super::visit::{Params, Visit};
use super::{Identity, grants, pages};

const SCOPES: [&str; 3] = ["openid", "profile", "email"];
const TEXT_MAX: usize = 1024;

/// Whether the person must be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Only when nobody is signed in.
    IfNeeded,
    /// Never: without a session the answer is an error.
    Never,
    /// Always, for their password.
    Always,
}

/// A request for a code that may be granted once somebody has signed in.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub client_name: String,
    pub redirect_uri: String,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: String,
    pub prompt: Prompt,
    pub max_age: Option<i64>,
    pub login_hint: Option<String>,
}

/// Why there is no such request.
pub enum Rejection {
    /// Shown here: where it came from cannot be trusted.
    Page(&'static str),
    /// Sent back to the application.
    Redirect { redirect_uri: String, state: Option<String>, error: &'static str, description: &'static str },
}

impl Rejection {
    pub fn respond(self, identity: &Identity) -> Response {
        match self {
            Self::Page(reason) => {
                pages::message(identity, http::StatusCode::BAD_REQUEST, "Sign-in failed", reason)
            }
            Self::Redirect { redirect_uri, state, error, description } => {
                let pairs = [("error", error), ("error_description", description)];
                pages::redirect(&answer(identity, &redirect_uri, state.as_deref(), &pairs))
            }
        }
    }
}

/// The address that takes an answer back, naming the issuer so that answers cannot be mixed up (RFC 9207).
fn answer(identity: &Identity, redirect_uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> String {
    let mut all = pairs.to_vec();
    all.extend(state.map(|state| ("state", state)));
    all.push(("iss", &identity.inner.issuer));
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", serde_urlencoded::to_string(all).unwrap_or_default())
}

impl AuthorizationRequest {
    /// Reads and checks a request.
    pub fn parse(identity: &Identity, params: &Params) -> Result<Self, Rejection> {
        let client = params
            .get("client_id")
            .and_then(|id| identity.inner.clients.get(id))
            .ok_or(Rejection::Page("The application that asked for the sign-in is not known here."))?;
        let redirect_uri = params.get("redirect_uri").filter(|uri| client.may_redirect_to(uri)).ok_or(
            Rejection::Page("The application asked to be answered at an address that is not its own."),
        )?;
        let state = params.get("state").filter(|state| state.len() <= TEXT_MAX).map(ToOwned::to_owned);
        let reject = |(error, description)| Rejection::Redirect {
            redirect_uri: redirect_uri.to_owned(),
            state: state.clone(),
            error,
            description,
        };
        check_kind(params).map_err(reject)?;
        Ok(Self {
            client_id: client.id.clone(),
            client_name: client.name.clone(),
            scope: scope(params).map_err(reject)?,
            nonce: short(params, "nonce").map_err(reject)?,
            code_challenge: challenge(params).map_err(reject)?,
            prompt: prompt(params).map_err(reject)?,
            max_age: max_age(params).map_err(reject)?,
            login_hint: short(params, "login_hint").map_err(reject)?,
            redirect_uri: redirect_uri.to_owned(),
            state,
        })
    }

    /// The request again as a query, for the address of a form. What decided whether to ask is left out, as
    /// the person has been asked.
    pub fn query(&self) -> String {
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        pairs.extend(self.nonce.as_deref().map(|nonce| ("nonce", nonce)));
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    /// The origin a form's answer is redirected to, which its policy must name.
    pub fn origin(&self) -> Option<&str> {
        origin_of(&self.redirect_uri)
    }

    /// Where the browser takes its code.
    pub fn granted(&self, identity: &Identity, code: &str) -> String {
        answer(identity, &self.redirect_uri, self.state.as_deref(), &[("code", code)])
    }

    fn is_met_by(&self, session: &Session, now: i64) -> bool {
        let recent = self.max_age.is_none_or(|max| now.saturating_sub(session.auth_time) <= max);
        session.stage == Stage::Complete && recent && self.prompt != Prompt::Always
    }
}

type Refusal = (&'static str, &'static str);

fn check_kind(params: &Params) -> Result<(), Refusal> {
    if params.get("state").is_some_and(|state| state.len() > TEXT_MAX) {
        return Err(("invalid_request", "state is too long"));
    }
    if params.get("request").is_some() {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if params.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request objects are not supported"));
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "response_mode must be query"));
    }
    match params.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(("unsupported_response_type", "response_type must be code")),
        None => Err(("invalid_request", "response_type is missing")),
    }
}

/// The known scopes among those asked for; `openid` must be one.
fn scope(params: &Params) -> Result<String, Refusal> {
    let asked: Vec<&str> = params.get("scope").unwrap_or_default().split(' ').collect();
    let known: Vec<&str> = SCOPES.into_iter().filter(|scope| asked.contains(scope)).collect();
    if known.contains(&"openid") {
        Ok(known.join(" "))
    } else {
        Err(("invalid_scope", "scope must contain openid"))
    }
}

fn short(params: &Params, name: &str) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(value) if value.len() > TEXT_MAX => Err(("invalid_request", "a parameter is too long")),
        value => Ok(value.map(ToOwned::to_owned)),
    }
}

/// The challenge of PKCE, which every client must send, by its one safe method.
fn challenge(params: &Params) -> Result<String, Refusal> {
    if params.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    let challenge = params.get("code_challenge").ok_or(("invalid_request", "code_challenge is missing"))?;
    match super::crypto::decode(challenge) {
        Some(bytes) if bytes.len() == 32 => Ok(challenge.to_owned()),
        _ => Err(("invalid_request", "code_challenge is not a sha-256 in base64url")),
    }
}

fn prompt(params: &Params) -> Result<Prompt, Refusal> {
    let values: Vec<&str> = params.get("prompt").unwrap_or_default().split_whitespace().collect();
    if values.iter().any(|value| !["none", "login", "consent", "select_account"].contains(value)) {
        return Err(("invalid_request", "prompt is not known"));
    }
    match values.as_slice() {
        ["none"] => Ok(Prompt::Never),
        values if values.contains(&"none") => Err(("invalid_request", "prompt none stands alone")),
        values if values.contains(&"login") || values.contains(&"select_account") => Ok(Prompt::Always),
        _ => Ok(Prompt::IfNeeded),
    }
}

fn max_age(params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(i64::from(seconds))),
        Err(_) => Err(("invalid_request", "max_age is not a number of seconds")),
    }
}

pub async fn get(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    match AuthorizationRequest::parse(&identity, &visit.query) {
        Ok(request) => authorize(&identity, &visit, request).await,
        Err(rejection) => Ok(rejection.respond(&identity)),
    }
}

/// The same as a form (OpenID Connect Core, section 3.1.2.1).
pub async fn post(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    match AuthorizationRequest::parse(&identity, &visit.form) {
        Ok(request) => authorize(&identity, &visit, request).await,
        Err(rejection) => Ok(rejection.respond(&identity)),
    }
}

/// Sends a browser with a good session straight back, and every other to the form.
async fn authorize(
    identity: &Identity,
    visit: &Visit,
    request: AuthorizationRequest,
) -> Result<Response, Failure> {
    let (asked, cookie) = (request.clone(), visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned));
    let now = identity.seconds();
    let code = identity
        .transact(move |conn| {
            let Some(cookie) = cookie else { return Ok(None) };
            match sessions::by_cookie(conn, &cookie, now)? {
                Some(session) if asked.is_met_by(&session, now) => {
                    grants::issue_code(conn, &asked, &session, now).map(Some)
                }
                _ => Ok(None),
            }
        })
        .await?;
    if let Some(code) = code {
        return Ok(pages::redirect(&request.granted(identity, &code)));
    }
    if request.prompt == Prompt::Never {
        let rejection = Rejection::Redirect {
            redirect_uri: request.redirect_uri,
            state: request.state,
            error: "login_required",
            description: "nobody is signed in at this browser",
        };
        return Ok(rejection.respond(identity));
    }
    sign_in::form(identity, visit, &Purpose::Authorize(Box::new(request)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::parse(text).unwrap()
    }

    #[test]
    fn scopes_are_those_known_here() {
        assert_eq!(scope(&params("scope=email+openid+admin")), Ok("openid email".to_owned()));
        assert!(scope(&params("scope=email")).is_err());
        assert!(scope(&params("")).is_err());
    }

    #[test]
    fn prompts_are_read() {
        assert_eq!(prompt(&params("")), Ok(Prompt::IfNeeded));
        assert_eq!(prompt(&params("prompt=none")), Ok(Prompt::Never));
        assert_eq!(prompt(&params("prompt=consent+login")), Ok(Prompt::Always));
        assert!(prompt(&params("prompt=none+login")).is_err());
        assert!(prompt(&params("prompt=shout")).is_err());
    }

    #[test]
    fn only_the_safe_challenge_is_taken() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(challenge(&params(&format!("code_challenge={good}&code_challenge_method=S256"))).is_ok());
        for text in [
            format!("code_challenge={good}&code_challenge_method=plain"),
            format!("code_challenge={good}"),
            format!("code_challenge={good}A&code_challenge_method=S256"),
            "code_challenge_method=S256".to_owned(),
        ] {
            assert!(challenge(&params(&text)).is_err(), "{text}");
        }
    }
}
