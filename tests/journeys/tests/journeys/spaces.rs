//! Collaborative spaces: what members share beside the records, who sees it, and what never comes of it by itself
//! (R070-R076, P-20…P-26, X-6).

use crate::{
    north::{North, all, column, pages, rows},
    snapshot::Snapshot,
};
use domain::{SpaceId, SpaceItemId, limits::SPACE_DAYS, member::Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{
    Actor, World, files,
    world::{Presigned, Request},
};

const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

/// Dr Amara's space about Grace, made from Grace's chart, and two colleagues who have nothing of that chart.
struct Ward<'w> {
    north: North<'w>,
    ben: Actor,
    sam: Actor,
    space: SpaceId,
}

impl<'w> Ward<'w> {
    async fn open(world: &'w World) -> Self {
        let north = North::open(world).await;
        let ben = north.clinic.practitioner("Dr Ben").await;
        let sam = north.clinic.staff("Sam").await;
        let space = north.amara.creates_space_from(north.chart, "Grace after surgery").await;
        north.amara.invites_into(space, &ben).await;
        Self { north, ben, sam, space }
    }

    fn item(&self, item: SpaceItemId, end: &str) -> String {
        format!("/spaces/{}/items/{item}{end}", self.space)
    }

    async fn items(&self, reader: &Actor) -> Vec<Value> {
        all(reader, &format!("/spaces/{}/items", self.space), "items").await
    }

    fn promotes(&self, who: &Actor, item: SpaceItemId, body: &Value) -> Request {
        who.post(&self.item(item, "/promotions")).json(body)
    }
}

/// Everything that is asked of a space with an item, by whoever has no business there.
async fn sees_nothing(who: &Actor, space: SpaceId, item: SpaceItemId) {
    let note = json!({ "content": { "title": "x", "sections": [{ "text": "y" }] } });
    let file = json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" });
    let whom = json!({ "whom": { "type": "member", "id": who.member_id() } });
    let (at, of_item) = (format!("/spaces/{space}"), format!("/spaces/{space}/items/{item}"));
    let requests = [
        who.get(&at),
        who.get(&format!("{at}/items")),
        who.get(&of_item),
        who.post(&format!("{at}/members")).json(&whom),
        who.post(&format!("{at}/notes")).json(&note),
        who.post(&format!("{at}/uploads")).json(&file),
        who.post(&format!("{of_item}/downloads")).json(&json!({})),
        who.post(&format!("{of_item}/previews")).json(&json!({})),
        who.post(&format!("{of_item}/strike")).json(&json!({})),
        who.post(&format!("{of_item}/promotions")).json(&json!({ "chart_id": NOBODYS })),
        who.delete(&format!("{at}/membership")),
    ];
    for request in requests {
        request.problem(404, "not_found").await;
    }
    let listed = who.get("/spaces").send().await;
    assert!(!String::from_utf8_lossy(&listed.body).contains(&space.to_string()), "{}", who.name());
}

