//! Dispositions: records are proposed for destruction, two others approve, and only then does anything go; a
//! certificate proves it (R036, R154-R156).

use crate::{
    acts::{digitised, held, proposal},
    north::{North, all, column, rows},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{LocationId, RecordId, member::Role};
use evidence::{
    certificate::{Verified, verify},
    merkle::Digest,
};
use ring::signature;
use serde_json::{Value, json};
use testkit::{
    Actor, Fault, World, files,
    world::{Folder, Request},
};

/// A clinic that keeps the end of its records.
struct Archive<'w> {
    north: North<'w>,
    /// Proposes and executes.
    rita: Actor,
    /// The same role.
    rolf: Actor,
    scan: RecordId,
    site: LocationId,
}

impl<'w> Archive<'w> {
    async fn open(world: &'w World) -> Self {
        let north = North::open(world).await;
        let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
        let rolf = north.clinic.member("Rolf", &[Role::RecordsManager]).await;
        let scan = north.amara.uploads(north.chart, &files::photo(32, 24)).await;
        let site = north.amara.adds_location("site", "Main site", None).await;
        Self { north, rita, rolf, scan, site }
    }

    /// Paper with a scan that Dr Amara has compared with it.
    async fn paper(&self, barcode: &str) -> Folder {
        digitised(&self.north.amara, self.north.chart, self.site, self.scan, barcode).await
    }

    fn proposing(&self, ground: &str, records: &[RecordId]) -> Request {
        let chart = self.north.chart;
        let places: Vec<Value> =
            records.iter().map(|record| json!({ "chart_id": chart, "record_id": record })).collect();
        self.rita.post("/dispositions").json(&json!({ "ground": ground, "records": places }))
    }
}

fn disposition(answer: &Value) -> String {
    format!("/dispositions/{}", answer["disposition_id"].as_str().unwrap())
}

fn approving(who: &Actor, disposition: &str) -> Request {
    who.post(&format!("{disposition}/approvals")).json(&json!({}))
}

fn executing(who: &Actor, disposition: &str) -> Request {
    who.post(&format!("{disposition}/execution")).json(&json!({}))
}

fn rejecting(who: &Actor, disposition: &str) -> Request {
    who.post(&format!("{disposition}/rejection")).json(&json!({ "reason": "The matter is still open." }))
}

/// What somebody is told of dispositions, newest first.
async fn told(who: &Actor) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let of_them = notices.iter().filter(|notice| notice["disposition_id"].is_string());
    of_them.map(|notice| notice["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn nothing_is_executed_before_two_others_approve() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let administrator = &north.clinic.administrator;
    let paper = archive.paper("D-1").await;
    north.amara.post("/dispositions").json(&proposal(&paper)).problem(403, "forbidden").await;
    let proposed = rita.post("/dispositions").json(&proposal(&paper)).expect(201).await;
    let path = disposition(&proposed);
    assert_eq!((&proposed["state"], &proposed["records"]), (&json!("proposed"), &json!(1)));
    assert_eq!((&proposed["ground"], &proposed["may_approve"]), (&json!("digitised"), &json!(false)));
    for approver in [rolf, administrator] {
        assert_eq!(told(approver).await, ["disposition_to_approve"], "{}", approver.name());
    }
    assert!(told(rita).await.is_empty(), "who proposed it is not asked");

    approving(rita, &path).problem(403, "proposed_by_yourself").await;
    executing(rita, &path).problem(409, "disposition_state").await;
    assert_eq!(rolf.get(&path).expect(200).await["may_approve"], true);
    let once = approving(rolf, &path).expect(200).await;
    assert_eq!((&once["state"], rows(&once, "approvals").len()), (&json!("proposed"), 1));
    approving(rolf, &path).problem(409, "approved_already").await;
    executing(rita, &path).problem(409, "disposition_state").await;
    let twice = approving(administrator, &path).expect(200).await;
    assert_eq!(
        (&twice["state"], &twice["approvals"][1]["by"]["member_id"]),
        (&json!("approved"), &json!(administrator.member_id()))
    );
    assert_eq!(told(rita).await, ["disposition_approved"]);
    executing(administrator, &path).problem(403, "forbidden").await;

    let read = rita.get(&path).expect(200).await;
    let item = &read["items"][0];
    assert_eq!((&item["record_id"], &item["state"]), (&json!(paper.record), &json!("listed")));
    assert_eq!((&item["rule_id"], &item["class"]), (&json!("DIGITISED"), &json!("health_record")));
    assert!(!read.to_string().contains("Grace"), "no client is named: {read}");
    let executed = executing(rita, &path).expect(200).await;
    assert_eq!((&executed["state"], &executed["executed_by"]["name"]), (&json!("executing"), &json!("Rita")));
    executing(rita, &path).problem(409, "disposition_state").await;
    rejecting(rolf, &path).problem(409, "disposition_state").await;
    let nadia = north.clinic.auditor("Nadia").await;
    assert_eq!(column(&all(&nadia, "/dispositions", "dispositions").await, "ground"), ["digitised"]);
}

#[tokio::test]
async fn a_record_is_in_one_disposition_until_that_is_rejected() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { rita, rolf, .. } = &archive;
    let paper = archive.paper("D-1").await;
    let proposing = || rita.post("/dispositions").json(&proposal(&paper));
    let path = disposition(&proposing().expect(201).await);
    let problem = proposing().problem(422, "nothing_to_propose").await;
    assert_eq!(column(rows(&problem, "refused"), "reason"), ["listed"]);
    let rejected = rejecting(rolf, &path).expect(200).await;
    assert_eq!(rejected["rejected"]["reason"], "The matter is still open.");
    assert_eq!(told(rita).await, ["disposition_rejected"]);
    approving(rolf, &path).problem(409, "disposition_state").await;
    let again = disposition(&proposing().expect(201).await);
    assert_ne!(again, path);
    proposing().problem(422, "nothing_to_propose").await;
    let listed = all(rita, "/dispositions", "dispositions").await;
    assert_eq!(column(&listed, "state"), ["proposed", "rejected"], "the newest first");
}

