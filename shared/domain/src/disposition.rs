//! A disposition: records whose time has come are proposed, approved by two people, destroyed and certified (R154,
//! R155).
//!
//! ```text
//! drafting ──every record listed──> proposed
//! proposed ──first and second approval──> approved ──execute──> executing ──every item at its end──> certified
//!     └───────────── reject ─────────────────┴──> rejected
//!
//! one record    listed ──keys destroyed──> destroying ──objects deleted, looked for──> destroyed
//!               listed ──left out: held, not eligible, gone──> left out
//! one of paper  listed ──order──> ordered ──people have destroyed it, a witness saw it──> confirmed ──> destroying
//!               ordered ──withdrawn: held, missing──> left out
//! ```
//!
//! Where the law wants people told before, who executes it says when and how they were, and nothing is destroyed before
//! the days have passed that the law gives them.
//!
//! Paper is destroyed by people, and its index entry, as everything else, by the sweep alone: a confirmation records
//! what people did, and the sweep goes on from there.

use crate::{
    ChartId, ClientId, DispositionId, MemberId, OrganizationId, RecordId, Sealed,
    chart::Section,
    limits::REASON_CHARS,
    record::RecordType,
    retention::{NoticeDuty, RecordClass, RuleId},
    text::{Line, Prose},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many people approve, none of whom proposed it (R154).
pub const APPROVALS: usize = 2;

/// The rule that is named where paper goes because a verified scan is kept in its place, and its version.
pub const DIGITISED_RULE: &str = "DIGITISED";
pub const DIGITISED_RULE_VERSION: &str = "1";

/// A batch of records on its way to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disposition {
    pub id: DispositionId,
    pub organization_id: OrganizationId,
    pub ground: Ground,
    pub proposed_by: MemberId,
    pub proposed_at: Timestamp,
    /// The version of the schedule it was proposed under.
    pub schedule_version: u32,
    /// How many records it holds; counted while it is drafted.
    pub items: u32,
    /// How many of them have come to an end: destroyed, or left out.
    #[serde(default)]
    pub ended: u32,
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// Whom the law wants told before all of its records are destroyed.
    #[serde(default)]
    pub notices: BTreeSet<NoticeDuty>,
    /// That they were told, as who executes it has said.
    #[serde(default)]
    pub notices_given: Vec<NoticeGiven>,
    pub state: DispositionState,
    pub revision: u64,
}

/// Why records may be destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The law and the policy ask for them no longer.
    RetentionEnded,
    /// The paper has a scan that somebody has compared with it, and the scan is kept in its place (R036).
    Digitised,
}

impl Ground {
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetentionEnded => "retention_ended",
            Self::Digitised => "digitised",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    pub by: MemberId,
    pub at: Timestamp,
}

/// That those whom the law wants told of a destruction were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeGiven {
    pub duty: NoticeDuty,
    /// The day on which the last of them was told.
    pub on: Date,
    pub by: NoticeMeans,
}

/// How somebody was told of a destruction ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeMeans {
    Mail,
    Email,
    InPerson,
    /// In a newspaper, or where everybody sees it.
    Publication,
    Other,
}

impl NoticeMeans {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Email => "email",
            Self::InPerson => "in_person",
            Self::Publication => "publication",
            Self::Other => "other",
        }
    }
}

impl NoticeGiven {
    /// Whether it was given by a day, and in the way the law asks for.
    fn counts(&self, today: Date) -> bool {
        self.on <= today && (self.duty != NoticeDuty::ClientByMail || self.by == NoticeMeans::Mail)
    }

