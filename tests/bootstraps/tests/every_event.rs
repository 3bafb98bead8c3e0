//! Every function, as the process that is deployed, answers every one of its sample events, and refuses what
//! is wrong.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a proof that fails should stop"
)]

use bootstraps::{
    Stage,
    stage::{function, refusal},
    story,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use testkit::runtime_api::InvocationError;

/// A cold process may hold this much: an eighth of the least that Lambda gives.
const PEAK_MEMORY_BYTES: u64 = 512 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_function_answers_its_events_and_refuses_what_is_wrong() {
    let mut stage = Stage::set().await;
    story::tell(&mut stage).await;
    assert_eq!(stage.untold(), BTreeSet::new(), "these sample events are in no story");
    refusals(&stage).await;
    for name in stage.functions() {
        let process = stage.process(name);
        assert!(process.peak_memory_bytes() < PEAK_MEMORY_BYTES, "{name}");
        assert!(process.first_response().is_some(), "{name}");
        keeps_to_itself(name, &process.log());
    }
}

/// One wrong event of each kind for each function; the process serves on afterwards.
async fn refusals(stage: &Stage) {
    for (name, event) in one_each(stage) {
        let function = function(&name);
        if event["routeKey"].is_string() {
            refuses(stage, function, &without_sign_in(&event), 401, "unauthenticated").await;
            refuses(stage, function, &elsewhere(&event), 404, "no_such_operation").await;
            refuses(stage, function, &with_a_surprise(&event), 400, "invalid_input").await;
        } else {
            // Left alone or refused, as each function sees fit; but the process must not end of it.
            let answer = stage.invoke(function, &json!({ "detail": 7 })).await;
            let alive = matches!(&answer, Ok(Value::Null) | Err(InvocationError::Function { .. }));
            assert!(alive, "`{name}`: {answer:?}");
            stage.invoke(function, &event).await.expect("it serves on");
        }
    }
}

async fn refuses(stage: &Stage, function: &str, event: &Value, status: u16, code: &str) {
    let answer = stage.invoke(function, event).await.unwrap_or_else(|error| panic!("{function}: {error}"));
    let answer = refusal(&answer);
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (status, &json!(code)),
        "{function}: {}",
        answer.json()
    );
}

/// One event of each function, of members and not of patients, nor of who has nothing but an address.
fn one_each(stage: &Stage) -> BTreeMap<String, Value> {
    let mut chosen = BTreeMap::new();
    for function in stage.functions() {
        let fits = |name: &&String| {
            bootstraps::stage::function(name) == function
                && !name.contains("intake_")
                && !name.contains("_session")
                && !name.ends_with("follow_download")
        };
        let name = stage.names().find(fits).unwrap_or_else(|| panic!("no event of {function}"));
        chosen.insert(name.clone(), stage.told(name).clone());
    }
    chosen
}

fn without_sign_in(event: &Value) -> Value {
    let mut event = event.clone();
    event["requestContext"]["authorizer"] = Value::Null;
    event
}

fn elsewhere(event: &Value) -> Value {
    let mut event = event.clone();
    event["rawPath"] = json!("/nowhere");
    event["requestContext"]["http"]["path"] = json!("/nowhere");
    event
}

/// A field nobody knows, in the body or in the query.
fn with_a_surprise(event: &Value) -> Value {
    let mut event = event.clone();
    // Another request under a key that was used is refused for that before anything else.
    event["headers"].as_object_mut().expect("headers").remove("idempotency-key");
    if event["body"].is_string() {
        event["body"] = json!(r#"{"surprise":true}"#);
    } else {
        event["rawQueryString"] = json!("surprise=true");
        event["queryStringParameters"] = json!({ "surprise": "true" });
    }
    event
}

/// What a process writes goes to logs that operators read: no name, address, number, title or note.
fn keeps_to_itself(function: &str, log: &str) {
    for secret in [
        "Okonkwo",
        "Okafor",
        "Gracie",
        "Elm Street",
        "078-05-1120",
        "555 01",
        "mail.example",
        "First visit",
        "Sharp pain",
    ] {
        assert!(!log.contains(secret), "the log of {function} holds `{secret}`");
    }
}
