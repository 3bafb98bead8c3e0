//! What is said in a session: sealed at rest, and never overwritten, because every answer and every record is an
//! entry with a number of its own (O-01, R107).

use super::{FacilitationError, ItemCode};
use crate::{
    MemberId, ParticipantId, Sealed,
    limits::{FORM_ANSWER_CHARS, FORM_FIELDS, NAME_CHARS, NOTE_CHARS, NOTE_SECTION_CHARS, REASON_CHARS},
    text::{Line, Prose},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who a participant is, as the session needs to know: the center has no access to the client's own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: Line<NAME_CHARS>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
}

/// One answer or record, as it was given; entries are only ever added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub participant_id: ParticipantId,
    pub part: Part,
    /// Counted from 1 within its part.
    pub number: u32,
    pub recorded_by: MemberId,
    pub recorded_at: Timestamp,
    pub content: Sealed<Content>,
    /// Why the entry before it was not right.
    pub reason: Option<Sealed<Prose<REASON_CHARS>>>,
}

/// What an entry is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SessionPart")]
pub enum Part {
    Item(ItemCode),
    Administration,
    Integration,
}

impl Part {
    /// The part's name among keys and ciphertexts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Item(code) => code.name(),
            Self::Administration => "administration",
            Self::Integration => "integration",
        }
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Content {
    Item { answers: Answers },
    Administration(Box<Administration>),
    Integration(IntegrationNotes),
}

/// What a client answers to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answers {
    /// The answers to a questionnaire, in its order.
    Survey { answers: Vec<u8> },
    /// The answers to the published client information form, in its order: there is no other wording.
    ClientInformation {
        /// The edition printed on the form.
        edition: Line<60>,
        answers: Vec<bool>,
    },
    /// The form by which a client lets identifiable information be disclosed (O-07).
    DisclosureConsent(DisclosureConsent),
    /// Any other form, field by field.
    Form { fields: Vec<FormField> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    pub label: Line<NAME_CHARS>,
    pub answer: Prose<FORM_ANSWER_CHARS>,
}

/// What a consent to disclose says (OAR 333-333-4810).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisclosureConsent {
    /// Which information.
    pub description: Prose<REASON_CHARS>,
    pub recipient: Line<NAME_CHARS>,
    pub purpose: Line<NAME_CHARS>,
    pub signed_at: Timestamp,
    /// The last day it is in force; without one it is no consent, and said to be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// Whether it was given on the authority's own form.
    pub on_oha_form: bool,
}

/// Questions of the published client information form: the paragraphs of its rule have single letters.
const CLIENT_INFORMATION_QUESTIONS: std::ops::RangeInclusive<usize> = 10..=26;

impl Answers {
    /// Whether these are answers to that item.
    pub fn check(&self, code: ItemCode, now: Timestamp) -> Result<(), FacilitationError> {
        match (self, code) {
            (Self::Survey { answers }, code) => match code.instrument() {
                Some(instrument) => instrument.check(answers),
                None => Err(FacilitationError::OtherForm),
            },
            (Self::ClientInformation { answers, .. }, ItemCode::Oha(OhaForm::ClientInformation)) => {
                if CLIENT_INFORMATION_QUESTIONS.contains(&answers.len()) {
                    Ok(())
                } else {
                    Err(FacilitationError::Unanswered)
                }
            }
            (Self::DisclosureConsent(consent), ItemCode::Oha(OhaForm::DisclosureConsent)) => {
                if consent.signed_at <= now { Ok(()) } else { Err(FacilitationError::Future) }
            }
            (Self::Form { fields }, code) if code.is_form() => check_fields(fields),
            _ => Err(FacilitationError::OtherForm),
        }
    }

    /// The score of a questionnaire.
    pub fn score(&self) -> Option<u32> {
        match self {
            Self::Survey { answers } => Some(answers.iter().copied().map(u32::from).sum()),
            _ => None,
        }
    }
}

