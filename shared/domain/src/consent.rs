//! Consents: what a client, or who speaks for them, has permitted, and the circle of care that is named on
//! the strength of it (R060, R066; 45 CFR 164.508(c), 164.502(g)).
//!
//! A permission that is withdrawn ends everything that stands on it in one step. So it carries no more than
//! one step can end: of how much it carries, not of its end, is where a limit is met.

use crate::{
    ClientId, ConsentId, MemberId, OrganizationId, Sealed,
    chart::Chart,
    limits::{CIRCLE_MEMBERS, CONSENT_CHARTS, CONSENT_GRANTS, NAME_CHARS, REASON_CHARS},
    sharing::{AccessType, Grant, Grantee, SharingError},
    text::{Line, Prose},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A permission as it was recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Consent {
    pub id: ConsentId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub terms: Terms,
    pub said: Sealed<Said>,
    pub recorded_by: MemberId,
    pub recorded_at: Timestamp,
    pub withdrawn: Option<Withdrawal>,
    pub revision: u64,
}

/// What a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentPurpose {
    /// Sharing with the client's circle of care (R060).
    CircleOfCare,
    /// Access for somebody of the client's own (R066).
    ProxyAccess,
}

impl ConsentPurpose {
    pub const fn name(self) -> &'static str {
        match self {
            Self::CircleOfCare => "circle_of_care",
            Self::ProxyAccess => "proxy_access",
        }
    }
}

/// Who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Giver {
    Client,
    /// Of a client who was not of age (45 CFR 164.502(g)(3)).
    Parent,
    Guardian,
    /// By power of attorney or order of a court.
    LegalRepresentative,
}

impl Giver {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Parent => "parent",
            Self::Guardian => "guardian",
            Self::LegalRepresentative => "legal_representative",
        }
    }

    /// Whether it must be said by what right they speak for the client (45 CFR 164.508(c)(1)(vi)).
    const fn is_appointed(self) -> bool {
        matches!(self, Self::Guardian | Self::LegalRepresentative)
    }
}

/// In what form it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMethod {
    /// With a signature on paper.
    Written,
    Verbal,
    /// With an electronic signature.
    Electronic,
}

impl ConsentMethod {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Verbal => "verbal",
            Self::Electronic => "electronic",
        }
    }
}

/// What is known of a permission without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub purpose: ConsentPurpose,
    pub given_by: Giver,
    pub method: ConsentMethod,
    /// The day it was signed, or said.
    pub signed_on: Date,
    /// The last day on which it holds.
    pub expires_on: Option<Date>,
}

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What may be shared, by whom, with whom and what for (45 CFR 164.508(c)(1)(i) to (iv)).
    pub note: Prose<REASON_CHARS>,
    /// By what right somebody else than the client gave it: a court's order, a power of attorney.
    pub authority: Option<Line<NAME_CHARS>>,
}

/// Whether anything can stand on a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    Live,
    /// Its last day is past.
    Over,
    Withdrawn,
}

/// That it was taken back (45 CFR 164.508(b)(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    pub by: MemberId,
    pub at: Timestamp,
}

/// Why a permission is none, or not for this.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConsentError {
    #[error("a permission is not signed on a day to come")]
    SignedInFuture,
    #[error("a permission that is over already permits nothing")]
    Expired,
    #[error("access for somebody else needs a last day")]
    NoExpiry,
    #[error("access for somebody else is permitted with a signature, not by word of mouth")]
    NotSigned,
    #[error("say by what right the guardian or representative speaks for the client")]
    NoAuthority,
    #[error("the client was of age when it was signed: they speak for themselves")]
    OfAge,
    #[error("a parent speaks for a client who is not of age; enter their birth date first")]
    BirthDateUnknown,
    #[error("the permission was withdrawn")]
    Withdrawn,
    #[error("the permission is over")]
    Over,
    #[error("the permission is for something else")]
    OtherPurpose,
    #[error("no circle of care is named yet")]
    NoCircle,
    #[error("a circle of care has at most {CIRCLE_MEMBERS} members and teams")]
    TooManyMembers,
    #[error("somebody is in the circle twice")]
    Twice,
    #[error(
        "one permission carries at most {CONSENT_GRANTS} shares in {CONSENT_CHARTS} charts, so that withdrawing it \
         ends them all at once; record another one"
    )]
    Full,
}

