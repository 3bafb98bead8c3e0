//! The electronic records: files straight to object storage, looked into before anybody may open them (R005-R007,
//! R017, X-4).

use super::{Cast, number, patient::Grace, rows, text};
use crate::narrator::{Narrator, size};
use domain::{ChartId, RecordId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{
    Actor,
    files::{self, TestFile},
    world::Started,
};

/// What later chapters read again.
pub struct Files {
    pub xray: RecordId,
    pub xray_file: TestFile,
    pub scan: RecordId,
    /// The picture of somebody else, struck through.
    pub strange: RecordId,
}

/// A little more than what is sent in one piece.
const LARGE_BYTES: usize = 20 * 1024 * 1024 + 4_711;

pub async fn are_uploaded(narrator: &Narrator, cast: &Cast, grace: &Grace) -> Files {
    narrator.chapter("Files of every kind");
    let (amara, chart) = (&cast.amara, grace.chart);
    let xray_file = xray(grace);
    let xray = arrives(narrator, amara, chart, &xray_file, "dicom").await;
    let scan = arrives(narrator, amara, chart, &files::scan(3), "pdf").await;
    arrives(narrator, amara, chart, &files::photo(1200, 900), "image").await;
    arrives(narrator, amara, chart, &files::letter("Dear Dr Diallo,\nthank you for seeing Grace.\n"), "text")
        .await;
    arrives(narrator, amara, chart, &files::sound(4), "audio").await;
    arrives(narrator, amara, chart, &files::video(30), "video").await;
    is_sent_in_parts(narrator, amara, chart).await;
    is_sent_once(narrator, amara, chart).await;
    let strange = is_of_somebody_else(narrator, amara, chart).await;
    is_held_back(narrator, amara, chart).await;
    Files { xray, xray_file, scan, strange }
}

/// Grace's chest, as the device sends it.
pub fn xray(grace: &Grace) -> TestFile {
    files::xray(&files::Patient {
        name: &grace.dicom_name,
        birth_date: &grace.dicom_birth_date,
        id: "TORONTO-GENERAL-5521",
    })
}

/// What inspection made of a file, in a few words.
fn findings(record: &Value) -> String {
    let file = &record["file"];
    let content = &record["facts"]["content"];
    let part = |name: &str| content[name].as_str().map(str::to_owned);
    let count = |name: &str| content[name].as_u64();
    let more = match text(content, "kind") {
        "dicom" => [part("modality"), part("body_part"), part("study_date")].into_iter().flatten().collect(),
        "image" => vec![format!("{} × {}", count("width").unwrap_or(0), count("height").unwrap_or(0))],
        "pdf" => vec![format!("{} pages", count("pages").unwrap_or(0))],
        "text" => vec![part("encoding").unwrap_or_default()],
        "media" => {
            count("duration_ms").map(|ms| format!("{}.{} s", ms / 1_000, ms / 100 % 10)).into_iter().collect()
        }
        _ => vec![],
    };
    let preview = if file["has_preview"] == true { vec!["preview".to_owned()] } else { vec![] };
    let size = size(number(file, "size_bytes"));
    [vec![text(file, "state").to_owned(), text(file, "media_type").to_owned(), size], more, preview]
        .concat()
        .join(", ")
}

/// Sends a file, and waits until it may be opened.
async fn arrives(
    narrator: &Narrator,
    amara: &Actor,
    chart: ChartId,
    file: &TestFile,
    class: &str,
) -> RecordId {
    let sending = async {
        let record = amara.uploads(chart, file).await;
        (record, amara.reads(chart, record).await)
    };
    let what = format!("Dr Amara uploads {}", file.name);
    let (record, read) = narrator.act(&what, sending, |(_, read)| findings(read)).await;
    assert_eq!(read["file"]["class"], class, "what the file really is: {read}");
    assert_eq!(read["status"], "available", "{read}");
    assert_eq!(read["file"]["sha256"], json!(file.sha256()), "object storage holds what was sent: {read}");
    assert!(!read["file"]["warnings"].to_string().contains("patient_mismatch"), "it is hers: {read}");
    record
}

/// A large file goes in parts; one that is lost is sent again, the others are not.
async fn is_sent_in_parts(narrator: &Narrator, amara: &Actor, chart: ChartId) {
    let file = files::bulk(amara.site().now().as_millisecond().unsigned_abs(), LARGE_BYTES)
        .named("monitor-night.bin");
    let starting = amara.starts_upload(chart, &file, json!({ "title": "Monitor, one night" }));
    let came = |started: &Started| format!("{} parts", started.answer["plan"]["parts"]);
    let started =
        narrator.act(&format!("Dr Amara starts to send {}", size(file.len())), starting, came).await;
    let part_bytes = started.part_bytes().expect("a file of this size goes in parts");
    let parts: Vec<(u32, &[u8])> = (1..).zip(file.bytes.chunks(part_bytes)).collect();
    let [first, second, third] = parts.as_slice() else { panic!("{} parts instead of 3", parts.len()) };
    let arriving = [*first, *third];
    let sending = started.sends_parts(&arriving);
    narrator.act("The first part and the last arrive", sending, |()| "the second is lost".to_owned()).await;
    let completing = started.request(Method::POST, "/completion").json(&json!({}));
    let refused = completing.problem(409, "upload_incomplete");
    let came =
        |refused: &Value| format!("refused, part {} is missing", rows(refused, "missing_parts").len() + 1);
    let refused = narrator.act("She completes it all the same", refused, came).await;
    assert_eq!(refused["missing_parts"], json!([2]), "{refused}");
    resumes(narrator, &started, *second).await;
    let completing = started.completes();
    let completed =
        narrator.act("She completes it", completing, |done| text(&done["record"], "title").to_owned()).await;
    let record = super::id(&completed, "record_id");
    let inspected = narrator.act("It is inspected", inspected(amara, chart, record), findings).await;
    assert_eq!(
        inspected["file"]["sha256"],
        json!(file.sha256()),
        "the parts are one file again: {inspected}"
    );
}

/// Asks what is there, and sends what is not.
async fn resumes(narrator: &Narrator, started: &Started, lost: (u32, &[u8])) {
    let there = narrator.act("She asks which parts are there", started.stands(), |stands| {
        let numbers = rows(stands, "parts").iter().map(|part| number(part, "number").to_string());
        numbers.collect::<Vec<_>>().join(" and ")
    });
    assert_eq!(rows(&there.await, "parts").len(), 2, "two of three parts are there");
    let sending = started.sends_parts(std::slice::from_ref(&lost));
    narrator.act("She sends the lost one again", sending, |()| size(lost.1.len() as u64)).await;
}

/// Waits until a file has been looked into, and reads its record.
pub async fn inspected(amara: &Actor, chart: ChartId, record: RecordId) -> Value {
    for _ in 0..300 {
        let read = amara.reads(chart, record).await;
        if read["status"] != "inspecting" {
            return read;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("record {record} is not inspected within half a minute");
}

/// A link that was used lets nothing else in (R005).
async fn is_sent_once(narrator: &Narrator, amara: &Actor, chart: ChartId) {
    let file = files::letter("The first and only letter.\n").named("letter.txt");
    let started = amara.starts_upload(chart, &file, json!({})).await;
    started.sends(&file.bytes).await;
    let put = started.put().expect("a small file goes in one piece");
    let again =
        narrator.act("Somebody uses a spent upload link", put.send(amara.site(), &file.bytes), |answer| {
            format!("refused with {}", answer.status)
        });
    assert_eq!(again.await.status, 412, "the link was used up");
    let record = super::id(&started.completes().await, "record_id");
    let read = inspected(amara, chart, record).await;
    assert_eq!(read["file"]["version"], 1, "nothing came after the first: {read}");
}

/// The X-ray of another patient is taken, and marked (R017); the mistake is struck through and kept.
async fn is_of_somebody_else(narrator: &Narrator, amara: &Actor, chart: ChartId) -> RecordId {
    let kofi = files::Patient { name: "Mensah^Kofi", birth_date: "19430312", id: "TORONTO-GENERAL-0007" };
    let file = files::xray(&kofi).named("wrist.dcm");
    let sending = async {
        let record = amara.uploads(chart, &file).await;
        (record, amara.reads(chart, record).await)
    };
    let (record, read) = narrator
        .act("Dr Amara uploads the X-ray of somebody else", sending, |(_, read)| {
            let warnings = rows(&read["file"], "warnings").iter().filter_map(Value::as_str);
            format!("warned: {}", warnings.collect::<Vec<_>>().join(", ").replace('_', " "))
        })
        .await;
    assert!(read["file"]["warnings"].to_string().contains("patient_mismatch"), "it is somebody else: {read}");
    let body =
        json!({ "expected_revision": number(&read, "revision"), "reason": "X-ray of another patient" });
    let voiding = amara.post(&format!("/charts/{chart}/records/{record}/void")).json(&body).expect(200);
    let voided =
        narrator.act("She strikes it through", voiding, |voided| text(voided, "status").to_owned()).await;
    assert_eq!(voided["status"], "voided", "{voided}");
    record
}

/// What every scanner knows as malware is kept away from everybody (R193).
async fn is_held_back(narrator: &Narrator, amara: &Actor, chart: ChartId) {
    let file = files::malware_signature();
    let sending = async {
        let record = amara.uploads(chart, &file).await;
        (record, amara.reads(chart, record).await)
    };
    let what = format!("Dr Amara uploads a dangerous {}", file.name);
    let (record, read) = narrator
        .act(&what, sending, |(_, read)| {
            format!("{}: {}", text(read, "status"), text(&read["file"], "reason").replace('_', " "))
        })
        .await;
    assert_eq!(read["status"], "quarantined", "{read}");
    let path = format!("/charts/{chart}/records/{record}/downloads");
    let refused = amara.post(&path).json(&json!({})).problem(409, "file_not_available");
    narrator.act("She tries to download it", refused, |_| "refused".to_owned()).await;
}
