//! Lists the teams of the organization: with whom a chart can be shared (P-02).

use crate::view::TeamView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_teams", "/teams", Action::ListTeams, Kind::TeamsListed)
        .purpose(Purpose::Administration)
        .summary("List the teams of the organization (P-02)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    teams: Vec<TeamView>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.teams(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    call.witness(&permit, Fact::new().detail("results", page.items.len())).await?;
    let teams = page.items.into_iter().map(TeamView::from).collect();
    Ok(Reply::with(Output { teams, next: page.next.as_deref().map(Cursor::new) }))
}
