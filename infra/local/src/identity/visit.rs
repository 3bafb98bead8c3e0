//! One request as the issuer reads it: parameters, cookies, where it came from.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use super::events::Origin;
use super::{REQUEST_MAX, pages};

/// Parameters of a query or a form. One without a value counts as left out (RFC 6749, section 3.1).
#[derive(Debug, Default)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads `name=value&...`; a parameter that is there twice has no meaning (same section).
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(text).map_err(|_| "the parameters cannot be read")?;
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.insert(name, value).is_some() {
                return Err("a parameter is repeated");
            }
        }
        Ok(Self(params))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A request, read whole.
pub struct Visit {
    pub query: Params,
    pub form: Params,
    pub origin: Origin,
    headers: HeaderMap,
}

impl Visit {
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let headers = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            headers.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())
    }
}

impl<S: Send + Sync> FromRequest<S> for Visit {
    type Rejection = Response;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let refuse = |status, reason| refusal(&parts, status, reason);
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > REQUEST_MAX {
            return Err(refuse(StatusCode::URI_TOO_LONG, "the address is too long"));
        }
        let query = Params::parse(query).map_err(|reason| refuse(StatusCode::BAD_REQUEST, reason))?;
        let form = if parts.method == Method::POST && has_form(&parts.headers) {
            let body = axum::body::to_bytes(body, REQUEST_MAX).await;
            let body = body.map_err(|_| refuse(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"))?;
            let body = std::str::from_utf8(&body)
                .map_err(|_| refuse(StatusCode::BAD_REQUEST, "the parameters cannot be read"))?;
            Params::parse(body).map_err(|reason| refuse(StatusCode::BAD_REQUEST, reason))?
        } else {
            Params::default()
        };
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let origin =
            Origin { ip: address.map(|info| info.0.ip()), user_agent: user_agent.map(ToOwned::to_owned) };
        Ok(Self { query, form, origin, headers: parts.headers })
    }
}

fn has_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A page for a browser, a problem of RFC 6749 for everything else.
fn refusal(parts: &Parts, status: StatusCode, reason: &'static str) -> Response {
    let accept = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return pages::plain(status, "The sign-in service could not read this request.");
    }
    pages::Problem { status, error: "invalid_request", description: reason }.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_once_each() {
        let params = Params::parse("a=1&b=%C3%A9+x&c=").unwrap();
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.get("b"), Some("é x"));
        assert_eq!(params.get("c"), None);
        assert!(Params::parse("a=1&a=1").is_err());
        assert!(Params::parse("a=&a=1").is_err());
    }
}
