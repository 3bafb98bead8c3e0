//! What can go wrong with the table, without a word of HTTP.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::fmt;

/// Why a read or a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition of the commit did not hold: something is there already, or has changed since it was read.
    /// The label is the one the change gave to the write.
    #[error("conflict on {label}")]
    Conflict { label: &'static str },
    /// DynamoDB asks for patience; retried already.
    #[error("the table is throttled")]
    Throttled,
    /// An item is not what the code that wrote it would have written.
    #[error("corrupt item: {0}")]
    Corrupt(String),
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
}

impl StoreError {
    pub(crate) fn corrupt(error: impl fmt::Display) -> Self {
        Self::Corrupt(error.to_string())
    }

    /// What the SDK says, sorted into what a caller can do about it.
    pub(crate) fn from_sdk<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error.code() {
            Some(
                "ThrottlingException" | "ProvisionedThroughputExceededException" | "RequestLimitExceeded",
            ) => Self::Throttled,
            Some("ConditionalCheckFailedException") => Self::Conflict { label: "item" },
            _ => Self::Unavailable(DisplayErrorContext(error).to_string()),
        }
    }
}
