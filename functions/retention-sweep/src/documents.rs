//! The files of documents whose time in their space is over: destroyed in all their versions with their previews, unless a
//! record that such a document was promoted to has the file still. Then it is left to the records, and goes with the last
//! of them (`clearing`).
//!
//! What says where a file was goes after the file, so that whoever comes after a crash knows where to look. And it is asked
//! who has the file after the space has let go of it: whoever clears a record sees that it has, or fails.

use crate::{
    clearing::keys_of,
    lock,
    worker::{Worker, raced},
};
use api::{Fact, Problem};
use authz::Permit;
use domain::{record::FileVersion, space::EndedDocument};
use evidence::Kind;
use store::{Change, Key, keys};
use vault::Ending;

/// The version of a record that a document becomes when it is promoted.
const PROMOTED: u32 = 1;

/// Has the file of a document that has ended destroyed, or leaves it to records. False if it waits: for a lock of S3, or
/// because a hold has been placed.
pub(crate) async fn clear(
    worker: &Worker,
    permit: &Permit,
    document: &EndedDocument,
) -> Result<bool, Problem> {
    if has_record(worker, document).await? {
        return left(worker, permit, document).await;
    }
    if is_held(worker, permit, document).await? {
        return Ok(false);
    }
    for key in keys_of(&document.object_key) {
        if destroyed(worker, permit, document, &key).await? == Ending::Locked {
            tracing::warn!(space_id = %document.space_id, "a lock keeps the file of an item that has ended");
            return Ok(false);
        }
    }
    let key = keys::ended_document(document.space_id, document.item_id);
    let evidence = worker.evidence(permit, Kind::SpaceFileDestroyed, fact(document));
    // Whoever does the same at this moment has said it.
    let change = Change::new().remove("ended", &key);
    raced(worker.store().commit(permit, change, &evidence, None).await)?;
    Ok(true)
}

fn fact(document: &EndedDocument) -> Fact {
    Fact::new().space(document.space_id).space_item(document.item_id)
}

/// Whether a record has the file. One whose key is gone has it until it is cleared.
async fn has_record(worker: &Worker, document: &EndedDocument) -> Result<bool, Problem> {
    let promotions = document.promotions.iter();
    let keys: Vec<Key<FileVersion>> = promotions
        .map(|(chart, promotion)| keys::file_version(*chart, promotion.record_id, PROMOTED))
        .collect();
    let found = worker.store().fetch(keys.iter().map(Key::any)).await?;
    for key in &keys {
        let version: Option<FileVersion> = found.get(key)?;
        if version.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn left(worker: &Worker, permit: &Permit, document: &EndedDocument) -> Result<bool, Problem> {
    let (space, item) = (document.space_id, document.item_id);
    let change = Change::new().remove("ended", &keys::ended_document(space, item)).insert(
        "left",
        &keys::left_document(space, item),
        document,
    );
    // The last record of it may have been cleared at this moment, and has taken it along.
    raced(worker.store().note(permit, change).await)?;
    Ok(true)
}

/// Whether a hold that came after the document has ended covers its space: what is there still stays.
async fn is_held(worker: &Worker, permit: &Permit, document: &EndedDocument) -> Result<bool, Problem> {
    let standing = worker.store().standing_holds(permit.organization_id()).await?;
    Ok(!standing.covering_space(document.space_id).is_empty())
}

/// Destroys an object in all its versions, if no lock keeps one. No hold has covered the space when the document ended: a
/// legal hold of S3 is one that was left, and is lifted.
async fn destroyed(
    worker: &Worker,
    permit: &Permit,
    document: &EndedDocument,
    key: &str,
) -> Result<Ending, Problem> {
    let vault = &worker.system.vault;
    if vault.destroy_object(permit, key, worker.now).await? == Ending::Gone {
        return Ok(Ending::Gone);
    }
    if is_held(worker, permit, document).await? {
        return Ok(Ending::Locked);
    }
    lock::lift(worker, permit, fact(document), key).await?;
    Ok(vault.destroy_object(permit, key, worker.now).await?)
}
