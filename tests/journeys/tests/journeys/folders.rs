//! Folders: where they stand, who has them, and how they came there (R030, R033, R036, R037).

use crate::north::{North, all, column, pages, revision};
use domain::{LocationId, RecordId, member::Role};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use testkit::{Actor, World, files, world::Folder};

fn today(world: &World) -> Date {
    world.clock.now().to_zoned(TimeZone::UTC).date()
}

async fn adds(actor: &Actor, kind: &str, name: &str, within: Option<LocationId>) -> Value {
    let mut body = json!({ "kind": kind, "name": name });
    if let Some(within) = within {
        body["within"] = json!(within);
    }
    actor.post("/locations").json(&body).expect(201).await
}

fn act(actor: &Actor, folder: Folder, act: &str, mut body: Value) -> testkit::world::Request {
    body["expected_revision"] = json!(folder.revision);
    actor.post(&format!("/charts/{}/records/{}/{act}", folder.chart, folder.record)).json(&body)
}

async fn custody(actor: &Actor, folder: Folder) -> Vec<Value> {
    all(actor, &format!("/charts/{}/records/{}/custody", folder.chart, folder.record), "custody").await
}

#[tokio::test]
async fn places_nest_from_site_to_folder() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let sam = clinic.staff("Sam").await;
    let mut within = None;
    let mut path = String::new();
    for (kind, name) in [
        ("site", "Main"),
        ("room", "Records"),
        ("cabinet", "C"),
        ("shelf", "2"),
        ("box", "Blue"),
        ("folder", "Left"),
    ] {
        let place = adds(&sam, kind, name, within).await;
        path = if path.is_empty() { name.to_owned() } else { format!("{path} / {name}") };
        assert_eq!(place["path"], path.as_str());
        within = Some(place["id"].as_str().unwrap().parse().unwrap());
    }
    let innermost = within;
    let refused = |body: Value| sam.post("/locations").json(&body);
    refused(json!({ "kind": "room", "name": "Nowhere" })).problem(422, "invalid_location").await;
    let upside_down = json!({ "kind": "cabinet", "name": "D", "within": innermost });
    refused(upside_down).problem(422, "invalid_location").await;
    let strange = domain::LocationId::new(uuid::Uuid::from_u128(7));
    refused(json!({ "kind": "room", "name": "R", "within": strange })).problem(422, "unknown_location").await;

    let listed = all(&sam, "/locations", "locations").await;
    assert_eq!(listed.len(), 6);
    assert_eq!(pages(&sam, "/locations", 4, "locations").await.concat(), listed, "page by page the same");
    // Another clinic has places of its own.
    let south = world.clinic("South Clinic").await;
    let ben = south.practitioner("Dr Ben").await;
    assert_eq!(all(&ben, "/locations", "locations").await, [Value::Null; 0]);
    let body = json!({ "kind": "room", "name": "R", "within": innermost });
    ben.post("/locations").json(&body).problem(422, "unknown_location").await;
}

#[tokio::test]
async fn a_barcode_is_of_one_folder() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let sam = north.clinic.staff("Sam").await;
    let site = north.amara.adds_location("site", "Main", None).await;
    let folder = north.amara.adds_folder(north.chart, "Paper chart", site, "NC-0001").await;
    let again = json!({ "title": "Another", "location_id": site, "barcode": "NC-0001" });
    let path = format!("/charts/{}/folders", north.chart);
    north.amara.post(&path).json(&again).problem(409, "barcode_taken").await;
    let odd = json!({ "title": "Another", "location_id": site, "barcode": "NC 0001" });
    north.amara.post(&path).json(&odd).problem(400, "invalid_input").await;

    let found = sam.get("/barcodes/NC-0001").expect(200).await;
    assert_eq!((&found["record_id"], &found["state"]), (&json!(folder.record), &json!("on_shelf")));
    assert_eq!(
        (&found["location"], found.get("title")),
        (&json!("Main"), None),
        "the records room reads no titles"
    );
    let found = north.amara.get("/barcodes/NC-0001").expect(200).await;
    assert_eq!(found["title"], "Paper chart", "its owner does");
    sam.get("/barcodes/NC-0002").problem(404, "not_found").await;

    let south = world.clinic("South Clinic").await;
    let ben = south.practitioner("Dr Ben").await;
    ben.get("/barcodes/NC-0001").problem(404, "not_found").await;
    let kofi = ben.registers(json!({ "full_name": "Kofi Mensah" })).await;
    let chart = ben.opens_chart(kofi).await;
    let elsewhere = ben.adds_location("site", "South site", None).await;
    ben.adds_folder(chart, "Kofi's", elsewhere, "NC-0001").await;
}

