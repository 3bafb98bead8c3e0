//! A chart changes hands: offered and accepted, what goes with it and what does not, who sees what before and after,
//! and the signed chain of who had it (P-33, P-35, P-36, P-40 to P-48, R082, R090-R095, X-5).

use crate::north::{North, all, column, offers, offers_part, revision, rows, shares};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ChartId, ClientId, RecordId, member::Role};
use ring::{digest, signature};
use serde_json::{Value, json};
use testkit::{Actor, Clinic, World, files, world::Request};

const GENERAL: [&str; 3] = ["overview", "progress_notes", "general_documents"];

fn place(chart: ChartId, record: RecordId) -> String {
    format!("/charts/{chart}/records/{record}")
}

async fn now(who: &Actor, chart: ChartId) -> u64 {
    revision(&who.get(&format!("/charts/{chart}")).expect(200).await)
}

/// The owner hands everything over, and the colleague takes it.
async fn passes(from: &Actor, chart: ChartId, to: &Actor, keep_copy: bool) -> Value {
    let transfer = offers(from, chart, now(from, chart).await, to, keep_copy).await;
    accepting(to, chart, &transfer).expect(200).await
}

fn accepting(who: &Actor, chart: ChartId, transfer: &str) -> Request {
    who.post(&format!("/charts/{chart}/transfers/{transfer}/acceptance")).json(&json!({}))
}

fn declining(who: &Actor, chart: ChartId, transfer: &str) -> Request {
    who.post(&format!("/charts/{chart}/transfers/{transfer}/refusal")).json(&json!({}))
}

fn withdrawing(who: &Actor, chart: ChartId, transfer: &str) -> Request {
    who.delete(&format!("/charts/{chart}/transfers/{transfer}"))
}

/// An offer on all terms, sound or not.
fn offering(who: &Actor, chart: ChartId, seen: u64, to: &Actor, sections: &[&str]) -> Request {
    let body = json!({
        "expected_revision": seen, "to": to.member_id(), "sections": sections, "keep_copy": false
    });
    who.post(&format!("/charts/{chart}/transfers")).json(&body)
}

async fn marks(who: &Actor, chart: ChartId, record: RecordId) {
    let now = revision(&who.reads(chart, record).await);
    let body = json!({ "expected_revision": now, "confidential": true });
    who.put(&format!("{}/confidentiality", place(chart, record))).json(&body).expect(200).await;
}

async fn marks_chart(who: &Actor, chart: ChartId) {
    let body = json!({ "expected_revision": now(who, chart).await, "confidential": true });
    who.put(&format!("/charts/{chart}/confidentiality")).json(&body).expect(200).await;
}

async fn titles(who: &Actor, chart: ChartId) -> Vec<String> {
    let records = all(who, &format!("/charts/{chart}/records"), "records").await;
    let mut titles: Vec<String> = column(&records, "title").into_iter().map(str::to_owned).collect();
    titles.sort();
    titles
}

/// The reasons for which a member was told something of a chart, the newest first.
async fn told(who: &Actor, chart: ChartId) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let of_it = notices.iter().filter(|notice| notice["chart_id"] == json!(chart));
    of_it.map(|notice| notice["reason"].as_str().unwrap().to_owned()).collect()
}

async fn client_with_chart(owner: &Actor, full_name: &str) -> (ClientId, ChartId) {
    let client = owner.registers(json!({ "full_name": full_name })).await;
    (client, owner.opens_chart(client).await)
}

async fn suspends(clinic: &Clinic<'_>, member: &Actor) {
    let path = format!("/members/{}", member.member_id());
    let now = revision(&clinic.administrator.get(&path).expect(200).await);
    let body = json!({ "expected_revision": now });
    clinic.administrator.post(&format!("{path}/suspension")).json(&body).expect(201).await;
}

/// R090: "To transfer a record you own to a colleague within your organization": pending, then accepted (P-40).
#[tokio::test]
async fn an_owner_offers_and_a_colleague_accepts() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let transfer = offers(amara, chart, 1, &ben, false).await;

    // Both see that it is on its way; until it is accepted it is the owner's, and nobody else's.
    for who in [amara, &ben] {
        let pending = all(who, "/transfers", "transfers").await;
        assert_eq!(column(&pending, "id"), [transfer.as_str()], "{}", who.name());
        let one = &pending[0];
        assert_eq!((&one["from_name"], &one["to_name"]), (&json!("Dr Amara"), &json!("Dr Ben")));
        assert_eq!((&one["initiator"], &one["chart"]["id"]), (&json!("owner"), &json!(chart)));
        assert_ne!(one["chart"]["client"]["name"], json!("Grace Okafor"), "masked, as lists are");
    }
    assert!(all(&cleo, "/transfers", "transfers").await.is_empty());
    assert_eq!(told(&ben, chart).await, ["transfer_offered"]);
    ben.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
    amara.reads(chart, note).await;
    for other in [amara, &cleo, &north.clinic.administrator] {
        accepting(other, chart, &transfer).problem(404, "not_found").await;
        declining(other, chart, &transfer).problem(404, "not_found").await;
    }

    let accepted = accepting(&ben, chart, &transfer).expect(200).await;
    assert_eq!((&accepted["owner"], &accepted["relation"]), (&json!(ben.member_id()), &json!("owner")));
    assert_eq!(ben.reads(chart, note).await["content"]["sections"][0]["text"], "pain");
    assert_eq!(told(amara, chart).await, ["transfer_accepted"]);
    for who in [amara, &ben] {
        assert!(all(who, "/transfers", "transfers").await.is_empty(), "nothing is on its way");
    }
    accepting(&ben, chart, &transfer).problem(404, "not_found").await;
    ben.writes_note(chart, "Second visit", "better").await;
}

