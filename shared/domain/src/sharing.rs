//! Sharing: who else may use a chart, and how (P-02, P-03, P-05, P-08, P-12, R061-R064, R067, R068).
//!
//! A chart is shared whole or not at all: nothing here names a record or a section (X-1). A grant stands in the
//! chart itself and a member's teams in the member, so that a decision needs no further read, and whoever
//! leaves a team or loses a grant has lost the chart at the next request.

use crate::{
    ConsentId, MemberId, TeamId,
    chart::Chart,
    limits::CHART_GRANTS,
    member::{Member, MemberStatus, Role},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// To whom a chart is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "id", rename_all = "snake_case", deny_unknown_fields)]
pub enum Grantee {
    Member(MemberId),
    /// Whoever is in it at the time (P-12).
    Team(TeamId),
}

impl Grantee {
    /// Whether a member has what this grantee has.
    pub fn includes(&self, member: &Member) -> bool {
        match self {
            Self::Member(id) => *id == member.id,
            Self::Team(id) => member.teams.contains(id),
        }
    }

    pub const fn uuid(&self) -> uuid::Uuid {
        match self {
            Self::Member(id) => id.uuid(),
            Self::Team(id) => id.uuid(),
        }
    }
}

/// What a collaborator may do with the chart (P-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessType {
    /// See everything in it.
    ReadOnly,
    /// The same, and write notes and documents to be co-signed by the owner: supervised practice (P-13).
    Approval,
    /// The same, and add notes and documents.
    ReadAndWrite,
}

impl AccessType {
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::Approval, Self::ReadAndWrite];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Approval => "approval",
            Self::ReadAndWrite => "read_and_write",
        }
    }
}

/// What a member is to a chart: the most they are, where they are several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Owner,
    ReadAndWrite,
    Approval,
    ReadOnly,
    /// They handed it over and kept a copy (P-45).
    FormerOwner,
}

impl From<AccessType> for Relation {
    fn from(access: AccessType) -> Self {
        match access {
            AccessType::ReadOnly => Self::ReadOnly,
            AccessType::Approval => Self::Approval,
            AccessType::ReadAndWrite => Self::ReadAndWrite,
        }
    }
}

impl Relation {
    /// Whether the chart is theirs or shared with them, now: then they see its badge (P-34).
    pub const fn is_present(self) -> bool {
        !matches!(self, Self::FormerOwner)
    }
}

/// One row of a chart's access list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub grantee: Grantee,
    pub access: AccessType,
    pub granted_by: MemberId,
    pub granted_at: Timestamp,
    /// From then on it gives nothing (R060).
    pub expires_at: Option<Timestamp>,
    /// The client's permission on which it stands, if it was made with their circle of care (R060).
    pub consent_id: Option<ConsentId>,
}

/// When a share ends whose last day this is: with the day, where the organization is. A day without a next one is
/// no day to come.
pub fn end_of(last_day: Date, zone: &TimeZone) -> Result<Timestamp, SharingError> {
    let next = last_day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
    next.map(|start| start.timestamp()).map_err(|_| SharingError::Past)
}

/// The day that ends where a share does: the last one of it, where the organization is.
pub fn last_day_of(end: Timestamp, zone: &TimeZone) -> Date {
    let before = end.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(end);
    before.to_zoned(zone.clone()).date()
}

impl Grant {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// What stands on the client's permission is not prolonged beyond it (R060).
    fn must_permit(&self, other: &Self) -> Result<(), SharingError> {
        let beyond = |end: Timestamp| other.expires_at.is_none_or(|wanted| end < wanted);
        let stands_on_it = self.consent_id.is_some() && other.consent_id == self.consent_id;
        if stands_on_it && self.expires_at.is_some_and(beyond) {
            Err(SharingError::Permitted)
        } else {
            Ok(())
        }
    }
}

/// Why a chart is not shared so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SharingError {
    #[error("the chart is its owner's already")]
    Owner,
    #[error("the chart is shared with them already; change that instead")]
    Shared,
    #[error("the chart is not shared with them")]
    NotShared,
    #[error("a chart is shared with at most {CHART_GRANTS} members and teams")]
    TooMany,
    #[error("sharing ends on a day to come")]
    Past,
    #[error("the client has permitted it until a day before; share it anew on your own responsibility")]
    Permitted,
    #[error("a person whose records these are is no collaborator; give them access of their own")]
    Client,
    #[error("the member is suspended")]
    Suspended,
    #[error("you share this chart through a team; ask the team's administrator or the owner to end it")]
    ThroughTeam,
}

