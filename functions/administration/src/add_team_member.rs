//! Puts a member into a team: at their next call they have what is shared with it (P-12).

use crate::{Nothing, view::MemberView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{MemberId, TeamId, purpose::Purpose};
use evidence::Kind;
use store::{Change, TeamEntry, keys};

pub static OPERATION: Operation = Operation::put(
    "add_team_member",
    "/teams/{team_id}/members/{member_id}",
    Action::AddTeamMember,
    Kind::TeamMemberAdded,
)
.purpose(Purpose::Administration)
.summary("Put a member into a team; they have what is shared with it (P-12)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<MemberView> {
    let organization_id = call.organization_id()?;
    let (team_id, member_id): (TeamId, MemberId) = (call.path("team_id")?, call.path("member_id")?);
    let (team_key, member_key) =
        (keys::team(organization_id, team_id), keys::member(organization_id, member_id));
    let loaded = call.load([team_key.any(), member_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let (team, member) = (loaded.require(&team_key)?, loaded.require(&member_key)?);
    member.must_be_another(loaded.member.id)?;
    let member = member.join(team_id)?;
    let entry_key = keys::team_member(organization_id, team_id, member_id);
    let change = Change::new()
        .replace("member", &member_key, &member)
        // The team counts its members, so that it is not dissolved while somebody joins it.
        .replace("team", &team_key, &team.grow()?)
        .set("team entry", &entry_key, &TeamEntry { member_id });
    let fact = Fact::new().team(team_id).member(member_id);
    let view = MemberView::committed(&loaded.organization, member);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
