//! Roles: what an administrator says somebody may do is tried out first, felt at the next request, kept with what was
//! before, and taken back (R050-R053, R058, P-33, P-51, X-7).

use crate::{
    acts::held,
    facilitation::{approves, becomes_center, begins},
    north::{North, all, column, offers, revision, rows},
    snapshot::Snapshot,
};
use domain::{ChartId, RecordId, member::Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Actor, World, files, world::everything};

/// North with a record of each type, and Dr Ben who shares the chart and has written in it.
struct Filled<'w> {
    north: North<'w>,
    ben: Actor,
    note: RecordId,
    photo: RecordId,
    folder: RecordId,
    bens_note: RecordId,
}

impl<'w> Filled<'w> {
    async fn open(world: &'w World) -> Self {
        let north = North::open(world).await;
        let (amara, chart) = (&north.amara, north.chart);
        let ben = north.clinic.practitioner("Dr Ben").await;
        let note = amara.writes_note(chart, "First visit", "pain in the left wrist").await;
        let photo = amara.uploads(chart, &files::photo(64, 48)).await;
        let site = amara.adds_location("site", "Main site", None).await;
        let folder = amara.adds_folder(chart, "Paper file", site, "A-100").await.record;
        amara.shares(chart, &ben, "read_and_write").await;
        let bens_note = ben.writes_note(chart, "Second opinion", "no fracture").await;
        Self { north, ben, note, photo, folder, bens_note }
    }

    fn administrator(&self) -> &Actor {
        &self.north.clinic.administrator
    }

    /// What a member may do, each type with its verbs, as their reach says.
    async fn matrix(&self, who: &Actor) -> BTreeSet<(String, String)> {
        let reach = self.reach(who).await;
        let allowed = rows(&reach, "matrix").iter().filter(|row| row["allowed"] == json!(true));
        let cell = |row: &Value| (text(row, "type"), text(row, "verb"));
        allowed.map(cell).collect()
    }

    async fn reach(&self, who: &Actor) -> Value {
        self.administrator().get(&format!("/members/{}/reach", who.member_id())).expect(200).await
    }

    /// Whether somebody may do something here; `with` supposes they are given something else.
    async fn may(&self, who: &Actor, action: &str, on: &Value, with: Option<&Value>) -> bool {
        let mut question = json!({ "member_id": who.member_id(), "action": action, "on": on });
        if let Some(with) = with {
            question["with"] = with.clone();
        }
        let answer = self.administrator().post("/decisions").json(&question).expect(200).await;
        assert!(!text(&answer, "reason").is_empty(), "{answer}");
        answer["allowed"] == json!(true)
    }

    /// The real thing that a row of a preview is about, if there is one here for this member.
    fn real(&self, row: &Value, who: &Actor) -> Option<Value> {
        let held = if who.member_id() == self.north.amara.member_id() { "own" } else { "read_and_write" };
        let charts = row["charts"].as_array().cloned().unwrap_or_default();
        let chart = self.north.chart;
        match (text(row, "on").as_str(), row["type"].as_str()) {
            _ if !charts.contains(&json!(held)) => None,
            ("chart", _) => Some(json!({ "type": "chart", "chart_id": chart })),
            ("record", Some("data")) => Some(record(chart, self.note)),
            ("record", Some("electronic")) => Some(record(chart, self.photo)),
            ("record", Some("physical")) => Some(record(chart, self.folder)),
            ("written_record", Some("data")) => Some(record(chart, self.bens_note)),
            _ => None,
        }
    }
}

fn record(chart: ChartId, record: RecordId) -> Value {
    json!({ "type": "record", "chart_id": chart, "record_id": record })
}

fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {answer}")).to_owned()
}

/// What a preview says of one member.
fn of<'a>(preview: &'a Value, who: &Actor) -> &'a Value {
    let found = rows(preview, "members").iter().find(|row| row["member_id"] == json!(who.member_id()));
    found.unwrap_or_else(|| panic!("{} is not concerned by {preview}", who.name()))
}

/// The verbs a preview says are gained, or lost, on each type.
fn cells(difference: &Value, way: &str) -> BTreeSet<(String, String)> {
    let types = rows(difference, "types").iter();
    let of_type = |row: &Value| -> Vec<(String, String)> {
        let verbs = rows(row, way).iter();
        verbs.map(|verb| (text(row, "type"), verb.as_str().unwrap_or_default().to_owned())).collect()
    };
    types.flat_map(of_type).collect()
}

fn reading() -> Value {
    json!({ "physical": ["access"], "electronic": ["access"], "data": ["access"] })
}

// ---- Felt at the next request, and taken back --------------------------------------------------------------