/// A chart's access list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(Vec<Grant>);

impl Grants {
    pub fn rows(&self) -> &[Grant] {
        &self.0
    }

    pub fn of(&self, grantee: Grantee) -> Option<&Grant> {
        self.0.iter().find(|grant| grant.grantee == grantee)
    }

    /// The row of whoever has this id: ids of members and teams never meet.
    pub fn by_id(&self, id: uuid::Uuid) -> Option<&Grant> {
        self.0.iter().find(|grant| grant.grantee.uuid() == id)
    }

    /// What a member has by them at a moment: their own, and what their teams have.
    pub fn live_for(&self, member: &Member, now: Timestamp) -> impl Iterator<Item = &Grant> {
        self.0.iter().filter(move |grant| grant.is_live(now) && grant.grantee.includes(member))
    }

    pub fn add(mut self, grant: Grant, now: Timestamp) -> Result<Self, SharingError> {
        must_be_to_come(&grant, now)?;
        // What is over is in nobody's way.
        self.0.retain(|other| other.is_live(now));
        if self.of(grant.grantee).is_some() {
            return Err(SharingError::Shared);
        }
        if self.0.len() >= CHART_GRANTS {
            return Err(SharingError::TooMany);
        }
        self.0.push(grant);
        Ok(self)
    }

    pub fn change(mut self, grant: Grant, now: Timestamp) -> Result<Self, SharingError> {
        must_be_to_come(&grant, now)?;
        let row = self.0.iter_mut().find(|other| other.grantee == grant.grantee && other.is_live(now));
        let row = row.ok_or(SharingError::NotShared)?;
        row.must_permit(&grant)?;
        *row = grant;
        Ok(self)
    }

    pub fn remove(mut self, grantee: Grantee) -> Result<Self, SharingError> {
        let before = self.0.len();
        self.0.retain(|grant| grant.grantee != grantee);
        if self.0.len() == before { Err(SharingError::NotShared) } else { Ok(self) }
    }

    /// Without those that stood on a permission which is withdrawn; says whose they were (R060).
    pub fn without(mut self, consent: ConsentId) -> (Self, Vec<Grantee>) {
        let (ended, kept) = self.0.drain(..).partition(|grant| grant.consent_id == Some(consent));
        let ended: Vec<Grant> = ended;
        (Self(kept), ended.into_iter().map(|grant| grant.grantee).collect())
    }
}

impl Chart {
    /// Shares it, the whole of it, with somebody more (R061).
    pub fn share(mut self, grant: Grant, now: Timestamp) -> Result<Self, SharingError> {
        if grant.grantee == Grantee::Member(self.owner) {
            return Err(SharingError::Owner);
        }
        self.grants = self.grants.add(grant, now)?;
        Ok(self)
    }

    /// Shares it otherwise with somebody it is shared with.
    pub fn change_grant(mut self, grant: Grant, now: Timestamp) -> Result<Self, SharingError> {
        self.grants = self.grants.change(grant, now)?;
        Ok(self)
    }

    /// Shares it no longer with somebody.
    pub fn end_grant(mut self, grantee: Grantee) -> Result<Self, SharingError> {
        self.grants = self.grants.remove(grantee)?;
        Ok(self)
    }

    /// The grant of their own with which a collaborator leaves (P-11): what a team has is not theirs to end.
    pub fn must_be_own_grant(&self, member: &Member, now: Timestamp) -> Result<Grantee, SharingError> {
        let own = Grantee::Member(member.id);
        let live: Vec<Grantee> = self.grants.live_for(member, now).map(|grant| grant.grantee).collect();
        if live.contains(&own) {
            Ok(own)
        } else if live.is_empty() {
            Err(SharingError::NotShared)
        } else {
            Err(SharingError::ThroughTeam)
        }
    }
}