/// P-40: "a colleague in the same organization": nobody else, and not twice at once.
#[tokio::test]
async fn an_offer_that_cannot_be_is_refused() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, sam) = (north.clinic.practitioner("Dr Ben").await, north.clinic.staff("Sam").await);
    let sofia = world.clinic("South Clinic").await.practitioner("Dr Sofia").await;
    for (to, why) in [(&sam, "staff"), (&sofia, "elsewhere"), (amara, "oneself")] {
        let refused = offering(amara, chart, 1, to, &GENERAL).problem(422, "invalid_recipient").await;
        assert!(refused["detail"].is_string(), "{why}");
    }
    for part in [&GENERAL[1..], &GENERAL[..2], &["confidential_information", "raw_data"]] {
        offering(amara, chart, 1, &ben, part).problem(422, "invalid_sections").await;
    }
    offering(amara, chart, 7, &ben, &GENERAL).problem(409, "stale_revision").await;
    offering(&ben, chart, 1, &ben, &GENERAL).problem(404, "not_found").await;
    offering(&north.clinic.administrator, chart, 1, &ben, &GENERAL).problem(404, "not_found").await;

    let left = north.clinic.practitioner("Dr Left").await;
    suspends(&north.clinic, &left).await;
    offering(amara, chart, 1, &left, &GENERAL).problem(422, "invalid_recipient").await;
    let dora = north.clinic.practitioner("Dr Dora").await;
    dora.opens_chart(north.grace).await;
    // Whom a colleague treats is theirs to know: the offer is answered as any other, and Dr Dora keeps her own (P-01).
    let transfer = offers(amara, chart, 1, &dora, true).await;
    let refused = accepting(&dora, chart, &transfer).problem(409, "chart_exists").await;
    assert!(refused["detail"].as_str().unwrap().contains("decline"), "{refused}");
    declining(&dora, chart, &transfer).expect(204).await;

    let transfer = offers(amara, chart, 3, &ben, true).await;
    offering(amara, chart, 4, &ben, &GENERAL).problem(409, "in_transfer").await;
    // Who opens a chart of their own meanwhile keeps that one.
    ben.opens_chart(north.grace).await;
    accepting(&ben, chart, &transfer).problem(409, "chart_exists").await;
    declining(&ben, chart, &transfer).expect(204).await;
    assert_eq!(told(amara, chart).await, ["transfer_declined", "transfer_declined"]);
    assert_eq!(now(amara, chart).await, 5, "hers as before");
}

/// P-41: "general progress notes and documents; draft notes; record details"; P-44: "progress notes by the former owner
/// are readable in the notes tab but not editable".
#[tokio::test]
async fn what_always_goes_with_a_chart_is_read_and_not_edited() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let note = amara.writes_note(chart, "First visit", "pain").await;
    let draft = amara.drafts_note(chart, "Second visit", "still writing").await;
    let photo = files::photo(24, 24);
    let document = amara.uploads(chart, &photo).await;
    let opened = amara.get(&format!("/charts/{chart}")).expect(200).await;
    let transfer = offers_part(amara, chart, 1, &ben, &GENERAL, false).await;
    accepting(&ben, chart, &transfer).expect(200).await;

    let read = ben.get(&format!("/charts/{chart}")).expect(200).await;
    assert_eq!((&read["opened_at"], &read["client"]), (&opened["opened_at"], &opened["client"]));
    assert_eq!(
        titles(&ben, chart).await,
        ["First visit", "Second visit", "rash-left-arm.jpg"].map(str::to_owned)
    );
    assert_eq!(ben.reads(chart, note).await["author"], json!(amara.member_id()));
    assert_eq!(ben.downloads(chart, document).await, photo.bytes);
    let unfinished = ben.reads(chart, draft.record).await;
    assert_eq!(unfinished["content"]["sections"][0]["text"], "still writing");

    let content = json!({ "title": "Mine now", "sections": [{ "text": "no pain" }] });
    let seen = revision(&ben.reads(chart, note).await);
    let amend = json!({ "expected_revision": seen, "content": content, "reason": "I know better" });
    ben.post(&format!("{}/amendments", place(chart, note))).json(&amend).problem(404, "not_found").await;
    let save = json!({ "expected_revision": draft.revision, "content": content });
    let sign = json!({ "expected_revision": draft.revision });
    for who in [amara, &ben] {
        who.put(&format!("{}/draft", place(chart, draft.record))).json(&save).problem(404, "not_found").await;
        let signature = who.post(&format!("{}/signature", place(chart, draft.record))).json(&sign);
        signature.problem(404, "not_found").await;
    }
}

/// One of each: a general note, a marked one, and raw data.
async fn fills(owner: &Actor, chart: ChartId) -> [RecordId; 3] {
    let open = owner.writes_note(chart, "General", "of the wrist").await;
    let marked = owner.writes_note(chart, "Marked", "in confidence").await;
    marks(owner, chart, marked).await;
    let raw = json!({ "title": "Protocol", "compartment": "raw_data" });
    [open, marked, owner.uploads_as(chart, &files::scan(1), raw).await]
}

