//! S3 and KMS: where objects lie, how uploads are planned, and how content is sealed and opened.
//!
//! Keys form three steps: a KMS key wraps one data key for each client and one for each organization's
//! directory; a client's key seals one key for each record; a record's key seals what the record says. A
//! record whose key is destroyed is unreadable wherever its ciphertext still lies. A collaborative space has no
//! client: its key is sealed under the directory's.
//!
//! That a key is destroyed is worth as much as that no copy of it is left. The sealed keys of records, uploads and
//! contributions therefore stand in a table of their own, which has no backup and no stream (`store` takes them out of
//! their items and puts them in again); no function keeps one beyond the call that needed it; and KMS never sees them.
//! What is left of a destroyed record opens as [`VaultError::KeyDestroyed`] (R158).

mod cipher;
mod ending;
mod error;
mod index;
mod keys;
pub mod layout;
mod objects;
mod signing;
mod token;

pub use aws_sdk_s3::primitives::ByteStream;
pub use cipher::Binding;
pub use ending::{Ending, Version};
pub use error::VaultError;
pub use index::BlindIndex;
pub use keys::{ClientKey, DirectoryKey, FileKey, RecordKey, SpaceKey};
pub use objects::{
    Arrived, CompletedPart, Expected, PartThere, PresignedRequest, Tagging, Vault, VaultSettings,
};
pub use signing::{Signature, VerifyingKey};
pub use token::Token;
