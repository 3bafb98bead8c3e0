//! The outbox: events waiting for delivery, and those that nobody could take.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use tokio::sync::watch;

use super::database::{Database, DatabaseError};
use super::deliverer::Target;
use crate::aws::ambient;

const DATABASE: &str = "objects.sqlite3";
/// Events routed per transaction.
const ROUTE_BATCH: i64 = 256;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS events (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL UNIQUE,
    body   TEXT NOT NULL,
    routed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS events_unrouted ON events (seq) WHERE routed = 0;
CREATE TABLE IF NOT EXISTS deliveries (
    event    INTEGER NOT NULL,
    target   TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due      INTEGER NOT NULL,
    dead     INTEGER NOT NULL DEFAULT 0,
    error    TEXT,
    PRIMARY KEY (event, target)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (target, dead, due);
";

/// Durable events on their way to targets; clones share them.
#[derive(Debug, Clone)]
pub struct Outbox {
    database: Database,
    changes: Arc<watch::Sender<u64>>,
}

/// An event that a target refused until the attempts ran out.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// The target that refused it.
    pub target: String,
    /// The event itself.
    pub event: Value,
    /// How often it was tried.
    pub attempts: u32,
    /// What the target last said.
    pub error: String,
}

/// One event due at one target.
pub(super) struct Due {
    pub seq: i64,
    pub attempts: u32,
    pub event: Value,
}

impl Outbox {
    /// Opens the outbox in `dir`, or begins there.
    ///
    /// # Errors
    /// When the folder cannot be used, or another process uses it.
    pub async fn open(dir: &Path) -> Result<Self, DatabaseError> {
        let dir = dir.to_owned();
        let opening = tokio::task::spawn_blocking(move || Database::open(&dir, DATABASE));
        let database = opening.await.map_err(|_| DatabaseError::Closed)??;
        database.write::<_, DatabaseError, _>(|connection| Ok(connection.execute_batch(SCHEMA)?)).await?;
        Ok(Self { database, changes: Arc::new(watch::Sender::new(0)) })
    }

    /// The database that holds the outbox, for writing an event together with what it tells of.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Takes an event that stands by itself. The same `id` twice is one event.
    ///
    /// # Errors
    /// When the event has no `id`, or the database refuses.
    pub async fn put(&self, event: Value) -> Result<(), DatabaseError> {
        self.database.write(move |connection| record(connection, &event)).await?;
        self.wake();
        Ok(())
    }

    /// How many deliveries are still to be made (an event not yet routed counts as one).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn pending(&self) -> Result<u64, DatabaseError> {
        self.database
            .read(|connection| {
                let count = "SELECT (SELECT count(*) FROM events WHERE routed = 0)
                                  + (SELECT count(*) FROM deliveries WHERE dead = 0)";
                Ok(connection.prepare_cached(count)?.query_row([], |row| row.get(0))?)
            })
            .await
    }

    /// Waits until nothing is pending; what is dead does not count.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn idle(&self) -> Result<(), DatabaseError> {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            if self.pending().await? == 0 {
                return Ok(());
            }
            changes.changed().await.map_err(|_| DatabaseError::Closed)?;
        }
    }

    /// The events that could not be delivered, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, DatabaseError> {
        let rows = "SELECT target, body, attempts, error FROM deliveries JOIN events ON events.seq = event
                    WHERE dead = 1 ORDER BY event, target";
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(rows)?;
                let mut rows = statement.query([])?;
                let mut letters = Vec::new();
                while let Some(row) = rows.next()? {
                    letters.push(DeadLetter {
                        target: row.get(0)?,
                        event: serde_json::from_str(&row.get::<_, String>(1)?)?,
                        attempts: row.get(2)?,
                        error: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                    });
                }
                Ok(letters)
            })
            .await
    }

    /// Sends everything dead once more, with all its attempts; returns how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn redrive(&self) -> Result<usize, DatabaseError> {
        let now = millis(ambient::now());
        let revive = "UPDATE deliveries SET dead = 0, attempts = 0, due = ?1, error = NULL WHERE dead = 1";
        let count = self
            .database
            .write::<_, DatabaseError, _>(move |connection| Ok(connection.execute(revive, [now])?))
            .await?;
        self.wake();
        Ok(count)
    }

    /// Tells the deliverer that the outbox changed; for who writes events through [`record`].
    pub(crate) fn wake(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Writes down who gets the events that arrived; returns how many events were looked at.
    pub(super) async fn route(&self, targets: Arc<Vec<Target>>) -> Result<usize, DatabaseError> {
        let now = millis(ambient::now());
        let routed = self.database.write(move |connection| route(connection, &targets, now)).await?;
        if routed > 0 {
            self.wake();
        }
        Ok(routed)
    }

    /// Gives up on deliveries to targets that do not exist any more, so that they show among the dead.
    pub(super) async fn bury_unknown(&self, targets: Arc<Vec<Target>>) -> Result<(), DatabaseError> {
        let bury = "UPDATE deliveries SET dead = 1, error = ?2 WHERE target = ?1 AND dead = 0";
        self.database
            .write::<_, DatabaseError, _>(move |connection| {
                let mut statement = connection.prepare("SELECT DISTINCT target FROM deliveries")?;
                let names: Vec<String> =
                    statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
                let known = |name: &String| targets.iter().any(|target| &target.name == name);
                for name in names.into_iter().filter(|name| !known(name)) {
                    connection.execute(bury, params![name, "the target is no longer registered"])?;
                }
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }

    /// What is due at `target` by `now`, oldest first.
    pub(super) async fn due(
        &self,
        target: String,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Due>, DatabaseError> {
        let rows = "SELECT event, attempts, body FROM deliveries JOIN events ON events.seq = event
                    WHERE target = ?1 AND dead = 0 AND due <= ?2 ORDER BY due, event LIMIT ?3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(rows)?;
                let mut rows = statement.query(params![target, millis(now), limit])?;
                let mut due = Vec::new();
                while let Some(row) = rows.next()? {
                    let event = serde_json::from_str(&row.get::<_, String>(2)?)?;
                    due.push(Due { seq: row.get(0)?, attempts: row.get(1)?, event });
                }
                Ok(due)
            })
            .await
    }

    /// When the next delivery to `target` after `now` is due.
    pub(super) async fn next_due(
        &self,
        target: String,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DatabaseError> {
        let query = "SELECT min(due) FROM deliveries WHERE target = ?1 AND dead = 0 AND due > ?2";
        let at: Option<i64> = self
            .database
            .read::<_, DatabaseError, _>(move |connection| {
                let mut statement = connection.prepare_cached(query)?;
                Ok(statement.query_row(params![target, millis(now)], |row| row.get(0)).optional()?.flatten())
            })
            .await?;
        Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    /// Forgets a delivery that was made, and its event when that was the last one.
    pub(super) async fn delivered(&self, seq: i64, target: String) -> Result<(), DatabaseError> {
        self.database
            .write::<_, DatabaseError, _>(move |connection| {
                let done = "DELETE FROM deliveries WHERE event = ?1 AND target = ?2";
                connection.prepare_cached(done)?.execute(params![seq, target])?;
                let forget = "DELETE FROM events WHERE seq = ?1 AND routed = 1
                              AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = ?1)";
                connection.prepare_cached(forget)?.execute([seq])?;
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }

    /// Notes a refused delivery: to be tried again at `retry_at`, or dead without one.
    pub(super) async fn refused(
        &self,
        seq: i64,
        target: String,
        error: String,
        retry_at: Option<Timestamp>,
    ) -> Result<(), DatabaseError> {
        let note =
            "UPDATE deliveries SET attempts = attempts + 1, dead = ?3, due = coalesce(?4, due), error = ?5
                    WHERE event = ?1 AND target = ?2";
        self.database
            .write::<_, DatabaseError, _>(move |connection| {
                let values = params![seq, target, retry_at.is_none(), retry_at.map(millis), error];
                connection.prepare_cached(note)?.execute(values)?;
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }
}

/// Writes an event into the outbox, inside whatever transaction `connection` is in.
pub(crate) fn record(connection: &Connection, event: &Value) -> Result<(), DatabaseError> {
    let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
    let insert = "INSERT INTO events (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
    connection.prepare_cached(insert)?.execute(params![id, event.to_string()])?;
    Ok(())
}

fn route(connection: &Connection, targets: &[Target], now: i64) -> Result<usize, DatabaseError> {
    let query = "SELECT seq, body FROM events WHERE routed = 0 ORDER BY seq LIMIT ?1";
    let mut statement = connection.prepare_cached(query)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let arrived: Vec<(i64, String)> = statement.query_map([ROUTE_BATCH], read)?.collect::<Result<_, _>>()?;
    for (seq, body) in &arrived {
        let event: Value = serde_json::from_str(body)?;
        let mut wanted = false;
        for target in targets.iter().filter(|target| target.rule.matches(&event)) {
            let insert = "INSERT OR IGNORE INTO deliveries (event, target, due) VALUES (?1, ?2, ?3)";
            connection.prepare_cached(insert)?.execute(params![seq, target.name, now])?;
            wanted = true;
        }
        let settle = if wanted {
            "UPDATE events SET routed = 1 WHERE seq = ?1"
        } else {
            "DELETE FROM events WHERE seq = ?1"
        };
        connection.prepare_cached(settle)?.execute([seq])?;
    }
    Ok(arrived.len())
}

fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}
