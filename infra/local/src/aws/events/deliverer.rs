//! The deliverer: takes events from the outbox to the targets whose rules want
//! them. Targets are independent; each gets its events at least once, a failed
//! one again after a growing pause, and a hopeless one goes to the dead letters.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::database::DatabaseError;
use super::outbox::{Due, Outbox};
use super::rule::Rule;
use crate::aws::ambient;

/// Deliveries to one target that may run at once.
const CONCURRENCY: usize = 8;
/// How long to leave a database alone that just refused.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);
/// How long to sleep when nothing at all is due; a change wakes earlier.
const LONG_SLEEP: Duration = Duration::from_secs(3600);

/// What takes an event: answers once it has done its work, or says why it could not.
pub type Delivery = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A receiver of events.
#[derive(Clone)]
pub struct Target {
    /// Its lasting name: after a restart, what was pending under it goes on.
    pub name: String,
    /// Which events it wants.
    pub rule: Rule,
    /// What it does with one.
    pub delivery: Delivery,
}

impl Target {
    /// A target that runs `deliver` for every event that passes `rule`.
    pub fn new<F, R>(name: &str, rule: Rule, deliver: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name: name.to_owned(), rule, delivery: Arc::new(move |event| Box::pin(deliver(event))) }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name).field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// How often and how patiently a refused event is tried again.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// The pause after the first failure; it doubles with every further one.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How many attempts an event gets in all.
    pub max_attempts: u32,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(60),
            max_attempts: 10,
            // The longest that Lambda lets a function run.
            attempt_timeout: Duration::from_secs(15 * 60),
        }
    }
}

impl RetryPolicy {
    /// The pause after `attempts` failures; none when the attempts are used up.
    fn pause(&self, attempts: u32) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        Some(self.pause_after(attempts))
    }

    /// The pause after `attempts` failures, however many there may be.
    pub(crate) fn pause_after(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }
}

/// Delivers until it is dropped; what was not finished is delivered by the next one.
#[derive(Debug)]
pub struct Deliverer {
    outbox: Outbox,
    tasks: Vec<JoinHandle<()>>,
}

impl Deliverer {
    /// Starts delivering to `targets`. An event nobody wants is forgotten, so
    /// all targets are named at once.
    #[must_use]
    pub fn start(outbox: &Outbox, targets: Vec<Target>, retry: RetryPolicy) -> Self {
        let targets = Arc::new(targets);
        let retry = Arc::new(retry);
        let mut tasks = vec![tokio::spawn(route_forever(outbox.clone(), Arc::clone(&targets)))];
        for target in targets.iter() {
            let worker = Worker { outbox: outbox.clone(), target: target.clone(), retry: Arc::clone(&retry) };
            tasks.push(tokio::spawn(worker.run()));
        }
        Self { outbox: outbox.clone(), tasks }
    }

    /// The outbox it delivers from: [`Outbox::pending`], [`Outbox::dead_letters`],
    /// [`Outbox::redrive`] and [`Outbox::idle`] tell how it goes.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn route_forever(outbox: Outbox, targets: Arc<Vec<Target>>) {
    let mut changes = outbox.changes();
    if let Err(error) = outbox.bury_unknown(Arc::clone(&targets)).await {
        trouble(&error).await;
    }
    loop {
        changes.borrow_and_update();
        match outbox.route(Arc::clone(&targets)).await {
            Ok(0) => {
                if changes.changed().await.is_err() {
                    return;
                }
            }
            Ok(_) => {}
            Err(error) => trouble(&error).await,
        }
    }
}

async fn trouble(error: &DatabaseError) {
    tracing::error!(error = error as &dyn std::error::Error, "the outbox cannot be used; trying again");
    tokio::time::sleep(TROUBLE_PAUSE).await;
}

/// One target's share of the work.
#[derive(Clone)]
struct Worker {
    outbox: Outbox,
    target: Target,
    retry: Arc<RetryPolicy>,
}

impl Worker {
    async fn run(self) {
        let mut changes = self.outbox.changes();
        let mut running = JoinSet::new();
        let mut in_flight = HashSet::new();
        loop {
            changes.borrow_and_update();
            // INVARIANT: one moment divides what is due from what will be, so that nothing falls in between.
            let now = ambient::now();
            if let Err(error) = self.start_due(now, &mut running, &mut in_flight).await {
                trouble(&error).await;
                continue;
            }
            let pause = self.until_next_due(now).await;
            if !wait(pause, &mut changes, &mut running, &mut in_flight).await {
                return;
            }
        }
    }

