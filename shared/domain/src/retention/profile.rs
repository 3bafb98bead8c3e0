//! The schedule of an organization: where and how it practises, what it has checked, and its own policy (R152, R157).
//!
//! Which rules bind follows from that. A kind of practice somewhere of which no rule says how long records are kept
//! is a gap: as long as there is one, nothing becomes eligible. The rules of a country do not close the gap of one of
//! its parts, because the part may well have a law of its own that nobody has checked.

use super::{
    DeathRule, Jurisdiction, MinorBound, MinorRule, NoticeDuty, Period, Practice, RecordClass, RecordFacts,
    Rule, RuleId, RuleStatus, RuleText, Trigger, starter, starter_rule,
};
use crate::{
    MemberId,
    chart::Section,
    limits::{NAME_CHARS, RETENTION_JURISDICTIONS, RETENTION_POLICIES},
    text::Line,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// A version of a schedule. Version 0 is none: nothing was set yet, and nothing is eligible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "RetentionSchedule")]
pub struct Profile {
    pub version: u32,
    pub effective_from: Option<Date>,
    /// Where clients are served.
    pub jurisdictions: BTreeSet<Jurisdiction>,
    pub practices: BTreeSet<Practice>,
    /// Rules that bind only because somebody here has checked them, or made them the organization's own.
    pub adopted: BTreeMap<RuleId, Adoption>,
    /// The organization's own rules: they lengthen only.
    pub policies: Vec<PolicyRule>,
    /// What records are, by the section they are filed in.
    pub file_plan: BTreeMap<Section, RecordClass>,
    pub cut_off: CutOff,
    pub set_by: Option<MemberId>,
    pub set_at: Option<Timestamp>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            version: 0,
            effective_from: None,
            jurisdictions: BTreeSet::new(),
            practices: BTreeSet::new(),
            adopted: BTreeMap::new(),
            policies: Vec::new(),
            file_plan: default_file_plan(),
            cut_off: CutOff::None,
            set_by: None,
            set_at: None,
        }
    }
}

/// The file plan of an organization that says nothing else.
fn default_file_plan() -> BTreeMap<Section, RecordClass> {
    BTreeMap::from([
        (Section::Overview, RecordClass::CoreRecord),
        (Section::ProgressNotes, RecordClass::ProgressNote),
        (Section::Documents, RecordClass::HealthRecord),
        (Section::Imaging, RecordClass::Imaging),
        (Section::Correspondence, RecordClass::Correspondence),
        (Section::Consents, RecordClass::Consent),
    ])
}

/// Who has compared a rule with its source, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adoption {
    pub reviewed_by: MemberId,
    pub reviewed_on: Date,
}

/// A rule of the organization's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RetentionPolicy")]
pub struct PolicyRule {
    /// `OWN-` and what the organization calls it by: explanations and certificates name it.
    pub id: RuleId,
    pub name: Line<NAME_CHARS>,
    /// What it covers; none named, everything of a client's record.
    #[serde(default)]
    pub classes: BTreeSet<RecordClass>,
    pub trigger: Trigger,
    pub period: Period,
    /// The birthday that a record of a minor is kept until at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 18, max = 120))]
    pub minors_until_age: Option<u16>,
}

/// Whether records wait for the end of a year: whole years are then disposed of together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CutOff {
    #[default]
    None,
    CalendarYearEnd,
    /// The last day of a month, 1 to 12.
    FiscalYearEnd {
        #[schemars(range(min = 1, max = 12))]
        month: i8,
    },
}

/// What a schedule says, as people set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTerms {
    pub jurisdictions: BTreeSet<Jurisdiction>,
    pub practices: BTreeSet<Practice>,
    #[serde(default)]
    pub adopted: BTreeSet<RuleId>,
    #[serde(default)]
    pub policies: Vec<PolicyRule>,
    #[serde(default = "default_file_plan")]
    pub file_plan: BTreeMap<Section, RecordClass>,
    #[serde(default)]
    pub cut_off: CutOff,
}

/// A kind of practice somewhere of which no rule that binds says how long records are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RetentionGap")]
pub struct Gap {
    pub jurisdiction: Jurisdiction,
    pub practice: Practice,
}

/// Why a schedule was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProfileError {
    #[error("a schedule names 1 to {RETENTION_JURISDICTIONS} jurisdictions")]
    Jurisdictions,
    #[error("a schedule names at least one kind of practice")]
    Practices,
    #[error("there is no rule `{0}` to adopt")]
    UnknownRule(RuleId),
    #[error("the rule `{0}` binds by itself; only what is recalled or suggested is adopted")]
    Binding(RuleId),
    #[error("a schedule has at most {RETENTION_POLICIES} rules of the organization's own")]
    TooManyPolicies,
    #[error("the id `{0}` does not begin with `OWN-`, or stands twice")]
    PolicyId(RuleId),
    #[error(
        "the rule `{0}` has a period that begins with something, or is permanent and begins with nothing"
    )]
    PolicyPeriod(RuleId),
    #[error("the rule `{0}` keeps minors' records until a birthday from the 18th to the 120th")]
    PolicyAge(RuleId),
    #[error("the month a fiscal year ends in is 1 to 12")]
    Month,
}

