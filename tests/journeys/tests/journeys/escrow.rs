//! The organization's way into a chart that is its facilitator's alone: by two administrators together, for a cause the
//! law names, to read, for so many days; the facilitator is told, and everything that is opened is evidence (X-3, X-8,
//! R101, R103, OAR 333-333-4820).

use crate::{
    acts::escrow,
    north::{North, all, column, offers, revision, rows, shares},
};
use domain::{ChartId, RecordId, member::Role};
use serde_json::{Value, json};
use testkit::{Actor, Clinic, World, files, world::Request};

async fn administrator(clinic: &Clinic<'_>, name: &str) -> Actor {
    clinic.member(name, &[Role::Administrator]).await
}

fn asking(who: &Actor, chart: ChartId) -> Request {
    who.post(&format!("/charts/{chart}/escrows")).json(&escrow())
}

async fn asks(who: &Actor, chart: ChartId) -> String {
    let asked = asking(who, chart).expect(201).await;
    assert_eq!(asked["status"], "requested", "{asked}");
    asked["id"].as_str().unwrap().to_owned()
}

fn approving(who: &Actor, chart: ChartId, escrow: &str) -> Request {
    who.post(&format!("/charts/{chart}/escrows/{escrow}/approval")).json(&json!({}))
}

fn refusing(who: &Actor, chart: ChartId, escrow: &str) -> Request {
    who.post(&format!("/charts/{chart}/escrows/{escrow}/refusal")).json(&json!({}))
}

fn ending(who: &Actor, chart: ChartId, escrow: &str) -> Request {
    who.delete(&format!("/charts/{chart}/escrows/{escrow}"))
}

/// Opened by two.
async fn opens(one: &Actor, other: &Actor, chart: ChartId) -> String {
    let escrow = asks(one, chart).await;
    let opened = approving(other, chart, &escrow).expect(200).await;
    assert_eq!(opened["status"], "open", "{opened}");
    escrow
}

/// The reasons for which a member was told something of escrows of a chart, the newest first.
async fn told(who: &Actor, chart: ChartId) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let reason = |notice: &Value| notice["reason"].as_str().unwrap().to_owned();
    let of_it = notices.iter().filter(|notice| notice["chart_id"] == json!(chart));
    of_it.map(reason).filter(|reason| reason.starts_with("escrow")).collect()
}

/// How the escrows of a chart stand, as somebody sees them.
async fn statuses(who: &Actor, chart: ChartId) -> Vec<String> {
    let escrows = all(who, &format!("/escrows?chart_id={chart}"), "escrows").await;
    column(&escrows, "status").into_iter().map(str::to_owned).collect()
}

fn place(chart: ChartId, record: RecordId) -> String {
    format!("/charts/{chart}/records/{record}")
}

async fn files_note(owner: &Actor, chart: ChartId, title: &str, compartment: &str) -> RecordId {
    let content = json!({ "title": title, "sections": [{ "text": "as it is" }] });
    let body = json!({ "content": content, "compartment": compartment });
    let drafted = owner.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
    let record: RecordId = drafted["record"]["id"].as_str().unwrap().parse().unwrap();
    let sign = json!({ "expected_revision": revision(&drafted["draft"]) });
    owner.post(&format!("{}/signature", place(chart, record))).json(&sign).expect(201).await;
    record
}

/// One of each that can lie in a chart.
struct Filed {
    note: RecordId,
    /// Whose own permissions leave nothing to an administrator.
    limited: RecordId,
    private: RecordId,
    photo: RecordId,
    photo_bytes: Vec<u8>,
    /// Open to nobody else, whatever the cause.
    closed: [RecordId; 3],
}

async fn fills(owner: &Actor, chart: ChartId, limited_for: &Actor) -> Filed {
    let limited = owner.writes_note(chart, "Limited", "of the wrist").await;
    let limits = json!({ limited_for.member_id().to_string(): [] });
    let body = json!({ "expected_revision": revision(&owner.reads(chart, limited).await), "limits": limits });
    owner.put(&format!("{}/permissions", place(chart, limited))).json(&body).expect(200).await;
    let photo = files::photo(48, 32);
    Filed {
        note: owner.writes_note(chart, "First visit", "pain").await,
        limited,
        private: files_note(owner, chart, "To myself", "private").await,
        photo: owner.uploads(chart, &photo).await,
        photo_bytes: photo.bytes,
        closed: [
            files_note(owner, chart, "Therapy", "psychotherapy_notes").await,
            files_note(owner, chart, "Protocol", "raw_data").await,
            owner.drafts_note(chart, "Second visit", "unfinished").await.record,
        ],
    }
}

