//! Permissions and what stands on them: the circle of care in one action, its end at the next request, and
//! the people who see what is meant for a client and nothing else (R060, R066, X-1; 45 CFR 164.502(g),
//! 164.508(c)).

use crate::{
    north::{North, all, column, pages, revision, rows},
    snapshot::Snapshot,
};
use domain::{ChartId, ClientId, ConsentId, MemberId, RecordId, member::Role};
use jiff::{Span, civil::Date};
use serde_json::{Value, json};
use testkit::{Actor, World, files, world::Request};

/// North Clinic with those whom Grace trusts.
struct Cared<'w> {
    north: North<'w>,
    ben: Actor,
    sam: Actor,
    consent: ConsentId,
}

impl<'w> Cared<'w> {
    /// Ben and Sam are in the circle; nothing is shared with them yet.
    async fn open(world: &'w World, terms: Value) -> Self {
        let north = North::open(world).await;
        let ben = north.clinic.practitioner("Dr Ben").await;
        let sam = north.clinic.staff("Sam").await;
        let consent = north.amara.records_consent(north.grace, "circle_of_care", terms).await;
        north
            .amara
            .names_circle(north.grace, consent, &[(&ben, "read_and_write"), (&sam, "read_only")])
            .await;
        Self { north, ben, sam, consent }
    }

    async fn shares(&self) -> Value {
        shares_with_circle(&self.north.amara, self.north.chart, json!({})).await
    }

    fn withdraws(&self, who: &Actor) -> Request {
        who.delete(&format!("/clients/{}/consents/{}", self.north.grace, self.consent))
    }
}

async fn sharing(owner: &Actor, chart: ChartId, more: Value) -> Request {
    let mut body = more;
    let read = owner.get(&format!("/charts/{chart}")).expect(200).await;
    body["expected_revision"] = json!(revision(&read));
    if body.get("expected_circle_revision").is_none() {
        let circle = format!("/clients/{}/circle", read["client_id"].as_str().unwrap());
        body["expected_circle_revision"] = json!(revision(&owner.get(&circle).expect(200).await).max(1));
    }
    owner.post(&format!("/charts/{chart}/circle-grants")).json(&body)
}

async fn shares_with_circle(owner: &Actor, chart: ChartId, more: Value) -> Value {
    sharing(owner, chart, more).await.expect(201).await
}

async fn has(who: &Actor, chart: ChartId) {
    who.get(&format!("/charts/{chart}/records")).expect(200).await;
}

async fn has_nothing(who: &Actor, chart: ChartId) {
    for end in ["", "/records", "/grants"] {
        who.get(&format!("/charts/{chart}{end}")).problem(404, "not_found").await;
    }
}

/// Why they were told something, newest first.
async fn told(who: &Actor) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    column(&notices, "reason").into_iter().map(str::to_owned).collect()
}

async fn trail(north: &North<'_>, kind: &str) -> Vec<Value> {
    let facts = all(&north.amara, &format!("/clients/{}/evidence", north.grace), "evidence").await;
    facts.into_iter().filter(|fact| fact["kind"] == kind).collect()
}

// ---- The circle of care (R060) ----------------------------------------------------------------------------

#[tokio::test]
async fn a_chart_is_shared_with_the_circle_in_one_action() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (amara, chart) = (&cared.north.amara, cared.north.chart);
    let note = amara.writes_note(chart, "Visit", "words").await;
    for who in [&cared.ben, &cared.sam] {
        has_nothing(who, chart).await;
    }
    let shared = cared.shares().await;
    assert_eq!(column(rows(&shared, "grants"), "access"), ["read_and_write", "read_only"]);
    assert!(
        rows(&shared, "grants").iter().all(|grant| grant["consent_id"] == json!(cared.consent)),
        "{shared}"
    );
    for who in [&cared.ben, &cared.sam] {
        has(who, chart).await;
        assert_eq!(told(who).await, ["chart_shared"]);
        assert_eq!(rows(&who.get("/charts").expect(200).await, "charts").len(), 1, "it is in their list");
    }
    cared.ben.reads(chart, note).await;
    cared.ben.writes_note(chart, "Second opinion", "words").await;

    // Who has the chart keeps it as it is; who comes into the circle is added.
    let again = cared.shares().await;
    assert_eq!((rows(&again, "grants").len(), &again["chart_revision"]), (0, &shared["chart_revision"]));
    let iris = cared.north.clinic.practitioner("Iris").await;
    let everybody = [(&cared.ben, "read_only"), (&iris, "approval"), (amara, "read_only")];
    amara.names_circle(cared.north.grace, cared.consent, &everybody).await;
    let more = cared.shares().await;
    assert_eq!(column(rows(&more, "grants"), "access"), ["approval"], "the owner needs no share: {more}");
    cared.ben.writes_note(chart, "Third opinion", "words").await;
    has(&cared.sam, chart).await;
    has(&iris, chart).await;

    let facts = trail(&cared.north, "SharedWithCircle").await;
    let counted: Vec<&Value> = facts.iter().map(|fact| &fact["details"]["shares"]).collect();
    assert_eq!(counted, ["1", "0", "2"], "each is in the trail");
    assert!(facts.iter().all(|fact| fact["subjects"]["consent_id"] == json!(cared.consent)));
}

/// Whoever comes into the circle after its owner has looked at it gets nothing of the chart (P-08, R055).
#[tokio::test]
async fn a_chart_is_shared_with_the_circle_that_its_owner_has_seen() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (amara, grace, chart) = (&cared.north.amara, cared.north.grace, cared.north.chart);
    let (lena, iris) =
        (cared.north.clinic.practitioner("Dr Lena").await, cared.north.clinic.practitioner("Iris").await);
    lena.opens_chart(grace).await;
    let seen = revision(&amara.get(&format!("/clients/{grace}/circle")).expect(200).await);
    lena.names_circle(grace, cared.consent, &[(&cared.ben, "read_only"), (&iris, "read_and_write")]).await;
    let body = json!({ "expected_circle_revision": seen });
    sharing(amara, chart, body).await.problem(409, "stale_revision").await;
    has_nothing(&iris, chart).await;
    cared.shares().await;
    has(&iris, chart).await;
}

