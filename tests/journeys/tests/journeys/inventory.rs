//! The inventory of physical records: places, labels, what stands where, stock-taking, the list a records room brings
//! with it, and what was lost or harmed (R030-R037).

use crate::north::{North, all, column, pages, revision, rows};
use domain::{ChartId, LocationId, RecordId, member::Role};
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    time::{Duration, Instant},
};
use testkit::{
    Actor, Fault, World, files,
    world::{Answer, Folder, Request},
};

fn id<Id: std::str::FromStr>(answer: &Value, field: &str) -> Id {
    let id = answer[field].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("no `{field}` in {answer}"))
}

/// Folders F-0, F-1 … of a chart, each with its barcode.
async fn folders(owner: &Actor, chart: ChartId, at: LocationId, barcodes: &[&str]) -> Vec<Folder> {
    let mut folders = Vec::new();
    for barcode in barcodes {
        folders.push(owner.adds_folder(chart, "Volume", at, barcode).await);
    }
    folders
}

fn state_of<'a>(lines: &'a [Value], barcode: &str) -> Vec<&'a str> {
    let of = lines.iter().filter(|line| line["barcode"] == barcode);
    of.map(|line| line["verdict"].as_str().unwrap_or_default()).collect()
}

/// Sends a request, and does something while that is under way: it has read all it decides on, and written nothing.
async fn while_under_way<T>(
    world: &World,
    request: Request,
    something: impl Future<Output = T>,
) -> (Answer, T) {
    let late = world.faults().await.hold_up("TransactWriteItems");
    let both = async { tokio::join!(request.send(), late.until(something)) };
    tokio::time::timeout(Duration::from_secs(60), both).await.expect("the request writes something")
}

fn retires(actor: &Actor, place: LocationId) -> Request {
    let body = json!({ "expected_revision": 1 });
    actor.post(&format!("/locations/{place}/retirement")).json(&body)
}

// ---- Places ------------------------------------------------------------------------------------------------

#[tokio::test]
async fn what_is_inside_a_place_follows_it_and_is_counted_with_it() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let shelf = sam.adds_location("shelf", "2", Some(room)).await;
    folders(amara, north.chart, shelf, &["A-1", "A-2"]).await;
    folders(amara, north.chart, room, &["A-3"]).await;

    let body = json!({
        "expected_revision": 1, "name": "Annex", "position": "behind the lift", "cleared": ["staff"],
        "access": "restricted", "scheme": "terminal_digit"
    });
    let path = format!("/locations/{site}");
    let revised = sam.put(&path).json(&body).expect(200).await;
    assert_eq!((&revised["path"], &revised["revision"]), (&json!("Annex"), &json!(2)));
    sam.put(&path).json(&body).problem(409, "stale_revision").await;
    amara.put(&path).json(&body).problem(403, "forbidden").await;
    let listed = sam.get("/locations").query(&[("counts", "true")]).expect(200).await;
    let listed = rows(&listed, "locations").to_vec();
    assert_eq!(column(&listed, "path"), ["Annex", "Annex / Records", "Annex / Records / 2"]);
    assert_eq!(column(&listed, "access"), ["restricted"; 3]);
    assert_eq!(column(&listed, "scheme"), ["terminal_digit"; 3]);
    let counts: Vec<(u64, u64)> = listed
        .iter()
        .map(|place| (place["folders"].as_u64().unwrap(), place["folders_within"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [(0, 3), (1, 3), (2, 2)]);
    assert!(sam.get("/locations").expect(200).await["locations"][0].get("folders").is_none());
    // R046: who may not list the folders does not learn how many there are.
    let asked = amara.get("/locations").query(&[("counts", "true")]).expect(200).await;
    assert!(rows(&asked, "locations").iter().all(|place| place.get("folders_within").is_none()), "{asked}");

    // R037: a place is guarded no less than what is around it, and folders are kept from who is not cleared.
    let open = json!({ "expected_revision": 2, "name": "Records", "cleared": ["staff"], "access": "open" });
    sam.put(&format!("/locations/{room}")).json(&open).problem(422, "invalid_clearance").await;
    let out = json!({ "expected_revision": 1, "to": amara.member_id(), "due_on": amara.day(3) });
    let found = sam.get("/barcodes/A-1").expect(200).await;
    let of = format!("/charts/{}/records/{}/check-out", north.chart, found["record_id"].as_str().unwrap());
    sam.post(&of).json(&out).problem(422, "custodian_not_cleared").await;
}

#[tokio::test]
async fn nobody_hands_themselves_a_folder_out_of_a_secured_place() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (sam, ruth) = (north.clinic.staff("Sam").await, north.clinic.staff("Ruth").await);
    let vault = json!({ "kind": "site", "name": "Vault", "access": "secured" });
    let vault: LocationId = id(&sam.post("/locations").json(&vault).expect(201).await, "id");
    let folder = north.amara.adds_folder(north.chart, "Volume", vault, "A-1").await;
    let path = format!("/charts/{}/records/{}/check-out", folder.chart, folder.record);
    let out = |to: &Actor| json!({ "expected_revision": 1, "to": to.member_id(), "due_on": sam.day(3) });
    sam.post(&path).json(&out(&sam)).problem(422, "own_hands").await;
    sam.post(&path).json(&out(&north.amara)).problem(422, "custodian_not_cleared").await;
    sam.post(&path).json(&out(&ruth)).expect(200).await;
}

#[tokio::test]
async fn a_place_is_retired_when_nothing_is_in_it() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let other = sam.adds_location("room", "Cellar", Some(site)).await;
    let folder = amara.adds_folder(north.chart, "Volume", room, "A-1").await;
    let retire = |place: LocationId, revision: u64| {
        let body = json!({ "expected_revision": revision });
        sam.post(&format!("/locations/{place}/retirement")).json(&body)
    };
    retire(room, 1).problem(409, "location_not_empty").await;
    retire(site, 1).problem(409, "location_not_empty").await;
    let sent = sam.handles(folder, "move", json!({ "to": other })).await;
    sam.puts_back(sent, other).await;
    let retired = retire(room, 1).expect(200).await;
    assert!(retired["retired_at"].is_string(), "{retired}");
    retire(room, 2).problem(409, "location_retired").await;
    let body = json!({ "title": "Volume", "location_id": room });
    let filed = amara.post(&format!("/charts/{}/folders", north.chart)).json(&body);
    filed.problem(409, "location_retired").await;
    let log =
        all(&sam, &format!("/charts/{}/records/{}/custody", folder.chart, folder.record), "custody").await;
    assert_eq!(log.last().unwrap()["location"], "Main / Records", "custody logs go on speaking of it");
}

