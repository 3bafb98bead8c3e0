//! What is destroyed stays destroyed, whatever is restored of the table: keys stand apart from it (R158).

use crate::{
    north::{North, all, column, pages, revision},
    snapshot::{Table, asked},
};
use api::Fact;
use authz::{Action, Permit};
use domain::{
    ChartId, RecordId,
    record::{FileVersion, Record},
};
use evidence::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{Change, Item, Key, StoreError, keys};
use testkit::{Actor, World, files};

/// What a table itself has under a key.
async fn raw<T>(world: &World, table: Table, key: &Key<T>) -> Value {
    let key = json!({ "pk": { "S": key.partition() }, "sk": { "S": key.sort() } });
    let request = json!({ "Key": key, "ConsistentRead": true });
    asked(world, table, "GetItem", request).await["Item"].take()
}

/// Puts an item into the main table as if a backup had been restored.
async fn restores(world: &World, item: &Value) {
    asked(world, Table::Main, "PutItem", json!({ "Item": item })).await;
}

fn names(item: &Value) -> BTreeSet<&str> {
    item.as_object().map(|item| item.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// What the sweep does when it destroys.
async fn commits(world: &World, north: &North<'_>, change: Change) -> Result<(), StoreError> {
    let system = world.system().await;
    let permit =
        Permit::for_function("retention-sweep", north.amara.organization_id(), Action::DestroyRecords);
    let fact = Fact::new().chart(north.chart);
    let fact = system.evidence_by_itself(&permit, Kind::RecordDestroyed, world.clock.now(), "test", fact);
    system.store.commit(&permit, change, &fact, None).await
}

async fn stored(world: &World, chart: ChartId, id: RecordId) -> Record {
    let key = keys::record(chart, id);
    world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap()
}

async fn titles(amara: &Actor, chart: ChartId) -> Vec<String> {
    let records = all(amara, &format!("/charts/{chart}/records"), "records").await;
    column(&records, "title").into_iter().map(str::to_owned).collect()
}

/// That the key of a thing stands in its own table, and nothing else of it.
async fn stands_apart<T: Item>(world: &World, key: &Key<T>, beside: &[&str]) {
    let (item, apart) = (raw(world, Table::Main, key).await, raw(world, Table::Keys, key).await);
    assert!(item["revision"]["N"].is_string() && item["key"].is_null(), "{item}");
    assert!(apart["key"]["B"].is_string(), "{apart}");
    let wanted = ["entity", "key", "pk", "sk"].iter().chain(beside).copied().collect();
    assert_eq!(names(&apart), wanted);
    for name in wanted.iter().filter(|name| **name != "key") {
        assert_eq!(apart[name], item[name], "{name}");
    }
}

#[tokio::test]
async fn the_main_table_has_no_key_of_anything_that_can_be_destroyed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "Visit", "dry cough").await;
    let photo = amara.uploads(chart, &files::photo(64, 48)).await;
    let folder = json!({ "title": "Folder", "location_id": amara.adds_location("site", "Main", None).await });
    amara.post(&format!("/charts/{chart}/folders")).json(&folder).expect(201).await;
    let link = amara.asks_for(chart, "Photos").await;
    let sent = link.opened_at(world.site()).uploads(&files::photo(32, 32)).await;

    for record in [note, photo] {
        stands_apart(&world, &keys::record(chart, record), &["timeline_sk"]).await;
    }
    let version = first_version(&world, chart, photo).await;
    stands_apart(&world, &keys::upload(chart, version.upload_id), &["purge_at"]).await;
    let contribution = sent["reference"].as_str().unwrap().parse().unwrap();
    stands_apart(&world, &keys::contribution(chart, contribution), &[]).await;

    let rows = asked(&world, Table::Main, "Scan", json!({ "ConsistentRead": true })).await;
    let rows = rows["Items"].as_array().unwrap();
    let kinds = ["record", "upload", "contribution"].map(|kind| json!(kind));
    let apart: Vec<_> = rows.iter().filter(|row| kinds.contains(&row["entity"]["S"])).collect();
    assert_eq!(apart.len(), 6, "three records, two uploads, a contribution");
    assert!(apart.iter().all(|row| row["key"].is_null()), "{apart:?}");
}

async fn first_version(world: &World, chart: ChartId, record: RecordId) -> FileVersion {
    let key = keys::file_version(chart, record, 1);
    world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap()
}