#[tokio::test]
async fn a_team_in_the_circle_is_whoever_is_in_it() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (amara, nora, chart) = (&cared.north.amara, &cared.north.clinic.administrator, cared.north.chart);
    let iris = cared.north.clinic.practitioner("Iris").await;
    let team = nora.post("/teams").json(&json!({ "name": "Wrist team" })).expect(201).await;
    let team = team["team_id"].as_str().unwrap().to_owned();
    let membership = format!("/teams/{team}/members/{}", iris.member_id());
    nora.put(&membership).json(&json!({})).expect(200).await;

    let path = format!("/clients/{}/circle", cared.north.grace);
    let member = json!({ "grantee": { "type": "team", "id": team }, "access": "read_only" });
    let circle = json!({ "expected_revision": 1, "consent_id": cared.consent, "members": [member] });
    let set = amara.put(&path).json(&circle).expect(200).await;
    assert_eq!((&set["members"][0]["name"], revision(&set)), (&json!("Wrist team"), 2));
    let read = amara.get(&path).expect(200).await;
    assert_eq!(read, set);
    cared.shares().await;
    has(&iris, chart).await;
    assert_eq!(told(&iris).await, ["chart_shared"]);
    cared.withdraws(amara).expect(204).await;
    has_nothing(&iris, chart).await;
}

#[tokio::test]
async fn nothing_is_shared_without_a_permission_that_holds() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, grace, chart) = (&north.amara, north.grace, north.chart);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let circle = format!("/clients/{grace}/circle");
    let none = amara.get(&circle).expect(200).await;
    assert_eq!(none, json!({ "client_id": grace, "members": [], "revision": 0 }));
    sharing(amara, chart, json!({})).await.problem(409, "no_circle").await;

    let naming = |consent: &ConsentId, revision: u64| {
        let ben = json!({ "grantee": { "type": "member", "id": ben.member_id() }, "access": "read_only" });
        let body = json!({ "expected_revision": revision, "consent_id": consent, "members": [ben] });
        amara.put(&circle).json(&body)
    };
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    naming(&access, 0).problem(422, "other_purpose").await;
    let short = json!({ "expires_on": amara.day(1) });
    let short = amara.records_consent(grace, "circle_of_care", short).await;
    naming(&short, 0).expect(200).await;
    naming(&short, 0).problem(409, "stale_revision").await;
    world.clock.advance(24 * 3);
    naming(&short, 1).problem(409, "consent_over").await;
    sharing(amara, chart, json!({})).await.problem(409, "consent_over").await;
    let read = amara.get(&circle).expect(200).await;
    assert_eq!(read["consent"]["status"], "over", "{read}");
    has_nothing(&ben, chart).await;

    // Only its owner shares a chart, whoever has named the circle (P-08).
    ben.opens_chart(grace).await;
    let lasting = ben.records_consent(grace, "circle_of_care", json!({})).await;
    ben.names_circle(grace, lasting, &[(&ben, "read_and_write")]).await;
    let body = json!({ "expected_revision": 1, "expected_circle_revision": 1 });
    ben.post(&format!("/charts/{chart}/circle-grants")).json(&body).problem(404, "not_found").await;
    has_nothing(&ben, chart).await;
}

#[tokio::test]
async fn a_circle_is_of_people_who_work_here() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let patient = cared.north.clinic.member("Grace Okafor", &[Role::Client]).await;
    let path = format!("/clients/{}/circle", cared.north.grace);
    let member = |id: MemberId| json!({ "grantee": { "type": "member", "id": id }, "access": "read_only" });
    let before = Snapshot::of(&world).await;
    let (ben, sam) = (cared.ben.member_id(), cared.sam.member_id());
    for (members, status, code) in [
        (vec![member(sofia.member_id())], 422, "no_such_grantee"),
        (vec![member(patient.member_id())], 422, "invalid_grantee"),
        (vec![member(ben), member(sam), member(ben)], 422, "invalid_circle"),
        (vec![member(ben); 31], 422, "invalid_circle"),
    ] {
        let body = json!({ "expected_revision": 1, "consent_id": cared.consent, "members": members });
        cared.north.amara.put(&path).json(&body).problem(status, code).await;
    }
    // A circle says who and how, never of what.
    for (name, value) in [("records", json!([])), ("sections", json!(["documents"])), ("exclude", json!([]))]
    {
        let mut narrowed = member(ben);
        narrowed[name] = value;
        let body = json!({ "expected_revision": 1, "consent_id": cared.consent, "members": [narrowed] });
        cared.north.amara.put(&path).json(&body).problem(400, "invalid_input").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);

    // Who was suspended since is passed over, and comes in once restored.
    let (nora, path) = (&cared.north.clinic.administrator, format!("/members/{sam}"));
    let now = revision(&nora.get(&path).expect(200).await);
    let suspension = format!("{path}/suspension");
    nora.post(&suspension).json(&json!({ "expected_revision": now })).expect(201).await;
    assert_eq!(rows(&cared.shares().await, "grants").len(), 1);
    nora.delete(&suspension).expect(200).await;
    has_nothing(&cared.sam, cared.north.chart).await;
    assert_eq!(rows(&cared.shares().await, "grants").len(), 1);
    has(&cared.sam, cared.north.chart).await;
}