#[tokio::test]
async fn a_role_is_felt_at_the_next_request_and_taken_back() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, chart) = (&filled.north.clinic, &filled.north.amara, filled.north.chart);
    let content = json!({ "title": "A note", "sections": [{ "text": "text" }] });
    let drafts = || amara.post(&format!("/charts/{chart}/notes")).json(&json!({ "content": content }));

    let made = clinic.makes_role("Reader", &reading()).await;
    drafts().expect(201).await;
    let assigned = clinic.gives_role(amara, &made["role_id"]).await;
    assert_eq!((&assigned["role_name"], &assigned["permissions"]), (&json!("Reader"), &reading()));
    assert_eq!(assigned["own_permissions"], everything());
    drafts().problem(404, "not_found").await;
    amara.reads(chart, filled.note).await;

    // What the role allows from now on, whoever has it may from now on.
    let mut writing = reading();
    writing["data"] = json!(["access", "add"]);
    let changed = clinic.changes_role(&made, &writing).await;
    drafts().expect(201).await;
    let nothing = clinic.changes_role(&changed, &json!({})).await;
    amara.get(&format!("/charts/{chart}/records/{}", filled.note)).problem(404, "not_found").await;
    drafts().problem(404, "not_found").await;

    // The last change is taken back, and then the one before.
    let back = |role: &Value, change: &Value| {
        let body = json!({ "expected_revision": role["revision"], "change_id": change["change_id"] });
        filled.administrator().post(&format!("/roles/{}/reversal", text(role, "role_id"))).json(&body)
    };
    let again = back(&nothing, &nothing).expect(200).await["role"].clone();
    assert_eq!((&again["permissions"], &again["change_id"]), (&writing, &again["change_id"]));
    drafts().expect(201).await;
    let first = back(&again, &changed).expect(200).await["role"].clone();
    assert_eq!(first["permissions"], reading());
    drafts().problem(404, "not_found").await;

    // So is that she was given the role; what she had of her own is hers again.
    let path = format!("/members/{}/reversal", amara.member_id());
    let body = json!({ "expected_revision": assigned["revision"], "change_id": assigned["change_id"] });
    let restored = filled.administrator().post(&path).json(&body).expect(200).await;
    assert_eq!((&restored["role_id"], &restored["permissions"]), (&Value::Null, &everything()));
    drafts().expect(201).await;
    // And taking that back is a change like every other.
    let body = json!({ "expected_revision": restored["revision"], "change_id": restored["change_id"] });
    let reader = filled.administrator().post(&path).json(&body).expect(200).await;
    assert_eq!((&reader["role_id"], &reader["permissions"]), (&made["role_id"], &reading()));
    // Permissions of her own stand in place of the role.
    clinic.gives_permissions(amara, &everything()).await;
    drafts().expect(201).await;
    leaves_its_trail(&filled, &made, &assigned).await;
}

/// Every one of it is in the trail, with ids and codes alone; and in the list of changes, with what was before.
async fn leaves_its_trail(filled: &Filled<'_>, made: &Value, assigned: &Value) {
    let nadia = filled.north.clinic.auditor("Nadia").await;
    let facts = all(&nadia, "/evidence", "evidence").await;
    for (kind, times) in [
        ("RoleCreated", 1),
        ("RoleChanged", 2),
        ("RoleReverted", 2),
        ("RoleAssigned", 1),
        ("MemberPermissionsReverted", 2),
        ("MemberPermissionsSet", 1),
    ] {
        let found: Vec<&Value> = facts.iter().filter(|fact| fact["kind"] == json!(kind)).collect();
        assert_eq!(found.len(), times, "{kind}");
        assert!(found.iter().all(|fact| fact["details"]["change"].is_string()), "{kind}: {found:?}");
        assert!(!found.iter().any(|fact| fact.to_string().contains("Reader")), "no name in {kind}");
    }
    let changes = all(filled.administrator(), "/permission-changes", "changes").await;
    let kinds = column(&changes, "type");
    assert_eq!(kinds, ["member", "member", "member", "role", "role", "role", "role", "member", "role"]);
    let (creation, assignment) = (&changes[8], &changes[7]);
    assert_eq!((&creation["before"], &creation["after"]["name"]), (&Value::Null, &json!("Reader")));
    assert_eq!(creation["change_id"], made["change_id"]);
    assert_eq!(assignment["change_id"], assigned["change_id"]);
    assert_eq!(
        (&assignment["before"]["role_id"], &assignment["after"]["role_id"]),
        (&Value::Null, &made["role_id"])
    );
    assert_eq!(assignment["member_name"], "Dr Amara");
    assert_eq!(
        (&changes[2]["reverts"], &changes[2]["after"]["role_id"]),
        (&assigned["change_id"], &Value::Null)
    );
    filled.north.amara.get("/permission-changes").problem(403, "forbidden").await;
}

