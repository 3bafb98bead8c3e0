//! A rule: how long some records are kept somewhere, as data.

use super::{
    CodeError, DeathRule, Jurisdiction, Length, MinorRule, NoticeDuty, Payer, Period, Practice, RecordClass,
    RuleStatus, Trigger, written,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Names a rule in explanations and certificates: `MD-ALL`. An organization's own begin with `OWN-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleId(String);

written!(RuleId, "MD-ALL");

/// What the ids of an organization's own rules begin with.
const OWN: &str = "OWN-";

impl RuleId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_own(&self) -> bool {
        self.0.starts_with(OWN)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RuleId {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let sound = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        if (2..=40).contains(&text.len()) && text.chars().all(sound) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError::new(text, "the id of a rule: 2 to 40 capital letters, digits and `-`"))
        }
    }
}

/// One row of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RetentionRule")]
pub struct Rule {
    pub id: RuleId,
    /// Raised whenever what it says changes: certificates name it (R157).
    pub version: String,
    pub status: RuleStatus,
    /// Where it is in force; none named, everywhere.
    pub jurisdictions: BTreeSet<Jurisdiction>,
    pub practices: BTreeSet<Practice>,
    pub classes: BTreeSet<RecordClass>,
    /// It binds only where one of these pays; none named, whoever pays.
    pub payers: BTreeSet<Payer>,
    pub trigger: Trigger,
    pub period: Period,
    pub minor: MinorRule,
    pub death: DeathRule,
    /// What it asks for beside that, of some of what it covers.
    pub also: Vec<Also>,
    /// Whether nothing of a client who lacks capacity may be destroyed.
    pub incapacity: bool,
    pub notice: NoticeDuty,
    /// The first and the last day on which it is in force.
    pub effective_from: Option<Date>,
    pub effective_to: Option<Date>,
    pub text: RuleText,
}

/// A longer period for some of what a rule covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RetentionRuleAlso")]
pub struct Also {
    #[serde(flatten)]
    pub of: AlsoFor,
    pub trigger: Trigger,
    pub period: Period,
    pub minor: MinorRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RetentionRuleAlsoFor")]
pub enum AlsoFor {
    Class(RecordClass),
    Practice(Practice),
    Payer(Payer),
}

/// What a rule says in words, and where that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RetentionRuleText")]
pub struct RuleText {
    pub jurisdiction: String,
    pub record_class: String,
    pub trigger: String,
    pub adult_period: String,
    pub minor_rule: String,
    pub other_rule: String,
    pub source: String,
    pub read_at: String,
    /// The text it was read in: of when.
    pub as_of: String,
}

impl Rule {
    /// The rule in one sentence.
    pub fn sentence(&self) -> String {
        let text = &self.text;
        let mut sentence = text.record_class.clone();
        let parts = [
            (": ", &text.adult_period),
            (" from ", &text.trigger),
            ("; minors: ", &text.minor_rule),
            ("; ", &text.other_rule),
        ];
        for (before, part) in parts {
            if !part.is_empty() && part != "-" {
                sentence.push_str(before);
                sentence.push_str(part);
            }
        }
        sentence
    }

    /// Whether it is in force in one of these places.
    pub fn is_in_force_in<'a>(&self, mut places: impl Iterator<Item = &'a Jurisdiction>) -> bool {
        self.jurisdictions.is_empty() || places.any(|place| self.reaches(place))
    }

    /// Whether it is in force on a day, by its own dates.
    pub fn is_in_force_on(&self, day: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day <= to)
    }

    /// Which of its versions it is: `MD-ALL 1`.
    pub fn edition(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    fn reaches(&self, place: &Jurisdiction) -> bool {
        self.jurisdictions.iter().any(|own| place.is_within(own))
    }

    /// Those of some places in which it is in force.
    pub(super) fn places<'a>(&self, all: &[&'a Jurisdiction]) -> Vec<&'a Jurisdiction> {
        all.iter().copied().filter(|place| self.jurisdictions.is_empty() || self.reaches(place)).collect()
    }

    /// Whether it names a time after which records end, or that there is none.
    pub fn has_period(&self) -> bool {
        self.period != Period::Unfixed
    }

    /// Whether it is the organization's own, or made its own.
    pub fn is_policy(&self) -> bool {
        matches!(self.status, RuleStatus::Policy | RuleStatus::Suggestion)
    }

    /// Whether the period is at least a year, so that cutting off at the end of one makes sense.
    pub(super) const fn spans_years(&self) -> bool {
        !matches!(self.period, Period::Of(Length { years: 0, .. }))
    }
}