/// what was entered in error keeps no label from the folder that bears it, which is indexed anew.
#[tokio::test]
async fn the_barcode_of_what_was_entered_in_error_is_free_again() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let site = amara.adds_location("site", "Main", None).await;
    let wrong = amara.adds_folder(north.chart, "Of somebody else", site, "NC-1").await;
    let void = |folder: Folder| act(amara, folder, "void", json!({ "reason": "of somebody else" }));
    void(Folder { revision: 9, ..wrong }).problem(409, "stale_revision").await;
    assert_eq!(sam.get("/barcodes/NC-1").expect(200).await["voided"], false);
    let voided = void(wrong).expect(200).await;
    assert_eq!(voided["folder"]["barcode"], "NC-1", "what was struck through can still be read");
    sam.get("/barcodes/NC-1").problem(404, "not_found").await;

    let kofi = amara.registers(json!({ "full_name": "Kofi Mensah" })).await;
    let chart = amara.opens_chart(kofi).await;
    let right = amara.adds_folder(chart, "Paper chart", site, "NC-1").await;
    void(Folder { revision: revision(&voided), ..wrong }).problem(409, "record_voided").await;
    let found = sam.get("/barcodes/NC-1").expect(200).await;
    assert_eq!(found["record_id"], json!(right.record), "the label is the other record's");
    let again = json!({ "title": "Another", "location_id": site, "barcode": "NC-1" });
    amara.post(&format!("/charts/{chart}/folders")).json(&again).problem(409, "barcode_taken").await;
}

#[tokio::test]
async fn everybody_who_has_a_folder_is_in_its_log() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let main = amara.adds_location("site", "Main", None).await;
    let annex = amara.adds_location("site", "Annex", None).await;
    let filed = amara.adds_folder(north.chart, "Paper chart", main, "NC-1").await;
    let due_on = today(&world).saturating_add(10.days());

    let out = sam.hands_out(filed, amara, due_on).await;
    let found = sam.get("/barcodes/NC-1").expect(200).await;
    assert_eq!((&found["state"], &found["custodian"]), (&json!("checked_out"), &json!("Dr Amara")));
    assert_eq!(found["due_on"], json!(due_on));
    let back_out = json!({ "to": sam.member_id(), "due_on": due_on });
    let stale = act(&sam, filed, "check-out", back_out.clone()).problem(409, "stale_revision").await;
    assert_eq!(stale["current_revision"], json!(out.revision));
    act(&sam, out, "check-out", back_out).problem(409, "folder_state").await;
    let shelved = sam.puts_back(out, main).await;
    act(&sam, shelved, "check-in", json!({ "location_id": main })).problem(409, "folder_state").await;
    let sent = sam.handles(shelved, "move", json!({ "to": annex })).await;
    assert_eq!(sam.get("/barcodes/NC-1").expect(200).await["state"], "in_transit");
    let received = sam.puts_back(sent, annex).await;
    let missing = sam.handles(received, "missing", json!({})).await;
    act(&sam, missing, "move", json!({ "to": main })).problem(409, "folder_state").await;
    sam.puts_back(missing, main).await;

    let log = custody(&sam, filed).await;
    let acts = ["found", "reported_missing", "received", "sent", "checked_in", "checked_out", "filed"];
    assert_eq!(column(&log, "act"), acts, "the newest first");
    assert_eq!((&log[5]["to_name"], &log[5]["by_name"]), (&json!("Dr Amara"), &json!("Sam")));
    assert_eq!((&log[2]["location"], &log[6]["location"]), (&json!("Annex"), &json!("Main")));
    let path = format!("/charts/{}/records/{}/custody", north.chart, filed.record);
    assert_eq!(pages(&sam, &path, 3, "custody").await.concat(), log, "page by page the same");
    let ben = north.clinic.practitioner("Dr Ben").await;
    ben.get(&path).problem(404, "not_found").await;
}

