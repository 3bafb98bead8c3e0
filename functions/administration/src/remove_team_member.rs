//! Takes a member out of a team: at their next call they have nothing of what is shared with it (P-12, R057).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{MemberId, TeamId, purpose::Purpose};
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "remove_team_member",
    "/teams/{team_id}/members/{member_id}",
    Action::RemoveTeamMember,
    Kind::TeamMemberRemoved,
)
.purpose(Purpose::Administration)
.summary("Take a member out of a team; takes effect on their next call (P-12, R057)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let organization_id = call.organization_id()?;
    let (team_id, member_id): (TeamId, MemberId) = (call.path("team_id")?, call.path("member_id")?);
    let (team_key, member_key) =
        (keys::team(organization_id, team_id), keys::member(organization_id, member_id));
    let loaded = call.load([team_key.any(), member_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let (team, member) = (loaded.require(&team_key)?, loaded.require(&member_key)?);
    let member = member.leave(team_id)?;
    let change = Change::new()
        .replace("member", &member_key, &member)
        .replace("team", &team_key, &team.shrink())
        .unset("team entry", &keys::team_member(organization_id, team_id, member_id));
    let fact = Fact::new().team(team_id).member(member_id);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
