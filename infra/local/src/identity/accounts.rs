//! The people who can sign in: parsing what they are called, and the `accounts` table.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::crypto;
use super::error::IdentityError;

/// The permanent identifier of a person: the `sub` claim.
pub type Subject = String;

/// A person to add.
#[derive(Clone)]
pub struct NewUser {
    /// Letters, digits and `._@+-`; case does not matter. With an `@` it must be the e-mail address.
    pub username: String,
    pub email: String,
    pub name: String,
    pub password: String,
    pub email_verified: bool,
    /// Whether the first sign-in asks for a password of their own.
    pub must_change_password: bool,
}

/// A person as others may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub subject: Subject,
    pub username: String,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub must_change_password: bool,
    pub disabled: bool,
    pub has_second_factor: bool,
}

/// The second factor of a person. Its secret is kept readable, as computing codes needs it; the database
/// file is what protects it.
#[derive(Clone)]
pub struct Factor {
    pub secret: Vec<u8>,
    /// The step of the last code taken: a code works once.
    pub last_step: i64,
}

/// The names of a person in the form they are compared in.
pub struct Details {
    pub username: String,
    pub email: String,
    name: String,
}

impl Details {
    pub fn parse(user: &NewUser) -> Result<Self, IdentityError> {
        let username = user.username.trim().to_ascii_lowercase();
        let email = user.email.trim().to_ascii_lowercase();
        let name = user.name.trim().to_owned();
        let refuse = |field, reason| Err(IdentityError::Field { field, reason });
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
        if !(1..=128).contains(&username.len()) || !username.bytes().all(plain) {
            return refuse("username", "must be 1 to 128 letters, digits or `._@+-`");
        }
        if !is_email(&email) {
            return refuse("email", "must be an address like `name@clinic.example`");
        }
        // INVARIANT: people may sign in with either name, so nobody's username is another's address.
        if username.contains('@') && username != email {
            return refuse("username", "with an `@` must be the e-mail address");
        }
        if name.is_empty() || name.chars().count() > 128 || name.chars().any(char::is_control) {
            return refuse("name", "must be 1 to 128 characters");
        }
        Ok(Self { username, email, name })
    }
}

fn is_email(email: &str) -> bool {
    let clean =
        email.len() <= 254 && email.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"`".contains(&byte));
    let parts = email.split_once('@');
    clean && parts.is_some_and(|(local, host)| !local.is_empty() && !host.contains('@') && host.len() > 2)
}

const COLUMNS: &str = "subject, username, email, email_verified, name, must_change_password, \
    disabled_at IS NOT NULL, factor IS NOT NULL";

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        subject: row.get(0)?,
        username: row.get(1)?,
        email: row.get(2)?,
        email_verified: row.get(3)?,
        name: row.get(4)?,
        must_change_password: row.get(5)?,
        disabled: row.get(6)?,
        has_second_factor: row.get(7)?,
    })
}

pub fn insert(
    conn: &Connection,
    user: &NewUser,
    details: &Details,
    password_hash: &str,
    now: i64,
) -> Result<Subject, IdentityError> {
    let taken = |column: &str, value: &str| {
        let sql = format!("SELECT count(*) > 0 FROM accounts WHERE {column} = ?1");
        conn.query_row(&sql, [value], |row| row.get::<_, bool>(0))
    };
    if taken("username", &details.username)? {
        return Err(IdentityError::UsernameTaken(details.username.clone()));
    }
    if taken("email", &details.email)? {
        return Err(IdentityError::EmailTaken(details.email.clone()));
    }
    let subject = crypto::identifier()?;
    conn.execute(
        "INSERT INTO accounts (subject, username, email, email_verified, name, password_hash,
            must_change_password, created_at, password_set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        params![
            subject,
            details.username,
            details.email,
            user.email_verified,
            details.name,
            password_hash,
            user.must_change_password,
            now
        ],
    )?;
    Ok(subject)
}

pub fn all(conn: &Connection) -> Result<Vec<Account>, IdentityError> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM accounts ORDER BY username"))?;
    let rows = statement.query_map([], account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The person who typed this username or e-mail address.
pub fn find(conn: &Connection, typed: &str) -> Result<Option<Account>, IdentityError> {
    let typed = typed.trim().to_ascii_lowercase();
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE username = ?1 OR email = ?1");
    Ok(conn.query_row(&sql, [typed], account).optional()?)
}

pub fn require(conn: &Connection, username: &str) -> Result<Account, IdentityError> {
    find(conn, username)?.ok_or_else(|| IdentityError::UnknownUser(username.to_owned()))
}

pub fn get(conn: &Connection, subject: &str) -> Result<Option<Account>, IdentityError> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE subject = ?1");
    Ok(conn.query_row(&sql, [subject], account).optional()?)
}

