//! Lists the rules there are: what they say, where that was read and how far it can be trusted, and whether they bind
//! here (R150, R166).

use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    MemberId,
    purpose::Purpose,
    retention::{Jurisdiction, Profile, Rule, starter},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::iter;

pub static OPERATION: Operation =
    Operation::get("list_rules", "/retention/rules", Action::ListRules, Kind::RulesListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the rules of retention, and which of them bind here (R150)");

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RulesQuery")]
pub struct Input {
    /// Only what is in force there: `US-MD`, `CA-QC`.
    #[serde(default)]
    jurisdiction: Option<Jurisdiction>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The version of the schedule by which they bind or do not.
    pub schedule_version: u32,
    pub rules: Vec<RuleView>,
}

/// A rule, and how it stands here.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleView {
    #[serde(flatten)]
    pub rule: Rule,
    /// It in one sentence.
    pub sentence: String,
    pub standing: RuleStanding,
    /// Who has compared it with its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_on: Option<Date>,
}

/// Whether a rule binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleStanding {
    Binds,
    /// It would bind here, and is not in force yet, or no longer.
    NotInForce,
    /// It would bind here; nobody has checked it, or made it the organization's own.
    NotAdopted,
    /// It is for other places or other kinds of practice.
    Elsewhere,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let profile = &loaded.organization.retention;
    let rules: Vec<RuleView> = rules(profile, call.today(&loaded.organization))
        .filter(|view| match &input.jurisdiction {
            Some(place) => view.rule.is_in_force_in(iter::once(place)),
            None => true,
        })
        .collect();
    call.witness(&permit, Fact::new().detail("results", rules.len())).await?;
    Ok(Reply::with(Output { schedule_version: profile.version, rules }))
}

/// The organization's own rules first, then all that ship.
fn rules(profile: &Profile, today: Date) -> impl Iterator<Item = RuleView> {
    let binding: Vec<Rule> = profile.rules(today).into_iter().map(std::borrow::Cow::into_owned).collect();
    let own: Vec<Rule> = binding.iter().filter(|rule| rule.id.is_own()).cloned().collect();
    own.into_iter().chain(starter().iter().cloned()).map(move |rule| {
        let standing = if binding.iter().any(|bound| bound.edition() == rule.edition()) {
            RuleStanding::Binds
        } else if !is_for(profile, &rule) {
            RuleStanding::Elsewhere
        } else if rule.is_in_force_on(today) {
            RuleStanding::NotAdopted
        } else {
            RuleStanding::NotInForce
        };
        let adoption = profile.adopted.get(&rule.id);
        RuleView {
            sentence: rule.sentence(),
            standing,
            reviewed_by: adoption.map(|adoption| adoption.reviewed_by),
            reviewed_on: adoption.map(|adoption| adoption.reviewed_on),
            rule,
        }
    })
}

/// Whether a rule is for the places and the kinds of practice of an organization.
fn is_for(profile: &Profile, rule: &Rule) -> bool {
    rule.is_in_force_in(profile.jurisdictions.iter()) && !rule.practices.is_disjoint(&profile.practices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::retention::Practice;
    use std::collections::BTreeSet;

    #[test]
    fn a_rule_says_whether_it_binds() {
        let today = jiff::civil::date(2026, 1, 1);
        let place = "US-KS".parse().unwrap();
        let profile = Profile {
            jurisdictions: BTreeSet::from([place]),
            practices: BTreeSet::from([Practice::Physician]),
            ..Profile::default()
        };
        let standing = |id: &str| {
            let found = rules(&profile, today).find(|view| view.rule.id.as_str() == id);
            found.map(|view| view.standing)
        };
        // Recalled and not read at its source: it waits for somebody to check it.
        assert_eq!(standing("KS-MD"), Some(RuleStanding::NotAdopted));
        assert_eq!(standing("MD-ALL"), Some(RuleStanding::Elsewhere));
        assert_eq!(standing("US-HIPAA-DOC"), Some(RuleStanding::Binds));
    }

    #[test]
    fn a_rule_that_is_not_in_force_yet_says_so() {
        let profile = Profile {
            jurisdictions: BTreeSet::from(["CA-QC".parse().unwrap()]),
            practices: BTreeSet::from([Practice::Physician]),
            ..Profile::default()
        };
        let standing = |today| {
            let found = rules(&profile, today).find(|view| view.rule.id.as_str() == "CA-QC-MD");
            found.map(|view| view.standing)
        };
        assert_eq!(standing(jiff::civil::date(2024, 7, 10)), Some(RuleStanding::NotInForce));
        assert_eq!(standing(jiff::civil::date(2024, 7, 11)), Some(RuleStanding::Binds));
    }
}
