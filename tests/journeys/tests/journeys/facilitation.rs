//! Facilitated sessions: preparation, administration and integration, and a service center that sees them for as long
//! as they are associated (R100-R110, A-01 to A-14, O-01 to O-13).

use crate::{
    acts::merged,
    north::{North, all, column, rows},
    snapshot::Snapshot,
};
use domain::{ChartId, ClientId, OrganizationId, member::Role};
use jiff::{Span, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Actor, Clinic, World, world::Request};

/// A session that was begun, and who takes part.
#[derive(Clone, Debug)]
pub struct Begun {
    pub id: String,
    pub participants: Vec<String>,
}

impl Begun {
    fn of(answer: &Value) -> Self {
        let text = |value: &Value| value["id"].as_str().unwrap().to_owned();
        Self { id: text(answer), participants: rows(answer, "participants").iter().map(text).collect() }
    }

    pub fn path(&self) -> String {
        format!("/facilitated-sessions/{}", self.id)
    }

    /// The place of one who takes part.
    pub fn participant(&self, at: usize) -> String {
        format!("{}/participants/{}", self.path(), self.participants[at])
    }

    /// Changes it as it is now; `end` is what follows its own address.
    async fn change(&self, who: &Actor, method: Method, end: &str, body: Value) -> Request {
        let read = who.get(&self.path()).expect(200).await;
        let body = merged(json!({ "expected_revision": read["revision"] }), body);
        who.get("/").method(method, &format!("{}{end}", self.path())).json(&body)
    }

    async fn put(&self, who: &Actor, end: &str, body: Value) -> Request {
        self.change(who, Method::PUT, end, body).await
    }

    async fn post(&self, who: &Actor, end: &str, body: Value) -> Request {
        self.change(who, Method::POST, end, body).await
    }

    /// What follows the session's address for one who takes part.
    fn part(&self, at: usize, end: &str) -> String {
        format!("/participants/{}{end}", self.participants[at])
    }

    async fn plans(&self, who: &Actor, at: Timestamp) -> Request {
        let plan = json!({ "scheduled_at": at, "group": true, "facilitators": [who.member_id()] });
        self.put(who, "/plan", plan).await
    }

    async fn completes(&self, who: &Actor, at: usize, code: &str) -> Value {
        let end = self.part(at, &format!("/items/{code}/answers"));
        self.post(who, &end, json!({ "answers": answers(code) })).await.expect(201).await
    }

    async fn signs(&self, who: &Actor, at: usize, code: &str) {
        let end = self.part(at, &format!("/items/{code}/signature"));
        self.post(who, &end, json!({})).await.expect(201).await;
    }

    /// Everything that waits before the administration, completed and signed.
    async fn prepares(&self, who: &Actor, at: usize) {
        let read = who.get(&self.path()).expect(200).await;
        let waiting = rows(&read["participants"][at], "items").iter().filter(|item| {
            item["required"] == true && item["phase"] == "preparation" && item["state"] != "complete"
        });
        for code in column(&waiting.cloned().collect::<Vec<_>>(), "code") {
            self.completes(who, at, code).await;
            if code.starts_with("oha_") || code == "risk_assessment" {
                self.signs(who, at, code).await;
            }
        }
    }

    async fn associates(&self, who: &Actor, center: &Clinic<'_>) -> Request {
        self.put(who, "/center", json!({ "center_id": center.id() })).await
    }

    async fn administers(&self, who: &Actor, at: usize, given: Value) -> Request {
        self.put(who, &self.part(at, "/administration"), json!({ "administration": given })).await
    }

    async fn is_voided_by(&self, who: &Actor, reason: &str) {
        self.post(who, "/void", json!({ "reason": reason })).await.expect(200).await;
    }

    pub async fn is_released_by(&self, who: &Actor) -> Request {
        let revision = who.get(&self.path()).expect(200).await["revision"].to_string();
        who.delete(&format!("{}/center", self.path())).query(&[("expected_revision", &revision)])
    }
}

/// What a facilitator gives to a center.
pub fn code(facilitator: &Actor) -> String {
    format!("{}.{}", facilitator.organization_id(), facilitator.member_id())
}

pub fn license(state: &str) -> Value {
    json!({ "number": "SC-00042", "state": state, "expires_on": "2099-12-31" })
}

pub async fn becomes_center(administrator: &Actor, state: &str) {
    let body = json!({ "expected_revision": 0, "license": license(state) });
    administrator.put("/center").json(&body).expect(200).await;
}

pub async fn approves(administrator: &Actor, facilitator: &Actor) {
    let body = json!({ "facilitator_code": code(facilitator) });
    administrator.post("/center/approvals").json(&body).expect(201).await;
}

/// Begins a group with clients of one's own.
pub async fn begins(who: &Actor, charts: &[ChartId], center: Option<OrganizationId>) -> Begun {
    let participants: Vec<Value> = charts.iter().map(|chart| json!({ "chart_id": chart })).collect();
    let body = json!({ "group": true, "participants": participants, "center_id": center });
    Begun::of(&who.post("/facilitated-sessions").json(&body).expect(201).await)
}

pub fn form() -> Value {
    json!({ "kind": "form", "fields": [{ "label": "Who drives you home?", "answer": "My sister Ngozi" }] })
}

/// Sound answers to an item.
fn answers(code: &str) -> Value {
    let survey = |questions: usize| json!({ "kind": "survey", "answers": vec![2; questions] });
    match code {
        "who_5" => survey(5),
        "phq_9" => survey(9),
        "gad_7" => survey(7),
        "meq_30" => survey(30),
        "oha_client_information" => {
            json!({ "kind": "client_information", "edition": "2025-01", "answers": vec![false; 12] })
        }
        _ => form(),
    }
}

/// Doses, times and reactions of an administration that ended now.
fn given(who: &Actor, dose_ug: u32, minutes: i64) -> Value {
    let (end, none) = (who.site().now(), json!({ "occurred": false }));
    json!({
        "product": "Golden Teacher", "batch": "B-7", "primary_dose_ug": dose_ug, "booster_dose_ug": 0,
        "started_at": end - Span::new().minutes(minutes), "ended_at": end,
        "medical_reaction": none, "behavioral_reaction": none, "certified": true
    })
}

