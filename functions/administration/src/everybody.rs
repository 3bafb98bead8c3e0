//! The members of an organization, all of them, for what is about whoever has a role.

use api::{Call, Problem};
use domain::{
    OrganizationId, RoleId,
    limits::{MEMBERS_LOOKED_AT, PAGE_ITEMS},
    member::Member,
};

/// Members, and whether there are more than were looked at.
pub struct Everybody {
    pub members: Vec<Member>,
    pub more: bool,
}

/// Everybody who has a role.
pub async fn with_role(
    call: &Call,
    organization_id: OrganizationId,
    role_id: RoleId,
) -> Result<Everybody, Problem> {
    let (mut members, mut looked_at, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), PAGE_ITEMS).await?;
        looked_at += page.items.len();
        members.extend(page.items.into_iter().filter(|member| member.role_id == Some(role_id)));
        if page.next.is_none() || looked_at >= MEMBERS_LOOKED_AT {
            return Ok(Everybody { members, more: page.next.is_some() });
        }
        after = page.next;
    }
}
