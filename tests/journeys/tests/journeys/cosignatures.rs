//! Supervised practice: a note written under approval waits for its supervisor, who signs beside its author or sends
//! it back (R068, P-03, P-13).

use crate::north::{North, all, column, pages, revision, shares};
use domain::{ChartId, RecordId};
use serde_json::{Value, json};
use testkit::{Actor, World, world::Request};

fn place(chart: ChartId, record: RecordId) -> String {
    format!("/charts/{chart}/records/{record}")
}

/// Dr Amara supervises Iris in Grace's chart.
async fn supervised(north: &North<'_>) -> Actor {
    let iris = north.clinic.practitioner("Iris").await;
    shares(&north.amara, north.chart, &iris, "approval").await;
    iris
}

async fn waiting(who: &Actor) -> Vec<Value> {
    all(who, "/cosignatures", "records").await
}

fn cosigning(who: &Actor, chart: ChartId, record: RecordId, seen: u64) -> Request {
    let body = json!({ "expected_revision": seen });
    who.post(&format!("{}/cosignature", place(chart, record))).json(&body)
}

fn returning(who: &Actor, chart: ChartId, record: RecordId, seen: u64, reason: &str) -> Request {
    let body = json!({ "expected_revision": seen, "reason": reason });
    who.post(&format!("{}/return", place(chart, record))).json(&body)
}

async fn amends(who: &Actor, chart: ChartId, record: RecordId, text: &str) -> Value {
    let now = revision(&who.reads(chart, record).await);
    let content = json!({ "title": "Observed visit", "sections": [{ "text": text }] });
    let body = json!({ "expected_revision": now, "content": content, "reason": "as asked" });
    who.post(&format!("{}/amendments", place(chart, record))).json(&body).expect(201).await
}

/// The reasons for which a member was told something of a record.
async fn told(who: &Actor, record: RecordId) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let of_it = notices.iter().filter(|notice| notice["record_id"] == json!(record));
    of_it.map(|notice| notice["reason"].as_str().unwrap().to_owned()).collect()
}

/// P-13: a draft does not trigger; once it is signed the author sees that approval is pending and the supervisor
/// what there is to approve; then both signatures stand at its foot.
#[tokio::test]
async fn a_note_of_an_intern_is_signed_twice() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let (amara, chart) = (&north.amara, north.chart);
    let draft = iris.drafts_note(chart, "Observed visit", "pain").await;
    assert_eq!(iris.reads(chart, draft.record).await.get("cosignature"), None);
    assert!(waiting(amara).await.is_empty() && told(amara, draft.record).await.is_empty());

    let note = iris.signs_note(draft).await;
    let pending = iris.reads(chart, note).await;
    assert_eq!((&pending["status"], &pending["cosignature"]["state"]), (&json!("signed"), &json!("pending")));
    assert_eq!(pending["signed"].get("cosignature"), None);
    let to_approve = waiting(amara).await;
    assert_eq!(column(&to_approve, "title"), ["Observed visit"]);
    assert_eq!((&to_approve[0]["author_name"], &to_approve[0]["chart_id"]), (&json!("Iris"), &json!(chart)));
    assert!(waiting(&iris).await.is_empty(), "nothing waits for its author");
    assert_eq!(told(amara, note).await, ["note_to_cosign"]);

    world.clock.advance(1);
    let given = cosigning(amara, chart, note, revision(&to_approve[0])).expect(201).await;
    assert_eq!(given["cosignature"]["by"], json!(amara.member_id()));
    for who in [amara, &iris] {
        let read = who.reads(chart, note).await;
        let version = who.get(&format!("{}/versions/1", place(chart, note))).expect(200).await;
        for signatures in [&read["signed"], &version] {
            assert_eq!(signatures["author_name"], "Iris");
            let beside = &signatures["cosignature"];
            assert_eq!((&beside["state"], &beside["by_name"]), (&json!("given"), &json!("Dr Amara")));
            assert!(beside["at"].as_str() > signatures["signed_at"].as_str(), "{signatures}");
        }
        assert_eq!(read["cosignature"], read["signed"]["cosignature"]);
    }
    assert!(waiting(amara).await.is_empty());
    assert_eq!(told(&iris, note).await, ["note_cosigned"]);
    let seen = revision(&given);
    cosigning(amara, chart, note, seen).problem(409, "no_cosignature_awaited").await;
    returning(amara, chart, note, seen, "too late").problem(409, "no_cosignature_awaited").await;
}

