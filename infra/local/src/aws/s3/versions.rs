//! The rows of versions: finding, adding, marking deleted, removing.
//!
//! INVARIANT: a key's newest row, and no other, is the latest.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::error::{Result, S3Error};
use super::model::{Bucket, Draft, Lock, LockMode, NULL_VERSION, Retention, Segment, Version, Versioning};
use super::store::Effects;
use super::time;
use crate::aws::ambient;

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "seq, key, version_id, latest, marker, size, etag, modified, superseded, about, \
                                  tags, lock_mode, lock_until, legal_hold";

/// A version from a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> Result<Version> {
    let mode: Option<String> = row.get(11)?;
    let until: Option<i64> = row.get(12)?;
    let mode = mode.as_deref().and_then(LockMode::parse);
    let retention = mode.zip(until).map(|(mode, until)| Retention { mode, until: time::stored(until) });
    Ok(Version {
        seq: row.get(0)?,
        key: key_text(row.get(1)?)?,
        version_id: row.get(2)?,
        latest: row.get(3)?,
        marker: row.get(4)?,
        size: row.get(5)?,
        etag: row.get(6)?,
        modified: time::stored(row.get(7)?),
        superseded: row.get::<_, Option<i64>>(8)?.map(time::stored),
        about: serde_json::from_str(&row.get::<_, String>(9)?)?,
        tags: serde_json::from_str(&row.get::<_, String>(10)?)?,
        lock: Lock { retention, legal_hold: row.get(13)? },
    })
}

pub(super) fn key_text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| S3Error::Corrupt("a stored key is not text".into()))
}

fn find(connection: &Connection, condition: &str, values: impl rusqlite::Params) -> Result<Option<Version>> {
    let query = format!("SELECT {COLUMNS} FROM versions WHERE {condition}");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(values)?;
    rows.next()?.map(read).transpose()
}

/// The latest version of a key, which may be a delete marker.
pub(super) fn latest(connection: &Connection, bucket: i64, key: &str) -> Result<Option<Version>> {
    find(connection, "bucket = ?1 AND key = ?2 AND latest = 1", params![bucket, key.as_bytes()])
}

/// One version of a key by its id.
pub(super) fn by_id(
    connection: &Connection,
    bucket: i64,
    key: &str,
    version_id: &str,
) -> Result<Option<Version>> {
    let condition = "bucket = ?1 AND key = ?2 AND version_id = ?3";
    find(connection, condition, params![bucket, key.as_bytes(), version_id])
}

/// The named version, or the latest.
pub(super) fn named_or_latest(
    connection: &Connection,
    bucket: i64,
    key: &str,
    version_id: Option<&str>,
) -> Result<Option<Version>> {
    match version_id {
        Some(version_id) => by_id(connection, bucket, key, version_id),
        None => latest(connection, bucket, key),
    }
}

/// The content of a version, in order.
pub(super) fn segments(connection: &Connection, version: i64) -> Result<Vec<Segment>> {
    let query = "SELECT part, blob, len, wrapped FROM segments WHERE version = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([version])?;
    let mut segments = Vec::new();
    while let Some(row) = rows.next()? {
        segments.push(Segment {
            part: row.get(0)?,
            blob: blob_id(&row.get::<_, String>(1)?)?,
            len: row.get(2)?,
            wrapped: row.get(3)?,
        });
    }
    Ok(segments)
}

pub(super) fn blob_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| S3Error::Corrupt("a stored blob id is not valid".into()))
}

/// What an operation did to a key.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub seq: i64,
    pub version_id: String,
}