/// P-42: "confidential notes and documents; raw data", if chosen. What is not is sealed, not deleted: the organization
/// keeps it, nobody opens it, and the chart says how much it is (X-5, P-46).
#[tokio::test]
async fn what_was_not_chosen_is_sealed_and_counted() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let nadia = north.clinic.auditor("Nadia").await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    let [open, marked, raw] = fills(amara, chart).await;
    let part = ["overview", "progress_notes", "general_documents", "raw_data"];
    let transfer = offers_part(amara, chart, now(amara, chart).await, &ben, &part, false).await;
    let accepted = accepting(&ben, chart, &transfer).expect(200).await;
    assert_eq!(accepted["sealed_records"], 1);
    assert_eq!(
        (&accepted["confidentiality"], &accepted["raw_data_records"]),
        (&json!("institutional"), &json!(1))
    );

    ben.reads(chart, open).await;
    ben.reads(chart, raw).await;
    assert_eq!(titles(&ben, chart).await, ["General", "Protocol"].map(str::to_owned));
    for who in [&ben, amara] {
        who.get(&place(chart, marked)).problem(404, "not_found").await;
    }
    amara.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
    let passages = ben.get(&format!("/charts/{chart}/passages")).expect(200).await;
    assert_eq!(
        (&passages["sealed_records"], &passages["passages"][0]["sealed_records"]),
        (&json!(1), &json!(1))
    );
    // It is there: its trail goes on, and it stays sealed in whoever's hands the chart is.
    let trail = nadia.get(&format!("{}/evidence", place(chart, marked))).expect(200).await;
    assert!(rows(&trail, "evidence").len() > 2, "{trail}");
    let next = passes(&ben, chart, &cleo, true).await;
    assert_eq!(next["sealed_records"], 0, "nothing more was left out");
    for who in [&ben, &cleo] {
        who.get(&place(chart, marked)).problem(404, "not_found").await;
    }
    cleo.reads(chart, raw).await;
    let passages = cleo.get(&format!("/charts/{chart}/passages")).expect(200).await;
    assert_eq!((&passages["sealed_records"], rows(&passages, "passages").len()), (&json!(1), 2));
}

/// Everything in a chart that can change after it was handed over.
struct Held {
    ben: Actor,
    iris: Actor,
    /// By a colleague who goes on writing in it.
    amended: RecordId,
    voided: RecordId,
    signed_later: testkit::world::Draft,
    file: RecordId,
    folder: testkit::world::Folder,
    marked: RecordId,
    raw: RecordId,
}

async fn held(north: &North<'_>) -> Held {
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, iris) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Iris").await);
    shares(amara, chart, &iris, "read_and_write").await;
    let [_, marked, raw] = fills(amara, chart).await;
    let site = amara.adds_location("site", "Main site", None).await;
    Held {
        amended: iris.writes_note(chart, "Call", "as it was").await,
        signed_later: iris.drafts_note(chart, "Iris' draft", "unfinished").await,
        voided: amara.writes_note(chart, "Wrong", "of somebody else").await,
        file: amara.uploads(chart, &files::photo(24, 24)).await,
        folder: amara.adds_folder(chart, "Paper", site, "A-1").await,
        marked,
        raw,
        ben,
        iris,
    }
}

/// What the new owner and the collaborators do with it afterwards.
async fn goes_on(held: &Held, chart: ChartId) -> RecordId {
    let Held { ben, iris, .. } = held;
    let content = json!({ "title": "Call, corrected", "sections": [{ "text": "as it is now" }] });
    let seen = revision(&iris.reads(chart, held.amended).await);
    let amend = json!({ "expected_revision": seen, "content": content, "reason": "misheard" });
    iris.post(&format!("{}/amendments", place(chart, held.amended))).json(&amend).expect(201).await;
    iris.signs_note(held.signed_later).await;
    let seen = revision(&ben.reads(chart, held.voided).await);
    let void = json!({ "expected_revision": seen, "reason": "not hers" });
    ben.post(&format!("{}/void", place(chart, held.voided))).json(&void).expect(200).await;
    ben.uploads_as(chart, &files::photo(48, 48), json!({ "replaces": held.file })).await;
    ben.hands_out(held.folder, ben, ben.site().now().to_zoned(jiff::tz::TimeZone::UTC).date()).await;
    ben.writes_note(chart, "After", "new").await
}

