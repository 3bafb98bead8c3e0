//! The sign-in service as a browser and an application meet it, over HTTP on the loopback address.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop"
)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use local::identity::{
    Client, Identity, IdentityError, NewUser, Options, Redirect, SignInOutcome, TokenError,
};
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, LOCATION, ORIGIN};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

const PORTAL: &str = "http://127.0.0.1:8400";
const PASSWORD: &str = "seven quiet lanterns";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const START: i64 = 1_800_000_000;

/// A running issuer with a clock of its own, and Dr Amara.
struct World {
    identity: Identity,
    issuer: String,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
    subject: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/identity", listener.local_addr().unwrap());
        let identity = open(folder.path(), &issuer, &clock, clients()).unwrap();
        let subject = identity.add_user(user("amara", PASSWORD)).unwrap();
        let app = axum::Router::new().nest("/identity", identity.routes());
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { identity, issuer, clock, folder, subject }
    }

    fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.issuer)
    }

    fn browser(&self) -> Browser<'_> {
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().cookie_store(true).redirect(redirects).user_agent("tests");
        Browser { world: self, http: http.build().unwrap() }
    }

    /// Signs Dr Amara in with a fresh browser and redeems the code.
    async fn tokens(&self) -> Value {
        let code = self.browser().sign_in("amara", PASSWORD).await;
        self.redeem(&code).await
    }

    async fn redeem(&self, code: &str) -> Value {
        let response = self.token(&redemption(code)).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    async fn token(&self, form: &[(&str, &str)]) -> Response {
        reqwest::Client::new().post(self.at("token")).form(form).send().await.unwrap()
    }

    async fn refresh(&self, token: &str) -> Response {
        let client = ("client_id", "strongroom-portal");
        self.token(&[("grant_type", "refresh_token"), client, ("refresh_token", token)]).await
    }

    async fn userinfo(&self, token: &str) -> Response {
        reqwest::Client::new().get(self.at("userinfo")).bearer_auth(token).send().await.unwrap()
    }

    fn outcomes(&self) -> Vec<SignInOutcome> {
        let events = self.identity.sign_in_events().pending(100).unwrap();
        events.into_iter().map(|event| event.outcome).collect()
    }
}

fn clients() -> Vec<Client> {
    vec![Client::portal(PORTAL), Client::cli()]
}

fn open(
    folder: &Path,
    issuer: &str,
    clock: &Arc<AtomicI64>,
    clients: Vec<Client>,
) -> Result<Identity, IdentityError> {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap());
    Identity::open(folder, issuer, Options { clients, clock })
}

fn user(username: &str, password: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        email: format!("{username}@north.example"),
        name: format!("Dr {username}"),
        password: password.to_owned(),
        email_verified: true,
        must_change_password: false,
    }
}

fn redemption(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "strongroom-portal"),
        ("redirect_uri", "http://127.0.0.1:8400/signed-in"),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
}

/// A browser: it keeps cookies and shows where it is sent instead of going there.
struct Browser<'w> {
    world: &'w World,
    http: reqwest::Client,
}

/// A page with its one form.
struct Page {
    status: StatusCode,
    html: String,
    policy: String,
}

impl Page {
    async fn read(response: Response) -> Self {
        let status = response.status();
        let policy = header(&response, CONTENT_SECURITY_POLICY.as_str());
        Self { status, policy, html: response.text().await.unwrap() }
    }

    fn between(&self, before: &str, after: &str) -> String {
        let start =
            self.html.find(before).unwrap_or_else(|| panic!("{before} in {}", self.html)) + before.len();
        let end = self.html[start..].find(after).unwrap() + start;
        self.html[start..end].replace("&amp;", "&")
    }
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn location(response: &Response) -> (String, HashMap<String, String>) {
    let location = header(response, LOCATION.as_str());
    let (place, query) = location.split_once('?').unwrap_or((&location, ""));
    (place.to_owned(), serde_urlencoded::from_str(query).unwrap())
}

impl Browser<'_> {
    async fn get(&self, path: &str) -> Response {
        self.http.get(self.world.at(path)).send().await.unwrap()
    }

