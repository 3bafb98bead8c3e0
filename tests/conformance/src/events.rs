//! A sample event for each operation, and none for anything else: `events/<function>/<operation>.json`, as the
//! gateway sends it.

use crate::tree::{self, FUNCTIONS, endpoints, operations};
use api::{
    Access, Endpoint, EventHandler, Operation, QueueEvent, ScheduledEvent, StreamEvent, Trigger, Watched,
};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs};

const PUBLIC_ROUTE: &str = "ANY /intake/{proxy+}";

fn event(function: &str, name: &str) -> Value {
    let file = format!("events/{function}/{name}.json");
    serde_json::from_str(&tree::read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_operation_has_a_sample_and_nothing_else_does() {
    let mut expected: BTreeSet<String> =
        operations().iter().map(|(function, one)| format!("{function}/{}.json", one.id)).collect();
    for function in FUNCTIONS.iter() {
        expected
            .extend(function.events.iter().map(|handler| format!("{}/{}.json", function.name, handler.id)));
    }
    let mut found = BTreeSet::new();
    for function in tree::folders("events") {
        for entry in fs::read_dir(tree::root().join("events").join(&function)).unwrap() {
            found.insert(format!("{function}/{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    assert_eq!(found, expected, "samples there are, and samples there must be");
}

#[test]
fn a_sample_comes_over_the_route_of_its_operation() {
    for (function, operation) in operations() {
        let event = event(function, operation.id);
        let of = format!("{function}/{}", operation.id);
        let route = format!("{} {}", operation.method.name(), operation.path);
        let routed = event["routeKey"].as_str().unwrap();
        let public = operation.access == Access::IntakeLink && routed == PUBLIC_ROUTE;
        assert!(public || routed == route, "{of} comes over `{routed}`");
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], event["routeKey"], "{of}");
        assert_eq!(context["http"]["method"], operation.method.name(), "{of}");
        assert_eq!(context["http"]["path"], event["rawPath"], "{of}");
        assert_eq!(event["version"], "2.0", "{of}");
        assert_eq!(event["isBase64Encoded"], false, "{of}");
        let path = event["rawPath"].as_str().unwrap();
        assert!(fits(operation.path, path), "{of}: `{path}` is not of `{}`", operation.path);
    }
}

/// Whether a path has the shape of a template, each id in it being the one that all samples share.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(want, give)| fits_part(want, give))
}

fn fits_part(want: &str, give: &str) -> bool {
    let id = |number: u32| format!("0199a000-0000-7000-8000-{number:012}");
    match want {
        "{organization_id}" => give == id(1),
        "{member_id}" => give == id(2),
        "{client_id}" => give == id(3),
        "{chart_id}" => give == id(4),
        "{record_id}" => give == id(5),
        "{upload_id}" => give == id(6),
        "{link_id}" => give == id(7),
        "{contribution_id}" => give == id(8),
        "{location_id}" => give == id(9),
        "{transfer_id}" => give == id(11),
        "{grantee_id}" => give == id(2),
        "{team_id}" => give == id(10),
        "{role_id}" => give == id(13),
        "{consent_id}" => give == id(19),
        "{notice_id}" => give == id(14),
        "{space_id}" => give == id(15),
        "{item_id}" => give == id(16),
        "{facilitation_id}" => give == id(17),
        "{participant_id}" => give == id(18),
        "{stocktake_id}" => give == id(40),
        "{incident_id}" => give == id(41),
        "{escrow_id}" => give == id(42),
        "{hold_id}" => give == id(22),
        "{disposition_id}" => give == id(23),
        "{item_code}" => give.parse::<domain::facilitation::ItemCode>().is_ok(),
        "{version}" => give.parse::<u32>().is_ok_and(|version| version > 0),
        "{pass}" => give.len() >= 22,
        "{barcode}" => give.parse::<domain::physical::Barcode>().is_ok(),
        _ => want == give,
    }
}

#[test]
fn a_sample_is_sent_by_who_may_call() {
    for (function, operation) in operations() {
        let event = event(function, operation.id);
        let of = format!("{function}/{}", operation.id);
        let claims = &event["requestContext"]["authorizer"]["jwt"]["claims"];
        let header = |name: &str| event["headers"].get(name).and_then(Value::as_str);
        if operation.access == Access::IntakeLink {
            assert!(claims.is_null(), "{of}: a patient has no account");
            assert!(header("strongroom-intake-token").is_some_and(|token| token.len() >= 22), "{of}");
            assert_eq!(header("authorization"), None, "{of}");
        } else if operation.access == Access::Pass {
            assert!(claims.is_null(), "{of}: a browser has nothing but the address");
            assert_eq!(header("authorization"), None, "{of}");
        } else {
            assert_eq!(claims["iss"], "https://identity.example", "{of}");
            assert_eq!(claims["sub"], "5d1c2e7a-6c39-4b7e-9f0a-3a1b8f2c9d10", "{of}");
            assert_eq!(header("authorization"), Some("Bearer <redacted>"), "{of}: no token is checked in");
        }
    }
}

#[test]
fn a_sample_holds_what_its_operation_reads() {
    for (function, endpoint) in endpoints() {
        let event = event(function, endpoint.operation.id);
        let of = format!("{function}/{}", endpoint.operation.id);
        let input = input(endpoint.operation, &event).unwrap_or_else(|why| panic!("{of}: {why}"));
        let (known, required) = fields(endpoint);
        let given: BTreeSet<String> = input.keys().cloned().collect();
        let unknown: Vec<_> = given.difference(&known).collect();
        assert!(unknown.is_empty(), "{of} sends {unknown:?}, which is not read");
        let missing: Vec<_> = required.difference(&given).collect();
        assert!(missing.is_empty(), "{of} does not send {missing:?}");
    }
}

/// What an event sends: its body, or its query string.
fn input(operation: &Operation, event: &Value) -> Result<Map<String, Value>, String> {
    let body = event.get("body").and_then(Value::as_str);
    if operation.method.has_body() {
        let Some(body) = body else { return Ok(Map::new()) };
        if event["headers"]["content-type"] != json!("application/json") {
            return Err("the body is sent as something else than JSON".into());
        }
        return serde_json::from_str(body).map_err(|error| error.to_string());
    }
    if body.is_some() {
        return Err("it sends a body".into());
    }
    let query = event["rawQueryString"].as_str().ok_or("no `rawQueryString`")?;
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    Ok(pairs.map(|pair| (pair.split('=').next().unwrap_or_default().to_owned(), Value::Null)).collect())
}

/// The fields of an operation's input, and which of them must be there.
fn fields(endpoint: &Endpoint) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut generator = SchemaGenerator::default();
    let schema = (endpoint.input)(&mut generator).to_value();
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let schema = name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(schema);
    let known =
        schema.get("properties").and_then(Value::as_object).map(|fields| fields.keys().cloned().collect());
    let required = schema.get("required").and_then(Value::as_array);
    let required =
        required.map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect());
    (known.unwrap_or_default(), required.unwrap_or_default())
}

/// Each event that a function handles has a sample, as its sender sends it, and finds its handler by its shape.
#[test]
fn a_sample_of_an_event_is_its_senders() {
    for function in FUNCTIONS.iter() {
        for handler in &function.events {
            let event = event(function.name, handler.id);
            let found = function.handler_of(&event).map(|handler| handler.id);
            assert_eq!(found, Some(handler.id), "whom the sample of {} finds", handler.id);
            is_its_senders(handler, &event);
        }
    }
}

fn is_its_senders(handler: &EventHandler, event: &Value) {
    let id = handler.id;
    match handler.trigger {
        Trigger::ObjectCreated => {
            assert_eq!(event["source"], "aws.s3", "{id}");
            assert_eq!(event["detail-type"], "Object Created", "{id}");
            let key = event["detail"]["object"]["key"].as_str().unwrap();
            assert!(key.starts_with("uploads/"), "{key}");
        }
        Trigger::SignInActivity => {
            let data = event["awslogs"]["data"].as_str().unwrap();
            assert!(data.starts_with("H4sI"), "{id}: log lines come zipped, in Base64");
        }
        Trigger::Schedule(_) => {
            ScheduledEvent::parse(event.clone()).unwrap();
        }
        Trigger::Queue => {
            assert_eq!(event["Records"][0]["eventSource"], "aws:sqs", "{id}");
            assert!(!QueueEvent::parse(event.clone()).unwrap().messages.is_empty(), "{id}");
        }
        Trigger::TableStream(watched) => {
            assert_eq!(event["Records"][0]["eventSource"], "aws:dynamodb", "{id}");
            for record in StreamEvent::parse(event.clone()).unwrap().records {
                let wanted =
                    |one: &Watched| one.change == record.change && Some(one.entity) == record.entity();
                assert!(watched.iter().any(wanted), "{id} is shown what it does not watch for");
            }
        }
    }
}
