//! A running product with people in it, for tests that read like the domain.
//!
//! ```no_run
//! # async fn story() {
//! use testkit::{World, files};
//!
//! let world = World::start().await;
//! let north = world.clinic("North Clinic").await;
//! let amara = north.practitioner("Dr Amara").await;
//! let grace = amara.registers(serde_json::json!({ "full_name": "Grace Okafor" })).await;
//! let chart = amara.opens_chart(grace).await;
//! let xray = amara.uploads(chart, &files::xray(&files::GRACE)).await;
//! amara.get(&format!("/charts/{chart}/records/{xray}")).expect(200).await;
//! # }
//! ```
//!
//! Everything goes over HTTP, as from the portal: sign-in by the authorization code flow with PKCE, requests
//! with a bearer token, bytes by presigned requests to object storage.

mod actor;
mod clinic;
mod clock;
mod consent;
mod intake;
mod practice;
mod request;
mod role;
mod sharing;
mod sign_in;
mod site;
mod space;
mod transfer;

pub use actor::Actor;
pub use clinic::Clinic;
pub use clock::TestClock;
pub use intake::{IntakeLink, Patient};
pub use practice::{Draft, Folder};
pub use request::{Answer, Request};
pub use role::everything;
pub use site::Site;
pub use transfer::{Presigned, Started};

use api::{System, environment::Clock};
use local::{
    aws::{Aws, events::RetryPolicy, faults::Faults, ses::Email},
    identity::{Identity, NewUser},
};
use runner::{Options, Runner};
use std::{path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// The password of everybody in a world.
pub const PASSWORD: &str = "seven quiet lanterns";

/// A running product, and the people in it.
pub struct World {
    site: Arc<Site>,
    pub clock: TestClock,
    runner: Mutex<Option<Runner>>,
    data: TempDir,
}

impl World {
    /// Starts the whole product in this process, in a folder of its own.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let clock = TestClock::default();
        let runner = run(data.path(), 0, &clock).await;
        let site = Site::of(&runner, clock.clone());
        Self { site: Arc::new(site), clock, runner: Mutex::new(Some(runner)), data }
    }

    /// Ends the product and starts it again on the same folder and port; everybody stays signed in.
    pub async fn restart(&self) {
        let mut runner = self.runner.lock().await;
        let stopped = runner.take().expect("a running product");
        let port = self.site.port();
        self.site.let_go();
        stopped.stop().await;
        let started = run(self.data.path(), port, &self.clock).await;
        self.site.watch(&started);
        *runner = Some(started);
    }

    /// Where it answers.
    pub fn origin(&self) -> &str {
        self.site.origin()
    }

    pub const fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// The folder of everything that lasts.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What the functions stand on, for what no operation shows.
    pub async fn system(&self) -> Arc<System> {
        Arc::clone(self.runner.lock().await.as_ref().expect("a running product").system())
    }

    pub async fn aws(&self) -> Aws {
        self.runner.lock().await.as_ref().expect("a running product").aws().clone()
    }

    pub async fn identity(&self) -> Identity {
        self.runner.lock().await.as_ref().expect("a running product").identity().clone()
    }

    /// Waits until no event is on its way: what was uploaded is inspected, work is done, e-mail is out.
    pub async fn idle(&self) {
        self.site.idle().await;
    }

    /// Calls a function as its schedule does, and waits until all that comes of it is done. The clock fires none here.
    pub async fn fires(&self, function: &str) {
        let fired =
            self.runner.lock().await.as_ref().expect("a running product").fire_schedule(function).await;
        fired.unwrap_or_else(|error| panic!("`{function}`: {error}"));
        self.idle().await;
    }

    /// The e-mail that was sent, oldest first; nobody gets it.
    pub async fn outbox(&self) -> Vec<Email> {
        self.aws().await.ses().outbox().await.expect("an outbox")
    }

    /// What of AWS is to fail or to be late, for what follows.
    pub async fn faults(&self) -> Faults {
        self.aws().await.faults().clone()
    }

    /// A person who can sign in, and belongs to no organization yet.
    pub async fn person(&self, name: &str) -> Actor {
        self.person_at(name, &format!("{}@people.example", slug(name))).await
    }

    /// The same with this e-mail address.
    pub async fn person_at(&self, name: &str, email: &str) -> Actor {
        self.add_user(name, email).await;
        self.site.signs_in(name, email, PASSWORD).await
    }

    /// An organization with an administrator.
    pub async fn clinic(&self, name: &str) -> Clinic<'_> {
        Clinic::founded(self, name).await
    }

    /// Somebody who is not signed in.
    pub fn stranger(&self) -> Request {
        Request::of_nobody(&self.site)
    }

    pub(crate) async fn add_user(&self, name: &str, email: &str) {
        let identity = self.identity().await;
        let user = NewUser {
            username: email.to_owned(),
            email: email.to_owned(),
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
            email_verified: true,
            must_change_password: false,
        };
        let adding = tokio::task::spawn_blocking(move || identity.add_user(user));
        adding.await.expect("a thread").unwrap_or_else(|error| panic!("`{email}`: {error}"));
    }
}

/// The folder and the port of a runner that has just ended are free an instant later.
async fn run(data: &Path, port: u16, clock: &TestClock) -> Runner {
    let options = || {
        let test_clock = clock.clone();
        let clock: Clock = Arc::new(move || test_clock.now());
        let retry = RetryPolicy { first_pause: Duration::from_millis(20), ..RetryPolicy::default() };
        let schedules_by_hand = true;
        Options { demo: false, clock: Some(clock), retry, schedules_by_hand, ..Options::new(data, port) }
    };
    for _ in 0..200 {
        if let Ok(runner) = Runner::start(options()).await {
            return runner;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Runner::start(options()).await.unwrap_or_else(|error| panic!("the product does not start: {error}"))
}

/// A name as the first half of an e-mail address: `Dr Amara` is `dr.amara`.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join(".")
}
