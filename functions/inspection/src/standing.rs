//! What stands on an upload when its object is inspected.

use crate::notice::Notice;
use api::Problem;
use domain::{
    contribution::Contribution,
    record::{FileState, FileVersion, Record},
    space::SpaceItem,
    upload::{Destination, Holder, Home, Upload, UploadState},
};
use store::{DigestEntry, Key, Store, keys};
use vault::layout::Place;

/// What an outcome would be written to.
pub enum Standing {
    /// Nothing yet: the outcome waits for the upload to be completed.
    Waiting,
    /// A version of a record.
    Filed(Box<Record>, Box<FileVersion>),
    /// A contribution.
    Contributed(Box<Contribution>),
    /// A document of a collaborative space.
    Shared(Box<SpaceItem>),
    /// There is an outcome already, or nothing will ever stand on the upload.
    Settled,
}

/// The upload of an object's place, if the table knows it there.
pub async fn upload(store: &Store, place: Place) -> Result<Option<Upload>, Problem> {
    let key = keys::upload(place.holder, place.upload_id);
    let upload = store.fetch([key.any()]).await?.get(&key)?;
    Ok(upload.filter(|upload| upload.organization_id == place.organization_id))
}

/// The same, with what its chart remembers of these bytes, in the same read. A space remembers nothing.
pub async fn upload_and_digest(
    store: &Store,
    place: Place,
    sha256: &str,
) -> Result<Option<(Upload, Option<DigestEntry>)>, Problem> {
    let key = keys::upload(place.holder, place.upload_id);
    let digest_key = match place.holder {
        Holder::Chart(chart_id) => Some(keys::digest(chart_id, sha256)),
        Holder::Space(_) => None,
    };
    let items = store.fetch(digest_key.iter().map(Key::any).chain([key.any()])).await?;
    let entry = digest_key.map(|key| items.get(&key)).transpose()?.flatten();
    let upload = items.get(&key)?.filter(|upload: &Upload| upload.organization_id == place.organization_id);
    Ok(upload.map(|upload| (upload, entry)))
}

/// What stands on the upload now.
pub async fn of(store: &Store, upload: &Upload, notice: &Notice) -> Result<Standing, Problem> {
    match &upload.state {
        UploadState::Open => Ok(Standing::Waiting),
        UploadState::Inspected { .. } | UploadState::Abandoned => Ok(Standing::Settled),
        // Another version of the object than the one that was completed: nobody reads it.
        UploadState::Completed { object, .. } if *object != notice.object => Ok(Standing::Settled),
        UploadState::Completed { version, .. } => completed(store, upload, *version).await,
    }
}

async fn completed(store: &Store, upload: &Upload, version: Option<u32>) -> Result<Standing, Problem> {
    let missing = || Problem::internal("a completed upload on which nothing stands");
    let chart_id = match (upload.home, &upload.destination) {
        (Home::Space { space_id }, Destination::SpaceItem { item_id }) => {
            let key = keys::space_item(space_id, *item_id);
            let item: SpaceItem = store.fetch([key.any()]).await?.get(&key)?.ok_or_else(missing)?;
            let waits = item.file().is_ok_and(|file| matches!(file.state, FileState::Inspecting));
            return Ok(if waits { Standing::Shared(Box::new(item)) } else { Standing::Settled });
        }
        (Home::Chart { chart_id, .. }, _) => chart_id,
        (Home::Space { .. }, _) => return Err(missing()),
    };
    match (&upload.destination, version) {
        (Destination::Record { record_id, .. } | Destination::Version { record_id }, Some(number)) => {
            let record_key = keys::record(chart_id, *record_id);
            let version_key = keys::file_version(chart_id, *record_id, number);
            let items = store.fetch([record_key.any(), version_key.any()]).await?;
            let record = items.get(&record_key)?.ok_or_else(missing)?;
            let version = items.get(&version_key)?.ok_or_else(missing)?;
            Ok(match version.state {
                FileState::Inspecting => Standing::Filed(Box::new(record), Box::new(version)),
                _ => Standing::Settled,
            })
        }
        (Destination::Contribution { contribution_id, .. }, _) => {
            let key = keys::contribution(chart_id, *contribution_id);
            let contribution: Contribution =
                store.fetch([key.any()]).await?.get(&key)?.ok_or_else(missing)?;
            Ok(match contribution.file.state {
                FileState::Inspecting => Standing::Contributed(Box::new(contribution)),
                _ => Standing::Settled,
            })
        }
        (Destination::Record { .. } | Destination::Version { .. }, None)
        | (Destination::SpaceItem { .. }, _) => Err(missing()),
    }
}
