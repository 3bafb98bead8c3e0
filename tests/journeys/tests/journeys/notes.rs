//! Notes: typed, signed, amended and struck through, and nothing of it ever overwritten (R003, R011, R014, R055, X-4).

use crate::north::{North, all, column, revision, rows};
use domain::RecordId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Actor, World, world::Request};

fn content(title: &str, text: &str) -> Value {
    json!({ "title": title, "sections": [{ "text": text }] })
}

fn request(actor: &Actor, method: Method, path: &str, body: &Value) -> Request {
    actor.get("/").method(method, path).json(body)
}

fn place(north: &North<'_>, record: RecordId) -> String {
    format!("/charts/{}/records/{record}", north.chart)
}

#[tokio::test]
async fn a_draft_is_seen_by_its_author_alone() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let nadia = north.clinic.auditor("Nadia").await;
    let draft = north.amara.drafts_note(north.chart, "First visit", "still thinking").await;
    let path = place(&north, draft.record);

    let read = north.amara.get(&path).expect(200).await;
    assert_eq!((&read["status"], &read["versions"]), (&json!("draft"), &json!(0)));
    assert_eq!(read["content"]["sections"][0]["text"], "still thinking");
    assert_eq!(read["draft"]["revision"], json!(draft.revision));
    for other in [&ben, &nadia, &north.clinic.administrator] {
        other.get(&path).problem(404, "not_found").await;
        let body = json!({ "expected_revision": draft.revision, "content": content("Mine", "now") });
        other.put(&format!("{path}/draft")).json(&body).problem(404, "not_found").await;
    }
    let unread = north.amara.get(&path).expect(200).await;
    assert_eq!(unread["content"], read["content"], "nobody has written into it");
}

#[tokio::test]
async fn a_draft_is_saved_as_it_is_typed_and_signed_as_it_was_seen() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let mut draft = amara.drafts_note(north.chart, "V", "d").await;
    for (title, text) in [("Vis", "dry"), ("Visit", "dry cough"), ("Visit", "dry cough, lungs clear")] {
        let saved = amara.saves_draft(draft, title, text).await;
        assert_eq!(saved.revision, draft.revision + 1);
        draft = saved;
    }
    let path = place(&north, draft.record);
    let listed = all(amara, &format!("/charts/{}/records", north.chart), "records").await;
    assert_eq!(column(&listed, "title"), ["Visit"], "lists show the title as it was typed last");

    // What was saved meanwhile is neither overwritten nor signed unseen.
    for stale in [draft.revision - 1, draft.revision + 1] {
        let body = json!({ "expected_revision": stale, "content": content("Old", "text") });
        let refused = amara.put(&format!("{path}/draft")).json(&body).problem(409, "stale_revision").await;
        assert_eq!(refused["current_revision"], json!(draft.revision));
        let body = json!({ "expected_revision": stale });
        let refused =
            amara.post(&format!("{path}/signature")).json(&body).problem(409, "stale_revision").await;
        assert_eq!(refused["current_revision"], json!(draft.revision));
    }
    amara.signs_note(draft).await;
    let signed = amara.get(&path).expect(200).await;
    assert_eq!((&signed["status"], &signed["versions"]), (&json!("signed"), &json!(1)));
    assert_eq!(signed["content"]["sections"][0]["text"], "dry cough, lungs clear");
    assert_eq!(signed["signed"]["author"], json!(amara.member_id()), "the author is who signed in");
    assert_eq!(signed.get("draft"), None, "the draft has become the version");

    let body = json!({ "expected_revision": draft.revision });
    amara.post(&format!("{path}/signature")).json(&body).problem(409, "note_signed").await;
    let body = json!({ "expected_revision": draft.revision, "content": content("Late", "words") });
    amara.put(&format!("{path}/draft")).json(&body).problem(409, "note_signed").await;
}

#[tokio::test]
async fn a_note_that_says_nothing_can_be_kept_and_not_signed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let body = json!({ "content": { "title": "A beginning", "sections": [] } });
    let drafted = north.amara.post(&format!("/charts/{}/notes", north.chart)).json(&body).expect(201).await;
    let record: RecordId = drafted["record"]["id"].as_str().unwrap().parse().unwrap();
    let path = place(&north, record);
    let sign = json!({ "expected_revision": revision(&drafted["draft"]) });
    north.amara.post(&format!("{path}/signature")).json(&sign).problem(422, "invalid_note").await;
    assert_eq!(north.amara.reads(north.chart, record).await["status"], "draft");
}

