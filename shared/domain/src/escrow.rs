//! Escrow: the organization's way into a chart that is its facilitator's alone (X-3, R101, R103, OAR 333-333-4820).
//!
//! Custody is apart from access. What a facilitator writes is kept by the organization, which has no access to it but
//! this one: for a cause the law names, asked for by one administrator and approved by another, for so many days. The
//! facilitator is told, whatever they could do about it, and everything that is opened this way is evidence.

use crate::{
    ChartId, ClientId, EscrowId, MemberId, OrganizationId, Sealed,
    chart::Chart,
    limits::{CHART_ESCROWS, ESCROW_DAYS, REASON_CHARS},
    text::Prose,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What names the cause for people: the number of a case, the date of an order. It can name a person.
pub type EscrowReference = Prose<REASON_CHARS>;

/// The causes for which a chart may be opened, and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EscrowCause {
    /// An investigation by the Oregon Health Authority (OAR 333-333-4820).
    OhaInvestigation,
    CourtOrder,
    FacilitatorDied,
    /// The facilitator cannot act for themselves.
    FacilitatorIncapacitated,
}

impl EscrowCause {
    pub const ALL: [Self; 4] =
        [Self::OhaInvestigation, Self::CourtOrder, Self::FacilitatorDied, Self::FacilitatorIncapacitated];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OhaInvestigation => "oha_investigation",
            Self::CourtOrder => "court_order",
            Self::FacilitatorDied => "facilitator_died",
            Self::FacilitatorIncapacitated => "facilitator_incapacitated",
        }
    }
}

/// An escrow as the table keeps it: what was asked for, and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Escrow {
    pub id: EscrowId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub cause: EscrowCause,
    pub reference: Sealed<EscrowReference>,
    /// For how long the chart is opened, from its approval on.
    pub days: u8,
    pub requested_by: MemberId,
    pub requested_at: Timestamp,
    #[serde(default)]
    pub opened: Option<Opened>,
    #[serde(default)]
    pub closed: Option<Closed>,
    pub revision: u64,
}

/// That a second administrator approved it, and until when it opens the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub by: MemberId,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// That it was refused, taken back or ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub by: MemberId,
    pub at: Timestamp,
}

/// How an escrow stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EscrowStatus {
    /// It waits for a second administrator, and opens nothing.
    Requested,
    /// It opens the chart to the two administrators.
    Open,
    /// Its days are over.
    Over,
    Refused,
    /// Whoever asked for it took it back.
    Withdrawn,
    /// It was ended before its time.
    Ended,
}

/// Why an escrow does not come to be, or to its end.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EscrowError {
    #[error("an escrow is for 1 to {ESCROW_DAYS} days")]
    Days,
    #[error("the facilitator takes no part in opening their own chart; two other administrators do")]
    Facilitator,
    #[error("another administrator decides on what one has asked for")]
    Requester,
    #[error("the escrow was decided on already")]
    Decided,
    #[error("the escrow is not open: whoever asked for it takes it back, another administrator refuses it")]
    NotOpen,
    #[error("a chart has at most {CHART_ESCROWS} escrows at a time")]
    TooMany,
}

impl Escrow {
    /// Whether an escrow may be for so many days.
    pub const fn check_days(days: u8) -> Result<(), EscrowError> {
        if days >= 1 && days <= ESCROW_DAYS { Ok(()) } else { Err(EscrowError::Days) }
    }

    pub fn status(&self, now: Timestamp) -> EscrowStatus {
        match (self.opened, self.closed) {
            (None, None) => EscrowStatus::Requested,
            (None, Some(closed)) if closed.by == self.requested_by => EscrowStatus::Withdrawn,
            (None, Some(_)) => EscrowStatus::Refused,
            (Some(_), Some(_)) => EscrowStatus::Ended,
            (Some(opened), None) if now < opened.until => EscrowStatus::Open,
            (Some(_), None) => EscrowStatus::Over,
        }
    }

