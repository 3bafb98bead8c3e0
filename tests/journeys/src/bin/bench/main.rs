//! `cargo xtask bench`: the budgets, measured. Nothing here passes or fails a test.
//!
//! Round trips and capacity are counted in the SDK's clients while one request of the API is answered;
//! calls made at the same time are one round trip. Times are those of this machine and the embedded AWS.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement whose surroundings fail should stop"
)]

mod sweep;

use api::meter::Usage;
use aws_sdk_s3::{
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bootstraps::{Stage, cold_start};
use domain::{ChartId, LocationId};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};
use testkit::{
    World, files,
    world::{Actor, Presigned, Request},
};

/// Requests of one operation whose times are taken.
const TIMES: usize = 60;
/// MiB of the file whose way in and out is timed, unless another number is asked for.
const FILE_MIB: usize = 256;
/// New processes of each function.
const STARTS: usize = 21;
/// Parts of the file that goes around the product, as large as the product's own.
const PART_BYTES: usize = 8 << 20;
/// What a function may need from its start to its first answer, of memory, and as a zip.
const FIRST_RESPONSE: Duration = Duration::from_millis(20);
const MEMORY_BYTES: u64 = 32_000_000;
const ZIP_BYTES: u64 = 8_000_000;

/// The most sequential round trips an operation may make when warm.
#[derive(Clone, Copy)]
struct Budget {
    dynamodb: usize,
    s3: usize,
    kms: usize,
}

/// One batch read and one transaction; the keys are warm.
const READ_AND_WRITE: Option<Budget> = Some(Budget { dynamodb: 2, s3: 0, kms: 0 });

/// One operation that is measured, and a request of it.
struct Measured<'b> {
    name: &'static str,
    budget: Option<Budget>,
    request: Box<dyn Fn(usize) -> Request + 'b>,
}

impl<'b> Measured<'b> {
    fn new(name: &'static str, budget: Option<Budget>, request: impl Fn(usize) -> Request + 'b) -> Self {
        Self { name, budget, request: Box::new(request) }
    }
}

const USAGE: &str = "usage: bench [round-trips | transfer [MiB] | decisions | sweep | cold-starts]";

/// What is measured.
enum Part {
    RoundTrips,
    /// Of a file of so many MiB.
    Transfer(usize),
    Decisions,
    Sweep,
    ColdStarts,
}

impl Part {
    const ALL: [Self; 5] =
        [Self::RoundTrips, Self::Transfer(FILE_MIB), Self::Decisions, Self::ColdStarts, Self::Sweep];

