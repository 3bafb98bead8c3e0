//! Says that the organization is a service center, with its license.

use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    OrganizationId,
    facilitation::{CenterProfile, License},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::put("set_center_profile", "/center", Action::SetCenterProfile, Kind::CenterProfileSet)
        .purpose(Purpose::Operations)
        .summary("Set the license under which your organization is a service center (R105, R107)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The profile's revision as it was read; 0, the first time.
    pub expected_revision: u64,
    pub license: License,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile {
    /// What facilitators name when they share a session.
    pub center_id: OrganizationId,
    pub license: License,
    /// To be sent back with the next change.
    pub revision: u64,
}

impl From<&CenterProfile> for Profile {
    fn from(profile: &CenterProfile) -> Self {
        let CenterProfile { organization_id, license, revision, .. } = profile;
        Self { center_id: *organization_id, license: license.clone(), revision: *revision }
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<Profile> {
    let key = keys::center_profile(call.organization_id()?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let before = loaded.get(&key)?;
    let current = before.as_ref().map_or(0, |profile: &CenterProfile| profile.revision);
    Problem::unless_current(current, input.expected_revision)?;
    let profile = CenterProfile {
        organization_id: loaded.organization.id,
        license: input.license,
        set_by: loaded.member.id,
        set_at: call.now,
        revision: current.max(1),
    };
    let (change, revision) = match before {
        None => (Change::new().insert("center", &key, &profile), 1),
        Some(_) => (Change::new().replace("center", &key, &profile), current.saturating_add(1)),
    };
    let shown = Profile { revision, ..Profile::from(&profile) };
    call.commit(&loaded.organization, &permit, change, Fact::new(), Reply::with(shown)).await
}
