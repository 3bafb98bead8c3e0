//! Facilitated sessions: the whole process of preparation, administration and integration with one client or a group,
//! shared with the service center it is held at (R100-R110, A-01 to A-14).
//!
//! A session belongs to the organization of its facilitators. The center is another organization: once associated,
//! its administrators read the whole session, what was there before included, and lose it when they release it. The
//! facilitators' own charts are no part of it. Nothing here is deleted: a wrong session, or a participant's part in
//! one, is voided and kept.

mod center;
mod content;
mod item;
mod oregon;
mod participant;
mod rules;
#[cfg(test)]
mod sample;
mod session;
mod status;

pub use center::{
    Approval, CenterLink, CenterOffer, CenterProfile, FacilitatorCode, FacilitatorCodeError, License,
    StateCode, StateCodeError,
};
pub use content::{
    Administration, Answers, Content, DisclosureConsent, Entry, FormField, Instrument, IntegrationNotes,
    OhaForm, Part, Person, Reaction,
};
pub use item::{Completion, Item, ItemCode, ItemCodeError, ItemState, Phase, Signature, Slot};
pub use oregon::{Facts, Opened, check, least_duration, must_allow};
pub use participant::{
    Administered, Entrant, FirstVisit, History, Integration, Known, Offer, Participant, Preparation, Standing,
};
pub use rules::{Act, Code, Finding, RULES, Rule, Severity};
pub use session::{FacilitatedSession, VoidReason, Voided};
pub use status::{ParticipantStatus, Progress, SessionStatus};

use crate::limits::{
    FACILITATION_PARTICIPANTS, FACILITATION_PREPARATIONS, FACILITATION_REVIEWS, FACILITATORS, FORM_FIELDS,
};

/// Why something cannot be done with a session.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FacilitationError {
    #[error("the session was voided")]
    Voided,
    #[error("a session has at most {FACILITATION_PARTICIPANTS} participants")]
    Full,
    #[error("a session has 1 to {FACILITATORS} facilitators")]
    Facilitators,
    #[error("the client takes part already")]
    AlreadyIn,
    #[error("an individual session has one participant; make it a group first")]
    NotGroup,
    #[error("a session of several participants stays a group")]
    Crowded,
    #[error("the participant does not take part any more")]
    Gone,
    #[error("there is no such participant")]
    NoSuchParticipant,
    #[error("whoever is assigned to a participant facilitates the session")]
    NotFacilitator,
    #[error("only the participant's own facilitator does this")]
    NotAssigned,
    #[error("an administration is recorded already")]
    Administered,
    #[error("the session is {0}; a center is associated until it is ready")]
    TooLate(&'static str),
    #[error("the session has a center; it must release the session first")]
    HasCenter,
    #[error("the session has no center")]
    NoCenter,
    #[error("the center has not approved every facilitator of the session")]
    NotApproved,
    #[error("the facilitator is approved already")]
    Approved,
    #[error("the approval is withdrawn already")]
    Withdrawn,
    #[error("the sessions do not have the same center")]
    OtherCenter,
    #[error("a participant is moved into a group, from another session")]
    NotMovable,
    #[error("the session has no date")]
    NotScheduled,
    #[error("the participant has no such item")]
    NoSuchItem,
    #[error("only documents are named, and before they are completed")]
    Title,
    #[error("the client information form is used as it is published, and never left out")]
    Fixed,
    #[error("these are not the answers to this item")]
    OtherForm,
    #[error("every question is answered once and within its scale")]
    Unanswered,
    #[error("a form has 1 to {FORM_FIELDS} fields")]
    Fields,
    #[error("the client has not completed it yet")]
    NotCompleted,
    #[error("it is counter-signed already")]
    CounterSigned,
    #[error("nobody counter-signs it")]
    NoCounterSignature,
    #[error("what is recorded already is corrected with a reason")]
    NeedsReason,
    #[error("what has happened is not in the future")]
    Future,
    #[error("an administration ends after it began")]
    Times,
    #[error("an adverse reaction is described")]
    Reaction,
    #[error("integration follows a complete administration")]
    NotAdministered,
    #[error("integration is offered, then declined or held, then certified")]
    Offer,
    #[error("at most {FACILITATION_PREPARATIONS} preparation sessions are kept")]
    TooManyPreparations,
    #[error("at most {FACILITATION_REVIEWS} reviews of the forms are kept")]
    TooManyReviews,
    #[error("rules of Oregon stand against it")]
    Forbidden(Vec<Code>),
}
