//! Scratch.
use serde_json::json;
use testkit::{World, files};
use domain::{ChartId, RecordId};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let ben = north.practitioner("Dr Ben").await;
    let grace = amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-03-01" })).await;
    let chart = amara.opens_chart(grace).await;
    // single, inspected after or before
    let photo = files::photo(640, 480);
    let system = world.system().await;
    system.meter.start();
    let started = amara.starts_upload(chart, &photo, json!({})).await;
    println!("start: {:?}", system.meter.stop().calls);
    println!("{}", started.answer);
    let p = started.request(reqwest::Method::POST, "/completion").json(&json!({})).problem(409, "upload_incomplete").await;
    println!("{p}");
    println!("{}", started.stands().await);
    started.sends(&photo.bytes).await;
    // reuse of link
    let again = started.put().unwrap().send(world.site(), &photo.bytes).await;
    println!("again {}", again.status);
    assert_eq!(again.status, 412);
    world.idle().await;
    println!("{}", started.stands().await);
    system.meter.start();
    let done = started.completes().await;
    println!("complete: {:?}", system.meter.stop().calls);
    println!("{done:#}");
    assert_eq!(done["record"]["status"], "available");
    let twice = started.completes().await;
    assert_eq!(done["record_id"], twice["record_id"]);
    ben.get(&format!("/charts/{chart}/uploads/{}", started.upload)).problem(404, "not_found").await;
    let record: RecordId = done["record_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(amara.downloads(chart, record).await, photo.bytes);
    let (signed, _) = amara.signs_download(chart, record).await;
    println!("{signed:#}");
    let preview = amara.post(&format!("/charts/{chart}/records/{record}/previews")).json(&json!({})).expect(200).await;
    println!("{preview:#}");
    let got = testkit::world::Presigned::of(&preview["request"]).send(world.site(), &[]).await;
    assert_eq!(got.status, 200);
    ben.post(&format!("/charts/{chart}/records/{record}/downloads")).json(&json!({})).problem(404, "not_found").await;
    // another version, completed before inspection
    let xray = files::xray(&files::GRACE);
    let rec2 = amara.uploads_as(chart, &xray, json!({ "replaces": record })).await;
    assert_eq!(rec2, record);
    let read = amara.get(&format!("/charts/{chart}/records/{record}")).expect(200).await;
    println!("{read:#}");
    assert_eq!(read["versions"], 2);
    let old = amara.post(&format!("/charts/{chart}/records/{record}/downloads")).json(&json!({"version":1,"inline":true})).expect(200).await;
    assert_eq!(old["sha256"], photo.sha256());
    amara.post(&format!("/charts/{chart}/records/{record}/downloads")).json(&json!({"inline":true})).problem(409, "not_viewable").await;
    amara.post(&format!("/charts/{chart}/uploads")).json(&json!({"file_name":"a","size_bytes":1,"media_type":"a/b","replaces":record,"title":"x"})).problem(422, "version_keeps_description").await;
    // hostile
    for file in [files::malware_signature(), files::text_named_as_dicom(), files::zip_bomb()] {
        let rec = amara.uploads(chart, &file).await;
        let read = amara.get(&format!("/charts/{chart}/records/{rec}")).expect(200).await;
        println!("{} {} {}", file.name, read["status"], read["file"]);
        amara.post(&format!("/charts/{chart}/records/{rec}/downloads")).json(&json!({})).problem(409, "file_not_available").await;
    }
    // multipart
    let big = files::bulk(7, 20 * 1024 * 1024 + 3);
    let started = amara.starts_upload(chart, &big, json!({"title":"Big"})).await;
    let part = started.part_bytes().unwrap();
    let parts: Vec<&[u8]> = big.bytes.chunks(part).collect();
    started.sends_parts(&[(2, parts[1])]).await;
    let p = started.request(reqwest::Method::POST, "/completion").json(&json!({})).problem(409, "upload_incomplete").await;
    println!("{p}");
    let s = started.stands().await; println!("{s}");
    started.sends_parts(&[(1, parts[0]), (3, parts[2])]).await;
    let done = started.completes().await;
    println!("{}", done["record"]);
    world.idle().await;
    let rec: RecordId = done["record_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(amara.downloads(chart, rec).await, big.bytes);
    // abandon
    let started = amara.starts_upload(chart, &big, json!({})).await;
    started.request(reqwest::Method::DELETE, "").expect(204).await;
    started.request(reqwest::Method::POST, "/completion").json(&json!({})).problem(409, "upload_over").await;
    // expired
    let started = amara.starts_upload(chart, &photo, json!({})).await;
    world.clock.advance(49);
    started.request(reqwest::Method::POST, "/completion").json(&json!({})).problem(410, "upload_expired").await;
    assert_eq!(started.stands().await["state"], "expired");
    // wrong digest
    let other = files::photo(64, 64);
    let started = amara.starts_upload(chart, &other, json!({"sha256": photo.sha256()})).await;
    let sent = started.put().unwrap().send(world.site(), &other.bytes).await;
    println!("wrong digest {}", sent.status);
    assert!(sent.status >= 400);
    let trail = amara.get(&format!("/charts/{chart}/records/{record}/evidence")).send().await;
    println!("{} {}", trail.status, String::from_utf8_lossy(&trail.body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patients() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let ben = north.practitioner("Dr Ben").await;
    let grace = amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-03-01" })).await;
    let chart: ChartId = amara.opens_chart(grace).await;
    let link = amara.asks_for(chart, "X-ray of the left wrist").await;
    println!("{}", link.address);
    let patient = link.opened_at(world.site());
    println!("{:#}", patient.sees_request().await);
    testkit::world::Patient::with_token(world.site(), "AAAAAAAAAAAAAAAAAAAAAA").get("/intake/request").problem(404, "not_found").await;
    let photo = files::photo(320, 200);
    let started = patient.starts_upload(&photo, json!({})).await;
    println!("{}", started.stands().await);
    started.sends(&photo.bytes).await;
    let receipt = started.completes().await;
    assert_eq!(receipt, started.completes().await);
    println!("{receipt}");
    world.idle().await;
    let xray = patient.uploads(&files::xray(&files::GRACE)).await;
    let third = patient.starts_upload(&photo, json!({})).await;
    patient.post("/intake/uploads").json(&json!({"file_name":"a","size_bytes":1,"media_type":"a/b"})).problem(409, "link_exhausted").await;
    third.request(reqwest::Method::DELETE, "").expect(204).await;
    println!("{:#}", patient.sees_request().await);
    let inbox = amara.get("/contributions").expect(200).await;
    println!("{inbox:#}");
    assert_eq!(inbox["contributions"].as_array().unwrap().len(), 2);
    assert_eq!(ben.get("/contributions").expect(200).await["contributions"], json!([]));
    let by = |r: &serde_json::Value| inbox["contributions"].as_array().unwrap().iter().find(|c| c["id"] == r["reference"]).unwrap().clone();
    let (one, two) = (by(&receipt), by(&xray));
    let base = |c: &serde_json::Value| format!("/charts/{chart}/contributions/{}", c["id"].as_str().unwrap());
    let look = amara.post(&format!("{}/downloads", base(&one))).json(&json!({"inline": true})).expect(200).await;
    let got = testkit::world::Presigned::of(&look["request"]).send(world.site(), &[]).await;
    assert_eq!(got.body, photo.bytes);
    amara.post(&format!("{}/acceptance", base(&one))).json(&json!({"expected_revision": 1})).problem(409, "stale_revision").await;
    ben.post(&format!("{}/acceptance", base(&one))).json(&json!({"expected_revision": one["revision"]})).problem(404, "not_found").await;
    let record = amara.post(&format!("{}/acceptance", base(&one))).json(&json!({"expected_revision": one["revision"], "title": "Wrist"})).expect(201).await;
    println!("{record:#}");
    let rid: RecordId = record["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(amara.downloads(chart, rid).await, photo.bytes);
    amara.post(&format!("{}/refusal", base(&two))).json(&json!({"expected_revision": two["revision"], "reason": "not hers"})).expect(200).await;
    amara.post(&format!("{}/acceptance", base(&two))).json(&json!({"expected_revision": two["revision"].as_u64().unwrap()+1})).problem(409, "already_decided").await;
    assert_eq!(amara.get("/contributions").expect(200).await["contributions"], json!([]));
    println!("{:#}", amara.get(&format!("/charts/{chart}/intake-links")).expect(200).await);
    amara.delete(&format!("/charts/{chart}/intake-links/{}", link.id)).expect(204).await;
    patient.get("/intake/request").problem(410, "link_revoked").await;
    let link = amara.asks_for(chart, "more").await;
    let patient = link.opened_at(world.site());
    world.clock.advance(25);
    patient.get("/intake/request").problem(410, "link_expired").await;
    // replay
    let body = json!({ "what": "x", "expires_at": world.clock.now() + jiff::SignedDuration::from_hours(5), "limits": {"files":1,"bytes":5} });
    let a = amara.post(&format!("/charts/{chart}/intake-links")).idempotency_key("k1").json(&body).expect(201).await;
    let b = amara.post(&format!("/charts/{chart}/intake-links")).idempotency_key("k1").json(&body).expect(201).await;
    assert_eq!(a, b);
}
