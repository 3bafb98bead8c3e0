//! The session itself, and everything that is done to it. Each act takes the session and gives it back changed, or says
//! why not.

use super::{
    Administration, CenterLink, CenterOffer, Code, FacilitationError, History, ItemCode, Offer, Participant,
    ParticipantStatus, Preparation, SessionStatus, Signature, Standing,
};
use crate::{
    ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId, Sealed,
    facilitation::FacilitatorCode,
    limits::{
        FACILITATION_PARTICIPANTS, FACILITATION_PARTICIPANTS_EVER, FACILITATORS, NAME_CHARS, REASON_CHARS,
    },
    member::Member,
    text::{Line, Prose},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A facilitated session as the table keeps it: facts in clear, everything said about a person sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacilitatedSession {
    pub id: FacilitationId,
    /// The facilitators' organization.
    pub organization_id: OrganizationId,
    pub facilitators: BTreeSet<MemberId>,
    pub group: bool,
    pub scheduled_at: Option<Timestamp>,
    pub center: Option<CenterLink>,
    pub participants: Vec<Participant>,
    pub created_by: MemberId,
    pub created_at: Timestamp,
    pub voided: Option<Voided>,
    pub revision: u64,
}

/// A session struck through: kept, not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Voided {
    pub by: MemberId,
    pub at: Timestamp,
    pub reason: VoidReason,
}

/// Why a session is void: a code, because a session is nobody's alone under whose key words could be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    EnteredInError,
    Duplicate,
    Cancelled,
    Withdrawn,
    Other,
}

impl VoidReason {
    pub const fn code(self) -> &'static str {
        match self {
            Self::EnteredInError => "entered_in_error",
            Self::Duplicate => "duplicate",
            Self::Cancelled => "cancelled",
            Self::Withdrawn => "withdrawn",
            Self::Other => "other",
        }
    }
}

type Changed = Result<FacilitatedSession, FacilitationError>;
type Numbered = Result<(FacilitatedSession, u32), FacilitationError>;

impl FacilitatedSession {
    /// A new session of whoever begins it.
    pub fn begin(
        id: FacilitationId,
        organization_id: OrganizationId,
        by: MemberId,
        others: impl IntoIterator<Item = MemberId>,
        group: bool,
        now: Timestamp,
    ) -> Changed {
        let facilitators: BTreeSet<MemberId> = others.into_iter().chain([by]).collect();
        if facilitators.len() > FACILITATORS {
            return Err(FacilitationError::Facilitators);
        }
        Ok(Self {
            id,
            organization_id,
            facilitators,
            group,
            scheduled_at: None,
            center: None,
            participants: Vec::new(),
            created_by: by,
            created_at: now,
            voided: None,
            revision: 1,
        })
    }

