//! Transfers: a chart on its way from one owner to another, in two phases (P-40 to P-48, R090-R095).
//!
//! The chart stays where it is and changes its owner. What was left out is derived from the passages a chart has
//! made, so that accepting is one write however much the chart holds.

use crate::{
    MemberId, TransferId,
    chart::Chart,
    confidentiality::Compartment,
    limits::CHART_PASSAGES,
    member::{Member, MemberStatus, Role},
    record::Record,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a transfer hands over (R092).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferSection {
    /// The overview, such as the reason for consultation: always.
    Overview,
    /// Progress notes, drafts among them: always.
    ProgressNotes,
    /// General documents: always.
    GeneralDocuments,
    /// What is marked confidential: if chosen.
    ConfidentialInformation,
    /// Raw data: if chosen.
    RawData,
}

impl TransferSection {
    /// What every transfer hands over (P-41).
    pub const ALWAYS: [Self; 3] = [Self::Overview, Self::ProgressNotes, Self::GeneralDocuments];
}

/// Who began a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// Collaborators wait until it is decided (P-47).
    Owner,
    /// Sharing goes on throughout (P-47).
    Coordinator,
}

/// A chart offered to a colleague, who has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub id: TransferId,
    pub to: MemberId,
    pub by: MemberId,
    pub initiator: Initiator,
    pub sections: BTreeSet<TransferSection>,
    /// Whether the former owner keeps a read-only copy (P-45).
    pub keep_copy: bool,
    pub offered_at: Timestamp,
}

/// A transfer that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub id: TransferId,
    pub from: MemberId,
    pub to: MemberId,
    pub by: MemberId,
    pub sections: BTreeSet<TransferSection>,
    pub keep_copy: bool,
    pub offered_at: Timestamp,
    pub accepted_at: Timestamp,
    /// How many marked records and raw data were left out, and are sealed since.
    pub sealed_records: u32,
    /// Hexadecimal SHA-256 of the statement that was signed for it; the next one names it (R095).
    #[serde(default)]
    pub custody_sha256: Option<String>,
}

/// Why a chart is not handed over so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TransferError {
    #[error("a transfer to its own owner changes nothing")]
    Oneself,
    #[error("overview, progress notes and general documents are always handed over")]
    Incomplete,
    #[error("the chart is offered to somebody already")]
    Pending,
    #[error("the chart is not offered to anybody")]
    NotPending,
    #[error("the chart has changed hands {CHART_PASSAGES} times, which is the most there is")]
    TooMany,
    #[error("the recipient cannot keep charts: they must be an active practitioner of this organization")]
    Recipient,
    #[error("the chart is being transferred; wait for the answer, or withdraw the offer")]
    InTransfer,
    #[error("a confidential chart is transferred by its owner (P-36)")]
    Confidential,
    #[error("you have a chart of this client already, and keep that one; decline this one")]
    ChartExists,
    #[error("a coordinator hands charts to others, never to themselves (P-35)")]
    OwnHands,
    #[error("more waits in this chart's inbox than changes hands at once; what was sent is decided on first")]
    Waiting,
}

impl Chart {
    /// Offers the chart to a colleague.
    pub fn offer(mut self, offer: Offer) -> Result<Self, TransferError> {
        if self.offer.is_some() {
            return Err(TransferError::Pending);
        }
        if offer.to == self.owner {
            return Err(TransferError::Oneself);
        }
        if offer.initiator == Initiator::Coordinator && offer.to == offer.by {
            return Err(TransferError::OwnHands);
        }
        if TransferSection::ALWAYS.iter().any(|section| !offer.sections.contains(section)) {
            return Err(TransferError::Incomplete);
        }
        if self.passages.len() >= CHART_PASSAGES {
            return Err(TransferError::TooMany);
        }
        self.offer = Some(offer);
        Ok(self)
    }

    /// The offer is off, for whatever reason: everything is as it was before.
    pub fn end_offer(mut self, id: TransferId) -> Result<(Self, Offer), TransferError> {
        let offer = self.offer.take_if(|offer| offer.id == id).ok_or(TransferError::NotPending)?;
        Ok((self, offer))
    }

