//! A collaborative space: where members of one organization share notes and documents about a person, a group
//! or something else, beside the records and never among them (R070-R076, P-20…P-26, X-6).
//!
//! Nothing here is a record. A space may be linked to a chart, and the link grants nothing on it; what belongs
//! into a chart is copied there, by a member who may add to that chart. All members see everything in a space,
//! and whoever has left sees nothing of it. When the last one leaves, it freezes.
//!
//! A space keeps an item for a while and no longer. Then it ends, unless a legal hold covers the space (R156): the sweep
//! finds the space by [`Space::ends_at`], takes away what was said, and has the file of a document destroyed, or leaves
//! it to the records that the document was promoted to.

use crate::{
    ChartId, MemberId, OrganizationId, RecordId, Sealed, SpaceId, SpaceItemId, UploadId, WrappedKey,
    limits::{NAME_CHARS, SPACE_DAYS, SPACE_ITEMS, SPACE_MEMBERS, SPACE_PROMOTIONS, UPLOAD_HOURS},
    member::{Member, MemberStatus, Role},
    note::NoteContent,
    record::{FileState, ReceivedFile, Title},
    text::Line,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a space is about, as a word of its members: it may name a person.
pub type SpaceName = Line<NAME_CHARS>;

/// A space as the table keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub organization_id: OrganizationId,
    pub name: Sealed<SpaceName>,
    pub subject: Subject,
    /// The chart it was created from. Whoever may read that chart may; a member of the space as such may not.
    pub chart_id: Option<ChartId>,
    /// Everybody who sees the space, all of them alike (P-21).
    pub members: BTreeMap<MemberId, Joined>,
    /// When the last member left.
    pub frozen_at: Option<Timestamp>,
    /// The space's own key under the organization's directory key: a space has no client.
    pub key: WrappedKey,
    pub created_by: MemberId,
    pub created_at: Timestamp,
    /// Items in it, struck ones among them, but for those that have come to their end.
    pub items: u32,
    pub last_added_at: Option<Timestamp>,
    /// When the sweep looks into it: nothing in it comes to its end before. `None` while nothing is in it, and of a space
    /// that was stored before this was kept, until something of it is written.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    pub revision: u64,
}

/// What a space is about (R071).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Person,
    Group,
    Other,
}

/// Since when somebody is a member of a space, and through whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    pub at: Timestamp,
    /// Oneself, for who created it.
    pub invited_by: MemberId,
}

