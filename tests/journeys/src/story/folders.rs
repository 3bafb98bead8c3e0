//! The physical record: a folder on a shelf, who had it, and its scan (R030, R033, R036).

use super::{Cast, id, number, patient::Grace, rows, text};
use crate::narrator::{Narrator, short};
use domain::{LocationId, RecordId};
use jiff::ToSpan;
use serde_json::{Value, json};
use testkit::{Actor, world::Folder};

/// Where the clinic keeps paper, from the outside in.
const PLACES: [(&str, &str); 4] =
    [("site", "Main building"), ("room", "Records room"), ("cabinet", "Cabinet C"), ("shelf", "Shelf 2")];

pub async fn are_kept(narrator: &Narrator, cast: &Cast, grace: &Grace) -> Folder {
    narrator.chapter("A folder");
    let shelf = shelf(narrator, &cast.sam).await;
    let barcode = format!("NC-{}", short(grace.chart).trim_start_matches('…').to_uppercase());
    let folder = is_filed(narrator, &cast.amara, grace, shelf, &barcode).await;
    let folder = is_handed_out(narrator, cast, folder, &barcode).await;
    let folder = narrator
        .act("Sam puts it back", cast.sam.puts_back(folder, shelf), |_| "on the shelf".to_owned())
        .await;
    let listed = custody(narrator, &cast.sam, folder).await;
    assert_eq!(listed, ["checked_in", "checked_out", "filed"], "everyone who had it, the last one first");
    folder
}

/// The shelf, with everything around it that is not there yet.
async fn shelf(narrator: &Narrator, sam: &Actor) -> LocationId {
    let listed = sam.get("/locations").query(&[("limit", "100")]).expect(200).await;
    let mut path = String::new();
    let mut within = None;
    for (kind, name) in PLACES {
        path = if path.is_empty() { name.to_owned() } else { format!("{path} / {name}") };
        let known = rows(&listed, "locations").iter().find(|place| place["path"] == path.as_str());
        within = Some(match known {
            Some(place) => id(place, "id"),
            None => {
                let adding = sam.adds_location(kind, name, within);
                narrator.act(&format!("Sam adds a {kind}"), adding, |_| path.clone()).await
            }
        });
    }
    within.expect("the last place")
}

async fn is_filed(
    narrator: &Narrator,
    amara: &Actor,
    grace: &Grace,
    shelf: LocationId,
    barcode: &str,
) -> Folder {
    let body = json!({
        "title": "Paper chart, 1998 to 2012",
        "location_id": shelf,
        "position": "third from the left",
        "barcode": barcode,
        "section": "documents",
    });
    let adding = amara.post(&format!("/charts/{}/folders", grace.chart)).json(&body).expect(201);
    let came = |added: &Value| format!("{barcode}, {}", text(&added["folder"], "location"));
    let added = narrator.act("Dr Amara files Grace's paper chart", adding, came).await;
    Folder { chart: grace.chart, record: id(&added, "id"), revision: number(&added, "revision") }
}

async fn is_handed_out(narrator: &Narrator, cast: &Cast, folder: Folder, barcode: &str) -> Folder {
    let finding = cast.sam.get(&format!("/barcodes/{barcode}")).expect(200);
    let came = |found: &Value| format!("{}, {}", text(found, "location"), text(found, "position"));
    let found = narrator.act("Sam scans its barcode", finding, came).await;
    assert_eq!(found["record_id"], json!(folder.record), "the barcode is this folder's: {found}");
    assert_eq!(found.get("title"), None, "the records room learns of no titles: {found}");
    let due_on = (cast.sam.site().now() + 12.hours())
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .saturating_add(14.days());
    let handing = cast.sam.hands_out(folder, &cast.amara, due_on);
    let folder = narrator.act("Sam hands it to Dr Amara", handing, |_| format!("due on {due_on}")).await;
    let again = json!({ "expected_revision": folder.revision, "to": cast.ben.member_id(), "due_on": due_on });
    let path = format!("/charts/{}/records/{}/check-out", folder.chart, folder.record);
    let refused = cast.sam.post(&path).json(&again).problem(409, "folder_state");
    narrator.act("Dr Ben asks for it too", refused, |_| "refused, it is not on its shelf".to_owned()).await;
    folder
}

/// What happened to it, the newest first.
async fn custody(narrator: &Narrator, sam: &Actor, folder: Folder) -> Vec<String> {
    let listing = sam.get(&format!("/charts/{}/records/{}/custody", folder.chart, folder.record)).expect(200);
    let acts = |listed: &Value| -> Vec<String> {
        rows(listed, "custody").iter().map(|entry| text(entry, "act").to_owned()).collect()
    };
    let came = |listed: &Value| {
        acts(listed).iter().rev().map(|act| act.replace('_', " ")).collect::<Vec<_>>().join(", ")
    };
    acts(&narrator.act("Sam looks who had it", listing, came).await)
}

/// Paper and its scan belong together (R036).
pub async fn is_scanned(narrator: &Narrator, cast: &Cast, folder: Folder, scan: RecordId) {
    let body = json!({ "expected_revision": folder.revision, "record_id": scan, "verified": true });
    let path = format!("/charts/{}/records/{}/scan", folder.chart, folder.record);
    let linking = cast.amara.put(&path).json(&body).expect(200);
    let linked = narrator
        .act("Dr Amara compares the scan with the folder", linking, |_| "linked and verified".to_owned());
    let known = linked.await["scan"].clone();
    assert_eq!((&known["record_id"], &known["verified"]), (&json!(scan), &json!(true)), "the folder's scan");
}
