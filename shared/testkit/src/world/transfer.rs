//! Bytes on their way in and out: presigned requests to object storage, made as a browser makes them.

use super::{Actor, Answer, Request, Site, clinic::id};
use crate::files::{TestFile, sha256};
use domain::{ChartId, RecordId, UploadId};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Parts that are signed by one call.
const PARTS_SIGNED: usize = 100;
/// How long a file may take to be inspected, when that can only be asked for.
const ASKING: (u32, Duration) = (300, Duration::from_millis(100));

/// A request for bytes that needs no token: to object storage, or by an address that leads on to it.
#[derive(Clone, Debug)]
pub struct Presigned {
    pub method: Method,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

impl Presigned {
    pub fn of(answer: &Value) -> Self {
        let text = |field: &str| answer[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {answer}"));
        let headers = answer["headers"].as_object().into_iter().flatten();
        Self {
            method: text("method").parse().expect("a method"),
            url: text("url").to_owned(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().into()))
                .collect(),
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Makes the request, as often as one likes, and follows where it leads, as a browser does: what is let through is
    /// decided there.
    pub async fn send(&self, site: &Site, bytes: &[u8]) -> Answer {
        let answer = self.ask(site, bytes).await;
        match answer.header("location") {
            Some(url) if answer.status == 303 => {
                Self { url: url.to_owned(), ..self.clone() }.ask(site, &[]).await
            }
            _ => answer,
        }
    }

    /// The request to object storage that an address leads on to; it is good for a moment.
    pub async fn led_on(&self, site: &Site) -> Self {
        let answer = self.ask(site, &[]).await;
        assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
        Self { url: answer.header("location").expect("an address").to_owned(), ..self.clone() }
    }

    /// Where it is asked: what CloudFront passes on to the API goes there at once.
    fn place(&self, site: &Site) -> String {
        match self.url.split_once("/downloads/") {
            Some((_, pass)) => format!("{}/downloads/{pass}", site.origin()),
            None => self.url.clone(),
        }
    }

    async fn ask(&self, site: &Site, bytes: &[u8]) -> Answer {
        let mut request = site.http.request(self.method.clone(), self.place(site));
        for (name, value) in &self.headers {
            // The length is that of what is sent.
            if name != "content-length" {
                request = request.header(name, value);
            }
        }
        if !bytes.is_empty() {
            request = request.body(bytes.to_vec());
        }
        let place = self.url.split('?').next().unwrap_or_default();
        Answer::read(request, format!("{} {place}", self.method)).await
    }
}

/// An upload that has been agreed on; its bytes may still have to go.
#[derive(Clone)]
pub struct Started {
    pub upload: UploadId,
    /// What the product said about it.
    pub answer: Value,
    site: Arc<Site>,
    /// A request to the operation at this end of the upload's address.
    base: Request,
    path: String,
}

impl Started {
    /// Agrees on an upload at `path` (`…/uploads`), as whoever makes the request.
    pub(super) async fn at(site: &Arc<Site>, base: Request, path: String, body: &Value) -> Self {
        let answer = base.clone().post(&path).json(body).expect(201).await;
        let upload: UploadId = id(&answer, "upload_id");
        let path = format!("{path}/{upload}");
        Self { upload, answer, site: Arc::clone(site), base, path }
    }

    /// A request to an operation of this upload, such as `/completion`.
    pub fn request(&self, method: Method, end: &str) -> Request {
        self.base.clone().method(method, &format!("{}{end}", self.path))
    }

    /// The one PUT of a file that goes in one piece.
    pub fn put(&self) -> Option<Presigned> {
        self.answer["put"].is_object().then(|| Presigned::of(&self.answer["put"]))
    }

    /// How many bytes each part has, when it goes in parts.
    pub fn part_bytes(&self) -> Option<usize> {
        self.answer["plan"]["part_bytes"].as_u64().and_then(|bytes| usize::try_from(bytes).ok())
    }

    /// Has these parts signed; each is bound to its size and digest.
    pub async fn signs_parts(&self, parts: &[(u32, &[u8])]) -> Vec<Presigned> {
        let parts: Vec<Value> = parts
            .iter()
            .map(|(number, bytes)| json!({ "number": number, "sha256": sha256(bytes) }))
            .collect();
        let signed = self.request(Method::POST, "/parts").json(&json!({ "parts": parts })).expect(200).await;
        let rows = signed["parts"].as_array().unwrap_or_else(|| panic!("no `parts` in {signed}"));
        rows.iter().map(|row| Presigned::of(&row["request"])).collect()
    }

    /// Sends the bytes, in one piece or in parts.
    pub async fn sends(&self, bytes: &[u8]) {
        match (self.put(), self.part_bytes()) {
            (Some(put), _) => {
                put.send(&self.site, bytes).await.stored();
            }
            (None, Some(part_bytes)) => {
                let parts: Vec<&[u8]> = bytes.chunks(part_bytes).collect();
                let numbered: Vec<(u32, &[u8])> = (1..).zip(parts).collect();
                self.sends_parts(&numbered).await;
            }
            (None, None) => panic!("nothing says how to send: {}", self.answer),
        }
    }

    pub async fn sends_parts(&self, parts: &[(u32, &[u8])]) {
        for some in parts.chunks(PARTS_SIGNED) {
            for (signed, (_, bytes)) in self.signs_parts(some).await.iter().zip(some) {
                signed.send(&self.site, bytes).await.stored();
            }
        }
    }

    /// Says that the bytes are there.
    pub async fn completes(&self) -> Value {
        self.request(Method::POST, "/completion").json(&json!({})).expect(201).await
    }

    /// How it stands: which parts are there, among others.
    pub async fn stands(&self) -> Value {
        self.request(Method::GET, "").expect(200).await
    }
}

impl Answer {
    /// Object storage has taken the bytes.
    pub fn stored(self) -> Self {
        assert_eq!(self.status, 200, "object storage refused: {}", String::from_utf8_lossy(&self.body));
        self
    }
}

/// What is said of a file before its bytes go.
pub(super) fn announcement(file: &TestFile, more: Value) -> Value {
    let mut body = Map::from_iter([
        ("file_name".to_owned(), json!(file.name)),
        ("size_bytes".to_owned(), json!(file.len())),
        ("media_type".to_owned(), json!(file.media_type)),
        ("sha256".to_owned(), json!(file.sha256())),
    ]);
    if let Value::Object(more) = more {
        body.extend(more);
    }
    body.retain(|_, value| !value.is_null());
    Value::Object(body)
}

impl Actor {
    /// Agrees on an upload; `more` adds to what is said of the file, or changes it (null takes it away).
    pub async fn starts_upload(&self, chart: ChartId, file: &TestFile, more: Value) -> Started {
        let body = announcement(file, more);
        Started::at(self.site(), self.get("/"), format!("/charts/{chart}/uploads"), &body).await
    }

    /// Uploads a file into a chart and waits until it has been inspected.
    pub async fn uploads(&self, chart: ChartId, file: &TestFile) -> RecordId {
        self.uploads_as(chart, file, json!({})).await
    }

    /// The same with more said about it: `title`, `section`, `occurred_on`, `replaces`.
    pub async fn uploads_as(&self, chart: ChartId, file: &TestFile, more: Value) -> RecordId {
        let started = self.starts_upload(chart, file, more).await;
        started.sends(&file.bytes).await;
        let record: RecordId = id(&started.completes().await["record"], "id");
        if !self.site().idle().await {
            self.waits_for_inspection(chart, record).await;
        }
        record
    }

    async fn waits_for_inspection(&self, chart: ChartId, record: RecordId) {
        let (times, pause) = ASKING;
        for _ in 0..times {
            if !self.reads(chart, record).await.to_string().contains("\"inspecting\"") {
                return;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("record {record} is not inspected");
    }

    /// Has a download signed; its address leads on to object storage.
    pub async fn signs_download(&self, chart: ChartId, record: RecordId) -> (Value, Presigned) {
        let path = format!("/charts/{chart}/records/{record}/downloads");
        let answer = self.post(&path).json(&json!({})).expect(200).await;
        let signed = Presigned::of(&answer["request"]);
        (answer, signed)
    }

    /// The bytes of a record's file.
    pub async fn downloads(&self, chart: ChartId, record: RecordId) -> Vec<u8> {
        let (_, signed) = self.signs_download(chart, record).await;
        signed.send(self.site(), &[]).await.stored().body
    }
}