#[tokio::test]
async fn what_the_circle_has_ends_with_the_permission_or_before() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (amara, chart, grace) = (&cared.north.amara, cared.north.chart, cared.north.grace);
    let (soon, later) = (amara.day(2), amara.day(6));
    let short = amara.records_consent(grace, "circle_of_care", json!({ "expires_on": later })).await;
    amara.names_circle(grace, short, &[(&cared.ben, "read_only")]).await;
    let past = json!({ "expires_on": amara.day(-1) });
    sharing(amara, chart, past).await.problem(422, "invalid_expiry").await;
    let shared = shares_with_circle(amara, chart, json!({ "expires_on": soon })).await;
    assert_eq!(shared["grants"][0]["expires_on"], json!(soon));
    // Longer than Grace has permitted it is shared with nobody, whatever is asked for.
    amara.names_circle(grace, short, &[(&cared.ben, "read_only"), (&cared.sam, "read_only")]).await;
    let shared = shares_with_circle(amara, chart, json!({ "expires_on": amara.day(300) })).await;
    assert_eq!(shared["grants"][0]["expires_on"], json!(later));
    let grant = format!("/charts/{chart}/grants/{}", cared.sam.member_id());
    let longer = json!({ "expected_revision": shared["chart_revision"], "access": "read_only" });
    amara.put(&grant).json(&longer).problem(422, "invalid_expiry").await;

    has(&cared.ben, chart).await;
    world.clock.advance(24 * 3);
    has_nothing(&cared.ben, chart).await;
    has(&cared.sam, chart).await;
    world.clock.advance(24 * 4);
    has_nothing(&cared.sam, chart).await;
}

#[tokio::test]
async fn a_withdrawal_is_felt_at_the_next_request_in_every_chart() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (amara, grace, chart) = (&cared.north.amara, cared.north.grace, cared.north.chart);
    let lena = cared.north.clinic.practitioner("Dr Lena").await;
    let hers = lena.opens_chart(grace).await;
    cared.shares().await;
    shares_with_circle(&lena, hers, json!({})).await;
    // Iris has the chart from its owner, whatever becomes of the circle.
    let iris = cared.north.clinic.practitioner("Iris").await;
    crate::north::shares(amara, chart, &iris, "read_only").await;
    for (who, chart) in [(&cared.ben, chart), (&cared.ben, hers), (&cared.sam, chart), (&iris, chart)] {
        has(who, chart).await;
    }

    cared.withdraws(&lena).expect(204).await;
    for who in [&cared.ben, &cared.sam] {
        has_nothing(who, chart).await;
        has_nothing(who, hers).await;
        assert_eq!(who.get("/charts").expect(200).await["charts"], json!([]), "it is in no list of theirs");
        assert_eq!(told(who).await, ["sharing_ended", "sharing_ended", "chart_shared", "chart_shared"]);
    }
    has(&iris, chart).await;
    has(amara, chart).await;
    let grants = amara.get(&format!("/charts/{chart}/grants")).expect(200).await;
    assert_eq!(rows(&grants, "grants").len(), 1, "{grants}");

    cared.withdraws(amara).problem(409, "consent_withdrawn").await;
    sharing(amara, chart, json!({})).await.problem(409, "consent_withdrawn").await;
    let listed = all(amara, &format!("/clients/{grace}/consents"), "consents").await;
    assert_eq!(column(&listed, "status"), ["withdrawn"]);
    assert_eq!(listed[0]["withdrawn"]["by"], json!(lena.member_id()));
    let facts = trail(&cared.north, "ConsentWithdrawn").await;
    assert_eq!((facts.len(), &facts[0]["details"]["shares"]), (1, &json!("4")));

    // A new permission, and they are back.
    let anew = amara.records_consent(grace, "circle_of_care", json!({})).await;
    amara.names_circle(grace, anew, &[(&cared.ben, "read_only")]).await;
    cared.shares().await;
    has(&cared.ben, chart).await;
}

/// However much stands on a permission, its withdrawal ends all of it at once: more than that never stands on
/// it.
#[tokio::test]
async fn a_permission_carries_what_one_withdrawal_ends() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, grace, chart) = (&north.amara, north.grace, north.chart);
    let lena = north.clinic.practitioner("Dr Lena").await;
    let hers = lena.opens_chart(grace).await;
    let mut members = Vec::new();
    for number in 0..41 {
        let email = format!("colleague{number}@north.example");
        let body =
            json!({ "name": format!("Colleague {number}"), "email": email, "roles": ["practitioner"] });
        let invited = north.clinic.administrator.post("/members").json(&body).expect(201).await;
        let grantee = json!({ "type": "member", "id": invited["member_id"] });
        members.push(json!({ "grantee": grantee, "access": "read_only" }));
    }
    let consent = amara.records_consent(grace, "circle_of_care", json!({})).await;
    let name = async |revision: u64, members: &[Value]| {
        let body = json!({ "expected_revision": revision, "consent_id": consent, "members": members });
        amara.put(&format!("/clients/{grace}/circle")).json(&body).expect(200).await
    };
    name(0, &members[..30]).await;
    assert_eq!(rows(&shares_with_circle(amara, chart, json!({})).await, "grants").len(), 30);
    name(1, &members[30..]).await;
    sharing(&lena, hers, json!({})).await.problem(409, "consent_full").await;
    name(2, &members[31..]).await;
    assert_eq!(rows(&shares_with_circle(&lena, hers, json!({})).await, "grants").len(), 10);

    let path = format!("/clients/{grace}/consents/{consent}");
    let once = amara.delete(&path).idempotency_key("withdrawn once");
    once.clone().expect(204).await;
    once.expect(204).await;
    for (owner, chart) in [(amara, chart), (&lena, hers)] {
        let grants = owner.get(&format!("/charts/{chart}/grants")).expect(200).await;
        assert_eq!(grants["grants"], json!([]));
    }
}

