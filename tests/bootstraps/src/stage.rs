//! The stage: one process for each function, one embedded AWS under all of them, and the sample events.
//!
//! Sample events name fixed ids. What a story makes gets ids of its own, so the stage keeps which fixed id
//! stands for which real one, and puts the real ones into an event before it is sent.

use crate::story;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use testkit::{
    aws::EmbeddedAws,
    bootstrap::{Bootstrap, Environment, HttpAnswer, binaries},
    runtime_api::InvocationError,
};

/// What stands on the stage.
pub struct Stage {
    pub aws: EmbeddedAws,
    /// Sample events by `function/operation`.
    events: BTreeMap<String, Value>,
    binaries: BTreeMap<String, PathBuf>,
    processes: BTreeMap<String, Bootstrap>,
    ids: BTreeMap<String, String>,
    intake_token: Option<String>,
    /// The events that were sent as samples, as they were sent last.
    told: BTreeMap<String, Value>,
    sent: u64,
}

impl Stage {
    /// Builds the functions, starts the embedded AWS and one process for each function.
    pub async fn set() -> Self {
        let events = events();
        let functions: BTreeSet<&str> = events.keys().map(|name| function(name)).collect();
        let functions: Vec<&str> = functions.into_iter().collect();
        let binaries = binaries(&functions).await;
        let aws = EmbeddedAws::start().await;
        let environment = environment(&aws);
        let mut processes = BTreeMap::new();
        for (name, binary) in &binaries {
            processes.insert(name.clone(), Bootstrap::start(binary, &environment).await);
        }
        let (ids, told) = (BTreeMap::new(), BTreeMap::new());
        Self { aws, events, binaries, processes, ids, intake_token: None, told, sent: 0 }
    }

    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.binaries.keys().map(String::as_str)
    }

    pub fn binary(&self, function: &str) -> &Path {
        &self.binaries[function]
    }

    pub fn process(&self, function: &str) -> &Bootstrap {
        &self.processes[function]
    }

    /// The names of all sample events.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.events.keys()
    }

    /// The sample events nobody has sent yet.
    pub fn untold(&self) -> BTreeSet<String> {
        self.events.keys().filter(|name| !self.told.contains_key(*name)).cloned().collect()
    }

    /// A sample event as it was sent last.
    pub fn told(&self, name: &str) -> &Value {
        self.told.get(name).unwrap_or_else(|| panic!("`{name}` was not told"))
    }

    /// From now on this fixed id stands for the id at `pointer` of an answer.
    pub fn call(&mut self, fixed: &str, answer: &Value, pointer: &str) {
        let real = answer.pointer(pointer).and_then(Value::as_str);
        let real = real.unwrap_or_else(|| panic!("no `{pointer}` in {answer}"));
        self.ids.insert(fixed.to_owned(), real.to_owned());
    }

    /// What a fixed id stands for.
    pub fn id(&self, fixed: &str) -> &str {
        self.ids.get(fixed).unwrap_or_else(|| panic!("`{fixed}` stands for nothing"))
    }

    /// From now on patients hold the link with this token.
    pub fn hand_out(&mut self, token: &str) {
        self.intake_token = Some(token.to_owned());
    }

    /// Lets an intake link have expired: the shortest lives a minute, which no story waits.
    pub async fn run_out(&self, chart: &str, link: &str) {
        let (chart, link) = (self.id(chart), self.id(link));
        let request = json!({
            "TableName": self.aws.settings().table,
            "Key": { "pk": { "S": format!("CHART#{chart}") }, "sk": { "S": format!("LINK#{link}") } },
            "UpdateExpression": "SET expires_at = :past",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": { ":past": { "S": "2026-01-01T00:00:00Z" } },
        });
        let dynamodb = self.aws.aws().dynamodb();
        let answer = dynamodb.respond("DynamoDB_20120810.UpdateItem", request.to_string().into()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// Sends a sample event, which must succeed, and gives the body of the answer.
    ///
    /// `changes` replaces fields of its input: only what a sample cannot know (revisions, dates that must lie
    /// ahead, digests of files).
    pub async fn tell(&mut self, name: &str, changes: Value) -> Value {
        let event = self.event(name, &changes);
        self.told.insert(name.to_owned(), event.clone());
        self.succeed(name, &event).await
    }

    /// Sends an event like the sample that is led on to another address; that address.
    pub async fn follow(&mut self, name: &str) -> String {
        let event = self.event(name, &json!({}));
        self.told.insert(name.to_owned(), event.clone());
        let process = self.process(function(name));
        let answer = process.call(&event).await;
        let answer = answer.unwrap_or_else(|error| panic!("`{name}`: {error}\n{}", process.log()));
        assert_eq!(
            answer.status,
            303,
            "`{name}`: {}\n{}",
            String::from_utf8_lossy(&answer.body),
            process.log()
        );
        answer.headers.get("location").unwrap_or_else(|| panic!("`{name}` leads nowhere")).clone()
    }

    /// Sends an event like the sample, to make what another one needs.
    pub async fn prepare(&mut self, name: &str, changes: Value) -> Value {
        let event = self.event(name, &changes);
        self.succeed(name, &event).await
    }

    /// The same by a colleague, whoever has this e-mail address.
    pub async fn prepare_as(&mut self, email: &str, name: &str, changes: Value) -> Value {
        let mut event = self.event(name, &changes);
        let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
        claims["sub"] = json!(email);
        claims["email"] = json!(email);
        self.succeed(name, &event).await
    }

    /// Sends an event of EventBridge, which must be taken.
    pub async fn notify(&mut self, name: &str, changes: &[(&str, Value)]) {
        let mut event = self.with_ids(name);
        for (pointer, value) in changes {
            let field = event.pointer_mut(pointer);
            *field.unwrap_or_else(|| panic!("no `{pointer}` in `{name}`")) = value.clone();
        }
        self.told.insert(name.to_owned(), event.clone());
        if let Err(error) = self.invoke(function(name), &event).await {
            panic!("`{name}`: {error}\n{}", self.process(function(name)).log());
        }
    }

    /// How many e-mails were sent.
    pub async fn letters(&self) -> usize {
        self.aws.aws().ses().outbox().await.expect("an outbox").len()
    }

    /// Sends whatever it is to a function.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, InvocationError> {
        self.process(function).invoke(event).await
    }

    async fn succeed(&self, name: &str, event: &Value) -> Value {
        let process = self.process(function(name));
        let answer = process.call(event).await;
        let answer = answer.unwrap_or_else(|error| panic!("`{name}`: {error}\n{}", process.log()));
        let text = String::from_utf8_lossy(&answer.body);
        assert!((200..300).contains(&answer.status), "`{name}`: {} {text}\n{}", answer.status, process.log());
        answer.json()
    }

    /// The sample event with the real ids.
    fn with_ids(&self, name: &str) -> Value {
        let sample = self.events.get(name).unwrap_or_else(|| panic!("there is no event `{name}`"));
        let mut text = sample.to_string();
        for (fixed, real) in &self.ids {
            text = text.replace(fixed, real);
        }
        serde_json::from_str(&text).expect("an id is no syntax")
    }

    fn event(&mut self, name: &str, changes: &Value) -> Value {
        let mut event = self.with_ids(name);
        self.sent += 1;
        let headers = event["headers"].as_object_mut().unwrap_or_else(|| panic!("no headers in `{name}`"));
        // The same key with another request would be refused, and an event may be sent twice here.
        if headers.contains_key("idempotency-key") {
            headers.insert("idempotency-key".to_owned(), json!(format!("{name} {}", self.sent)));
        }
        if let Some(token) = &self.intake_token
            && headers.contains_key(api::INTAKE_TOKEN_HEADER)
        {
            headers.insert(api::INTAKE_TOKEN_HEADER.to_owned(), json!(token));
        }
        if changes.as_object().is_some_and(|changes| !changes.is_empty()) {
            change_input(&mut event, changes);
        }
        event
    }
}

