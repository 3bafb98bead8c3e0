//! Lists the spaces everybody has left to the administrator, who is their steward: ids, counts and dates. Those
//! whose members are all suspended are among them for as long as they are.

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    MemberId,
    member::Member,
    purpose::Purpose,
    space::{Space, Stewardship},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Key, keys};

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
    let mut found = Vec::with_capacity(page.items.len());
    for entry in &page.items {
        let space: Option<Space> = items.get(&keys::space(entry.space_id))?;
        found.extend(space.map(|space| (space, entry.since)));
    }
    let members = members(&call, &found).await?;
    let left = found.iter().filter_map(|(space, since)| {
        let those = space.members.keys().filter_map(|id| members.get(id));
        space.stewardship().or_else(|| space.stewardship_without(those, (*since)?))
    });
    let spaces: Vec<Stewardship> = left.filter(|left| call.now < left.kept_until).collect();
    call.witness(&permit, Fact::new().detail("results", spaces.len())).await?;
    Ok(Reply::with(Output { spaces, next: page.next.as_deref().map(Cursor::new) }))
}

/// Who is in those that were listed though nobody has left them.
async fn members(
    call: &Call,
    spaces: &[(Space, Option<Timestamp>)],
) -> Result<BTreeMap<MemberId, Member>, Problem> {
    let organization_id = call.organization_id()?;
    let there = spaces.iter().filter(|(space, since)| space.frozen_at.is_none() && since.is_some());
    let ids: BTreeSet<MemberId> = there.flat_map(|(space, _)| space.members.keys().copied()).collect();
    let keys: Vec<Key<Member>> = ids.into_iter().map(|id| keys::member(organization_id, id)).collect();
    let items = call.system.store.fetch_all(keys.iter().map(Key::any)).await?;
    let mut members = BTreeMap::new();
    for key in &keys {
        members.extend(items.get(key)?.map(|member| (member.id, member)));
    }
    Ok(members)
}
