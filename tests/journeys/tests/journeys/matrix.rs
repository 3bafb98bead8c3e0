//! Who may do what with a chart and with everything around it, as a table that people read and that is checked in:
//! `functions/access-matrix.md` (R050-R053, R061-R068, R070-R076, R080-R086, R090-R095, R105, R120).
//!
//! Nothing in it is copied from the policies. Everybody who can be anything to a chart makes one sound request for
//! every operation, and what is done is undone, so that the next one finds everything as it was.

use crate::{
    acts::{Act, Practice, escrow, large, merged, operations},
    facilitation::{self, begins},
    north::{offers, offers_part, revision, shares},
    snapshot::Snapshot,
};
use api::{Access, Method, Operation};
use domain::{ChartId, RecordId, member::Role};
use futures_util::future::join_all;
use jiff::Span;
use reqwest::Method as HttpMethod;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write as _, path::Path};
use testkit::{Actor, Clinic, World, files};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/access-matrix.md");
/// Set to `write`, the file is written anew: `cargo xtask golden` does.
const GOLDEN: &str = "STRONGROOM_GOLDEN";
/// No revision of anything here: what may be done is not done for this reason and no other.
const STALE: u64 = 999;
/// An offer there never was.
const NO_OFFER: &str = "01900000-0000-7000-8000-000000000000";

/// What somebody is to the chart.
struct Column {
    title: &'static str,
    about: String,
    who: Actor,
    /// As things are while the owner has offered the chart to somebody.
    while_offered: bool,
}

/// A practice with everybody who can be anything to its chart.
struct Stage<'w> {
    world: &'w World,
    practice: Practice<'w>,
    others: Others,
    columns: Vec<Column>,
    /// What lies in the chart.
    kinds: Vec<(&'static str, RecordId)>,
    session_revision: u64,
    /// What is answered of what does not exist.
    nothing: Value,
}

/// Who is something to the chart beside those whom every practice has.
struct Others {
    rita: Actor,
    wes: Actor,
    tim: Actor,
    sybil: Actor,
    fay: Actor,
    finn: Actor,
    fiona: Actor,
    zoe: Actor,
    grace: Actor,
    /// To whom the chart is offered.
    piet: Actor,
    /// Administrators who have opened the chart for a legal cause.
    pia: Actor,
    quin: Actor,
    /// Whom acts on members are about.
    max: Actor,
    sofia: Actor,
}

impl Others {
    async fn of(north: &Clinic<'_>, center: &Clinic<'_>) -> Self {
        Self {
            rita: north.practitioner("Rhea").await,
            wes: north.practitioner("Wes").await,
            tim: north.practitioner("Tim").await,
            sybil: north.practitioner("Sybil").await,
            fay: north.practitioner("Dr Fay").await,
            finn: north.practitioner("Dr Finn").await,
            fiona: north.practitioner("Fiona").await,
            zoe: north.practitioner("Zoe").await,
            grace: north.member("Grace", &[Role::Client]).await,
            piet: north.practitioner("Dr Piet").await,
            pia: north.member("Pia", &[Role::Administrator]).await,
            quin: north.member("Quin", &[Role::Administrator]).await,
            max: north.practitioner("Max").await,
            sofia: center.practitioner("Dr Sofia").await,
        }
    }

    /// The owner and the administrator make each of them what they are.
    async fn take_part(&self, practice: &Practice<'_>) {
        let (north, amara, chart) = (&practice.clinic, &practice.amara, practice.chart);
        let shared =
            [(&self.rita, "read_only"), (&self.wes, "read_and_write"), (&self.sybil, "read_and_write")];
        for (with, access) in shared {
            shares(amara, chart, with, access).await;
        }
        north.puts_into(practice.team, &self.tim).await;
        let path = format!("/members/{}", self.sybil.member_id());
        let at = revision(&north.administrator.get(&path).expect(200).await);
        let suspension = json!({ "expected_revision": at });
        north.administrator.post(&format!("{path}/suspension")).json(&suspension).expect(201).await;
        let path = format!("/charts/{chart}/escrows");
        let asked = self.pia.post(&path).json(&escrow()).expect(201).await;
        let path = format!("{path}/{}/approval", asked["id"].as_str().unwrap());
        self.quin.post(&path).json(&json!({})).expect(200).await;
        let oneself = json!({ "member_id": self.grace.member_id(), "relationship": "oneself" });
        amara.post(&format!("/clients/{}/proxies", practice.client)).json(&oneself).expect(201).await;
    }
}

