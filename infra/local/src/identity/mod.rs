//! The sign-in of one machine: a small OpenID Connect issuer with the claims of a Cognito user pool.
//!
//! In production a user pool signs people in and the HTTP API's JWT authorizer checks their tokens. On one
//! machine this module does both, so that the rest of the product cannot tell the difference: the same
//! authorization code flow with PKCE, the same claims in the tokens, the same refusals.
//!
//! | file | what it holds |
//! |---|---|
//! | `clients` | registered applications and exact matching of redirects |
//! | `authorize`, `sign_in`, `security`, `logout` | what a browser meets |
//! | `token_endpoint`, `userinfo`, `discovery` | what an application calls |
//! | `accounts`, `sessions`, `grants`, `attempts`, `events`, `keys` | what is kept, one file per table |
//! | `jwt`, `totp`, `passwords`, `crypto` | the cryptography, over `ring` and Argon2id |
//!
//! Every secret that only has to be recognised (cookies, codes, refresh tokens) is kept as its SHA-256.

mod accounts;
mod attempts;
mod authorize;
mod clients;
mod crypto;
mod database;
mod discovery;
mod error;
mod events;
mod grants;
mod guard;
mod jwt;
mod keys;
mod logout;
mod pages;
mod passwords;
mod security;
mod sessions;
mod sign_in;
mod token_endpoint;
mod tokens;
mod totp;
mod userinfo;
mod visit;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use jiff::Timestamp;
use tokio::sync::Notify;

pub use accounts::{Account, NewUser, Subject};
pub use clients::{Client, PORTAL_CLIENT, Redirect};
pub use error::IdentityError;
pub use events::{SignInEvent, SignInEvents, SignInOutcome};
pub use jwt::{Claims, TokenError};

use accounts::Details;
use clients::Clients;
use database::Database;
use error::Failure;
use keys::KeyRing;
use passwords::Hashing;

/// Tells the time; tests pass their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The most bytes a request body or a query may have.
pub(crate) const REQUEST_MAX: usize = 16 * 1024;

/// What can be chosen when the issuer is opened.
#[derive(Clone)]
pub struct Options {
    /// The applications that may sign people in.
    pub clients: Vec<Client>,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Options {
    /// The portal served at `origin`, and the command line.
    pub fn new(origin: &str) -> Self {
        Self { clients: vec![Client::portal(origin), Client::cli()], clock: Arc::new(now) }
    }
}

/// The issuer. Clones share one state.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    clients: Clients,
    clock: Clock,
    database: Database,
    keys: RwLock<KeyRing>,
    /// Signs the hidden token of every form.
    form_key: ring::hmac::Key,
    /// Turns what people typed as a name into the subject of a throttle, so that a password typed into the
    /// wrong field is never kept.
    throttle_key: ring::hmac::Key,
    hashing: Hashing,
    event_added: Notify,
}

