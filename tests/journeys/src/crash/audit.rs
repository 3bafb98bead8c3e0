//! After a crash: what was acknowledged is there, what is there has its evidence, and what was under way is
//! taken up where it stopped.

use super::trail::Trail;
use crate::load::{Act, Ask, Chart, Desk, LOOKING, Note, Step, content, number, rows, text};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use testkit::{
    files::{TestFile, sha256},
    world::Presigned,
};

/// How long a file may take to be inspected after the product is back.
const ASKING: (u32, Duration) = (1_500, Duration::from_millis(20));
const ALIVE: &str = "an answer of a product that is running";

/// Every act that was acknowledged has exactly one piece of evidence, which says what was acknowledged.
pub fn acknowledged(desk: &Desk, trail: &Trail) {
    for done in &desk.done {
        let fact =
            trail.of(&done.tag).unwrap_or_else(|| panic!("{done:?} was acknowledged without evidence"));
        assert_eq!(fact.kind, done.evidence, "{done:?}");
        assert_eq!(fact.outcome, "succeeded", "{done:?}");
        for (name, id) in &done.subjects {
            // What a chart is opened for is told by the chart.
            assert_eq!(fact.subjects[*name], json!(id), "`{name}` in the evidence of {done:?}");
        }
    }
}

/// Evidence tells of nothing that nobody did.
pub fn accounted(desks: &[Desk], trail: &Trail, prefix: &str) {
    let done = desks.iter().flat_map(|desk| desk.done.iter().map(|done| done.tag.as_str()));
    let pending = desks.iter().filter_map(|desk| desk.pending.as_ref()).map(|step| step.tag.as_str());
    let known: BTreeSet<&str> = done.chain(pending).collect();
    // A trail is read a little further back than its round.
    for tag in trail.tags().filter(|tag| tag.starts_with(prefix)) {
        assert!(known.contains(tag), "evidence of `{tag}`, which nobody did: {:?}", trail.of(tag));
    }
}

/// What was under way has happened with its evidence, or neither; says which.
pub async fn undecided(desk: &Desk, trail: &Trail) -> Option<bool> {
    let step = desk.pending.as_ref()?;
    let has_evidence = trail.of(&step.tag).is_some();
    if let Some(has_happened) = happened(desk, step).await {
        assert_eq!(has_happened, has_evidence, "{step:?}: whether it happened, and whether evidence says so");
    }
    Some(has_evidence)
}

/// Whether an act has left what it was to leave; none where only doing it again shows.
async fn happened(desk: &Desk, step: &Step) -> Option<bool> {
    let chart = &desk.chart;
    let record = async |record: &str| looks(desk, format!("{}/records/{record}", chart.path())).await;
    Some(match &step.act {
        Act::Register => !clients(desk, &desk.family_name).await.is_empty(),
        Act::OpenChart => {
            !rows(&looks(desk, format!("/clients/{}/charts", chart.client())).await, "charts").is_empty()
        }
        Act::Draft { .. } | Act::AddFolder => records(desk, chart).await.len() > chart.records().len(),
        Act::Complete if chart.upload().by_link => inbox(desk).await.len() > waiting(chart).len(),
        Act::Complete => records(desk, chart).await.len() > chart.records().len(),
        Act::Save { note, .. } => {
            let note = chart.note(*note);
            number(&record(&note.record).await["draft"], "revision") > note.draft_revision()
        }
        Act::Sign { note } => text(&record(&chart.note(*note).record).await, "status") == "signed",
        Act::Amend { note, .. } => {
            let note = chart.note(*note);
            number(&record(&note.record).await, "versions") > note.versions.len() as u64
        }
        Act::CheckOut { folder } | Act::CheckIn { folder } => {
            let folder = chart.folder(*folder);
            number(&record(&folder.record).await, "revision") > folder.revision
        }
        Act::MakeLink => {
            !rows(&looks(desk, format!("{}/intake-links", chart.path())).await, "links").is_empty()
        }
        Act::Start { .. } | Act::Accept { .. } => return None,
    })
}

/// The chart lists what was acknowledged, what happened without an answer, and nothing else.
pub async fn listed(desk: &Desk, trail: &Trail) {
    if desk.chart.id.is_none() {
        return;
    }
    // The start of an upload names what the file will become, which is not there before it is completed.
    let unanswered = desk.pending.as_ref().filter(|step| !matches!(step.act, Act::Start { .. }));
    let fact = unanswered.and_then(|step| trail.of(&step.tag));
    let made = |name: &str| fact.and_then(|fact| fact.subjects[name].as_str()).map(str::to_owned);
    let mut expected: BTreeSet<String> = desk.chart.records().into_iter().map(str::to_owned).collect();
    expected.extend(made("record_id"));
    let there: BTreeSet<String> =
        records(desk, &desk.chart).await.iter().map(|row| text(row, "id")).collect();
    assert_eq!(there, expected, "the records of {}", desk.chart.path());
    let mut expected: BTreeSet<String> = waiting(&desk.chart).into_iter().map(str::to_owned).collect();
    expected.extend(made("contribution_id"));
    let there: BTreeSet<String> = inbox(desk).await.iter().map(|row| text(row, "id")).collect();
    assert_eq!(there, expected, "what waits for {}", desk.chart.path());
}

