//! What an application was given: authorization codes, grants and their refresh tokens.
//!
//! A code becomes one grant; a grant has one good refresh token at a time. Showing a spent code or a spent
//! refresh token again means that somebody else has it too, so the whole grant is revoked.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::authorize::AuthorizationRequest;
use super::crypto;
use super::error::IdentityError;
use super::sessions::{self, Methods, Session};

const CODE_SECONDS: i64 = 60;
/// A refresh token that is not used dies after this long; every use gives a new one.
const REFRESH_SECONDS: i64 = 12 * 3600;
/// However often it is refreshed, a grant ends and the person signs in again.
const GRANT_SECONDS: i64 = 7 * 24 * 3600;
/// Codes waiting to be redeemed in one session; the oldest are dropped first.
const CODES_PER_SESSION_MAX: i64 = 16;

/// What an application holds for a person.
#[derive(Clone, Debug)]
pub struct Grant {
    pub id: String,
    pub client_id: String,
    pub subject: String,
    pub session_id: String,
    pub scope: String,
    pub auth_time: i64,
    pub methods: Methods,
}

/// A grant with the refresh token that was just made for it.
pub struct Granted {
    pub grant: Grant,
    pub refresh_token: String,
    /// The nonce of the request, for the first ID token only.
    pub nonce: Option<String>,
}

/// The answer to a code or a refresh token; a refusal is kept too, as it may have revoked something.
pub enum Redeemed {
    Granted(Granted),
    Refused(&'static str),
    /// More was asked for than was granted; nothing has been spent.
    Exceeded,
}

/// Makes a code for a complete session.
pub fn issue_code(
    conn: &Connection,
    request: &AuthorizationRequest,
    session: &Session,
    now: i64,
) -> Result<String, IdentityError> {
    forget_expired(conn, now)?;
    conn.execute(
        "DELETE FROM codes WHERE fingerprint IN (SELECT fingerprint FROM codes
            WHERE session_id = ?1 AND used_at IS NULL ORDER BY expires_at DESC LIMIT -1 OFFSET ?2)",
        params![session.id, CODES_PER_SESSION_MAX - 1],
    )?;
    let code = crypto::secret()?;
    conn.execute(
        "INSERT INTO codes (fingerprint, client_id, redirect_uri, scope, nonce, challenge, session_id, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            crypto::fingerprint(&code),
            request.client_id,
            request.redirect_uri,
            request.scope,
            request.nonce,
            request.code_challenge,
            session.id,
            now + CODE_SECONDS
        ],
    )?;
    Ok(code)
}

/// What an application shows to redeem a code.
pub struct Redemption {
    pub code: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub verifier: String,
}

struct Code {
    client_id: String,
    redirect_uri: String,
    scope: String,
    nonce: Option<String>,
    challenge: String,
    session_id: String,
    expires_at: i64,
    used: bool,
    grant_id: Option<String>,
}

fn code(row: &Row<'_>) -> rusqlite::Result<Code> {
    Ok(Code {
        client_id: row.get(0)?,
        redirect_uri: row.get(1)?,
        scope: row.get(2)?,
        nonce: row.get(3)?,
        challenge: row.get(4)?,
        session_id: row.get(5)?,
        expires_at: row.get(6)?,
        used: row.get(7)?,
        grant_id: row.get(8)?,
    })
}

/// Exchanges a code for a grant. Whatever is wrong with the exchange, the code is spent: it has been in
/// hands that did not know what belongs to it.
pub fn redeem(conn: &Connection, shown: &Redemption, now: i64) -> Result<Redeemed, IdentityError> {
    let fingerprint = crypto::fingerprint(&shown.code);
    let found = conn
        .query_row(
            "SELECT client_id, redirect_uri, scope, nonce, challenge, session_id, expires_at,
                used_at IS NOT NULL, grant_id FROM codes WHERE fingerprint = ?1",
            [&fingerprint],
            code,
        )
        .optional()?;
    let Some(code) = found else { return Ok(Redeemed::Refused("the code is not known")) };
    if code.used {
        if let Some(grant_id) = &code.grant_id {
            revoke(conn, grant_id, now)?;
        }
        return Ok(Redeemed::Refused("the code was used before"));
    }
    conn.execute("UPDATE codes SET used_at = ?2 WHERE fingerprint = ?1", params![fingerprint, now])?;
    if let Some(reason) = mismatch(&code, shown, now) {
        return Ok(Redeemed::Refused(reason));
    }
    let Some(session) = sessions::by_id(conn, &code.session_id, now)? else {
        return Ok(Redeemed::Refused("the session has ended"));
    };
    let grant = begin(conn, &code, &session, now)?;
    conn.execute("UPDATE codes SET grant_id = ?2 WHERE fingerprint = ?1", params![fingerprint, grant.id])?;
    let refresh_token = add_refresh_token(conn, &grant.id, now)?;
    Ok(Redeemed::Granted(Granted { grant, refresh_token, nonce: code.nonce }))
}

fn mismatch(code: &Code, shown: &Redemption, now: i64) -> Option<&'static str> {
    let challenge = crypto::encode(&crypto::fingerprint(&shown.verifier));
    if code.client_id != shown.client_id {
        return Some("the code was issued to another client");
    }
    if code.redirect_uri != shown.redirect_uri {
        return Some("redirect_uri differs from the request's");
    }
    if code.expires_at <= now {
        return Some("the code has expired");
    }
    (code.challenge != challenge).then_some("code_verifier does not match the challenge")
}