// ---- Tried out first -----------------------------------------------------------------------------------------

/// What a preview says of a change is what the change then does, for several sets one after the other: to whoever has
/// the role, on what is really there, and as simulated before.
#[tokio::test]
async fn a_preview_shows_exactly_what_then_changes() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, ben) = (&filled.north.clinic, &filled.north.amara, &filled.ben);
    let mut role = clinic.makes_role("Clinician", &everything()).await;
    for member in [amara, ben] {
        clinic.gives_role(member, &role["role_id"]).await;
    }
    let path = format!("/roles/{}/preview", text(&role, "role_id"));
    let sets = [
        json!({ "physical": ["access"], "electronic": ["access", "add"], "data": ["access", "add", "edit"] }),
        json!({ "data": ["access", "delete"] }),
        json!({ "physical": ["access", "add", "edit", "delete"], "data": ["add"] }),
        json!({}),
        everything(),
    ];
    let mut seen = 0;
    for permissions in sets {
        let as_it_was = Snapshot::of(&world).await;
        let body = json!({ "permissions": permissions });
        let preview = filled.administrator().post(&path).json(&body).expect(200).await;
        assert_eq!((rows(&preview, "members").len(), &preview["more"]), (2, &json!(false)));
        as_it_was.assert_unchanged(&Snapshot::of(&world).await);

        let mut told = Vec::new();
        for member in [amara, ben] {
            let difference = of(&preview, member);
            assert_eq!(
                (&difference["name"], &difference["status"]),
                (&json!(member.name()), &json!("active"))
            );
            let now = filled.matrix(member).await;
            let real = told_of(&filled, member, difference, &permissions).await;
            seen += real.len();
            told.push((member, now, real));
        }
        role = clinic.changes_role(&role, &permissions).await;
        for (member, before, real) in told {
            let (difference, after) = (of(&preview, member), filled.matrix(member).await);
            assert_eq!(
                cells(difference, "gained"),
                after.difference(&before).cloned().collect(),
                "{permissions}"
            );
            assert_eq!(
                cells(difference, "lost"),
                before.difference(&after).cloned().collect(),
                "{permissions}"
            );
            for (action, on, gained) in real {
                let may = filled.may(member, &action, &on, None).await;
                assert_eq!(may, gained, "{} {action} on {on} with {permissions}", member.name());
            }
        }
    }
    assert!(seen > 100, "only {seen} of what was told could be tried");
}

/// What a preview tells of one member that can be tried here: it is not so yet, and supposing it says the same.
async fn told_of(
    filled: &Filled<'_>,
    member: &Actor,
    difference: &Value,
    permissions: &Value,
) -> Vec<(String, Value, bool)> {
    let with = json!({ "permissions": permissions });
    let mut real = Vec::new();
    for (way, gained) in [("gained", true), ("lost", false)] {
        for row in rows(difference, way) {
            let action = text(row, "action");
            if let Some(on) = filled.real(row, member) {
                assert_eq!(filled.may(member, &action, &on, None).await, !gained, "{row} now");
                assert_eq!(filled.may(member, &action, &on, Some(&with)).await, gained, "{row} supposed");
                real.push((action, on, gained));
            }
        }
    }
    real
}

/// The same for one member: other permissions, other roles, or a role of the clinic's own.
#[tokio::test]
async fn what_a_member_would_be_given_is_tried_out_before() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara) = (&filled.north.clinic, &filled.north.amara);
    let reader = clinic.makes_role("Reader", &reading()).await;
    let path = format!("/members/{}/preview", amara.member_id());
    let tries = |body: Value| filled.administrator().post(&path).json(&body);
    let by_role = tries(json!({ "role_id": reader["role_id"] })).expect(200).await;
    let by_permissions = tries(json!({ "permissions": reading() })).expect(200).await;
    assert_eq!(by_role, by_permissions);
    assert_eq!(by_role["name"], "Dr Amara");
    let before = filled.matrix(amara).await;
    clinic.gives_role(amara, &reader["role_id"]).await;
    let after = filled.matrix(amara).await;
    assert_eq!(cells(&by_role, "lost"), before.difference(&after).cloned().collect());
    assert_eq!(rows(&by_role, "gained"), [] as [Value; 0]);

    // Her own again: what it takes away is given back.
    let back = tries(json!({})).expect(200).await;
    assert_eq!(cells(&back, "gained"), cells(&by_role, "lost"));
    let staff = tries(json!({ "roles": ["staff"] })).expect(200).await;
    assert!(column(rows(&staff, "lost"), "action").contains(&"OpenChart"), "{staff}");

    let both = json!({ "role_id": reader["role_id"], "permissions": reading() });
    tries(both.clone()).problem(422, "two_suppositions").await;
    let note = record(filled.north.chart, filled.note);
    let question =
        json!({ "member_id": amara.member_id(), "action": "ReadRecord", "on": note, "with": both });
    filled.administrator().post("/decisions").json(&question).problem(422, "two_suppositions").await;
    // It was tried and not done, and that is in the trail.
    let nadia = clinic.auditor("Nadia").await;
    let facts = all(&nadia, "/evidence", "evidence").await;
    let tried = facts.iter().filter(|fact| fact["kind"] == json!("MemberPermissionsPreviewed"));
    assert_eq!(tried.count(), 4);
}

