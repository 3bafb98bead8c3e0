//! The facts of signing in, kept until the product has taken them into its own evidence.
//!
//! A fact is written in the transaction of what it tells of, and stays until it is acknowledged: whoever
//! listens sees every one at least once, also after the process was killed.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::Identity;
use super::accounts::{Account, Subject};
use super::error::IdentityError;

const USER_AGENT_MAX: usize = 256;

/// How an attempt to sign in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    Succeeded,
    WrongPassword,
    /// The password was right, the code of the second factor was not.
    WrongCode,
    /// Too many attempts before; nothing was checked.
    Throttled,
    Disabled,
}

impl SignInOutcome {
    const ALL: [Self; 5] =
        [Self::Succeeded, Self::WrongPassword, Self::WrongCode, Self::Throttled, Self::Disabled];

    /// The word for it, as it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::Throttled => "throttled",
            Self::Disabled => "disabled",
        }
    }
}

/// One attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInEvent {
    /// Counts up; never used twice.
    pub seq: i64,
    pub at: Timestamp,
    pub outcome: SignInOutcome,
    /// The person, when the name belonged to one.
    pub subject: Option<Subject>,
    /// Their username. What was typed is not kept for unknown names: it may be a password.
    pub username: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// Where an attempt came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub ip: Option<std::net::IpAddr>,
    pub user_agent: Option<String>,
}

pub fn record(
    conn: &Connection,
    outcome: SignInOutcome,
    account: Option<&Account>,
    origin: &Origin,
    now: i64,
) -> Result<(), IdentityError> {
    let user_agent =
        origin.user_agent.as_deref().map(|text| text.chars().take(USER_AGENT_MAX).collect::<String>());
    conn.execute(
        "INSERT INTO sign_ins (at, outcome, subject, username, ip, user_agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            now,
            outcome.as_str(),
            account.map(|account| &account.subject),
            account.map(|account| &account.username),
            origin.ip.map(|ip| ip.to_string()),
            user_agent
        ],
    )?;
    Ok(())
}

fn event(row: &Row<'_>) -> rusqlite::Result<SignInEvent> {
    let word: String = row.get(2)?;
    let outcome = SignInOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == word);
    let at = Timestamp::from_second(row.get(1)?).ok();
    let (Some(outcome), Some(at)) = (outcome, at) else {
        return Err(rusqlite::Error::InvalidQuery);
    };
    Ok(SignInEvent {
        seq: row.get(0)?,
        at,
        outcome,
        subject: row.get(3)?,
        username: row.get(4)?,
        ip: row.get(5)?,
        user_agent: row.get(6)?,
    })
}

fn after(conn: &Connection, seq: i64, limit: usize) -> Result<Vec<SignInEvent>, IdentityError> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, at, outcome, subject, username, ip, user_agent FROM sign_ins
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = statement.query_map(params![seq, i64::try_from(limit).unwrap_or(i64::MAX)], event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A reader of the facts, from the first that was not acknowledged.
pub struct SignInEvents {
    identity: Identity,
    last_seen: i64,
}

impl SignInEvents {
    pub(super) fn new(identity: Identity) -> Self {
        Self { identity, last_seen: 0 }
    }

    /// The next facts, at most `limit`, without waiting for one.
    pub fn pending(&mut self, limit: usize) -> Result<Vec<SignInEvent>, IdentityError> {
        let found = self.identity.inner.database.read(|conn| after(conn, self.last_seen, limit))?;
        if let Some(last) = found.last() {
            self.last_seen = last.seq;
        }
        Ok(found)
    }

    /// The next facts, at most `limit` and at least one: waits until there is one.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<SignInEvent>, IdentityError> {
        let identity = self.identity.clone();
        loop {
            // Asked for before looking, so that a fact added in between wakes this reader.
            let added = identity.inner.event_added.notified();
            tokio::pin!(added);
            added.as_mut().enable();
            let (reader, last_seen) = (self.identity.clone(), self.last_seen);
            let looking = tokio::task::spawn_blocking(move || {
                reader.inner.database.read(|conn| after(conn, last_seen, limit.max(1)))
            });
            let found = looking.await.map_err(|_| IdentityError::Interrupted)??;
            if let Some(last) = found.last() {
                self.last_seen = last.seq;
                return Ok(found);
            }
            added.await;
        }
    }

    /// Forgets the facts up to `seq`: they are safe elsewhere.
    pub fn acknowledge(&self, seq: i64) -> Result<(), IdentityError> {
        self.identity.inner.database.write(|conn| {
            conn.execute("DELETE FROM sign_ins WHERE seq <= ?1", [seq])?;
            Ok(())
        })
    }
}

impl Identity {
    /// Wakes the readers, after the transaction that added a fact.
    pub(super) fn announce_event(&self) {
        self.inner.event_added.notify_waiters();
    }
}
