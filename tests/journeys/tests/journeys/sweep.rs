//! The end of records as it comes by itself: notices, the worklist, destruction, certificates, and what a backup brings
//! back; with everything failing once, and everything done twice (R150, R153-R156, R158).

use crate::{
    acts::{digitised, held},
    north::{North, all, column, rows},
    snapshot::{Snapshot, Table, asked},
};
use api::environment::Clients;
use authz::{Action, Permit};
use aws_sdk_s3::{
    primitives::DateTime,
    types::{ObjectLockRetention, ObjectLockRetentionMode},
};
use domain::{
    ChartId, ClientId, DispositionId, EvidenceId, RecordId, SpaceItemId,
    disposition::Method,
    limits::{MESSAGE_STREAM_HOURS, SPACE_DAYS},
    member::Role,
    notice::NoticeReason,
    record::{FileVersion, ObjectRef},
};
use evidence::certificate;
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, date},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use store::{Change, DigestDraft, DigestLine, DigestPart, DueEntry, KnownRules, Store, keys};
use testkit::{Actor, Fault, World, files, world::Folder};
use uuid::Uuid;

const QUEUE: &str = "strongroom-work";
const DEAD_LETTERS: &str = "strongroom-work-dead-letters";
const FUNCTION: &str = "retention-sweep";
/// What fails by chance where anything may.
const STORM: &[&str] = &["dynamodb", "s3", "kms", "sqs", "ses"];

/// A clinic that keeps records for a year after the service, as its own policy has it: Ohio asks for nothing.
struct Archive<'w> {
    world: &'w World,
    north: North<'w>,
    /// Records managers: Rita proposes and executes.
    rita: Actor,
    rolf: Actor,
    nadia: Actor,
}

impl<'w> Archive<'w> {
    async fn open(world: &'w World) -> Self {
        let north = North::open(world).await;
        let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
        let rolf = north.clinic.member("Rolf", &[Role::RecordsManager]).await;
        let nadia = north.clinic.auditor("Nadia").await;
        let archive = Self { world, north, rita, rolf, nadia };
        archive.sets(json!({})).await;
        archive
    }

    async fn sets(&self, more: Value) {
        let now = self.rita.get("/retention/schedule").expect(200).await["version"].clone();
        let policy = json!({
            "id": "OWN-ALL", "name": "By the day of service", "trigger": "service_date", "period": "1y"
        });
        let mut schedule = json!({
            "expected_version": now, "jurisdictions": ["US-OH"], "practices": ["physician"], "policies": [policy]
        });
        schedule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.rita.put("/retention/schedule").json(&schedule).expect(200).await;
        self.world.idle().await;
    }

    /// The day of service of a record whose time ends in so many days.
    fn served(&self, ends_in: i64) -> Date {
        self.rita.day(ends_in).checked_sub(1.year()).unwrap()
    }

    async fn note_in(&self, chart: ChartId, ends_in: i64) -> RecordId {
        let content = json!({ "title": "Visit", "sections": [{ "text": "no pain" }] });
        let body =
            json!({ "section": "progress_notes", "occurred_on": self.served(ends_in), "content": content });
        let amara = &self.north.amara;
        let drafted = amara.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
        let record: RecordId = drafted["record"]["id"].as_str().unwrap().parse().unwrap();
        let sign = json!({ "expected_revision": drafted["draft"]["revision"] });
        amara.post(&format!("/charts/{chart}/records/{record}/signature")).json(&sign).expect(201).await;
        record
    }

    async fn note(&self, ends_in: i64) -> RecordId {
        self.note_in(self.north.chart, ends_in).await
    }

    async fn photo(&self, ends_in: i64, width: u32) -> RecordId {
        let day = json!({ "occurred_on": self.served(ends_in) });
        self.north.amara.uploads_as(self.north.chart, &files::photo(width, 24), day).await
    }

    /// What a client has sent, and Dr Amara has taken into the chart.
    async fn contribution(&self, ends_in: i64) -> RecordId {
        let (amara, chart) = (&self.north.amara, self.north.chart);
        let link = amara.asks_for(chart, "A photo").await;
        let sent = link.opened_at(self.world.site()).uploads(&files::photo(40, 30)).await;
        self.world.idle().await;
        let waiting = all(amara, "/contributions", "contributions").await;
        let accept =
            json!({ "expected_revision": waiting[0]["revision"], "occurred_on": self.served(ends_in) });
        let path =
            format!("/charts/{chart}/contributions/{}/acceptance", sent["reference"].as_str().unwrap());
        let accepted = amara.post(&path).json(&accept).expect(201).await;
        accepted["id"].as_str().unwrap().parse().unwrap()
    }

    /// Lets days pass until so many are left before a day.
    fn until(&self, day: Date, days_ahead: i64) {
        let left = (day - self.rita.day(0)).get_days();
        self.world.clock.advance(24 * (i64::from(left) - days_ahead));
    }

    /// Has the day's work planned and done.
    async fn day(&self) {
        self.world.fires(FUNCTION).await;
    }

    /// Puts work on the queue, as the plan does.
    async fn sends(&self, work: &str, more: Value) {
        let mut body = json!({ "work": work, "organization_id": self.rita.organization_id() });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.aws().await.sqs().send(QUEUE, &body.to_string(), Duration::ZERO).await.unwrap();
    }

    /// Work that was tried too often in vain.
    async fn given_up(&self) -> Vec<Value> {
        let letters = self.world.aws().await.sqs().messages(DEAD_LETTERS).await.unwrap();
        letters.iter().map(|letter| serde_json::from_str(&letter.body).unwrap()).collect()
    }

    /// Writes something as the sweep does by itself.
    async fn notes(&self, change: Change) {
        let permit = Permit::for_function(FUNCTION, self.rita.organization_id(), Action::SweepRetention);
        self.world.system().await.store.note(&permit, change).await.unwrap();
    }

    /// Charts that nobody can read, due before all others; in the order in which they are.
    async fn broken_charts(&self, count: u128) -> Vec<String> {
        let organization_id = self.rita.organization_id();
        let charts: Vec<ChartId> = (1..=count).map(|number| ChartId::new(Uuid::from_u128(number))).collect();
        for some in charts.chunks(50) {
            let change = some.iter().fold(Change::new(), |change, chart| {
                let (chart_id, client_id) = (*chart, self.north.grace);
                let due = DueEntry { organization_id, chart_id, client_id, review_on: date(2020, 1, 1) };
                change.set("due", &keys::due(organization_id, chart_id), &due)
            });
            self.notes(change).await;
        }
        for chart in &charts {
            breaks(self.world, *chart).await;
        }
        charts.iter().map(ToString::to_string).collect()
    }

    async fn sends_sweep(&self) {
        self.sends("sweep", json!({ "on": self.rita.day(0) })).await;
    }

    async fn sends_destroy(&self, disposition: &str) {
        let id = disposition.rsplit('/').next().unwrap();
        self.sends("destroy", json!({ "disposition_id": id })).await;
    }

    async fn eligible(&self) -> Vec<String> {
        let records = all(&self.rita, "/retention/eligible", "records").await;
        column(&records, "record_id").into_iter().map(str::to_owned).collect()
    }

    /// Records of the chart proposed, approved by two others, and to be executed; the path of the disposition.
    async fn approved(&self, ground: &str, records: &[(ChartId, RecordId)]) -> String {
        let places: Vec<Value> =
            records.iter().map(|(chart, record)| json!({ "chart_id": chart, "record_id": record })).collect();
        let body = json!({ "ground": ground, "records": places });
        let proposed = self.rita.post("/dispositions").json(&body).expect(201).await;
        assert_eq!(proposed["records"], json!(records.len()), "{proposed}");
        let path = format!("/dispositions/{}", proposed["disposition_id"].as_str().unwrap());
        for who in [&self.rolf, &self.north.clinic.administrator] {
            who.post(&format!("{path}/approvals")).json(&json!({})).expect(200).await;
        }
        path
    }

    async fn executes(&self, path: &str) {
        self.rita.post(&format!("{path}/execution")).json(&json!({})).expect(200).await;
        self.world.idle().await;
    }

    fn own(&self, records: &[RecordId]) -> Vec<(ChartId, RecordId)> {
        records.iter().map(|record| (self.north.chart, *record)).collect()
    }

    /// The state of each record of a disposition.
    async fn states(&self, path: &str) -> BTreeMap<String, String> {
        let items = all(&self.rita, path, "items").await;
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        items.iter().map(|item| (text(item, "record_id"), text(item, "state"))).collect()
    }

    /// How often each thing was said of each record.
    async fn facts(&self) -> BTreeMap<(String, String), usize> {
        let mut facts = BTreeMap::new();
        for fact in all(&self.nadia, "/evidence", "evidence").await {
            let record = fact["subjects"]["record_id"].as_str().unwrap_or_default().to_owned();
            *facts.entry((fact["kind"].as_str().unwrap().to_owned(), record)).or_default() += 1;
        }
        facts
    }

    /// Messages by their id, with what has become of each.
    async fn messages(&self) -> BTreeMap<String, String> {
        let items = items(self.world).await.into_iter().filter(|item| item["entity"]["S"] == "message");
        let text = |value: &Value| value["S"].as_str().unwrap().to_owned();
        items.map(|item| (text(&item["id"]), text(&item["state"]["M"]["state"]))).collect()
    }

    /// How often each message has gone out, by its id.
    async fn mails(&self) -> BTreeMap<String, usize> {
        let mut mails = BTreeMap::new();
        for mail in self.world.outbox().await {
            *mails.entry(mail.headers["X-Strongroom-Reference"].clone()).or_default() += 1;
        }
        mails
    }