    /// The first day on which the law lets something be destroyed after it.
    fn destroys_from(&self) -> Date {
        self.on.saturating_add(i64::from(self.duty.days_before().unwrap_or_default()).days())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DispositionState {
    /// Its records are being listed, in several steps; one that stays so was cut short, and is rejected.
    Drafting,
    Proposed,
    Approved,
    Executing {
        by: MemberId,
        since: Timestamp,
    },
    Certified {
        executed_by: MemberId,
        at: Timestamp,
    },
    Rejected {
        by: MemberId,
        at: Timestamp,
        reason: Sealed<Prose<REASON_CHARS>>,
    },
}

impl DispositionState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Executing { .. } => "executing",
            Self::Certified { .. } => "certified",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// One record of a batch. What it says never names anybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DispositionItem {
    pub disposition_id: DispositionId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    pub created_at: Timestamp,
    /// The first day it can be destroyed: as it was known when the record was proposed, and once the record is ordered to
    /// be destroyed or destroyed, as it was found then.
    pub eligible_on: Date,
    /// The rule that decided the day, and its version.
    pub rule_id: RuleId,
    pub rule_version: String,
    /// The version of the schedule under which that was found when it was ordered to be destroyed, or destroyed.
    #[serde(default)]
    pub schedule_version: Option<u32>,
    /// Whom the rules that apply want told before it is destroyed.
    #[serde(default)]
    pub notices: BTreeSet<NoticeDuty>,
    /// Hexadecimal, 256 random bits: without them nobody finds out from the certificate what else was destroyed.
    pub salt: String,
    /// The first day on which object storage lets all of it be destroyed, where it was found to retain some.
    #[serde(default)]
    pub waits_until: Option<Date>,
    pub state: ItemState,
    pub revision: u64,
}

/// That the time of a record has ended, as a schedule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility {
    pub class: RecordClass,
    pub eligible_on: Date,
    /// The rule that decided the day, and its version.
    pub rule_id: RuleId,
    pub rule_version: String,
    pub schedule_version: u32,
}

/// How far the end of one record has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    /// In the batch, and untouched.
    Listed,
    /// Not destroyed: a code says why (`held`, `not_eligible`, `notice_not_given`, `gone`,
    /// `missing`, `scan_not_verified`, `in_space`).
    LeftOut {
        reason: String,
        at: Timestamp,
    },
    /// The key is destroyed and the record can be read no longer; its objects are on their way.
    Destroying {
        since: Timestamp,
        content_sha256: String,
        keys: u32,
        /// The revision of the holds' guard that the same transaction has checked; 0 if no hold was ever placed.
        holds: u64,
        method: Method,
        #[serde(default)]
        paper: Option<PaperDestroyed>,
        /// Objects that are deleted so far.
        #[serde(default)]
        objects: u32,
        /// Objects that were left so far to another record that has them as well.
        #[serde(default)]
        kept: u32,
    },
    /// A destruction order is out for the paper; its index entry stands until somebody has destroyed it.
    Ordered {
        since: Timestamp,
        content_sha256: String,
    },
    /// People have destroyed the paper; its index entry is the sweep's to end.
    Confirmed {
        at: Timestamp,
        content_sha256: String,
        method: Method,
        paper: PaperDestroyed,
    },
    Destroyed(Destroyed),
}

impl ItemState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::LeftOut { .. } => "left_out",
            Self::Destroying { .. } => "destroying",
            Self::Ordered { .. } => "ordered",
            Self::Confirmed { .. } => "confirmed",
            Self::Destroyed(_) => "destroyed",
        }
    }

    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::LeftOut { .. } | Self::Destroyed(_))
    }
}

/// The proof of one destruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Destroyed {
    pub at: Timestamp,
    /// When its key was destroyed, in the transaction that found no hold on it. Its files were deleted between then and
    /// `verified_at`.
    pub unreadable_since: Timestamp,
    /// The revision of the holds' guard that transaction has checked.
    pub holds: u64,
    /// Hexadecimal SHA-256 of what was destroyed: of the file, of a note's sealed versions, of a folder's index entry.
    pub content_sha256: String,
    /// Wrapped keys that were destroyed.
    pub keys: u32,
    /// Objects that were deleted, previews included: each in all its versions.
    pub objects: u32,
    /// Objects that were left to another record that has them as well, promoted from the same document of a space.
    #[serde(default)]
    pub kept: u32,
    pub method: Method,
    /// When somebody or something looked that nothing of it is left.
    pub verified_at: Timestamp,
    /// Of paper: who destroyed it and who saw it.
    #[serde(default)]
    pub paper: Option<PaperDestroyed>,
}

