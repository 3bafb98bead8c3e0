//! Legal holds: placed, told, acknowledged, reaffirmed and released; while one stands nothing it covers goes (R156).

use crate::{
    acts::{digitised, held, proposal},
    north::{North, all, column, rows},
};
use domain::{ClientId, member::Role};
use serde_json::{Value, json};
use testkit::{Actor, World, files, world::Folder};

async fn records_manager(north: &North<'_>, name: &str) -> Actor {
    north.clinic.member(name, &[Role::RecordsManager]).await
}

async fn places(who: &Actor, hold: &Value) -> String {
    let placed = who.post("/holds").json(hold).expect(201).await;
    placed["hold_id"].as_str().unwrap_or_else(|| panic!("no id in {placed}")).to_owned()
}

async fn releases(who: &Actor, hold: &str) {
    let path = format!("/holds/{hold}");
    let now = who.get(&path).expect(200).await["revision"].clone();
    let body = json!({ "expected_revision": now, "reason": "The claim was settled." });
    who.post(&format!("{path}/release")).json(&body).expect(200).await;
}

/// What somebody is told of holds, newest first.
async fn told(who: &Actor) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let of_holds = notices.iter().filter(|notice| notice["hold_id"].is_string());
    of_holds.map(|notice| notice["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Why the paper cannot be proposed for destruction.
async fn refused(who: &Actor, paper: &Folder) -> Value {
    let problem = who.post("/dispositions").json(&proposal(paper)).problem(422, "nothing_to_propose").await;
    problem["refused"][0].clone()
}

#[tokio::test]
async fn custodians_are_told_and_say_that_they_know() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, ben) = (&north.amara, north.clinic.practitioner("Dr Ben").await);
    let (rita, nadia) = (records_manager(&north, "Rita").await, north.clinic.auditor("Nadia").await);
    amara.post("/holds").json(&held(north.grace, amara)).problem(403, "forbidden").await;
    let hold = places(&rita, &held(north.grace, amara)).await;
    let path = format!("/holds/{hold}");

    assert_eq!(told(amara).await, ["hold_placed"]);
    assert!(told(&ben).await.is_empty());
    let listed = all(amara, "/holds", "holds").await;
    assert_eq!(column(&listed, "hold_id"), [hold.as_str()]);
    assert_eq!((&listed[0]["matter"], &listed[0]["to_acknowledge"]), (&json!("A claim"), &json!(true)));
    for other in [&ben, &nadia] {
        assert!(all(other, "/holds", "holds").await.is_empty(), "{}", other.name());
        let answer = other.get(&path).send().await;
        assert!(matches!(answer.status, 403 | 404), "{}: {}", other.name(), answer.status);
    }
    let answer = rita.post(&format!("{path}/acknowledgement")).json(&json!({})).send().await;
    assert!(matches!(answer.status, 403 | 404), "she is no custodian: {}", answer.status);

    let known = amara.post(&format!("{path}/acknowledgement")).json(&json!({})).expect(200).await;
    let again = amara.post(&format!("{path}/acknowledgement")).json(&json!({})).expect(200).await;
    let since = &known["custodians"][0]["acknowledged_at"];
    assert!(since.is_string() && again["custodians"][0]["acknowledged_at"] == *since, "{again}");
    let read = rita.get(&path).expect(200).await;
    assert_eq!((&read["notice"], &read["stands"]), (&json!("Keep everything of this client."), &json!(true)));
    assert_eq!(read["custodians"][0]["name"], "Dr Amara");
    assert_eq!(rows(&rita.get("/holds").expect(200).await, "holds")[0]["unacknowledged"], 0);

    // The trail says that there is a hold, and never what it is about.
    let trail = all(&nadia, "/evidence", "evidence").await;
    assert!(
        trail.iter().any(|fact| fact["kind"] == "HoldPlaced" && fact["subjects"]["hold_id"] == json!(hold))
    );
    assert!(!trail.iter().any(|fact| fact.to_string().contains("A claim")));
}

#[tokio::test]
async fn a_hold_is_reaffirmed_and_released_with_a_reason() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, rita) = (&north.amara, records_manager(&north, "Rita").await);
    let hold = places(&rita, &held(north.grace, amara)).await;
    let path = format!("/holds/{hold}");
    let reaffirmed = format!("{path}/reaffirmations");
    for wrong in [0, 367] {
        let until = json!({ "until": rita.day(wrong) });
        rita.post(&reaffirmed).json(&until).problem(422, "invalid_reaffirmation").await;
    }
    let answer = amara.post(&reaffirmed).json(&json!({ "until": rita.day(20) })).send().await;
    assert!(matches!(answer.status, 403 | 404), "a custodian does not: {}", answer.status);
    let read = rita.post(&reaffirmed).json(&json!({ "until": rita.day(20) })).expect(200).await;
    assert_eq!((&read["reaffirm_by"], &read["reaffirmation_due"]), (&json!(rita.day(20)), &json!(false)));
    assert_eq!(read["reaffirmed"][0]["by"]["name"], "Rita");

    let release = |revision: u64| {
        let body = json!({ "expected_revision": revision, "reason": "The claim was settled." });
        rita.post(&format!("{path}/release")).json(&body)
    };
    release(1).problem(409, "stale_revision").await;
    let over = release(2).expect(200).await;
    assert_eq!(
        (&over["stands"], &over["released"]["reason"]),
        (&json!(false), &json!("The claim was settled."))
    );
    assert_eq!(told(amara).await, ["hold_released", "hold_placed"]);
    release(3).problem(409, "hold_released").await;
    rita.post(&reaffirmed).json(&json!({ "until": rita.day(30) })).problem(409, "hold_released").await;
    let acknowledging = amara.post(&format!("{path}/acknowledgement")).json(&json!({}));
    acknowledging.problem(409, "hold_released").await;
}

