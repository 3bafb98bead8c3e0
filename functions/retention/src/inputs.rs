//! The facts that rules were applied to, as people see them: of the birth date the year, as everywhere that it is not
//! revealed (R085, R151).

use domain::retention::{ClientFacts, Jurisdiction, Payer, RecordFacts};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// The facts the rules were applied to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RetentionInputs {
    pub client: ClientInputs,
    pub record: RecordFacts,
}

/// What is known of a client.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ClientFacts")]
pub struct ClientInputs {
    /// The year of birth: the whole day is revealed on the client's page alone, where that is recorded. Not known: a
    /// minor who was born at first contact.
    #[schemars(range(min = 1, max = 9999))]
    pub birth_year: Option<i16>,
    pub death_date: Option<Date>,
    pub first_contact_on: Option<Date>,
    /// The last day on which they are known to have been seen: as somebody has entered it, and as notes, examinations and
    /// facilitated sessions show.
    pub last_encounter_on: Option<Date>,
    /// The last day that any record of theirs tells of, a folder's or a letter's too. It is no encounter by itself; once
    /// an encounter or a discharge is known, in doubt the later day counts.
    pub last_record_on: Option<Date>,
    /// The last entry in any record of theirs.
    pub last_entry_on: Option<Date>,
    pub discharged_on: Option<Date>,
    pub case_closed_on: Option<Date>,
    pub mandate_ended_on: Option<Date>,
    /// Where they live: more than one place if clients who are the same person are said to live in different ones.
    pub residences: BTreeSet<Jurisdiction>,
    pub payers: BTreeSet<Payer>,
    pub incapacitated: bool,
    pub unpaid_claim: bool,
    pub open_request: bool,
}

impl From<ClientFacts> for ClientInputs {
    fn from(facts: ClientFacts) -> Self {
        Self {
            birth_year: facts.birth_date.map(Date::year),
            death_date: facts.death_date,
            first_contact_on: facts.first_contact_on,
            last_encounter_on: facts.last_encounter_on,
            last_record_on: facts.last_record_on,
            last_entry_on: facts.last_entry_on,
            discharged_on: facts.discharged_on,
            case_closed_on: facts.case_closed_on,
            mandate_ended_on: facts.mandate_ended_on,
            residences: facts.residences,
            payers: facts.payers,
            incapacitated: facts.incapacitated,
            unpaid_claim: facts.unpaid_claim,
            open_request: facts.open_request,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn of_the_birth_date_the_year_is_shown() {
        let born = ClientFacts { birth_date: Some(date(1984, 2, 29)), ..ClientFacts::default() };
        let shown = serde_json::to_value(ClientInputs::from(born)).unwrap();
        assert_eq!((&shown["birth_year"], shown.get("birth_date")), (&serde_json::json!(1984), None));
        assert!(!shown.to_string().contains("02-29"));
        assert_eq!(ClientInputs::from(ClientFacts::default()).birth_year, None);
    }
}
