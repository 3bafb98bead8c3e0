//! A request that is made twice has one effect and one answer (R055): whoever lost an answer asks again.

use crate::{
    acts::{Act, Practice, done, operations, operations_to_their_end, refused},
    north::{North, all, shares},
    snapshot::Snapshot,
};
use domain::member::Role;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;
use testkit::{Actor, World, files};

const REPLAYED: &str = "idempotency-replayed";

/// The operation of this name.
fn named(practice: &Practice<'_>, id: &str) -> Act {
    let operation = operations().into_iter().find(|one| one.id == id);
    practice.act(operation.unwrap_or_else(|| unreachable!("no `{id}`")))
}

/// Every operation that changes something: the second time there is the first answer and no second effect.
#[tokio::test]
async fn whatever_is_done_twice_is_done_once() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let mut remembered = 0;
    for operation in operations_to_their_end() {
        let key = format!("first-{}", operation.id);
        let answers = Snapshot::of(&world).await.count("answer");
        let (act, first) = done(&north.act(operation), &north, Some(&key)).await;
        let before = Snapshot::of(&world).await;
        // What only reads is done again; what was refused has nothing to remember.
        if before.count("answer") == answers || first.status >= 300 {
            continue;
        }
        let again = act.by_right(&north).idempotency_key(&key).send().await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{}", operation.id);
        assert_eq!(again.header(REPLAYED), Some("true"), "{}", operation.id);
        assert_eq!(first.header(REPLAYED), None, "{}", operation.id);
        if act.has_body() {
            let other = act.by_right(&north).body("application/json", format!("{} ", act.input));
            let refusal = other.idempotency_key(&key).send().await;
            assert_eq!(refused(operation.id, &refusal), "idempotency_key_reused", "{}", operation.id);
            assert_eq!(refusal.status, 422, "{}", operation.id);
        }
        before.assert_unchanged(&Snapshot::of(&world).await);
        remembered += 1;
    }
    assert!(remembered >= 28, "only {remembered} operations remembered their answer");
}

/// Eight at once with one key: one effect, and the same answer for all.
#[tokio::test]
async fn the_same_request_many_times_at_once_has_one_effect() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let creations = [
        ("register_client", "client", 1),
        // The chart, and its row among the client's.
        ("open_chart", "chart", 2),
        ("draft_note", "record", 1),
        ("add_folder", "record", 1),
        ("add_location", "location", 1),
        ("start_upload", "upload", 1),
        ("create_intake_link", "intake_link", 1),
        ("start_intake_upload", "upload", 1),
        ("invite_member", "member", 1),
    ];
    for (id, entity, items) in creations {
        let mut act = named(&north, id);
        // Dr Amara has a chart of the other client already.
        act.path = act.path.replace(&north.client.to_string(), &north.spare.to_string());
        let before = Snapshot::of(&world).await.count(entity);
        let requests = (0..8).map(|_| act.by_right(&north).idempotency_key("all at once").send());
        let answers = join_all(requests).await;
        let told: BTreeSet<(u16, Vec<u8>)> =
            answers.iter().map(|one| (one.status, one.body.clone())).collect();
        assert_eq!(told.len(), 1, "{id}: {:?}", told.iter().map(|(status, _)| status).collect::<Vec<_>>());
        assert!(answers.iter().all(|one| one.status == 201), "{id}: {}", answers[0].json());
        let first = answers.iter().filter(|one| one.header(REPLAYED).is_none()).count();
        assert_eq!(first, 1, "{id}: one was the first");
        assert_eq!(Snapshot::of(&world).await.count(entity), before + items, "{id}");
    }
}

/// The steps of an upload, each made twice: one record with one version, whole.
#[tokio::test]
async fn an_upload_whose_every_step_is_repeated_is_one_record() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let (amara, chart, file) = (&north.amara, north.chart, files::photo(40, 30));
    let before = Snapshot::of(&world).await;
    let path = format!("/charts/{chart}/uploads");
    let body = json!({
        "file_name": file.name, "size_bytes": file.len(), "media_type": file.media_type, "sha256": file.sha256()
    });
    let start = || amara.post(&path).json(&body).idempotency_key("start");
    let (one, two) = (start().expect(201).await, start().expect(201).await);
    assert_eq!(one, two);
    let put = testkit::world::Presigned::of(&two["put"]);
    put.send(world.site(), &file.bytes).await.stored();
    assert_eq!(put.send(world.site(), &file.bytes).await.status, 412, "a link works once");
    let completion = format!("{path}/{}/completion", one["upload_id"].as_str().unwrap_or_default());
    let complete = |key: &str| amara.post(&completion).json(&json!({})).idempotency_key(key);
    let answers = join_all((0..6).map(|n| complete(&format!("complete-{}", n % 2)).send())).await;
    let records: BTreeSet<String> =
        answers.into_iter().map(|one| one.expect(201)["record_id"].to_string()).collect();
    assert_eq!(records.len(), 1, "{records:?}");
    // Without a key, too: completing again says what has become of it.
    let again = amara.post(&completion).json(&json!({})).expect(201).await;
    assert_eq!(again["version"], 1);
    world.idle().await;
    let after = Snapshot::of(&world).await;
    assert_eq!(after.count("record"), before.count("record") + 1);
    assert_eq!(after.count("file_version"), before.count("file_version") + 1);
    let record = again["record_id"].as_str().and_then(|id| id.parse().ok());
    assert_eq!(amara.downloads(chart, record.unwrap_or(north.note)).await, file.bytes);
}

