//! Invites a colleague, or whoever is in a team now, into a space; every member may (R073, P-21).
//!
//! A team is no member: who comes into it later is not in the space, and who goes stays.

use crate::{entered::Place, view::SpaceMember};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    MemberId, NoticeId, OrganizationId, SpaceId, TeamId,
    member::Member,
    notice::{Notice, NoticeReason},
    purpose::Purpose,
    sharing::Grantee,
    space::{Space, SpaceError, may_join},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Change, SpaceEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "invite_to_space",
    "/spaces/{space_id}/members",
    Action::InviteToSpace,
    Kind::SpaceMembersInvited,
)
.purpose(Purpose::Coordination)
.summary("Invite a colleague or a team into a space you are in (R073)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// A member, or a team: then everybody who is in it now.
    whom: Grantee,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    space_id: SpaceId,
    /// Who has come by this invitation.
    invited: Vec<SpaceMember>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (place, organization_id) = (Place::of(&call)?, call.organization_id()?);
    let named = match input.whom {
        Grantee::Member(id) => keys::member(organization_id, id).any(),
        Grantee::Team(id) => keys::team(organization_id, id).any(),
    };
    let loaded = call.load([place.space_key.any(), named]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let people = match input.whom {
        Grantee::Member(id) => vec![colleague(&loaded, organization_id, id)?],
        Grantee::Team(id) => team(&call, &loaded, organization_id, id).await?,
    };
    let fact = entered.fact();
    let (space, come) = entered.space.invite(loaded.member.id, &people, call.now)?;
    let names = call.names(&loaded, come.iter().copied(), []).await?;
    let invited = come.iter().filter_map(|id| SpaceMember::of(&space, *id, &names)).collect();
    let told: Vec<String> = come.iter().map(ToString::to_string).collect();
    let fact = match input.whom {
        Grantee::Member(id) => fact.member(id),
        Grantee::Team(id) => fact.team(id),
    };
    let fact = fact.detail("count", come.len()).detail("invited", told.join(" "));
    let change = written(&call, &space, &come);
    let reply = Reply::with(Output { space_id: space.id, invited });
    call.commit(&loaded.organization, &entered.permit, change, fact, reply).await
}

/// A member of another organization is nobody here, as whoever never was.
fn colleague(loaded: &Loaded, organization_id: OrganizationId, id: MemberId) -> Result<Member, Problem> {
    Ok(loaded.get(&keys::member(organization_id, id))?.ok_or(SpaceError::NoSuchMember)?)
}

/// Those of a team who can be in a space; a team is invited though one of them is suspended.
async fn team(
    call: &Call,
    loaded: &Loaded,
    organization_id: OrganizationId,
    id: TeamId,
) -> Result<Vec<Member>, Problem> {
    if loaded.get(&keys::team(organization_id, id))?.is_none() {
        let told = "there is no such team in this organization";
        return Err(Problem::unprocessable("no_such_team", told));
    }
    let store = &call.system.store;
    let ids = store.team_members(organization_id, id).await?;
    let items = store.fetch(ids.iter().map(|id| keys::member(organization_id, *id).any())).await?;
    let mut people = Vec::with_capacity(ids.len());
    for id in ids {
        let member = items.get(&keys::member(organization_id, id))?;
        people.extend(member.filter(|member| may_join(member, organization_id).is_ok()));
    }
    Ok(people)
}

/// The space with its new members, each of whom finds it in their list and is told.
fn written(call: &Call, space: &Space, come: &BTreeSet<MemberId>) -> Change {
    come.iter().fold(Change::new().replace_space(space), |change, member_id| {
        let entry_key = keys::space_entry(space.organization_id, *member_id, space.id);
        change.set("space entry", &entry_key, &SpaceEntry::of(space.id)).notify(&Notice {
            by: call.member_id().ok(),
            space_id: Some(space.id),
            ..Notice::new(
                call.new_id::<NoticeId>(),
                space.organization_id,
                *member_id,
                NoticeReason::SpaceInvitation,
                call.now,
            )
        })
    })
}