/// P-45: the former owner's copy "cannot be modified or reactivated"; they see "everything added before the transfer
/// incl. excluded items" and "nothing added after".
#[tokio::test]
async fn a_copy_is_the_chart_as_it_was() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let held = held(&north).await;
    let before = titles(amara, chart).await;
    let was = amara.reads(chart, held.amended).await;
    let transfer = offers_part(amara, chart, now(amara, chart).await, &held.ben, &GENERAL, true).await;
    accepting(&held.ben, chart, &transfer).expect(200).await;
    let after = goes_on(&held, chart).await;

    let read = amara.get(&format!("/charts/{chart}")).expect(200).await;
    assert_eq!(read["relation"], "former_owner");
    assert!(read["read_only_copy_until"].is_string(), "{read}");
    assert_eq!(titles(amara, chart).await, before, "as it was, with what was left out");
    let timeline = all(amara, &format!("/clients/{}/timeline", north.grace), "records").await;
    assert_eq!(timeline.len(), before.len());
    for left_out in [held.marked, held.raw] {
        amara.reads(chart, left_out).await;
        held.ben.get(&place(chart, left_out)).problem(404, "not_found").await;
    }
    for later in [after, held.signed_later.record] {
        amara.get(&place(chart, later)).problem(404, "not_found").await;
        amara.get(&format!("{}/versions", place(chart, later))).problem(404, "not_found").await;
    }
    let note = amara.reads(chart, held.amended).await;
    assert_eq!((&note["title"], &note["versions"]), (&json!("Call"), &json!(1)));
    assert_eq!((&note["content"], &note["signed"]), (&was["content"], &was["signed"]));
    let versions = format!("{}/versions", place(chart, held.amended));
    assert_eq!(all(amara, &versions, "versions").await.len(), 1);
    amara.get(&format!("{versions}/1")).expect(200).await;
    amara.get(&format!("{versions}/2")).problem(404, "not_found").await;
    assert_eq!(held.ben.reads(chart, held.amended).await["title"], "Call, corrected");
    assert_eq!(amara.reads(chart, held.voided).await["status"], "signed");
    assert_eq!(amara.reads(chart, held.folder.record).await["folder"]["state"], "on_shelf");
    the_file_is_the_earlier_one(amara, chart, held.file).await;
    a_copy_is_not_changed(amara, chart, &held).await;
}

async fn the_file_is_the_earlier_one(amara: &Actor, chart: ChartId, file: RecordId) {
    let read = amara.reads(chart, file).await;
    assert_eq!((&read["versions"], &read["file"]["version"]), (&json!(1), &json!(1)), "{read}");
    assert_eq!(amara.downloads(chart, file).await, files::photo(24, 24).bytes);
    for end in ["downloads", "previews"] {
        let path = format!("{}/{end}", place(chart, file));
        let newest = amara.post(&path).json(&json!({})).expect(200).await;
        assert_eq!(newest["version"], 1, "{end}");
        amara.post(&path).json(&json!({ "version": 1 })).expect(200).await;
        amara.post(&path).json(&json!({ "version": 2 })).problem(404, "not_found").await;
    }
}

async fn a_copy_is_not_changed(amara: &Actor, chart: ChartId, held: &Held) {
    let content = json!({ "title": "Back", "sections": [{ "text": "mine again" }] });
    let seen = revision(&amara.reads(chart, held.marked).await);
    let amend = json!({ "expected_revision": seen, "content": content, "reason": "afterthought" });
    let requests = [
        amara.post(&format!("{}/amendments", place(chart, held.marked))).json(&amend),
        amara.post(&format!("/charts/{chart}/notes")).json(&json!({ "content": content })),
        offering(amara, chart, 1, &held.ben, &GENERAL),
        amara.get(&format!("/charts/{chart}/passages")),
        amara.get(&format!("/charts/{chart}/grants")),
    ];
    for request in requests {
        request.problem(404, "not_found").await;
    }
}

/// P-47: "while pending, collaborators lose access; on acceptance they regain it with the same permissions as before";
/// when it is declined or withdrawn, everything is as it was.
#[tokio::test]
async fn collaborators_wait_while_an_owner_hands_over() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, iris) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Iris").await);
    let owen = north.clinic.practitioner("Owen").await;
    shares(amara, chart, &iris, "read_and_write").await;
    shares(amara, chart, &owen, "read_only").await;
    shares(amara, chart, &ben, "read_only").await;
    let note = iris.writes_note(chart, "Call", "pain").await;
    let list = format!("/charts/{chart}/grants");
    let granted = async |who: &Actor| who.get(&list).expect(200).await["grants"].clone();
    let before = granted(amara).await;

    for end in ["declined", "withdrawn"] {
        let transfer = offers(amara, chart, now(amara, chart).await, &ben, false).await;
        for waiting in [&iris, &owen, &ben] {
            waiting.get(&place(chart, note)).problem(404, "not_found").await;
            waiting.get(&format!("/charts/{chart}/records")).problem(404, "not_found").await;
        }
        amara.reads(chart, note).await;
        match end {
            "declined" => declining(&ben, chart, &transfer).expect(204).await,
            _ => withdrawing(amara, chart, &transfer).expect(204).await,
        };
        assert_eq!(granted(amara).await, before, "{end}");
        iris.writes_note(chart, "Another call", "better").await;
        owen.reads(chart, note).await;
    }
    assert_eq!(told(&ben, chart).await[..2], ["transfer_withdrawn", "transfer_offered"].map(str::to_owned));

    passes(amara, chart, &ben, false).await;
    iris.writes_note(chart, "Third call", "well").await;
    owen.reads(chart, note).await;
    let content = json!({ "content": { "title": "No", "sections": [{ "text": "no" }] } });
    owen.post(&format!("/charts/{chart}/notes")).json(&content).problem(404, "not_found").await;
    let grants = granted(&ben).await;
    let left: Vec<&Value> = before
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["grantee"]["id"] != json!(ben.member_id()))
        .collect();
    assert_eq!(grants.as_array().unwrap().iter().collect::<Vec<_>>(), left, "the new owner needs no share");
}

