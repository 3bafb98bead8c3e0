//! Sharing: a chart is one member's, and whole whoever else uses it (P-01 to P-12, X-1, X-2, R046, R055, R057,
//! R061-R064, R067).

use crate::{
    north::{North, all, column, pages, revision, rows},
    snapshot::Snapshot,
};
use domain::{ChartId, RecordId, TeamId, member::Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{
    Actor, World, files,
    world::{Folder, Presigned, Request},
};

/// A chart with one record of each type.
struct Filled<'w> {
    north: North<'w>,
    ben: Actor,
    note: RecordId,
    photo: RecordId,
    folder: Folder,
}

impl<'w> Filled<'w> {
    async fn open(world: &'w World) -> Self {
        let north = North::open(world).await;
        let (amara, chart) = (&north.amara, north.chart);
        let ben = north.clinic.practitioner("Dr Ben").await;
        let note = amara.writes_note(chart, "First visit", "pain in the left wrist").await;
        let photo = amara.uploads(chart, &files::photo(64, 48)).await;
        let site = amara.adds_location("site", "Main site", None).await;
        let folder = amara.adds_folder(chart, "Paper file", site, "A-100").await;
        Self { north, ben, note, photo, folder }
    }

    fn records(&self) -> [RecordId; 3] {
        [self.note, self.photo, self.folder.record]
    }

    /// What Dr Ben finds of the chart: the chart itself, its list and everything in it.
    fn asks(&self, ben: &Actor) -> Vec<Request> {
        let chart = format!("/charts/{}", self.north.chart);
        let mut asks = vec![ben.get(&chart), ben.get(&format!("{chart}/records"))];
        asks.extend(self.records().map(|record| ben.get(&format!("{chart}/records/{record}"))));
        asks
    }

    async fn sees_everything(&self, who: &Actor) {
        for ask in self.asks(who) {
            ask.expect(200).await;
        }
        let listed = all(who, &format!("/charts/{}/records", self.north.chart), "records").await;
        let ids: BTreeSet<String> = column(&listed, "id").into_iter().map(str::to_owned).collect();
        assert_eq!(ids, self.records().map(|id| id.to_string()).into(), "the whole of it");
    }

    async fn sees_nothing(&self, who: &Actor) {
        for ask in self.asks(who) {
            ask.problem(404, "not_found").await;
        }
        assert_eq!(who.get("/charts").expect(200).await["charts"], json!([]), "it is in no list of theirs");
    }
}

fn member(who: &Actor) -> Value {
    json!({ "type": "member", "id": who.member_id() })
}

fn grants(chart: ChartId) -> String {
    format!("/charts/{chart}/grants")
}

async fn notices(who: &Actor) -> Vec<Value> {
    all(who, "/notices", "notices").await
}

// ---- P-01, P-02, P-03, P-05, P-06 --------------------------------------------------------------------------

/// A record is the responsibility of one member; by default only that person has access (P-01).
#[tokio::test]
async fn a_chart_is_its_owners_alone_until_it_is_shared() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let clinic = &filled.north.clinic;
    let others = [
        clinic.staff("Sam").await,
        clinic.auditor("Nadia").await,
        clinic.member("Cora", &[Role::Coordinator]).await,
        clinic.administrator.clone(),
        filled.ben.clone(),
    ];
    for other in &others {
        for ask in filled.asks(other) {
            ask.problem(404, "not_found").await;
        }
    }
    filled.sees_everything(&filled.north.amara).await;
    let own = filled.north.amara.get(&format!("/charts/{}", filled.north.chart)).expect(200).await;
    assert_eq!((&own["relation"], &own["confidentiality"]), (&json!("owner"), &json!("institutional")));
}