    /// The recipient becomes the owner; collaborators have again what they had (P-47). A grant of the new owner's
    /// own is over, as the chart is theirs.
    pub fn accept_offer(self, id: TransferId, now: Timestamp) -> Result<(Self, Passage), TransferError> {
        let (mut chart, offer) = self.end_offer(id)?;
        let sealed_records = chart.seal_out(&offer.sections);
        let passage = Passage {
            sealed_records,
            id,
            from: chart.owner,
            to: offer.to,
            by: offer.by,
            sections: offer.sections,
            keep_copy: offer.keep_copy,
            offered_at: offer.offered_at,
            accepted_at: now,
            custody_sha256: None,
        };
        chart.owner = offer.to;
        chart.grants =
            chart.grants.clone().remove(crate::sharing::Grantee::Member(offer.to)).unwrap_or(chart.grants);
        chart.passages.push(passage.clone());
        Ok((chart, passage))
    }

    /// The passage it has just made is signed: the next one will name the digest (R095).
    #[must_use]
    pub fn signed_for(mut self, custody_sha256: String) -> Self {
        if let Some(passage) = self.passages.last_mut() {
            passage.custody_sha256 = Some(custody_sha256);
        }
        self
    }

    /// Who begins a transfer of it, if this member does.
    pub fn initiator(&self, by: MemberId) -> Initiator {
        if self.owner == by { Initiator::Owner } else { Initiator::Coordinator }
    }

    /// A coordinator hands on a confidential chart only when its owner has left (P-33, P-36, P-48).
    pub fn must_be_handed_on(&self, initiator: Initiator, owner: &Member) -> Result<(), TransferError> {
        let left = owner.status == MemberStatus::Suspended;
        if initiator == Initiator::Coordinator && self.confidential && !left {
            Err(TransferError::Confidential)
        } else {
            Ok(())
        }
    }

    /// How many of its records were left out of its transfers, and are sealed.
    pub fn sealed_records(&self) -> u32 {
        self.passages.iter().fold(0, |sum, passage| sum.saturating_add(passage.sealed_records))
    }

    /// Leaves the sections that were not chosen behind: the chart counts them no longer.
    fn seal_out(&mut self, sections: &BTreeSet<TransferSection>) -> u32 {
        let mut sealed = 0_u32;
        for (section, count) in [
            (TransferSection::ConfidentialInformation, &mut self.confidential_records),
            (TransferSection::RawData, &mut self.raw_data_records),
        ] {
            if !sections.contains(&section) {
                sealed = sealed.saturating_add(std::mem::take(count));
            }
        }
        sealed
    }

    /// Nothing of how a chart is held changes while it is being handed over.
    pub const fn must_not_be_offered(&self) -> Result<(), TransferError> {
        if self.offer.is_some() { Err(TransferError::InTransfer) } else { Ok(()) }
    }

    /// Whether collaborators wait for the end of a transfer (P-47).
    pub fn is_suspended(&self) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.initiator == Initiator::Owner)
    }

    /// Until when a former owner who kept a copy sees what is in the chart: the last time they handed it over.
    /// Whoever owns the chart again needs no copy.
    pub fn copy_until(&self, member: MemberId) -> Option<Timestamp> {
        self.copied_with(member).map(|passage| passage.accepted_at)
    }

    /// With which passage a former owner handed it over last, if they have a copy.
    pub(crate) fn copied_with(&self, member: MemberId) -> Option<&Passage> {
        let last = self.passages.iter().rfind(|passage| passage.from == member)?;
        (self.owner != member && last.keep_copy).then_some(last)
    }
}

impl Member {
    /// Keeps charts: an active practitioner of the organization (P-40).
    pub fn must_keep_charts(&self) -> Result<(), TransferError> {
        let practitioner = self.roles.contains(&Role::Practitioner);
        if practitioner && self.is_active() { Ok(()) } else { Err(TransferError::Recipient) }
    }

    /// Takes a chart over: who keeps charts and has none of this client, whose charts these are.
    pub fn must_take(&self, charts_of_client: &[Chart]) -> Result<(), TransferError> {
        self.must_keep_charts()?;
        let has_one = charts_of_client.iter().any(|chart| chart.owner == self.id);
        if has_one { Err(TransferError::ChartExists) } else { Ok(()) }
    }
}

impl Passage {
    /// Whether a record that was in the chart was left out, and is sealed since (P-42, X-5).
    fn leaves_out(&self, record: &Record) -> bool {
        let guard = &record.guard;
        let marked = guard.confidential_since.is_some_and(|since| since < self.accepted_at);
        record.created_at < self.accepted_at
            && ((marked && !self.sections.contains(&TransferSection::ConfidentialInformation))
                || (guard.compartment == Compartment::RawData
                    && !self.sections.contains(&TransferSection::RawData)))
    }
}

