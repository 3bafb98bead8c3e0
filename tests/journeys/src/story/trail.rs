//! The audit trail: of the record, of the patient and of the member, each act with who, when, from where and why
//! (R130-R132, X-7).

use super::{Cast, patient::Grace, rows, text};
use crate::narrator::Narrator;
use domain::RecordId;
use serde_json::Value;
use testkit::Actor;

/// What the trail of the patient must tell, whatever else it tells.
const OF_THE_PATIENT: [&str; 36] = [
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
    "RecordEvidenceRead",
    "MemberEvidenceRead",
    "ClientEvidenceRead",
    "SessionBegun",
];
/// The last of them are of the member, not of the patient.
const OF_THE_MEMBER: [&str; 3] = ["SessionBegun", "ClientRegistered", "DownloadSigned"];

pub async fn tells(narrator: &Narrator, cast: &Cast, grace: &Grace, note: RecordId) {
    narrator.chapter("The audit trail");
    let ada = &cast.ada;
    of_record(narrator, ada, grace, note).await;
    of_member(narrator, cast).await;
    let facts = of_client(narrator, ada, grace).await;
    for fact in &facts {
        write_down(narrator, fact);
    }
}

/// Everything of one trail, the oldest first.
async fn whole(reader: &Actor, path: &str) -> Vec<Value> {
    let mut facts: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let request = reader.get(path).query(&[("limit", "100")]);
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

async fn of_record(narrator: &Narrator, ada: &Actor, grace: &Grace, note: RecordId) {
    let path = format!("/charts/{}/records/{note}/evidence", grace.chart);
    let came = |facts: &Vec<Value>| format!("{} facts", facts.len());
    let facts = narrator.act("Ada reads the trail of the note", whole(ada, &path), came).await;
    let kinds = ["NoteDrafted", "DraftSaved", "NoteSigned", "NoteAmended", "VersionsListed", "VersionRead", "RecordRead"];
    must_tell(&facts, &kinds);
    let order: Vec<&str> = facts.iter().map(|fact| text(fact, "at")).collect();
    assert!(order.is_sorted(), "in the order in which it happened: {order:?}");
}