/// R030: who has looked into a place does not retire it when something has come into it since; and nothing comes into
/// a place that was retired since it was looked for.
#[tokio::test]
async fn nothing_is_in_a_place_that_is_retired_at_the_same_moment() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let site = sam.adds_location("site", "Main", None).await;
    let [first, second, third, fourth, fifth] = {
        let mut rooms = [site; 5];
        for (room, name) in rooms.iter_mut().zip(["1", "2", "3", "4", "5"]) {
            *room = sam.adds_location("room", name, Some(site)).await;
        }
        rooms
    };
    let adds = amara.adds_folder(north.chart, "Volume", first, "A-1");
    let (retired, folder) = while_under_way(&world, retires(&sam, first), adds).await;
    retired.problem(409, "location_not_empty");
    let sent = sam.handles(folder, "move", json!({ "to": second })).await;
    let (retired, folder) = while_under_way(&world, retires(&sam, second), sam.puts_back(sent, second)).await;
    retired.problem(409, "location_not_empty");
    let adds = sam.adds_location("shelf", "A", Some(third));
    let (retired, _) = while_under_way(&world, retires(&sam, third), adds).await;
    retired.problem(409, "location_not_empty");
    retires(&sam, first).expect(200).await;

    let filing = json!({ "title": "Volume", "location_id": fourth });
    let filing = amara.post(&format!("/charts/{}/folders", north.chart)).json(&filing);
    let (filed, _) = while_under_way(&world, filing, retires(&sam, fourth).expect(200)).await;
    filed.problem(409, "location_retired");
    let moving = json!({ "expected_revision": folder.revision, "to": fifth });
    let path = format!("/charts/{}/records/{}/move", folder.chart, folder.record);
    let moving = sam.post(&path).json(&moving);
    let (moved, _) = while_under_way(&world, moving, retires(&sam, fifth).expect(200)).await;
    moved.problem(409, "location_retired");
}

// ---- Labels ------------------------------------------------------------------------------------------------

/// R035: the filing scheme produces the shelf label, and a folder and a place are retrieved by their barcodes.
#[tokio::test]
async fn a_label_says_where_a_folder_stands_and_nobodys_name() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let (amara, sam) = (clinic.practitioner("Dr Amara").await, clinic.staff("Sam").await);
    let grace = json!({ "full_name": "Grace Okafor", "file_number": "12-34-56" });
    let chart = amara.opens_chart(amara.registers(grace).await).await;
    let site = json!({ "kind": "site", "name": "Main", "scheme": "terminal_digit" });
    let site: LocationId = id(&sam.post("/locations").json(&site).expect(201).await, "id");
    let bare = json!({ "title": "Volume", "location_id": site });
    let bare = amara.post(&format!("/charts/{chart}/folders")).json(&bare).expect(201).await;
    let record: RecordId = id(&bare, "id");

    let wanted = json!({ "folders": [{ "chart_id": chart, "record_id": record }], "locations": [site] });
    let labels = sam.post("/labels").json(&wanted).expect(200).await;
    let folder = &labels["labels"][0];
    assert_eq!(folder["shelf_label"], json!({ "text": "56-34-12", "bands": ["black", "yellow"] }));
    assert_eq!(folder["lines"], json!(["56-34-12", "12-34-56"]));
    assert!(folder.get("barcode").is_none() && !labels.to_string().contains("Gr"), "{labels}");
    let path = format!("/charts/{chart}/records/{record}/barcode");
    let body = json!({ "expected_revision": revision(&bare) });
    let labelled = sam.post(&path).json(&body).expect(200).await;
    let barcode = labelled["barcode"].as_str().unwrap().to_owned();
    assert!(barcode.starts_with("F-") && barcode.len() == 14, "{barcode}");
    let again = json!({ "expected_revision": revision(&labelled) });
    sam.post(&path).json(&again).problem(409, "labelled_already").await;
    let labels = sam.post("/labels").json(&wanted).expect(200).await;
    assert_eq!(labels["labels"][0]["barcode"], json!(barcode));

    let found = sam.get(&format!("/barcodes/{barcode}")).expect(200).await;
    assert_eq!((&found["found"], &found["record_id"]), (&json!("folder"), &json!(record)));
    let of_place = labels["labels"][1]["barcode"].as_str().unwrap();
    let place = sam.get(&format!("/barcodes/{of_place}")).expect(200).await;
    assert_eq!((&place["found"], &place["path"]), (&json!("location"), &json!("Main")));
    let taken = json!({ "title": "Volume", "location_id": site, "barcode": of_place });
    let taken = amara.post(&format!("/charts/{chart}/folders")).json(&taken);
    taken.problem(422, "barcode_reserved").await;

    // Only asked for, and only masked.
    let mut named = wanted.clone();
    named["names"] = json!(true);
    let labels = sam.post("/labels").json(&named).expect(200).await;
    assert_eq!(labels["labels"][0]["lines"], json!(["56-34-12", "12-34-56", "Gr••• Ok•••"]));
    let ben = clinic.practitioner("Dr Ben").await;
    ben.post("/labels").json(&wanted).problem(404, "not_found").await;
    for (scheme, text) in
        [("alphabetic", "OK G"), ("file_plan", "DO 12-34-56"), ("straight_numeric", "12-34-56")]
    {
        let at = sam.get("/locations").expect(200).await["locations"][0]["revision"].clone();
        let body = json!({ "expected_revision": at, "name": "Main", "scheme": scheme });
        sam.put(&format!("/locations/{site}")).json(&body).expect(200).await;
        let labels = sam.post("/labels").json(&wanted).expect(200).await;
        assert_eq!(labels["labels"][0]["shelf_label"]["text"], text);
    }
}

// ---- The inventory -----------------------------------------------------------------------------------------

