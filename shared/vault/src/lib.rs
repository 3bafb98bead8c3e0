//! S3 and KMS: where objects lie, how uploads are planned, and how content is sealed and opened.
//!
//! Keys form three steps: a KMS key wraps one data key for each client and one for each organization's
//! directory; a client's key seals one key for each record; a record's key seals what the record says. A
//! record whose key is destroyed is unreadable wherever its ciphertext still lies.

mod cipher;
mod error;
mod index;
mod keys;
pub mod layout;
mod objects;
mod token;

pub use aws_sdk_s3::primitives::ByteStream;
pub use cipher::Binding;
pub use error::VaultError;
pub use index::BlindIndex;
pub use keys::{ClientKey, DirectoryKey, RecordKey};
pub use objects::{
    Arrived, CompletedPart, Expected, PartThere, PresignedRequest, Tagging, Vault, VaultSettings,
};
pub use token::Token;