/// North Clinic, where Dr Amara facilitates, and Willow, a center that has approved her.
struct Willow<'w> {
    north: North<'w>,
    center: Clinic<'w>,
}

impl<'w> Willow<'w> {
    async fn open(world: &'w World, state: &str) -> Self {
        let north = North::open(world).await;
        let center = world.clinic("Willow Center").await;
        becomes_center(&center.administrator, state).await;
        approves(&center.administrator, &north.amara).await;
        Self { north, center }
    }

    async fn patient(&self, name: &str, birth_date: &str) -> (ClientId, ChartId) {
        let amara = &self.north.amara;
        let client = amara.registers(json!({ "full_name": name, "birth_date": birth_date })).await;
        (client, amara.opens_chart(client).await)
    }

    async fn board(&self) -> Vec<Value> {
        all(&self.center.administrator, "/center/facilitated-sessions", "sessions").await
    }
}

/// Everything that is asked of a session, by whoever has no business with it.
async fn sees_nothing(who: &Actor, session: &Begun) {
    let (at, of_one) = (session.path(), session.participant(0));
    let revision = json!({ "expected_revision": 1 });
    let body = |more: Value| merged(revision.clone(), more);
    let requests = [
        who.get(&at),
        who.get(&format!("{of_one}/entries")),
        who.put(&format!("{at}/plan"))
            .json(&body(json!({ "group": true, "facilitators": [who.member_id()] }))),
        who.put(&format!("{at}/center")).json(&body(json!({ "center_id": who.organization_id() }))),
        who.delete(&format!("{at}/center")).query(&[("expected_revision", "1")]),
        who.post(&format!("{at}/void")).json(&body(json!({ "reason": "other" }))),
        who.post(&format!("{of_one}/removal")).json(&body(json!({ "reason": "x" }))),
        who.post(&format!("{of_one}/items/who_5/answers"))
            .json(&body(json!({ "answers": answers("who_5") }))),
        who.put(&format!("{of_one}/administration")).json(&body(json!({ "administration": {} }))),
        who.put(&format!("{of_one}/integration")).json(&body(json!({ "offer": {} }))),
    ];
    for request in requests {
        request.problem(404, "not_found").await;
    }
}

/// R046, R131: who tries what a session may hold is refused as if there were none, and leaves evidence of it.
#[tokio::test]
async fn a_made_up_participant_tells_nothing_of_a_session() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, ben) = (&north.amara, north.clinic.practitioner("Dr Ben").await);
    let session = begins(amara, &[north.chart], None).await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    let body = json!({ "expected_revision": 1, "answers": answers("who_5") });
    let answered = async |who: &Actor, session: &str| {
        let path = format!("/facilitated-sessions/{session}/participants/{nobody}/items/who_5/answers");
        who.post(&path).json(&body).problem(404, "not_found").await["detail"].clone()
    };
    let made_up = answered(&ben, nobody).await;
    for who in [&ben, amara] {
        assert_eq!(answered(who, &session.id).await, made_up, "{}", who.name());
    }
    let path = "/evidence?outcome=denied&kind=ItemCompleted";
    let denied = all(&north.clinic.administrator, path, "evidence").await;
    assert_eq!(column(&denied, "actor_name"), ["Dr Ben"]);
    assert_eq!(denied[0]["subjects"]["facilitation_id"], session.id);
}

/// R105, R106: from the association on the center reads everything, from before too, and after the release nothing.
#[tokio::test]
async fn a_center_reads_the_whole_session_while_it_is_associated() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, wanda) = (&willow.north.amara, &willow.center.administrator);
    let session = begins(amara, &[willow.north.chart], None).await;
    session.completes(amara, 0, "who_5").await;
    session.completes(amara, 0, "risk_assessment").await;
    sees_nothing(wanda, &session).await;
    assert_eq!(willow.board().await, Vec::<Value>::new());

    session.associates(amara, &willow.center).await.expect(200).await;
    let read = wanda.get(&session.path()).expect(200).await;
    assert_eq!(read["persons"][&session.participants[0]]["name"], "Grace Okafor");
    assert_eq!(read["names"][amara.member_id().to_string()], "Dr Amara");
    let entries = rows(&read, "entries");
    assert_eq!(entries.len(), 2, "what was there before the association, too: {entries:?}");
    assert!(entries.iter().any(|entry| entry["score"] == 10), "{entries:?}");
    assert!(read.to_string().contains("My sister Ngozi"));
    let board = willow.board().await;
    assert_eq!(column(&board, "id"), [session.id.as_str()]);

    // What leads to the facilitator's own records is not there, and they are not there for the center either.
    let participant = &read["participants"][0];
    assert!(participant["client_id"].is_null() && participant["chart_id"].is_null(), "{participant}");
    for path in [format!("/charts/{}", willow.north.chart), format!("/charts/{}/records", willow.north.chart)]
    {
        wanda.get(&path).problem(404, "not_found").await;
    }
    let sessions = format!("/clients/{}/facilitated-sessions", willow.north.grace);
    wanda.get(&sessions).problem(404, "not_found").await;

    session.is_released_by(wanda).await.expect(204).await;
    sees_nothing(wanda, &session).await;
    assert_eq!(willow.board().await, Vec::<Value>::new());
    let read = amara.get(&session.path()).expect(200).await;
    assert!(read["center"].is_null() && rows(&read, "entries").len() == 2, "{read}");
}

