//! What a patient sends without an account: asked for by a link, looked at, and only then part of the chart
//! (X-9, R121).

use super::{Cast, files, id, number, patient::Grace, rows, text};
use crate::narrator::{Narrator, short, size};
use domain::RecordId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{
    Actor,
    files::{TestFile, photo},
    world::{IntakeLink, Patient, Presigned},
};

/// What the patient sent and Dr Amara took into the chart.
pub struct Sent {
    pub record: RecordId,
    pub file: TestFile,
}

pub async fn is_asked_for(narrator: &Narrator, cast: &Cast, grace: &Grace) -> Sent {
    narrator.chapter("An X-ray from the patient herself");
    let amara = &cast.amara;
    let link = asks(narrator, amara, grace).await;
    let patient = link.opened_at(amara.site());
    opens(narrator, &patient).await;
    let file = files::xray(grace).named("from-the-hospital.dcm");
    let xray = sends(narrator, amara, &patient, &file).await;
    let wrong = sends(narrator, amara, &patient, &photo(320, 240).named("my-cat.jpg")).await;
    is_not_in_the_chart(narrator, amara, grace, 2).await;
    looks(narrator, amara, &xray, &file).await;
    let record = accepts(narrator, amara, &xray).await;
    declines(narrator, amara, &wrong).await;
    is_revoked(narrator, amara, grace, &link, &patient).await;
    Sent { record, file }
}

async fn asks(narrator: &Narrator, amara: &Actor, grace: &Grace) -> IntakeLink {
    let expires_at = amara.site().now() + SignedDuration::from_hours(72);
    let body = json!({
        "what": "The chest X-ray of last Tuesday",
        "message": "The hospital gives it to you on a disc or as a download.",
        "expires_at": expires_at,
        "limits": { "files": 3, "bytes": 200_000_000 },
    });
    let asking = amara.asks_with(grace.chart, body);
    narrator
        .act("Dr Amara asks Grace for an X-ray", asking, |link| {
            format!("link {}, good for three days", short(link.id))
        })
        .await
}

async fn opens(narrator: &Narrator, patient: &Patient) {
    let seen = narrator.act("Grace opens the link, without an account", patient.sees_request(), |seen| {
        format!(
            "{} of {} asks for: {}",
            text(seen, "asked_by"),
            text(seen, "organization"),
            text(seen, "what")
        )
    });
    assert_eq!(number(&seen.await["left"], "files"), 3, "nothing was sent yet");
}

/// Sends a file; gives the contribution once it has been inspected.
async fn sends(narrator: &Narrator, amara: &Actor, patient: &Patient, file: &TestFile) -> Value {
    let sending = async {
        let started = patient.starts_upload(file, json!({})).await;
        started.sends(&file.bytes).await;
        started.completes().await
    };
    let what = format!("Grace sends {}", file.name);
    let came =
        |receipt: &Value| format!("{}, receipt {}", size(file.len()), short(text(receipt, "reference")));
    let receipt = narrator.act(&what, sending, came).await;
    let reference = text(&receipt, "reference").to_owned();
    let waiting = waits_for(amara, &reference);
    let came = |found: &Value| format!("{}, {}", text(found, "state"), text(found, "media_type"));
    narrator.act("It comes to lie in Dr Amara's inbox", waiting, came).await
}

/// The contribution in the inbox, once it has been inspected.
async fn waits_for(amara: &Actor, reference: &str) -> Value {
    for _ in 0..300 {
        let found = in_the_inbox(amara, reference).await;
        if let Some(found) = found.filter(|found| found["state"] != "inspecting") {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{reference} is not in the inbox, inspected, within half a minute");
}

async fn in_the_inbox(amara: &Actor, reference: &str) -> Option<Value> {
    let mut cursor: Option<String> = None;
    loop {
        let request = amara.get("/contributions").query(&[("limit", "100")]);
        let request = match &cursor {
            Some(cursor) => request.query(&[("cursor", cursor)]),
            None => request,
        };
        let page = request.expect(200).await;
        if let Some(found) = rows(&page, "contributions").iter().find(|one| one["id"] == reference) {
            return Some(found.clone());
        }
        cursor = Some(page["next"].as_str()?.to_owned());
    }
}

/// Not before somebody has looked.
async fn is_not_in_the_chart(narrator: &Narrator, amara: &Actor, grace: &Grace, waiting: usize) {
    let reading = amara.get(&format!("/clients/{}/timeline", grace.client)).expect(200);
    let what = format!("She reads the timeline while {waiting} files wait");
    let read = narrator.act(&what, reading, |_| "nothing from Grace in it yet".to_owned()).await;
    let from_client = rows(&read, "records").iter().any(|record| record["from_client"] == true);
    assert!(!from_client, "what nobody has accepted is in no chart: {read}");
}

async fn looks(narrator: &Narrator, amara: &Actor, contribution: &Value, file: &TestFile) {
    let path = format!(
        "/charts/{}/contributions/{}/downloads",
        text(contribution, "chart_id"),
        text(contribution, "id")
    );
    let looking = async {
        let signed = amara.post(&path).json(&json!({})).expect(200).await;
        Presigned::of(&signed["request"]).send(amara.site(), &[]).await.stored().body
    };
    let seen = narrator.act("She looks at the X-ray first", looking, |bytes| size(bytes.len() as u64)).await;
    assert!(seen == file.bytes, "she sees what Grace has sent");
}

async fn accepts(narrator: &Narrator, amara: &Actor, contribution: &Value) -> RecordId {
    let body = json!({
        "expected_revision": number(contribution, "revision"),
        "title": "Chest X-ray from Toronto General",
        "section": "imaging",
    });
    let path = format!(
        "/charts/{}/contributions/{}/acceptance",
        text(contribution, "chart_id"),
        text(contribution, "id")
    );
    let accepting = amara.post(&path).json(&body).expect(201);
    let came = |record: &Value| format!("record {}", short(text(record, "id")));
    let record = narrator.act("She accepts it into the chart", accepting, came).await;
    assert_eq!(record["from_client"], true, "it says who sent it: {record}");
    id(&record, "id")
}

async fn declines(narrator: &Narrator, amara: &Actor, contribution: &Value) {
    let reason = "This is a cat.";
    let body = json!({ "expected_revision": number(contribution, "revision"), "reason": reason });
    let path = format!(
        "/charts/{}/contributions/{}/refusal",
        text(contribution, "chart_id"),
        text(contribution, "id")
    );
    let declining = amara.post(&path).json(&body).expect(200);
    narrator.act("She declines the other, with a reason", declining, |_| format!("“{reason}”")).await;
    let left = in_the_inbox(amara, text(contribution, "id")).await;
    assert_eq!(left, None, "what is decided does not lie in the inbox");
}

async fn is_revoked(narrator: &Narrator, amara: &Actor, grace: &Grace, link: &IntakeLink, patient: &Patient) {
    let revoking = amara.delete(&format!("/charts/{}/intake-links/{}", grace.chart, link.id)).expect(204);
    narrator.act("She revokes the link", revoking, |_| String::new()).await;
    let refused = patient.get("/intake/request").problem(410, "link_revoked");
    narrator.act("Whoever finds the link opens it", refused, |_| "gone".to_owned()).await;
}
