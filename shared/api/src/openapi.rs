//! OpenAPI 3.1, made from the operations and the types of their inputs and outputs.

use crate::{Access, Endpoint, Function};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The whole document, for the operations of these functions.
pub fn document(functions: &[Function]) -> Value {
    let mut generator = SchemaSettings::openapi3().into_generator();
    let mut names = Names::default();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for function in functions {
        for endpoint in &function.endpoints {
            let entry = operation(function, endpoint, &mut generator);
            names.take(endpoint, &mut generator);
            let method = endpoint.operation.method.name().to_ascii_lowercase();
            paths.entry(endpoint.operation.path).or_default().insert(method, entry);
        }
    }
    let mut schemas: BTreeMap<String, Value> = generator.take_definitions(true).into_iter().collect();
    schemas.insert("Problem".into(), problem());
    let tags: Vec<Value> = functions
        .iter()
        .filter(|function| !function.endpoints.is_empty())
        .map(|function| json!({ "name": function.name }))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Strongroom",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Records management for clinics: who may see what, why, and for how long.",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "identity": {
                    "type": "openIdConnect",
                    "openIdConnectUrl": "/identity/.well-known/openid-configuration",
                    "description": "A bearer token of the organization's OpenID Connect provider."
                },
                "intake_link": {
                    "type": "apiKey", "in": "header", "name": "Strongroom-Intake-Token",
                    "description": "The token of an intake link, from the part of its address after `#`."
                }
            }
        }
    });
    names.give(&mut document);
    document
}

const SCHEMAS: &str = "#/components/schemas/";

/// What the inputs and outputs of operations are called: in the code each is `Input` or `Output` of its own module,
/// in the document each carries the name of its operation, so that a client's types can be told apart and stay what
/// they are called when another operation is added.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn take(&mut self, endpoint: &Endpoint, generator: &mut SchemaGenerator) {
        let schemas = [(endpoint.input)(generator), (endpoint.output)(generator)];
        for (schema, kind) in schemas.iter().zip(["Input", "Output"]) {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let Some(name) = reference.and_then(|reference| reference.strip_prefix(SCHEMAS)) else {
                continue;
            };
            if name.strip_prefix(kind).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
                let named = || format!("{}{kind}", pascal(endpoint.operation.id));
                self.0.entry(name.to_owned()).or_insert_with(named);
            }
        }
    }

    fn give(&self, value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| self.give(value)),
            Value::Object(fields) => {
                if let Some(Value::Object(schemas)) = fields.get_mut("schemas") {
                    *schemas = std::mem::take(schemas)
                        .into_iter()
                        .map(|(name, schema)| (self.0.get(&name).cloned().unwrap_or(name), schema))
                        .collect();
                }
                if let Some(Value::String(reference)) = fields.get_mut("$ref")
                    && let Some(name) = reference.strip_prefix(SCHEMAS).and_then(|name| self.0.get(name))
                {
                    *reference = format!("{SCHEMAS}{name}");
                }
                fields.values_mut().for_each(|value| self.give(value));
            }
            _ => {}
        }
    }
}

/// `read_record` as `ReadRecord`.
fn pascal(id: &str) -> String {
    let words = id.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

const DESCRIPTION: &str = "Every error is `application/problem+json` (RFC 9457) with a stable `code`, and changes \
nothing. What you may not see looks like what is not there (404). Send `Idempotency-Key` with a POST or PUT to be \
able to repeat it safely for 24 hours; `Strongroom-Organization` when you are a member of several organizations; \
`Strongroom-Purpose` (a FHIR purpose-of-use code) when the purpose is not the operation's own. Times are UTC \
(RFC 3339), sizes are bytes.";

fn operation(function: &Function, endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let operation = endpoint.operation;
    let input = (endpoint.input)(generator).to_value();
    let mut entry = json!({
        "operationId": operation.id,
        "tags": [function.name],
        "summary": operation.summary,
        "x-evidence": operation.evidence.name(),
        "security": [match operation.access {
            Access::Member | Access::Identity => json!({ "identity": [] }),
            Access::IntakeLink => json!({ "intake_link": [] }),
            // The pass is in the path.
            Access::Pass => json!({}),
        }],
    });
    let mut parameters = path_parameters(operation.path);
    let mut body = None;
    if operation.method.has_body() {
        let empty = is_empty(&input, generator);
        body = (!empty)
            .then(|| json!({ "required": true, "content": { "application/json": { "schema": input } } }));
    } else {
        parameters.extend(query_parameters(&input, generator));
    }
    let output = endpoint.has_output.then(|| (endpoint.output)(generator).to_value());
    if let Some(fields) = entry.as_object_mut() {
        if !parameters.is_empty() {
            fields.insert("parameters".into(), Value::Array(parameters));
        }
        if let Some(body) = body {
            fields.insert("requestBody".into(), body);
        }
        fields.insert("responses".into(), responses(operation.success, output));
    }
    entry
}

fn responses(success: u16, output: Option<Value>) -> Value {
    let described = match output {
        Some(schema) => {
            json!({ "description": "Done.", "content": { "application/json": { "schema": schema } } })
        }
        None if success == 303 => json!({
            "description": "It is at the address in `Location`, for a moment.",
            "headers": { "Location": { "schema": { "type": "string", "format": "uri" } } }
        }),
        None => json!({ "description": "Done." }),
    };
    let problem = json!({
        "description": "It was not done, and nothing was changed.",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
    });
    json!({ success.to_string(): described, "default": problem })
}

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = match name {
                "barcode" => json!({ "type": "string", "maxLength": 64 }),
                "version" => json!({ "type": "integer", "minimum": 1 }),
                "pass" => json!({ "type": "string", "maxLength": 64 }),
                _ => json!({ "type": "string", "format": "uuid" }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect()
}

/// The fields of the input of an operation without a body, each as a parameter of the query string.
fn query_parameters(input: &Value, generator: &SchemaGenerator) -> Vec<Value> {
    let resolved = resolve(input, generator);
    let required: Vec<&str> = resolved
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let Some(properties) = resolved.get("properties").and_then(Value::as_object) else { return Vec::new() };
    properties
        .iter()
        .map(|(name, schema)| {
            json!({ "name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": schema })
        })
        .collect()
}

fn is_empty(input: &Value, generator: &SchemaGenerator) -> bool {
    resolve(input, generator).get("properties").is_none_or(|properties| properties == &json!({}))
        && resolve(input, generator).get("oneOf").is_none()
}

/// The definition a reference points to.
fn resolve(schema: &Value, generator: &SchemaGenerator) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or_else(|| schema.clone())
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457 problem details.",
        "required": ["type", "title", "status", "code", "detail", "instance"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "Stable; programs decide by it." },
            "detail": { "type": "string", "description": "For people." },
            "instance": { "type": "string", "description": "The request, to name when you ask for help." },
            "current_revision": { "type": "integer", "description": "With `stale_revision`." }
        }
    })
}
