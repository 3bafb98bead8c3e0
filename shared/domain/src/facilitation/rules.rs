//! The rules of Oregon's psilocybin services as one table: what is found, how grave it is, what it stands in the way of,
//! and where it is written (R110).

use crate::ParticipantId;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    Corrected,
    LicenseNotInForce,
    KeptUntil,
    DestroyedOnRequest,
    FacilitatorWithoutClient,
    CenterAccess,
    ConsentTooLate,
    ConsentWithoutExpiry,
    ConsentExpired,
    ConsentOnOtherForm,
    PreparationMissing,
    PreparationTooRecent,
    PreparationTooOld,
    FormsNotReviewed,
    HistoryAttested,
    ClientInformationMissing,
    FormsOutstanding,
    DoseTooHigh,
    SessionTooShort,
    VisitAttested,
    TimesMissing,
    ClientDataMissing,
    ClientDataDue,
    Confidentiality,
    PreparationNotCertified,
    AdministrationNotCertified,
    IntegrationNotOffered,
    IntegrationNotCertified,
    ClientTooYoung,
    BirthDateUnknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The act it names is refused.
    Blocking,
    Warning,
    /// Nothing is wrong; it is to be known.
    Notice,
}

/// What a blocking finding stands in the way of; what may not be planned may not be done either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Schedule,
    Administer,
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub code: Code,
    pub requirement: &'static str,
    pub severity: Severity,
    pub blocks: Option<Act>,
    pub citation: &'static str,
    pub message: &'static str,
}

const fn blocking(
    code: Code,
    requirement: &'static str,
    act: Act,
    citation: &'static str,
    message: &'static str,
) -> Rule {
    Rule { code, requirement, severity: Severity::Blocking, blocks: Some(act), citation, message }
}

const fn warning(
    code: Code,
    requirement: &'static str,
    citation: &'static str,
    message: &'static str,
) -> Rule {
    Rule { code, requirement, severity: Severity::Warning, blocks: None, citation, message }
}

const fn notice(
    code: Code,
    requirement: &'static str,
    citation: &'static str,
    message: &'static str,
) -> Rule {
    Rule { code, requirement, severity: Severity::Notice, blocks: None, citation, message }
}

