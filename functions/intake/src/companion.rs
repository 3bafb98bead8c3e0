//! The member who sends a file into a collaborative space, and their upload: loaded and permitted the same way by
//! every operation on it (R072).

use api::{Call, Fact, Loaded, Problem};
use authz::{Permit, Resource};
use domain::{
    SpaceId, SpaceItemId, UploadId,
    space::Space,
    upload::{Destination, Upload},
};
use store::{Key, keys};
use vault::SpaceKey;

/// A space of the member who calls.
pub struct Companion {
    pub loaded: Loaded,
    pub space: Space,
    pub permit: Permit,
    pub key: SpaceKey,
}

/// An upload of theirs into it.
pub struct Sending {
    pub companion: Companion,
    pub upload_key: Key<Upload>,
    pub upload: Upload,
    /// What the upload becomes.
    pub item_id: SpaceItemId,
}

impl Companion {
    /// Finds the space that the path names, for who is in it.
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        Self::find_with(call, None).await
    }

    async fn find_with(call: &Call, upload: Option<&Key<Upload>>) -> Result<Self, Problem> {
        let space_id: SpaceId = call.path("space_id")?;
        let space_key = keys::space(space_id);
        let loaded = call.load(upload.map(Key::any).into_iter().chain([space_key.any()])).await?;
        let space = loaded.require(&space_key)?;
        let permit = call.permit(&loaded, Resource::Space(&space))?;
        let directory = call.directory(&loaded.organization).await?;
        let key = directory.space_key(space_id, &space.key)?;
        Ok(Self { loaded, space, permit, key })
    }
}

impl Sending {
    /// Finds the upload that the path names. Only who started it goes on with it, and only while in the space.
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        let (space_id, upload_id): (SpaceId, UploadId) = (call.path("space_id")?, call.path("upload_id")?);
        let upload_key = keys::upload(space_id, upload_id);
        let companion = Companion::find_with(call, Some(&upload_key)).await?;
        let upload = companion.loaded.require(&upload_key)?;
        let Destination::SpaceItem { item_id } = upload.destination else { return Err(Problem::not_found()) };
        if upload.author != Some(companion.loaded.member.id) {
            return Err(Problem::not_found());
        }
        Ok(Self { companion, upload_key, upload, item_id })
    }

    /// What evidence is about.
    pub fn fact(&self) -> Fact {
        Fact::of_upload(&self.upload)
    }
}
