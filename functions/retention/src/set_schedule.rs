//! Sets the schedule: where and how the organization practises, what it has checked, its own policy, its file plan
//! (R041, R152, R157).
//!
//! The law's rules follow from where and how somebody practises and are nobody's to shorten: a policy that asks for less
//! changes nothing, because the longest of all wins. Every version stays. All charts are looked at again; that is the
//! sweep's work, page by page, and not this call's.

use crate::{schedule::ScheduleView, work};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    chart::Section,
    organization::Organization,
    purpose::Purpose,
    retention::{CutOff, Jurisdiction, PolicyRule, Practice, Profile, RecordClass, RuleId, ScheduleTerms},
    work::Work,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};
use store::{Change, Rescheduling, ScheduleVersion, keys};

pub static OPERATION: Operation =
    Operation::put("set_schedule", "/retention/schedule", Action::SetSchedule, Kind::ScheduleSet)
        .purpose(Purpose::RecordsManagement)
        .summary("Set the schedule by which records are kept; policy lengthens only (R152, R157)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The version as it was read; 0 if none was set yet.
    pub expected_version: u32,
    /// Where clients are served.
    pub jurisdictions: BTreeSet<Jurisdiction>,
    pub practices: BTreeSet<Practice>,
    /// Rules that were recalled or are suggestions, and that somebody here has now compared with their source.
    #[serde(default)]
    pub adopted: BTreeSet<RuleId>,
    /// The organization's own rules: they lengthen only.
    #[serde(default)]
    pub policies: Vec<PolicyRule>,
    /// What records are, by the section they are filed in. A section that is left out is unclassified.
    #[serde(default)]
    pub file_plan: Option<BTreeMap<Section, RecordClass>>,
    #[serde(default)]
    pub cut_off: CutOff,
}

impl Input {
    fn terms(self) -> ScheduleTerms {
        ScheduleTerms {
            jurisdictions: self.jurisdictions,
            practices: self.practices,
            adopted: self.adopted,
            policies: self.policies,
            file_plan: self.file_plan.unwrap_or_else(|| Profile::default().file_plan),
            cut_off: self.cut_off,
        }
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<ScheduleView> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([keys::rescheduling(organization_id).any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let organization = &loaded.organization;
    if organization.retention.version != input.expected_version {
        return Err(stale(organization.retention.version));
    }
    let today = call.today(organization);
    let retention = organization.retention.change(input.terms(), loaded.member.id, today, call.now)?;
    let view = ScheduleView::of(&call, &loaded, &retention).await?;
    let fact = fact(&retention);
    let version = ScheduleVersion { organization_id, profile: retention.clone() };
    let next = Organization { retention, ..organization.clone() };
    let change = Change::new().replace("organization", &keys::organization(organization_id), &next).insert(
        "schedule",
        &keys::schedule(organization_id, view.version),
        &version,
    );
    let change = rescheduled(change, &loaded, view.version)?;
    let reply = call.commit(organization, &permit, change, fact, Reply::with(view)).await?;
    work::hand_over(&call, &Work::Reschedule { organization_id, after: None }).await;
    Ok(reply)
}

/// The caller decided on another version than the one in force.
fn stale(current: u32) -> Problem {
    let detail = "another version of the schedule was set since you read it; read it again and decide anew";
    Problem::conflict("stale_schedule", detail).with("current_version", json!(current))
}

/// All charts are looked at from the first on, though an earlier version has not been brought to all of them yet.
fn rescheduled(change: Change, loaded: &Loaded, version: u32) -> Result<Change, Problem> {
    let organization_id = loaded.organization.id;
    let key = keys::rescheduling(organization_id);
    let before: Option<Rescheduling> = loaded.get(&key)?;
    let revision = before.as_ref().map_or(1, |before| before.revision);
    let begun = Rescheduling { organization_id, version, after: None, revision };
    Ok(match before {
        Some(_) => change.replace("rescheduling", &key, &begun),
        None => change.insert("rescheduling", &key, &begun),
    })
}

fn fact(profile: &Profile) -> Fact {
    Fact::new()
        .detail("version", profile.version)
        .detail("jurisdictions", codes(&profile.jurisdictions))
        .detail("practices", codes(profile.practices.iter().map(|practice| practice.name())))
        .detail("adopted", codes(profile.adopted.keys()))
        .detail("policies", codes(profile.policies.iter().map(|policy| &policy.id)))
}

fn codes<T: Display>(codes: impl IntoIterator<Item = T>) -> String {
    let codes: Vec<String> = codes.into_iter().map(|code| code.to_string()).collect();
    codes.join(",")
}