/// A key belongs to one caller, in one organization, for one operation, for a day.
#[tokio::test]
async fn keys_of_different_calls_never_meet() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let south = world.clinic("South Clinic").await;
    let sam = north.staff("Sam").await;
    let here = north.practitioner("Dr Ben").await;
    let there = south.invites(&here, &[Role::Practitioner]).await;
    let site = json!({ "kind": "site", "name": "Main site" });
    let add = |who: &Actor| who.post("/locations").json(&site).idempotency_key("the same key");
    let mut made = BTreeSet::new();
    for who in [&sam, &here, &there] {
        let answer = add(who).send().await;
        assert_eq!(answer.header(REPLAYED), None, "{} is the first", who.name());
        made.insert(answer.expect(201)["id"].to_string());
    }
    assert_eq!(made.len(), 3, "{made:?}");
    let client = json!({ "demographics": { "full_name": "Grace Okafor" } });
    here.post("/clients").json(&client).idempotency_key("the same key").expect(201).await;
    assert!(made.contains(&add(&here).expect(201).await["id"].to_string()));
    world.clock.advance(25);
    let forgotten = add(&here).send().await;
    assert_eq!(forgotten.header(REPLAYED), None, "a day later it is another request");
    assert!(!made.contains(&forgotten.expect(201)["id"].to_string()));
}

/// R057, R131: who may do something no more is not answered as when they might, and the attempt leaves evidence.
#[tokio::test]
async fn an_answer_is_not_given_again_to_who_may_no_longer() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, iris) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Iris").await);
    for colleague in [&ben, &iris] {
        shares(amara, chart, colleague, "read_and_write").await;
    }
    let content = json!({ "content": { "title": "Call", "sections": [{ "text": "pain" }] } });
    let draft = || ben.post(&format!("/charts/{chart}/notes")).json(&content).idempotency_key("draft");
    draft().expect(201).await;
    assert_eq!(draft().send().await.header(REPLAYED), Some("true"), "as long as he may");
    amara.ends_share(chart, ben.member_id()).await;
    draft().problem(404, "not_found").await;

    // Who has left asks again, and is told that they have; who was suspended is told nothing.
    let seen = amara.access_list(chart).await["revision"].to_string();
    let path = format!("/charts/{chart}/membership");
    let leave = || iris.delete(&path).query(&[("expected_revision", &seen)]).idempotency_key("leave");
    leave().expect(204).await;
    assert_eq!(leave().send().await.header(REPLAYED), Some("true"));
    let nora = &north.clinic.administrator;
    let member = north.clinic.member_now(iris.member_id()).await;
    let suspension = json!({ "expected_revision": member["revision"] });
    let path = format!("/members/{}/suspension", iris.member_id());
    nora.post(&path).json(&suspension).expect(201).await;
    leave().problem(404, "not_found").await;

    for (who, kind) in [(&ben, "NoteDrafted"), (&iris, "ChartLeft")] {
        let path = format!("/members/{}/evidence?outcome=denied&kind={kind}", who.member_id());
        assert_eq!(all(nora, &path, "evidence").await.len(), 1, "{}", who.name());
    }
}

/// What was refused is not remembered: the same key serves once the request is right.
#[tokio::test]
async fn a_refusal_uses_no_key_up() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let register = |name: &str| {
        let body = json!({ "demographics": { "full_name": name } });
        amara.post("/clients").json(&body).idempotency_key("one key")
    };
    register("").problem(400, "invalid_input").await;
    register(&"x".repeat(201)).problem(400, "invalid_input").await;
    register("Grace Okafor").expect(201).await;
    register("Henry Lindqvist").problem(422, "idempotency_key_reused").await;
    let found = amara.get("/clients?name=henry").expect(200).await;
    assert_eq!(found["clients"], json!([]));
}