/// a center's administrator reads and lets go, and does nothing else; other people of the center do nothing.
#[tokio::test]
async fn a_center_changes_nothing_and_deletes_nothing() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, wanda) = (&willow.north.amara, &willow.center.administrator);
    let session = begins(amara, &[willow.north.chart], Some(willow.center.id())).await;
    let employee = willow.center.practitioner("Dr Walt").await;
    let auditor = willow.center.auditor("Wei").await;
    let south = world.clinic("South Clinic").await;
    becomes_center(&south.administrator, "OR").await;
    let ben = willow.north.clinic.practitioner("Dr Ben").await;
    let before = Snapshot::of(&world).await;
    for stranger in [&employee, &auditor, &south.administrator, &ben, &willow.north.clinic.administrator] {
        sees_nothing(stranger, &session).await;
    }
    let revision = json!({ "expected_revision": 1 });
    let of_one = session.participant(0);
    for request in [
        wanda
            .post(&format!("{}/void", session.path()))
            .json(&merged(revision.clone(), json!({ "reason": "other" }))),
        wanda
            .put(&format!("{}/plan", session.path()))
            .json(&merged(revision.clone(), json!({ "group": true, "facilitators": [wanda.member_id()] }))),
        wanda.post(&format!("{of_one}/removal")).json(&merged(revision.clone(), json!({ "reason": "x" }))),
        wanda
            .post(&format!("{of_one}/items/who_5/answers"))
            .json(&merged(revision.clone(), json!({ "answers": answers("who_5") }))),
        wanda
            .put(&format!("{of_one}/administration"))
            .json(&merged(revision, json!({ "administration": {} }))),
    ] {
        request.problem(404, "not_found").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
    session.is_released_by(amara).await.problem(404, "not_found").await;
}

/// the one center lets go, and another one, which has approved the facilitator, takes it on.
#[tokio::test]
async fn a_session_changes_its_center_by_release_and_approval() {
    let world = World::start().await;
    let willow = Willow::open(&world, "OR").await;
    let (amara, wanda) = (&willow.north.amara, &willow.center.administrator);
    let oak = world.clinic("Oak Center").await;
    let session = begins(amara, &[willow.north.chart], None).await;
    // Who is no center, and who has not approved her, answer alike.
    session.associates(amara, &oak).await.problem(422, "not_approved").await;
    becomes_center(&oak.administrator, "OR").await;
    session.associates(amara, &oak).await.problem(422, "not_approved").await;
    approves(&oak.administrator, amara).await;

    session.associates(amara, &willow.center).await.expect(200).await;
    session.completes(amara, 0, "oha_transportation_plan").await;
    session.signs(amara, 0, "oha_transportation_plan").await;
    session.associates(amara, &oak).await.problem(409, "has_center").await;
    // Of a session that is taken already, nobody learns who is a center.
    let south = world.clinic("South Clinic").await;
    session.associates(amara, &south).await.problem(409, "has_center").await;
    session.is_released_by(wanda).await.expect(204).await;
    session.associates(amara, &oak).await.expect(200).await;
    let read = oak.administrator.get(&session.path()).expect(200).await;
    let plan = rows(&read["participants"][0], "items");
    let plan = plan.iter().find(|item| item["code"] == "oha_transportation_plan").unwrap();
    assert_eq!(plan["state"], "must_be_updated", "it names the center that was");
    sees_nothing(wanda, &session).await;

    // Withdrawn, the approval serves no new session; what is there stays until it is released.
    let code = code(amara);
    let approval = [("facilitator_code", code.as_str())];
    oak.administrator.delete("/center/approvals").query(&approval).expect(204).await;
    oak.administrator.get(&session.path()).expect(200).await;
    let another = begins(amara, &[willow.north.chart], None).await;
    another.associates(amara, &oak).await.problem(422, "not_approved").await;
    let listed = oak.administrator.get("/center/approvals").expect(200).await;
    assert!(listed["approvals"][0]["withdrawn_at"].is_string(), "{listed}");

    // One that was never administered is let go even when it is void.
    session.is_voided_by(amara, "entered_in_error").await;
    session.is_released_by(&oak.administrator).await.expect(204).await;
    sees_nothing(&oak.administrator, &session).await;
}

/// R108: derived step by step, and the same for both.
#[tokio::test]
async fn both_sides_see_the_same_status_at_every_step() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let amara = &willow.north.amara;
    let (_, other) = willow.patient("Henry Lindqvist", "1970-05-05").await;
    let session = begins(amara, &[willow.north.chart, other], Some(willow.center.id())).await;
    let is = async |status: &str, participants: [&str; 2]| {
        let read = amara.get(&session.path()).expect(200).await;
        let board = willow.board().await;
        assert_eq!((read["status"].as_str(), board[0]["status"].as_str()), (Some(status), Some(status)));
        assert_eq!(column(rows(&read, "participants"), "status"), participants);
        assert_eq!(column(rows(&board[0], "participants"), "status"), participants);
        assert_eq!(board[0]["counted"], !matches!(status, "new" | "scheduled"));
    };
    is("new", ["preparing", "preparing"]).await;
    session.plans(amara, amara.site().now() + Span::new().hours(48)).await.expect(200).await;
    is("scheduled", ["preparing", "preparing"]).await;
    session.prepares(amara, 0).await;
    is("scheduled", ["ready", "preparing"]).await;
    session.prepares(amara, 1).await;
    is("ready", ["ready", "ready"]).await;
    session.administers(amara, 0, given(amara, 20_000, 240)).await.expect(200).await;
    session.administers(amara, 1, json!({ "primary_dose_ug": 20_000 })).await.expect(200).await;
    is("ready", ["post_journey", "ready"]).await;
    let corrected = json!({ "administration": given(amara, 25_000, 300), "reason": "now it is complete" });
    session.put(amara, &session.part(1, "/administration"), corrected).await.expect(200).await;
    is("post_journey", ["post_journey", "post_journey"]).await;
    for at in [0, 1] {
        session.completes(amara, at, "meq_30").await;
    }
    session.completes(amara, 0, "feedback_and_outcomes").await;
    let not_required = json!({ "required": false });
    let end = session.part(1, "/items/feedback_and_outcomes");
    session.put(amara, &end, not_required).await.expect(200).await;
    is("completed", ["completed", "completed"]).await;
    // What was administered at a center stays with it (O-02).
    let wanda = &willow.center.administrator;
    session.is_released_by(wanda).await.problem(409, "administered_already").await;
}

