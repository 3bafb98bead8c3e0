//! Files straight to object storage: agreed on, sent, looked into, replaced, resumed and given up (R005-R007, R017).

use crate::north::{North, all, column, revision, rows};
use domain::{ChartId, RecordId, limits::FOLLOWED_SECONDS};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use store::keys;
use testkit::{
    Actor, World,
    files::{self, TestFile, sha256},
    world::{Presigned, Started},
};

/// A word processor's file, as far as anybody looks into it.
fn letter_to_a_colleague() -> TestFile {
    let types = br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    let text = br#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>"#;
    let parts: [(&str, &[u8]); 2] = [("[Content_Types].xml", types), ("word/document.xml", text)];
    let media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    TestFile { media_type, ..files::zip_of("letter.docx", &parts) }
}

#[tokio::test]
async fn each_kind_of_file_is_known_for_what_it_is() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let kinds = [
        (files::xray(&files::GRACE), "dicom", "dicom", true),
        (files::photo(640, 480), "image", "image", true),
        (files::scan(2), "pdf", "pdf", true),
        (letter_to_a_colleague(), "document", "document", false),
        (files::letter("Dear colleague,\nthank you for seeing Grace.\n"), "text", "text", false),
        (files::sound(2), "audio", "media", false),
        (files::video(10), "video", "media", false),
    ];
    for (file, class, kind, has_preview) in kinds {
        let record = north.amara.uploads(north.chart, &file).await;
        let read = north.amara.reads(north.chart, record).await;
        assert_eq!(read["status"], "available", "{}: {read}", file.name);
        let found = &read["file"];
        assert_eq!(
            (&found["class"], &found["media_type"]),
            (&json!(class), &json!(file.media_type)),
            "{}",
            file.name
        );
        assert_eq!(read["facts"]["content"]["kind"], kind, "{read}");
        assert_eq!((&found["file_name"], &found["sha256"]), (&json!(file.name), &json!(file.sha256())));
        assert_eq!(found["has_preview"], has_preview, "{}", file.name);
        let path = format!("/charts/{}/records/{record}/previews", north.chart);
        let asked = north.amara.post(&path).json(&json!({}));
        if has_preview {
            let signed = asked.expect(200).await;
            let picture = Presigned::of(&signed["request"]).send(world.site(), &[]).await.stored();
            assert_eq!(picture.header("content-type"), signed["media_type"].as_str());
            assert!(picture.body.len() > 500 && picture.body != file.bytes, "a picture of {}", file.name);
        } else {
            asked.problem(409, "no_preview").await;
        }
        assert!(
            north.amara.downloads(north.chart, record).await == file.bytes,
            "{} comes back bit for bit",
            file.name
        );
    }
}

#[tokio::test]
async fn inspection_reads_the_facts_of_a_file() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let facts = async |file: TestFile| {
        let record = north.amara.uploads(north.chart, &file).await;
        north.amara.reads(north.chart, record).await["facts"]["content"].clone()
    };
    let xray = facts(files::xray(&files::GRACE)).await;
    assert_eq!(
        (&xray["modality"], &xray["body_part"], &xray["study_date"]),
        (&json!("DX"), &json!("CHEST"), &json!("2026-09-14"))
    );
    assert_eq!(
        (&xray["rows"], &xray["columns"], &xray["bits_stored"]),
        (&json!(512), &json!(512), &json!(12))
    );
    assert_eq!(xray["patient"]["birth_date"], "1984-02-29");
    let photo = facts(files::photo(640, 480)).await;
    assert_eq!(
        (&photo["width"], &photo["height"], &photo["orientation"]),
        (&json!(640), &json!(480), &json!(6))
    );
    let scan = facts(files::scan(3)).await;
    assert_eq!(
        (&scan["pages"], &scan["scanned"], &scan["encrypted"]),
        (&json!(3), &json!(true), &json!(false))
    );
    let sound = facts(files::sound(2)).await;
    assert_eq!(
        (&sound["duration_ms"], &sound["sample_rate_hz"], &sound["channels"]),
        (&json!(2000), &json!(16_000), &json!(1))
    );
    let film = facts(files::video(25)).await;
    assert_eq!(
        (&film["duration_ms"], &film["width"], &film["height"]),
        (&json!(2500), &json!(160), &json!(120))
    );
}

