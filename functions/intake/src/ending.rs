//! An upload is given up: its bytes go, its parts are forgotten (R005).

use api::{Call, Problem};
use authz::Permit;
use domain::upload::Upload;
use vault::Tagging;

/// Clears up behind an upload whose abandonment is committed. What cannot be cleared now, the bucket's
/// lifecycle clears within days; so a failure here is no failure of the call.
pub async fn clear(call: &Call, permit: &Permit, upload: &Upload) {
    if let Err(problem) = cleared(call, permit, upload).await {
        tracing::warn!(upload_id = %upload.id, code = problem.code(), "an upload is left to the lifecycle");
    }
}

async fn cleared(call: &Call, permit: &Permit, upload: &Upload) -> Result<(), Problem> {
    let vault = &call.system.vault;
    if let Some(multipart_id) = &upload.multipart_id {
        vault.abort_multipart(permit, &upload.object_key, multipart_id).await?;
    }
    // It may have been marked as kept by a completion that was not committed.
    if let Some(arrived) = vault.arrived(permit, &upload.object_key).await? {
        vault.tag(permit, &arrived.object, Tagging::Pending).await?;
    }
    Ok(())
}