impl CutOff {
    /// The day from which what was kept until then may go: the first after the year it lies in.
    pub fn after(self, day: Date) -> Date {
        let month = match self {
            Self::None => return day,
            Self::CalendarYearEnd => 12,
            Self::FiscalYearEnd { month } => month,
        };
        let end_in = |year: i16| Date::new(year, month, 1).map(Date::last_of_month);
        let end = match end_in(day.year()) {
            Ok(end) if end >= day => Ok(end),
            _ => end_in(day.year().saturating_add(1)),
        };
        end.and_then(Date::tomorrow).unwrap_or(Date::MAX).max(day)
    }
}

impl PolicyRule {
    fn check(&self) -> Result<(), ProfileError> {
        let sound = match self.period {
            Period::Of(_) => self.trigger != Trigger::None,
            Period::Permanent => self.trigger == Trigger::None,
            Period::Unfixed => false,
        };
        if !self.id.is_own() {
            Err(ProfileError::PolicyId(self.id.clone()))
        } else if !sound {
            Err(ProfileError::PolicyPeriod(self.id.clone()))
        } else if self.minors_until_age.is_some_and(|age| !(18..=120).contains(&age)) {
            Err(ProfileError::PolicyAge(self.id.clone()))
        } else {
            Ok(())
        }
    }

    /// The rule it is, in a version of a schedule.
    fn rule(&self, version: u32) -> Rule {
        let classes = if self.classes.is_empty() {
            RecordClass::ALL.iter().copied().filter(|class| class.is_clients()).collect()
        } else {
            self.classes.clone()
        };
        let minor = self
            .minors_until_age
            .map_or(MinorRule::Same, |age| MinorRule::Until(vec![MinorBound::UntilBirthday(age)]));
        let text = RuleText {
            record_class: self.name.as_str().to_owned(),
            trigger: self.trigger.name().replace('_', " "),
            adult_period: self.period.to_string(),
            minor_rule: minor.to_string(),
            ..RuleText::default()
        };
        Rule {
            id: self.id.clone(),
            version: version.to_string(),
            status: RuleStatus::Policy,
            jurisdictions: BTreeSet::new(),
            practices: Practice::ALL.iter().copied().collect(),
            classes,
            payers: BTreeSet::new(),
            trigger: self.trigger,
            period: self.period,
            minor,
            death: DeathRule::Same,
            also: Vec::new(),
            incapacity: false,
            notice: NoticeDuty::None,
            effective_from: None,
            effective_to: None,
            text,
        }
    }
}

impl Profile {
    pub fn check(&self) -> Result<(), ProfileError> {
        if !(1..=RETENTION_JURISDICTIONS).contains(&self.jurisdictions.len()) {
            return Err(ProfileError::Jurisdictions);
        }
        if self.practices.is_empty() {
            return Err(ProfileError::Practices);
        }
        for id in self.adopted.keys() {
            let rule = starter_rule(id).ok_or_else(|| ProfileError::UnknownRule(id.clone()))?;
            if rule.status == RuleStatus::Verified {
                return Err(ProfileError::Binding(id.clone()));
            }
        }
        if self.policies.len() > RETENTION_POLICIES {
            return Err(ProfileError::TooManyPolicies);
        }
        let mut ids = BTreeSet::new();
        for policy in &self.policies {
            policy.check()?;
            if !ids.insert(&policy.id) {
                return Err(ProfileError::PolicyId(policy.id.clone()));
            }
        }
        match self.cut_off {
            CutOff::FiscalYearEnd { month } if !(1..=12).contains(&month) => Err(ProfileError::Month),
            _ => Ok(()),
        }
    }

    /// The next version of the schedule. What was adopted before keeps its reviewer.
    pub fn change(
        &self,
        terms: ScheduleTerms,
        by: MemberId,
        today: Date,
        now: Timestamp,
    ) -> Result<Self, ProfileError> {
        let review = |id: RuleId| {
            let adoption = Adoption { reviewed_by: by, reviewed_on: today };
            let known = self.adopted.get(&id).cloned().unwrap_or(adoption);
            (id, known)
        };
        let next = Self {
            version: self.version.saturating_add(1),
            effective_from: Some(today),
            jurisdictions: terms.jurisdictions,
            practices: terms.practices,
            adopted: terms.adopted.into_iter().map(review).collect(),
            policies: terms.policies,
            file_plan: terms.file_plan,
            cut_off: terms.cut_off,
            set_by: Some(by),
            set_at: Some(now),
        };
        next.check()?;
        Ok(next)
    }