/// What the organization's administrator, as steward, knows of a frozen space: ids, counts and dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stewardship {
    pub id: SpaceId,
    pub created_by: MemberId,
    pub created_at: Timestamp,
    pub frozen_at: Timestamp,
    pub items: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_added_at: Option<Timestamp>,
    /// After this nothing that was in it is kept, but for what a legal hold covers.
    pub kept_until: Timestamp,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpaceError {
    /// Of another organization or of none: the same to who asks.
    #[error("there is no such member in this organization")]
    NoSuchMember,
    #[error("a client is no member of a collaborative space")]
    Client,
    #[error("the member is suspended")]
    Suspended,
    #[error("everybody invited is a member of the space already")]
    MembersAlready,
    #[error("a space has at most {SPACE_MEMBERS} members")]
    TooManyMembers,
    #[error("you are not a member of the space")]
    NotMember,
    #[error("the last member has left; nothing is added any more")]
    Frozen,
    #[error("a space holds at most {SPACE_ITEMS} items")]
    TooManyItems,
    #[error("only its author strikes an item")]
    NotAuthor,
    #[error("the item was struck")]
    Struck,
    #[error("the item is kept no longer")]
    Over,
    #[error("the item is in that chart already")]
    PromotedAlready,
    #[error("an item is promoted into at most {SPACE_PROMOTIONS} charts")]
    TooManyPromotions,
    #[error("the item is no document")]
    NoDocument,
    #[error("the file is {0}; it cannot be promoted")]
    NotAvailable(&'static str),
}

/// Until when something is kept that came into a space at `since`.
pub fn kept_until(since: Timestamp) -> Timestamp {
    since.saturating_add(SignedDuration::from_hours(SPACE_DAYS.saturating_mul(24))).unwrap_or(Timestamp::MAX)
}

/// What a space is begun with.
#[derive(Clone, Debug)]
pub struct Beginning {
    pub id: SpaceId,
    pub name: Sealed<SpaceName>,
    pub subject: Subject,
    pub chart_id: Option<ChartId>,
    pub key: WrappedKey,
}

impl Space {
    /// A new space; whoever creates it is its first member and, to begin with, its only one (P-21).
    pub fn create(beginning: Beginning, by: &Member, now: Timestamp) -> Result<Self, SpaceError> {
        may_join(by, by.organization_id)?;
        let Beginning { id, name, subject, chart_id, key } = beginning;
        Ok(Self {
            id,
            organization_id: by.organization_id,
            name,
            subject,
            chart_id,
            members: BTreeMap::from([(by.id, Joined { at: now, invited_by: by.id })]),
            frozen_at: None,
            key,
            created_by: by.id,
            created_at: now,
            items: 0,
            last_added_at: None,
            ends_at: None,
            revision: 1,
        })
    }

    /// Whether somebody sees the space and everything in it. Nothing else decides this.
    pub fn has_member(&self, member: MemberId) -> bool {
        self.members.contains_key(&member)
    }

    fn must_have(&self, member: MemberId) -> Result<(), SpaceError> {
        if self.has_member(member) { Ok(()) } else { Err(SpaceError::NotMember) }
    }

    const fn must_be_live(&self) -> Result<(), SpaceError> {
        if self.frozen_at.is_some() { Err(SpaceError::Frozen) } else { Ok(()) }
    }

    /// Takes members in, each of whom was named; those who are in already stay as they were. Who has come is
    /// handed back with the space.
    pub fn invite<'a>(
        mut self,
        by: MemberId,
        named: impl IntoIterator<Item = &'a Member>,
        now: Timestamp,
    ) -> Result<(Self, BTreeSet<MemberId>), SpaceError> {
        self.must_be_live()?;
        self.must_have(by)?;
        let mut come = BTreeSet::new();
        for member in named {
            may_join(member, self.organization_id)?;
            if !self.has_member(member.id) {
                come.insert(member.id);
            }
        }
        if come.is_empty() {
            return Err(SpaceError::MembersAlready);
        }
        self.ends_at = self.first_end(now);
        self.members.extend(come.iter().map(|id| (*id, Joined { at: now, invited_by: by })));
        if self.members.len() > SPACE_MEMBERS {
            return Err(SpaceError::TooManyMembers);
        }
        Ok((self, come))
    }

    /// A member leaves, whoever they are and whatever they brought in (P-23); the last one freezes the space.
    pub fn leave(mut self, member: MemberId, now: Timestamp) -> Result<Self, SpaceError> {
        self.members.remove(&member).ok_or(SpaceError::NotMember)?;
        if self.members.is_empty() {
            self.frozen_at = Some(now);
        }
        self.ends_at = self.first_end(now);
        Ok(self)
    }

    /// An item of this member's comes in.
    pub fn add(mut self, author: MemberId, now: Timestamp) -> Result<Self, SpaceError> {
        self.must_take(author)?;
        self.ends_at = Some(self.first_end(now).unwrap_or_else(|| kept_until(now)));
        self.items = self.items.saturating_add(1);
        self.last_added_at = Some(now);
        Ok(self)
    }

    /// When the sweep looks into it. Of what is in an old space nobody has noted when it ends: it is looked at next.
    fn first_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.ends_at.or_else(|| (self.items > 0).then_some(now))
    }

    /// So many items have come to their end.
    #[must_use]
    pub fn let_go(mut self, items: usize) -> Self {
        self.items = self.items.saturating_sub(u32::try_from(items).unwrap_or(u32::MAX));
        self
    }

    /// The sweep has looked into it: when it looks again.
    #[must_use]
    pub fn looked_into(mut self, ends: Ends) -> Self {
        self.ends_at = ends.next;
        self
    }

    /// A member may bring something in.
    pub fn must_take(&self, author: MemberId) -> Result<(), SpaceError> {
        self.must_be_live()?;
        self.must_have(author)?;
        if self.items >= SPACE_ITEMS { Err(SpaceError::TooManyItems) } else { Ok(()) }
    }

    /// Whether a member is shown an item: every member is, for as long as it is kept (P-22).
    pub fn shows(&self, item: &SpaceItem, member: MemberId, now: Timestamp) -> bool {
        item.space_id == self.id && self.has_member(member) && item.must_be_kept(now).is_ok()
    }

    /// What is left to the steward; `None` while the space has members, who look after it themselves.
    pub fn stewardship(&self) -> Option<Stewardship> {
        self.frozen_at.map(|frozen_at| self.stewardship_since(frozen_at))
    }

    /// The same of a space whose members are all there and none of whom can look after it: suspended, or clients by
    /// now. It is theirs again when one of them is back.
    pub fn stewardship_without<'a>(
        &self,
        members: impl IntoIterator<Item = &'a Member>,
        since: Timestamp,
    ) -> Option<Stewardship> {
        let mut members = members.into_iter();
        let nobody = members.all(|member| may_join(member, self.organization_id).is_err());
        (self.frozen_at.is_none() && nobody).then(|| self.stewardship_since(since))
    }

    fn stewardship_since(&self, frozen_at: Timestamp) -> Stewardship {
        Stewardship {
            id: self.id,
            created_by: self.created_by,
            created_at: self.created_at,
            frozen_at,
            items: self.items,
            last_added_at: self.last_added_at,
            // The space itself outlives its items by the time it still had members.
            kept_until: kept_until(frozen_at),
        }
    }
}