impl Terms {
    /// Checks that nothing a valid permission consists of is missing (45 CFR 164.508(b)(2) and (c)(1)).
    /// `majority` is the client's eighteenth birthday, where it is known.
    pub fn check(&self, said: &Said, majority: Option<Date>, today: Date) -> Result<(), ConsentError> {
        if self.signed_on > today {
            return Err(ConsentError::SignedInFuture);
        }
        if self.is_over(today) {
            return Err(ConsentError::Expired);
        }
        if self.purpose == ConsentPurpose::ProxyAccess {
            if self.expires_on.is_none() {
                return Err(ConsentError::NoExpiry);
            }
            if self.method == ConsentMethod::Verbal {
                return Err(ConsentError::NotSigned);
            }
        }
        if self.given_by.is_appointed() && said.authority.is_none() {
            return Err(ConsentError::NoAuthority);
        }
        // What a parent has signed holds when the child is of age, until it is over or withdrawn.
        match (self.given_by, majority) {
            (Giver::Parent, None) => Err(ConsentError::BirthDateUnknown),
            (Giver::Parent, Some(majority)) if majority <= self.signed_on => Err(ConsentError::OfAge),
            _ => Ok(()),
        }
    }

    fn is_over(&self, today: Date) -> bool {
        self.expires_on.is_some_and(|last| last < today)
    }
}

impl Consent {
    pub fn status(&self, today: Date) -> ConsentStatus {
        if self.withdrawn.is_some() {
            ConsentStatus::Withdrawn
        } else if self.terms.is_over(today) {
            ConsentStatus::Over
        } else {
            ConsentStatus::Live
        }
    }

    /// Something can stand on it.
    pub fn must_hold(&self, purpose: ConsentPurpose, today: Date) -> Result<(), ConsentError> {
        match self.status(today) {
            ConsentStatus::Withdrawn => Err(ConsentError::Withdrawn),
            ConsentStatus::Over => Err(ConsentError::Over),
            ConsentStatus::Live if self.terms.purpose != purpose => Err(ConsentError::OtherPurpose),
            ConsentStatus::Live => Ok(()),
        }
    }

    /// Takes it back. One that is over is taken back too: whatever still stands on it is cleared away.
    pub fn withdraw(mut self, by: MemberId, at: Timestamp) -> Result<Self, ConsentError> {
        if self.withdrawn.is_some() {
            return Err(ConsentError::Withdrawn);
        }
        self.withdrawn = Some(Withdrawal { by, at });
        Ok(self)
    }

    /// What stands on it is no more than its withdrawal can end at once. `charts` are all of the client's, as
    /// they will be.
    pub fn must_carry<'a>(&self, charts: impl IntoIterator<Item = &'a Chart>) -> Result<(), ConsentError> {
        let standing = |chart: &Chart| {
            chart.grants.rows().iter().filter(|grant| grant.consent_id == Some(self.id)).count()
        };
        let standing: Vec<usize> = charts.into_iter().map(standing).filter(|count| *count > 0).collect();
        let grants: usize = standing.iter().sum();
        if standing.len() > CONSENT_CHARTS || grants > CONSENT_GRANTS {
            return Err(ConsentError::Full);
        }
        Ok(())
    }
}

/// Somebody in a circle of care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CircleMember {
    pub grantee: Grantee,
    /// What they may do with a chart that is shared with the circle.
    pub access: AccessType,
}

/// Who a client's charts are shared with in one action: the circle of care of that client (R060).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Circle {
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub members: Vec<CircleMember>,
    /// The permission on which it stands.
    pub consent_id: ConsentId,
    pub set_by: MemberId,
    pub set_at: Timestamp,
    pub revision: u64,
}

