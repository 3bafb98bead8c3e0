//! The audit trail: every act and every attempt, with who, when, what, from where, why and by which rule (R130-R132,
//! R135, X-7).

use crate::{
    facilitation::begins,
    north::{North, all, column, offers, pages, revision, shares},
};
use domain::RecordId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{Actor, World, files, world::PASSWORD};

async fn trail(reader: &Actor, path: &str) -> Vec<Value> {
    let mut facts = all(reader, path, "evidence").await;
    facts.reverse();
    facts
}

fn of_record(north: &North<'_>, record: RecordId) -> String {
    format!("/charts/{}/records/{record}/evidence", north.chart)
}

#[tokio::test]
async fn every_act_on_a_record_is_told_in_order_with_who_where_and_why() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let amara = &north.amara;
    let draft = amara.drafts_note(north.chart, "Wuthering headache", "words").await;
    let draft = amara.saves_draft(draft, "Wuthering headache", "more words").await;
    let note = amara.signs_note(draft).await;
    let path = format!("/charts/{}/records/{note}", north.chart);
    let emergency = amara.get(&path).purpose("ETREAT").header("user-agent", "Portal 7").expect(200).await;
    let body = json!({ "expected_revision": emergency["revision"], "reason": "wrong lepidopterist" });
    amara.post(&format!("{path}/void")).json(&body).expect(200).await;

    let facts = trail(&nadia, &of_record(&north, note)).await;
    let kinds = ["NoteDrafted", "DraftSaved", "NoteSigned", "RecordRead", "RecordVoided"];
    assert_eq!(column(&facts, "kind"), kinds);
    for fact in &facts {
        assert_eq!(fact["actor"]["member_id"], json!(amara.member_id()), "{fact}");
        assert!(fact["actor"]["session_id"].is_string(), "in which session: {fact}");
        assert_eq!((&fact["actor_name"], &fact["outcome"]), (&json!("Dr Amara"), &json!("succeeded")));
        assert_eq!(
            (&fact["source"]["ip"], &fact["subjects"]["client_id"]),
            (&json!("127.0.0.1"), &json!(north.grace))
        );
        assert!(fact["source"]["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{fact}");
        let rule = if fact["kind"] == "NoteDrafted" { "owner-keeps-chart" } else { "owner-keeps-record" };
        assert_eq!(fact["policies"], json!([rule]), "by which rule: {fact}");
        assert_eq!(fact["digest"].as_str().map(str::len), Some(64));
        let told = fact.to_string();
        assert!(
            !told.contains("Wuthering") && !told.contains("words") && !told.contains("lepid"),
            "no content: {told}"
        );
    }
    assert_eq!(
        (&facts[3]["purpose"], &facts[3]["source"]["user_agent"]),
        (&json!("ETREAT"), &json!("Portal 7"))
    );
    assert_eq!(facts[2]["purpose"], "TREAT", "unless said otherwise");
    assert_eq!(facts[4]["sentence"], "Dr Amara struck the record through as entered in error.");
    // Reading the trail is in the trail.
    let again = trail(&nadia, &of_record(&north, note)).await;
    assert_eq!(again.len(), facts.len() + 1);
    assert_eq!((&again[5]["kind"], &again[5]["actor_name"]), (&json!("RecordEvidenceRead"), &json!("Nadia")));
}

#[tokio::test]
async fn an_attempt_that_was_denied_is_in_every_trail_it_belongs_to() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let nadia = north.clinic.auditor("Nadia").await;
    let note = north.amara.writes_note(north.chart, "Visit", "words").await;
    ben.get(&format!("/charts/{}/records/{note}", north.chart)).problem(404, "not_found").await;

    let trails = [
        of_record(&north, note),
        format!("/clients/{}/evidence", north.grace),
        format!("/members/{}/evidence", ben.member_id()),
    ];
    for path in trails {
        let facts = trail(&nadia, &path).await;
        let denied: Vec<&Value> = facts.iter().filter(|fact| fact["outcome"] == "denied").collect();
        assert_eq!(denied.len(), 1, "{path}: {denied:?}");
        assert_eq!((&denied[0]["kind"], &denied[0]["actor_name"]), (&json!("RecordRead"), &json!("Dr Ben")));
        assert_eq!(denied[0]["sentence"], "Dr Ben was not allowed to read the record.");
    }
    // Who is refused by a whole organization has no part in its trail, and leaves it in their own.
    let south = world.clinic("South Clinic").await;
    let cora = south.practitioner("Dr Cora").await;
    cora.get(&format!("/charts/{}/records/{note}", north.chart)).problem(404, "not_found").await;
    let facts = trail(&nadia, &of_record(&north, note)).await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "RecordRead").count(), 1, "Dr Ben's alone");
    let own = trail(&south.administrator, &format!("/members/{}/evidence", cora.member_id())).await;
    let last = own.last().unwrap();
    assert_eq!((&last["kind"], &last["outcome"]), (&json!("RecordRead"), &json!("denied")));
}

