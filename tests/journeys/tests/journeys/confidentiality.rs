//! What is confidential, and what is kept apart: marked, derived, shown to whom it concerns, and reached by no share
//! (R080, R081, R083, R086, R103, P-30 to P-37, X-1).

use crate::north::{North, all, column, revision, shares};
use domain::{ChartId, RecordId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{
    Actor, World,
    files::{self, TestFile},
    world::Request,
};

fn content(title: &str) -> Value {
    json!({ "title": title, "sections": [{ "text": "between the lines" }] })
}

fn place(chart: ChartId, record: RecordId) -> String {
    format!("/charts/{chart}/records/{record}")
}

fn id(answer: &Value) -> RecordId {
    answer["id"].as_str().unwrap().parse().unwrap()
}

/// What a member would mark a record with.
async fn marking(
    who: &Actor,
    chart: ChartId,
    record: RecordId,
    confidential: bool,
    labels: Value,
) -> Request {
    let now = revision(&who.reads(chart, record).await);
    let body = json!({ "expected_revision": now, "confidential": confidential, "labels": labels });
    who.put(&format!("{}/confidentiality", place(chart, record))).json(&body)
}

async fn marks(who: &Actor, chart: ChartId, record: RecordId, confidential: bool) -> Value {
    marking(who, chart, record, confidential, json!([])).await.expect(200).await
}

async fn confidentiality(who: &Actor, chart: ChartId) -> String {
    let read = who.get(&format!("/charts/{chart}")).expect(200).await;
    read["confidentiality"].as_str().unwrap_or_default().to_owned()
}

/// A note filed in a compartment and signed.
async fn files_note(who: &Actor, chart: ChartId, compartment: &str, title: &str) -> RecordId {
    let body = json!({ "compartment": compartment, "content": content(title) });
    let drafted = who.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
    assert_eq!(drafted["record"]["compartment"], compartment);
    let record = id(&drafted["record"]);
    let signature = json!({ "expected_revision": revision(&drafted["draft"]) });
    who.post(&format!("{}/signature", place(chart, record))).json(&signature).expect(201).await;
    record
}

async fn files_in(who: &Actor, chart: ChartId, compartment: &str, file: &TestFile) -> RecordId {
    who.uploads_as(chart, file, json!({ "compartment": compartment })).await
}

/// P-30, R080: "partially confidential … if it contains at least one note or document marked as confidential", and no
/// longer when the last mark is gone.
#[tokio::test]
async fn a_chart_is_partially_confidential_as_long_as_something_in_it_is_marked() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "pain").await;
    let photo = amara.uploads(chart, &files::photo(16, 16)).await;
    let wrong = amara.writes_note(chart, "Visit", "of somebody else").await;
    assert_eq!(confidentiality(amara, chart).await, "institutional");

    let marked = marks(amara, chart, note, true).await;
    assert_eq!((&marked["confidential"], revision(&marked)), (&json!(true), 3), "{marked}");
    assert_eq!(confidentiality(amara, chart).await, "partially_confidential");
    for record in [photo, wrong] {
        marks(amara, chart, record, true).await;
    }
    // Marked twice is marked once.
    marks(amara, chart, note, true).await;
    for record in [note, photo] {
        assert_eq!(confidentiality(amara, chart).await, "partially_confidential");
        marks(amara, chart, record, false).await;
    }
    assert_eq!(confidentiality(amara, chart).await, "partially_confidential", "one is left");
    let void =
        json!({ "expected_revision": revision(&amara.reads(chart, wrong).await), "reason": "not hers" });
    let voided = amara.post(&format!("{}/void", place(chart, wrong))).json(&void).expect(200).await;
    assert_eq!(voided["confidential"], true, "struck through as it was");
    assert_eq!(
        confidentiality(amara, chart).await,
        "institutional",
        "what is struck through counts no longer"
    );
    marking(amara, chart, wrong, false, json!([])).await.problem(409, "record_voided").await;
    assert_eq!(confidentiality(amara, chart).await, "institutional");
    let mut unmarked = amara.reads(chart, note).await;
    assert_eq!(unmarked["confidential"].take(), false);
}

