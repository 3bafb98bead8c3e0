//! A notice: what a member is told in their inbox, without a word of what it is about (P-10).

use crate::{ChartId, MemberId, NoticeId, OrganizationId, RecordId, limits::NOTICE_DAYS};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a member is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeReason {
    /// A chart is shared with them.
    ChartShared,
    /// What they may do with a shared chart has changed.
    SharingChanged,
    /// A chart is no longer shared with them.
    SharingEnded,
    /// A collaborator has left their chart.
    CollaboratorLeft,
    /// An administrator has ended a share of their chart.
    GrantRevoked,
    /// A note waits for their co-signature.
    NoteToCosign,
    /// Their note was co-signed.
    NoteCosigned,
    /// Their note was sent back by who should co-sign it.
    NoteReturned,
    /// A chart is offered to them.
    TransferOffered,
    /// The chart they handed over was accepted.
    TransferAccepted,
    /// The chart they handed over was declined.
    TransferDeclined,
    /// The chart offered to them is offered no longer.
    TransferWithdrawn,
    /// They were invited to a space.
    SpaceInvitation,
    /// A session was associated with their service center.
    SessionAssociated,
    /// A session was released by its service center.
    SessionReleased,
}

/// Something a member is told: ids and a reason, never a name or a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub id: NoticeId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub reason: NoticeReason,
    pub at: Timestamp,
    /// Who did it.
    pub by: Option<MemberId>,
    pub chart_id: Option<ChartId>,
    pub record_id: Option<RecordId>,
}

impl Notice {
    /// When it is forgotten, read or not.
    pub fn forgotten_at(&self) -> Timestamp {
        self.at.saturating_add(SignedDuration::from_hours(24 * NOTICE_DAYS)).unwrap_or(Timestamp::MAX)
    }
}
