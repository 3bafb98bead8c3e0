//! What is shown of a member and of an organization.

use domain::{
    ChangeId, MemberId, OrganizationId, RoleId, TeamId,
    member::{Member, MemberStatus, Permissions, Role},
    organization::{Organization, Policy, Vocabulary},
    team::Team,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A member as colleagues see them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberView {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub roles: BTreeSet<Role>,
    /// The user-level permission that counts: verbs for each type of record (R051).
    pub permissions: Permissions,
    /// The named role that gives it, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// The permission of their own that it stands in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_permissions: Option<Permissions>,
    /// The last change of what they may do, which can be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_id: Option<ChangeId>,
    /// The teams they are in (P-12).
    pub teams: BTreeSet<TeamId>,
    pub status: MemberStatus,
    pub created_at: Timestamp,
    pub revision: u64,
}

impl MemberView {
    pub fn new(organization: &Organization, member: Member) -> Self {
        let member = organization.seat(member);
        let role = member.role_id.and_then(|id| organization.roles.get(&id));
        Self {
            member_id: member.id,
            role_id: member.role_id,
            role_name: role.map(|role| role.name.to_string()),
            own_permissions: member.role_id.is_some().then(|| member.permissions.clone()),
            permissions: member.allowed().clone(),
            change_id: member.change_id,
            teams: member.teams,
            name: member.name.into(),
            email: member.email.into(),
            roles: member.roles,
            status: member.status,
            created_at: member.created_at,
            revision: member.revision,
        }
    }

    /// As it is after a commit, which raises the revision.
    pub fn committed(organization: &Organization, member: Member) -> Self {
        let revision = member.revision.saturating_add(1);
        Self { revision, ..Self::new(organization, member) }
    }
}

/// Members to whom charts are shared together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TeamView {
    pub team_id: TeamId,
    pub name: String,
    /// How many are in it.
    pub members: usize,
    pub created_at: Timestamp,
    pub revision: u64,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self {
            team_id: team.id,
            name: team.name.into(),
            members: team.members,
            created_at: team.created_at,
            revision: team.revision,
        }
    }
}

/// An organization as its members see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrganizationView {
    pub organization_id: OrganizationId,
    pub name: String,
    pub vocabulary: Vocabulary,
    pub policy: Policy,
    pub created_at: Timestamp,
    pub revision: u64,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        Self {
            organization_id: organization.id,
            name: organization.name.into(),
            vocabulary: organization.vocabulary,
            policy: organization.policy,
            created_at: organization.created_at,
            revision: organization.revision,
        }
    }
}

impl OrganizationView {
    /// As it is after a commit, which raises the revision.
    pub fn committed(organization: Organization) -> Self {
        let revision = organization.revision.saturating_add(1);
        Self { revision, ..Self::from(organization) }
    }
}