/// Read-only: view all information in the record, and change nothing of it (P-03, P-05, R062).
#[tokio::test]
async fn a_colleague_who_reads_sees_everything_and_changes_nothing() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let shared = amara.shares(chart, ben, "read_only").await;
    assert_eq!((&shared["name"], &shared["access"]), (&json!("Dr Ben"), &json!("read_only")));
    filled.sees_everything(ben).await;
    let seen = ben.get(&format!("/charts/{chart}")).expect(200).await;
    assert_eq!((&seen["relation"], &seen["owner"]), (&json!("read_only"), &json!(amara.member_id())));
    assert_eq!(ben.downloads(chart, filled.photo).await, files::photo(64, 48).bytes);

    let before = Snapshot::of(&world).await;
    let content = json!({ "title": "Mine", "sections": [{ "text": "words" }] });
    let (path, note) = (format!("/charts/{chart}"), format!("/charts/{chart}/records/{}", filled.note));
    let now = revision(&ben.get(&note).expect(200).await);
    let tries = [
        ben.post(&format!("{path}/notes")).json(&json!({ "content": content })),
        ben.post(&format!("{path}/uploads"))
            .json(&json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" })),
        ben.post(&format!("{note}/amendments"))
            .json(&json!({ "expected_revision": now, "content": content, "reason": "x" })),
        ben.post(&format!("{note}/void")).json(&json!({ "expected_revision": now, "reason": "x" })),
        ben.put(&format!("{note}/permissions")).json(&json!({ "expected_revision": now, "limits": {} })),
        ben.get(&format!("{note}/readers")),
    ];
    for attempt in tries {
        attempt.problem(404, "not_found").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// Reading and writing: add notes and documents; each note is its author's to amend, not the owner's (P-03, P-06).
#[tokio::test]
async fn a_colleague_who_writes_adds_what_stays_their_own() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    amara.shares(chart, ben, "read_and_write").await;
    let theirs = ben.writes_note(chart, "Second opinion", "no fracture").await;
    let file = ben.uploads(chart, &files::photo(30, 20)).await;
    assert_eq!(amara.downloads(chart, file).await, files::photo(30, 20).bytes);
    assert_eq!(amara.reads(chart, theirs).await["author_name"], json!("Dr Ben"));

    let amends = |who: &Actor, record: RecordId, now: u64| {
        let content = json!({ "title": "Changed", "sections": [{ "text": "words" }] });
        let body = json!({ "expected_revision": now, "content": content, "reason": "because" });
        who.post(&format!("/charts/{chart}/records/{record}/amendments")).json(&body)
    };
    let now = revision(&amara.reads(chart, theirs).await);
    amends(amara, theirs, now).problem(404, "not_found").await;
    amends(ben, theirs, now).expect(201).await;
    let now = revision(&ben.reads(chart, filled.note).await);
    amends(ben, filled.note, now).problem(404, "not_found").await;
    let draft = ben.drafts_note(chart, "Third opinion", "still thinking").await;
    amara.get(&format!("/charts/{chart}/records/{}", draft.record)).problem(404, "not_found").await;
}

// ---- X-1 ---------------------------------------------------------------------------------------------------

/// It is not possible to hide certain notes during a record sharing: there is no parameter for it (X-1, R062).
#[tokio::test]
async fn nothing_narrows_a_share() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let sound = json!({ "expected_revision": 1, "grantee": member(ben), "access": "read_only" });
    let filters = [
        ("records", json!([filled.note])),
        ("record_ids", json!([filled.note])),
        ("exclude", json!([filled.note])),
        ("hidden", json!([filled.note])),
        ("sections", json!(["progress_notes"])),
        ("types", json!(["data"])),
        ("compartments", json!(["chart"])),
        ("labels", json!(["hiv"])),
        ("direction", json!("for_client")),
        ("authors", json!([amara.member_id()])),
        ("since", json!("2026-01-01")),
        ("until", json!("2026-12-31")),
        ("filter", json!({ "section": "documents" })),
        ("fields", json!(["title"])),
        ("partial", json!(true)),
        ("confidential", json!(false)),
    ];
    let before = Snapshot::of(&world).await;
    let with = |mut body: Value, name: &str, value: &Value| {
        body[name] = value.clone();
        body
    };
    for (name, value) in &filters {
        let within = json!({ "grantee": with(member(ben), name, value) });
        for body in [with(sound.clone(), name, value), with(sound.clone(), "grantee", &within["grantee"])] {
            amara.post(&grants(chart)).json(&body).problem(400, "invalid_input").await;
        }
        let query = amara.post(&grants(chart)).json(&sound).query(&[(name, &value.to_string())]);
        query.problem(400, "invalid_query").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
    amara.post(&grants(chart)).json(&sound).expect(201).await;
    let path = format!("{}/{}", grants(chart), ben.member_id());
    for (name, value) in &filters {
        let body = with(json!({ "expected_revision": 2, "access": "read_only" }), name, value);
        amara.put(&path).json(&body).problem(400, "invalid_input").await;
    }
    filled.sees_everything(ben).await;
}

/// A record's own permissions limit what a collaborator does with it, and never that they see it: neither those set
/// before the share nor any set after it.
#[tokio::test]
async fn no_record_is_kept_from_a_collaborator_by_its_own_permissions() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let path = |record: RecordId| format!("/charts/{chart}/records/{record}");
    let limit = async |record: RecordId, verbs: Value| {
        let now = revision(&amara.reads(chart, record).await);
        let limits = json!({ ben.member_id().to_string(): verbs });
        let body = json!({ "expected_revision": now, "limits": limits });
        amara.put(&format!("{}/permissions", path(record))).json(&body).send().await
    };
    limit(filled.note, json!([])).await.expect(200);
    amara.shares(chart, ben, "read_and_write").await;
    filled.sees_everything(ben).await;
    let theirs = ben.writes_note(chart, "Second opinion", "no fracture").await;
    for record in [filled.note, theirs] {
        limit(record, json!([])).await.problem(422, "share_is_whole");
        ben.get(&path(record)).expect(200).await;
        let told = amara.get(&format!("{}/readers", path(record))).expect(200).await;
        let readers = column(rows(&told, "readers"), "name");
        assert_eq!(BTreeSet::from_iter(readers), BTreeSet::from(["Dr Amara", "Dr Ben"]), "{told}");
        assert_eq!(told["kept_from"], json!([]));
    }
    let listed = all(ben, &format!("/charts/{chart}/records"), "records").await;
    assert_eq!(listed.len(), 4, "the list is as long as the owner's");

    limit(theirs, json!(["access"])).await.expect(200);
    let now = revision(&ben.reads(chart, theirs).await);
    let body = json!({ "expected_revision": now, "reason": "wrong wrist" });
    ben.post(&format!("{}/void", path(theirs))).json(&body).problem(404, "not_found").await;
}

