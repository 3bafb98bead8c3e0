//! A document of a collaborative space, loaded and permitted the same way however it is handed out (R072).

use api::{Call, Fact, Problem};
use authz::{Permit, Resource};
use domain::{
    SpaceId, SpaceItemId,
    organization::Organization,
    record::ReceivedFile,
    space::{Space, SpaceItem},
};
use store::keys;
use vault::SpaceKey;

/// A document of a space, with the permit for it.
pub struct Shared {
    pub organization: Organization,
    pub space: Space,
    pub item: SpaceItem,
    pub permit: Permit,
}

impl Shared {
    /// Finds the item that the path names, for who is in its space and for as long as it is kept.
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        let (space_id, item_id): (SpaceId, SpaceItemId) = (call.path("space_id")?, call.path("item_id")?);
        let (space_key, item_key) = (keys::space(space_id), keys::space_item(space_id, item_id));
        let loaded = call.load([space_key.any(), item_key.any()]).await?;
        let space = loaded.require(&space_key)?;
        let permit = call.permit(&loaded, Resource::Space(&space))?;
        let item = loaded.require(&item_key)?;
        item.must_be_kept(call.now)?;
        Ok(Self { organization: loaded.organization, space, item, permit })
    }

    pub const fn file(&self) -> Result<&ReceivedFile, domain::space::SpaceError> {
        self.item.file()
    }

    pub async fn key(&self, call: &Call) -> Result<SpaceKey, Problem> {
        let directory = call.directory(&self.organization).await?;
        Ok(directory.space_key(self.space.id, &self.space.key)?)
    }

    /// What evidence is about.
    pub fn fact(&self, file: &ReceivedFile) -> Fact {
        Fact::new().space(self.space.id).space_item(self.item.id).upload(file.upload_id)
    }
}
