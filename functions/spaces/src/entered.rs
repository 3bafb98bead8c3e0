//! A space and the member in it: what every operation in a space loads, and the key it is opened with.

use api::{Call, Fact, Loaded, Problem};
use authz::{Action, Permit, Resource};
use domain::{
    SpaceId, SpaceItemId,
    space::{Space, SpaceItem},
};
use store::{Key, keys};
use vault::SpaceKey;

/// Where the path says the space is.
pub(crate) struct Place {
    pub(crate) space_id: SpaceId,
    pub(crate) space_key: Key<Space>,
}

/// A space with the permit for this call in it.
pub(crate) struct Entered {
    pub(crate) space: Space,
    pub(crate) permit: Permit,
    pub(crate) key: SpaceKey,
}

impl Place {
    pub(crate) fn of(call: &Call) -> Result<Self, Problem> {
        let space_id = call.path("space_id")?;
        Ok(Self { space_id, space_key: keys::space(space_id) })
    }

    /// The item that the path names beside the space.
    pub(crate) fn item(&self, call: &Call) -> Result<Key<SpaceItem>, Problem> {
        let item_id: SpaceItemId = call.path("item_id")?;
        Ok(keys::space_item(self.space_id, item_id))
    }

    /// The space, for whom it is permitted: its members.
    pub(crate) async fn entered(&self, call: &Call, loaded: &Loaded) -> Result<Entered, Problem> {
        let space = loaded.require(&self.space_key)?;
        let permit = call.permit(loaded, Resource::Space(&space))?;
        let directory = call.directory(&loaded.organization).await?;
        let key = directory.space_key(space.id, &space.key)?;
        Ok(Entered { space, permit, key })
    }
}

impl Entered {
    /// What evidence says of an act in the space. A chart it may be linked to is no part of that: whoever reads
    /// the trail of a client does not learn here who talks about them.
    pub(crate) fn fact(&self) -> Fact {
        Fact::new().space(self.space.id)
    }

    /// The item, for as long as it is kept.
    pub(crate) fn item(
        &self,
        call: &Call,
        loaded: &Loaded,
        key: &Key<SpaceItem>,
    ) -> Result<SpaceItem, Problem> {
        let item = loaded.require(key)?;
        item.must_be_kept(call.now)?;
        Ok(item)
    }
}

/// That the caller may do something else too, on something a body names; if not, the attempt is evidence.
pub(crate) fn must_also(
    call: &Call,
    loaded: &Loaded,
    action: Action,
    resource: Resource<'_>,
) -> Result<Permit, Problem> {
    let authorizer = &call.system.authorizer;
    authorizer.permit(&loaded.member, action, resource, call.now).map_err(Problem::from)
}