/// The supervisor sends it back with the reason; the author amends it, and it waits again. Every version keeps what
/// was decided on it (R011).
#[tokio::test]
async fn a_note_goes_back_to_its_author_and_comes_again() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = iris.writes_note(chart, "Observed visit", "pain in the wrist").await;
    let seen = revision(&amara.reads(chart, note).await);
    returning(amara, chart, note, seen, " ").problem(400, "invalid_input").await;
    let returned = returning(amara, chart, note, seen, "Which wrist?").expect(201).await;
    let back = iris.reads(chart, note).await;
    assert_eq!(back["cosignature"]["state"], "returned");
    assert_eq!(back["cosignature"]["reason"], "Which wrist?");
    assert_eq!(back["cosignature"]["by_name"], "Dr Amara");
    assert!(waiting(amara).await.is_empty(), "now it is its author's turn");
    assert_eq!(told(&iris, note).await, ["note_returned"]);
    cosigning(amara, chart, note, revision(&returned)).problem(409, "no_cosignature_awaited").await;

    let amended = amends(&iris, chart, note, "pain in the left wrist").await;
    assert_eq!(
        (&amended["status"], &amended["cosignature"]["state"]),
        (&json!("amended"), &json!("pending"))
    );
    assert_eq!(waiting(amara).await.len(), 1);
    // It is amended once more before anybody has looked: it waits once.
    let amended = amends(&iris, chart, note, "pain in the left wrist since Monday").await;
    assert_eq!(waiting(amara).await.len(), 1);
    assert_eq!(told(amara, note).await, ["note_to_cosign"; 3]);
    cosigning(amara, chart, note, seen).problem(409, "stale_revision").await;
    cosigning(amara, chart, note, revision(&amended)).expect(201).await;
    assert!(waiting(amara).await.is_empty());

    let versions = all(&iris, &format!("{}/versions", place(chart, note)), "versions").await;
    let states: Vec<&Value> = versions.iter().map(|one| &one["cosignature"]["state"]).collect();
    assert_eq!(states, [&json!("returned"), &Value::Null, &json!("given")]);
    assert_eq!(versions[0]["cosignature"]["reason"], "Which wrist?", "as long as there is the note");
}

/// Only the owner of the chart decides: nobody beside, nobody above, and nobody on their own note.
#[tokio::test]
async fn only_the_owner_decides_on_what_they_have_seen() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let [ben, zoe] = ["Dr Ben", "Dr Zoe"].map(|name| north.clinic.practitioner(name));
    let (ben, zoe) = (ben.await, zoe.await);
    let (amara, chart) = (&north.amara, north.chart);
    shares(amara, chart, &ben, "read_and_write").await;
    let note = iris.writes_note(chart, "Observed visit", "pain").await;
    let seen = revision(&amara.reads(chart, note).await);
    for other in [&iris, &ben, &zoe, &north.clinic.administrator] {
        cosigning(other, chart, note, seen).problem(404, "not_found").await;
        returning(other, chart, note, seen, "no").problem(404, "not_found").await;
        assert!(waiting(other).await.is_empty(), "{}", other.name());
    }
    assert_eq!(ben.reads(chart, note).await["cosignature"]["state"], "pending", "shown with its state");
    cosigning(amara, chart, note, seen - 1).problem(409, "stale_revision").await;

    // Who writes on their own needs nobody, and nor does the owner.
    for (who, title) in [(&ben, "Consultation"), (amara, "Visit")] {
        let own = who.writes_note(chart, title, "agreed").await;
        let read = amara.reads(chart, own).await;
        assert_eq!(read.get("cosignature"), None, "{read}");
        cosigning(amara, chart, own, revision(&read)).problem(409, "no_cosignature_awaited").await;
    }
    let draft = iris.drafts_note(chart, "Thoughts", "not yet").await;
    cosigning(amara, chart, draft.record, 1).problem(404, "not_found").await;
    assert_eq!(waiting(amara).await.len(), 1);
}