#[tokio::test]
async fn what_one_shares_all_members_see_and_nobody_else() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, space) = (&ward.north.amara, &ward.ben, ward.space);
    let note = ben.shares_note(space, "By bus", "A later appointment would help").await;
    let photo = files::photo(64, 48);
    let file = amara.shares_file(space, &photo).await;

    let seen = ward.items(amara).await;
    assert_eq!(column(&seen, "id"), [file.to_string(), note.to_string()], "newest first");
    assert_eq!(column(&seen, "kind"), ["document", "note"]);
    assert_eq!(ward.items(ben).await.len(), 2, "the same for all");
    let read = amara.reads_item(space, note).await;
    assert_eq!((&read["author_name"], &read["title"]), (&json!("Dr Ben"), &json!("By bus")));
    assert_eq!(read["content"]["sections"][0]["text"], "A later appointment would help");
    let read = ben.reads_item(space, file).await;
    assert_eq!(
        (&read["document"]["state"], &read["document"]["class"]),
        (&json!("available"), &json!("image"))
    );
    let signed = ben.post(&ward.item(file, "/downloads")).json(&json!({})).expect(200).await;
    assert!(Presigned::of(&signed["request"]).send(world.site(), &[]).await.stored().body == photo.bytes);
    let preview = ben.post(&ward.item(file, "/previews")).json(&json!({})).expect(200).await;
    Presigned::of(&preview["request"]).send(world.site(), &[]).await.stored();
    ben.post(&ward.item(note, "/downloads")).json(&json!({})).problem(409, "no_file").await;

    let south = world.clinic("South Clinic").await;
    let before = Snapshot::of(&world).await;
    for outsider in [
        &ward.sam,
        &ward.north.clinic.administrator,
        &south.practitioner("Dr Sofia").await,
        &south.administrator,
    ] {
        for item in [note, file] {
            sees_nothing(outsider, space, item).await;
        }
    }
    let after = Snapshot::of(&world).await;
    assert_eq!(after.count("space_item"), before.count("space_item"));
    assert_eq!(
        pages(amara, &format!("/spaces/{space}/items"), 1, "items").await.len(),
        2,
        "page by page too"
    );
}

/// P-24, in words that every reader of the space gets.
#[tokio::test]
async fn a_space_says_that_it_is_not_for_recordkeeping() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    for reader in [&ward.north.amara, &ward.ben] {
        let read = reader.get(&format!("/spaces/{}", ward.space)).expect(200).await;
        assert_eq!((&read["recordkeeping"], &read["retention_days"]), (&json!(false), &json!(SPACE_DAYS)));
        let notice = read["notice"].as_str().unwrap();
        assert!(notice.contains("not for recordkeeping"), "{notice}");
        assert!(notice.contains(&SPACE_DAYS.to_string()), "{notice}");
        assert_eq!((&read["subject"], &read["name"]), (&json!("person"), &json!("Grace after surgery")));
        assert_eq!(column(rows(&read, "members"), "name"), ["Dr Amara", "Dr Ben"]);
    }
}

/// R075: the space was made from the chart and shows no more of it than that.
#[tokio::test]
async fn being_in_a_space_gives_nothing_on_the_chart_it_is_linked_to() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, chart, space) = (&ward.north.amara, &ward.ben, ward.north.chart, ward.space);
    let record = amara.writes_note(chart, "First visit", "S: pain in the left wrist").await;
    let shared = amara.shares_note(space, "How she is", "She is glad of the bus").await;

    let read = ben.get(&format!("/spaces/{space}")).expect(200).await;
    assert_eq!((&read["linked"], &read["chart"]), (&json!(true), &Value::Null));
    assert!(!read.to_string().contains(&chart.to_string()), "not even its id");
    let read = amara.get(&format!("/spaces/{space}")).expect(200).await;
    assert_eq!(read["chart"]["chart_id"], json!(chart), "to who may read the chart anyway");
    for path in [
        format!("/charts/{chart}"),
        format!("/charts/{chart}/records"),
        format!("/charts/{chart}/records/{record}"),
        format!("/charts/{chart}/records/{record}/versions"),
        format!("/charts/{chart}/intake-links"),
    ] {
        ben.get(&path).problem(404, "not_found").await;
    }
    let timeline = format!("/clients/{}/timeline", ward.north.grace);
    assert_eq!(all(ben, &timeline, "records").await, [Value::Null; 0]);
    ward.promotes(ben, shared, &json!({ "chart_id": chart })).problem(404, "not_found").await;
    // And the other way round: the chart has nothing of the space, nor does the trail of its client.
    assert_eq!(column(&all(amara, &timeline, "records").await, "id"), [record.to_string()]);
    let trail = all(ben, &format!("/clients/{}/evidence", ward.north.grace), "evidence").await;
    let told = trail.iter().filter(|fact| fact["subjects"]["space_id"] == json!(space));
    let denied: Vec<&Value> = told.collect();
    assert!(
        denied.iter().all(|fact| fact["outcome"] == "denied"),
        "his own attempt, and nothing else: {denied:?}"
    );

    // Nobody makes a space from a chart they may not read.
    let body = json!({ "name": "Mine", "subject": "person", "chart_id": chart });
    ben.post("/spaces").json(&body).problem(404, "not_found").await;
}