    fn asked(words: &[String]) -> Option<Vec<Self>> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Some(match words.as_slice() {
            [] => Self::ALL.into(),
            ["round-trips"] => vec![Self::RoundTrips],
            ["transfer"] => vec![Self::Transfer(FILE_MIB)],
            ["transfer", mib] => vec![Self::Transfer(mib.parse().ok().filter(|mib| *mib > 0)?)],
            ["decisions"] => vec![Self::Decisions],
            ["sweep"] => vec![Self::Sweep],
            ["cold-starts"] => vec![Self::ColdStarts],
            _ => return None,
        })
    }

    async fn measured(self) -> String {
        match self {
            Self::RoundTrips => Bench::set().await.round_trips().await,
            Self::Transfer(mib) => Bench::set().await.transfer(mib).await,
            Self::Decisions => Bench::set().await.decisions().await,
            Self::Sweep => sweep::table().await,
            Self::ColdStarts => cold_starts().await,
        }
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(parts) = Part::asked(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    println!("{}\n", machine());
    for part in parts {
        println!("{}", part.measured().await);
    }
    ExitCode::SUCCESS
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let profile =
        if cfg!(debug_assertions) { "unoptimised build: times say little" } else { "release build" };
    format!("{} · {cores} cores · {profile}", model.trim_start_matches(['\t', ' ', ':']))
}

/// A clinic at work.
struct Bench {
    world: World,
    amara: Actor,
    /// With whom the chart is shared.
    ben: Actor,
    chart: ChartId,
    shelf: LocationId,
    client: String,
    note: String,
    file: String,
}

impl Bench {
    async fn set() -> Self {
        let world = World::start().await;
        let north = world.clinic("North Clinic").await;
        let amara = north.practitioner("Dr Amara").await;
        let client =
            amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-07-02" })).await;
        let chart = amara.opens_chart(client).await;
        let note = amara.writes_note(chart, "First visit", "S: toothache").await;
        let file = amara.uploads(chart, &files::xray(&files::GRACE)).await;
        for number in 0..60 {
            amara.writes_note(chart, &format!("Visit {number}"), "Plan: go on").await;
        }
        let ben = north.practitioner("Dr Ben").await;
        amara.shares(chart, &ben, "read_only").await;
        let shelf = north.staff("Sam").await.adds_location("site", "Main building", None).await;
        drop(north);
        let (client, note, file) = (client.to_string(), note.to_string(), file.to_string());
        Self { world, amara, ben, chart, shelf, client, note, file }
    }

    /// One row for each operation: what one warm call costs, and how long calls take.
    async fn round_trips(&self) -> String {
        let mut table = format!(
            "{:<34} {:>8} {:>4} {:>4} {:>7} {:>7} {:>9} {:>9}  budget\n",
            "operation (sequential round trips)", "DynamoDB", "S3", "KMS", "RCU", "WCU", "p50", "p95"
        );
        let page = self.amara.get(&format!("/charts/{}/records", self.chart)).query(&[("limit", "20")]);
        let page = page.expect(200).await;
        let next = page.pointer("/next").and_then(Value::as_str).expect("another page");
        for measured in self.additions().into_iter().chain(self.readings(next)) {
            table.push_str(&self.row(&measured).await);
        }
        table.push_str(&self.cold_row().await);
        table
    }

    async fn row(&self, measured: &Measured<'_>) -> String {
        let mut number = 0..;
        let mut request = || (measured.request)(number.next().unwrap_or_default());
        for _ in 0..3 {
            request().send().await;
        }
        let usage = self.usage(measured.name, request()).await;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let began = Instant::now();
            request().send().await;
            times.push(began.elapsed());
        }
        times.sort();
        let verdict = measured.budget.map_or("", |budget| verdict(budget.keeps(&usage)));
        let (p50, p95) = (ms(percentile(&times, 50)), ms(percentile(&times, 95)));
        line(measured.name, &usage, &p50, &p95, verdict)
    }

    /// What the first call of a new process costs: keys and memberships are not known yet.
    async fn cold_row(&self) -> String {
        self.world.restart().await;
        let name = "read_record, first of a process";
        let path = format!("/charts/{}/records/{}", self.chart, self.note);
        let began = Instant::now();
        let usage = self.usage(name, self.amara.get(&path)).await;
        line(name, &usage, &ms(began.elapsed()), "", "")
    }

    /// What the SDK does while one request is answered.
    async fn usage(&self, name: &str, request: Request) -> Usage {
        let meter = self.world.system().await.meter.clone();
        meter.start();
        let answer = request.send().await;
        let usage = meter.stop();
        assert!((200..300).contains(&answer.status), "{name}: {}", answer.json());
        usage
    }

    fn additions(&self) -> Vec<Measured<'_>> {
        let (amara, chart) = (&self.amara, self.chart);
        let upload = move |size: u64| {
            move |at: usize| {
                amara.post(&format!("/charts/{chart}/uploads")).json(&json!({
                    "file_name": format!("scan-{at}.bin"), "size_bytes": size,
                    "media_type": "application/octet-stream"
                }))
            }
        };
        let parts = READ_AND_WRITE.map(|budget| Budget { s3: 1, ..budget });
        let note = json!({ "content": { "title": "Visit", "sections": [{ "text": "S: better" }] } });
        vec![
            Measured::new("draft_note", READ_AND_WRITE, move |_| {
                amara.post(&format!("/charts/{chart}/notes")).json(&note)
            }),
            Measured::new("add_folder", READ_AND_WRITE, move |at| {
                let body = json!({
                    "title": "Paper", "location_id": self.shelf, "barcode": format!("BENCH-{at}")
                });
                amara.post(&format!("/charts/{chart}/folders")).json(&body)
            }),
            Measured::new("start_upload, one PUT", READ_AND_WRITE, upload(1_000_000)),
            Measured::new("start_upload, in parts", parts, upload(500_000_000)),
            Measured::new("register_client", None, move |at| {
                let name = format!("Person Number{at} Of{}", at * 7919);
                amara.post("/clients").json(&json!({ "demographics": { "full_name": name } }))
            }),
        ]
    }

    fn readings<'b>(&'b self, next: &'b str) -> Vec<Measured<'b>> {
        let (amara, chart) = (&self.amara, self.chart);
        vec![
            Measured::new("read_record", READ_AND_WRITE, move |_| {
                amara.get(&format!("/charts/{chart}/records/{}", self.note))
            }),
            Measured::new("list_records, first page", READ_AND_WRITE, move |_| {
                amara.get(&format!("/charts/{chart}/records")).query(&[("limit", "20")])
            }),
            Measured::new("list_records, a later page", READ_AND_WRITE, move |_| {
                amara.get(&format!("/charts/{chart}/records")).query(&[("limit", "20"), ("cursor", next)])
            }),
            Measured::new("sign_download", READ_AND_WRITE, move |_| {
                amara.post(&format!("/charts/{chart}/records/{}/downloads", self.file)).json(&json!({}))
            }),
            Measured::new("read_client", None, move |_| amara.get(&format!("/clients/{}", self.client))),
            Measured::new("search_clients", None, move |_| amara.get("/clients").query(&[("name", "oka")])),
            Measured::new("read_record_evidence", None, move |_| {
                amara.get(&format!("/charts/{chart}/records/{}/evidence", self.note))
            }),
        ]
    }

    /// A file in and out by presigned requests, against the same bytes over the SDK without the product.
    async fn transfer(&self, mib: usize) -> String {
        let file = files::bulk(7, mib << 20);
        let size = file.bytes.len();
        let began = Instant::now();
        let started = self.amara.starts_upload(self.chart, &file, json!({})).await;
        started.sends(&file.bytes).await;
        let record = started.completes().await;
        let up = began.elapsed();
        self.world.idle().await;
        let id = record.pointer("/record/id").and_then(Value::as_str).expect("a record");
        let began = Instant::now();
        let (_, signed) = self.amara.signs_download(self.chart, id.parse().expect("an id")).await;
        let out = signed.send(self.amara.site(), &[]).await.stored().body;
        let down = began.elapsed();
        assert!(out == file.bytes, "what comes out is not what went in");
        let (straight_up, straight_down) = self.straight(&file.bytes).await;
        let rate = |time: Duration| size as f64 / 1e6 / time.as_secs_f64();
        let ratio = |one: Duration, other: Duration| other.as_secs_f64() / one.as_secs_f64();
        let mut text = format!("{mib} MiB through the presigned path, and straight into object storage\n");
        let mut line = |what: &str, through: Duration, straight: Duration| {
            let (a, b, ratio) = (rate(through), rate(straight), ratio(through, straight));
            let _ = writeln!(text, "{what:<10} {a:>7.0} MB/s  straight {b:>7.0} MB/s  ratio {ratio:.2}");
        };
        line("upload", up, straight_up);
        line("download", down, straight_down);
        text
    }

    /// The same bytes in parts of the same size, by the SDK's own presigned requests.
    async fn straight(&self, bytes: &[u8]) -> (Duration, Duration) {
        let system = self.world.system().await;
        let s3 = api::environment::Clients::new(&system.settings).s3;
        let (bucket, key) = (&system.settings.bucket, "bench/straight");
        let began = Instant::now();
        let opened = s3.create_multipart_upload().bucket(bucket).key(key).send().await.expect("an upload");
        let id = opened.upload_id.expect("an id");
        let mut parts = Vec::new();
        for (number, part) in (1..).zip(bytes.chunks(PART_BYTES)) {
            let body = ByteStream::from(part.to_vec());
            let request =
                s3.upload_part().bucket(bucket).key(key).upload_id(&id).part_number(number).body(body);
            let stored = request.send().await.expect("a part");
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(stored.e_tag).build());
        }
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(&id);
        request.multipart_upload(whole).send().await.expect("the whole");
        let up = began.elapsed();
        let began = Instant::now();
        let signed = presigned(&s3, bucket, key).await;
        signed.send(self.amara.site(), &[]).await.stored();
        (up, began.elapsed())
    }

    /// How many decisions one core makes in a second.
    async fn decisions(&self) -> String {
        let system = self.world.system().await;
        let (organization, member) = (self.amara.organization_id(), self.amara.member_id());
        let (member_key, chart_key) =
            (store::keys::member(organization, member), store::keys::chart(self.chart));
        let record_key = store::keys::record(self.chart, self.note.parse().expect("an id"));
        let colleague_key = store::keys::member(organization, self.ben.member_id());
        let keys = [member_key.any(), chart_key.any(), record_key.any(), colleague_key.any()];
        let items = system.store.fetch(keys).await.expect("items");
        let member = items.get(&member_key).expect("readable").expect("a member");
        let chart = items.get(&chart_key).expect("readable").expect("a chart");
        let record = items.get(&record_key).expect("readable").expect("a record");
        let colleague = items.get(&colleague_key).expect("readable").expect("a colleague");
        let began = Instant::now();
        let authorizer = authz::Authorizer::new().expect("policies");
        let parsed = began.elapsed();
        let owns = decided(&authorizer, &member, authz::Action::ReadChart, authz::Resource::Chart(&chart));
        let shared = authz::Resource::Record(&record, &chart);
        let shares = decided(&authorizer, &colleague, authz::Action::ReadRecord, shared);
        let policies = authorizer.policy_ids().len();
        format!(
            "decisions a second on one core: {owns} on a chart by its owner, {shares} on a record of it by who shares \
             it; {policies} policies parsed in {}\n",
            ms(parsed)
        )
    }
}