/// "org holds an escrowed share usable only by dual control for listed legal causes, always audited and notified".
#[tokio::test]
async fn two_administrators_open_a_chart_to_read_and_its_facilitator_knows() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let (olga, pat) = (administrator(&north.clinic, "Olga").await, administrator(&north.clinic, "Pat").await);
    let filed = fills(amara, chart, nora).await;
    let front = format!("/charts/{chart}");

    let escrow = asks(nora, chart).await;
    assert_eq!(told(amara, chart).await, ["escrow_requested"]);
    for other in [&olga, &pat] {
        assert_eq!(told(other, chart).await, ["escrow_to_approve"]);
    }
    for who in [nora, &olga] {
        who.get(&front).problem(404, "not_found").await;
        who.get(&place(chart, filed.note)).problem(404, "not_found").await;
    }
    approving(nora, chart, &escrow).problem(403, "requested_by_yourself").await;
    let opened = approving(&olga, chart, &escrow).expect(200).await;
    assert_eq!((&opened["status"], &opened["approved_by_name"]), (&json!("open"), &json!("Olga")));
    assert_eq!(told(amara, chart).await, ["escrow_approved", "escrow_requested"]);
    assert_eq!(told(nora, chart).await, ["escrow_approved"]);

    for who in [nora, &olga] {
        let read = who.get(&front).expect(200).await;
        assert_eq!(read["relation"], Value::Null, "they are nothing to it: {read}");
        let mut titles = all(who, &format!("{front}/records"), "records").await;
        titles.sort_by_key(|record| record["title"].as_str().map(str::to_owned));
        assert_eq!(column(&titles, "title"), ["First visit", "Limited", "To myself", "rash-left-arm.jpg"]);
        for record in [filed.note, filed.limited, filed.private] {
            who.reads(chart, record).await;
            who.get(&format!("{}/versions", place(chart, record))).expect(200).await;
            who.get(&format!("{}/versions/1", place(chart, record))).expect(200).await;
        }
        assert_eq!(who.downloads(chart, filed.photo).await, filed.photo_bytes);
        who.post(&format!("{}/previews", place(chart, filed.photo))).json(&json!({})).expect(200).await;
        for record in filed.closed {
            who.get(&place(chart, record)).problem(404, "not_found").await;
        }
    }
    pat.get(&front).problem(404, "not_found").await;
    pat.get(&place(chart, filed.note)).problem(404, "not_found").await;
    amara.reads(chart, filed.private).await;

    world.clock.advance(7 * 24);
    for who in [nora, &olga] {
        who.get(&front).problem(404, "not_found").await;
        who.get(&place(chart, filed.note)).problem(404, "not_found").await;
    }
    assert_eq!(statuses(amara, chart).await, ["over"]);
}

/// To read, and nothing else: nothing is written, shared, marked or handed on.
#[tokio::test]
async fn what_is_opened_is_read_and_not_touched() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let olga = administrator(&north.clinic, "Olga").await;
    let note = amara.writes_note(chart, "First visit", "pain").await;
    opens(nora, &olga, chart).await;
    let seen = revision(&nora.reads(chart, note).await);
    let chart_seen = revision(&nora.get(&format!("/charts/{chart}")).expect(200).await);
    let content = json!({ "title": "Mine", "sections": [{ "text": "no pain" }] });
    let grantee = json!({ "type": "member", "id": olga.member_id() });
    let (record, front) = (place(chart, note), format!("/charts/{chart}"));
    let posts = [
        (
            format!("{record}/amendments"),
            json!({ "expected_revision": seen, "content": content, "reason": "better so" }),
        ),
        (format!("{record}/void"), json!({ "expected_revision": seen, "reason": "not so" })),
        (format!("{front}/notes"), json!({ "content": content })),
        (
            format!("{front}/grants"),
            json!({ "expected_revision": chart_seen, "grantee": grantee, "access": "read_only" }),
        ),
        (
            format!("{front}/uploads"),
            json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" }),
        ),
    ];
    for (path, body) in posts {
        nora.post(&path).json(&body).problem(404, "not_found").await;
    }
    let mark = json!({ "expected_revision": seen, "confidential": true });
    nora.put(&format!("{record}/confidentiality")).json(&mark).problem(404, "not_found").await;
    let limit = json!({ "expected_revision": seen, "limits": {} });
    nora.put(&format!("{record}/permissions")).json(&limit).problem(404, "not_found").await;
    nora.get(&format!("{front}/intake-links")).problem(404, "not_found").await;
}