// ---- Why, beside charts ----------------------------------------------------------------------------------------

fn asks(who: &Actor, action: &str, on: &Value) -> Value {
    json!({ "member_id": who.member_id(), "action": action, "on": on })
}

/// Why somebody may or may not do something with a session, a space or a hold, and that nothing is answered on what an
/// action has nothing to do with.
#[tokio::test]
async fn a_decision_on_a_session_a_space_or_a_hold_is_explained() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara, willow) = (&north.clinic, &north.amara, world.clinic("Willow Center").await);
    let (ben, ruth) =
        (clinic.practitioner("Dr Ben").await, clinic.member("Ruth", &[Role::RecordsManager]).await);
    becomes_center(&willow.administrator, "OR").await;
    approves(&willow.administrator, amara).await;
    let session = begins(amara, &[north.chart], Some(willow.id())).await;
    let space = amara.creates_space("After surgery").await;
    let hold = ruth.post("/holds").json(&held(north.grace, amara)).expect(201).await["hold_id"].clone();

    let on_session = json!({ "type": "facilitation", "facilitation_id": session.id });
    let on_part = json!({
        "type": "participation", "facilitation_id": session.id, "participant_id": session.participants[0]
    });
    let on_space = json!({ "type": "space", "space_id": space });
    let on_hold = json!({ "type": "hold", "hold_id": hold });
    for (who, action, on, allowed, policies) in [
        (amara, "ReadFacilitation", &on_session, true, json!(["facilitator-holds-session"])),
        (&ben, "ReadFacilitation", &on_session, false, json!([])),
        (amara, "CompleteItem", &on_part, true, json!(["facilitator-takes-answers"])),
        (amara, "InviteToSpace", &on_space, true, json!(["member-uses-space"])),
        (&ben, "ReadSpace", &on_space, false, json!([])),
        (amara, "AcknowledgeHold", &on_hold, true, json!(["custodian-knows-hold"])),
        (&ruth, "ReaffirmHold", &on_hold, true, json!(["records-manager-keeps-holds"])),
        (&ben, "ReadHold", &on_hold, false, json!([])),
    ] {
        let question = asks(who, action, on);
        let answer = clinic.administrator.post("/decisions").json(&question).expect(200).await;
        assert_eq!((&answer["allowed"], &answer["policies"]), (&json!(allowed), &policies), "{question}");
    }
    // What takes notes from her takes what is within sessions.
    let mut question = asks(amara, "ReadFacilitation", &on_session);
    question["with"] = json!({ "permissions": { "physical": ["access"] } });
    let answer = clinic.administrator.post("/decisions").json(&question).expect(200).await;
    assert_eq!(answer["policies"], json!(["user-level-session-access"]));

    // The center asks about its own administrators, as long as the session is with it, and about nothing else.
    let wanda = &willow.administrator;
    let asked = |action: &str, on: &Value| wanda.post("/decisions").json(&asks(wanda, action, on));
    let answer = asked("ReadFacilitation", &on_session).expect(200).await;
    assert_eq!((&answer["allowed"], &answer["policies"]), (&json!(true), &json!(["center-reads-session"])));
    for (action, on) in [("ReadSpace", &on_space), ("ReadHold", &on_hold)] {
        asked(action, on).problem(404, "not_found").await;
    }
    session.is_released_by(wanda).await.expect(204).await;
    asked("ReadFacilitation", &on_session).problem(404, "not_found").await;
    asked("CompleteItem", &on_part).problem(404, "not_found").await;

    // An action is asked on what it is done to.
    let chart = json!({ "type": "chart", "chart_id": north.chart });
    for (action, on) in [
        ("ReadFacilitation", json!({ "type": "organization" })),
        ("ReadFacilitation", on_part),
        ("ReadRecord", chart),
        ("ReadSpace", on_session),
        ("ReadHold", on_space),
    ] {
        let question = asks(amara, action, &on);
        clinic.administrator.post("/decisions").json(&question).problem(422, "not_asked_on_this").await;
    }
}