/// How it was destroyed (NIST SP 800-88 Rev. 2; AHIMA's certificate of destruction).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Of what was only ever stored sealed under the record's own key: that was destroyed in its only place, and what was
    /// sealed under it deleted.
    CryptographicErase,
    /// Of files, whose bytes are encrypted under a key that others share: every version of each object was deleted, and
    /// the record's own key destroyed, under which its title was sealed.
    ObjectDeletion,
    Burning,
    Shredding,
    Pulping,
    Pulverizing,
    Other,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Self::CryptographicErase => "cryptographic_erase",
            Self::ObjectDeletion => "object_deletion",
            Self::Burning => "burning",
            Self::Shredding => "shredding",
            Self::Pulping => "pulping",
            Self::Pulverizing => "pulverizing",
            Self::Other => "other",
        }
    }

    /// Whether people destroy paper so.
    pub const fn is_of_paper(self) -> bool {
        !matches!(self, Self::CryptographicErase | Self::ObjectDeletion)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperDestroyed {
    /// The member who says so.
    pub destroyed_by: MemberId,
    /// Another member who saw it.
    pub witness: MemberId,
    pub on: Date,
    /// The company that did it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contractor: Option<Contractor>,
}

/// A company that destroys paper.
pub type Contractor = Line<120>;

/// What stands in a record's place when it is destroyed: that it was, and by which batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    pub record_id: RecordId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    pub disposition_id: DispositionId,
    pub destroyed_at: Timestamp,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DispositionError {
    #[error("the disposition is {0}")]
    State(&'static str),
    #[error("who proposed a disposition does not approve it")]
    Proposer,
    #[error("somebody approves a disposition once; another person has to be the second")]
    ApprovedAlready,
    #[error("the record is {0} in this disposition")]
    ItemState(&'static str),
    #[error("who destroyed the paper is not its witness")]
    OwnWitness,
    #[error("a witness is an active colleague of the organization")]
    Witness,
    #[error("a legal hold keeps the record")]
    Held,
    #[error("paper is not destroyed by erasing a key or deleting an object")]
    MethodOfPaper,
    #[error("paper is destroyed on a day from its order to today")]
    PaperDay,
    #[error("the law asks for a notice before these records are destroyed: say when and how `{0}` was given")]
    NoticeNotGiven(&'static str),
    #[error(
        "say once of each of `notices` that it was given, by today, and by mail where the law asks for that"
    )]
    Notice,
}

impl Disposition {
    /// So many more of its records are listed.
    pub fn list(mut self, records: u32) -> Result<Self, DispositionError> {
        match self.state {
            DispositionState::Drafting => {
                self.items = self.items.saturating_add(records);
                Ok(self)
            }
            _ => Err(DispositionError::State(self.state.name())),
        }
    }

    /// Some of its records are not destroyed before these notices are given.
    #[must_use]
    pub fn ask_for(mut self, notices: impl IntoIterator<Item = NoticeDuty>) -> Self {
        self.notices.extend(notices);
        self
    }

    /// All its records are listed: from now on it can be approved.
    pub fn propose(mut self) -> Result<Self, DispositionError> {
        match self.state {
            DispositionState::Drafting if self.items > 0 => {
                self.state = DispositionState::Proposed;
                Ok(self)
            }
            _ => Err(DispositionError::State(self.state.name())),
        }
    }

    /// One more person approves; the second makes it approved.
    pub fn approve(mut self, by: MemberId, now: Timestamp) -> Result<Self, DispositionError> {
        if !matches!(self.state, DispositionState::Proposed) {
            return Err(DispositionError::State(self.state.name()));
        }
        if self.proposed_by == by {
            return Err(DispositionError::Proposer);
        }
        if self.approvals.iter().any(|approval| approval.by == by) {
            return Err(DispositionError::ApprovedAlready);
        }
        self.approvals.push(Approval { by, at: now });
        if self.approvals.len() >= APPROVALS {
            self.state = DispositionState::Approved;
        }
        Ok(self)
    }

    /// Somebody who may approve says no; nothing is destroyed.
    pub fn reject(
        mut self,
        by: MemberId,
        reason: Sealed<Prose<REASON_CHARS>>,
        now: Timestamp,
    ) -> Result<Self, DispositionError> {
        match self.state {
            DispositionState::Drafting | DispositionState::Proposed | DispositionState::Approved => {
                self.state = DispositionState::Rejected { by, at: now, reason };
                Ok(self)
            }
            _ => Err(DispositionError::State(self.state.name())),
        }
    }

    /// Somebody has it executed, and says that everybody was told whom the law wants told.
    pub fn execute(
        mut self,
        by: MemberId,
        given: Vec<NoticeGiven>,
        today: Date,
        now: Timestamp,
    ) -> Result<Self, DispositionError> {
        if !matches!(self.state, DispositionState::Approved) {
            return Err(DispositionError::State(self.state.name()));
        }
        let told: BTreeSet<NoticeDuty> = given.iter().map(|notice| notice.duty).collect();
        let each_once = told.len() == given.len() && told.is_subset(&self.notices);
        if !each_once || !given.iter().all(|notice| notice.counts(today)) {
            return Err(DispositionError::Notice);
        }
        if let Some(duty) = self.notices.difference(&told).next() {
            return Err(DispositionError::NoticeNotGiven(duty.name()));
        }
        self.notices_given = given;
        self.state = DispositionState::Executing { by, since: now };
        Ok(self)
    }

    /// The first day on which anything of it may be destroyed, where those who were told have a time to answer.
    pub fn destroys_from(&self) -> Option<Date> {
        self.notices_given.iter().map(NoticeGiven::destroys_from).max()
    }

    /// One more of its records has come to an end.
    pub fn count_end(mut self) -> Result<Self, DispositionError> {
        match self.state {
            DispositionState::Executing { .. } if self.ended < self.items => {
                self.ended = self.ended.saturating_add(1);
                Ok(self)
            }
            _ => Err(DispositionError::State(self.state.name())),
        }
    }

    /// Every record has come to its end, and the certificate says so.
    pub fn certify(mut self, now: Timestamp) -> Result<Self, DispositionError> {
        match self.state {
            DispositionState::Executing { by, .. } if self.ended == self.items => {
                self.state = DispositionState::Certified { executed_by: by, at: now };
                Ok(self)
            }
            _ => Err(DispositionError::State(self.state.name())),
        }
    }

    /// Whether there is still something to do that needs nobody's word.
    pub const fn is_executing(&self) -> bool {
        matches!(self.state, DispositionState::Executing { .. })
    }

    /// Whether it still stands between a record of its own and any other disposition: not after it was rejected, nor
    /// once the record was left out of it.
    pub const fn keeps(&self, item: &DispositionItem) -> bool {
        let rejected = matches!(self.state, DispositionState::Rejected { .. });
        !rejected && !matches!(item.state, ItemState::LeftOut { .. })
    }
}

impl DispositionItem {
    /// Its time was found to have ended when it was about to go: what was known when it was proposed counts no longer.
    pub fn found(self, found: Eligibility) -> Self {
        let Eligibility { class, eligible_on, rule_id, rule_version, schedule_version } = found;
        Self { class, eligible_on, rule_id, rule_version, schedule_version: Some(schedule_version), ..self }
    }

    /// It is not destroyed in this batch.
    pub fn leave_out(mut self, reason: &str, now: Timestamp) -> Result<Self, DispositionError> {
        match self.state {
            ItemState::Listed | ItemState::Ordered { .. } => {
                self.state = ItemState::LeftOut { reason: reason.to_owned(), at: now };
                Ok(self)
            }
            _ => Err(DispositionError::ItemState(self.state.name())),
        }
    }

    /// The key is gone, in this very transaction, which has checked the holds' guard at the revision `holds`.
    pub fn begin(
        mut self,
        content_sha256: String,
        keys: u32,
        holds: u64,
        now: Timestamp,
    ) -> Result<Self, DispositionError> {
        let (method, paper) = match (self.state, self.record_type) {
            (ItemState::Listed, RecordType::Data) => (Method::CryptographicErase, None),
            (ItemState::Listed, RecordType::Electronic) => (Method::ObjectDeletion, None),
            (ItemState::Confirmed { method, paper, .. }, _) => (method, Some(paper)),
            (other, _) => return Err(DispositionError::ItemState(other.name())),
        };
        let (objects, kept) = (0, 0);
        self.state =
            ItemState::Destroying { since: now, content_sha256, keys, holds, method, paper, objects, kept };
        Ok(self)
    }

    /// The order to destroy the paper goes out.
    pub fn order(mut self, content_sha256: String, now: Timestamp) -> Result<Self, DispositionError> {
        match self.state {
            ItemState::Listed if self.record_type == RecordType::Physical => {
                self.state = ItemState::Ordered { since: now, content_sha256 };
                Ok(self)
            }
            _ => Err(DispositionError::ItemState(self.state.name())),
        }
    }

    /// The paper was destroyed, and somebody else saw it.
    pub fn confirm(
        mut self,
        method: Method,
        paper: PaperDestroyed,
        today: Date,
        now: Timestamp,
    ) -> Result<Self, DispositionError> {
        let ItemState::Ordered { content_sha256, since } = self.state else {
            return Err(DispositionError::ItemState(self.state.name()));
        };
        if !method.is_of_paper() {
            return Err(DispositionError::MethodOfPaper);
        }
        if paper.witness == paper.destroyed_by {
            return Err(DispositionError::OwnWitness);
        }
        // The order's day as the world's latest clock has it: a day is not counted out by a time zone.
        let ordered_on = since.to_zoned(jiff::tz::TimeZone::UTC).date().yesterday();
        if paper.on > today || ordered_on.is_ok_and(|day| paper.on < day) {
            return Err(DispositionError::PaperDay);
        }
        self.state = ItemState::Confirmed { at: now, content_sha256, method, paper };
        Ok(self)
    }

    /// So many more of its objects are deleted, so many left to another record, and what said where they were is gone.
    pub fn clear(mut self, deleted: u32, left: u32) -> Result<Self, DispositionError> {
        match &mut self.state {
            ItemState::Destroying { objects, kept, .. } => {
                *objects = objects.saturating_add(deleted);
                *kept = kept.saturating_add(left);
            }
            other => return Err(DispositionError::ItemState(other.name())),
        }
        Ok(self)
    }

    /// Nothing of it is left, and that was looked at.
    pub fn end(mut self, now: Timestamp) -> Result<Self, DispositionError> {
        let ItemState::Destroying { since, content_sha256, keys, holds, method, paper, objects, kept } =
            self.state
        else {
            return Err(DispositionError::ItemState(self.state.name()));
        };
        self.state = ItemState::Destroyed(Destroyed {
            at: now,
            unreadable_since: since,
            holds,
            content_sha256,
            keys,
            objects,
            kept,
            method,
            verified_at: now,
            paper,
        });
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn member(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn reason() -> Sealed<Prose<REASON_CHARS>> {
        Sealed::from_bytes(vec![])
    }

    fn drafted() -> Disposition {
        Disposition {
            id: DispositionId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            ground: Ground::RetentionEnded,
            proposed_by: member(1),
            proposed_at: NOW,
            schedule_version: 1,
            items: 0,
            ended: 0,
            approvals: vec![],
            notices: BTreeSet::new(),
            notices_given: vec![],
            state: DispositionState::Drafting,
            revision: 1,
        }
    }

    fn item(record_type: RecordType) -> DispositionItem {
        DispositionItem {
            disposition_id: DispositionId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::nil()),
            record_id: RecordId::new(Uuid::nil()),
            record_type,
            section: Section::Documents,
            class: RecordClass::ALL[0],
            occurred_on: date(2010, 1, 1),
            created_at: NOW,
            eligible_on: date(2020, 1, 1),
            rule_id: DIGITISED_RULE.parse().unwrap(),
            rule_version: DIGITISED_RULE_VERSION.into(),
            schedule_version: None,
            notices: BTreeSet::new(),
            salt: "00".repeat(32),
            waits_until: None,
            state: ItemState::Listed,
            revision: 1,
        }
    }

    fn executed(disposition: Disposition, by: u128) -> Result<Disposition, DispositionError> {
        disposition.execute(member(by), Vec::new(), date(1970, 1, 1), NOW)
    }

    fn paper(witness: u128, on: Date) -> PaperDestroyed {
        PaperDestroyed { destroyed_by: member(1), witness: member(witness), on, contractor: None }
    }

    #[test]
    fn two_others_approve_before_anything_is_executed() {
        let proposed = drafted().list(2).unwrap().propose().unwrap();
        assert_eq!(executed(proposed.clone(), 1).unwrap_err(), DispositionError::State("proposed"));
        assert_eq!(proposed.clone().approve(member(1), NOW).unwrap_err(), DispositionError::Proposer);
        let once = proposed.approve(member(2), NOW).unwrap();
        assert_eq!(once.clone().approve(member(2), NOW).unwrap_err(), DispositionError::ApprovedAlready);
        assert!(executed(once.clone(), 1).is_err());
        let twice = once.approve(member(3), NOW).unwrap();
        assert!(matches!(twice.state, DispositionState::Approved));
        let executing = executed(twice, 1).unwrap();
        assert!(executing.is_executing());
        assert!(executing.clone().reject(member(2), reason(), NOW).is_err());
        assert!(executing.clone().certify(NOW).is_err());
        let ended = executing.count_end().unwrap().count_end().unwrap();
        assert!(ended.clone().count_end().is_err());
        assert!(matches!(ended.certify(NOW).unwrap().state, DispositionState::Certified { .. }));
    }

    fn approved(notices: &[NoticeDuty]) -> Disposition {
        let asked = drafted().list(1).unwrap().ask_for(notices.iter().copied());
        let proposed = asked.propose().unwrap();
        proposed.approve(member(2), NOW).unwrap().approve(member(3), NOW).unwrap()
    }

    /// MA 105 CMR 140.302: the client is told, and has 30 days.
    #[test]
    fn what_the_law_wants_told_is_told_before_anything_is_destroyed() {
        let told = |duty, on, by| NoticeGiven { duty, on, by };
        let executed = |notices: &[NoticeDuty], given: &[NoticeGiven]| {
            approved(notices).execute(member(1), given.to_vec(), date(2026, 3, 1), NOW)
        };
        let (client, authority) = (NoticeDuty::Client30Days, NoticeDuty::HealthAuthority);
        let both = [client, authority];
        let in_time = told(client, date(2026, 2, 20), NoticeMeans::Email);
        let missing = |duty: NoticeDuty| DispositionError::NoticeNotGiven(duty.name());
        assert_eq!(executed(&both, &[]).unwrap_err(), missing(client));
        assert_eq!(executed(&both, &[in_time]).unwrap_err(), missing(authority));
        let late = told(authority, date(2026, 3, 1), NoticeMeans::Mail);
        let executing = executed(&both, &[in_time, late]).unwrap();
        assert_eq!(executing.destroys_from(), Some(date(2026, 3, 22)));
        assert_eq!(executed(&[], &[]).unwrap().destroys_from(), None);

        let mailed = NoticeDuty::ClientByMail;
        for wrong in [
            vec![in_time, in_time, late],
            vec![in_time, late, told(mailed, date(2026, 2, 1), NoticeMeans::Mail)],
            vec![told(client, date(2026, 3, 2), NoticeMeans::Mail), late],
        ] {
            assert_eq!(executed(&both, &wrong).unwrap_err(), DispositionError::Notice, "{wrong:?}");
        }
        let of_mail = |by| executed(&[mailed], &[told(mailed, date(2026, 3, 1), by)]);
        assert_eq!(of_mail(NoticeMeans::InPerson).unwrap_err(), DispositionError::Notice);
        assert_eq!(of_mail(NoticeMeans::Mail).unwrap().destroys_from(), Some(date(2026, 3, 1)));
    }

    #[test]
    fn a_draft_is_proposed_with_what_it_lists_and_can_be_rejected() {
        assert!(drafted().propose().is_err());
        assert!(drafted().approve(member(2), NOW).is_err());
        assert!(drafted().reject(member(2), reason(), NOW).is_ok());
        let proposed = drafted().list(1).unwrap().list(2).unwrap().propose().unwrap();
        assert_eq!(proposed.items, 3);
        assert!(proposed.list(1).is_err());
    }

    #[test]
    fn a_record_is_free_again_when_it_is_left_out_or_all_is_rejected() {
        let (listed, disposition) = (item(RecordType::Data), drafted().list(1).unwrap().propose().unwrap());
        assert!(disposition.keeps(&listed));
        assert!(!disposition.keeps(&listed.clone().leave_out("held", NOW).unwrap()));
        assert!(!disposition.reject(member(2), reason(), NOW).unwrap().keeps(&listed));
    }

    #[test]
    fn a_file_is_deleted_after_its_key_and_then_looked_for() {
        let begun = item(RecordType::Electronic).begin("ab".into(), 1, 7, NOW).unwrap();
        assert!(begun.clone().leave_out("held", NOW).is_err(), "what is unreadable is not left out");
        let ItemState::Destroyed(destroyed) =
            begun.clear(2, 0).unwrap().clear(1, 2).unwrap().end(NOW).unwrap().state
        else {
            panic!("not destroyed")
        };
        assert_eq!((destroyed.keys, destroyed.objects, destroyed.kept, destroyed.holds), (1, 3, 2, 7));
        assert_eq!((destroyed.method, destroyed.paper), (Method::ObjectDeletion, None));
        assert!(
            item(RecordType::Electronic).end(NOW).is_err() && item(RecordType::Data).clear(1, 0).is_err()
        );
        assert!(item(RecordType::Electronic).order("ab".into(), NOW).is_err(), "an order is for paper");
    }

    /// Only what was sealed under its own key is erased with the key; the bytes of files are not.
    #[test]
    fn a_note_is_erased_with_its_key() {
        let ended = item(RecordType::Data).begin("ab".into(), 1, 0, NOW).unwrap().end(NOW).unwrap();
        let ItemState::Destroyed(destroyed) = ended.state else { panic!("not destroyed") };
        assert_eq!((destroyed.method, destroyed.objects), (Method::CryptographicErase, 0));
    }

    #[test]
    fn paper_is_ordered_destroyed_by_people_seen_and_then_its_entry_ends() {
        let (listed, today) = (item(RecordType::Physical), date(1970, 1, 3));
        assert!(listed.clone().begin("ab".into(), 1, 0, NOW).is_err(), "paper is not destroyed by a key");
        let ordered = listed.order("ab".into(), NOW).unwrap();
        assert!(ordered.clone().begin("ab".into(), 1, 0, NOW).is_err(), "nobody has destroyed it yet");
        let confirm = |method, paper| ordered.clone().confirm(method, paper, today, NOW);
        let soon = date(1970, 1, 2);
        assert_eq!(confirm(Method::Shredding, paper(1, soon)).unwrap_err(), DispositionError::OwnWitness);
        for method in [Method::CryptographicErase, Method::ObjectDeletion] {
            assert_eq!(confirm(method, paper(2, soon)).unwrap_err(), DispositionError::MethodOfPaper);
        }
        for wrong in [date(1970, 1, 4), date(1969, 12, 30)] {
            assert_eq!(confirm(Method::Shredding, paper(2, wrong)).unwrap_err(), DispositionError::PaperDay);
        }
        let confirmed = confirm(Method::Shredding, paper(2, soon)).unwrap();
        assert!(!confirmed.state.is_ended());
        assert!(confirmed.clone().leave_out("held", NOW).is_err(), "what is gone is not left out");
        let ended = confirmed.begin("ab".into(), 1, 2, NOW).unwrap().end(NOW).unwrap();
        let ItemState::Destroyed(destroyed) = ended.state else { panic!("not destroyed") };
        assert_eq!(destroyed.method, Method::Shredding);
        assert_eq!(destroyed.paper, Some(paper(2, soon)));
    }

    #[derive(Clone, Debug)]
    enum Act {
        Approve(u128),
        Reject(u128),
        Execute(u128),
        End,
        Certify,
    }

    fn an_act() -> impl Strategy<Value = Act> {
        prop_oneof![
            4 => (1_u128..5).prop_map(Act::Approve),
            1 => (1_u128..5).prop_map(Act::Reject),
            2 => (1_u128..5).prop_map(Act::Execute),
            2 => Just(Act::End),
            1 => Just(Act::Certify),
        ]
    }

    fn done(disposition: Disposition, act: &Act) -> Result<Disposition, DispositionError> {
        match act {
            Act::Approve(by) => disposition.approve(member(*by), NOW),
            Act::Reject(by) => disposition.reject(member(*by), reason(), NOW),
            Act::Execute(by) => executed(disposition, *by),
            Act::End => disposition.count_end(),
            Act::Certify => disposition.certify(NOW),
        }
    }

    proptest! {
        /// Whatever people do in whatever order: nothing is executed without two of them who did not propose it, and
        /// nothing is certified before all of it is at its end.
        #[test]
        fn no_sequence_destroys_without_two_others(acts in prop::collection::vec(an_act(), 0..30)) {
            let mut disposition = drafted().list(2).unwrap().propose().unwrap();
            let mut rejected = false;
            for act in &acts {
                if let Ok(next) = done(disposition.clone(), act) {
                    rejected |= matches!(act, Act::Reject(_));
                    disposition = next;
                }
                let others: BTreeSet<MemberId> = disposition.approvals.iter().map(|one| one.by).collect();
                prop_assert_eq!(others.len(), disposition.approvals.len());
                prop_assert!(!others.contains(&disposition.proposed_by));
                if matches!(
                    disposition.state,
                    DispositionState::Executing { .. } | DispositionState::Certified { .. }
                ) {
                    prop_assert!(others.len() >= APPROVALS && !rejected);
                } else {
                    prop_assert_eq!(disposition.ended, 0);
                }
                if matches!(disposition.state, DispositionState::Certified { .. }) {
                    prop_assert_eq!(disposition.ended, disposition.items);
                }
            }
        }
    }
}