    /// Starts what is due, as far as there is room.
    async fn start_due(
        &self,
        now: Timestamp,
        running: &mut JoinSet<i64>,
        in_flight: &mut HashSet<i64>,
    ) -> Result<(), DatabaseError> {
        let room = CONCURRENCY.saturating_sub(running.len());
        if room == 0 {
            return Ok(());
        }
        // What is in flight is still listed as due, so look past it.
        let limit = room + in_flight.len();
        let due = self.outbox.due(self.target.name.clone(), now, limit).await?;
        let fresh: Vec<Due> =
            due.into_iter().filter(|due| !in_flight.contains(&due.seq)).take(room).collect();
        for due in fresh {
            in_flight.insert(due.seq);
            running.spawn(self.clone().attempt(due));
        }
        Ok(())
    }

    /// How long until the next delivery that was not due at `now`.
    async fn until_next_due(&self, now: Timestamp) -> Duration {
        match self.outbox.next_due(self.target.name.clone(), now).await {
            Ok(Some(at)) => Duration::try_from(at.duration_since(ambient::now())).unwrap_or(Duration::ZERO),
            Ok(None) => LONG_SLEEP,
            Err(_) => TROUBLE_PAUSE,
        }
    }

    /// Delivers one event once and writes down how it went.
    async fn attempt(self, due: Due) -> i64 {
        let seq = due.seq;
        let outcome = self.deliver(due.event).await;
        let name = self.target.name.clone();
        let noted = match outcome {
            Ok(()) => self.outbox.delivered(seq, name).await,
            Err(error) => {
                let retry_at = self.retry_at(due.attempts.saturating_add(1));
                tracing::warn!(target = %name, %error, dead = retry_at.is_none(), "an event was refused");
                self.outbox.refused(seq, name, error, retry_at).await
            }
        };
        if let Err(error) = noted {
            // It stays due and is delivered again: at least once.
            trouble(&error).await;
        }
        seq
    }

    async fn deliver(&self, event: Value) -> Result<(), String> {
        // A task of its own, so that a panic in the target is only a failed attempt.
        let mut task = tokio::spawn((self.target.delivery)(event));
        match tokio::time::timeout(self.retry.attempt_timeout, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the target panicked".to_owned()),
            Err(_) => {
                task.abort();
                Err("the target took too long".to_owned())
            }
        }
    }

    fn retry_at(&self, attempts: u32) -> Option<Timestamp> {
        let pause = self.retry.pause(attempts)?;
        ambient::now().checked_add(pause).ok()
    }
}