/// "always audited": what is opened names the escrow, and whoever asks is told on what it stands.
#[tokio::test]
async fn each_opening_is_evidence_that_names_the_escrow() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let olga = administrator(&north.clinic, "Olga").await;
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let escrow = opens(nora, &olga, chart).await;
    // Whatever purpose they say.
    nora.get(&place(chart, note)).header("strongroom-purpose", "TREAT").expect(200).await;
    amara.reads(chart, note).await;

    let trail = all(&nadia, &format!("{}/evidence", place(chart, note)), "evidence").await;
    let reads: Vec<&Value> = trail.iter().filter(|fact| fact["kind"] == "RecordRead").collect();
    let by = |who: &Actor| {
        *reads.iter().find(|fact| fact["actor"]["member_id"] == json!(who.member_id())).unwrap()
    };
    let opened = by(nora);
    assert_eq!(opened["details"]["escrow_id"], json!(escrow), "{opened}");
    assert_eq!(
        (&opened["policies"], &opened["purpose"]),
        (&json!(["escrow-opens-record"]), &json!("HLEGAL"))
    );
    assert!(opened["sentence"].as_str().unwrap().ends_with("read the record, in escrow."), "{opened}");
    assert_eq!(by(amara)["details"].get("escrow_id"), None, "the owner needs none");

    // Who can open it is told with the reason, to the owner too.
    let readers = all(amara, &format!("/charts/{chart}/readers"), "readers").await;
    let of = |who: &Actor| readers.iter().find(|one| one["member_id"] == json!(who.member_id())).cloned();
    for who in [nora, &olga] {
        let reader = of(who).unwrap_or_else(|| panic!("{} is not among {readers:?}", who.name()));
        assert!(reader.to_string().contains("for a legal cause"), "{reader}");
    }
    let trail = all(&nadia, &format!("/clients/{}/evidence", north.grace), "evidence").await;
    for kind in ["EscrowRequested", "EscrowApproved"] {
        let fact = trail.iter().find(|fact| fact["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"));
        assert_eq!(fact["details"]["escrow_id"], json!(escrow));
        assert_eq!(fact["details"]["cause"], "court_order");
        assert!(!fact.to_string().contains("26-114"), "the words stay sealed: {fact}");
    }
    // The facilitator finds it in their client's trail.
    let seen = all(amara, &format!("/clients/{}/evidence", north.grace), "evidence").await;
    let approved = seen.iter().find(|fact| fact["kind"] == "EscrowApproved").unwrap();
    assert_eq!(approved["member_name"], "Dr Amara", "whose chart it is");
}

/// X-3 names who knows of it: the facilitator and the administrators; a collaborator is none of them.
#[tokio::test]
async fn a_collaborator_does_not_learn_of_an_escrow() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let (olga, ben) = (administrator(&north.clinic, "Olga").await, north.clinic.practitioner("Dr Ben").await);
    let note = amara.writes_note(chart, "First visit", "pain").await;
    shares(amara, chart, &ben, "read_only").await;
    opens(nora, &olga, chart).await;
    nora.reads(chart, note).await;

    for (who, knows) in [(amara, true), (&ben, false)] {
        let trail = all(who, &format!("/clients/{}/evidence", north.grace), "evidence").await;
        let told = json!(trail).to_string();
        assert!(told.contains(&note.to_string()), "{}: {told}", who.name());
        let hints = ["EscrowRequested", "EscrowApproved", "court_order", "escrow_id", "in escrow"];
        assert!(hints.iter().all(|hint| told.contains(hint) == knows), "{}: {told}", who.name());
        let readers = all(who, &format!("/charts/{chart}/readers"), "readers").await;
        assert_eq!(readers.len(), if knows { 4 } else { 2 }, "{}: {readers:?}", who.name());
    }
}