/// Makes the call again to which no answer came, as any client would: under the same idempotency key.
pub async fn repeated(desk: &mut Desk, had_happened: Option<bool>) {
    let Some(had_happened) = had_happened else { return };
    let step = desk.pending.clone().expect("something under way");
    let answer = desk.attempt().await.expect(ALIVE);
    // Completing twice is answered without a look at the key.
    if !matches!(step.act, Act::Complete) {
        assert_eq!(answer.replayed, had_happened, "{step:?}: whether its answer was remembered");
    }
}

/// An upload goes on where it stopped, is completed, and what the patient sent is accepted.
pub async fn resumed(desk: &mut Desk) {
    if desk.chart.upload.is_some() {
        let ask = Ask::get(desk.chart.upload_path());
        let bearer = Act::Complete.bearer(desk);
        let stands = desk.line.ask(&bearer, &ask, LOOKING, None).await.expect(ALIVE).body;
        let upload = desk.chart.upload.as_mut().expect("an upload");
        assert_eq!(stands["state"], "open", "an upload that nobody has completed: {stands}");
        match upload.part_bytes {
            None => {
                let arrived = stands["arrived"] == true;
                assert!(arrived || !upload.arrived, "bytes that were acknowledged are gone: {stands}");
                upload.arrived = arrived;
                upload.put = stands["put"].is_object().then(|| Presigned::of(&stands["put"]));
            }
            Some(part_bytes) => {
                let there = parts(&upload.file, part_bytes, &stands);
                let lost: Vec<&usize> = upload.parts.iter().filter(|part| !there.contains(part)).collect();
                assert!(lost.is_empty(), "parts that were acknowledged are gone: {lost:?} of {stands}");
                upload.arrived = there.len() == upload.file.bytes.chunks(part_bytes).count();
                upload.parts = there;
            }
        }
        while desk.has_bytes_to_send() {
            desk.send().await.expect(ALIVE);
        }
        desk.perform(Act::Complete).await.expect(ALIVE);
    }
    accept_all(desk).await;
}

/// The parts that object storage lists, each with the digest of what was sent.
fn parts(file: &TestFile, part_bytes: usize, stands: &Value) -> Vec<usize> {
    let listed = rows(stands, "parts").iter().map(|row| {
        let at = usize::try_from(number(row, "number")).expect("a small number") - 1;
        let part = file.bytes.chunks(part_bytes).nth(at).expect("a part of the file");
        assert_eq!(row["sha256"], sha256(part), "part {} of {}", at + 1, file.name);
        assert_eq!(row["size_bytes"], part.len(), "part {} of {}", at + 1, file.name);
        at
    });
    listed.collect()
}

async fn accept_all(desk: &mut Desk) {
    for at in 0..desk.chart.contributions.len() {
        let id = desk.chart.contribution(at).id.clone();
        let row = until_inspected(async || {
            let rows = inbox(desk).await;
            let row = rows.into_iter().find(|row| row["id"] == id.as_str());
            row.unwrap_or_else(|| panic!("contribution {id} was acknowledged and is gone"))
        });
        let row = row.await;
        assert_eq!(row["state"], "available", "{row}");
        desk.chart.contributions.get_mut(at).expect("a contribution").revision = number(&row, "revision");
        desk.perform(Act::Accept { contribution: at }).await.expect(ALIVE);
    }
}

/// Asks until a file is no longer being inspected: an event that waited when the product died is delivered.
async fn until_inspected(ask: impl AsyncFn() -> Value) -> Value {
    let (times, pause) = ASKING;
    for _ in 0..times {
        let answer = ask().await;
        let state = answer.get("status").or_else(|| answer.get("state"));
        if state.is_some_and(|state| state != "inspecting") {
            return answer;
        }
        tokio::time::sleep(pause).await;
    }
    panic!("a file is never inspected: {}", ask().await);
}

/// Everything in the chart reads as it was written, to the last byte.
pub async fn whole(desk: &Desk) {
    for note in &desk.chart.notes {
        note_is_whole(desk, note).await;
    }
    for folder in &desk.chart.folders {
        let path = format!("{}/records/{}", desk.chart.path(), folder.record);
        let log = looks(desk, format!("{path}/custody?limit=100")).await;
        let mut acts: Vec<String> = rows(&log, "custody").iter().map(|entry| text(entry, "act")).collect();
        acts.reverse();
        assert_eq!(acts, folder.custody, "who had folder {}", folder.record);
        let read = looks(desk, path).await;
        assert_eq!(read["revision"], folder.revision, "{read}");
        let state = if folder.is_out() { "checked_out" } else { "on_shelf" };
        assert_eq!(read["status"], state, "{read}");
    }
    for filed in &desk.chart.files {
        file_is_whole(desk, &filed.record, &filed.file).await;
    }
    for contribution in &desk.chart.contributions {
        let record = contribution.record.as_deref().expect("an accepted contribution");
        file_is_whole(desk, record, &contribution.file).await;
    }
}