// ---- P-08, X-2, R055 ---------------------------------------------------------------------------------------

/// Only the record owner can manage the types of access shared with other members (P-08, R063).
#[tokio::test]
async fn who_has_access_is_the_owners_to_say() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, ben, chart) =
        (&filled.north.clinic, &filled.north.amara, &filled.ben, filled.north.chart);
    let carol = clinic.practitioner("Dr Carol").await;
    amara.shares(chart, ben, "read_and_write").await;
    let list = ben.access_list(chart).await;
    assert_eq!(column(rows(&list, "grants"), "name"), ["Dr Ben"], "a collaborator sees who else there is");
    assert_eq!(list["grants"][0]["granted_by_name"], json!("Dr Amara"));
    carol.get(&grants(chart)).problem(404, "not_found").await;

    let now = list["revision"].clone();
    let own = format!("{}/{}", grants(chart), ben.member_id());
    let share = json!({ "expected_revision": now, "grantee": member(&carol), "access": "read_only" });
    let more = json!({ "expected_revision": now, "access": "read_and_write" });
    let before = Snapshot::of(&world).await;
    for who in [ben, &carol, &clinic.administrator] {
        who.post(&grants(chart)).json(&share).problem(404, "not_found").await;
        who.put(&own).json(&more).problem(404, "not_found").await;
    }
    for who in [ben, &carol] {
        let end = who.delete(&own).query(&[("expected_revision", &now.to_string())]);
        end.problem(404, "not_found").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
    let less = json!({ "expected_revision": now, "access": "read_only" });
    assert_eq!(amara.put(&own).json(&less).expect(200).await["access"], json!("read_only"));
    ben.post(&format!("/charts/{chart}/notes"))
        .json(&json!({ "content": { "title": "Late", "sections": [{ "text": "words" }] } }))
        .problem(404, "not_found")
        .await;
}

/// An administrator may end a share, and never makes one for themselves or anybody.
#[tokio::test]
async fn an_administrator_ends_sharing_and_the_owner_is_told() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let administrator = &filled.north.clinic.administrator;
    amara.shares(chart, ben, "read_only").await;
    let list = administrator.access_list(chart).await;
    assert!(!list.to_string().contains("Grace") && !list.to_string().contains("Gr•"), "{list}");
    administrator.ends_share(chart, ben.member_id()).await;
    filled.sees_nothing(ben).await;
    assert_eq!(column(&notices(amara).await, "reason"), ["grant_revoked"]);
    assert_eq!(column(&notices(ben).await, "reason"), ["sharing_ended", "chart_shared"]);
    administrator.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
}

