//! What is shown of a member and of an organization.

use domain::{
    MemberId, OrganizationId,
    member::{Member, MemberStatus, Permissions, Role},
    organization::{Organization, Policy, Vocabulary},
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
    /// The user-level permission: verbs for each type of record (R051).
    pub permissions: Permissions,
    pub status: MemberStatus,
    pub created_at: Timestamp,
    pub revision: u64,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            member_id: member.id,
            name: member.name.into(),
            email: member.email.into(),
            roles: member.roles,
            permissions: member.permissions,
            status: member.status,
            created_at: member.created_at,
            revision: member.revision,
        }
    }
}

impl MemberView {
    /// As it is after a commit, which raises the revision.
    pub fn committed(member: Member) -> Self {
        let revision = member.revision.saturating_add(1);
        Self { revision, ..Self::from(member) }
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
