//! What is missing, in words.

use domain::retention::MissingFact;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that has to be known before it can be said how long a record is kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MissingView {
    pub code: String,
    /// What is missing, and what can be done about it.
    pub text: String,
}

impl From<MissingFact> for MissingView {
    fn from(missing: MissingFact) -> Self {
        Self { code: missing.name().to_owned(), text: words(missing).to_owned() }
    }
}

impl MissingView {
    /// What an entry of the worklist says, which keeps codes.
    pub(crate) fn of_code(code: &str) -> Self {
        match MissingFact::of(code) {
            Some(missing) => missing.into(),
            None => Self { code: code.to_owned(), text: code.to_owned() },
        }
    }
}

const fn words(missing: MissingFact) -> &'static str {
    match missing {
        MissingFact::Schedule => "No rule says how long: set the schedule, or close its gap.",
        MissingFact::Class => "The file plan has no class for its section: classify the record.",
        MissingFact::LastEncounter => "Nobody has entered when the client was last seen.",
        MissingFact::LastEntry => "It is not known when something was last entered.",
        MissingFact::Discharge => "Nobody has entered when the client was discharged.",
        MissingFact::MandateEnd => "Nobody has entered when the mandate ended.",
        MissingFact::CaseClosure => "Nobody has entered when the case was closed.",
        MissingFact::Signature => "It was not signed.",
        MissingFact::Supersession => "It is not known since when it is no longer in effect.",
        MissingFact::MinorRule => {
            "The client was a minor, and the rule leaves open for how long: a policy of yours has to name an age."
        }
    }
}
