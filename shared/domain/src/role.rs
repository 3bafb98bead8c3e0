//! Named roles: sets of permissions that an organization gives a name, and what is kept of every change of what
//! somebody may do (R051, R052, R058).
//!
//! The roles stand in the organization, which every request reads: a change of one is felt at the next request of
//! everybody who has it.

use crate::{
    ChangeId, MemberId, OrganizationId, RoleId,
    limits::{NAME_CHARS, ORGANIZATION_ROLES},
    member::{Member, MemberError, Permissions, Role},
    organization::Organization,
    text::Line,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A set of permissions with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRole {
    pub name: Line<NAME_CHARS>,
    pub permissions: Permissions,
    pub changed_at: Timestamp,
    /// The change that made it what it is.
    pub change_id: ChangeId,
    pub revision: u64,
}

/// What a role says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleTerms {
    pub name: Line<NAME_CHARS>,
    pub permissions: Permissions,
}

/// What a member is given by administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberStanding")]
pub struct Standing {
    pub roles: BTreeSet<Role>,
    /// Their own permissions, which count while they have no named role.
    pub permissions: Permissions,
    pub role_id: Option<RoleId>,
}

/// A change of what somebody may do: what was before is kept, so that it can be taken back (R052).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionChange {
    pub id: ChangeId,
    pub organization_id: OrganizationId,
    pub by: MemberId,
    pub at: Timestamp,
    /// The change it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<ChangeId>,
    pub of: Changed,
}

/// What changed, from what into what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Changed {
    /// A role; there is none before it is made, and none after that is taken back.
    Role { role_id: RoleId, before: Option<RoleTerms>, after: Option<RoleTerms> },
    /// What one member is given.
    Member { member_id: MemberId, before: Standing, after: Standing },
}

/// When and by whom something is changed.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    pub id: ChangeId,
    pub by: MemberId,
    pub at: Timestamp,
    pub reverts: Option<ChangeId>,
}

impl Occasion {
    /// The change, as it is kept.
    pub fn of(self, organization_id: OrganizationId, of: Changed) -> PermissionChange {
        let Self { id, by, at, reverts } = self;
        PermissionChange { id, organization_id, by, at, reverts, of }
    }
}

/// Why a role is not changed or given so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RoleError {
    #[error("an organization has at most {ORGANIZATION_ROLES} roles of its own")]
    TooMany,
    #[error("another role has this name")]
    NameTaken,
    #[error("there is no such role")]
    Unknown,
    #[error("somebody has this role; give them another one first")]
    Held,
    #[error("a person whose records these are has no role of this kind")]
    Client,
}

impl NamedRole {
    pub fn terms(&self) -> RoleTerms {
        RoleTerms { name: self.name.clone(), permissions: self.permissions.clone() }
    }
}

impl Organization {
    /// The member with the permissions that count: those of their role, as it is now, if they have one.
    #[must_use]
    pub fn seat(&self, mut member: Member) -> Member {
        member.seat = member.role_id.and_then(|id| self.roles.get(&id)).map(|role| role.permissions.clone());
        member
    }

    pub fn role(&self, id: RoleId) -> Result<&NamedRole, RoleError> {
        self.roles.get(&id).ok_or(RoleError::Unknown)
    }

    /// Makes a role, changes it, or takes it away (`None`).
    pub fn set_role(
        mut self,
        id: RoleId,
        terms: Option<RoleTerms>,
        occasion: Occasion,
    ) -> Result<(Self, PermissionChange), RoleError> {
        let known = self.roles.remove(&id);
        let of =
            Changed::Role { role_id: id, before: known.as_ref().map(NamedRole::terms), after: terms.clone() };
        if let Some(RoleTerms { name, permissions }) = terms {
            let folded = |name: &Line<NAME_CHARS>| name.as_str().to_lowercase();
            if self.roles.values().any(|other| folded(&other.name) == folded(&name)) {
                return Err(RoleError::NameTaken);
            }
            if self.roles.len() >= ORGANIZATION_ROLES {
                return Err(RoleError::TooMany);
            }
            let revision = known.map_or(0, |role| role.revision).saturating_add(1);
            let (changed_at, change_id) = (occasion.at, occasion.id);
            self.roles.insert(id, NamedRole { name, permissions, changed_at, change_id, revision });
        }
        let change = occasion.of(self.id, of);
        Ok((self, change))
    }
}

impl Member {
    /// What they are given.
    pub fn standing(&self) -> Standing {
        Standing { roles: self.roles.clone(), permissions: self.permissions.clone(), role_id: self.role_id }
    }

    /// Gives them a role's permissions in place of their own, or (`None`) their own again.
    pub fn assign(mut self, role_id: Option<RoleId>) -> Result<Self, RoleError> {
        if role_id.is_some() && self.roles.contains(&Role::Client) {
            return Err(RoleError::Client);
        }
        self.role_id = role_id;
        Ok(self)
    }

    /// Gives them what they had before.
    pub fn stand(self, by: MemberId, standing: Standing) -> Result<Self, MemberError> {
        let member = self.change(by, standing.roles, standing.permissions)?;
        Ok(Self { role_id: standing.role_id, ..member })
    }