/// P-47: "Coordinator's transfer: sharing kept throughout." P-36: "a coordinator can transfer a partially confidential
/// record, with or without its confidential items"; and never sees any of it (P-35).
#[tokio::test]
async fn a_coordinator_hands_on_what_they_never_see() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, iris) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Iris").await);
    let cora = north.clinic.member("Cora", &[Role::Coordinator]).await;
    shares(amara, chart, &iris, "read_only").await;
    let [open, marked, raw] = fills(amara, chart).await;
    for unseen in [
        format!("/charts/{chart}"),
        format!("/charts/{chart}/records"),
        place(chart, open),
        format!("/charts/{chart}/grants"),
        format!("/clients/{}/timeline", north.grace),
    ] {
        cora.get(&unseen).problem(404, "not_found").await;
    }
    let path = format!("/members/{}/caseload", amara.member_id());
    let caseload = cora.get(&path).expect(200).await;
    let seen = revision(&caseload["held"][0]);
    let transfer = offers_part(&cora, chart, seen, &ben, &GENERAL, true).await;
    let pending = all(&cora, "/transfers?scope=organization", "transfers").await;
    assert_eq!((&pending[0]["initiator"], &pending[0]["by_name"]), (&json!("coordinator"), &json!("Cora")));
    let caseload = cora.get(&path).expect(200).await;
    assert_eq!(
        (&caseload["transfers"], &caseload["held"][0]["transfer"]["id"]),
        (&json!(1), &json!(transfer))
    );
    iris.reads(chart, open).await;
    amara.reads(chart, marked).await;

    let accepted = accepting(&ben, chart, &transfer).expect(200).await;
    assert_eq!(accepted["sealed_records"], 2);
    iris.reads(chart, open).await;
    for sealed in [marked, raw] {
        ben.get(&place(chart, sealed)).problem(404, "not_found").await;
        amara.reads(chart, sealed).await;
    }
    for giver in [amara, &cora] {
        assert_eq!(told(giver, chart).await, ["transfer_accepted"], "{}", giver.name());
    }
    let said = cora.get(&format!("/charts/{chart}/passages")).expect(200).await;
    assert_eq!(
        (&said["passages"][0]["offered_by"], &said["sealed_records"]),
        (&json!(cora.member_id()), &json!(2))
    );
    // Who hands charts on does not hand them to themselves.
    let both = north.clinic.member("Dr Dual", &[Role::Coordinator, Role::Practitioner]).await;
    let seen = now(&ben, chart).await;
    offering(&both, chart, seen, &both, &GENERAL).problem(422, "invalid_recipient").await;
}

/// P-33, P-35, R082: of each practitioner "name, e-mail, title, counts of institutional and confidential records, and
/// the list of transfers in progress"; of confidential ones the count alone.
#[tokio::test]
async fn a_coordinator_counts_what_is_confidential() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let cora = north.clinic.member("Cora", &[Role::Coordinator]).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let (_, secret) = client_with_chart(amara, "Henry Lindqvist").await;
    fills(amara, chart).await;
    marks_chart(amara, secret).await;

    let caseloads = all(&cora, "/caseloads", "caseloads").await;
    let mut names = column(&caseloads, "name");
    names.sort_unstable();
    assert_eq!(names, ["Dr Amara", "Dr Ben"], "practitioners, and nobody else");
    let of = |who: &Actor| caseloads.iter().find(|one| one["member_id"] == json!(who.member_id())).unwrap();
    let row = of(amara);
    assert_eq!((&row["charts"], &row["confidential_charts"]), (&json!(1), &json!(1)));
    assert_eq!((&row["email"], &row["roles"]), (&json!(amara.email()), &json!(["practitioner"])));
    assert_eq!((&of(&ben)["charts"], &of(&ben)["transfers"]), (&json!(0), &json!(0)));

    let path = format!("/members/{}/caseload", amara.member_id());
    let caseload = cora.get(&path).expect(200).await;
    assert_eq!((&caseload["confidential_charts"], rows(&caseload, "held").len()), (&json!(1), 1));
    let held = &caseload["held"][0];
    assert_eq!(held["chart_id"], json!(chart));
    for unsaid in ["confidentiality", "raw_data_records", "records"] {
        assert_eq!(held.get(unsaid), None, "no badge for who does not share it (P-34)");
    }
    let told = caseload.to_string();
    assert!(!told.contains(&secret.to_string()) && !told.contains("Okafor"), "{told}");

    // It is its owner's to hand on (P-36); that it is on its way is all a coordinator sees.
    offering(&cora, secret, 2, &ben, &GENERAL).problem(404, "not_found").await;
    let transfer = offers(amara, secret, 2, &ben, false).await;
    let pending = all(&cora, "/transfers?scope=organization", "transfers").await;
    assert_eq!((&pending[0]["id"], pending[0].get("chart")), (&json!(transfer), None));
    withdrawing(&cora, secret, &transfer).problem(404, "not_found").await;
    accepting(&ben, secret, &transfer).expect(200).await;
    let read = ben.get(&format!("/charts/{secret}")).expect(200).await;
    assert_eq!(read["confidentiality"], "confidential");

    for other in [amara, &north.clinic.administrator, &north.clinic.staff("Sam").await] {
        for list in ["/caseloads", "/transfers?scope=organization"] {
            other.get(list).problem(403, "forbidden").await;
        }
        other.get(&path).problem(404, "not_found").await;
    }
}

/// What a coordinator offers of somebody's caseload.
fn handing_on(cora: &Actor, from: &Actor, to: &Actor, more: Value) -> Request {
    let mut body = json!({ "to": to.member_id(), "sections": GENERAL, "keep_copy": false });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cora.post(&format!("/members/{}/transfers", from.member_id())).json(&body)
}

