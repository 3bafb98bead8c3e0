//! The timeline: records of all types in one order, whole and without repeats however it is paged (R002, R015, R046).

use crate::north::{North, all, column, pages, revision};
use jiff::{ToSpan, civil::date};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{World, files};

/// What a row is sorted by.
fn place(record: &Value) -> (String, String) {
    let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
    (text("occurred_on"), text("id"))
}

fn is_in_order(records: &[Value]) -> bool {
    let places: Vec<_> = records.iter().map(place).collect();
    places.is_sorted_by(|newer, older| newer > older)
}

#[tokio::test]
async fn all_types_stand_in_one_order() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let on = |day: &str, title: &str| json!({ "occurred_on": day, "content": { "title": title, "sections": [{ "text": "words" }] } });
    let notes = format!("/charts/{chart}/notes");
    amara.post(&notes).json(&on("2026-03-05", "March note")).expect(201).await;
    amara.post(&notes).json(&on("2024-12-31", "Old note")).expect(201).await;
    let photo = json!({ "title": "February photo", "occurred_on": "2026-02-02", "section": "imaging" });
    let photo = amara.uploads_as(chart, &files::photo(64, 48), photo).await;
    let site = amara.adds_location("site", "Main", None).await;
    let folder = json!({ "title": "Folder of 2025", "location_id": site, "occurred_on": "2025-06-30" });
    amara.post(&format!("/charts/{chart}/folders")).json(&folder).expect(201).await;
    let read = amara.reads(chart, photo).await;
    let void = json!({ "expected_revision": revision(&read), "reason": "wrong arm" });
    amara.post(&format!("/charts/{chart}/records/{photo}/void")).json(&void).expect(200).await;

    let path = format!("/clients/{}/timeline", north.grace);
    let timeline = all(amara, &path, "records").await;
    assert_eq!(column(&timeline, "title"), ["March note", "February photo", "Folder of 2025", "Old note"]);
    assert_eq!(column(&timeline, "type"), ["data", "electronic", "physical", "data"]);
    assert_eq!(column(&timeline, "status"), ["draft", "voided", "on_shelf", "draft"]);
    assert_eq!(
        (&timeline[1]["voided"]["reason"], &timeline[1]["section"]),
        (&json!("wrong arm"), &json!("imaging"))
    );
    assert_eq!(
        (&timeline[2]["folder"]["location"], &timeline[0]["author_name"]),
        (&json!("Main"), &json!("Dr Amara"))
    );
    assert_eq!(
        all(amara, &format!("/charts/{chart}/records"), "records").await,
        timeline,
        "the chart has them all"
    );

    // Days that have not come, or nobody lived through, are no days of a record.
    let tomorrow = world.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(2.days());
    for day in [tomorrow, date(1849, 12, 31)] {
        let body = on(&day.to_string(), "No such day");
        amara.post(&notes).json(&body).problem(422, "invalid_occurred_on").await;
    }
}

#[tokio::test]
async fn pages_are_whole_and_repeat_nothing() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let notes = format!("/charts/{chart}/notes");
    let mut written = BTreeSet::new();
    for n in 0..120_i32 {
        // Several on each day, and not in the order of the days.
        let day = date(2026, 1, 1).saturating_sub(((n * 37) % 25).days());
        let body = json!({ "occurred_on": day, "content": { "title": format!("Note {n}"), "sections": [] } });
        let drafted = amara.post(&notes).json(&body).expect(201).await;
        written.insert(drafted["record"]["id"].as_str().unwrap().to_owned());
    }
    for path in [format!("/clients/{}/timeline", north.grace), format!("/charts/{chart}/records")] {
        for (limit, sizes) in [
            (50, vec![50, 50, 20]),
            (40, vec![40, 40, 40]),
            (100, vec![100, 20]),
            (7, {
                let mut sizes = vec![7; 17];
                sizes.push(1);
                sizes
            }),
        ] {
            let pages = pages(amara, &path, limit, "records").await;
            assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{path} by {limit}");
            let records = pages.concat();
            assert!(is_in_order(&records), "{path} by {limit}");
            let ids: BTreeSet<String> = column(&records, "id").into_iter().map(str::to_owned).collect();
            assert_eq!(ids, written, "{path} by {limit}");
        }
        for (wrong, code) in [
            (("limit", "0"), "invalid_limit"),
            (("limit", "101"), "invalid_limit"),
            (("limit", "many"), "invalid_input"),
            (("cursor", "?"), "invalid_cursor"),
        ] {
            amara.get(&path).query(&[wrong]).problem(400, code).await;
        }
    }
}

#[tokio::test]
async fn what_is_written_while_somebody_pages_repeats_nothing() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    for n in 0..6 {
        amara.drafts_note(chart, &format!("Note {n}"), "words").await;
    }
    let path = format!("/clients/{}/timeline", north.grace);
    let first = amara.get(&path).query(&[("limit", "3")]).expect(200).await;
    amara.drafts_note(chart, "Meanwhile", "words").await;
    let cursor = first["next"].as_str().expect("another page");
    let second = amara.get(&path).query(&[("limit", "3"), ("cursor", cursor)]).expect(200).await;
    let titles = |page: &Value| column(page["records"].as_array().unwrap(), "title").join(", ");
    assert_eq!(titles(&first), "Note 5, Note 4, Note 3");
    assert_eq!(titles(&second), "Note 2, Note 1, Note 0");
    assert_eq!(second.get("next"), None, "the end says so");
}

#[tokio::test]
async fn each_practitioner_sees_their_own_charts() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let sam = north.clinic.staff("Sam").await;
    let of_ben = ben.opens_chart(north.grace).await;
    north.amara.writes_note(north.chart, "By Amara", "words").await;
    ben.writes_note(of_ben, "By Ben", "words").await;
    let path = format!("/clients/{}/timeline", north.grace);
    assert_eq!(column(&all(&north.amara, &path, "records").await, "title"), ["By Amara"]);
    assert_eq!(column(&all(&ben, &path, "records").await, "title"), ["By Ben"]);
    sam.get(&path).problem(404, "not_found").await;
    ben.get(&format!("/charts/{}/records", north.chart)).problem(404, "not_found").await;
    let again = ben.post(&format!("/clients/{}/charts", north.grace)).json(&json!({}));
    assert_eq!(
        again.problem(409, "chart_exists").await["chart_id"],
        json!(of_ben),
        "one chart for each of them"
    );
}