    /// Who takes part.
    pub fn present(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|participant| participant.is_present())
    }

    /// How far it is: the same for the facilitators and for the center (R108).
    pub fn status(&self) -> SessionStatus {
        let participants = self.present().map(|participant| participant.status(self.center.as_ref()));
        SessionStatus::of(self.scheduled_at.is_some(), participants)
    }

    /// The part of a client who takes part.
    pub fn participant_of(&self, client_id: ClientId) -> Option<&Participant> {
        self.present().find(|participant| participant.client_id == client_id)
    }

    /// How far the client is in it, where it counts for how far they are on the whole: with or without a date,
    /// but not once it is struck through, for whatever reason, nor for who was taken out of it or moved to another.
    pub fn status_of(&self, client_id: ClientId) -> Option<ParticipantStatus> {
        let stands = self.voided.is_none();
        let participant = self.participant_of(client_id).filter(|_| stands)?;
        Some(participant.status(self.center.as_ref()))
    }

    /// When the client was seen in it last. What was struck through counts as well: in doubt their records are kept
    /// longer (R153).
    pub fn last_seen_at(&self, client_id: ClientId) -> Option<Timestamp> {
        let own = self.participants.iter().filter(|participant| participant.client_id == client_id);
        own.filter_map(Participant::last_seen_at).max()
    }

    pub fn center_id(&self) -> Option<OrganizationId> {
        self.center.as_ref().map(|center| center.organization_id)
    }

    pub fn participant(&self, id: ParticipantId) -> Result<&Participant, FacilitationError> {
        self.participants
            .iter()
            .find(|participant| participant.id == id)
            .ok_or(FacilitationError::NoSuchParticipant)
    }

    /// Whether the member is one of its facilitators.
    pub fn is_facilitated_by(&self, member: &Member) -> bool {
        self.organization_id == member.organization_id && self.facilitators.contains(&member.id)
    }

    /// Whether anything was administered to anybody who takes part.
    pub fn is_administered(&self) -> bool {
        self.present().any(|participant| participant.administration.is_some())
    }

    pub const fn must_stand(&self) -> Result<(), FacilitationError> {
        if self.voided.is_some() { Err(FacilitationError::Voided) } else { Ok(()) }
    }

    /// Sets the date, moves it, or takes it away while nothing was administered.
    pub fn schedule(mut self, at: Option<Timestamp>) -> Changed {
        self.must_stand()?;
        if self.is_administered() {
            return Err(FacilitationError::Administered);
        }
        self.scheduled_at = at;
        Ok(self)
    }

    /// Whether it can be shared with a center at all: in any status up to ready (R106).
    pub fn must_be_free(&self) -> Result<(), FacilitationError> {
        self.must_stand()?;
        if self.center.is_some() {
            return Err(FacilitationError::HasCenter);
        }
        let status = self.status();
        if status > SessionStatus::Ready {
            return Err(FacilitationError::TooLate(status.name()));
        }
        Ok(())
    }

    /// Shares the session with a center.
    pub fn associate(
        mut self,
        center: &CenterOffer<'_>,
        by: MemberId,
        today: Date,
        now: Timestamp,
    ) -> Changed {
        self.must_be_free()?;
        let approved = |member_id: &MemberId| {
            center
                .approved
                .contains(&FacilitatorCode { organization_id: self.organization_id, member_id: *member_id })
        };
        if !self.facilitators.iter().all(approved) {
            return Err(FacilitationError::NotApproved);
        }
        self.center = Some(CenterLink {
            organization_id: center.profile.organization_id,
            associated_by: by,
            associated_at: now,
            oregon: center.profile.license.is_oregon(today),
        });
        Ok(self)
    }

    /// The center lets the session go, even one that is void, and with it the sight of it. What was administered there
    /// stays there, of whom it ever was: the center must keep those records (O-02).
    pub fn release(mut self) -> Changed {
        if self.center.is_none() {
            return Err(FacilitationError::NoCenter);
        }
        if self.participants.iter().any(|participant| participant.administration.is_some()) {
            return Err(FacilitationError::Administered);
        }
        self.center = None;
        Ok(self)
    }

    /// A client takes part from now on.
    pub fn admit(mut self, participant: Participant) -> Changed {
        self.must_take(&participant)?;
        // Who comes back takes the place they left: one participant is in a session once.
        self.participants.retain(|other| other.id != participant.id);
        self.participants.push(participant);
        Ok(self)
    }

    fn must_take(&self, participant: &Participant) -> Result<(), FacilitationError> {
        self.must_stand()?;
        let present = self.present().count();
        if self.present().any(|other| other.client_id == participant.client_id) {
            Err(FacilitationError::AlreadyIn)
        } else if !self.group && present > 0 {
            Err(FacilitationError::NotGroup)
        } else if present >= FACILITATION_PARTICIPANTS
            || self.participants.len() >= FACILITATION_PARTICIPANTS_EVER
        {
            Err(FacilitationError::Full)
        } else if self.is_administered() {
            Err(FacilitationError::Administered)
        } else if self.facilitators.contains(&participant.facilitator) {
            Ok(())
        } else {
            Err(FacilitationError::NotFacilitator)
        }
    }

    /// Takes a participant's part out of the session, and out of nobody else's: it is kept, struck through.
    pub fn remove(
        self,
        id: ParticipantId,
        by: MemberId,
        reason: Sealed<Prose<REASON_CHARS>>,
        at: Timestamp,
    ) -> Changed {
        self.change(id, |participant, _| {
            participant.standing = Standing::Removed { by, at, reason };
            Ok(())
        })
        .map(|(session, ())| session)
    }

    /// Moves a client with everything they have done from another session into this group. Their part stays
    /// with the center it was with.
    pub fn take_from(
        self,
        source: Self,
        id: ParticipantId,
        by: MemberId,
        at: Timestamp,
    ) -> Result<(Self, Self), FacilitationError> {
        if !self.group || source.id == self.id || source.organization_id != self.organization_id {
            return Err(FacilitationError::NotMovable);
        }
        if source.center.is_some() && source.center_id() != self.center_id() {
            return Err(FacilitationError::OtherCenter);
        }
        let moved = source.participant(id)?.clone();
        if moved.administration.is_some() {
            return Err(FacilitationError::Administered);
        }
        let to = self.id;
        let (source, ()) = source.change(id, |participant, _| {
            participant.standing = Standing::Moved { to, by, at };
            Ok(())
        })?;
        Ok((self.admit(moved)?, source))
    }

    /// Makes it a group, or individual again while at most one takes part.
    pub fn convert(mut self, group: bool) -> Changed {
        self.must_stand()?;
        if !group && self.present().count() > 1 {
            return Err(FacilitationError::Crowded);
        }
        self.group = group;
        Ok(self)
    }

    /// Says who facilitates it: everybody who is assigned to somebody, and at a center nobody it has not approved.
    pub fn staff(
        mut self,
        facilitators: BTreeSet<MemberId>,
        approved: &BTreeSet<FacilitatorCode>,
    ) -> Changed {
        self.must_stand()?;
        if !(1..=FACILITATORS).contains(&facilitators.len()) {
            return Err(FacilitationError::Facilitators);
        }
        if self.present().any(|participant| !facilitators.contains(&participant.facilitator)) {
            return Err(FacilitationError::NotFacilitator);
        }
        let is_approved = |member_id: MemberId| {
            approved.contains(&FacilitatorCode { organization_id: self.organization_id, member_id })
        };
        let mut new = facilitators.difference(&self.facilitators);
        if self.center.is_some() && !new.all(|member_id| is_approved(*member_id)) {
            return Err(FacilitationError::NotApproved);
        }
        self.facilitators = facilitators;
        Ok(self)
    }

    /// Gives a participant another of the session's facilitators.
    pub fn assign(self, id: ParticipantId, facilitator: MemberId) -> Changed {
        self.change(id, |participant, session| {
            if !session.facilitators.contains(&facilitator) {
                return Err(FacilitationError::NotFacilitator);
            }
            participant.facilitator = facilitator;
            Ok(())
        })
        .map(|(session, ())| session)
    }

    /// Says whether an item is required, and what a document is called.
    pub fn require(
        self,
        id: ParticipantId,
        code: ItemCode,
        required: bool,
        title: Option<Sealed<Line<NAME_CHARS>>>,
    ) -> Changed {
        self.change(id, |participant, session| {
            participant.item(code, title, session.center.as_ref())?.require(code, required)
        })
        .map(|(session, ())| session)
    }

    /// A client completes an item; the number of the entry that holds the answers comes back.
    pub fn complete(
        self,
        id: ParticipantId,
        code: ItemCode,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Numbered {
        self.change(id, |participant, session| {
            participant.complete(code, session.center.as_ref(), recorded_by, with_reason, now)
        })
    }

    /// The participant's facilitator signs below the client.
    pub fn counter_sign(self, id: ParticipantId, code: ItemCode, by: MemberId, at: Timestamp) -> Changed {
        self.change(id, |participant, session| {
            if participant.facilitator != by {
                return Err(FacilitationError::NotAssigned);
            }
            participant.item(code, None, session.center.as_ref())?.counter_sign(code, Signature { by, at })
        })
        .map(|(session, ())| session)
    }

    /// A preparation session was held.
    pub fn prepare(self, id: ParticipantId, held: Preparation, now: Timestamp) -> Changed {
        self.change(id, |participant, session| {
            if !session.facilitators.contains(&held.by) {
                return Err(FacilitationError::NotFacilitator);
            }
            participant.prepare(held, now)
        })
        .map(|(session, ())| session)
    }

    /// A facilitator has read the forms of a participant whom another one has prepared (O-08).
    pub fn review_forms(self, id: ParticipantId, by: MemberId, at: Timestamp) -> Changed {
        self.change(id, |participant, _| participant.review(by, at)).map(|(session, ())| session)
    }

    /// What a facilitator attests went before, in place of what was attested until now (O-08, O-09).
    pub fn attest(self, id: ParticipantId, history: History) -> Changed {
        self.change(id, |participant, _| {
            participant.history = history;
            Ok(())
        })
        .map(|(session, ())| session)
    }

    /// Records what was administered, or corrects it with a reason.
    pub fn administer(
        self,
        id: ParticipantId,
        given: &Administration,
        deviations: Vec<Code>,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Numbered {
        self.change(id, |participant, session| {
            if session.scheduled_at.is_none() {
                return Err(FacilitationError::NotScheduled);
            }
            participant.administer(given, deviations, recorded_by, with_reason, now)
        })
    }

    /// Records what became of the integration, or corrects it with a reason.
    pub fn integrate(
        self,
        id: ParticipantId,
        offer: Offer,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Numbered {
        self.change(id, |participant, _| participant.integrate(offer, recorded_by, with_reason, now))
    }

    /// Strikes the session through; it stays with its center, which must keep what was administered (O-02).
    pub fn void(mut self, voided: Voided) -> Changed {
        self.must_stand()?;
        self.voided = Some(voided);
        Ok(self)
    }

    /// Changes one who takes part, in a session that stands.
    fn change<T>(
        mut self,
        id: ParticipantId,
        act: impl FnOnce(&mut Participant, &Self) -> Result<T, FacilitationError>,
    ) -> Result<(Self, T), FacilitationError> {
        self.must_stand()?;
        let mut participant = self.participant(id)?.clone();
        if !participant.is_present() {
            return Err(FacilitationError::Gone);
        }
        let outcome = act(&mut participant, &self)?;
        for place in self.participants.iter_mut().filter(|place| place.id == id) {
            place.clone_from(&participant);
        }
        Ok((self, outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facilitation::{
        ItemState, OhaForm, Reaction,
        sample::{AMARA, BEN, CENTER, associated, complete_all, offer, participant, profile, session},
    };
    use jiff::{SignedDuration, civil::date};
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const TODAY: Date = date(2027, 1, 1);

    fn with(count: u128) -> FacilitatedSession {
        (1..=count).fold(session(&[AMARA, BEN]), |session, number| {
            session.admit(participant(number, AMARA)).unwrap()
        })
    }

    fn id(session: &FacilitatedSession, at: usize) -> ParticipantId {
        session.participants[at].id
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

    fn administered(session: FacilitatedSession, at: usize) -> FacilitatedSession {
        let id = id(&session, at);
        session.administer(id, &complete(), vec![], AMARA, true, NOW).unwrap().0
    }

    fn followed_up(session: FacilitatedSession, at: usize) -> FacilitatedSession {
        let id = id(&session, at);
        [ItemCode::Meq30, ItemCode::FeedbackAndOutcomes]
            .into_iter()
            .fold(session, |session, code| session.complete(id, code, AMARA, true, NOW).unwrap().0)
    }

    fn voided() -> Voided {
        Voided { by: AMARA, at: NOW, reason: VoidReason::EnteredInError }
    }

    /// step by step, for two participants.
    #[test]
    fn a_session_goes_as_far_as_its_last_participant() {
        let session = with(2);
        assert_eq!(session.status(), SessionStatus::New);
        let session = session.schedule(Some(NOW)).unwrap();
        assert_eq!(session.status(), SessionStatus::Scheduled);
        let (one, other) = (id(&session, 0), id(&session, 1));
        let session = complete_all(session, one, AMARA, NOW);
        assert_eq!(session.participant(one).unwrap().status(None), ParticipantStatus::Ready);
        assert_eq!(session.status(), SessionStatus::Scheduled);
        let session = complete_all(session, other, AMARA, NOW);
        assert_eq!(session.status(), SessionStatus::Ready);
        let session = administered(session, 0);
        assert_eq!(session.status(), SessionStatus::Ready);
        let session = administered(session, 1);
        assert_eq!(session.status(), SessionStatus::PostJourney);
        let session = followed_up(followed_up(session, 0), 1);
        assert_eq!(session.status(), SessionStatus::Completed);
    }

    /// what is struck through, taken out or moved away is kept, and says nothing of the client any more.
    #[test]
    fn a_session_counts_for_a_client_while_it_stands_and_they_are_in_it() {
        let session = with(2);
        let (one, client) = (id(&session, 0), participant(1, AMARA).client_id);
        assert_eq!(session.status_of(client), Some(ParticipantStatus::Preparing));
        assert_eq!(session.status_of(participant(3, AMARA).client_id), None);
        let ready = complete_all(session, one, AMARA, NOW);
        assert_eq!(
            (ready.status(), ready.status_of(client)),
            (SessionStatus::New, Some(ParticipantStatus::Ready))
        );
        assert_eq!(ready.clone().void(voided()).unwrap().status_of(client), None);
        let removed = ready.remove(one, AMARA, Sealed::from_bytes(vec![]), NOW).unwrap();
        assert_eq!(removed.status_of(client), None);
        let again = Participant { id: ParticipantId::new(Uuid::from_u128(9)), ..participant(1, AMARA) };
        assert_eq!(removed.admit(again).unwrap().status_of(client), Some(ParticipantStatus::Preparing));

        let (alone, client) = (individual(), participant(5, AMARA).client_id);
        let one = id(&alone, 0);
        let (group, left) = with(1).take_from(alone, one, AMARA, NOW).unwrap();
        assert_eq!((group.status_of(client), left.status_of(client)), (Some(ParticipantStatus::Ready), None));
    }

    /// R153: what was held with a client shows when they were seen, and nothing of anybody else.
    #[test]
    fn a_client_was_seen_when_something_was_held_with_them() {
        let mut session = with(2).schedule(Some(NOW)).unwrap();
        let [client, other] = [1, 2].map(|number| participant(number, AMARA).client_id);
        let at = |days: i64| NOW + SignedDuration::from_hours(24 * days);
        assert_eq!(session.last_seen_at(client), None);
        session.participants[0].preparations.push(Preparation { by: AMARA, held_at: at(1), certified: true });
        assert_eq!((session.last_seen_at(client), session.last_seen_at(other)), (Some(at(1)), None));
        let one = id(&session, 0);
        let session = session.administer(one, &complete(), vec![], AMARA, true, at(3)).unwrap().0;
        let held = Offer { offered_at: Some(at(3)), declined: false, held_at: Some(at(5)), certified: true };
        let integrated = session.clone().integrate(one, held, AMARA, true, at(9)).unwrap().0;
        assert_eq!(session.last_seen_at(client), Some(at(3)));
        assert_eq!((integrated.last_seen_at(client), integrated.last_seen_at(other)), (Some(at(5)), None));
        assert_eq!(integrated.void(voided()).unwrap().last_seen_at(client), Some(at(5)));
    }

    #[test]
    fn what_is_not_required_is_not_waited_for() {
        let session = with(1).schedule(Some(NOW)).unwrap();
        let one = id(&session, 0);
        let session = [ItemCode::Who5, ItemCode::Phq9, ItemCode::Gad7, ItemCode::RiskAssessment]
            .into_iter()
            .fold(session, |session, code| session.require(one, code, false, None).unwrap());
        assert_eq!(session.status(), SessionStatus::Ready);
        let title = Some(Sealed::from_bytes(vec![1]));
        let document: ItemCode = "document_1".parse().unwrap();
        assert_eq!(
            session.clone().require(one, document, true, None).unwrap_err(),
            FacilitationError::NoSuchItem
        );
        let session = session.require(one, document, true, title).unwrap();
        assert_eq!(session.status(), SessionStatus::Scheduled);
    }

    /// the center comes, goes, and another one comes.
    #[test]
    fn a_center_is_released_before_another_one_comes() {
        let (here, there) = (profile(CENTER, "OR"), profile(61, "CO"));
        let session = associated(with(1));
        let other = session.clone().associate(&offer(&there, &[AMARA, BEN]), AMARA, TODAY, NOW);
        assert_eq!(other.unwrap_err(), FacilitationError::HasCenter);
        let released = session.release().unwrap();
        assert_eq!(released.clone().release().unwrap_err(), FacilitationError::NoCenter);
        let unknown = released.clone().associate(&offer(&there, &[AMARA]), AMARA, TODAY, NOW);
        assert_eq!(unknown.unwrap_err(), FacilitationError::NotApproved);
        let moved = released.clone().associate(&offer(&there, &[AMARA, BEN]), AMARA, TODAY, NOW).unwrap();
        assert!(!moved.center.unwrap().oregon);
        let lapsed = released.associate(&offer(&here, &[AMARA, BEN]), AMARA, date(2100, 1, 2), NOW).unwrap();
        assert!(!lapsed.center.unwrap().oregon);
    }

    /// R106: up to ready, and not after.
    #[test]
    fn a_center_comes_until_the_session_is_ready() {
        let here = profile(CENTER, "CO");
        let ready = complete_all(with(1).schedule(Some(NOW)).unwrap(), id(&with(1), 0), AMARA, NOW);
        assert_eq!(ready.status(), SessionStatus::Ready);
        assert!(ready.clone().associate(&offer(&here, &[AMARA, BEN]), AMARA, TODAY, NOW).is_ok());
        let after = administered(ready, 0).associate(&offer(&here, &[AMARA, BEN]), AMARA, TODAY, NOW);
        assert_eq!(after.unwrap_err(), FacilitationError::TooLate("post_journey"));
    }

    /// with the center its forms come, and with the center they go; A-04: what was signed names the center.
    #[test]
    fn the_forms_of_the_authority_come_and_go_with_the_center() {
        let session = with(1).schedule(Some(NOW)).unwrap();
        let one = id(&session, 0);
        let form = ItemCode::Oha(OhaForm::ClientInformation);
        assert_eq!(
            session.clone().complete(one, form, AMARA, false, NOW).unwrap_err(),
            FacilitationError::NoSuchItem
        );
        let ready = complete_all(session, one, AMARA, NOW);
        let session = associated(ready);
        assert_eq!(session.status(), SessionStatus::Scheduled);
        let session = complete_all(session, one, AMARA, NOW);
        assert_eq!(session.status(), SessionStatus::Ready);
        let session = session.release().unwrap();
        assert_eq!(session.status(), SessionStatus::Ready);
        let there = profile(61, "OR");
        let moved = session.associate(&offer(&there, &[AMARA, BEN]), AMARA, TODAY, NOW).unwrap();
        let center = moved.center.clone();
        let states: Vec<_> =
            moved.participants[0].items(center.as_ref()).filter(|(code, ..)| *code == form).collect();
        assert_eq!(states, [(form, ItemState::MustBeUpdated, true)]);
        assert_eq!(moved.status(), SessionStatus::Scheduled);
    }

    #[test]
    fn what_was_administered_at_a_center_stays_there() {
        let session = administered(associated(with(1)).schedule(Some(NOW)).unwrap(), 0);
        assert_eq!(session.clone().release().unwrap_err(), FacilitationError::Administered);
        assert_eq!(session.clone().schedule(None).unwrap_err(), FacilitationError::Administered);
        let void = session.void(voided()).unwrap();
        assert_eq!(void.center_id(), Some(crate::facilitation::sample::organization(CENTER)));
        assert_eq!(void.release().unwrap_err(), FacilitationError::Administered);
        let never = associated(with(1)).void(voided()).unwrap().release().unwrap();
        assert_eq!((never.center_id(), never.voided.is_some()), (None, true));
        let session = administered(associated(with(2)).schedule(Some(NOW)).unwrap(), 0);
        let gone = id(&session, 0);
        let removed = session.remove(gone, AMARA, Sealed::from_bytes(vec![]), NOW).unwrap();
        assert_eq!(removed.release().unwrap_err(), FacilitationError::Administered);
    }

    /// many to a group, one to an individual session, and back only with one.
    #[test]
    fn a_group_becomes_individual_with_one_participant() {
        let crowd = with(2);
        assert_eq!(crowd.clone().convert(false).unwrap_err(), FacilitationError::Crowded);
        let one = id(&crowd, 0);
        let alone =
            crowd.remove(one, AMARA, Sealed::from_bytes(vec![]), NOW).unwrap().convert(false).unwrap();
        assert_eq!(alone.clone().admit(participant(3, AMARA)).unwrap_err(), FacilitationError::NotGroup);
        assert!(alone.convert(true).unwrap().admit(participant(3, AMARA)).is_ok());
    }

    /// a participant's part is struck through, is kept, and is nobody else's.
    #[test]
    fn removing_a_participant_keeps_their_part() {
        let session = complete_all(with(2), id(&with(2), 0), AMARA, NOW);
        let (one, before) = (id(&session, 0), session.clone());
        let removed = session.remove(one, AMARA, Sealed::from_bytes(vec![7]), NOW).unwrap();
        assert_eq!(removed.participants[1], before.participants[1]);
        assert_eq!(removed.participants[0].items, before.participants[0].items);
        assert_eq!(removed.present().count(), 1);
        let again = removed.clone().complete(one, ItemCode::Who5, AMARA, true, NOW);
        assert_eq!(again.unwrap_err(), FacilitationError::Gone);
        // The client may come again, with a new part.
        assert!(
            removed
                .admit(Participant { id: ParticipantId::new(Uuid::from_u128(9)), ..participant(1, AMARA) })
                .is_ok()
        );
    }

    #[test]
    fn a_client_takes_part_once_and_with_a_facilitator_of_the_session() {
        let session = with(1);
        assert_eq!(session.clone().admit(participant(1, BEN)).unwrap_err(), FacilitationError::AlreadyIn);
        let stranger = MemberId::new(Uuid::from_u128(3));
        assert_eq!(
            session.clone().admit(participant(2, stranger)).unwrap_err(),
            FacilitationError::NotFacilitator
        );
        let one = id(&session, 0);
        assert_eq!(session.clone().assign(one, stranger).unwrap_err(), FacilitationError::NotFacilitator);
        let session = session.assign(one, BEN).unwrap();
        let (session, _) = session.complete(one, ItemCode::RiskAssessment, AMARA, false, NOW).unwrap();
        let signed = session.clone().counter_sign(one, ItemCode::RiskAssessment, AMARA, NOW);
        assert_eq!(signed.unwrap_err(), FacilitationError::NotAssigned);
        assert!(session.counter_sign(one, ItemCode::RiskAssessment, BEN, NOW).is_ok());
        assert_eq!(
            with(FACILITATION_PARTICIPANTS as u128).admit(participant(99, AMARA)).unwrap_err(),
            FacilitationError::Full
        );
    }

    #[test]
    fn facilitators_come_and_go_but_not_from_their_clients_nor_unapproved_to_a_center() {
        let session = with(1);
        let (only, both) = (BTreeSet::from([AMARA]), BTreeSet::from([AMARA, BEN]));
        let none = BTreeSet::new();
        let staffed = |people: &BTreeSet<MemberId>| session.clone().staff(people.clone(), &none);
        assert_eq!(staffed(&BTreeSet::new()).unwrap_err(), FacilitationError::Facilitators);
        assert_eq!(staffed(&BTreeSet::from([BEN])).unwrap_err(), FacilitationError::NotFacilitator);
        let alone = associated(staffed(&only).unwrap());
        assert_eq!(alone.clone().staff(both.clone(), &none).unwrap_err(), FacilitationError::NotApproved);
        let profile = profile(CENTER, "OR");
        assert!(alone.staff(both, &offer(&profile, &[BEN]).approved).is_ok());
    }

    fn individual() -> FacilitatedSession {
        let source = FacilitatedSession { id: FacilitationId::new(Uuid::from_u128(71)), ..session(&[AMARA]) };
        let source = source.convert(false).unwrap().admit(participant(5, AMARA)).unwrap();
        complete_all(source, participant(5, AMARA).id, AMARA, NOW)
    }

    /// moved with everything they have done.
    #[test]
    fn a_client_moves_into_a_group_with_their_part() {
        let (group, source) = (with(1), individual());
        let one = id(&source, 0);
        let (group, left) = group.take_from(source.clone(), one, AMARA, NOW).unwrap();
        assert_eq!(group.participants[1], source.participants[0]);
        assert_eq!(left.present().count(), 0);
        assert_eq!(left.participants[0].standing, Standing::Moved { to: group.id, by: AMARA, at: NOW });
        let back = source.clone().take_from(group.clone(), one, AMARA, NOW);
        assert_eq!(back.unwrap_err(), FacilitationError::NotMovable);
        let (back, _) = left.convert(true).unwrap().take_from(group.clone(), one, AMARA, NOW).unwrap();
        assert_eq!((back.participants.len(), back.participant(one).unwrap().is_present()), (1, true));
        let away = with(1).take_from(associated(source.clone()), one, AMARA, NOW);
        assert_eq!(away.unwrap_err(), FacilitationError::OtherCenter);
        let late = administered(source.schedule(Some(NOW)).unwrap(), 0);
        assert_eq!(with(1).take_from(late, one, AMARA, NOW).unwrap_err(), FacilitationError::Administered);
    }

    /// O-01: what is recorded is corrected with a reason, and numbered on.
    #[test]
    fn a_correction_has_a_reason_and_a_number() {
        let session = with(1).schedule(Some(NOW)).unwrap();
        let one = id(&session, 0);
        let undated = with(1).administer(one, &complete(), vec![], AMARA, false, NOW);
        assert_eq!(undated.unwrap_err(), FacilitationError::NotScheduled);
        let (session, number) = session.administer(one, &complete(), vec![], AMARA, false, NOW).unwrap();
        assert_eq!(number, 1);
        let silent = session.clone().administer(one, &complete(), vec![], AMARA, false, NOW);
        assert_eq!(silent.unwrap_err(), FacilitationError::NeedsReason);
        let (session, number) = session.administer(one, &complete(), vec![], AMARA, true, NOW).unwrap();
        assert_eq!(number, 2);
        let offer = Offer { offered_at: Some(NOW), declined: true, held_at: None, certified: false };
        let (session, number) = session.integrate(one, offer.clone(), AMARA, false, NOW).unwrap();
        assert_eq!(number, 1);
        let silent = session.clone().integrate(one, offer.clone(), AMARA, false, NOW).unwrap_err();
        assert_eq!(silent, FacilitationError::NeedsReason);
        let absurd = Offer { held_at: Some(NOW), ..offer };
        assert_eq!(session.integrate(one, absurd, AMARA, true, NOW).unwrap_err(), FacilitationError::Offer);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Schedule(bool),
        Associate(bool),
        Release,
        Add(u128),
        Remove(usize),
        Convert(bool),
        Require(usize, usize, bool),
        Complete(usize, usize),
        Sign(usize, usize),
        Administer(usize),
        Void,
    }

    fn a_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any::<bool>().prop_map(Step::Schedule),
            any::<bool>().prop_map(Step::Associate),
            Just(Step::Release),
            (1_u128..5).prop_map(Step::Add),
            (0_usize..4).prop_map(Step::Remove),
            any::<bool>().prop_map(Step::Convert),
            (0_usize..4, 0_usize..22, any::<bool>()).prop_map(|(who, what, on)| Step::Require(who, what, on)),
            (0_usize..4, 0_usize..22).prop_map(|(who, what)| Step::Complete(who, what)),
            (0_usize..4, 0_usize..22).prop_map(|(who, what)| Step::Sign(who, what)),
            (0_usize..4).prop_map(Step::Administer),
            Just(Step::Void),
        ]
    }

    fn take(session: FacilitatedSession, step: &Step, number: u128) -> Changed {
        let who = |at: usize| {
            session.participants.get(at).map_or_else(|| ParticipantId::new(Uuid::nil()), |one| one.id)
        };
        match *step {
            Step::Schedule(on) => session.schedule(on.then_some(NOW)),
            Step::Associate(oregon) => {
                let center = profile(CENTER, if oregon { "OR" } else { "CO" });
                session.associate(&offer(&center, &[AMARA, BEN]), AMARA, TODAY, NOW)
            }
            Step::Release => session.release(),
            Step::Add(client) => {
                let id = ParticipantId::new(Uuid::from_u128(1_000 + number));
                session.admit(Participant { id, ..participant(client, AMARA) })
            }
            Step::Remove(at) => {
                let id = who(at);
                session.remove(id, AMARA, Sealed::from_bytes(vec![]), NOW)
            }
            Step::Convert(group) => session.convert(group),
            Step::Require(at, what, on) => {
                let id = who(at);
                session.require(id, ItemCode::ALL[what], on, None)
            }
            Step::Complete(at, what) => {
                let id = who(at);
                session.complete(id, ItemCode::ALL[what], AMARA, true, NOW).map(|(session, _)| session)
            }
            Step::Sign(at, what) => {
                let id = who(at);
                session.counter_sign(id, ItemCode::ALL[what], AMARA, NOW)
            }
            Step::Administer(at) => {
                let id = who(at);
                session.administer(id, &complete(), vec![], AMARA, true, NOW).map(|(session, _)| session)
            }
            Step::Void => session.void(voided()),
        }
    }

    proptest! {
        /// Whatever is done in whatever order: nobody disappears, the status is what the facts say, a void session
        /// stays as it was but for its center, which is never without forms it needs nor with forms that are not its
        /// own.
        #[test]
        fn no_sequence_of_acts_breaks_a_session(steps in prop::collection::vec(a_step(), 0..60)) {
            let mut session = with(1);
            for (number, step) in steps.iter().enumerate() {
                let before = session.clone();
                let Ok(after) = take(session.clone(), step, number as u128) else { continue };
                prop_assert!(before.voided.is_none() || matches!(step, Step::Release));
                let kept = before.participants.iter().zip(&after.participants).all(|(was, is)| {
                    was.id == is.id && (was.is_present() || !is.is_present()) && is.items.len() >= was.items.len()
                });
                prop_assert!(kept && after.participants.len() >= before.participants.len());
                prop_assert!(after.group || after.present().count() <= 1);
                prop_assert_eq!(after.status() == SessionStatus::New, after.scheduled_at.is_none());
                let least = after.present().map(|one| one.status(after.center.as_ref())).min();
                if after.status() >= SessionStatus::Ready {
                    prop_assert!(least >= Some(ParticipantStatus::Ready));
                }
                let statuses = (1..5).filter_map(|number| after.status_of(participant(number, AMARA).client_id));
                let statuses: Vec<_> = statuses.collect();
                if after.voided.is_some() {
                    prop_assert!(statuses.is_empty());
                } else {
                    prop_assert_eq!(statuses.len(), after.present().count());
                    prop_assert_eq!(SessionStatus::of(after.scheduled_at.is_some(), statuses), after.status());
                }
                let oregon = after.center.as_ref().is_some_and(|center| center.oregon);
                for one in after.present() {
                    let shown = one.items(after.center.as_ref()).any(|(code, ..)| matches!(code, ItemCode::Oha(_)));
                    prop_assert_eq!(shown, oregon);
                }
                if before.is_administered() && before.present().count() == after.present().count() {
                    prop_assert!(after.is_administered() && after.center_id() >= before.center_id());
                }
                session = after;
            }
        }
    }
}
