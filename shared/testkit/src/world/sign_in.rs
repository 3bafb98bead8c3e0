//! Signing in as a browser does: authorization code flow with PKCE, a form, cookies, and the code redeemed.

use super::Site;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, StatusCode, header::LOCATION, redirect::Policy};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use serde_json::Value;
use std::collections::HashMap;

const CLIENT_ID: &str = "strongroom-portal";

/// What a sign-in gives.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub id: String,
    pub refresh: String,
    /// When the access token is no longer good.
    pub expires_at: Timestamp,
}

/// Signs somebody in with a fresh browser.
pub async fn tokens(site: &Site, username: &str, password: &str) -> Tokens {
    let visit = Visit::begin(site).await;
    let answer = submit(site, &visit.browser, visit.page, username, password).await;
    let code = code(&answer, &visit.redirect, &visit.state);
    redeem(site, &visit.browser, &code, &visit.redirect, &visit.verifier).await
}

/// Fails to sign somebody in: the password is wrong.
pub async fn refused(site: &Site, username: &str, password: &str) {
    let visit = Visit::begin(site).await;
    let answer = submit(site, &visit.browser, visit.page, username, password).await;
    assert_ne!(answer.status(), StatusCode::SEE_OTHER, "`{username}` is in with a wrong password");
}

/// A fresh browser at the sign-in page.
struct Visit {
    browser: Client,
    page: Response,
    redirect: String,
    state: String,
    verifier: String,
}

impl Visit {
    async fn begin(site: &Site) -> Self {
        let browser =
            Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a browser");
        let (verifier, state) = (random(), random());
        let redirect = format!("{}/signed-in", site.origin());
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let question = serde_urlencoded::to_string([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &redirect),
            ("scope", "openid profile email"),
            ("state", &state),
            ("nonce", &random()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let address = format!("{}/identity/authorize?{}", site.origin(), question.expect("plain text"));
        let page = browser.get(address).send().await.expect("the sign-in page");
        Self { browser, page, redirect, state, verifier }
    }
}

async fn submit(site: &Site, browser: &Client, page: Response, username: &str, password: &str) -> Response {
    assert_eq!(page.status(), StatusCode::OK, "the sign-in page for `{username}`");
    let html = page.text().await.expect("a page");
    let action = between(&html, r#"action=""#);
    let token = between(&html, r#"name="form_token" value=""#);
    let form = [("form_token", token.as_str()), ("username", username), ("password", password)];
    let address = format!("{}{action}", site.origin());
    browser.post(address).form(&form).send().await.expect("an answer to the form")
}

fn code(answer: &Response, redirect: &str, state: &str) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "the sign-in was refused");
    let location = answer.headers()[LOCATION].to_str().expect("an address");
    let (place, query) = location.split_once('?').unwrap_or_else(|| panic!("no answer in `{location}`"));
    assert_eq!(place, redirect, "the browser is sent back to where it came from");
    let mut answer: HashMap<String, String> = serde_urlencoded::from_str(query).expect("a query");
    assert_eq!(answer.get("state").map(String::as_str), Some(state), "the state comes back");
    answer.remove("code").unwrap_or_else(|| panic!("no code in `{location}`"))
}

async fn redeem(site: &Site, browser: &Client, code: &str, redirect: &str, verifier: &str) -> Tokens {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", redirect),
        ("code", code),
        ("code_verifier", verifier),
    ];
    let asked_at = site.clock.now();
    let response = browser.post(format!("{}/identity/token", site.origin())).form(&form).send().await;
    let response = response.expect("an answer to the code");
    assert_eq!(response.status(), StatusCode::OK, "the code is redeemed");
    let tokens: Value = response.json().await.expect("tokens");
    let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("no `{name}`")).to_owned();
    let lifetime = SignedDuration::from_secs(tokens["expires_in"].as_i64().expect("a lifetime"));
    Tokens {
        access: text("access_token"),
        id: text("id_token"),
        refresh: text("refresh_token"),
        expires_at: asked_at + lifetime,
    }
}

/// The value of an attribute that begins so.
fn between(html: &str, before: &str) -> String {
    let start = html.find(before).unwrap_or_else(|| panic!("no `{before}` in {html}")) + before.len();
    let end = html[start..].find('"').expect("a closed attribute") + start;
    html[start..end].replace("&amp;", "&")
}

fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}