/// Whoever decided on an older list is told what there is now; of two changes at once one waits (R055).
#[tokio::test]
async fn no_change_of_the_list_is_lost() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let carol = filled.north.clinic.practitioner("Dr Carol").await;
    let share = |with: &Actor| {
        let body = json!({ "expected_revision": 1, "grantee": member(with), "access": "read_only" });
        amara.post(&grants(chart)).json(&body)
    };
    let (one, other) = tokio::join!(share(ben).send(), share(&carol).send());
    let loser = if one.status == 201 { other } else { one };
    assert_eq!(loser.problem(409, "stale_revision")["current_revision"], json!(2));
    let list = amara.access_list(chart).await;
    assert_eq!((rows(&list, "grants").len(), revision(&list)), (1, 2));

    let again =
        json!({ "expected_revision": 2, "grantee": list["grants"][0]["grantee"], "access": "approval" });
    amara.post(&grants(chart)).json(&again).problem(409, "already_shared").await;
    let gone = format!("{}/{}", grants(chart), amara.member_id());
    let change = json!({ "expected_revision": 2, "access": "approval" });
    amara.put(&gone).json(&change).problem(404, "not_found").await;
    amara.delete(&gone).query(&[("expected_revision", "2")]).problem(404, "not_found").await;
}

// ---- P-09 --------------------------------------------------------------------------------------------------

/// Sharing is inside the organization only; who is elsewhere is nobody here (P-09).
#[tokio::test]
async fn a_chart_is_shared_with_colleagues_and_nobody_else() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, chart) = (&filled.north.clinic, &filled.north.amara, filled.north.chart);
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let night = south.team("Night shift", &[&sofia]).await;
    let grace = clinic.member("Grace Okafor", &[Role::Client]).await;
    let share = |grantee: Value| {
        let body = json!({ "expected_revision": 1, "grantee": grantee, "access": "read_only" });
        amara.post(&grants(chart)).json(&body)
    };
    let before = Snapshot::of(&world).await;
    let nobody = json!("01900000-0000-7000-8000-000000000000");
    for (kind, stranger) in [("member", json!(sofia.member_id())), ("team", json!(night))] {
        let told = share(json!({ "type": kind, "id": stranger })).problem(422, "no_such_grantee").await;
        let same = share(json!({ "type": kind, "id": nobody })).problem(422, "no_such_grantee").await;
        assert_eq!(told["detail"], same["detail"], "nobody learns who works elsewhere");
    }
    share(member(&grace)).problem(422, "invalid_grantee").await;
    share(member(amara)).problem(409, "owns_chart").await;
    share(json!({ "type": "client", "id": nobody })).problem(400, "invalid_input").await;
    before.assert_unchanged(&Snapshot::of(&world).await);

    let path = format!("/members/{}", filled.ben.member_id());
    let now = clinic.administrator.get(&path).expect(200).await["revision"].clone();
    let body = json!({ "expected_revision": now });
    clinic.administrator.post(&format!("{path}/suspension")).json(&body).expect(201).await;
    share(member(&filled.ben)).problem(422, "invalid_grantee").await;
    let body = json!({ "name": "Dr New", "email": "new@north.example", "roles": ["practitioner"] });
    let invited = clinic.administrator.post("/members").json(&body).expect(201).await;
    share(json!({ "type": "member", "id": invited["member_id"] })).expect(201).await;
}

// ---- P-10 --------------------------------------------------------------------------------------------------

/// On share, the collaborator is told: that, by whom and when, and nothing of whom it is about (P-10).
#[tokio::test]
async fn whoever_a_share_concerns_is_told() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, ben, chart) =
        (&filled.north.clinic, &filled.north.amara, &filled.ben, filled.north.chart);
    let (carol, dora) = (clinic.practitioner("Dr Carol").await, clinic.practitioner("Dora").await);
    let team = clinic.team("Hand surgery", &[&carol, &dora, amara]).await;
    amara.shares(chart, ben, "read_only").await;
    let path = format!("{}/{}", grants(chart), ben.member_id());
    let now = revision(&amara.access_list(chart).await);
    let body = json!({ "expected_revision": now, "access": "approval" });
    amara.put(&path).json(&body).expect(200).await;
    amara.ends_share(chart, ben.member_id()).await;
    amara.shares_with_team(chart, team, "read_only").await;

    let told = notices(ben).await;
    assert_eq!(column(&told, "reason"), ["sharing_ended", "sharing_changed", "chart_shared"], "newest first");
    for notice in &told {
        assert_eq!((&notice["chart_id"], &notice["by_name"]), (&json!(chart), &json!("Dr Amara")));
        let text = notice.to_string();
        assert!(!text.contains("Grace") && !text.contains("visit") && !text.contains("wrist"), "{text}");
    }
    for one in [&carol, &dora] {
        assert_eq!(column(&notices(one).await, "reason"), ["chart_shared"], "everybody in the team");
    }
    assert_eq!(notices(amara).await, Vec::<Value>::new(), "who does it knows");

    let path = format!("/notices/{}", told[0]["id"].as_str().unwrap());
    carol.delete(&path).problem(404, "not_found").await;
    ben.delete(&path).expect(204).await;
    ben.delete(&path).problem(404, "not_found").await;
    assert_eq!(column(&notices(ben).await, "reason"), ["sharing_changed", "chart_shared"]);
    world.clock.advance(24 * 91);
    assert_eq!(notices(ben).await, Vec::<Value>::new(), "after ninety days it is forgotten");
}