/// Who has no part in a client's care gives nobody access: neither with the circle nor as who stands for the client
/// (P-08, R060, R066).
#[tokio::test]
async fn who_gives_access_has_a_chart_of_the_client_to_write_in() {
    let world = World::start().await;
    let cared = Cared::open(&world, json!({})).await;
    let (north, ben) = (&cared.north, &cared.ben);
    let (amara, grace) = (&north.amara, north.grace);
    let gail = north.clinic.member("Gail", &[Role::Client]).await;
    let gary = north.clinic.member("Gary", &[Role::Client]).await;
    let iris = north.clinic.practitioner("Iris").await;
    crate::north::shares(amara, north.chart, &iris, "read_only").await;
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    amara.appoints(grace, gary.member_id(), "partner", access).await;
    let (consents, circle) = (format!("/clients/{grace}/consents"), format!("/clients/{grace}/circle"));
    let proxies = format!("/clients/{grace}/proxies");
    let oneself = json!({ "member_id": gail.member_id(), "relationship": "oneself" });
    let permission = json!({
        "purpose": "circle_of_care", "given_by": "client", "method": "written", "signed_on": amara.day(0),
        "expires_on": amara.day(100), "note": "Everything, to everybody.",
    });
    let everybody =
        json!([{ "grantee": { "type": "member", "id": ben.member_id() }, "access": "read_and_write" }]);
    let named = json!({ "expected_revision": 1, "consent_id": cared.consent, "members": everybody });
    let before = Snapshot::of(&world).await;
    for who in [ben, &iris] {
        for refused in [
            who.post(&consents).json(&permission),
            who.put(&circle).json(&named),
            who.post(&proxies).json(&oneself),
            who.delete(&format!("{proxies}/{}", gary.member_id())),
            cared.withdraws(who),
        ] {
            refused.problem(404, "not_found").await;
        }
        who.get(&circle).expect(200).await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);

    // Who writes in the chart takes part in the client's care, and its owner is told.
    assert!(told(amara).await.is_empty(), "what she does herself is no news to her");
    cared.shares().await;
    ben.post(&proxies).json(&oneself).expect(201).await;
    assert_eq!(told(amara).await, ["proxy_appointed"]);
    assert_eq!(told(ben).await, ["chart_shared"]);
    ben.delete(&format!("{proxies}/{}", gail.member_id())).expect(204).await;
}

// ---- What makes a permission valid (45 CFR 164.508) -------------------------------------------------------

#[tokio::test]
async fn a_permission_is_recorded_with_all_that_makes_it_valid() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, today) = (&north.amara, north.amara.day(0));
    let path = format!("/clients/{}/consents", north.grace);
    let with = |changes: Value| {
        let mut body = json!({
            "purpose": "proxy_access", "given_by": "legal_representative", "method": "written",
            "signed_on": today, "expires_on": amara.day(30), "note": "Her letters, to her son, for her care.",
            "authority": "Power of attorney of 2 May 2025",
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        amara.post(&path).json(&body)
    };
    let before = Snapshot::of(&world).await;
    for defect in [
        json!({ "signed_on": amara.day(2) }),
        json!({ "expires_on": amara.day(-1) }),
        json!({ "expires_on": null }),
        json!({ "method": "verbal" }),
        json!({ "authority": null }),
        json!({ "given_by": "parent" }),
    ] {
        with(defect).problem(422, "invalid_consent").await;
    }
    for wrong in [json!({ "note": " " }), json!({ "purpose": "marketing" }), json!({ "revoked": false })] {
        with(wrong).problem(400, "invalid_input").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);

    let recorded = with(json!({})).expect(201).await;
    assert_eq!((&recorded["status"], &recorded["recorded_by"]), (&json!("live"), &json!(amara.member_id())));
    let listed = all(amara, &path, "consents").await;
    let [shown] = listed.as_slice() else { panic!("{listed:?}") };
    for field in ["note", "authority", "signed_on", "expires_on", "given_by", "method", "purpose"] {
        assert_eq!(shown[field], recorded[field], "{field}");
    }
    assert_eq!(shown["recorded_by_name"], "Dr Amara");
    // What it says stands nowhere in clear, and in no trail.
    let facts = trail(&north, "ConsentRecorded").await.iter().map(Value::to_string).collect::<String>();
    assert!(facts.contains("legal_representative") && !facts.contains("attorney"), "{facts}");
    for page in pages(amara, &path, 1, "consents").await {
        assert_eq!(page.len(), 1);
    }
}

// ---- Proxies (R066) ---------------------------------------------------------------------------------------

/// A chart with something of every sort, of which some is meant for Grace.
struct Letters<'w> {
    north: North<'w>,
    gail: Actor,
    letter: RecordId,
    photo: RecordId,
    /// What is not for her, or not yet, or no longer.
    others: Vec<RecordId>,
}

async fn drafts(who: &Actor, chart: ChartId, title: &str, more: Value) -> Value {
    let mut body = json!({ "content": { "title": title, "sections": [{ "text": "words" }] } });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    who.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await
}

async fn writes(who: &Actor, chart: ChartId, title: &str, more: Value) -> RecordId {
    let drafted = drafts(who, chart, title, more).await;
    let record: RecordId = drafted["record"]["id"].as_str().unwrap().parse().unwrap();
    let body = json!({ "expected_revision": revision(&drafted["draft"]) });
    who.post(&format!("/charts/{chart}/records/{record}/signature")).json(&body).expect(201).await;
    record
}

fn for_client() -> Value {
    json!({ "direction": "for_client" })
}

impl<'w> Letters<'w> {
    async fn written(world: &'w World) -> Self {
        let north = North::open(world).await;
        let (amara, chart) = (&north.amara, north.chart);
        let gail = north.clinic.member("Gail", &[Role::Client]).await;
        let letter = writes(amara, chart, "After your visit", for_client()).await;
        let photo = amara.uploads_as(chart, &files::photo(64, 48), for_client()).await;
        let about = writes(amara, chart, "Session note", json!({})).await;
        let scan = amara.uploads(chart, &files::scan(1)).await;
        let unsigned = drafts(amara, chart, "Not yet", for_client()).await["record"]["id"].clone();
        let unsigned = unsigned.as_str().unwrap().parse().unwrap();
        let private = json!({ "direction": "for_client", "compartment": "private" });
        let private = writes(amara, chart, "To myself", private).await;
        let voided = writes(amara, chart, "Of somebody else", for_client()).await;
        let place = format!("/charts/{chart}/records/{voided}");
        let now = revision(&amara.get(&place).expect(200).await);
        let body = json!({ "expected_revision": now, "reason": "the wrong client" });
        let void = amara.post(&format!("{place}/void")).json(&body).send().await;
        assert!(void.status < 300, "{}", void.json());
        let others = vec![about, scan, unsigned, private, voided];
        Self { north, gail, letter, photo, others }
    }

