//! Input that nobody should send: every refusal has the one form, a stable code, and changes nothing.
#![allow(clippy::expect_used, reason = "a journey whose surroundings fail should stop")]

use crate::{
    acts::{Act, Practice, operations, refused},
    snapshot::Snapshot,
};
use api::{Access, Method};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method as HttpMethod;
use ring::hmac;
use serde_json::{Value, json};
use testkit::{Actor, World, files, world::Request};

/// Bytes of a request that are read.
const BODY_BYTES: usize = 256 * 1024;

fn acts(practice: &Practice<'_>) -> Vec<Act> {
    operations().into_iter().map(|operation| practice.act(operation)).collect()
}

/// Whether a bearer token is asked for: neither a patient's link nor the address of a file comes with one.
fn asks_for_token(act: &Act) -> bool {
    matches!(act.operation.access, Access::Member | Access::Identity)
}

/// What is sent instead of a sound body, and what is said to it.
fn unreadable(sound: &Value) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let text = sound.to_string();
    let spliced = |more: &str| match text.strip_prefix('{') {
        Some("}") => format!("{{{more}}}"),
        Some(rest) => format!("{{{more},{rest}"),
        None => text.clone(),
    };
    let deep = |levels: usize| spliced(&format!("\"x\":{}{}", "[".repeat(levels), "]".repeat(levels)));
    vec![
        ("a cut", b"{\"a\":".to_vec(), 400, "malformed_json"),
        ("no json", b"name=Grace".to_vec(), 400, "malformed_json"),
        ("two values", format!("{text}{text}").into_bytes(), 400, "malformed_json"),
        ("a field given twice", spliced("\"x\":1,\"x\":2").into_bytes(), 400, "malformed_json"),
        ("invalid utf-8", b"{\"a\":\"\xff\xfe\"}".to_vec(), 400, "malformed_json"),
        ("half a surrogate", br#"{"a":"\ud800"}"#.to_vec(), 400, "malformed_json"),
        ("a number without end", spliced("\"x\":1e999").into_bytes(), 400, "malformed_json"),
        ("200 levels", deep(200).into_bytes(), 400, "malformed_json"),
        ("a list", b"[]".to_vec(), 400, "invalid_input"),
        ("a list of the fields", b"[1,1,1]".to_vec(), 400, "invalid_input"),
        ("null", b"null".to_vec(), 400, "invalid_input"),
        ("an unknown field", spliced("\"x\":1").into_bytes(), 400, "invalid_input"),
        ("100 levels", deep(100).into_bytes(), 400, "invalid_input"),
        ("too much", format!("{text}{}", " ".repeat(BODY_BYTES)).into_bytes(), 413, "too_large"),
    ]
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_every_operation() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let before = Snapshot::of(&world).await;
    for act in acts(&north).into_iter().filter(Act::has_body) {
        let id = act.operation.id;
        for (name, body, status, code) in unreadable(&act.input) {
            let answer = act.by_right(&north).body("application/json", body).send().await;
            assert_eq!(refused(&format!("{id}: {name}"), &answer), code, "{id}: {name}");
            assert_eq!(answer.status, status, "{id}: {name}");
        }
        let other = format!("{} ", act.input);
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]
        {
            act.by_right(&north).body(kind, other.clone()).problem(415, "not_json").await;
        }
        let untyped = act.by_right(&north).body("", other).without_header("content-type");
        untyped.problem(415, "not_json").await;
        act.by_right(&north).query(&[("x", "1")]).problem(400, "invalid_query").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_by_every_operation() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let before = Snapshot::of(&world).await;
    for act in acts(&north).into_iter().filter(|act| !act.has_body()) {
        let answer = act.by_right(&north).query(&[("x", "1")]).send().await;
        // Of an address nobody was handed there is nothing to be said about its input.
        let code = if act.operation.access == Access::Pass { "not_found" } else { "invalid_input" };
        assert_eq!(refused(act.operation.id, &answer), code, "{}", act.operation.id);
        let answer = act.by_right(&north).query(&[("x", "1"), ("x", "1")]).send().await;
        assert_eq!(refused(act.operation.id, &answer), "invalid_query", "{}", act.operation.id);
        let answer = act.by_right(&north).body("application/json", "{}").send().await;
        assert_eq!(refused(act.operation.id, &answer), "invalid_body", "{}", act.operation.id);
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// Each field in turn is left out, or is something that no field is.
#[tokio::test]
async fn fields_of_another_type_are_refused_by_every_operation() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let before = Snapshot::of(&world).await;
    for act in acts(&north).into_iter().filter(Act::has_body) {
        let names: Vec<String> =
            act.input.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        for name in names {
            for wrong in [json!({ "x": [1, { "y": null }] }), json!([[[1]]]), json!(-1.5), json!(true)] {
                let is_flag = act.input[&name].is_boolean() && wrong == json!(true);
                if wrong == act.input[&name] || is_flag {
                    continue;
                }
                let mut input = act.input.clone();
                input[&name] = wrong;
                let what = format!("{}: {name} is {}", act.operation.id, input[&name]);
                let answer = act.with(input).by_right(&north).send().await;
                assert_eq!(refused(&what, &answer), "invalid_input", "{what}");
            }
        }
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

#[tokio::test]
async fn what_is_no_id_is_not_found_by_every_operation() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let before = Snapshot::of(&world).await;
    let long = "7".repeat(3_000);
    for act in acts(&north) {
        let (template, path) = (act.operation.path, act.path.clone());
        let variables = template.split('/').enumerate().filter(|(_, part)| part.starts_with('{'));
        for (at, name) in variables {
            let upper = path.split('/').nth(at).unwrap_or_default().to_uppercase();
            let mut wrong = vec![
                "x",
                "0",
                "-1",
                "%00",
                "%2e%2e%2f",
                "%F0%9F%98%80",
                "{}",
                "*",
                "null",
                "%25",
                long.as_str(),
            ];
            // Barcodes may be short, and have a case of their own; of versions there is one.
            wrong.retain(|text| name != "{barcode}" || !matches!(*text, "x" | "0" | "-1" | "null"));
            if name != "{version}" && name != "{barcode}" {
                wrong.push(&upper);
            }
            for text in wrong {
                let parts: Vec<&str> =
                    path.split('/').enumerate().map(|(n, part)| if n == at { text } else { part }).collect();
                let answer = act.at(parts.join("/")).by_right(&north).send().await;
                refused(&format!("{} at {text}", act.operation.id), &answer);
                assert_eq!(answer.status, 404, "{} at {text}: {}", act.operation.id, answer.json());
            }
        }
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

#[tokio::test]
async fn addresses_and_methods_that_nothing_serves() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let before = Snapshot::of(&world).await;
    for path in [
        "/nothing",
        "/clients/",
        "//clients",
        "/clients/a/b/c/d",
        "/CLIENTS",
        "/charts//records",
        "/v1/clients",
    ] {
        amara.get(path).problem(404, "no_such_operation").await;
        amara.post(path).json(&json!({})).problem(404, "no_such_operation").await;
    }
    let taken: Vec<(&str, Vec<Method>)> =
        operations().iter().map(|one| (one.path, vec![one.method])).collect();
    for method in [HttpMethod::GET, HttpMethod::POST, HttpMethod::PUT, HttpMethod::DELETE, HttpMethod::PATCH]
    {
        for (template, _) in &taken {
            let served =
                operations().iter().any(|one| one.path == *template && one.method.name() == method.as_str());
            if served {
                continue;
            }
            let path = template.replace(['{', '}'], "");
            // Another template may fit as well: `duplicates` stands where the id of a client could.
            let answer = amara.get("/").method(method.clone(), &path).send().await;
            let code = refused(&format!("{method} {path}"), &answer);
            let known = matches!(code.as_str(), "method_not_allowed" | "not_found" | "invalid_input");
            assert!(known, "{method} {path}: {code}");
        }
    }
    amara.get("/").method(HttpMethod::PATCH, "/clients").problem(405, "method_not_allowed").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
}

// ---- Tokens ------------------------------------------------------------------------------------------------

/// A token with its parts changed; the signature stays what it was.
fn forged(token: &str, header: Option<Value>, change: impl Fn(&mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let decoded = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("a part")).expect("json")
    };
    let mut claims = decoded(parts[1]);
    change(&mut claims);
    let header = header.unwrap_or_else(|| decoded(parts[0]));
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", encode(&header), encode(&claims), parts[2])
}

/// Tokens that look like a good one and are none.
async fn bad_tokens(world: &World, amara: &Actor, other: &Actor) -> Vec<(&'static str, String)> {
    let good = amara.token().await;
    let unsigned = json!({ "alg": "none", "typ": "JWT" });
    let none = forged(&good, Some(unsigned.clone()), |_| {});
    let head = good.rsplit_once('.').expect("three parts").0;
    let keys: Value =
        serde_json::from_slice(&world.stranger().get("/identity/.well-known/jwks.json").send().await.body)
            .expect("the issuer's keys");
    let kid = keys["keys"][0]["kid"].clone();
    // A verifier that believes the header takes the public key for a shared secret.
    let confused = forged(&good, Some(json!({ "alg": "HS256", "typ": "JWT", "kid": kid })), |_| {});
    let signed = confused.rsplit_once('.').expect("three parts").0.to_owned();
    let key = hmac::Key::new(hmac::HMAC_SHA256, keys["keys"][0].to_string().as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()).as_ref());
    let subject = other.member_id().to_string();
    vec![
        ("empty", String::new()),
        ("no token", "x".to_owned()),
        ("garbage", "a.b.c".to_owned()),
        ("unsigned", format!("{}.", none.rsplit_once('.').expect("three parts").0)),
        ("unsigned with a signature", none),
        ("without its signature", format!("{head}.")),
        ("cut", good[..good.len() - 4].to_owned()),
        ("with another subject", forged(&good, None, |claims| claims["sub"] = json!(subject))),
        ("with a later end", forged(&good, None, |claims| claims["exp"] = json!(4_102_444_800_u64))),
        ("for another audience", forged(&good, None, |claims| claims["client_id"] = json!("another"))),
        ("signed with the public key", format!("{signed}.{tag}")),
        (
            "of another key",
            forged(&good, Some(json!({ "alg": "ES256", "typ": "JWT", "kid": "other" })), |_| {}),
        ),
        ("a refresh token", amara.tokens().await.refresh),
        ("endless", "a".repeat(7_000)),
    ]
}

/// Only a token that the sign-in service has signed, for us, and that has not run out, is anybody's.
#[tokio::test]
async fn a_token_that_is_not_good_is_nobodys() {
    let (world, elsewhere) = (World::start().await, World::start().await);
    let north = Practice::opened(&world, "North Clinic").await;
    let stranger = elsewhere.person("Dr Amara").await.token().await;
    let old = north.amara.token().await;
    let before = Snapshot::of(&world).await;
    let mut bad = bad_tokens(&world, &north.amara, &north.ben).await;
    bad.push(("of another issuer", stranger));
    for (name, token) in &bad {
        let answer = north.amara.get("/organization").token(token).send().await;
        assert_eq!(refused(name, &answer), "unauthenticated", "{name}");
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{name}");
    }
    for act in acts(&north).into_iter().filter(asks_for_token) {
        act.of(world.stranger()).problem(401, "unauthenticated").await;
        act.by(&north.amara).token(&bad[3].1).problem(401, "unauthenticated").await;
    }
    for scheme in [format!("Basic {old}"), format!("bearer{old}"), old.clone(), "Bearer".to_owned()] {
        let request = world.stranger().get("/organization").header("authorization", &scheme);
        request.problem(401, "unauthenticated").await;
    }
    world.clock.advance(1);
    north.amara.get("/organization").token(&old).problem(401, "unauthenticated").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
    north.amara.get("/organization").expect(200).await;
}

// ---- Headers, pages, revisions, text -----------------------------------------------------------------------

#[tokio::test]
async fn headers_have_their_limits() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let before = Snapshot::of(&world).await;
    let register = || amara.post("/clients").json(&json!({ "demographics": { "full_name": "Grace" } }));
    for key in ["", "k".repeat(129).as_str(), "k".repeat(200).as_str()] {
        register().idempotency_key(key).problem(400, "invalid_idempotency_key").await;
    }
    register().idempotency_key(&"k".repeat(2_000)).problem(400, "invalid_header").await;
    for purpose in ["", "treat", "CURIOSITY", "TREAT,ETREAT", "TREAT;q=1"] {
        register().purpose(purpose).problem(400, "invalid_purpose").await;
    }
    let long = "0".repeat(1_100);
    register().header("strongroom-organization", &long).problem(400, "invalid_header").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
    register().idempotency_key(&"k".repeat(128)).purpose("ETREAT").expect(201).await;
}