impl Record {
    /// Whether it was left out of a transfer of its chart: kept by the organization under the same schedule, and
    /// opened by nobody but a former owner who kept a copy.
    pub fn is_residue(&self, chart: &Chart) -> bool {
        chart.passages.iter().any(|passage| passage.leaves_out(self))
    }

    /// Whether its author handed it over with the chart. What a collaborator has begun is still their own.
    pub fn is_inherited(&self, chart: &Chart) -> bool {
        let mut handed_over = chart.passages.iter().filter(|passage| passage.from == self.author);
        handed_over.any(|passage| self.created_at < passage.accepted_at)
    }

    /// Whether it is in the copy that a member keeps, as of the last time they handed the chart over: all they could
    /// open by then. What had been left out of a transfer to them is not in it; what they left out themselves is, and
    /// stays, even if the chart comes back to them without it (P-45, X-5).
    pub fn is_in_copy(&self, chart: &Chart, member: MemberId) -> bool {
        let (mut copied, mut sealed) = (false, false);
        for passage in &chart.passages {
            if passage.from == member {
                let could_open = self.created_at < passage.accepted_at && !sealed;
                copied = passage.keep_copy && (copied || could_open);
            }
            sealed |= passage.leaves_out(self);
        }
        copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChartId, ClientId, OrganizationId, RecordId, Sealed, WrappedKey,
        chart::Section,
        client::{Client, ClientStatus},
        confidentiality::Guard,
        member::Email,
        record::{Body, Direction, RecordLimits},
        sharing::{AccessType, Grant, Grantee, Grants},
        text::Line,
    };
    use jiff::civil::date;
    use uuid::Uuid;

    const ORGANIZATION: OrganizationId = OrganizationId::new(Uuid::from_u128(1));

    fn member(id: u128, role: Role) -> Member {
        let email = Email::try_from(format!("m{id}@north.example")).unwrap();
        let name = Line::new("Dr Amara").unwrap();
        let roles = BTreeSet::from([role]);
        Member::invite(who(id), ORGANIZATION, name, email, roles, Timestamp::UNIX_EPOCH)
            .bind("identity".into())
    }