/// Whether somebody can be a member of a space of this organization (P-21).
pub fn may_join(member: &Member, organization_id: OrganizationId) -> Result<(), SpaceError> {
    if member.organization_id != organization_id {
        Err(SpaceError::NoSuchMember)
    } else if member.roles.contains(&Role::Client) {
        Err(SpaceError::Client)
    } else if member.status == MemberStatus::Suspended {
        Err(SpaceError::Suspended)
    } else {
        Ok(())
    }
}

/// Something in a space.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SpaceItem {
    pub id: SpaceItemId,
    pub space_id: SpaceId,
    pub author: MemberId,
    pub created_at: Timestamp,
    pub title: Sealed<Title>,
    pub body: ItemBody,
    /// The charts it was copied into, each by a member who may add to that chart.
    #[serde(default)]
    pub promotions: BTreeMap<ChartId, Promotion>,
    /// When its author struck it: seen by all members still, struck through.
    pub struck_at: Option<Timestamp>,
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Note,
    Document,
}

impl ItemKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Document => "document",
        }
    }
}

/// What an item consists of, sealed under its space's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemBody {
    Note { content: Sealed<NoteContent> },
    Document { file: Box<ReceivedFile> },
}

/// Where an item was copied to. From then on the copy goes its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    pub record_id: RecordId,
    pub by: MemberId,
    pub at: Timestamp,
}

/// Where a record comes from that was promoted out of a space: kept with the record (R074).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordOrigin {
    pub space_id: SpaceId,
    pub item_id: SpaceItemId,
    /// Who brought it into the space, and when.
    pub written_by: MemberId,
    pub written_at: Timestamp,
    pub promoted_by: MemberId,
    pub promoted_at: Timestamp,
}

