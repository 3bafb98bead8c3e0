//! The applications that may sign people in, and where they may send a browser back to.
//!
//! All of them are public clients: they hold no secret, so PKCE and exact redirects are what protects them.

use std::collections::HashMap;

use super::error::IdentityError;

/// The hosts a native application listens on (RFC 8252, section 7.3). `localhost` is not among them: it may
/// be resolved to another machine.
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// The client id of the web portal.
pub const PORTAL_CLIENT: &str = "strongroom-portal";

/// A place a browser may be sent back to with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// This address and no other spelling of it.
    Exact(String),
    /// This path on the machine's own loopback address, at any port.
    Loopback { path: String },
}

/// A registered application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    /// What people see on the sign-in page.
    pub name: String,
    pub redirects: Vec<Redirect>,
    /// Where a browser may be sent after signing out.
    pub sign_out_redirects: Vec<String>,
}

impl Client {
    /// The web portal served at `origin`, with its reference pages.
    pub fn portal(origin: &str) -> Self {
        let at = |path: &str| format!("{origin}{path}");
        Self {
            id: PORTAL_CLIENT.to_owned(),
            name: "Strongroom".to_owned(),
            redirects: ["/", "/signed-in", "/docs/signed-in"]
                .iter()
                .map(|path| Redirect::Exact(at(path)))
                .collect(),
            sign_out_redirects: ["/", "/signed-out"].iter().map(|path| at(path)).collect(),
        }
    }

    /// The command line, which listens on the loopback address for its code.
    pub fn cli() -> Self {
        Self {
            id: "strongroom-cli".to_owned(),
            name: "Strongroom command line".to_owned(),
            redirects: vec![Redirect::Loopback { path: "/callback".to_owned() }],
            sign_out_redirects: Vec::new(),
        }
    }

    /// Whether a code may be sent to `uri`.
    pub fn may_redirect_to(&self, uri: &str) -> bool {
        self.redirects.iter().any(|redirect| redirect.matches(uri))
    }

    /// Whether a browser may be sent to `uri` after signing out.
    pub fn may_sign_out_to(&self, uri: &str) -> bool {
        self.sign_out_redirects.iter().any(|registered| registered == uri)
    }

    fn addresses(&self) -> impl Iterator<Item = &str> {
        let exact = self.redirects.iter().filter_map(|redirect| match redirect {
            Redirect::Exact(uri) => Some(uri.as_str()),
            Redirect::Loopback { .. } => None,
        });
        exact.chain(self.sign_out_redirects.iter().map(String::as_str))
    }
}

impl Redirect {
    fn matches(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => registered == uri,
            Self::Loopback { path } => LOOPBACK
                .iter()
                .filter_map(|host| uri.strip_prefix(host))
                .any(|rest| port_then(rest).is_some_and(|found| found == path)),
        }
    }
}

/// What follows an optional port, or nothing when the port is none.
fn port_then(rest: &str) -> Option<&str> {
    let Some(after_colon) = rest.strip_prefix(':') else { return Some(rest) };
    let (port, _) = after_colon.split_once('/')?;
    let digits = !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let valid = digits && port.parse::<u16>().is_ok_and(|port| port > 0);
    if valid { after_colon.get(port.len()..) } else { None }
}

/// The registered applications by their id.
pub struct Clients(HashMap<String, Client>);

impl Clients {
    /// Takes the list, refusing ids and addresses that could not be matched safely.
    pub fn new(clients: Vec<Client>) -> Result<Self, IdentityError> {
        let mut by_id = HashMap::new();
        for client in clients {
            check(&client)?;
            if by_id.insert(client.id.clone(), client.clone()).is_some() {
                return Err(IdentityError::Options(format!("client `{}` is registered twice", client.id)));
            }
        }
        Ok(Self(by_id))
    }

    pub fn get(&self, id: &str) -> Option<&Client> {
        self.0.get(id)
    }

    /// Whether a page at `origin` belongs to a registered application.
    pub fn know_origin(&self, origin: &str) -> bool {
        self.0.values().flat_map(Client::addresses).any(|uri| origin_of(uri) == Some(origin))
    }
}