#[tokio::test]
async fn the_picture_of_somebody_else_is_marked() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let warnings = async |patient: files::Patient<'_>| {
        let record = north.amara.uploads(north.chart, &files::xray(&patient)).await;
        let read = north.amara.reads(north.chart, record).await;
        assert_eq!(read["status"], "available", "it is taken all the same: {read}");
        (
            read["file"]["warnings"].to_string().contains("patient_mismatch"),
            read["facts"]["patient_mismatch"].clone(),
        )
    };
    assert_eq!(warnings(files::GRACE).await, (false, Value::Null));
    // A device that writes the name another way round means the same person.
    let spelt = files::Patient { name: "OKAFOR^GRACE^^Mrs", ..files::GRACE };
    assert!(!warnings(spelt).await.0);
    let (differs, how) = warnings(files::Patient { name: "Mensah^Kofi", ..files::GRACE }).await;
    assert!(differs && how.to_string().contains("name"), "{how}");
    let (differs, how) = warnings(files::Patient { birth_date: "19430312", ..files::GRACE }).await;
    assert!(differs && how.to_string().contains("birth"), "{how}");
}

#[tokio::test]
async fn a_link_that_was_used_lets_nothing_else_in() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = files::letter("The first and only letter.");
    let forged = b"The first, forged letter!!".to_vec();
    assert_eq!(forged.len(), file.bytes.len());
    let started = north.amara.starts_upload(north.chart, &file, json!({})).await;
    let put = started.put().expect("one piece");
    assert_ne!(put.send(world.site(), &forged).await.status, 200, "the link is bound to what was announced");
    started.sends(&file.bytes).await;
    assert_eq!(put.send(world.site(), &file.bytes).await.status, 412, "a second time");
    assert_ne!(put.send(world.site(), &forged).await.status, 200);
    let completed = started.completes().await;
    world.idle().await;
    // Now that it is a record of the chart, least of all.
    assert_eq!(put.send(world.site(), &file.bytes).await.status, 412);
    world.idle().await;
    let record = completed["record_id"].as_str().unwrap().parse().unwrap();
    let read = north.amara.reads(north.chart, record).await;
    assert_eq!((&read["versions"], &read["file"]["sha256"]), (&json!(1), &json!(file.sha256())));
    assert!(north.amara.downloads(north.chart, record).await == file.bytes);
}

#[tokio::test]
async fn an_upload_is_completed_once_its_bytes_are_there_and_once_only() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = files::photo(64, 48);
    // Who cannot compute a digest beforehand sends without one.
    let started = north.amara.starts_upload(north.chart, &file, json!({ "sha256": null })).await;
    started.request(Method::POST, "/completion").json(&json!({})).problem(409, "upload_incomplete").await;
    assert_eq!(started.stands().await["arrived"], false);
    started.sends(&file.bytes).await;
    assert_eq!(started.stands().await["arrived"], true);
    let first = started.completes().await;
    let again = started.completes().await;
    assert_eq!((&again["record_id"], &again["version"]), (&first["record_id"], &json!(1)), "the same record");
    world.idle().await;
    let records = all(&north.amara, &format!("/charts/{}/records", north.chart), "records").await;
    assert_eq!(column(&records, "status"), ["available"], "one record");
    assert_eq!(records[0]["file"]["sha256"], json!(file.sha256()), "inspection has computed it");
    let stands = started.stands().await;
    assert_eq!((&stands["state"], &stands["record_id"]), (&json!("completed"), &first["record_id"]));
    // Somebody else's upload is nobody's business.
    let ben = north.clinic.practitioner("Dr Ben").await;
    ben.get(&format!("/charts/{}/uploads/{}", north.chart, started.upload)).problem(404, "not_found").await;
}

