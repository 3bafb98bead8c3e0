//! The single table: its keys, its items, its queries and its commits.
//!
//! Every key is made and parsed in [`keys`], which lists the access patterns. A change is one
//! `TransactWriteItems` that holds the evidence of the change: neither exists without the other (R134).

mod change;
mod error;
mod item;
pub mod keys;
mod queries;
mod read;
mod table;

pub use change::{ANSWERED, Answer, Change};
pub use error::StoreError;
pub use item::{
    BarcodeEntry, ChartEntry, Claim, CosignatureEntry, DigestEntry, FacilitationEntry, InboxEntry,
    Invitation, Item, LinkToken, Membership, RenewalEntry, SearchEntry, SpaceEntry, TeamEntry, TransferEntry,
};
pub use keys::Key;
pub use queries::Page;
pub use read::Items;
pub use table::{INDEXES, Index, IndexKind, Store, TTL_ATTRIBUTE};
