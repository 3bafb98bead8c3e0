//! Signed tokens of exactly one kind: compact JWS with ES256.
//!
//! Written over `ring` rather than with a JWT library: one algorithm and one header leave nothing to
//! negotiate, and the general libraries bring a second cryptography provider. A user pool signs with RS256;
//! ES256 stands in for it as `ring` makes no RSA keys, and whoever reads the key set cannot tell.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, EcdsaKeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::crypto;
use super::error::IdentityError;

/// What a token says, by claim.
pub type Claims = Map<String, Value>;

pub const ALGORITHM: &str = "ES256";
const TYPE: &str = "JWT";
/// Longer than any token made here.
const TOKEN_MAX: usize = 8 * 1024;
/// How far a clock may have stepped back since a token was made.
const LEEWAY_SECONDS: i64 = 5;

/// Why a bearer token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is malformed")]
    Malformed,
    #[error("the token's algorithm or type is not accepted")]
    WrongKind,
    #[error("the token's signing key is not known")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    WrongSignature,
    #[error("the token is of another issuer")]
    WrongIssuer,
    #[error("the token is for another audience")]
    WrongAudience,
    #[error("the token is neither an access token nor an ID token")]
    WrongUse,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token has expired")]
    Expired,
}

/// Unknown fields are refused: a `crit`, a `jku` or an embedded key asks for something not done here.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// What a token must be for.
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub audiences: &'a dyn Fn(&str) -> bool,
    pub now: i64,
}

/// Signs claims.
pub fn sign(kid: &str, pair: &EcdsaKeyPair, claims: &Claims) -> Result<String, IdentityError> {
    let header = Header { alg: ALGORITHM.to_owned(), typ: TYPE.to_owned(), kid: kid.to_owned() };
    let header = serde_json::to_vec(&header).map_err(|_| IdentityError::SigningKey)?;
    let payload = serde_json::to_vec(claims).map_err(|_| IdentityError::SigningKey)?;
    let signed = format!("{}.{}", crypto::encode(&header), crypto::encode(&payload));
    let signature =
        pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| IdentityError::SigningKey)?;
    Ok(format!("{signed}.{}", crypto::encode(signature.as_ref())))
}

/// The claims of a token that was signed with a known key, whatever they are.
pub fn authentic<'k>(token: &str, key_of: impl Fn(&str) -> Option<&'k [u8]>) -> Result<Claims, TokenError> {
    if token.len() > TOKEN_MAX {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let decode = |part: &str| crypto::decode(part).ok_or(TokenError::Malformed);
    let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenError::Malformed)?;
    if header.alg != ALGORITHM || header.typ != TYPE {
        return Err(TokenError::WrongKind);
    }
    let key = key_of(&header.kid).ok_or(TokenError::UnknownKey)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| TokenError::WrongSignature)?;
    serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)
}

/// The claims of a token that is good here and now.
pub fn verify<'k>(
    token: &str,
    key_of: impl Fn(&str) -> Option<&'k [u8]>,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims = authentic(token, key_of)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenError> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err(TokenError::WrongIssuer);
    }
    if !matches!(text(claims, "token_use"), Some("access" | "id")) {
        return Err(TokenError::WrongUse);
    }
    // An access token names its client where an ID token names its audience; the first that is there counts.
    let audience = if claims.contains_key("aud") { text(claims, "aud") } else { text(claims, "client_id") };
    if !audience.is_some_and(expected.audiences) {
        return Err(TokenError::WrongAudience);
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(issued_at), Some(expires_at)) = (time("iat"), time("exp")) else {
        return Err(TokenError::Malformed);
    };
    let not_before = match claims.get("nbf") {
        Some(value) => value.as_i64().ok_or(TokenError::Malformed)?,
        None => issued_at,
    };
    if issued_at.max(not_before) > expected.now.saturating_add(LEEWAY_SECONDS) {
        return Err(TokenError::NotYetValid);
    }
    if expires_at <= expected.now { Err(TokenError::Expired) } else { Ok(()) }
}