impl<'w> Stage<'w> {
    async fn set(world: &'w World) -> Self {
        let mut practice = Practice::opened(world, "North Clinic").await;
        let center = world.clinic("South Center").await;
        let others = Others::of(&practice.clinic, &center).await;
        let (amara, chart) = (practice.amara.clone(), practice.chart);
        let apart = json!({ "compartment": "raw_data" });
        let left_out = files_note(&amara, chart, "Test protocol of 2024", apart).await;
        is_handed_around(&amara, &others.fay, &others.finn, chart).await;
        let kinds = files_each_kind(&practice, left_out).await;
        others.take_part(&practice).await;
        begins_space(&mut practice, &others.zoe).await;
        practice.facilitation = begins_at(&center, &amara, &others.fiona, chart).await;
        let session_revision = revision(&amara.get(&practice.facilitation.path()).expect(200).await);
        let columns = columns(&practice, &center, &others);
        let nothing = amara.get(&format!("/charts/{NO_OFFER}")).problem(404, "not_found").await;
        Self { world, practice, others, columns, kinds, session_revision, nothing }
    }

    /// A sound request for an operation, which is not done if it says of which revision it speaks.
    fn act(&self, operation: &'static Operation, offer: Option<&str>) -> Act {
        let act = self.practice.act(operation);
        let (ben, max) = (self.practice.ben.member_id().to_string(), self.others.max.member_id().to_string());
        let elsewhere =
            self.practice.offered.iter().map(|(chart, _)| *chart).chain([self.practice.spare_chart]);
        let mut path = act.path.replace(&ben, &max);
        for chart in elsewhere {
            path = path.replace(&chart.to_string(), &self.practice.chart.to_string());
        }
        for (_, transfer) in &self.practice.offered {
            path = path.replace(transfer, offer.unwrap_or(NO_OFFER));
        }
        let input = act.input.to_string().replace(&ben, &max);
        let mut input: Value = serde_json::from_str(&input).unwrap();
        let at = if changes_session(operation) { self.session_revision } else { STALE };
        if let Some(revision) = input.get_mut("expected_revision") {
            *revision = if revision.is_string() { json!(at.to_string()) } else { json!(at) };
        }
        act.at(path).with(input)
    }

    /// What everybody may do at one moment: before the chart is offered to somebody, and while it is.
    async fn answers(&self, offer: Option<&str>, cells: &mut Cells) {
        let as_it_was = Snapshot::of(self.world).await;
        let now = |column: &&Column| column.while_offered == offer.is_some();
        for operation in members_operations() {
            let act = self.act(operation, offer);
            let asked = |column: &&Column| now(column) || (offer.is_some() && ends_offer(operation));
            let columns: Vec<&Column> = self.columns.iter().filter(asked).collect();
            // What one of them ends, or is no longer part of, the next one would not find.
            let one_by_one = operation.method == Method::Delete || changes_session(operation);
            let at_once = if one_by_one { 1 } else { columns.len().max(1) };
            for some in columns.chunks(at_once) {
                let answers = join_all(some.iter().map(|column| act.by(&column.who).send())).await;
                if operation.method != Method::Get && answers.iter().any(|answer| answer.status < 300) {
                    as_it_was.restore(self.world).await;
                }
                for (column, answer) in some.iter().zip(&answers) {
                    cells.insert(
                        (operation.id, column.title),
                        Cell::of(column, operation.id, answer, &self.nothing),
                    );
                }
            }
        }
        for (kind, record) in &self.kinds {
            let path = format!("/charts/{}/records/{record}", self.practice.chart);
            for column in self.columns.iter().filter(now) {
                let answer = column.who.get(&path).send().await;
                cells.insert((kind, column.title), Cell::of(column, kind, &answer, &self.nothing));
            }
        }
    }
}

/// These are asked with the session's own revision, and so are done: whether who changes a session may bring this chart
/// or that session into it is asked after its revision.
fn changes_session(operation: &Operation) -> bool {
    operation.method != Method::Get && operation.path.starts_with("/facilitated")
}

