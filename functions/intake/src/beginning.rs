//! An upload comes to be: its place in object storage, its plan, and the first presigned request (R005).

use crate::announced::Announced;
use api::{Call, Outcome, Problem};
use authz::Permit;
use domain::{
    MemberId, Sealed, UploadId, WrappedKey,
    limits::UPLOAD_HOURS,
    record::Title,
    upload::{Destination, Home, Plan, Upload, UploadState},
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use vault::{Expected, FileKey, PresignedRequest, layout};

/// What an upload is to become, and under which key.
pub struct Purpose {
    pub home: Home,
    pub destination: Destination,
    /// `None` for a patient with an intake link.
    pub author: Option<MemberId>,
    pub key: WrappedKey,
    pub file_key: FileKey,
    pub title: Sealed<Title>,
}

/// An upload that waits for its bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Started {
    pub upload_id: UploadId,
    /// The name under which the file is kept: the given one, made safe.
    pub file_name: String,
    /// One PUT, or parts whose requests are signed as they are needed.
    pub plan: Plan,
    /// The PUT of the whole file; it works once, for the size and digest announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put: Option<PresignedRequest>,
    /// Until when the upload can be resumed.
    pub expires_at: Timestamp,
}

/// Gives the upload its place; a multipart upload is opened in object storage first, so that its id is part of
/// what is committed.
pub async fn begin(
    call: &Call,
    permit: &Permit,
    announced: &Announced,
    purpose: Purpose,
) -> Result<Upload, Problem> {
    let id: UploadId = call.new_id();
    let (vault, organization_id) = (&call.system.vault, permit.organization_id());
    let place = layout::Place { organization_id, holder: purpose.home.holder(), upload_id: id };
    let object_key = layout::upload(place);
    let file_name = purpose.file_key.seal(vault, "file/name", &id, &announced.file_name)?;
    let multipart_id = match announced.plan {
        Plan::Single => None,
        Plan::Multipart { .. } => {
            Some(vault.open_multipart(permit, &object_key, announced.media_type.as_str()).await?)
        }
    };
    Ok(Upload {
        id,
        organization_id,
        home: purpose.home,
        author: purpose.author,
        destination: purpose.destination,
        key: purpose.key,
        file_name,
        title: purpose.title,
        size_bytes: announced.size_bytes,
        media_type: announced.media_type.clone(),
        sha256: announced.sha256.clone(),
        plan: announced.plan,
        object_key,
        multipart_id,
        state: UploadState::Open,
        started_at: call.now,
        expires_at: call
            .now
            .checked_add(SignedDuration::from_hours(UPLOAD_HOURS))
            .map_err(Problem::internal)?,
        revision: 1,
    })
}

/// What the sender needs to go on.
pub async fn started(
    call: &Call,
    permit: &Permit,
    upload: &Upload,
    announced: &Announced,
) -> Result<Started, Problem> {
    Ok(Started {
        upload_id: upload.id,
        file_name: announced.file_name.to_string(),
        plan: upload.plan,
        put: put(call, permit, upload).await?,
        expires_at: upload.expires_at,
    })
}

/// The presigned PUT of the whole file, for an upload that is sent in one.
pub async fn put(call: &Call, permit: &Permit, upload: &Upload) -> Result<Option<PresignedRequest>, Problem> {
    if upload.plan != Plan::Single {
        return Ok(None);
    }
    let expected = Expected {
        size_bytes: upload.size_bytes,
        media_type: upload.media_type.as_str(),
        sha256: upload.sha256.as_ref(),
    };
    Ok(Some(call.system.vault.presign_put(permit, &upload.object_key, &expected).await?))
}

/// Hands a commit's outcome on; where nothing was committed the multipart upload is given up at once.
///
/// A commit of which nobody knows how it went (5xx) may stand: then the bucket's lifecycle clears up if not.
pub async fn or_give_up<T>(call: &Call, permit: &Permit, upload: &Upload, outcome: Outcome<T>) -> Outcome<T> {
    if let (Err(problem), Some(multipart_id)) = (&outcome, &upload.multipart_id)
        && problem.status() < 500
        && let Err(error) = call.system.vault.abort_multipart(permit, &upload.object_key, multipart_id).await
    {
        tracing::warn!(upload_id = %upload.id, %error, "a multipart upload is left to the lifecycle");
    }
    outcome
}