#[tokio::test]
async fn pages_have_their_limits() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let lists: Vec<Act> = acts(&north)
        .into_iter()
        .filter(|act| act.operation.id.starts_with("list_") || act.operation.id.ends_with("_evidence"))
        .chain(
            acts(&north)
                .into_iter()
                .filter(|act| matches!(act.operation.id, "search_clients" | "read_timeline")),
        )
        .filter(|act| {
            !matches!(act.operation.id, "list_charts" | "list_grants" | "list_roles" | "list_rules")
        })
        .collect();
    assert!(lists.len() >= 12, "{}", lists.len());
    for act in &lists {
        let of = |name: &str, value: &str| act.by_right(&north).query(&[(name, value)]);
        for limit in ["0", "101", "4294967295"] {
            of("limit", limit).problem(400, "invalid_limit").await;
        }
        for limit in ["", "-1", "x", "1.5", "4294967296", "+5 ", "0x10", "１"] {
            of("limit", limit).problem(400, "invalid_input").await;
        }
        let (foreign, endless) = (URL_SAFE_NO_PAD.encode("Ä"), URL_SAFE_NO_PAD.encode("a".repeat(600)));
        for cursor in ["", "!!!", "a b", "é", "AA==", "_", foreign.as_str(), endless.as_str()] {
            of("cursor", cursor).problem(400, "invalid_cursor").await;
        }
        let answer = of("limit", "100").send().await;
        assert_eq!(answer.status, 200, "{}: {}", act.operation.id, answer.json());
    }
    let evidence = |name: &str, value: &str| north.nadia.get("/evidence").query(&[(name, value)]);
    for month in ["", "2026", "2026-13", "9999-99", "2026-11-01"] {
        evidence("month", month).problem(400, "invalid_month").await;
    }
    for (name, value) in
        [("kind", "Nothing"), ("outcome", "maybe"), ("from", "yesterday"), ("to", "2026-11-31")]
    {
        evidence(name, value).problem(400, "invalid_input").await;
    }
    let never = [("from", "2026-02-01T00:00:00Z"), ("to", "2026-01-01T00:00:00Z")];
    north.nadia.get("/evidence").query(&never).problem(400, "invalid_period").await;
    for far in ["-009998-01-01T00:00:00Z", "9999-12-30T00:00:00Z"] {
        for name in ["from", "to"] {
            evidence(name, far).expect(200).await;
        }
    }
}