fn columns(practice: &Practice<'_>, center: &Clinic<'_>, others: &Others) -> Vec<Column> {
    let column = |title, who: &Actor, about| {
        let while_offered = matches!(title, "waiting" | "offered");
        Column { title, about, who: who.clone(), while_offered }
    };
    let client = "in the client's circle of care, with nothing shared yet";
    let other = "of the service center the session is shared with, which is another organization";
    vec![
        column("owner", &practice.amara, "the practitioner whose chart it is".into()),
        column("reads", &others.rita, "shares it: `read_only`".into()),
        column("writes", &others.wes, "shares it: `read_and_write`".into()),
        column("approval", &practice.intern, "shares it: `approval`; wrote what is to be co-signed".into()),
        column("team", &others.tim, "is in a team with which it is shared: `read_only`".into()),
        column(
            "waiting",
            &others.wes,
            "shares it, `read_and_write`, while its owner offers it to somebody".into(),
        ),
        column("offered", &others.piet, "to whom its owner offers it, and who has not answered".into()),
        column("copy", &others.fay, "handed it over and kept a copy".into()),
        column("no copy", &others.finn, "handed it over and kept none".into()),
        column(
            "facilitator",
            &others.fiona,
            "facilitates the session with its client; nothing else to it".into(),
        ),
        column("space", &others.zoe, "is in a space that is linked to it; nothing else to it".into()),
        column("colleague", &practice.ben, "another practitioner".into()),
        column("staff", &practice.sam, format!("front desk and records room; {client}")),
        column("coordinator", &practice.cora, "hands charts on".into()),
        column("administrator", &practice.clinic.administrator, "of the organization".into()),
        column(
            "escrow",
            &others.pia,
            "another administrator, who opened it for a legal cause with a third one".into(),
        ),
        column(
            "records manager",
            &practice.rita,
            "keeps the schedule, holds, dispositions and the inventory".into(),
        ),
        column("auditor", &practice.nadia, "reads the audit trail".into()),
        column("client", &others.grace, "the person it is about, with an account".into()),
        column("proxy", &practice.gail, "stands for the client, by the client's permission".into()),
        column("suspended", &others.sybil, "shared it, `read_and_write`, and was suspended".into()),
        column("center", &center.administrator, format!("an administrator {other}")),
        column("stranger", &others.sofia, format!("a practitioner {other}")),
    ]
}

/// Of what ends an offer it is told who may while there is one.
fn ends_offer(operation: &Operation) -> bool {
    matches!(operation.id, "accept_transfer" | "decline_transfer" | "withdraw_transfer")
}

/// A space that is linked to the chart, with one more in it.
async fn begins_space(practice: &mut Practice<'_>, zoe: &Actor) {
    let amara = &practice.amara;
    let space = amara.creates_space_from(practice.chart, "Back at work").await;
    amara.invites_into(space, zoe).await;
    practice.space_note = amara.shares_note(space, "By bus", "A later appointment would help").await;
    practice.space_file = amara.shares_file(space, &files::photo(32, 24)).await;
    practice.space_upload = amara.starts_space_upload(space, &files::photo(8, 8), large()).await;
    practice.space = space;
}

/// A note with more said about it.
async fn files_note(who: &Actor, chart: ChartId, title: &str, more: Value) -> RecordId {
    let content = json!({ "title": title, "sections": [{ "text": "as it is" }] });
    let body = merged(json!({ "content": content }), more);
    let drafted = who.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
    let (record, at) = (drafted["record"]["id"].as_str().unwrap(), revision(&drafted["draft"]));
    let path = format!("/charts/{chart}/records/{record}/signature");
    who.post(&path).json(&json!({ "expected_revision": at })).expect(201).await;
    record.parse().unwrap()
}

/// From its owner to one who keeps a copy and leaves the raw data out, to one who keeps none, and back.
async fn is_handed_around(amara: &Actor, fay: &Actor, finn: &Actor, chart: ChartId) {
    const PART: &[&str] = &["overview", "progress_notes", "general_documents", "confidential_information"];
    for (giver, to, keep_copy) in [(amara, fay, false), (fay, finn, true), (finn, amara, false)] {
        let at = revision(&giver.get(&format!("/charts/{chart}")).expect(200).await);
        let transfer = if keep_copy {
            offers_part(giver, chart, at, to, PART, true).await
        } else {
            offers(giver, chart, at, to, false).await
        };
        let path = format!("/charts/{chart}/transfers/{transfer}/acceptance");
        to.post(&path).json(&json!({})).expect(200).await;
    }
}