#[tokio::test]
async fn an_amendment_appends_and_every_version_stays_readable() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let record = amara.writes_note(north.chart, "Visit", "lungs clear").await;
    let path = place(&north, record);
    let amend = |revision: u64, text: &str, reason: Value| {
        let body =
            json!({ "expected_revision": revision, "content": content("Visit", text), "reason": reason });
        amara.post(&format!("{path}/amendments")).json(&body)
    };
    let first = revision(&amara.reads(north.chart, record).await);
    amend(first, "crackles", Value::Null).problem(400, "invalid_input").await;
    amend(first, "crackles", json!(" ")).problem(400, "invalid_input").await;
    let second = revision(&amend(first, "crackles left", json!("listened again")).expect(201).await);
    let stale =
        amend(first, "something else", json!("from an old window")).problem(409, "stale_revision").await;
    assert_eq!(stale["current_revision"], json!(second));
    amend(second, "crackles on the right", json!("mixed up the sides")).expect(201).await;

    let versions = all(amara, &format!("{path}/versions"), "versions").await;
    let told: Vec<(u64, Option<&str>)> =
        versions.iter().map(|one| (one["version"].as_u64().unwrap(), one["reason"].as_str())).collect();
    assert_eq!(told, [(1, None), (2, Some("listened again")), (3, Some("mixed up the sides"))]);
    for (number, text) in [(1, "lungs clear"), (2, "crackles left"), (3, "crackles on the right")] {
        let version = amara.get(&format!("{path}/versions/{number}")).expect(200).await;
        assert_eq!(version["content"]["sections"][0]["text"], text, "version {number} is as it was signed");
    }
    amara.get(&format!("{path}/versions/4")).problem(404, "not_found").await;
    let newest = amara.get(&path).expect(200).await;
    assert_eq!((&newest["status"], &newest["versions"]), (&json!("amended"), &json!(3)));
    assert_eq!(newest["content"]["sections"][0]["text"], "crackles on the right");
}

#[tokio::test]
async fn of_two_windows_that_save_at_once_one_is_told() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let draft = amara.drafts_note(north.chart, "Visit", "first words").await;
    let path = place(&north, draft.record);
    let saves = ["left window", "right window"].map(|text| {
        let body = json!({ "expected_revision": draft.revision, "content": content("Visit", text) });
        (text, request(amara, Method::PUT, &format!("{path}/draft"), &body))
    });
    let winner = one_wins(saves).await;
    let read = amara.get(&path).expect(200).await;
    assert_eq!(read["content"]["sections"][0]["text"], winner, "what was saved is what is kept");
    assert_eq!(read["draft"]["revision"], json!(draft.revision + 1), "saved once");

    let body = json!({ "expected_revision": draft.revision + 1 });
    let signed = amara.post(&format!("{path}/signature")).json(&body).expect(201).await;
    let amendments = ["left hand", "right hand"].map(|text| {
        let body = json!({ "expected_revision": revision(&signed), "content": content("Visit", text), "reason": "both at once" });
        (text, request(amara, Method::POST, &format!("{path}/amendments"), &body))
    });
    let winner = one_wins(amendments).await;
    let read = amara.get(&path).expect(200).await;
    assert_eq!((&read["versions"], &read["content"]["sections"][0]["text"]), (&json!(2), &json!(winner)));
}

/// Makes both requests at the same moment; gives what the one that got through is called.
async fn one_wins([left, right]: [(&'static str, Request); 2]) -> &'static str {
    let (one, other) = tokio::join!(left.1.send(), right.1.send());
    let (winner, loser) = if one.status < 300 { (left.0, other) } else { (right.0, one) };
    let refused = loser.problem(409, "stale_revision");
    assert!(refused["current_revision"].is_u64(), "the other is told what there is now: {refused}");
    winner
}

#[tokio::test]
async fn a_wrong_note_is_struck_through_and_kept() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let record = amara.writes_note(north.chart, "Visit", "of somebody else").await;
    let path = place(&north, record);
    let now = revision(&amara.reads(north.chart, record).await);
    let void = |revision: u64| {
        let body = json!({ "expected_revision": revision, "reason": "wrong patient" });
        amara.post(&format!("{path}/void")).json(&body)
    };
    void(now + 1).problem(409, "stale_revision").await;
    amara
        .post(&format!("{path}/void"))
        .json(&json!({ "expected_revision": now }))
        .problem(400, "invalid_input")
        .await;
    let voided = void(now).expect(200).await;
    assert_eq!(voided["status"], "voided");
    void(revision(&voided)).problem(409, "record_voided").await;
    let body = json!({ "expected_revision": revision(&voided), "content": content("Visit", "again"), "reason": "x" });
    amara.post(&format!("{path}/amendments")).json(&body).problem(409, "record_voided").await;

    let read = amara.reads(north.chart, record).await;
    assert_eq!(read["content"]["sections"][0]["text"], "of somebody else", "it can still be read");
    let timeline = all(amara, &format!("/clients/{}/timeline", north.grace), "records").await;
    assert_eq!(
        timeline[0]["voided"]["reason"], "wrong patient",
        "and stands in the timeline, struck through"
    );
    assert_eq!(timeline[0]["voided"]["by"], json!(amara.member_id()));

    let draft = amara.drafts_note(north.chart, "Visit", "unfinished").await;
    let path = place(&north, draft.record);
    let body = json!({ "expected_revision": 1, "reason": "not yet" });
    amara.post(&format!("{path}/void")).json(&body).problem(409, "note_not_signed").await;
    let listed = amara.get(&format!("/charts/{}/records", north.chart)).expect(200).await;
    assert_eq!(rows(&listed, "records").len(), 2);
}