/// What is struck through waits for nobody, and who may write on their own needs no supervisor any more.
#[tokio::test]
async fn what_needs_no_signature_any_more_leaves_the_list() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let (amara, chart) = (&north.amara, north.chart);
    let wrong = iris.writes_note(chart, "Observed visit", "of somebody else").await;
    let note = iris.writes_note(chart, "Observed call", "better").await;
    assert_eq!(waiting(amara).await.len(), 2);
    let seen = revision(&iris.reads(chart, wrong).await);
    let void = json!({ "expected_revision": seen, "reason": "wrong client" });
    let voided = iris.post(&format!("{}/void", place(chart, wrong))).json(&void).expect(200).await;
    cosigning(amara, chart, wrong, revision(&voided)).problem(409, "record_voided").await;
    assert_eq!(column(&waiting(amara).await, "title"), ["Observed call"]);

    let path = format!("/charts/{chart}/grants/{}", iris.member_id());
    let now = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let change = json!({ "expected_revision": now, "access": "read_and_write" });
    amara.put(&path).json(&change).expect(200).await;
    assert_eq!(waiting(amara).await.len(), 1, "what was written under approval still waits");
    let amended = amends(&iris, chart, note, "much better").await;
    assert_eq!(amended.get("cosignature"), None);
    assert!(waiting(amara).await.is_empty());
}

/// A supervisor of many charts sees everything that waits, page by page, in the order it was begun.
#[tokio::test]
async fn what_waits_is_listed_over_all_charts() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let amara = &north.amara;
    let mut charts = vec![north.chart];
    for name in ["Henry Lindqvist", "Ada Novak"] {
        let client = amara.registers(json!({ "full_name": name })).await;
        let chart = amara.opens_chart(client).await;
        shares(amara, chart, &iris, "approval").await;
        charts.push(chart);
    }
    let mut titles = Vec::new();
    for round in 0..3 {
        for (at, chart) in charts.iter().enumerate() {
            let title = format!("Visit {round} in chart {at}");
            iris.writes_note(*chart, &title, "as observed").await;
            titles.push(title);
        }
    }
    for limit in [1, 2, 4, 100] {
        let pages = pages(amara, "/cosignatures", limit, "records").await;
        assert!(pages.iter().all(|page| page.len() <= limit));
        assert_eq!(column(&pages.concat(), "title"), titles, "pages of {limit}");
    }
    for record in waiting(amara).await.iter().skip(1) {
        let (chart, id) = (&record["chart_id"], &record["id"]);
        let [chart, id] = [chart, id].map(|id| id.as_str().unwrap());
        let (chart, id) = (chart.parse().unwrap(), id.parse().unwrap());
        cosigning(amara, chart, id, revision(record)).expect(201).await;
    }
    assert_eq!(column(&waiting(amara).await, "title"), ["Visit 0 in chart 0"]);
}

/// What waits goes with the chart: its next owner signs, and the former one has nothing to sign any more.
#[tokio::test]
async fn what_waits_goes_with_the_chart_to_its_next_owner() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let iris = supervised(&north).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = iris.writes_note(chart, "Observed visit", "pain").await;
    let offer = json!({
        "expected_revision": revision(&amara.get(&format!("/charts/{chart}")).expect(200).await),
        "to": ben.member_id(),
        "sections": ["overview", "progress_notes", "general_documents"],
        "keep_copy": true,
    });
    let transfers = format!("/charts/{chart}/transfers");
    let offered = amara.post(&transfers).json(&offer).expect(201).await;
    let transfer = offered["id"].as_str().unwrap_or_else(|| panic!("{offered}"));
    assert_eq!(waiting(amara).await.len(), 1, "as long as it is hers");
    ben.post(&format!("{transfers}/{transfer}/acceptance")).json(&json!({})).expect(200).await;

    assert!(waiting(amara).await.is_empty());
    let seen = revision(&amara.reads(chart, note).await);
    cosigning(amara, chart, note, seen).problem(404, "not_found").await;
    assert_eq!(column(&waiting(&ben).await, "title"), ["Observed visit"]);
    cosigning(&ben, chart, note, seen).expect(201).await;
    assert_eq!(iris.reads(chart, note).await["cosignature"]["by_name"], "Dr Ben");
    assert!(waiting(&ben).await.is_empty());
}