// ---- P-11 --------------------------------------------------------------------------------------------------

/// A collaborator may leave a shared record at any time; their own notes stay in it (P-11, R067).
#[tokio::test]
async fn a_collaborator_leaves_and_what_they_wrote_stays() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (north, ben) = (&filled.north, &filled.ben);
    let (amara, chart) = (&north.amara, north.chart);
    amara.shares(chart, ben, "read_and_write").await;
    let theirs = ben.writes_note(chart, "Second opinion", "no fracture").await;
    let stale = ben.delete(&format!("/charts/{chart}/membership")).query(&[("expected_revision", "1")]);
    stale.problem(409, "stale_revision").await;
    ben.leaves(chart).await;
    filled.sees_nothing(ben).await;
    ben.get(&format!("/charts/{chart}/records/{theirs}")).problem(404, "not_found").await;
    let again = ben.delete(&format!("/charts/{chart}/membership")).query(&[("expected_revision", "3")]);
    again.problem(404, "not_found").await;

    let kept = amara.reads(chart, theirs).await;
    assert_eq!((&kept["author_name"], &kept["status"]), (&json!("Dr Ben"), &json!("signed")));
    assert_eq!(amara.access_list(chart).await["grants"], json!([]));
    let told = notices(amara).await;
    assert_eq!(
        (column(&told, "reason"), column(&told, "by_name")),
        (vec!["collaborator_left"], vec!["Dr Ben"])
    );
    let nadia = north.clinic.auditor("Nadia").await;
    let facts = all(&nadia, &format!("/clients/{}/evidence", north.grace), "evidence").await;
    let sentences = column(&facts, "sentence");
    for sentence in ["Dr Amara shared the chart.", "Dr Ben left the chart that was shared with them."] {
        assert!(sentences.contains(&sentence), "{sentences:?}");
    }
    let left = |fact: &&Value| fact["kind"] == "ChartLeft" && fact["outcome"] == "succeeded";
    let leaving = facts.iter().find(left).unwrap();
    assert_eq!(leaving["policies"], json!(["collaborator-reads-chart"]));
}

// ---- P-12 --------------------------------------------------------------------------------------------------

/// Removing a member from the team removes their access to every record shared with the team (P-12).
#[tokio::test]
async fn who_leaves_a_team_has_lost_its_charts_at_the_next_request() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, ben, chart) =
        (&filled.north.clinic, &filled.north.amara, &filled.ben, filled.north.chart);
    let team = clinic.team("Hand surgery", &[]).await;
    let henry = amara.registers(json!({ "full_name": "Henry Lindqvist" })).await;
    let other = amara.opens_chart(henry).await;
    for shared in [chart, other] {
        amara.shares_with_team(shared, team, "read_and_write").await;
    }
    filled.sees_nothing(ben).await;
    let joined = clinic.puts_into(team, ben).await;
    assert_eq!(joined["teams"], json!([team]));
    filled.sees_everything(ben).await;
    let listed = all(ben, "/charts", "charts").await;
    assert_eq!(BTreeSet::from_iter(column(&listed, "id")).len(), 2, "every chart of the team");
    let list = ben.access_list(chart).await;
    assert_eq!(column(rows(&list, "grants"), "name"), ["Hand surgery"]);
    let now = list["revision"].to_string();
    let leave = ben.delete(&format!("/charts/{chart}/membership")).query(&[("expected_revision", &now)]);
    leave.problem(409, "shared_through_team").await;

    clinic.takes_out_of(team, ben).await;
    filled.sees_nothing(ben).await;
    ben.get(&format!("/charts/{other}")).problem(404, "not_found").await;
}

