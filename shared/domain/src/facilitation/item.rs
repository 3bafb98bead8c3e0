//! What a participant has to have done before and after the administration: surveys, the risk assessment, forms and
//! documents, each required or not, completed by the client and counter-signed by the facilitator.

use super::{FacilitationError, Instrument, OhaForm};
use crate::{MemberId, OrganizationId, Sealed, limits::NAME_CHARS, text::Line};
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, str::FromStr};

/// Which item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ItemCode {
    Who5,
    Phq9,
    Gad7,
    RiskAssessment,
    Oha(OhaForm),
    /// A document of the facilitator's own.
    Document(Slot),
    Meq30,
    FeedbackAndOutcomes,
}

/// One of the nine places for documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

/// When an item is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Preparation,
    Integration,
}

/// No such item.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no such item of a session")]
pub struct ItemCodeError;

const fn document(slot: u8) -> ItemCode {
    ItemCode::Document(Slot(slot))
}

impl ItemCode {
    pub const ALL: [Self; 22] = [
        Self::Who5,
        Self::Phq9,
        Self::Gad7,
        Self::RiskAssessment,
        Self::Oha(OhaForm::ClientInformation),
        Self::Oha(OhaForm::InformedConsent),
        Self::Oha(OhaForm::ClientBillOfRights),
        Self::Oha(OhaForm::SafetyAndSupportPlan),
        Self::Oha(OhaForm::TransportationPlan),
        Self::Oha(OhaForm::ClientData),
        Self::Oha(OhaForm::DisclosureConsent),
        document(1),
        document(2),
        document(3),
        document(4),
        document(5),
        document(6),
        document(7),
        document(8),
        document(9),
        Self::Meq30,
        Self::FeedbackAndOutcomes,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Who5 => "who_5",
            Self::Phq9 => "phq_9",
            Self::Gad7 => "gad_7",
            Self::RiskAssessment => "risk_assessment",
            Self::Oha(OhaForm::ClientInformation) => "oha_client_information",
            Self::Oha(OhaForm::InformedConsent) => "oha_informed_consent",
            Self::Oha(OhaForm::ClientBillOfRights) => "oha_client_bill_of_rights",
            Self::Oha(OhaForm::SafetyAndSupportPlan) => "oha_safety_and_support_plan",
            Self::Oha(OhaForm::TransportationPlan) => "oha_transportation_plan",
            Self::Oha(OhaForm::ClientData) => "oha_client_data",
            Self::Oha(OhaForm::DisclosureConsent) => "oha_disclosure_consent",
            Self::Document(Slot(1)) => "document_1",
            Self::Document(Slot(2)) => "document_2",
            Self::Document(Slot(3)) => "document_3",
            Self::Document(Slot(4)) => "document_4",
            Self::Document(Slot(5)) => "document_5",
            Self::Document(Slot(6)) => "document_6",
            Self::Document(Slot(7)) => "document_7",
            Self::Document(Slot(8)) => "document_8",
            // INVARIANT: slots are made in `ALL` and nowhere else, so that this is the ninth.
            Self::Document(_) => "document_9",
            Self::Meq30 => "meq_30",
            Self::FeedbackAndOutcomes => "feedback_and_outcomes",
        }
    }

    pub const fn phase(self) -> Phase {
        match self {
            Self::Meq30 | Self::FeedbackAndOutcomes => Phase::Integration,
            _ => Phase::Preparation,
        }
    }

    /// The questionnaire it is, if it is one.
    pub const fn instrument(self) -> Option<Instrument> {
        match self {
            Self::Who5 => Some(Instrument::Who5),
            Self::Phq9 => Some(Instrument::Phq9),
            Self::Gad7 => Some(Instrument::Gad7),
            Self::Meq30 => Some(Instrument::Meq30),
            _ => None,
        }
    }

    /// Whether it is answered field by field, in whatever form keeps its components.
    pub const fn is_form(self) -> bool {
        !matches!(self, Self::Oha(OhaForm::ClientInformation | OhaForm::DisclosureConsent))
            && self.instrument().is_none()
    }

    /// Whether the facilitator signs below the client.
    pub const fn is_counter_signed(self) -> bool {
        matches!(self, Self::Oha(_) | Self::Document(_) | Self::RiskAssessment)
    }

    /// Whether it is required when nobody has said otherwise. A consent to disclose is the client's choice.
    pub const fn is_required_at_first(self) -> bool {
        !matches!(self, Self::Oha(OhaForm::DisclosureConsent))
    }

    /// The one form that is taken as it is published: not left out, not reworded.
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Oha(OhaForm::ClientInformation))
    }

    /// Whether a participant has it: forms of the authority only at a licensed Oregon center, documents when they
    /// were named.
    pub const fn appears(self, oregon: bool, named: bool) -> bool {
        match self {
            Self::Oha(_) => oregon,
            Self::Document(_) => named,
            _ => true,
        }
    }
}