/// 20 MiB and a little: three parts.
fn recording() -> TestFile {
    files::bulk(11, 20 * 1024 * 1024 + 4_711).named("night.bin")
}

fn parts<'f>(started: &Started, file: &'f TestFile) -> Vec<(u32, &'f [u8])> {
    (1..).zip(file.bytes.chunks(started.part_bytes().expect("parts"))).collect()
}

#[tokio::test]
async fn a_large_upload_goes_on_where_it_was_cut_off() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = recording();
    let started = north.amara.starts_upload(north.chart, &file, json!({})).await;
    assert_eq!(started.put().map(|put| put.url), None, "nothing of this size goes in one piece");
    let all_parts = parts(&started, &file);
    assert_eq!(all_parts.len(), 3);
    started.sends_parts(&[all_parts[2], all_parts[0]]).await;
    let cut_off = started.signs_parts(&[all_parts[1]]).await;
    let torn = &all_parts[1].1[..1_000];
    assert_ne!(cut_off[0].send(world.site(), torn).await.status, 200, "half a part is no part");

    // The machine is started anew, and the tab is loaded again.
    world.restart().await;
    let path = format!("/charts/{}/uploads/{}", north.chart, started.upload);
    let stands = north.amara.get(&path).expect(200).await;
    let there: Vec<(u64, u64)> = rows(&stands, "parts")
        .iter()
        .map(|part| (part["number"].as_u64().unwrap(), part["size_bytes"].as_u64().unwrap()))
        .collect();
    let part_bytes = started.part_bytes().unwrap() as u64;
    assert_eq!(there, [(1, part_bytes), (3, file.len() - 2 * part_bytes)]);
    assert_eq!(stands["parts"][0]["sha256"], json!(sha256(all_parts[0].1)), "which can be compared");
    let completing = started.request(Method::POST, "/completion").json(&json!({}));
    let refused = completing.problem(409, "upload_incomplete").await;
    assert_eq!((&refused["missing_parts"], &refused["missing_count"]), (&json!([2]), &json!(1)));

    started.sends_parts(&all_parts[1..2]).await;
    let completed = started.completes().await;
    world.idle().await;
    let record = completed["record_id"].as_str().unwrap().parse().unwrap();
    let read = north.amara.reads(north.chart, record).await;
    assert_eq!((&read["status"], &read["file"]["sha256"]), (&json!("available"), &json!(file.sha256())));
    assert!(north.amara.downloads(north.chart, record).await == file.bytes, "bit for bit");
    assert_eq!(
        started.completes().await["record_id"],
        completed["record_id"],
        "completing again changes nothing"
    );
}