#[tokio::test]
async fn every_member_invites_and_whoever_leaves_sees_nothing_from_then_on() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, sam, space) = (&ward.north.amara, &ward.ben, &ward.sam, ward.space);
    let notices = Snapshot::of(&world).await.count("notice");
    let invited = ben.invites_into(space, sam).await;
    assert_eq!(column(rows(&invited, "invited"), "name"), ["Sam"]);
    assert_eq!(invited["invited"][0]["invited_by"], json!(ben.member_id()));
    assert_eq!(Snapshot::of(&world).await.count("notice"), notices + 1, "Sam is told");
    let note = ben.shares_note(space, "By bus", "A later appointment would help").await;
    let under_way = ben.starts_space_upload(space, &files::photo(64, 48), json!({})).await;
    under_way.sends(&files::photo(64, 48).bytes).await;

    ben.leaves_space(space).await;
    sees_nothing(ben, space, note).await;
    under_way.request(Method::GET, "").problem(404, "not_found").await;
    under_way.request(Method::POST, "/completion").json(&json!({})).problem(404, "not_found").await;
    world.idle().await;
    for stayed in [amara, sam] {
        let seen = ward.items(stayed).await;
        assert_eq!(
            column(&seen, "id"),
            [note.to_string()],
            "what he wrote stays, what he did not finish never comes"
        );
    }
    assert_eq!(all(ben, "/spaces", "spaces").await, [Value::Null; 0]);
    assert_eq!(column(&all(sam, "/spaces", "spaces").await, "name"), ["Grace after surgery"]);
    // He can be asked back.
    sam.invites_into(space, ben).await;
    assert_eq!(ben.reads_item(space, note).await["author"], json!(ben.member_id()));
}

/// P-21: members of the organization, and no answer tells who is a member of another one.
#[tokio::test]
async fn only_colleagues_are_invited() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (clinic, ben, space) = (&ward.north.clinic, &ward.ben, ward.space);
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let grace = clinic.member("Grace Okafor", &[Role::Client]).await;
    let gone = clinic.practitioner("Dr Gone").await;
    let path = format!("/members/{}", gone.member_id());
    let revision = clinic.administrator.get(&path).expect(200).await["revision"].clone();
    let suspension = json!({ "expected_revision": revision });
    clinic.administrator.post(&format!("{path}/suspension")).json(&suspension).expect(201).await;

    let invite = |kind: &str, id: String| {
        let body = json!({ "whom": { "type": kind, "id": id } });
        ben.post(&format!("/spaces/{space}/members")).json(&body)
    };
    let before = Snapshot::of(&world).await;
    let nobody = invite("member", NOBODYS.to_owned()).problem(422, "no_such_member").await;
    let foreign = invite("member", sofia.member_id().to_string()).problem(422, "no_such_member").await;
    assert_eq!((&nobody["detail"], &nobody["title"]), (&foreign["detail"], &foreign["title"]));
    invite("team", NOBODYS.to_owned()).problem(422, "no_such_team").await;
    invite("member", grace.member_id().to_string()).problem(422, "invalid_grantee").await;
    invite("member", gone.member_id().to_string()).problem(422, "invalid_grantee").await;
    invite("member", ben.member_id().to_string()).problem(409, "already_members").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
    grace.get("/spaces").problem(403, "forbidden").await;
    let body = json!({ "name": "Mine", "subject": "other" });
    grace.post("/spaces").json(&body).problem(403, "forbidden").await;
}