impl Budget {
    fn keeps(self, usage: &Usage) -> bool {
        usage.sequential("DynamoDB") <= self.dynamodb
            && usage.sequential("S3") <= self.s3
            && usage.sequential("KMS") <= self.kms
    }
}

const fn verdict(is_kept: bool) -> &'static str {
    if is_kept { "kept" } else { "EXCEEDED" }
}

fn line(name: &str, usage: &Usage, p50: &str, p95: &str, verdict: &str) -> String {
    let [dynamodb, s3, kms] = ["DynamoDB", "S3", "KMS"].map(|service| usage.sequential(service));
    let (read, write) = (usage.read_units, usage.write_units);
    format!(
        "{name:<34} {dynamodb:>8} {s3:>4} {kms:>4} {read:>7.1} {write:>7.1} {p50:>9} {p95:>9}  {verdict}\n"
    )
}

/// How often something is allowed in a second.
fn decided(
    authorizer: &authz::Authorizer,
    member: &domain::member::Member,
    action: authz::Action,
    resource: authz::Resource<'_>,
) -> u32 {
    let (began, now, mut made) = (Instant::now(), jiff::Timestamp::UNIX_EPOCH, 0);
    while began.elapsed() < Duration::from_secs(1) {
        let decision = authorizer.decide(member, action, resource, now).expect("a decision");
        assert!(decision.allowed, "{action:?}: {:?}", decision.policies);
        made += 1;
    }
    made
}

