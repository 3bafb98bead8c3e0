//! The audit trail: of the record, of the member and of the patient, each act with who, when, from where and why
//! (R130-R132, X-7).

use super::{Cast, patient::Grace, rows, text};
use crate::narrator::Narrator;
use domain::RecordId;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use testkit::Actor;

/// What the trail of the note tells.
const OF_THE_NOTE: [&str; 7] =
    ["NoteDrafted", "DraftSaved", "NoteSigned", "RecordRead", "NoteAmended", "VersionsListed", "VersionRead"];

/// What the trail of Dr Amara tells that is no patient's.
const OF_THE_MEMBER: [&str; 3] = ["SessionBegun", "ContributionsListed", "ClientRegistered"];

/// What the trail of the patient tells, whatever else is in it.
const OF_THE_PATIENT: [&str; 32] = [
    "ClientRegistered",
    "ClientRead",
    "FieldRevealed",
    "ChartOpened",
    "NoteDrafted",
    "DraftSaved",
    "NoteSigned",
    "NoteAmended",
    "VersionsListed",
    "VersionRead",
    "FolderAdded",
    "BarcodeFound",
    "FolderCheckedOut",
    "FolderCheckedIn",
    "CustodyListed",
    "ScanLinked",
    "UploadStarted",
    "PartsSigned",
    "UploadRead",
    "UploadCompleted",
    "FileInspected",
    "RecordRead",
    "RecordVoided",
    "IntakeLinkCreated",
    "IntakeLinkOpened",
    "ContributionDownloadSigned",
    "ContributionAccepted",
    "ContributionDeclined",
    "IntakeLinkRevoked",
    "TimelineRead",
    "PreviewSigned",
    "DownloadSigned",
];

pub async fn tells(narrator: &Narrator, cast: &Cast, grace: &Grace, note: RecordId) {
    narrator.chapter("The audit trail");
    of_the_note(narrator, &cast.ada, grace, note).await;
    of_the_members(narrator, cast).await;
    let facts = of_the_patient(narrator, cast, grace).await;
    narrator.pause();
    for alike in facts.chunk_by(|one, next| one["sentence"] == next["sentence"]) {
        write_down(narrator, alike);
    }
}

async fn of_the_note(narrator: &Narrator, ada: &Actor, grace: &Grace, note: RecordId) {
    let path = format!("/charts/{}/records/{note}/evidence", grace.chart);
    let facts =
        narrator.act("Ada reads the trail of the note", whole(ada, path), |facts| counted(facts)).await;
    must_tell(&facts, &OF_THE_NOTE);
    let times: Vec<i64> = facts.iter().map(|fact| time(fact).as_millisecond()).collect();
    assert!(times.is_sorted(), "facts stand in the order of time: {times:?}");
    for fact in &facts {
        let source = &fact["source"];
        assert!(source["ip"].is_string() && source["user_agent"].is_string(), "from where: {fact}");
        assert!(!text(fact, "purpose").is_empty() && !rows(fact, "policies").is_empty(), "why: {fact}");
        let told = fact.to_string();
        assert!(
            !told.contains("First visit") && !told.contains("cough"),
            "evidence holds nothing of a note: {fact}"
        );
    }
}

async fn of_the_members(narrator: &Narrator, cast: &Cast) {
    let path = |actor: &Actor| format!("/members/{}/evidence", actor.member_id());
    let reading = whole(&cast.ada, path(&cast.amara));
    let facts = narrator.act("Ada reads the trail of Dr Amara", reading, |facts| counted(facts)).await;
    must_tell(&facts, &OF_THE_MEMBER);
    let reading = whole(&cast.sam, path(&cast.sam));
    let facts = narrator.act("Sam reads his own", reading, |facts| counted(facts)).await;
    must_tell(&facts, &["ClientsSearched", "FolderCheckedOut"]);
    let reading = cast.sam.get(&path(&cast.amara)).problem(404, "not_found");
    narrator.act("Sam tries to read hers", reading, |_| "there is nothing here for him".to_owned()).await;
}

async fn of_the_patient(narrator: &Narrator, cast: &Cast, grace: &Grace) -> Vec<Value> {
    let path = format!("/clients/{}/evidence", grace.client);
    let reading = whole(&cast.ada, path);
    let facts = narrator.act("Ada reads the trail of Grace's records", reading, |facts| counted(facts)).await;
    must_tell(&facts, &OF_THE_PATIENT);
    let denied = |kind: &str| {
        let ben = cast.ben.member_id().to_string();
        let by_ben = |fact: &&Value| fact["actor"]["member_id"] == ben.as_str() && fact["kind"] == kind;
        facts.iter().any(|fact| by_ben(&fact) && fact["outcome"] == "denied")
    };
    assert!(denied("RecordRead") && denied("DownloadSigned"), "what Dr Ben tried is in the trail");
    let by_link = facts.iter().filter(|fact| fact["actor"]["actor"] == "intake_link").count();
    assert!(by_link >= 6, "what came by the link says so: {by_link} facts");
    facts
}

/// Everything of one trail, the oldest first.
async fn whole(reader: &Actor, path: String) -> Vec<Value> {
    let mut facts: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let request = reader.get(&path).query(&[("limit", "100")]);
        let request = match &cursor {
            Some(cursor) => request.query(&[("cursor", cursor)]),
            None => request,
        };
        let page = request.expect(200).await;
        facts.extend_from_slice(rows(&page, "evidence"));
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    facts.reverse();
    facts
}

fn must_tell(facts: &[Value], kinds: &[&str]) {
    let succeeded = facts.iter().filter(|fact| fact["outcome"] == "succeeded");
    let told: BTreeSet<&str> = succeeded.map(|fact| text(fact, "kind")).collect();
    let missing: Vec<&&str> = kinds.iter().filter(|kind| !told.contains(**kind)).collect();
    assert!(missing.is_empty(), "the trail does not tell of {missing:?}; it tells of {told:?}");
}

fn counted(facts: &[Value]) -> String {
    let denied = facts.iter().filter(|fact| fact["outcome"] == "denied").count();
    match denied {
        0 => format!("{} facts", facts.len()),
        _ => format!("{} facts, {denied} of them denied attempts", facts.len()),
    }
}

fn time(fact: &Value) -> Timestamp {
    let at = text(fact, "at");
    at.parse().unwrap_or_else(|error| panic!("`{at}`: {error}"))
}

/// What happened, as people read it: when it was where the clinic is, what it was, why and from where; what was
/// done several times in a row is told once.
fn write_down(narrator: &Narrator, alike: &[Value]) {
    let Some(fact) = alike.first() else { return };
    let local = text(fact, "at_local").split_once('T').map_or("", |(_, time)| time);
    let clock: String = local.chars().take(8).collect();
    let from = fact["source"]["ip"].as_str().map(|ip| format!("from {ip}"));
    let aside =
        [Some(purpose(text(fact, "purpose"))), from].into_iter().flatten().collect::<Vec<_>>().join(", ");
    narrator.fact(&clock, text(fact, "sentence"), &aside, fact["outcome"] == "succeeded");
}

/// The purpose of use in words.
fn purpose(code: &str) -> String {
    let words = match code {
        "TREAT" => "for treatment",
        "HOPERAT" => "for operations",
        "PATRQT" => "at the patient's request",
        "RECORDMGT" => "for records management",
        "HSYSADMIN" => "for administration",
        other => return other.to_lowercase(),
    };
    words.to_owned()
}