#[tokio::test]
async fn a_file_that_replaces_another_is_its_next_version() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let (blurred, sharp) = (files::photo(64, 48), files::photo(640, 480).named("sharp.jpg"));
    let record = amara.uploads_as(north.chart, &blurred, json!({ "title": "Left arm" })).await;
    let start = json!({
        "file_name": sharp.name, "size_bytes": sharp.len(), "media_type": sharp.media_type, "replaces": record,
        "title": "Right arm",
    });
    let path = format!("/charts/{}/uploads", north.chart);
    amara.post(&path).json(&start).problem(422, "version_keeps_description").await;
    assert_eq!(amara.uploads_as(north.chart, &sharp, json!({ "replaces": record })).await, record);

    let read = amara.reads(north.chart, record).await;
    assert_eq!(
        (&read["versions"], &read["title"]),
        (&json!(2), &json!("Left arm")),
        "the record is the same one"
    );
    assert_eq!(read["file"]["file_name"], "sharp.jpg");
    let versions =
        all(amara, &format!("/charts/{}/records/{record}/versions", north.chart), "versions").await;
    assert_eq!(column(&versions, "sha256"), [blurred.sha256(), sharp.sha256()]);
    for (version, file) in [(json!(1), &blurred), (json!(2), &sharp), (Value::Null, &sharp)] {
        let mut body = json!({ "version": version });
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let path = format!("/charts/{}/records/{record}/downloads", north.chart);
        let signed = amara.post(&path).json(&body).expect(200).await;
        let bytes = Presigned::of(&signed["request"]).send(world.site(), &[]).await.stored().body;
        assert!(bytes == file.bytes && signed["sha256"] == json!(file.sha256()), "version {version}");
    }
    let note = amara.writes_note(north.chart, "Visit", "no file").await;
    let start = json!({ "file_name": "a", "size_bytes": 1, "media_type": "text/plain", "replaces": note });
    amara.post(&path).json(&start).problem(409, "no_file").await;
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = recording();
    let started = north.amara.starts_upload(north.chart, &file, json!({})).await;
    let all_parts = parts(&started, &file);
    started.sends_parts(&all_parts[..1]).await;
    let open = started.signs_parts(&all_parts[1..2]).await;
    started.request(Method::DELETE, "").expect(204).await;
    assert_eq!(started.stands().await["state"], "abandoned");
    assert_ne!(
        open[0].send(world.site(), all_parts[1].1).await.status,
        200,
        "nobody takes its parts any more"
    );
    is_over(&started, "upload_over", 409).await;
    started.request(Method::DELETE, "").problem(409, "upload_over").await;

    let small = files::photo(64, 48);
    let started = north.amara.starts_upload(north.chart, &small, json!({})).await;
    started.sends(&small.bytes).await;
    started.request(Method::DELETE, "").expect(204).await;
    world.idle().await;
    is_over(&started, "upload_over", 409).await;
    assert_eq!(
        all(&north.amara, &format!("/charts/{}/records", north.chart), "records").await,
        [Value::Null; 0]
    );
}

async fn is_over(started: &Started, code: &str, status: u16) {
    started.request(Method::POST, "/completion").json(&json!({})).problem(status, code).await;
    let parts = json!({ "parts": [{ "number": 2, "sha256": sha256(b"") }] });
    started.request(Method::POST, "/parts").json(&parts).problem(status, code).await;
}

#[tokio::test]
async fn an_upload_waits_two_days_and_no_longer() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = recording();
    let started = north.amara.starts_upload(north.chart, &file, json!({})).await;
    let expires_at: Timestamp = started.answer["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(expires_at.duration_since(world.clock.now()).as_hours(), 47, "two days, less a moment");
    let all_parts = parts(&started, &file);
    started.sends_parts(&all_parts[..1]).await;
    world.clock.advance(47);
    assert_eq!(started.stands().await["state"], "open", "it can still be resumed");
    world.clock.advance(2);
    assert_eq!(started.stands().await["state"], "expired");
    is_over(&started, "upload_expired", 410).await;
    assert_eq!(
        all(&north.amara, &format!("/charts/{}/records", north.chart), "records").await,
        [Value::Null; 0]
    );
}

#[tokio::test]
async fn a_dangerous_file_is_kept_from_everybody() {
    let world = World::start().await;
    let north = North::open(&world).await;
    for (file, reason) in
        [(files::malware_signature(), "malware_signature"), (files::zip_bomb(), "decompression_bomb")]
    {
        let record = north.amara.uploads(north.chart, &file).await;
        let read = north.amara.reads(north.chart, record).await;
        assert!(["quarantined", "rejected"].contains(&read["status"].as_str().unwrap()), "{read}");
        assert_eq!(read["file"]["reason"], reason);
        assert!(
            read["facts"]["reason"].as_str().is_some_and(|why| !why.is_empty()),
            "people are told why: {read}"
        );
        refuses_to_hand_out(&north.amara, &north, record).await;
        let void = json!({ "expected_revision": revision(&read), "reason": "sent by mistake" });
        let path = format!("/charts/{}/records/{record}/void", north.chart);
        north.amara.post(&path).json(&void).expect(200).await;
    }
}

async fn refuses_to_hand_out(actor: &Actor, north: &North<'_>, record: domain::RecordId) {
    for end in ["downloads", "previews"] {
        let path = format!("/charts/{}/records/{record}/{end}", north.chart);
        actor.post(&path).json(&json!({})).problem(409, "file_not_available").await;
    }
}