    fn record(&self, record: RecordId) -> String {
        format!("/charts/{}/records/{record}", self.north.chart)
    }

    async fn timeline(&self) -> Vec<Value> {
        all(&self.gail, &format!("/clients/{}/timeline", self.north.grace), "records").await
    }

    /// Nothing of Grace is there for Gail.
    async fn shows_nothing(&self) {
        let timeline = format!("/clients/{}/timeline", self.north.grace);
        for path in [timeline, format!("/charts/{}/records", self.north.chart), self.record(self.letter)] {
            self.gail.get(&path).problem(404, "not_found").await;
        }
        let download = format!("{}/downloads", self.record(self.photo));
        self.gail.post(&download).json(&json!({})).problem(404, "not_found").await;
    }
}

#[tokio::test]
async fn a_proxy_reads_what_is_for_the_client_and_nothing_else() {
    let world = World::start().await;
    let letters = Letters::written(&world).await;
    let Letters { north, gail, .. } = &letters;
    letters.shows_nothing().await;
    let access = north.amara.records_consent(north.grace, "proxy_access", json!({})).await;
    let appointed = north.amara.appoints(north.grace, gail.member_id(), "partner", access).await;
    assert_eq!((&appointed["name"], &appointed["ends_with_majority"]), (&json!("Gail"), &json!(false)));
    assert_eq!(appointed["expires_on"], json!(north.amara.day(365)));

    let mine = [letters.photo.to_string(), letters.letter.to_string()];
    for list in [format!("/clients/{}/timeline", north.grace), format!("/charts/{}/records", north.chart)] {
        let listed = all(gail, &list, "records").await;
        assert_eq!(column(&listed, "id"), mine, "{list}");
        assert!(
            listed.iter().all(|row| row.get("author_name").is_none()),
            "staff's names are not hers to know"
        );
        // No page is short or empty because of what she does not see.
        let sizes: Vec<usize> = pages(gail, &list, 1, "records").await.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1], "{list}");
    }
    // Whose they are she is told, and nobody who would leave evidence of reading it.
    let timeline = format!("/clients/{}/timeline", north.grace);
    assert_eq!(gail.get(&timeline).expect(200).await["client_name"], "Grace Okafor");
    assert_eq!(north.amara.get(&timeline).expect(200).await.get("client_name"), None);
    let letter = gail.reads(north.chart, letters.letter).await;
    assert_eq!(letter["content"]["sections"][0]["text"], "words");
    assert_eq!(gail.downloads(north.chart, letters.photo).await, files::photo(64, 48).bytes);
    let preview = format!("{}/previews", letters.record(letters.photo));
    gail.post(&preview).json(&json!({})).expect(200).await;
    for other in &letters.others {
        for end in ["", "/versions", "/versions/1"] {
            let path = format!("{}{end}", letters.record(*other));
            gail.get(&path).problem(404, "not_found").await;
        }
        let download = format!("{}/downloads", letters.record(*other));
        gail.post(&download).json(&json!({})).problem(404, "not_found").await;
    }
    let facts = trail(north, "RecordRead").await;
    let hers = facts.iter().filter(|fact| fact["actor"]["member_id"] == json!(gail.member_id()));
    assert_eq!(
        hers.clone().filter(|fact| fact["outcome"] == "succeeded").count(),
        1,
        "what she read is in the trail"
    );
    // What is not for her, and what she tried before anybody had appointed her.
    assert_eq!(hers.filter(|fact| fact["outcome"] == "denied").count(), letters.others.len() + 1);
}

#[tokio::test]
async fn a_proxy_does_nothing_and_learns_of_nobody_else() {
    let world = World::start().await;
    let letters = Letters::written(&world).await;
    let Letters { north, gail, .. } = &letters;
    let (amara, chart) = (&north.amara, north.chart);
    let henry = amara.registers(json!({ "full_name": "Henry Lindqvist" })).await;
    let his = amara.opens_chart(henry).await;
    let his_letter = writes(amara, his, "After your visit", for_client()).await;
    let access = amara.records_consent(north.grace, "proxy_access", json!({})).await;
    amara.appoints(north.grace, gail.member_id(), "child", access).await;
    let me = gail.get("/me").expect(200).await;
    let represents = &me["contexts"][0]["represents"];
    assert_eq!(
        (&represents[0]["client_id"], &represents[0]["relationship"]),
        (&json!(north.grace), &json!("child"))
    );
    assert_eq!(rows(&me["contexts"][0], "represents").len(), 1);

    let before = Snapshot::of(&world).await;
    for path in [
        format!("/clients/{henry}/timeline"),
        format!("/clients/{henry}/charts"),
        format!("/charts/{his}/records"),
        format!("/charts/{his}/records/{his_letter}"),
        format!("/clients/{}", north.grace),
        format!("/clients/{}/consents", north.grace),
        format!("/clients/{}/circle", north.grace),
        format!("/clients/{}/proxies", north.grace),
        format!("/clients/{}/evidence", north.grace),
        format!("/charts/{chart}"),
        format!("/charts/{chart}/grants"),
        format!("{}/evidence", letters.record(letters.letter)),
        format!("/members/{}", amara.member_id()),
    ] {
        gail.get(&path).problem(404, "not_found").await;
    }
    for path in ["/members", "/clients?name=grace", "/charts", "/teams", "/locations", "/evidence"] {
        gail.get(path).problem(403, "forbidden").await;
    }
    let charts = gail.get(&format!("/clients/{}/charts", north.grace)).expect(200).await;
    assert_eq!(charts, json!({ "charts": [] }), "a chart is its owner's, and is not counted");
    assert_eq!(gail.get("/contributions").expect(200).await["contributions"], json!([]));
    let note = json!({ "content": { "title": "x", "sections": [] } });
    gail.post(&format!("/charts/{chart}/notes")).json(&note).problem(404, "not_found").await;
    let body = json!({ "expected_revision": 1, "reason": "not mine" });
    gail.post(&format!("{}/void", letters.record(letters.letter)))
        .json(&body)
        .problem(404, "not_found")
        .await;
    before.assert_unchanged(&Snapshot::of(&world).await);
    // Nobody is told by a list of names who is a client here; who asks who stands for Grace is told.
    let proxies = all(amara, &format!("/clients/{}/proxies", north.grace), "proxies").await;
    assert_eq!((column(&proxies, "name"), &proxies[0]["is_live"]), (vec!["Gail"], &json!(true)));
}

