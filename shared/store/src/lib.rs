//! The single table: its keys, its items, its queries and its commits; and beside it the table of keys.
//!
//! Every key is made and parsed in [`keys`], which lists the access patterns. A change is one
//! `TransactWriteItems` that holds the evidence of the change: neither exists without the other (R134).
//!
//! The main table can be restored to any second of the last weeks. What was destroyed must not come back with it, so
//! the wrapped keys of records, contributions and uploads ([`Item::SECRET`]) stand in a second table of which no copy
//! is ever made. Callers see one item: a change takes it apart, a read puts it together.
//!
//! | module | holds |
//! |---|---|
//! | `keys`, `item`, `table` | where everything stands, what stands there, the tables and their indexes |
//! | `read`, `queries`, `image` | reading by key, by query, and as the stream brings it |
//! | `change`, `secrets` | one act in one transaction, and what of it the table of keys gets |
//! | `holds` | the legal holds that stand, and their guard |
//! | `doors` | what comes into a place, and how one is retired |
//! | `error` | what can go wrong |

mod change;
mod doors;
mod error;
mod holds;
mod image;
mod item;
pub mod keys;
mod queries;
mod read;
mod secrets;
mod table;

pub use change::{ANSWERED, Answer, Change};
pub use doors::doors;
pub use error::StoreError;
pub use holds::{Persons, StandingHolds};
pub use image::Image;
pub use item::{
    AnyKey, BarcodeEntry, ChartEntry, Claim, CosignatureEntry, DigestEntry, DigestLine, DispositionEntry,
    DueEntry, EligibleEntry, EndingSpace, FacilitationEntry, InboxEntry, Invitation, Item, LinkToken,
    Membership, OrganizationEntry, Pass, RenewalEntry, ScheduleVersion, SearchEntry, SpaceEntry, TeamEntry,
    TransferEntry, UnknownEntry, UnknownRecord,
};
pub use item::{DigestDraft, DigestPart, HoldReminder, HoldTold};
pub use item::{
    Door, EscrowEntry, FiledEntry, ImportPart, StocktakeExpected, StocktakeReport, StocktakeScan,
};
pub use item::{KnownRules, ListedEntry, Recall, Rescheduling};
pub use keys::Key;
pub use queries::{Page, Ties};
pub use read::Items;
pub use table::{INDEXES, Index, IndexKind, Store, TTL_ATTRIBUTE};