#[tokio::test]
async fn a_download_comes_in_ranges_and_its_link_ends_soon() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let file = files::xray(&files::GRACE);
    let record = north.amara.uploads(north.chart, &file).await;
    let (answer, signed) = north.amara.signs_download(north.chart, record).await;
    assert_eq!(answer["expires_in_seconds"], 120);
    let whole = signed.send(world.site(), &[]).await.stored();
    assert!(whole.body == file.bytes);
    let disposition = whole.header("content-disposition").unwrap_or_default();
    assert!(disposition.starts_with("attachment; filename=\"chest-pa.dcm\""), "{disposition}");
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=-100", file.bytes.len() - 100, file.bytes.len()),
    ] {
        let piece = signed.clone().header("range", range).send(world.site(), &[]).await;
        assert_eq!(piece.status, 206, "{range}");
        assert!(piece.body == file.bytes[from..to], "{range}");
        let told = format!("bytes {from}-{}/{}", to - 1, file.bytes.len());
        assert_eq!(piece.header("content-range"), Some(told.as_str()));
    }
    let mut forged = signed.led_on(world.site()).await;
    let moment = format!("X-Amz-Expires={FOLLOWED_SECONDS}");
    assert!(forged.url.contains(&moment), "{}", forged.url);
    forged.url = forged.url.replace(&moment, "X-Amz-Expires=86400");
    assert_eq!(forged.send(world.site(), &[]).await.status, 403, "nobody makes it live longer");
    let nobodys = format!("{}/downloads/{}", world.site().origin(), "A".repeat(43));
    let nobodys = Presigned { url: nobodys, ..signed.clone() };
    assert_eq!(nobodys.send(world.site(), &[]).await.status, 404, "nobody was handed this one");
    world.clock.advance_by(SignedDuration::from_secs(121));
    assert_eq!(signed.send(world.site(), &[]).await.status, 404, "two minutes are over");
}

/// Whether a record is marked as a duplicate, and of which record.
async fn duplicate(actor: &Actor, chart: ChartId, record: RecordId) -> Option<Option<RecordId>> {
    let read = actor.reads(chart, record).await;
    let marked = rows(&read["file"], "warnings").contains(&json!("duplicate_file"));
    let explained = &read["facts"]["duplicate_file"];
    assert_eq!(marked, explained["text"].is_string(), "the facts explain the warning: {read}");
    marked.then(|| explained["record_id"].as_str().map(|id| id.parse().unwrap()))
}

#[tokio::test]
async fn a_file_that_its_chart_has_already_is_marked() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = files::photo(64, 48);
    let first = amara.uploads(chart, &photo).await;
    // It is known by its bytes, whatever it is called.
    let second = amara.uploads(chart, &photo.clone().named("once-more.jpg")).await;
    assert_eq!(duplicate(amara, chart, second).await, Some(Some(first)), "the chart has it since the first");
    assert_eq!(duplicate(amara, chart, first).await, None, "which stays what it was");
    let other = amara.uploads(chart, &files::photo(48, 64)).await;
    assert_eq!(duplicate(amara, chart, other).await, None, "other bytes");
    // Struck through is not gone.
    let void =
        json!({ "expected_revision": revision(&amara.reads(chart, first).await), "reason": "blurred" });
    amara.post(&format!("/charts/{chart}/records/{first}/void")).json(&void).expect(200).await;
    let third = amara.uploads(chart, &photo).await;
    assert_eq!(duplicate(amara, chart, third).await, Some(Some(first)));

    // Neither another client's chart nor another member's says anything.
    let kofi = amara.registers(json!({ "full_name": "Kofi Mensah", "birth_date": "1943-03-12" })).await;
    let of_kofi = amara.opens_chart(kofi).await;
    let his = amara.uploads(of_kofi, &photo).await;
    assert_eq!(duplicate(amara, of_kofi, his).await, None);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let of_ben = ben.opens_chart(north.grace).await;
    let seen_by_ben = ben.uploads(of_ben, &photo).await;
    assert_eq!(duplicate(&ben, of_ben, seen_by_ben).await, None);
}