/// What every process is told.
pub fn environment(aws: &EmbeddedAws) -> Environment {
    Environment::of(aws.settings()).with("STRONGROOM_ISSUER", story::issuer())
}

/// Replaces fields of an operation's input: in the body, or in the query string where there is no body.
fn change_input(event: &mut Value, changes: &Value) {
    let changes = changes.as_object().expect("fields");
    if let Some(body) = event["body"].as_str() {
        let mut input: Value = serde_json::from_str(body).expect("a body in json");
        for (field, value) in changes {
            input[field] = value.clone();
        }
        let fields = input.as_object_mut().expect("fields");
        fields.retain(|_, value| !value.is_null());
        event["body"] = json!(input.to_string());
        return;
    }
    let query = event["rawQueryString"].as_str().unwrap_or_default();
    let url = reqwest::Url::parse(&format!("http://localhost/?{query}")).expect("a query");
    let mut pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    for (field, value) in changes {
        pairs.insert(field.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let mut url = url;
    url.query_pairs_mut().clear().extend_pairs(&pairs);
    event["rawQueryString"] = json!(url.query().unwrap_or_default());
    event["queryStringParameters"] = json!(pairs);
}

/// What a function answers to an event it must refuse.
pub fn refusal(answer: &Value) -> HttpAnswer {
    let answer = HttpAnswer::of(answer);
    let kind = answer.headers.get("content-type").map(String::as_str);
    assert_eq!(kind, Some("application/problem+json"), "{answer:?}");
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{body}");
    assert!(body["code"].is_string() && body["type"].is_string() && body["detail"].is_string(), "{body}");
    answer
}

/// The function of `function/operation`.
pub fn function(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// All sample events.
pub(crate) fn events() -> BTreeMap<String, Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let mut events = BTreeMap::new();
    for folder in entries(&root).into_iter().filter(|path| path.is_dir()) {
        for file in entries(&folder) {
            let (function, operation) = (stem(&folder), stem(&file));
            let text = fs::read_to_string(&file).expect("a readable file");
            let event = serde_json::from_str(&text);
            let event = event.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            events.insert(format!("{function}/{operation}"), event);
        }
    }
    events
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name").to_owned()
}