    /// Asks for a code for the portal, with further or replaced parameters.
    async fn authorize(&self, changes: &[(&str, &str)]) -> Response {
        let mut params = vec![
            ("response_type", "code"),
            ("client_id", "strongroom-portal"),
            ("redirect_uri", "http://127.0.0.1:8400/signed-in"),
            ("scope", "openid profile email"),
            ("state", "s t&te"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        params.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        params.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        self.get(&format!("authorize?{}", serde_urlencoded::to_string(params).unwrap())).await
    }

    /// Sends the form of a page as the browser would, hidden field and all.
    async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Response {
        let action = page.between(r#"action=""#, "\"");
        let token = page.between(r#"name="form_token" value=""#, "\"");
        let mut form = vec![("form_token", token.as_str())];
        form.extend(fields);
        let origin = self.world.issuer.strip_suffix("/identity").unwrap();
        self.http.post(format!("{origin}{action}")).form(&form).send().await.unwrap()
    }

    async fn try_password(&self, username: &str, password: &str) -> Response {
        let page = Page::read(self.authorize(&[("prompt", "login")]).await).await;
        assert_eq!(page.status, StatusCode::OK);
        self.submit(&page, &[("username", username), ("password", password)]).await
    }

    async fn sign_in(&self, username: &str, password: &str) -> String {
        code_of(&self.try_password(username, password).await)
    }

    /// The one error or code of an authorization without a page.
    async fn silently(&self, changes: &[(&str, &str)]) -> HashMap<String, String> {
        let response = self.authorize(changes).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        location(&response).1
    }
}

fn code_of(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (place, answer) = location(response);
    assert_eq!(place, "http://127.0.0.1:8400/signed-in");
    assert_eq!(answer["state"], "s t&te");
    answer["code"].clone()
}

async fn error_of(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

fn invalid_grant() -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
}

fn part(token: &str, index: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn dr_amara_signs_in_to_the_portal() {
    let world = World::new().await;
    let browser = world.browser();
    let page = Page::read(browser.authorize(&[]).await).await;
    assert!(page.html.contains(r#"<label for="username">"#) && page.html.contains(r#"<html lang="en">"#));
    let answer = browser.submit(&page, &[("username", "Amara"), ("password", PASSWORD)]).await;
    let cookies: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("strongroom_session=")).unwrap();
    assert!(session.ends_with("; Path=/identity; HttpOnly; SameSite=Lax"), "{session}");
    assert_eq!(location(&answer).1["iss"], world.issuer);
    let tokens = world.redeem(&code_of(&answer)).await;

    let access = world.identity.verify(tokens["access_token"].as_str().unwrap(), world.now()).unwrap();
    let id = world.identity.verify(tokens["id_token"].as_str().unwrap(), world.now()).unwrap();
    for claims in [&access, &id] {
        assert_eq!(claims["sub"], json!(world.subject));
        assert_eq!(claims["iss"], json!(world.issuer));
        assert_eq!(claims["email"], json!("amara@north.example"));
        assert_eq!(claims["email_verified"], json!(true));
        assert_eq!(claims["name"], json!("Dr amara"));
        assert_eq!(claims["amr"], json!(["pwd"]));
        assert_eq!(claims["auth_time"], json!(START));
        assert_eq!(claims["exp"], json!(START + 900));
        assert_eq!(claims["sid"], access["sid"]);
    }
    assert_ne!(access["jti"], id["jti"]);
    assert_eq!((&access["token_use"], &id["token_use"]), (&json!("access"), &json!("id")));
    assert_eq!(
        (&access["client_id"], &id["aud"]),
        (&json!("strongroom-portal"), &json!("strongroom-portal"))
    );
    assert_eq!((&access["scope"], &id["nonce"]), (&json!("openid profile email"), &json!("n0nce")));
    assert_eq!(tokens["expires_in"], json!(900));
}

#[tokio::test]
async fn the_published_keys_verify_the_tokens() {
    let world = World::new().await;
    let config: Value =
        reqwest::get(world.at(".well-known/openid-configuration")).await.unwrap().json().await.unwrap();
    assert_eq!(config["issuer"], json!(world.issuer));
    assert_eq!(config["code_challenge_methods_supported"], json!(["S256"]));
    let keys: Value = reqwest::get(config["jwks_uri"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    let token = world.tokens().await["id_token"].as_str().unwrap().to_owned();
    let key = &keys["keys"][0];
    assert_eq!(part(&token, 0), json!({"alg": "ES256", "typ": "JWT", "kid": key["kid"]}));
    assert!(key.get("d").is_none());
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
}

#[tokio::test]
async fn a_rotated_key_leaves_old_tokens_good() {
    let world = World::new().await;
    let token = world.tokens().await["access_token"].as_str().unwrap().to_owned();
    world.identity.rotate_signing_key().unwrap();
    let keys: Value = reqwest::get(world.at("jwks.json")).await.unwrap().json().await.unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert!(world.identity.verify(&token, world.now()).is_ok());
    let newer = world.tokens().await["access_token"].as_str().unwrap().to_owned();
    assert_ne!(part(&newer, 0)["kid"], part(&token, 0)["kid"]);
}

#[tokio::test]
async fn the_command_line_is_answered_at_any_loopback_port() {
    let world = World::new().await;
    let browser = world.browser();
    let cli = [("client_id", "strongroom-cli"), ("redirect_uri", "http://127.0.0.1:50123/callback")];
    let page = Page::read(browser.authorize(&cli).await).await;
    assert!(page.policy.contains("form-action 'self' http://127.0.0.1:50123;"), "{}", page.policy);
    let answer = browser.submit(&page, &[("username", "amara"), ("password", PASSWORD)]).await;
    let (place, answer) = location(&answer);
    assert_eq!(place, "http://127.0.0.1:50123/callback");
    let mut form = redemption(&answer["code"]);
    form[1].1 = "strongroom-cli";
    form[2].1 = "http://127.0.0.1:50123/callback";
    assert_eq!(world.token(&form).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_code_needs_everything_that_belongs_to_it() {
    let world = World::new().await;
    let other_verifier = "x".repeat(43);
    for (field, value) in [
        ("code_verifier", other_verifier.as_str()),
        ("redirect_uri", "http://127.0.0.1:8400/"),
        ("client_id", "strongroom-cli"),
    ] {
        let code = world.browser().sign_in("amara", PASSWORD).await;
        let changed = redemption(&code).map(|(name, kept)| (name, if name == field { value } else { kept }));
        assert_eq!(error_of(world.token(&changed).await).await, invalid_grant(), "{field}");
        assert_eq!(error_of(world.token(&redemption(&code)).await).await, invalid_grant(), "spent: {field}");
    }
    let code = world.browser().sign_in("amara", PASSWORD).await;
    world.wait(60);
    assert_eq!(error_of(world.token(&redemption(&code)).await).await, invalid_grant());
    assert_eq!(error_of(world.token(&redemption("unknown")).await).await, invalid_grant());
}

#[tokio::test]
async fn a_code_shown_twice_revokes_what_came_of_it() {
    let world = World::new().await;
    let code = world.browser().sign_in("amara", PASSWORD).await;
    let tokens = world.redeem(&code).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).await.status(), StatusCode::OK);
    assert_eq!(error_of(world.token(&redemption(&code)).await).await, invalid_grant());
    assert_eq!(world.userinfo(access).await.status(), StatusCode::UNAUTHORIZED);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(error_of(world.refresh(refresh).await).await, invalid_grant());
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_spent_one_revokes_the_family() {
    let world = World::new().await;
    let first = world.tokens().await;
    let old = first["refresh_token"].as_str().unwrap();
    world.wait(3600);
    let second: Value = world.refresh(old).await.json().await.unwrap();
    let claims = world.identity.verify(second["access_token"].as_str().unwrap(), world.now()).unwrap();
    assert_eq!(claims["auth_time"], json!(START));
    assert!(part(second["id_token"].as_str().unwrap(), 1).get("nonce").is_none());
    let new = second["refresh_token"].as_str().unwrap();
    assert_ne!(new, old);
    assert_eq!(error_of(world.refresh(old).await).await, invalid_grant());
    assert_eq!(error_of(world.refresh(new).await).await, invalid_grant());
}

#[tokio::test]
async fn refresh_tokens_slide_and_end() {
    let world = World::new().await;
    let mut token = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..14 {
        world.wait(12 * 3600 - 1);
        let next: Value = world.refresh(&token).await.json().await.unwrap();
        token = next["refresh_token"].as_str().unwrap().to_owned();
    }
    world.wait(3600);
    assert_eq!(error_of(world.refresh(&token).await).await, invalid_grant(), "after a week");
    let token = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    world.wait(12 * 3600);
    assert_eq!(error_of(world.refresh(&token).await).await, invalid_grant(), "after half a day unused");
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_only() {
    let world = World::new().await;
    let code = world.browser();
    let page = Page::read(code.authorize(&[("scope", "openid email")]).await).await;
    let answer = code.submit(&page, &[("username", "amara"), ("password", PASSWORD)]).await;
    let tokens = world.redeem(&code_of(&answer)).await;
    let refresh = |token: String, scope: &'static str| {
        let world = &world;
        async move {
            let client = ("client_id", "strongroom-portal");
            let token = ("refresh_token", token.as_str());
            world.token(&[("grant_type", "refresh_token"), client, token, ("scope", scope)]).await
        }
    };
    let token = tokens["refresh_token"].as_str().unwrap().to_owned();
    let (_, error) = error_of(refresh(token.clone(), "openid profile").await).await;
    assert_eq!(error, "invalid_scope");
    let less: Value = refresh(token, "openid").await.json().await.unwrap();
    assert_eq!(less["scope"], json!("openid"));
    let facts: Value = world.userinfo(less["access_token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(facts, json!({"sub": world.subject}));
}

#[tokio::test]
async fn a_revoked_refresh_token_is_no_longer_good() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let revoke = |token: String, client: &'static str| {
        let form = [("token", token), ("client_id", client.to_owned())];
        reqwest::Client::new().post(world.at("revoke")).form(&form).send()
    };
    let foreign = revoke(refresh.to_owned(), "strongroom-cli").await.unwrap();
    assert_eq!(foreign.status(), StatusCode::OK);
    let renewed: Value = world.refresh(refresh).await.json().await.unwrap();
    let renewed = renewed["refresh_token"].as_str().unwrap();
    assert_eq!(revoke(renewed.to_owned(), "strongroom-portal").await.unwrap().status(), StatusCode::OK);
    assert_eq!(error_of(world.refresh(renewed).await).await, invalid_grant());
    assert_eq!(revoke("unknown".to_owned(), "strongroom-portal").await.unwrap().status(), StatusCode::OK);
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let (_, error) = error_of(revoke(access, "strongroom-portal").await.unwrap()).await;
    assert_eq!(error, "unsupported_token_type");
}

#[tokio::test]
async fn a_session_answers_silently_until_it_is_too_old() {
    let world = World::new().await;
    let browser = world.browser();
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
    browser.sign_in("amara", PASSWORD).await;
    world.wait(300);
    let code = browser.silently(&[("prompt", "none")]).await["code"].clone();
    let tokens = world.redeem(&code).await;
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 1)["auth_time"], json!(START));
    assert!(browser.silently(&[("max_age", "300")]).await.contains_key("code"));
    let answer = browser.silently(&[("max_age", "299"), ("prompt", "none")]).await;
    assert_eq!(answer["error"], "login_required");
    assert_eq!(browser.authorize(&[("prompt", "login")]).await.status(), StatusCode::OK);
    world.wait(12 * 3600);
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_tokens() {
    let world = World::new().await;
    let browser = world.browser();
    let tokens = world.redeem(&browser.sign_in("amara", PASSWORD).await).await;
    let hint = tokens["id_token"].as_str().unwrap();
    world.wait(3600);
    let out = browser
        .get(&format!("logout?id_token_hint={hint}&post_logout_redirect_uri={PORTAL}/signed-out&state=a%26b"))
        .await;
    assert_eq!(header(&out, "location"), "http://127.0.0.1:8400/signed-out?state=a%26b");
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(error_of(world.refresh(refresh).await).await, invalid_grant());
}

#[tokio::test]
async fn signing_out_without_a_token_asks_first() {
    let world = World::new().await;
    let browser = world.browser();
    browser.sign_in("amara", PASSWORD).await;
    let query = format!("logout?client_id=strongroom-portal&logout_uri={PORTAL}/");
    let page = Page::read(browser.get(&query).await).await;
    assert!(page.html.contains("Sign out?"));
    let forged = browser.http.post(world.at("logout/confirm")).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert!(browser.silently(&[("prompt", "none")]).await.contains_key("code"));
    let out = browser.submit(&page, &[]).await;
    assert_eq!(header(&out, "location"), "http://127.0.0.1:8400/");
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
}

#[tokio::test]
async fn signing_out_goes_on_to_registered_addresses_only() {
    let world = World::new().await;
    let browser = world.browser();
    for query in [
        "logout?client_id=strongroom-portal&post_logout_redirect_uri=http://evil.example/",
        "logout?client_id=strongroom-portal&post_logout_redirect_uri=http://127.0.0.1:8400/signed-out/",
        "logout?client_id=strongroom-cli&post_logout_redirect_uri=http://127.0.0.1:8400/",
        "logout?post_logout_redirect_uri=http://127.0.0.1:8400/",
        "logout?client_id=nobody&logout_uri=http://127.0.0.1:8400/",
    ] {
        let response = browser.get(query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(header(&response, "location"), "", "{query}");
    }
}

#[tokio::test]
async fn an_answer_goes_to_registered_addresses_only() {
    let world = World::new().await;
    let browser = world.browser();
    for redirect_uri in [
        "http://evil.example/signed-in",
        "http://127.0.0.1:8400/signed-in/../x",
        "http://127.0.0.1:8400/signed-in?next=http://evil.example",
        "http://127.0.0.1:8400@evil.example/signed-in",
        "http://127.0.0.1:8401/signed-in",
        "//evil.example",
        "javascript:alert(1)",
        "",
    ] {
        let response = browser.authorize(&[("redirect_uri", redirect_uri)]).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{redirect_uri}");
        assert_eq!(header(&response, "location"), "", "{redirect_uri}");
        assert!(!response.text().await.unwrap().contains("evil"), "{redirect_uri}");
    }
    let response = browser.authorize(&[("client_id", "nobody")]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let swapped = [("client_id", "strongroom-cli"), ("redirect_uri", "http://127.0.0.1:8400/signed-in")];
    assert_eq!(browser.authorize(&swapped).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn mistakes_of_a_known_application_are_sent_back_to_it() {
    let world = World::new().await;
    let browser = world.browser();
    let long = "x".repeat(1025);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("nonce", long.as_str(), "invalid_request"),
        ("request", "eyJ", "request_not_supported"),
        ("request_uri", "http://a.example", "request_uri_not_supported"),
        ("response_mode", "fragment", "invalid_request"),
    ] {
        let answer = browser.silently(&[(name, value)]).await;
        assert_eq!(answer["error"], error, "{name}={value}");
        assert_eq!(answer["state"], "s t&te");
        assert_eq!(answer["iss"], world.issuer);
    }
    let twice = browser.get("authorize?client_id=strongroom-portal&client_id=strongroom-cli").await;
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn mistakes_at_the_token_endpoint_have_their_names() {
    let world = World::new().await;
    let client = ("client_id", "strongroom-portal");
    for (form, status, error) in [
        (vec![("grant_type", "authorization_code")], 401, "invalid_client"),
        (vec![("grant_type", "authorization_code"), ("client_id", "nobody")], 401, "invalid_client"),
        (vec![client, ("client_secret", "x"), ("grant_type", "refresh_token")], 401, "invalid_client"),
        (vec![client], 400, "invalid_request"),
        (vec![client, ("grant_type", "password")], 400, "unsupported_grant_type"),
        (vec![client, ("grant_type", "authorization_code")], 400, "invalid_request"),
        (vec![client, ("grant_type", "refresh_token")], 400, "invalid_request"),
        (vec![client, client, ("grant_type", "refresh_token")], 400, "invalid_request"),
    ] {
        let response = world.token(&form).await;
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert_eq!(error_of(response).await, (StatusCode::from_u16(status).unwrap(), error.to_owned()));
    }
    let large = "x".repeat(20_000);
    assert_eq!(world.token(&[("code", &large)]).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn userinfo_wants_an_access_token() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let facts: Value = world.userinfo(tokens["access_token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(facts["email"], json!("amara@north.example"));
    for token in [tokens["id_token"].as_str().unwrap(), "", "a.b.c"] {
        let response = world.userinfo(token).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(header(&response, "www-authenticate").starts_with("Bearer "));
    }
}

#[tokio::test]
async fn bad_bearers_are_refused() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    let verify = |token: &str| world.identity.verify(token, world.now()).map(|_| ());
    assert_eq!(verify(token), Ok(()));

    let parts: Vec<&str> = token.split('.').collect();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims = part(token, 1);
    claims["sub"] = json!("somebody else");
    let tampered = format!("{}.{}.{}", parts[0], encode(&claims), parts[2]);
    assert_eq!(verify(&tampered), Err(TokenError::WrongSignature));
    assert_eq!(verify(&format!("{}.{}.", parts[0], parts[1])), Err(TokenError::WrongSignature));
    assert_eq!(verify(&format!("{}.{}", parts[0], parts[1])), Err(TokenError::Malformed));
    let mut header = part(token, 0);
    header["alg"] = json!("none");
    assert_eq!(verify(&format!("{}.{}.", encode(&header), parts[1])), Err(TokenError::WrongKind));

    let other_clients = vec![Client { id: "other".to_owned(), ..Client::portal(PORTAL) }];
    let other = open(world.folder.path(), &world.issuer, &world.clock, other_clients).unwrap();
    assert_eq!(other.verify(token, world.now()), Err(TokenError::WrongAudience));
    let other = open(world.folder.path(), "http://127.0.0.1:1/identity", &world.clock, clients()).unwrap();
    assert_eq!(other.verify(token, world.now()), Err(TokenError::WrongIssuer));
    let elsewhere = tempfile::tempdir().unwrap();
    let other = open(elsewhere.path(), &world.issuer, &world.clock, clients()).unwrap();
    assert_eq!(other.verify(token, world.now()), Err(TokenError::UnknownKey));

    world.wait(899);
    assert_eq!(verify(token), Ok(()));
    world.wait(1);
    assert_eq!(verify(token), Err(TokenError::Expired));
    world.wait(-1000);
    assert_eq!(verify(token), Err(TokenError::NotYetValid));
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::new().await;
    let browser = world.browser();
    for name in ["amara", "AMARA", "amara@north.example", " amara ", "amara"] {
        let page = Page::read(browser.try_password(name, "not the password").await).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.html.contains(r#"role="alert">The username or the password is not right."#));
    }
    assert_eq!(browser.try_password("amara", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    world.identity.add_user(user("ben", "nine silver kettles")).unwrap();
    browser.sign_in("ben", "nine silver kettles").await;

    let again = open(world.folder.path(), &world.issuer, &world.clock, clients()).unwrap();
    drop(again);
    assert_eq!(browser.try_password("amara", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    world.wait(60);
    browser.sign_in("amara", PASSWORD).await;
    assert_eq!(browser.try_password("amara", "wrong again").await.status(), StatusCode::UNAUTHORIZED);
    browser.sign_in("amara", PASSWORD).await;
}

#[tokio::test]
async fn an_unknown_name_looks_like_a_wrong_password() {
    let world = World::new().await;
    let browser = world.browser();
    let known = Page::read(browser.try_password("amara", "not the password").await).await;
    let unknown = Page::read(browser.try_password("nobody", "not the password").await).await;
    let strip = |page: &Page, name: &str| page.html.replace(&format!("value=\"{name}\""), "");
    assert_eq!(known.status, unknown.status);
    assert_eq!(strip(&known, "amara"), strip(&unknown, "nobody"));
    for _ in 0..4 {
        browser.try_password("nobody", "not the password").await;
    }
    assert_eq!(browser.try_password("nobody", "x").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn sign_ins_are_told_at_least_once() {
    let world = World::new().await;
    let browser = world.browser();
    let mut events = world.identity.sign_in_events();
    assert_eq!(events.pending(10).unwrap(), []);
    let waiting = tokio::spawn(async move { (events.next(10).await.unwrap(), events) });
    browser.try_password("nobody", PASSWORD).await;
    let (first, events) = tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    assert_eq!(first[0].outcome, SignInOutcome::WrongPassword);
    assert_eq!((&first[0].subject, &first[0].username), (&None, &None));
    browser.sign_in("amara", PASSWORD).await;
    events.acknowledge(first[0].seq).unwrap();

    let reopened = open(world.folder.path(), &world.issuer, &world.clock, clients()).unwrap();
    let left = reopened.sign_in_events().pending(10).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].outcome, SignInOutcome::Succeeded);
    assert_eq!(left[0].subject.as_ref(), Some(&world.subject));
    assert_eq!(left[0].username.as_deref(), Some("amara"));
    assert_eq!(left[0].ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(left[0].user_agent.as_deref(), Some("tests"));
    assert_eq!(left[0].at, world.now());
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once() {
    let world = World::new().await;
    let browser = world.browser();
    let tokens = world.redeem(&browser.sign_in("amara", PASSWORD).await).await;
    world.identity.disable_user("amara").unwrap();
    assert!(world.identity.users().unwrap()[0].disabled);
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(error_of(world.refresh(refresh).await).await, invalid_grant());
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(browser.try_password("amara", PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.outcomes(), [SignInOutcome::Succeeded, SignInOutcome::Disabled]);
    world.identity.enable_user("amara").unwrap();
    browser.sign_in("amara", PASSWORD).await;
}

#[tokio::test]
async fn a_given_password_works_once() {
    let world = World::new().await;
    let browser = world.browser();
    world.identity.set_password("amara", "given by the clinic", true).unwrap();
    assert_eq!(browser.try_password("amara", PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    let page = Page::read(browser.try_password("amara", "given by the clinic").await).await;
    assert!(page.html.contains("Choose your own password"));
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
    for (new, repeated) in [
        ("too short", "too short"),
        ("my name is amara", "my name is amara"),
        ("given by the clinic", "given by the clinic"),
        ("a fine new password", "another new password"),
    ] {
        let answer = browser.submit(&page, &[("new_password", new), ("repeated", repeated)]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{new}");
    }
    let fields = [("new_password", "eleven paper boats"), ("repeated", "eleven paper boats")];
    let tokens = world.redeem(&code_of(&browser.submit(&page, &fields).await)).await;
    assert!(tokens["id_token"].is_string());
    let again = browser.submit(&page, &fields).await;
    assert_eq!(again.status(), StatusCode::FORBIDDEN);
    world.browser().sign_in("amara", "eleven paper boats").await;
}

/// An authenticator, written apart from the service's own.
fn code_at(secret: &str, seconds: i64) -> String {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in secret.bytes().filter(|byte| *byte != b' ') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        buffer = (buffer << 5) | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = ring::hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let word = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Turns Dr Amara's second factor on and returns its secret.
async fn enrol(world: &World, browser: &Browser<'_>) -> String {
    browser.sign_in("amara", PASSWORD).await;
    let page = Page::read(browser.get("security").await).await;
    let secret = page.between(r#"<code aria-labelledby="key-label">"#, "</code>");
    let wrong = code_at(&secret, world.now().as_second() + 3000);
    assert_eq!(browser.submit(&page, &[("code", &wrong)]).await.status(), StatusCode::UNAUTHORIZED);
    let code = code_at(&secret, world.now().as_second());
    assert_eq!(browser.submit(&page, &[("code", &code)]).await.status(), StatusCode::OK);
    assert!(world.identity.users().unwrap()[0].has_second_factor);
    secret
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_shows_in_the_tokens() {
    let world = World::new().await;
    let secret = enrol(&world, &world.browser()).await;
    let browser = world.browser();
    let page = Page::read(browser.try_password("amara", PASSWORD).await).await;
    assert!(page.html.contains("Enter your code"));
    assert_eq!(browser.silently(&[("prompt", "none")]).await["error"], "login_required");
    let spent = code_at(&secret, world.now().as_second());
    assert_eq!(browser.submit(&page, &[("code", &spent)]).await.status(), StatusCode::UNAUTHORIZED);
    world.wait(30);
    let code = code_at(&secret, world.now().as_second());
    let answer = browser.submit(&page, &[("code", &code)]).await;
    let tokens = world.redeem(&code_of(&answer)).await;
    assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["amr"], json!(["pwd", "otp"]));
    let again = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(again.status(), StatusCode::FORBIDDEN, "the step was over");
    assert_eq!(
        world.outcomes(),
        [SignInOutcome::Succeeded, SignInOutcome::WrongCode, SignInOutcome::Succeeded]
    );
}

#[tokio::test]
async fn codes_cannot_be_guessed_either() {
    let world = World::new().await;
    let secret = enrol(&world, &world.browser()).await;
    let browser = world.browser();
    let page = Page::read(browser.try_password("amara", PASSWORD).await).await;
    for _ in 0..4 {
        assert_eq!(browser.submit(&page, &[("code", "000000")]).await.status(), StatusCode::UNAUTHORIZED);
    }
    world.wait(30);
    let code = code_at(&secret, world.now().as_second());
    assert_eq!(browser.submit(&page, &[("code", &code)]).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(browser.try_password("amara", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_second_factor_is_turned_off_with_a_code_or_by_an_administrator() {
    let world = World::new().await;
    let browser = world.browser();
    let secret = enrol(&world, &browser).await;
    world.wait(60);
    let page = Page::read(browser.get("security").await).await;
    assert!(!page.html.contains(&secret));
    let code = code_at(&secret, world.now().as_second());
    assert_eq!(browser.submit(&page, &[("code", &code)]).await.status(), StatusCode::OK);
    assert!(!world.identity.users().unwrap()[0].has_second_factor);
    world.wait(60);
    let next = enrol(&world, &browser).await;
    assert_ne!(next, secret);
    world.identity.remove_second_factor("amara").unwrap();
    world.browser().sign_in("amara", PASSWORD).await;
}

#[tokio::test]
async fn the_security_page_wants_a_recent_sign_in() {
    let world = World::new().await;
    let browser = world.browser();
    let form = "/identity/sign-in?continue=security";
    assert_eq!(header(&browser.get("security").await, "location"), form);
    browser.sign_in("amara", PASSWORD).await;
    world.wait(601);
    assert_eq!(header(&browser.get("security").await, "location"), form);
    let page = Page::read(browser.get("sign-in?continue=security").await).await;
    let answer = browser.submit(&page, &[("username", "amara"), ("password", PASSWORD)]).await;
    assert_eq!(header(&answer, "location"), "/identity/security");
    assert_eq!(browser.get("security").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let world = World::new().await;
    let browser = world.browser();
    let page = Page::read(browser.authorize(&[]).await).await;
    let stranger = world.browser();
    let fields = [("username", "amara"), ("password", PASSWORD)];
    assert_eq!(stranger.submit(&page, &fields).await.status(), StatusCode::FORBIDDEN);
    let action = page.between(r#"action=""#, "\"");
    let address = format!("{}{action}", world.issuer.strip_suffix("/identity").unwrap());
    let bare = browser.http.post(address).form(&fields).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);
    assert_eq!(world.outcomes(), []);
    code_of(&browser.submit(&page, &fields).await);
}

#[tokio::test]
async fn pages_hold_visitors_text_as_text_and_forbid_the_rest() {
    let world = World::new().await;
    let browser = world.browser();
    let nasty = r#""><script>alert('x')</script>"#;
    let page = Page::read(browser.authorize(&[("login_hint", nasty), ("state", nasty)]).await).await;
    assert!(!page.html.contains("<script"), "{}", page.html);
    assert!(page.html.contains("value=\"&quot;&gt;&lt;script&gt;"));
    let answer = Page::read(browser.submit(&page, &[("username", nasty), ("password", "x")]).await).await;
    assert!(!answer.html.contains("<script"), "{}", answer.html);
    for page in [&page, &answer] {
        assert_eq!(
            page.policy,
            "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:8400; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        assert!(
            !page.html.contains("<style") && !page.html.contains(" style=") && !page.html.contains(" on")
        );
    }
    let style = browser.get("style.css").await;
    assert_eq!(header(&style, "content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn only_pages_of_registered_applications_may_call() {
    let world = World::new().await;
    for (origin, allowed) in [(PORTAL, PORTAL), ("http://evil.example", ""), ("null", "")] {
        let request = reqwest::Client::new().post(world.at("token")).header(ORIGIN, origin).send();
        assert_eq!(header(&request.await.unwrap(), ACCESS_CONTROL_ALLOW_ORIGIN.as_str()), allowed);
        let preflight = reqwest::Client::new()
            .request(reqwest::Method::OPTIONS, world.at("userinfo"))
            .header(ORIGIN, origin)
            .send();
        assert_eq!(header(&preflight.await.unwrap(), ACCESS_CONTROL_ALLOW_ORIGIN.as_str()), allowed);
    }
}

#[tokio::test]
async fn what_is_kept_survives_and_gives_no_secret_away() {
    let world = World::new().await;
    let browser = world.browser();
    let code = browser.sign_in("amara", PASSWORD).await;
    let tokens = world.redeem(&code).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let reopened = open(world.folder.path(), &world.issuer, &world.clock, clients()).unwrap();
    assert!(reopened.verify(tokens["access_token"].as_str().unwrap(), world.now()).is_ok());
    assert_eq!(reopened.users().unwrap()[0].subject, world.subject);

    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(refresh) && !holds(&code) && !holds(PASSWORD), "{}", path.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn unusable_people_and_clients_are_refused() {
    let world = World::new().await;
    let add = |user: NewUser| world.identity.add_user(user).unwrap_err();
    assert!(matches!(add(user("Amara", PASSWORD)), IdentityError::UsernameTaken(_)));
    let same_email = NewUser { email: "AMARA@north.example".to_owned(), ..user("ben", PASSWORD) };
    assert!(matches!(add(same_email), IdentityError::EmailTaken(_)));
    assert!(matches!(add(user("ben", "short")), IdentityError::WeakPassword(_)));
    assert!(matches!(add(user("b n", PASSWORD)), IdentityError::Field { field: "username", .. }));
    assert!(matches!(world.identity.disable_user("nobody"), Err(IdentityError::UnknownUser(_))));
    let script = Redirect::Exact("javascript:alert(1)".to_owned());
    let bad = Client { redirects: vec![script], ..Client::cli() };
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(open(elsewhere.path(), &world.issuer, &world.clock, vec![bad]).is_err());
    assert!(open(elsewhere.path(), "identity", &world.clock, clients()).is_err());
}

/// Tells the test below that it is the process to be killed.
const DOOMED: &str = "STRONGROOM_TEST_DOOMED_FOLDER";

/// Runs itself a second time, and kills that process once it has said what it kept.
#[test]
fn what_was_answered_survives_a_kill() {
    let clock = Arc::new(AtomicI64::new(START));
    let issuer = "http://127.0.0.1:1/identity";
    if let Some(folder) = std::env::var_os(DOOMED) {
        let identity = open(Path::new(&folder), issuer, &clock, clients()).unwrap();
        let subject = identity.add_user(user("amara", PASSWORD)).unwrap();
        identity.disable_user("amara").unwrap();
        println!("kept {subject}");
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut doomed = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_was_answered_survives_a_kill", "--nocapture"])
        .env(DOOMED, folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(doomed.stdout.take().unwrap()));
    let kept = lines.map(Result::unwrap).find_map(|line| Some(line.split_once("kept ")?.1.to_owned()));
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    let people = open(folder.path(), issuer, &clock, clients()).unwrap().users().unwrap();
    assert_eq!(Some(&people[0].subject), kept.as_ref());
    assert!(people[0].disabled);
}