/// A preview says what it takes of sessions to take the seeing of notes from a role, and that is what it takes.
#[tokio::test]
async fn a_preview_tells_what_is_lost_in_sessions() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara) = (&north.clinic, &north.amara);
    let role = clinic.makes_role("Clinician", &everything()).await;
    clinic.gives_role(amara, &role["role_id"]).await;
    let session = begins(amara, &[north.chart], None).await;
    let no_notes = json!({ "physical": ["access"], "electronic": ["access"] });
    let path = format!("/roles/{}/preview", text(&role, "role_id"));
    let preview =
        clinic.administrator.post(&path).json(&json!({ "permissions": no_notes })).expect(200).await;
    let lost = rows(of(&preview, amara), "lost");
    for (action, on) in [("ReadFacilitation", "facilitation"), ("CompleteItem", "participation")] {
        let found = lost.iter().any(|row| row["action"] == action && row["on"] == on);
        assert!(found, "{action} is not told of in {lost:?}");
    }
    amara.get(&session.path()).expect(200).await;
    clinic.changes_role(&role, &no_notes).await;
    amara.get(&session.path()).problem(404, "not_found").await;
}

// ---- What can this member see? ---------------------------------------------------------------------------------

#[tokio::test]
async fn what_a_member_can_see_is_told_with_its_reasons() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (north, ben) = (&filled.north, &filled.ben);
    let (clinic, amara) = (&north.clinic, &north.amara);
    let team = clinic.team("Hand surgery", &[ben]).await;
    let other = amara.opens_chart(amara.registers(json!({ "full_name": "Henry Lindqvist" })).await).await;
    let terms = json!({
        "grantee": { "type": "team", "id": team }, "access": "read_only", "expires_on": amara.day(30)
    });
    amara.shares_on(other, terms).await;
    let own = ben.opens_chart(ben.registers(json!({ "full_name": "Ines Ferrari" })).await).await;

    let reach = filled.reach(ben).await;
    let reader = clinic.makes_role("Reader", &reading()).await;
    let [row] = rows(&reach["owned"], "charts") else { panic!("one chart of his own: {reach}") };
    assert_eq!((&row["chart_id"], &row["allowed"]), (&json!(own), &json!(true)));
    assert_eq!(
        (&row["policies"], &row["reason"]),
        (&json!(["owner-keeps-chart"]), &json!("They own the chart."))
    );
    let shared = rows(&reach["shared"], "charts");
    assert_eq!(shared.len(), 2, "{reach}");
    let of_chart = |chart: ChartId| shared.iter().find(|row| row["chart_id"] == json!(chart)).unwrap();
    let direct = of_chart(north.chart);
    assert_eq!(direct["grants"], json!([{ "access": "read_and_write" }]));
    assert_eq!(direct["policies"], json!(["collaborator-reads-chart"]));
    let through = &of_chart(other)["grants"][0];
    assert_eq!((&through["team"], &through["access"]), (&json!("Hand surgery"), &json!("read_only")));
    assert!(through["expires_at"].is_string(), "{through}");
    assert_eq!(through["expires_on"], json!(amara.day(30)), "{through}");

    // A confidential chart is counted, and nothing else is said of it.
    let at = amara.get(&format!("/charts/{other}")).expect(200).await["revision"].clone();
    let mark = json!({ "expected_revision": at, "confidential": true });
    amara.put(&format!("/charts/{other}/confidentiality")).json(&mark).expect(200).await;
    for (who, list) in [(ben, "shared"), (amara, "owned")] {
        let reach = filled.reach(who).await;
        assert_eq!((&reach[list]["count"], &reach[list]["confidential"]), (&json!(2), &json!(1)), "{list}");
        assert!(!reach.to_string().contains(&other.to_string()), "{reach}");
    }

    // The role shows in the matrix, with what leaves the rest out.
    clinic.gives_role(ben, &reader["role_id"]).await;
    let reach = filled.reach(ben).await;
    assert_eq!(reach["role"]["name"], "Reader");
    let edits =
        rows(&reach, "matrix").iter().find(|row| row["type"] == "data" && row["verb"] == "edit").unwrap();
    assert_eq!((&edits["allowed"], &edits["policies"]), (&json!(false), &json!(["user-level-edit"])));
    assert!(text(edits, "reason").ends_with('.'), "{edits}");

    // Who is out of the team has what was shared with it no longer; who is suspended, nothing.
    clinic.takes_out_of(team, ben).await;
    assert_eq!(filled.reach(ben).await["shared"]["count"], 1);
    let at = clinic.member_now(ben.member_id()).await["revision"].clone();
    let path = format!("/members/{}/suspension", ben.member_id());
    filled.administrator().post(&path).json(&json!({ "expected_revision": at })).expect(201).await;
    let reach = filled.reach(ben).await;
    let verdict = &reach["owned"]["charts"][0];
    assert_eq!((&verdict["allowed"], &verdict["policies"]), (&json!(false), &json!(["member-not-active"])));
    assert!(rows(&reach, "matrix").iter().all(|row| row["allowed"] == json!(false)));
    amara.get(&format!("/members/{}/reach", ben.member_id())).problem(404, "not_found").await;
}