#[tokio::test]
async fn a_proxy_ends_in_every_way_at_the_next_request() {
    let world = World::start().await;
    let letters = Letters::written(&world).await;
    let Letters { north, gail, .. } = &letters;
    let (amara, grace) = (&north.amara, north.grace);
    let proxies = format!("/clients/{grace}/proxies");
    let proxy = format!("{proxies}/{}", gail.member_id());
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;

    // Ended by hand.
    amara.appoints(grace, gail.member_id(), "partner", access).await;
    assert_eq!(letters.timeline().await.len(), 2);
    let again = json!({ "member_id": gail.member_id(), "relationship": "partner", "consent_id": access });
    amara.post(&proxies).json(&again).problem(409, "already_appointed").await;
    amara.delete(&proxy).expect(204).await;
    letters.shows_nothing().await;
    amara.delete(&proxy).problem(404, "not_found").await;

    // With the permission that is withdrawn.
    amara.appoints(grace, gail.member_id(), "partner", access).await;
    assert_eq!(letters.timeline().await.len(), 2);
    amara.delete(&format!("/clients/{grace}/consents/{access}")).expect(204).await;
    letters.shows_nothing().await;
    assert_eq!(amara.get(&proxies).expect(200).await["proxies"], json!([]));
    amara.post(&proxies).json(&again).problem(409, "consent_withdrawn").await;
    let facts = trail(north, "ConsentWithdrawn").await;
    assert_eq!(facts[0]["details"]["proxies"], "1");

    // By itself, on the day that was agreed on; and then anew.
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    let mut body = json!({ "member_id": gail.member_id(), "relationship": "partner", "consent_id": access });
    body["expires_on"] = json!(amara.day(1));
    assert_eq!(amara.post(&proxies).json(&body).expect(201).await["expires_on"], body["expires_on"]);
    assert_eq!(letters.timeline().await.len(), 2);
    world.clock.advance(24 * 3);
    letters.shows_nothing().await;
    let listed = all(amara, &proxies, "proxies").await;
    assert_eq!(listed[0]["is_live"], false, "{listed:?}");
    body["expires_on"] = json!(amara.day(-1));
    amara.post(&proxies).json(&body).problem(422, "invalid_expiry").await;
    amara.appoints(grace, gail.member_id(), "partner", access).await;
    assert_eq!(letters.timeline().await.len(), 2);
    assert_eq!(all(amara, &proxies, "proxies").await.len(), 1);
}

#[tokio::test]
async fn who_stands_for_a_client_has_an_account_as_one_and_a_permission() {
    let world = World::start().await;
    let letters = Letters::written(&world).await;
    let Letters { north, gail, .. } = &letters;
    let (amara, grace) = (&north.amara, north.grace);
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let other = south.member("Oscar", &[Role::Client]).await;
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    let circle = amara.records_consent(grace, "circle_of_care", json!({})).await;
    let henry = amara.registers(json!({ "full_name": "Henry Lindqvist" })).await;
    amara.opens_chart(henry).await;
    let his = amara.records_consent(henry, "proxy_access", json!({})).await;
    let proxies = format!("/clients/{grace}/proxies");
    let appoint = |who: &Actor, relationship: &str, consent: Option<ConsentId>| {
        let body =
            json!({ "member_id": who.member_id(), "relationship": relationship, "consent_id": consent });
        amara.post(&proxies).json(&body)
    };
    let before = Snapshot::of(&world).await;
    appoint(gail, "partner", None).problem(422, "consent_required").await;
    appoint(gail, "partner", Some(circle)).problem(422, "other_purpose").await;
    appoint(gail, "partner", Some(his)).problem(404, "not_found").await;
    appoint(amara, "partner", Some(access)).problem(422, "invalid_proxy").await;
    appoint(&other, "partner", Some(access)).problem(404, "not_found").await;
    // Another clinic's people and things are not there (R050).
    for path in [proxies.clone(), format!("/clients/{grace}/consents"), format!("/clients/{grace}/circle")] {
        sofia.get(&path).problem(404, "not_found").await;
    }
    sofia.delete(&format!("/clients/{grace}/consents/{access}")).problem(404, "not_found").await;
    sofia.delete(&format!("{proxies}/{}", gail.member_id())).problem(404, "not_found").await;
    let body = json!({ "member_id": other.member_id(), "relationship": "oneself" });
    sofia.post(&proxies).json(&body).problem(404, "not_found").await;
    before.assert_unchanged(&Snapshot::of(&world).await);

    // One member is the client themselves.
    appoint(gail, "oneself", None).expect(201).await;
    assert_eq!(letters.timeline().await.len(), 2);
    let second = north.clinic.member("Grace Okafor", &[Role::Client]).await;
    appoint(&second, "oneself", None).problem(409, "oneself_taken").await;
    // Whoever is given other work stands for nobody.
    let (nora, path) = (&north.clinic.administrator, format!("/members/{}", gail.member_id()));
    let now = revision(&nora.get(&path).expect(200).await);
    let body = json!({ "expected_revision": now, "roles": ["staff"], "permissions": { "data": ["access"] } });
    nora.put(&format!("{path}/permissions")).json(&body).expect(200).await;
    letters.shows_nothing().await;
}