/// Whoever has read an older state is told the current one and changes nothing (R055).
#[tokio::test]
async fn a_stale_revision_is_told_the_current_one() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let before = Snapshot::of(&world).await;
    let mut seen = 0;
    for act in acts(&north) {
        if act.input.get("expected_revision").is_none() {
            continue;
        }
        for revision in [999_u64, u64::MAX] {
            let mut input = act.input.clone();
            input["expected_revision"] = json!(revision);
            let answer = act.with(input).by_right(&north).send().await;
            let what = format!("{} of revision {revision}", act.operation.id);
            assert_eq!(refused(&what, &answer), "stale_revision", "{what}");
            let current = answer.json()["current_revision"].as_u64();
            assert!(
                answer.status == 409 && current.is_some_and(|current| current < 50),
                "{what}: {current:?}"
            );
            seen += 1;
        }
        for wrong in [json!(-1), json!(1.5), json!("x"), json!(null), json!(18_446_744_073_709_551_616_f64)] {
            let mut input = act.input.clone();
            input["expected_revision"] = wrong;
            let answer = act.with(input).by_right(&north).send().await;
            assert_eq!(refused(act.operation.id, &answer), "invalid_input", "{}", act.operation.id);
        }
    }
    assert!(seen >= 30, "only {seen} were tried");
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// Texts that are no text: too long, empty, with characters that do not show or that turn the others around.
fn no_lines(most: usize) -> Vec<String> {
    let mut wrong: Vec<String> = vec!["x".repeat(most + 1), "字".repeat(most + 1), "x".repeat(100_000)];
    let marks =
        ["", " ", "\t\n", "a\u{0}b", "a\u{7}b", "a\u{7f}b", "a\u{9b}b", "a\u{202e}b", "a\u{2066}b", "a\nb"];
    wrong.extend(marks.map(str::to_owned));
    wrong
}