impl SpaceItem {
    pub const fn new(
        id: SpaceItemId,
        space: &Space,
        author: MemberId,
        title: Sealed<Title>,
        body: ItemBody,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            space_id: space.id,
            author,
            created_at,
            title,
            body,
            promotions: BTreeMap::new(),
            struck_at: None,
            revision: 1,
        }
    }

    pub const fn kind(&self) -> ItemKind {
        match self.body {
            ItemBody::Note { .. } => ItemKind::Note,
            ItemBody::Document { .. } => ItemKind::Document,
        }
    }

    pub fn kept_until(&self) -> Timestamp {
        kept_until(self.created_at)
    }

    /// What is kept no longer is not shown any more, whether or not it is destroyed yet: the sweep comes once a day.
    pub fn must_be_kept(&self, now: Timestamp) -> Result<(), SpaceError> {
        if now < self.kept_until() { Ok(()) } else { Err(SpaceError::Over) }
    }

    /// What is left of it when it comes to its end: of a document, where its file is. Of a note nothing is.
    pub fn ended(&self, now: Timestamp) -> Option<EndedDocument> {
        let file = self.file().ok()?;
        Some(EndedDocument {
            space_id: self.space_id,
            item_id: self.id,
            object_key: file.object.key.clone(),
            promotions: self.promotions.clone(),
            ended_at: now,
        })
    }

    /// The file of a document, whatever its state.
    pub const fn file(&self) -> Result<&ReceivedFile, SpaceError> {
        match &self.body {
            ItemBody::Document { file } => Ok(file),
            ItemBody::Note { .. } => Err(SpaceError::NoDocument),
        }
    }

    /// Struck through by its author, once.
    pub fn strike(mut self, by: MemberId, now: Timestamp) -> Result<Self, SpaceError> {
        self.must_be_kept(now)?;
        if self.author != by {
            return Err(SpaceError::NotAuthor);
        }
        if self.struck_at.is_some() {
            return Err(SpaceError::Struck);
        }
        self.struck_at = Some(now);
        Ok(self)
    }

    /// Copied into a chart, into each one once. That the member may add to the chart is the chart's own rule.
    pub fn promote(mut self, chart_id: ChartId, promotion: Promotion) -> Result<Self, SpaceError> {
        self.must_be_kept(promotion.at)?;
        if self.struck_at.is_some() {
            return Err(SpaceError::Struck);
        }
        if let ItemBody::Document { file } = &self.body
            && !matches!(file.state, FileState::Available(_))
        {
            return Err(SpaceError::NotAvailable(file.state.name()));
        }
        if self.promotions.contains_key(&chart_id) {
            return Err(SpaceError::PromotedAlready);
        }
        if self.promotions.len() >= SPACE_PROMOTIONS {
            return Err(SpaceError::TooManyPromotions);
        }
        self.promotions.insert(chart_id, promotion);
        Ok(self)
    }

    /// What a copy says of where it comes from.
    pub const fn origin(&self, promotion: &Promotion) -> RecordOrigin {
        RecordOrigin {
            space_id: self.space_id,
            item_id: self.id,
            written_by: self.author,
            written_at: self.created_at,
            promoted_by: promotion.by,
            promoted_at: promotion.at,
        }
    }

    /// What inspection found of a document; `None` if this is not the item of that upload.
    pub fn inspected(mut self, upload_id: UploadId, outcome: FileState) -> Option<Self> {
        match self.body {
            ItemBody::Document { file } if file.upload_id == upload_id => {
                self.body = ItemBody::Document { file: Box::new(file.inspected(outcome)) };
                Some(self)
            }
            _ => None,
        }
    }
}

/// A document whose time in its space is over, for as long as its file is there: nothing of what was said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedDocument {
    pub space_id: SpaceId,
    pub item_id: SpaceItemId,
    /// Where its file is; where a preview of it would be follows from that.
    pub object_key: String,
    /// The records that have the same file, as far as they are there still.
    #[serde(default)]
    pub promotions: BTreeMap<ChartId, Promotion>,
    pub ended_at: Timestamp,
}

/// What a look into a space finds of the ends to come. Items are looked at in the order in which they were begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Nothing ends before.
    next: Option<Timestamp>,
    is_sure: bool,
}

impl Ends {
    /// An item stays: it is kept, or something keeps it from its end. Notes come in as they are begun, documents when
    /// their upload is completed: what was begun later can end earlier, by as long as an upload may take.
    #[must_use]
    pub fn with(self, item: &SpaceItem, now: Timestamp) -> Self {
        let end = item.kept_until();
        let following =
            end.saturating_sub(SignedDuration::from_hours(UPLOAD_HOURS)).unwrap_or(Timestamp::MIN);
        let is_sure = now < following;
        let next = if is_sure { following } else { end };
        Self { is_sure: self.is_sure || is_sure, ..self.waiting(next) }
    }

    /// Something that is over waits since a time, and is looked for again.
    #[must_use]
    pub fn waiting(self, since: Timestamp) -> Self {
        Self { next: Some(self.next.map_or(since, |next| next.min(since))), ..self }
    }

