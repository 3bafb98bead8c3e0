//! Reads an item of a space whole: what a note says, what a document is found to be (R071, R072).

use crate::{
    Nothing,
    entered::{Entered, Place},
    view::SpaceItemCard,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    note::NoteContent,
    purpose::Purpose,
    record::ReceivedFile,
    space::{ItemBody, SpaceItem},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub static OPERATION: Operation = Operation::get(
    "read_space_item",
    "/spaces/{space_id}/items/{item_id}",
    Action::ReadSpaceItem,
    Kind::SpaceItemRead,
)
.purpose(Purpose::Coordination)
.summary("Read a note or document of a space (R071, R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    item: SpaceItemCard,
    /// What a note says.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<NoteContent>,
    /// What inspection found in a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Value>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let place = Place::of(&call)?;
    let item_key = place.item(&call)?;
    let loaded = call.load([place.space_key.any(), item_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let item = entered.item(&call, &loaded, &item_key)?;
    let fact = entered.fact().space_item(item.id).detail("kind", item.kind().name());
    let ((), names) =
        tokio::try_join!(call.witness(&entered.permit, fact), call.names(&loaded, [item.author], []),)?;
    let card = SpaceItemCard::new(&item, &entered, loaded.member.id, &names)?;
    let (content, facts) = match &item.body {
        ItemBody::Note { .. } => (Some(content(&item, &entered)?), None),
        ItemBody::Document { file } => (None, facts(file, &entered)?),
    };
    Ok(Reply::with(Output { item: card, content, facts }))
}

/// What a note of the space says.
pub(crate) fn content(item: &SpaceItem, entered: &Entered) -> Result<NoteContent, Problem> {
    match &item.body {
        ItemBody::Note { content } => {
            Ok(entered.key.open(&entered.permit, "item/note", &item.id, content)?)
        }
        ItemBody::Document { .. } => Err(Problem::internal("a document was read as a note")),
    }
}

/// What inspection found, once it is done.
pub(crate) fn facts(file: &ReceivedFile, entered: &Entered) -> Result<Option<Value>, Problem> {
    let Some(finding) = file.state.finding() else { return Ok(None) };
    Ok(Some(entered.key.open(&entered.permit, "file/facts", &file.upload_id, &finding.facts)?))
}
