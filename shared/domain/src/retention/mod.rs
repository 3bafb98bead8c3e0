//! Retention: how long a record is kept, by which rules, and what still has to be known to say so (R150-R157).
//!
//! ```text
//! Profile (what binds here) ─┐
//! ClientFacts ───────────────┼─> appraise ─> Appraisal { outcome, applied, decisive, blocks }
//! RecordFacts ───────────────┘
//! ```
//!
//! Rules are in force from and until days of their own. One that is not in force yet does not bind; one that has ended
//! binds beside what came after it, until somebody has set the schedule since: time alone lets nothing go earlier.
//!
//! The longest rule wins: over every jurisdiction of the organization and the client's residence, every kind of
//! practice, the class of the record, the payers, and the organization's own policy, which lengthens only. What is
//! not known never makes a record eligible: it goes to a worklist. Where a text can be read two ways, the longer
//! reading is taken.

mod appraise;
mod codes;
mod coming;
mod ending;
mod facts;
mod jurisdiction;
mod period;
mod profile;
mod review;
mod rule;
mod starter;
#[cfg(test)]
mod tests;

pub use appraise::{Applied, Appraisal, Binding, Block, Move, Outcome, appraise, moved};
pub use codes::{MissingFact, NoticeDuty, Payer, Practice, RecordClass, RuleStatus, Trigger};
pub use coming::{Coming, coming};
pub use ending::{Announced, Endings};
pub use facts::{ClientFacts, FactsError, RecordFacts, RetentionFacts, encounter_on};
pub use jurisdiction::Jurisdiction;
pub use period::{DeathRule, Length, MinorBound, MinorRule, Period};
pub use profile::{Adoption, CutOff, Gap, PolicyRule, Profile, ProfileError, ScheduleTerms};
pub use review::{missing, next_review, notice_due};
pub use rule::{Also, AlsoFor, Rule, RuleId, RuleText};
pub use starter::{in_force_on, starter, starter_rule, starter_version};

/// A text that is none of the codes it should be one of.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not {what}")]
pub struct CodeError {
    text: String,
    what: &'static str,
}

impl CodeError {
    fn new(text: &str, what: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), what }
    }
}

/// Serialises a type as the text it is written as, and reads it back from that.
macro_rules! written {
    ($name:ident, $example:literal) => {
        impl TryFrom<String> for $name {
            type Error = crate::retention::CodeError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 200, "examples": [$example] })
            }
        }
    };
}
use written;
