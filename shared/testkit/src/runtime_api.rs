//! Lambda's Runtime API, as the process of a function meets it: one execution environment, one invocation at
//! a time, a long poll for the next one.
//!
//! The wire is that of `2018-06-01`: a runtime asks for `invocation/next`, posts `response` or `error` under
//! the invocation's id, and reports a failed start under `init/error`.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, Notify, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use uuid::Uuid;

/// The largest answer Lambda takes from a function.
const ANSWER_BYTES: usize = 6 * 1024 * 1024;
const VERSION: &str = "/2018-06-01/runtime";

/// Why an invocation has no answer.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvocationError {
    /// The function said so itself.
    #[error("the function failed with `{kind}`: {message}")]
    Function { kind: String, message: String },
    /// The process could not start to serve.
    #[error("the function could not start: `{kind}`: {message}")]
    Init { kind: String, message: String },
    /// Lambda would have ended the process by now.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is not JSON.
    #[error("the answer is not json: {0}")]
    NotJson(String),
    /// The process ended without an answer.
    #[error("the process ended: {0}")]
    Exited(String),
}

/// The environment of one process of a function; stops serving when dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    environment: Arc<Environment>,
    /// An environment has one invocation at a time.
    turn: AsyncMutex<()>,
    served: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.served.abort();
    }
}

#[derive(Debug)]
struct Environment {
    arn: String,
    timeout: Duration,
    coming: mpsc::UnboundedSender<Invocation>,
    next: AsyncMutex<Queue>,
    answers: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    init_error: Mutex<Option<InvocationError>>,
    init_failed: Notify,
    /// How often the runtime has asked for work.
    polls: AtomicU64,
}

type Answer = Result<Bytes, InvocationError>;

/// What waits for a runtime, and what one has taken last.
#[derive(Debug)]
struct Queue {
    waiting: mpsc::UnboundedReceiver<Invocation>,
    taken: Option<Invocation>,
}

#[derive(Clone, Debug)]
struct Invocation {
    id: String,
    event: String,
}

impl RuntimeApi {
    /// Serves the environment of `function`, whose invocations may each take `timeout`.
    pub async fn start(function: &str, region: &str, timeout: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (coming, next) = mpsc::unbounded_channel();
        let environment = Arc::new(Environment {
            arn: format!("arn:aws:lambda:{region}:000000000000:function:{function}"),
            timeout,
            coming,
            next: AsyncMutex::new(Queue { waiting: next, taken: None }),
            answers: Mutex::default(),
            init_error: Mutex::default(),
            init_failed: Notify::new(),
            polls: AtomicU64::new(0),
        });
        let routes = Router::new()
            .route(&format!("{VERSION}/invocation/next"), get(next_invocation))
            .route(&format!("{VERSION}/invocation/{{id}}/response"), post(response))
            .route(&format!("{VERSION}/invocation/{{id}}/error"), post(error))
            .route(&format!("{VERSION}/init/error"), post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&environment));
        let served = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("the runtime api serves");
        });
        Self { address, environment, turn: AsyncMutex::new(()), served }
    }

    /// What a runtime finds in `AWS_LAMBDA_RUNTIME_API`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Whether a runtime has asked for work at least once: its start is over.
    pub fn is_initialized(&self) -> bool {
        self.environment.polls.load(Ordering::SeqCst) > 0
    }

    /// Gives the process one event and waits for its answer.
    pub async fn invoke(&self, event: &Value) -> Result<Value, InvocationError> {
        let _turn = self.turn.lock().await;
        let environment = &self.environment;
        if let Some(error) = environment.failed_init() {
            return Err(error);
        }
        let id = request_id();
        let (sender, answer) = oneshot::channel();
        environment.answers.lock().unwrap().insert(id.clone(), sender);
        environment.coming.send(Invocation { id: id.clone(), event: event.to_string() }).unwrap();
        let answer = tokio::select! {
            answer = timeout(environment.timeout, answer) => answer,
            () = environment.init_failed.notified() => {
                return Err(environment.failed_init().expect("a failed start says why"));
            }
        };
        // What comes later than this is an answer to nothing.
        environment.answers.lock().unwrap().remove(&id);
        let bytes =
            answer.map_err(|_| InvocationError::TimedOut(environment.timeout))?.expect("an answer")?;
        serde_json::from_slice(&bytes).map_err(|_| {
            InvocationError::NotJson(String::from_utf8_lossy(&bytes).chars().take(400).collect())
        })
    }
}

