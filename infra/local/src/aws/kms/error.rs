//! What can go wrong in the key service, under the names AWS gives it.

use http::StatusCode;
use serde_json::json;

use crate::aws::ambient::NoRandomness;

/// A refusal or failure of the key service.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// No such key or alias.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The key is switched off.
    #[error("{0} is disabled")]
    Disabled(String),
    /// The key waits for its deletion, or does not where it should.
    #[error("{0}")]
    InvalidState(String),
    /// The key is made for another purpose.
    #[error("{0}")]
    InvalidKeyUsage(String),
    /// The ciphertext was not made by this service, was altered, or belongs to another context.
    #[error("the ciphertext or its encryption context is invalid")]
    InvalidCiphertext,
    /// The ciphertext was made under another key than the caller named.
    #[error("the ciphertext was not made under the key named in the request")]
    IncorrectKey,
    /// The signature does not belong to this message and key.
    #[error("the signature is not valid for the message")]
    InvalidSignature,
    /// The ARN names something that cannot be used here.
    #[error("{0}")]
    InvalidArn(String),
    /// An alias name outside the rules.
    #[error("{0}")]
    InvalidAliasName(String),
    /// The alias is taken.
    #[error("an alias with the name {0} already exists")]
    AlreadyExists(String),
    /// A page marker that this service did not give.
    #[error("the marker is not valid")]
    InvalidMarker,
    /// A tag outside the rules.
    #[error("{0}")]
    Tag(String),
    /// More than may be had.
    #[error("{0}")]
    LimitExceeded(String),
    /// The operation does not exist for this kind of key.
    #[error("{0}")]
    UnsupportedOperation(String),
    /// The service has no such operation.
    #[error("unknown operation")]
    UnknownOperation,
    /// The request is malformed.
    #[error("{0}")]
    Validation(String),
    /// The keys on disk cannot be read: missing root key, torn or foreign file.
    #[error("{0}")]
    Corrupt(String),
    /// The disk refused.
    #[error("the key store cannot be read or written")]
    Disk(#[from] std::io::Error),
    /// Should not happen.
    #[error("{0}")]
    Internal(String),
}

impl KmsError {
    /// The error's code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "NotFoundException",
            Self::Disabled(_) => "DisabledException",
            Self::InvalidState(_) => "KMSInvalidStateException",
            Self::InvalidKeyUsage(_) => "InvalidKeyUsageException",
            Self::InvalidCiphertext => "InvalidCiphertextException",
            Self::IncorrectKey => "IncorrectKeyException",
            Self::InvalidSignature => "KMSInvalidSignatureException",
            Self::InvalidArn(_) => "InvalidArnException",
            Self::InvalidAliasName(_) => "InvalidAliasNameException",
            Self::AlreadyExists(_) => "AlreadyExistsException",
            Self::InvalidMarker => "InvalidMarkerException",
            Self::Tag(_) => "TagException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::UnsupportedOperation(_) => "UnsupportedOperationException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::Validation(_) => "ValidationException",
            Self::Corrupt(_) | Self::Disk(_) | Self::Internal(_) => "KMSInternalException",
        }
    }

    /// Whether the service failed rather than the caller.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::Disk(_) | Self::Internal(_))
    }

    pub(super) fn status(&self) -> StatusCode {
        if self.is_internal() { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST }
    }

    pub(super) fn body(&self) -> Vec<u8> {
        json!({ "__type": self.code(), "message": self.to_string() }).to_string().into_bytes()
    }
}

impl From<NoRandomness> for KmsError {
    fn from(error: NoRandomness) -> Self {
        Self::Internal(error.to_string())
    }
}
