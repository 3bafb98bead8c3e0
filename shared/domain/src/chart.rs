//! A chart: one member's client record for one client; what is owned, shared whole and transferred (P-01).

use crate::{
    ChartId, ClientId, MemberId, OrganizationId, WrappedKey,
    client::{Client, ClientError, ClientStatus},
    confidentiality::{Compartment, Confidentiality},
    escrow::ChartEscrow,
    limits::RETENTION_FIRST_REVIEW_DAYS,
    member::Member,
    organization::Organization,
    record::{Record, RecordError},
    retention::{Endings, RecordFacts},
    sharing::{AccessType, Grants, Relation},
    transfer::{Offer, Passage, TransferError},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chart {
    pub id: ChartId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    /// The one member responsible for it; by default only they have access (P-01).
    pub owner: MemberId,
    pub opened_at: Timestamp,
    /// The client's key, as in the client's own item: a record is added with one read.
    pub client_key: WrappedKey,
    /// Whether the client is served, as in the client's own item, for the same reason.
    pub client_status: ClientStatus,
    /// Who else may use it, the whole of it (P-02, P-05).
    #[serde(default)]
    pub grants: Grants,
    /// To whom it is offered (P-40).
    #[serde(default)]
    pub offer: Option<Offer>,
    /// How it came to its owner: the transfers that were accepted, oldest first (R095).
    #[serde(default)]
    pub passages: Vec<Passage>,
    /// Whether the whole of it is marked confidential (P-31).
    #[serde(default)]
    pub confidential: bool,
    /// How many of its records are marked confidential (P-30).
    #[serde(default)]
    pub confidential_records: u32,
    /// How many raw data it holds: that they exist is noted here (P-37).
    #[serde(default)]
    pub raw_data_records: u32,
    /// How many notes wait for the owner's signature beside their author's (P-13).
    #[serde(default)]
    pub cosignatures: u32,
    /// The organization's ways in that are asked for or open.
    #[serde(default)]
    pub escrows: Vec<ChartEscrow>,
    /// When the sweep looks at it next: never after the first day on which a record of it may become eligible, less
    /// the days of the first notice (R150). From its opening on there is one, so that most of what is filed in a chart
    /// leaves the chart itself as it is; a look gives it the next day, whether or not it finds something.
    #[serde(default)]
    pub review_on: Option<Date>,
    /// What the last look found and told of the end of its records' time (R150).
    #[serde(default)]
    pub endings: Endings,
    pub revision: u64,
}

impl Chart {
    /// A new chart: its owner's, and nobody else's.
    pub fn open(id: ChartId, client: &Client, owner: MemberId, now: Timestamp) -> Self {
        Self {
            id,
            organization_id: client.organization_id,
            client_id: client.id,
            owner,
            opened_at: now,
            client_key: client.key.clone(),
            client_status: client.status,
            grants: Grants::default(),
            offer: None,
            passages: Vec::new(),
            confidential: false,
            confidential_records: 0,
            raw_data_records: 0,
            cosignatures: 0,
            escrows: Vec::new(),
            review_on: Some(first_review(now)),
            endings: Endings::default(),
            revision: 1,
        }
    }

    /// What a member has of it by being a collaborator, at a moment.
    pub fn shared_with(&self, member: &Member, now: Timestamp) -> BTreeSet<AccessType> {
        self.grants.live_for(member, now).map(|grant| grant.access).collect()
    }

    /// What a member is to it at a moment, if anything.
    pub fn relation(&self, member: &Member, now: Timestamp) -> Option<Relation> {
        if self.owner == member.id {
            return Some(Relation::Owner);
        }
        let shared = self.shared_with(member, now).pop_last().map(Relation::from);
        shared.or_else(|| self.copy_until(member.id).map(|_| Relation::FormerOwner))
    }

    /// Whether the notes a member writes here need the owner's signature beside theirs (P-13): they have leave to
    /// write under approval, and none to write on their own.
    pub fn needs_cosignature(&self, member: &Member, now: Timestamp) -> bool {
        let shared = self.shared_with(member, now);
        self.owner != member.id
            && shared.contains(&AccessType::Approval)
            && !shared.contains(&AccessType::ReadAndWrite)
    }

    /// Derived, never set: by its own mark and by what is in it (P-30).
    pub const fn confidentiality(&self) -> Confidentiality {
        match (self.confidential, self.confidential_records) {
            (true, _) => Confidentiality::Confidential,
            (false, 0) => Confidentiality::Institutional,
            (false, _) => Confidentiality::PartiallyConfidential,
        }
    }

    /// The chart marked confidential as a whole, or not any more (P-31).
    pub fn mark(self, confidential: bool) -> Result<Self, TransferError> {
        self.must_not_be_offered()?;
        Ok(Self { confidential, ..self })
    }

    /// The chart after one of its records came to be or has changed; `None` if it counts what it counted.
    ///
    /// INVARIANT: whoever files, marks, signs or strikes a record writes this in the same transaction, so that what
    /// the chart is said to be follows from what is in it (P-30, P-37).
    pub fn recounted(&self, before: Option<&Record>, after: &Record) -> Option<Self> {
        let was = before.map(|record| Counted::of(record, self)).unwrap_or_default();
        let is = Counted::of(after, self);
        (was != is).then(|| Self {
            confidential_records: stepped(self.confidential_records, was.confidential, is.confidential),
            raw_data_records: stepped(self.raw_data_records, was.raw_data, is.raw_data),
            cosignatures: stepped(self.cosignatures, was.awaits_cosignature, is.awaits_cosignature),
            ..self.clone()
        })
    }

    /// The chart after a record was filed in it: it counts the record, and is looked at before the record's time can end
    /// (R150), or at once if others of it stand on the worklist, whose time may end later now (R153). `None` if it is and
    /// does so already.
    ///
    /// INVARIANT: whoever files a record writes this in the same transaction, so that no record ends unseen, and none is
    /// kept for ever because nobody looked.
    pub fn filed(&self, record: &Record, organization: &Organization) -> Option<Self> {
        let counted = self.recounted(None, record);
        let (retention, zone) = (&organization.retention, organization.policy.time_zone.zone());
        let facts = RecordFacts::of(record, retention, &zone);
        let day = if self.endings.ended { facts.created_on } else { retention.first_review(&facts) };
        counted.as_ref().unwrap_or(self).due(day).or(counted)
    }

    /// The chart after something was entered in one of its records: it counts the record as it is now, and is looked at
    /// as `stirred` says. `None` if it is and does so already.
    pub fn entered(
        &self,
        before: &Record,
        after: &Record,
        organization: &Organization,
        now: Timestamp,
    ) -> Option<Self> {
        let counted = self.recounted(Some(before), after);
        counted.as_ref().unwrap_or(self).stirred(organization, now).or(counted)
    }

    /// The chart after something has happened with its client that may keep their records longer: looked at at once if
    /// records of it stand on the worklist (R153). `None` if none do, or it is looked at by then anyway.
    pub fn stirred(&self, organization: &Organization, now: Timestamp) -> Option<Self> {
        let today = now.to_zoned(organization.policy.time_zone.zone()).date();
        if self.endings.ended { self.due(today) } else { None }
    }

    /// The chart after one of its records was destroyed: it counts the record no longer. `None` if it never did.
    pub fn without(&self, record: &Record) -> Option<Self> {
        let was = Counted::of(record, self);
        (was != Counted::default()).then(|| Self {
            confidential_records: stepped(self.confidential_records, was.confidential, false),
            raw_data_records: stepped(self.raw_data_records, was.raw_data, false),
            cosignatures: stepped(self.cosignatures, was.awaits_cosignature, false),
            ..self.clone()
        })
    }

    /// The chart to be looked at by the sweep on a day; `None` if it is looked at before that anyway.
    pub fn due(&self, day: Date) -> Option<Self> {
        let sooner = self.review_on.is_none_or(|set| day < set);
        sooner.then(|| Self { review_on: Some(day), ..self.clone() })
    }

    /// What is kept apart is the owner's to file: no share reaches it (X-1, R086, R103).
    pub fn must_take(&self, compartment: Compartment, from: MemberId) -> Result<(), RecordError> {
        if compartment == Compartment::Chart || self.owner == from {
            Ok(())
        } else {
            Err(RecordError::NotOwner)
        }
    }

    /// Something new is filed only while the client is served (R022).
    pub const fn must_be_open(&self) -> Result<(), ClientError> {
        match self.client_status {
            ClientStatus::Active => Ok(()),
            ClientStatus::Closed => Err(ClientError::Closed),
        }
    }
}

/// When a chart that is opened now is looked at first.
fn first_review(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.saturating_add(i64::from(RETENTION_FIRST_REVIEW_DAYS).days())
}

/// As what its chart counts a record. What was struck through counts no longer, and what was left out of a
/// transfer was taken off with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    confidential: bool,
    raw_data: bool,
    awaits_cosignature: bool,
}