fn begin(conn: &Connection, code: &Code, session: &Session, now: i64) -> Result<Grant, IdentityError> {
    let grant = Grant {
        id: crypto::identifier()?,
        client_id: code.client_id.clone(),
        subject: session.subject.clone(),
        session_id: session.id.clone(),
        scope: code.scope.clone(),
        auth_time: session.auth_time,
        methods: session.methods,
    };
    conn.execute(
        "INSERT INTO grants (id, client_id, subject, session_id, scope, auth_time, amr, issued_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            grant.id,
            grant.client_id,
            grant.subject,
            grant.session_id,
            grant.scope,
            grant.auth_time,
            grant.methods.as_str(),
            now,
            now + GRANT_SECONDS
        ],
    )?;
    Ok(grant)
}

fn add_refresh_token(conn: &Connection, grant_id: &str, now: i64) -> Result<String, IdentityError> {
    let token = crypto::secret()?;
    conn.execute(
        "INSERT INTO refresh_tokens (fingerprint, grant_id, expires_at) VALUES (?1, ?2, ?3)",
        params![crypto::fingerprint(&token), grant_id, now + REFRESH_SECONDS],
    )?;
    Ok(token)
}

struct Refresh {
    grant: Grant,
    expires_at: i64,
    used: bool,
    revoked: bool,
}

fn refresh_token(conn: &Connection, fingerprint: &[u8]) -> Result<Option<Refresh>, IdentityError> {
    let sql = "SELECT g.id, g.client_id, g.subject, g.session_id, g.scope, g.auth_time, g.amr,
            min(t.expires_at, g.expires_at), t.used_at IS NOT NULL, g.revoked_at IS NOT NULL
        FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.fingerprint = ?1";
    let found = conn.query_row(sql, [fingerprint], |row| {
        Ok(Refresh { grant: grant(row)?, expires_at: row.get(7)?, used: row.get(8)?, revoked: row.get(9)? })
    });
    Ok(found.optional()?)
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Grant> {
    let methods: String = row.get(6)?;
    Ok(Grant {
        id: row.get(0)?,
        client_id: row.get(1)?,
        subject: row.get(2)?,
        session_id: row.get(3)?,
        scope: row.get(4)?,
        auth_time: row.get(5)?,
        methods: Methods::parse(&methods),
    })
}

/// Exchanges a refresh token for the next one.
///
/// `scope` may ask for less this time (RFC 6749, section 6).
pub fn refresh(
    conn: &Connection,
    token: &str,
    client_id: &str,
    scope: Option<&str>,
    now: i64,
) -> Result<Redeemed, IdentityError> {
    let fingerprint = crypto::fingerprint(token);
    let Some(mut kept) = refresh_token(conn, &fingerprint)? else {
        return Ok(Redeemed::Refused("the refresh token is not known"));
    };
    if kept.grant.client_id != client_id {
        return Ok(Redeemed::Refused("the refresh token was issued to another client"));
    }
    if kept.used {
        revoke(conn, &kept.grant.id, now)?;
        return Ok(Redeemed::Refused("the refresh token was used before"));
    }
    if kept.revoked || kept.expires_at <= now {
        return Ok(Redeemed::Refused("the refresh token is no longer good"));
    }
    match narrowed(&kept.grant.scope, scope) {
        Some(scope) => kept.grant.scope = scope,
        None => return Ok(Redeemed::Exceeded),
    }
    conn.execute("UPDATE refresh_tokens SET used_at = ?2 WHERE fingerprint = ?1", params![fingerprint, now])?;
    let refresh_token = add_refresh_token(conn, &kept.grant.id, now)?;
    Ok(Redeemed::Granted(Granted { grant: kept.grant, refresh_token, nonce: None }))
}

/// The scopes asked for, when all of them were granted.
fn narrowed(granted: &str, asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else { return Some(granted.to_owned()) };
    let all_granted = asked.split(' ').all(|scope| granted.split(' ').any(|known| known == scope));
    all_granted.then(|| asked.to_owned())
}

/// Revokes a grant and thereby its refresh tokens.
pub fn revoke(conn: &Connection, id: &str, now: i64) -> Result<(), IdentityError> {
    conn.execute("UPDATE grants SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL", params![id, now])?;
    Ok(())
}

/// Revokes the grant of a refresh token, when it is this client's.
pub fn revoke_token(conn: &Connection, token: &str, client_id: &str, now: i64) -> Result<(), IdentityError> {
    match refresh_token(conn, &crypto::fingerprint(token))? {
        Some(kept) if kept.grant.client_id == client_id => revoke(conn, &kept.grant.id, now),
        _ => Ok(()),
    }
}

/// Whether a grant is still good.
pub fn is_live(conn: &Connection, id: &str, now: i64) -> Result<bool, IdentityError> {
    let sql = "SELECT count(*) > 0 FROM grants WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2";
    Ok(conn.query_row(sql, params![id, now], |row| row.get(0))?)
}

/// Removes what can no longer be redeemed. Spent codes and tokens stay as long as showing them again could
/// mean something: until their grant is over.
pub fn forget_expired(conn: &Connection, now: i64) -> Result<(), IdentityError> {
    conn.execute("DELETE FROM grants WHERE expires_at <= ?1", [now])?;
    conn.execute(
        "DELETE FROM codes WHERE expires_at <= ?1
         AND (grant_id IS NULL OR NOT EXISTS (SELECT 1 FROM grants WHERE id = codes.grant_id))",
        [now],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_may_ask_for_less_and_not_for_more() {
        assert_eq!(narrowed("openid email", None), Some("openid email".to_owned()));
        assert_eq!(narrowed("openid email", Some("openid")), Some("openid".to_owned()));
        assert_eq!(narrowed("openid", Some("openid email")), None);
    }
}