    /// Waits until there are so many items of a kind, whatever else is on its way.
    async fn waits_for(&self, kind: &str, count: usize) {
        for _ in 0..1_000 {
            let items = items(self.world).await;
            if items.iter().filter(|item| item["entity"]["S"] == kind).count() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("there are no {count} items of `{kind}`");
    }

    /// Lets a day pass, whose work has sent what could not be sent before.
    async fn sends_what_was_left(&self) {
        self.world.clock.advance(24);
        self.day().await;
    }

    /// All messages are sent, and each has gone out.
    async fn every_message_is_sent(&self) {
        let (messages, mails) = (self.messages().await, self.mails().await);
        assert!(messages.values().all(|state| state == "sent"), "{messages:?}");
        assert!(messages.keys().eq(mails.keys()), "{messages:?} and {mails:?}");
    }

    /// The same, and none has gone out twice.
    async fn every_message_is_sent_once(&self) {
        self.every_message_is_sent().await;
        let mails = self.mails().await;
        assert!(mails.values().all(|times| *times == 1), "{mails:?}");
    }

    /// Versions of objects in the bucket, marks of deletion included.
    async fn objects(&self) -> usize {
        let system = self.world.system().await;
        let s3 = Clients::new(&system.settings).s3;
        let reply = s3.list_object_versions().bucket(&system.settings.bucket).send().await.unwrap();
        reply.versions().len() + reply.delete_markers().len()
    }
}

/// What somebody is told of the end of records, oldest first: the reason, and of how many records.
async fn told(who: &Actor) -> Vec<(String, u64)> {
    let mut notices = all(who, "/notices", "notices").await;
    notices.reverse();
    let of = |notice: &Value| {
        (notice["reason"].as_str().unwrap().to_owned(), notice["records"].as_u64().unwrap_or_default())
    };
    let about = [
        "retention_ending",
        "retention_ended",
        "retention_unknown",
        "records_destroyed",
        "destruction_ordered",
        "destruction_withdrawn",
    ];
    notices.iter().map(of).filter(|(reason, _)| about.contains(&reason.as_str())).collect()
}

/// How many records somebody was told of, for one reason.
async fn told_of(who: &Actor, reason: &str) -> u64 {
    told(who).await.into_iter().filter(|(of, _)| of == reason).map(|(_, records)| records).sum()
}

fn said(reason: &str, records: u64) -> (String, u64) {
    (reason.to_owned(), records)
}

/// R150: before the day, on the day, to the owner and the records managers, each once, in one e-mail without a name.
#[tokio::test]
async fn the_end_is_told_90_and_30_days_ahead_and_on_the_day() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, administrator) = (&north.amara, &north.clinic.administrator);
    let note = archive.note(100).await;
    let why = amara.get(&format!("/charts/{}/records/{note}/retention", north.chart)).expect(200).await;
    let ends: Date = why["outcome"]["value"].as_str().unwrap().parse().unwrap();
    let (ending, ended) = (said("retention_ending", 1), said("retention_ended", 1));
    for (days_ahead, expected) in [
        (95, vec![]),
        (90, vec![ending.clone()]),
        (60, vec![ending.clone()]),
        (30, vec![ending.clone(), ending.clone()]),
        (1, vec![ending.clone(), ending.clone()]),
        // The first notice is forgotten after 90 days.
        (0, vec![ending.clone(), ended.clone()]),
        (-3, vec![ending, ended]),
    ] {
        archive.until(ends, days_ahead);
        archive.day().await;
        archive.day().await;
        for who in [amara, rita, &archive.rolf] {
            assert_eq!(told(who).await, expected, "{} days ahead, {}", days_ahead, who.name());
        }
        assert_eq!(archive.eligible().await.len(), usize::from(days_ahead <= 0), "{days_ahead} days ahead");
    }
    assert!(told(administrator).await.is_empty(), "there are records managers");
    let first = &all(amara, "/notices", "notices").await[1];
    assert_eq!(first["due_on"], json!(ends));

    let mails = world.outbox().await;
    let to = |who: &Actor| mails.iter().filter(|mail| mail.to == [who.email()]).collect::<Vec<_>>();
    assert_eq!((to(amara).len(), to(rita).len()), (3, 3), "one for each day on which there was something");
    assert!(
        to(amara)[0].text.contains(&format!("The time of 1 record ends on {ends}.")),
        "{:?}",
        to(amara)[0]
    );
    assert!(mails.iter().all(|mail| !mail.text.contains("Grace") && !mail.text.contains("Visit")));
    let listed = all(rita, "/retention/eligible", "records").await;
    assert_eq!((&listed[0]["record_id"], &listed[0]["rule_id"]), (&json!(note), &json!("OWN-ALL")));
    let facts = archive.facts().await;
    assert_eq!(facts.get(&("RecordBecameEligible".into(), note.to_string())), Some(&1));
}

/// R150: an end that comes up when later ones were told of already is told of as well, and those not once more.
#[tokio::test]
async fn an_end_that_comes_up_late_is_told_of() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    archive.note(85).await;
    archive.day().await;
    assert_eq!(told(rita).await, [said("retention_ending", 1)]);
    archive.note(20).await;
    archive.day().await;
    archive.day().await;
    for who in [&north.amara, rita] {
        assert_eq!(told(who).await, [said("retention_ending", 1), said("retention_ending", 1)]);
    }
    let newest = all(rita, "/notices", "notices").await;
    let due: Date = newest[0]["due_on"].as_str().unwrap().parse().unwrap();
    assert!(due < rita.day(30), "{newest:?}");
}

/// R150: e-mail that SES has not taken for longer than the table's stream brings it is sent when SES takes it, and once.
#[tokio::test]
async fn e_mail_is_sent_however_long_it_could_not_be() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    world.idle().await;
    archive.every_message_is_sent_once().await;
    let before = archive.messages().await.len();
    archive.note(-5).await;
    let faults = world.faults().await;
    faults.plan(Fault::before("SendEmail").times(u32::MAX));
    archive.sends_sweep().await;
    archive.waits_for("message", before + 3).await;
    // A digest for each who is told of the end; what comes behind them is not tried yet.
    rita.post("/holds").json(&held(north.grace, &north.amara)).expect(201).await;
    let unsent = async || archive.messages().await.into_values().filter(|state| state == "pending").count();
    // What cannot be sent keeps nothing waiting for ever: neither when it is new nor when it is tried again.
    let is_left = async |after: &str| {
        world.clock.advance(MESSAGE_STREAM_HOURS + 1);
        world.idle().await;
        let new = archive.messages().await.len() - before;
        assert_eq!((unsent().await, archive.mails().await.len()), (new, before), "{after}");
        new
    };
    let new = is_left("the first time").await;
    assert!(new > 3, "{new}: the hold is told of as well");
    archive.sends_sweep().await;
    archive.waits_for("recall", new).await;
    let new = is_left("when it was tried again").await;

    faults.end();
    for _ in 0..2 {
        archive.sends_what_was_left().await;
        assert!(archive.messages().await.len() >= before + new);
        archive.every_message_is_sent_once().await;
    }
}

/// What is not known comes to a worklist, and leaves it when it is; a fact that comes late takes a record off the other.
#[tokio::test]
async fn worklists_follow_what_is_known() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let note = archive.note(-10).await;
    archive.sets(json!({ "file_plan": { "documents": "health_record" } })).await;
    assert_eq!(told(&north.amara).await, [said("retention_unknown", 1)]);
    let unknown = all(rita, "/retention/unknown", "charts").await;
    assert_eq!((&unknown[0]["chart_id"], &unknown[0]["records"]), (&json!(north.chart), &json!(1)));
    let which = &unknown[0]["which"];
    assert_eq!((&which[0]["record_id"], &which[0]["missing"]), (&json!(note), &json!(["class"])));
    assert!(archive.eligible().await.is_empty());
    archive.day().await;
    assert_eq!(told(rita).await, [said("retention_unknown", 1)], "it is said once");

    let class = json!({ "expected_revision": 2, "class": "progress_note" });
    let path = format!("/charts/{}/records/{note}/class", north.chart);
    rita.put(&path).json(&class).expect(200).await;
    archive.day().await;
    assert!(all(rita, "/retention/unknown", "charts").await.is_empty());
    assert_eq!(archive.eligible().await, [note.to_string()]);
    assert_eq!(told(&north.amara).await.last(), Some(&said("retention_ended", 1)));

    let path = format!("/clients/{}/retention-facts", north.grace);
    for (revision, owed) in [(0, true), (1, false)] {
        let facts = json!({ "expected_revision": revision, "unpaid_claim": owed });
        rita.put(&path).json(&facts).expect(200).await;
        archive.day().await;
        assert_eq!(archive.eligible().await.is_empty(), owed);
    }
}

/// R153: whoever is seen again, or of whom something is entered, leaves the worklist with the next sweep, and with them
/// all records that were on it.
#[tokio::test]
async fn whoever_is_seen_again_leaves_the_worklist() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let policy = |trigger: &str, period: &str| {
        let policy = json!({ "id": "OWN-SEEN", "name": "Ours", "trigger": trigger, "period": period });
        json!({ "policies": [policy] })
    };
    archive.sets(policy("last_encounter", "1y")).await;
    let (mut ended, note) = (BTreeSet::new(), archive.note(-10).await);
    for ends_in in [-11, -12, -13] {
        ended.insert(archive.note(ends_in).await.to_string());
    }
    ended.insert(note.to_string());
    archive.day().await;
    let listed = async || archive.eligible().await.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(listed().await, ended);
    archive.note(300).await;
    archive.day().await;
    assert!(listed().await.is_empty());
    archive.until(rita.day(305), 0);
    archive.day().await;
    assert_eq!(listed().await.len(), 5);

    archive.sets(policy("last_entry", "6m")).await;
    assert_eq!(listed().await.len(), 5, "nothing was entered for more than half a year");
    let now = north.amara.reads(north.chart, note).await["revision"].clone();
    let content = json!({ "title": "Visit", "sections": [{ "text": "no pain at all" }] });
    let amended =
        json!({ "expected_revision": now, "content": content, "reason": "The left one, not the right one." });
    let path = format!("/charts/{}/records/{note}/amendments", north.chart);
    north.amara.post(&path).json(&amended).expect(201).await;
    archive.day().await;
    assert!(listed().await.is_empty());
}

/// R153: a request for access or amendment keeps what time has let go, of every client who is the same person, until it is
/// taken back.
#[tokio::test]
async fn an_open_request_keeps_what_time_has_let_go() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let amara = &north.amara;
    let note = archive.note(-10).await;
    let double = amara.registers(json!({ "full_name": "Grace Okafor-Lund" })).await;
    let now = amara.get(&format!("/clients/{double}")).expect(200).await["revision"].clone();
    let merge = json!({ "expected_revision": now, "into": north.grace });
    amara.post(&format!("/clients/{double}/merge")).json(&merge).expect(200).await;
    archive.day().await;
    assert_eq!(archive.eligible().await, [note.to_string()]);
    let path = archive.approved("retention_ended", &archive.own(&[note])).await;

    let why = format!("/charts/{}/records/{note}/retention", north.chart);
    let enters = async |client: ClientId, revision: u64, open: bool| {
        let facts = json!({ "expected_revision": revision, "open_request": open });
        let entered = rita.put(&format!("/clients/{client}/retention-facts")).json(&facts).expect(200).await;
        assert_eq!(entered["open_request"], json!(open));
    };
    let says = async |open: bool| {
        let said = rita.get(&why).expect(200).await;
        assert_eq!(
            (&said["eligible"], &said["inputs"]["client"]["open_request"]),
            (&json!(!open), &json!(open))
        );
        let blocks = if open { json!([{ "block": "open_request" }]) } else { json!([]) };
        assert_eq!(said["blocks"], blocks);
    };
    enters(north.grace, 0, true).await;
    says(true).await;
    archive.day().await;
    assert!(archive.eligible().await.is_empty());
    enters(north.grace, 1, false).await;
    says(false).await;
    archive.day().await;
    assert_eq!(archive.eligible().await, [note.to_string()]);
    enters(double, 0, true).await;
    says(true).await;

    // It keeps what two have approved, too.
    archive.executes(&path).await;
    assert_eq!(archive.states(&path).await[&note.to_string()], "left_out");
    amara.reads(north.chart, note).await;
}