/// as far as in the session where the client is least far, of those that count.
#[tokio::test]
async fn a_client_is_on_the_whole_as_far_as_in_their_least_advanced_session() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, north) = (&willow.north.amara, &willow.north);
    let path = format!("/clients/{}/facilitated-sessions", north.grace);
    let is = async |status: Option<&str>| {
        let listed = amara.get(&path).expect(200).await;
        assert_eq!(listed["status"].as_str(), status, "{listed}");
    };
    is(None).await;
    let first = begins(amara, &[north.chart], None).await;
    is(Some("preparing")).await;
    first.plans(amara, amara.site().now() + Span::new().hours(48)).await.expect(200).await;
    first.prepares(amara, 0).await;
    is(Some("ready")).await;

    // Another session sets her back for as long as it stands and she is in it.
    let cancelled = begins(amara, &[north.chart], None).await;
    is(Some("preparing")).await;
    cancelled.is_voided_by(amara, "cancelled").await;
    is(Some("ready")).await;
    let (_, henry) = willow.patient("Henry Lindqvist", "1970-05-05").await;
    let group = begins(amara, &[north.chart, henry], None).await;
    is(Some("preparing")).await;
    let reason = json!({ "reason": "She would rather come alone." });
    group.post(amara, &group.part(0, "/removal"), reason).await.expect(200).await;
    is(Some("ready")).await;

    first.administers(amara, 0, given(amara, 20_000, 240)).await.expect(200).await;
    is(Some("post_journey")).await;
    for code in ["meq_30", "feedback_and_outcomes"] {
        first.completes(amara, 0, code).await;
    }
    is(Some("completed")).await;
    begins(amara, &[north.chart], None).await;
    is(Some("preparing")).await;
}

/// R153: whoever was administered something was seen then, whatever the records of their chart tell of.
#[tokio::test]
async fn a_session_shows_when_a_client_was_seen_last() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, north) = (&willow.north.amara, &willow.north);
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    // Five years from the last encounter.
    let florida = json!({ "expected_version": 0, "jurisdictions": ["US-FL"], "practices": ["physician"] });
    rita.put("/retention/schedule").json(&florida).expect(200).await;
    world.idle().await;
    let content = json!({ "title": "Visit", "sections": [{ "text": "no pain" }] });
    let visit = json!({ "section": "progress_notes", "occurred_on": "2015-05-02", "content": content });
    let note = amara.post(&format!("/charts/{}/notes", north.chart)).json(&visit).expect(201).await;
    let path =
        format!("/charts/{}/records/{}/retention", north.chart, note["record"]["id"].as_str().unwrap());
    let is = async |seen_on: Value, eligible: bool| {
        let why = amara.get(&path).expect(200).await;
        assert_eq!(
            (&why["inputs"]["client"]["last_encounter_on"], &why["eligible"]),
            (&seen_on, &json!(eligible)),
            "{why}"
        );
    };
    let session = begins(amara, &[north.chart], None).await;
    session.plans(amara, amara.site().now() + Span::new().hours(48)).await.expect(200).await;
    session.prepares(amara, 0).await;
    is(json!("2015-05-02"), true).await;
    let swept = async || {
        world.fires("retention-sweep").await;
        all(&rita, "/retention/eligible", "records").await.len()
    };
    assert_eq!(swept().await, 1);
    session.administers(amara, 0, given(amara, 20_000, 240)).await.expect(200).await;
    is(json!(amara.day(0)), false).await;
    assert_eq!(swept().await, 0, "the chart is looked at once more");
    // What is struck through counts as well: in doubt the longer.
    session.is_voided_by(amara, "entered_in_error").await;
    is(json!(amara.day(0)), false).await;
}

/// R108: on whatever page the session stands, and only if the reader may see it.
#[tokio::test]
async fn how_far_a_client_is_tells_of_no_session_that_the_reader_may_not_see() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, north) = (&willow.north.amara, &willow.north);
    let path = format!("/clients/{}/facilitated-sessions", north.grace);
    let status = async |who: &Actor| who.get(&path).expect(200).await["status"].clone();
    let (ben, eve) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Eve").await);
    let older = begins(amara, &[north.chart], None).await;
    older.prepares(amara, 0).await;
    let newer = begins(amara, &[north.chart], Some(willow.center.id())).await;
    newer.plans(amara, amara.site().now() + Span::new().hours(48)).await.expect(200).await;
    newer.prepares(amara, 0).await;
    newer.administers(amara, 0, given(amara, 20_000, 240)).await.expect(200).await;
    let bens = ben.opens_chart(north.grace).await;
    let elsewhere = begins(&ben, &[bens], None).await;

    // Each facilitator has their own; who has none is told of none, and of nobody else's.
    assert_eq!(status(amara).await, "ready");
    assert_eq!(status(&ben).await, "preparing");
    assert!(status(&eve).await.is_null());

    // The first page holds Dr Ben's session, which is not shown, the second one the newer, the third one the older.
    let page = async |cursor: Option<&str>| {
        let request = amara.get(&path).query(&[("limit", "1")]);
        let request = match cursor {
            Some(cursor) => request.query(&[("cursor", cursor)]),
            None => request,
        };
        request.expect(200).await
    };
    let first = page(None).await;
    assert_eq!((rows(&first, "sessions").len(), &first["status"]), (0, &json!("ready")));
    let second = page(first["next"].as_str()).await;
    assert_eq!(column(rows(&second, "sessions"), "status"), ["post_journey"]);
    assert!(second["status"].is_null(), "it is told once, at the head: {second}");

    // The client takes part in all of them.
    let client = north.clinic.member("Grace Okafor", &[Role::Client]).await;
    let oneself = json!({
        "member_id": client.member_id(), "relationship": "oneself", "expires_on": amara.day(30)
    });
    amara.post(&format!("/clients/{}/proxies", north.grace)).json(&oneself).expect(201).await;
    assert_eq!(status(&client).await, "preparing");
    elsewhere.is_voided_by(&ben, "withdrawn").await;
    assert!(status(&ben).await.is_null());
    assert_eq!(status(&client).await, status(amara).await);

    // The center sees how far she is in its session, and nothing of how far she is in others.
    let board = willow.board().await;
    assert_eq!(column(&board, "id"), [newer.id.as_str()]);
    let participants = rows(&board[0], "participants");
    assert_eq!(column(participants, "status"), ["post_journey"]);
    let read = willow.center.administrator.get(&newer.path()).expect(200).await;
    for participant in [&participants[0], &read["participants"][0]] {
        assert!(!participant.to_string().contains(&north.grace.to_string()), "{participant}");
    }
    assert!(!json!(board).to_string().contains("\"ready\""), "{board:?}");
    willow.center.administrator.get(&path).problem(404, "not_found").await;
}