/// R032: an inventory per location and date.
#[tokio::test]
async fn the_inventory_of_a_place_is_what_belongs_in_it_and_below() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let shelf = sam.adds_location("shelf", "2", Some(room)).await;
    let cellar = sam.adds_location("room", "Cellar", Some(site)).await;
    let filed = folders(amara, north.chart, shelf, &["A-1", "A-2", "A-3"]).await;
    folders(amara, north.chart, cellar, &["B-1"]).await;
    let inventory = async |place: LocationId| -> BTreeSet<String> {
        let listed = all(&sam, &format!("/locations/{place}/folders"), "folders").await;
        column(&listed, "barcode").into_iter().map(str::to_owned).collect()
    };
    let set =
        |barcodes: &[&str]| -> BTreeSet<String> { barcodes.iter().map(|one| (*one).to_owned()).collect() };
    assert_eq!(inventory(site).await, set(&["A-1", "A-2", "A-3", "B-1"]));
    assert_eq!(inventory(room).await, set(&["A-1", "A-2", "A-3"]));
    assert_eq!(inventory(cellar).await, set(&["B-1"]));
    let path = format!("/locations/{site}/folders");
    assert_eq!(pages(&sam, &path, 2, "folders").await.concat(), all(&sam, &path, "folders").await);

    // What is out still belongs there; what was moved does not, and neither does what was entered in error.
    sam.hands_out(filed[0], amara, amara.day(5)).await;
    let sent = sam.handles(filed[1], "move", json!({ "to": cellar })).await;
    sam.puts_back(sent, cellar).await;
    let void = json!({ "expected_revision": filed[2].revision, "reason": "of somebody else" });
    amara
        .post(&format!("/charts/{}/records/{}/void", north.chart, filed[2].record))
        .json(&void)
        .expect(200)
        .await;
    assert_eq!(inventory(room).await, set(&["A-1"]));
    assert_eq!(inventory(cellar).await, set(&["A-2", "B-1"]));
    let row = sam.get(&format!("/locations/{room}/folders")).expect(200).await["folders"][0].clone();
    assert_eq!((&row["state"], &row["custodian"]), (&json!("checked_out"), &json!("Dr Amara")));
    assert_eq!(row["location"], "Main / Records / 2");
    assert!(row.get("client_name").is_none() && row.get("title").is_none(), "{row}");
    let named = sam.get(&format!("/locations/{room}/folders")).query(&[("names", "true")]).expect(200).await;
    assert_eq!(named["folders"][0]["client_name"], "Gr••• Ok•••", "masked, for who may see the client");
    amara.get(&path).problem(403, "forbidden").await;

    let first = sam.get(&format!("/locations/{site}/inventory")).query(&[("limit", "2")]).expect(200).await;
    let cursor = first["next"].as_str().unwrap();
    let second =
        sam.get(&format!("/locations/{site}/inventory")).query(&[("cursor", cursor)]).expect(200).await;
    let csv = format!("{}{}", first["csv"].as_str().unwrap(), second["csv"].as_str().unwrap());
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("location,position,shelf_label,file_number,"), "{csv}");
    assert_eq!((lines.len(), first["rows"].as_u64(), second["rows"].as_u64()), (4, Some(2), Some(1)));
    assert!(lines[1..].iter().any(|line| line.contains("A-1,checked_out,Dr Amara,")), "{csv}");
    assert!(!csv.contains("Gr"), "no names unless they are asked for");
}

/// R033: what is out and should be back is listed, from the day after the one it was due on where the clinic is.
#[tokio::test]
async fn folders_that_should_be_back_are_listed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let administrator = &north.clinic.administrator;
    let organization = administrator.get("/organization").expect(200).await;
    let zone = "Pacific/Kiritimati";
    let policy = json!({ "expected_revision": revision(&organization), "policy": { "time_zone": zone } });
    administrator.put("/organization/policy").json(&policy).expect(200).await;
    let today = || world.clock.now().to_zoned(TimeZone::get(zone).unwrap()).date();
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let filed = folders(amara, north.chart, room, &["A-1", "A-2", "A-3", "A-4", "K-1"]).await;
    let path = format!("/charts/{}/records/{}/permissions", filed[4].chart, filed[4].record);
    let ruth = north.clinic.staff("Ruth").await;
    let limits = json!({ "expected_revision": 1, "limits": { ruth.member_id().to_string(): [] } });
    amara.put(&path).json(&limits).expect(200).await;
    let kept = Folder { revision: 2, ..filed[4] };
    let due = today();
    sam.hands_out(filed[1], amara, due).await;
    sam.hands_out(filed[3], amara, due.saturating_add(2.days())).await;
    sam.hands_out(kept, amara, due).await;
    let inventory = format!("/locations/{site}/folders");
    let overdue = async |who: &Actor| -> Vec<String> {
        let answer = who.get(&inventory).query(&[("overdue", "true")]).expect(200).await;
        assert_eq!(answer["closed"], json!([]), "what is closed to them is not said to be overdue");
        column(rows(&answer, "folders"), "barcode").into_iter().map(str::to_owned).collect()
    };
    assert_eq!(overdue(&sam).await, [""; 0], "on the day it is due it is not overdue");

    while today() <= due {
        world.clock.advance(1);
    }
    assert_eq!(overdue(&sam).await, ["A-2", "K-1"]);
    assert_eq!(overdue(&ruth).await, ["A-2"]);
    let listed = all(&sam, &inventory, "folders").await;
    let marked: Vec<(&str, bool)> = listed
        .iter()
        .map(|row| (row["barcode"].as_str().unwrap(), row["overdue"].as_bool().unwrap()))
        .collect();
    assert_eq!(marked, [("A-1", false), ("A-2", true), ("A-3", false), ("A-4", false), ("K-1", true)]);
    // Pages on which nothing is overdue are passed over.
    let first = sam.get(&inventory).query(&[("overdue", "true"), ("limit", "1")]).expect(200).await;
    assert_eq!(column(rows(&first, "folders"), "barcode"), ["A-2"]);
    let export =
        sam.get(&format!("/locations/{site}/inventory")).query(&[("overdue", "true")]).expect(200).await;
    let csv = export["csv"].as_str().unwrap();
    assert!(csv.contains("A-2,checked_out,Dr Amara,") && !csv.contains("A-1"), "{csv}");
    assert_eq!((&export["rows"], csv.lines().count()), (&json!(2), 3));
    assert!(export["file_name"].as_str().unwrap().starts_with("overdue-Main-"), "{export}");
    sam.get(&inventory).query(&[("overdue", "maybe")]).problem(400, "invalid_input").await;
    amara.get(&inventory).query(&[("overdue", "true")]).problem(403, "forbidden").await;
}

// ---- Stock-taking ------------------------------------------------------------------------------------------

