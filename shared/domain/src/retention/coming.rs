//! Which rules come into force later, and what a record's time is then, as things stand (R151, R157).

use super::{
    Applied, Appraisal, Binding, ClientFacts, Outcome, Profile, RecordFacts, Rule, RuleId, moved, starter,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A rule that is not in force yet, and has a record's time end otherwise once it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ComingRetentionRule")]
pub struct Coming {
    pub rule_id: RuleId,
    pub version: String,
    pub text: String,
    /// Its first day.
    pub effective_from: Date,
    /// When the record's time ends by all rules that are in force on that day.
    pub outcome: Outcome,
}

/// The rules that come into force after a day and have a record's time end otherwise, in the order of their days.
pub fn coming(profile: &Profile, client: &ClientFacts, record: &RecordFacts, after: Date) -> Vec<Coming> {
    coming_among(starter(), profile, client, record, after)
}

/// As `coming`, if these are the rules that ship.
pub(super) fn coming_among(
    shipped: &[Rule],
    profile: &Profile,
    client: &ClientFacts,
    record: &RecordFacts,
    after: Date,
) -> Vec<Coming> {
    let on = |day: Date| Binding::among(shipped, profile, client, day).appraise(record);
    let days: BTreeSet<Date> =
        shipped.iter().filter_map(|rule| rule.effective_from).filter(|day| *day > after).collect();
    let (mut before, mut coming) = (on(after), Vec::new());
    for day in days {
        let then = on(day);
        if moved(&before, &then).is_some() {
            let begun = then.applied.iter().filter(|applied| begins(applied, &before));
            coming.extend(begun.map(|applied| Coming {
                rule_id: applied.rule_id.clone(),
                version: applied.version.clone(),
                text: applied.text.clone(),
                effective_from: day,
                outcome: then.outcome.clone(),
            }));
        }
        before = then;
    }
    coming
}

/// Whether a rule was not in force the day before, and asks for something that those which were did not.
fn begins(applied: &Applied, before: &Appraisal) -> bool {
    let edition = |other: &Applied| (&other.rule_id, &other.version) == (&applied.rule_id, &applied.version);
    let asks = match &before.outcome {
        Outcome::EligibleOn(day) => {
            applied.never || !applied.missing.is_empty() || applied.until.is_some_and(|until| until > *day)
        }
        Outcome::Never | Outcome::Unknown(_) => true,
    };
    asks && !before.applied.iter().any(edition)
}