/// P-31, R081: the whole of it is marked, and then it is not partly anything; by hand, the part never is (P-30).
#[tokio::test]
async fn a_chart_is_confidential_when_the_whole_of_it_is_marked() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "pain").await;
    let path = format!("/charts/{chart}/confidentiality");
    let whole = async |confidential: bool| {
        let now = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
        let body = json!({ "expected_revision": now, "confidential": confidential });
        let marked = amara.put(&path).json(&body).expect(200).await;
        assert_eq!(revision(&marked), now + 1);
        marked["confidentiality"].as_str().unwrap().to_owned()
    };
    assert_eq!(whole(true).await, "confidential");
    marks(amara, chart, note, true).await;
    assert_eq!(confidentiality(amara, chart).await, "confidential");
    assert_eq!(whole(false).await, "partially_confidential", "a note of it is still marked");

    let now = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    for by_hand in [
        json!({ "expected_revision": now, "confidentiality": "partially_confidential" }),
        json!({ "expected_revision": now, "confidential": "partially" }),
        json!({ "expected_revision": now, "confidential": true, "confidential_records": 1 }),
    ] {
        amara.put(&path).json(&by_hand).problem(400, "invalid_input").await;
    }
    let stale = json!({ "expected_revision": now - 1, "confidential": true });
    amara.put(&path).json(&stale).problem(409, "stale_revision").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    shares(amara, chart, &ben, "read_and_write").await;
    let body = json!({ "expected_revision": now + 1, "confidential": true });
    for other in [&ben, &north.clinic.administrator] {
        other.put(&path).json(&body).problem(404, "not_found").await;
    }
}

/// R083: labels say why, ask for the mark, and a record about substance use carries its notice (42 CFR 2.32).
#[tokio::test]
async fn a_label_is_a_mark_and_a_substance_use_record_carries_its_notice() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "pain").await;
    marking(amara, chart, note, false, json!(["hiv"])).await.problem(422, "label_needs_mark").await;
    marking(amara, chart, note, true, json!(["famous"])).await.problem(400, "invalid_input").await;
    let marked = marking(amara, chart, note, true, json!(["substance_use", "psychological"])).await;
    let marked = marked.expect(200).await;
    assert_eq!(marked["labels"], json!(["psychological", "substance_use"]));
    let notice = json!([{
        "code": "redisclosure_prohibited",
        "text": "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
    }]);
    let listed = all(amara, &format!("/charts/{chart}/records"), "records").await;
    for shown in [&marked, &listed[0], &amara.reads(chart, note).await] {
        assert_eq!(shown["notices"], notice, "{shown}");
    }
    let other = marking(amara, chart, note, true, json!(["minor"])).await.expect(200).await;
    assert_eq!((&other["labels"], &other["notices"]), (&json!(["minor"]), &json!([])));

    let trail = all(&nadia, &format!("{}/evidence", place(chart, note)), "evidence").await;
    let told: Vec<&Value> =
        trail.iter().filter(|fact| fact["kind"] == "RecordMarked").map(|fact| &fact["details"]).collect();
    let counts = |added: &str, removed: &str| json!({ "labels_added": added, "labels_removed": removed });
    assert_eq!(told, [&counts("1", "2"), &counts("2", "0")], "newest first");
}

/// P-34: badges and labels are for the owner and those the chart is shared with; who examines the trail learns that
/// marks were set, and not which (R082).
#[tokio::test]
async fn the_trail_does_not_tell_what_a_mark_says() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "pain").await;
    marking(amara, chart, note, true, json!(["hiv"])).await.expect(200).await;
    let now = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let body = json!({ "expected_revision": now, "confidential": true });
    amara.put(&format!("/charts/{chart}/confidentiality")).json(&body).expect(200).await;
    for reader in [&nadia, &north.clinic.administrator] {
        let client = format!("/clients/{}/evidence", north.grace);
        let member = format!("/members/{}/evidence", amara.member_id());
        for path in [client, member, "/evidence".to_owned()] {
            let trail = all(reader, &path, "evidence").await;
            let marked: Vec<&Value> = trail
                .iter()
                .filter(|fact| fact["kind"] == "RecordMarked" || fact["kind"] == "ChartMarked")
                .collect();
            assert_eq!(marked.len(), 2, "{path}");
            for fact in marked {
                let details = fact["details"].to_string();
                assert!(!details.contains("hiv") && !details.contains("true"), "{path}: {fact}");
            }
        }
    }
}