/// R032: scan the shelves, and be told what is missing, misplaced and unexpected.
#[tokio::test]
async fn stock_is_taken_with_a_phone_and_what_is_not_there_is_missing() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.staff("Ruth").await;
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let cellar = sam.adds_location("room", "Cellar", Some(site)).await;
    let filed = folders(amara, north.chart, room, &["A-1", "A-2", "A-3", "A-4"]).await;
    folders(amara, north.chart, cellar, &["B-1"]).await;
    let bare = json!({ "title": "Volume", "location_id": room });
    amara.post(&format!("/charts/{}/folders", north.chart)).json(&bare).expect(201).await;
    sam.hands_out(filed[1], amara, amara.day(5)).await;
    sam.handles(filed[3], "missing", json!({})).await;

    let begun = sam.post(&format!("/locations/{room}/stocktakes")).json(&json!({})).expect(201).await;
    assert_eq!(begun["expected"], 5);
    let path = format!("/stocktakes/{}", begun["id"].as_str().unwrap());
    let scans = format!("{path}/scans");
    let scan = |who: &Actor, barcodes: Value| who.post(&scans).json(&json!({ "barcodes": barcodes }));
    let told = scan(&sam, json!(["A-1", "B-1", "X-9", "not one!"])).expect(200).await;
    assert_eq!(column(rows(&told, "results"), "result"), ["found", "misplaced", "unexpected", "unreadable"]);
    assert_eq!(told["results"][1]["location"], "Main / Cellar");
    scan(&ruth, json!(["A-1", "A-4"])).expect(200).await;
    scan(&ruth, json!(["A-1", "A-4"])).expect(200).await;
    scan(&sam, json!([])).problem(422, "invalid_batch").await;
    let many: Vec<String> = (0..201).map(|n| format!("Z-{n}")).collect();
    scan(&sam, json!(many)).problem(422, "invalid_batch").await;
    amara.post(&scans).json(&json!({ "barcodes": ["A-3"] })).problem(403, "forbidden").await;
    let underway = sam.get(&path).expect(200).await;
    let progress = json!({ "scanned": 4, "found": 2, "left": 2, "unlabelled": 1, "strangers": 2 });
    assert_eq!(underway["progress"], progress);
    assert_eq!(sam.get("/stocktakes").expect(200).await["stocktakes"][0]["id"], begun["id"]);

    let close = |at: &Value| json!({ "expected_revision": at["revision"], "mark_missing": true });
    sam.post(&format!("{path}/closing")).json(&close(&begun)).problem(409, "stale_revision").await;
    let closed = sam.post(&format!("{path}/closing")).json(&close(&underway)).expect(200).await;
    let tally = json!({
        "found": 1, "reappeared": 1, "missing": 1, "misplaced": 1, "unexpected": 1, "excused": 1, "unlabelled": 1
    });
    assert_eq!(closed["closed"]["tally"], tally, "{closed}");
    scan(&sam, json!(["A-3"])).problem(409, "stocktake_closed").await;
    let report = sam.get(&path).expect(200).await;
    let lines = rows(&report, "lines");
    for (barcode, verdict) in [
        ("A-2", "excused"),
        ("A-3", "missing"),
        ("A-4", "reappeared"),
        ("B-1", "misplaced"),
        ("X-9", "unexpected"),
    ] {
        assert_eq!(state_of(lines, barcode), [verdict], "{barcode}");
    }
    assert!(state_of(lines, "A-1").is_empty(), "what is where it should be is not told of");
    let missing = lines.iter().find(|line| line["barcode"] == "A-3").unwrap();
    assert_eq!(missing["location"], "Main / Records");

    // The missing one is missing, with its custody entry and its evidence; the one that is out is not.
    assert_eq!(sam.get("/barcodes/A-3").expect(200).await["state"], "missing");
    assert_eq!(sam.get("/barcodes/A-2").expect(200).await["state"], "checked_out");
    let log = format!("/charts/{}/records/{}/custody", north.chart, filed[2].record);
    assert_eq!(column(&all(&sam, &log, "custody").await, "act"), ["not_found", "filed"]);
    let nadia = north.clinic.auditor("Nadia").await;
    let trail = format!("/charts/{}/records/{}/evidence", north.chart, filed[2].record);
    let trail = nadia.get(&trail).expect(200).await.to_string();
    assert!(trail.contains("FolderReportedMissing"), "{trail}");
}