#[tokio::test]
async fn a_folder_is_handed_to_who_may_hold_it_until_a_day_ahead() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let nadia = north.clinic.auditor("Nadia").await;
    let south = world.clinic("South Clinic").await;
    let site = amara.adds_location("site", "Main", None).await;
    let body = json!({ "kind": "room", "name": "Vault", "within": site, "cleared": ["staff"] });
    let vault: LocationId =
        amara.post("/locations").json(&body).expect(201).await["id"].as_str().unwrap().parse().unwrap();
    let body = json!({ "kind": "cabinet", "name": "C", "within": vault, "cleared": ["practitioner"] });
    amara.post("/locations").json(&body).problem(422, "invalid_clearance").await;

    let folder = amara.adds_folder(north.chart, "Paper chart", site, "NC-1").await;
    let due = |days: i32| today(&world).saturating_add(days.days());
    let out = |folder: Folder, to: &Actor, due_on: Date| {
        act(&sam, folder, "check-out", json!({ "to": to.member_id(), "due_on": due_on }))
    };
    out(folder, amara, due(-2)).problem(422, "invalid_due_date").await;
    out(folder, amara, due(400)).problem(422, "invalid_due_date").await;
    out(folder, &south.administrator, due(2)).problem(422, "custodian_not_active").await;
    out(folder, &nadia, due(2)).problem(422, "custodian_not_cleared").await;
    let kept = amara.adds_folder(north.chart, "Locked away", vault, "NC-2").await;
    out(kept, amara, due(2)).problem(422, "custodian_not_cleared").await;
    out(kept, &sam, due(2)).expect(200).await;
    out(folder, amara, due(2)).expect(200).await;
    let logged = custody(amara, folder).await.len();
    assert_eq!(logged, 2, "what was refused is not in the log");
}

/// A guarded place, for which Sam of the records room is not cleared, or which is secured.
async fn guarded(by: &Actor, access: &str, cleared: Value) -> LocationId {
    let body =
        json!({ "kind": "site", "name": format!("The {access}"), "access": access, "cleared": cleared });
    by.post("/locations").json(&body).expect(201).await["id"].as_str().unwrap().parse().unwrap()
}

async fn state(actor: &Actor, barcode: &str) -> (String, String) {
    let found = actor.get(&format!("/barcodes/{barcode}")).expect(200).await;
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("location"))
}