#[tokio::test]
async fn a_search_is_told_without_what_was_typed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let sam = north.clinic.staff("Sam").await;
    sam.get("/clients").query(&[("name", "okafo")]).expect(200).await;
    sam.get("/clients").query(&[("birth_date", "1984-02")]).expect(200).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let path = format!("/members/{}/evidence", sam.member_id());
    let facts = trail(&nadia, &path).await;
    let searches: Vec<&Value> = facts.iter().filter(|fact| fact["kind"] == "ClientsSearched").collect();
    let details: Vec<&Value> = searches.iter().map(|fact| &fact["details"]).collect();
    assert_eq!(
        details,
        [&json!({ "field": "name", "results": "1" }), &json!({ "field": "birth_date", "results": "1" })]
    );
    assert!(!json!(facts).to_string().to_lowercase().contains("okafo"), "never what was typed");
}

#[tokio::test]
async fn a_trail_is_narrowed_by_kind_outcome_and_time_and_has_pages() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let note = north.amara.writes_note(north.chart, "Visit", "words").await;
    let record = format!("/charts/{}/records/{note}", north.chart);
    north.amara.get(&record).expect(200).await;
    world.clock.advance(2);
    let noon = world.clock.now();
    north.amara.get(&record).expect(200).await;
    ben.get(&record).problem(404, "not_found").await;

    let path = of_record(&north, note);
    let asked = async |query: &[(&str, &str)]| {
        let page = nadia.get(&path).query(query).expect(200).await;
        let facts = page["evidence"].as_array().unwrap().clone();
        facts
            .iter()
            .map(|fact| format!("{} {}", fact["kind"].as_str().unwrap(), fact["outcome"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let (at_noon, later) = (noon.to_string(), (noon + SignedDuration::from_hours(1)).to_string());
    assert_eq!(asked(&[("kind", "NoteSigned")]).await, ["NoteSigned succeeded"]);
    assert_eq!(asked(&[("outcome", "denied")]).await, ["RecordRead denied"]);
    assert_eq!(
        asked(&[("kind", "RecordRead"), ("from", &at_noon)]).await,
        ["RecordRead denied", "RecordRead succeeded"]
    );
    assert_eq!(asked(&[("kind", "RecordRead"), ("to", &at_noon)]).await, ["RecordRead succeeded"]);
    assert_eq!(asked(&[("from", &later)]).await, [""; 0]);
    nadia.get(&path).query(&[("from", &later), ("to", &at_noon)]).problem(400, "invalid_period").await;
    nadia.get(&path).query(&[("kind", "Nothing")]).problem(400, "invalid_input").await;

    let client = format!("/clients/{}/evidence", north.grace);
    let whole = all(&nadia, &client, "evidence").await;
    let paged = pages(&nadia, &client, 2, "evidence").await;
    assert!(paged.len() > 2 && paged.iter().all(|page| page.len() <= 2));
    // Each page that is read is a fact in front of those on it, and moves none of them.
    let ids = |facts: &[Value]| column(facts, "id").iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let paged = ids(&paged.concat());
    assert!(paged.ends_with(&ids(&whole)), "whole, and in the same order");
    let times: Vec<Timestamp> = column(&whole, "at").iter().map(|at| at.parse().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "newest first");
}

#[tokio::test]
async fn a_trail_is_read_by_who_may() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (nadia, ben, sam) = (
        north.clinic.auditor("Nadia").await,
        north.clinic.practitioner("Dr Ben").await,
        north.clinic.staff("Sam").await,
    );
    let cora = world.clinic("South Clinic").await.auditor("Cora").await;
    let note = north.amara.writes_note(north.chart, "Visit", "words").await;
    let (record, client) = (of_record(&north, note), format!("/clients/{}/evidence", north.grace));
    let member = format!("/members/{}/evidence", north.amara.member_id());
    let refused: [(&Actor, &[&str]); 4] = [
        (&ben, &[&record, &member]),
        (&sam, &[&record, &client, &member]),
        (&cora, &[&record, &client, &member]),
        (&north.amara, &[]),
    ];
    for (actor, paths) in refused {
        for path in paths {
            actor.get(path).problem(404, "not_found").await;
        }
    }
    for reader in [&nadia, &north.clinic.administrator, &north.amara] {
        assert!(!trail(reader, &record).await.is_empty());
        assert!(!trail(reader, &client).await.is_empty());
        assert!(!trail(reader, &member).await.is_empty());
    }
    // A colleague learns of the patient, and nothing of Dr Amara's chart.
    let seen = trail(&ben, &client).await;
    assert!(column(&seen, "kind").contains(&"ClientRegistered"), "{seen:?}");
    assert!(!column(&seen, "kind").contains(&"NoteSigned"), "{seen:?}");
    let by_others = seen.iter().filter(|fact| fact["actor"]["member_id"] != json!(ben.member_id()));
    assert!(
        by_others.clone().count() > 0 && by_others.clone().all(|fact| fact["subjects"]["chart_id"].is_null())
    );
    // The organization's whole trail is the auditor's and the administrator's.
    for reader in [&nadia, &north.clinic.administrator] {
        let facts = all(reader, "/evidence", "evidence").await;
        let kinds = column(&facts, "kind");
        for kind in ["OrganizationCreated", "MemberInvited", "SessionBegun", "NoteSigned"] {
            assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
        }
    }
    for other in [&north.amara, &ben, &sam] {
        other.get("/evidence").problem(403, "forbidden").await;
    }
    nadia.get("/evidence").query(&[("month", "2026-13")]).problem(400, "invalid_month").await;
    let long_ago = nadia.get("/evidence").query(&[("month", "2020-01")]).expect(200).await;
    assert_eq!(long_ago["evidence"], json!([]));
}

/// P-45: the former owner "sees nothing added after", of the trail as of the chart.
#[tokio::test]
async fn a_copys_trail_ends_where_the_copy_does() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    let before = amara.writes_note(chart, "First visit", "pain").await;
    let front = format!("/charts/{chart}");
    let passes = async |from: &Actor, to: &Actor| {
        let now = revision(&from.get(&front).expect(200).await);
        let transfer = offers(from, chart, now, to, true).await;
        let path = format!("{front}/transfers/{transfer}/acceptance");
        to.post(&path).json(&json!({})).expect(200).await;
    };
    world.clock.advance(1);
    passes(amara, &ben).await;
    let kept = amara.get(&front).expect(200).await;
    let after = ben.writes_note(chart, "Second visit", "better").await;
    passes(&ben, &cleo).await;

    let seen = trail(amara, &format!("/clients/{}/evidence", north.grace)).await;
    let of =
        |record: RecordId| seen.iter().filter(|fact| fact["subjects"]["record_id"] == json!(record)).count();
    assert!(of(before) > 0 && of(after) == 0, "{seen:?}");
    let others = seen.iter().filter(|fact| fact["actor"]["member_id"] != json!(amara.member_id()));
    assert!(others.clone().all(|fact| fact["subjects"]["chart_id"].is_null()), "{seen:?}");
    assert_eq!(
        amara.get(&front).expect(200).await,
        kept,
        "nor does the chart itself tell of what came later"
    );
    assert_eq!(kept["owner"], json!(ben.member_id()));
}

/// R046: how much somebody was shown tells of charts, and is told to who reads these charts too.
#[tokio::test]
async fn a_trail_counts_no_charts_its_reader_may_not_read() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    shares(amara, chart, &ben, "read_only").await;
    let client = format!("/clients/{}", north.grace);
    let overviews = ["timeline", "charts", "facilitated-sessions", "evidence"];
    let path = format!("{client}/evidence");
    let looks = async |who: &Actor| {
        for list in overviews {
            who.get(&format!("{client}/{list}")).expect(200).await;
        }
    };
    let counted = async |reader: &Actor, actor: &Actor| {
        let kinds = ["TimelineRead", "ChartsListed", "ClientFacilitationsListed", "ClientEvidenceRead"];
        let seen = trail(reader, &path).await;
        let by = seen.iter().filter(|fact| fact["actor"]["member_id"] == json!(actor.member_id()));
        let mut found: Vec<&str> =
            by.filter_map(|fact| fact["kind"].as_str()).filter(|kind| kinds.contains(kind)).collect();
        found.sort_unstable();
        found.dedup();
        found.len()
    };
    looks(amara).await;
    looks(&ben).await;
    assert_eq!(counted(&cleo, amara).await, 0, "a colleague without a chart of hers");
    assert_eq!(counted(&cleo, &ben).await, 0);
    assert_eq!(counted(&ben, amara).await, 3, "all but her sessions: he reads what she reads");
    assert_eq!((counted(amara, amara).await, counted(amara, &ben).await), (4, 3));
    // With a chart of his own he is shown more than she may read.
    ben.opens_chart(north.grace).await;
    looks(&ben).await;
    assert_eq!((counted(amara, &ben).await, counted(&ben, amara).await), (0, 3));
}

