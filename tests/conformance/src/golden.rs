//! Generated files that are checked in: what the code says now is what they say.

use crate::tree::{self, FUNCTIONS};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

fn is_golden(file: &str, now: &Value) {
    let golden: Value =
        serde_json::from_str(&tree::read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(
        golden == *now,
        "{file} is not what the code says; run `cargo xtask golden`: {}",
        first_difference(&golden, now)
    );
}

/// Where two documents part, so that a reader of the failure knows where to look.
fn first_difference(golden: &Value, now: &Value) -> String {
    match (golden, now) {
        (Value::Object(golden), Value::Object(now)) => {
            let names = golden.keys().chain(now.keys());
            let differs = |name: &&String| golden.get(*name) != now.get(*name);
            names.into_iter().find(differs).map_or_else(String::new, |name| {
                let null = Value::Null;
                let (golden, now) = (golden.get(name).unwrap_or(&null), now.get(name).unwrap_or(&null));
                format!("{name} / {}", first_difference(golden, now))
            })
        }
        (Value::Array(golden), Value::Array(now)) if golden.len() == now.len() => {
            let differs = golden.iter().zip(now).enumerate().find(|(_, (golden, now))| golden != now);
            differs.map_or_else(String::new, |(at, (golden, now))| {
                format!("{at} / {}", first_difference(golden, now))
            })
        }
        (golden, now) => format!("was {}, is {}", shortened(golden), shortened(now)),
    }
}

fn shortened(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}

#[test]
fn the_openapi_document_is_what_the_code_says() {
    is_golden("infra/openapi.json", &api::openapi::document(&FUNCTIONS));
}

/// A client is generated from it: a name must not change when another operation is added.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let document = api::openapi::document(&FUNCTIONS);
    let schemas = document["components"]["schemas"].as_object().expect("an object");
    let vague = ["Input", "Output", "Entry", "Query"];
    let is_number = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    for name in schemas.keys() {
        let is_vague = vague.iter().any(|word| name.strip_prefix(word).is_some_and(is_number));
        assert!(!is_vague, "what is a `{name}`?");
    }
}

/// A client counts on what is required: an answer must not leave it out when it is empty.
#[test]
fn what_an_answer_may_leave_out_is_not_required() {
    for endpoint in FUNCTIONS.iter().flat_map(|function| &function.endpoints) {
        let schemas = |settings: SchemaSettings| {
            let mut generator = settings.into_generator();
            (endpoint.output)(&mut generator);
            Value::from(generator.take_definitions(true))
        };
        let described = schemas(SchemaSettings::openapi3());
        let sent = schemas(SchemaSettings::openapi3().for_serialize());
        let left_out = left_out(&described, &sent);
        assert!(left_out.is_empty(), "`{}` leaves out {left_out:?}", endpoint.operation.id);
    }
}

/// The fields that one schema requires, and the other does not.
fn left_out(described: &Value, sent: &Value) -> Vec<String> {
    match (described, sent) {
        (Value::Object(described), Value::Object(sent)) => {
            let names = |of: &Map<String, Value>| -> BTreeSet<String> {
                let required = of.get("required").and_then(Value::as_array);
                required.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let here = names(described).into_iter().filter(|name| !names(sent).contains(name));
            let both = described.iter().filter_map(|(name, described)| Some((described, sent.get(name)?)));
            here.chain(both.flat_map(|(described, sent)| left_out(described, sent))).collect()
        }
        (Value::Array(described), Value::Array(sent)) => {
            described.iter().zip(sent).flat_map(|(described, sent)| left_out(described, sent)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_catalogue_of_functions_is_what_the_code_says() {
    is_golden("infra/functions.json", &api::catalogue::document(&FUNCTIONS));
}

#[test]
fn a_difference_is_told_by_its_place() {
    let (golden, now) =
        (serde_json::json!({ "a": [1, { "b": 2 }] }), serde_json::json!({ "a": [1, { "b": 3 }] }));
    assert_eq!(first_difference(&golden, &now), "a / 1 / b / was 2, is 3");
}