/// What the grants of a circle have in common.
#[derive(Clone, Copy, Debug)]
pub struct CircleTerms {
    pub by: MemberId,
    pub now: Timestamp,
    /// No later than the permission ends.
    pub expires_at: Option<Timestamp>,
}

impl Circle {
    /// Checks who is to be in it.
    pub fn check(members: &[CircleMember]) -> Result<(), ConsentError> {
        if members.len() > CIRCLE_MEMBERS {
            return Err(ConsentError::TooManyMembers);
        }
        let distinct: BTreeSet<Grantee> = members.iter().map(|member| member.grantee).collect();
        if distinct.len() == members.len() { Ok(()) } else { Err(ConsentError::Twice) }
    }

    /// The chart shared, whole, with everybody of the circle who has none of it yet, and who they are. What
    /// somebody has already stays as its owner has set it.
    pub fn share(
        &self,
        chart: Chart,
        may_take: impl Fn(Grantee) -> bool,
        terms: CircleTerms,
    ) -> Result<(Chart, Vec<CircleMember>), SharingError> {
        let has = |grantee| {
            grantee == Grantee::Member(chart.owner)
                || chart.grants.of(grantee).is_some_and(|grant| grant.is_live(terms.now))
        };
        let new: Vec<CircleMember> = self
            .members
            .iter()
            .filter(|member| !has(member.grantee) && may_take(member.grantee))
            .copied()
            .collect();
        let grant = |member: &CircleMember| Grant {
            grantee: member.grantee,
            access: member.access,
            granted_by: terms.by,
            granted_at: terms.now,
            expires_at: terms.expires_at,
            consent_id: Some(self.consent_id),
        };
        let shared = new.iter().try_fold(chart, |chart, member| chart.share(grant(member), terms.now))?;
        Ok((shared, new))
    }
}