/// R036: paper is destroyed only when somebody has compared it with a scan that is kept in its place.
#[tokio::test]
async fn what_cannot_be_proposed_is_refused_with_its_reason() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, scan, site, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let bare = amara.adds_folder(chart, "Letters", *site, "D-1").await;
    let unverified = amara.adds_folder(chart, "Letters", *site, "D-2").await;
    let link = json!({ "expected_revision": unverified.revision, "record_id": scan, "verified": false });
    amara.put(&format!("/charts/{chart}/records/{}/scan", unverified.record)).json(&link).expect(200).await;
    let gone: RecordId = "01900000-0000-7000-8000-000000000000".parse().unwrap();
    let paper = archive.paper("D-3").await;

    for (ground, record, reason) in [
        ("digitised", note, "not_paper"),
        ("digitised", bare.record, "scan_not_verified"),
        ("digitised", unverified.record, "scan_not_verified"),
        ("digitised", gone, "gone"),
        ("retention_ended", note, "not_eligible"),
        ("retention_ended", paper.record, "not_eligible"),
    ] {
        let problem = archive.proposing(ground, &[record]).problem(422, "nothing_to_propose").await;
        assert_eq!(column(rows(&problem, "refused"), "reason"), [reason], "{ground} {record}");
    }
    archive.proposing("digitised", &[]).problem(422, "invalid_records").await;
    archive.proposing("digitised", &vec![gone; 501]).problem(422, "invalid_records").await;
    let proposed = archive.proposing("digitised", &[note, paper.record, paper.record]).expect(201).await;
    assert_eq!((&proposed["records"], rows(&proposed, "refused").len()), (&json!(1), 1));

    // A scan that is struck through is kept in nobody's place.
    let other = archive.paper("D-4").await;
    let now = amara.reads(chart, *scan).await["revision"].clone();
    let void = json!({ "expected_revision": now, "reason": "of somebody else" });
    amara.post(&format!("/charts/{chart}/records/{scan}/void")).json(&void).expect(200).await;
    let problem = archive.proposing("digitised", &[other.record]).problem(422, "nothing_to_propose").await;
    assert_eq!(problem["refused"][0]["reason"], "scan_not_verified");
}