    const fn who(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn chart(owner: u128) -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(3)),
            organization_id: ORGANIZATION,
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        Chart::open(ChartId::new(Uuid::from_u128(4)), &client, who(owner), Timestamp::UNIX_EPOCH)
    }

    fn offer(id: u128, to: u128, more: &[TransferSection]) -> Offer {
        Offer {
            id: TransferId::new(Uuid::from_u128(id)),
            to: who(to),
            by: who(1),
            initiator: Initiator::Owner,
            sections: TransferSection::ALWAYS.iter().chain(more).copied().collect(),
            keep_copy: true,
            offered_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn passed(chart: Chart, offer: Offer, second: i64) -> Chart {
        let id = offer.id;
        chart.offer(offer).unwrap().accept_offer(id, at(second)).unwrap().0
    }

    fn record(second: i64, compartment: Compartment, marked: Option<i64>) -> Record {
        let mut guard = Guard::within(compartment);
        guard.confidential_since = marked.map(at);
        Record {
            id: RecordId::new(Uuid::from_u128(5)),
            organization_id: ORGANIZATION,
            client_id: ClientId::new(Uuid::from_u128(3)),
            chart_id: ChartId::new(Uuid::from_u128(4)),
            author: who(1),
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: at(second),
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: Some(at(second)) },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard,
            cosignature: None,
            revision: 1,
        }
    }

    /// P-40, P-41: to somebody else, once at a time, and never without what is always included.
    #[test]
    fn an_offer_is_sound_or_refused() {
        let owned = chart(1);
        assert_eq!(owned.clone().offer(offer(9, 1, &[])).unwrap_err(), TransferError::Oneself);
        let part = Offer { sections: BTreeSet::from([TransferSection::Overview]), ..offer(9, 2, &[]) };
        assert_eq!(owned.clone().offer(part).unwrap_err(), TransferError::Incomplete);
        let own = Offer { by: who(7), initiator: Initiator::Coordinator, ..offer(9, 7, &[]) };
        assert_eq!(owned.clone().offer(own).unwrap_err(), TransferError::OwnHands);
        let pending = owned.offer(offer(9, 2, &[])).unwrap();
        assert_eq!(pending.clone().offer(offer(8, 3, &[])).unwrap_err(), TransferError::Pending);
        let other = TransferId::new(Uuid::from_u128(8));
        assert_eq!(pending.end_offer(other).unwrap_err(), TransferError::NotPending);
    }

    /// P-47: what was shared is shared again when the transfer ends, however it ends; the new owner needs no share.
    #[test]
    fn collaborators_wait_for_an_owner_and_not_for_a_coordinator() {
        let mut shared = chart(1);
        for id in [2, 3] {
            let grant = Grant {
                grantee: Grantee::Member(who(id)),
                access: AccessType::ReadAndWrite,
                granted_by: who(1),
                granted_at: at(0),
                expires_at: None,
                consent_id: None,
            };
            shared.grants = std::mem::take(&mut shared.grants).add(grant, at(0)).unwrap();
        }
        let before: Grants = shared.grants.clone();
        let pending = shared.clone().offer(offer(9, 2, &[])).unwrap();
        assert!(pending.is_suspended());
        let declined = pending.clone().end_offer(offer(9, 2, &[]).id).unwrap().0;
        assert!(!declined.is_suspended() && declined.offer.is_none() && declined.grants == before);
        let (accepted, passage) = pending.accept_offer(offer(9, 2, &[]).id, at(5)).unwrap();
        assert_eq!((accepted.owner, passage.from), (who(2), who(1)));
        assert_eq!(accepted.grants.rows().len(), 1, "the third keeps theirs");
        let by_coordinator = Offer { initiator: Initiator::Coordinator, by: who(8), ..offer(9, 2, &[]) };
        assert!(!shared.offer(by_coordinator).unwrap().is_suspended());
    }

    /// P-42, P-45, X-5: what was not chosen is sealed for everybody after, and open to the copy of who left it.
    #[test]
    fn what_was_left_out_is_sealed_and_stays_in_the_copy() {
        let mut held = chart(1);
        (held.confidential_records, held.raw_data_records) = (2, 1);
        let held = passed(held, offer(9, 2, &[TransferSection::RawData]), 10);
        assert_eq!((held.sealed_records(), held.confidential_records, held.raw_data_records), (2, 0, 1));

        let open = record(5, Compartment::Chart, None);
        let marked = record(5, Compartment::Chart, Some(6));
        let raw = record(5, Compartment::RawData, None);
        let later = record(11, Compartment::Chart, Some(12));
        let marked_later = record(5, Compartment::Chart, Some(12));
        let sealed = |record: &Record| record.is_residue(&held);
        assert!(sealed(&marked) && ![&open, &raw, &later, &marked_later].into_iter().any(sealed));
        assert!([&open, &marked, &raw].into_iter().all(|record| record.is_in_copy(&held, who(1))));
        assert!(!later.is_in_copy(&held, who(1)), "nothing that was added after");
        assert!(open.is_inherited(&held) && !later.is_inherited(&held));

        // Handed on again, with everything: the second owner's copy has no more than they had.
        let all = [TransferSection::RawData, TransferSection::ConfidentialInformation];
        let again = passed(held, Offer { by: who(2), ..offer(8, 3, &all) }, 20);
        assert!(marked.is_residue(&again) && !marked.is_in_copy(&again, who(2)));
        assert!(later.is_in_copy(&again, who(2)) && !later.is_in_copy(&again, who(1)));
        // And back to the first: whoever owns a chart has no copy of it.
        let back = passed(again, Offer { by: who(3), ..offer(7, 1, &all) }, 30);
        assert_eq!((back.copy_until(who(1)), back.copy_until(who(2))), (None, Some(at(20))));
    }

    #[test]
    fn who_takes_a_chart_keeps_charts_and_has_none_of_the_client() {
        let (ben, sam) = (member(2, Role::Practitioner), member(3, Role::Staff));
        assert_eq!(ben.must_take(&[chart(1)]), Ok(()));
        assert_eq!(ben.must_take(&[chart(1), chart(2)]), Err(TransferError::ChartExists));
        assert_eq!(sam.must_take(&[]), Err(TransferError::Recipient));
        let left = ben.suspend(who(9)).unwrap();
        assert_eq!(left.must_take(&[]), Err(TransferError::Recipient));
        // P-36, P-48: a confidential chart is its owner's to hand on, until they have left.
        let confidential = Chart { confidential: true, ..chart(1) };
        let amara = member(1, Role::Practitioner);
        let by = |initiator, owner: &Member| confidential.must_be_handed_on(initiator, owner);
        assert_eq!(by(Initiator::Owner, &amara), Ok(()));
        assert_eq!(by(Initiator::Coordinator, &amara), Err(TransferError::Confidential));
        assert_eq!(by(Initiator::Coordinator, &amara.suspend(who(9)).unwrap()), Ok(()));
    }
}
