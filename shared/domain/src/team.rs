//! A team: members to whom charts are shared together (P-02, P-12).

use crate::{
    MemberId, OrganizationId, TeamId,
    limits::{MEMBER_TEAMS, NAME_CHARS, TEAM_MEMBERS},
    member::{Member, Role},
    text::Line,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A team of an organization. Who is in it stands in its members, so that leaving it is felt at their next request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Team {
    pub id: TeamId,
    pub organization_id: OrganizationId,
    pub name: Line<NAME_CHARS>,
    /// How many are in it.
    pub members: usize,
    pub created_at: Timestamp,
    pub revision: u64,
}

/// Why a team is not changed so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TeamError {
    #[error("an administrator does not put themselves into a team")]
    Oneself,
    #[error("the member is in the team already")]
    Member,
    #[error("the member is not in the team")]
    NotMember,
    #[error("a member is in at most {MEMBER_TEAMS} teams")]
    TooMany,
    #[error("a team has at most {TEAM_MEMBERS} members")]
    Full,
    #[error("a team with members is not dissolved; take them out first")]
    NotEmpty,
    #[error("a person whose records these are is in no team")]
    Client,
}

impl Team {
    /// A new team, with nobody in it.
    pub fn found(
        id: TeamId,
        organization_id: OrganizationId,
        name: Line<NAME_CHARS>,
        now: Timestamp,
    ) -> Self {
        Self { id, organization_id, name, members: 0, created_at: now, revision: 1 }
    }

    /// The team with one member more.
    pub fn grow(mut self) -> Result<Self, TeamError> {
        if self.members >= TEAM_MEMBERS {
            return Err(TeamError::Full);
        }
        self.members = self.members.saturating_add(1);
        Ok(self)
    }

    /// The team with one member less.
    #[must_use]
    pub const fn shrink(mut self) -> Self {
        self.members = self.members.saturating_sub(1);
        self
    }

    pub const fn must_be_empty(&self) -> Result<(), TeamError> {
        if self.members == 0 { Ok(()) } else { Err(TeamError::NotEmpty) }
    }
}

impl Member {
    /// Whoever manages teams gives what is shared with them to nobody but others.
    pub fn must_be_another(&self, by: MemberId) -> Result<(), TeamError> {
        if self.id == by { Err(TeamError::Oneself) } else { Ok(()) }
    }

    pub fn join(mut self, team: TeamId) -> Result<Self, TeamError> {
        if self.roles.contains(&Role::Client) {
            return Err(TeamError::Client);
        }
        if self.teams.len() >= MEMBER_TEAMS {
            return Err(TeamError::TooMany);
        }
        if self.teams.insert(team) { Ok(self) } else { Err(TeamError::Member) }
    }

    pub fn leave(mut self, team: TeamId) -> Result<Self, TeamError> {
        if self.teams.remove(&team) { Ok(self) } else { Err(TeamError::NotMember) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn team() -> Team {
        let name = Line::new("Hand surgery").unwrap();
        Team::found(TeamId::new(Uuid::nil()), OrganizationId::new(Uuid::nil()), name, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn who_puts_people_into_teams_is_not_one_of_them() {
        let administrator = MemberId::new(Uuid::from_u128(9));
        let member = |id| {
            Member::invite(
                MemberId::new(Uuid::from_u128(id)),
                OrganizationId::new(Uuid::nil()),
                Line::new("Dr Ben").unwrap(),
                "ben@north.example".to_owned().try_into().unwrap(),
                std::collections::BTreeSet::from([Role::Practitioner]),
                Timestamp::UNIX_EPOCH,
            )
        };
        let joined = member(2).join(team().id).unwrap();
        assert_eq!(joined.clone().join(team().id).unwrap_err(), TeamError::Member);
        assert!(joined.leave(team().id).unwrap().teams.is_empty());
        assert_eq!(member(2).leave(team().id).unwrap_err(), TeamError::NotMember);
        assert_eq!(member(2).must_be_another(administrator), Ok(()));
        assert_eq!(member(9).must_be_another(administrator), Err(TeamError::Oneself));
    }

    #[test]
    fn a_team_counts_its_members_and_has_room_for_so_many() {
        let full = (0..TEAM_MEMBERS).try_fold(team(), |team, _| team.grow()).unwrap();
        assert_eq!(full.must_be_empty(), Err(TeamError::NotEmpty));
        assert_eq!(full.clone().grow().unwrap_err(), TeamError::Full);
        let empty = (0..TEAM_MEMBERS).fold(full, |team, _| team.shrink());
        assert_eq!((empty.members, empty.must_be_empty()), (0, Ok(())));
    }
}