/// Leaves an item of a chart that nobody can read; gives what it was before.
async fn breaks(world: &World, chart: ChartId) -> Value {
    let key = keys::chart(chart);
    let place = json!({ "pk": { "S": key.partition() }, "sk": { "S": key.sort() } });
    let whole = asked(world, Table::Main, "GetItem", json!({ "Key": place })).await["Item"].take();
    let mut broken = place;
    broken["entity"] = json!({ "S": "chart" });
    asked(world, Table::Main, "PutItem", json!({ "Item": broken })).await;
    whole
}

/// R150: charts that cannot be looked at keep no others waiting, however many are due before them; they alone come again.
#[tokio::test]
async fn charts_that_cannot_be_looked_at_are_in_nobodys_way() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let note = archive.note(-5).await;
    // More than one piece of work looks at.
    let broken = archive.broken_charts(205).await;
    archive.day().await;
    assert_eq!(archive.eligible().await, [note.to_string()]);
    assert_eq!(told(&archive.north.amara).await, [said("retention_ended", 1)]);
    let given_up = archive.given_up().await;
    assert!(given_up.iter().all(|work| work["work"] == "look"), "{given_up:?}");
    let charts = given_up.iter().flat_map(|work| rows(work, "charts"));
    let mut charts: Vec<&str> = charts.map(|chart| chart.as_str().unwrap()).collect();
    charts.sort_unstable();
    assert_eq!(charts, broken, "each is left to one piece of work, however often that was tried");
}

/// A chart that could not be looked at is looked at, and told of, as soon as it can be.
#[tokio::test]
async fn a_chart_that_could_not_be_looked_at_comes_again() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let amara = &archive.north.amara;
    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = amara.opens_chart(kim).await;
    let (note, late) = (archive.note(-5).await, archive.note_in(kims, -5).await);
    let whole = breaks(&world, kims).await;
    archive.day().await;
    assert_eq!(archive.eligible().await, [note.to_string()]);
    let given_up = archive.given_up().await;
    assert_eq!(given_up.len(), 1, "{given_up:?}");
    assert_eq!((&given_up[0]["work"], &given_up[0]["charts"]), (&json!("look"), &json!([kims])));

    asked(&world, Table::Main, "PutItem", json!({ "Item": whole })).await;
    assert_eq!(world.aws().await.sqs().redrive(DEAD_LETTERS).await.unwrap(), 1);
    world.idle().await;
    let mut eligible = archive.eligible().await;
    eligible.sort();
    let mut ended = [note.to_string(), late.to_string()];
    ended.sort();
    assert_eq!(eligible, ended);
    assert_eq!(told_of(amara, "retention_ended").await, 2);
    assert!(archive.given_up().await.is_empty());
}

/// The certificate of a disposition, checked as anybody would.
async fn certified(archive: &Archive<'_>, path: &str) -> certificate::Verified {
    let document = archive.rita.get(&format!("{path}/certificate")).expect(200).await;
    certificate::verify(document.to_string().as_bytes(), None)
        .unwrap_or_else(|fault| panic!("{fault}: {document}"))
}

/// R154, R155, R158: from the worklist to the certificate; nothing is left, and no backup brings it back.
#[tokio::test]
async fn what_is_destroyed_is_gone_for_good() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let (note, photo) = (archive.note(-10).await, archive.photo(-10, 32).await);
    let (sent, kept) = (archive.contribution(-10).await, archive.note(300).await);
    archive.day().await;
    let mut eligible = archive.eligible().await;
    eligible.sort();
    let mut gone = [note, photo, sent].map(|record| record.to_string());
    gone.sort();
    assert_eq!(eligible, gone);
    assert!(archive.objects().await >= 4, "two files and their previews");
    let backup = items(&world).await;

    let path = archive.approved("retention_ended", &archive.own(&[note, photo, sent])).await;
    assert!(archive.objects().await >= 4, "nothing goes before it is executed");
    archive.executes(&path).await;
    let read = rita.get(&path).expect(200).await;
    assert_eq!((&read["state"], &read["ended"]), (&json!("certified"), &json!(3)), "{read}");
    assert!(archive.states(&path).await.values().all(|state| state == "destroyed"));
    for record in [note, photo, sent] {
        let answer = amara.get(&format!("/charts/{chart}/records/{record}")).send().await;
        assert!(matches!(answer.status, 404 | 410), "{record}: {}", answer.status);
    }
    let listed = all(amara, &format!("/charts/{chart}/records"), "records").await;
    assert_eq!(column(&listed, "id"), [kept.to_string()]);
    assert_eq!(archive.objects().await, 0);
    assert!(archive.eligible().await.is_empty());
    nothing_is_left(&world, &[note, photo, sent]).await;
    let tombstones = rita.get(&format!("/charts/{chart}/destroyed-records")).expect(200).await;
    assert_eq!(rows(&tombstones, "records").len(), 3);

    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.records, verified.records.len()), (3, 3));
    assert_eq!((verified.head.destroyed.objects, verified.head.destroyed.kept), (4, 0));
    let methods = BTreeMap::from([(Method::CryptographicErase, 1), (Method::ObjectDeletion, 2)]);
    assert_eq!(verified.head.destroyed.methods, methods);
    let proof = rita.get(&format!("{path}/records/{photo}/proof")).expect(200).await;
    let proof = certificate::verify(proof.to_string().as_bytes(), Some(verified.key_sha256)).unwrap();
    assert_eq!(proof.records[0].record_id, photo);
    assert_eq!(told(amara).await.last(), Some(&said("records_destroyed", 3)));
    assert_eq!(told(rita).await.last(), Some(&said("records_destroyed", 3)));
    let facts = archive.facts().await;
    for kind in ["RecordBecameEligible", "RecordDestroyed", "DestructionVerified"] {
        for record in &gone {
            assert_eq!(facts.get(&(kind.into(), record.clone())), Some(&1), "{kind} {record}");
        }
    }
    assert_eq!(facts.get(&("DispositionCertified".into(), String::new())), Some(&1));

    a_backup_opens_nothing(&archive, &backup, note, kept).await;
    assert_eq!(certified(&archive, &path).await, verified);
}

/// Every item of the main table.
async fn items(world: &World) -> Vec<Value> {
    let (mut items, mut start) = (Vec::new(), Value::Null);
    loop {
        let mut request = json!({ "ConsistentRead": true });
        if !start.is_null() {
            request["ExclusiveStartKey"] = start;
        }
        let mut page = asked(world, Table::Main, "Scan", request).await;
        items.append(page["Items"].as_array_mut().unwrap());
        start = page["LastEvaluatedKey"].take();
        if start.is_null() {
            return items;
        }
    }
}

/// No item of the records, and no key, but the tombstone, the disposition and what has happened.
async fn nothing_is_left(world: &World, records: &[RecordId]) {
    let of_them = |item: &&Value| {
        let text = item.to_string();
        records.iter().any(|record| text.contains(&record.to_string()))
    };
    let left = items(world).await;
    let remains = ["tombstone", "disposition_item", "evidence", "notice"];
    let left: Vec<&Value> = left
        .iter()
        .filter(of_them)
        .filter(|item| !remains.contains(&item["entity"]["S"].as_str().unwrap()))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    let apart = asked(world, Table::Keys, "Scan", json!({ "ConsistentRead": true })).await;
    let apart: Vec<&Value> = rows(&apart, "Items")
        .iter()
        .filter(|item| {
            matches!(item["entity"]["S"].as_str(), Some("record" | "contribution")) && of_them(item)
        })
        .collect();
    assert!(apart.is_empty(), "{apart:#?}");
}

/// R158: a backup of the table, restored beside it and into it, says no more than that there was a record.
async fn a_backup_opens_nothing(archive: &Archive<'_>, backup: &[Value], gone: RecordId, kept: RecordId) {
    let (world, chart) = (archive.world, archive.north.chart);
    let system = world.system().await;
    let dynamodb = Clients::new(&system.settings).dynamodb;
    let restored = Store::new(dynamodb, "restored", &system.settings.keys_table);
    restored.create_table().await.unwrap();
    for item in backup {
        asked(world, Table::Main, "PutItem", json!({ "TableName": "restored", "Item": item })).await;
    }
    let found =
        restored.fetch([keys::record(chart, gone).any(), keys::record(chart, kept).any()]).await.unwrap();
    let read = |id| found.get(&keys::record(chart, id)).unwrap().unwrap();
    assert!(read(gone).key.is_destroyed() && !read(kept).key.is_destroyed());

    let place = |item: &Value| (item["pk"]["S"].clone(), item["sk"]["S"].clone());
    let there: Vec<_> = items(world).await.iter().map(place).collect();
    for item in backup.iter().filter(|item| !there.contains(&place(item))) {
        asked(world, Table::Main, "PutItem", json!({ "Item": item })).await;
    }
    let path = format!("/charts/{chart}/records");
    archive.north.amara.get(&format!("{path}/{gone}")).problem(410, "key_destroyed").await;
    archive.north.amara.get(&format!("{path}/{kept}")).expect(200).await;
}

/// R154: paper is destroyed by people; its entry ends when a second one has seen it, and its barcode is free again.
#[tokio::test]
async fn paper_is_ordered_confirmed_and_certified() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let scan = archive.photo(300, 32).await;
    let site = amara.adds_location("site", "Main site", None).await;
    let paper: Folder = digitised(amara, chart, site, scan, "D-1").await;
    let other = digitised(amara, chart, site, scan, "D-2").await;
    let path = archive.approved("digitised", &archive.own(&[paper.record, other.record])).await;
    archive.executes(&path).await;
    assert!(archive.states(&path).await.values().all(|state| state == "ordered"));
    assert_eq!(told(rita).await, [said("destruction_ordered", 2)]);
    amara.reads(chart, paper.record).await;
    archive.day().await;
    assert_eq!(told(rita).await.len(), 1, "it is ordered once");

    let confirms = async |record: RecordId| {
        let body = json!({
            "method": "shredding", "witness_id": rolf.member_id(), "destroyed_on": rita.day(0)
        });
        rita.post(&format!("{path}/records/{record}/destruction")).json(&body).expect(200).await;
        world.idle().await;
    };
    confirms(paper.record).await;
    let states = archive.states(&path).await;
    assert_eq!(states[&paper.record.to_string()], "destroyed");
    assert_eq!(states[&other.record.to_string()], "ordered");
    rita.get(&format!("{path}/certificate")).problem(409, "not_certified").await;
    amara.adds_folder(chart, "New letters", site, "D-1").await;
    confirms(other.record).await;
    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.paper, verified.head.destroyed.keys), (2, 2));
    let leaf = verified.records.iter().find(|leaf| leaf.record_id == paper.record).unwrap();
    assert_eq!(leaf.paper.as_ref().map(|paper| paper.witness), Some(rolf.member_id()));
    amara.reads(chart, scan).await;
}

