//! What a sweep costs: it has to follow what is due, however much is kept beside it (R150).
//!
//! The charts that are due are filed over HTTP. Those that are kept are copies of one that was filed the same way and
//! looked at once: every item of it in the main table but its evidence, under ids of their own, loaded as an import
//! loads them. Their keys stand in a table that a sweep does not read.

use super::ms;
use api::{System, meter::Usage};
use domain::{ChartId, member::Role};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    time::{Duration, Instant},
};
use testkit::{Actor, Clinic, World};

/// Records that are due, in charts of so many each.
const DUE: usize = 1_000;
const IN_A_CHART: usize = 10;
/// Records that are kept besides.
const KEPT: [usize; 2] = [10_000, 1_000_000];
/// Charts of one import.
const TOGETHER: usize = 500;
/// How much of its cost may depend on what is kept.
const TOLERANCE: f64 = 0.1;

/// One row for each archive, and how the last differs from the first.
pub async fn table() -> String {
    let mut text = format!(
        "{:<34} {:>8} {:>4} {:>4} {:>9} {:>9} {:>11}\n",
        "sweep", "DynamoDB", "S3", "KMS", "RCU", "WCU", "time"
    );
    let mut swept = Vec::new();
    for kept in KEPT {
        let one = sweep(kept).await;
        let [dynamodb, s3, kms] = ["DynamoDB", "S3", "KMS"].map(|service| one.usage.of(service));
        let (read, write) = (one.usage.read_units, one.usage.write_units);
        let name = format!("{DUE} due, {kept} kept besides");
        let _ = writeln!(
            text,
            "{name:<34} {dynamodb:>8} {s3:>4} {kms:>4} {read:>9.1} {write:>9.1} {:>11}",
            ms(one.time)
        );
        swept.push(one);
    }
    if let [first, .., last] = swept.as_slice() {
        text.push_str(&last.beside(first));
    }
    text
}

/// What one sweep took.
struct Swept {
    usage: Usage,
    time: Duration,
}

impl Swept {
    fn beside(&self, other: &Self) -> String {
        let ratio = |one: f64, other: f64| one / other;
        let read = ratio(self.usage.read_units, other.usage.read_units);
        let write = ratio(self.usage.write_units, other.usage.write_units);
        let time = ratio(self.time.as_secs_f64(), other.time.as_secs_f64());
        let is_kept = [read, write].iter().all(|ratio| (ratio - 1.0).abs() <= TOLERANCE);
        let verdict = super::verdict(is_kept);
        format!(
            "the last beside the first: RCU {read:.3}, WCU {write:.3} ({TOLERANCE} may differ: {verdict}), \
             time {time:.2}\n"
        )
    }
}

async fn sweep(kept: usize) -> Swept {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    archive.keeps(kept).await;
    for (number, born) in (0..DUE / IN_A_CHART).zip(date(1984, 2, 29).series(1.day())) {
        archive.files(&format!("Due {number}"), born, archive.served(-5)).await;
    }
    world.idle().await;
    let meter = world.system().await.meter.clone();
    meter.start();
    let began = Instant::now();
    world.fires("retention-sweep").await;
    let (time, usage) = (began.elapsed(), meter.stop());
    assert_eq!(archive.eligible().await, DUE, "all that is due is found, and nothing else");
    Swept { usage, time }
}

/// A clinic that keeps records for a year after the service, as its own policy has it: Ohio asks for nothing.
struct Archive<'w> {
    world: &'w World,
    /// Keeps the members signed in.
    _clinic: Clinic<'w>,
    amara: Actor,
    rita: Actor,
}

impl<'w> Archive<'w> {
    async fn open(world: &'w World) -> Self {
        let clinic = world.clinic("North Clinic").await;
        let amara = clinic.practitioner("Dr Amara").await;
        let rita = clinic.member("Rita", &[Role::RecordsManager]).await;
        let now = rita.get("/retention/schedule").expect(200).await;
        let schedule = json!({
            "expected_version": now["version"], "jurisdictions": ["US-OH"], "practices": ["physician"],
            "policies": [{ "id": "OWN-ALL", "name": "By the day of service", "trigger": "service_date", "period": "1y" }]
        });
        rita.put("/retention/schedule").json(&schedule).expect(200).await;
        world.idle().await;
        Self { world, _clinic: clinic, amara, rita }
    }

    /// The day of service of what is due in so many days.
    fn served(&self, due_in: i64) -> Date {
        let today = self.world.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        today.saturating_add(due_in.days()).saturating_sub(1.year())
    }

