//! Adds a note to a space: seen by all its members, and no record of anybody (R071, P-22, P-24).

use crate::{entered::Place, view::SpaceItemCard};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    SpaceItemId,
    note::NoteContent,
    purpose::Purpose,
    space::{ItemBody, SpaceItem},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::post("add_space_note", "/spaces/{space_id}/notes", Action::AddSpaceNote, Kind::SpaceNoteAdded)
        .purpose(Purpose::Coordination)
        .summary("Add a note to a space; all its members see it (R071)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    content: NoteContent,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    item: SpaceItemCard,
    content: NoteContent,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    input.content.check()?;
    let place = Place::of(&call)?;
    let loaded = call.load([place.space_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let (vault, item_id, author) = (&call.system.vault, call.new_id::<SpaceItemId>(), loaded.member.id);
    let title = entered.key.seal(vault, "item/title", &item_id, &input.content.title)?;
    let body = ItemBody::Note { content: entered.key.seal(vault, "item/note", &item_id, &input.content)? };
    let item = SpaceItem::new(item_id, &entered.space, author, title, body, call.now);
    let names = call.names(&loaded, [], []).await?;
    let shown = SpaceItemCard::new(&item, &entered, author, &names)?;
    let fact = entered.fact().space_item(item_id);
    // The space is written with its item: of a note and the departure of its author one comes after the other.
    let space = entered.space.add(author, call.now)?;
    let item_key = keys::space_item(space.id, item_id);
    let change = Change::new().replace_space(&space).insert("item", &item_key, &item);
    let reply = Reply::with(Output { item: shown, content: input.content });
    call.commit(&loaded.organization, &entered.permit, change, fact, reply).await
}