    /// A second administrator approves it: from now on it opens the chart.
    ///
    /// INVARIANT: dual control. Neither of the two is the other, and neither is the facilitator at this moment.
    pub fn approve(
        mut self,
        by: MemberId,
        facilitator: MemberId,
        now: Timestamp,
    ) -> Result<Self, EscrowError> {
        self.must_be_decided_by(by, facilitator, now)?;
        if self.requested_by == facilitator {
            return Err(EscrowError::Facilitator);
        }
        let lasts = SignedDuration::from_hours(24 * i64::from(self.days));
        let until = now.saturating_add(lasts).map_err(|_| EscrowError::Days)?;
        self.opened = Some(Opened { by, at: now, until });
        Ok(self)
    }

    /// A second administrator refuses it.
    pub fn refuse(
        mut self,
        by: MemberId,
        facilitator: MemberId,
        now: Timestamp,
    ) -> Result<Self, EscrowError> {
        self.must_be_decided_by(by, facilitator, now)?;
        self.closed = Some(Closed { by, at: now });
        Ok(self)
    }

    /// Whoever asked for it takes it back, or an administrator ends it before its time.
    pub fn end(mut self, by: MemberId, facilitator: MemberId, now: Timestamp) -> Result<Self, EscrowError> {
        if by == facilitator {
            return Err(EscrowError::Facilitator);
        }
        match self.status(now) {
            EscrowStatus::Open => {}
            EscrowStatus::Requested if by == self.requested_by => {}
            EscrowStatus::Requested => return Err(EscrowError::NotOpen),
            _ => return Err(EscrowError::Decided),
        }
        self.closed = Some(Closed { by, at: now });
        Ok(self)
    }

    fn must_be_decided_by(
        &self,
        by: MemberId,
        facilitator: MemberId,
        now: Timestamp,
    ) -> Result<(), EscrowError> {
        if self.status(now) != EscrowStatus::Requested {
            return Err(EscrowError::Decided);
        }
        if by == self.requested_by {
            return Err(EscrowError::Requester);
        }
        if by == facilitator { Err(EscrowError::Facilitator) } else { Ok(()) }
    }
}

/// An escrow as its chart carries it, so that a decision needs no read more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartEscrow {
    pub id: EscrowId,
    pub requested_by: MemberId,
    #[serde(default)]
    pub opened: Option<Opened>,
}

impl ChartEscrow {
    /// Whether it waits, or opens the chart.
    fn stands(&self, now: Timestamp) -> bool {
        self.opened.is_none_or(|opened| now < opened.until)
    }

    /// Whether a member has asked for it or approved it.
    pub fn is_controlled_by(&self, member: MemberId) -> bool {
        self.requested_by == member || self.opened.is_some_and(|opened| opened.by == member)
    }

    /// Whether it opens the chart to a member: to the two who control it.
    fn opens_to(&self, member: MemberId, now: Timestamp) -> bool {
        self.opened.is_some_and(|opened| now < opened.until) && self.is_controlled_by(member)
    }
}

impl Chart {
    /// The escrow is asked for, by an administrator who is not the facilitator.
    pub fn ask_for_escrow(self, escrow: &Escrow, now: Timestamp) -> Result<Self, EscrowError> {
        Escrow::check_days(escrow.days)?;
        if escrow.requested_by == self.owner {
            return Err(EscrowError::Facilitator);
        }
        if self.standing_escrows(now).count() >= CHART_ESCROWS {
            return Err(EscrowError::TooMany);
        }
        Ok(self.with_escrow(escrow, now))
    }

    /// The escrows that wait, or open the chart.
    pub fn standing_escrows(&self, now: Timestamp) -> impl Iterator<Item = &ChartEscrow> {
        self.escrows.iter().filter(move |one| one.stands(now))
    }

    /// The chart with an escrow as it is now; what stands no longer is not carried.
    #[must_use]
    pub fn with_escrow(mut self, escrow: &Escrow, now: Timestamp) -> Self {
        self.escrows.retain(|one| one.id != escrow.id && one.stands(now));
        if escrow.closed.is_none() {
            let Escrow { id, requested_by, opened, .. } = *escrow;
            self.escrows.push(ChartEscrow { id, requested_by, opened });
        }
        self
    }

