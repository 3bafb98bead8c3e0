//! Signing in at a browser: password, then the code of a second factor, then a password of one's own, as far
//! as each is asked of the person.
//!
//! Wrong names, wrong passwords and disabled people get one answer after one time.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use rusqlite::Connection;

use super::accounts::Account;
use super::attempts::{self, Counted, Verdict};
use super::authorize::{AuthorizationRequest, Rejection};
use super::error::{Failure, IdentityError};
use super::events::{self, Origin, SignInOutcome};
use super::guard::{self, FormGuard};
use super::pages::{self, Field, FormPage, escape};
use super::sessions::{self, Methods, Session, Stage};
use super::visit::{Params, Visit};
use super::{Identity, accounts, grants, passwords, totp};

pub const SESSION_COOKIE: &str = "strongroom_session";
/// Separate from the session's, so that an unfinished sign-in does not end a finished one.
const STEP_COOKIE: &str = "strongroom_step";

const STALE_FORM: &str = "This form was open for too long. Please try again.";
const STALE_STEP: &str = "That took too long. Please sign in again.";
const WRONG: &str = "The username or the password is not right.";
const WRONG_CODE: &str = "The code is not right. Wait for the next one and try again.";
pub const TOO_MANY: &str = "There were too many attempts. Please wait some minutes and try again.";

/// What the sign-in is for.
#[derive(Clone)]
pub enum Purpose {
    Authorize(Box<AuthorizationRequest>),
    /// The page about one's own second factor.
    Security,
}

impl Purpose {
    fn read(identity: &Identity, params: &Params) -> Result<Self, Rejection> {
        if params.get("continue") == Some("security") {
            return Ok(Self::Security);
        }
        AuthorizationRequest::parse(identity, params).map(|request| Self::Authorize(Box::new(request)))
    }

    fn query(&self) -> String {
        match self {
            Self::Authorize(request) => request.query(),
            Self::Security => "continue=security".to_owned(),
        }
    }

    fn target(&self) -> Option<&str> {
        match self {
            Self::Authorize(request) => request.origin(),
            Self::Security => None,
        }
    }

    fn introduction(&self) -> String {
        let to = match self {
            Self::Authorize(request) => escape(&request.client_name),
            Self::Security => "your sign-in settings".to_owned(),
        };
        format!(r#"<p class="quiet">to continue to {to}</p>"#)
    }
}

/// What stays the same through one request of somebody signing in.
#[derive(Clone)]
struct Visitor {
    identity: Identity,
    purpose: Purpose,
    origin: Origin,
    session_cookie: Option<String>,
    step_cookie: Option<String>,
    now: i64,
}

impl Visitor {
    fn new(identity: &Identity, visit: &Visit, purpose: Purpose) -> Self {
        Self {
            identity: identity.clone(),
            purpose,
            origin: visit.origin.clone(),
            session_cookie: visit.cookie(SESSION_COOKIE).map(ToOwned::to_owned),
            step_cookie: visit.cookie(STEP_COOKIE).map(ToOwned::to_owned),
            now: identity.seconds(),
        }
    }

    fn record(
        &self,
        conn: &Connection,
        outcome: SignInOutcome,
        account: Option<&Account>,
    ) -> Result<(), IdentityError> {
        events::record(conn, outcome, account, &self.origin, self.now)
    }

    /// The unfinished sign-in of this browser, when it is at `stage`.
    fn step(&self, conn: &Connection, stage: Stage) -> Result<Option<(Session, Account)>, IdentityError> {
        let Some(cookie) = &self.step_cookie else { return Ok(None) };
        let Some(session) = sessions::by_cookie(conn, cookie, self.now)? else { return Ok(None) };
        let account = accounts::get(conn, &session.subject)?.filter(|account| !account.disabled);
        Ok(account.filter(|_| session.stage == stage).map(|account| (session, account)))
    }

