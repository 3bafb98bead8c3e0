//! A legal hold: while it stands, nothing it covers is destroyed in any way (R156).
//!
//! A hold covers what it names and whatever its query matches, records filed later included: it is asked anew before
//! every destruction, never copied onto records. Holds stack: what several cover stays until the last is released.

use crate::{
    ChartId, ClientId, HoldId, MemberId, OrganizationId, RecordId, Sealed, SpaceId,
    chart::Section,
    limits::{
        HOLD_CUSTODIANS, HOLD_ITEMS, HOLD_REAFFIRM_DAYS, HOLD_REAFFIRMATIONS, HOLDS, NAME_CHARS, REASON_CHARS,
    },
    member::{Member, Role},
    record::Record,
    text::{Line, Prose},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A hold as the table keeps it. What the matter is called and what custodians are told can name people, so both are
/// sealed under the organization's directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hold {
    pub id: HoldId,
    pub organization_id: OrganizationId,
    pub cause: HoldCause,
    pub matter: Sealed<Line<NAME_CHARS>>,
    pub notice: Sealed<Prose<REASON_CHARS>>,
    pub scope: HoldScope,
    /// Who keeps what is held, and since when they have said that they know.
    pub custodians: BTreeMap<MemberId, Option<Timestamp>>,
    pub issued_by: MemberId,
    pub issued_at: Timestamp,
    /// When somebody has to say that it is still needed. A hold that nobody reaffirms stands all the same.
    pub reaffirm_by: Date,
    #[serde(default)]
    pub reaffirmed: Vec<Reaffirmed>,
    #[serde(default)]
    pub released: Option<HoldReleased>,
    pub revision: u64,
}

/// Why a hold was placed (AHIMA's model policy on legal holds).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    NoticeOfSuit,
    Charge,
    Subpoena,
    AdverseOutcome,
    RegulatorInquiry,
    InternalInvestigation,
    Other,
}

impl HoldCause {
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoticeOfSuit => "notice_of_suit",
            Self::Charge => "charge",
            Self::Subpoena => "subpoena",
            Self::AdverseOutcome => "adverse_outcome",
            Self::RegulatorInquiry => "regulator_inquiry",
            Self::InternalInvestigation => "internal_investigation",
            Self::Other => "other",
        }
    }
}

/// What a hold covers: all it names, and all its query matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldScope {
    #[serde(default)]
    pub clients: BTreeSet<ClientId>,
    #[serde(default)]
    pub charts: BTreeSet<ChartId>,
    #[serde(default)]
    pub records: BTreeSet<RecordId>,
    #[serde(default)]
    pub spaces: BTreeSet<SpaceId>,
    #[serde(default)]
    pub query: Option<HoldQuery>,
}

/// Records by what they are; what is left empty does not narrow it, and an empty query covers everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldQuery {
    #[serde(default)]
    pub clients: BTreeSet<ClientId>,
    #[serde(default)]
    pub sections: BTreeSet<Section>,
    #[serde(default)]
    pub authors: BTreeSet<MemberId>,
    /// The first and the last day that records tell of.
    #[serde(default)]
    pub occurred_from: Option<Date>,
    #[serde(default)]
    pub occurred_to: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reaffirmed {
    pub by: MemberId,
    pub at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoldReleased {
    pub by: MemberId,
    pub at: Timestamp,
    pub reason: Sealed<Prose<REASON_CHARS>>,
}

/// Raised whenever a hold is placed or released. A transaction that destroys checks it, so that no hold can be placed
/// between the look at the holds and the destruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldGuard {
    pub revision: u64,
}

/// What a hold is asked about.
#[derive(Clone, Copy, Debug)]
pub struct HoldSubject {
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub section: Section,
    pub author: MemberId,
    pub occurred_on: Date,
}