/// What can lie in a chart; what is filed later came after the copy was made.
async fn files_each_kind(practice: &Practice<'_>, left_out: RecordId) -> Vec<(&'static str, RecordId)> {
    let (amara, chart) = (&practice.amara, practice.chart);
    let marked = files_note(amara, chart, "About the family", json!({})).await;
    let path = format!("/charts/{chart}/records/{marked}");
    let at = revision(&amara.get(&path).expect(200).await);
    let mark = json!({ "expected_revision": at, "confidential": true, "labels": [] });
    amara.put(&format!("{path}/confidentiality")).json(&mark).expect(200).await;
    let apart = async |compartment: &str| {
        files_note(amara, chart, "Apart", json!({ "compartment": compartment })).await
    };
    vec![
        ("a signed note", practice.note),
        ("a file", practice.photo),
        ("a folder", practice.folder.record),
        ("a draft of the owner's", practice.draft.record),
        ("a note that is to be co-signed", practice.to_cosign),
        ("a note written later", files_note(amara, chart, "Third visit", json!({})).await),
        (
            "a note written for the client, later",
            files_note(amara, chart, "Exercises", json!({ "direction": "for_client" })).await,
        ),
        ("a note marked confidential, later", marked),
        ("raw data, filed later", apart("raw_data").await),
        ("psychotherapy notes, filed later", apart("psychotherapy_notes").await),
        ("a private note, filed later", apart("private").await),
        ("raw data that a transfer left out", left_out),
    ]
}

/// A session with the client, facilitated by two, and shared with a center of another organization.
async fn begins_at(center: &Clinic<'_>, amara: &Actor, fiona: &Actor, chart: ChartId) -> facilitation::Begun {
    facilitation::becomes_center(&center.administrator, "CO").await;
    for facilitator in [amara, fiona] {
        facilitation::approves(&center.administrator, facilitator).await;
    }
    let session = begins(amara, &[chart], Some(center.id())).await;
    let plan = json!({
        "expected_revision": revision(&amara.get(&session.path()).expect(200).await), "group": true,
        "scheduled_at": amara.site().now() + Span::new().hours(48),
        "facilitators": [amara.member_id(), fiona.member_id()]
    });
    amara.get("/").method(HttpMethod::PUT, &format!("{}/plan", session.path())).json(&plan).expect(200).await;
    session
}

fn members_operations() -> impl Iterator<Item = &'static Operation> {
    operations().into_iter().filter(|one| one.access == Access::Member)
}

/// What an answer says of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Yes,
    No,
    Hidden,
}

type Cells = BTreeMap<(&'static str, &'static str), Cell>;

impl Cell {
    /// Done, or not done because of how things stand: then it was allowed. Whoever is told anything else than of what
    /// does not exist has been told something.
    #[track_caller]
    fn of(column: &Column, what: &str, answer: &testkit::world::Answer, nothing: &Value) -> Self {
        let is_of_nothing =
            || ["code", "title", "detail"].iter().all(|field| answer.json()[field] == nothing[field]);
        match answer.status {
            200..300 | 409 | 410 | 422 => Self::Yes,
            403 => Self::No,
            404 if is_of_nothing() => Self::Hidden,
            404 => Self::Yes,
            other => panic!("{what} by {}: {other} {}", column.title, String::from_utf8_lossy(&answer.body)),
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Hidden => "·",
        }
    }
}

/// What an operation is about, in the order of the table.
const SUBJECTS: [&str; 7] = [
    "The organization, and what is one's own",
    "Members, teams and roles",
    "Clients, their permissions and who stands for them",
    "A chart",
    "A record in a chart",
    "Collaborative spaces",
    "Facilitated sessions and their centers",
];

fn subject(operation: &Operation) -> &'static str {
    let [general, members, clients, chart, record, spaces, sessions] = SUBJECTS;
    let starts = |with: &[&str]| with.iter().any(|start| operation.path.starts_with(start));
    match operation.path {
        _ if starts(&["/charts/{chart_id}/records/"]) => record,
        _ if starts(&["/charts/{chart_id}"]) => chart,
        _ if starts(&["/members", "/teams", "/roles", "/permission-changes", "/caseloads"]) => members,
        _ if starts(&["/clients/{client_id}/facilitated", "/facilitated", "/center"]) => sessions,
        _ if starts(&["/clients"]) => clients,
        _ if starts(&["/spaces", "/frozen-spaces"]) => spaces,
        _ => general,
    }
}