/// Of times in order: the one that so many of a hundred do not exceed.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

async fn presigned(s3: &aws_sdk_s3::Client, bucket: &str, key: &str) -> Presigned {
    let lifetime = PresigningConfig::expires_in(Duration::from_secs(600)).expect("a lifetime");
    let request = s3.get_object().bucket(bucket).key(key).presigned(lifetime).await.expect("a request");
    Presigned { method: reqwest::Method::GET, url: request.uri().to_owned(), headers: BTreeMap::new() }
}

/// How long a new process of each function takes to its first answer, its memory and its size.
async fn cold_starts() -> String {
    let mut stage = Stage::set().await;
    bootstraps::story::tell(&mut stage).await;
    let mut table = format!(
        "{:<16} {:>9} {:>9} {:>10} {:>10} {:>10}  p50 under {}, memory under {}, zip under {}\n",
        "function",
        "p50",
        "p95",
        "memory",
        "binary",
        "zip",
        ms(FIRST_RESPONSE),
        mb(MEMORY_BYTES),
        mb(ZIP_BYTES)
    );
    for one in cold_start::measure(&stage, STARTS).await {
        let zip_bytes = zipped(stage.binary(&one.function)).expect("a binary");
        let p50 = percentile(&one.first_responses, 50);
        let is_kept = p50 < FIRST_RESPONSE && one.peak_memory_bytes < MEMORY_BYTES && zip_bytes < ZIP_BYTES;
        let _ = writeln!(
            table,
            "{:<16} {:>9} {:>9} {:>10} {:>10} {:>10}  {}",
            one.function,
            ms(p50),
            ms(percentile(&one.first_responses, 95)),
            mb(one.peak_memory_bytes),
            mb(one.binary_bytes),
            mb(zip_bytes),
            if cfg!(debug_assertions) { "not as deployed" } else { verdict(is_kept) },
        );
    }
    table
}

/// How long a file is once deflated: all of its zip but a few words of headers.
fn zipped(path: &Path) -> io::Result<u64> {
    let mut encoder = DeflateEncoder::new(Count(0), Compression::default());
    io::copy(&mut io::BufReader::new(std::fs::File::open(path)?), &mut encoder)?;
    Ok(encoder.finish()?.0)
}

/// Counts what is written to it.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