/// R037: whichever way a folder takes, it leaves a guarded place for one that is guarded less by who is cleared alone.
#[tokio::test]
async fn a_folder_leaves_a_guarded_place_by_who_is_cleared_for_it() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let vault = guarded(&ruth, "restricted", json!(["records_manager"])).await;
    let other_vault = guarded(&ruth, "secured", json!(["records_manager"])).await;
    let shelf = sam.adds_location("site", "Main", None).await;
    let inside = sam.adds_location("room", "Desk", Some(shelf)).await;
    let folder = amara.adds_folder(north.chart, "Paper chart", vault, "NC-1").await;
    let refused = async |who: &Actor, folder: Folder, way: &str, body: Value| {
        act(who, folder, way, body).problem(422, "custodian_not_cleared").await;
    };

    // Sent, also by the chart's owner; nothing has happened to it.
    for who in [&sam, amara] {
        refused(who, folder, "move", json!({ "to": shelf })).await;
    }
    assert_eq!(state(&sam, "NC-1").await, ("on_shelf".into(), "The restricted".into()));
    assert_eq!(custody(&sam, folder).await.len(), 1, "what was refused is not in the log");
    // Where it is guarded no less Sam sends it, and can bring it back.
    let sent = sam.handles(folder, "move", json!({ "to": other_vault })).await;
    refused(&sam, sent, "check-in", json!({ "location_id": shelf })).await;
    let back = sam.puts_back(sent, vault).await;

    // Out of the hands of who has it, and found after it was missing: back, and nowhere else.
    let out = sam.hands_out(back, &ruth, sam.day(3)).await;
    refused(&sam, out, "check-in", json!({ "location_id": shelf })).await;
    refused(&sam, out, "move", json!({ "to": shelf })).await;
    let back = sam.puts_back(out, vault).await;
    let missing = sam.handles(back, "missing", json!({})).await;
    refused(&sam, missing, "check-in", json!({ "location_id": shelf })).await;
    let found = sam.puts_back(missing, vault).await;

    // Who is not cleared does not open the place either.
    let opened =
        json!({ "expected_revision": 1, "name": "The restricted", "cleared": ["records_manager", "staff"] });
    let path = format!("/locations/{vault}");
    sam.put(&path).json(&opened).problem(422, "custodian_not_cleared").await;

    // Ruth is cleared: what she sends arrives in whoever's hands, there and nowhere else.
    let sent = ruth.handles(found, "move", json!({ "to": shelf })).await;
    let annex = sam.adds_location("site", "Annex", None).await;
    refused(&sam, sent, "check-in", json!({ "location_id": annex })).await;
    let arrived = sam.puts_back(sent, inside).await;
    assert_eq!(state(&sam, "NC-1").await, ("on_shelf".into(), "Main / Desk".into()));
    // To lock it away again needs no clearance.
    let sent = sam.handles(arrived, "move", json!({ "to": vault })).await;
    sam.puts_back(sent, vault).await;
    ruth.put(&path).json(&opened).expect(200).await;
}

/// R037: who is not cleared for a guarded place does not open it by saying anew how what is around it is guarded.
#[tokio::test]
async fn a_guarded_place_is_not_opened_by_way_of_what_is_around_it() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let sam = north.clinic.staff("Sam").await;
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = sam.adds_location("site", "Main", None).await;
    let vault = json!({
        "kind": "room", "name": "Vault", "within": site, "access": "restricted", "cleared": ["records_manager"]
    });
    let vault = ruth.post("/locations").json(&vault).expect(201).await["id"].clone();
    let cleared = async || {
        let listed = all(&sam, "/locations", "locations").await;
        listed.iter().find(|place| place["id"] == vault).unwrap()["cleared"].clone()
    };
    let path = format!("/locations/{site}");
    let terms =
        |at: u64, roles: &[&str]| json!({ "expected_revision": at, "name": "Annex", "cleared": roles });
    sam.put(&path).json(&terms(1, &["staff"])).problem(422, "custodian_not_cleared").await;
    assert_eq!(cleared().await, json!(["records_manager"]));
    // What leaves the vault as it is guarded, Sam may say.
    sam.put(&path).json(&terms(1, &["staff", "records_manager"])).expect(200).await;
    assert_eq!(cleared().await, json!(["records_manager"]));
    ruth.put(&path).json(&terms(2, &["staff"])).expect(200).await;
    assert_eq!(cleared().await, json!(["staff"]));
}

