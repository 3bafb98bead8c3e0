//! A function's real process, under the Runtime API of [`crate::runtime_api`], as Lambda would run it.

use crate::runtime_api::{InvocationError, RuntimeApi};
use api::Settings;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

/// What one invocation may take: as long as the template lets the slowest function.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes kept of what a process writes.
const LOG_BYTES: usize = 1024 * 1024;

/// What a function's process finds in its environment, besides what Lambda puts there.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment the template makes from these settings.
    pub fn of(settings: &Settings) -> Self {
        let mut environment = Self::default()
            .with("AWS_REGION", &settings.region)
            .with("AWS_DEFAULT_REGION", &settings.region)
            .with("AWS_ACCESS_KEY_ID", &settings.access_key_id)
            .with("AWS_SECRET_ACCESS_KEY", &settings.secret_access_key)
            .with("STRONGROOM_TABLE", &settings.table)
            .with("STRONGROOM_KEYS_TABLE", &settings.keys_table)
            .with("STRONGROOM_BUCKET", &settings.bucket)
            .with("STRONGROOM_KEY", &settings.key_id)
            .with("STRONGROOM_CUSTODY_KEY", &settings.custody_key_id)
            .with("STRONGROOM_PORTAL_ORIGIN", &settings.portal_origin)
            .with("RUST_LOG", "info");
        if let Some(endpoint) = &settings.endpoint {
            environment = environment.with("AWS_ENDPOINT_URL", endpoint);
        }
        if let Some(issuer) = &settings.issuer {
            environment = environment.with("STRONGROOM_ISSUER", issuer);
        }
        if let Some(url) = &settings.queue_url {
            environment = environment.with("STRONGROOM_QUEUE_URL", url);
        }
        if let Some(address) = &settings.mail_from {
            environment = environment.with("STRONGROOM_MAIL_FROM", address);
        }
        if let Some(token) = &settings.session_token {
            environment = environment.with("AWS_SESSION_TOKEN", token);
        }
        environment
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }
}

/// One execution environment of a function; its process is killed when this is dropped.
#[derive(Debug)]
pub struct Bootstrap {
    api: RuntimeApi,
    pid: u32,
    started: Instant,
    first_response: OnceLock<Duration>,
    ended: watch::Receiver<Option<String>>,
    log: Arc<Mutex<String>>,
    watching: JoinHandle<()>,
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        // The watcher owns the process, which is killed with it.
        self.watching.abort();
    }
}

