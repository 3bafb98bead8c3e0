//! How far each target has got, and what it refused for good, as rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde_json::Value;

use super::StreamError;
use crate::aws::events::{DatabaseError, DeadLetter};

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS stream_positions (
    target   TEXT PRIMARY KEY,
    source   TEXT NOT NULL,
    sequence TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream_dead_letters (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    target   TEXT NOT NULL,
    record   TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error    TEXT NOT NULL
);
";

/// Where a target goes on; `None` is before everything.
pub(super) fn begin(
    connection: &Connection,
    target: &str,
    table: &str,
) -> Result<Option<String>, StreamError> {
    let insert = "INSERT INTO stream_positions (target, source) VALUES (?1, ?2)
                  ON CONFLICT (target) DO UPDATE SET source = ?2 RETURNING sequence";
    Ok(connection.prepare_cached(insert)?.query_row([target, table], |row| row.get(0))?)
}

/// Forgets how far targets got that do not exist any more: nothing is kept for them.
pub(super) fn forget_others(connection: &Connection, targets: &[String]) -> Result<(), StreamError> {
    let mut statement = connection.prepare_cached("SELECT target FROM stream_positions")?;
    let known: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for target in known.into_iter().filter(|known| !targets.contains(known)) {
        connection.prepare_cached("DELETE FROM stream_positions WHERE target = ?1")?.execute([target])?;
    }
    Ok(())
}

/// Writes down that a target has got to a record, and what it could not take on the way.
pub(super) fn reach(
    connection: &Connection,
    target: &str,
    sequence: &str,
    dead: Option<&DeadLetter>,
) -> Result<(), StreamError> {
    let reach = "UPDATE stream_positions SET sequence = ?2 WHERE target = ?1";
    connection.prepare_cached(reach)?.execute([target, sequence])?;
    let Some(dead) = dead else { return Ok(()) };
    let bury = "INSERT INTO stream_dead_letters (target, record, attempts, error) VALUES (?1, ?2, ?3, ?4)";
    let values = params![target, dead.event.to_string(), dead.attempts, dead.error];
    connection.prepare_cached(bury)?.execute(values)?;
    Ok(())
}

pub(super) fn dead_letters(connection: &Connection) -> Result<Vec<DeadLetter>, StreamError> {
    let query = "SELECT target, record, attempts, error FROM stream_dead_letters ORDER BY seq";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        let record: String = row.get(1)?;
        let event: Value = serde_json::from_str(&record).map_err(DatabaseError::from)?;
        letters.push(DeadLetter { target: row.get(0)?, event, attempts: row.get(2)?, error: row.get(3)? });
    }
    Ok(letters)
}

/// By table, how far the slowest of its targets has got; nothing is older than the empty text.
pub(super) fn delivered(connection: &Connection) -> Result<BTreeMap<String, String>, StreamError> {
    let query = "SELECT source, min(coalesce(sequence, '')) FROM stream_positions GROUP BY source";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