#[tokio::test]
async fn what_a_hold_covers_is_not_proposed_until_the_last_is_released() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, rita) = (&north.amara, records_manager(&north, "Rita").await);
    let scan = amara.uploads(north.chart, &files::photo(32, 24)).await;
    let site = amara.adds_location("site", "Main site", None).await;
    let paper = digitised(amara, north.chart, site, scan, "D-1").await;
    let (record_id, chart_id) = (paper.record, paper.chart);
    let scopes = [
        json!({ "clients": [north.grace] }),
        json!({ "charts": [chart_id] }),
        json!({ "records": [{ "chart_id": chart_id, "record_id": record_id }] }),
        json!({ "query": { "authors": [amara.member_id()], "sections": ["documents"] } }),
        json!({ "query": { "occurred_from": amara.day(-1), "occurred_to": amara.day(1) } }),
        json!({ "query": {} }),
    ];
    let mut holds = Vec::new();
    for scope in scopes {
        let mut hold = held(north.grace, amara);
        hold["scope"] = scope;
        holds.push(places(&rita, &hold).await);
    }
    let elsewhere = json!({ "query": { "occurred_to": amara.day(-1), "sections": ["imaging"] } });
    let mut other = held(north.grace, amara);
    other["scope"] = elsewhere;
    places(&rita, &other).await;

    while let Some(hold) = holds.pop() {
        let why = refused(&rita, &paper).await;
        assert_eq!(why["reason"], "held");
        assert_eq!(rows(&why, "holds").len(), holds.len() + 1, "each that covers it is named: {why}");
        releases(&rita, &hold).await;
    }
    let proposed = rita.post("/dispositions").json(&proposal(&paper)).expect(201).await;
    assert_eq!(proposed["records"], 1);

    // Placed after the proposal, it is shown beside the record, and will keep it out.
    let late = places(&rita, &held(north.grace, amara)).await;
    let path = format!("/dispositions/{}", proposed["disposition_id"].as_str().unwrap());
    let read = rita.get(&path).expect(200).await;
    assert_eq!(read["items"][0]["holds"], json!([late]));
}

/// R021, R156: one person, two clients. A hold that names the one covers the records of the other, whenever somebody
/// found out that they are the same.
#[tokio::test]
async fn a_hold_on_a_client_covers_everybody_who_is_the_same_person() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, rita) = (&north.amara, records_manager(&north, "Rita").await);
    let double: ClientId = amara.registers(json!({ "full_name": "Grace Okafor-Lund" })).await;
    let chart = amara.opens_chart(double).await;
    let site = amara.adds_location("site", "Main site", None).await;
    let mut papers = Vec::new();
    for (chart, barcode) in [(north.chart, "D-1"), (chart, "D-2")] {
        let scan = amara.uploads(chart, &files::photo(32, 24)).await;
        papers.push(digitised(amara, chart, site, scan, barcode).await);
    }
    let client = format!("/clients/{double}");
    let now = async || amara.get(&client).expect(200).await["revision"].clone();
    let mut asking = held(double, amara);
    asking["scope"] = json!({ "query": { "clients": [north.grace] } });
    let holds = [
        places(&rita, &held(north.grace, amara)).await,
        places(&rita, &held(double, amara)).await,
        places(&rita, &asking).await,
    ];
    let covering = async |paper: &Folder| rows(&refused(&rita, paper).await, "holds").len();
    assert_eq!(
        (covering(&papers[0]).await, covering(&papers[1]).await),
        (2, 1),
        "two people, as far as is known"
    );

    let merge = json!({ "expected_revision": now().await, "into": north.grace });
    amara.post(&format!("{client}/merge")).json(&merge).expect(200).await;
    assert_eq!((covering(&papers[0]).await, covering(&papers[1]).await), (3, 3));
    for hold in &holds[..2] {
        releases(&rita, hold).await;
    }
    assert_eq!((covering(&papers[0]).await, covering(&papers[1]).await), (1, 1));

    let part =
        amara.delete(&format!("{client}/merge")).query(&[("expected_revision", &now().await.to_string())]);
    part.expect(200).await;
    let proposed = rita.post("/dispositions").json(&proposal(&papers[1])).expect(201).await;
    assert_eq!(proposed["records"], 1, "they are two again");
    assert_eq!(covering(&papers[0]).await, 1);
}

#[tokio::test]
async fn a_scope_is_sound_or_no_hold() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, rita) = (&north.amara, records_manager(&north, "Rita").await);
    let nobody = "01900000-0000-7000-8000-000000000000";
    let placing = |field: &str, value: Value| {
        let mut hold = held(north.grace, amara);
        hold[field] = value;
        rita.post("/holds").json(&hold)
    };
    placing("scope", json!({})).problem(422, "invalid_scope").await;
    let backwards = json!({ "query": { "occurred_from": "2020-02-01", "occurred_to": "2020-01-01" } });
    placing("scope", backwards).problem(422, "invalid_scope").await;
    placing("scope", json!({ "charts": [nobody] })).problem(422, "scope_not_found").await;
    let misplaced = json!({ "records": [{ "chart_id": north.chart, "record_id": nobody }] });
    placing("scope", misplaced).problem(422, "scope_not_found").await;
    placing("custodians", json!([nobody])).problem(422, "invalid_custodian").await;
    let gail = north.clinic.member("Gail", &[Role::Client]).await;
    placing("custodians", json!([gail.member_id()])).problem(422, "invalid_custodian").await;
    placing("reaffirm_by", json!(rita.day(400))).problem(422, "invalid_reaffirmation").await;
    assert!(all(&rita, "/holds", "holds").await.is_empty());
    placing("custodians", json!([])).expect(201).await;
}