impl FromStr for ItemCode {
    type Err = ItemCodeError;

    fn from_str(text: &str) -> Result<Self, ItemCodeError> {
        Self::ALL.into_iter().find(|code| code.name() == text).ok_or(ItemCodeError)
    }
}

impl TryFrom<String> for ItemCode {
    type Error = ItemCodeError;

    fn try_from(text: String) -> Result<Self, ItemCodeError> {
        text.parse()
    }
}

impl From<ItemCode> for String {
    fn from(code: ItemCode) -> String {
        code.name().to_owned()
    }
}

impl JsonSchema for ItemCode {
    fn schema_name() -> Cow<'static, str> {
        "ItemCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

/// What is known of a participant's item, beside what was answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Set when somebody has said whether it is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// What a document is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Sealed<Line<NAME_CHARS>>>,
    /// Entries there are.
    #[serde(default)]
    pub entries: u32,
    /// When the client first completed it: what came later corrects it, and does not make it late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_completed_at: Option<Timestamp>,
    /// The newest completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<Completion>,
}

/// That the client completed an item, and the facilitator's signature below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completion {
    pub completed_at: Timestamp,
    /// Who took the client's answers down.
    pub recorded_by: MemberId,
    /// The center whose name stood on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub center_id: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter_signed: Option<Signature>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    pub by: MemberId,
    pub at: Timestamp,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Outstanding,
    AwaitingCounterSignature,
    /// A form that names another center than the session's.
    MustBeUpdated,
    Complete,
}

impl Item {
    pub fn is_required(&self, code: ItemCode) -> bool {
        self.required.unwrap_or(code.is_required_at_first())
    }

    pub fn state(&self, code: ItemCode, center: Option<OrganizationId>) -> ItemState {
        match &self.completion {
            None => ItemState::Outstanding,
            Some(done) if matches!(code, ItemCode::Oha(_)) && done.center_id != center => {
                ItemState::MustBeUpdated
            }
            Some(done) if code.is_counter_signed() && done.counter_signed.is_none() => {
                ItemState::AwaitingCounterSignature
            }
            Some(_) => ItemState::Complete,
        }
    }

    pub(super) fn require(&mut self, code: ItemCode, required: bool) -> Result<(), FacilitationError> {
        if code.is_fixed() && !required {
            return Err(FacilitationError::Fixed);
        }
        self.required = Some(required);
        Ok(())
    }

    /// The client completes it, once more with a reason; the number of the entry comes back.
    pub(super) fn complete(
        &mut self,
        completion: Completion,
        with_reason: bool,
    ) -> Result<u32, FacilitationError> {
        let number = next(self.entries, with_reason)?;
        self.entries = number;
        self.first_completed_at = self.first_completed_at.or(Some(completion.completed_at));
        self.completion = Some(completion);
        Ok(number)
    }

    pub(super) fn counter_sign(
        &mut self,
        code: ItemCode,
        signature: Signature,
    ) -> Result<(), FacilitationError> {
        if !code.is_counter_signed() {
            return Err(FacilitationError::NoCounterSignature);
        }
        match &mut self.completion {
            None => Err(FacilitationError::NotCompleted),
            Some(Completion { counter_signed: Some(_), .. }) => Err(FacilitationError::CounterSigned),
            Some(completion) => {
                completion.counter_signed = Some(signature);
                Ok(())
            }
        }
    }
}