/// A team comes as it is at that moment.
#[tokio::test]
async fn a_team_is_invited_as_it_is_now() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (administrator, space) = (&ward.north.clinic.administrator, ward.space);
    let team = administrator.post("/teams").json(&json!({ "name": "Night shift" })).expect(201).await;
    let team = team["team_id"].as_str().unwrap().to_owned();
    let joins = |who: &Actor| administrator.put(&format!("/teams/{team}/members/{}", who.member_id()));
    for member in [&ward.ben, &ward.sam] {
        joins(member).json(&json!({})).expect(200).await;
    }
    let body = json!({ "whom": { "type": "team", "id": team } });
    let path = format!("/spaces/{space}/members");
    let invited = ward.north.amara.post(&path).json(&body).expect(201).await;
    assert_eq!(column(rows(&invited, "invited"), "name"), ["Sam"], "Dr Ben is in already");
    let late = ward.north.clinic.staff("Lena").await;
    joins(&late).json(&json!({})).expect(200).await;
    late.get(&format!("/spaces/{space}")).problem(404, "not_found").await;
    ward.north.amara.post(&path).json(&body).expect(201).await;
    late.get(&format!("/spaces/{space}")).expect(200).await;
}

/// the last one out freezes it; its steward knows counts and dates until its time is over.
#[tokio::test]
async fn a_space_everybody_has_left_is_frozen() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, administrator, space) = (&ward.north.amara, &ward.north.clinic.administrator, ward.space);
    let note = amara.shares_note(space, "By bus", "A later appointment would help").await;
    let frozen = || all(administrator, "/frozen-spaces", "spaces");
    ward.ben.leaves_space(space).await;
    assert_eq!(frozen().await, [Value::Null; 0], "Dr Amara is still there");
    amara.leaves_space(space).await;

    let left = frozen().await;
    assert_eq!(column(&left, "id"), [space.to_string()]);
    assert_eq!((&left[0]["items"], &left[0]["created_by"]), (&json!(1), &json!(amara.member_id())));
    let fields: BTreeSet<&str> = left[0].as_object().unwrap().keys().map(String::as_str).collect();
    let known = ["created_at", "created_by", "frozen_at", "id", "items", "kept_until", "last_added_at"];
    assert_eq!(fields, BTreeSet::from(known), "ids, counts and dates");
    for nobody in [amara, &ward.ben, administrator] {
        sees_nothing(nobody, space, note).await;
    }
    amara.get("/frozen-spaces").problem(403, "forbidden").await;
    world.clock.advance(24 * SPACE_DAYS);
    assert_eq!(frozen().await, [Value::Null; 0], "its time is over");
}

