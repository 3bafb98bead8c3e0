//! What can go wrong, for the caller in this process and for the browser.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::pages;

/// Why the issuer could not be opened, or refused a change to its people.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The database did not answer.
    #[error("the identity database failed")]
    Database(#[from] rusqlite::Error),
    /// The folder could not be made or protected.
    #[error("the identity folder could not be prepared")]
    Folder(#[from] std::io::Error),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    Random,
    /// A password could not be hashed, or a kept hash not be read.
    #[error("a password hash could not be made or read")]
    PasswordHash,
    /// A kept signing key could not be read or used.
    #[error("a signing key could not be used")]
    SigningKey,
    /// The process is shutting down.
    #[error("the work was interrupted")]
    Interrupted,
    /// The database was written by a newer version.
    #[error("the identity database has version {found}, newer than {known}")]
    Version { found: i64, known: i64 },
    /// The issuer's address or a client cannot be used as given.
    #[error("{0}")]
    Options(String),
    /// A field of a person cannot be used as given.
    #[error("{field}: {reason}")]
    Field { field: &'static str, reason: &'static str },
    /// The password is too easy to guess.
    #[error("password: {0}")]
    WeakPassword(&'static str),
    /// The username belongs to somebody.
    #[error("the username `{0}` is taken")]
    UsernameTaken(String),
    /// The e-mail address belongs to somebody.
    #[error("the e-mail address `{0}` is taken")]
    EmailTaken(String),
    /// Nobody has this username.
    #[error("nobody has the username `{0}`")]
    UnknownUser(String),
}

/// Why a request got no proper answer.
#[derive(Debug)]
pub enum Failure {
    Internal(IdentityError),
    /// Too many passwords are being checked at once.
    Busy,
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::Internal(error)
    }
}

impl Failure {
    /// The status, having logged what the visitor must not see.
    pub fn report(&self) -> StatusCode {
        match self {
            Self::Internal(error) => {
                let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
                tracing::error!(%error, cause, "the sign-in service failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.report();
        pages::plain(status, "The sign-in service could not answer. Please try again in a moment.")
    }
}