impl Environment {
    fn failed_init(&self) -> Option<InvocationError> {
        self.init_error.lock().unwrap().clone()
    }

    /// The next event, or the last one again while it has no answer: whoever took it may have hung up.
    async fn next(&self) -> Option<Invocation> {
        let mut queue = self.next.lock().await;
        let open = |taken: &Invocation| self.answers.lock().unwrap().contains_key(&taken.id);
        if let Some(taken) = queue.taken.clone().filter(open) {
            return Some(taken);
        }
        loop {
            let invocation = queue.waiting.recv().await?;
            if open(&invocation) {
                queue.taken = Some(invocation.clone());
                return Some(invocation);
            }
        }
    }

    /// Takes the answer of an invocation that waits for one.
    fn settle(&self, id: &str, answer: Answer) -> Response {
        match self.answers.lock().unwrap().remove(id) {
            Some(waiting) => {
                // Whoever asked may have given up; the runtime did its part.
                let _ = waiting.send(answer);
                accepted()
            }
            None => refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "the id names no open invocation"),
        }
    }
}

async fn next_invocation(State(environment): State<Arc<Environment>>) -> Response {
    environment.polls.fetch_add(1, Ordering::SeqCst);
    let Some(invocation) = environment.next().await else {
        return refused(StatusCode::GONE, "Gone", "the environment is shutting down");
    };
    let mut response = invocation.event.into_response();
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        headers.insert(name, HeaderValue::from_str(value).expect("a plain header"));
    };
    set(CONTENT_TYPE.as_str(), "application/json");
    set("lambda-runtime-aws-request-id", &invocation.id);
    set("lambda-runtime-deadline-ms", &deadline_ms(environment.timeout).to_string());
    set("lambda-runtime-invoked-function-arn", &environment.arn);
    set("lambda-runtime-trace-id", &trace_id(&invocation.id));
    response
}

async fn response(
    State(environment): State<Arc<Environment>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if body.len() <= ANSWER_BYTES {
        return environment.settle(&id, Ok(body));
    }
    let kind = "Function.ResponseSizeTooLarge";
    let message = format!("an answer has at most {ANSWER_BYTES} bytes");
    let failure = InvocationError::Function { kind: kind.to_owned(), message: message.clone() };
    environment.settle(&id, Err(failure));
    refused(StatusCode::PAYLOAD_TOO_LARGE, kind, &message)
}

async fn error(
    State(environment): State<Arc<Environment>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (kind, message) = diagnosis(&headers, &body);
    environment.settle(&id, Err(InvocationError::Function { kind, message }))
}

async fn init_error(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (kind, message) = diagnosis(&headers, &body);
    *environment.init_error.lock().unwrap() = Some(InvocationError::Init { kind, message });
    environment.init_failed.notify_one();
    accepted()
}

/// The type and message of an error as a runtime reports it: in the body, or else in the header.
fn diagnosis(headers: &HeaderMap, body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let kind = body["errorType"].as_str().or(header).unwrap_or("Unknown");
    (kind.to_owned(), body["errorMessage"].as_str().unwrap_or_default().to_owned())
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({ "errorType": kind, "errorMessage": message }))).into_response()
}

#[expect(clippy::disallowed_methods, reason = "an invocation's id is made where it is invoked")]
fn request_id() -> String {
    Uuid::new_v4().to_string()
}

#[expect(clippy::disallowed_methods, reason = "a deadline is a time of this machine")]
fn deadline_ms(timeout: Duration) -> u128 {
    (SystemTime::now() + timeout).duration_since(UNIX_EPOCH).expect("a time after 1970").as_millis()
}