/// R074: what belongs into a chart is copied there, with where it comes from, by who may add to that chart.
#[tokio::test]
async fn an_item_goes_into_a_chart_with_where_it_comes_from() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, chart, space) = (&ward.north.amara, &ward.ben, ward.north.chart, ward.space);
    let note = ben.shares_note(space, "By bus", "A later appointment would help").await;
    let file = ben.shares_file(space, &files::photo(64, 48)).await;
    let body = json!({ "chart_id": chart });
    let promoted = ward.promotes(amara, note, &body).expect(201).await;
    let record = promoted["record_id"].as_str().unwrap().parse().unwrap();
    let read = amara.reads(chart, record).await;
    assert_eq!((&read["title"], &read["status"]), (&json!("By bus"), &json!("signed")));
    assert_eq!(read["content"]["sections"][0]["text"], "A later appointment would help");
    assert_eq!(read["author"], json!(amara.member_id()), "who took it into the chart answers for it");
    let origin = &read["origin"];
    assert_eq!((&origin["space_id"], &origin["item_id"]), (&json!(space), &json!(note)));
    assert_eq!(
        (&origin["written_by"], &origin["promoted_by"]),
        (&json!(ben.member_id()), &json!(amara.member_id()))
    );

    let promoted =
        ward.promotes(amara, file, &json!({ "chart_id": chart, "section": "imaging" })).expect(201).await;
    let picture = promoted["record_id"].as_str().unwrap().parse().unwrap();
    assert!(amara.downloads(chart, picture).await == files::photo(64, 48).bytes, "bit for bit");
    let read = amara.reads(chart, picture).await;
    assert_eq!((&read["section"], &read["status"]), (&json!("imaging"), &json!("available")));
    assert_eq!(read["facts"]["content"]["kind"], "image");
    // Whoever sends the same file later is told that the chart has it.
    let again = amara.uploads(chart, &files::photo(64, 48)).await;
    assert_eq!(
        amara.reads(chart, again).await["file"]["warnings"],
        json!(["carries_location", "duplicate_file"])
    );

    ward.promotes(amara, note, &body).problem(409, "already_promoted").await;
    let own = ben.opens_chart(ward.north.grace).await;
    ward.promotes(ben, note, &json!({ "chart_id": own })).expect(201).await;
    let shown = ben.reads_item(space, note).await;
    let promotions = rows(&shown, "promotions");
    assert_eq!(promotions.len(), 2);
    let charts: Vec<&Value> = promotions.iter().filter_map(|one| one.get("chart_id")).collect();
    assert_eq!(charts, [&json!(own)], "into whose other chart is not told");

    let nadia = ward.north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, &format!("/charts/{chart}/records/{record}/evidence"), "evidence").await;
    let fact = trail.iter().find(|fact| fact["kind"] == "SpaceItemPromoted").expect("its beginning");
    assert_eq!(
        fact["sentence"],
        "Dr Amara copied an item of a collaborative space into the chart as a record."
    );
    assert_eq!(fact["subjects"]["space_item_id"], json!(note));
    assert_eq!(fact["details"]["written_by"], json!(ben.member_id()));
}

/// R017: the space does not know whose picture it is; the chart does.
#[tokio::test]
async fn a_picture_of_somebody_else_is_warned_of_when_it_goes_into_a_chart() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, space) = (&ward.north.amara, ward.space);
    let henry = amara.registers(json!({ "full_name": "Henry Lindqvist", "birth_date": "1950-01-01" })).await;
    let xray = amara.shares_file(space, &files::xray(&files::GRACE)).await;
    let in_space = amara.reads_item(space, xray).await;
    assert_eq!(
        (&in_space["document"]["class"], &in_space["document"]["warnings"]),
        (&json!("dicom"), &json!([]))
    );
    for (chart, warnings) in
        [(ward.north.chart, json!([])), (amara.opens_chart(henry).await, json!(["patient_mismatch"]))]
    {
        let promoted = ward.promotes(amara, xray, &json!({ "chart_id": chart })).expect(201).await;
        let record = promoted["record_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(amara.reads(chart, record).await["file"]["warnings"], warnings);
    }
}

/// R072: a file of a space comes in parts, is resumed, and is held back like every other one.
#[tokio::test]
async fn a_document_is_uploaded_and_inspected_like_every_file() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, space) = (&ward.north.amara, &ward.ben, ward.space);
    let film = files::bulk(7, 17 * 1024 * 1024);
    let started = amara.starts_space_upload(space, &film, json!({ "title": "How she walks" })).await;
    let part = started.part_bytes().expect("a plan of parts");
    let parts: Vec<(u32, &[u8])> = (1..).zip(film.bytes.chunks(part)).collect();
    started.sends_parts(&parts[..1]).await;
    started.request(Method::POST, "/completion").json(&json!({})).problem(409, "upload_incomplete").await;
    assert_eq!(rows(&started.stands().await, "parts").len(), 1);
    let of_ben = format!("/spaces/{space}/uploads/{}", started.upload);
    ben.get(&of_ben).problem(404, "not_found").await;
    started.sends_parts(&parts[1..]).await;
    let (one, two) = (started.completes().await, started.completes().await);
    assert_eq!(one, two, "completing twice is completing once");
    let item: SpaceItemId = one["item_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(started.stands().await["item_id"], json!(item));
    world.idle().await;
    let read = ben.reads_item(space, item).await;
    assert_eq!(
        (&read["title"], &read["document"]["sha256"]),
        (&json!("How she walks"), &json!(film.sha256()))
    );

    let bad = amara.shares_file(space, &files::malware_signature()).await;
    let read = ben.reads_item(space, bad).await;
    assert_eq!(read["document"]["state"], "quarantined");
    ben.post(&ward.item(bad, "/downloads")).json(&json!({})).problem(409, "file_not_available").await;
    let body = json!({ "chart_id": ward.north.chart });
    ward.promotes(amara, bad, &body).problem(409, "file_not_available").await;
    let given_up = amara.starts_space_upload(space, &files::photo(8, 8), json!({})).await;
    given_up.request(Method::DELETE, "").expect(204).await;
    given_up.request(Method::POST, "/completion").json(&json!({})).problem(409, "upload_over").await;
}

