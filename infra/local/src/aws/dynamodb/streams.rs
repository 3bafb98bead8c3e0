//! Keeping the engine's stream records quick and few.
//!
//! The engine looks for the newest sequence number at every write, without an
//! index, and never forgets a record. An index on exactly its expression and a
//! daily trim keep the cost of a write from growing with the table's history.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

const INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_sequence \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";
const TRIM: &str = "DELETE FROM _stream_records WHERE id IN \
     (SELECT id FROM _stream_records WHERE created_at < ?1 LIMIT ?2)";
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

/// Deletes the records made before `before`; returns how many.
pub(super) fn trim(file: &Path, before: Timestamp) -> rusqlite::Result<usize> {
    let connection = connect(file)?;
    let mut trimmed = 0;
    loop {
        let deleted = connection.execute(TRIM, (before.as_second(), BATCH))?;
        trimmed += deleted;
        if deleted < BATCH {
            return Ok(trimmed);
        }
    }
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
        assert_eq!(trim(&file, Timestamp::from_second(1200).unwrap()).unwrap(), 1200);
        assert_eq!(trim(&file, Timestamp::from_second(1200).unwrap()).unwrap(), 0);
        let left: i64 =
            connection.query_row("SELECT COUNT(*) FROM _stream_records", (), |row| row.get(0)).unwrap();
        assert_eq!(left, 100);
    }
}
