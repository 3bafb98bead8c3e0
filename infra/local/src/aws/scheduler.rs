//! A scheduler as EventBridge has one: it calls a function when a time of the day has come.
//!
//! When a schedule was last fired stands in the database of events. Times that passed while no process ran are made up
//! for by one call; the first time of a new schedule is the next one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rusqlite::{Connection, params};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::events::{Database, DatabaseError, Outbox, RetryPolicy};

/// How often the clock is looked at; tests move it.
const TICK: Duration = Duration::from_millis(500);
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS schedules (name TEXT PRIMARY KEY, fired INTEGER NOT NULL) WITHOUT ROWID;
";

type Deliver = Arc<dyn Fn(Timestamp) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A time of the hour or of the day in UTC, as AWS writes it: `cron(15 9 * * ? *)`, `cron(0 * * * ? *)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cron {
    minute: i8,
    hour: Option<i8>,
}

/// The expression is none, or of a kind that is not needed here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of the hour or of the day")]
pub struct CronError(String);

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it says anything else than a minute, with or without an hour.
    pub fn parse(expression: &str) -> Result<Self, CronError> {
        let strange = || CronError(expression.to_owned());
        let fields = expression.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
        let fields: Vec<&str> = fields.ok_or_else(strange)?.split(' ').collect();
        let [minute, hour, "*", "*", "?", "*"] = fields.as_slice() else { return Err(strange()) };
        let number = |text: &str, most: i8| {
            text.parse::<i8>().ok().filter(|number| (0..=most).contains(number)).ok_or_else(strange)
        };
        let hour = if *hour == "*" { None } else { Some(number(hour, 23)?) };
        Ok(Self { minute: number(minute, 59)?, hour })
    }

    /// The last such time that is not after `now`.
    #[must_use]
    pub fn latest(self, now: Timestamp) -> Timestamp {
        let time = now.to_zoned(TimeZone::UTC).datetime();
        let wanted = time.date().at(self.hour.unwrap_or(time.hour()), self.minute, 0, 0);
        let step =
            if self.hour.is_some() { SignedDuration::from_hours(24) } else { SignedDuration::from_hours(1) };
        let wanted = wanted.to_zoned(TimeZone::UTC).map_or(now, |at| at.timestamp());
        if wanted <= now { wanted } else { wanted.saturating_sub(step).unwrap_or(Timestamp::MIN) }
    }
}

/// A function that is called by the clock.
#[derive(Clone)]
pub struct Schedule {
    name: String,
    cron: Cron,
    deliver: Deliver,
}

impl Schedule {
    /// `deliver` gets the time that it is called for. Under its name a schedule goes on after a restart.
    pub fn new<F, R>(name: &str, cron: Cron, deliver: F) -> Self
    where
        F: Fn(Timestamp) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, String>> + Send + 'static,
    {
        Self { name: name.to_owned(), cron, deliver: Arc::new(move |at| Box::pin(deliver(at))) }
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").field("name", &self.name).field("cron", &self.cron).finish_non_exhaustive()
    }
}

/// A schedule could not be fired.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// There is none of this name.
    #[error("there is no schedule `{0}`")]
    Unknown(String),
    /// The function that it calls has failed.
    #[error("what the schedule calls has failed: {0}")]
    Failed(String),
}

/// Fires schedules until it is dropped.
pub struct Scheduler {
    schedules: Vec<Schedule>,
    clock: Clock,
    tasks: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler").field("schedules", &self.schedules).finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Begins to look at the clock; with `by_hand`, schedules are fired by [`Scheduler::fire`] alone.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start(
        events: &Outbox,
        schedules: Vec<Schedule>,
        clock: Clock,
        retry: &RetryPolicy,
        by_hand: bool,
    ) -> Result<Self, DatabaseError> {
        let database = events.database().clone();
        let names: Vec<String> = schedules.iter().map(|schedule| schedule.name.clone()).collect();
        let now = clock();
        database.write(move |connection| begin(connection, &names, now)).await?;
        let watched = if by_hand { &[] } else { schedules.as_slice() };
        let tasks = watched
            .iter()
            .map(|schedule| {
                let (database, schedule) = (database.clone(), schedule.clone());
                tokio::spawn(watch(database, schedule, Arc::clone(&clock), retry.clone()))
            })
            .collect();
        Ok(Self { schedules, clock, tasks })
    }

    /// Calls what a schedule calls, now and once; waits until it is done.
    ///
    /// # Errors
    /// When there is no such schedule, or the function fails.
    pub async fn fire(&self, name: &str) -> Result<Value, ScheduleError> {
        let schedule = self.schedules.iter().find(|schedule| schedule.name == name);
        let schedule = schedule.ok_or_else(|| ScheduleError::Unknown(name.to_owned()))?;
        (schedule.deliver)((self.clock)()).await.map_err(ScheduleError::Failed)
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A schedule that is seen for the first time was last fired now.
fn begin(connection: &Connection, names: &[String], now: Timestamp) -> Result<(), DatabaseError> {
    connection.execute_batch(SCHEMA)?;
    for name in names {
        let insert = "INSERT INTO schedules (name, fired) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
        connection.execute(insert, params![name, now.as_second()])?;
    }
    Ok(())
}

async fn watch(database: Database, schedule: Schedule, clock: Clock, retry: RetryPolicy) {
    loop {
        if let Err(error) = fire_due(&database, &schedule, clock(), &retry).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                schedule = %schedule.name,
                "what is known of schedules cannot be used"
            );
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Fires a schedule if its time has come since it was last fired; several times are made up for by one call.
async fn fire_due(
    database: &Database,
    schedule: &Schedule,
    now: Timestamp,
    retry: &RetryPolicy,
) -> Result<(), DatabaseError> {
    let name = schedule.name.clone();
    let fired: i64 = database
        .read::<_, DatabaseError, _>(move |connection| {
            let query = "SELECT fired FROM schedules WHERE name = ?1";
            Ok(connection.prepare_cached(query)?.query_row([name], |row| row.get(0))?)
        })
        .await?;
    let due = schedule.cron.latest(now);
    if due.as_second() <= fired {
        return Ok(());
    }
    deliver(schedule, due, retry).await;
    let (name, due) = (schedule.name.clone(), due.as_second());
    database
        .write::<_, DatabaseError, _>(move |connection| {
            let note = "UPDATE schedules SET fired = ?2 WHERE name = ?1";
            connection.prepare_cached(note)?.execute(params![name, due])?;
            Ok(())
        })
        .await
}

/// Calls until it goes well or the attempts are used up.
async fn deliver(schedule: &Schedule, due: Timestamp, retry: &RetryPolicy) {
    for attempt in 1..=retry.max_attempts {
        let call = tokio::spawn((schedule.deliver)(due));
        let error = match tokio::time::timeout(retry.attempt_timeout, call).await {
            Ok(Ok(Ok(_))) => return,
            Ok(Ok(Err(error))) => error,
            Ok(Err(_)) => "the target panicked".to_owned(),
            Err(_) => "the target took too long".to_owned(),
        };
        tracing::warn!(schedule = %schedule.name, %error, attempt, "a schedule was refused");
        tokio::time::sleep(retry.pause_after(attempt)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, Ordering};

    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn times_of_the_day_and_of_the_hour_are_found() {
        let daily = Cron::parse("cron(15 9 * * ? *)").expect("daily");
        assert_eq!(daily.latest(at("2033-03-01T09:15:00Z")), at("2033-03-01T09:15:00Z"));
        assert_eq!(daily.latest(at("2033-03-01T09:14:59Z")), at("2033-02-28T09:15:00Z"));
        let hourly = Cron::parse("cron(30 * * * ? *)").expect("hourly");
        assert_eq!(hourly.latest(at("2033-03-01T00:29:00Z")), at("2033-02-28T23:30:00Z"));
        for strange in ["rate(1 day)", "cron(60 9 * * ? *)", "cron(0 9 * * MON *)", "cron(0 24 * * ? *)", ""]
        {
            assert!(Cron::parse(strange).is_err(), "{strange}");
        }
    }

    struct Stage {
        seconds: Arc<AtomicI64>,
        fired: Arc<Mutex<Vec<Timestamp>>>,
    }

    impl Stage {
        fn at(now: &str) -> Self {
            Self { seconds: Arc::new(AtomicI64::new(at(now).as_second())), fired: Arc::default() }
        }

        fn is(&self, now: &str) {
            self.seconds.store(at(now).as_second(), Ordering::SeqCst);
        }

        async fn start(&self, events: &Outbox, by_hand: bool, fails: usize) -> Scheduler {
            let (seconds, fired) = (Arc::clone(&self.seconds), Arc::clone(&self.fired));
            let clock: Clock =
                Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).expect("a time"));
            let cron = Cron::parse("cron(15 9 * * ? *)").expect("daily");
            let schedule = Schedule::new("sweep", cron, move |at| {
                let mut fired = fired.lock().expect("lock");
                fired.push(at);
                let failed = fired.len() <= fails;
                async move { if failed { Err("not yet".to_owned()) } else { Ok(json!({})) } }
            });
            let retry = RetryPolicy { first_pause: Duration::from_millis(5), ..RetryPolicy::default() };
            Scheduler::start(events, vec![schedule], clock, &retry, by_hand).await.expect("a scheduler")
        }

        async fn until(&self, count: usize) -> Vec<Timestamp> {
            for _ in 0..1000 {
                let fired = self.fired.lock().expect("lock").clone();
                if fired.len() >= count {
                    return fired;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("it is not fired {count} times");
        }
    }

    #[tokio::test]
    async fn a_schedule_is_fired_by_the_clock_and_made_up_for_once_after_a_pause() {
        let dir = tempfile::tempdir().expect("a folder");
        let events = Outbox::open(dir.path()).await.expect("events");
        let stage = Stage::at("2033-03-01T12:00:00Z");
        let scheduler = stage.start(&events, false, 0).await;
        stage.is("2033-03-02T09:20:00Z");
        assert_eq!(
            stage.until(1).await,
            [at("2033-03-02T09:15:00Z")],
            "a new schedule begins with its next time"
        );
        tokio::time::sleep(TICK).await;
        drop(scheduler);
        stage.is("2033-03-08T12:00:00Z");
        let scheduler = stage.start(&events, false, 0).await;
        tokio::time::sleep(2 * TICK).await;
        assert_eq!(stage.until(2).await, [at("2033-03-02T09:15:00Z"), at("2033-03-08T09:15:00Z")]);
        drop(scheduler);
    }

    #[tokio::test]
    async fn a_refused_call_is_repeated() {
        let dir = tempfile::tempdir().expect("a folder");
        let events = Outbox::open(dir.path()).await.expect("events");
        let stage = Stage::at("2033-03-01T12:00:00Z");
        let _scheduler = stage.start(&events, false, 2).await;
        stage.is("2033-03-02T09:15:00Z");
        assert_eq!(stage.until(3).await, [at("2033-03-02T09:15:00Z"); 3]);
    }

    #[tokio::test]
    async fn by_hand_nothing_is_fired_by_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        let events = Outbox::open(dir.path()).await.expect("events");
        let stage = Stage::at("2033-03-01T12:00:00Z");
        let scheduler = stage.start(&events, true, 1).await;
        stage.is("2033-03-05T12:00:00Z");
        tokio::time::sleep(2 * TICK).await;
        assert!(stage.fired.lock().expect("lock").is_empty());
        assert!(matches!(scheduler.fire("sweep").await, Err(ScheduleError::Failed(_))));
        assert_eq!(scheduler.fire("sweep").await.expect("fired"), json!({}));
        assert!(matches!(scheduler.fire("other").await, Err(ScheduleError::Unknown(_))));
        assert_eq!(stage.until(2).await, [at("2033-03-05T12:00:00Z"); 2]);
    }
}