/// R085, R046, P-35: who has an account as a client is in no list of colleagues; who stands for one client is told to who
/// keeps that client's records.
#[tokio::test]
async fn accounts_of_clients_are_an_administrators_to_see() {
    let world = World::start().await;
    let letters = Letters::written(&world).await;
    let Letters { north, gail, .. } = &letters;
    let member = async |name: &str, role: Role| north.clinic.member(name, &[role]).await;
    let colleagues = [
        member("Cora", Role::Coordinator).await,
        member("Nadia", Role::Auditor).await,
        member("Rolf", Role::RecordsManager).await,
        member("Sam", Role::Staff).await,
        north.amara.clone(),
    ];
    let path = format!("/members/{}", gail.member_id());
    for colleague in &colleagues {
        colleague.get(&path).problem(404, "not_found").await;
        let listed = json!(all(colleague, "/members", "members").await).to_string();
        assert!(listed.contains("Dr Amara") && !listed.contains(gail.name()), "{listed}");
        assert!(!listed.contains(gail.email()), "{listed}");
        colleague.get(&format!("/members/{}", north.amara.member_id())).expect(200).await;
    }
    let nora = &north.clinic.administrator;
    nora.get(&path).expect(200).await;
    assert!(column(&all(nora, "/members", "members").await, "name").contains(&"Gail"));
    let access = north.amara.records_consent(north.grace, "proxy_access", json!({})).await;
    north.amara.appoints(north.grace, gail.member_id(), "partner", access).await;
    let proxies = all(&north.amara, &format!("/clients/{}/proxies", north.grace), "proxies").await;
    assert_eq!(column(&proxies, "name"), ["Gail"]);
}

/// R066: an account is named by the address its holder has given; whose others are is not told.
#[tokio::test]
async fn an_account_is_appointed_by_its_email() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, grace) = (&north.amara, north.grace);
    let gail = north.clinic.member("Gail", &[Role::Client]).await;
    let left = north.clinic.member("Lou", &[Role::Client]).await;
    let path = format!("/members/{}/suspension", left.member_id());
    let member = north.clinic.member_now(left.member_id()).await;
    let body = json!({ "expected_revision": member["revision"] });
    north.clinic.administrator.post(&path).json(&body).expect(201).await;
    let access = amara.records_consent(grace, "proxy_access", json!({})).await;
    let path = format!("/clients/{grace}/proxies");
    let appoint = |email: &str, consent: Option<ConsentId>| {
        let body = json!({ "email": email, "relationship": "partner", "consent_id": consent });
        amara.post(&path).json(&body)
    };
    let mut answers = Vec::new();
    for email in [amara.email(), left.email(), "nobody@elsewhere.example"] {
        let answer = appoint(email, Some(access)).problem(422, "invalid_proxy").await;
        answers.push(answer["detail"].clone());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for whoever has no account: {answers:?}");
    for email in [gail.email(), "nobody@elsewhere.example"] {
        appoint(email, None).problem(422, "consent_required").await;
    }
    let both = json!({ "email": gail.email(), "member_id": gail.member_id(), "relationship": "oneself" });
    for unclear in [both, json!({ "relationship": "oneself" })] {
        amara.post(&path).json(&unclear).problem(400, "invalid_input").await;
    }
    let appointed = appoint(&gail.email().to_uppercase(), Some(access)).expect(201).await;
    assert_eq!((&appointed["member_id"], &appointed["name"]), (&json!(gail.member_id()), &json!("Gail")));
}

// ---- Minors (45 CFR 164.502(g)(3)) ------------------------------------------------------------------------

/// A client who is of age in so many days, with a chart.
async fn child(amara: &Actor, days: i64) -> (ClientId, ChartId) {
    let birth: Date = amara.day(days).checked_sub(Span::new().years(18)).unwrap();
    let client = amara.registers(json!({ "full_name": "Ada Novak", "birth_date": birth })).await;
    (client, amara.opens_chart(client).await)
}

#[tokio::test]
async fn a_parent_stands_for_a_child_until_the_child_is_of_age() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, parent) = (&north.amara, north.clinic.member("Petra Novak", &[Role::Client]).await);
    let (ada, chart) = child(amara, 10).await;
    let letter = writes(amara, chart, "After your visit", for_client()).await;
    let by_parent = json!({ "given_by": "parent" });
    let access = amara.records_consent(ada, "proxy_access", by_parent.clone()).await;
    let appointed = amara.appoints(ada, parent.member_id(), "parent", access).await;
    assert_eq!(appointed["ends_with_majority"], true, "{appointed}");
    assert_eq!(appointed["expires_on"], json!(amara.day(9)), "the eve of the eighteenth birthday");
    parent.reads(chart, letter).await;
    world.clock.advance(24 * 8);
    parent.reads(chart, letter).await;
    world.clock.advance(24 * 3);
    parent.get(&format!("/charts/{chart}/records/{letter}")).problem(404, "not_found").await;

    // From now on Ada decides.
    let proxies = format!("/clients/{ada}/proxies");
    let body = json!({ "member_id": parent.member_id(), "relationship": "parent", "consent_id": access });
    amara.post(&proxies).json(&body).problem(422, "client_of_age").await;
    let consent = json!({
        "purpose": "proxy_access", "given_by": "parent", "method": "written", "signed_on": amara.day(0),
        "expires_on": amara.day(100), "note": "Everything, to me.",
    });
    amara.post(&format!("/clients/{ada}/consents")).json(&consent).problem(422, "invalid_consent").await;
    let hers = amara.records_consent(ada, "proxy_access", json!({})).await;
    let appointed = amara.appoints(ada, parent.member_id(), "parent", hers).await;
    assert_eq!(appointed["ends_with_majority"], false);
    parent.reads(chart, letter).await;
}