/// The number of the next entry: what was recorded before is corrected only with a reason (O-01).
pub(super) const fn next(entries: u32, with_reason: bool) -> Result<u32, FacilitationError> {
    if entries > 0 && !with_reason {
        return Err(FacilitationError::NeedsReason);
    }
    Ok(entries.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    fn somebody() -> MemberId {
        MemberId::new(Uuid::from_u128(1))
    }

    fn center(id: u128) -> Option<OrganizationId> {
        Some(OrganizationId::new(Uuid::from_u128(id)))
    }

    fn completed(center_id: Option<OrganizationId>) -> Completion {
        Completion {
            completed_at: Timestamp::UNIX_EPOCH,
            recorded_by: somebody(),
            center_id,
            counter_signed: None,
        }
    }

    #[test]
    fn every_item_has_a_name_of_its_own_and_reads_back() {
        let names: BTreeSet<_> = ItemCode::ALL.map(ItemCode::name).into_iter().collect();
        assert_eq!(names.len(), ItemCode::ALL.len());
        for code in ItemCode::ALL {
            assert_eq!(code.name().parse(), Ok(code));
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(serde_json::from_str::<ItemCode>(&json).unwrap(), code);
        }
        assert_eq!("document_10".parse::<ItemCode>(), Err(ItemCodeError));
    }

    /// the authority's forms are there only at a licensed Oregon center.
    #[test]
    fn forms_of_the_authority_appear_only_in_oregon() {
        for code in ItemCode::ALL {
            let oha = matches!(code, ItemCode::Oha(_));
            let document = matches!(code, ItemCode::Document(_));
            assert_eq!(code.appears(false, false), !oha && !document, "{}", code.name());
            assert!(code.appears(true, true), "{}", code.name());
            assert_eq!(code.appears(false, true), !oha, "{}", code.name());
        }
    }

    #[test]
    fn a_form_is_complete_when_both_have_signed() {
        let code = ItemCode::Oha(OhaForm::TransportationPlan);
        let mut item = Item::default();
        let signature = Signature { by: somebody(), at: Timestamp::UNIX_EPOCH };
        assert_eq!(item.state(code, center(1)), ItemState::Outstanding);
        assert_eq!(item.counter_sign(code, signature), Err(FacilitationError::NotCompleted));
        assert_eq!(item.complete(completed(center(1)), false), Ok(1));
        assert_eq!(item.state(code, center(1)), ItemState::AwaitingCounterSignature);
        assert_eq!(item.counter_sign(code, signature), Ok(()));
        assert_eq!(item.counter_sign(code, signature), Err(FacilitationError::CounterSigned));
        assert_eq!(item.state(code, center(1)), ItemState::Complete);
        // the form names a center, and the session is with another one now.
        assert_eq!(item.state(code, center(2)), ItemState::MustBeUpdated);
        assert_eq!(item.complete(completed(center(2)), false), Err(FacilitationError::NeedsReason));
        assert_eq!(item.complete(completed(center(2)), true), Ok(2));
        assert_eq!(item.state(code, center(2)), ItemState::AwaitingCounterSignature);
    }

    #[test]
    fn a_survey_needs_no_second_signature_and_no_center() {
        let mut item = Item::default();
        assert_eq!(item.complete(completed(None), false), Ok(1));
        assert_eq!(item.state(ItemCode::Who5, center(1)), ItemState::Complete);
        let signature = Signature { by: somebody(), at: Timestamp::UNIX_EPOCH };
        assert_eq!(item.counter_sign(ItemCode::Who5, signature), Err(FacilitationError::NoCounterSignature));
    }

    /// whatever else is left out, the client information form is not.
    #[test]
    fn only_the_client_information_form_cannot_be_left_out() {
        for code in ItemCode::ALL {
            let mut item = Item::default();
            let expected = if code.is_fixed() { Err(FacilitationError::Fixed) } else { Ok(()) };
            assert_eq!(item.require(code, false), expected, "{}", code.name());
            assert_eq!(item.is_required(code), code.is_fixed());
            assert_eq!(item.require(code, true), Ok(()));
        }
    }
}
