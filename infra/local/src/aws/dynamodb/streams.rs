//! Keeping the engine's stream records quick and few.
//!
//! The engine looks for the newest sequence number at every write, without an
//! index, and never forgets a record. An index on exactly its expression and a
//! daily trim keep the cost of a write from growing with the table's history.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Answer;

const INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_sequence \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";
const TRIM: &str = "DELETE FROM _stream_records WHERE id IN \
     (SELECT id FROM _stream_records WHERE table_name = ?1 AND created_at < ?2 \
      AND CAST(sequence_number AS INTEGER) <= ?3 LIMIT ?4)";
/// What the engine adds to a stored sequence number when it names it.
const NAMED_FROM: u128 = 100_000_000_000_000_000_000;
/// Records in one write transaction; small, so that requests get their turn between two.
const BATCH: usize = 500;
const PATIENCE: Duration = Duration::from_secs(5);

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Adds the index that the engine's look-ups lack.
pub(super) fn index(file: &Path) -> rusqlite::Result<()> {
    connect(file)?.execute(INDEX, ()).map(drop)
}

/// Deletes the records made before `before`, of the tables in `delivered` only those up to a sequence number; returns how
/// many.
pub(super) fn trim(
    file: &Path,
    before: Timestamp,
    delivered: &BTreeMap<String, String>,
) -> rusqlite::Result<usize> {
    let connection = connect(file)?;
    let mut statement = connection.prepare("SELECT DISTINCT table_name FROM _stream_records")?;
    let tables: Vec<String> = statement.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut trimmed = 0;
    for table in tables {
        let last = delivered.get(&table).map_or(i64::MAX, |sequence| stored(sequence));
        loop {
            let deleted = connection.execute(TRIM, (&table, before.as_second(), last, BATCH))?;
            trimmed += deleted;
            if deleted < BATCH {
                break;
            }
        }
    }
    Ok(trimmed)
}

/// A sequence number as the engine stores it; what is none comes before everything.
fn stored(sequence: &str) -> i64 {
    let named = sequence.parse::<u128>().ok().and_then(|number| number.checked_sub(NAMED_FROM));
    named.and_then(|number| i64::try_from(number).ok()).unwrap_or_default()
}

/// Asks for a place in a table's stream; the engine has one shard for each table, and reads of the ARN the table alone.
pub(super) fn iterator_request(table: &str, after: Option<&str>) -> Bytes {
    use dynoxide::streams::{shard_id, stream_arn};
    let (arn, shard) = (stream_arn(table, "any"), shard_id(table));
    let request = match after {
        Some(sequence) => json!({
            "StreamArn": arn,
            "ShardId": shard,
            "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
            "SequenceNumber": sequence,
        }),
        None => json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" }),
    };
    request.to_string().into()
}

/// Asks for what comes after the place that was given.
pub(super) fn records_request(started: &Answer, limit: usize) -> Result<Bytes, String> {
    let started = read(started)?;
    let request = json!({ "ShardIterator": started.get("ShardIterator"), "Limit": limit });
    Ok(request.to_string().into())
}

/// The records that were given.
pub(super) fn records(got: &Answer) -> Result<Vec<Value>, String> {
    match read(got)?.get_mut("Records").map(Value::take) {
        Some(Value::Array(records)) => Ok(records),
        _ => Err("there are no records in the answer".to_owned()),
    }
}

fn read(answer: &Answer) -> Result<Value, String> {
    if !answer.status.is_success() {
        return Err(String::from_utf8_lossy(&answer.body).into_owned());
    }
    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tables.sqlite");
        dynoxide::Database::new(file.to_str().unwrap()).unwrap();
        index(&file).unwrap();
        (dir, file)
    }

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map((), |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_engine_finds_sequence_numbers_by_the_index() {
        let (_dir, file) = database();
        let connection = connect(&file).unwrap();
        for sql in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records \
             WHERE table_name = 'records'",
            "SELECT event_name FROM _stream_records WHERE table_name = 'records' AND shard_id = 's' \
             AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 10",
        ] {
            let plan = plan(&connection, sql);
            assert!(plan.contains("_stream_records_by_sequence"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    #[test]
    fn commits_are_flushed_before_they_are_answered() {
        let (_dir, file) = database();
        // The engine leaves `synchronous` as SQLite was built; 2 is FULL.
        let connection = connect(&file).unwrap();
        let synchronous: i64 = connection.query_row("PRAGMA synchronous", (), |row| row.get(0)).unwrap();
        let journal: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0)).unwrap();
        assert_eq!((synchronous, journal.as_str()), (2, "wal"));
    }

    #[test]
    fn only_old_records_are_trimmed() {
        let (_dir, file) = database();
        let connection = connect(&file).unwrap();
        let insert = "INSERT INTO _stream_records \
             (table_name, event_name, keys_json, sequence_number, shard_id, created_at) \
             VALUES ('records', 'INSERT', '{}', ?1, 's', ?2)";
        for at in 0..1300 {
            connection.execute(insert, (at.to_string(), at)).unwrap();
        }
        let before = Timestamp::from_second(1200).unwrap();
        let delivered =
            |sequence: u128| BTreeMap::from([("records".to_owned(), (NAMED_FROM + sequence).to_string())]);
        assert_eq!(trim(&file, before, &BTreeMap::from([("records".into(), String::new())])).unwrap(), 1);
        assert_eq!(trim(&file, before, &delivered(999)).unwrap(), 999, "what was not delivered stays");
        assert_eq!(trim(&file, before, &delivered(5000)).unwrap(), 200);
        assert_eq!(trim(&file, before, &BTreeMap::new()).unwrap(), 0);
        let left: i64 =
            connection.query_row("SELECT COUNT(*) FROM _stream_records", (), |row| row.get(0)).unwrap();
        assert_eq!(left, 100);
    }
}
