//! Strikes an item of a space through: its author's doing alone, and seen by all (P-22).

use crate::{Nothing, entered::Place, view::SpaceItemCard};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use store::Change;

pub static OPERATION: Operation = Operation::post(
    "strike_space_item",
    "/spaces/{space_id}/items/{item_id}/strike",
    Action::StrikeSpaceItem,
    Kind::SpaceItemStruck,
)
.success(200)
.purpose(Purpose::Coordination)
.summary("Strike an item of yours through; all members still see it (P-22)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<SpaceItemCard> {
    let place = Place::of(&call)?;
    let item_key = place.item(&call)?;
    let loaded = call.load([place.space_key.any(), item_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let item = entered.item(&call, &loaded, &item_key)?.strike(loaded.member.id, call.now)?;
    let names = call.names(&loaded, [], []).await?;
    let card = SpaceItemCard::new(&item, &entered, loaded.member.id, &names)?;
    let fact = entered.fact().space_item(item.id);
    let change = Change::new().replace("item", &item_key, &item);
    call.commit(&loaded.organization, &entered.permit, change, fact, Reply::with(card)).await
}
