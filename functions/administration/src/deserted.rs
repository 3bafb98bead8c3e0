//! Spaces in which nobody is left who could look after them once a member cannot any more: the administrator is told of
//! them as of spaces that everybody has left.

use api::{Call, Problem};
use domain::{
    MemberId,
    limits::{DESERTED_SPACES, PAGE_ITEMS},
    member::{Member, Role},
    space::Space,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, Key, SpaceEntry, keys};

/// The change of the member, with the spaces that it leaves to nobody. Whether that is still so is asked anew whenever
/// they are listed.
pub(crate) async fn listed(call: &Call, change: Change, member: &Member) -> Result<Change, Problem> {
    let (organization_id, store) = (member.organization_id, &call.system.store);
    let (mut change, mut after, mut room) = (change, None::<String>, DESERTED_SPACES);
    loop {
        let page = store.spaces(organization_id, member.id, after.as_deref(), PAGE_ITEMS).await?;
        let items = store.fetch(page.items.iter().map(|entry| keys::space(entry.space_id).any())).await?;
        let mut spaces: Vec<Space> = Vec::with_capacity(page.items.len());
        for entry in &page.items {
            spaces.extend(items.get(&keys::space(entry.space_id))?);
        }
        let others = others(call, member, &spaces).await?;
        for space in &spaces {
            let those = space.members.keys().filter_map(|id| others.get(id));
            if room > 0 && space.stewardship_without(those.chain([member]), call.now).is_some() {
                let entry = SpaceEntry { space_id: space.id, since: Some(call.now) };
                change = change.set("frozen space", &keys::frozen_space(organization_id, space.id), &entry);
                room = room.saturating_sub(1);
            }
        }
        match page.next {
            Some(next) if room > 0 => after = Some(next),
            _ => return Ok(change),
        }
    }
}

/// The same of a member whose roles are others now: who is a client by them looks after no space.
pub(crate) async fn listed_if_client(
    call: &Call,
    change: Change,
    member: &Member,
) -> Result<Change, Problem> {
    if member.roles.contains(&Role::Client) { listed(call, change, member).await } else { Ok(change) }
}

/// Who else is in these spaces.
async fn others(
    call: &Call,
    member: &Member,
    spaces: &[Space],
) -> Result<BTreeMap<MemberId, Member>, Problem> {
    let ids: BTreeSet<MemberId> = spaces.iter().flat_map(|space| space.members.keys().copied()).collect();
    let others = ids.into_iter().filter(|id| *id != member.id);
    let keys: Vec<Key<Member>> = others.map(|id| keys::member(member.organization_id, id)).collect();
    let items = call.system.store.fetch_all(keys.iter().map(Key::any)).await?;
    let mut others = BTreeMap::new();
    for key in &keys {
        others.extend(items.get(key)?.map(|other| (other.id, other)));
    }
    Ok(others)
}