/// Dual control: nobody alone, and never the facilitator.
#[tokio::test]
async fn nobody_opens_a_chart_alone() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let olga = administrator(&north.clinic, "Olga").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let both = north.clinic.member("Dr Both", &[Role::Administrator, Role::Practitioner]).await;
    let (sam, nadia) = (north.clinic.staff("Sam").await, north.clinic.auditor("Nadia").await);
    let south = world.clinic("South Clinic").await;
    let escrow = asks(nora, chart).await;
    for other in [amara, &ben, &sam, &nadia, &south.administrator] {
        asking(other, chart).problem(404, "not_found").await;
        approving(other, chart, &escrow).problem(404, "not_found").await;
        refusing(other, chart, &escrow).problem(404, "not_found").await;
        ending(other, chart, &escrow).problem(404, "not_found").await;
    }
    for other in [&ben, &sam, &nadia, &south.administrator] {
        other.get(&format!("/escrows?chart_id={chart}")).problem(404, "not_found").await;
    }
    for other in [amara, &ben, &sam, &nadia] {
        other.get("/escrows").problem(403, "forbidden").await;
    }
    assert!(all(&south.administrator, "/escrows", "escrows").await.is_empty());
    refusing(nora, chart, &escrow).problem(403, "requested_by_yourself").await;
    ending(&olga, chart, &escrow).problem(409, "escrow_not_open").await;

    // An administrator who keeps charts takes no part in opening their own.
    let own = both.opens_chart(north.grace).await;
    asking(&both, own).problem(404, "not_found").await;
    let of_own = asks(nora, own).await;
    approving(&both, own, &of_own).problem(404, "not_found").await;
    ending(&both, own, &of_own).problem(404, "not_found").await;
    assert_eq!(statuses(&both, own).await, ["requested"]);
    assert!(!told(&both, own).await.contains(&"escrow_to_approve".to_owned()));

    refusing(&olga, chart, &escrow).expect(204).await;
    approving(&olga, chart, &escrow).problem(409, "escrow_decided").await;
    assert_eq!(told(amara, chart).await, ["escrow_refused", "escrow_requested"]);
    nora.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
}

/// Whoever became the facilitator since is one: the chart is not opened by them.
#[tokio::test]
async fn who_takes_the_chart_over_is_out_of_its_escrow() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let both = north.clinic.member("Dr Both", &[Role::Administrator, Role::Practitioner]).await;
    let private = files_note(amara, chart, "To myself", "private").await;
    let asked_by_both = asks(&both, chart).await;
    let open = opens(&both, nora, chart).await;
    both.reads(chart, private).await;
    let seen = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let transfer = offers(amara, chart, seen, &both, false).await;
    let path = format!("/charts/{chart}/transfers/{transfer}/acceptance");
    both.post(&path).json(&json!({})).expect(200).await;

    // As the owner they see what an owner sees: not the private notes of who was it before.
    both.get(&place(chart, private)).problem(404, "not_found").await;
    nora.reads(chart, private).await;
    approving(nora, chart, &asked_by_both).problem(409, "own_chart").await;
    ending(&both, chart, &open).problem(404, "not_found").await;
    assert_eq!(statuses(&both, chart).await, ["open", "requested"], "the new owner knows of them");
    amara.get(&format!("/escrows?chart_id={chart}")).problem(404, "not_found").await;
    ending(nora, chart, &open).expect(204).await;
    nora.get(&place(chart, private)).problem(404, "not_found").await;
    assert_eq!(told(&both, chart).await[0], "escrow_ended");
}

/// The organization's ways in go with the chart: whoever takes it over is told of them, like the facilitator before.
#[tokio::test]
async fn who_takes_the_chart_over_is_told_of_its_escrows() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let olga = administrator(&north.clinic, "Olga").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let ended = opens(nora, &olga, chart).await;
    ending(&olga, chart, &ended).expect(204).await;
    opens(nora, &olga, chart).await;
    asks(&olga, chart).await;
    let seen = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let transfer = offers(amara, chart, seen, &ben, false).await;
    assert!(told(&ben, chart).await.is_empty(), "it is not theirs yet");
    let path = format!("/charts/{chart}/transfers/{transfer}/acceptance");
    ben.post(&path).json(&json!({})).expect(200).await;
    let mut known = told(&ben, chart).await;
    known.sort_unstable();
    assert_eq!(known, ["escrow_approved", "escrow_requested"]);
}