/// P-48: "Removing a member from the organization: their records stay in place, they lose access, access can be
/// restored …; coordinator reassigns." P-40: "all active records of a practitioner; used on unexpected departure".
#[tokio::test]
async fn a_leavers_charts_stay_in_place_and_are_reassigned() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let cora = north.clinic.member("Cora", &[Role::Coordinator]).await;
    let (ben, iris) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Iris").await);
    let note = amara.writes_note(chart, "First visit", "pain").await;
    shares(amara, chart, &iris, "read_only").await;
    let (henry, secret) = client_with_chart(amara, "Henry Lindqvist").await;
    marks_chart(amara, secret).await;

    let early = handing_on(&cora, amara, &ben, json!({ "charts": [secret] })).expect(201).await;
    assert_eq!(
        early["skipped"],
        json!([{ "chart_id": secret, "reason": "not_found" }]),
        "hers while she is there"
    );
    suspends(&north.clinic, amara).await;
    iris.reads(chart, note).await;
    let row = all(&cora, "/caseloads", "caseloads").await;
    let row = row.iter().find(|one| one["member_id"] == json!(amara.member_id())).unwrap();
    assert_eq!(
        (&row["status"], &row["charts"], &row["confidential_charts"]),
        (&json!("suspended"), &json!(1), &json!(1))
    );

    let handed = handing_on(&cora, amara, &ben, json!({ "all": true })).expect(201).await;
    assert_eq!((rows(&handed, "offered").len(), &handed["offered"][0]["chart_id"]), (1, &json!(chart)));
    assert_eq!((&handed["confidential_offered"], &handed["skipped"]), (&json!(1), &json!([])));
    assert!(!handed.to_string().contains(&secret.to_string()), "counted, and not named: {handed}");
    // Who began it can take it back, and for that sees which chart it is, and not whom it is about (P-36).
    let pending = all(&cora, "/transfers?scope=organization", "transfers").await;
    let hidden = pending.iter().find(|one| one["chart"]["id"] == json!(secret)).unwrap();
    assert_eq!(hidden["chart"].get("client"), None, "{hidden}");
    let another = north.clinic.member("Dana", &[Role::Coordinator]).await;
    let seen = all(&another, "/transfers?scope=organization", "transfers").await;
    assert!(!json!(seen).to_string().contains(&secret.to_string()));
    let transfer = hidden["id"].as_str().unwrap();
    withdrawing(&another, secret, transfer).problem(404, "not_found").await;
    withdrawing(&cora, secret, transfer).expect(204).await;
    assert!(told(&ben, secret).await.contains(&"transfer_withdrawn".to_owned()));
    let handed = handing_on(&cora, amara, &ben, json!({ "all": true })).expect(201).await;
    assert_eq!(handed["confidential_offered"], 1, "offered again");
    let again = handing_on(&cora, amara, &ben, json!({ "all": true })).expect(201).await;
    assert_eq!(again["skipped"], json!([{ "chart_id": chart, "reason": "in_transfer" }]));
    assert_eq!((&again["offered"], &again["confidential_skipped"]), (&json!([]), &json!(1)));

    for one in all(&ben, "/transfers", "transfers").await {
        let offered: ChartId = one["chart"]["id"].as_str().unwrap().parse().unwrap();
        accepting(&ben, offered, one["id"].as_str().unwrap()).expect(200).await;
    }
    ben.reads(chart, note).await;
    iris.reads(chart, note).await;
    ben.get(&format!("/charts/{secret}")).expect(200).await;
    counted_and_not_named(&north, &cora, chart, henry, secret).await;
    let path = format!("/members/{}/suspension", amara.member_id());
    north.clinic.administrator.delete(&path).expect(200).await;
    amara.get(&place(chart, note)).problem(404, "not_found").await;
}

/// P-33: nor does the coordinator's own trail name a confidential chart; the auditors' does.
async fn counted_and_not_named(
    north: &North<'_>,
    cora: &Actor,
    open: ChartId,
    henry: ClientId,
    secret: ChartId,
) {
    let path = format!("/members/{}/evidence", cora.member_id());
    let own = json!(all(cora, &path, "evidence").await).to_string();
    assert!(own.contains(&open.to_string()) && own.contains("CaseloadTransferred"), "{own}");
    let whole = json!(all(&north.clinic.administrator, &path, "evidence").await).to_string();
    for hidden in [henry.to_string(), secret.to_string()] {
        assert!(!own.contains(&hidden) && whole.contains(&hidden), "{hidden} in {own}");
    }
}

