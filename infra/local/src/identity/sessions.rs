//! Who is signed in at which browser: the `sessions` table.
//!
//! A session begins with the right password and passes through stages; only a complete one counts as signed
//! in. The cookie holds a secret, replaced when a session completes; the session's id is the `sid` claim.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::crypto;
use super::error::IdentityError;

/// A browser stays signed in for a working day.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// How long somebody may take for the steps after the password.
const STEP_SECONDS: i64 = 600;
/// The most sessions of one person; the oldest end first.
const PER_PERSON_MAX: i64 = 32;

/// What a session still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The code of the second factor.
    Code,
    /// A password of their own in place of the one they were given.
    NewPassword,
    Complete,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::NewPassword => "new_password",
            Self::Complete => "complete",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Code, Self::NewPassword, Self::Complete].into_iter().find(|stage| stage.as_str() == text)
    }
}

/// How somebody proved who they are: the `amr` claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    Password,
    PasswordAndCode,
}

impl Methods {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::PasswordAndCode => "pwd otp",
        }
    }

    pub fn parse(text: &str) -> Self {
        if text == Self::PasswordAndCode.as_str() { Self::PasswordAndCode } else { Self::Password }
    }

    /// The claim's values.
    pub fn list(self) -> Vec<&'static str> {
        self.as_str().split(' ').collect()
    }
}

/// A session that has neither ended nor expired.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub subject: String,
    pub stage: Stage,
    pub methods: Methods,
    pub auth_time: i64,
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let stage: String = row.get(2)?;
    let methods: String = row.get(3)?;
    Ok(Session {
        id: row.get(0)?,
        subject: row.get(1)?,
        stage: Stage::parse(&stage).ok_or(rusqlite::Error::InvalidQuery)?,
        methods: Methods::parse(&methods),
        auth_time: row.get(4)?,
    })
}

const LIVE: &str = "SELECT id, subject, stage, amr, auth_time FROM sessions
    WHERE ended_at IS NULL AND expires_at > ?2 AND ";

/// The session a cookie belongs to.
pub fn by_cookie(conn: &Connection, cookie: &str, now: i64) -> Result<Option<Session>, IdentityError> {
    let sql = format!("{LIVE} fingerprint = ?1");
    Ok(conn.query_row(&sql, params![crypto::fingerprint(cookie), now], session).optional()?)
}

pub fn by_id(conn: &Connection, id: &str, now: i64) -> Result<Option<Session>, IdentityError> {
    let sql = format!("{LIVE} id = ?1");
    Ok(conn.query_row(&sql, params![id, now], session).optional()?)
}

/// Begins a session and returns the secret for its cookie.
pub fn begin(
    conn: &Connection,
    subject: &str,
    stage: Stage,
    methods: Methods,
    now: i64,
) -> Result<(Session, String), IdentityError> {
    forget_expired(conn, now)?;
    make_room(conn, subject, now)?;
    let cookie = crypto::secret()?;
    let lifetime = if stage == Stage::Complete { SESSION_SECONDS } else { STEP_SECONDS };
    let begun =
        Session { id: crypto::identifier()?, subject: subject.to_owned(), stage, methods, auth_time: now };
    conn.execute(
        "INSERT INTO sessions (id, fingerprint, subject, stage, amr, auth_time, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            begun.id,
            crypto::fingerprint(&cookie),
            subject,
            stage.as_str(),
            methods.as_str(),
            now,
            now + lifetime
        ],
    )?;
    Ok((begun, cookie))
}

/// Makes somebody signed in. Their own session at this browser goes on under a new secret; somebody else's
/// ends.
pub fn complete(
    conn: &Connection,
    previous: Option<Session>,
    subject: &str,
    methods: Methods,
    now: i64,
) -> Result<(Session, String), IdentityError> {
    match previous {
        Some(session) if session.subject == subject && session.stage == Stage::Complete => {
            renew(conn, session, methods, now)
        }
        Some(other) => {
            end(conn, &other.id, now)?;
            begin(conn, subject, Stage::Complete, methods, now)
        }
        None => begin(conn, subject, Stage::Complete, methods, now),
    }
}

fn renew(
    conn: &Connection,
    session: Session,
    methods: Methods,
    now: i64,
) -> Result<(Session, String), IdentityError> {
    let cookie = crypto::secret()?;
    conn.execute(
        "UPDATE sessions SET fingerprint = ?2, amr = ?3, auth_time = ?4, expires_at = ?5 WHERE id = ?1",
        params![session.id, crypto::fingerprint(&cookie), methods.as_str(), now, now + SESSION_SECONDS],
    )?;
    Ok((Session { methods, auth_time: now, ..session }, cookie))
}

fn make_room(conn: &Connection, subject: &str, now: i64) -> Result<(), IdentityError> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM sessions WHERE subject = ?1 AND ended_at IS NULL
         ORDER BY auth_time DESC LIMIT -1 OFFSET ?2",
    )?;
    let surplus: Vec<String> = statement
        .query_map(params![subject, PER_PERSON_MAX - 1], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    surplus.iter().try_for_each(|id| end(conn, id, now))
}

/// Ends a session and everything granted under it.
pub fn end(conn: &Connection, id: &str, now: i64) -> Result<(), IdentityError> {
    conn.execute("UPDATE sessions SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL", params![id, now])?;
    conn.execute(
        "UPDATE grants SET revoked_at = ?2 WHERE session_id = ?1 AND revoked_at IS NULL",
        params![id, now],
    )?;
    Ok(())
}

/// Ends every session of a person and everything granted to them.
pub fn end_all_of(conn: &Connection, subject: &str, now: i64) -> Result<(), IdentityError> {
    conn.execute(
        "UPDATE sessions SET ended_at = ?2 WHERE subject = ?1 AND ended_at IS NULL",
        params![subject, now],
    )?;
    conn.execute(
        "UPDATE grants SET revoked_at = ?2 WHERE subject = ?1 AND revoked_at IS NULL",
        params![subject, now],
    )?;
    Ok(())
}

/// Removes sessions that are over, once no code refers to them.
pub fn forget_expired(conn: &Connection, now: i64) -> Result<(), IdentityError> {
    conn.execute(
        "DELETE FROM sessions WHERE (expires_at <= ?1 OR ended_at IS NOT NULL)
         AND NOT EXISTS (SELECT 1 FROM codes WHERE session_id = sessions.id)",
        [now],
    )?;
    Ok(())
}
