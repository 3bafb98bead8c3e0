//! A participant: a client within a session, with a facilitator of their own and a key of their own (R109, A-10).

use super::{
    Administration, CenterLink, Code, Completion, FacilitatedSession, FacilitationError, Item, ItemCode,
    ItemState, ParticipantStatus, Person, Phase, Progress, Signature, item::next,
};
use crate::{
    ChartId, ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId, Sealed, WrappedKey,
    consent::earlier,
    limits::{FACILITATION_PREPARATIONS, FACILITATION_REVIEWS, NAME_CHARS, REASON_CHARS},
    text::{Line, Prose},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A client within a session: the facts statuses are derived from, in clear, and who they are, sealed. What was
/// answered and recorded are the entries of this participant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    pub id: ParticipantId,
    pub client_id: ClientId,
    /// The facilitator's own record of the client, which the center never sees.
    pub chart_id: ChartId,
    /// Who is contacted and asked to counter-sign.
    pub facilitator: MemberId,
    /// The client's key, as in the client's own item: a session is read in one go.
    pub client_key: WrappedKey,
    /// The participant's own key under the client's key: destroyed, their part is unreadable everywhere.
    pub key: WrappedKey,
    pub person: Sealed<Person>,
    pub joined_at: Timestamp,
    #[serde(default)]
    pub history: History,
    #[serde(default)]
    pub known: Known,
    #[serde(default)]
    pub preparations: Vec<Preparation>,
    #[serde(default)]
    pub reviews: Vec<Signature>,
    /// Items somebody has touched; the others are as they are at first.
    #[serde(default)]
    pub items: BTreeMap<ItemCode, Item>,
    #[serde(default)]
    pub administration: Option<Administered>,
    #[serde(default)]
    pub integration: Option<Integration>,
    #[serde(default)]
    pub standing: Standing,
}

/// What a facilitator attests went before this session, beside what is `Known`; nothing said counts as nothing having
/// been, which is the strict side (O-08, O-09).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Whether the client had an administration session with this facilitator before.
    #[serde(default)]
    pub with_facilitator: bool,
    /// The client's first administration session at a center.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at_center: Option<FirstVisit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstVisit {
    pub center_id: OrganizationId,
    pub on: Date,
}

/// What earlier sessions here show went before, as far as the facilitators of this one held them: it tells them of
/// nobody else's session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The facilitators with whom the client had an administration session.
    pub with: BTreeSet<MemberId>,
    /// The client's first administration session at each center.
    pub first_at: BTreeMap<OrganizationId, Timestamp>,
}

/// A preparation session that was held with the participant (O-08, O-12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preparation {
    pub by: MemberId,
    pub held_at: Timestamp,
    /// That the facilitator certifies that the client completed it.
    pub certified: bool,
}

/// That an administration is recorded; what, is its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Administered {
    pub entries: u32,
    /// Doses and reactions are filled.
    pub complete: bool,
    pub recorded_by: MemberId,
    pub recorded_at: Timestamp,
    /// The rules it was recorded against, with a reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Code>,
}

/// What became of the integration; its notes are its entries (O-12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Integration {
    pub entries: u32,
    #[serde(flatten)]
    pub offer: Offer,
    pub recorded_by: MemberId,
    pub recorded_at: Timestamp,
}

/// Integration must be offered; the client may decline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// When it was offered, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<Timestamp>,
    #[serde(default)]
    pub declined: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_at: Option<Timestamp>,
    /// That the facilitator certifies that the client completed it.
    #[serde(default)]
    pub certified: bool,
}

/// Whether somebody takes part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    #[default]
    Present,
    /// Entered in error or gone: kept, struck through, not counted.
    Removed { by: MemberId, at: Timestamp, reason: Sealed<Prose<REASON_CHARS>> },
    /// Their part is in another session now.
    Moved { to: FacilitationId, by: MemberId, at: Timestamp },
}