    pub fn terms(&self) -> ScheduleTerms {
        ScheduleTerms {
            jurisdictions: self.jurisdictions.clone(),
            practices: self.practices.clone(),
            adopted: self.adopted.keys().cloned().collect(),
            policies: self.policies.clone(),
            file_plan: self.file_plan.clone(),
            cut_off: self.cut_off,
        }
    }

    /// Whether nothing was set yet.
    pub fn is_empty(&self) -> bool {
        self.jurisdictions.is_empty() || self.practices.is_empty()
    }

    /// Every rule that binds here on a day, whatever the record, client or payer.
    pub fn rules(&self, on: Date) -> Vec<Cow<'_, Rule>> {
        self.rules_among(starter(), &BTreeSet::new(), on)
    }

    /// Every rule that binds here and where a client lives, of those that ship.
    pub(super) fn rules_among<'a>(
        &'a self,
        shipped: &'a [Rule],
        residences: &BTreeSet<Jurisdiction>,
        on: Date,
    ) -> Vec<Cow<'a, Rule>> {
        if self.is_empty() {
            return Vec::new();
        }
        let places = || self.jurisdictions.iter().chain(residences);
        let binds = |rule: &&Rule| self.is_bound(rule, on) && rule.is_in_force_in(places());
        let shipped = shipped.iter().filter(binds);
        let own = self.policies.iter().map(|policy| Cow::Owned(policy.rule(self.version)));
        shipped.map(Cow::Borrowed).chain(own).collect()
    }

    /// Whether a rule that ships binds on a day, where it is in force.
    fn is_bound(&self, rule: &Rule, on: Date) -> bool {
        let enabled = rule.status == RuleStatus::Verified || self.adopted.contains_key(&rule.id);
        let begun = rule.effective_from.is_none_or(|from| from <= on);
        enabled && begun && !self.is_done_with(rule, on) && !rule.practices.is_disjoint(&self.practices)
    }

    /// Whether a rule has ended and somebody has set the schedule since. A rule that follows it may ask for less, and
    /// until then nobody here has seen what that does.
    fn is_done_with(&self, rule: &Rule, on: Date) -> bool {
        rule.effective_to.is_some_and(|to| to < on && self.effective_from.is_some_and(|set| to < set))
    }

    /// Where no rule that binds on a day says how long records of a class are kept.
    pub fn gaps(&self, class: RecordClass, on: Date) -> Vec<Gap> {
        self.gaps_among(&self.rules(on), class)
    }

    /// As `gaps`, among rules some of which bind only because of where a client lives: those close no gap.
    pub(super) fn gaps_among(&self, rules: &[Cow<'_, Rule>], class: RecordClass) -> Vec<Gap> {
        let here = |rule: &&Rule| covers(rule, class) && rule.is_in_force_in(self.jurisdictions.iter());
        let covering: Vec<&Rule> = rules.iter().map(AsRef::as_ref).filter(here).collect();
        // What is no part of a client's record is kept by the law of a whole country as well.
        if !class.is_clients() && !covering.is_empty() {
            return Vec::new();
        }
        let pairs =
            self.jurisdictions.iter().flat_map(|place| self.practices.iter().map(move |kind| (place, kind)));
        let closes = |rule: &Rule, place: &Jurisdiction| {
            rule.jurisdictions.contains(place)
                || (rule.is_policy() && rule.is_in_force_in([place].into_iter()))
        };
        let open = pairs.filter(|(place, kind)| {
            !covering.iter().any(|rule| rule.practices.contains(*kind) && closes(rule, place))
        });
        open.map(|(jurisdiction, practice)| Gap { jurisdiction: jurisdiction.clone(), practice: *practice })
            .collect()
    }

    /// A day before which a record is not eligible, whatever is or becomes known of its client, by the rules that bind
    /// on a day. `None`: it does not become eligible under this schedule at all.
    pub fn earliest(&self, record: &RecordFacts, on: Date) -> Option<Date> {
        let class = record.class?;
        let mut bound = None;
        for rule in self.rules(on).iter().filter(|rule| covers(rule, class)) {
            let Period::Of(length) = rule.period else { return None };
            let day = self.cut(rule, length.after(rule.trigger.earliest(record)));
            bound = bound.max(Some(day));
        }
        bound
    }

    /// The day, or the end of the year it lies in if the organization waits for that.
    pub(super) fn cut(&self, rule: &Rule, day: Date) -> Date {
        if rule.spans_years() { self.cut_off.after(day) } else { day }
    }
}

/// Whether a rule says how long every record of a class is kept.
fn covers(rule: &Rule, class: RecordClass) -> bool {
    rule.has_period() && rule.payers.is_empty() && rule.classes.contains(&class)
}
