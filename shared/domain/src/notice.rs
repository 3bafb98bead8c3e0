//! A notice: what a member is told in their inbox, without a word of what it is about (P-10).

use crate::{
    ChartId, DispositionId, HoldId, MemberId, NoticeId, OrganizationId, RecordId, SpaceId,
    limits::NOTICE_DAYS, retention::NoticeDuty,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
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
    /// A colleague appointed who stands for the client of their chart (R066).
    ProxyAppointed,
    /// They were invited to a space.
    SpaceInvitation,
    /// A session was associated with their service center.
    SessionAssociated,
    /// A session was released by its service center.
    SessionReleased,
    /// A client of theirs has completed a form of a session that waits for their counter-signature.
    FormToCounterSign,
    /// A form of a session waits for their answers.
    FormToAnswer,
    /// A client of theirs was told that a form of a session waits for them.
    ParticipantNotified,
    /// The time of records ends in so many days (R150).
    RetentionEnding,
    /// The time of records has ended: they can be proposed for disposition.
    RetentionEnded,
    /// What is known of a chart does not suffice to say how long its records are kept.
    RetentionUnknown,
    /// They are a custodian of a legal hold.
    HoldPlaced,
    /// A legal hold they are a custodian of was released.
    HoldReleased,
    /// A legal hold keeps records of a chart of theirs, or of their organization.
    RecordsHeld,
    /// A legal hold that kept them was released.
    RecordsReleased,
    /// A legal hold has to be reaffirmed.
    HoldToReaffirm,
    /// A disposition waits for approval.
    DispositionToApprove,
    /// A disposition was approved, and can be executed.
    DispositionApproved,
    /// A disposition was rejected.
    DispositionRejected,
    /// Paper is to be destroyed.
    DestructionOrdered,
    /// Paper that was to be destroyed is not to be any more: a hold keeps it, or it is not there.
    DestructionWithdrawn,
    /// Records were destroyed, and a certificate says so.
    RecordsDestroyed,
    /// A folder was lost or harmed, and somebody has to assess whether that is a breach (45 CFR 164.402).
    IncidentToAssess,
    /// An administrator asked to open their chart for a legal cause.
    EscrowRequested,
    /// Another administrator asked to open a chart, and somebody has to decide on it.
    EscrowToApprove,
    /// A chart was opened to two administrators.
    EscrowApproved,
    /// That a chart is opened was refused, or asked for no longer.
    EscrowRefused,
    /// A chart is open to administrators no longer.
    EscrowEnded,
}

impl NoticeReason {
    pub const ALL: [Self; 39] = [
        Self::ChartShared,
        Self::SharingChanged,
        Self::SharingEnded,
        Self::CollaboratorLeft,
        Self::GrantRevoked,
        Self::NoteToCosign,
        Self::NoteCosigned,
        Self::NoteReturned,
        Self::TransferOffered,
        Self::TransferAccepted,
        Self::TransferDeclined,
        Self::TransferWithdrawn,
        Self::ProxyAppointed,
        Self::SpaceInvitation,
        Self::SessionAssociated,
        Self::SessionReleased,
        Self::FormToCounterSign,
        Self::FormToAnswer,
        Self::ParticipantNotified,
        Self::RetentionEnding,
        Self::RetentionEnded,
        Self::RetentionUnknown,
        Self::HoldPlaced,
        Self::HoldReleased,
        Self::RecordsHeld,
        Self::RecordsReleased,
        Self::HoldToReaffirm,
        Self::DispositionToApprove,
        Self::DispositionApproved,
        Self::DispositionRejected,
        Self::DestructionOrdered,
        Self::DestructionWithdrawn,
        Self::RecordsDestroyed,
        Self::IncidentToAssess,
        Self::EscrowRequested,
        Self::EscrowToApprove,
        Self::EscrowApproved,
        Self::EscrowRefused,
        Self::EscrowEnded,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ChartShared => "chart_shared",
            Self::SharingChanged => "sharing_changed",
            Self::SharingEnded => "sharing_ended",
            Self::CollaboratorLeft => "collaborator_left",
            Self::GrantRevoked => "grant_revoked",
            Self::NoteToCosign => "note_to_cosign",
            Self::NoteCosigned => "note_cosigned",
            Self::NoteReturned => "note_returned",
            Self::TransferOffered => "transfer_offered",
            Self::TransferAccepted => "transfer_accepted",
            Self::TransferDeclined => "transfer_declined",
            Self::TransferWithdrawn => "transfer_withdrawn",
            Self::ProxyAppointed => "proxy_appointed",
            Self::SpaceInvitation => "space_invitation",
            Self::SessionAssociated => "session_associated",
            Self::SessionReleased => "session_released",
            Self::FormToCounterSign => "form_to_counter_sign",
            Self::FormToAnswer => "form_to_answer",
            Self::ParticipantNotified => "participant_notified",
            Self::RetentionEnding => "retention_ending",
            Self::RetentionEnded => "retention_ended",
            Self::RetentionUnknown => "retention_unknown",
            Self::HoldPlaced => "hold_placed",
            Self::HoldReleased => "hold_released",
            Self::RecordsHeld => "records_held",
            Self::RecordsReleased => "records_released",
            Self::HoldToReaffirm => "hold_to_reaffirm",
            Self::DispositionToApprove => "disposition_to_approve",
            Self::DispositionApproved => "disposition_approved",
            Self::DispositionRejected => "disposition_rejected",
            Self::DestructionOrdered => "destruction_ordered",
            Self::DestructionWithdrawn => "destruction_withdrawn",
            Self::RecordsDestroyed => "records_destroyed",
            Self::IncidentToAssess => "incident_to_assess",
            Self::EscrowRequested => "escrow_requested",
            Self::EscrowToApprove => "escrow_to_approve",
            Self::EscrowApproved => "escrow_approved",
            Self::EscrowRefused => "escrow_refused",
            Self::EscrowEnded => "escrow_ended",
        }
    }
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
    /// The collaborative space it is about.
    #[serde(default)]
    pub space_id: Option<SpaceId>,
    /// The hold or disposition it is about.
    #[serde(default)]
    pub hold_id: Option<HoldId>,
    #[serde(default)]
    pub disposition_id: Option<DispositionId>,
    /// How many records it is about, and the day they have in common.
    #[serde(default)]
    pub records: Option<u32>,
    #[serde(default)]
    pub due_on: Option<Date>,
    /// Whom the law wants told before these records are destroyed: the strictest of what it asks.
    #[serde(default)]
    pub duty: Option<NoticeDuty>,
    /// One of several that go out in one e-mail, the digest: none goes out for it alone.
    #[serde(default)]
    pub in_digest: bool,
}

impl Notice {
    pub const fn new(
        id: NoticeId,
        organization_id: OrganizationId,
        member_id: MemberId,
        reason: NoticeReason,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id,
            member_id,
            reason,
            at,
            by: None,
            chart_id: None,
            record_id: None,
            space_id: None,
            hold_id: None,
            disposition_id: None,
            records: None,
            due_on: None,
            duty: None,
            in_digest: false,
        }
    }

    /// When it is forgotten, read or not.
    pub fn forgotten_at(&self) -> Timestamp {
        self.at.saturating_add(SignedDuration::from_hours(24 * NOTICE_DAYS)).unwrap_or(Timestamp::MAX)
    }
}
