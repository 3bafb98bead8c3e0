//! What can go wrong with objects and keys, without a word of HTTP.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The object, upload or version is not there.
    #[error("no such object")]
    Missing,
    /// Something is there already, or is not what it was.
    #[error("object conflict: {0}")]
    Conflict(String),
    #[error("S3 or KMS is throttled")]
    Throttled,
    /// Ciphertext does not open under its key and identity.
    #[error("corrupt content: {0}")]
    Corrupt(&'static str),
    /// The key was destroyed for good: what it sealed cannot be opened by anybody any more (R158).
    #[error("the key of this record has been destroyed")]
    KeyDestroyed,
    /// S3 forbids it, for no reason of ours: whoever asks has lost a right.
    #[error("refused by S3: {0}")]
    Refused(String),
    /// The key is disabled, destroyed or not ours to use.
    #[error("key refused: {0}")]
    KeyRefused(String),
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl VaultError {
    pub(crate) fn from_sdk<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(str::to_owned);
        match (code.as_deref(), status) {
            (Some("NoSuchKey" | "NoSuchUpload" | "NoSuchVersion" | "NotFound"), _) | (None, Some(404)) => {
                Self::Missing
            }
            (
                Some(
                    code @ ("PreconditionFailed"
                    | "InvalidPart"
                    | "InvalidPartOrder"
                    | "EntityTooSmall"
                    | "BadDigest"
                    | "ConditionalRequestConflict"
                    | "InvalidRequest"),
                ),
                _,
            ) => Self::Conflict(code.to_owned()),
            (
                Some(
                    "SlowDown" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException",
                ),
                _,
            ) => Self::Throttled,
            (
                Some(
                    code @ ("DisabledException"
                    | "KMSInvalidStateException"
                    | "InvalidCiphertextException"
                    | "NotFoundException"
                    | "AccessDeniedException"
                    | "KMS.DisabledException"),
                ),
                _,
            ) => Self::KeyRefused(code.to_owned()),
            _ => Self::Unavailable(DisplayErrorContext(error).to_string()),
        }
    }
}