/// P-06, P-34: whoever may write marks what they wrote, and sees what is marked; who has no part in the chart does not
/// even see that there is anything.
#[tokio::test]
async fn marks_are_for_the_owner_and_those_the_chart_is_shared_with() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let [ben, lena, zoe] = [("Dr Ben"), ("Dr Lena"), ("Dr Zoe")].map(|name| north.clinic.practitioner(name));
    let (ben, lena, zoe) = (ben.await, lena.await, zoe.await);
    let (amara, chart) = (&north.amara, north.chart);
    let hers = amara.writes_note(chart, "Visit", "pain").await;
    shares(amara, chart, &ben, "read_and_write").await;
    shares(amara, chart, &lena, "read_only").await;
    let his = ben.writes_note(chart, "Consultation", "agreed").await;

    marks(&ben, chart, his, true).await;
    for who in [amara, &ben, &lena] {
        assert_eq!(confidentiality(who, chart).await, "partially_confidential");
        assert_eq!(who.reads(chart, his).await["confidential"], true, "{}", who.name());
    }
    // Shared whole means that a mark hides nothing from a collaborator; it is not theirs to set on another's.
    marks(amara, chart, hers, true).await;
    assert_eq!(lena.reads(chart, hers).await["content"]["title"], "Visit");
    for (who, record) in [(&ben, hers), (&lena, hers), (&lena, his)] {
        marking(who, chart, record, false, json!([])).await.problem(404, "not_found").await;
    }
    marks(amara, chart, his, false).await;

    zoe.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
    let charts = zoe.get(&format!("/clients/{}/charts", north.grace)).expect(200).await;
    assert_eq!(charts["charts"], json!([]));
    for path in [place(chart, his), format!("/charts/{chart}")] {
        let body = json!({ "expected_revision": 1, "confidential": true });
        zoe.put(&format!("{path}/confidentiality")).json(&body).problem(404, "not_found").await;
    }
    let draft = ben.drafts_note(chart, "Thoughts", "not yet").await;
    marking(&ben, chart, draft.record, true, json!([])).await.problem(409, "note_not_signed").await;
}

/// What Dr Amara keeps apart, one of each.
async fn kept_apart(amara: &Actor, chart: ChartId) -> Vec<RecordId> {
    let file = files::photo(40, 40);
    vec![
        files_note(amara, chart, "raw_data", "WAIS-IV protocol").await,
        files_in(amara, chart, "raw_data", &files::scan(2)).await,
        files_note(amara, chart, "psychotherapy_notes", "Transference").await,
        files_note(amara, chart, "private", "To myself").await,
        files_in(amara, chart, "private", &file).await,
    ]
}