/// the forms are there with the center, the one as published.
#[tokio::test]
async fn forms_of_the_authority_come_with_a_licensed_oregon_center() {
    let world = World::start().await;
    let willow = Willow::open(&world, "OR").await;
    let amara = &willow.north.amara;
    let session = begins(amara, &[willow.north.chart], None).await;
    let forms = async || {
        let read = amara.get(&session.path()).expect(200).await;
        let items = rows(&read["participants"][0], "items").to_vec();
        items.iter().filter(|item| item["code"].as_str().unwrap().starts_with("oha_")).count()
    };
    assert_eq!(forms().await, 0);
    let end = session.part(0, "/items/oha_client_information/answers");
    let sound = json!({ "answers": answers("oha_client_information") });
    session.post(amara, &end, sound).await.problem(409, "no_such_item").await;
    session.associates(amara, &willow.center).await.expect(200).await;
    assert_eq!(forms().await, 7);
    session.post(amara, &end, json!({ "answers": form() })).await.problem(422, "invalid_answers").await;
    let item = session.part(0, "/items/oha_client_information");
    session.put(amara, &item, json!({ "required": false })).await.problem(422, "form_is_fixed").await;
    let own = json!({ "required": true, "title": "Our form" });
    session.put(amara, &item, own).await.problem(422, "invalid_title").await;
    session.completes(amara, 0, "oha_client_information").await;
    session.signs(amara, 0, "oha_client_information").await;
}