/// R102: what happens in a session is for who may read it, however the chart is shared.
#[tokio::test]
async fn a_collaborators_trail_has_no_sessions_they_have_no_part_in() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let ben = north.clinic.practitioner("Dr Ben").await;
    shares(amara, chart, &ben, "read_only").await;
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let session = begins(amara, &[chart], None).await;
    amara.get(&session.path()).expect(200).await;
    let path = format!("/clients/{}/evidence", north.grace);
    let of_session = async |who: &Actor| {
        let seen = trail(who, &path).await;
        assert!(json!(seen).to_string().contains(&note.to_string()), "of the chart: {seen:?}");
        seen.iter().filter(|fact| !fact["subjects"]["facilitation_id"].is_null()).count()
    };
    assert!(of_session(amara).await > 1);
    assert_eq!(of_session(&ben).await, 0);
}

#[tokio::test]
async fn what_the_system_and_a_patient_did_says_so() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let link = north.amara.asks_for(north.chart, "a photo").await;
    link.opened_at(world.site()).uploads(&files::photo(64, 48)).await;
    let facts = trail(&north.amara, &format!("/clients/{}/evidence", north.grace)).await;
    let by = |kind: &str| {
        let fact = facts
            .iter()
            .find(|fact| fact["kind"] == kind)
            .unwrap_or_else(|| panic!("no {kind} in {facts:?}"));
        (fact["actor"].clone(), fact["sentence"].as_str().unwrap().to_owned(), fact["purpose"].clone())
    };
    let bearer = json!({ "actor": "intake_link", "link_id": link.id });
    let sent = "Somebody with an intake link completed the upload.".to_owned();
    assert_eq!(by("UploadCompleted"), (bearer, sent, json!("PATRQT")));
    let inspection = json!({ "actor": "function", "name": "inspection" });
    assert_eq!(
        by("FileInspected"),
        (inspection, "The system inspected the file.".to_owned(), json!("RECORDMGT"))
    );
}

#[tokio::test]
async fn a_failed_sign_in_is_in_the_trail_of_who_was_tried() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    world.site().refuses(amara.email(), "not her password").await;
    let path = format!("/members/{}/evidence", amara.member_id());
    let start = Instant::now();
    // The log of attempts is on its way for a moment.
    let failed = loop {
        let facts = trail(amara, &path).await;
        if let Some(failed) = facts.into_iter().find(|fact| fact["kind"] == "SignInFailed") {
            break failed;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "a failed sign-in leaves no evidence");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(
        (&failed["outcome"], &failed["details"]["reason"]),
        (&json!("failed"), &json!("wrong_password"))
    );
    assert_eq!(failed["sentence"], "Somebody tried to sign in as Dr Amara and failed.");
    assert_eq!(failed["source"]["ip"], "127.0.0.1");
    assert!(!failed.to_string().contains("not her password"));
    // Who knows the password is in, and that is in the trail too.
    let in_again = world.site().signs_in("Dr Amara", amara.email(), PASSWORD).await;
    in_again.begins_session().await;
    let facts = trail(amara, &path).await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "SessionBegun").count(), 2);
}
