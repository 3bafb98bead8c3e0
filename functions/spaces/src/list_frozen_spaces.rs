//! Lists the spaces everybody has left to the administrator, who is their steward: ids, counts and dates.

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    purpose::Purpose,
    space::{Space, Stewardship},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_frozen_spaces",
    "/frozen-spaces",
    Action::ListFrozenSpaces,
    Kind::FrozenSpacesListed,
)
.purpose(Purpose::Administration)
.summary("List the spaces that everybody has left: ids, counts and dates (X-6)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    spaces: Vec<Stewardship>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, store) = (call.organization_id()?, &call.system.store);
    let (loaded, page) =
        tokio::join!(call.load([]), store.frozen_spaces(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let items = store.fetch(page.items.iter().map(|entry| keys::space(entry.space_id).any())).await?;
    let mut spaces = Vec::with_capacity(page.items.len());
    for entry in &page.items {
        let space: Option<Space> = items.get(&keys::space(entry.space_id))?;
        let left = space.and_then(|space| space.stewardship());
        spaces.extend(left.filter(|left| call.now < left.kept_until));
    }
    call.witness(&permit, Fact::new().detail("results", spaces.len())).await?;
    Ok(Reply::with(Output { spaces, next: page.next.as_deref().map(Cursor::new) }))
}