/// What somebody has beside their charts and those that are shared with them: copies, sessions, spaces.
#[tokio::test]
async fn copies_sessions_and_spaces_are_told_of_too() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (clinic, amara, willow) = (&north.clinic, &north.amara, world.clinic("Willow Center").await);
    let ben = clinic.practitioner("Dr Ben").await;
    becomes_center(&willow.administrator, "OR").await;
    approves(&willow.administrator, amara).await;
    let session = begins(amara, &[north.chart], Some(willow.id())).await;
    let space = amara.creates_space("After surgery").await;
    amara.invites_into(space, &ben).await;
    let other = amara.opens_chart(amara.registers(json!({ "full_name": "Henry Lindqvist" })).await).await;
    let now = revision(&amara.get(&format!("/charts/{other}")).expect(200).await);
    let transfer = offers(amara, other, now, &ben, true).await;
    let acceptance = format!("/charts/{other}/transfers/{transfer}/acceptance");
    ben.post(&acceptance).json(&json!({})).expect(200).await;

    let reach = async |who: &Actor| -> Value {
        clinic.administrator.get(&format!("/members/{}/reach", who.member_id())).expect(200).await
    };
    let amaras = reach(amara).await;
    let [copy] = rows(&amaras["copies"], "charts") else { panic!("one copy: {amaras}") };
    assert_eq!((&copy["chart_id"], &copy["owner"]), (&json!(other), &json!(ben.member_id())));
    assert_eq!((&copy["allowed"], &copy["policies"]), (&json!(true), &json!(["former-owner-reads-copy"])));
    assert!(copy["copied_at"].is_string(), "{copy}");
    let facilitates = "They are a facilitator of the session.";
    assert_eq!(amaras["sessions"], json!([counted(true, "facilitator-holds-session", facilitates)]));
    let is_in = counted(true, "member-uses-space", "They are in the space.");
    assert_eq!((&amaras["spaces"], &amaras["center_sessions"]), (&json!([is_in.clone()]), &json!([])));
    assert_eq!((&amaras["owned"]["count"], &amaras["shared"]["count"]), (&json!(1), &json!(0)));
    // They are counted, and none is named.
    for id in [session.id.clone(), space.to_string()] {
        assert!(!amaras.to_string().contains(&id), "{amaras}");
    }
    let bens = reach(&ben).await;
    assert_eq!((&bens["copies"]["count"], &bens["sessions"]), (&json!(0), &json!([])));
    assert_eq!((&bens["owned"]["count"], &bens["spaces"]), (&json!(1), &json!([is_in])));

    // Of a copy of what is confidential nothing is said but that there is one.
    let now = revision(&ben.get(&format!("/charts/{other}")).expect(200).await);
    let mark = json!({ "expected_revision": now, "confidential": true });
    ben.put(&format!("/charts/{other}/confidentiality")).json(&mark).expect(200).await;
    let copies = reach(amara).await["copies"].clone();
    assert_eq!(copies, json!({ "count": 1, "confidential": 1, "charts": [] }));

    // Who looks after a center sees the sessions that are held there, and nobody else who works there.
    let (wanda, walt) = (&willow.administrator, willow.practitioner("Dr Walt").await);
    let at_center = async |who: &Actor| -> Value {
        let path = format!("/members/{}/reach", who.member_id());
        wanda.get(&path).expect(200).await["center_sessions"].clone()
    };
    let looks_after = "They are an administrator of the service center the session is associated with.";
    assert_eq!(at_center(wanda).await, json!([counted(true, "center-reads-session", looks_after)]));
    assert_eq!(at_center(&walt).await, json!([]));

    // What is taken from her shows with the reason.
    clinic.gives_permissions(amara, &json!({ "physical": ["access"] })).await;
    let left_out = "Their own permissions leave out seeing what is typed.";
    let sessions = reach(amara).await["sessions"].clone();
    assert_eq!(sessions, json!([counted(false, "user-level-session-access", left_out)]));
}

