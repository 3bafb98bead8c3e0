//! What members do in collaborative spaces, in one line each.

use super::{
    Actor,
    clinic::id,
    transfer::{Started, announcement},
};
use crate::files::TestFile;
use domain::{ChartId, SpaceId, SpaceItemId};
use serde_json::{Value, json};

impl Actor {
    /// Creates a space about a person, linked to no chart.
    pub async fn creates_space(&self, name: &str) -> SpaceId {
        let body = json!({ "name": name, "subject": "person" });
        id(&self.post("/spaces").json(&body).expect(201).await, "id")
    }

    /// Creates a space from a chart.
    pub async fn creates_space_from(&self, chart: ChartId, name: &str) -> SpaceId {
        let body = json!({ "name": name, "subject": "person", "chart_id": chart });
        id(&self.post("/spaces").json(&body).expect(201).await, "id")
    }

    pub async fn invites_into(&self, space: SpaceId, colleague: &Self) -> Value {
        let body = json!({ "whom": { "type": "member", "id": colleague.member_id() } });
        self.post(&format!("/spaces/{space}/members")).json(&body).expect(201).await
    }

    pub async fn leaves_space(&self, space: SpaceId) {
        self.delete(&format!("/spaces/{space}/membership")).expect(204).await;
    }

    pub async fn shares_note(&self, space: SpaceId, title: &str, text: &str) -> SpaceItemId {
        let content = json!({ "title": title, "sections": [{ "text": text }] });
        let path = format!("/spaces/{space}/notes");
        id(&self.post(&path).json(&json!({ "content": content })).expect(201).await, "id")
    }

    /// Agrees on an upload into a space; `more` adds to what is said of the file, or changes it.
    pub async fn starts_space_upload(&self, space: SpaceId, file: &TestFile, more: Value) -> Started {
        let body = announcement(file, more);
        Started::at(self.site(), self.get("/"), format!("/spaces/{space}/uploads"), &body).await
    }

    /// Uploads a file into a space and waits until it has been inspected.
    pub async fn shares_file(&self, space: SpaceId, file: &TestFile) -> SpaceItemId {
        let started = self.starts_space_upload(space, file, json!({})).await;
        started.sends(&file.bytes).await;
        let item = id(&started.completes().await, "item_id");
        self.site().idle().await;
        item
    }

    /// An item of a space as its reader sees it.
    pub async fn reads_item(&self, space: SpaceId, item: SpaceItemId) -> Value {
        self.get(&format!("/spaces/{space}/items/{item}")).expect(200).await
    }
}