/// R037: nobody hands themselves a folder out of a secured place, and nobody gets it into their hands by another way.
#[tokio::test]
async fn a_folder_leaves_a_secured_place_through_two_pairs_of_hands() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ben = north.clinic.staff("Ben").await;
    let vault = guarded(&sam, "secured", json!([])).await;
    let shelf = sam.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(north.chart, "Paper chart", vault, "NC-1").await;
    let refused = async |folder: Folder| {
        act(&sam, folder, "check-in", json!({ "location_id": shelf })).problem(422, "own_hands").await;
    };
    let sent = sam.handles(folder, "move", json!({ "to": shelf })).await;
    refused(sent).await;
    // That Ben misses it then, and says so, does not make it Sam's to find elsewhere.
    let missing = ben.handles(sent, "missing", json!({})).await;
    refused(missing).await;
    let back = sam.puts_back(missing, vault).await;
    let missing = sam.handles(back, "missing", json!({})).await;
    refused(missing).await;
    let lost = json!({ "harm": "lost", "note": "Nobody has seen it." });
    let reported = act(&ben, missing, "incidents", lost).expect(201).await;
    let missing = Folder { revision: revision(&reported), ..missing };
    refused(missing).await;
    let found = sam.puts_back(missing, vault).await;
    // Nor does whatever else comes into its log.
    let mut sent = sam.handles(found, "move", json!({ "to": shelf })).await;
    for _ in 0..101 {
        sent = sam.handles(sent, "incidents", json!({ "harm": "other", "note": "A stain." })).await;
    }
    refused(sent).await;
    let found = sam.puts_back(sent, vault).await;
    let out = sam.hands_out(found, &ben, sam.day(3)).await;
    refused(out).await;
    let open = json!({ "expected_revision": 1, "name": "The secured" });
    let path = format!("/locations/{vault}");
    sam.put(&path).json(&open).problem(422, "own_hands").await;

    // Ben has it and puts it there, and then Sam may have it.
    let shelved = ben.puts_back(out, shelf).await;
    sam.hands_out(shelved, &sam, sam.day(3)).await;
    north.clinic.administrator.put(&path).json(&open).expect(200).await;
}

/// R037: nothing is put elsewhere out of a place that is guarded more from the same moment on.
#[tokio::test]
async fn a_folder_does_not_leave_a_place_that_is_guarded_meanwhile() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = sam.adds_location("site", "Main", None).await;
    let annex = sam.adds_location("site", "Annex", None).await;
    let folder = amara.adds_folder(north.chart, "Paper chart", site, "NC-1").await;
    let terms = json!({
        "expected_revision": 1, "name": "Main", "access": "restricted", "cleared": ["records_manager"]
    });
    let late = world.faults().await.hold_up("TransactWriteItems");
    let guards = ruth.put(&format!("/locations/{site}")).json(&terms).expect(200);
    let sends = act(&sam, folder, "move", json!({ "to": annex }));
    let (sent, _) = tokio::join!(sends.send(), late.until(guards));
    sent.problem(422, "custodian_not_cleared");
    assert_eq!(state(&sam, "NC-1").await, ("on_shelf".into(), "Main".into()));
}

#[tokio::test]
async fn a_folder_knows_its_scan() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let site = amara.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(north.chart, "Paper chart", site, "NC-1").await;
    let note = amara.writes_note(north.chart, "Visit", "no scan of anything").await;
    let scan = amara.uploads(north.chart, &files::scan(2)).await;
    let path = format!("/charts/{}/records/{}/scan", north.chart, folder.record);
    let link = |revision: u64, record: RecordId, verified: bool| {
        let body = json!({ "expected_revision": revision, "record_id": record, "verified": verified });
        amara.put(&path).json(&body)
    };
    link(folder.revision, note, false).problem(422, "invalid_scan").await;
    let kofi = amara.registers(json!({ "full_name": "Kofi Mensah" })).await;
    let other_chart = amara.opens_chart(kofi).await;
    let elsewhere = amara.uploads(other_chart, &files::scan(1)).await;
    link(folder.revision, elsewhere, false).problem(422, "invalid_scan").await;
    let linked = link(folder.revision, scan, false).expect(200).await;
    assert_eq!(linked["scan"], json!({ "record_id": scan, "verified": false }));
    let verified = link(revision(&linked), scan, true).expect(200).await;
    assert_eq!(verified["scan"]["verified"], true);
    let read = amara.reads(north.chart, folder.record).await;
    assert_eq!(
        (&read["folder"]["scan"]["record_id"], &read["folder"]["scan"]["verified"]),
        (&json!(scan), &json!(true))
    );
    assert_eq!(read["folder"]["scan"]["verified_by"], json!(amara.member_id()), "and who has compared them");
    assert_eq!(column(&custody(amara, folder).await, "act"), ["scan_linked", "scan_linked", "filed"]);
}