/// More records than one transaction holds.
#[tokio::test]
async fn a_large_disposition_is_drafted_in_steps_and_proposed_once() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let mut papers = Vec::new();
    for number in 0..45 {
        papers.push(archive.paper(&format!("D-{number}")).await.record);
    }
    let request = || archive.proposing("digitised", &papers).idempotency_key("one-proposal");
    let proposed = request().expect(201).await;
    let again = request().expect(201).await;
    assert_eq!(proposed, again, "the same request is answered the same");
    assert_eq!((&proposed["state"], &proposed["records"]), (&json!("proposed"), &json!(45)));
    let path = disposition(&proposed);
    let items = all(&archive.rita, &path, "items").await;
    let mut listed: Vec<String> = column(&items, "record_id").into_iter().map(str::to_owned).collect();
    let mut wanted: Vec<String> = papers.iter().map(ToString::to_string).collect();
    listed.sort();
    wanted.sort();
    assert_eq!(listed, wanted);
    assert_eq!(all(&archive.rita, "/dispositions", "dispositions").await.len(), 1);
    rejecting(&archive.rolf, &path).expect(200).await;
    let once_more = archive.proposing("digitised", &papers).expect(201).await;
    assert_eq!(once_more["records"], 45);
}

#[tokio::test]
async fn there_is_no_certificate_before_everything_is_at_its_end() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let paper = archive.paper("D-1").await;
    let path = disposition(&rita.post("/dispositions").json(&proposal(&paper)).expect(201).await);
    for part in
        ["certificate".to_owned(), "certificate/pdf".to_owned(), format!("records/{}/proof", paper.record)]
    {
        rita.get(&format!("{path}/{part}")).problem(409, "not_certified").await;
        north.amara.get(&format!("{path}/{part}")).problem(403, "forbidden").await;
    }
    let confirming = |witness: &Actor| {
        let body = json!({
            "method": "shredding", "witness_id": witness.member_id(), "destroyed_on": rita.day(0)
        });
        rita.post(&format!("{path}/records/{}/destruction", paper.record)).json(&body)
    };
    confirming(rolf).problem(409, "record_state").await;
    let gail = north.clinic.member("Gail", &[Role::Client]).await;
    confirming(&gail).problem(422, "invalid_witness").await;
    let read = north.amara.reads(north.chart, paper.record).await;
    assert_eq!(read["status"], "on_shelf", "nothing has happened to it: {read}");
}

// ---- With the sweep: what is executed goes, and a certificate says so ------------------------------------------

/// What ended a year after the service may go: Ohio asks for nothing of its own.
async fn keeps_a_year(archive: &Archive<'_>) {
    let policy = json!({ "id": "OWN-ALL", "name": "A year", "trigger": "service_date", "period": "1y" });
    let schedule = json!({
        "expected_version": 0, "jurisdictions": ["US-OH"], "practices": ["physician"], "policies": [policy]
    });
    archive.rita.put("/retention/schedule").json(&schedule).expect(200).await;
}

/// A signed note of a day long ago.
async fn old_note(archive: &Archive<'_>, title: &str) -> RecordId {
    let Archive { north, .. } = archive;
    let content = json!({ "title": title, "sections": [{ "heading": "S", "text": "Sharp pain" }] });
    let body = json!({ "section": "progress_notes", "occurred_on": "2019-05-02", "content": content });
    let draft = north.amara.post(&format!("/charts/{}/notes", north.chart)).json(&body).expect(201).await;
    let record: RecordId = draft["record"]["id"].as_str().unwrap().parse().unwrap();
    let sign = json!({ "expected_revision": draft["draft"]["revision"] });
    let path = format!("/charts/{}/records/{record}/signature", north.chart);
    north.amara.post(&path).json(&sign).expect(201).await;
    record
}

/// Two others approve, and it is executed; everything that comes of it has come when this ends.
async fn executes(world: &World, archive: &Archive<'_>, path: &str) {
    approving(&archive.rolf, path).expect(200).await;
    approving(&archive.north.clinic.administrator, path).expect(200).await;
    executing(&archive.rita, path).expect(200).await;
    world.idle().await;
}

/// Checked as somebody does who has nothing but the file.
fn verified(file: &Value) -> Verified {
    verify(&serde_json::to_vec(file).unwrap(), None).unwrap_or_else(|fault| panic!("{fault}: {file}"))
}

/// R154: one act is said once, however many transactions it takes; each of these says which part of it it was.
#[tokio::test]
async fn what_is_done_with_many_records_at_once_is_said_once() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    keeps_a_year(&archive).await;
    let mut notes = Vec::new();
    for number in 0..33 {
        notes.push(old_note(&archive, &format!("Visit {number}")).await);
    }
    world.fires("retention-sweep").await;
    let path = disposition(&archive.proposing("retention_ended", &notes).expect(201).await);
    rejecting(rolf, &path).expect(200).await;
    let free = all(rita, "/retention/eligible", "records").await;
    assert_eq!(free.iter().filter(|record| record["disposition_id"].is_null()).count(), 33);

    let nadia = north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, "/evidence", "evidence").await;
    let said = |kind: &str| {
        let facts = trail.iter().filter(|fact| fact["kind"] == kind);
        let mut records: Vec<&str> = facts
            .map(|fact| {
                let details = &fact["details"];
                details["records"].as_str().or_else(|| details["freed"].as_str()).unwrap()
            })
            .collect();
        records.sort_unstable();
        records
    };
    assert_eq!((said("DispositionDrafted"), said("DispositionProposed")), (vec!["1", "32"], vec!["33"]));
    assert_eq!((said("DispositionRejected"), said("DispositionFreed")), (vec!["33"], vec!["1", "32"]));
}