#[tokio::test]
async fn text_has_its_limits() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = |title: &str, text: &str| {
        let content = json!({ "title": title, "sections": [{ "text": text }] });
        amara.post(&format!("/charts/{chart}/notes")).json(&json!({ "content": content }))
    };
    let folder = |title: &str| {
        let body = json!({ "title": title, "location_id": north.room });
        amara.post(&format!("/charts/{chart}/folders")).json(&body)
    };
    let client = |name: &str| amara.post("/clients").json(&json!({ "demographics": { "full_name": name } }));
    let place = |name: &str| amara.post("/locations").json(&json!({ "kind": "site", "name": name }));
    let organization = |name: &str| amara.post("/organizations").json(&json!({ "name": name }));
    let before = Snapshot::of(&world).await;
    for wrong in no_lines(200) {
        let requests: [Request; 5] =
            [note(&wrong, "text"), folder(&wrong), client(&wrong), place(&wrong), organization(&wrong)];
        for request in requests {
            request.problem(400, "invalid_input").await;
        }
    }
    for wrong in ["", " \n ", "a\u{0}b", "a\u{202e}b", "x".repeat(20_001).as_str()] {
        note("Title", wrong).problem(400, "invalid_input").await;
    }
    let sections = |count: usize, chars: usize| {
        let section = json!({ "text": "x".repeat(chars) });
        let content = json!({ "title": "Long", "sections": vec![section; count] });
        amara.post(&format!("/charts/{chart}/notes")).json(&json!({ "content": content }))
    };
    for (count, chars) in [(25, 1), (4, 15_001)] {
        sections(count, chars).problem(422, "invalid_note").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
    sections(24, 2_500).expect(201).await;
    // A title alone is the beginning of a note, and none that anybody can sign.
    let begun = sections(0, 1).expect(201).await;
    let path =
        format!("/charts/{chart}/records/{}/signature", begun["record"]["id"].as_str().unwrap_or_default());
    amara.post(&path).json(&json!({ "expected_revision": 1 })).problem(422, "invalid_note").await;
    note(&"字".repeat(200), &"x".repeat(20_000)).expect(201).await;
}