/// R094: many charts are offered page by page, and who calls again goes on where it ended.
#[tokio::test]
async fn a_large_caseload_is_handed_on_page_by_page() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let cora = north.clinic.member("Cora", &[Role::Coordinator]).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let mut clients = vec![north.grace];
    for number in 1..27 {
        let letter = char::from(b'a' + number);
        clients.push(client_with_chart(amara, &format!("Client {letter}{letter}{letter}")).await.0);
    }
    ben.opens_chart(clients[3]).await;
    let (mut offered, mut skipped, mut cursor) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let more = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        let request = handing_on(&cora, amara, &ben, json!({ "all": true }));
        let request = match more["cursor"].as_str() {
            Some(cursor) => handing_on(&cora, amara, &ben, json!({ "all": true, "cursor": cursor })),
            None => request,
        };
        let page = request.idempotency_key(&format!("handing on {more}")).expect(201).await;
        offered.extend(rows(&page, "offered").to_vec());
        skipped.extend(rows(&page, "skipped").to_vec());
        cursor = page["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    // That Dr Ben has a chart of one of them is not told: he learns it when he accepts (P-33).
    assert_eq!((offered.len(), skipped.len()), (27, 0));
    // A replay gives the first answer; a call of its own passes over what is offered.
    let replay = handing_on(&cora, amara, &ben, json!({ "all": true })).idempotency_key("handing on {}");
    assert_eq!(rows(&replay.expect(201).await, "offered").len(), 25);
    let again = handing_on(&cora, amara, &ben, json!({ "all": true })).expect(201).await;
    assert_eq!((rows(&again, "offered").len(), rows(&again, "skipped").len()), (0, 25));
    let pages = crate::north::pages(&ben, "/transfers", 10, "transfers").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 7]);
    let mut refused = 0;
    for one in all(&ben, "/transfers", "transfers").await {
        let (of, transfer) = (&one["chart"], one["id"].as_str().unwrap());
        if of["client"]["id"] == json!(clients[3]) {
            let chart: ChartId = of["id"].as_str().unwrap().parse().unwrap();
            accepting(&ben, chart, transfer).problem(409, "chart_exists").await;
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    let caseload = format!("/members/{}/caseload", amara.member_id());
    let pages = crate::north::pages(&cora, &caseload, 20, "held").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 7]);
    for wrong in [json!({}), json!({ "charts": [] }), json!({ "all": true, "charts": [north.chart] })] {
        handing_on(&cora, amara, &ben, wrong).problem(422, "invalid_charts").await;
    }
    handing_on(amara, amara, &ben, json!({ "all": true })).problem(404, "not_found").await;
}

/// The point of a P-256 key in PEM.
fn point(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let spki = STANDARD.decode(text).unwrap();
    spki[spki.len() - 65..].to_vec()
}

fn sha256(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What anybody can check who has the answer and nothing else of ours.
fn is_whole(answer: &Value) -> bool {
    let pem = answer["verification"]["public_key_pem"].as_str().unwrap();
    let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point(pem));
    let mut before: Option<String> = None;
    rows(answer, "passages").iter().all(|passage| {
        let statement = passage["statement"].as_str().unwrap();
        let said: Value = serde_json::from_str(statement).unwrap_or_default();
        let follows = said["previous_sha256"].as_str().map(str::to_owned) == before;
        before = Some(sha256(statement));
        let signature = STANDARD.decode(passage["signature"].as_str().unwrap()).unwrap();
        follows && key.verify(statement.as_bytes(), &signature).is_ok()
    })
}

/// R095: "each transfer leaves a signed custody event; receipt by recipient recorded".
#[tokio::test]
async fn the_chain_of_custody_is_signed_and_checked_by_anybody() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    let path = format!("/charts/{chart}/passages");
    let none = amara.get(&path).expect(200).await;
    assert!(rows(&none, "passages").is_empty() && is_whole(&none));
    let first = passes(amara, chart, &ben, true).await;
    passes(&ben, chart, &cleo, false).await;
    passes(&cleo, chart, amara, true).await;

    let answer = amara.get(&path).expect(200).await;
    let passages = rows(&answer, "passages");
    let people = [amara, &ben, &cleo, amara].map(|who| json!(who.member_id()));
    for (at, passage) in passages.iter().enumerate() {
        assert_eq!((&passage["from"], &passage["to"]), (&people[at], &people[at + 1]));
        assert_eq!((&passage["receipt"]["member_id"], &passage["number"]), (&people[at + 1], &json!(at + 1)));
        assert!(passage["receipt"]["at"].is_string() && passage["chart_id"] == json!(chart));
        assert_eq!(passage["sha256"], json!(sha256(passage["statement"].as_str().unwrap())));
    }
    assert_eq!((passages.len(), &passages[0]["sha256"]), (3, &first["custody_sha256"]));
    assert!(is_whole(&answer));
    assert_eq!(amara.get(&path).expect(200).await["verification"], answer["verification"], "one key");

    // Not a byte is changed, no link is taken out or put elsewhere.
    for (at, _) in passages.iter().enumerate() {
        let mut forged = answer.clone();
        let statement = forged["passages"][at]["statement"].as_str().unwrap().replace("true", "TRUE");
        let statement = if statement == passages[at]["statement"] {
            statement.replace("false", "true")
        } else {
            statement
        };
        forged["passages"][at]["statement"] = json!(statement);
        assert!(!is_whole(&forged), "{at}");
    }
    let mut without = answer.clone();
    without["passages"].as_array_mut().unwrap().remove(1);
    let mut swapped = answer.clone();
    swapped["passages"].as_array_mut().unwrap().swap(0, 1);
    assert!(!is_whole(&without) && !is_whole(&swapped));
    ben.get(&path).problem(404, "not_found").await;
}

