//! A product that answers at some address, in this process or in another.

use super::{
    Actor, TestClock,
    sign_in::{self, Tokens},
};
use jiff::Timestamp;
use local::aws::Aws;
use reqwest::{Client, ClientBuilder, Url, redirect::Policy};
use runner::Runner;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// What one request may take before a test fails instead of hanging.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where the product answers, and how it is reached.
pub struct Site {
    origin: String,
    pub(super) http: Client,
    pub(super) clock: TestClock,
    /// Whose events can be waited for; none when the product runs in another process.
    aws: Mutex<Option<Aws>>,
}

impl Site {
    /// A product in another process.
    pub fn at(origin: &str) -> Arc<Self> {
        Arc::new(Self {
            origin: origin.trim_end_matches('/').to_owned(),
            http: client(|builder| builder),
            clock: TestClock::default(),
            aws: Mutex::default(),
        })
    }

    /// A product whose name no resolver knows; it answers at `address`.
    pub fn behind(origin: &str, address: SocketAddr) -> Arc<Self> {
        let url = Url::parse(origin).unwrap_or_else(|error| panic!("`{origin}`: {error}"));
        let host = url.host_str().unwrap_or_else(|| panic!("no host in `{origin}`"));
        Arc::new(Self {
            origin: origin.trim_end_matches('/').to_owned(),
            http: client(|builder| builder.resolve(host, address)),
            clock: TestClock::default(),
            aws: Mutex::default(),
        })
    }

    pub(super) fn of(runner: &Runner, clock: TestClock) -> Self {
        let aws = Mutex::new(Some(runner.aws().clone()));
        Self { origin: runner.origin().to_owned(), http: client(|builder| builder), clock, aws }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn port(&self) -> u16 {
        let port = self.origin.rsplit(':').next().and_then(|port| port.parse().ok());
        port.unwrap_or_else(|| panic!("no port in `{}`", self.origin))
    }

    /// Forgets the runner, so that its folder becomes free.
    pub(super) fn let_go(&self) {
        *self.aws.lock().unwrap() = None;
    }

    pub(super) fn watch(&self, runner: &Runner) {
        *self.aws.lock().unwrap() = Some(runner.aws().clone());
    }

    /// Waits until no event is on its way; `false` when that cannot be seen from here.
    pub async fn idle(&self) -> bool {
        let aws = self.aws.lock().unwrap().clone();
        match aws {
            Some(aws) => {
                let idle = tokio::time::timeout(TIMEOUT, aws.idle()).await;
                idle.expect("events come to rest").expect("the events can be read");
                true
            }
            None => false,
        }
    }

    /// Signs somebody in who has an account.
    pub async fn signs_in(self: &Arc<Self>, name: &str, username: &str, password: &str) -> Actor {
        let tokens = sign_in::tokens(self, username, password).await;
        Actor::signed_in(Arc::clone(self), name, username, password, tokens)
    }

    /// Somebody tries to sign in with a wrong password, and fails.
    pub async fn refuses(&self, username: &str, password: &str) {
        sign_in::refused(self, username, password).await;
    }

    /// Somebody who has signed in elsewhere, with the token they were given.
    pub fn knows(self: &Arc<Self>, name: &str, email: &str, token: &str) -> Actor {
        let tokens = Tokens {
            access: token.to_owned(),
            id: token.to_owned(),
            refresh: String::new(),
            expires_at: Timestamp::MAX,
        };
        Actor::signed_in(Arc::clone(self), name, email, "", tokens)
    }

    /// The time there.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn client(reached: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    let builder = Client::builder().redirect(Policy::none()).user_agent("Strongroom tests").timeout(TIMEOUT);
    reached(builder).build().expect("a client")
}
