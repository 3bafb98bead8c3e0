//! A schedule as people see it (R152, R157).

use crate::keeping::Named;
use api::{Call, Loaded, Names, Problem};
use domain::{
    MemberId,
    chart::Section,
    retention::{CutOff, Jurisdiction, PolicyRule, Practice, Profile, RecordClass, RuleId, starter_rule},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A version of an organization's schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleView {
    /// 0: nothing was set yet, and nothing is eligible.
    pub version: u32,
    pub effective_from: Option<Date>,
    /// Where clients are served.
    pub jurisdictions: BTreeSet<Jurisdiction>,
    pub practices: BTreeSet<Practice>,
    pub adopted: Vec<AdoptedRule>,
    /// The organization's own rules: they lengthen only.
    pub policies: Vec<PolicyRule>,
    /// What records are, by the section they are filed in.
    pub file_plan: BTreeMap<Section, RecordClass>,
    pub cut_off: CutOff,
    /// What no rule that binds covers: as long as there is something, records of that class are never eligible.
    pub gaps: Vec<ScheduleGap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Timestamp>,
}

/// A rule that binds because somebody here has checked it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AdoptedRule {
    pub rule_id: RuleId,
    /// What it says.
    pub text: String,
    pub reviewed_by: Named,
    pub reviewed_on: Date,
}

/// A class of records of which no rule says how long it is kept, for one kind of practice in one place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleGap {
    pub class: RecordClass,
    pub jurisdiction: Jurisdiction,
    pub practice: Practice,
}

impl ScheduleView {
    pub(crate) async fn of(call: &Call, loaded: &Loaded, profile: &Profile) -> Result<Self, Problem> {
        let views = Self::all(call, loaded, [profile]).await?;
        views.into_iter().next().ok_or_else(|| Problem::internal("no view of a schedule"))
    }

    /// The views of several, for one look at who is called what.
    pub(crate) async fn all<'a>(
        call: &Call,
        loaded: &Loaded,
        profiles: impl IntoIterator<Item = &'a Profile>,
    ) -> Result<Vec<Self>, Problem> {
        let profiles: Vec<&Profile> = profiles.into_iter().collect();
        let people: Vec<MemberId> = profiles.iter().flat_map(|profile| people(profile)).collect();
        let names = call.names(loaded, people, []).await?;
        let today = call.today(&loaded.organization);
        Ok(profiles.into_iter().map(|profile| Self::new(profile, &names, today)).collect())
    }

    fn new(profile: &Profile, names: &Names, today: Date) -> Self {
        let adopted = profile.adopted.iter().map(|(id, adoption)| AdoptedRule {
            rule_id: id.clone(),
            text: starter_rule(id).map(domain::retention::Rule::sentence).unwrap_or_default(),
            reviewed_by: Named::new(adoption.reviewed_by, names),
            reviewed_on: adoption.reviewed_on,
        });
        Self {
            version: profile.version,
            effective_from: profile.effective_from,
            jurisdictions: profile.jurisdictions.clone(),
            practices: profile.practices.clone(),
            adopted: adopted.collect(),
            policies: profile.policies.clone(),
            file_plan: profile.file_plan.clone(),
            cut_off: profile.cut_off,
            gaps: gaps(profile, today),
            set_by: profile.set_by.map(|member| Named::new(member, names)),
            set_at: profile.set_at,
        }
    }
}

/// Who has set a schedule, and checked its rules.
fn people(profile: &Profile) -> Vec<MemberId> {
    profile.adopted.values().map(|adoption| adoption.reviewed_by).chain(profile.set_by).collect()
}

/// The gaps among the classes that records have here: by the file plan, and by what is kept apart.
fn gaps(profile: &Profile, today: Date) -> Vec<ScheduleGap> {
    let apart = [RecordClass::PsychotherapyNote, RecordClass::RawData];
    let classes: BTreeSet<RecordClass> = profile.file_plan.values().copied().chain(apart).collect();
    let of = |class| {
        profile.gaps(class, today).into_iter().map(move |gap| ScheduleGap {
            class,
            jurisdiction: gap.jurisdiction,
            practice: gap.practice,
        })
    };
    classes.into_iter().flat_map(of).collect()
}