#[tokio::test]
async fn a_key_is_written_once_whatever_becomes_of_its_record() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let draft = amara.drafts_note(chart, "Visit", "dry cough").await;
    let key = keys::record(chart, draft.record);
    let first = raw(&world, Table::Keys, &key).await;
    let saved = amara.saves_draft(draft, "Visit of March", "dry cough, lungs clear").await;
    let record = amara.signs_note(saved).await;
    let void = json!({ "expected_revision": revision(&amara.reads(chart, record).await), "reason": "Ben's" });
    amara.post(&format!("/charts/{chart}/records/{record}/void")).json(&void).expect(200).await;
    assert_eq!(raw(&world, Table::Keys, &key).await, first);
    assert_eq!(amara.reads(chart, record).await["content"]["sections"][0]["text"], "dry cough, lungs clear");

    // Nothing of an id that is there is ever inserted again, nor set.
    let again = stored(&world, chart, record).await;
    let refused = commits(&world, &north, Change::new().insert("record", &key, &again)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { label: "record" })), "{refused:?}");
    let refused = commits(&world, &north, Change::new().set("record", &key, &again)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

#[tokio::test]
async fn a_restored_backup_opens_nothing_that_was_destroyed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let kept = amara.writes_note(chart, "Kept", "stays").await;
    let gone = amara.writes_note(chart, "Gone", "secret words").await;
    let path = format!("/charts/{chart}/records/{gone}");
    let key = keys::record(chart, gone);
    let (backup, wrapped) = (raw(&world, Table::Main, &key).await, raw(&world, Table::Keys, &key).await);

    // The key first: what is left of the record opens no more, and the others do.
    let change = Change::new().destroy_key(&key).destroy_key(&key);
    commits(&world, &north, change).await.unwrap();
    amara.get(&path).problem(410, "key_destroyed").await;
    assert_eq!(titles(amara, chart).await, ["Kept"]);
    assert_eq!(amara.reads(chart, kept).await["content"]["sections"][0]["text"], "stays");

    // Then the record, with a key that is gone already.
    let record = stored(&world, chart, gone).await;
    assert!(record.key.is_destroyed());
    let change = Change::new().take("record", &key, &record).destroy_key(&key);
    commits(&world, &north, change).await.unwrap();
    amara.get(&path).problem(404, "not_found").await;

    // A backup brings the item back, even one of before keys stood apart, and not what it said.
    let mut older = backup.clone();
    older["key"] = wrapped["key"].clone();
    for item in [&backup, &older] {
        restores(&world, item).await;
        amara.get(&path).problem(410, "key_destroyed").await;
        assert_eq!(titles(amara, chart).await, ["Kept"]);
    }
    assert_eq!(amara.reads(chart, kept).await["title"], "Kept");
}

#[tokio::test]
async fn the_keys_of_a_record_go_together() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let link = amara.asks_for(chart, "Photos").await;
    let sent = link.opened_at(world.site()).uploads(&files::photo(32, 32)).await;
    let contribution = sent["reference"].as_str().unwrap().parse().unwrap();
    let waiting = all(amara, "/contributions", "contributions").await;
    let accept = json!({ "expected_revision": waiting[0]["revision"] });
    let path = format!("/charts/{chart}/contributions/{contribution}/acceptance");
    let accepted = amara.post(&path).json(&accept).expect(201).await;
    let id: RecordId = accepted["id"].as_str().unwrap().parse().unwrap();

    let store = &world.system().await.store;
    let (record, version) = (stored(&world, chart, id).await, first_version(&world, chart, id).await);
    let came_as = store.contribution_of(&record).await.unwrap();
    assert_eq!(came_as, Some(contribution));
    let upload = keys::upload(chart, version.upload_id);
    let change = Change::new().destroy_keys_of(&record, &[version], came_as);
    commits(&world, &north, change).await.unwrap();
    assert_eq!(raw(&world, Table::Keys, &keys::record(chart, id)).await, Value::Null);
    assert_eq!(raw(&world, Table::Keys, &keys::contribution(chart, contribution)).await, Value::Null);
    assert_eq!(raw(&world, Table::Keys, &upload).await, Value::Null);
    amara.get(&format!("/charts/{chart}/records/{id}")).problem(410, "key_destroyed").await;

    let note = amara.writes_note(chart, "Visit", "dry cough").await;
    assert_eq!(store.contribution_of(&stored(&world, chart, note).await).await.unwrap(), None);
}

#[tokio::test]
async fn a_page_has_its_keys_even_where_the_tables_do_not_line_up() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let mut notes = Vec::new();
    for n in 0..51 {
        notes.push(amara.drafts_note(chart, &format!("Note {n:02}"), "words").await.record);
    }
    // A batch of so many items with their keys is more than DynamoDB takes at once.
    let wanted: Vec<Key<Record>> = notes.iter().map(|id| keys::record(chart, *id)).collect();
    let store = &world.system().await.store;
    let found = store.fetch(wanted.iter().map(Key::any)).await.unwrap();
    assert!(wanted.iter().all(|key| !found.get(key).unwrap().unwrap().key.is_destroyed()));
    // Whoever opens nothing is given nothing to open it with.
    let closed = store.fetch(wanted.iter().map(Key::closed)).await.unwrap();
    assert!(wanted.iter().all(|key| closed.get(key).unwrap().unwrap().key.is_destroyed()));
    let page = store.timeline_closed(chart, None, 100).await.unwrap();
    assert!(page.items.len() == 51 && page.items.iter().all(|record| record.key.is_destroyed()));

    // Keys without records before all others, as a restored backup leaves them.
    for n in 0..20 {
        let item = json!({
            "pk": { "S": keys::chart_partition(chart) }, "sk": { "S": format!("RECORD#orphan {n}") },
            "timeline_sk": { "S": format!("9999-01-01#{n:02}") }, "key": { "B": "AAAA" }
        });
        asked(&world, Table::Keys, "PutItem", json!({ "Item": item })).await;
    }
    let pages = pages(amara, &format!("/charts/{chart}/records"), 10, "records").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 10, 10, 10, 1]);
    let pages = pages.concat();
    let titles: BTreeSet<&str> = column(&pages, "title").into_iter().collect();
    assert_eq!(titles.len(), 51);
}
