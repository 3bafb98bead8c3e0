//! The types and rules of records keeping: pure, without IO, clock or randomness.
//!
//! Every rule here takes the time and new ids as arguments, so that a rule can be tested by itself and
//! gives the same answer wherever it runs.

pub mod chart;
pub mod client;
pub mod confidentiality;
pub mod consent;
pub mod contribution;
pub mod copied;
pub mod facilitation;
pub mod id;
pub mod intake;
pub mod limits;
pub mod member;
pub mod note;
pub mod notice;
pub mod organization;
pub mod physical;
pub mod proxy;
pub mod purpose;
pub mod record;
pub mod role;
pub mod sealed;
pub mod search;
pub mod secret;
pub mod sharing;
pub mod space;
pub mod team;
pub mod text;
pub mod transfer;
pub mod upload;

pub use id::{
    ChangeId, ChartId, ClientId, ConsentId, ContributionId, EvidenceId, FacilitationId, LinkId, LocationId,
    MemberId, NoticeId, OrganizationId, ParticipantId, RecordId, RoleId, SessionId, SpaceId, SpaceItemId,
    TeamId, TransferId, UploadId,
};
pub use sealed::{Sealed, WrappedKey};
