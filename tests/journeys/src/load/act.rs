//! What is done at a desk: a request each, and one piece of evidence.

use super::{Ask, Bearer, desk::Desk};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::files::TestFile;

/// One act, with everything it takes to do it again.
#[derive(Clone, Debug)]
pub enum Act {
    Register,
    OpenChart,
    Draft { text: String },
    Save { note: usize, text: String },
    Sign { note: usize },
    Amend { note: usize, text: String },
    AddFolder,
    CheckOut { folder: usize },
    CheckIn { folder: usize },
    MakeLink,
    Start { file: Arc<TestFile>, by_link: bool },
    Complete,
    Accept { contribution: usize },
}

impl Act {
    /// The kind of the evidence it leaves.
    pub const fn evidence(&self) -> &'static str {
        match self {
            Self::Register => "ClientRegistered",
            Self::OpenChart => "ChartOpened",
            Self::Draft { .. } => "NoteDrafted",
            Self::Save { .. } => "DraftSaved",
            Self::Sign { .. } => "NoteSigned",
            Self::Amend { .. } => "NoteAmended",
            Self::AddFolder => "FolderAdded",
            Self::CheckOut { .. } => "FolderCheckedOut",
            Self::CheckIn { .. } => "FolderCheckedIn",
            Self::MakeLink => "IntakeLinkCreated",
            Self::Start { .. } => "UploadStarted",
            Self::Complete => "UploadCompleted",
            Self::Accept { .. } => "ContributionAccepted",
        }
    }

    /// Who asks for it: paper is the records room's, what comes over a link is the patient's.
    pub fn bearer(&self, desk: &Desk) -> Bearer {
        match self {
            Self::CheckOut { .. } | Self::CheckIn { .. } => Bearer::Member(desk.keeper.clone()),
            Self::Start { by_link: true, .. } => desk.link_bearer(),
            Self::Complete => desk.upload_bearer(),
            _ => Bearer::Member(desk.member.clone()),
        }
    }

    /// The request; the same each time it is made.
    pub fn ask(&self, desk: &Desk) -> Ask {
        let chart = &desk.chart;
        let of_record = |record: &str, act: &str| format!("{}/records/{record}/{act}", chart.path());
        match self {
            Self::Register => {
                let name = format!("{} {}", desk.given_name, desk.family_name);
                Ask::post("/clients", json!({ "demographics": { "full_name": name } }))
            }
            Self::OpenChart => Ask::post(format!("/clients/{}/charts", chart.client()), json!({})),
            Self::Draft { text } => {
                Ask::post(format!("{}/notes", chart.path()), json!({ "content": content(text) }))
            }
            Self::Save { note, text } => {
                let note = chart.note(*note);
                let body = json!({ "expected_revision": note.draft_revision(), "content": content(text) });
                Ask::put(of_record(&note.record, "draft"), body)
            }
            Self::Sign { note } => {
                let note = chart.note(*note);
                let body = json!({ "expected_revision": note.draft_revision() });
                Ask::post(of_record(&note.record, "signature"), body)
            }
            Self::Amend { note, text } => {
                let note = chart.note(*note);
                let body = json!({
                    "expected_revision": note.revision, "content": content(text), "reason": "another look",
                });
                Ask::post(of_record(&note.record, "amendments"), body)
            }
            Self::AddFolder | Self::CheckOut { .. } | Self::CheckIn { .. } => self.ask_for_paper(desk),
            _ => self.ask_for_file(desk),
        }
    }

    fn ask_for_paper(&self, desk: &Desk) -> Ask {
        let chart = &desk.chart;
        match self {
            Self::CheckOut { folder } => {
                let folder = chart.folder(*folder);
                let body = json!({
                    "expected_revision": folder.revision, "to": desk.member.member_id(), "due_on": desk.due_on,
                });
                Ask::post(format!("{}/records/{}/check-out", chart.path(), folder.record), body)
                    .answered_by(200)
            }
            Self::CheckIn { folder } => {
                let folder = chart.folder(*folder);
                let body = json!({ "expected_revision": folder.revision, "location_id": desk.shelf });
                Ask::post(format!("{}/records/{}/check-in", chart.path(), folder.record), body)
                    .answered_by(200)
            }
            _ => {
                let barcode = format!("{}-{}", desk.family_name, chart.folders.len());
                let body = json!({
                    "title": format!("Paper {barcode}"), "location_id": desk.shelf, "barcode": barcode,
                });
                Ask::post(format!("{}/folders", chart.path()), body)
            }
        }
    }

    fn ask_for_file(&self, desk: &Desk) -> Ask {
        let chart = &desk.chart;
        match self {
            Self::Start { file, by_link } => {
                let path = if *by_link { "/intake".to_owned() } else { chart.path() };
                Ask::post(format!("{path}/uploads"), announcement(file))
            }
            Self::Complete => Ask::post(format!("{}/completion", chart.upload_path()), json!({})),
            Self::Accept { contribution } => {
                let contribution = chart.contribution(*contribution);
                let path = format!("{}/contributions/{}/acceptance", chart.path(), contribution.id);
                Ask::post(path, json!({ "expected_revision": contribution.revision }))
            }
            _ => {
                let limits = json!({ "files": 100, "bytes": 1_073_741_824_u64 });
                let body = json!({ "what": "anything", "expires_at": desk.link_ends_at, "limits": limits });
                Ask::post(format!("{}/intake-links", chart.path()), body)
            }
        }
    }
}

/// What a note says.
pub fn content(text: &str) -> Value {
    // The title follows the text, so that a save is a change of the record as well.
    let title: String = text.chars().take(24).collect();
    json!({ "title": title.trim_end(), "sections": [{ "text": text }] })
}

fn announcement(file: &TestFile) -> Value {
    json!({
        "file_name": file.name, "size_bytes": file.len(), "media_type": file.media_type, "sha256": file.sha256(),
    })
}