fn check(client: &Client) -> Result<(), IdentityError> {
    let bad = |what: &str| Err(IdentityError::Options(format!("client `{}`: {what}", client.id)));
    let id_ok = (1..=64).contains(&client.id.len())
        && client.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !id_ok {
        return bad("the id must be 1 to 64 letters, digits, `-` or `_`");
    }
    if let Some(uri) = client.addresses().find(|uri| !is_plain_address(uri)) {
        return bad(&format!("`{uri}` is not an http or https address without fragment"));
    }
    let paths = client.redirects.iter().filter_map(|redirect| match redirect {
        Redirect::Loopback { path } => Some(path),
        Redirect::Exact(_) => None,
    });
    match paths.into_iter().find(|path| !path.starts_with('/') || path.contains(['?', '#'])) {
        Some(path) => bad(&format!("`{path}` is not a path")),
        None => Ok(()),
    }
}

/// Refuses an issuer address that tokens, cookies and pages could not be built on.
pub fn check_issuer(issuer: &str) -> Result<(), IdentityError> {
    if is_plain_address(issuer) && !issuer.contains('?') && !issuer.ends_with('/') {
        return Ok(());
    }
    Err(IdentityError::Options(format!(
        "the issuer `{issuer}` is not an http or https address without query, fragment and final slash"
    )))
}

/// Only characters that cannot end a header, a policy or an attribute.
fn is_plain_address(uri: &str) -> bool {
    let plain =
        uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?=&%[]@!$()*+".contains(&byte));
    plain && origin_of(uri).is_some_and(|origin| !origin.contains('@') && origin.len() > "https://".len())
}

/// The scheme, host and port of an address.
pub fn origin_of(uri: &str) -> Option<&str> {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| uri.starts_with(scheme))?;
    let rest = uri.get(scheme.len()..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    uri.get(..scheme.len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_redirect_has_one_spelling() {
        let portal = Client::portal("http://127.0.0.1:8400");
        assert!(portal.may_redirect_to("http://127.0.0.1:8400/signed-in"));
        for uri in [
            "http://127.0.0.1:8400/signed-in/",
            "http://127.0.0.1:8400/signed-in?x=1",
            "http://127.0.0.1:8400/signed-in#x",
            "http://127.0.0.1:8401/signed-in",
            "https://127.0.0.1:8400/signed-in",
            "HTTP://127.0.0.1:8400/signed-in",
            "http://127.0.0.1:8400@evil.example/signed-in",
            "http://127.0.0.1:8400/x/../signed-in",
            "",
        ] {
            assert!(!portal.may_redirect_to(uri), "{uri}");
        }
    }

    #[test]
    fn a_loopback_redirect_takes_any_port_and_nothing_else() {
        let cli = Client::cli();
        for uri in ["http://127.0.0.1:1/callback", "http://127.0.0.1/callback", "http://[::1]:65535/callback"]
        {
            assert!(cli.may_redirect_to(uri), "{uri}");
        }
        for uri in [
            "http://127.0.0.1:0/callback",
            "http://127.0.0.1:65536/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:80:80/callback",
            "http://127.0.0.1:+80/callback",
            "http://127.0.0.1:80@evil.example/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://localhost:80/callback",
            "https://127.0.0.1:80/callback",
            "http://127.0.0.1:80/callback?x",
            "http://127.0.0.1:80/other",
        ] {
            assert!(!cli.may_redirect_to(uri), "{uri}");
        }
    }

    #[test]
    fn unsafe_registrations_are_refused() {
        let mut client = Client::portal("javascript:alert(1)");
        assert!(Clients::new(vec![client.clone()]).is_err());
        client.redirects = vec![Redirect::Exact("http://a.example/;script-src".to_owned())];
        client.sign_out_redirects.clear();
        assert!(Clients::new(vec![client]).is_err());
        assert!(Clients::new(vec![Client::cli(), Client::cli()]).is_err());
    }

    #[test]
    fn issuers_are_plain_addresses() {
        assert!(check_issuer("http://127.0.0.1:8400/identity").is_ok());
        for issuer in ["http://a/", "ftp://a/b", "http://", "http://a/b?c", "http://a/b#c", "http://a@b/c"] {
            assert!(check_issuer(issuer).is_err(), "{issuer}");
        }
    }
}