#[tokio::test]
async fn what_is_executed_is_gone_and_the_certificate_proves_it() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    keeps_a_year(&archive).await;
    let titles = ["Wuthering headache", "Lepidopterist's elbow", "Sonorous cough"];
    let mut notes = Vec::new();
    for title in titles {
        notes.push(old_note(&archive, title).await);
    }
    world.fires("retention-sweep").await;
    let eligible = all(rita, "/retention/eligible", "records").await;
    assert_eq!(eligible.len(), 3, "{eligible:?}");
    let proposed = archive.proposing("retention_ended", &notes).expect(201).await;
    let path = disposition(&proposed);
    // A hold that comes after the proposal keeps its record out of the destruction, whoever has approved.
    let mut hold = held(north.grace, amara);
    hold["scope"] = json!({ "records": [{ "chart_id": chart, "record_id": notes[2] }] });
    let hold = rita.post("/holds").json(&hold).expect(201).await;
    executes(&world, &archive, &path).await;

    let read = rita.get(&path).expect(200).await;
    assert_eq!((&read["state"], &read["ended"]), (&json!("certified"), &json!(3)), "{read}");
    let state = |record: RecordId| {
        let item = rows(&read, "items").iter().find(|item| item["record_id"] == json!(record)).unwrap();
        (item["state"].as_str().unwrap().to_owned(), item["reason"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(state(notes[0]).0, "destroyed");
    assert_eq!(state(notes[2]), ("left_out".to_owned(), "held".to_owned()));
    for gone in &notes[..2] {
        let answer = amara.get(&format!("/charts/{chart}/records/{gone}")).send().await;
        assert!(matches!(answer.status, 404 | 410), "{} {}", answer.status, answer.json());
    }
    amara.reads(chart, notes[2]).await;
    let destroyed = all(rita, &format!("/charts/{chart}/destroyed-records"), "records").await;
    let mut ids: Vec<&str> = column(&destroyed, "record_id");
    ids.sort_unstable();
    let mut wanted = [notes[0].to_string(), notes[1].to_string()];
    wanted.sort();
    assert_eq!(ids, wanted);

    let certificate = rita.get(&format!("{path}/certificate")).expect(200).await;
    let proof = verified(&certificate);
    assert_eq!((proof.head.destroyed.records, proof.head.holds.kept_by_holds), (2, 1));
    assert_eq!(proof.head.approvals.len(), 2);
    let told = certificate.to_string();
    for secret in ["Grace", "Okafor", "Wuthering", "Sharp pain", &north.grace.to_string(), &chart.to_string()]
    {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    let proof = rita.get(&format!("{path}/records/{}/proof", notes[0])).expect(200).await;
    assert_eq!(verified(&proof).records[0].record_id, notes[0]);
    assert!(!proof.to_string().contains(&notes[1].to_string()), "{proof}");
    rita.get(&format!("{path}/records/{}/proof", notes[2])).problem(404, "not_found").await;

    // What was held goes its own way when the hold is over.
    let problem = archive.proposing("retention_ended", &notes[2..]).problem(422, "nothing_to_propose").await;
    assert_eq!(problem["refused"][0]["reason"], "held");
    let release = json!({ "expected_revision": hold["revision"], "reason": "The claim was settled." });
    let held_at = format!("/holds/{}", hold["hold_id"].as_str().unwrap());
    rita.post(&format!("{held_at}/release")).json(&release).expect(200).await;
    let again = disposition(&archive.proposing("retention_ended", &notes[2..]).expect(201).await);
    executes(&world, &archive, &again).await;
    let answer = amara.get(&format!("/charts/{chart}/records/{}", notes[2])).send().await;
    assert!(matches!(answer.status, 404 | 410), "{}", answer.status);
}

#[tokio::test]
async fn a_certificate_is_filed_as_a_signed_sheet() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    keeps_a_year(&archive).await;
    let note = old_note(&archive, "First visit").await;
    world.fires("retention-sweep").await;
    let path = disposition(&archive.proposing("retention_ended", &[note]).expect(201).await);
    executes(&world, &archive, &path).await;

    let sheet = || rita.get(&format!("{path}/certificate/pdf"));
    let (one, other) = (sheet().expect(200).await, sheet().expect(200).await);
    assert_eq!((&one["content_base64"], &one["sha256"]), (&other["content_base64"], &other["sha256"]));
    assert_eq!(one["media_type"], "application/pdf");
    let bytes = STANDARD.decode(one["content_base64"].as_str().unwrap()).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(Digest::of(&bytes).to_string(), one["sha256"].as_str().unwrap());
    let pem = one["public_key_pem"].as_str().unwrap();
    let spki =
        STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, &spki[26..]);
    key.verify(&bytes, &STANDARD.decode(one["signature"].as_str().unwrap()).unwrap()).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains("Okafor") && !text.contains("First visit"));
    // The certificate itself is in it, as it is answered.
    let certificate = rita.get(&format!("{path}/certificate")).expect(200).await;
    assert!(text.contains(certificate["signed"]["signature"].as_str().unwrap()));
    let nadia = north.clinic.auditor("Nadia").await;
    nadia.get(&format!("{path}/certificate/pdf")).expect(200).await;
}

