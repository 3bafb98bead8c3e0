//! What is shown of a role, and the role that an address names.

use api::{Call, Loaded, Problem};
use domain::{
    ChangeId, RoleId,
    member::Permissions,
    organization::Organization,
    role::{NamedRole, RoleError},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A role that an organization has made for itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RoleView {
    pub role_id: RoleId,
    pub name: String,
    /// Verbs for each type of record (R051).
    pub permissions: Permissions,
    pub changed_at: Timestamp,
    /// The change that made it so, which can be taken back.
    pub change_id: ChangeId,
    pub revision: u64,
}

impl RoleView {
    pub fn new(role_id: RoleId, role: &NamedRole) -> Self {
        Self {
            role_id,
            name: role.name.to_string(),
            permissions: role.permissions.clone(),
            changed_at: role.changed_at,
            change_id: role.change_id,
            revision: role.revision,
        }
    }

    /// As the organization has it.
    pub fn of(organization: &Organization, role_id: RoleId) -> Result<Self, RoleError> {
        organization.role(role_id).map(|role| Self::new(role_id, role))
    }
}

/// The role of the address, and its id.
pub fn addressed(call: &Call, loaded: &Loaded) -> Result<(RoleId, NamedRole), Problem> {
    let id = call.path("role_id")?;
    let role = loaded.organization.roles.get(&id).ok_or_else(Problem::not_found)?;
    Ok((id, role.clone()))
}