/// Waits until there may be something to do; false when the outbox is gone.
async fn wait(
    pause: Duration,
    changes: &mut watch::Receiver<u64>,
    running: &mut JoinSet<i64>,
    in_flight: &mut HashSet<i64>,
) -> bool {
    tokio::select! {
        Some(done) = running.join_next(), if !running.is_empty() => {
            match done {
                Ok(seq) => { in_flight.remove(&seq); }
                // An attempt catches its target's panics, so this is shutdown; forget what was running.
                Err(_) if running.is_empty() => in_flight.clear(),
                Err(_) => {}
            }
            true
        }
        changed = changes.changed() => changed.is_ok(),
        () = tokio::time::sleep(pause) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::json;

    use super::*;

    fn quick(max_attempts: u32) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_millis(5),
            longest_pause: Duration::from_millis(20),
            max_attempts,
            attempt_timeout: Duration::from_millis(500),
        }
    }

    fn event(id: &str, source: &str) -> Value {
        json!({ "id": id, "source": source })
    }

    fn counting(name: &str, fails: u32, calls: &Arc<AtomicU32>) -> Target {
        let calls = Arc::clone(calls);
        Target::new(name, Rule::default(), move |_| {
            let failed = calls.fetch_add(1, Ordering::SeqCst) < fails;
            async move { if failed { Err("not yet".to_owned()) } else { Ok(()) } }
        })
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.pause(1), Some(Duration::from_millis(200)));
        assert_eq!(policy.pause(3), Some(Duration::from_millis(800)));
        assert_eq!(policy.pause(9), Some(Duration::from_millis(51_200)));
        assert_eq!(policy.pause(10), None);
        let patient = RetryPolicy { max_attempts: u32::MAX, ..policy };
        assert_eq!(patient.pause(1_000_000), Some(Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn a_failed_delivery_is_tried_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let calls = Arc::default();
        let _deliverer = Deliverer::start(&outbox, vec![counting("inspection", 2, &calls)], quick(5));
        outbox.put(event("1", "aws.s3")).await.expect("put");
        outbox.idle().await.expect("idle");
        assert_eq!(calls.load(Ordering::SeqCst), 3);
        assert!(outbox.dead_letters().await.expect("letters").is_empty());
    }

    #[tokio::test]
    async fn a_hopeless_delivery_dies_alone_and_can_be_redriven() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let (good, bad) = (Arc::default(), Arc::default());
        let targets = vec![counting("good", 0, &good), counting("bad", 3, &bad)];
        let _deliverer = Deliverer::start(&outbox, targets, quick(3));
        outbox.put(event("1", "aws.s3")).await.expect("put");
        outbox.idle().await.expect("idle");
        let letters = outbox.dead_letters().await.expect("letters");
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].target.as_str(), letters[0].attempts), ("bad", 3));
        assert_eq!(letters[0].error, "not yet");
        assert_eq!(good.load(Ordering::SeqCst), 1);

        assert_eq!(outbox.redrive().await.expect("redriven"), 1);
        outbox.idle().await.expect("idle");
        assert_eq!(bad.load(Ordering::SeqCst), 4);
        assert!(outbox.dead_letters().await.expect("letters").is_empty());
        assert_eq!(good.load(Ordering::SeqCst), 1, "only the dead are sent again");
    }

    #[tokio::test]
    async fn what_was_pending_goes_on_after_a_restart() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let calls: Arc<AtomicU32> = Arc::default();
        let patient = RetryPolicy { first_pause: Duration::from_secs(600), ..RetryPolicy::default() };
        let deliverer = Deliverer::start(&outbox, vec![counting("inspection", 1, &calls)], patient);
        outbox.put(event("1", "aws.s3")).await.expect("put");
        while calls.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        outbox.put(event("2", "aws.s3")).await.expect("put");
        drop((deliverer, outbox));

        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        assert!(outbox.pending().await.expect("pending") >= 1);
        let names: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&names);
        let target = Target::new("inspection", Rule::default(), move |event| {
            seen.lock().expect("lock").push(event["id"].as_str().unwrap_or_default().to_owned());
            async { Ok(()) }
        });
        let _deliverer = Deliverer::start(&outbox, vec![target], quick(5));
        while !names.lock().expect("lock").contains(&"2".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn no_retry_falls_between_two_looks_at_the_clock() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let calls = Arc::default();
        let hasty = RetryPolicy {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1),
            ..quick(1000)
        };
        let _deliverer = Deliverer::start(&outbox, vec![counting("inspection", 300, &calls)], hasty);
        for id in 0..4 {
            outbox.put(event(&id.to_string(), "aws.s3")).await.expect("put");
        }
        let idle = tokio::time::timeout(Duration::from_secs(60), outbox.idle()).await;
        idle.expect("no retry is lost").expect("idle");
        assert_eq!(calls.load(Ordering::SeqCst), 304);
    }

    #[tokio::test]
    async fn panics_and_endless_targets_are_failures() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let panics = Target::new("panics", Rule::default(), |_| async { panic!("a broken target") });
        let hangs = Target::new("hangs", Rule::default(), |_| std::future::pending());
        let policy = RetryPolicy { attempt_timeout: Duration::from_millis(30), ..quick(1) };
        let _deliverer = Deliverer::start(&outbox, vec![panics, hangs], policy);
        outbox.put(event("1", "aws.s3")).await.expect("put");
        outbox.idle().await.expect("idle");
        let letters = outbox.dead_letters().await.expect("letters");
        let errors: Vec<&str> = letters.iter().map(|letter| letter.error.as_str()).collect();
        assert_eq!(errors, ["the target took too long", "the target panicked"]);
    }

    #[tokio::test]
    async fn unwanted_events_are_forgotten_and_lost_targets_leave_dead_letters() {
        let dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(dir.path()).await.expect("an outbox");
        let rule = Rule { sources: vec!["aws.s3".into()], ..Rule::default() };
        let patient = RetryPolicy { first_pause: Duration::from_secs(600), ..RetryPolicy::default() };
        let old = Target::new("old", rule, |_| async { Err("down".to_owned()) });
        let deliverer = Deliverer::start(&outbox, vec![old], patient);
        outbox.put(event("1", "aws.kms")).await.expect("put");
        outbox.idle().await.expect("idle");
        outbox.put(event("2", "aws.s3")).await.expect("put");
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(deliverer);
        let _deliverer = Deliverer::start(&outbox, Vec::new(), quick(1));
        outbox.idle().await.expect("idle");
        let letters = outbox.dead_letters().await.expect("letters");
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].event["id"], "2");
    }
}
