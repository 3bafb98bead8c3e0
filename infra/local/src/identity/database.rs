//! The issuer's own SQLite database: one file that only its owner may read, durable at every commit.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ring::hmac;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::crypto;
use super::error::IdentityError;

const FILE: &str = "identity.sqlite";
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY, pkcs8 BLOB NOT NULL, created_at INTEGER NOT NULL, retired_at INTEGER) STRICT;
CREATE TABLE accounts (
    subject TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL, created_at INTEGER NOT NULL, password_set_at INTEGER NOT NULL,
    disabled_at INTEGER, factor BLOB, factor_offered BLOB, factor_last_step INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, subject TEXT NOT NULL REFERENCES accounts,
    stage TEXT NOT NULL, amr TEXT NOT NULL, auth_time INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    ended_at INTEGER) STRICT;
CREATE INDEX sessions_by_subject ON sessions (subject, auth_time);
CREATE TABLE grants (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL, subject TEXT NOT NULL REFERENCES accounts,
    session_id TEXT NOT NULL, scope TEXT NOT NULL, auth_time INTEGER NOT NULL, amr TEXT NOT NULL,
    issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER) STRICT;
CREATE INDEX grants_by_session ON grants (session_id);
CREATE INDEX grants_by_subject ON grants (subject);
CREATE TABLE codes (
    fingerprint BLOB PRIMARY KEY, client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL,
    nonce TEXT, challenge TEXT NOT NULL, session_id TEXT NOT NULL REFERENCES sessions,
    expires_at INTEGER NOT NULL, used_at INTEGER, grant_id TEXT) STRICT;
CREATE INDEX codes_by_session ON codes (session_id, expires_at);
CREATE TABLE refresh_tokens (
    fingerprint BLOB PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants ON DELETE CASCADE,
    expires_at INTEGER NOT NULL, used_at INTEGER) STRICT;
CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);
CREATE TABLE attempts (
    subject BLOB PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL) STRICT;
CREATE INDEX attempts_by_time ON attempts (last_at);
CREATE TABLE sign_ins (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, outcome TEXT NOT NULL, subject TEXT,
    username TEXT, ip TEXT, user_agent TEXT) STRICT;
";

/// The one connection. Transactions are short, and one writer is all SQLite has.
pub struct Database(Mutex<Connection>);

impl Database {
    /// Opens or makes the database in `dir`.
    pub fn open(dir: &Path) -> Result<Self, IdentityError> {
        fs::create_dir_all(dir)?;
        let file = dir.join(FILE);
        protect(dir, &file)?;
        let mut conn = Connection::open(&file)?;
        conn.busy_timeout(Duration::from_secs(10))?;
        conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "secure_delete", true)?;
        migrate(&mut conn)?;
        Ok(Self(Mutex::new(conn)))
    }

    /// Runs `work` as one transaction: all of it is kept when this returns, or none of it.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, IdentityError>,
    ) -> Result<T, IdentityError> {
        let mut conn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Runs `work`, which only reads.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, IdentityError>,
    ) -> Result<T, IdentityError> {
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn migrate(conn: &mut Connection) -> Result<(), IdentityError> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(IdentityError::Version { found, known: VERSION });
    }
    if found == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The key of this name, made at its first use.
pub fn secret_key(conn: &Connection, name: &str) -> Result<hmac::Key, IdentityError> {
    let kept: Option<Vec<u8>> =
        conn.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    let value = match kept {
        Some(value) => value,
        None => {
            let value = crypto::random::<32>()?.to_vec();
            conn.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params![name, value])?;
            value
        }
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &value))
}

/// Makes folder and file readable by their owner alone before anything secret is written; the files SQLite
/// puts beside the database take its permissions.
#[cfg(unix)]
fn protect(dir: &Path, file: &Path) -> Result<(), IdentityError> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

#[cfg(not(unix))]
fn protect(_dir: &Path, _file: &Path) -> Result<(), IdentityError> {
    Ok(())
}