/// Adds a version, which becomes the latest; without versioning it replaces the former one.
pub(super) fn add(
    connection: &Connection,
    bucket: &Bucket,
    draft: &Draft,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<Change> {
    let version_id = make_room(connection, bucket, &draft.key, now, effects)?;
    let insert =
        "INSERT INTO versions (bucket, key, version_id, latest, marker, size, etag, modified, about, tags,
                                        lock_mode, lock_until, legal_hold)
                  VALUES (?1, ?2, ?3, 1, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    connection.prepare_cached(insert)?.execute(params![
        bucket.id,
        draft.key.as_bytes(),
        version_id,
        draft.size,
        draft.etag,
        now.as_millisecond(),
        serde_json::to_string(&draft.about)?,
        serde_json::to_string(&draft.tags)?,
        draft.lock.retention.map(|retention| retention.mode.as_str()),
        draft.lock.retention.map(|retention| retention.until.as_millisecond()),
        draft.lock.legal_hold,
    ])?;
    let seq = connection.last_insert_rowid();
    let insert = "INSERT INTO segments (version, position, part, blob, len, wrapped)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = connection.prepare_cached(insert)?;
    for (position, segment) in draft.segments.iter().enumerate() {
        let blob = segment.blob.to_string();
        statement.execute(params![seq, position, segment.part, blob, segment.len, segment.wrapped])?;
    }
    Ok(Change { seq, version_id })
}

/// Adds a delete marker, which becomes the latest.
pub(super) fn add_marker(
    connection: &Connection,
    bucket: &Bucket,
    key: &str,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<Change> {
    let version_id = make_room(connection, bucket, key, now, effects)?;
    let insert =
        "INSERT INTO versions (bucket, key, version_id, latest, marker, size, etag, modified, about, tags)
                  VALUES (?1, ?2, ?3, 1, 1, 0, '', ?4, '{\"headers\":{\"metadata\":{}}}', '[]')";
    let mut statement = connection.prepare_cached(insert)?;
    statement.execute(params![bucket.id, key.as_bytes(), version_id, now.as_millisecond()])?;
    Ok(Change { seq: connection.last_insert_rowid(), version_id })
}

/// Takes the latest mark off a key, and the version that the new one replaces
/// away; returns the new version's id.
fn make_room(
    connection: &Connection,
    bucket: &Bucket,
    key: &str,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<String> {
    let version_id = match bucket.versioning {
        Versioning::Enabled => ambient::new_id()?.simple().to_string(),
        Versioning::Never | Versioning::Suspended => {
            if let Some(former) = by_id(connection, bucket.id, key, NULL_VERSION)? {
                erase(connection, &former, effects)?;
            }
            NULL_VERSION.to_owned()
        }
    };
    let supersede =
        "UPDATE versions SET latest = 0, superseded = ?3 WHERE bucket = ?1 AND key = ?2 AND latest = 1";
    let values = params![bucket.id, key.as_bytes(), now.as_millisecond()];
    connection.prepare_cached(supersede)?.execute(values)?;
    Ok(version_id)
}

/// Removes a version for good; the newest that is left becomes the latest.
pub(super) fn remove(
    connection: &Connection,
    bucket: i64,
    version: &Version,
    effects: &mut Effects,
) -> Result<()> {
    erase(connection, version, effects)?;
    if version.latest {
        let promote = "UPDATE versions SET latest = 1, superseded = NULL WHERE seq =
                       (SELECT max(seq) FROM versions WHERE bucket = ?1 AND key = ?2)";
        connection.prepare_cached(promote)?.execute(params![bucket, version.key.as_bytes()])?;
    }
    Ok(())
}

fn erase(connection: &Connection, version: &Version, effects: &mut Effects) -> Result<()> {
    effects.doomed.extend(segments(connection, version.seq)?.into_iter().map(|segment| segment.blob));
    connection.prepare_cached("DELETE FROM segments WHERE version = ?1")?.execute([version.seq])?;
    connection.prepare_cached("DELETE FROM versions WHERE seq = ?1")?.execute([version.seq])?;
    Ok(())
}

/// A sequence number for a removal, which leaves no row that would have one.
pub(super) fn next_seq(connection: &Connection) -> Result<i64> {
    let bump = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'versions' RETURNING seq";
    Ok(connection.prepare_cached(bump)?.query_row([], |row| row.get(0))?)
}

/// Whether `version` is all that its key has.
pub(super) fn is_alone(connection: &Connection, bucket: i64, version: &Version) -> Result<bool> {
    let query = "SELECT 1 FROM versions WHERE bucket = ?1 AND key = ?2 AND seq <> ?3 LIMIT 1";
    let mut statement = connection.prepare_cached(query)?;
    let other =
        statement.query_row(params![bucket, version.key.as_bytes(), version.seq], |_| Ok(())).optional()?;
    Ok(other.is_none())
}