/// The earlier of two ends, of which either may not be set.
pub fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChartId, WrappedKey,
        client::{Client, ClientStatus},
        limits::{CHART_GRANTS, TRANSACTION_ITEMS},
    };
    use jiff::{SignedDuration, civil::date};
    use proptest::prelude::*;
    use uuid::Uuid;

    const TODAY: Date = date(2026, 3, 1);
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn id<Id: From<Uuid>>(number: u128) -> Id {
        Id::from(Uuid::from_u128(number))
    }

    fn terms() -> Terms {
        Terms {
            purpose: ConsentPurpose::CircleOfCare,
            given_by: Giver::Client,
            method: ConsentMethod::Written,
            signed_on: TODAY,
            expires_on: None,
        }
    }

    fn said() -> Said {
        Said { note: Prose::new("everything, with her doctors, for her treatment").unwrap(), authority: None }
    }

    fn consent(terms: Terms) -> Consent {
        Consent {
            id: id(1),
            organization_id: id(2),
            client_id: id(3),
            terms,
            said: Sealed::from_bytes(vec![]),
            recorded_by: id(4),
            recorded_at: NOW,
            withdrawn: None,
            revision: 1,
        }
    }

    fn chart(number: u128) -> Chart {
        let client = Client {
            id: id(3),
            organization_id: id(2),
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: NOW,
            revision: 1,
        };
        Chart::open(id::<ChartId>(number), &client, id(1_000), NOW)
    }

    fn circle(members: impl IntoIterator<Item = u128>) -> Circle {
        let member =
            |number| CircleMember { grantee: Grantee::Member(id(number)), access: AccessType::ReadOnly };
        Circle {
            organization_id: id(2),
            client_id: id(3),
            members: members.into_iter().map(member).collect(),
            consent_id: id(1),
            set_by: id(4),
            set_at: NOW,
            revision: 1,
        }
    }

    fn plainly() -> CircleTerms {
        CircleTerms { by: id(1_000), now: NOW, expires_at: None }
    }

    /// One case for each defect of 45 CFR 164.508(b)(2) that can be seen on its face.
    #[test]
    fn a_defective_permission_is_not_recorded() {
        let checked = |terms: Terms| terms.check(&said(), Some(date(2040, 1, 1)), TODAY);
        assert_eq!(checked(terms()), Ok(()));
        let tomorrow = TODAY.tomorrow().unwrap();
        assert_eq!(checked(Terms { signed_on: tomorrow, ..terms() }), Err(ConsentError::SignedInFuture));
        let yesterday = Some(TODAY.yesterday().unwrap());
        assert_eq!(checked(Terms { expires_on: yesterday, ..terms() }), Err(ConsentError::Expired));
        assert_eq!(
            checked(Terms { expires_on: Some(TODAY), ..terms() }),
            Ok(()),
            "its last day is part of it"
        );
        let proxy =
            Terms { purpose: ConsentPurpose::ProxyAccess, expires_on: Some(date(2027, 1, 1)), ..terms() };
        assert_eq!(checked(proxy), Ok(()));
        assert_eq!(checked(Terms { expires_on: None, ..proxy }), Err(ConsentError::NoExpiry));
        assert_eq!(checked(Terms { method: ConsentMethod::Verbal, ..proxy }), Err(ConsentError::NotSigned));
        assert_eq!(checked(Terms { method: ConsentMethod::Verbal, ..terms() }), Ok(()));
    }

    #[test]
    fn who_speaks_for_a_client_shows_by_what_right() {
        for given_by in [Giver::Guardian, Giver::LegalRepresentative] {
            let terms = Terms { given_by, ..terms() };
            assert_eq!(terms.check(&said(), None, TODAY), Err(ConsentError::NoAuthority));
            let order = Said { authority: Some(Line::new("order 12/2025").unwrap()), ..said() };
            assert_eq!(terms.check(&order, None, TODAY), Ok(()));
        }
    }

    #[test]
    fn a_parent_speaks_for_a_child() {
        let parent = Terms { given_by: Giver::Parent, signed_on: date(2026, 2, 1), ..terms() };
        let checked = |majority| parent.check(&said(), majority, TODAY);
        assert_eq!(checked(Some(date(2026, 2, 2))), Ok(()), "a child on the day it was signed");
        assert_eq!(checked(Some(date(2026, 2, 1))), Err(ConsentError::OfAge));
        assert_eq!(checked(None), Err(ConsentError::BirthDateUnknown));
    }

    #[test]
    fn nothing_stands_on_what_is_over_withdrawn_or_for_something_else() {
        let lasting = consent(Terms { expires_on: Some(TODAY), ..terms() });
        let for_circle = |consent: &Consent, day| consent.must_hold(ConsentPurpose::CircleOfCare, day);
        assert_eq!(for_circle(&lasting, TODAY), Ok(()));
        assert_eq!(for_circle(&lasting, TODAY.tomorrow().unwrap()), Err(ConsentError::Over));
        assert_eq!(lasting.must_hold(ConsentPurpose::ProxyAccess, TODAY), Err(ConsentError::OtherPurpose));
        let withdrawn = lasting.withdraw(id(9), NOW).unwrap();
        assert_eq!(for_circle(&withdrawn, TODAY), Err(ConsentError::Withdrawn));
        assert_eq!(withdrawn.status(TODAY), ConsentStatus::Withdrawn);
        assert_eq!(withdrawn.withdraw(id(9), NOW).unwrap_err(), ConsentError::Withdrawn);
    }

    #[test]
    fn a_circle_names_everybody_once() {
        assert_eq!(Circle::check(&circle(1..=30).members), Ok(()));
        assert_eq!(Circle::check(&circle(1..=31).members), Err(ConsentError::TooManyMembers));
        assert_eq!(Circle::check(&circle([1, 2, 1]).members), Err(ConsentError::Twice));
    }

    #[test]
    fn sharing_with_a_circle_leaves_what_somebody_has() {
        let (shared, new) = circle([1, 2, 1_000]).share(chart(20), |_| true, plainly()).unwrap();
        assert_eq!(new.len(), 2, "the owner needs no share");
        let changed = Grant {
            access: AccessType::ReadAndWrite,
            ..shared.grants.of(Grantee::Member(id(1))).cloned().unwrap()
        };
        let shared = Chart { grants: shared.grants.clone().change(changed, NOW).unwrap(), ..shared };
        let suspended = Grantee::Member(id(4));
        let (again, new) =
            circle([1, 2, 3, 4]).share(shared, |grantee| grantee != suspended, plainly()).unwrap();
        assert_eq!(new, circle([3]).members);
        let first = again.grants.of(Grantee::Member(id(1))).unwrap();
        assert_eq!((first.access, first.consent_id), (AccessType::ReadAndWrite, Some(id(1))));
    }

    #[test]
    fn a_share_that_is_over_is_made_anew() {
        let end = NOW + SignedDuration::from_hours(1);
        let once = CircleTerms { expires_at: Some(end), ..plainly() };
        let (shared, _) = circle([1]).share(chart(20), |_| true, once).unwrap();
        let later = CircleTerms { now: end, ..plainly() };
        let (shared, new) = circle([1]).share(shared, |_| true, later).unwrap();
        assert_eq!((new.len(), shared.grants.rows().len()), (1, 1));
    }

    #[test]
    fn a_full_chart_is_shared_with_the_whole_circle_or_not_at_all() {
        let (shared, _) = circle(1..=40).share(chart(20), |_| true, plainly()).unwrap();
        let beyond = CHART_GRANTS as u128 - 40 + 1;
        let refused = circle(100..100 + beyond).share(shared, |_| true, plainly()).unwrap_err();
        assert_eq!(refused, SharingError::TooMany);
    }

    proptest! {
        /// Whatever a permission is let carry, one transaction withdraws it: the permission, each chart in
        /// both its places, each share's entry and notice, the evidence and the remembered answer.
        #[test]
        fn what_a_permission_carries_one_transaction_ends(sizes in prop::collection::vec(0_u128..30, 0..14)) {
            let consent = consent(terms());
            let charts: Vec<Chart> = (100_u128..)
                .zip(&sizes)
                .map(|(number, size)| circle(1..=*size).share(chart(number), |_| true, plainly()).unwrap().0)
                .collect();
            let standing = sizes.iter().filter(|size| **size > 0).count();
            let grants: u128 = sizes.iter().sum();
            let items = 3 + 2 * standing + 2 * grants as usize;
            if consent.must_carry(&charts).is_ok() {
                prop_assert!(items <= TRANSACTION_ITEMS, "{items} items");
            } else {
                prop_assert!(standing > CONSENT_CHARTS || grants as usize > CONSENT_GRANTS);
            }
        }

        /// After a withdrawal nothing that stood on the permission is left, and nothing else is gone.
        #[test]
        fn a_withdrawal_ends_what_stood_on_it_and_nothing_else(mine in 0_u128..20, others in 0_u128..20) {
            let (first, _) = circle(1..=mine).share(chart(20), |_| true, plainly()).unwrap();
            let other = Circle { consent_id: id(99), ..circle(101..101 + others) };
            let (both, _) = other.share(first, |_| true, plainly()).unwrap();
            let (left, ended) = both.grants.without(id(1));
            prop_assert_eq!((ended.len() as u128, left.rows().len() as u128), (mine, others));
            prop_assert!(left.rows().iter().all(|grant| grant.consent_id == Some(id(99))));
        }

        #[test]
        fn the_earlier_end_is_no_later_than_either(one in any::<Option<u8>>(), other in any::<Option<u8>>()) {
            let end = earlier(one, other);
            prop_assert_eq!(end.is_none(), one.is_none() && other.is_none());
            for each in [one, other].into_iter().flatten() {
                prop_assert!(end.is_some_and(|end| end <= each));
            }
        }
    }
}
