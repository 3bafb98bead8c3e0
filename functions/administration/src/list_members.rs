//! Lists the members of the organization whom the caller may read: accounts of clients are in no list of colleagues
//! (R046, R085).

use crate::view::MemberView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_members", "/members", Action::ListMembers, Kind::MembersListed)
        .purpose(Purpose::Administration)
        .summary("List the members of the organization");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    members: Vec<MemberView>,
    /// Where to go on; a page may be shorter than its limit, even empty, and have a next one.
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.members(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    call.witness(&permit, Fact::new()).await?;
    let page = page?;
    let mut members = Vec::new();
    for member in page.items {
        if call.may(&loaded, Action::ReadMember, Resource::Member(&member))? {
            members.push(MemberView::new(&loaded.organization, member));
        }
    }
    Ok(Reply::with(Output { members, next: page.next.as_deref().map(Cursor::new) }))
}
