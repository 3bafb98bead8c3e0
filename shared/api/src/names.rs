//! Names for the ids in custody logs and evidence, as far as the one who reads may know them.

use crate::{Call, Loaded, Problem};
use authz::{Action, Resource};
use domain::{
    LocationId, MemberId,
    member::{Member, Role},
    physical::Location,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Key, keys};

/// What members and places are called, for one reader.
#[derive(Clone, Debug, Default)]
pub struct Names {
    members: BTreeMap<MemberId, String>,
    locations: BTreeMap<LocationId, String>,
}

impl Names {
    /// The member's name, if the reader may know it.
    pub fn member(&self, id: MemberId) -> Option<&str> {
        self.members.get(&id).map(String::as_str)
    }

    /// `Main site / Records room / Cabinet 3`, if the reader may know it.
    pub fn location(&self, id: LocationId) -> Option<&str> {
        self.locations.get(&id).map(String::as_str)
    }
}

impl Call {
    /// Looks up what these members and places are called. A name the reader may not know is left out, and so
    /// is that of a member who is a client, even for administrators: a list of names is no place to learn who is a
    /// client here.
    pub async fn names(
        &self,
        loaded: &Loaded,
        members: impl IntoIterator<Item = MemberId>,
        locations: impl IntoIterator<Item = LocationId>,
    ) -> Result<Names, Problem> {
        let organization_id = loaded.organization.id;
        let reader = &loaded.member;
        let members: BTreeSet<MemberId> = members.into_iter().filter(|id| *id != reader.id).collect();
        let places = Resource::Organization(organization_id);
        let may_know_places = self.may(loaded, Action::ListLocations, places)?;
        let locations: BTreeSet<LocationId> = locations.into_iter().filter(|_| may_know_places).collect();

        let member_keys: Vec<_> = members.into_iter().map(|id| keys::member(organization_id, id)).collect();
        let location_keys: Vec<_> =
            locations.into_iter().map(|id| keys::location(organization_id, id)).collect();
        let wanted = member_keys.iter().map(Key::any).chain(location_keys.iter().map(Key::any));
        let items = self.system.store.fetch_all(wanted).await?;

        let mut names = Names::default();
        names.members.insert(reader.id, reader.name.to_string());
        for key in &member_keys {
            let Some(member) = items.get(key)? else { continue };
            if self.may_name(loaded, &member)? {
                names.members.insert(member.id, member.name.to_string());
            }
        }
        for key in &location_keys {
            let found: Option<Location> = items.get(key)?;
            names.locations.extend(found.map(|location| (location.id, location.path())));
        }
        Ok(names)
    }

    fn may_name(&self, loaded: &Loaded, member: &Member) -> Result<bool, Problem> {
        let allowed = self.may(loaded, Action::ReadMember, Resource::Member(member))?;
        Ok(allowed && !member.roles.contains(&Role::Client))
    }
}