    /// That they are given something else than before, as it is kept. The member knows it as their last change.
    pub fn changed_from(mut self, before: Standing, occasion: Occasion) -> (Self, PermissionChange) {
        self.change_id = Some(occasion.id);
        let of = Changed::Member { member_id: self.id, before, after: self.standing() };
        let change = occasion.of(self.organization_id, of);
        (self, change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        WrappedKey,
        member::{Email, Verb},
        organization::{Policy, Vocabulary},
        record::RecordType,
    };
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn north() -> Organization {
        Organization {
            id: OrganizationId::new(Uuid::from_u128(1)),
            name: Line::new("North Clinic").unwrap(),
            vocabulary: Vocabulary::default(),
            policy: Policy::default(),
            roles: BTreeMap::new(),
            retention: Default::default(),
            directory_key: WrappedKey::from_bytes(vec![]),
            created_at: NOW,
            revision: 1,
        }
    }

    fn member(role: Role) -> Member {
        Member::invite(
            MemberId::new(Uuid::from_u128(2)),
            OrganizationId::new(Uuid::from_u128(1)),
            Line::new("Dr Amara").unwrap(),
            Email::try_from("amara@north.example".to_owned()).unwrap(),
            BTreeSet::from([role]),
            NOW,
        )
    }

    fn role(number: u128) -> RoleId {
        RoleId::new(Uuid::from_u128(100 + number))
    }

    fn occasion(number: u128) -> Occasion {
        let by = MemberId::new(Uuid::from_u128(9));
        Occasion { id: ChangeId::new(Uuid::from_u128(200 + number)), by, at: NOW, reverts: None }
    }

    fn terms(name: &str, verbs: &[Verb]) -> RoleTerms {
        let verbs = verbs.iter().copied().collect();
        RoleTerms {
            name: Line::new(name).unwrap(),
            permissions: Permissions::new([(RecordType::Data, verbs)]),
        }
    }

    #[test]
    fn a_role_counts_in_place_of_ones_own_permissions_and_a_lost_one_gives_nothing() {
        let reader = terms("Reader", &[Verb::Access]);
        let (north, _) = north().set_role(role(1), Some(reader.clone()), occasion(1)).unwrap();
        let own = member(Role::Practitioner);
        assert_eq!(north.seat(own.clone()).allowed(), &own.permissions);
        let assigned = own.assign(Some(role(1))).unwrap();
        // Who is not seated has nothing, so that nobody has more than their role because somebody forgot.
        assert_eq!(assigned.allowed(), &Permissions::default());
        let seated = north.seat(assigned.clone());
        assert_eq!(seated.allowed(), &reader.permissions);
        // What is kept of them is their own.
        assert_eq!(seated.permissions, Permissions::starting(&seated.roles));
        assert!(!serde_json::to_string(&seated).unwrap().contains("seat"));
        let (without, _) = north.set_role(role(1), None, occasion(2)).unwrap();
        assert_eq!(without.seat(seated).allowed(), &Permissions::default());
        assert_eq!(member(Role::Client).assign(Some(role(1))).unwrap_err(), RoleError::Client);
    }

    #[test]
    fn roles_have_names_of_their_own_and_an_end() {
        let mut north = north();
        for number in 0..ORGANIZATION_ROLES {
            let made = terms(&format!("Role {number}"), &[]);
            let (id, at) = (role(number as u128), occasion(number as u128));
            north = north.set_role(id, Some(made), at).unwrap().0;
        }
        let more = |name| north.clone().set_role(role(99), Some(terms(name, &[])), occasion(99)).unwrap_err();
        assert_eq!(more("One more"), RoleError::TooMany);
        assert_eq!(more("rOLE 3"), RoleError::NameTaken);
        let renamed = north.clone().set_role(role(3), Some(terms("role 3", &[])), occasion(99)).unwrap().0;
        assert_eq!(renamed.role(role(3)).unwrap().revision, 2);
        assert_eq!(north.role(role(99)).unwrap_err(), RoleError::Unknown);
    }

    #[test]
    fn a_member_is_given_back_what_they_had() {
        let administrator = MemberId::new(Uuid::from_u128(9));
        let amara = member(Role::Practitioner).assign(Some(role(1))).unwrap();
        let before = amara.standing();
        let roles = BTreeSet::from([Role::Staff]);
        let staff = amara.change(administrator, roles, Permissions::default()).unwrap();
        assert_eq!(staff.role_id, None);
        let (staff, change) = staff.changed_from(before.clone(), occasion(1));
        assert_eq!(staff.change_id, Some(change.id));
        let Changed::Member { before: kept, after, .. } = change.of else { panic!("a change of a member") };
        assert_eq!((&kept, &after), (&before, &staff.standing()));
        assert_eq!(staff.stand(administrator, kept).unwrap().standing(), before);
    }

    #[test]
    fn nobody_takes_their_own_administration_back() {
        let amara = member(Role::Administrator);
        let mut before = amara.standing();
        before.roles = BTreeSet::from([Role::Staff]);
        let (id, refused) = (amara.id, MemberError::Oneself);
        assert_eq!(amara.clone().stand(id, before.clone()).unwrap_err(), refused);
        assert!(amara.stand(MemberId::new(Uuid::from_u128(9)), before).is_ok());
    }

    proptest! {
        /// Whatever a role became, taking each change back leads to where it began.
        #[test]
        fn taking_changes_back_leads_to_the_beginning(names in prop::collection::vec("[a-z]{1,8}", 1..6)) {
            let (mut now, mut changes) = (north(), Vec::new());
            for (number, name) in names.iter().enumerate() {
                let made = Some(terms(name, &Verb::ALL[..number.min(4)]));
                let (changed, change) = now.set_role(role(1), made, occasion(number as u128)).unwrap();
                now = changed;
                changes.push(change);
            }
            while let Some(change) = changes.pop() {
                let Changed::Role { before, after, .. } = change.of else { unreachable!() };
                prop_assert_eq!(now.roles.get(&role(1)).map(NamedRole::terms), after);
                let at = Occasion { reverts: Some(change.id), ..occasion(50) };
                now = now.set_role(role(1), before, at).unwrap().0;
            }
            prop_assert!(now.roles.is_empty());
        }
    }
}