/// what a client has sent and nobody has decided on goes with the chart, and so does the wish for another link.
#[tokio::test]
async fn what_waits_in_the_inbox_goes_with_the_chart() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let old = amara.asks_for(chart, "X-ray of the left wrist").await.opened_at(world.site());
    old.uploads(&files::letter("Dear doctor")).await;
    world.clock.advance(25);
    old.post("/intake/renewal").json(&json!({})).expect(204).await;
    let link = amara.asks_for(chart, "Referral letter").await.opened_at(world.site());
    let inbox = async |who: &Actor| {
        let waiting = who.get("/contributions").expect(200).await;
        (rows(&waiting, "contributions").len(), rows(&waiting, "renewals").len())
    };
    assert_eq!(inbox(amara).await, (1, 1));
    let transfer = offers(amara, chart, now(amara, chart).await, &ben, true).await;
    link.uploads(&files::photo(8, 8)).await;
    assert_eq!((inbox(amara).await, inbox(&ben).await), ((2, 1), (0, 0)), "hers until it is accepted");
    accepting(&ben, chart, &transfer).expect(200).await;
    assert_eq!((inbox(amara).await, inbox(&ben).await), ((0, 0), (2, 1)));

    // The link goes on, and brings what comes to the new owner.
    link.uploads(&files::letter("Dear colleague")).await;
    assert_eq!(inbox(&ben).await, (3, 1));
    let waiting = ben.get("/contributions").expect(200).await;
    for one in rows(&waiting, "contributions") {
        let path = format!("/charts/{chart}/contributions/{}/acceptance", one["id"].as_str().unwrap());
        let accept = json!({ "expected_revision": one["revision"] });
        amara.post(&path).json(&accept).problem(404, "not_found").await;
        ben.post(&path).json(&accept).expect(201).await;
    }
    let asked = waiting["renewals"][0]["link_id"].as_str().unwrap();
    ben.delete(&format!("/charts/{chart}/intake-links/{asked}")).expect(204).await;
    assert_eq!(inbox(&ben).await, (0, 0));
}

/// More than one transaction holds is decided on first; then it goes.
#[tokio::test]
async fn an_inbox_too_full_is_decided_on_first() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let ben = north.clinic.practitioner("Dr Ben").await;
    let expires_at = world.site().now() + jiff::Span::new().hours(24);
    let ask = json!({
        "what": "Letters", "expires_at": expires_at, "limits": { "files": 40, "bytes": 10_000_000 }
    });
    let patient = amara.asks_with(chart, ask).await.opened_at(world.site());
    for number in 0..30 {
        patient.uploads(&files::letter(&format!("Letter {number}"))).await;
    }
    let transfer = offers(amara, chart, now(amara, chart).await, &ben, false).await;
    accepting(&ben, chart, &transfer).problem(409, "contributions_waiting").await;
    assert_eq!(all(amara, "/contributions", "contributions").await.len(), 30, "nothing was moved");
    for one in &all(amara, "/contributions", "contributions").await[..8] {
        let path = format!("/charts/{chart}/contributions/{}/refusal", one["id"].as_str().unwrap());
        let decline = json!({ "expected_revision": one["revision"], "reason": "sent twice" });
        amara.post(&path).json(&decline).expect(200).await;
    }
    accepting(&ben, chart, &transfer).expect(200).await;
    assert_eq!(all(&ben, "/contributions", "contributions").await.len(), 22);
    assert!(all(amara, "/contributions", "contributions").await.is_empty());
}

/// P-48: nobody is left to decide on what waits in the inbox of who has left; however much it is, it comes to the new
/// owner with the chart.
#[tokio::test]
async fn a_leavers_full_inbox_goes_with_the_chart() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let cora = north.clinic.member("Cora", &[Role::Coordinator]).await;
    let (ben, cleo) = (north.clinic.practitioner("Dr Ben").await, north.clinic.practitioner("Dr Cleo").await);
    let expires_at = world.site().now() + jiff::Span::new().hours(24);
    let ask = json!({
        "what": "Letters", "expires_at": expires_at, "limits": { "files": 40, "bytes": 10_000_000 }
    });
    let patient = amara.asks_with(chart, ask).await.opened_at(world.site());
    for number in 0..30 {
        patient.uploads(&files::letter(&format!("Letter {number}"))).await;
    }
    suspends(&north.clinic, amara).await;
    let handed = handing_on(&cora, amara, &ben, json!({ "charts": [chart] })).expect(201).await;
    let transfer = handed["offered"][0]["transfer_id"].as_str().unwrap();
    assert!(all(&ben, "/contributions", "contributions").await.is_empty(), "not his yet");
    accepting(&ben, chart, transfer).expect(200).await;

    let waiting = all(&ben, "/contributions", "contributions").await;
    assert_eq!(waiting.len(), 30);
    patient.uploads(&files::letter("Dear colleague")).await;
    assert_eq!(all(&ben, "/contributions", "contributions").await.len(), 31);
    for one in &waiting[..9] {
        let path = format!("/charts/{chart}/contributions/{}/refusal", one["id"].as_str().unwrap());
        let decline = json!({ "expected_revision": one["revision"], "reason": "sent twice" });
        ben.post(&path).json(&decline).expect(200).await;
    }
    assert_eq!(all(&ben, "/contributions", "contributions").await.len(), 22);
    // And on: what was put ahead of one transfer is moved by the next one like everything else.
    let path = format!("/members/{}/suspension", amara.member_id());
    north.clinic.administrator.delete(&path).expect(200).await;
    for one in &all(&ben, "/contributions", "contributions").await[..8] {
        let path = format!("/charts/{chart}/contributions/{}/refusal", one["id"].as_str().unwrap());
        let decline = json!({ "expected_revision": one["revision"], "reason": "sent twice" });
        ben.post(&path).json(&decline).expect(200).await;
    }
    passes(&ben, chart, amara, false).await;
    assert_eq!(all(amara, "/contributions", "contributions").await.len(), 14);
    assert!(all(&ben, "/contributions", "contributions").await.is_empty());
    passes(amara, chart, &cleo, false).await;
    assert_eq!(all(&cleo, "/contributions", "contributions").await.len(), 14);
}
