//! Lists what is in a space, newest first: the same to each of its members (R072, P-22).

use crate::{entered::Place, view::SpaceItemCard};
use api::{Call, Cursor, Operation, Outcome, Paging, Reply};
use authz::Action;
use domain::{purpose::Purpose, space::SpaceItem};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_space_items",
    "/spaces/{space_id}/items",
    Action::ListSpaceItems,
    Kind::SpaceItemsListed,
)
.purpose(Purpose::Coordination)
.summary("List the notes and documents of a space (R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Struck ones among them, marked.
    items: Vec<SpaceItemCard>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let place = Place::of(&call)?;
    let (loaded, page) = tokio::join!(
        call.load([place.space_key.any()]),
        call.system.store.space_items(place.space_id, after.as_deref(), limit),
    );
    let loaded = loaded?;
    let entered = place.entered(&call, &loaded).await?;
    let page = page?;
    let reader = loaded.member.id;
    let shown = |item: &&SpaceItem| entered.space.shows(item, reader, call.now);
    let items: Vec<&SpaceItem> = page.items.iter().filter(shown).collect();
    // What comes after an item that is kept no longer is older still.
    let next = page.next.filter(|_| items.len() == page.items.len());
    let fact = entered.fact().detail("results", items.len());
    let ((), names) = tokio::try_join!(
        call.witness(&entered.permit, fact),
        call.names(&loaded, items.iter().map(|item| item.author), []),
    )?;
    let cards = items.iter().map(|item| SpaceItemCard::new(item, &entered, reader, &names));
    let items = cards.collect::<Result<_, _>>()?;
    Ok(Reply::with(Output { items, next: next.as_deref().map(Cursor::new) }))
}