#[tokio::test]
async fn a_patient_who_sends_what_the_chart_has_is_noticed() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = files::photo(64, 48);
    let grace = amara.asks_for(chart, "a photo").await.opened_at(world.site());
    grace.uploads(&photo).await;
    let waiting = all(amara, "/contributions", "contributions").await;
    assert!(!waiting[0]["warnings"].to_string().contains("duplicate_file"), "{waiting:?}");
    // What waits in the inbox is no record that could be named.
    let early = amara.uploads(chart, &photo).await;
    assert_eq!(duplicate(amara, chart, early).await, Some(None));
    let path = format!("/charts/{chart}/contributions/{}/acceptance", waiting[0]["id"].as_str().unwrap());
    let accept = json!({ "expected_revision": waiting[0]["revision"] });
    let accepted = amara.post(&path).json(&accept).expect(201).await;
    let record: RecordId = accepted["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(duplicate(amara, chart, record).await, None, "the first of them");
    grace.uploads(&photo).await;
    let waiting = all(amara, "/contributions", "contributions").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert!(waiting[0]["warnings"].to_string().contains("duplicate_file"), "{waiting:?}");
    let late = amara.uploads(chart, &photo).await;
    assert_eq!(duplicate(amara, chart, late).await, Some(Some(record)));
}

#[tokio::test]
async fn an_upload_that_came_to_nothing_has_no_duplicate() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = files::photo(64, 48);
    let inspected = async || {
        let started = amara.starts_upload(chart, &photo, json!({})).await;
        started.sends(&photo.bytes).await;
        world.idle().await;
        started
    };
    let completed = async |started: Started| -> RecordId {
        started.completes().await["record_id"].as_str().unwrap().parse().unwrap()
    };
    // Given up after it was looked into, by a member who begins anew.
    inspected().await.request(Method::DELETE, "").expect(204).await;
    // One expires, which nobody completes any more.
    inspected().await;
    world.clock.advance(49);
    let (first, second) = (inspected().await, inspected().await);
    let (second, first) = (completed(second).await, completed(first).await);
    assert_eq!(duplicate(amara, chart, first).await, None);
    assert_eq!(
        duplicate(amara, chart, second).await,
        Some(None),
        "both were there before either was a record"
    );
}

#[tokio::test]
async fn of_files_that_arrive_at_once_one_is_the_first() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = files::photo(64, 48);
    let uploads = std::iter::repeat_with(|| amara.uploads(chart, &photo)).take(4);
    let records = futures_util::future::join_all(uploads).await;
    let marks =
        futures_util::future::join_all(records.iter().map(|record| duplicate(amara, chart, *record))).await;
    assert_eq!(marks.iter().filter(|mark| mark.is_none()).count(), 1, "{marks:?}");
}

#[tokio::test]
async fn an_upload_is_not_its_own_duplicate_however_often_it_is_announced() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = files::photo(64, 48);
    let system = world.system().await;
    let function = runner::functions::functions().into_iter().find(|one| one.name == "inspection").unwrap();
    let handler = function.events.first().unwrap();
    let started = amara.starts_upload(chart, &photo, json!({})).await;
    let key = keys::upload(chart, started.upload);
    let upload = system.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap();
    let event = json!({
        "id": "again", "detail-type": "Object Created", "detail": { "object": { "key": upload.object_key } }
    });
    started.sends(&photo.bytes).await;
    // Beside the delivery that is on its way.
    let deliveries = std::iter::repeat_with(|| handler.run(system.clone(), event.clone())).take(3);
    for delivered in futures_util::future::join_all(deliveries).await {
        delivered.unwrap();
    }
    let record: RecordId = started.completes().await["record_id"].as_str().unwrap().parse().unwrap();
    world.idle().await;
    handler.run(system.clone(), event).await.unwrap();
    assert_eq!(amara.reads(chart, record).await["status"], "available");
    assert_eq!(duplicate(amara, chart, record).await, None);
}