/// R032: what is in somebody's hands by the time it would be reported missing is not missing.
#[tokio::test]
async fn a_folder_that_turns_up_while_stock_taking_is_closed_is_not_missing() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.staff("Ruth").await;
    let site = sam.adds_location("site", "Main", None).await;
    let filed = folders(amara, north.chart, site, &["A-1", "A-2"]).await;
    let begun = sam.post(&format!("/locations/{site}/stocktakes")).json(&json!({})).expect(201).await;
    let path = format!("/stocktakes/{}", begun["id"].as_str().unwrap());
    let closes = |revision: &Value| {
        let body = json!({ "expected_revision": revision, "mark_missing": true });
        sam.post(&format!("{path}/closing")).json(&body)
    };
    let state =
        async |barcode: &str| ruth.get(&format!("/barcodes/{barcode}")).expect(200).await["state"].clone();

    // Scanned: who closes it has not seen that, and looks again.
    let scan = ruth.post(&format!("{path}/scans")).json(&json!({ "barcodes": ["A-1"] })).expect(200);
    let (closed, _) = while_under_way(&world, closes(&begun["revision"]), scan).await;
    closed.problem(409, "stale_revision");
    assert_eq!((state("A-1").await, state("A-2").await), (json!("on_shelf"), json!("on_shelf")));

    // Taken out: it is stepped over, and the report says so.
    let seen = sam.get(&path).expect(200).await;
    let taken = sam.hands_out(filed[1], amara, amara.day(5));
    let (closed, _) = while_under_way(&world, closes(&seen["revision"]), taken).await;
    let closed = closed.expect(200);
    let tally = &closed["closed"]["tally"];
    assert_eq!((&tally["found"], &tally["missing"], &tally["excused"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!(state("A-2").await, "checked_out");
    assert_eq!(state_of(rows(&sam.get(&path).expect(200).await, "lines"), "A-2"), ["excused"]);
}

/// R046: a folder whose record leaves somebody no access is to them its label, which they read on it, wherever folders
/// are listed, scanned or told of; and so no count says more than the list.
#[tokio::test]
async fn a_folder_that_is_closed_to_somebody_is_its_label_to_them() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.staff("Ruth").await;
    let site = sam.adds_location("site", "Main", None).await;
    let room = sam.adds_location("room", "Records", Some(site)).await;
    let cellar = sam.adds_location("room", "Cellar", Some(site)).await;
    let kept = folders(amara, north.chart, room, &["K-1", "K-2"]).await;
    folders(amara, north.chart, room, &["A-1"]).await;
    let strayed = folders(amara, north.chart, cellar, &["K-3"]).await;
    for folder in [&kept[0], &kept[1], &strayed[0]] {
        let path = format!("/charts/{}/records/{}/permissions", folder.chart, folder.record);
        let limits = json!({ sam.member_id().to_string(): [] });
        amara.put(&path).json(&json!({ "expected_revision": 1, "limits": limits })).expect(200).await;
    }
    sam.get("/barcodes/K-1").problem(404, "not_found").await;

    let inventory = format!("/locations/{room}/folders");
    let seen = sam.get(&inventory).expect(200).await;
    assert_eq!(column(rows(&seen, "folders"), "barcode"), ["A-1"]);
    assert_eq!(seen["closed"], json!([{ "barcode": "K-1" }, { "barcode": "K-2" }]));
    let seen = ruth.get(&inventory).expect(200).await;
    assert_eq!((rows(&seen, "folders").len(), &seen["closed"]), (3, &json!([])));
    let export = sam.get(&format!("/locations/{room}/inventory")).expect(200).await;
    let csv = export["csv"].as_str().unwrap();
    assert_eq!((csv.lines().count(), &export["rows"]), (4, &json!(3)));
    assert!(csv.contains("\n,,,,,,K-1,,,,,,") && !csv.contains(&kept[0].record.to_string()), "{csv}");

    let begun = sam.post(&format!("/locations/{room}/stocktakes")).json(&json!({})).expect(201).await;
    let path = format!("/stocktakes/{}", begun["id"].as_str().unwrap());
    let scan = |who: &Actor| who.post(&format!("{path}/scans")).json(&json!({ "barcodes": ["K-2", "K-3"] }));
    let told = scan(&sam).expect(200).await;
    let labels = json!([
        { "barcode": "K-2", "result": "found" },
        { "barcode": "K-3", "result": "misplaced" }
    ]);
    assert_eq!(told["results"], labels);
    let told = scan(&ruth).expect(200).await;
    assert_eq!(told["results"][1]["location"], "Main / Cellar");

    let close =
        json!({ "expected_revision": sam.get(&path).expect(200).await["revision"], "mark_missing": true });
    let closed = sam.post(&format!("{path}/closing")).json(&close).expect(200).await;
    assert_eq!(closed["closed"]["tally"]["missing"], 2, "{closed}");
    let report = sam.get(&path).expect(200).await;
    let line = |report: &Value, barcode: &str| {
        let found = rows(report, "lines").iter().find(|line| line["barcode"] == barcode);
        found.unwrap_or_else(|| panic!("no `{barcode}` in {report}")).clone()
    };
    assert_eq!(line(&report, "K-1"), json!({ "verdict": "missing", "barcode": "K-1" }));
    assert_eq!(line(&report, "K-3"), json!({ "verdict": "misplaced", "barcode": "K-3" }));
    assert_eq!(line(&report, "A-1")["location"], "Main / Records");
    let report = ruth.get(&path).expect(200).await;
    assert_eq!(line(&report, "K-1")["location"], "Main / Records");
    assert_eq!(line(&report, "K-3")["location"], "Main / Cellar");
    let state =
        async |barcode: &str| ruth.get(&format!("/barcodes/{barcode}")).expect(200).await["state"].clone();
    assert_eq!((state("A-1").await, state("K-1").await), (json!("missing"), json!("on_shelf")));
}

// ---- Import ------------------------------------------------------------------------------------------------

/// What a records room brings with it: one row is good, each of the others has something wrong with it.
const LIST: &str = "file_number,title,location,barcode,owner,occurred_on\n\
                    n100,Volume 1,main / records,B-1,,2001-05-06\n\
                    N-999,Volume 1,Main / Records,B-2,,\n\
                    N-100,Volume 2,Main / Attic,B-3,,\n\
                    N-100,Volume 3,Main / Records,TAKEN,,\n\
                    N-100,Volume 4,Main / Records,B-1,,\n\
                    N-200,Volume 1,Main / Records,B-5,,\n\
                    N-200,Volume 2,Main / Records,B-6,nobody@north.example,\n\
                    N-100,,Main / Records,b 7,,2999-01-01\n";

/// Dr Amara with a chart of N-100 and none of N-200, Sam of the records room, and a room of folders.
async fn records_room(world: &World) -> (Actor, Actor, ChartId) {
    let clinic = world.clinic("North Clinic").await;
    let (amara, sam) = (clinic.practitioner("Dr Amara").await, clinic.staff("Sam").await);
    let grace = amara.registers(json!({ "full_name": "Grace Okafor", "file_number": "N-100" })).await;
    let chart = amara.opens_chart(grace).await;
    amara.registers(json!({ "full_name": "Henry Lindqvist", "file_number": "N-200" })).await;
    let site = sam.adds_location("site", "Main", None).await;
    sam.adds_location("room", "Records", Some(site)).await;
    amara.adds_folder(chart, "Volume", site, "TAKEN").await;
    (amara, sam, chart)
}

/// R031: the validation report names each bad row by line, column and code.
#[tokio::test]
async fn a_list_is_checked_before_it_is_imported() {
    let world = World::start().await;
    let (amara, sam, _) = records_room(&world).await;
    let check = |body: Value| sam.post("/imports/validation").json(&body);
    let report = check(json!({ "csv": LIST })).expect(200).await;
    assert_eq!((&report["rows"], &report["good"]), (&json!(8), &json!(1)), "{report}");
    let told: Vec<(u64, &str, &str)> = rows(&report, "faults")
        .iter()
        .map(|fault| {
            let text = |name: &str| fault[name].as_str().unwrap();
            (fault["line"].as_u64().unwrap(), text("column"), text("code"))
        })
        .collect();
    let expected = [
        (3, "file_number", "unknown_client"),
        (4, "location", "unknown_location"),
        (5, "barcode", "barcode_taken"),
        (6, "barcode", "duplicate_in_file"),
        (7, "owner", "no_chart"),
        (8, "owner", "unknown_owner"),
        (9, "title", "missing"),
        (9, "barcode", "invalid"),
        (9, "occurred_on", "invalid"),
    ];
    assert_eq!(told, expected);

    // A part of the same list knows what the parts before have said; another list does not.
    let next = "file_number,title,location,barcode\nN-100,Volume 9,Main / Records,B-1\n";
    let part = json!({ "csv": next, "first_line": 10, "import_id": report["import_id"] });
    let told = check(part).expect(200).await;
    let fault = &told["faults"][0];
    assert_eq!((&fault["line"], &fault["code"]), (&json!(10), &json!("duplicate_in_file")), "{told}");
    assert_eq!(check(json!({ "csv": next })).expect(200).await["faults"], json!([]));

    for (wrong, code) in [
        ("", "invalid_list"),
        ("file_number,title\n1,2\n", "invalid_list"),
        ("file_number,title,location,colour\n1,2,3,4\n", "invalid_list"),
        ("file_number,title,location\n1,\"2,3\n", "invalid_csv"),
    ] {
        check(json!({ "csv": wrong })).problem(422, code).await;
    }
    amara.post("/imports/validation").json(&json!({ "csv": LIST })).problem(403, "forbidden").await;
}

/// R031: what is good is imported, each row whole or not at all, and none twice.
#[tokio::test]
async fn a_list_is_imported_row_by_row_and_no_row_twice() {
    let world = World::start().await;
    let (amara, sam, chart) = records_room(&world).await;
    let import = |csv: &str| sam.post("/imports").json(&json!({ "csv": csv }));
    let counts =
        |done: &Value| [&done["imported"], &done["already_imported"], &done["refused"]].map(Value::clone);
    let done = import(LIST).expect(200).await;
    assert_eq!(counts(&done), [json!(1), json!(0), json!(7)], "{done}");
    let found = sam.get("/barcodes/B-1").expect(200).await;
    assert_eq!((&found["chart_id"], &found["location"]), (&json!(chart), &json!("Main / Records")));
    let again = import(LIST).expect(200).await;
    assert_eq!(counts(&again), [json!(0), json!(1), json!(7)], "{again}");
    assert_eq!(again["rows"][0]["record_id"], found["record_id"]);

    // With an owner, the chart is opened; rows of one client go into the same.
    let with_owner = format!(
        "file_number,title,location,owner\nN-200,Volume 1,Main / Records,{0}\nN-200,Volume 2,Main / Records,{0}\n",
        amara.email()
    );
    let done = import(&with_owner).expect(200).await;
    assert_eq!(counts(&done), [json!(2), json!(0), json!(0)], "{done}");
    let opened: ChartId = id(&done["rows"][0], "chart_id");
    assert_eq!(done["rows"][1]["chart_id"], json!(opened));
    let records = all(&amara, &format!("/charts/{opened}/records"), "records").await;
    assert_eq!(column(&records, "author_name"), ["Sam", "Sam"], "the owner reads what was imported");
    amara.post("/imports").json(&json!({ "csv": LIST })).problem(403, "forbidden").await;
}

/// R031: no row goes into a place that was retired since the list was held against the places, and the others do.
#[tokio::test]
async fn a_row_is_refused_whose_place_is_retired_while_the_list_is_imported() {
    let world = World::start().await;
    let (amara, sam, _) = records_room(&world).await;
    let places = all(&sam, "/locations", "locations").await;
    let (site, room) = (id(&places[0], "id"), id(&places[1], "id"));
    let cellar = sam.adds_location("room", "Cellar", Some(site)).await;
    let import = |list: &str| {
        let csv = format!("file_number,title,location,barcode\n{list}");
        sam.post("/imports").json(&json!({ "csv": csv }))
    };
    let list = "N-100,Volume 1,Main / Records,B-1\nN-100,Volume 2,Main / Cellar,B-2\n";
    let (done, _) = while_under_way(&world, import(list), retires(&sam, room).expect(200)).await;
    let done = done.expect(200);
    assert_eq!((&done["imported"], &done["refused"]), (&json!(1), &json!(1)), "{done}");
    let fault = &done["rows"][0]["faults"][0];
    assert_eq!((&fault["column"], &fault["code"]), (&json!("location"), &json!("location_retired")));
    sam.get("/barcodes/B-1").problem(404, "not_found").await;
    assert_eq!(sam.get("/barcodes/B-2").expect(200).await["location"], "Main / Cellar");

    // Nor is a place retired that something was imported into meanwhile.
    let annex = amara.adds_location("site", "Annex", None).await;
    let imports = import("N-100,Volume 3,Annex,B-3\n").expect(200);
    let (retired, done) = while_under_way(&world, retires(&sam, annex), imports).await;
    assert_eq!(done["imported"], json!(1), "{done}");
    retired.problem(409, "location_not_empty");
    let listed = sam.get(&format!("/locations/{cellar}/folders")).expect(200).await;
    assert_eq!(column(rows(&listed, "folders"), "barcode"), ["B-2"]);
}

/// R031: an index of ten thousand folders is checked whole, in parts over HTTP, and the first two thousand of it are
/// imported, which is what a test has time for; what comes twice is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_folders_are_checked_and_imported_in_parts() {
    const CLIENTS: usize = 25;
    const FOLDERS: usize = 10_000;
    const IMPORTED: usize = 2_000;
    const PART: usize = 1_000;
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let (amara, sam) = (clinic.practitioner("Dr Amara").await, clinic.staff("Sam").await);
    for n in 0..CLIENTS {
        let client = json!({ "full_name": format!("Person{n} Of{n}"), "file_number": format!("N-{n}") });
        amara.registers(client).await;
    }
    let site = sam.adds_location("site", "Main", None).await;
    sam.adds_location("room", "Records", Some(site)).await;
    let part = |first: usize| {
        let mut csv = "file_number,title,location,barcode,owner\n".to_owned();
        for n in first..first + PART {
            let (client, owner) = (n % CLIENTS, amara.email());
            let _ = writeln!(csv, "N-{client},Volume {n},Main / Records,B-{n:05},{owner}");
        }
        csv
    };
    let (since, mut import_id) = (Instant::now(), Value::Null);
    for first in (0..FOLDERS).step_by(PART) {
        let mut body = json!({ "csv": part(first), "first_line": first + 2 });
        if !import_id.is_null() {
            body["import_id"] = import_id.clone();
        }
        let report = sam.post("/imports/validation").json(&body).expect(200).await;
        assert_eq!((&report["good"], &report["faults"]), (&json!(PART), &json!([])), "{first}");
        import_id = report["import_id"].clone();
    }
    let validated = since.elapsed();
    let since = Instant::now();
    for first in (0..IMPORTED).step_by(PART) {
        let body = json!({ "csv": part(first), "first_line": first + 2 });
        let done = sam.post("/imports").json(&body).expect(200).await;
        assert_eq!((&done["imported"], &done["refused"]), (&json!(PART), &json!(0)), "{first}");
    }
    println!("{FOLDERS} rows checked in {validated:?}, {IMPORTED} imported in {:?}", since.elapsed());
    let listed = sam.get("/locations").query(&[("counts", "true")]).expect(200).await;
    assert_eq!(listed["locations"][0]["folders_within"], IMPORTED);
    let again = json!({ "csv": part(PART), "first_line": PART + 2 });
    let done = sam.post("/imports").json(&again).expect(200).await;
    assert_eq!((&done["imported"], &done["already_imported"]), (&json!(0), &json!(PART)));
    let found = sam.get("/barcodes/B-01999").expect(200).await;
    assert_eq!(found["location"], "Main / Records");
}