impl Counted {
    fn of(record: &Record, chart: &Chart) -> Self {
        let counts = record.voided.is_none() && !record.is_residue(chart);
        Self {
            confidential: counts && record.guard.is_confidential(),
            raw_data: counts && record.guard.compartment == Compartment::RawData,
            awaits_cosignature: counts && record.awaits_cosignature(),
        }
    }
}

const fn stepped(count: u32, was: bool, is: bool) -> u32 {
    match (was, is) {
        (false, true) => count.saturating_add(1),
        (true, false) => count.saturating_sub(1),
        _ => count,
    }
}

/// Where in a chart a record is filed: the labelled tabs of the cabinet (R038).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Overview,
    ProgressNotes,
    #[default]
    Documents,
    Imaging,
    Correspondence,
    Consents,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RecordId, Sealed,
        confidentiality::Guard,
        organization::{Policy, Vocabulary},
        record::{Body, Direction, RecordLimits},
        retention::Profile,
        text::Line,
    };
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn at(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add((24 * day).hours()).unwrap()
    }

    fn on(day: i64) -> Date {
        at(day).to_zoned(TimeZone::UTC).date()
    }

    fn north() -> Organization {
        Organization {
            id: OrganizationId::new(Uuid::from_u128(1)),
            name: Line::new("North Clinic").unwrap(),
            vocabulary: Vocabulary::default(),
            policy: Policy::default(),
            roles: BTreeMap::new(),
            retention: Profile::default(),
            directory_key: WrappedKey::from_bytes(vec![]),
            created_at: at(0),
            revision: 1,
        }
    }

    /// A chart of that day, looked at next on another, with or without records on the worklist.
    fn chart(review_on: Option<Date>, ended: bool) -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(3)),
            organization_id: north().id,
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: at(0),
            revision: 1,
        };
        let chart =
            Chart::open(ChartId::new(Uuid::from_u128(4)), &client, MemberId::new(Uuid::from_u128(2)), at(0));
        Chart { review_on, endings: Endings { ended, ahead: Vec::new() }, ..chart }
    }

    fn note(chart: &Chart, occurred_on: Date, created_at: Timestamp) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(5)),
            organization_id: chart.organization_id,
            client_id: chart.client_id,
            chart_id: chart.id,
            author: chart.owner,
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on,
            created_at,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: Some(created_at) },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::within(Compartment::Chart),
            cosignature: None,
            revision: 1,
        }
    }

    proptest! {
        /// R150, R153: what is filed or entered has the chart looked at in time: at once while records of it stand on the
        /// worklist, and never later than it would have been.
        #[test]
        fn a_chart_is_looked_at_in_time(
            review in prop::option::of(0_i64..20_000), ended: bool, occurred in 0_i64..10_000, later in 0_i64..5_000,
        ) {
            let (north, now) = (north(), at(occurred + later));
            let (set, today) = (review.map(on), on(occurred + later));
            let chart = chart(set, ended);
            let record = note(&chart, on(occurred), now);
            let facts = RecordFacts::of(&record, &north.retention, &TimeZone::UTC);
            let first = north.retention.first_review(&facts);
            let filed = chart.filed(&record, &north).unwrap_or_else(|| chart.clone());
            let last = if ended { today } else { first };
            prop_assert!(filed.review_on.is_some_and(|day| day <= last));
            prop_assert!(set.is_none() || filed.review_on <= set);
            let entered = chart.entered(&record, &record, &north, now);
            prop_assert_eq!(entered.is_some(), ended && set.is_none_or(|day| today < day));
            prop_assert!(entered.is_none_or(|chart| chart.review_on == Some(today)));
        }
    }
}
