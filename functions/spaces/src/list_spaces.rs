//! Lists the spaces the caller is in, newest first; of others nothing is told, not even how many (R072, R046).

use crate::view::SpaceCard;
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{purpose::Purpose, space::Space};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::{SpaceEntry, keys};

pub static OPERATION: Operation =
    Operation::get("list_spaces", "/spaces", Action::ListSpaces, Kind::SpacesListed)
        .purpose(Purpose::Coordination)
        .summary("List the collaborative spaces you are in (R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    spaces: Vec<SpaceCard>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, member_id) = (call.organization_id()?, call.member_id()?);
    let store = &call.system.store;
    let (loaded, page) =
        tokio::join!(call.load([]), store.spaces(organization_id, member_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let spaces = mine(&call, &loaded, &page.items).await?;
    let cards = cards(&call, &loaded, &permit, &spaces).await?;
    call.witness(&permit, Fact::new().detail("results", cards.len())).await?;
    Ok(Reply::with(Output { spaces: cards, next: page.next.as_deref().map(Cursor::new) }))
}

/// The spaces of a page: each one decided by itself, as whoever is listed may have left meanwhile.
async fn mine(call: &Call, loaded: &Loaded, entries: &[SpaceEntry]) -> Result<Vec<Space>, Problem> {
    let wanted = entries.iter().map(|entry| keys::space(entry.space_id).any());
    let items = call.system.store.fetch(wanted).await?;
    let mut spaces = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(space) = items.get(&keys::space(entry.space_id))? else { continue };
        if call.may(loaded, Action::ReadSpace, Resource::Space(&space))? {
            spaces.push(space);
        }
    }
    Ok(spaces)
}

async fn cards(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    spaces: &[Space],
) -> Result<Vec<SpaceCard>, Problem> {
    let directory = call.directory(&loaded.organization).await?;
    let card = |space: &Space| SpaceCard::new(space, &directory.space_key(space.id, &space.key)?, permit);
    spaces.iter().map(card).collect()
}
