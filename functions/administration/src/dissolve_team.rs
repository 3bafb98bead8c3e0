//! Dissolves a team that nobody is in any more (P-12).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{TeamId, purpose::Purpose};
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::delete("dissolve_team", "/teams/{team_id}", Action::DissolveTeam, Kind::TeamDissolved)
        .purpose(Purpose::Administration)
        .summary("Dissolve a team that nobody is in (P-12)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let organization_id = call.organization_id()?;
    let team_id: TeamId = call.path("team_id")?;
    let key = keys::team(organization_id, team_id);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let team = loaded.require(&key)?;
    team.must_be_empty()?;
    // Of two at the same moment, one who joins and one who dissolves, the second sees the first.
    let change = Change::new().take("team", &key, &team);
    call.commit(&loaded.organization, &permit, change, Fact::new().team(team_id), Reply::none()).await
}