/// A client at the door of a session.
#[derive(Clone, Debug)]
pub struct Entrant {
    pub id: ParticipantId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub facilitator: MemberId,
    pub client_key: WrappedKey,
    pub key: WrappedKey,
    pub person: Sealed<Person>,
    pub history: History,
}

impl Entrant {
    /// They take part from now on; nothing has been done with them yet.
    pub fn join(self, at: Timestamp) -> Participant {
        let Self { id, client_id, chart_id, facilitator, client_key, key, person, history } = self;
        Participant {
            id,
            client_id,
            chart_id,
            facilitator,
            client_key,
            key,
            person,
            joined_at: at,
            history,
            known: Known::default(),
            preparations: Vec::new(),
            reviews: Vec::new(),
            items: BTreeMap::new(),
            administration: None,
            integration: None,
            standing: Standing::default(),
        }
    }
}

impl Participant {
    pub const fn is_present(&self) -> bool {
        matches!(self.standing, Standing::Present)
    }

    /// When they were seen last: at a preparation, an integration, or an administration. Of that counts when it was
    /// recorded, which was not before it.
    pub(super) fn last_seen_at(&self) -> Option<Timestamp> {
        let prepared = self.preparations.iter().map(|one| one.held_at).max();
        let administered = self.administration.as_ref().map(|one| one.recorded_at);
        let integrated = self.integration.as_ref().and_then(|one| one.offer.held_at);
        prepared.max(administered).max(integrated)
    }

    /// Whether a facilitator attests that something went before.
    pub fn is_attested(&self) -> bool {
        self.history != History::default()
    }

    /// When it was administered, or is to be, as far as that is known without opening anything.
    fn moment(&self, session: &FacilitatedSession) -> Option<Timestamp> {
        earlier(session.scheduled_at, self.administration.as_ref().map(|given| given.recorded_at))
    }