/// Only administrators manage teams, and put nobody but others into them (P-12, X-2).
#[tokio::test]
async fn teams_are_the_administrators_to_manage() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara) = (&north.clinic, &north.amara);
    let ben = clinic.practitioner("Dr Ben").await;
    let chief = clinic.member("Dr Chief", &[Role::Administrator, Role::Practitioner]).await;
    let team = clinic.team("Hand surgery", &[&ben]).await;
    let path = |who: &Actor| format!("/teams/{team}/members/{}", who.member_id());
    for who in [amara, &ben] {
        who.post("/teams").json(&json!({ "name": "Mine" })).problem(403, "forbidden").await;
        who.put(&path(amara)).json(&json!({})).problem(403, "forbidden").await;
        who.delete(&path(&ben)).problem(403, "forbidden").await;
        who.delete(&format!("/teams/{team}")).problem(403, "forbidden").await;
        let listed = all(who, "/teams", "teams").await;
        assert_eq!((column(&listed, "name"), &listed[0]["members"]), (vec!["Hand surgery"], &json!(1)));
    }
    chief.put(&path(&chief)).json(&json!({})).problem(409, "not_yourself").await;
    chief.put(&path(&ben)).json(&json!({})).problem(409, "already_in_team").await;
    chief.delete(&path(amara)).problem(404, "not_found").await;
    chief.delete(&format!("/teams/{team}")).problem(409, "team_not_empty").await;
    let grace = clinic.member("Grace Okafor", &[Role::Client]).await;
    chief.put(&path(&grace)).json(&json!({})).problem(422, "invalid_grantee").await;
    grace.get("/teams").problem(403, "forbidden").await;

    clinic.takes_out_of(team, &ben).await;
    chief.delete(&format!("/teams/{team}")).expect(204).await;
    chief.put(&path(&ben)).json(&json!({})).problem(404, "not_found").await;
    assert_eq!(all(amara, "/teams", "teams").await, Vec::<Value>::new());
}

/// Two who join at once are both in it, and neither is lost to one who dissolves it.
#[tokio::test]
async fn a_team_is_not_dissolved_under_who_joins_it() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara) = (&north.clinic, &north.amara);
    let ben = clinic.practitioner("Dr Ben").await;
    let team = clinic.team("Hand surgery", &[]).await;
    let join = |who: &Actor| {
        let path = format!("/teams/{team}/members/{}", who.member_id());
        clinic.administrator.put(&path).json(&json!({})).send()
    };
    let dissolve = clinic.administrator.delete(&format!("/teams/{team}")).send();
    let (one, other, end) = tokio::join!(join(amara), join(&ben), dissolve);
    let joined = [&one, &other].iter().filter(|answer| answer.status == 200).count();
    let listed = all(amara, "/teams", "teams").await;
    match end.status {
        204 => assert_eq!((joined, listed.len()), (0, 0), "{} {}", one.json(), other.json()),
        _ => {
            end.problem(409, "team_not_empty");
            assert_eq!((joined, &listed[0]["members"]), (2, &json!(2)));
        }
    }
}

// ---- R057, R060 --------------------------------------------------------------------------------------------

/// What is taken away is gone at the next request: content, lists, links to download, a list in the middle (R057).
#[tokio::test]
async fn a_share_that_ended_is_felt_at_the_next_request() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    amara.shares(chart, ben, "read_and_write").await;
    let started = ben.starts_upload(chart, &files::photo(20, 20), json!({})).await;
    let (link, address) = ben.signs_download(chart, filled.photo).await;
    assert!(link["expires_in_seconds"].as_u64().is_some_and(|seconds| seconds <= 120), "{link}");
    let photo = files::photo(64, 48).bytes;
    assert!(address.send(world.site(), &[]).await.stored().body == photo, "it is theirs");
    let preview = ben.post(&format!("/charts/{chart}/records/{}/previews", filled.photo));
    let preview = Presigned::of(&preview.json(&json!({})).expect(200).await["request"]);
    preview.send(world.site(), &[]).await.stored();
    let records = format!("/charts/{chart}/records");
    let first = ben.get(&records).query(&[("limit", "1")]).expect(200).await;
    let next = first["next"].as_str().unwrap().to_owned();

    amara.ends_share(chart, ben.member_id()).await;
    let rest = ben.get(&records).query(&[("limit", "1"), ("cursor", &next)]);
    rest.problem(404, "not_found").await;
    filled.sees_nothing(ben).await;
    for handed_out in [&address, &preview] {
        let answer = handed_out.send(world.site(), &[]).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "handed out before");
    }
    let downloads = format!("{records}/{}/downloads", filled.photo);
    ben.post(&downloads).json(&json!({})).problem(404, "not_found").await;
    started.request(Method::POST, "/completion").json(&json!({})).problem(404, "not_found").await;
    ben.get(&grants(chart)).problem(404, "not_found").await;
    assert_eq!(notices(ben).await.len(), 2, "that it ended is still theirs to know");
    amara.shares(chart, ben, "read_only").await;
    filled.sees_everything(ben).await;
}