/// R154, R156: an order to destroy paper that a hold keeps, or that nobody finds, is withdrawn; who has it is told, and
/// the others come to their certificate.
#[tokio::test]
async fn an_order_that_cannot_be_followed_is_withdrawn_and_told() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let scan = archive.photo(300, 32).await;
    let site = amara.adds_location("site", "Main site", None).await;
    let paper = async |barcode: &str| digitised(amara, chart, site, scan, barcode).await;
    let (gone, kept, lost) = (paper("D-1").await, paper("D-2").await, paper("D-3").await);
    let records = [gone.record, kept.record, lost.record];
    let path = archive.approved("digitised", &archive.own(&records)).await;
    archive.executes(&path).await;
    assert!(archive.states(&path).await.values().all(|state| state == "ordered"));

    // A hold is told at once, not only with the next day's plan.
    let mut hold = held(north.grace, amara);
    hold["scope"] = json!({ "records": [{ "chart_id": chart, "record_id": kept.record }] });
    rita.post("/holds").json(&hold).expect(201).await;
    world.idle().await;
    assert_eq!(told_of(rita, "destruction_withdrawn").await, 1);
    assert_eq!(told_of(rolf, "destruction_withdrawn").await, 0, "he has no order");
    let notices = all(rita, "/notices", "notices").await;
    let withdrawn = notices.iter().find(|notice| notice["reason"] == "destruction_withdrawn").unwrap();
    assert!(path.ends_with(withdrawn["disposition_id"].as_str().unwrap()), "{withdrawn}");

    let lost_record = lost.record;
    let sam = north.clinic.staff("Sam").await;
    sam.handles(lost, "missing", json!({})).await;
    archive.day().await;
    archive.day().await;
    assert_eq!(told_of(rita, "destruction_withdrawn").await, 2, "each is told once");
    let body = json!({ "method": "shredding", "witness_id": rolf.member_id(), "destroyed_on": rita.day(0) });
    let confirming =
        |record: RecordId| rita.post(&format!("{path}/records/{record}/destruction")).json(&body);
    confirming(lost_record).problem(409, "record_state").await;
    confirming(gone.record).expect(200).await;
    world.idle().await;
    let head = certified(&archive, &path).await.head;
    assert_eq!(head.destroyed.paper, 1);
    let reasons: Vec<_> = head.left_out.into_iter().collect();
    assert_eq!(reasons, [("held".to_owned(), 1), ("missing".to_owned(), 1)]);
    amara.reads(chart, lost_record).await;
}

/// R150: that a hold keeps records, and that it was released, is told to the records managers and to the owners of the
/// charts, each once, though nobody is its custodian.
#[tokio::test]
async fn a_hold_is_told_to_owners_and_records_managers() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let amara = &north.amara;
    archive.note(100).await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let kim: ClientId = ben.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = ben.opens_chart(kim).await;
    ben.writes_note(kims, "First visit", "no pain").await;
    let told = async |who: &Actor| {
        let mut notices = all(who, "/notices", "notices").await;
        notices.retain(|notice| notice["reason"] == "records_held" || notice["reason"] == "records_released");
        notices
    };
    let mut hold = held(north.grace, amara);
    hold["scope"] = json!({ "query": { "clients": [north.grace] } });
    hold["custodians"] = json!([]);
    let placed = rita.post("/holds").json(&hold).expect(201).await;
    assert_eq!(told(rolf).await[0]["hold_id"], placed["hold_id"], "in the same transaction");
    world.idle().await;
    archive.day().await;
    archive.day().await;
    for who in [amara, rolf] {
        assert_eq!(column(&told(who).await, "reason"), ["records_held"], "{}", who.name());
    }
    let of_owner = &told(amara).await[0];
    assert!(of_owner["hold_id"].is_null() && of_owner["records"] == 1, "{of_owner}");
    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    archive.day().await;
    for who in [amara, rolf] {
        let reasons = told(who).await;
        assert_eq!(column(&reasons, "reason"), ["records_released", "records_held"], "{}", who.name());
    }
    for other in [rita, &ben] {
        assert!(told(other).await.is_empty(), "{}", other.name());
    }
}

/// R153, R156: what has changed since the approval counts at the moment of destruction.
#[tokio::test]
async fn what_may_not_go_any_more_is_left_out() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = amara.opens_chart(kim).await;
    let (gone, kept, owed) =
        (archive.note(-5).await, archive.note(-5).await, archive.note_in(kims, -5).await);
    archive.day().await;
    let path = archive.approved("retention_ended", &[(chart, gone), (chart, kept), (kims, owed)]).await;
    let mut hold = held(north.grace, amara);
    hold["scope"] = json!({ "records": [{ "chart_id": chart, "record_id": kept }] });
    let hold = rita.post("/holds").json(&hold).expect(201).await;
    let facts = json!({ "expected_revision": 0, "unpaid_claim": true });
    rita.put(&format!("/clients/{kim}/retention-facts")).json(&facts).expect(200).await;

    archive.executes(&path).await;
    let states = archive.states(&path).await;
    let state = |record: RecordId| states[&record.to_string()].as_str();
    assert_eq!([state(gone), state(kept), state(owed)], ["destroyed", "left_out", "left_out"]);
    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.records, verified.head.holds.kept_by_holds), (1, 1));
    let reasons: Vec<_> = verified.head.left_out.into_iter().collect();
    assert_eq!(reasons, [("held".to_owned(), 1), ("not_eligible".to_owned(), 1)]);
    amara.reads(chart, kept).await;
    amara.reads(kims, owed).await;
    assert_eq!(archive.eligible().await, [kept.to_string()]);

    // Released, it goes with the next batch.
    let path = format!("/holds/{}", hold["hold_id"].as_str().unwrap());
    let now = rita.get(&path).expect(200).await["revision"].clone();
    let release = json!({ "expected_revision": now, "reason": "The claim was settled." });
    rita.post(&format!("{path}/release")).json(&release).expect(200).await;
    let path = archive.approved("retention_ended", &[(chart, kept)]).await;
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
}

/// R155, R157: a certificate names the day, the rule and the schedule that held when the record was destroyed, whatever
/// it was proposed under.
#[tokio::test]
async fn a_certificate_says_what_was_found_at_the_destruction() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, nadia, .. } = &archive;
    let note = archive.note(-400).await;
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[note])).await;
    let item = async || rita.get(&path).expect(200).await["items"][0].clone();
    let explains = async || {
        let why = format!("/charts/{}/records/{note}/retention", north.chart);
        rita.get(&why).expect(200).await["outcome"]["value"].clone()
    };
    let proposed = item().await;
    assert_eq!(proposed["eligible_on"], explains().await);
    let longer = json!({
        "id": "OWN-LONG", "name": "By the day of service", "trigger": "service_date", "period": "2y"
    });
    archive.sets(json!({ "policies": [longer] })).await;
    let now = explains().await;
    assert_ne!(now, proposed["eligible_on"]);

    archive.executes(&path).await;
    let verified = certified(&archive, &path).await;
    let leaf = &verified.records[0];
    assert_eq!((json!(leaf.eligible_on), leaf.rule_id.to_string()), (now.clone(), "OWN-LONG".to_owned()));
    assert_eq!((leaf.schedule_version, verified.head.schedule_version), (Some(2), 1));
    assert_eq!(verified.head.destroyed.last_eligible_on, Some(leaf.eligible_on));
    let destroyed = item().await;
    assert_eq!((&destroyed["eligible_on"], &destroyed["rule_id"]), (&now, &json!("OWN-LONG")));
    let trail = all(nadia, "/evidence", "evidence").await;
    let fact = trail.iter().find(|fact| fact["kind"] == "RecordDestroyed").unwrap();
    assert_eq!((&fact["details"]["eligible_on"], &fact["details"]["rule_id"]), (&now, &json!("OWN-LONG")));
}

/// R157: where the rules that ship are others than those that all charts were looked at by, that is said once, and all
/// charts are looked at again, due or not.
#[tokio::test]
async fn rules_that_have_changed_are_said_and_every_chart_is_looked_at() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let note = archive.note(-5).await;
    archive.day().await;
    let organization_id = archive.rita.organization_id();
    let key = keys::known_rules(organization_id);
    let known = async || -> KnownRules {
        world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap()
    };
    let said = async || {
        let trail = all(&archive.nadia, "/evidence", "evidence").await;
        trail.into_iter().filter(|fact| fact["kind"] == "RulesChanged").collect::<Vec<_>>()
    };
    let now = known().await;
    assert!(now.rules.contains("MD-ALL 1"));

    // The chart is not due for a long time; of what was found of it, something has got lost.
    archive.notes(Change::new().unset("eligible", &keys::eligible(organization_id, note))).await;
    archive.day().await;
    assert!(archive.eligible().await.is_empty() && said().await.is_empty(), "nothing has changed");

    let mut before = now.clone();
    assert!(before.rules.remove("MD-ALL 1") && before.rules.insert("MD-ALL 0".into()));
    archive.notes(Change::new().replace("rules", &key, &before)).await;
    archive.day().await;
    archive.day().await;
    let said = said().await;
    assert_eq!(said.len(), 1, "{said:?}");
    let details = &said[0]["details"];
    assert_eq!((&details["begun"], &details["ended"]), (&json!("MD-ALL 1"), &json!("MD-ALL 0")));
    assert_eq!(known().await.rules, now.rules);
    assert_eq!(archive.eligible().await, [note.to_string()]);
}

/// R154: a preview that inspection has put, and has never said so of, goes with its file.
#[tokio::test]
async fn a_preview_that_nothing_tells_of_goes_as_well() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let (amara, chart) = (&archive.north.amara, archive.north.chart);
    let day = json!({ "occurred_on": archive.served(-5) });
    let sound = amara.uploads_as(chart, &files::sound(1), day).await;
    let file = file(&world, chart, sound, 1).await;
    assert!(file.state.finding().unwrap().preview.is_none());
    let key = file.object.key.replacen("uploads/", "previews/", 1);
    let permit = Permit::for_function("inspection", archive.rita.organization_id(), Action::InspectObject);
    world.system().await.vault.put_preview(&permit, &key, "image/jpeg", vec![1, 2, 3]).await.unwrap();
    assert_eq!(archive.objects().await, 2);

    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[sound])).await;
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
    assert_eq!(archive.objects().await, 0);
}