// ---- Incidents ---------------------------------------------------------------------------------------------

/// R034: a loss is told with its last custodian and what can be put together again, and raises an assessment.
#[tokio::test]
async fn a_lost_folder_is_assessed_for_being_a_breach() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let administrator = &north.clinic.administrator;
    let site = sam.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(north.chart, "Volume", site, "A-1").await;
    let out = sam.hands_out(folder, amara, amara.day(5)).await;
    let back = sam.puts_back(out, site).await;
    let note = "The scan has pages 1 to 40; the rest can be asked for at the laboratory.";
    let body = json!({ "expected_revision": back.revision, "harm": "lost", "note": note });
    let path = format!("/charts/{}/records/{}/incidents", north.chart, folder.record);
    let reported = sam.post(&path).json(&body).expect(201).await;
    let incident = &reported["incident"];
    assert_eq!((&incident["last_custodian_name"], &incident["note"]), (&json!("Dr Amara"), &json!(note)));
    assert_eq!(incident["authority"], "45 CFR 164.402");
    assert_eq!(sam.get("/barcodes/A-1").expect(200).await["state"], "missing");
    for assessor in [administrator, &ruth] {
        let told = assessor.get("/notices").expect(200).await;
        assert_eq!(told["notices"][0]["reason"], "incident_to_assess", "{told}");
        let open = assessor.get("/incidents").expect(200).await;
        assert_eq!(
            (&open["incidents"][0]["id"], &open["incidents"][0]["harm"]),
            (&incident["id"], &json!("lost"))
        );
    }
    sam.get("/incidents").problem(403, "forbidden").await;

    let path = format!("/incidents/{}/assessment", incident["id"].as_str().unwrap());
    let body = json!({ "expected_revision": 1, "assessment": "low_probability", "note": "Found in the locked room." });
    amara.post(&path).json(&body).problem(403, "forbidden").await;
    let closed = ruth.post(&path).json(&body).expect(200).await;
    assert_eq!(
        (&closed["closed"]["assessment"], &closed["closed"]["by_name"]),
        (&json!("low_probability"), &json!("Ruth"))
    );
    administrator.post(&path).json(&body).problem(409, "incident_closed").await;
    assert_eq!(ruth.get("/incidents").expect(200).await["incidents"], json!([]));
    let over = ruth.get("/incidents").query(&[("closed", "true")]).expect(200).await;
    assert_eq!(over["incidents"][0]["id"], incident["id"]);
    let log = format!("/charts/{}/records/{}/custody", north.chart, folder.record);
    assert_eq!(column(&all(&sam, &log, "custody").await, "act")[0], "incident_reported");
}

