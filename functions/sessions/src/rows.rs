//! Sessions in lists: how far each is, without a word of what was recorded.

use api::{Call, Problem};
use domain::{
    FacilitationId, MemberId, OrganizationId, ParticipantId,
    facilitation::{FacilitatedSession, ParticipantStatus, SessionStatus},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{FacilitationEntry, Key, keys};

/// A session in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FacilitatedSessionRow")]
pub struct RowView {
    pub id: FacilitationId,
    /// The facilitators' organization.
    pub organization_id: OrganizationId,
    pub group: bool,
    /// Derived, the same for facilitators and center.
    pub status: SessionStatus,
    /// Whether the quarterly counts include it.
    pub counted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    pub facilitators: Vec<MemberId>,
    /// The center it is associated with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub center_id: Option<OrganizationId>,
    /// Who takes part, each as far as they are.
    pub participants: Vec<RowParticipant>,
    pub voided: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RowParticipant {
    pub id: ParticipantId,
    pub facilitator: MemberId,
    pub status: ParticipantStatus,
}

impl RowView {
    pub(crate) fn new(session: &FacilitatedSession) -> Self {
        let (status, center) = (session.status(), session.center.as_ref());
        let participants = session.present().map(|participant| RowParticipant {
            id: participant.id,
            facilitator: participant.facilitator,
            status: participant.status(center),
        });
        Self {
            id: session.id,
            organization_id: session.organization_id,
            group: session.group,
            status,
            counted: session.voided.is_none() && status.is_counted(),
            scheduled_at: session.scheduled_at,
            facilitators: session.facilitators.iter().copied().collect(),
            center_id: session.center_id(),
            participants: participants.collect(),
            voided: session.voided.is_some(),
        }
    }
}

/// The sessions of a page of rows, in their order.
pub(crate) async fn sessions(
    call: &Call,
    rows: &[FacilitationEntry],
) -> Result<Vec<FacilitatedSession>, Problem> {
    let wanted: Vec<Key<FacilitatedSession>> =
        rows.iter().map(|row| keys::facilitation(row.facilitation_id)).collect();
    let found = call.system.store.fetch(wanted.iter().map(Key::any)).await?;
    let mut sessions = Vec::new();
    for key in &wanted {
        sessions.extend(found.get(key)?);
    }
    Ok(sessions)
}