/// Days that cannot be, and values that a rule refuses.
#[tokio::test]
async fn values_have_their_limits() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let amara = &north.amara;
    let before = Snapshot::of(&world).await;
    let note = json!({ "title": "A note", "sections": [{ "text": "text" }] });
    let notes = format!("/charts/{}/notes", north.chart);
    for day in ["1849-12-31", "9999-12-31", "-009999-01-01"] {
        let body = json!({ "content": note, "occurred_on": day });
        amara.post(&notes).json(&body).problem(422, "invalid_occurred_on").await;
    }
    for day in ["2026-02-30", "today", "", "2026-1-1T"] {
        let body = json!({ "content": note, "occurred_on": day });
        amara.post(&notes).json(&body).problem(400, "invalid_input").await;
    }
    let reveal = format!("/clients/{}/revelations", north.client);
    for fields in [json!(["shoe_size"]), json!([1]), json!("full_name"), json!([["full_name"]])] {
        amara.post(&reveal).json(&json!({ "fields": fields })).problem(400, "invalid_input").await;
    }
    let none = amara.post(&reveal).json(&json!({ "fields": [] })).send().await;
    refused("nothing to reveal", &none);
    let folders = format!("/charts/{}/folders", north.chart);
    for barcode in ["", "a b", "ä", "x".repeat(65).as_str(), "a/b", "a\u{0}"] {
        let body = json!({ "title": "A file", "location_id": north.room, "barcode": barcode });
        amara.post(&folders).json(&body).problem(400, "invalid_input").await;
    }
    let taken = json!({ "title": "A file", "location_id": north.room, "barcode": "A-100" });
    let answer = amara.post(&folders).json(&taken).send().await;
    assert_eq!((answer.status, refused("a barcode that is taken", &answer).is_empty()), (409, false));
    for file in [json!(0), json!(50_u64 * 1024 * 1024 * 1024 + 1), json!(u64::MAX)] {
        let body = json!({ "file_name": "a.png", "size_bytes": file, "media_type": "image/png" });
        amara
            .post(&format!("/charts/{}/uploads", north.chart))
            .json(&body)
            .problem(422, "invalid_size")
            .await;
    }
    for (name, wrong) in
        [("media_type", "image"), ("media_type", "a/b;c=d"), ("sha256", "abc"), ("replaces", "x")]
    {
        let mut body = json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" });
        body[name] = json!(wrong);
        amara
            .post(&format!("/charts/{}/uploads", north.chart))
            .json(&body)
            .problem(400, "invalid_input")
            .await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// Names of people everywhere come back as they were typed.
#[tokio::test]
async fn names_of_all_scripts_come_back_as_they_were() {
    let world = World::start().await;
    let north = world.clinic("诊所 Nørd 🏥").await;
    let amara = north.practitioner("Dr Amara").await;
    let read = amara.get("/organization").expect(200).await;
    assert_eq!(read["name"], "诊所 Nørd 🏥");
    for name in
        ["王小明", "Ólafur Þórðarson", "محمد علي", "👩‍⚕️ Ann-Łucja O’Brien", "נועה לוי", "あ い", "𝒢race"]
    {
        let client = amara.registers(json!({ "full_name": name })).await;
        let body = json!({ "fields": ["full_name"] });
        let shown = amara.post(&format!("/clients/{client}/revelations")).json(&body).expect(200).await;
        assert_eq!(shown["values"][0]["value"], name);
        let chart = amara.opens_chart(client).await;
        let note = amara.writes_note(chart, name, &format!("{name}\n\t{name}")).await;
        let version = amara.get(&format!("/charts/{chart}/records/{note}/versions/1")).expect(200).await;
        assert_eq!(version["content"]["title"], name);
        assert_eq!(version["content"]["sections"][0]["text"], format!("{name}\n\t{name}"));
        let file = files::letter("text").named(&format!("{name}.txt"));
        let record = amara.uploads(chart, &file).await;
        // A file's name loses what does not show; a person's does not.
        let kept = format!("{name}.txt").replace('\u{200d}', "");
        assert_eq!(amara.reads(chart, record).await["file"]["file_name"], kept);
    }
    // The two ways to write é are one name.
    let composed = amara.registers(json!({ "full_name": "Rene\u{301} Duval" })).await;
    let found = amara.get("/clients").query(&[("name", "ren\u{e9} duv")]).expect(200).await;
    assert_eq!(found["clients"][0]["id"], json!(composed));
}

// ---- Anything at all ---------------------------------------------------------------------------------------

/// How often each operation's input is spoilt.
const SPOILT: u64 = 14;

/// Numbers from a seed (SplitMix64): the same journey every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap_or(0)
    }
}