impl Member {
    /// A chart is shared with who works here, or will when they first sign in (P-09).
    pub fn must_be_colleague(&self) -> Result<(), SharingError> {
        if self.roles.contains(&Role::Client) {
            return Err(SharingError::Client);
        }
        match self.status {
            MemberStatus::Invited | MemberStatus::Active => Ok(()),
            MemberStatus::Suspended => Err(SharingError::Suspended),
        }
    }
}

fn must_be_to_come(grant: &Grant, now: Timestamp) -> Result<(), SharingError> {
    if grant.is_live(now) { Ok(()) } else { Err(SharingError::Past) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChartId, ClientId, OrganizationId, Sealed, WrappedKey,
        client::{Client, ClientStatus},
        text::Line,
    };
    use jiff::civil::date;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const OWNER: MemberId = MemberId::new(Uuid::from_u128(1));

    fn hours(count: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(count)
    }

    fn member(id: u128, role: Role) -> Member {
        Member::invite(
            MemberId::new(Uuid::from_u128(id)),
            OrganizationId::new(Uuid::nil()),
            Line::new("Dr Ben").unwrap(),
            "ben@north.example".to_owned().try_into().unwrap(),
            BTreeSet::from([role]),
            NOW,
        )
    }

    fn chart(owner: u128) -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(11)),
            organization_id: OrganizationId::new(Uuid::nil()),
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: NOW,
            revision: 1,
        };
        Chart::open(ChartId::new(Uuid::from_u128(10)), &client, MemberId::new(Uuid::from_u128(owner)), NOW)
    }

    fn grant(grantee: Grantee, access: AccessType, expires_at: Option<Timestamp>) -> Grant {
        Grant { grantee, access, granted_by: OWNER, granted_at: NOW, expires_at, consent_id: None }
    }

    fn team(id: u128) -> TeamId {
        TeamId::new(Uuid::from_u128(id))
    }

    /// A chart of member 1, shared with member 2 to read for a day, and with team 7 to read and write.
    fn shared() -> Chart {
        let ben = Grantee::Member(MemberId::new(Uuid::from_u128(2)));
        let chart = chart(1).share(grant(ben, AccessType::ReadOnly, Some(hours(24))), NOW).unwrap();
        chart.share(grant(Grantee::Team(team(7)), AccessType::ReadAndWrite, None), NOW).unwrap()
    }

    #[test]
    fn a_member_has_what_their_teams_have_and_the_most_of_it() {
        let (chart, ben) = (shared(), member(2, Role::Practitioner));
        assert_eq!(chart.relation(&ben, NOW), Some(Relation::ReadOnly));
        let joined = ben.clone().join(team(7)).unwrap();
        assert_eq!(chart.relation(&joined, NOW), Some(Relation::ReadAndWrite));
        assert_eq!(chart.relation(&joined, hours(24)), Some(Relation::ReadAndWrite));
        assert_eq!(
            chart.relation(&joined.leave(team(7)).unwrap(), hours(24)),
            None,
            "over at the hour itself"
        );
        assert_eq!(chart.relation(&member(1, Role::Practitioner), NOW), Some(Relation::Owner));
        assert_eq!(chart.relation(&member(3, Role::Practitioner), NOW), None);
    }

    #[test]
    fn a_chart_is_shared_with_somebody_once_and_never_with_its_owner() {
        let ben = Grantee::Member(MemberId::new(Uuid::from_u128(2)));
        let again = grant(ben, AccessType::ReadAndWrite, None);
        assert_eq!(shared().share(again.clone(), NOW).unwrap_err(), SharingError::Shared);
        assert_eq!(
            shared().share(again, hours(24)).unwrap().grants.rows().len(),
            2,
            "what is over is replaced"
        );
        let own = grant(Grantee::Member(OWNER), AccessType::ReadOnly, None);
        assert_eq!(shared().share(own, NOW).unwrap_err(), SharingError::Owner);
        let past = grant(Grantee::Team(team(8)), AccessType::ReadOnly, Some(NOW));
        assert_eq!(shared().share(past, NOW).unwrap_err(), SharingError::Past);
        let full = (1..=CHART_GRANTS).try_fold(chart(1), |chart, id| {
            let grantee = Grantee::Team(team(100 + u128::try_from(id).unwrap()));
            chart.share(grant(grantee, AccessType::ReadOnly, None), NOW)
        });
        let more = grant(Grantee::Team(team(8)), AccessType::ReadOnly, None);
        assert_eq!(full.unwrap().share(more, NOW).unwrap_err(), SharingError::TooMany);
    }

    #[test]
    fn what_is_over_is_neither_changed_nor_left() {
        let ben = member(2, Role::Practitioner);
        let own = Grantee::Member(ben.id);
        let longer = grant(own, AccessType::ReadAndWrite, None);
        assert_eq!(shared().change_grant(longer.clone(), hours(24)).unwrap_err(), SharingError::NotShared);
        assert_eq!(
            shared().change_grant(longer, NOW).unwrap().relation(&ben, hours(99)),
            Some(Relation::ReadAndWrite)
        );
        assert_eq!(shared().must_be_own_grant(&ben, NOW), Ok(own));
        assert_eq!(shared().must_be_own_grant(&ben, hours(24)), Err(SharingError::NotShared));
        let joined = ben.join(team(7)).unwrap();
        assert_eq!(shared().must_be_own_grant(&joined, hours(24)), Err(SharingError::ThroughTeam));
        assert_eq!(shared().end_grant(own).unwrap().relation(&joined, NOW), Some(Relation::ReadAndWrite));
    }

    /// The client's permission is the end of what stands on it; less is always possible.
    #[test]
    fn a_grant_is_not_prolonged_beyond_the_permission_it_stands_on() {
        let grantee = Grantee::Team(team(8));
        let consent_id = Some(ConsentId::new(Uuid::from_u128(5)));
        let with = |expires_at| Grant { consent_id, ..grant(grantee, AccessType::ReadOnly, expires_at) };
        let chart = chart(1).share(with(Some(hours(24))), NOW).unwrap();
        for beyond in [None, Some(hours(25))] {
            let refused = chart.clone().change_grant(with(beyond), NOW).unwrap_err();
            assert_eq!(refused, SharingError::Permitted);
        }
        assert!(chart.change_grant(with(Some(hours(23))), NOW).is_ok());
    }

    #[test]
    fn a_share_ends_with_its_last_day_where_the_organization_is() {
        let zone = |name| TimeZone::get(name).unwrap();
        let end = |zone| end_of(date(2026, 3, 31), &zone).unwrap().to_string();
        assert_eq!(end(TimeZone::UTC), "2026-04-01T00:00:00Z");
        assert_eq!(end(zone("America/Toronto")), "2026-04-01T04:00:00Z");
        assert_eq!(end(zone("Pacific/Auckland")), "2026-03-31T11:00:00Z");
        assert_eq!(end_of(jiff::civil::Date::MAX, &TimeZone::UTC), Err(SharingError::Past));
        // Of the last day the same is read that was said, on the days on which clocks change as well.
        for name in ["UTC", "America/Toronto", "Pacific/Auckland", "Asia/Kathmandu", "Pacific/Pago_Pago"] {
            for day in [date(2026, 3, 8), date(2026, 3, 31), date(2026, 4, 5), date(2026, 11, 1)] {
                let end = end_of(day, &zone(name)).unwrap();
                assert_eq!(last_day_of(end, &zone(name)), day, "{name}");
            }
        }
    }

    #[test]
    fn a_chart_is_shared_with_colleagues() {
        assert_eq!(member(2, Role::Staff).must_be_colleague(), Ok(()));
        assert_eq!(member(2, Role::Client).must_be_colleague(), Err(SharingError::Client));
        let suspended = member(2, Role::Staff).suspend(OWNER).unwrap();
        assert_eq!(suspended.must_be_colleague(), Err(SharingError::Suspended));
    }

    /// Nothing beside a type and an id says with whom a chart is shared (X-1).
    #[test]
    fn a_grantee_is_a_type_and_an_id() {
        let read = |more: &str| {
            let id = Uuid::from_u128(2);
            serde_json::from_str::<Grantee>(&format!(r#"{{"type":"member","id":"{id}"{more}}}"#))
        };
        assert!(read("").is_ok());
        assert!(read(r#","sections":["progress_notes"]"#).is_err());
    }
}