/// A share with a last day ends with it, by itself (R060).
#[tokio::test]
async fn a_share_ends_with_its_last_day() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (amara, ben, chart) = (&filled.north.amara, &filled.ben, filled.north.chart);
    let terms =
        |last: i64| json!({ "grantee": member(ben), "access": "read_only", "expires_on": amara.day(last) });
    for past in [-1, -400] {
        let mut body = terms(past);
        body["expected_revision"] = json!(1);
        amara.post(&grants(chart)).json(&body).problem(422, "invalid_expiry").await;
    }
    let shared = amara.shares_on(chart, terms(1)).await;
    assert_eq!(shared["expires_on"], json!(amara.day(1)));
    assert_eq!(shared["expires_at"], json!(format!("{}T00:00:00Z", amara.day(2))), "the whole of the day");
    filled.sees_everything(ben).await;
    world.clock.advance(24);
    filled.sees_everything(ben).await;
    world.clock.advance(24);
    filled.sees_nothing(ben).await;
    assert_eq!(amara.access_list(chart).await["grants"], json!([]));
    let path = format!("{}/{}", grants(chart), ben.member_id());
    let body = json!({ "expected_revision": 2, "access": "read_only" });
    amara.put(&path).json(&body).problem(404, "not_found").await;
    assert_eq!(amara.shares(chart, ben, "approval").await.get("expires_on"), None);
    filled.sees_everything(ben).await;
}

// ---- The list of one's charts, and who can open what ---------------------------------------------------------

/// A practitioner's list: their own, then what is shared, each once; of others not even the number (R046).
#[tokio::test]
async fn a_member_lists_the_charts_they_own_and_share_each_once() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara) = (&north.clinic, &north.amara);
    let ben = clinic.practitioner("Dr Ben").await;
    let (first, second) = (clinic.team("Hands", &[&ben]).await, clinic.team("Feet", &[&ben, amara]).await);
    let mut charts = vec![north.chart];
    for name in ["Henry Lindqvist", "Ada Novak", "Kofi Mensah", "Mei Chen"] {
        let client = amara.registers(json!({ "full_name": name })).await;
        charts.push(amara.opens_chart(client).await);
    }
    let [both, own, team, twice, _unshared] = charts.as_slice() else { unreachable!("five charts") };
    let theirs = ben.opens_chart(north.grace).await;
    amara.shares(*both, &ben, "read_only").await;
    amara.shares_with_team(*both, first, "read_and_write").await;
    amara.shares(*own, &ben, "approval").await;
    amara.shares_with_team(*team, second, "read_only").await;
    for team in [first, second] {
        amara.shares_with_team(*twice, team, "read_only").await;
    }
    let expected: BTreeSet<(String, &str)> = [
        (theirs, "owner"),
        (*both, "read_and_write"),
        (*own, "approval"),
        (*team, "read_only"),
        (*twice, "read_only"),
    ]
    .map(|(chart, relation)| (chart.to_string(), relation))
    .into();
    for limit in [1, 2, 3, 5, 100] {
        let pages = pages(&ben, "/charts", limit, "charts").await;
        assert!(pages.iter().all(|page| !page.is_empty() && page.len() <= limit), "{pages:?}");
        let listed = pages.concat();
        let relations = column(&listed, "relation").into_iter();
        let found: Vec<(String, &str)> =
            column(&listed, "id").into_iter().map(str::to_owned).zip(relations).collect();
        assert_eq!((found.len(), BTreeSet::from_iter(found)), (5, expected.clone()), "{limit} at a time");
        assert_eq!(listed[0]["id"], json!(theirs), "one's own come first");
        assert!(listed.iter().all(|row| row["client"]["name"].as_str().unwrap().contains('•')), "masked");
    }
    let owned = all(amara, "/charts", "charts").await;
    assert_eq!((owned.len(), column(&owned, "relation")), (5, vec!["owner"; 5]), "a team adds nothing to it");
}

