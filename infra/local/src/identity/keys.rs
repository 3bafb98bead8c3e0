//! The keys that sign tokens: made here, kept in the database, rotated.
//!
//! A retired key stays in the published set for as long as a token signed with it can be good.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::crypto;
use super::error::IdentityError;
use super::jwt::{self, Claims};
use super::tokens::TOKEN_SECONDS;

/// A key is replaced when the issuer is opened and the key is older than this.
const ROTATE_AFTER: i64 = 90 * 24 * 3600;
/// How much longer than its last token a retired key is published, for clocks that differ.
const MARGIN: i64 = 300;

/// One key pair with its id, the thumbprint of RFC 7638.
pub struct SigningKey {
    pub kid: String,
    pair: EcdsaKeyPair,
    /// Published until then; a current key has no end.
    until: Option<i64>,
}

impl SigningKey {
    fn parse(pkcs8: &[u8], until: Option<i64>) -> Result<Self, IdentityError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
            .map_err(|_| IdentityError::SigningKey)?;
        let (x, y) = coordinates(&pair)?;
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Ok(Self { kid: crypto::encode(&crypto::fingerprint(&canonical)), pair, until })
    }

    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, IdentityError> {
        jwt::sign(&self.kid, &self.pair, claims)
    }

    fn is_published(&self, now: i64) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    fn jwk(&self) -> Result<Value, IdentityError> {
        let (x, y) = coordinates(&self.pair)?;
        Ok(json!({
            "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": jwt::ALGORITHM, "kid": self.kid,
        }))
    }
}

/// The two halves of the uncompressed point, after its first byte.
fn coordinates(pair: &EcdsaKeyPair) -> Result<(String, String), IdentityError> {
    let point = pair.public_key().as_ref();
    match (point.get(1..33), point.get(33..65)) {
        (Some(x), Some(y)) => Ok((crypto::encode(x), crypto::encode(y))),
        _ => Err(IdentityError::SigningKey),
    }
}

/// The keys in use, the current one first.
pub struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    pub fn load(conn: &Connection) -> Result<Self, IdentityError> {
        let mut statement = conn.prepare(
            "SELECT pkcs8, retired_at FROM signing_keys
             ORDER BY retired_at IS NOT NULL, created_at DESC, kid",
        )?;
        let rows: Vec<(Vec<u8>, Option<i64>)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let published = |retired: i64| retired + TOKEN_SECONDS + MARGIN;
        let keys = rows.iter().map(|(pkcs8, retired)| SigningKey::parse(pkcs8, retired.map(published)));
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, IdentityError> {
        self.0.first().ok_or(IdentityError::SigningKey)?.sign(claims)
    }

    /// The public key of this id, while it is published.
    pub fn public(&self, kid: &str, now: i64) -> Option<&[u8]> {
        self.0.iter().find(|key| key.kid == kid && key.is_published(now)).map(SigningKey::public)
    }

    /// The published key set.
    pub fn jwks(&self, now: i64) -> Result<Value, IdentityError> {
        let published = self.0.iter().filter(|key| key.is_published(now));
        Ok(json!({ "keys": published.map(SigningKey::jwk).collect::<Result<Vec<_>, _>>()? }))
    }
}

/// Makes the first key, or the next when the current one is old.
pub fn ensure_current(conn: &Connection, now: i64) -> Result<(), IdentityError> {
    let made: Option<i64> = conn
        .query_row("SELECT created_at FROM signing_keys WHERE retired_at IS NULL", [], |row| row.get(0))
        .optional()?;
    match made {
        Some(made) if made > now - ROTATE_AFTER => Ok(()),
        _ => rotate(conn, now),
    }
}

/// Retires the current key, adds a new one, and removes those whose tokens are all over.
pub fn rotate(conn: &Connection, now: i64) -> Result<(), IdentityError> {
    conn.execute("UPDATE signing_keys SET retired_at = ?1 WHERE retired_at IS NULL", [now])?;
    conn.execute("DELETE FROM signing_keys WHERE retired_at <= ?1", [now - TOKEN_SECONDS - MARGIN])?;
    let pkcs8 = new_pkcs8()?;
    let kid = SigningKey::parse(&pkcs8, None)?.kid;
    conn.execute(
        "INSERT INTO signing_keys (kid, pkcs8, created_at) VALUES (?1, ?2, ?3)",
        params![kid, pkcs8, now],
    )?;
    Ok(())
}

fn new_pkcs8() -> Result<Vec<u8>, IdentityError> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(document.map_err(|_| IdentityError::SigningKey)?.as_ref().to_vec())
}

#[cfg(test)]
impl SigningKey {
    pub fn generate() -> Result<Self, IdentityError> {
        Self::parse(&new_pkcs8()?, None)
    }

    pub fn sign_bytes(&self, bytes: &[u8]) -> Result<Vec<u8>, IdentityError> {
        let signature = self.pair.sign(&SystemRandom::new(), bytes).map_err(|_| IdentityError::SigningKey)?;
        Ok(signature.as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::*;

    #[test]
    fn a_retired_key_is_published_until_its_tokens_are_over() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path()).unwrap();
        let load = |change: &dyn Fn(&Connection) -> Result<(), IdentityError>| {
            database.write(|conn| change(conn).and_then(|()| KeyRing::load(conn))).unwrap()
        };
        let first = load(&|conn| ensure_current(conn, 1000)).0.remove(0).kid;
        let ring = load(&|conn| rotate(conn, 2000));
        assert_ne!(ring.0[0].kid, first);
        assert!(ring.public(&first, 2000 + TOKEN_SECONDS).is_some());
        assert_eq!(ring.jwks(2000).unwrap()["keys"].as_array().unwrap().len(), 2);
        let over = 2000 + TOKEN_SECONDS + MARGIN;
        assert!(ring.public(&first, over).is_none());
        assert_eq!(ring.jwks(over).unwrap()["keys"].as_array().unwrap().len(), 1);
        assert_eq!(load(&|conn| rotate(conn, over)).0.len(), 2);
    }

    #[test]
    fn a_key_is_kept_until_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path()).unwrap();
        let current = |now: i64| {
            database
                .write(|conn| ensure_current(conn, now).and_then(|()| KeyRing::load(conn)))
                .unwrap()
                .0
                .remove(0)
                .kid
        };
        let first = current(1000);
        assert_eq!(current(2000), first);
        assert_ne!(current(1000 + ROTATE_AFTER), first);
    }
}
