//! Queues and messages as rows.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Message, QueueSettings, SqsError};
use crate::aws::ambient;
use crate::aws::events::DatabaseError;

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS queues (
    name         TEXT PRIMARY KEY,
    visibility   INTEGER NOT NULL,
    dead_letters TEXT,
    max_receives INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL,
    queue    TEXT NOT NULL,
    origin   TEXT NOT NULL,
    body     TEXT NOT NULL,
    sent     INTEGER NOT NULL,
    visible  INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    receipt  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS messages_visible ON messages (queue, visible, seq);
";

type Done<T> = Result<T, SqsError>;

pub(super) fn create(connection: &Connection, name: &str, settings: &QueueSettings) -> Done<()> {
    let insert = "INSERT INTO queues (name, visibility, dead_letters, max_receives) VALUES (?1, ?2, ?3, ?4)
                  ON CONFLICT (name) DO UPDATE SET visibility = ?2, dead_letters = ?3, max_receives = ?4";
    let (dead_letters, max_receives) = settings.dead_letters.clone().unzip();
    let visibility = millis(settings.visibility);
    connection.prepare_cached(insert)?.execute(params![name, visibility, dead_letters, max_receives])?;
    Ok(())
}

/// How a queue behaves.
pub(super) fn settings(connection: &Connection, name: &str) -> Done<QueueSettings> {
    let query = "SELECT visibility, dead_letters, max_receives FROM queues WHERE name = ?1";
    let read = |row: &Row<'_>| {
        let dead: Option<String> = row.get(1)?;
        let max: Option<u32> = row.get(2)?;
        Ok(QueueSettings { visibility: duration(row.get(0)?), dead_letters: dead.zip(max) })
    };
    connection.prepare_cached(query)?.query_row([name], read).optional()?.ok_or(SqsError::NoSuchQueue)
}

pub(super) fn send(
    connection: &Connection,
    queue: &str,
    body: &str,
    now: Timestamp,
    delay: Duration,
) -> Done<String> {
    settings(connection, queue)?;
    let id = new_id()?;
    let insert =
        "INSERT INTO messages (id, queue, origin, body, sent, visible) VALUES (?1, ?2, ?2, ?3, ?4, ?5)";
    let sent = now.as_millisecond();
    connection.prepare_cached(insert)?.execute(params![id, queue, body, sent, sent + millis(delay)])?;
    Ok(id)
}

pub(super) fn receive(
    connection: &Connection,
    queue: &str,
    limit: usize,
    hidden: Option<Duration>,
    now: Timestamp,
) -> Done<Vec<Message>> {
    let settings = settings(connection, queue)?;
    bury(connection, queue, &settings, now)?;
    let until = now.as_millisecond() + millis(hidden.unwrap_or(settings.visibility));
    let query = "SELECT seq FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY seq LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_map(params![queue, now.as_millisecond(), limit], |row| row.get(0))?;
    let found: Vec<i64> = found.collect::<Result<_, _>>()?;
    let take = "UPDATE messages SET visible = ?2, receives = receives + 1, receipt = ?3 WHERE seq = ?1
                RETURNING id, body, sent, receives, receipt";
    let mut take = connection.prepare_cached(take)?;
    let mut taken = Vec::with_capacity(found.len());
    for seq in found {
        taken.push(take.query_row(params![seq, until, new_id()?], message)?);
    }
    Ok(taken)
}

/// Moves what was received too often to the dead letters.
fn bury(connection: &Connection, queue: &str, settings: &QueueSettings, now: Timestamp) -> Done<()> {
    let Some((dead_letters, max_receives)) = &settings.dead_letters else { return Ok(()) };
    let bury = "UPDATE messages SET queue = ?3, visible = ?2
                WHERE queue = ?1 AND visible <= ?2 AND receives >= ?4";
    let values = params![queue, now.as_millisecond(), dead_letters, max_receives];
    connection.prepare_cached(bury)?.execute(values)?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, queue: &str, receipt: &str) -> Done<()> {
    let delete = "DELETE FROM messages WHERE queue = ?1 AND receipt = ?2";
    connection.prepare_cached(delete)?.execute([queue, receipt])?;
    Ok(())
}

/// Brings a message back into sight at a time of its own; if it has come too often, among the dead letters.
pub(super) fn give_back(
    connection: &Connection,
    queue: &str,
    receipt: &str,
    visible: Timestamp,
    now: Timestamp,
) -> Done<()> {
    let show = "UPDATE messages SET visible = ?3 WHERE queue = ?1 AND receipt = ?2";
    connection.prepare_cached(show)?.execute(params![queue, receipt, visible.as_millisecond()])?;
    let Some((dead_letters, max_receives)) = settings(connection, queue)?.dead_letters else { return Ok(()) };
    let bury = "UPDATE messages SET queue = ?4, visible = ?3
                WHERE queue = ?1 AND receipt = ?2 AND receives >= ?5";
    let values = params![queue, receipt, now.as_millisecond(), dead_letters, max_receives];
    connection.prepare_cached(bury)?.execute(values)?;
    Ok(())
}

/// Brings everything of a queue into sight: nobody works on any of it.
pub(super) fn show_all(connection: &Connection, queue: &str, now: Timestamp) -> Done<()> {
    let show = "UPDATE messages SET visible = ?2 WHERE queue = ?1 AND visible > ?2 AND receives > 0";
    connection.prepare_cached(show)?.execute(params![queue, now.as_millisecond()])?;
    Ok(())
}

/// When the next message of a queue comes into sight.
pub(super) fn next_visible(connection: &Connection, queue: &str) -> Done<Option<i64>> {
    let query = "SELECT min(visible) FROM messages WHERE queue = ?1";
    Ok(connection.prepare_cached(query)?.query_row([queue], |row| row.get(0))?)
}

pub(super) fn redrive(connection: &Connection, dead_letters: &str, now: Timestamp) -> Done<usize> {
    let back = "UPDATE messages SET queue = origin, visible = ?2, receives = 0
                WHERE queue = ?1 AND origin <> ?1";
    Ok(connection.prepare_cached(back)?.execute(params![dead_letters, now.as_millisecond()])?)
}

pub(super) fn messages(connection: &Connection, queue: &str) -> Done<Vec<Message>> {
    let query = "SELECT id, body, sent, receives, receipt FROM messages WHERE queue = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_map([queue], message)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// How many messages are in sight, and how many out of it.
pub(super) fn counts(connection: &Connection, queue: &str, now: Timestamp) -> Done<(u64, u64)> {
    let query = "SELECT count(*) FILTER (WHERE visible <= ?2), count(*) FILTER (WHERE visible > ?2)
                 FROM messages WHERE queue = ?1";
    let both = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(connection.prepare_cached(query)?.query_row(params![queue, now.as_millisecond()], both)?)
}

pub(super) fn count(connection: &Connection, queues: &BTreeSet<String>) -> Done<u64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM messages WHERE queue = ?1")?;
    let mut count = 0;
    for queue in queues {
        count += statement.query_row([queue], |row| row.get::<_, u64>(0))?;
    }
    Ok(count)
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        body: row.get(1)?,
        sent_at: Timestamp::from_millisecond(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
        receives: row.get(3)?,
        receipt: row.get(4)?,
    })
}

fn new_id() -> Done<String> {
    let id = ambient::new_id().map_err(|error| DatabaseError::Io(std::io::Error::other(error)))?;
    Ok(id.to_string())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