/// R086, R103, P-37, X-1: a share is of the whole chart, and what is kept apart is no part of it; that there are raw
/// data is noted, of everything else nothing is.
#[tokio::test]
async fn what_is_kept_apart_is_reached_by_no_share() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let [ben, lena] = ["Dr Ben", "Dr Lena"].map(|name| north.clinic.practitioner(name));
    let (ben, lena) = (ben.await, lena.await);
    let (amara, chart) = (&north.amara, north.chart);
    let visit = amara.writes_note(chart, "Visit", "pain").await;
    let apart = kept_apart(amara, chart).await;
    let own = amara.get(&format!("/charts/{chart}")).expect(200).await;
    assert_eq!((&own["raw_data_records"], &own["confidentiality"]), (&json!(2), &json!("institutional")));
    assert_eq!(all(amara, &format!("/charts/{chart}/records"), "records").await.len(), 6);
    shares(amara, chart, &ben, "read_and_write").await;
    shares(amara, chart, &lena, "read_only").await;

    for who in [&ben, &lena] {
        let seen = who.get(&format!("/charts/{chart}")).expect(200).await;
        assert_eq!(seen["raw_data_records"], 2, "noted in the chart");
        assert!(
            !seen.to_string().contains("private") && !seen.to_string().contains("psychotherapy"),
            "{seen}"
        );
        for list in [format!("/charts/{chart}/records"), format!("/clients/{}/timeline", north.grace)] {
            let records = all(who, &list, "records").await;
            assert_eq!(column(&records, "id"), [visit.to_string()], "{list}");
        }
        for record in &apart {
            let path = place(chart, *record);
            for end in ["", "/versions", "/versions/1"] {
                who.get(&format!("{path}{end}")).problem(404, "not_found").await;
            }
            for end in ["downloads", "previews"] {
                who.post(&format!("{path}/{end}")).json(&json!({})).problem(404, "not_found").await;
            }
        }
        let trail = all(who, &format!("/clients/{}/evidence", north.grace), "evidence").await.into_iter();
        let others = trail.filter(|fact| fact["actor"]["member_id"] != json!(who.member_id()));
        let told: String = others.map(|fact| fact.to_string()).collect();
        assert!(told.contains(&visit.to_string()), "the trail of the chart is theirs to read");
        for secret in &apart[2..] {
            assert!(!told.contains(&secret.to_string()), "{secret} in {told}");
        }
    }
}

/// only the owner files apart, nothing kept apart needs a mark, and accepted contributions are the chart's.
#[tokio::test]
async fn only_the_owner_files_what_is_kept_apart() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let (amara, chart) = (&north.amara, north.chart);
    shares(amara, chart, &ben, "read_and_write").await;
    let file = files::photo(24, 24);
    for compartment in ["raw_data", "psychotherapy_notes", "private"] {
        let note = json!({ "compartment": compartment, "content": content("Mine") });
        ben.post(&format!("/charts/{chart}/notes")).json(&note).problem(403, "not_the_owner").await;
        let upload = json!({
            "file_name": file.name, "size_bytes": file.len(), "media_type": file.media_type,
            "compartment": compartment,
        });
        ben.post(&format!("/charts/{chart}/uploads")).json(&upload).problem(403, "not_the_owner").await;
        let record = files_note(amara, chart, compartment, "Mine").await;
        marking(amara, chart, record, true, json!([])).await.problem(409, "kept_apart").await;
    }
    let nowhere = json!({ "compartment": "drawer", "content": content("Mine") });
    amara.post(&format!("/charts/{chart}/notes")).json(&nowhere).problem(400, "invalid_input").await;
    let his = files_note(&ben, chart, "chart", "For everybody").await;
    assert_eq!(amara.reads(chart, his).await["compartment"], "chart");
}

/// P-37: "scans must be unalterable".
#[tokio::test]
async fn a_scan_of_raw_data_is_never_replaced() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (first, second) = (files::photo(30, 30), files::photo(31, 31));
    let replacing = |record: RecordId| {
        let body = json!({
            "file_name": second.name, "size_bytes": second.len(), "media_type": second.media_type,
            "replaces": record,
        });
        amara.post(&format!("/charts/{chart}/uploads")).json(&body)
    };
    let scan = files_in(amara, chart, "raw_data", &first).await;
    replacing(scan).problem(409, "raw_data_unalterable").await;
    assert_eq!(amara.downloads(chart, scan).await, first.bytes);
    let letter = amara.uploads(chart, &first).await;
    amara.uploads_as(chart, &second, json!({ "replaces": letter })).await;
    assert_eq!(amara.reads(chart, letter).await["versions"], 2, "an ordinary document takes versions");

    let wandering = json!({
        "file_name": second.name, "size_bytes": second.len(), "media_type": second.media_type,
        "replaces": letter, "compartment": "private",
    });
    let path = format!("/charts/{chart}/uploads");
    amara.post(&path).json(&wandering).problem(422, "version_keeps_description").await;
    let void =
        json!({ "expected_revision": revision(&amara.reads(chart, scan).await), "reason": "not hers" });
    amara.post(&format!("{}/void", place(chart, scan))).json(&void).expect(200).await;
    let read = amara.get(&format!("/charts/{chart}")).expect(200).await;
    assert_eq!(read["raw_data_records"], 0, "what is struck through counts no longer");
}