const INTRODUCTION: &str = "\
# Who may do what

Generated by `cargo xtask golden`, and compared with the running product by its tests: for every cell somebody who is
that to a chart has made the request.

**yes** allowed · **no** refused · **·** refused, with the same answer as for what does not exist

A request is allowed if the policies (`shared/authz/src/policies.cedar`) permit it, and done if nothing else is in its
way, such as a revision that is not the newest. Members here have the permissions their roles start with; an
administrator can take from each of them what the table gives (R050, R051), and a record can leave less to staff and to
clients than its chart does. What is asked about are the owner's things: their draft, upload, notice and session. Who is
of another organization is asked about its own where no thing is named.

| in the table | who it is |
|---|---|
";

const KINDS: &str = "Reading a record, by what it is";
const OTHERS: &str = "\
## What asks for no membership

Whoever holds the address of an intake link, and nobody else, may: {link}.

Whoever has signed in, member of anything or not, may: {identity}.

Whoever holds the address of a file may, as the member it was signed for and for as long as that member may have the
file: {pass}.
";

fn table(
    columns: &[Column],
    title: &str,
    first: &str,
    rows: &[(String, &'static str)],
    cells: &Cells,
) -> String {
    let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
    let rule = vec!["---"; titles.len() + 1].join("|");
    let mut text = format!("\n## {title}\n\n| {first} | {} |\n|{rule}|\n", titles.join(" | "));
    for (name, id) in rows {
        let signs = titles.iter().map(|title| cells[&(*id, *title)].sign());
        let signs: Vec<&str> = signs.collect();
        assert!(signs.contains(&"yes"), "`{id}` was allowed to nobody: is the request sound?");
        let _ = writeln!(text, "| {name} | {} |", signs.join(" | "));
    }
    text
}

fn document(stage: &Stage<'_>, cells: &Cells) -> String {
    let mut text = INTRODUCTION.to_owned();
    for column in &stage.columns {
        let _ = writeln!(text, "| {} | {} |", column.title, column.about);
    }
    let kinds: Vec<(String, &'static str)> =
        stage.kinds.iter().map(|(kind, _)| ((*kind).to_owned(), *kind)).collect();
    text.push_str(&table(&stage.columns, KINDS, "record", &kinds, cells));
    for about in SUBJECTS {
        let of = members_operations().filter(|operation| subject(operation) == about);
        let rows: Vec<_> = of.map(|operation| (format!("`{}`", operation.id), operation.id)).collect();
        text.push_str(&table(&stage.columns, about, "operation", &rows, cells));
    }
    let ids = |access: Access| {
        let of = operations().into_iter().filter(|one| one.access == access);
        of.map(|one| format!("`{}`", one.id)).collect::<Vec<_>>().join(", ")
    };
    let (link, identity, pass) = (ids(Access::IntakeLink), ids(Access::Identity), ids(Access::Pass));
    text + "\n" + &OTHERS.replace("{link}", &link).replace("{identity}", &identity).replace("{pass}", &pass)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_access_matrix_is_what_the_product_does() {
    let world = World::start().await;
    let stage = Stage::set(&world).await;
    let mut cells = Cells::new();
    stage.answers(None, &mut cells).await;
    let (amara, chart) = (&stage.practice.amara, stage.practice.chart);
    let at = revision(&amara.get(&format!("/charts/{chart}")).expect(200).await);
    let offer = offers(amara, chart, at, &stage.others.piet, true).await;
    stage.answers(Some(&offer), &mut cells).await;
    let now = document(&stage, &cells);
    if std::env::var_os(GOLDEN).is_some_and(|what| what == "write") {
        std::fs::write(FILE, &now).unwrap();
    }
    let golden = std::fs::read_to_string(Path::new(FILE)).unwrap_or_default();
    let differs = golden.lines().zip(now.lines()).find(|(golden, now)| golden != now);
    assert!(golden == now, "{FILE} is not what the product does; run `cargo xtask golden`: {differs:#?}");
}
