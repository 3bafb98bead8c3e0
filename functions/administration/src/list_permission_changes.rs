//! Lists the changes of roles and of what members are given, newest first, each with what was before (R052).

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    ChangeId, MemberId,
    purpose::Purpose,
    role::{Changed, PermissionChange},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_permission_changes",
    "/permission-changes",
    Action::ListPermissionChanges,
    Kind::PermissionChangesListed,
)
.purpose(Purpose::Administration)
.summary("List the changes of roles and permissions, with what was before (R052)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    changes: Vec<ChangeView>,
    next: Option<Cursor>,
}

/// A change of what somebody may do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeView {
    change_id: ChangeId,
    at: Timestamp,
    by: MemberId,
    by_name: Option<String>,
    /// The change it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverts: Option<ChangeId>,
    #[serde(flatten)]
    of: Changed,
    /// Of a change of what one member is given: their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_name: Option<String>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) = tokio::join!(
        call.load([]),
        call.system.store.permission_changes(organization_id, after.as_deref(), limit)
    );
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let mut people: Vec<MemberId> = page.items.iter().map(|change| change.by).collect();
    people.extend(page.items.iter().filter_map(member));
    let names = call.names(&loaded, people, []).await?;
    call.witness(&permit, Fact::new()).await?;
    let name = |id: MemberId| names.member(id).map(str::to_owned);
    let changes = page.items.into_iter().map(|change| ChangeView {
        change_id: change.id,
        at: change.at,
        by: change.by,
        by_name: name(change.by),
        reverts: change.reverts,
        member_name: member(&change).and_then(name),
        of: change.of,
    });
    Ok(Reply::with(Output { changes: changes.collect(), next: page.next.as_deref().map(Cursor::new) }))
}

const fn member(change: &PermissionChange) -> Option<MemberId> {
    match change.of {
        Changed::Member { member_id, .. } => Some(member_id),
        Changed::Role { .. } => None,
    }
}