/// What API Gateway makes of a function's answer.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// Reads the answer of a function behind the HTTP API, payload format 2.0.
    pub fn of(answer: &Value) -> Self {
        let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let text = answer["body"].as_str().unwrap_or_default();
        let body = match answer["isBase64Encoded"].as_bool() {
            Some(true) => STANDARD.decode(text).expect("a body in base64"),
            _ => text.as_bytes().to_vec(),
        };
        let mut headers = BTreeMap::new();
        for field in ["multiValueHeaders", "headers"] {
            for (name, value) in answer[field].as_object().into_iter().flatten() {
                let value = value.as_str().or_else(|| value[0].as_str()).unwrap_or_default();
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
        }
        Self { status: status.unwrap_or_else(|| panic!("no status in {answer}")), headers, body }
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Bootstrap {
    /// Starts `binary` in an environment of its own.
    pub async fn start(binary: &Path, environment: &Environment) -> Self {
        let name = binary.file_name().and_then(|name| name.to_str()).expect("a binary has a name");
        let region = environment.0.get("AWS_REGION").map_or("eu-west-1", String::as_str);
        let api = RuntimeApi::start(name, region, TIMEOUT).await;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(lambda_environment(name, &api.host()))
            .envs(&environment.0)
            .current_dir(binary.parent().expect("a binary is in a folder"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        let pid = child.id().expect("a running process has an id");
        let log = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep(child.stdout.take().expect("a pipe"), Arc::clone(&log)));
        tokio::spawn(keep(child.stderr.take().expect("a pipe"), Arc::clone(&log)));
        let (end, ended) = watch::channel(None);
        let watching = tokio::spawn(watch_over(child, end));
        Self { api, pid, started, first_response: OnceLock::new(), ended, log, watching }
    }

    /// Gives the function one event and waits for its answer.
    pub async fn invoke(&self, event: &Value) -> Result<Value, InvocationError> {
        let mut ended = self.ended.clone();
        let answer = tokio::select! {
            answer = self.api.invoke(event) => answer,
            end = ended.wait_for(Option::is_some) => {
                let end = end.ok().and_then(|end| end.clone()).unwrap_or_default();
                Err(InvocationError::Exited(format!("{end}\n{}", self.log())))
            }
        };
        if answer.is_ok() {
            self.first_response.get_or_init(|| self.started.elapsed());
        }
        answer
    }

    /// The same for a function behind the HTTP API.
    pub async fn call(&self, event: &Value) -> Result<HttpAnswer, InvocationError> {
        self.invoke(event).await.map(|answer| HttpAnswer::of(&answer))
    }

    /// From the start of the process to its first answer; only of a process that was invoked at once.
    pub fn first_response(&self) -> Option<Duration> {
        self.first_response.get().copied()
    }

    /// The most memory the process has held so far, as the system counts it.
    pub fn peak_memory_bytes(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak of memory");
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
        kilobytes * 1024
    }

    /// What the process has written so far: in production its log group.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

/// What Lambda itself puts into the environment of a custom runtime.
fn lambda_environment(name: &str, host: &str) -> [(&'static str, String); 11] {
    let task = std::env::temp_dir();
    [
        ("AWS_LAMBDA_RUNTIME_API", host.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "tests".to_owned()),
        ("LAMBDA_TASK_ROOT", task.display().to_string()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("TMPDIR", task.display().to_string()),
        ("TZ", ":UTC".to_owned()),
    ]
}

async fn watch_over(mut child: Child, end: watch::Sender<Option<String>>) {
    let status = child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
    // Nobody may be waiting any more.
    let _ = end.send(Some(status));
}

async fn keep(pipe: impl AsyncRead + Unpin, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(pipe).lines();
    // Reading goes on past the limit, so that the process never waits for us.
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap();
        if log.len() + line.len() < LOG_BYTES {
            log.push_str(&line);
            log.push('\n');
        }
    }
}

/// The folder of programs that are built already, which `STRONGROOM_BOOTSTRAPS` names: nothing is built in the midst
/// of a run that says so.
pub fn built() -> Option<PathBuf> {
    std::env::var_os("STRONGROOM_BOOTSTRAPS").map(PathBuf::from)
}

/// Cargo, for a build in the profile this test was built for.
///
/// A test is told by cargo what package it is of. Build scripts that read these variables would be run again, and what
/// depends on them built again, the running tests among it.
pub fn cargo_build() -> std::process::Command {
    let mut build = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_BIN_NAME"
        });
        if told {
            build.env_remove(name);
        }
    }
    build.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet"]).stdin(Stdio::null());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    build
}

/// The binaries of functions, built for the profile this test was built for, or those that are [`built`]
/// (`<folder>/<name>/bootstrap`, as they are packaged, or `<folder>/<name>`).
pub async fn binaries(names: &[&str]) -> BTreeMap<String, PathBuf> {
    if let Some(folder) = built() {
        return names.iter().map(|name| ((*name).to_owned(), packaged(&folder, name))).collect();
    }
    let mut build = cargo_build();
    for name in names {
        build.args(["--package", name, "--bin", name]);
    }
    let built = Command::from(build).status().await.expect("cargo runs");
    assert!(built.success(), "the functions do not build");
    let folder = profile_folder();
    names.iter().map(|name| ((*name).to_owned(), folder.join(name))).collect()
}

fn packaged(folder: &Path, name: &str) -> PathBuf {
    let bootstrap = folder.join(name).join("bootstrap");
    if bootstrap.is_file() { bootstrap } else { folder.join(name) }
}

/// `target/debug` or `target/release`, from where this very test runs.
fn profile_folder() -> PathBuf {
    let here = std::env::current_exe().expect("a running program has a path");
    let folder = here.parent().expect("it is in a folder");
    let inner = folder.ends_with("deps") || folder.ends_with("examples");
    if inner { folder.parent().expect("of a profile").to_path_buf() } else { folder.to_path_buf() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_read_as_the_gateway_reads_them() {
        let answer = HttpAnswer::of(&json!({
            "statusCode": 201,
            "headers": { "Content-Type": "application/json" },
            "multiValueHeaders": { "x-many": ["first", "second"] },
            "body": STANDARD.encode("{\"a\":1}"),
            "isBase64Encoded": true,
        }));
        assert_eq!((answer.status, answer.json()), (201, json!({ "a": 1 })));
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["x-many"], "first");
    }

    #[tokio::test]
    async fn a_process_that_ends_says_what_it_wrote() {
        let bootstrap = Bootstrap::start(Path::new("/bin/ls"), &Environment::default()).await;
        let failure = bootstrap.invoke(&json!({})).await.unwrap_err();
        assert!(
            matches!(&failure, InvocationError::Exited(end) if end.contains("exit status: 0")),
            "{failure}"
        );
        assert_eq!(bootstrap.first_response(), None);
    }
}