/// R154: a document that was promoted from a space is one object for the space and all its records. No record of it ends
/// while the space shows it, and the last record takes it along.
#[tokio::test]
async fn what_a_space_still_shows_is_left_out_and_goes_with_the_last_record() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, .. } = &archive;
    let amara = &north.amara;
    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = amara.opens_chart(kim).await;
    let (space, photo) = (amara.creates_space("A case").await, files::photo(32, 24));
    let item = amara.shares_file(space, &photo).await;
    world.idle().await;
    let promotes = async |chart: ChartId| {
        let body = json!({ "chart_id": chart, "occurred_on": archive.served(-5) });
        let path = format!("/spaces/{space}/items/{item}/promotions");
        let promoted = amara.post(&path).json(&body).expect(201).await;
        promoted["record_id"].as_str().unwrap().parse::<RecordId>().unwrap()
    };
    let (one, other) = (promotes(north.chart).await, promotes(kims).await);
    archive.day().await;
    let path = archive.approved("retention_ended", &[(north.chart, one)]).await;
    archive.executes(&path).await;
    let verified = certified(&archive, &path).await;
    assert_eq!(verified.head.left_out, BTreeMap::from([("in_space".to_owned(), 1)]));
    assert_eq!(amara.downloads(north.chart, one).await, photo.bytes);
    assert!(archive.eligible().await.contains(&one.to_string()), "it can be proposed again");

    world.clock.advance(24 * (SPACE_DAYS + 1));
    archive.day().await;
    let objects = archive.objects().await;
    let path = archive.approved("retention_ended", &[(north.chart, one)]).await;
    archive.executes(&path).await;
    let leaf = certified(&archive, &path).await.records[0].clone();
    assert_eq!((leaf.method, leaf.objects, leaf.kept), (Method::ObjectDeletion, 0, 2));
    assert_eq!(archive.objects().await, objects, "another record has the same file");
    amara.reads(kims, other).await;

    let path = archive.approved("retention_ended", &[(kims, other)]).await;
    archive.executes(&path).await;
    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.records, verified.head.destroyed.objects), (1, 2));
    assert_eq!(archive.objects().await, 0);
}

/// How often a thing was said of each item of a space.
async fn said_of_items(archive: &Archive<'_>, kind: &str) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for fact in all(&archive.nadia, "/evidence", "evidence").await {
        if fact["kind"] == kind {
            let item = fact["subjects"]["space_item_id"].as_str().unwrap().to_owned();
            *said.entry(item).or_default() += 1;
        }
    }
    said
}

/// How many items there are in spaces, and how many documents that have ended and whose file is there.
async fn in_spaces(world: &World) -> (usize, usize) {
    let snapshot = Snapshot::of(world).await;
    (snapshot.count("space_item"), snapshot.count("ended_document"))
}

fn once(items: &[SpaceItemId]) -> BTreeMap<String, usize> {
    items.iter().map(|item| (item.to_string(), 1)).collect()
}

/// X-6, R156: what is over in a space ends by itself, once no hold keeps it. What a record has of it stays, and goes with
/// the record.
#[tokio::test]
async fn what_is_over_in_a_space_ends_but_for_what_is_held_or_promoted() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let (space, photo) = (amara.creates_space("A case").await, files::photo(40, 30));
    let note = amara.shares_note(space, "By bus", "A later appointment would help").await;
    let (alone, shared) =
        (amara.shares_file(space, &files::photo(32, 24)).await, amara.shares_file(space, &photo).await);
    let body = json!({ "chart_id": chart, "occurred_on": archive.served(-5) });
    let promoted =
        amara.post(&format!("/spaces/{space}/items/{shared}/promotions")).json(&body).expect(201).await;
    let record: RecordId = promoted["record_id"].as_str().unwrap().parse().unwrap();
    let mut hold = held(north.grace, amara);
    hold["scope"] = json!({ "spaces": [space] });
    let placed = rita.post("/holds").json(&hold).expect(201).await;
    world.idle().await;
    let objects = archive.objects().await;
    assert_eq!(objects, 4, "two files and their previews");
    archive.day().await;
    assert_eq!(in_spaces(&world).await, (3, 0), "their time is not over");

    world.clock.advance(24 * (SPACE_DAYS + 1));
    archive.day().await;
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((3, 0), objects), "the space is held");
    assert!(said_of_items(&archive, "SpaceItemEnded").await.is_empty());

    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    for again in [false, true] {
        archive.day().await;
        assert_eq!((in_spaces(&world).await, archive.objects().await), ((0, 1), 2), "again: {again}");
        assert_eq!(said_of_items(&archive, "SpaceItemEnded").await, once(&[note, alone, shared]));
        assert_eq!(said_of_items(&archive, "SpaceFileDestroyed").await, once(&[alone]));
    }
    assert_eq!(Snapshot::of(&world).await.count("ending_space"), 0, "nothing in it is to end");
    let read = amara.get(&format!("/spaces/{space}")).expect(200).await;
    assert_eq!((&read["items"], read["last_added_at"].is_string()), (&json!(0), true));
    amara.get(&format!("/spaces/{space}/items/{note}")).problem(404, "not_found").await;
    assert_eq!(amara.downloads(chart, record).await, photo.bytes);
    let trail = all(&archive.nadia, "/evidence", "evidence").await;
    let fact = trail.iter().find(|fact| fact["kind"] == "SpaceItemEnded").unwrap();
    assert!(
        fact["sentence"].as_str().unwrap().starts_with("The system ended an item of the collaborative space")
    );
    assert_eq!(fact["subjects"]["space_id"], json!(space));

    let path = archive.approved("retention_ended", &archive.own(&[record])).await;
    archive.executes(&path).await;
    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.records, verified.head.destroyed.objects), (1, 2));
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((0, 0), 0));
}

/// what object storage retains waits for its day and fails nobody; what was said of it is gone already.
#[tokio::test]
async fn what_object_storage_retains_of_a_space_goes_on_another_day() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let amara = &archive.north.amara;
    let space = amara.creates_space("A case").await;
    let item = amara.shares_file(space, &files::photo(32, 24)).await;
    let key = keys::space_item(space, item);
    let found = world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap();
    let object = found.file().unwrap().object.clone();
    let ahead = 24 * (SPACE_DAYS + 1);
    retains(&world, &object, world.clock.now() + SignedDuration::from_hours(ahead + 24 * 9)).await;
    world.clock.advance(ahead);
    archive.day().await;
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((0, 1), 2));
    assert_eq!(said_of_items(&archive, "SpaceItemEnded").await, once(&[item]));
    assert!(said_of_items(&archive, "SpaceFileDestroyed").await.is_empty());
    assert!(archive.given_up().await.is_empty());

    let real = world.clock.now() - SignedDuration::from_hours(ahead);
    retains_no_longer(&world, &object, real).await;
    world.clock.advance(24 * 10);
    archive.day().await;
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((0, 0), 0));
    assert_eq!(said_of_items(&archive, "SpaceFileDestroyed").await, once(&[item]));
}

/// Several at once, and whatever fails: each item ends once, and what came in later stays.
#[tokio::test]
async fn what_is_over_in_a_space_ends_once_whatever_fails() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let amara = &archive.north.amara;
    let space = amara.creates_space("A case").await;
    let mut over = Vec::new();
    // More than one transaction holds.
    for number in 0..33 {
        over.push(amara.shares_note(space, &format!("Note {number}"), "She walks again").await);
    }
    let files = [
        amara.shares_file(space, &files::photo(32, 24)).await,
        amara.shares_file(space, &files::photo(40, 30)).await,
    ];
    over.extend(files);
    world.clock.advance(24 * (SPACE_DAYS - 30));
    let young = amara.shares_note(space, "Later", "She has no pain").await;
    world.clock.advance(24 * 31);
    let faults = world.faults().await;
    for seed in 0..3 {
        faults.at_random(seed, 0.3, STORM);
        for _ in 0..3 {
            archive.sends("end_space_items", json!({ "space_id": space })).await;
        }
        world.idle().await;
        faults.end();
    }
    archive.day().await;
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((1, 0), 0));
    assert_eq!(said_of_items(&archive, "SpaceItemEnded").await, once(&over));
    assert_eq!(said_of_items(&archive, "SpaceFileDestroyed").await, once(&files));
    amara.reads_item(space, young).await;
    let read = amara.get(&format!("/spaces/{space}")).expect(200).await;
    assert_eq!(read["items"], json!(1));

    world.clock.advance(24 * (SPACE_DAYS - 30));
    archive.day().await;
    assert_eq!(in_spaces(&world).await, (0, 0));
}

/// R154, R156: what a record takes along that is over in its space has ended there first, with evidence of its own.
#[tokio::test]
async fn what_is_over_in_a_space_ends_there_before_a_record_takes_it_along() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let (amara, chart) = (&archive.north.amara, archive.north.chart);
    let space = amara.creates_space("A case").await;
    let item = amara.shares_file(space, &files::photo(32, 24)).await;
    world.idle().await;
    let body = json!({ "chart_id": chart, "occurred_on": archive.served(-5) });
    let path = format!("/spaces/{space}/items/{item}/promotions");
    let promoted = amara.post(&path).json(&body).expect(201).await;
    let record: RecordId = promoted["record_id"].as_str().unwrap().parse().unwrap();
    archive.day().await;

    // Its time is over, and no day's plan has found that yet.
    world.clock.advance(24 * (SPACE_DAYS + 1));
    let path = archive.approved("retention_ended", &archive.own(&[record])).await;
    archive.executes(&path).await;
    let verified = certified(&archive, &path).await;
    assert_eq!((verified.head.destroyed.records, verified.head.destroyed.objects), (1, 2));
    assert_eq!((in_spaces(&world).await, archive.objects().await), ((0, 0), 0));
    assert_eq!(said_of_items(&archive, "SpaceItemEnded").await, once(&[item]));
    assert!(said_of_items(&archive, "SpaceFileDestroyed").await.is_empty(), "it went with the record");
    assert!(archive.given_up().await.is_empty());
}

/// Massachusetts wants the patients of a clinic told 30 days before their records are destroyed (105 CMR 140.302).
fn massachusetts() -> Value {
    json!({ "jurisdictions": ["US-MA"], "practices": ["clinic"] })
}

impl Archive<'_> {
    /// A signed note of a service twenty years before a day.
    async fn old_note(&self, ends_in: i64) -> RecordId {
        let today = self.rita.day(0);
        let served = self.rita.day(ends_in).checked_sub(20.years()).unwrap();
        let one_year = today.checked_sub(1.year()).unwrap();
        self.note(i64::from((served - one_year).get_days())).await
    }
}

