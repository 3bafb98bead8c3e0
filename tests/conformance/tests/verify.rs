//! Verification of folders and the trail.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use domain::physical::LocationKind;
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};
use testkit::{World, files};

fn rows(v: &Value, f: &str) -> Vec<Value> { v[f].as_array().unwrap().clone() }

#[tokio::test(flavor = "multi_thread")]
async fn folders_go_around() {
    let _ = LocationKind::Site;
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let ben = north.practitioner("Dr Ben").await;
    let sam = north.staff("Sam").await;
    let ida = north.auditor("Ida").await;
    let south = world.clinic("South Clinic").await;
    let cleo = south.practitioner("Dr Cleo").await;
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records room", Some(site)).await;
    sam.post("/locations").json(&json!({"kind":"room","name":"x"})).problem(422, "invalid_location").await;
    sam.post("/locations").json(&json!({"kind":"site","name":"x","within":room})).problem(422, "invalid_location").await;
    ida.post("/locations").json(&json!({"kind":"site","name":"x"})).problem(403, "forbidden").await;
    cleo.post("/locations").json(&json!({"kind":"room","name":"x","within":site})).problem(422, "unknown_location").await;
    let safe = sam.post("/locations").json(&json!({"kind":"cabinet","name":"Safe","within":room,"cleared":["practitioner"]})).expect(201).await;
    assert_eq!(safe["path"], "Main / Records room / Safe");
    let safe_id: domain::LocationId = safe["id"].as_str().unwrap().parse().unwrap();
    sam.post("/locations").json(&json!({"kind":"shelf","name":"s","within":safe_id,"cleared":["staff"]})).problem(422, "invalid_clearance").await;
    let shelf = sam.post("/locations").json(&json!({"kind":"shelf","name":"s","within":safe_id})).expect(201).await;
    assert_eq!(shelf["cleared"], json!(["practitioner"]));
    let listed = sam.get("/locations").query(&[("limit","2")]).expect(200).await;
    assert_eq!(rows(&listed, "locations").len(), 2);
    let next = listed["next"].as_str().unwrap();
    let rest = sam.get("/locations").query(&[("limit","2"),("cursor",next)]).expect(200).await;
    assert_eq!(rows(&rest, "locations").len(), 2);
    assert_eq!(rest["next"], Value::Null);

    let grace = amara.registers(json!({"full_name":"Grace Okafor"})).await;
    let chart = amara.opens_chart(grace).await;
    let body = json!({"title":"Paper chart","location_id":safe_id,"barcode":"NC-1","position":"third"});
    let add = || amara.post(&format!("/charts/{chart}/folders")).json(&body);
    let first = add().idempotency_key("k1").expect(201).await;
    let again = add().idempotency_key("k1").expect(201).await;
    assert_eq!(first, again);
    assert_eq!(first["folder"]["location"], "Main / Records room / Safe");
    add().problem(409, "barcode_taken").await;
    ben.post(&format!("/charts/{chart}/folders")).json(&json!({"title":"t","location_id":safe_id})).problem(404, "not_found").await;
    let record = first["id"].as_str().unwrap().to_owned();
    let at = |end: &str| format!("/charts/{chart}/records/{record}{end}");
    let today = world.clock.now().to_zoned(TimeZone::UTC).date();
    let due = today.saturating_add(7.days());
    let out = |to: domain::MemberId, due: jiff::civil::Date, rev: u64| json!({"expected_revision":rev,"to":to,"due_on":due});
    sam.post(&at("/check-out")).json(&out(sam.member_id(), due, 1)).problem(422, "custodian_not_cleared").await;
    sam.post(&at("/check-out")).json(&out(cleo.member_id(), due, 1)).problem(422, "custodian_not_active").await;
    sam.post(&at("/check-out")).json(&out(ben.member_id(), today.saturating_sub(1.days()), 1)).problem(422, "invalid_due_date").await;
    sam.post(&at("/check-out")).json(&out(ben.member_id(), due, 9)).problem(409, "stale_revision").await;
    cleo.post(&at("/check-out")).json(&out(cleo.member_id(), due, 1)).problem(404, "not_found").await;
    ben.post(&at("/check-out")).json(&out(ben.member_id(), due, 1)).problem(404, "not_found").await;
    let o = sam.post(&at("/check-out")).json(&out(ben.member_id(), due, 1)).expect(200).await;
    assert_eq!((&o["state"], &o["revision"]), (&json!("checked_out"), &json!(2)));
    let found = sam.get("/barcodes/NC-1").expect(200).await;
    assert_eq!((found.get("title"), &found["custodian"], &found["revision"]), (None, &json!("Dr Ben"), &json!(2)));
    assert_eq!(amara.get("/barcodes/NC-1").expect(200).await["title"], "Paper chart");
    sam.get("/barcodes/NC-2").problem(404, "not_found").await;
    cleo.get("/barcodes/NC-1").problem(404, "not_found").await;
    let m = sam.post(&at("/missing")).json(&json!({"expected_revision":2})).expect(200).await;
    assert_eq!(m["last_custodian"], json!(ben.member_id()));
    sam.post(&at("/check-in")).json(&json!({"expected_revision":3,"location_id":room})).expect(200).await;
    sam.post(&at("/move")).json(&json!({"expected_revision":4,"to":safe_id})).expect(200).await;
    sam.post(&at("/check-in")).json(&json!({"expected_revision":5,"location_id":safe_id,"position":"first"})).expect(200).await;
    let custody = sam.get(&at("/custody")).expect(200).await;
    let acts: Vec<_> = rows(&custody, "custody").iter().map(|e| e["act"].as_str().unwrap().to_owned()).collect();
    assert_eq!(acts, ["received","sent","found","reported_missing","checked_out","filed"]);
    let c = &rows(&custody, "custody")[4];
    assert_eq!((&c["to_name"], &c["by_name"]), (&json!("Dr Ben"), &json!("Sam")));
    let page = sam.get(&at("/custody")).query(&[("limit","4")]).expect(200).await;
    let rest = sam.get(&at("/custody")).query(&[("limit","4"),("cursor",page["next"].as_str().unwrap())]).expect(200).await;
    assert_eq!(rows(&rest,"custody").len(), 2);
    // scans
    let note = amara.writes_note(chart, "N", "x").await;
    amara.put(&at("/scan")).json(&json!({"expected_revision":6,"record_id":note,"verified":false})).problem(422, "invalid_scan").await;
    let scan = amara.uploads(chart, &files::scan(2)).await;
    sam.put(&at("/scan")).json(&json!({"expected_revision":6,"record_id":scan,"verified":true})).problem(404, "not_found").await;
    let linked = amara.put(&at("/scan")).json(&json!({"expected_revision":6,"record_id":scan,"verified":true})).expect(200).await;
    assert_eq!(linked["scan"]["verified"], true);
    // limits
    amara.put(&at("/permissions")).json(&json!({"expected_revision":7,"limits":{sam.member_id().to_string():[]}})).expect(200).await;
    sam.get("/barcodes/NC-1").problem(404, "not_found").await;
    sam.get(&at("/custody")).problem(404, "not_found").await;

    // the trail
    let trail = amara.get(&at("/evidence")).query(&[("limit","100")]).expect(200).await;
    let said: Vec<String> = rows(&trail,"evidence").iter().map(|e| format!("{} [{}]", e["sentence"].as_str().unwrap(), e["outcome"].as_str().unwrap())).collect();
    println!("{said:#?}");
    assert!(said.contains(&"Sam checked the folder out to Dr Ben. [succeeded]".to_owned()));
    assert!(said.contains(&"Dr Ben was not allowed to check the folder out to a member. [denied]".to_owned()));
    assert!(!said.iter().any(|s| s.contains("Cleo")));
    println!("{:#}", rows(&trail,"evidence")[0]);
    let denied = amara.get(&at("/evidence")).query(&[("outcome","denied")]).expect(200).await;
    assert_eq!(rows(&denied,"evidence").len(), said.iter().filter(|s| s.ends_with("[denied]")).count());
    ben.get(&at("/evidence")).problem(404, "not_found").await;
    sam.get(&at("/evidence")).problem(404, "not_found").await;
    let read = ida.get(&at("/evidence")).query(&[("kind","RecordEvidenceRead")]).expect(200).await;
    assert!(rows(&read,"evidence").len() >= 3, "{read:#}");
    // the client's trail holds the denied attempts; a colleague's chart is hidden
    let clients = |who: &testkit::Actor| who.get(&format!("/clients/{grace}/evidence")).query(&[("limit","100")]);
    let hers = clients(&amara).expect(200).await;
    assert!(rows(&hers,"evidence").iter().any(|e| e["sentence"] == "Dr Ben was not allowed to check the folder out to a member."));
    let bens = clients(&ben).expect(200).await;
    let b: Vec<String> = rows(&bens,"evidence").iter().map(|e| e["sentence"].as_str().unwrap().to_owned()).collect();
    println!("{b:#?}");
    assert!(!b.iter().any(|s| s.contains("Amara") && (s.contains("folder") || s.contains("chart"))), "{b:#?}");
    sam.get(&format!("/clients/{grace}/evidence")).problem(404, "not_found").await;
    cleo.get(&format!("/clients/{grace}/evidence")).problem(404, "not_found").await;
    let all = clients(&ida).expect(200).await;
    assert!(rows(&all,"evidence").len() > b.len());
    // members
    let own = ben.get(&format!("/members/{}/evidence", ben.member_id())).expect(200).await;
    assert!(!rows(&own,"evidence").is_empty());
    ben.get(&format!("/members/{}/evidence", amara.member_id())).problem(404, "not_found").await;
    ida.get(&format!("/members/{}/evidence", amara.member_id())).expect(200).await;
    // paging the organization
    let mut cursor: Option<String> = None; let mut seen = Vec::new(); let mut pages = 0;
    loop {
        let mut q = vec![("limit","7")];
        if let Some(c) = &cursor { q.push(("cursor", c)); }
        let page = ida.get("/evidence").query(&q).expect(200).await;
        seen.extend(rows(&page,"evidence").iter().map(|e| (e["at"].as_str().unwrap().to_owned(), e["id"].as_str().unwrap().to_owned())));
        pages += 1;
        match page["next"].as_str() { Some(c) => cursor = Some(c.to_owned()), None => break }
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    println!("{pages} pages, {} facts", seen.len());
    assert_eq!(distinct.len(), seen.len());
    assert!(seen.windows(2).all(|w| w[0].1 > w[1].1));
    amara.get("/evidence").problem(403, "forbidden").await;
    ida.get("/evidence").query(&[("month","2026-13")]).problem(400, "invalid_month").await;
    ida.get("/evidence").query(&[("limit","0")]).problem(400, "invalid_limit").await;
    ida.get("/evidence").query(&[("kind","Nope")]).problem(400, "invalid_input").await;
    // time filters, on the world's own clock
    let before = world.clock.now();
    world.clock.advance(3);
    amara.reads(chart, note).await;
    let after = world.clock.now();
    let late = ida.get(&format!("/charts/{chart}/records/{note}/evidence")).query(&[("from",&before.to_string())]).expect(200).await;
    assert_eq!(rows(&late,"evidence").len(), 1, "{late:#}");
    let early = ida.get(&format!("/charts/{chart}/records/{note}/evidence")).query(&[("to",&before.to_string()),("limit","100")]).expect(200).await;
    assert!(rows(&early,"evidence").len() >= 2 && rows(&early,"evidence").iter().all(|e| e["at"].as_str().unwrap() < before.to_string().as_str()));
    let none = ida.get(&format!("/charts/{chart}/records/{note}/evidence")).query(&[("from",&(after + 1.hours()).to_string())]).expect(200).await;
    assert_eq!((rows(&none,"evidence").len(), &none["next"]), (0, &Value::Null));
}
