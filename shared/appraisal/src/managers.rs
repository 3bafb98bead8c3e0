//! Who is told besides the owner of a chart: the records managers, and where there are none, the administrators (R150).

use api::Problem;
use domain::{
    MemberId, OrganizationId,
    limits::{PAGE_ITEMS, RETENTION_MANAGERS},
    member::{Member, Role},
};
use store::Store;

/// Who they are, as far as they are told.
pub async fn managers(store: &Store, organization: OrganizationId) -> Result<Vec<MemberId>, Problem> {
    let (mut managers, mut administrators, mut after) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let page = store.members(organization, after.as_deref(), PAGE_ITEMS).await?;
        let active = || page.items.iter().filter(|member| member.is_active());
        managers.extend(active().filter(|member| has(member, Role::RecordsManager)).map(|member| member.id));
        administrators
            .extend(active().filter(|member| has(member, Role::Administrator)).map(|member| member.id));
        after = page.next;
        if after.is_none() || managers.len() >= RETENTION_MANAGERS {
            let told = if managers.is_empty() { administrators } else { managers };
            return Ok(told.into_iter().take(RETENTION_MANAGERS).collect());
        }
    }
}

fn has(member: &Member, role: Role) -> bool {
    member.roles.contains(&role)
}