/// Something in the place of something else.
fn oddity(chance: &mut Chance) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.1),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("\u{202e}abc"),
        json!("\u{feff}"),
        json!("x".repeat(70_000)),
        json!("\u{1f600}".repeat(300)),
        json!([]),
        json!({}),
        json!([[], {}, null]),
        json!(vec![0; 5_000]),
        json!("9999-12-31"),
        json!("-009999-01-01"),
        json!("0000-00-00"),
        json!("2026-02-29"),
        json!("9999-12-31T23:59:59.999999999Z"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("ffffffff-ffff-ffff-ffff-ffffffffffff"),
        json!("../../etc/passwd"),
        json!("'; DROP TABLE--"),
        json!("{{7*7}}"),
        json!("%s%n"),
        json!("administrator"),
        json!(["administrator", "administrator"]),
        json!("1"),
        json!("١"),
        json!("TREAT"),
        json!({ "": { "": { "": [] } } }),
    ];
    odd[chance.below(odd.len())].clone()
}

/// Spoils one place of a value: replaces it, takes it away or adds to it.
fn spoil(value: &mut Value, chance: &mut Chance) {
    let descend = chance.below(3) > 0;
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = &names[chance.below(names.len())];
            match chance.below(5) {
                0 => drop(fields.remove(name)),
                1 => drop(fields.insert(format!("{name}_"), oddity(chance))),
                _ if descend => spoil(&mut fields[name], chance),
                _ => fields[name] = oddity(chance),
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let at = chance.below(values.len());
            match chance.below(4) {
                0 => drop(values.remove(at)),
                1 => values.extend(std::iter::repeat_n(values[at].clone(), 150)),
                _ => spoil(&mut values[at], chance),
            }
        }
        other => *other = oddity(chance),
    }
}

/// Whatever is sent, the product answers, and says in its one form whose fault it was.
#[tokio::test]
async fn no_input_breaks_anything() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let mut chance = Chance(2_026);
    let mut refusals = 0_u64;
    let acts: Vec<Act> = acts(&north)
        .into_iter()
        .filter(|act| act.input.as_object().is_some_and(|fields| !fields.is_empty()))
        // Who is suspended or has lost their roles could try no more; their bodies are no others than here.
        .filter(|act| !matches!(act.operation.id, "suspend_member" | "set_member_permissions"))
        .collect();
    for act in &acts {
        for round in 0..SPOILT {
            let mut input = act.input.clone();
            (0..=round % 3).for_each(|_| spoil(&mut input, &mut chance));
            if !act.has_body() && input.to_string().len() > 4_000 {
                // No address is that long.
                continue;
            }
            let what = format!("{} with {}", act.operation.id, short(&input));
            let answer = act.with(input).by_right(&north).send().await;
            if answer.status >= 300 {
                refused(&what, &answer);
                refusals += 1;
            }
        }
    }
    let made = SPOILT * acts.len() as u64;
    assert!(refusals > made / 2, "{refusals} of {made} were refused");
    north.amara.get("/organization").expect(200).await;
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(400).collect()
}