/// R034: a folder that is reported missing raises the assessment by itself, once for each loss.
#[tokio::test]
async fn a_folder_that_is_missing_is_assessed_for_being_a_breach() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = sam.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(north.chart, "Volume", site, "A-1").await;
    let open = async || rows(&ruth.get("/incidents").expect(200).await, "incidents").to_vec();
    let told = async |who: &Actor| {
        let notices = all(who, "/notices", "notices").await;
        notices.into_iter().filter(|notice| notice["reason"] == "incident_to_assess").count()
    };
    let out = sam.hands_out(folder, amara, amara.day(5)).await;

    // The same call twice is one incident.
    let path = format!("/charts/{}/records/{}/missing", folder.chart, folder.record);
    let body = json!({ "expected_revision": out.revision });
    let once = sam.post(&path).json(&body).idempotency_key("missing").expect(200).await;
    let twice = sam.post(&path).json(&body).idempotency_key("missing").expect(200).await;
    assert_eq!((&once["state"], &once), (&json!("missing"), &twice));
    let raised = open().await;
    assert_eq!(raised.len(), 1, "{raised:?}");
    let incident = &raised[0];
    assert_eq!((&incident["harm"], &incident["record_id"]), (&json!("lost"), &json!(folder.record)));
    assert_eq!((&incident["reported_by_name"], &incident["location"]), (&json!("Sam"), &json!("Main")));
    assert_eq!(incident["last_custodian_name"], "Dr Amara");
    assert!(incident.get("note").is_none() && incident.get("closed").is_none(), "{incident}");
    for assessor in [&north.clinic.administrator, &ruth] {
        assert_eq!(told(assessor).await, 1);
    }
    assert_eq!(told(&sam).await, 0, "who reports it does not assess it");
    let nadia = north.clinic.auditor("Nadia").await;
    let trail = format!("/charts/{}/records/{}/evidence", north.chart, folder.record);
    let kinds = |trail: &[Value], kind: &str| trail.iter().filter(|fact| fact["kind"] == kind).count();
    let trailed = all(&nadia, &trail, "evidence").await;
    assert_eq!(
        (kinds(&trailed, "FolderReportedMissing"), kinds(&trailed, "IncidentReported")),
        (1, 1),
        "{trailed:?}"
    );

    // What somebody says of it then is said of that incident, once; those who assess it know of it already.
    let mut again = Folder { revision: revision(&once), ..folder };
    let incidents = |folder: Folder| format!("/charts/{}/records/{}/incidents", folder.chart, folder.record);
    let lost = |folder: Folder, note: &str| {
        let body = json!({ "expected_revision": folder.revision, "harm": "lost", "note": note });
        sam.post(&incidents(folder)).json(&body)
    };
    let reported = lost(again, "Not a page of it is scanned.").expect(201).await;
    assert_eq!(
        (&reported["incident"]["id"], &reported["incident"]["revision"]),
        (&incident["id"], &json!(2)),
        "{reported}"
    );
    again.revision = revision(&reported);
    lost(again, "Some of it is.").problem(409, "incident_told").await;
    let told_of = open().await;
    assert_eq!((told_of.len(), told(&ruth).await), (1, 1), "{told_of:?}");
    assert_eq!(told_of[0]["note"], "Not a page of it is scanned.");

    // Found and missing again, it is lost another time, though nobody has assessed the first loss.
    let found = sam.puts_back(again, site).await;
    let missing = sam.handles(found, "missing", json!({})).await;
    assert_eq!((open().await.len(), told(&ruth).await), (2, 2));
    let assessment = json!({ "expected_revision": 2, "assessment": "breach", "note": "Left on a train." });
    let first = format!("/incidents/{}/assessment", incident["id"].as_str().unwrap());
    ruth.post(&first).json(&assessment).expect(200).await;
    let left = open().await;
    assert_eq!(left.len(), 1, "the assessment of the first says nothing of the second: {left:?}");
    assert_eq!(left[0]["last_custodian_name"], "Dr Amara", "known from the log");

    // Once a loss is assessed, what is reported of it is to be assessed anew.
    let second = format!("/incidents/{}/assessment", left[0]["id"].as_str().unwrap());
    let assessment = json!({ "expected_revision": 1, "assessment": "low_probability", "note": "Locked in." });
    ruth.post(&second).json(&assessment).expect(200).await;
    lost(missing, "The room was open.").expect(201).await;
    assert_eq!((open().await.len(), told(&ruth).await), (1, 3));
}