/// R046: that somebody has the same file where nobody looks is not told by a warning.
#[tokio::test]
async fn a_file_kept_apart_warns_nobody_of_its_double() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let (amara, chart, file) = (&north.amara, north.chart, files::photo(50, 50));
    for compartment in ["private", "raw_data"] {
        files_in(amara, chart, compartment, &file).await;
    }
    shares(amara, chart, &ben, "read_and_write").await;
    let his = ben.uploads(chart, &file).await;
    assert_eq!(ben.reads(chart, his).await["file"]["warnings"], json!(["carries_location"]));
    let again = ben.uploads(chart, &file).await;
    assert_eq!(
        ben.reads(chart, again).await["file"]["warnings"],
        json!(["carries_location", "duplicate_file"])
    );
    let apart = files_in(amara, chart, "private", &file).await;
    assert_eq!(amara.reads(chart, apart).await["file"]["warnings"], json!(["carries_location"]));
}

/// R046: a folder does not tell of a file that its readers may not know of.
#[tokio::test]
async fn no_folder_points_at_what_is_secret() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let site = amara.adds_location("site", "Main site", None).await;
    let folder = amara.adds_folder(chart, "Paper file", site, "A-1").await;
    let path = format!("{}/scan", place(chart, folder.record));
    let link =
        |scan: RecordId| json!({ "expected_revision": folder.revision, "record_id": scan, "verified": true });
    let secret = files_in(amara, chart, "private", &files::photo(20, 20)).await;
    amara.put(&path).json(&link(secret)).problem(422, "invalid_scan").await;
    let protocol = files_in(amara, chart, "raw_data", &files::photo(21, 21)).await;
    amara.put(&path).json(&link(protocol)).expect(200).await;
}

/// R062, P-05: "It is not possible to hide certain notes during a record sharing."
#[tokio::test]
async fn no_record_of_a_shared_chart_is_kept_from_a_collaborator() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let [ben, zoe] = ["Dr Ben", "Dr Zoe"].map(|name| north.clinic.practitioner(name));
    let (ben, zoe) = (ben.await, zoe.await);
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "pain").await;
    let limit = async |who: &Actor, verbs: Value| {
        let now = revision(&amara.reads(chart, note).await);
        let body = json!({ "expected_revision": now, "limits": { who.member_id().to_string(): verbs } });
        let path = format!("{}/permissions", place(chart, note));
        amara.get("/").method(Method::PUT, &path).json(&body)
    };
    // Before there is a share there is nothing to narrow; and a row that was set then narrows none that comes.
    limit(&ben, json!([])).await.expect(200).await;
    shares(amara, chart, &ben, "read_and_write").await;
    assert_eq!(ben.reads(chart, note).await["content"]["title"], "Visit");
    for verbs in [json!([]), json!(["edit"]), json!(["add", "delete"])] {
        let refused = limit(&ben, verbs).await.problem(422, "share_is_whole").await;
        assert_eq!(refused["member_id"], json!(ben.member_id()));
        limit(&zoe, json!([])).await.expect(200).await;
    }
    let limited = limit(&ben, json!(["access"])).await.expect(200).await;
    assert_eq!(limited["limits"], json!({ ben.member_id().to_string(): ["access"] }));
    let read = ben.reads(chart, note).await;
    assert_eq!(read.get("limits"), None, "the rows are the owner's to see");
    assert!(amara.reads(chart, note).await["limits"].is_object());
}