/// The rules, in the order of their codes.
#[rustfmt::skip]
pub const RULES: [Rule; 30] = [
    notice(Code::Corrected, "O-01", "OAR 333-333-4820(1)",
        "something was corrected after it was recorded; what was recorded before is kept beside it"),
    warning(Code::LicenseNotInForce, "O-02", "OAR 333-333-4820(1)(a), (b)",
        "the center's license, as it is on file, is not in force on the day of the administration"),
    notice(Code::KeptUntil, "O-03", "OAR 333-333-4820(2)",
        "the records of the session are kept for five years, to this day"),
    notice(Code::DestroyedOnRequest, "O-04", "OAR 333-333-4820(3)",
        "the retention period is over: the records are destroyed when the client asks for it"),
    warning(Code::FacilitatorWithoutClient, "O-05", "OAR 333-333-4820(4)",
        "a facilitator of the session serves none of its participants, and may not read their records"),
    notice(Code::CenterAccess, "O-06", "OAR 333-333-4820(5)",
        "the center's representatives read the session only as its operations need it, or with the client's consent"),
    warning(Code::ConsentTooLate, "O-07", "OAR 333-333-4810(4)",
        "the consent to disclose was given less than 24 hours before the administration; nothing is disclosed under it"),
    warning(Code::ConsentWithoutExpiry, "O-07", "OAR 333-333-4810(2)(e)",
        "the consent to disclose has no day on which it ends; nothing is disclosed under it"),
    warning(Code::ConsentExpired, "O-07", "OAR 333-333-4810(2)(e)",
        "the consent to disclose has expired"),
    warning(Code::ConsentOnOtherForm, "O-07", "OAR 333-333-4810(3)",
        "the consent to disclose is not on the authority's own form"),
    blocking(Code::PreparationMissing, "O-08", Act::Administer, "OAR 333-333-5000(1); ORS 475A.345(1)",
        "no preparation session was held"),
    blocking(Code::PreparationTooRecent, "O-08", Act::Schedule, "OAR 333-333-5000(1)",
        "the preparation session is less than 24 hours before the administration"),
    blocking(Code::PreparationTooOld, "O-08", Act::Schedule, "OAR 333-333-5000(1)",
        "the preparation session is more than 90 days before the administration"),
    blocking(Code::FormsNotReviewed, "O-08", Act::Administer, "OAR 333-333-5000(1)",
        "the facilitator did not prepare the client and has not reviewed the forms"),
    warning(Code::HistoryAttested, "O-08", "OAR 333-333-5000(1)",
        "that the client had an administration session with the facilitator before is attested; no session here shows it"),
    blocking(Code::ClientInformationMissing, "O-08", Act::Administer, "OAR 333-333-5050(1); ORS 475A.350(1)",
        "the client information form is not complete"),
    blocking(Code::FormsOutstanding, "O-08", Act::Administer, "OAR 333-333-5000(1)",
        "a required form is not signed and complete"),
    blocking(Code::DoseTooHigh, "O-09", Act::Administer, "OAR 333-333-5250(1)(f)",
        "more than 50 mg of psilocybin analyte"),
    blocking(Code::SessionTooShort, "O-09", Act::Administer, "OAR 333-333-5250(1), (2)",
        "the administration is shorter than the least duration for its dose"),
    warning(Code::VisitAttested, "O-09", "OAR 333-333-5250(1), (2)",
        "that the client was at the center within the year before is attested; no session here shows it"),
    warning(Code::TimesMissing, "O-09", "OAR 333-333-5250(1)",
        "without start and end, nobody can tell whether the administration was long enough"),
    blocking(Code::ClientDataMissing, "O-10", Act::Administer, "OAR 333-333-4900(1), (5)",
        "the 303 client data are not collected; they are, of those who opt out too"),
    notice(Code::ClientDataDue, "O-10", "OAR 333-333-4910; ORS 475A.372",
        "the quarter's 303 data, without those who opted out, are due on this day"),
    notice(Code::Confidentiality, "O-11", "ORS 475A.450",
        "what identifies the client is disclosed with their consent, or under one of the six exceptions of the statute"),
    warning(Code::PreparationNotCertified, "O-12", "ORS 475A.345(3)",
        "the facilitator has not certified that the client completed the preparation"),
    warning(Code::AdministrationNotCertified, "O-12", "ORS 475A.355(3)",
        "the facilitator has not certified that the client completed the administration"),
    warning(Code::IntegrationNotOffered, "O-12", "ORS 475A.360(1)",
        "the client has not been offered an integration session"),
    warning(Code::IntegrationNotCertified, "O-12", "ORS 475A.360(3)",
        "the facilitator has not certified that the client completed the integration"),
    blocking(Code::ClientTooYoung, "O-13", Act::Schedule, "OAR 333-333-4400",
        "the client is younger than 21"),
    blocking(Code::BirthDateUnknown, "O-13", Act::Administer, "OAR 333-333-4400",
        "the client's date of birth is not known, so nobody can tell whether they are 21"),
];

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    pub code: Code,
    /// The requirement it comes from: `O-08`.
    pub requirement: &'static str,
    pub severity: Severity,
    /// What a blocking finding stands in the way of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Act>,
    pub citation: &'static str,
    pub message: &'static str,
    /// Whom it is about; the session as a whole, if nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<ParticipantId>,
    /// The day it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

impl Code {
    pub fn rule(self) -> &'static Rule {
        // INVARIANT: every code has its row; a test looks at each.
        RULES.iter().find(|rule| rule.code == self).unwrap_or(&RULES[0])
    }

    /// The code as evidence and the API write it.
    pub fn name(self) -> String {
        let named = serde_json::to_value(self).ok();
        named.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
    }

    pub(super) fn finding(self, participant_id: Option<ParticipantId>, on: Option<Date>) -> Finding {
        let rule = self.rule();
        Finding {
            code: self,
            requirement: rule.requirement,
            severity: rule.severity,
            blocks: rule.blocks,
            citation: rule.citation,
            message: rule.message,
            participant_id,
            on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_one_rule_and_its_citation() {
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.code as usize, at, "{:?}", rule.code);
            assert_eq!(rule.code.rule().message, rule.message);
            assert!(rule.citation.starts_with("OAR 333-333-") || rule.citation.starts_with("ORS 475A."));
            assert_eq!(rule.severity == Severity::Blocking, rule.blocks.is_some(), "{:?}", rule.code);
        }
    }

    #[test]
    fn every_requirement_has_a_rule() {
        let covered: BTreeSet<_> = RULES.iter().map(|rule| rule.requirement.to_owned()).collect();
        let all: BTreeSet<_> = (1..=13).map(|number| format!("O-{number:02}")).collect();
        assert_eq!(covered, all);
    }
}