/// R150, R154: whom the law wants told is said with the notices and on the worklist, asked for before anything is
/// executed, and waited for; the trail and the certificate say that it was done.
#[tokio::test]
async fn nothing_is_destroyed_before_patients_were_told_as_the_law_asks() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    archive.sets(massachusetts()).await;
    let note = archive.old_note(60).await;
    let why = north.amara.get(&format!("/charts/{}/records/{note}/retention", north.chart)).expect(200).await;
    let ends: Date = why["outcome"]["value"].as_str().unwrap().parse().unwrap();
    let duties = async |who: &Actor, reason: &str| {
        let notices = all(who, "/notices", "notices").await;
        let of_it = notices.into_iter().filter(|notice| notice["reason"] == *reason);
        of_it.map(|notice| notice["duty"].clone()).collect::<Vec<Value>>()
    };
    archive.day().await;
    archive.until(ends, 0);
    archive.day().await;
    for who in [&north.amara, rita] {
        for reason in ["retention_ending", "retention_ended"] {
            assert_eq!(duties(who, reason).await, ["client_30_days"], "{} {reason}", who.name());
        }
    }
    let mails = world.outbox().await;
    assert!(mails.iter().any(|mail| mail.text.contains("patients be told 30 days before")), "{mails:?}");
    let listed = all(rita, "/retention/eligible", "records").await;
    assert_eq!(listed[0]["notices"], json!(["client_30_days"]));

    let path = archive.approved("retention_ended", &archive.own(&[note])).await;
    assert_eq!(duties(rita, "disposition_approved").await, ["client_30_days"]);
    let executing =
        |given: Value| rita.post(&format!("{path}/execution")).json(&json!({ "notices_given": given }));
    let given = |day: i64, by: &str| json!([{ "duty": "client_30_days", "on": rita.day(day), "by": by }]);
    executing(json!([])).problem(409, "notice_not_given").await;
    executing(given(1, "mail")).problem(422, "invalid_notices_given").await;
    let executed = executing(given(-2, "mail")).expect(200).await;
    let (from, told_on) = (rita.day(28), rita.day(-2));
    let trail = format!("/evidence?month={}", rita.day(0).strftime("%Y-%m"));
    assert_eq!((&executed["state"], &executed["destroys_from"]), (&json!("executing"), &json!(from)));
    world.idle().await;
    for days_ahead in [28, 1] {
        archive.until(from, days_ahead);
        archive.day().await;
        assert_eq!(archive.states(&path).await[&note.to_string()], "listed", "{days_ahead} days ahead");
    }
    archive.until(from, 0);
    archive.day().await;
    assert_eq!(archive.states(&path).await[&note.to_string()], "destroyed");
    let head = certified(&archive, &path).await.head;
    let said: Vec<_> =
        head.notices_given.iter().map(|one| (one.duty.name(), one.on, one.by.name())).collect();
    assert_eq!(said, [("client_30_days", told_on, "mail")]);
    let trail = all(&archive.nadia, &trail, "evidence").await;
    let executed = trail.iter().find(|fact| fact["kind"] == "DispositionExecuted").unwrap();
    assert_eq!(executed["details"]["notice_to_client_30_days"], json!(format!("{told_on} mail")));
}

/// R154, R157: a rule that comes after the proposal and wants people told keeps the records, until they were.
#[tokio::test]
async fn what_a_new_rule_wants_told_first_is_left_out() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let note = archive.old_note(-5).await;
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[note])).await;
    archive.sets(massachusetts()).await;
    archive.executes(&path).await;
    let items = all(&archive.rita, &path, "items").await;
    assert_eq!((&items[0]["state"], &items[0]["reason"]), (&json!("left_out"), &json!("notice_not_given")));
    let listed = all(&archive.rita, "/retention/eligible", "records").await;
    assert_eq!((&listed[0]["record_id"], &listed[0]["notices"]), (&json!(note), &json!(["client_30_days"])));
}

/// R021, R156: the records of a client who is merged into another end like everybody's, unless a hold names whoever else
/// is the same person.
#[tokio::test]
async fn records_of_a_merged_client_end_unless_the_person_is_held() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let amara = &north.amara;
    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let sam: ClientId =
        amara.registers(json!({ "full_name": "Sam Brook", "birth_date": "1971-02-03" })).await;
    let chart = amara.opens_chart(kim).await;
    let (gone, kept) = (archive.note_in(chart, -5).await, archive.note_in(chart, -5).await);
    for double in [kim, sam] {
        let now = amara.get(&format!("/clients/{double}")).expect(200).await["revision"].clone();
        let merge = json!({ "expected_revision": now, "into": north.grace });
        amara.post(&format!("/clients/{double}/merge")).json(&merge).expect(200).await;
    }
    archive.day().await;
    let path = archive.approved("retention_ended", &[(chart, gone)]).await;
    archive.executes(&path).await;
    assert_eq!(archive.states(&path).await[&gone.to_string()], "destroyed");

    let path = archive.approved("retention_ended", &[(chart, kept)]).await;
    rita.post("/holds").json(&held(sam, amara)).expect(201).await;
    archive.executes(&path).await;
    assert_eq!(archive.states(&path).await[&kept.to_string()], "left_out");
    amara.reads(chart, kept).await;
}

/// R082, R154: a chart counts its confidential records no longer when several of them have gone.
#[tokio::test]
async fn a_chart_counts_what_was_destroyed_no_longer() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let (amara, chart) = (&archive.north.amara, archive.north.chart);
    let confidentiality =
        async || amara.get(&format!("/charts/{chart}")).expect(200).await["confidentiality"].clone();
    let before = confidentiality().await;
    let notes = [archive.note(-5).await, archive.note(-5).await, archive.note(-6).await];
    for note in notes {
        let now = amara.reads(chart, note).await["revision"].clone();
        let mark = json!({ "expected_revision": now, "confidential": true, "labels": [] });
        let path = format!("/charts/{chart}/records/{note}/confidentiality");
        amara.put(&path).json(&mark).expect(200).await;
    }
    assert_eq!(confidentiality().await, "partially_confidential");
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&notes)).await;
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 3);
    assert_eq!(confidentiality().await, before);
}

/// R154: a record that left the worklist and came back is in the disposition it was proposed in all the time.
#[tokio::test]
async fn a_record_that_comes_to_the_worklist_again_stays_in_its_disposition() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let note = archive.note(-5).await;
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[note])).await;
    let facts = format!("/clients/{}/retention-facts", north.grace);
    for (revision, owed, on_it) in [(0, true, 0), (1, false, 1)] {
        let body = json!({ "expected_revision": revision, "unpaid_claim": owed });
        rita.put(&facts).json(&body).expect(200).await;
        archive.day().await;
        assert_eq!(archive.eligible().await.len(), on_it, "owed: {owed}");
    }
    let again = json!({
        "ground": "retention_ended", "records": [{ "chart_id": north.chart, "record_id": note }]
    });
    let problem = rita.post("/dispositions").json(&again).problem(422, "nothing_to_propose").await;
    assert_eq!(column(rows(&problem, "refused"), "reason"), ["listed"]);
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
}

/// R156: holds have to be reaffirmed, and whoever placed them is told once for each day that is set.
#[tokio::test]
async fn a_hold_that_is_to_be_reaffirmed_is_told_of_once() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let rita = &archive.rita;
    let mut hold = held(archive.north.grace, &archive.north.amara);
    hold["reaffirm_by"] = json!(rita.day(20));
    let hold = rita.post("/holds").json(&hold).expect(201).await;
    let told = async || {
        let notices = all(rita, "/notices", "notices").await;
        notices.iter().filter(|notice| notice["reason"] == "hold_to_reaffirm").count()
    };
    archive.day().await;
    assert_eq!(told().await, 0);
    for _ in 0..3 {
        world.clock.advance(24 * 3);
        archive.day().await;
        archive.day().await;
    }
    assert_eq!(told().await, 1);
    let path = format!("/holds/{}/reaffirmations", hold["hold_id"].as_str().unwrap());
    rita.post(&path).json(&json!({ "until": rita.day(14) })).expect(200).await;
    archive.day().await;
    archive.day().await;
    assert_eq!(told().await, 2);
}

/// A version of a file, as the table has it.
async fn file(world: &World, chart: ChartId, record: RecordId, number: u32) -> FileVersion {
    let key = keys::file_version(chart, record, number);
    world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap()
}

/// Of so many dispositions, one part of a digest each.
fn ordered(dispositions: u128) -> Vec<DigestPart> {
    let part = |number| DigestPart {
        reason: NoticeReason::DestructionOrdered,
        days_ahead: 0,
        disposition_id: Some(DispositionId::new(Uuid::from_u128(number))),
        count: 2,
        due_on: None,
        duty: None,
    };
    (1..=dispositions).map(part).collect()
}

/// The dispositions somebody is told of, each as often as they are.
async fn told_dispositions(who: &Actor) -> Vec<String> {
    let notices = all(who, "/notices", "notices").await;
    let ordered: Vec<Value> =
        notices.into_iter().filter(|notice| notice["reason"] == "destruction_ordered").collect();
    let mut dispositions: Vec<String> =
        column(&ordered, "disposition_id").into_iter().map(str::to_owned).collect();
    dispositions.sort();
    dispositions
}

/// R150: of however many dispositions somebody is told in one digest, each is told, and once.
#[tokio::test]
async fn a_digest_of_more_than_one_transaction_holds_is_told_whole() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, rolf, .. } = &archive;
    let organization_id = rita.organization_id();
    // What was put together, and what is to be.
    let member_id = rolf.member_id();
    let draft = DigestDraft { organization_id, member_id, parts: ordered(200), revision: 1 };
    let key = keys::digest_draft(organization_id, member_id);
    archive.notes(Change::new().insert("draft", &key, &draft)).await;
    for some in ordered(130).chunks(50) {
        let change = some.iter().fold(Change::new(), |change, part| {
            let line = DigestLine {
                organization_id,
                to: Some(rita.member_id()),
                chart_id: north.chart,
                owner: north.amara.member_id(),
                look: EvidenceId::new(part.disposition_id.unwrap().uuid()),
                reason: part.reason,
                days_ahead: part.days_ahead,
                due_on: part.due_on,
                count: part.count,
                disposition_id: part.disposition_id,
                duty: part.duty,
            };
            change.insert("digest_line", &keys::digest_line(&line), &line)
        });
        archive.notes(change).await;
    }
    let (mails, facts) = (world.outbox().await.len(), archive.facts().await);
    archive.sends("digest", json!({ "on": rita.day(0) })).await;
    world.idle().await;
    for (who, dispositions) in [(rolf, 200), (rita, 130)] {
        let wanted = ordered(dispositions);
        let wanted: Vec<String> =
            wanted.iter().map(|part| part.disposition_id.unwrap().to_string()).collect();
        assert_eq!(told_dispositions(who).await, wanted, "{}", who.name());
    }
    let snapshot = Snapshot::of(&world).await;
    assert_eq!((snapshot.count("digest_line"), snapshot.count("digest_draft")), (0, 0));
    let digest = ("DigestWritten".to_owned(), String::new());
    let written = |facts: &BTreeMap<(String, String), usize>| facts.get(&digest).copied().unwrap_or_default();
    let digests = written(&archive.facts().await) - written(&facts);
    assert_eq!(world.outbox().await.len() - mails, digests, "an e-mail for each part of one");
}