/// One of something, and what decides whether it is seen.
fn counted(allowed: bool, policy: &str, reason: &str) -> Value {
    json!({ "count": 1, "allowed": allowed, "policies": [policy], "reason": reason })
}

// ---- Printed ---------------------------------------------------------------------------------------------------

/// Who may see, add, edit and strike out which records, for every role there is (R058).
#[tokio::test]
async fn the_list_of_roles_says_who_may_do_what() {
    let world = World::start().await;
    let north = North::open(&world).await;
    north.clinic.makes_role("Reader", &reading()).await;
    north.clinic.makes_role("Archive", &json!({ "physical": ["access", "add"] })).await;
    let printed = north.clinic.administrator.get("/roles").expect(200).await;
    assert_eq!(column(rows(&printed, "roles"), "name"), ["Archive", "Reader"]);
    let built_in = rows(&printed, "built_in");
    let roles =
        ["administrator", "practitioner", "staff", "coordinator", "records_manager", "auditor", "client"];
    assert_eq!(column(built_in, "role"), roles);
    let charts = |of: &Value, record: &str, verb: &str| -> Value {
        let found = rows(of, "allows").iter().find(|row| row["type"] == record && row["verb"] == verb);
        found.map_or_else(|| json!([]), |row| row["charts"].clone())
    };
    let [administrator, practitioner, staff, coordinator, _records_manager, auditor, client] = built_in
    else {
        panic!("{printed}")
    };
    assert_eq!(
        charts(practitioner, "data", "access"),
        json!(["own", "read_only", "approval", "read_and_write"])
    );
    assert_eq!(charts(practitioner, "data", "edit"), json!(["own", "approval", "read_and_write"]));
    assert_eq!(charts(practitioner, "electronic", "add"), json!(["own", "approval", "read_and_write"]));
    assert_eq!(charts(practitioner, "physical", "delete"), json!(["own", "approval", "read_and_write"]));
    // Staff handle every folder, own no chart, and see in a shared one what they are cleared for.
    let handling =
        rows(staff, "allows").iter().find(|row| row["type"] == "physical" && row["verb"] == "edit");
    let handling = handling.unwrap_or_else(|| panic!("staff handle folders: {staff}"));
    let actions = rows(handling, "actions");
    assert!(
        rows(handling, "charts").contains(&json!("not_shared")) && actions.contains(&json!("CheckOutFolder"))
    );
    assert_eq!(charts(staff, "data", "access"), json!([]));
    for (nothing, name) in
        [(administrator, "administrator"), (coordinator, "coordinator"), (auditor, "auditor")]
    {
        assert_eq!(nothing["allows"], json!([]), "{name}");
    }
    assert_eq!(charts(client, "data", "edit"), json!([]));
    let [archive, reader] = rows(&printed, "roles") else { panic!("{printed}") };
    assert_eq!(charts(reader, "data", "access"), charts(practitioner, "data", "access"));
    assert_eq!(charts(reader, "data", "add"), json!([]));
    assert_eq!(charts(archive, "physical", "add"), charts(practitioner, "physical", "add"));
    north.amara.get("/roles").problem(403, "forbidden").await;
}