#[tokio::test]
async fn what_a_minor_came_for_alone_is_not_for_the_parents() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let parent = north.clinic.member("Petra Novak", &[Role::Client]).await;
    let herself = north.clinic.member("Ada Novak", &[Role::Client]).await;
    let (ada, chart) = child(amara, 500).await;
    let (plain, alone) = (
        writes(amara, chart, "After your visit", for_client()).await,
        writes(amara, chart, "As we agreed", for_client()).await,
    );
    let place = format!("/charts/{chart}/records/{alone}");
    let now = revision(&amara.get(&place).expect(200).await);
    let mark = json!({ "expected_revision": now, "confidential": true, "labels": ["reproductive"] });
    amara.put(&format!("{place}/confidentiality")).json(&mark).expect(200).await;
    let access = amara.records_consent(ada, "proxy_access", json!({ "given_by": "parent" })).await;
    amara.appoints(ada, parent.member_id(), "parent", access).await;
    let oneself = json!({ "member_id": herself.member_id(), "relationship": "oneself" });
    amara.post(&format!("/clients/{ada}/proxies")).json(&oneself).expect(201).await;

    let timeline = format!("/clients/{ada}/timeline");
    assert_eq!(column(&all(&parent, &timeline, "records").await, "id"), [plain.to_string()]);
    parent.get(&place).problem(404, "not_found").await;
    let whole = all(&herself, &timeline, "records").await;
    assert_eq!(column(&whole, "id"), [alone.to_string(), plain.to_string()]);
    // How it is marked is for those who keep the chart (P-34).
    assert!(
        whole.iter().all(|row| row.get("labels").is_none() && row.get("confidential").is_none()),
        "{whole:?}"
    );
}

#[tokio::test]
async fn a_corrected_birth_date_ends_what_a_parent_has_earlier() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let parent = north.clinic.member("Petra Novak", &[Role::Client]).await;
    let unknown = amara.registers(json!({ "full_name": "Ida Novak" })).await;
    amara.opens_chart(unknown).await;
    let body = json!({
        "purpose": "proxy_access", "given_by": "parent", "method": "written", "signed_on": amara.day(0),
        "expires_on": amara.day(100), "note": "Everything, to me.",
    });
    amara.post(&format!("/clients/{unknown}/consents")).json(&body).problem(422, "invalid_consent").await;
    let hers = amara.records_consent(unknown, "proxy_access", json!({})).await;
    let proxy = json!({ "member_id": parent.member_id(), "relationship": "parent", "consent_id": hers });
    amara.post(&format!("/clients/{unknown}/proxies")).json(&proxy).problem(422, "birth_date_unknown").await;

    let (ada, chart) = child(amara, 100).await;
    let letter = writes(amara, chart, "After your visit", for_client()).await;
    let access = amara.records_consent(ada, "proxy_access", json!({ "given_by": "parent" })).await;
    amara.appoints(ada, parent.member_id(), "parent", access).await;
    let corrects = async |days: i64| {
        let birth: Date = amara.day(days).checked_sub(Span::new().years(18)).unwrap();
        let now = revision(&amara.get(&format!("/clients/{ada}")).expect(200).await);
        let body = json!({ "expected_revision": now, "changes": { "birth_date": birth } });
        amara.put(&format!("/clients/{ada}")).json(&body).expect(200).await;
        all(amara, &format!("/clients/{ada}/proxies"), "proxies").await[0]["expires_on"].clone()
    };
    assert_eq!(corrects(200).await, json!(amara.day(99)), "longer it is only by another appointment");
    assert_eq!(corrects(50).await, json!(amara.day(49)));
    parent.reads(chart, letter).await;
    assert_eq!(corrects(0).await, json!(amara.day(-1)));
    parent.get(&format!("/charts/{chart}/records/{letter}")).problem(404, "not_found").await;
}

/// Whoever a court has given an adult is a child's guardian, where the adult turns out to be a child: for as long as that,
/// and without what the child came for alone.
#[tokio::test]
async fn a_corrected_birth_date_makes_an_adults_guardian_a_childs() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let guardian = north.clinic.member("Petra Novak", &[Role::Client]).await;
    let (ada, chart) = child(amara, -100).await;
    let (plain, alone) = (
        writes(amara, chart, "After your visit", for_client()).await,
        writes(amara, chart, "As we agreed", for_client()).await,
    );
    let place = format!("/charts/{chart}/records/{alone}");
    let now = revision(&amara.get(&place).expect(200).await);
    let mark = json!({ "expected_revision": now, "confidential": true, "labels": ["reproductive"] });
    amara.put(&format!("{place}/confidentiality")).json(&mark).expect(200).await;
    let by_court = json!({ "given_by": "guardian", "authority": "order 12/2025" });
    let access = amara.records_consent(ada, "proxy_access", by_court).await;
    let appointed = amara.appoints(ada, guardian.member_id(), "guardian", access).await;
    assert_eq!(appointed["ends_with_majority"], false, "{appointed}");
    guardian.reads(chart, alone).await;

    let birth: Date = amara.day(50).checked_sub(Span::new().years(18)).unwrap();
    let now = revision(&amara.get(&format!("/clients/{ada}")).expect(200).await);
    let body = json!({ "expected_revision": now, "changes": { "birth_date": birth } });
    amara.put(&format!("/clients/{ada}")).json(&body).expect(200).await;
    guardian.get(&place).problem(404, "not_found").await;
    guardian.reads(chart, plain).await;
    let proxies = all(amara, &format!("/clients/{ada}/proxies"), "proxies").await;
    assert_eq!(proxies[0]["expires_on"], json!(amara.day(49)), "the eve of the eighteenth birthday");
    world.clock.advance(24 * 50);
    guardian.get(&format!("/charts/{chart}/records/{plain}")).problem(404, "not_found").await;
}
