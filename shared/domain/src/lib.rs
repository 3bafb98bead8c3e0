//! The types and rules of records keeping: pure, without IO, clock or randomness.
//!
//! Every rule here takes the time and new ids as arguments, so that a rule can be tested by itself and
//! gives the same answer wherever it runs.

pub mod chart;
pub mod client;
pub mod contribution;
pub mod id;
pub mod intake;
pub mod limits;
pub mod member;
pub mod note;
pub mod organization;
pub mod physical;
pub mod purpose;
pub mod record;
pub mod sealed;
pub mod search;
pub mod secret;
pub mod text;
pub mod upload;

pub use id::{
    ChartId, ClientId, ContributionId, EvidenceId, LinkId, LocationId, MemberId, OrganizationId, RecordId,
    SessionId, UploadId,
};
pub use sealed::{Sealed, WrappedKey};
