//! The types and rules of records keeping: pure, without IO, clock or randomness.
//!
//! Every rule here takes the time and new ids as arguments, so that a rule can be tested by itself and
//! gives the same answer wherever it runs.
//!
//! | about | modules |
//! |---|---|
//! | who | `organization`, `member`, `role`, `team`, `client`, `proxy` |
//! | records | `chart`, `record`, `note`, `physical`, `upload`, `intake`, `contribution` |
//! | the inventory | `filing`, `stocktake`, `import`, `incident`, `csv` |
//! | who else may | `sharing`, `consent`, `confidentiality`, `transfer`, `copied`, `escrow`, `space`, `facilitation` |
//! | how long, and the end | `retention`, `hold`, `disposition`, `work` |
//! | what people are told | `notice`, `message` |
//! | what all stand on | `id`, `limits`, `purpose`, `sealed`, `secret`, `search`, `text` |

pub mod chart;
pub mod client;
pub mod confidentiality;
pub mod consent;
pub mod contribution;
pub mod copied;
pub mod csv;
pub mod disposition;
pub mod escrow;
pub mod facilitation;
pub mod filing;
pub mod hold;
pub mod id;
pub mod import;
pub mod incident;
pub mod intake;
pub mod limits;
pub mod member;
pub mod message;
pub mod note;
pub mod notice;
pub mod organization;
pub mod physical;
pub mod proxy;
pub mod purpose;
pub mod record;
pub mod retention;
pub mod role;
pub mod sealed;
pub mod search;
pub mod secret;
pub mod sharing;
pub mod space;
pub mod stocktake;
pub mod team;
pub mod text;
pub mod transfer;
pub mod upload;
pub mod work;

pub use id::EscrowId;
pub use id::{
    ChangeId, ChartId, ClientId, ConsentId, ContributionId, DispositionId, EvidenceId, FacilitationId,
    HoldId, LinkId, LocationId, MemberId, MessageId, NoticeId, OrganizationId, ParticipantId, RecordId,
    RoleId, SessionId, SpaceId, SpaceItemId, TeamId, TransferId, UploadId,
};
pub use id::{FilingId, ImportId, IncidentId, StocktakeId};
pub use sealed::{Sealed, WrappedKey};