pub fn password_hash(conn: &Connection, subject: &str) -> Result<String, IdentityError> {
    let sql = "SELECT password_hash FROM accounts WHERE subject = ?1";
    Ok(conn.query_row(sql, [subject], |row| row.get(0))?)
}

pub fn set_password(
    conn: &Connection,
    subject: &str,
    hash: &str,
    must_change: bool,
    now: i64,
) -> Result<(), IdentityError> {
    conn.execute(
        "UPDATE accounts SET password_hash = ?2, must_change_password = ?3, password_set_at = ?4
         WHERE subject = ?1",
        params![subject, hash, must_change, now],
    )?;
    Ok(())
}

pub fn set_disabled(conn: &Connection, subject: &str, at: Option<i64>) -> Result<(), IdentityError> {
    conn.execute("UPDATE accounts SET disabled_at = ?2 WHERE subject = ?1", params![subject, at])?;
    Ok(())
}

/// The factor in use, if there is one.
pub fn factor(conn: &Connection, subject: &str) -> Result<Option<Factor>, IdentityError> {
    let sql = "SELECT factor, factor_last_step FROM accounts WHERE subject = ?1";
    let (secret, last_step): (Option<Vec<u8>>, i64) =
        conn.query_row(sql, [subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(secret.map(|secret| Factor { secret, last_step }))
}

/// The secret of a factor that is offered and not yet confirmed; made once, so that reloading the page
/// does not invalidate what has just been typed into a phone.
pub fn offered_factor(conn: &Connection, subject: &str) -> Result<Factor, IdentityError> {
    let sql = "SELECT factor_offered, factor_last_step FROM accounts WHERE subject = ?1";
    let (kept, last_step): (Option<Vec<u8>>, i64) =
        conn.query_row(sql, [subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if let Some(secret) = kept {
        return Ok(Factor { secret, last_step });
    }
    let secret = crypto::random::<20>()?.to_vec();
    conn.execute("UPDATE accounts SET factor_offered = ?2 WHERE subject = ?1", params![subject, secret])?;
    Ok(Factor { secret, last_step })
}

/// Puts the offered factor into use.
pub fn confirm_factor(conn: &Connection, subject: &str) -> Result<(), IdentityError> {
    conn.execute(
        "UPDATE accounts SET factor = factor_offered, factor_offered = NULL
         WHERE subject = ?1 AND factor_offered IS NOT NULL",
        [subject],
    )?;
    Ok(())
}

pub fn remove_factor(conn: &Connection, subject: &str) -> Result<(), IdentityError> {
    conn.execute("UPDATE accounts SET factor = NULL, factor_offered = NULL WHERE subject = ?1", [subject])?;
    Ok(())
}

/// Remembers that the code of this step was taken.
pub fn spend_step(conn: &Connection, subject: &str, step: i64) -> Result<(), IdentityError> {
    conn.execute("UPDATE accounts SET factor_last_step = ?2 WHERE subject = ?1", params![subject, step])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(username: &str, email: &str, name: &str) -> NewUser {
        NewUser {
            username: username.to_owned(),
            email: email.to_owned(),
            name: name.to_owned(),
            password: String::new(),
            email_verified: true,
            must_change_password: false,
        }
    }

    #[test]
    fn names_are_compared_in_one_form() {
        let details = Details::parse(&user(" Amara ", "Amara@North.Example", " Dr Amara ")).unwrap();
        assert_eq!((details.username.as_str(), details.email.as_str()), ("amara", "amara@north.example"));
        assert_eq!(details.name, "Dr Amara");
    }

    #[test]
    fn unusable_names_are_refused() {
        let long = "a".repeat(129);
        for (username, email, name) in [
            ("", "a@b.example", "A"),
            ("a b", "a@b.example", "A"),
            (long.as_str(), "a@b.example", "A"),
            ("c@b.example", "a@b.example", "A"),
            ("a", "no-address", "A"),
            ("a", "a@b@c.example", "A"),
            ("a", "@b.example", "A"),
            ("a", "a@b.example", ""),
            ("a", "a@b.example", "A\nB"),
        ] {
            assert!(Details::parse(&user(username, email, name)).is_err(), "{username} {email} {name}");
        }
    }
}