// ---- What cannot be --------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_role_is_made_given_and_ended_by_rules() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara) = (&filled.north.clinic, &filled.north.amara);
    let administrator = filled.administrator();
    let reader = clinic.makes_role("Reader", &reading()).await;
    let named = |name: &str| administrator.post("/roles").json(&json!({ "name": name, "permissions": {} }));
    named("rEADER").problem(409, "role_name_taken").await;
    let role_path = format!("/roles/{}", text(&reader, "role_id"));
    let change = json!({ "expected_revision": 7, "name": "Reader", "permissions": {} });
    administrator.put(&role_path).json(&change).problem(409, "stale_revision").await;

    // Only administrators; what nobody may know of looks like what is not there.
    amara.post("/roles").json(&json!({ "name": "Mine", "permissions": {} })).problem(403, "forbidden").await;
    let member_path = format!("/members/{}/role", amara.member_id());
    let at = clinic.member_now(amara.member_id()).await["revision"].clone();
    let give = |role: &Value| json!({ "expected_revision": at, "role_id": role });
    amara.put(&member_path).json(&give(&reader["role_id"])).problem(404, "not_found").await;
    administrator.put(&member_path).json(&give(&json!(amara.member_id()))).problem(422, "no_such_role").await;
    // That somebody loses their role is said, never left out.
    let unsaid = json!({ "expected_revision": at });
    administrator.put(&member_path).json(&unsaid).problem(400, "invalid_input").await;
    let gail = clinic.member("Gail", &[Role::Client]).await;
    let path = format!("/members/{}/role", gail.member_id());
    let body = json!({ "expected_revision": clinic.member_now(gail.member_id()).await["revision"], "role_id": reader["role_id"] });
    administrator.put(&path).json(&body).problem(422, "invalid_roles").await;

    // What somebody has cannot be taken from under them.
    clinic.gives_role(amara, &reader["role_id"]).await;
    let unmake = json!({ "expected_revision": reader["revision"], "change_id": reader["change_id"] });
    let reversal = format!("{role_path}/reversal");
    administrator.post(&reversal).json(&unmake).problem(409, "role_held").await;
    clinic.gives_role(amara, &Value::Null).await;
    let unmade = administrator.post(&reversal).json(&unmake).expect(200).await;
    assert_eq!(unmade["role"], Value::Null);
    administrator.post(&reversal).json(&unmake).problem(404, "not_found").await;
    assert_eq!(administrator.get("/roles").expect(200).await["roles"], json!([]));

    // Nobody takes their own administration back.
    let own = format!("/members/{}/permissions", administrator.member_id());
    let at = clinic.member_now(administrator.member_id()).await["revision"].clone();
    let more = json!({ "expected_revision": at, "roles": ["administrator", "staff"], "permissions": {} });
    let now = administrator.put(&own).json(&more).expect(200).await;
    let less = json!({ "expected_revision": now["revision"], "roles": ["staff"], "permissions": {} });
    administrator.put(&own).json(&less).problem(409, "not_yourself").await;

    for number in 0..20 {
        named(&format!("Role {number}")).expect(201).await;
    }
    named("One more").problem(409, "too_many_roles").await;
}

/// There is always an administrator: of two who demote or suspend each other at the same moment, one stays (P-51).
#[tokio::test]
async fn two_administrators_do_not_end_each_other() {
    let world = World::start().await;
    for (round, both) in [("a", [true, true]), ("b", [false, false]), ("c", [true, false])] {
        let clinic = world.clinic(&format!("North Clinic {round}")).await;
        let nora = clinic.administrator.clone();
        let olga = clinic.member("Olga", &[Role::Administrator]).await;
        let end = async |who: &Actor, whom: &Actor, demoting: bool| {
            let path = format!("/members/{}", whom.member_id());
            let at = who.get(&path).expect(200).await["revision"].clone();
            if demoting {
                let body = json!({ "expected_revision": at, "roles": ["staff"], "permissions": {} });
                who.put(&format!("{path}/permissions")).json(&body)
            } else {
                who.post(&format!("{path}/suspension")).json(&json!({ "expected_revision": at }))
            }
        };
        let (one, other) = (end(&nora, &olga, both[0]).await, end(&olga, &nora, both[1]).await);
        let (one, other) = tokio::join!(one.send(), other.send());
        let done = [&one, &other].into_iter().filter(|answer| answer.status < 300).count();
        assert_eq!(done, 1, "{round}: {} {}", one.status, other.status);
        let stays = if one.status < 300 { &nora } else { &olga };
        stays.get("/roles").expect(200).await;
    }
}

/// Who is handed a folder needs what their role allows, not what they once had (R037).
#[tokio::test]
async fn a_role_counts_wherever_somebody_else_asks_about_a_member() {
    let world = World::start().await;
    let filled = Filled::open(&world).await;
    let (clinic, amara, chart) = (&filled.north.clinic, &filled.north.amara, filled.north.chart);
    let sam = clinic.staff("Sam").await;
    let without = clinic.makes_role("Front desk", &json!({})).await;
    clinic.gives_role(amara, &without["role_id"]).await;
    // Sam may hand it out, and Amara may not take it.
    let path = format!("/charts/{chart}/records/{}/check-out", filled.folder);
    let body = json!({ "expected_revision": 1, "to": amara.member_id(), "due_on": amara.day(7) });
    sam.post(&path).json(&body).problem(422, "custodian_not_cleared").await;
    let cleared = clinic.changes_role(&without, &json!({ "physical": ["access"] })).await;
    sam.post(&path).json(&body).expect(200).await;
    // Who can open the chart is told by what their roles allow too.
    let readers = async || -> BTreeSet<String> {
        let list = all(&filled.ben, &format!("/charts/{chart}/readers"), "readers").await;
        column(&list, "member_id").into_iter().map(str::to_owned).collect()
    };
    assert!(readers().await.contains(&amara.member_id().to_string()));
    clinic.changes_role(&cleared, &json!({})).await;
    assert_eq!(readers().await, [filled.ben.member_id().to_string()].into());
}