/// Who works with clients besides finds no more of them: an escrow is used on its chart, where the evidence names it.
#[tokio::test]
async fn an_escrow_opens_nothing_where_it_is_not_named() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let both = north.clinic.member("Dr Both", &[Role::Administrator, Role::Practitioner]).await;
    let site = north.clinic.staff("Sam").await.adds_location("site", "Main", None).await;
    let folder = amara.adds_folder(chart, "Volume", site, "A-1").await;
    let client = format!("/clients/{}", north.grace);
    opens(&both, nora, chart).await;
    both.reads(chart, folder.record).await;

    assert!(all(&both, &format!("{client}/timeline"), "records").await.is_empty());
    assert!(rows(&both.get(&format!("{client}/charts")).expect(200).await, "charts").is_empty());
    assert_eq!(both.get("/barcodes/A-1").expect(200).await["title"], Value::Null);

    // What they read by another right is there as before.
    shares(amara, chart, &both, "read_only").await;
    let seen = all(&both, &format!("{client}/timeline"), "records").await;
    assert_eq!(column(&seen, "title"), ["Volume"]);
    assert_eq!(both.get("/barcodes/A-1").expect(200).await["title"], "Volume");
}

/// It ends when it is ended, and with the role of who it was opened to.
#[tokio::test]
async fn an_escrow_ends_at_the_next_call() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let (olga, pat) = (administrator(&north.clinic, "Olga").await, administrator(&north.clinic, "Pat").await);
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let first = opens(&olga, nora, chart).await;
    olga.reads(chart, note).await;

    let member = format!("/members/{}", olga.member_id());
    let seen = revision(&nora.get(&member).expect(200).await);
    let auditor = json!({ "expected_revision": seen, "roles": ["auditor"], "permissions": {} });
    nora.put(&format!("{member}/permissions")).json(&auditor).expect(200).await;
    olga.get(&place(chart, note)).problem(404, "not_found").await;
    nora.reads(chart, note).await;

    ending(&pat, chart, &first).expect(204).await;
    nora.get(&place(chart, note)).problem(404, "not_found").await;
    ending(&pat, chart, &first).problem(409, "escrow_decided").await;
    assert_eq!(told(amara, chart).await, ["escrow_ended", "escrow_approved", "escrow_requested"]);

    let second = asks(nora, chart).await;
    ending(nora, chart, &second).expect(204).await;
    approving(&pat, chart, &second).problem(409, "escrow_decided").await;
    assert_eq!(statuses(amara, chart).await, ["withdrawn", "ended"]);
}

/// Sharing and transfers go on beside it, and a collaborator who is an administrator reads by both.
#[tokio::test]
async fn a_request_is_sound_or_refused() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora, chart) = (&north.amara, &north.clinic.administrator, north.chart);
    let olga = administrator(&north.clinic, "Olga").await;
    let path = format!("/charts/{chart}/escrows");
    for days in [0, 31] {
        let body = json!({ "cause": "court_order", "reference": "Case 26-114", "days": days });
        nora.post(&path).json(&body).problem(422, "invalid_days").await;
    }
    for (name, value) in [("cause", json!("curiosity")), ("reference", json!("")), ("records", json!([]))] {
        let mut body = escrow();
        body[name] = value;
        let answer = nora.post(&path).json(&body).send().await;
        assert!(matches!(answer.status, 400 | 422), "{name}: {}", answer.status);
    }
    for _ in 0..4 {
        asks(nora, chart).await;
    }
    asking(nora, chart).problem(409, "too_many_escrows").await;
    asking(&olga, chart).problem(409, "too_many_escrows").await;
    let all_of_them = all(&olga, "/escrows", "escrows").await;
    assert_eq!(all_of_them.len(), 4);
    let one = &all_of_them[0];
    assert_eq!((&one["owner_name"], &one["requested_by_name"]), (&json!("Dr Amara"), &json!(nora.name())));
    assert_eq!((&one["reference"], &one["days"]), (&escrow()["reference"], &json!(7)));
    assert_eq!(rows(&nora.get("/escrows").query(&[("limit", "3")]).expect(200).await, "escrows").len(), 3);
    let seen = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    shares(amara, chart, &olga, "read_only").await;
    assert!(revision(&amara.get(&format!("/charts/{chart}")).expect(200).await) > seen);
}