/// R110: what may not be planned is refused with its citation; what was done is recorded with its reason.
#[tokio::test]
async fn the_rules_of_oregon_refuse_a_plan_and_note_a_deviation() {
    let world = World::start().await;
    let willow = Willow::open(&world, "OR").await;
    let amara = &willow.north.amara;
    let day = |years: i16| {
        (amara.site().now().to_zoned(jiff::tz::TimeZone::UTC).date() - Span::new().years(years)).to_string()
    };
    let (_, young) = willow.patient("Yara Young", &day(20)).await;
    let soon = amara.site().now() + Span::new().hours(20);
    let session = begins(amara, &[young], Some(willow.center.id())).await;
    let refused = session.plans(amara, soon).await.problem(422, "against_the_rules").await;
    let finding = &refused["findings"][0];
    assert_eq!((&finding["code"], &finding["requirement"]), (&json!("client_too_young"), &json!("O-13")));
    assert_eq!((&finding["severity"], &finding["blocks"]), (&json!("blocking"), &json!("schedule")));
    assert!(finding["citation"].as_str().unwrap().starts_with("OAR 333-333-"), "{finding}");

    let session = begins(amara, &[willow.north.chart], Some(willow.center.id())).await;
    let held = json!({ "done": "held", "held_at": amara.site().now(), "certified": true });
    let end = session.part(0, "/preparations");
    session.post(amara, &end, json!({ "preparation": held })).await.expect(201).await;
    let refused = session.plans(amara, soon).await.problem(422, "against_the_rules").await;
    assert_eq!(refused["findings"][0]["code"], "preparation_too_recent");
    session.plans(amara, amara.site().now() + Span::new().hours(30)).await.expect(200).await;

    world.clock.advance(36);
    let short = given(amara, 30_000, 60);
    let refused = session.administers(amara, 0, short.clone()).await.problem(422, "against_the_rules").await;
    let codes = column(rows(&refused, "findings"), "code");
    for code in ["client_information_missing", "client_data_missing", "session_too_short"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    let with_reason =
        merged(short, json!({ "deviation": "The client left after an hour, with her sister." }));
    session.administers(amara, 0, with_reason).await.expect(200).await;

    // Both sides see what the rules find, and the trail has the codes and not the reason.
    for reader in [amara, &willow.center.administrator] {
        let read = reader.get(&session.path()).expect(200).await;
        let found = column(rows(&read, "findings"), "code");
        for code in ["session_too_short", "kept_until", "integration_not_offered"] {
            assert!(found.contains(&code), "{} sees {found:?}", reader.name());
        }
    }
    let trail = all(&willow.north.clinic.administrator, "/evidence", "evidence").await;
    let recorded = trail.iter().find(|fact| fact["kind"] == "AdministrationRecorded").unwrap();
    let recorded_codes = recorded["details"]["deviations"].as_str().unwrap();
    assert!(recorded_codes.contains("session_too_short") && !recorded.to_string().contains("sister"));
}

/// O-08, O-09: who comes back is known from their earlier sessions; what is only attested is said to be.
#[tokio::test]
async fn a_returning_client_is_known_and_an_attested_history_is_said_to_be() {
    let world = World::start().await;
    let willow = Willow::open(&world, "OR").await;
    let (amara, at_willow) = (&willow.north.amara, Some(willow.center.id()));
    let (_, henry) = willow.patient("Henry Lindqvist", "1970-05-05").await;
    let found = async |session: &Begun| {
        let read = amara.get(&session.path()).expect(200).await;
        let codes = column(rows(&read, "findings"), "code");
        codes.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |codes: &[String], code: &str| codes.iter().any(|one| one == code);
    let noted = |dose_ug, minutes| {
        merged(given(amara, dose_ug, minutes), json!({ "deviation": "The forms are on paper." }))
    };

    let first = begins(amara, &[willow.north.chart], at_willow).await;
    assert!(has(&found(&first).await, "preparation_missing"));
    let soon = || amara.site().now() + Span::new().hours(1);
    first.plans(amara, soon()).await.expect(200).await;
    world.clock.advance(2);
    first.administers(amara, 0, noted(2_000, 60)).await.expect(200).await;
    world.clock.advance(24 * 30);
    let second = begins(amara, &[willow.north.chart, henry], at_willow).await;
    second.plans(amara, soon()).await.expect(200).await;
    world.clock.advance(2);
    second.administers(amara, 0, noted(2_000, 30)).await.expect(200).await;
    let read = amara.get(&second.path()).expect(200).await;
    let of = |at: usize| -> Vec<String> {
        let his = |finding: &&Value| finding["participant_id"] == json!(second.participants[at]);
        let findings: Vec<Value> = rows(&read, "findings").iter().filter(his).cloned().collect();
        column(&findings, "code").into_iter().map(str::to_owned).collect()
    };
    for code in ["preparation_missing", "session_too_short", "history_attested", "visit_attested"] {
        assert!(!has(&of(0), code), "{code}: {:?}", of(0));
    }
    assert!(has(&of(1), "preparation_missing"), "Henry was never here");

    // Of a client who was elsewhere with her it is attested, which the rules say, and can be taken back.
    let history = json!({ "with_facilitator": true });
    let participants = json!([{ "chart_id": henry, "history": history }]);
    let body = json!({ "participants": participants, "center_id": at_willow });
    let third = Begun::of(&amara.post("/facilitated-sessions").json(&body).expect(201).await);
    let codes = found(&third).await;
    assert!(has(&codes, "history_attested") && !has(&codes, "preparation_missing"), "{codes:?}");
    let attested = json!({ "preparation": { "done": "history_attested", "history": {} } });
    third.post(amara, &third.part(0, "/preparations"), attested).await.expect(201).await;
    let codes = found(&third).await;
    assert!(!has(&codes, "history_attested") && has(&codes, "preparation_missing"), "{codes:?}");
}

/// several clients, each with a facilitator; moved with what they have done, removed and kept.
#[tokio::test]
async fn a_group_takes_clients_in_and_strikes_them_out() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, north) = (&willow.north.amara, &willow.north);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let (_, henry) = willow.patient("Henry Lindqvist", "1970-05-05").await;
    let group = begins(amara, &[henry], None).await;
    let alone = json!({ "participants": [{ "chart_id": north.chart }] });
    let alone = Begun::of(&amara.post("/facilitated-sessions").json(&alone).expect(201).await);
    let full = json!({ "participant": { "chart_id": henry } });
    alone.post(amara, "/participants", full.clone()).await.problem(409, "individual_session").await;
    group.post(amara, "/participants", full).await.problem(409, "participates_already").await;
    // Nobody brings a client whose chart is not theirs.
    let bens = ben.opens_chart(north.grace).await;
    let stolen = json!({ "participant": { "chart_id": bens } });
    group.post(amara, "/participants", stolen).await.problem(404, "not_found").await;

    alone.completes(amara, 0, "who_5").await;
    let moved = alone.post(amara, &alone.part(0, "/move"), json!({ "to": group.id })).await.expect(200).await;
    assert_eq!(rows(&moved, "participants").len(), 2);
    let (group, left) = (Begun::of(&moved), amara.get(&alone.path()).expect(200).await);
    assert_eq!(left["participants"][0]["standing"], "moved");
    assert_eq!(left["participants"][0]["moved_to"], group.id.as_str(), "one can follow them");
    assert_eq!(moved["participants"][1]["moved_to"], Value::Null);
    let entries = amara.get(&format!("{}/entries", group.participant(1))).expect(200).await;
    assert_eq!(rows(&entries, "entries").len(), 1, "what she has done has come with her");
    amara.get(&format!("{}/entries", alone.participant(0))).problem(404, "not_found").await;

    let both = json!({ "group": false, "facilitators": [amara.member_id()] });
    group.put(amara, "/plan", both).await.problem(409, "individual_session").await;
    let staff = json!({ "group": true, "facilitators": [amara.member_id(), ben.member_id()] });
    group.put(amara, "/plan", staff).await.expect(200).await;
    let to_ben = json!({ "facilitator_id": ben.member_id() });
    group.put(amara, &group.part(1, "/facilitator"), to_ben).await.expect(200).await;
    group.completes(amara, 1, "risk_assessment").await;
    let end = group.part(1, "/items/risk_assessment/signature");
    group.post(amara, &end, json!({})).await.problem(403, "not_assigned").await;
    group.signs(&ben, 1, "risk_assessment").await;
    assert_eq!(column(&all(&ben, "/facilitated-sessions", "sessions").await, "id"), [group.id.as_str()]);

    let reason = json!({ "reason": "Grace changed her mind." });
    let removed = group.post(amara, &group.part(1, "/removal"), reason).await.expect(200).await;
    assert_eq!(column(rows(&removed, "participants"), "standing"), ["present", "removed"]);
    let kept = amara.get(&format!("{}/entries", group.participant(1))).expect(200).await;
    assert_eq!(
        (rows(&kept, "entries").len(), &kept["removal_reason"]),
        (2, &json!("Grace changed her mind."))
    );
    let read = amara.get(&group.path()).expect(200).await;
    assert_eq!(read["persons"].as_object().unwrap().len(), 1, "nobody else's part is touched");
    let individual = json!({ "group": false, "facilitators": [amara.member_id(), ben.member_id()] });
    group.put(amara, "/plan", individual).await.expect(200).await;
}

