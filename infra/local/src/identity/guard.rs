//! Cookies, and the token that ties a form to the browser it was shown in.
//!
//! The token is a keyed fingerprint of a cookie that scripts cannot read: a page of another site can send
//! the form, but knows neither.

use axum::response::Response;
use http::HeaderValue;
use http::header::SET_COOKIE;

use super::visit::Visit;
use super::{Identity, crypto, error::Failure};

const FORM_COOKIE: &str = "strongroom_form";
const LABEL: &str = "form";

/// The hidden token of a page's forms, and the cookie it goes with.
pub struct FormGuard {
    pub token: String,
    new_cookie: Option<String>,
}

impl FormGuard {
    /// Uses the browser's cookie again, so that several open tabs all stay good.
    pub fn new(identity: &Identity, visit: &Visit) -> Result<Self, Failure> {
        let kept = visit.cookie(FORM_COOKIE).filter(|cookie| cookie.len() == 43);
        let (cookie, new_cookie) = match kept {
            Some(cookie) => (cookie.to_owned(), None),
            None => {
                let made = crypto::secret()?;
                (made.clone(), Some(made))
            }
        };
        let token = crypto::encode(&crypto::keyed(&identity.inner.form_key, LABEL, &cookie));
        Ok(Self { token, new_cookie })
    }

    /// Adds the cookie, when it is new.
    pub fn give(self, identity: &Identity, response: Response) -> Response {
        match self.new_cookie {
            Some(cookie) => set_cookie(identity, response, FORM_COOKIE, &cookie),
            None => response,
        }
    }
}

/// Whether a submitted form was shown in this browser.
pub fn holds(identity: &Identity, visit: &Visit) -> bool {
    let token = visit.form.get("form_token").and_then(crypto::decode);
    match (visit.cookie(FORM_COOKIE), token) {
        (Some(cookie), Some(token)) => crypto::keyed_matches(&identity.inner.form_key, LABEL, cookie, &token),
        _ => false,
    }
}

/// Adds a cookie that lasts until the browser is closed, for the issuer's own pages.
pub fn set_cookie(identity: &Identity, response: Response, name: &str, value: &str) -> Response {
    put(identity, response, format!("{name}={value}"))
}

pub fn clear_cookie(identity: &Identity, response: Response, name: &str) -> Response {
    put(identity, response, format!("{name}=; Max-Age=0"))
}

fn put(identity: &Identity, mut response: Response, cookie: String) -> Response {
    let path = if identity.base_path().is_empty() { "/" } else { identity.base_path() };
    let secure = if identity.inner.issuer.starts_with("https://") { "; Secure" } else { "" };
    let header = format!("{cookie}; Path={path}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(value) = HeaderValue::from_str(&header) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
