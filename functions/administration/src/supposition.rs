//! A member as they would be if they were given something else: supposed, never kept (R052).

use api::Problem;
use domain::{
    MemberId, RoleId,
    member::{Member, Permissions, Role},
    organization::Organization,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What a member would be given: a role of the organization's own, or roles and permissions of their own. What is left
/// out of these is as they have it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supposition {
    #[serde(default)]
    role_id: Option<RoleId>,
    #[serde(default)]
    roles: Option<BTreeSet<Role>>,
    #[serde(default)]
    permissions: Option<Permissions>,
}

impl Supposition {
    /// The member under it, by the rules that hold when it is done.
    pub fn apply(self, organization: &Organization, by: MemberId, member: Member) -> Result<Member, Problem> {
        let member = match (self.role_id, self.roles, self.permissions) {
            (Some(role_id), None, None) => {
                organization.role(role_id)?;
                member.assign(Some(role_id))?
            }
            (None, roles, permissions) => {
                let roles = roles.unwrap_or_else(|| member.roles.clone());
                let permissions = permissions.unwrap_or_else(|| member.permissions.clone());
                member.change(by, roles, permissions)?
            }
            _ => {
                return Err(Problem::unprocessable(
                    "two_suppositions",
                    "suppose a role of the organization's or permissions of their own, not both",
                ));
            }
        };
        Ok(organization.seat(member))
    }
}