    /// The chart as it is without the organization's ways in: what is no reading of it by its own operation is decided
    /// on this, so that nothing is opened in escrow where the evidence would not name it.
    #[must_use]
    pub fn without_escrows(self) -> Self {
        Self { escrows: Vec::new(), ..self }
    }

    /// The escrow that opens the chart to a member at a moment. Whoever owns it needs none.
    pub fn escrow_for(&self, member: MemberId, now: Timestamp) -> Option<EscrowId> {
        let opens = |escrow: &&ChartEscrow| escrow.opens_to(member, now);
        let found = self.escrows.iter().find(opens).map(|escrow| escrow.id);
        found.filter(|_| self.owner != member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        WrappedKey,
        client::{Client, ClientStatus},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    const FACILITATOR: MemberId = MemberId::new(Uuid::from_u128(1));
    const NORA: MemberId = MemberId::new(Uuid::from_u128(2));
    const OTTO: MemberId = MemberId::new(Uuid::from_u128(3));
    const PIA: MemberId = MemberId::new(Uuid::from_u128(4));

    fn hours(count: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(count)
    }

    fn chart() -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(11)),
            organization_id: OrganizationId::new(Uuid::nil()),
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: hours(0),
            revision: 1,
        };
        Chart::open(ChartId::new(Uuid::from_u128(10)), &client, FACILITATOR, hours(0))
    }

    fn asked(id: u128, by: MemberId, days: u8) -> Escrow {
        let chart = chart();
        Escrow {
            id: EscrowId::new(Uuid::from_u128(id)),
            organization_id: chart.organization_id,
            client_id: chart.client_id,
            chart_id: chart.id,
            cause: EscrowCause::CourtOrder,
            reference: Sealed::from_bytes(vec![]),
            days,
            requested_by: by,
            requested_at: hours(0),
            opened: None,
            closed: None,
            revision: 1,
        }
    }

    #[test]
    fn two_administrators_open_it_and_neither_is_the_facilitator() {
        let escrow = asked(20, NORA, 2);
        let approve = |by, facilitator| escrow.clone().approve(by, facilitator, hours(1));
        assert_eq!(approve(NORA, FACILITATOR).unwrap_err(), EscrowError::Requester);
        assert_eq!(approve(FACILITATOR, FACILITATOR).unwrap_err(), EscrowError::Facilitator);
        // The chart may have changed hands since it was asked for.
        assert_eq!(approve(OTTO, NORA).unwrap_err(), EscrowError::Facilitator);
        let opened = approve(OTTO, FACILITATOR).unwrap();
        assert_eq!(opened.opened, Some(Opened { by: OTTO, at: hours(1), until: hours(49) }));
        assert_eq!(opened.clone().approve(PIA, FACILITATOR, hours(2)).unwrap_err(), EscrowError::Decided);
        assert_eq!(opened.refuse(PIA, FACILITATOR, hours(2)).unwrap_err(), EscrowError::Decided);
        assert_eq!(
            chart().ask_for_escrow(&asked(20, FACILITATOR, 2), hours(0)).unwrap_err(),
            EscrowError::Facilitator
        );
        for days in [0, ESCROW_DAYS + 1] {
            let refused = chart().ask_for_escrow(&asked(20, NORA, days), hours(0)).unwrap_err();
            assert_eq!(refused, EscrowError::Days);
        }
    }

    #[test]
    fn a_request_is_refused_by_another_and_taken_back_by_who_asked() {
        let refused = asked(20, NORA, 2).refuse(OTTO, FACILITATOR, hours(1)).unwrap();
        assert_eq!(refused.status(hours(1)), EscrowStatus::Refused);
        assert_eq!(refused.end(NORA, FACILITATOR, hours(2)).unwrap_err(), EscrowError::Decided);
        let request = asked(20, NORA, 2);
        assert_eq!(request.clone().refuse(NORA, FACILITATOR, hours(1)).unwrap_err(), EscrowError::Requester);
        assert_eq!(request.clone().end(OTTO, FACILITATOR, hours(1)).unwrap_err(), EscrowError::NotOpen);
        assert_eq!(
            request.end(NORA, FACILITATOR, hours(1)).unwrap().status(hours(1)),
            EscrowStatus::Withdrawn
        );
        let opened = asked(20, NORA, 2).approve(OTTO, FACILITATOR, hours(0)).unwrap();
        assert_eq!(
            opened.clone().end(FACILITATOR, FACILITATOR, hours(1)).unwrap_err(),
            EscrowError::Facilitator
        );
        assert_eq!(
            opened.clone().end(PIA, FACILITATOR, hours(1)).unwrap().status(hours(1)),
            EscrowStatus::Ended
        );
        assert_eq!(opened.status(hours(48)), EscrowStatus::Over);
        assert_eq!(opened.end(PIA, FACILITATOR, hours(48)).unwrap_err(), EscrowError::Decided);
    }

    #[test]
    fn a_chart_carries_what_stands_and_forgets_the_rest() {
        let mut held = chart();
        for id in 0..CHART_ESCROWS {
            let escrow = asked(20 + u128::try_from(id).unwrap(), NORA, 1);
            held = held.ask_for_escrow(&escrow, hours(0)).unwrap();
        }
        let more = asked(40, NORA, 1);
        assert_eq!(held.clone().ask_for_escrow(&more, hours(0)).unwrap_err(), EscrowError::TooMany);
        let opened = asked(20, NORA, 1).approve(OTTO, FACILITATOR, hours(0)).unwrap();
        let held = held.with_escrow(&opened, hours(0));
        assert_eq!(held.escrow_for(NORA, hours(23)), Some(opened.id));
        assert_eq!(held.clone().ask_for_escrow(&more, hours(23)).unwrap_err(), EscrowError::TooMany);
        let held = held.ask_for_escrow(&more, hours(24)).unwrap();
        assert_eq!(held.escrows.len(), CHART_ESCROWS);
        assert!(held.escrows.iter().all(|one| one.id != opened.id));
    }

    proptest! {
        /// Whatever is tried in whatever order, a chart is open only to two different people who are not its
        /// facilitator, both of whom had their part in it, and never for longer than was asked for.
        #[test]
        fn a_chart_is_opened_by_two(tries in prop::collection::vec((0..4_u8, 1..=4_u128, 0..30_i64), 1..20)) {
            let mut escrow = asked(20, NORA, 1);
            let mut chart = chart().ask_for_escrow(&escrow, hours(0)).unwrap();
            let mut now = 0;
            for (step, by, later) in tries {
                now += later;
                let (by, at) = (MemberId::new(Uuid::from_u128(by)), hours(now));
                let changed = match step {
                    0 | 1 => escrow.clone().approve(by, chart.owner, at),
                    2 => escrow.clone().refuse(by, chart.owner, at),
                    _ => escrow.clone().end(by, chart.owner, at),
                };
                if let Ok(changed) = changed {
                    escrow = changed;
                    chart = chart.with_escrow(&escrow, at);
                }
                let readers: Vec<MemberId> =
                    [FACILITATOR, NORA, OTTO, PIA].into_iter().filter(|who| chart.escrow_for(*who, at).is_some()).collect();
                prop_assert_eq!(escrow.status(at) == EscrowStatus::Open, !readers.is_empty());
                if let Some(opened) = escrow.opened.filter(|_| !readers.is_empty()) {
                    let mut two = vec![NORA, opened.by];
                    two.sort();
                    prop_assert_eq!(&readers, &two);
                    prop_assert!(opened.by != NORA && opened.by != FACILITATOR);
                    prop_assert!(at < opened.until && opened.until <= opened.at + SignedDuration::from_hours(24));
                }
            }
        }
    }
}