    /// Whether nothing that follows is over.
    pub const fn is_sure(self) -> bool {
        self.is_sure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Finding, ObjectRef};
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn id(number: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(number))
    }

    fn member(organization: u128, number: u128, role: Role) -> Member {
        let member = Member::invite(
            id(number),
            OrganizationId::new(Uuid::from_u128(organization)),
            Line::new("Dr Amara").unwrap(),
            "amara@north.example".to_owned().try_into().unwrap(),
            BTreeSet::from([role]),
            NOW,
        );
        member.bind("identity".into())
    }

    fn colleague(number: u128) -> Member {
        member(1, number, Role::Practitioner)
    }

    fn space(chart_id: Option<ChartId>) -> Space {
        let beginning = Beginning {
            id: SpaceId::new(Uuid::from_u128(100)),
            name: Sealed::from_bytes(vec![1]),
            subject: Subject::Person,
            chart_id,
            key: WrappedKey::from_bytes(vec![2]),
        };
        Space::create(beginning, &colleague(1), NOW).unwrap()
    }

    fn note(space: &Space, author: MemberId) -> SpaceItem {
        let body = ItemBody::Note { content: Sealed::from_bytes(vec![3]) };
        SpaceItem::new(SpaceItemId::new(Uuid::nil()), space, author, Sealed::from_bytes(vec![]), body, NOW)
    }

    fn document(space: &Space, state: FileState) -> SpaceItem {
        let file = ReceivedFile {
            upload_id: UploadId::new(Uuid::from_u128(4)),
            object: ObjectRef { key: "k".into(), version_id: "v".into() },
            size_bytes: 1,
            media_type: "application/octet-stream".into(),
            file_name: Sealed::from_bytes(vec![]),
            state,
        };
        let body = ItemBody::Document { file: Box::new(file) };
        SpaceItem::new(SpaceItemId::new(Uuid::nil()), space, id(1), Sealed::from_bytes(vec![]), body, NOW)
    }

    fn finding() -> Finding {
        Finding {
            inspected_at: NOW,
            sha256: "00".repeat(32),
            class: "image".into(),
            media_type: "image/jpeg".into(),
            reason: None,
            facts: Sealed::from_bytes(vec![]),
            preview: None,
            warnings: vec![],
        }
    }

    fn promotion(by: u128) -> (ChartId, Promotion) {
        let chart_id = ChartId::new(Uuid::from_u128(by));
        (chart_id, Promotion { record_id: RecordId::new(Uuid::nil()), by: id(by), at: NOW })
    }

    /// P-21: nobody is in it but who made it, and each member brings in others.
    #[test]
    fn a_space_begins_with_its_creator_and_every_member_invites() {
        let space = space(None);
        assert_eq!(space.members.len(), 1);
        let (space, come) = space.invite(id(1), [&colleague(2)], NOW).unwrap();
        assert_eq!(come, BTreeSet::from([id(2)]));
        let (space, come) = space.invite(id(2), [&colleague(1), &colleague(3)], NOW).unwrap();
        assert_eq!(come, BTreeSet::from([id(3)]));
        assert_eq!(space.members[&id(3)], Joined { at: NOW, invited_by: id(2) });
        let again = space.clone().invite(id(3), [&colleague(2)], NOW);
        assert_eq!(again.unwrap_err(), SpaceError::MembersAlready);
        assert_eq!(space.invite(id(4), [&colleague(4)], NOW).unwrap_err(), SpaceError::NotMember);
    }

    /// P-21: one organization, and no clients.
    #[test]
    fn whoever_cannot_be_a_member_is_refused_with_all_who_are_named_with_them() {
        let mut gone = colleague(5);
        gone.status = MemberStatus::Suspended;
        for (refused, why) in [
            (member(2, 2, Role::Practitioner), SpaceError::NoSuchMember),
            (member(1, 2, Role::Client), SpaceError::Client),
            (gone, SpaceError::Suspended),
        ] {
            assert_eq!(space(None).invite(id(1), [&colleague(6), &refused], NOW).unwrap_err(), why);
        }
        let beginning = Beginning {
            id: SpaceId::new(Uuid::nil()),
            name: Sealed::from_bytes(vec![]),
            subject: Subject::Other,
            chart_id: None,
            key: WrappedKey::from_bytes(vec![]),
        };
        let client = member(1, 7, Role::Client);
        assert_eq!(Space::create(beginning, &client, NOW).unwrap_err(), SpaceError::Client);
    }

    #[test]
    fn a_space_has_so_many_members_and_items_and_no_more() {
        let many: Vec<Member> = (2..=48).map(colleague).collect();
        let (mut full, come) = space(None).invite(id(1), &many, NOW).unwrap();
        assert_eq!((come.len(), full.members.len()), (SPACE_MEMBERS - 1, SPACE_MEMBERS));
        let one_more = full.clone().invite(id(1), [&colleague(49)], NOW);
        assert_eq!(one_more.unwrap_err(), SpaceError::TooManyMembers);
        full.items = SPACE_ITEMS;
        assert_eq!(full.add(id(1), NOW).unwrap_err(), SpaceError::TooManyItems);
    }

    /// the last one out freezes it, and what is left to the administrator says nothing.
    #[test]
    fn an_empty_space_is_frozen_and_its_steward_knows_counts_and_dates() {
        let space = space(Some(ChartId::new(Uuid::nil()))).add(id(1), NOW).unwrap();
        assert_eq!(space.stewardship(), None);
        let later = NOW + SignedDuration::from_hours(5);
        let frozen = space.leave(id(1), later).unwrap();
        let steward = frozen.stewardship().unwrap();
        assert_eq!((steward.items, steward.frozen_at), (1, later));
        assert_eq!(steward.kept_until, later + SignedDuration::from_hours(24 * SPACE_DAYS));
        let told = serde_json::to_value(&steward).unwrap();
        for hidden in ["name", "key", "chart_id", "members", "subject"] {
            assert_eq!(told.get(hidden), None, "{hidden}");
        }
        assert_eq!(frozen.clone().add(id(1), later).unwrap_err(), SpaceError::Frozen);
        assert_eq!(frozen.clone().invite(id(1), [&colleague(1)], later).unwrap_err(), SpaceError::Frozen);
        assert_eq!(frozen.leave(id(1), later).unwrap_err(), SpaceError::NotMember);
    }

    /// P-24: a space keeps things for a while, and that is all.
    #[test]
    fn an_item_is_shown_until_its_time_is_over() {
        let space = space(None);
        let item = note(&space, id(1));
        let end = item.kept_until();
        assert!(space.shows(&item, id(1), end - SignedDuration::from_secs(1)));
        assert!(!space.shows(&item, id(1), end));
        assert_eq!(item.clone().strike(id(1), end).unwrap_err(), SpaceError::Over);
        let (chart_id, promotion) = promotion(1);
        let late = item.promote(chart_id, Promotion { at: end, ..promotion });
        assert_eq!(late.unwrap_err(), SpaceError::Over);
    }

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    fn added_at(space: &Space, at: Timestamp) -> SpaceItem {
        SpaceItem { created_at: at, ..note(space, id(1)) }
    }

    /// the first thing that comes in says when the space is looked into, and what comes later does not change that.
    #[test]
    fn a_space_is_looked_into_when_its_first_item_ends() {
        let later = NOW + hours(1);
        let space = space(None);
        assert_eq!(space.ends_at, None);
        let space = space.add(id(1), NOW).unwrap().add(id(1), later).unwrap();
        assert_eq!((space.ends_at, space.items), (Some(kept_until(NOW)), 2));
        let space = space.let_go(1).looked_into(Ends::default().waiting(kept_until(later)));
        assert_eq!((space.ends_at, space.items), (Some(kept_until(later)), 1));
        let space = space.let_go(1).looked_into(Ends::default());
        assert_eq!((space.ends_at, space.items, space.last_added_at), (None, 0, Some(later)));
        assert_eq!(space.add(id(1), later).unwrap().ends_at, Some(kept_until(later)));
    }

    /// One that was stored before that was kept is looked into next, whatever of it is written first.
    #[test]
    fn an_old_space_is_looked_into_once_it_is_written() {
        let old = Space { items: 3, ends_at: None, ..space(None) };
        assert_eq!(old.clone().add(id(1), NOW).unwrap().ends_at, Some(NOW));
        assert_eq!(old.clone().invite(id(1), [&colleague(2)], NOW).unwrap().0.ends_at, Some(NOW));
        assert_eq!(old.leave(id(1), NOW).unwrap().ends_at, Some(NOW));
        assert_eq!(space(None).leave(id(1), NOW).unwrap().ends_at, None, "nothing is in it");
    }

    #[test]
    fn what_is_over_and_stays_is_looked_for_again() {
        let space = space(None);
        let (over, kept) = (added_at(&space, NOW), added_at(&space, NOW + hours(24 * 30)));
        let now = over.kept_until();
        let ends = Ends::default().with(&over, now);
        assert_eq!((ends.next, ends.is_sure()), (Some(now), false));
        let ends = ends.with(&kept, now);
        assert_eq!((ends.next, ends.is_sure()), (Some(now), true));
        let alone = Ends::default().with(&kept, now);
        assert!(alone.next.is_some_and(|next| now < next && next <= kept.kept_until()));
    }

    /// Of a document, where its file is, and who else has it; of what was said, nothing.
    #[test]
    fn what_is_left_of_an_ended_item_says_nothing() {
        let space = space(None);
        assert_eq!(note(&space, id(1)).ended(NOW), None);
        let (chart_id, promotion) = promotion(1);
        let item = document(&space, FileState::Available(finding())).promote(chart_id, promotion).unwrap();
        let left = item.ended(NOW).unwrap();
        assert_eq!((left.item_id, left.object_key.as_str()), (item.id, "k"));
        assert_eq!(left.promotions, BTreeMap::from([(chart_id, promotion)]));
        let told = serde_json::to_value(&left).unwrap();
        for hidden in ["title", "body", "file", "file_name", "author"] {
            assert_eq!(told.get(hidden), None, "{hidden}");
        }
    }

    #[test]
    fn only_its_author_strikes_an_item_and_it_stays_seen() {
        let space = space(None);
        let item = note(&space, id(1));
        assert_eq!(item.clone().strike(id(2), NOW).unwrap_err(), SpaceError::NotAuthor);
        let struck = item.strike(id(1), NOW).unwrap();
        assert!(space.shows(&struck, id(1), NOW));
        assert_eq!(struck.clone().strike(id(1), NOW).unwrap_err(), SpaceError::Struck);
        let (chart_id, promotion) = promotion(1);
        assert_eq!(struck.promote(chart_id, promotion).unwrap_err(), SpaceError::Struck);
    }

    /// R074: each chart takes an item once, and a document only when inspection has let it in.
    #[test]
    fn an_item_is_promoted_once_into_each_chart() {
        let space = space(None);
        let ((mine, by_me), (hers, by_her)) = (promotion(1), promotion(2));
        let item = note(&space, id(1)).promote(mine, by_me).unwrap();
        assert_eq!(item.clone().promote(mine, by_her).unwrap_err(), SpaceError::PromotedAlready);
        let item = item.promote(hers, by_her).unwrap();
        assert_eq!((item.promotions[&mine], item.promotions[&hers]), (by_me, by_her));

        let arrived = document(&space, FileState::Inspecting);
        let early = arrived.clone().promote(mine, by_me);
        assert_eq!(early.unwrap_err(), SpaceError::NotAvailable("inspecting"));
        let elsewhere = UploadId::new(Uuid::from_u128(5));
        assert!(arrived.clone().inspected(elsewhere, FileState::Available(finding())).is_none());
        let upload_id = arrived.file().unwrap().upload_id;
        let held = arrived.clone().inspected(upload_id, FileState::Quarantined(finding())).unwrap();
        assert_eq!(held.promote(mine, by_me).unwrap_err(), SpaceError::NotAvailable("quarantined"));
        let ready = arrived.inspected(upload_id, FileState::Available(finding())).unwrap();
        assert_eq!(ready.file().unwrap().media_type, "image/jpeg");
        assert!(ready.promote(mine, by_me).is_ok());
        assert_eq!(note(&space, id(1)).file().unwrap_err(), SpaceError::NoDocument);
    }

    #[derive(Clone, Debug)]
    enum Act {
        Invite { by: u128, whom: Vec<u128> },
        Leave { who: u128 },
        Add { by: u128 },
    }

    /// The people of the property: 1 to 6 are colleagues, 7 is a client, 8 is of another organization.
    fn person(number: u128) -> Member {
        match number {
            7 => member(1, 7, Role::Client),
            8 => member(2, 8, Role::Practitioner),
            other => colleague(other),
        }
    }

    fn an_act() -> impl Strategy<Value = Act> {
        let who = 1_u128..=8;
        prop_oneof![
            (who.clone(), prop::collection::vec(who.clone(), 1..4))
                .prop_map(|(by, whom)| Act::Invite { by, whom }),
            who.clone().prop_map(|who| Act::Leave { who }),
            who.prop_map(|by| Act::Add { by }),
        ]
    }

    /// The rules again, written from the requirements and not from the code: who is in, who is not.
    #[derive(Default)]
    struct Model {
        inside: BTreeSet<u128>,
        items: u32,
    }

    impl Model {
        /// Whether the act is possible; if so it has happened.
        fn takes(&mut self, act: &Act) -> bool {
            match act {
                Act::Invite { by, whom } => {
                    let fit = whom.iter().all(|person| *person <= 6);
                    let new = whom.iter().any(|person| !self.inside.contains(person));
                    let possible = self.inside.contains(by) && fit && new;
                    if possible {
                        self.inside.extend(whom);
                    }
                    possible
                }
                Act::Leave { who } => self.inside.remove(who),
                Act::Add { by } => {
                    let possible = self.inside.contains(by);
                    self.items += u32::from(possible);
                    possible
                }
            }
        }
    }

    fn happens(space: &Space, act: &Act) -> Result<Space, SpaceError> {
        let space = space.clone();
        match act {
            Act::Invite { by, whom } => {
                let people: Vec<Member> = whom.iter().map(|number| person(*number)).collect();
                space.invite(id(*by), &people, NOW).map(|(space, _)| space)
            }
            Act::Leave { who } => space.leave(id(*who), NOW),
            Act::Add { by } => space.add(id(*by), NOW),
        }
    }

    proptest! {
        /// Whatever comes in when: a look that is sure has missed nothing that is over, and the next one comes before
        /// anything else is.
        #[test]
        fn a_look_misses_nothing_that_ends(
            begun in prop::collection::vec((0_i64..24 * 500, 0..=UPLOAD_HOURS), 1..30),
            now in 0_i64..24 * 900,
        ) {
            let (space, now) = (space(None), NOW + hours(now));
            let mut begun = begun;
            begun.sort_unstable();
            let items: Vec<SpaceItem> =
                begun.iter().map(|(at, took)| added_at(&space, NOW + hours(at + took))).collect();
            let (mut ends, mut seen) = (Ends::default(), 0);
            for item in &items {
                seen += 1;
                if item.must_be_kept(now).is_ok() {
                    ends = ends.with(item, now);
                }
                if ends.is_sure() {
                    break;
                }
            }
            prop_assert!(items[seen..].iter().all(|item| item.must_be_kept(now).is_ok()));
            let first = items.iter().filter(|item| item.must_be_kept(now).is_ok()).map(SpaceItem::kept_until).min();
            prop_assert_eq!(ends.next.is_some(), first.is_some());
            if let (Some(next), Some(first)) = (ends.next, first) {
                prop_assert!(now < next && next <= first);
            }
        }

        /// Whatever is done in whatever order: who is in sees all, who is out sees nothing, nobody comes in but
        /// by a member's invitation, and an empty space stays empty.
        #[test]
        fn no_sequence_lets_a_non_member_see_anything(acts in prop::collection::vec(an_act(), 0..40)) {
            let mut space = space(None);
            let item = note(&space, id(1));
            let mut model = Model { inside: BTreeSet::from([1]), items: 0 };
            for act in &acts {
                let frozen = space.frozen_at.is_some();
                let outcome = happens(&space, act);
                prop_assert_eq!(outcome.is_ok(), model.takes(act), "{:?} {:?}", act, outcome);
                if let Ok(after) = outcome {
                    prop_assert!(!frozen, "a frozen space changed");
                    space = after;
                }
                for number in 1..=8 {
                    let inside = model.inside.contains(&number);
                    prop_assert_eq!(space.has_member(id(number)), inside);
                    prop_assert_eq!(space.shows(&item, id(number), NOW), inside);
                }
                prop_assert_eq!(space.frozen_at.is_some(), model.inside.is_empty());
                prop_assert_eq!(space.stewardship().is_some(), model.inside.is_empty());
                prop_assert_eq!(space.items, model.items);
                let elsewhere = SpaceItem { space_id: SpaceId::new(Uuid::nil()), ..item.clone() };
                prop_assert!(!(1..=8).any(|number| space.shows(&elsewhere, id(number), NOW)));
            }
        }
    }
}