impl From<&Record> for HoldSubject {
    fn from(record: &Record) -> Self {
        Self {
            client_id: record.client_id,
            chart_id: record.chart_id,
            record_id: record.id,
            section: record.section,
            author: record.author,
            occurred_on: record.occurred_on,
        }
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HoldError {
    #[error("a hold covers something: name clients, charts, records or spaces, or give a query")]
    Empty,
    #[error("a hold names at most {HOLD_ITEMS} things and {HOLD_CUSTODIANS} custodians")]
    TooMany,
    #[error("the days of a query run from the earlier to the later")]
    Days,
    #[error("a hold is reaffirmed within {HOLD_REAFFIRM_DAYS} days")]
    Reaffirm,
    #[error("the hold was released")]
    Released,
    #[error("only a custodian of the hold acknowledges it")]
    NotCustodian,
    #[error("the hold names something that is not there")]
    NotThere,
    #[error("a custodian is an active colleague of the organization")]
    Custodian,
    #[error("at most {HOLDS} holds stand at the same time; release one first")]
    Full,
}

impl HoldScope {
    pub fn check(&self) -> Result<(), HoldError> {
        let named = self.clients.len() + self.charts.len() + self.records.len() + self.spaces.len();
        let queried = self
            .query
            .as_ref()
            .map_or(0, |query| query.clients.len() + query.sections.len() + query.authors.len());
        if named.saturating_add(queried) > HOLD_ITEMS {
            return Err(HoldError::TooMany);
        }
        if named == 0 && self.query.is_none() {
            return Err(HoldError::Empty);
        }
        let days = self.query.as_ref().and_then(|query| query.occurred_from.zip(query.occurred_to));
        if days.is_some_and(|(from, to)| from > to) { Err(HoldError::Days) } else { Ok(()) }
    }

    /// The clients it names, and those its query asks for.
    pub fn named_clients(&self) -> impl Iterator<Item = ClientId> {
        let asked = self.query.iter().flat_map(|query| query.clients.iter());
        self.clients.iter().chain(asked).copied()
    }

    pub fn covers(&self, subject: &HoldSubject) -> bool {
        self.clients.contains(&subject.client_id)
            || self.charts.contains(&subject.chart_id)
            || self.records.contains(&subject.record_id)
            || self.query.as_ref().is_some_and(|query| query.matches(subject))
    }
}

impl HoldQuery {
    fn matches(&self, subject: &HoldSubject) -> bool {
        let within = |wanted: bool, empty: bool| empty || wanted;
        within(self.clients.contains(&subject.client_id), self.clients.is_empty())
            && within(self.sections.contains(&subject.section), self.sections.is_empty())
            && within(self.authors.contains(&subject.author), self.authors.is_empty())
            && self.occurred_from.is_none_or(|from| subject.occurred_on >= from)
            && self.occurred_to.is_none_or(|to| subject.occurred_on <= to)
    }
}

/// Custodians are told and asked to say that they know: colleagues, active, and not too many.
pub fn check_custodians(custodians: &[Member]) -> Result<(), HoldError> {
    if custodians.len() > HOLD_CUSTODIANS {
        return Err(HoldError::TooMany);
    }
    let fit = |member: &Member| member.is_active() && !member.roles.contains(&Role::Client);
    if custodians.iter().all(fit) { Ok(()) } else { Err(HoldError::Custodian) }
}

impl Hold {
    pub const fn stands(&self) -> bool {
        self.released.is_none()
    }

    /// Whether it keeps something from being destroyed.
    pub fn holds(&self, subject: &HoldSubject) -> bool {
        self.stands() && self.scope.covers(subject)
    }

    /// Whether it keeps what is in a collaborative space (R156: spaces are held, too).
    pub fn holds_space(&self, space: SpaceId) -> bool {
        self.stands() && self.scope.spaces.contains(&space)
    }

    /// A custodian says that they know of it; saying it again changes nothing.
    pub fn acknowledge(mut self, by: MemberId, now: Timestamp) -> Result<Self, HoldError> {
        self.must_stand()?;
        let acknowledged = self.custodians.get_mut(&by).ok_or(HoldError::NotCustodian)?;
        acknowledged.get_or_insert(now);
        Ok(self)
    }

    /// Somebody says that it is still needed, until another day.
    pub fn reaffirm(
        mut self,
        by: MemberId,
        until: Date,
        today: Date,
        now: Timestamp,
    ) -> Result<Self, HoldError> {
        self.must_stand()?;
        Self::check_reaffirmation(until, today)?;
        self.reaffirm_by = until;
        // The trail has all of them; the hold itself the newest.
        if self.reaffirmed.len() >= HOLD_REAFFIRMATIONS {
            self.reaffirmed.remove(0);
        }
        self.reaffirmed.push(Reaffirmed { by, at: now });
        Ok(self)
    }

    /// Whether somebody has to say that it is still needed.
    pub fn reaffirmation_is_due(&self, today: Date) -> bool {
        self.stands() && self.reaffirm_by <= today
    }

    pub fn release(mut self, released: HoldReleased) -> Result<Self, HoldError> {
        self.must_stand()?;
        self.released = Some(released);
        Ok(self)
    }

    pub fn check_reaffirmation(until: Date, today: Date) -> Result<(), HoldError> {
        let latest = today.saturating_add(HOLD_REAFFIRM_DAYS.days());
        if until > today && until <= latest { Ok(()) } else { Err(HoldError::Reaffirm) }
    }

    const fn must_stand(&self) -> Result<(), HoldError> {
        if self.stands() { Ok(()) } else { Err(HoldError::Released) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::{Email, MemberStatus};
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn member(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn hold(scope: HoldScope) -> Hold {
        Hold {
            id: HoldId::new(Uuid::from_u128(1)),
            organization_id: OrganizationId::new(Uuid::nil()),
            cause: HoldCause::NoticeOfSuit,
            matter: Sealed::from_bytes(vec![]),
            notice: Sealed::from_bytes(vec![]),
            scope,
            custodians: BTreeMap::from([(member(1), None), (member(2), None)]),
            issued_by: member(9),
            issued_at: NOW,
            reaffirm_by: date(2026, 6, 1),
            reaffirmed: vec![],
            released: None,
            revision: 1,
        }
    }

    fn subject(client: u128, chart: u128, record: u128, occurred_on: Date) -> HoldSubject {
        HoldSubject {
            client_id: ClientId::new(Uuid::from_u128(client)),
            chart_id: ChartId::new(Uuid::from_u128(chart)),
            record_id: RecordId::new(Uuid::from_u128(record)),
            section: Section::Documents,
            author: member(3),
            occurred_on,
        }
    }

    fn released(hold: Hold) -> Hold {
        let release = HoldReleased { by: member(9), at: NOW, reason: Sealed::from_bytes(vec![]) };
        hold.release(release).unwrap()
    }

    fn asking(query: HoldQuery) -> HoldScope {
        HoldScope { query: Some(query), ..HoldScope::default() }
    }

    #[test]
    fn a_hold_covers_what_it_names_and_what_its_query_matches() {
        let day = date(2020, 5, 1);
        let named =
            hold(HoldScope { charts: [ChartId::new(Uuid::from_u128(2))].into(), ..HoldScope::default() });
        assert!(named.holds(&subject(1, 2, 3, day)) && !named.holds(&subject(1, 5, 3, day)));
        let by_author = hold(asking(HoldQuery { authors: [member(3)].into(), ..HoldQuery::default() }));
        assert!(by_author.holds(&subject(8, 8, 8, day)));
        let by_others = hold(asking(HoldQuery { authors: [member(4)].into(), ..HoldQuery::default() }));
        assert!(!by_others.holds(&subject(8, 8, 8, day)));
        let everything = hold(asking(HoldQuery::default()));
        assert!(everything.holds(&subject(8, 8, 8, day)));
        let space = SpaceId::new(Uuid::from_u128(7));
        let of_space = hold(HoldScope { spaces: [space].into(), ..HoldScope::default() });
        assert!(of_space.holds_space(space) && !of_space.holds(&subject(1, 2, 3, day)));
    }

    /// An attorney's notice keeps a client's records until told otherwise, whatever their age (Illinois); a claim keeps
    /// the days it is about until it is resolved (Connecticut); a proceeding keeps one author's records of one client
    /// until it is final (Texas).
    #[test]
    fn holds_take_the_shapes_that_statutes_ask_for() {
        let client = ClientId::new(Uuid::from_u128(1));
        let notice = hold(HoldScope { clients: [client].into(), ..HoldScope::default() });
        assert!(
            notice.holds(&subject(1, 2, 3, date(1970, 1, 1)))
                && !notice.holds(&subject(2, 2, 3, date(1970, 1, 1)))
        );
        let claim = hold(asking(HoldQuery {
            clients: [client].into(),
            occurred_from: Some(date(2019, 1, 1)),
            occurred_to: Some(date(2019, 12, 31)),
            ..HoldQuery::default()
        }));
        for (day, held) in [
            (date(2018, 12, 31), false),
            (date(2019, 1, 1), true),
            (date(2019, 12, 31), true),
            (date(2020, 1, 1), false),
        ] {
            assert_eq!(claim.holds(&subject(1, 2, 3, day)), held, "{day}");
        }
        let proceeding = hold(asking(HoldQuery {
            clients: [client].into(),
            authors: [member(3)].into(),
            ..HoldQuery::default()
        }));
        assert!(proceeding.holds(&subject(1, 2, 3, date(2000, 1, 1))));
        assert!(!released(proceeding).holds(&subject(1, 2, 3, date(2000, 1, 1))));
    }

    #[test]
    fn a_scope_covers_something_and_not_too_much() {
        assert_eq!(HoldScope::default().check(), Err(HoldError::Empty));
        assert_eq!(asking(HoldQuery::default()).check(), Ok(()));
        let records = (0..=HOLD_ITEMS as u128).map(|id| RecordId::new(Uuid::from_u128(id))).collect();
        assert_eq!(HoldScope { records, ..HoldScope::default() }.check(), Err(HoldError::TooMany));
        let backwards = HoldQuery {
            occurred_from: Some(date(2020, 1, 2)),
            occurred_to: Some(date(2020, 1, 1)),
            ..HoldQuery::default()
        };
        assert_eq!(asking(backwards).check(), Err(HoldError::Days));
    }

    #[test]
    fn custodians_acknowledge_once_and_only_they() {
        let later = Timestamp::from_second(60).unwrap();
        let said = hold(asking(HoldQuery::default())).acknowledge(member(1), NOW).unwrap();
        let again = said.acknowledge(member(1), later).unwrap();
        assert_eq!(again.custodians[&member(1)], Some(NOW));
        assert_eq!(again.custodians[&member(2)], None);
        assert_eq!(again.acknowledge(member(9), later).unwrap_err(), HoldError::NotCustodian);
    }

    #[test]
    fn a_hold_that_nobody_reaffirms_stands_all_the_same() {
        let standing = hold(asking(HoldQuery::default()));
        let (today, late) = (date(2026, 5, 1), date(2029, 1, 1));
        assert!(!standing.reaffirmation_is_due(today) && standing.reaffirmation_is_due(date(2026, 6, 1)));
        assert!(standing.reaffirmation_is_due(late) && standing.holds(&subject(1, 1, 1, today)));
        for (until, sound) in
            [(today, false), (date(2026, 5, 2), true), (date(2027, 5, 2), true), (date(2027, 5, 3), false)]
        {
            assert_eq!(Hold::check_reaffirmation(until, today).is_ok(), sound, "{until}");
        }
        let mut reaffirmed = standing;
        for day in 0..60 {
            let until = today.saturating_add((day + 1).days());
            reaffirmed = reaffirmed.reaffirm(member(9), until, today, NOW).unwrap();
        }
        assert_eq!(reaffirmed.reaffirmed.len(), HOLD_REAFFIRMATIONS);
    }

    #[test]
    fn what_is_released_is_over() {
        let over = released(hold(asking(HoldQuery::default())));
        let again = HoldReleased { by: member(9), at: NOW, reason: Sealed::from_bytes(vec![]) };
        assert_eq!(over.clone().release(again).unwrap_err(), HoldError::Released);
        assert_eq!(over.clone().acknowledge(member(1), NOW).unwrap_err(), HoldError::Released);
        let (until, today) = (date(2026, 5, 2), date(2026, 5, 1));
        assert_eq!(over.reaffirm(member(9), until, today, NOW).unwrap_err(), HoldError::Released);
    }

    #[test]
    fn custodians_are_active_colleagues() {
        let person = |roles: &[Role]| {
            let roles: BTreeSet<Role> = roles.iter().copied().collect();
            let email = Email::try_from("sam@north.example".to_owned()).unwrap();
            let organization = OrganizationId::new(Uuid::nil());
            let mut invited =
                Member::invite(member(1), organization, Line::new("Sam").unwrap(), email, roles, NOW);
            invited.status = MemberStatus::Active;
            invited
        };
        assert_eq!(check_custodians(&[person(&[Role::Staff])]), Ok(()));
        assert_eq!(check_custodians(&[person(&[Role::Client])]), Err(HoldError::Custodian));
        let mut gone = person(&[Role::Staff]);
        gone.status = MemberStatus::Suspended;
        assert_eq!(check_custodians(&[gone]), Err(HoldError::Custodian));
        assert_eq!(check_custodians(&vec![person(&[Role::Staff]); 51]), Err(HoldError::TooMany));
    }

    fn a_scope() -> impl Strategy<Value = HoldScope> {
        let small = || prop::collection::btree_set(0_u128..4, 0..3);
        (small(), small(), small(), prop::option::of((small(), 0_i8..28, 0_i8..28))).prop_map(
            |(clients, charts, records, query)| HoldScope {
                clients: clients.into_iter().map(|id| ClientId::new(Uuid::from_u128(id))).collect(),
                charts: charts.into_iter().map(|id| ChartId::new(Uuid::from_u128(id))).collect(),
                records: records.into_iter().map(|id| RecordId::new(Uuid::from_u128(id))).collect(),
                spaces: BTreeSet::new(),
                query: query.map(|(authors, from, to)| HoldQuery {
                    authors: authors.into_iter().map(member).collect(),
                    occurred_from: Some(date(2020, 1, 1 + from)),
                    occurred_to: Some(date(2020, 1, 1 + to)),
                    ..HoldQuery::default()
                }),
            },
        )
    }

    proptest! {
        /// Holds stack: something is kept as long as one hold that covers it stands, in whatever order they end.
        #[test]
        fn the_last_release_alone_frees(
            scopes in prop::collection::vec(a_scope(), 1..5), order in any::<prop::sample::Index>(),
            client in 0_u128..4, chart in 0_u128..4, record in 0_u128..4, day in 1_i8..=28,
        ) {
            let subject = subject(client, chart, record, date(2020, 1, day));
            let mut holds: Vec<Hold> = scopes.into_iter().map(hold).collect();
            let covering = |holds: &[Hold]| holds.iter().filter(|hold| hold.holds(&subject)).count();
            let mut left = covering(&holds);
            for step in 0..holds.len() {
                let at = (order.index(holds.len()) + step) % holds.len();
                let held = holds[at].holds(&subject);
                holds[at] = released(holds[at].clone());
                left -= usize::from(held);
                prop_assert_eq!(covering(&holds), left);
            }
            prop_assert_eq!(left, 0);
        }

        /// A wider scope never covers less.
        #[test]
        fn naming_more_covers_no_less(scope in a_scope(), client in 0_u128..4, record in 0_u128..4) {
            let subject = subject(client, 1, record, date(2020, 1, 5));
            let mut wider = scope.clone();
            wider.clients.insert(ClientId::new(Uuid::from_u128(3)));
            prop_assert!(!scope.covers(&subject) || wider.covers(&subject));
        }
    }
}