#[tokio::test]
async fn an_item_is_struck_by_its_author_and_kept_for_its_time() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, space) = (&ward.north.amara, &ward.ben, ward.space);
    let note = ben.shares_note(space, "By bus", "A later appointment would help").await;
    let strike = |who: &Actor| who.post(&ward.item(note, "/strike")).json(&json!({}));
    strike(amara).problem(403, "not_the_author").await;
    strike(ben).expect(200).await;
    strike(ben).problem(409, "item_struck").await;
    let seen = ward.items(amara).await;
    assert!(seen[0]["struck_at"].is_string(), "seen by all, struck through: {seen:?}");
    let body = json!({ "chart_id": ward.north.chart });
    ward.promotes(amara, note, &body).problem(409, "item_struck").await;

    world.clock.advance(24 * SPACE_DAYS - 1);
    let young = amara.shares_note(space, "Later", "She walks again").await;
    assert_eq!(ward.items(amara).await.len(), 2);
    world.clock.advance(1);
    assert_eq!(column(&ward.items(amara).await, "id"), [young.to_string()]);
    amara.get(&ward.item(note, "")).problem(410, "item_over").await;
}

/// R076: nothing that is said in a space stands in the table in clear, and all that is done in it is evidence.
#[tokio::test]
async fn a_space_is_sealed_and_audited() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, space) = (&ward.north.amara, ward.space);
    amara.shares_note(space, "By bus to Hollowbrook", "Hollowbrook is far").await;
    amara.shares_file(space, &files::letter("Hollowbrook").named("Hollowbrook.txt")).await;
    ward.sam.get(&format!("/spaces/{space}")).problem(404, "not_found").await;
    let kept = format!("{:?}", Snapshot::of(&world).await);
    for word in ["Hollowbrook", "after surgery"] {
        assert!(!kept.contains(word), "`{word}` stands in the table");
    }
    let nadia = ward.north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, "/evidence", "evidence").await;
    let told: Vec<(&str, &str)> = trail
        .iter()
        .filter(|fact| fact["subjects"]["space_id"] == json!(space))
        .map(|fact| (fact["kind"].as_str().unwrap(), fact["outcome"].as_str().unwrap()))
        .collect();
    for fact in [
        ("SpaceCreated", "succeeded"),
        ("SpaceMembersInvited", "succeeded"),
        ("SpaceNoteAdded", "succeeded"),
        ("SpaceUploadStarted", "succeeded"),
        ("SpaceUploadCompleted", "succeeded"),
        ("FileInspected", "succeeded"),
        ("SpaceRead", "denied"),
    ] {
        assert!(told.contains(&fact), "{fact:?} in {told:?}");
    }
    assert!(!trail.iter().any(|fact| fact.to_string().contains("Hollowbrook")), "ids, never words");
}