async fn note_is_whole(desk: &Desk, note: &Note) {
    let path = format!("{}/records/{}", desk.chart.path(), note.record);
    let read = looks(desk, path.clone()).await;
    assert_eq!(read["content"], note.content(), "note {}", note.record);
    assert_eq!(read["status"], note.status(), "{read}");
    assert_eq!(read["versions"], note.versions.len(), "{read}");
    if let Some((revision, _)) = &note.draft {
        assert_eq!(read["draft"]["revision"], *revision, "{read}");
    }
    for (number, said) in (1..).zip(&note.versions) {
        let version: u32 = number;
        let read = looks(desk, format!("{path}/versions/{version}")).await;
        assert_eq!(read["content"], content(said), "version {version} of note {}", note.record);
    }
}

async fn file_is_whole(desk: &Desk, record: &str, file: &TestFile) {
    let path = format!("{}/records/{record}", desk.chart.path());
    let read = until_inspected(async || looks(desk, path.clone()).await).await;
    assert_eq!(read["status"], "available", "{read}");
    assert_eq!(read["file"]["sha256"], file.sha256(), "{read}");
    let ask = Ask::post(format!("{path}/downloads"), json!({})).answered_by(200);
    let signed = desk.look(&ask).await.expect(ALIVE);
    let bytes = desk.line.transfer(&Presigned::of(&signed["request"]), Vec::new()).await.expect(ALIVE);
    assert!(bytes == file.bytes, "the bytes of {} are not those that were sent", file.name);
}

/// Each file was inspected, and evidence says so once, however often its event was delivered.
pub fn inspected(chart: &Chart, trail: &Trail) {
    for upload in chart.uploads() {
        assert_eq!(trail.inspections(upload), 1, "inspections of upload {upload}");
    }
}

/// A record's own trail tells of the same acts as the organization's.
pub async fn trails_agree(desk: &Desk, trail: &Trail) {
    for record in desk.chart.records() {
        let path = format!("{}/records/{record}/evidence?limit=100", desk.chart.path());
        let own = looks(desk, path).await;
        let own: BTreeSet<&str> =
            rows(&own, "evidence").iter().filter_map(|fact| fact["id"].as_str()).collect();
        let all = trail.about_record(record);
        assert!(!all.is_empty(), "record {record} is there without evidence");
        let missing: Vec<&&str> = all.difference(&own).collect();
        assert!(missing.is_empty(), "the trail of record {record} does not have {missing:?}");
    }
}

/// A chart of an earlier round is as that round left it.
pub async fn kept(desk: &Desk, chart: &Chart) {
    if chart.id.is_none() {
        return;
    }
    let listed = records(desk, chart).await;
    let there: BTreeSet<String> = listed.iter().map(|row| text(row, "id")).collect();
    assert_eq!(
        there,
        chart.records().into_iter().map(str::to_owned).collect(),
        "the records of {}",
        chart.path()
    );
    let status = |record: &str| {
        let row = listed.iter().find(|row| row["id"] == record).expect("a record that is listed");
        (text(row, "status"), number(row, "versions"))
    };
    for note in &chart.notes {
        let expected = (note.status().to_owned(), note.versions.len() as u64);
        assert_eq!(status(&note.record), expected, "note {}", note.record);
    }
    for file in &chart.files {
        assert_eq!(status(&file.record).0, "available", "file {}", file.record);
    }
}

/// The ids of the clients who are found by a name.
pub async fn clients(desk: &Desk, name: &str) -> BTreeSet<String> {
    let found = pages(desk, &format!("/clients?name={name}&limit=100"), "clients").await;
    found.iter().map(|row| text(row, "id")).collect()
}

async fn records(desk: &Desk, chart: &Chart) -> Vec<Value> {
    pages(desk, &format!("{}/records?limit=100", chart.path()), "records").await
}

/// What waits in the inbox for the desk's chart.
async fn inbox(desk: &Desk) -> Vec<Value> {
    let mut rows = pages(desk, "/contributions?limit=100", "contributions").await;
    rows.retain(|row| row["chart_id"].as_str() == desk.chart.id.as_deref());
    rows
}

/// What must wait there.
fn waiting(chart: &Chart) -> Vec<&str> {
    let waiting = chart.contributions.iter().filter(|one| one.record.is_none());
    waiting.map(|one| one.id.as_str()).collect()
}

async fn pages(desk: &Desk, path: &str, field: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = looks(desk, format!("{path}{cursor}")).await;
        all.extend(rows(&page, field).iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

async fn looks(desk: &Desk, path: String) -> Value {
    desk.look(&Ask::get(path)).await.expect(ALIVE)
}
