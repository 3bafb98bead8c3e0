//! Creates a team, to which charts can be shared; who is in it is managed by administrators (P-02, P-12).

use crate::view::TeamView;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{limits::NAME_CHARS, purpose::Purpose, team::Team, text::Line};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::post("create_team", "/teams", Action::CreateTeam, Kind::TeamCreated)
        .purpose(Purpose::Administration)
        .summary("Create a team, to which charts can be shared (P-02)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    name: Line<NAME_CHARS>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<TeamView> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let team = Team::found(call.new_id(), organization_id, input.name, call.now);
    let change = Change::new().insert("team", &keys::team(organization_id, team.id), &team);
    let fact = Fact::new().team(team.id);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(team.into())).await
}
