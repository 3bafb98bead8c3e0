//! The tables of the object store, and the settings it keeps about itself.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::Result;

/// `versions.seq` orders everything that ever happened to a key: it is never
/// reused, and an event's sequencer is made of it. Keys are blobs, so that they
/// sort by their bytes as S3 lists them.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    created    INTEGER NOT NULL,
    versioning TEXT NOT NULL,
    lockable   INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS bucket_settings (
    bucket INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (bucket, kind)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket     INTEGER NOT NULL,
    key        BLOB NOT NULL,
    version_id TEXT NOT NULL,
    latest     INTEGER NOT NULL,
    marker     INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    etag       TEXT NOT NULL,
    modified   INTEGER NOT NULL,
    superseded INTEGER,
    about      TEXT NOT NULL,
    tags       TEXT NOT NULL,
    lock_mode  TEXT,
    lock_until INTEGER,
    legal_hold INTEGER,
    UNIQUE (bucket, key, version_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS versions_latest ON versions (bucket, key) WHERE latest = 1;
CREATE INDEX IF NOT EXISTS versions_order ON versions (bucket, key, seq DESC);
CREATE TABLE IF NOT EXISTS segments (
    version  INTEGER NOT NULL,
    position INTEGER NOT NULL,
    part     INTEGER,
    blob     TEXT NOT NULL,
    len      INTEGER NOT NULL,
    wrapped  BLOB NOT NULL,
    PRIMARY KEY (version, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
    id        TEXT PRIMARY KEY,
    bucket    INTEGER NOT NULL,
    key       BLOB NOT NULL,
    initiated INTEGER NOT NULL,
    body      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_order ON uploads (bucket, key, id);
CREATE TABLE IF NOT EXISTS parts (
    upload   TEXT NOT NULL,
    number   INTEGER NOT NULL,
    blob     TEXT NOT NULL,
    len      INTEGER NOT NULL,
    wrapped  BLOB NOT NULL,
    etag     TEXT NOT NULL,
    checksum TEXT NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
";

pub(super) fn create(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(SCHEMA)?)
}

pub(super) fn setting(connection: &Connection, name: &str) -> Result<Option<String>> {
    let query = "SELECT value FROM settings WHERE name = ?1";
    Ok(connection.query_row(query, [name], |row| row.get(0)).optional()?)
}

/// The setting's value; `new` when it has none yet.
pub(super) fn setting_or(connection: &Connection, name: &str, new: String) -> Result<String> {
    if let Some(value) = setting(connection, name)? {
        return Ok(value);
    }
    connection.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params![name, new])?;
    Ok(new)
}