/// Who can open a chart and a record, and why, in plain words; and who cannot although it is shared (P-05, R052).
#[tokio::test]
async fn the_owner_sees_who_can_open_what_and_why() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, ben, chart) =
        (&filled.north.clinic, &filled.north.amara, &filled.ben, filled.north.chart);
    let sam = clinic.staff("Sam").await;
    clinic.auditor("Nadia").await;
    let team: TeamId = clinic.team("Front desk", &[&sam]).await;
    amara.shares(chart, ben, "read_and_write").await;
    amara.shares_with_team(chart, team, "read_only").await;
    for who in [amara, ben] {
        let told = all(who, &format!("/charts/{chart}/readers"), "readers").await;
        let why = |name: &str| {
            let row =
                told.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} in {told:?}"));
            (row["relation"].as_str().unwrap(), row["reason"].as_str().unwrap())
        };
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(why("Dr Amara"), ("owner", "They own the chart."));
        assert_eq!(why("Dr Ben"), ("read_and_write", "The chart is shared with them."));
        assert_eq!(why("Sam"), ("read_only", "The chart is shared with them."));
        let sams = told.iter().find(|row| row["name"] == "Sam").unwrap();
        assert_eq!(sams["teams"], json!([team]), "through which team");
    }
    assert_eq!(pages(amara, &format!("/charts/{chart}/readers"), 1, "readers").await.len(), 3);

    let path = format!("/charts/{chart}/records/{}/readers", filled.note);
    let told = amara.get(&path).expect(200).await;
    assert_eq!(rows(&told, "readers").len(), 2, "{told}");
    let kept = &rows(&told, "kept_from")[0];
    assert_eq!(kept["policies"], json!(["user-level-access"]));
    let reason = "Their own permissions leave out seeing records of this type.";
    assert_eq!((&kept["name"], &kept["reason"]), (&json!("Sam"), &json!(reason)));
    for other in [ben, &sam, &clinic.administrator] {
        other.get(&path).problem(404, "not_found").await;
    }
}

/// An account that becomes a client's opens nothing of what was shared with it, itself or through a team, nor what it
/// owned; and is shared with no more (R053, R066).
#[tokio::test]
async fn who_becomes_a_client_has_nothing_of_what_a_colleague_had() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let Filled { north, ben, .. } = &filled;
    let (amara, administrator, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let iris = north.clinic.practitioner("Iris").await;
    let team = north.clinic.team("Hand surgery", &[&iris]).await;
    amara.shares_with_team(chart, team, "read_and_write").await;
    crate::north::shares(amara, chart, ben, "read_and_write").await;
    let written = ben.writes_note(chart, "Call", "better").await;
    let own = iris.opens_chart(north.grace).await;
    let of_own = iris.writes_note(own, "Mine", "of the wrist").await;
    for who in [ben, &iris] {
        who.reads(chart, filled.note).await;
    }

    for who in [ben, &iris] {
        let path = format!("/members/{}", who.member_id());
        let seen = revision(&administrator.get(&path).expect(200).await);
        // Whatever permissions are left to them.
        let all_verbs = json!(["access", "add", "edit", "delete"]);
        let permissions =
            json!({ "data": all_verbs.clone(), "electronic": all_verbs.clone(), "physical": all_verbs });
        let client = json!({ "expected_revision": seen, "roles": ["client"], "permissions": permissions });
        administrator.put(&format!("{path}/permissions")).json(&client).expect(200).await;
    }
    let note = json!({ "content": { "title": "x", "sections": [{ "text": "y" }] } });
    for (who, at) in [(ben, chart), (&iris, chart), (&iris, own)] {
        let front = format!("/charts/{at}");
        for list in ["", "/records", "/grants", "/readers", "/passages", "/intake-links"] {
            who.get(&format!("{front}{list}")).problem(404, "not_found").await;
        }
        who.post(&format!("{front}/notes")).json(&note).problem(404, "not_found").await;
        for record in filled.records().into_iter().chain([written, of_own]) {
            let place = format!("{front}/records/{record}");
            for part in ["", "/versions", "/versions/1", "/readers"] {
                who.get(&format!("{place}{part}")).problem(404, "not_found").await;
            }
            for part in ["/downloads", "/previews"] {
                who.post(&format!("{place}{part}")).json(&json!({})).problem(404, "not_found").await;
            }
        }
        who.get("/charts").problem(403, "forbidden").await;
    }
    let readers = all(amara, &format!("/charts/{chart}/readers"), "readers").await;
    assert_eq!(column(&readers, "member_id"), [amara.member_id().to_string()]);
    // Nobody makes them a collaborator anew.
    let grantee = json!({ "type": "member", "id": iris.member_id() });
    let now = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let body = json!({ "expected_revision": now, "grantee": grantee, "access": "read_only" });
    amara.post(&format!("/charts/{chart}/grants")).json(&body).problem(422, "invalid_grantee").await;
}