/// Whether S3's own legal hold is on an object.
async fn is_locked(world: &World, object: &ObjectRef) -> bool {
    let system = world.system().await;
    let s3 = Clients::new(&system.settings).s3;
    let request = s3.get_object_legal_hold().bucket(&system.settings.bucket).key(&object.key);
    let reply = request.version_id(&object.version_id).send().await;
    reply.is_ok_and(|reply| {
        reply.legal_hold.and_then(|hold| hold.status).is_some_and(|status| status.as_str() == "ON")
    })
}

/// Rita releases a hold, and what it alone has locked is unlocked.
async fn releases(archive: &Archive<'_>, hold: &str) {
    let now = archive.rita.get(hold).expect(200).await["revision"].clone();
    let release = json!({ "expected_revision": now, "reason": "The claim was settled." });
    archive.rita.post(&format!("{hold}/release")).json(&release).expect(200).await;
    archive.world.idle().await;
}

/// A document of a space is the same object in each chart it was promoted into: it stays locked for all of them.
#[tokio::test]
async fn what_a_space_shares_stays_locked_for_whoever_is_held() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let space = amara.creates_space("A case").await;
    let item = amara.shares_file(space, &files::photo(32, 24)).await;
    let path = format!("/spaces/{space}/items/{item}/promotions");
    let promoted = amara.post(&path).json(&json!({ "chart_id": chart })).expect(201).await;
    let record: RecordId = promoted["record_id"].as_str().unwrap().parse().unwrap();
    let key = keys::file_version(chart, record, 1);
    let file = world.system().await.store.fetch([key.any()]).await.unwrap().get(&key).unwrap().unwrap();
    let places = async |scope: Value| {
        let mut hold = held(north.grace, amara);
        hold["scope"] = scope;
        let placed = rita.post("/holds").json(&hold).expect(201).await;
        world.idle().await;
        format!("/holds/{}", placed["hold_id"].as_str().unwrap())
    };
    let releases = async |hold: &str| {
        let now = rita.get(hold).expect(200).await["revision"].clone();
        let release = json!({ "expected_revision": now, "reason": "The claim was settled." });
        rita.post(&format!("{hold}/release")).json(&release).expect(200).await;
        world.idle().await;
    };
    let of_space = places(json!({ "spaces": [space] })).await;
    assert!(is_locked(&world, &file.object).await);
    let of_client = places(json!({ "clients": [north.grace] })).await;
    releases(&of_client).await;
    assert!(is_locked(&world, &file.object).await, "the space is held still");
    let of_client = places(json!({ "clients": [north.grace] })).await;
    releases(&of_space).await;
    assert!(is_locked(&world, &file.object).await, "the client is held still");
    releases(&of_client).await;
    assert!(!is_locked(&world, &file.object).await);
}

/// What is promoted while a hold covers the same object elsewhere is locked at once, though no hold covers the new place.
#[tokio::test]
async fn what_is_promoted_is_locked_for_whoever_else_is_held() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let amara = &north.amara;
    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = amara.opens_chart(kim).await;
    let space = amara.creates_space("A case").await;
    let item = amara.shares_file(space, &files::photo(32, 24)).await;
    let promotes = async |chart: ChartId| {
        let path = format!("/spaces/{space}/items/{item}/promotions");
        let promoted = amara.post(&path).json(&json!({ "chart_id": chart })).expect(201).await;
        world.idle().await;
        promoted["record_id"].as_str().unwrap().parse::<RecordId>().unwrap()
    };
    let record = promotes(north.chart).await;
    let object = file(&world, north.chart, record, 1).await.object;
    // What has the hold's own work lock it gets lost.
    let faults = world.faults().await;
    faults.plan(Fault::before("SendMessage").for_good());
    let placed = rita.post("/holds").json(&held(north.grace, amara)).expect(201).await;
    world.idle().await;
    faults.end();
    assert!(!is_locked(&world, &object).await);

    let other = promotes(kims).await;
    assert_eq!(file(&world, kims, other, 1).await.object, object, "it is the same");
    assert!(is_locked(&world, &object).await, "Grace is held");
    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    assert!(!is_locked(&world, &object).await);
}

/// R156: the bucket itself refuses to delete what a hold covers, until the last hold on it is released.
#[tokio::test]
async fn what_a_hold_covers_is_locked_in_object_storage() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let photo = archive.photo(-5, 32).await;
    let system = world.system().await;
    let file = file(&world, north.chart, photo, 1).await;
    let s3 = Clients::new(&system.settings).s3;
    let places = async || {
        let placed = rita.post("/holds").json(&held(north.grace, &north.amara)).expect(201).await;
        world.idle().await;
        format!("/holds/{}", placed["hold_id"].as_str().unwrap())
    };
    assert!(!is_locked(&world, &file.object).await);
    let (one, other) = (places().await, places().await);
    assert!(is_locked(&world, &file.object).await);
    let refused = s3.delete_object().bucket(&system.settings.bucket).key(&file.object.key);
    assert!(refused.version_id(&file.object.version_id).send().await.is_err());
    releases(&archive, &one).await;
    assert!(is_locked(&world, &file.object).await, "another hold covers it still");
    releases(&archive, &other).await;
    assert!(!is_locked(&world, &file.object).await);
    // The message gets lost, and the next day's plan makes up for it.
    let faults = world.faults().await;
    faults.plan(Fault::before("SendMessage").for_good());
    let lost = places().await;
    faults.end();
    assert!(!is_locked(&world, &file.object).await);
    archive.day().await;
    assert!(is_locked(&world, &file.object).await);
    releases(&archive, &lost).await;
    assert!(!is_locked(&world, &file.object).await);
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[photo])).await;
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
    assert_eq!(archive.objects().await, 0);
}

/// R154, R156: a lock of S3 that no hold asks for does not keep the files of a record that is destroyed. That it was
/// lifted is said, before anything goes.
#[tokio::test]
async fn a_lock_that_no_hold_asks_for_is_lifted_with_evidence() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let photo = archive.photo(-5, 32).await;
    archive.day().await;
    let object = file(&world, archive.north.chart, photo, 1).await.object;
    let permit = Permit::for_function(FUNCTION, archive.rita.organization_id(), Action::LockObjects);
    world.system().await.vault.hold_version(&permit, &object, true).await.unwrap();
    assert!(is_locked(&world, &object).await);

    let path = archive.approved("retention_ended", &archive.own(&[photo])).await;
    archive.executes(&path).await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
    assert_eq!(archive.objects().await, 0);
    let mut trail = all(&archive.nadia, "/evidence", "evidence").await;
    trail.reverse();
    let end = ["RecordDestroyed", "ObjectsLocked", "DestructionVerified"];
    trail.retain(|fact| {
        fact["subjects"]["record_id"] == json!(photo) && end.iter().any(|kind| fact["kind"] == *kind)
    });
    assert_eq!(column(&trail, "kind"), end);
    let lifted = &trail[1]["details"];
    assert_eq!((&lifted["state"], &lifted["versions"]), (&json!("unlocked"), &json!("1")));
}

/// Has S3 retain an object until a time, or no longer.
async fn retains(world: &World, object: &ObjectRef, until: Timestamp) {
    let system = world.system().await;
    let s3 = Clients::new(&system.settings).s3;
    let retention = ObjectLockRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .retain_until_date(DateTime::from_secs(until.as_second()))
        .build();
    let request = s3.put_object_retention().bucket(&system.settings.bucket).key(&object.key);
    let request = request.version_id(&object.version_id).bypass_governance_retention(true);
    request.retention(retention).send().await.unwrap();
}

/// Object storage keeps its own time: what it has retained is released, as when the time is over.
async fn retains_no_longer(world: &World, object: &ObjectRef, real: Timestamp) {
    retains(world, object, real + SignedDuration::from_secs(2)).await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
}

/// R154, R156: a record of which object storage retains anything stays whole until all of it can be destroyed; a hold
/// that comes in that time keeps it.
#[tokio::test]
async fn what_object_storage_retains_is_not_destroyed_by_halves() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let photo = archive.photo(-5, 32).await;
    let object = file(&world, chart, photo, 1).await.object;
    retains(&world, &object, world.clock.now() + SignedDuration::from_hours(24 * 10)).await;
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[photo])).await;
    archive.executes(&path).await;
    let item = async |path: &str| all(rita, path, "items").await.remove(0);
    let waits = item(&path).await;
    assert_eq!((&waits["state"], &waits["waits_until"]), (&json!("listed"), &json!(rita.day(11))));
    amara.reads(chart, photo).await;

    world.clock.advance(24 * 5);
    archive.day().await;
    assert_eq!(item(&path).await["state"], "listed");
    let placed = rita.post("/holds").json(&held(north.grace, amara)).expect(201).await;
    world.idle().await;
    assert_eq!(item(&path).await["reason"], "held");
    amara.reads(chart, photo).await;

    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    let path = archive.approved("retention_ended", &archive.own(&[photo])).await;
    archive.executes(&path).await;
    assert_eq!(item(&path).await["state"], "listed");
    let real = world.clock.now() - SignedDuration::from_hours(24 * 5);
    retains_no_longer(&world, &object, real).await;
    world.clock.advance(24 * 6);
    archive.day().await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
    assert_eq!(archive.objects().await, 0);
}

/// R154, R156: that object storage refuses to delete something, and no lock is the reason, is a failure somebody sees;
/// a hold that is placed before the objects are gone keeps them.
#[tokio::test]
async fn a_refusal_that_is_no_lock_is_a_failure_and_a_hold_is_asked_again() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let photo = archive.photo(-5, 32).await;
    let object = file(&world, north.chart, photo, 1).await.object;
    // By our clock it runs out, by that of object storage it does not.
    let ahead = 24 * 3;
    retains(&world, &object, world.clock.now() + SignedDuration::from_hours(24 * 2)).await;
    world.clock.advance(ahead);
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&[photo])).await;
    archive.executes(&path).await;
    let state = async || archive.states(&path).await[&photo.to_string()].clone();
    assert_eq!(state().await, "destroying");
    let given_up = archive.given_up().await;
    assert_eq!(column(&given_up, "work"), ["destroy"]);

    let placed = rita.post("/holds").json(&held(north.grace, &north.amara)).expect(201).await;
    world.idle().await;
    let real = world.clock.now() - SignedDuration::from_hours(ahead);
    retains_no_longer(&world, &object, real).await;
    let objects = archive.objects().await;
    archive.day().await;
    assert_eq!((state().await.as_str(), archive.objects().await), ("destroying", objects));
    assert_eq!(archive.given_up().await.len(), 1, "it waits, and does not fail");
    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    archive.day().await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 1);
    assert_eq!(archive.objects().await, 0);
}