/// P-10: who is invited is told into which space, and by whom.
#[tokio::test]
async fn an_invitation_says_which_space_it_is_to() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let notices = all(&ward.ben, "/notices", "notices").await;
    let told = notices.iter().find(|notice| notice["reason"] == "space_invitation").unwrap();
    assert_eq!(told["space_id"], json!(ward.space));
    assert_eq!(told["by"], json!(ward.north.amara.member_id()));
    ward.ben.get(&format!("/spaces/{}", told["space_id"].as_str().unwrap())).expect(200).await;
}

async fn suspends(administrator: &Actor, who: &Actor) {
    let path = format!("/members/{}", who.member_id());
    let seen = administrator.get(&path).expect(200).await["revision"].clone();
    let body = json!({ "expected_revision": seen });
    administrator.post(&format!("{path}/suspension")).json(&body).expect(201).await;
}

/// a space none of whose members can look after it is its steward's to know of, as long as that is so.
#[tokio::test]
async fn a_space_whose_members_are_all_suspended_has_its_steward() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, administrator) = (&ward.north.amara, &ward.ben, &ward.north.clinic.administrator);
    let frozen = || all(administrator, "/frozen-spaces", "spaces");
    suspends(administrator, ben).await;
    assert_eq!(frozen().await, [Value::Null; 0], "Dr Amara is still there");
    suspends(administrator, amara).await;
    let left = frozen().await;
    assert_eq!(column(&left, "id"), [ward.space.to_string()]);
    assert!(left[0]["frozen_at"].is_string());
    administrator.get(&format!("/spaces/{}", ward.space)).problem(404, "not_found").await;

    administrator.delete(&format!("/members/{}/suspension", ben.member_id())).expect(200).await;
    assert_eq!(frozen().await, [Value::Null; 0], "it is Dr Ben's again");
    ben.get(&format!("/spaces/{}", ward.space)).expect(200).await;
    // An account of a client's is in no space either.
    let path = format!("/members/{}", ben.member_id());
    let seen = administrator.get(&path).expect(200).await["revision"].clone();
    let client = json!({ "expected_revision": seen, "roles": ["client"], "permissions": {} });
    administrator.put(&format!("{path}/permissions")).json(&client).expect(200).await;
    assert_eq!(column(&frozen().await, "id"), [ward.space.to_string()]);
}

/// So it is when somebody is a client again because a change was taken back.
#[tokio::test]
async fn a_change_that_is_taken_back_leaves_a_space_to_its_steward_too() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, administrator) = (&ward.north.amara, &ward.ben, &ward.north.clinic.administrator);
    let frozen = || all(administrator, "/frozen-spaces", "spaces");
    let path = format!("/members/{}", ben.member_id());
    let seen = administrator.get(&path).expect(200).await["revision"].clone();
    let client = json!({ "expected_revision": seen, "roles": ["client"], "permissions": {} });
    let changed = administrator.put(&format!("{path}/permissions")).json(&client).expect(200).await;
    let back = |member: &Value| {
        let body = json!({ "expected_revision": member["revision"], "change_id": member["change_id"] });
        administrator.post(&format!("{path}/reversal")).json(&body)
    };
    let restored = back(&changed).expect(200).await;
    amara.leaves_space(ward.space).await;
    assert_eq!(frozen().await, [Value::Null; 0], "it is Dr Ben's");
    back(&restored).expect(200).await;
    assert_eq!(column(&frozen().await, "id"), [ward.space.to_string()]);
}

/// The last one to leave freezes it for good, though it was among those that nobody looked after before.
#[tokio::test]
async fn who_is_back_can_still_leave() {
    let world = World::start().await;
    let ward = Ward::open(&world).await;
    let (amara, ben, administrator) = (&ward.north.amara, &ward.ben, &ward.north.clinic.administrator);
    amara.leaves_space(ward.space).await;
    suspends(administrator, ben).await;
    administrator.delete(&format!("/members/{}/suspension", ben.member_id())).expect(200).await;
    ben.leaves_space(ward.space).await;
    let left = all(administrator, "/frozen-spaces", "spaces").await;
    assert_eq!(column(&left, "id"), [ward.space.to_string()]);
}