/// R034: what stock-taking did not find is lost until it turns up, and each loss is to be assessed.
#[tokio::test]
async fn what_stock_taking_does_not_find_is_assessed_for_being_a_breach() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = sam.adds_location("site", "Main", None).await;
    let filed = folders(amara, north.chart, site, &["A-1", "A-2", "A-3", "A-4"]).await;
    let out = sam.hands_out(filed[1], amara, amara.day(5)).await;
    sam.puts_back(out, site).await;
    sam.handles(filed[3], "missing", json!({})).await;
    let begins = async || -> Value {
        sam.post(&format!("/locations/{site}/stocktakes")).json(&json!({})).expect(201).await
    };
    let closes = async |begun: &Value, marks: bool| {
        let path = format!("/stocktakes/{}", begun["id"].as_str().unwrap());
        let body = json!({ "barcodes": ["A-1"] });
        sam.post(&format!("{path}/scans")).json(&body).expect(200).await;
        let body = json!({ "expected_revision": 2, "mark_missing": marks });
        sam.post(&format!("{path}/closing")).json(&body).expect(200).await;
    };
    let lost = async || -> BTreeSet<String> {
        let open = all(&ruth, "/incidents", "incidents").await;
        assert!(open.iter().all(|incident| incident["harm"] == "lost"), "{open:?}");
        column(&open, "record_id").into_iter().map(str::to_owned).collect()
    };
    let records = |which: &[usize]| -> BTreeSet<String> {
        which.iter().map(|at| filed[*at].record.to_string()).collect()
    };
    closes(&begins().await, false).await;
    assert_eq!(lost().await, records(&[3]), "nothing is reported missing unless that is asked for");
    closes(&begins().await, true).await;
    assert_eq!(lost().await, records(&[1, 2, 3]));
    // What is missing already is not lost another time.
    closes(&begins().await, true).await;
    let open = all(&ruth, "/incidents", "incidents").await;
    assert_eq!(open.len(), 3, "{open:?}");
    let of_second = open.iter().find(|one| one["record_id"] == json!(filed[1].record)).unwrap();
    assert_eq!(
        (&of_second["last_custodian_name"], &of_second["reported_by_name"]),
        (&json!("Dr Amara"), &json!("Sam"))
    );
    // Of what one stock-taking did not find they are told at once.
    let notices = all(&ruth, "/notices", "notices").await;
    let told = notices.iter().filter(|notice| notice["reason"] == "incident_to_assess");
    let told: BTreeSet<String> = told.map(|notice| notice["records"].to_string()).collect();
    assert_eq!(told, BTreeSet::from(["2".to_owned(), "null".to_owned()]), "{notices:?}");
    assert_eq!(notices.len(), 2, "{notices:?}");
}

/// R034: of what a closing has reported missing that was cut short, those who assess it are told by whatever closes it then.
#[tokio::test]
async fn what_a_closing_has_reported_that_was_cut_short_is_told_of_all_the_same() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, sam) = (&north.amara, north.clinic.staff("Sam").await);
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = sam.adds_location("site", "Main", None).await;
    folders(amara, north.chart, site, &["A-1", "A-2"]).await;
    let begun = sam.post(&format!("/locations/{site}/stocktakes")).json(&json!({})).expect(201).await;
    world.clock.advance(1);
    let path = format!("/stocktakes/{}/closing", begun["id"].as_str().unwrap());
    let closes = |marks: bool| {
        let body = json!({ "expected_revision": begun["revision"], "mark_missing": marks });
        sam.post(&path).json(&body)
    };
    let faults = world.faults().await;
    faults.plan(Fault::before("TransactWriteItems").nth(2).for_good());
    assert_eq!(closes(true).send().await.status, 503);
    faults.end();
    assert_eq!(all(&ruth, "/incidents", "incidents").await.len(), 1);
    assert!(all(&ruth, "/notices", "notices").await.is_empty());

    closes(false).expect(200).await;
    assert_eq!(all(&ruth, "/incidents", "incidents").await.len(), 1);
    let notices = all(&ruth, "/notices", "notices").await;
    assert_eq!(column(&notices, "reason"), ["incident_to_assess"]);
    assert_eq!(notices[0]["records"], json!(1));
}

/// A records manager keeps the inventory, and sees no content and no name.
#[tokio::test]
async fn a_records_manager_keeps_the_inventory() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let ruth = north.clinic.member("Ruth", &[Role::RecordsManager]).await;
    let site = ruth.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(north.chart, "Volume", site, "A-1").await;
    let scan = amara.uploads(north.chart, &files::scan(1)).await;
    let listed =
        ruth.get(&format!("/locations/{site}/folders")).query(&[("names", "true")]).expect(200).await;
    let row = &listed["folders"][0];
    assert!(
        row["barcode"] == "A-1" && row.get("client_name").is_none() && row.get("title").is_none(),
        "{row}"
    );
    let out = ruth.hands_out(folder, amara, amara.day(2)).await;
    ruth.puts_back(out, site).await;
    let begun = ruth.post(&format!("/locations/{site}/stocktakes")).json(&json!({})).expect(201).await;
    assert_eq!(begun["expected"], 1);
    for record in [folder.record, scan] {
        ruth.get(&format!("/charts/{}/records/{record}", north.chart)).problem(404, "not_found").await;
    }
    ruth.get(&format!("/charts/{}/records", north.chart)).problem(404, "not_found").await;
}