    /// A chart of a client like no other, with its notes.
    async fn files(&self, name: &str, born: Date, served: Date) -> ChartId {
        let client = self.amara.registers(json!({ "full_name": name, "birth_date": born })).await;
        let chart = self.amara.opens_chart(client).await;
        for _ in 0..IN_A_CHART {
            let content = json!({ "title": "Visit", "sections": [{ "text": "S: no pain" }] });
            let body = json!({ "section": "progress_notes", "occurred_on": served, "content": content });
            let drafted = self.amara.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
            let record = text(&drafted, "/record/id");
            let sign = json!({ "expected_revision": drafted["draft"]["revision"] });
            let path = format!("/charts/{chart}/records/{record}/signature");
            self.amara.post(&path).json(&sign).expect(201).await;
        }
        chart
    }

    /// So many records in charts like one that is not due for months.
    async fn keeps(&self, records: usize) {
        let before: BTreeSet<String> = self.items().await.iter().map(place).collect();
        let chart = self.files("Kept", date(1950, 2, 28), self.served(300)).await;
        self.world.fires("retention-sweep").await;
        let came: Vec<Value> =
            self.items().await.into_iter().filter(|item| !before.contains(&place(item))).collect();
        let pattern = Pattern::of(came, chart);
        let system = self.world.system().await;
        let (aws, now) = (self.world.aws().await, self.world.clock.now());
        let charts = (records / IN_A_CHART).saturating_sub(1);
        for first in (0..charts).step_by(TOGETHER) {
            let copies: Vec<Value> =
                (first..charts.min(first + TOGETHER)).flat_map(|_| pattern.copy(&system, now)).collect();
            let many = copies.len();
            let imported = aws.dynamodb().import(&system.settings.table, copies).await.expect("items");
            assert_eq!(imported, many);
        }
    }

    /// Everything in the main table.
    async fn items(&self) -> Vec<Value> {
        let (system, aws) = (self.world.system().await, self.world.aws().await);
        let (mut items, mut start) = (Vec::new(), Value::Null);
        loop {
            let mut request = json!({ "TableName": system.settings.table });
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let answer = aws.dynamodb().respond("DynamoDB_20120810.Scan", request.to_string().into()).await;
            let mut page: Value = serde_json::from_slice(&answer.body).expect("JSON");
            items.append(page["Items"].as_array_mut().expect("items"));
            start = page["LastEvaluatedKey"].take();
            if start.is_null() {
                return items;
            }
        }
    }

    /// How many records are on the worklist.
    async fn eligible(&self) -> usize {
        let (mut count, mut cursor) = (0, None::<String>);
        loop {
            let mut request = self.rita.get("/retention/eligible").query(&[("limit", "100")]);
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let page = request.expect(200).await;
            count += page["records"].as_array().map_or(0, Vec::len);
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return count;
            }
        }
    }
}

/// A chart with its client and its records, to be copied.
struct Pattern {
    items: String,
    ids: Vec<String>,
}

impl Pattern {
    /// Of all that came with a chart, what is its own: its client, itself, its records and where they are found.
    fn of(came: Vec<Value>, chart: ChartId) -> Self {
        let chart = chart.to_string();
        let of_chart = |item: &&Value| item["entity"]["S"] == "record" && place(item).contains(&chart);
        let mut ids: Vec<String> =
            came.iter().filter(of_chart).map(|item| text(item, "/sk/S")).map(id_in).collect();
        let opened = came.iter().find(|item| item["entity"]["S"] == "chart").expect("the chart");
        ids.extend([chart, text(opened, "/client_id/S")]);
        let is_own = |item: &Value| {
            let written = item.to_string();
            item["entity"]["S"] != "evidence" && ids.iter().any(|id| written.contains(id))
        };
        let items: Vec<Value> = came.into_iter().filter(is_own).collect();
        Self { items: json!(items).to_string(), ids }
    }

    fn copy(&self, system: &System, now: Timestamp) -> Vec<Value> {
        let own = |items: String, id: &String| items.replace(id, &system.new_id::<ChartId>(now).to_string());
        let items = self.ids.iter().fold(self.items.clone(), own);
        serde_json::from_str(&items).expect("items")
    }
}

/// The id at the end of a key.
fn id_in(key: String) -> String {
    key.rsplit('#').next().unwrap_or_default().to_owned()
}

/// Where an item stands.
fn place(item: &Value) -> String {
    format!("{} {}", text(item, "/pk/S"), text(item, "/sk/S"))
}

fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("no {at} in {value}")).to_owned()
}