/// R156: what is filed while a hold covers it is locked with its preview as soon as it is filed, however it came; what no
/// hold covers is not.
#[tokio::test]
async fn what_is_filed_under_a_hold_is_locked_at_once() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let Archive { north, rita, .. } = &archive;
    let (amara, chart) = (&north.amara, north.chart);
    let space = amara.creates_space_from(chart, "Grace after surgery").await;
    let mut hold = held(north.grace, amara);
    hold["scope"]["spaces"] = json!([space]);
    let placed = rita.post("/holds").json(&hold).expect(201).await;
    world.idle().await;

    let photo = archive.photo(-5, 36).await;
    let sent = archive.contribution(-5).await;
    let mut held = Vec::new();
    for record in [photo, sent] {
        let version = file(&world, chart, record, 1).await;
        held.push(version.state.finding().and_then(|found| found.preview.clone()).unwrap().object);
        held.push(version.object);
    }
    let item_key = keys::space_item(space, amara.shares_file(space, &files::photo(50, 30)).await);
    world.idle().await;
    let found = world.system().await.store.fetch([item_key.any()]).await.unwrap();
    let item = found.get(&item_key).unwrap().unwrap();
    held.push(item.file().unwrap().object.clone());
    for object in &held {
        assert!(is_locked(&world, object).await, "{object:?}");
    }

    let kim: ClientId = amara.registers(json!({ "full_name": "Kim Lund", "birth_date": "1970-01-01" })).await;
    let kims = amara.opens_chart(kim).await;
    let other = amara.uploads(kims, &files::photo(37, 24)).await;
    world.idle().await;
    assert!(!is_locked(&world, &file(&world, kims, other, 1).await.object).await, "no hold covers it");

    let said = || async { archive.facts().await.get(&("ObjectsLocked".into(), String::new())).copied() };
    let before = said().await;
    assert!(before.is_some_and(|times| times >= 3), "each file's lock is said: {before:?}");
    releases(&archive, &format!("/holds/{}", placed["hold_id"].as_str().unwrap())).await;
    for object in &held {
        assert!(!is_locked(&world, object).await, "{object:?}");
    }
    assert_eq!(said().await, before.map(|times| times + 1));
}

/// All that was told and said of what has come to its end: each once, whatever has failed.
async fn everything_is_said_once(archive: &Archive<'_>, ended: &[RecordId], dispositions: &[String]) {
    let (amara, rita) = (&archive.north.amara, &archive.rita);
    let count = u64::try_from(ended.len()).unwrap();
    let facts = archive.facts().await;
    for kind in ["RecordBecameEligible", "RecordDestroyed", "DestructionVerified"] {
        for record in ended {
            assert_eq!(facts.get(&(kind.into(), record.to_string())), Some(&1), "{kind} {record}");
        }
    }
    let certified = facts.get(&("DispositionCertified".into(), String::new()));
    assert_eq!(certified, Some(&dispositions.len()).filter(|count| **count > 0));
    for reason in ["retention_ended", "records_destroyed"] {
        for who in [amara, rita] {
            assert_eq!(told_of(who, reason).await, count, "{reason} to {}", who.name());
        }
    }
    nothing_is_left(archive.world, ended).await;
    assert_eq!(Snapshot::of(archive.world).await.count("digest_line"), 0);
    assert_eq!(Snapshot::of(archive.world).await.count("digest_draft"), 0);
    archive.sends_what_was_left().await;
    archive.every_message_is_sent().await;
}

/// What fails, and whether what was asked for has happened all the same.
type Fails = fn(&str) -> Fault;

/// A record or two from the day their time has ended to their certificate, while one call of AWS fails for good; whether
/// any did.
async fn ends_though(
    archive: &Archive<'_>,
    sweep: Option<Fault>,
    destroy: Option<Fault>,
) -> (Vec<RecordId>, String, bool) {
    let (world, faults) = (archive.world, archive.world.faults().await);
    let records = [archive.note(-5).await, archive.photo(-5, 33).await];
    let mut failed = false;
    if let Some(fault) = sweep {
        faults.plan(fault);
    }
    archive.sends_sweep().await;
    world.idle().await;
    failed |= !faults.end().is_empty();
    archive.day().await;
    let path = archive.approved("retention_ended", &archive.own(&records)).await;
    // The message gets lost, so that it can be sent when the fault is there.
    faults.plan(Fault::before("SendMessage").for_good());
    archive.executes(&path).await;
    faults.end();
    assert!(archive.states(&path).await.values().all(|state| state == "listed"));
    if let Some(fault) = destroy {
        faults.plan(fault);
    }
    archive.sends_destroy(&path).await;
    world.idle().await;
    failed |= !faults.end().is_empty();
    archive.day().await;
    let read = archive.rita.get(&path).expect(200).await;
    assert_eq!(read["state"], "certified", "{read}");
    assert_eq!(certified(archive, &path).await.head.destroyed.objects, 2);
    (records.to_vec(), path, failed)
}

/// Each call of each of these in turn; gives how many messages have gone out more than once.
async fn each_call_fails(fails: Fails, of_sweep: &[&str], of_destruction: &[&str]) -> usize {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let kept = archive.note(300).await;
    let (mut ended, mut dispositions) = (Vec::new(), Vec::new());
    let plans = of_sweep.iter().map(|what| (true, *what));
    for (is_sweep, what) in plans.chain(of_destruction.iter().map(|what| (false, *what))) {
        for nth in 1.. {
            let fault = fails(what).nth(nth).for_good();
            let (sweep, destroy) = if is_sweep { (Some(fault), None) } else { (None, Some(fault)) };
            let (records, path, failed) = ends_though(&archive, sweep, destroy).await;
            ended.extend(records);
            dispositions.push(path);
            if !failed {
                break;
            }
        }
    }
    everything_is_said_once(&archive, &ended, &dispositions).await;
    archive.north.amara.reads(archive.north.chart, kept).await;
    assert_eq!(archive.objects().await, 0);
    archive.mails().await.into_values().filter(|times| *times > 1).count()
}

/// Where SES's yes cannot be written down, an e-mail goes out again.
#[tokio::test]
async fn every_write_that_does_not_happen_is_made_up_for() {
    each_call_fails(Fault::before, &["TransactWriteItems", "SendMessage"], &["TransactWriteItems"]).await;
}

#[tokio::test]
async fn every_write_whose_answer_is_lost_happens_once() {
    let twice = each_call_fails(Fault::after, &["TransactWriteItems"], &["TransactWriteItems"]).await;
    assert_eq!(twice, 0);
}

#[tokio::test]
async fn every_e_mail_may_fail_and_is_sent_once() {
    let twice = each_call_fails(Fault::before, &["SendEmail"], &["SendEmail"]).await;
    assert_eq!(twice, 0);
}

#[tokio::test]
async fn every_call_of_object_storage_and_keys_may_fail() {
    each_call_fails(Fault::before, &[], &["ListObjectVersions", "DeleteObject", "Sign", "SendMessage"]).await;
    each_call_fails(Fault::after, &[], &["DeleteObject", "SendMessage"]).await;
}

/// Whatever fails, and however often.
#[tokio::test]
async fn a_stormy_day_comes_to_the_same_end() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let faults = world.faults().await;
    let (mut ended, mut dispositions) = (Vec::new(), Vec::new());
    for seed in 0..6 {
        let records = [archive.note(-5).await, archive.photo(-5, 34).await];
        // Three calls in a row have to fail before anybody but the SDK learns of it.
        faults.at_random(seed, 0.3, STORM);
        archive.sends_sweep().await;
        world.idle().await;
        faults.end();
        archive.day().await;
        let path = archive.approved("retention_ended", &archive.own(&records)).await;
        archive.rita.post(&format!("{path}/execution")).json(&json!({})).expect(200).await;
        faults.at_random(seed + 100, 0.3, STORM);
        archive.sends_destroy(&path).await;
        world.idle().await;
        faults.end();
        archive.day().await;
        assert_eq!(archive.rita.get(&path).expect(200).await["state"], "certified");
        ended.extend(records);
        dispositions.push(path);
    }
    everything_is_said_once(&archive, &ended, &dispositions).await;
}

/// The same work several times at once.
#[tokio::test]
async fn two_sweeps_at_once_do_what_one_does() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let (amara, mut records) = (&archive.north.amara, Vec::new());
    for number in 0..6 {
        let client = amara.registers(json!({ "full_name": format!("Person Number{number}") })).await;
        let chart = amara.opens_chart(client).await;
        records.push((chart, archive.note_in(chart, -5).await));
        records.push((chart, archive.note_in(chart, -6).await));
    }
    for _ in 0..5 {
        archive.sends_sweep().await;
        archive.sends("digest", json!({ "on": archive.rita.day(0) })).await;
    }
    world.idle().await;
    assert_eq!(archive.eligible().await.len(), records.len());
    let path = archive.approved("retention_ended", &records).await;
    archive.rita.post(&format!("{path}/execution")).json(&json!({})).expect(200).await;
    for _ in 0..5 {
        archive.sends_destroy(&path).await;
    }
    world.idle().await;
    archive.day().await;
    assert_eq!(certified(&archive, &path).await.head.destroyed.records, 12);
    let ended: Vec<RecordId> = records.into_iter().map(|(_, record)| record).collect();
    everything_is_said_once(&archive, &ended, &[path]).await;
}

/// The product ends in the middle of it, at any moment.
#[tokio::test]
async fn work_that_is_cut_off_goes_on_after_the_next_start() {
    let world = World::start().await;
    let archive = Archive::open(&world).await;
    let (mut ended, mut dispositions) = (Vec::new(), Vec::new());
    for round in 0..6_u64 {
        let records = [archive.note(-5).await, archive.photo(-5, 35).await];
        archive.sends_sweep().await;
        tokio::time::sleep(Duration::from_millis(round * 7)).await;
        world.restart().await;
        world.idle().await;
        let path = archive.approved("retention_ended", &archive.own(&records)).await;
        archive.rita.post(&format!("{path}/execution")).json(&json!({})).expect(200).await;
        tokio::time::sleep(Duration::from_millis(round * 11)).await;
        world.restart().await;
        world.idle().await;
        archive.day().await;
        assert_eq!(archive.rita.get(&path).expect(200).await["state"], "certified");
        ended.extend(records);
        dispositions.push(path);
    }
    everything_is_said_once(&archive, &ended, &dispositions).await;
}