/// the client fills in their own forms, and sees nobody else's part.
#[tokio::test]
async fn a_client_fills_in_their_own_forms() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, grace) = (&willow.north.amara, willow.north.grace);
    let (_, henry) = willow.patient("Henry Lindqvist", "1970-05-05").await;
    let session = begins(amara, &[willow.north.chart, henry], None).await;
    let document = json!({ "required": true, "title": "House rules" });
    session.put(amara, &session.part(0, "/items/document_1"), document).await.expect(200).await;
    let client = willow.north.clinic.member("Grace Okafor", &[Role::Client]).await;
    let path = format!("/clients/{grace}/facilitated-sessions");
    client.get(&path).problem(404, "not_found").await;
    let oneself = json!({
        "member_id": client.member_id(), "relationship": "oneself", "expires_on": amara.day(30)
    });
    amara.post(&format!("/clients/{grace}/proxies")).json(&oneself).expect(201).await;

    let listed = client.get(&path).expect(200).await;
    let row = &listed["sessions"][0];
    assert_eq!(
        (rows(&listed, "sessions").len(), &row["participant_id"]),
        (1, &json!(session.participants[0]))
    );
    assert!(row["session_status"].is_null(), "how far others are is not hers to know: {row}");
    let document = rows(row, "items").iter().find(|item| item["code"] == "document_1").unwrap();
    assert_eq!((&document["title"], &document["state"]), (&json!("House rules"), &json!("outstanding")));
    let body = json!({ "expected_revision": row["revision"], "answers": answers("document_1") });
    let done = client.post(&format!("{}/items/document_1/answers", session.participant(0))).json(&body);
    let done = done.expect(201).await;
    assert_eq!(done["item"]["state"], "awaiting_counter_signature");
    assert!(!done.to_string().contains(&session.participants[1]), "{done}");
    let body = json!({ "expected_revision": done["revision"], "answers": answers("who_5") });
    let others = client.post(&format!("{}/items/who_5/answers", session.participant(1))).json(&body);
    others.problem(404, "not_found").await;
    client.get(&session.path()).problem(404, "not_found").await;
    session.signs(amara, 0, "document_1").await;
    let read = amara.get(&session.path()).expect(200).await;
    let completion = rows(&read["participants"][0], "items").iter().find(|item| item["code"] == "document_1");
    assert_eq!(completion.unwrap()["completion"]["recorded_by"], client.member_id().to_string());
}

/// R066: who was appointed to see does not answer; who was appointed to answer does.
#[tokio::test]
async fn a_proxy_answers_for_a_client_only_if_appointed_to() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, grace) = (&willow.north.amara, willow.north.grace);
    let session = begins(amara, &[willow.north.chart], None).await;
    let gail = willow.north.clinic.member("Gail", &[Role::Client]).await;
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    let proxies = format!("/clients/{grace}/proxies");
    let mut body =
        json!({ "member_id": gail.member_id(), "relationship": "caregiver", "consent_id": access });
    let appointed = amara.post(&proxies).json(&body).expect(201).await;
    assert_eq!(appointed["scope"], "read", "unless more is said");
    let listed = gail.get(&format!("/clients/{grace}/facilitated-sessions")).expect(200).await;
    let answer =
        json!({ "expected_revision": listed["sessions"][0]["revision"], "answers": answers("who_5") });
    let path = format!("{}/items/who_5/answers", session.participant(0));
    gail.post(&path).json(&answer).problem(404, "not_found").await;

    amara.delete(&format!("{proxies}/{}", gail.member_id())).expect(204).await;
    body["scope"] = json!("everything");
    amara.post(&proxies).json(&body).problem(400, "invalid_input").await;
    body["scope"] = json!("read_and_answer");
    amara.post(&proxies).json(&body).expect(201).await;
    let listed = amara.get(&proxies).expect(200).await;
    assert_eq!(listed["proxies"][0]["scope"], "read_and_answer");
    gail.post(&path).json(&answer).expect(201).await;
}

/// who has to answer is told when asked, and who has to sign when there is something to sign.
#[tokio::test]
async fn who_has_to_answer_and_who_has_to_sign_is_told() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, grace) = (&willow.north.amara, willow.north.grace);
    let ben = willow.north.clinic.practitioner("Dr Ben").await;
    let session = begins(amara, &[willow.north.chart], None).await;
    let staff = json!({ "group": true, "facilitators": [amara.member_id(), ben.member_id()] });
    session.put(amara, "/plan", staff).await.expect(200).await;
    let to_ben = json!({ "facilitator_id": ben.member_id() });
    session.put(amara, &session.part(0, "/facilitator"), to_ben).await.expect(200).await;
    let item = session.part(0, "/items/risk_assessment");
    let ask = json!({ "required": true, "notify": true });
    session.put(amara, &item, ask.clone()).await.problem(409, "nobody_to_notify").await;

    let client = willow.north.clinic.member("Grace Okafor", &[Role::Client]).await;
    let gail = willow.north.clinic.member("Gail", &[Role::Client]).await;
    let oneself = json!({ "member_id": client.member_id(), "relationship": "oneself" });
    amara.post(&format!("/clients/{grace}/proxies")).json(&oneself).expect(201).await;
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    amara.appoints(grace, gail.member_id(), "partner", access).await;
    session.put(amara, &item, ask).await.expect(200).await;
    let told = async |who: &Actor| {
        let notices = all(who, "/notices", "notices").await;
        assert!(!json!(notices).to_string().contains("Grace"), "{notices:?}");
        column(&notices, "reason").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told(&client).await, ["form_to_answer"]);
    assert!(told(&gail).await.is_empty(), "she sees, and does not answer");
    assert_eq!(told(&ben).await, ["participant_notified"]);

    let listed = client.get(&format!("/clients/{grace}/facilitated-sessions")).expect(200).await;
    let revision = &listed["sessions"][0]["revision"];
    let body = json!({ "expected_revision": revision, "answers": answers("risk_assessment") });
    let path = format!("{}/items/risk_assessment/answers", session.participant(0));
    client.post(&path).json(&body).expect(201).await;
    assert_eq!(told(&ben).await, ["form_to_counter_sign", "participant_notified"]);
    assert!(told(amara).await.is_empty());
}