impl Identity {
    /// Opens the issuer over its own folder, making folder, database and signing key when they are missing.
    ///
    /// `issuer` is the address the routes are mounted at, for example `http://127.0.0.1:8400/identity`.
    /// Blocks while it hashes one password, so call it before serving.
    pub fn open(dir: &Path, issuer: impl Into<String>, options: Options) -> Result<Self, IdentityError> {
        let issuer = issuer.into();
        clients::check_issuer(&issuer)?;
        let clients = Clients::new(options.clients)?;
        let seconds = (options.clock)().as_second();
        let database = Database::open(dir)?;
        let (keys, form_key, throttle_key) = database.write(|conn| {
            sessions::forget_expired(conn, seconds)?;
            grants::forget_expired(conn, seconds)?;
            keys::ensure_current(conn, seconds)?;
            let form_key = database::secret_key(conn, "form")?;
            let throttle_key = database::secret_key(conn, "throttle")?;
            Ok::<_, IdentityError>((KeyRing::load(conn)?, form_key, throttle_key))
        })?;
        let inner = Inner {
            issuer,
            clients,
            clock: options.clock,
            database,
            keys: RwLock::new(keys),
            form_key,
            throttle_key,
            hashing: Hashing::new()?,
            event_added: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Everything the issuer answers, relative to the issuer's path: the runner nests it there, and serves it
    /// with connection info so that attempts can be counted per address.
    pub fn routes(&self) -> Router {
        let browser = Router::new()
            .route("/authorize", get(authorize::get).post(authorize::post))
            .route("/sign-in", get(sign_in::show).post(sign_in::submit_password))
            .route("/sign-in/code", post(sign_in::submit_code))
            .route("/sign-in/new-password", post(sign_in::submit_new_password))
            .route("/security", get(security::show))
            .route("/security/enrol", post(security::enrol))
            .route("/security/remove", post(security::remove))
            .route("/logout", get(logout::get).post(logout::post))
            .route("/logout/confirm", post(logout::confirm))
            .route("/style.css", get(pages::style));
        let applications = Router::new()
            .route("/token", post(token_endpoint::token))
            .route("/revoke", post(token_endpoint::revoke))
            .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
            .route("/jwks.json", get(discovery::jwks))
            .route("/.well-known/openid-configuration", get(discovery::configuration))
            .layer(middleware::from_fn_with_state(self.clone(), discovery::cross_origin));
        browser.merge(applications).layer(DefaultBodyLimit::max(REQUEST_MAX)).with_state(self.clone())
    }

    /// The address tokens are issued at.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// Checks a bearer token as the HTTP API's JWT authorizer does: signature, issuer, audience, times, use.
    ///
    /// Like there, nothing is looked up: a token stays good for the rest of its fifteen minutes after a sign-out.
    pub fn verify(&self, bearer: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let expected = jwt::Expected {
            issuer: &self.inner.issuer,
            audiences: &|client| self.inner.clients.get(client).is_some(),
            now: now.as_second(),
        };
        self.keys(|keys| jwt::verify(bearer, |kid| keys.public(kid, now.as_second()), &expected))
    }

    /// Adds a person. Blocks for one password hash.
    pub fn add_user(&self, user: NewUser) -> Result<Subject, IdentityError> {
        let details = Details::parse(&user)?;
        passwords::check_policy(&user.password, &details.username, &details.email)?;
        let hash = passwords::hash(&user.password)?;
        let seconds = self.seconds();
        self.inner.database.write(|conn| accounts::insert(conn, &user, &details, &hash, seconds))
    }

    /// Everyone who can sign in, or could, by username.
    pub fn users(&self) -> Result<Vec<Account>, IdentityError> {
        self.inner.database.read(accounts::all)
    }

    /// Gives a person a new password and ends their sessions; `must_change` asks them for their own at the
    /// next sign-in. Blocks for one password hash.
    pub fn set_password(
        &self,
        username: &str,
        password: &str,
        must_change: bool,
    ) -> Result<(), IdentityError> {
        let account = self.inner.database.read(|conn| accounts::require(conn, username))?;
        passwords::check_policy(password, &account.username, &account.email)?;
        let hash = passwords::hash(password)?;
        let seconds = self.seconds();
        self.inner.database.write(|conn| {
            accounts::set_password(conn, &account.subject, &hash, must_change, seconds)?;
            sessions::end_all_of(conn, &account.subject, seconds)
        })
    }

    /// Refuses a person from now on and ends their sessions.
    pub fn disable_user(&self, username: &str) -> Result<(), IdentityError> {
        let seconds = self.seconds();
        self.inner.database.write(|conn| {
            let account = accounts::require(conn, username)?;
            accounts::set_disabled(conn, &account.subject, Some(seconds))?;
            sessions::end_all_of(conn, &account.subject, seconds)
        })
    }

    /// Lets a disabled person sign in again.
    pub fn enable_user(&self, username: &str) -> Result<(), IdentityError> {
        self.inner.database.write(|conn| {
            let account = accounts::require(conn, username)?;
            accounts::set_disabled(conn, &account.subject, None)
        })
    }

    /// Takes the second factor away from a person who lost it, and ends their sessions.
    pub fn remove_second_factor(&self, username: &str) -> Result<(), IdentityError> {
        let seconds = self.seconds();
        self.inner.database.write(|conn| {
            let account = accounts::require(conn, username)?;
            accounts::remove_factor(conn, &account.subject)?;
            sessions::end_all_of(conn, &account.subject, seconds)
        })
    }

    /// Signs with a new key from now on; tokens signed before stay good until they expire.
    pub fn rotate_signing_key(&self) -> Result<(), IdentityError> {
        let seconds = self.seconds();
        let keys = self.inner.database.write(|conn| {
            keys::rotate(conn, seconds)?;
            KeyRing::load(conn)
        })?;
        *self.inner.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The sign-ins that have not been acknowledged yet, oldest first, and then those to come.
    pub fn sign_in_events(&self) -> SignInEvents {
        SignInEvents::new(self.clone())
    }

    fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    fn keys<T>(&self, read: impl FnOnce(&KeyRing) -> T) -> T {
        read(&self.inner.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The path of the issuer's address: where its pages and cookies live.
    fn base_path(&self) -> &str {
        let authority = self.inner.issuer.find("://").map_or(0, |at| at + 3);
        let rest = self.inner.issuer.get(authority..).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    }

    /// Runs one transaction off the async threads: a commit waits for the disk.
    async fn transact<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Connection) -> Result<T, IdentityError> + Send + 'static,
    {
        let identity = self.clone();
        let done = tokio::task::spawn_blocking(move || identity.inner.database.write(work)).await;
        done.map_err(|_| Failure::Internal(IdentityError::Interrupted))?.map_err(Failure::Internal)
    }
}

/// The one place where the issuer reads the clock.
#[expect(clippy::disallowed_methods, reason = "the local issuer is an edge: its requests arrive now")]
fn now() -> Timestamp {
    Timestamp::now()
}