    /// What other sessions of the client show went before their part in this one.
    pub fn known_from(&self, session: &FacilitatedSession, others: &[FacilitatedSession]) -> Known {
        let moment = self.moment(session);
        let counts = |other: &&FacilitatedSession| {
            other.id != session.id
                && other.voided.is_none()
                && !other.facilitators.is_disjoint(&session.facilitators)
        };
        let mut known = Known::default();
        for other in others.iter().filter(counts) {
            let Some(part) = other.participant_of(self.client_id) else { continue };
            if part.administration.as_ref().is_none_or(|given| !given.complete) {
                continue;
            }
            let before = |at: &Timestamp| moment.is_none_or(|moment| *at < moment);
            let Some(at) = part.moment(other).filter(before) else { continue };
            known.with.insert(part.facilitator);
            if let Some(center_id) = other.center_id() {
                known.first_at.entry(center_id).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
        }
        known
    }

    /// The items the participant has, in order, with the center's forms where the center has forms.
    pub fn items<'a>(
        &'a self,
        center: Option<&'a CenterLink>,
    ) -> impl Iterator<Item = (ItemCode, ItemState, bool)> + 'a {
        let oregon = center.is_some_and(|center| center.oregon);
        ItemCode::ALL.into_iter().filter_map(move |code| {
            let touched = self.items.get(&code);
            let named = touched.is_some_and(|item| item.title.is_some());
            if !code.appears(oregon, named) {
                return None;
            }
            let at_first = Item::default();
            let item = touched.unwrap_or(&at_first);
            Some((
                code,
                item.state(code, center.map(|center| center.organization_id)),
                item.is_required(code),
            ))
        })
    }

    /// Whether the participant has the item, it is complete, and the client completed it by then.
    pub fn has_completed(&self, code: ItemCode, center: Option<&CenterLink>, by: Option<Timestamp>) -> bool {
        let in_time = |item: &Item| by.is_none_or(|by| item.first_completed_at.is_some_and(|at| at <= by));
        self.items(center).any(|(item, state, _)| item == code && state == ItemState::Complete)
            && self.items.get(&code).is_some_and(in_time)
    }

    pub fn progress(&self, center: Option<&CenterLink>) -> Progress {
        let done = |phase| {
            self.items(center)
                .filter(|(code, _, required)| code.phase() == phase && *required)
                .all(|(_, state, _)| state == ItemState::Complete)
        };
        Progress {
            prepared: done(Phase::Preparation),
            administered: self.administration.as_ref().is_some_and(|done| done.complete),
            followed_up: done(Phase::Integration),
        }
    }

    pub fn status(&self, center: Option<&CenterLink>) -> ParticipantStatus {
        self.progress(center).status()
    }

    /// The item if the participant has it; a document is had by being named.
    pub(super) fn item(
        &mut self,
        code: ItemCode,
        title: Option<Sealed<Line<NAME_CHARS>>>,
        center: Option<&CenterLink>,
    ) -> Result<&mut Item, FacilitationError> {
        if title.is_some() && !matches!(code, ItemCode::Document(_)) {
            return Err(FacilitationError::Title);
        }
        let named = title.is_some() || self.items.get(&code).is_some_and(|item| item.title.is_some());
        if !code.appears(center.is_some_and(|center| center.oregon), named) {
            return Err(FacilitationError::NoSuchItem);
        }
        let item = self.items.entry(code).or_default();
        // What a document is called is said once: the client has signed under that name.
        if item.entries > 0 && title.is_some() {
            return Err(FacilitationError::Title);
        }
        item.title = title.or_else(|| item.title.take());
        Ok(item)
    }

    pub(super) fn complete(
        &mut self,
        code: ItemCode,
        center: Option<&CenterLink>,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Result<u32, FacilitationError> {
        let center_id = center.map(|center| center.organization_id);
        let completion = Completion { completed_at: now, recorded_by, center_id, counter_signed: None };
        self.item(code, None, center)?.complete(completion, with_reason)
    }

    pub(super) fn prepare(&mut self, held: Preparation, now: Timestamp) -> Result<(), FacilitationError> {
        if held.held_at > now {
            return Err(FacilitationError::Future);
        }
        if self.preparations.len() >= FACILITATION_PREPARATIONS {
            return Err(FacilitationError::TooManyPreparations);
        }
        self.preparations.push(held);
        Ok(())
    }

    pub(super) fn review(&mut self, by: MemberId, at: Timestamp) -> Result<(), FacilitationError> {
        if self.reviews.len() >= FACILITATION_REVIEWS {
            return Err(FacilitationError::TooManyReviews);
        }
        self.reviews.push(Signature { by, at });
        Ok(())
    }

    pub(super) fn administer(
        &mut self,
        given: &Administration,
        deviations: Vec<Code>,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Result<u32, FacilitationError> {
        given.check(now)?;
        let entries = next(self.administration.as_ref().map_or(0, |before| before.entries), with_reason)?;
        let complete = given.is_complete();
        self.administration =
            Some(Administered { entries, complete, recorded_by, recorded_at: now, deviations });
        Ok(entries)
    }

    pub(super) fn integrate(
        &mut self,
        offer: Offer,
        recorded_by: MemberId,
        with_reason: bool,
        now: Timestamp,
    ) -> Result<u32, FacilitationError> {
        if self.administration.as_ref().is_none_or(|before| !before.complete) {
            return Err(FacilitationError::NotAdministered);
        }
        offer.check(now)?;
        let entries = next(self.integration.as_ref().map_or(0, |before| before.entries), with_reason)?;
        self.integration = Some(Integration { entries, offer, recorded_by, recorded_at: now });
        Ok(entries)
    }
}

impl Offer {
    fn check(&self, now: Timestamp) -> Result<(), FacilitationError> {
        let future = |at: Option<Timestamp>| at.is_some_and(|at| at > now);
        if future(self.offered_at) || future(self.held_at) {
            return Err(FacilitationError::Future);
        }
        let held = self.held_at.is_some();
        let sound = !(self.declined && (held || self.offered_at.is_none()))
            && (held || !self.certified)
            && (!held || self.offered_at.is_some());
        if sound { Ok(()) } else { Err(FacilitationError::Offer) }
    }
}