/// one person in two places is in each what they are there.
#[tokio::test]
async fn a_facilitator_who_runs_the_center_acts_where_they_say() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let amara = &willow.north.amara;
    let at_willow = willow.center.invites(amara, &[Role::Administrator]).await;
    let session = begins(amara, &[willow.north.chart], Some(willow.center.id())).await;
    let (here, there) =
        (amara.get(&session.path()).expect(200).await, at_willow.get(&session.path()).expect(200).await);
    assert_eq!(here["status"], there["status"]);
    assert!(
        here["participants"][0]["chart_id"].is_string() && there["participants"][0]["chart_id"].is_null()
    );
    // As the center she may let go and not plan, as the facilitator plan and not let go.
    let plan =
        json!({ "group": true, "facilitators": [amara.member_id()], "expected_revision": here["revision"] });
    at_willow.put(&format!("{}/plan", session.path())).json(&plan).problem(404, "not_found").await;
    session.is_released_by(amara).await.problem(404, "not_found").await;
    at_willow.get(&format!("/charts/{}", willow.north.chart)).problem(404, "not_found").await;
    amara.get(&format!("/charts/{}", willow.north.chart)).expect(200).await;
    session.is_released_by(&at_willow).await.expect(204).await;
    at_willow.get(&session.path()).problem(404, "not_found").await;
    amara.get(&session.path()).expect(200).await;
}

/// O-01, X-4: what was recorded is never changed and never gone.
#[tokio::test]
async fn a_correction_stands_beside_what_it_corrects() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let amara = &willow.north.amara;
    let session = begins(amara, &[willow.north.chart], Some(willow.center.id())).await;
    session.completes(amara, 0, "phq_9").await;
    let end = session.part(0, "/items/phq_9/answers");
    let better = json!({ "kind": "survey", "answers": [1, 1, 1, 1, 1, 1, 1, 1, 0] });
    session.post(amara, &end, json!({ "answers": better })).await.problem(409, "needs_reason").await;
    let with_reason = json!({ "answers": better, "reason": "She had read the scale the wrong way round." });
    session.post(amara, &end, with_reason).await.expect(201).await;
    for reader in [amara, &willow.center.administrator] {
        let path = format!("{}/entries", session.participant(0));
        let entries = all(reader, &path, "entries").await;
        assert_eq!(entries.iter().map(|entry| &entry["score"]).collect::<Vec<_>>(), [&json!(18), &json!(8)]);
        assert_eq!(entries[1]["reason"], "She had read the scale the wrong way round.");
    }
    let read = amara.get(&session.path()).expect(200).await;
    assert_eq!(rows(&read, "entries")[0]["number"], 2, "what holds is the newest");

    let void = json!({ "reason": "entered_in_error" });
    let voided = session.post(amara, "/void", void).await.expect(200).await;
    assert_eq!(
        (&voided["voided"]["reason"], &voided["counted"]),
        (&json!("entered_in_error"), &json!(false))
    );
    session.plans(amara, amara.site().now()).await.problem(409, "session_voided").await;
    willow.center.administrator.get(&session.path()).expect(200).await;
    assert_eq!(willow.board().await[0]["voided"], true);
}

/// R131: who looked stands in both trails, each with what concerns it; nothing said in a session is in either, nor in
/// the table in clear.
#[tokio::test]
async fn a_centers_reading_is_in_both_trails() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let (amara, wanda) = (&willow.north.amara, &willow.center.administrator);
    let session = begins(amara, &[willow.north.chart], Some(willow.center.id())).await;
    session.completes(amara, 0, "risk_assessment").await;
    wanda.get(&session.path()).expect(200).await;
    session.is_released_by(wanda).await.expect(204).await;

    let ours = all(
        &willow.north.clinic.administrator,
        &format!("/clients/{}/evidence", willow.north.grace),
        "evidence",
    )
    .await;
    let by_center = |kind: &str| {
        ours.iter()
            .any(|fact| fact["kind"] == kind && fact["details"]["center"] == willow.center.id().to_string())
    };
    assert!(by_center("FacilitationRead") && by_center("FacilitationReleased"), "{ours:?}");
    let theirs = all(wanda, "/evidence", "evidence").await;
    // The session came to the center as it was begun.
    for kind in ["FacilitationCreated", "FacilitationRead", "FacilitationReleased"] {
        let there = theirs.iter().find(|fact| fact["kind"] == kind);
        let there = there.unwrap_or_else(|| panic!("{kind} is not in {theirs:?}"));
        assert_eq!(there["subjects"]["facilitation_id"], session.id);
        assert!(there["subjects"]["client_id"].is_null(), "whose client it is, is not the center's: {there}");
    }
    let told = all(wanda, "/notices", "notices").await;
    assert_eq!(column(&told, "reason"), ["session_associated"]);
    let told = all(amara, "/notices", "notices").await;
    assert_eq!(column(&told, "reason"), ["session_released"]);
    for trail in [&ours, &theirs] {
        let text = json!(trail).to_string();
        assert!(!text.contains("Ngozi") && !text.contains("Grace"), "{text}");
    }
}

/// R055: of two changes decided on the same state, one comes too late.
#[tokio::test]
async fn a_session_is_changed_as_it_was_read() {
    let world = World::start().await;
    let willow = Willow::open(&world, "CO").await;
    let amara = &willow.north.amara;
    let session = begins(amara, &[willow.north.chart], None).await;
    session.completes(amara, 0, "who_5").await;
    let stale = json!({ "expected_revision": 1, "group": true, "facilitators": [amara.member_id()] });
    let refused =
        amara.put(&format!("{}/plan", session.path())).json(&stale).problem(409, "stale_revision").await;
    assert_eq!(refused["current_revision"], 2);
    let wanda = &willow.center.administrator;
    let sets = |revision| {
        let body = json!({ "expected_revision": revision, "license": license("OR") });
        wanda.put("/center").json(&body)
    };
    sets(0).problem(409, "stale_revision").await;
    assert_eq!(sets(1).expect(200).await["revision"], 2);
}
