//! What can go wrong, and how it looks on the wire.

use http::{HeaderMap, HeaderValue, StatusCode};
use s3s::{S3ErrorCode, s3_error};

use crate::aws::ambient::NoRandomness;
use crate::aws::events::DatabaseError;
use crate::aws::kms::KmsError;

/// An S3 request was refused, or the store failed.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// A refusal, as S3 words it.
    #[error("{0}")]
    Refused(#[from] s3s::S3Error),
    /// The metadata could not be read or written.
    #[error("the object metadata cannot be used")]
    Database(#[from] DatabaseError),
    /// A blob could not be read or written.
    #[error("an object's content cannot be read or written")]
    Io(#[from] std::io::Error),
    /// The key that protects an object cannot be used.
    #[error("the key of an object cannot be used")]
    Kms(#[from] KmsError),
    /// Stored metadata cannot be understood.
    #[error("stored metadata is not valid")]
    Metadata(#[from] serde_json::Error),
    /// What is on disk is not what was stored.
    #[error("{0}")]
    Corrupt(String),
    /// The system has no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// A background task was stopped.
    #[error("the work was stopped before it was done")]
    Stopped,
}

pub(super) type Result<T> = std::result::Result<T, S3Error>;

impl From<rusqlite::Error> for S3Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<tokio::task::JoinError> for S3Error {
    fn from(_: tokio::task::JoinError) -> Self {
        Self::Stopped
    }
}

impl From<S3Error> for s3s::S3Error {
    fn from(error: S3Error) -> Self {
        match error {
            S3Error::Refused(refusal) => refusal,
            S3Error::Kms(error) if !error.is_internal() => kms_refusal(&error),
            failure => {
                tracing::error!(error = &failure as &dyn std::error::Error, "the object store failed");
                s3_error!(InternalError, "We encountered an internal error. Please try again.")
            }
        }
    }
}

/// S3 passes the key service's refusals on under a prefixed code.
fn kms_refusal(error: &KmsError) -> s3s::S3Error {
    let code = match error.code() {
        "InvalidCiphertextException" => return s3_error!(AccessDenied, "{error}"),
        code => format!("KMS.{code}"),
    };
    refusal_with_code(code, StatusCode::BAD_REQUEST, error.to_string())
}

/// A refusal whose code the protocol crate does not list.
pub(super) fn refusal_with_code(code: String, status: StatusCode, message: String) -> s3s::S3Error {
    let mut refusal = s3s::S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    refusal.set_status_code(status);
    refusal
}

pub(super) fn no_such_key(key: &str) -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist: `{key}`").into()
}

pub(super) fn no_such_bucket(bucket: &str) -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist: `{bucket}`").into()
}

pub(super) fn no_such_version() -> S3Error {
    s3_error!(NoSuchVersion, "The specified version does not exist.").into()
}

pub(super) fn no_such_upload() -> S3Error {
    let told = "The specified multipart upload does not exist. The upload ID might be invalid, \
                or the multipart upload might have been aborted or completed.";
    s3_error!(NoSuchUpload, "{told}").into()
}

pub(super) fn precondition_failed(condition: &str) -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold: {condition}"
    )
    .into()
}

/// A refusal that carries headers, such as those that tell of a delete marker.
pub(super) fn with_headers(mut refusal: s3s::S3Error, headers: &[(&'static str, String)]) -> S3Error {
    let mut map = HeaderMap::new();
    map.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            map.insert(*name, value);
        }
    }
    refusal.set_headers(map);
    refusal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_key_is_told_as_s3_tells_it() {
        let refusal = s3s::S3Error::from(S3Error::from(KmsError::Disabled("key".into())));
        assert_eq!(refusal.code().as_str(), "KMS.DisabledException");
        assert_eq!(refusal.status_code(), Some(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn a_failure_tells_nothing_of_its_cause() {
        let failure = S3Error::Corrupt("secret detail".into());
        let told = s3s::S3Error::from(failure);
        assert_eq!(told.code(), &S3ErrorCode::InternalError);
        assert!(!told.message().unwrap_or_default().contains("secret"));
    }
}
