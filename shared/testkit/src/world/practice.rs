//! What members do with clients, charts, notes and folders, in one line each.

use super::{Actor, clinic::id};
use domain::{ChartId, ClientId, LocationId, RecordId};
use jiff::civil::Date;
use serde_json::{Value, json};

/// An unsigned note.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    pub chart: ChartId,
    pub record: RecordId,
    /// Of the draft, not of the record.
    pub revision: u64,
}

/// A folder on a shelf.
#[derive(Clone, Copy, Debug)]
pub struct Folder {
    pub chart: ChartId,
    pub record: RecordId,
    pub revision: u64,
}

impl Actor {
    /// Registers a client with these demographics.
    pub async fn registers(&self, demographics: Value) -> ClientId {
        self.registers_beside(demographics, &[]).await
    }

    /// Registers a client who looks like others, and is none of them.
    pub async fn registers_beside(&self, demographics: Value, others: &[ClientId]) -> ClientId {
        let others: Vec<String> = others.iter().map(ToString::to_string).collect();
        let body = json!({ "demographics": demographics, "acknowledged_duplicates": others });
        id(&self.post("/clients").json(&body).expect(201).await, "id")
    }

    pub async fn opens_chart(&self, client: ClientId) -> ChartId {
        let opened = self.post(&format!("/clients/{client}/charts")).json(&json!({})).expect(201).await;
        id(&opened, "id")
    }

    pub async fn drafts_note(&self, chart: ChartId, title: &str, text: &str) -> Draft {
        let body = json!({ "content": note(title, text) });
        let drafted = self.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
        Draft { chart, record: id(&drafted["record"], "id"), revision: revision(&drafted["draft"]) }
    }

    /// Saves the draft's text, as typing does every few seconds.
    pub async fn saves_draft(&self, draft: Draft, title: &str, text: &str) -> Draft {
        let path = format!("/charts/{}/records/{}/draft", draft.chart, draft.record);
        let body = json!({ "expected_revision": draft.revision, "content": note(title, text) });
        Draft { revision: revision(&self.put(&path).json(&body).expect(200).await), ..draft }
    }

    pub async fn signs_note(&self, draft: Draft) -> RecordId {
        let path = format!("/charts/{}/records/{}/signature", draft.chart, draft.record);
        self.post(&path).json(&json!({ "expected_revision": draft.revision })).expect(201).await;
        draft.record
    }

    /// Writes a note and signs it.
    pub async fn writes_note(&self, chart: ChartId, title: &str, text: &str) -> RecordId {
        let draft = self.drafts_note(chart, title, text).await;
        self.signs_note(draft).await
    }

    /// The record as its reader sees it.
    pub async fn reads(&self, chart: ChartId, record: RecordId) -> Value {
        self.get(&format!("/charts/{chart}/records/{record}")).expect(200).await
    }

    /// A place to keep folders: `site`, `room`, `cabinet` and so on, inside of another or of nothing.
    pub async fn adds_location(&self, kind: &str, name: &str, within: Option<LocationId>) -> LocationId {
        let mut body = json!({ "kind": kind, "name": name });
        if let Some(within) = within {
            body["within"] = json!(within);
        }
        id(&self.post("/locations").json(&body).expect(201).await, "id")
    }

    pub async fn adds_folder(&self, chart: ChartId, title: &str, at: LocationId, barcode: &str) -> Folder {
        let body = json!({ "title": title, "location_id": at, "barcode": barcode });
        let added = self.post(&format!("/charts/{chart}/folders")).json(&body).expect(201).await;
        Folder { chart, record: id(&added, "id"), revision: revision(&added) }
    }

    /// Hands a folder to a colleague until a day.
    pub async fn hands_out(&self, folder: Folder, to: &Self, due_on: Date) -> Folder {
        let to = to.member_id();
        self.handles(folder, "check-out", json!({ "to": to, "due_on": due_on })).await
    }

    /// Puts a folder back.
    pub async fn puts_back(&self, folder: Folder, at: LocationId) -> Folder {
        self.handles(folder, "check-in", json!({ "location_id": at })).await
    }

    /// Does something to a folder: `check-out`, `check-in`, `move`, `missing`.
    pub async fn handles(&self, folder: Folder, act: &str, mut body: Value) -> Folder {
        body["expected_revision"] = json!(folder.revision);
        let path = format!("/charts/{}/records/{}/{act}", folder.chart, folder.record);
        let answer = self.post(&path).json(&body).send().await;
        let status = answer.status;
        assert!((200..300).contains(&status), "`{act}` was refused: {}", answer.json());
        Folder { revision: revision(&answer.expect(status)), ..folder }
    }
}

/// A note of one section.
fn note(title: &str, text: &str) -> Value {
    json!({ "title": title, "sections": [{ "text": text }] })
}

fn revision(answer: &Value) -> u64 {
    answer["revision"].as_u64().unwrap_or_else(|| panic!("no revision in {answer}"))
}