/// R154: paper goes by an order, by somebody's hands, before a witness; and only then does its entry end.
#[tokio::test]
async fn paper_is_ordered_destroyed_and_witnessed() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let paper = archive.paper("D-1").await;
    let path = disposition(&rita.post("/dispositions").json(&proposal(&paper)).expect(201).await);
    executes(&world, &archive, &path).await;
    let item = |read: &Value| read["items"][0].clone();
    let ordered = rita.get(&path).expect(200).await;
    assert_eq!((&ordered["state"], &item(&ordered)["state"]), (&json!("executing"), &json!("ordered")));
    assert!(item(&ordered)["ordered_at"].is_string());
    north.amara.reads(north.chart, paper.record).await;

    let confirming = |method: &str, witness: &Actor, day: i64| {
        let body = json!({
            "method": method, "witness_id": witness.member_id(), "destroyed_on": rita.day(day),
            "contractor": "Northern Shredding"
        });
        rita.post(&format!("{path}/records/{}/destruction", paper.record)).json(&body)
    };
    confirming("shredding", rita, 0).problem(422, "invalid_witness").await;
    for method in ["cryptographic_erase", "object_deletion"] {
        confirming(method, rolf, 0).problem(422, "invalid_method").await;
    }
    confirming("shredding", rolf, 2).problem(422, "invalid_destroyed_on").await;
    // Until the sweep withdraws the order, the hold itself keeps anybody from saying that the paper went.
    let faults = world.faults().await;
    faults.plan(Fault::before("SendMessage").times(u32::MAX));
    let hold = rita.post("/holds").json(&held(north.grace, &north.amara)).expect(201).await;
    confirming("shredding", rolf, 0).problem(409, "held").await;
    let release = json!({ "expected_revision": hold["revision"], "reason": "The claim was settled." });
    let held_at = format!("/holds/{}", hold["hold_id"].as_str().unwrap());
    rita.post(&format!("{held_at}/release")).json(&release).expect(200).await;
    faults.end();
    let confirmed = confirming("shredding", rolf, 0).expect(200).await;
    assert_eq!((&confirmed["state"], &confirmed["method"]), (&json!("confirmed"), &json!("shredding")));
    world.idle().await;

    let read = rita.get(&path).expect(200).await;
    assert_eq!((&read["state"], &item(&read)["state"]), (&json!("certified"), &json!("destroyed")), "{read}");
    let certificate = rita.get(&format!("{path}/certificate")).expect(200).await;
    let proof = verified(&certificate);
    assert_eq!(proof.head.destroyed.paper, 1);
    let seen = proof.records[0].paper.as_ref().unwrap();
    assert_eq!((seen.destroyed_by, seen.witness), (rita.member_id(), rolf.member_id()));
    let answer = north.amara.get(&format!("/charts/{}/records/{}", north.chart, paper.record)).send().await;
    assert!(matches!(answer.status, 404 | 410), "{}", answer.status);
    // The label is free for another folder.
    north.amara.adds_folder(north.chart, "New letters", archive.site, "D-1").await;
}
