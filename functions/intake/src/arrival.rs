//! Whether the bytes of an upload are there, whole, before a record or contribution stands on them (R005).
//!
//! The object is marked as kept before the commit and not after it: were the mark to fail behind a commit, the
//! bucket's lifecycle would take a file away that a chart relies on. The other way round, a commit that fails
//! leaves at worst an object without a record, which completing again picks up and abandoning marks again.

use api::{Call, Problem};
use authz::Permit;
use domain::{
    limits::PARTS_SIGNED,
    record::ObjectRef,
    upload::{Upload, UploadError, UploadState},
};
use serde_json::json;
use vault::{Arrived, Tagging, VaultError};

/// The whole object of an open upload, kept from now on.
pub async fn settle(call: &Call, permit: &Permit, upload: &Upload) -> Result<ObjectRef, Problem> {
    upload.must_be_open(call.now)?;
    let object = match &upload.state {
        // Inspection has read it to its end already, and says itself if it is not what was announced.
        UploadState::Inspected { object, .. } => object.clone(),
        _ => match &upload.multipart_id {
            Some(multipart_id) => joined(call, permit, upload, multipart_id).await?,
            None => {
                whole(call, permit, upload).await?.ok_or_else(|| Problem::from(UploadError::Incomplete))?
            }
        },
    };
    call.system.vault.tag(permit, &object, Tagging::Kept).await?;
    Ok(object)
}

/// The object as it is, if it is there and of the size that was announced.
async fn whole(call: &Call, permit: &Permit, upload: &Upload) -> Result<Option<ObjectRef>, Problem> {
    match call.system.vault.arrived(permit, &upload.object_key).await? {
        None => Ok(None),
        Some(Arrived { object, size_bytes }) if size_bytes == upload.size_bytes => Ok(Some(object)),
        Some(Arrived { size_bytes, .. }) => {
            let told = format!("{} bytes were announced and {size_bytes} came", upload.size_bytes);
            Err(Problem::unprocessable("wrong_size", told))
        }
    }
}

/// Puts the parts together once all are there.
async fn joined(
    call: &Call,
    permit: &Permit,
    upload: &Upload,
    multipart_id: &str,
) -> Result<ObjectRef, Problem> {
    let vault = &call.system.vault;
    let parts = match vault.parts(permit, &upload.object_key, multipart_id).await {
        Ok(parts) => parts,
        // A call before this one put them together and its commit did not come through; or nobody came back in
        // time and the parts are gone.
        Err(VaultError::Missing) => {
            return whole(call, permit, upload).await?.ok_or_else(|| UploadError::Expired.into());
        }
        Err(error) => return Err(error.into()),
    };
    let missing = upload.missing_parts(parts.iter().map(|part| (part.number, part.size_bytes)));
    if !missing.is_empty() {
        return Err(incomplete(&missing));
    }
    match vault.complete_multipart(permit, &upload.object_key, multipart_id, &parts).await {
        Ok(object) => Ok(object),
        // Somebody else completes at the same moment: what they have put together is the same object.
        Err(error @ (VaultError::Conflict(_) | VaultError::Missing)) => {
            whole(call, permit, upload).await?.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Names as many of the missing parts as one call signs.
fn incomplete(missing: &[u32]) -> Problem {
    let named: Vec<u32> = missing.iter().copied().take(PARTS_SIGNED).collect();
    Problem::from(UploadError::Incomplete)
        .with("missing_parts", json!(named))
        .with("missing_count", json!(missing.len()))
}