    /// Goes on once all factors were right: asks for a new password, or signs the person in.
    fn proceed(&self, conn: &Connection, account: &Account, methods: Methods) -> Result<Next, IdentityError> {
        if account.must_change_password {
            let (_, cookie) = sessions::begin(conn, &account.subject, Stage::NewPassword, methods, self.now)?;
            return Ok(Next::Step { stage: Stage::NewPassword, cookie });
        }
        let previous = match &self.session_cookie {
            Some(cookie) => sessions::by_cookie(conn, cookie, self.now)?,
            None => None,
        };
        let (session, cookie) = sessions::complete(conn, previous, &account.subject, methods, self.now)?;
        attempts::forgive_name(conn, &self.counted(Some(account), ""))?;
        self.record(conn, SignInOutcome::Succeeded, Some(account))?;
        let location = match &self.purpose {
            Purpose::Authorize(request) => {
                request.granted(&self.identity, &grants::issue_code(conn, request, &session, self.now)?)
            }
            Purpose::Security => format!("{}/security", self.identity.base_path()),
        };
        Ok(Next::Done { cookie, location })
    }

    fn counted(&self, account: Option<&Account>, typed: &str) -> Counted {
        counted(&self.identity, account, typed, &self.origin)
    }
}

/// Whom an attempt counts against. All names of a known person count as one.
pub fn counted(identity: &Identity, account: Option<&Account>, typed: &str, origin: &Origin) -> Counted {
    let name = match account {
        Some(account) => format!("subject {}", account.subject),
        None => format!("typed {}", typed.trim().to_ascii_lowercase()),
    };
    Counted::new(&identity.inner.throttle_key, &name, origin.ip)
}

/// What comes after a step.
enum Next {
    /// Nothing new: the same page with this problem.
    Again(StatusCode, &'static str),
    /// From the beginning: the steps before are no longer good.
    Restart,
    Step {
        stage: Stage,
        cookie: String,
    },
    Done {
        cookie: String,
        location: String,
    },
}

/// Shows the form again, for a browser that reloads it.
pub async fn show(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    match Purpose::read(&identity, &visit.query) {
        Ok(purpose) => form(&identity, &visit, &purpose),
        Err(rejection) => Ok(rejection.respond(&identity)),
    }
}

/// The sign-in form.
pub fn form(identity: &Identity, visit: &Visit, purpose: &Purpose) -> Result<Response, Failure> {
    let hint = match purpose {
        Purpose::Authorize(request) => request.login_hint.clone().unwrap_or_default(),
        Purpose::Security => String::new(),
    };
    password_page(identity, visit, purpose, &hint, None)
}

type Trouble = Option<(StatusCode, &'static str)>;

fn password_page(
    identity: &Identity,
    visit: &Visit,
    purpose: &Purpose,
    username: &str,
    trouble: Trouble,
) -> Result<Response, Failure> {
    // The cursor waits where the visitor types next.
    let (first, second) = if username.is_empty() { ("autofocus", "") } else { ("", "autofocus") };
    let first = format!(r#"maxlength="254" autocapitalize="none" spellcheck="false" {first}"#);
    let second = format!(r#"maxlength="{}" {second}"#, passwords::LENGTH_MAX);
    let fields = vec![
        input("username", "Username or e-mail address", "text", "username", username, &first),
        input("password", "Password", "password", "current-password", "", &second),
    ];
    page(
        identity,
        visit,
        purpose,
        trouble,
        &Form {
            title: "Sign in",
            introduction: purpose.introduction(),
            path: "sign-in",
            fields,
            button: "Sign in",
        },
    )
}

fn code_page(
    identity: &Identity,
    visit: &Visit,
    purpose: &Purpose,
    trouble: Trouble,
) -> Result<Response, Failure> {
    let more = r#"inputmode="numeric" maxlength="10" autofocus"#;
    page(
        identity,
        visit,
        purpose,
        trouble,
        &Form {
            title: "Enter your code",
            introduction:
                r#"<p class="quiet">Open your authenticator app and type the six digits it shows.</p>"#
                    .to_owned(),
            path: "sign-in/code",
            fields: vec![input("code", "Six-digit code", "text", "one-time-code", "", more)],
            button: "Continue",
        },
    )
}

fn new_password_page(
    identity: &Identity,
    visit: &Visit,
    purpose: &Purpose,
    trouble: Trouble,
) -> Result<Response, Failure> {
    let more = format!(r#"minlength="{}" maxlength="{}""#, passwords::LENGTH_MIN, passwords::LENGTH_MAX);
    let first = format!("{more} autofocus");
    let mut new = input("new_password", "New password", "password", "new-password", "", &first);
    new.hint = Some("At least 12 characters. A few unrelated words are easy to remember.");
    page(
        identity,
        visit,
        purpose,
        trouble,
        &Form {
            title: "Choose your own password",
            introduction: r#"<p class="quiet">The password you were given works for this once.</p>"#
                .to_owned(),
            path: "sign-in/new-password",
            fields: vec![new, input("repeated", "New password again", "password", "new-password", "", &more)],
            button: "Save and continue",
        },
    )
}

fn input<'a>(
    name: &'a str,
    label: &'a str,
    kind: &'a str,
    autocomplete: &'a str,
    value: &'a str,
    more: &'a str,
) -> Field<'a> {
    Field { name, label, kind, autocomplete, value, hint: None, more }
}

/// What differs between the three pages.
struct Form<'a> {
    title: &'a str,
    introduction: String,
    path: &'a str,
    fields: Vec<Field<'a>>,
    button: &'a str,
}

fn page(
    identity: &Identity,
    visit: &Visit,
    purpose: &Purpose,
    trouble: Trouble,
    form: &Form<'_>,
) -> Result<Response, Failure> {
    let guard = FormGuard::new(identity, visit)?;
    let page = FormPage {
        status: trouble.map_or(StatusCode::OK, |(status, _)| status),
        title: form.title,
        introduction: form.introduction.clone(),
        problem: trouble.map(|(_, problem)| problem),
        action: format!("{}/{}?{}", identity.base_path(), form.path, purpose.query()),
        fields: form.fields.clone(),
        button: form.button,
        form_token: &guard.token,
        target: purpose.target(),
    };
    let response = page.respond(identity);
    Ok(guard.give(identity, response))
}

/// Answers a step with what comes next; `same` is the page of the step itself.
fn answer(
    visitor: &Visitor,
    visit: &Visit,
    next: Next,
    same: impl FnOnce(Trouble) -> Result<Response, Failure>,
) -> Result<Response, Failure> {
    visitor.identity.announce_event();
    let (identity, purpose) = (&visitor.identity, &visitor.purpose);
    match next {
        Next::Again(status, problem) => same(Some((status, problem))),
        Next::Restart => {
            password_page(identity, visit, purpose, "", Some((StatusCode::FORBIDDEN, STALE_STEP)))
        }
        Next::Step { stage, cookie } => {
            let response = match stage {
                Stage::Code => code_page(identity, visit, purpose, None)?,
                Stage::NewPassword | Stage::Complete => new_password_page(identity, visit, purpose, None)?,
            };
            Ok(guard::set_cookie(identity, response, STEP_COOKIE, &cookie))
        }
        Next::Done { cookie, location } => {
            let response = guard::set_cookie(identity, pages::redirect(&location), SESSION_COOKIE, &cookie);
            Ok(guard::clear_cookie(identity, response, STEP_COOKIE))
        }
    }
}

/// The first step: name and password.
pub async fn submit_password(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    let purpose = match Purpose::read(&identity, &visit.query) {
        Ok(purpose) => purpose,
        Err(rejection) => return Ok(rejection.respond(&identity)),
    };
    let typed: String = visit.form.get("username").unwrap_or_default().chars().take(254).collect();
    let visitor = Visitor::new(&identity, &visit, purpose);
    let same = |trouble| password_page(&identity, &visit, &visitor.purpose, &typed, trouble);
    if !guard::holds(&identity, &visit) {
        return same(Some((StatusCode::FORBIDDEN, STALE_FORM)));
    }
    let next = check_password(&visitor, &typed, visit.form.get("password").unwrap_or_default()).await?;
    answer(&visitor, &visit, next, same)
}

async fn check_password(visitor: &Visitor, typed: &str, password: &str) -> Result<Next, Failure> {
    let (begin, name) = (visitor.clone(), typed.to_owned());
    let begun = visitor.identity.transact(move |conn| begin_attempt(&begin, conn, &name)).await?;
    let Some((account, kept)) = begun else {
        return Ok(Next::Again(StatusCode::TOO_MANY_REQUESTS, TOO_MANY));
    };
    let fits = password.len() <= passwords::LENGTH_MAX;
    let password = if fits { password.to_owned() } else { String::new() };
    let right = visitor.identity.inner.hashing.check(password, kept).await?;
    let conclude = visitor.clone();
    visitor.identity.transact(move |conn| conclude_attempt(&conclude, conn, account, right)).await
}

type Claimed = (Option<Account>, Option<String>);

/// Counts the attempt; gives the person claimed and the hash to check, or nothing when it has to wait.
fn begin_attempt(
    visitor: &Visitor,
    conn: &Connection,
    typed: &str,
) -> Result<Option<Claimed>, IdentityError> {
    let account = accounts::find(conn, typed)?;
    let counted = visitor.counted(account.as_ref(), typed);
    if attempts::begin(conn, &counted, visitor.now)? != Verdict::Allowed {
        visitor.record(conn, SignInOutcome::Throttled, account.as_ref())?;
        return Ok(None);
    }
    let kept = match &account {
        Some(account) => Some(accounts::password_hash(conn, &account.subject)?),
        None => None,
    };
    Ok(Some((account, kept)))
}

fn conclude_attempt(
    visitor: &Visitor,
    conn: &Connection,
    claimed: Option<Account>,
    right: bool,
) -> Result<Next, IdentityError> {
    // Read again: they may have been disabled while the password was checked.
    let account = match claimed {
        Some(claimed) => accounts::get(conn, &claimed.subject)?,
        None => None,
    };
    let outcome = match &account {
        Some(account) if right && account.disabled => SignInOutcome::Disabled,
        Some(account) if right => return accept_password(visitor, conn, account),
        _ => SignInOutcome::WrongPassword,
    };
    visitor.record(conn, outcome, account.as_ref())?;
    Ok(Next::Again(StatusCode::UNAUTHORIZED, WRONG))
}

fn accept_password(visitor: &Visitor, conn: &Connection, account: &Account) -> Result<Next, IdentityError> {
    attempts::forgive_address(conn, &visitor.counted(Some(account), ""))?;
    if !account.has_second_factor {
        return visitor.proceed(conn, account, Methods::Password);
    }
    let (_, cookie) = sessions::begin(conn, &account.subject, Stage::Code, Methods::Password, visitor.now)?;
    Ok(Next::Step { stage: Stage::Code, cookie })
}

/// The second step: the code of the second factor.
pub async fn submit_code(State(identity): State<Identity>, visit: Visit) -> Result<Response, Failure> {
    let purpose = match Purpose::read(&identity, &visit.query) {
        Ok(purpose) => purpose,
        Err(rejection) => return Ok(rejection.respond(&identity)),
    };
    let visitor = Visitor::new(&identity, &visit, purpose);
    let same = |trouble| code_page(&identity, &visit, &visitor.purpose, trouble);
    if !guard::holds(&identity, &visit) {
        return same(Some((StatusCode::FORBIDDEN, STALE_FORM)));
    }
    let (checking, code) = (visitor.clone(), visit.form.get("code").unwrap_or_default().to_owned());
    let next = identity.transact(move |conn| check_code(&checking, conn, &code)).await?;
    answer(&visitor, &visit, next, same)
}

fn check_code(visitor: &Visitor, conn: &Connection, code: &str) -> Result<Next, IdentityError> {
    let Some((session, account)) = visitor.step(conn, Stage::Code)? else { return Ok(Next::Restart) };
    let counted = visitor.counted(Some(&account), "");
    if attempts::begin(conn, &counted, visitor.now)? != Verdict::Allowed {
        visitor.record(conn, SignInOutcome::Throttled, Some(&account))?;
        return Ok(Next::Again(StatusCode::TOO_MANY_REQUESTS, TOO_MANY));
    }
    let factor = accounts::factor(conn, &account.subject)?;
    let Some(step) = factor.and_then(|factor| totp::accept(&factor, code, visitor.now)) else {
        visitor.record(conn, SignInOutcome::WrongCode, Some(&account))?;
        return Ok(Next::Again(StatusCode::UNAUTHORIZED, WRONG_CODE));
    };
    accounts::spend_step(conn, &account.subject, step)?;
    attempts::forgive_address(conn, &counted)?;
    sessions::end(conn, &session.id, visitor.now)?;
    visitor.proceed(conn, &account, Methods::PasswordAndCode)
}

/// The last step for people who were given a password: one of their own.
pub async fn submit_new_password(
    State(identity): State<Identity>,
    visit: Visit,
) -> Result<Response, Failure> {
    let purpose = match Purpose::read(&identity, &visit.query) {
        Ok(purpose) => purpose,
        Err(rejection) => return Ok(rejection.respond(&identity)),
    };
    let visitor = Visitor::new(&identity, &visit, purpose);
    let same = |trouble| new_password_page(&identity, &visit, &visitor.purpose, trouble);
    if !guard::holds(&identity, &visit) {
        return same(Some((StatusCode::FORBIDDEN, STALE_FORM)));
    }
    let password = visit.form.get("new_password").unwrap_or_default();
    if visit.form.get("repeated") != Some(password) {
        return same(Some((StatusCode::UNPROCESSABLE_ENTITY, "The two passwords differ.")));
    }
    let next = change_password(&visitor, password).await?;
    answer(&visitor, &visit, next, same)
}

async fn change_password(visitor: &Visitor, password: &str) -> Result<Next, Failure> {
    let refused = |problem| Ok(Next::Again(StatusCode::UNPROCESSABLE_ENTITY, problem));
    let reading = visitor.clone();
    let found = visitor.identity.transact(move |conn| {
        let Some((_, account)) = reading.step(conn, Stage::NewPassword)? else { return Ok(None) };
        let kept = accounts::password_hash(conn, &account.subject)?;
        Ok(Some((account, kept)))
    });
    let Some((account, kept)) = found.await? else { return Ok(Next::Restart) };
    if passwords::check_policy(password, &account.username, &account.email).is_err() {
        return refused(
            "A password must have 12 characters or more, 5 of them different, and not contain your name here.",
        );
    }
    let hashing = &visitor.identity.inner.hashing;
    if hashing.check(password.to_owned(), Some(kept)).await? {
        return refused("The new password must differ from the one you were given.");
    }
    let hash = hashing.hash(password.to_owned()).await?;
    let saving = visitor.clone();
    visitor.identity.transact(move |conn| save_password(&saving, conn, &hash)).await
}

fn save_password(visitor: &Visitor, conn: &Connection, hash: &str) -> Result<Next, IdentityError> {
    let Some((session, account)) = visitor.step(conn, Stage::NewPassword)? else { return Ok(Next::Restart) };
    accounts::set_password(conn, &account.subject, hash, false, visitor.now)?;
    sessions::end_all_of(conn, &account.subject, visitor.now)?;
    let account = Account { must_change_password: false, ..account };
    visitor.proceed(conn, &account, session.methods)
}