fn check_fields(fields: &[FormField]) -> Result<(), FacilitationError> {
    let chars: usize = fields.iter().map(|field| field.answer.as_str().chars().count()).sum();
    if fields.is_empty() || fields.len() > FORM_FIELDS || chars > NOTE_CHARS {
        return Err(FacilitationError::Fields);
    }
    Ok(())
}

/// A form of the Oregon Health Authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OhaForm {
    ClientInformation,
    InformedConsent,
    ClientBillOfRights,
    SafetyAndSupportPlan,
    TransportationPlan,
    /// The 303 client data, collected of everyone, whoever opts out of their being sent on (O-10).
    ClientData,
    /// Only of who consents to a disclosure (O-07).
    DisclosureConsent,
}

/// A questionnaire with numbers for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instrument {
    Who5,
    Phq9,
    Gad7,
    Meq30,
}

impl Instrument {
    pub const fn questions(self) -> usize {
        match self {
            Self::Who5 => 5,
            Self::Phq9 => 9,
            Self::Gad7 => 7,
            Self::Meq30 => 30,
        }
    }

    /// The greatest answer to a question; the least is 0.
    pub const fn top(self) -> u8 {
        match self {
            Self::Who5 | Self::Meq30 => 5,
            Self::Phq9 | Self::Gad7 => 3,
        }
    }

    fn check(self, answers: &[u8]) -> Result<(), FacilitationError> {
        if answers.len() == self.questions() && answers.iter().all(|answer| *answer <= self.top()) {
            Ok(())
        } else {
            Err(FacilitationError::Unanswered)
        }
    }
}

/// What was administered and what came of it. What is not known yet is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Administration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Line<NAME_CHARS>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Line<NAME_CHARS>>,
    /// Whole fungi have a minimum duration of their own (O-09).
    #[serde(default)]
    pub whole_fungi: bool,
    /// Micrograms of psilocybin analyte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_dose_ug: Option<u32>,
    /// Micrograms of psilocybin analyte; 0 when no second dose was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booster_dose_ug: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_reaction: Option<Reaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behavioral_reaction: Option<Reaction>,
    /// That the facilitator certifies that the client completed it (O-12).
    #[serde(default)]
    pub certified: bool,
    /// Why it was done although a rule stood against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Prose<REASON_CHARS>>,
}

/// Whether there was an adverse reaction, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    pub occurred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose<REASON_CHARS>>,
}

impl Administration {
    /// What the status asks for is filled: both doses and both reactions.
    pub const fn is_complete(&self) -> bool {
        self.primary_dose_ug.is_some()
            && self.booster_dose_ug.is_some()
            && self.medical_reaction.is_some()
            && self.behavioral_reaction.is_some()
    }

    /// All that was consumed, when the primary dose is known.
    pub fn total_ug(&self) -> Option<u32> {
        Some(self.primary_dose_ug?.saturating_add(self.booster_dose_ug.unwrap_or(0)))
    }

    /// How long it lasted.
    pub fn duration(&self) -> Option<SignedDuration> {
        Some(self.ended_at?.duration_since(self.started_at?))
    }

    /// Checks what was typed against the clock and itself.
    pub fn check(&self, now: Timestamp) -> Result<(), FacilitationError> {
        if self.started_at.is_some_and(|at| at > now) || self.ended_at.is_some_and(|at| at > now) {
            return Err(FacilitationError::Future);
        }
        let ends_well = match (self.started_at, self.ended_at) {
            (Some(start), Some(end)) => start < end,
            (None, Some(_)) => false,
            _ => true,
        };
        let described = |reaction: &Option<Reaction>| {
            reaction.as_ref().is_none_or(|reaction| !reaction.occurred || reaction.description.is_some())
        };
        if !ends_well {
            Err(FacilitationError::Times)
        } else if described(&self.medical_reaction) && described(&self.behavioral_reaction) {
            Ok(())
        } else {
            Err(FacilitationError::Reaction)
        }
    }
}

