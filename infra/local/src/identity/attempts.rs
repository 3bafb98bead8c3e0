//! How often somebody may try: the `attempts` table and the locks that grow with every failure.
//!
//! An attempt is counted before the password is looked at and forgiven when it was right, so that many
//! attempts at once, or a process killed in between, gain nothing.

use std::net::IpAddr;

use ring::hmac;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::crypto;
use super::error::IdentityError;

/// Failures older than this, in seconds, are forgotten.
const FORGOTTEN_AFTER: i64 = 3600;
const FIRST_LOCK: i64 = 60;
const LONGEST_LOCK: i64 = 900;

/// How many failures in a row are let pass before the locks begin.
const BY_NAME: i64 = 5;
/// Larger, as the people behind one address are many.
const BY_ADDRESS: i64 = 30;

/// Whom failures are counted against, as keyed fingerprints.
pub struct Counted {
    name: Vec<u8>,
    address: Vec<u8>,
}

impl Counted {
    /// `name` is the subject of a known person, or what was typed. Without an address all such visitors
    /// count as one.
    pub fn new(key: &hmac::Key, name: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(network).unwrap_or_default();
        Self { name: crypto::keyed(key, "name", name), address: crypto::keyed(key, "address", &address) }
    }
}

/// One household or machine: an IPv4 address, or the 64 bits of an IPv6 network.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => (u128::from(address) >> 64).to_string(),
    }
}

/// Whether an attempt may go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Not before this many seconds have passed.
    Wait(i64),
}

/// Counts an attempt, unless one of its counters is locked.
pub fn begin(conn: &Connection, counted: &Counted, now: i64) -> Result<Verdict, IdentityError> {
    conn.execute(
        "DELETE FROM attempts WHERE last_at < ?1 AND locked_until <= ?2",
        params![now - FORGOTTEN_AFTER, now],
    )?;
    let wait = locked_for(conn, &counted.name, now)?.max(locked_for(conn, &counted.address, now)?);
    if wait > 0 {
        return Ok(Verdict::Wait(wait));
    }
    count(conn, &counted.name, BY_NAME, now)?;
    count(conn, &counted.address, BY_ADDRESS, now)?;
    Ok(Verdict::Allowed)
}

/// Forgives the last attempt from an address: it was right.
pub fn forgive_address(conn: &Connection, counted: &Counted) -> Result<(), IdentityError> {
    conn.execute(
        "UPDATE attempts SET failures = max(failures - 1, 0), locked_until = 0 WHERE subject = ?1",
        [&counted.address],
    )?;
    Ok(())
}

/// Forgives all attempts with a name: the person has signed in, with every factor.
pub fn forgive_name(conn: &Connection, counted: &Counted) -> Result<(), IdentityError> {
    conn.execute("DELETE FROM attempts WHERE subject = ?1", [&counted.name])?;
    Ok(())
}

fn locked_for(conn: &Connection, subject: &[u8], now: i64) -> Result<i64, IdentityError> {
    let until: Option<i64> = conn
        .query_row("SELECT locked_until FROM attempts WHERE subject = ?1", [subject], |row| row.get(0))
        .optional()?;
    Ok(until.map_or(0, |until| (until - now).max(0)))
}

fn count(conn: &Connection, subject: &[u8], free: i64, now: i64) -> Result<(), IdentityError> {
    let failures: i64 = conn.query_row(
        "INSERT INTO attempts (subject, failures, last_at, locked_until) VALUES (?1, 1, ?2, 0)
         ON CONFLICT (subject) DO UPDATE SET failures = failures + 1, last_at = ?2 RETURNING failures",
        params![subject, now],
        |row| row.get(0),
    )?;
    let until = now + lock_seconds(failures, free);
    conn.execute("UPDATE attempts SET locked_until = ?2 WHERE subject = ?1", params![subject, until])?;
    Ok(())
}

/// Nothing for the first failures, then a minute, doubling to a quarter of an hour.
fn lock_seconds(failures: i64, free: i64) -> i64 {
    if failures < free {
        return 0;
    }
    let doublings = u32::try_from(failures - free).unwrap_or(u32::MAX).min(8);
    (FIRST_LOCK << doublings).min(LONGEST_LOCK)
}

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::*;

    fn counted(name: &str) -> Counted {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        Counted::new(&key, name, Some(IpAddr::from([127, 0, 0, 1])))
    }

    fn with_database(test: impl FnOnce(&Connection)) {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path()).unwrap();
        database
            .write(|conn| {
                test(conn);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn locks_grow_to_a_quarter_of_an_hour() {
        let locks: Vec<i64> = (4..12).map(|failures| lock_seconds(failures, 5)).collect();
        assert_eq!(locks, [0, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(lock_seconds(i64::MAX, 5), 900);
    }

    #[test]
    fn the_sixth_attempt_waits_and_a_refusal_does_not_lengthen_the_wait() {
        with_database(|conn| {
            for _ in 0..5 {
                assert_eq!(begin(conn, &counted("a"), 1000).unwrap(), Verdict::Allowed);
            }
            assert_eq!(begin(conn, &counted("a"), 1010).unwrap(), Verdict::Wait(50));
            assert_eq!(begin(conn, &counted("a"), 1050).unwrap(), Verdict::Wait(10));
            assert_eq!(begin(conn, &counted("b"), 1050).unwrap(), Verdict::Allowed);
            assert_eq!(begin(conn, &counted("a"), 1060).unwrap(), Verdict::Allowed);
            assert_eq!(begin(conn, &counted("a"), 1061).unwrap(), Verdict::Wait(119));
        });
    }

    #[test]
    fn an_address_is_locked_over_many_names() {
        with_database(|conn| {
            for name in 0..30 {
                assert_eq!(begin(conn, &counted(&name.to_string()), 1000).unwrap(), Verdict::Allowed);
            }
            assert_eq!(begin(conn, &counted("fresh"), 1000).unwrap(), Verdict::Wait(60));
        });
    }

    #[test]
    fn a_right_attempt_is_forgiven_and_an_hour_forgets() {
        with_database(|conn| {
            for _ in 0..4 {
                begin(conn, &counted("a"), 1000).unwrap();
            }
            forgive_name(conn, &counted("a")).unwrap();
            for _ in 0..4 {
                begin(conn, &counted("a"), 1001).unwrap();
            }
            assert_eq!(begin(conn, &counted("a"), 1001 + FORGOTTEN_AFTER + 1).unwrap(), Verdict::Allowed);
            let failures: i64 =
                conn.query_row("SELECT max(failures) FROM attempts", [], |row| row.get(0)).unwrap();
            assert_eq!(failures, 1);
        });
    }

    #[test]
    fn one_ipv6_network_is_one_visitor() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
