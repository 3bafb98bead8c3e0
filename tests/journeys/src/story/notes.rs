//! The data record: a note from its first word to its amendment (R003, R011, R014, R055).

use super::{Cast, id, number, patient::Grace, rows, text};
use crate::narrator::Narrator;
use domain::RecordId;
use serde_json::{Value, json};
use testkit::Actor;

const FIRST: &str = "Dry cough for three weeks. Lungs clear.";
const AMENDED: &str = "Dry cough for three weeks. Fine crackles at the left base; X-ray ordered.";

pub async fn are_written(narrator: &Narrator, cast: &Cast, grace: &Grace) -> RecordId {
    narrator.chapter("A note");
    let amara = &cast.amara;
    let body = json!({ "content": note("Dry cough for three weeks.") });
    let drafting = amara.post(&format!("/charts/{}/notes", grace.chart)).json(&body).expect(201);
    let drafted =
        narrator.act("Dr Amara begins a note", drafting, |made| text(&made["record"], "status").to_owned());
    let drafted = drafted.await;
    let record: RecordId = id(&drafted["record"], "id");
    let path = format!("/charts/{}/records/{record}", grace.chart);
    let saved = saves(narrator, amara, &path, number(&drafted["draft"], "revision")).await;
    signs(narrator, amara, &path, saved).await;
    amends(narrator, amara, &path).await;
    has_a_history(narrator, amara, &path).await;
    record
}

fn note(words: &str) -> Value {
    json!({ "title": "First visit", "sections": [{ "heading": "Findings", "text": words }] })
}

/// Typing saves; whoever saves on top of what they have not seen is told so.
async fn saves(narrator: &Narrator, amara: &Actor, path: &str, revision: u64) -> u64 {
    let body = json!({ "expected_revision": revision, "content": note(FIRST) });
    let put = || amara.put(&format!("{path}/draft")).json(&body);
    let came = |saved: &Value| format!("revision {}", number(saved, "revision"));
    let saved = narrator.act("She types on, and the draft is saved", put().expect(200), came).await;
    let stale = put().problem(409, "stale_revision");
    let came = |stale: &Value| format!("refused, it is at revision {}", number(stale, "current_revision"));
    narrator.act("A forgotten window saves an older text", stale, came).await;
    number(&saved, "revision")
}

async fn signs(narrator: &Narrator, amara: &Actor, path: &str, revision: u64) {
    let body = json!({ "expected_revision": revision });
    let sign = || amara.post(&format!("{path}/signature")).json(&body);
    let signed =
        narrator.act("She signs it", sign().expect(201), |signed| text(signed, "status").to_owned()).await;
    assert_eq!(signed["status"], "signed", "{signed}");
    sign().problem(409, "note_signed").await;
}

async fn amends(narrator: &Narrator, amara: &Actor, path: &str) {
    let read = amara.get(path).expect(200).await;
    assert_eq!(read["content"]["sections"][0]["text"], FIRST, "it says what was signed");
    let body = json!({
        "expected_revision": number(&read, "revision"),
        "content": note(AMENDED),
        "reason": "Listened again after the X-ray",
    });
    let amending = amara.post(&format!("{path}/amendments")).json(&body).expect(201);
    let came =
        |amended: &Value| format!("{}, version {}", text(amended, "status"), number(amended, "versions"));
    narrator.act("She amends it, and says why", amending, came).await;
}

/// Nothing was overwritten (R011).
async fn has_a_history(narrator: &Narrator, amara: &Actor, path: &str) {
    let listing = amara.get(&format!("{path}/versions")).expect(200);
    let came = |listed: &Value| {
        let mut reasons = rows(listed, "versions").iter().filter_map(|version| version["reason"].as_str());
        format!(
            "{} versions, the last one: {}",
            rows(listed, "versions").len(),
            reasons.next_back().unwrap_or("no reason")
        )
    };
    let listed = narrator.act("She looks at its versions", listing, came).await;
    assert_eq!(rows(&listed, "versions").len(), 2, "{listed}");
    let first = amara.get(&format!("{path}/versions/1")).expect(200);
    let first =
        narrator.act("She reads the first one again", first, |_| "word for word as signed".to_owned()).await;
    assert_eq!(first["content"]["sections"][0]["text"], FIRST, "nothing is overwritten: {first}");
    let newest = amara.get(path).expect(200).await;
    assert_eq!(newest["content"]["sections"][0]["text"], AMENDED, "{newest}");
    assert_eq!(newest["author"], json!(amara.member_id()), "the author is who signed in");
}