/// What is written of the integration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationNotes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Prose<NOTE_SECTION_CHARS>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn survey(answers: Vec<u8>) -> Answers {
        Answers::Survey { answers }
    }

    #[test]
    fn a_questionnaire_is_answered_whole_and_within_its_scale() {
        for (code, questions, top) in [
            (ItemCode::Who5, 5, 5_u8),
            (ItemCode::Phq9, 9, 3),
            (ItemCode::Gad7, 7, 3),
            (ItemCode::Meq30, 30, 5),
        ] {
            assert_eq!(survey(vec![top; questions]).check(code, NOW), Ok(()));
            for wrong in [vec![top; questions - 1], vec![0; questions + 1], vec![top + 1; questions]] {
                assert_eq!(survey(wrong).check(code, NOW), Err(FacilitationError::Unanswered));
            }
        }
        assert_eq!(survey(vec![3; 9]).score(), Some(27));
    }

    /// the client information form has no words of anybody's own.
    #[test]
    fn the_client_information_form_is_the_published_one() {
        let code = ItemCode::Oha(OhaForm::ClientInformation);
        let edition = Line::new("2025").unwrap();
        let answered =
            |count| Answers::ClientInformation { edition: edition.clone(), answers: vec![false; count] };
        assert_eq!(answered(10).check(code, NOW), Ok(()));
        assert_eq!(answered(9).check(code, NOW), Err(FacilitationError::Unanswered));
        assert_eq!(answered(27).check(code, NOW), Err(FacilitationError::Unanswered));
        let own = FormField { label: Line::new("Lithium?").unwrap(), answer: Prose::new("No").unwrap() };
        let own = Answers::Form { fields: vec![own] };
        assert_eq!(own.check(code, NOW), Err(FacilitationError::OtherForm));
        assert_eq!(own.check(ItemCode::Oha(OhaForm::TransportationPlan), NOW), Ok(()));
        assert_eq!(answered(10).check(ItemCode::RiskAssessment, NOW), Err(FacilitationError::OtherForm));
    }

    fn complete() -> Administration {
        let none = Some(Reaction { occurred: false, description: None });
        Administration {
            primary_dose_ug: Some(20_000),
            booster_dose_ug: Some(0),
            medical_reaction: none.clone(),
            behavioral_reaction: none,
            ..Administration::default()
        }
    }

    /// exactly four details make it complete.
    #[test]
    fn an_administration_is_complete_with_its_four_details() {
        assert!(complete().is_complete());
        for missing in [
            Administration { primary_dose_ug: None, ..complete() },
            Administration { booster_dose_ug: None, ..complete() },
            Administration { medical_reaction: None, ..complete() },
            Administration { behavioral_reaction: None, ..complete() },
        ] {
            assert!(!missing.is_complete());
        }
    }

    #[test]
    fn an_administration_ends_after_it_began_and_not_in_the_future() {
        let at = |seconds| Some(Timestamp::from_second(seconds).unwrap());
        let now = Timestamp::from_second(1_000).unwrap();
        let timed = |start, end| Administration { started_at: start, ended_at: end, ..complete() }.check(now);
        assert_eq!(timed(at(0), at(1_000)), Ok(()));
        assert_eq!(timed(at(0), None), Ok(()));
        assert_eq!(timed(at(5), at(5)), Err(FacilitationError::Times));
        assert_eq!(timed(None, at(5)), Err(FacilitationError::Times));
        assert_eq!(timed(at(1_001), None), Err(FacilitationError::Future));
        let silent = Some(Reaction { occurred: true, description: None });
        let silent = Administration { medical_reaction: silent, ..complete() };
        assert_eq!(silent.check(now), Err(FacilitationError::Reaction));
    }

    proptest! {
        /// What is consumed is both doses, whatever they are.
        #[test]
        fn the_total_is_both_doses(primary: u32, booster in prop::option::of(any::<u32>())) {
            let taken = Administration {
                primary_dose_ug: Some(primary), booster_dose_ug: booster, ..Administration::default()
            };
            let expected = u64::from(primary) + u64::from(booster.unwrap_or(0));
            let expected = u32::try_from(expected).unwrap_or(u32::MAX);
            prop_assert_eq!(taken.total_ug(), Some(expected));
        }
    }
}
