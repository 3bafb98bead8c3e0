//! A person's own page about their second factor: setting it up and taking it away.
//!
//! Both need a sign-in of the last minutes, so that a browser left open is not enough.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use rusqlite::Connection;

use super::accounts::{Account, Factor};
use super::attempts::{self, Verdict};
use super::error::{Failure, IdentityError};
use super::events::Origin;
use super::guard::{self, FormGuard};
use super::pages::{self, Field, FormPage, escape};
use super::sessions::{self, Stage};
use super::sign_in::{SESSION_COOKIE, TOO_MANY, counted};
use super::visit::Visit;
use super::{Identity, accounts, totp};

/// How long ago the sign-in may be.
const FRESH_SECONDS: i64 = 600;

const WRONG_CODE: &str = "The code is not right. Check the clock of your device and try the next code.";

type Trouble = Option<(StatusCode, &'static str)>;

/// What is to be done with a right code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Enrol,
    Remove,
}

/// How a change went.
enum Changed {
    Done,
    Refused(StatusCode, &'static str),
    /// The page was about something that is no longer so.
    Outdated,
}

pub async fn show(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    page(&identity, &visit, None).await
}

pub async fn enrol(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    change(identity, visit, Change::Enrol).await
}

pub async fn remove(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    change(identity, visit, Change::Remove).await
}

/// The person whose recent sign-in this browser has.
fn person(conn: &Connection, cookie: Option<&str>, now: i64) -> Result<Option<Account>, IdentityError> {
    let Some(cookie) = cookie else { return Ok(None) };
    let session = sessions::by_cookie(conn, cookie, now)?
        .filter(|session| session.stage == Stage::Complete && now - session.auth_time <= FRESH_SECONDS);
    let Some(session) = session else { return Ok(None) };
    Ok(accounts::get(conn, &session.subject)?.filter(|account| !account.disabled))
}

fn sign_in_first(identity: &Identity) -> Response {
    pages::redirect(&format!("{}/sign-in?continue=security", identity.base_path()))
}

async fn page(identity: &Identity, visit: &Visit, trouble: Trouble) -> Result<Response, Failure> {
    let cookie = visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned);
    let now = identity.seconds();
    let found = identity.transact(move |conn| {
        let Some(account) = person(conn, cookie.as_deref(), now)? else { return Ok(None) };
        let offered = match account.has_second_factor {
            true => None,
            false => Some(accounts::offered_factor(conn, &account.subject)?),
        };
        Ok(Some((account, offered)))
    });
    let Some((account, offered)) = found.await? else { return Ok(sign_in_first(identity)) };
    let guard = FormGuard::new(identity, visit)?;
    let response = match offered {
        Some(factor) => enrol_page(identity, &account, &factor, &guard.token, trouble),
        None => remove_page(identity, &guard.token, trouble),
    };
    Ok(guard.give(identity, response))
}

fn enrol_page(
    identity: &Identity,
    account: &Account,
    factor: &Factor,
    form_token: &str,
    trouble: Trouble,
) -> Response {
    let introduction = format!(
        r#"<p class="quiet">Signed in as {}</p><ol><li>Open an authenticator app and add an account with this key, or <a href="{}">open the app on this device</a>.</li><li>Type the six digits it shows.</li></ol><p id="key-label">Your key, for nobody else:</p><code aria-labelledby="key-label">{}</code>"#,
        escape(&account.name),
        escape(&totp::address(&factor.secret, &account.username)),
        totp::readable(&factor.secret),
    );
    code_form(identity, "Set up a second factor", introduction, "enrol", "Turn on", form_token, trouble)
}

fn remove_page(identity: &Identity, form_token: &str, trouble: Trouble) -> Response {
    let introduction =
        "<p>Your second factor is on. To turn it off, type a code from your authenticator app.</p>"
            .to_owned();
    code_form(identity, "Your second factor", introduction, "remove", "Turn off", form_token, trouble)
}

fn code_form(
    identity: &Identity,
    title: &str,
    introduction: String,
    path: &str,
    button: &str,
    form_token: &str,
    trouble: Trouble,
) -> Response {
    let code = Field {
        name: "code",
        label: "Six-digit code",
        kind: "text",
        autocomplete: "one-time-code",
        value: "",
        hint: None,
        more: r#"inputmode="numeric" maxlength="10""#,
    };
    let page = FormPage {
        status: trouble.map_or(StatusCode::OK, |(status, _)| status),
        title,
        introduction,
        problem: trouble.map(|(_, problem)| problem),
        action: format!("{}/security/{path}", identity.base_path()),
        fields: vec![code],
        button,
        form_token,
        target: None,
    };
    page.respond(identity)
}

async fn change(identity: Identity, visit: Visit, change: Change) -> Result<Response, Failure> {
    if !guard::holds(&identity, &visit) {
        let stale = "This form was open for too long. Please try again.";
        return page(&identity, &visit, Some((StatusCode::FORBIDDEN, stale))).await;
    }
    let cookie = visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned);
    let code = visit.form.get("code").unwrap_or_default().to_owned();
    let (here, origin, now) = (identity.clone(), visit.origin.clone(), identity.seconds());
    let changed = identity.transact(move |conn| {
        let Some(account) = person(conn, cookie.as_deref(), now)? else { return Ok(None) };
        apply(&here, conn, &account, &origin, change, &code, now).map(Some)
    });
    match changed.await? {
        None => Ok(sign_in_first(&identity)),
        Some(Changed::Refused(status, problem)) => page(&identity, &visit, Some((status, problem))).await,
        Some(Changed::Outdated) => Ok(pages::redirect(&format!("{}/security", identity.base_path()))),
        Some(Changed::Done) => Ok(done(&identity, change)),
    }
}

fn done(identity: &Identity, change: Change) -> Response {
    let text = match change {
        Change::Enrol => "From now on, signing in asks for a code from your authenticator app.",
        Change::Remove => "From now on, signing in asks for your password only.",
    };
    pages::message(identity, StatusCode::OK, "Saved", text)
}

fn apply(
    identity: &Identity,
    conn: &Connection,
    account: &Account,
    origin: &Origin,
    change: Change,
    code: &str,
    now: i64,
) -> Result<Changed, IdentityError> {
    if account.has_second_factor == (change == Change::Enrol) {
        return Ok(Changed::Outdated);
    }
    let counted = counted(identity, Some(account), "", origin);
    if attempts::begin(conn, &counted, now)? != Verdict::Allowed {
        return Ok(Changed::Refused(StatusCode::TOO_MANY_REQUESTS, TOO_MANY));
    }
    let factor = match change {
        Change::Enrol => Some(accounts::offered_factor(conn, &account.subject)?),
        Change::Remove => accounts::factor(conn, &account.subject)?,
    };
    let Some(step) = factor.and_then(|factor| totp::accept(&factor, code, now)) else {
        return Ok(Changed::Refused(StatusCode::UNAUTHORIZED, WRONG_CODE));
    };
    attempts::forgive_address(conn, &counted)?;
    attempts::forgive_name(conn, &counted)?;
    accounts::spend_step(conn, &account.subject, step)?;
    match change {
        Change::Enrol => accounts::confirm_factor(conn, &account.subject)?,
        Change::Remove => accounts::remove_factor(conn, &account.subject)?,
    }
    Ok(Changed::Done)
}
