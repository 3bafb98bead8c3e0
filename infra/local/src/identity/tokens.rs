//! What the tokens say: the claims of a user pool's access and ID tokens.
//!
//! The product reads `sub, iss, email, email_verified, name, amr, auth_time, sid, jti` from whichever of the
//! two it is sent, so both carry them. The portal sends the ID token: the access token of a user pool has neither
//! name nor e-mail address.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::Identity;
use super::accounts::Account;
use super::crypto;
use super::error::IdentityError;
use super::grants::Grant;
use super::jwt::Claims;

/// How long an access or ID token is good.
pub const TOKEN_SECONDS: i64 = 15 * 60;

/// The answer of the token endpoint.
pub struct TokenSet {
    pub access_token: String,
    pub id_token: String,
    pub refresh_token: String,
    pub scope: String,
}

impl TokenSet {
    pub fn json(&self) -> Value {
        json!({
            "access_token": self.access_token,
            "id_token": self.id_token,
            "refresh_token": self.refresh_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": self.scope,
        })
    }
}

/// What the two tokens of one answer are made of.
pub struct Ingredients<'a> {
    pub grant: &'a Grant,
    pub account: &'a Account,
    pub nonce: Option<&'a str>,
    pub refresh_token: String,
    pub now: i64,
}

/// Signs an access token and an ID token.
pub fn issue(identity: &Identity, of: Ingredients<'_>) -> Result<TokenSet, IdentityError> {
    let access_token = sign(identity, &access_claims(identity, &of)?)?;
    let id_token = sign(identity, &id_claims(identity, &of, &access_token)?)?;
    Ok(TokenSet { access_token, id_token, refresh_token: of.refresh_token, scope: of.grant.scope.clone() })
}

fn sign(identity: &Identity, claims: &Claims) -> Result<String, IdentityError> {
    identity.keys(|keys| keys.sign(claims))
}

fn access_claims(identity: &Identity, of: &Ingredients<'_>) -> Result<Claims, IdentityError> {
    let mut claims = common_claims(identity, of, "access")?;
    put(&mut claims, "client_id", &of.grant.client_id);
    put(&mut claims, "scope", &of.grant.scope);
    put(&mut claims, "username", &of.account.username);
    Ok(claims)
}

fn id_claims(identity: &Identity, of: &Ingredients<'_>, access_token: &str) -> Result<Claims, IdentityError> {
    let mut claims = common_claims(identity, of, "id")?;
    put(&mut claims, "aud", &of.grant.client_id);
    put(&mut claims, "at_hash", half_hash(access_token));
    put(&mut claims, "cognito:username", &of.account.username);
    if let Some(nonce) = of.nonce {
        put(&mut claims, "nonce", nonce);
    }
    Ok(claims)
}

fn common_claims(
    identity: &Identity,
    of: &Ingredients<'_>,
    token_use: &str,
) -> Result<Claims, IdentityError> {
    let mut claims = Claims::new();
    put(&mut claims, "iss", identity.inner.issuer.as_str());
    put(&mut claims, "sub", of.grant.subject.as_str());
    put(&mut claims, "token_use", token_use);
    put(&mut claims, "iat", of.now);
    put(&mut claims, "nbf", of.now);
    put(&mut claims, "exp", of.now + TOKEN_SECONDS);
    put(&mut claims, "jti", crypto::identifier()?);
    put(&mut claims, "origin_jti", of.grant.id.as_str());
    put(&mut claims, "sid", of.grant.session_id.as_str());
    put(&mut claims, "auth_time", of.grant.auth_time);
    put(&mut claims, "amr", of.grant.methods.list());
    put(&mut claims, "name", of.account.name.as_str());
    put(&mut claims, "email", of.account.email.as_str());
    put(&mut claims, "email_verified", of.account.email_verified);
    Ok(claims)
}

fn put(claims: &mut Claims, name: &str, value: impl serde::Serialize) {
    claims.insert(name.to_owned(), json!(value));
}

/// The left half of a token's hash: binds an ID token to the access token it came with.
fn half_hash(token: &str) -> String {
    let hash = digest(&SHA256, token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    crypto::encode(left)
}
