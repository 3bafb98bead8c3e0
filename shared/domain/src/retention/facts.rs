//! What is known of a client and of a record, as far as it decides how long the record is kept (R153).

use super::{Jurisdiction, Payer, Profile, RecordClass};
use crate::{
    ClientId, MemberId, OrganizationId, RecordId,
    chart::Section,
    confidentiality::Compartment,
    record::{Body, Record},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is known of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClientFacts {
    /// Not known: a minor who was born at first contact.
    pub birth_date: Option<Date>,
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

impl ClientFacts {
    /// With what people have entered of them, or of another client who is the same person: the later of two days
    /// counts, every place and every payer, and whatever keeps a record (R021, R152).
    #[must_use]
    pub fn entered(mut self, facts: &RetentionFacts) -> Self {
        self.residences.extend(facts.residence.clone());
        self.payers.extend(&facts.payers);
        Self {
            last_encounter_on: self.last_encounter_on.max(facts.last_encounter_on),
            discharged_on: self.discharged_on.max(facts.discharged_on),
            case_closed_on: self.case_closed_on.max(facts.case_closed_on),
            mandate_ended_on: self.mandate_ended_on.max(facts.mandate_ended_on),
            incapacitated: self.incapacitated || facts.incapacitated,
            unpaid_claim: self.unpaid_claim || facts.unpaid_claim,
            open_request: self.open_request || facts.open_request,
            ..self
        }
    }

    /// The last day on which they may have been seen, where one is known on which they were.
    pub(super) fn last_seen(&self, known: Option<Date>) -> Option<Date> {
        known.map(|day| self.last_record_on.map_or(day, |told| told.max(day)))
    }
}

/// What people enter of a client for the sake of retention, as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionFacts {
    pub client_id: ClientId,
    pub organization_id: OrganizationId,
    /// The last day on which they were seen.
    #[serde(default)]
    pub last_encounter_on: Option<Date>,
    /// The last discharge.
    #[serde(default)]
    pub discharged_on: Option<Date>,
    #[serde(default)]
    pub case_closed_on: Option<Date>,
    /// The end of the mandate or contract under which they were a client.
    #[serde(default)]
    pub mandate_ended_on: Option<Date>,
    /// Where they live: the rules there count beside those where they were served.
    #[serde(default)]
    pub residence: Option<Jurisdiction>,
    #[serde(default)]
    pub payers: BTreeSet<Payer>,
    #[serde(default)]
    pub incapacitated: bool,
    #[serde(default)]
    pub unpaid_claim: bool,
    /// Whether somebody waits for access to their records, or for an amendment of them.
    #[serde(default)]
    pub open_request: bool,
    pub set_by: MemberId,
    pub set_at: Timestamp,
    pub revision: u64,
}

/// Why facts were refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FactsError {
    #[error(
        "an encounter, a discharge, the closing of a case and the end of a mandate lie between 1850 and today"
    )]
    Day,
}

impl RetentionFacts {
    pub fn check(&self, today: Date) -> Result<(), FactsError> {
        let days = [self.last_encounter_on, self.discharged_on, self.case_closed_on, self.mandate_ended_on];
        let sound = |day: Date| day.year() >= 1850 && day <= today;
        if days.into_iter().flatten().all(sound) { Ok(()) } else { Err(FactsError::Day) }
    }
}

/// What is known of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordFacts {
    pub record_id: RecordId,
    /// What it is; not known if the file plan leaves its section out.
    pub class: Option<RecordClass>,
    pub created_on: Date,
    /// The day it tells of.
    pub occurred_on: Date,
    pub signed_on: Option<Date>,
    /// When the newest version of it was made.
    pub last_entry_on: Date,
    /// Since when it is no longer in effect.
    pub superseded_on: Option<Date>,
}

impl RecordFacts {
    /// The facts of a record, its days as the organization's clocks show them.
    pub fn of(record: &Record, profile: &Profile, zone: &TimeZone) -> Self {
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let (signed_at, added_at) = match &record.body {
            Body::Data { signed_at, .. } => (*signed_at, None),
            Body::Electronic { current, .. } => (None, Some(current.added_at)),
            Body::Physical(_) => (None, None),
        };
        let newest = [signed_at, added_at].into_iter().flatten().max();
        let created_on = day(record.created_at);
        Self {
            record_id: record.id,
            class: class_of(record, profile),
            created_on,
            occurred_on: record.occurred_on,
            signed_on: signed_at.map(day),
            last_entry_on: newest.map_or(created_on, |at| day(at).max(created_on)),
            superseded_on: None,
        }
    }

    /// When the client was as young as the record knows them.
    pub(super) fn earliest_day(&self) -> Date {
        self.occurred_on.min(self.created_on)
    }

    /// The last day on which something of the record itself happened.
    pub(super) fn latest_day(&self) -> Date {
        let days = [Some(self.created_on), Some(self.last_entry_on), self.signed_on];
        days.into_iter().flatten().fold(self.occurred_on, Date::max)
    }
}

/// The day on which a record shows that the client was seen: a note tells of a visit, and a picture was taken of somebody
/// who was there. Of the day on a folder, a letter or a form nobody knows whether they were, nor of what they sent
/// themselves.
pub fn encounter_on(record: &Record) -> Option<Date> {
    let seen = match &record.body {
        Body::Data { .. } => true,
        Body::Electronic { .. } => is_examination(record),
        Body::Physical(_) => false,
    };
    (seen && !record.from_client).then_some(record.occurred_on)
}

/// Whether a file was made of the client: by what somebody has said that it is, else by its section. The file plan is not
/// asked, so that another one does not change who was seen.
fn is_examination(record: &Record) -> bool {
    use RecordClass::{ForensicExam, Imaging, Immunization, Mammogram, RadiationTreatment, Tracing};
    record.class.map_or(record.section == Section::Imaging, |class| {
        matches!(class, ForensicExam | Imaging | Immunization | Mammogram | RadiationTreatment | Tracing)
    })
}

/// What a record is: as somebody has said, else by the compartment it is kept in, else by the file plan.
fn class_of(record: &Record, profile: &Profile) -> Option<RecordClass> {
    record.class.or_else(|| match record.guard.compartment {
        Compartment::PsychotherapyNotes => Some(RecordClass::PsychotherapyNote),
        Compartment::RawData => Some(RecordClass::RawData),
        Compartment::Chart | Compartment::Private => profile.file_plan.get(&record.section).copied(),
    })
}