/// A claim that is text.
pub fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::keys::SigningKey;
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_000_000;

    fn good() -> Claims {
        let claims = json!({
            "iss": "http://issuer", "token_use": "access", "client_id": "portal", "sub": "s",
            "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 10,
        });
        claims.as_object().unwrap().clone()
    }

    fn with(name: &str, value: Value) -> Claims {
        let mut claims = good();
        claims.insert(name.to_owned(), value);
        claims
    }

    fn verify_with(key: &SigningKey, token: &str) -> Result<Claims, TokenError> {
        let expected = Expected { issuer: "http://issuer", audiences: &|name| name == "portal", now: NOW };
        verify(token, |kid| (kid == key.kid).then_some(key.public()), &expected)
    }

    fn outcome(claims: &Claims) -> Result<(), TokenError> {
        let key = SigningKey::generate().unwrap();
        verify_with(&key, &key.sign(claims).unwrap()).map(|_| ())
    }

    #[test]
    fn a_good_token_gives_its_claims() {
        let key = SigningKey::generate().unwrap();
        assert_eq!(verify_with(&key, &key.sign(&good()).unwrap()), Ok(good()));
    }

    #[test]
    fn every_claim_counts() {
        assert_eq!(outcome(&with("iss", json!("http://other"))), Err(TokenError::WrongIssuer));
        assert_eq!(outcome(&with("token_use", json!("refresh"))), Err(TokenError::WrongUse));
        assert_eq!(outcome(&with("client_id", json!("other"))), Err(TokenError::WrongAudience));
        assert_eq!(outcome(&with("aud", json!("other"))), Err(TokenError::WrongAudience));
        assert_eq!(outcome(&with("aud", json!(["portal"]))), Err(TokenError::WrongAudience));
        assert_eq!(outcome(&with("aud", json!("portal"))), Ok(()));
        assert_eq!(outcome(&with("exp", json!(NOW))), Err(TokenError::Expired));
        assert_eq!(outcome(&with("exp", json!("never"))), Err(TokenError::Malformed));
        assert_eq!(outcome(&with("nbf", json!(NOW + 60))), Err(TokenError::NotYetValid));
        assert_eq!(outcome(&with("nbf", json!("soon"))), Err(TokenError::Malformed));
        assert_eq!(outcome(&with("iat", json!(NOW + 60))), Err(TokenError::NotYetValid));
        assert_eq!(outcome(&with("iat", json!(NOW + 3))), Ok(()));
    }

    #[test]
    fn a_header_that_asks_for_something_else_is_refused() {
        let key = SigningKey::generate().unwrap();
        let payload = crypto::encode(&serde_json::to_vec(&good()).unwrap());
        let token = |header: Value| {
            let signed = format!("{}.{payload}", crypto::encode(header.to_string().as_bytes()));
            let tag = key.sign_bytes(signed.as_bytes()).unwrap();
            format!("{signed}.{}", crypto::encode(&tag))
        };
        let kid = &key.kid;
        let refused = |header: Value| verify_with(&key, &token(header)).map(|_| ());
        assert_eq!(refused(json!({"alg": "ES256", "typ": "JWT", "kid": kid})), Ok(()));
        assert_eq!(refused(json!({"alg": "none", "typ": "JWT", "kid": kid})), Err(TokenError::WrongKind));
        assert_eq!(refused(json!({"alg": "HS256", "typ": "JWT", "kid": kid})), Err(TokenError::WrongKind));
        assert_eq!(refused(json!({"alg": "ES256", "typ": "JOSE", "kid": kid})), Err(TokenError::WrongKind));
        assert_eq!(refused(json!({"alg": "ES256", "kid": kid})), Err(TokenError::Malformed));
        assert_eq!(refused(json!({"alg": "ES256", "typ": "JWT", "kid": "x"})), Err(TokenError::UnknownKey));
        let critical = json!({"alg": "ES256", "typ": "JWT", "kid": kid, "crit": ["b64"]});
        assert_eq!(refused(critical), Err(TokenError::Malformed));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let key = SigningKey::generate().unwrap();
        let token = key.sign(&good()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let forged = crypto::encode(&serde_json::to_vec(&with("sub", json!("x"))).unwrap());
        let other = SigningKey::generate().unwrap().sign(&good()).unwrap();
        let foreign = other.rsplit('.').next().unwrap();
        for (changed, error) in [
            (format!("{}.{forged}.{}", parts[0], parts[2]), TokenError::WrongSignature),
            (format!("{}.{}.{foreign}", parts[0], parts[1]), TokenError::WrongSignature),
            (format!("{}.{}.", parts[0], parts[1]), TokenError::WrongSignature),
            (format!("{}.{}", parts[0], parts[1]), TokenError::Malformed),
            (format!("{token}.x"), TokenError::Malformed),
            (format!("{token}="), TokenError::Malformed),
            (String::new(), TokenError::Malformed),
            ("a".repeat(TOKEN_MAX + 1), TokenError::Malformed),
        ] {
            assert_eq!(verify_with(&key, &changed), Err(error), "{changed}");
        }
    }
}