fn trace_id(id: &str) -> String {
    let digits: String = id.chars().filter(|digit| *digit != '-').collect();
    format!("Root=1-{}-{};Parent={};Sampled=0", &digits[..8], &digits[8..32], &digits[16..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn environment() -> (RuntimeApi, String, reqwest::Client) {
        let api = RuntimeApi::start("clients", "eu-west-1", Duration::from_secs(5)).await;
        let base = format!("http://{}{VERSION}", api.host());
        (api, base, reqwest::Client::new())
    }

    #[tokio::test]
    async fn an_event_goes_out_with_its_headers_and_its_answer_comes_back() {
        let (api, base, http) = environment().await;
        let runtime = tokio::spawn(async move {
            let next = http.get(format!("{base}/invocation/next")).send().await.unwrap();
            let header = |name: &str| next.headers()[name].to_str().unwrap().to_owned();
            let id = header("lambda-runtime-aws-request-id");
            assert!(header("lambda-runtime-deadline-ms").parse::<u64>().unwrap() > 1_700_000_000_000);
            assert!(header("lambda-runtime-invoked-function-arn").ends_with(":function:clients"));
            assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
            let event: Value = next.json().await.unwrap();
            let address = format!("{base}/invocation/{id}/response");
            let answered = http.post(&address).json(&json!({ "heard": event })).send().await.unwrap();
            assert_eq!(answered.status(), 202);
            let again = http.post(&address).json(&json!({})).send().await.unwrap();
            assert_eq!(again.status(), 400);
        });
        assert!(!api.is_initialized());
        assert_eq!(api.invoke(&json!("hello")).await, Ok(json!({ "heard": "hello" })));
        assert!(api.is_initialized());
        runtime.await.unwrap();
    }

    #[tokio::test]
    async fn a_runtime_that_hangs_up_takes_no_event_with_it() {
        let (api, base, http) = environment().await;
        let poll = http.get(format!("{base}/invocation/next")).timeout(Duration::from_millis(50));
        assert!(poll.send().await.unwrap_err().is_timeout());
        let answering = tokio::spawn(async move {
            let next = http.get(format!("{base}/invocation/next")).send().await.unwrap();
            let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            let address = format!("{base}/invocation/{id}/error");
            let error = json!({ "errorType": "Sorry", "errorMessage": "not today" });
            http.post(address).json(&error).send().await.unwrap();
        });
        let failure = InvocationError::Function { kind: "Sorry".to_owned(), message: "not today".to_owned() };
        assert_eq!(api.invoke(&json!({})).await, Err(failure));
        answering.await.unwrap();
    }

    #[tokio::test]
    async fn a_failed_start_fails_every_invocation() {
        let (api, base, http) = environment().await;
        let error = json!({ "errorType": "Config", "errorMessage": "`AWS_REGION` is not set" });
        let report = http.post(format!("{base}/init/error")).json(&error).send();
        let (invoked, reported) =
            tokio::join!(async { api.invoke(&json!({})).await }, async { report.await.unwrap().status() });
        assert_eq!(reported, 202);
        assert!(matches!(invoked, Err(InvocationError::Init { .. })));
        assert!(matches!(api.invoke(&json!({})).await, Err(InvocationError::Init { .. })));
    }

    #[tokio::test]
    async fn an_answer_too_late_or_too_large_is_none() {
        let (_, _, http) = environment().await;
        let api = RuntimeApi::start("slow", "eu-west-1", Duration::from_millis(300)).await;
        let base = format!("http://{}{VERSION}", api.host());
        let taking = http.get(format!("{base}/invocation/next")).send();
        let (invoked, taken) = tokio::join!(async { api.invoke(&json!(1)).await }, taking);
        assert!(matches!(invoked, Err(InvocationError::TimedOut(_))));
        let id = taken.unwrap().headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
        let answer = http.post(format!("{base}/invocation/{id}/response")).body("1").send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let large = tokio::spawn(async move {
            let next = http.get(format!("{base}/invocation/next")).send().await.unwrap();
            let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            let body = vec![b' '; ANSWER_BYTES + 1];
            http.post(format!("{base}/invocation/{id}/response")).body(body).send().await.unwrap().status()
        });
        assert!(matches!(api.invoke(&json!(2)).await, Err(InvocationError::Function { .. })));
        assert_eq!(large.await.unwrap(), 413);
    }
}
