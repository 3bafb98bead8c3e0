//! What is shown of a session: the same status to both sides, and to the center nothing that leads to a facilitator's
//! own records (R108, A-03).

use crate::held::Held;
use api::{Loaded, Problem};
use authz::Permit;
use domain::{
    ChartId, ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId,
    facilitation::{
        Administered, CenterLink, Completion, FacilitatedSession, History, Integration, ItemCode, ItemState,
        Participant, ParticipantStatus, Phase, Preparation, SessionStatus, Signature, Standing, Voided,
    },
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use vault::RecordKey;

/// A session, without what was recorded in it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FacilitatedSession")]
pub struct FacilitationView {
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
    pub created_at: Timestamp,
    pub facilitators: Vec<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub center: Option<CenterView>,
    /// Set when it was struck through: kept, not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided: Option<Voided>,
    pub participants: Vec<ParticipantView>,
    /// To be sent back with the next change.
    pub revision: u64,
}

/// The center a session is associated with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CenterView {
    pub organization_id: OrganizationId,
    pub associated_at: Timestamp,
    /// Whether it was a licensed Oregon service center that day.
    pub oregon: bool,
}

/// A client's part in a session.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionParticipant")]
pub struct ParticipantView {
    pub id: ParticipantId,
    /// To the facilitators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// To the facilitators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_id: Option<ChartId>,
    /// Who is contacted and counter-signs.
    pub facilitator: MemberId,
    /// Derived; absent of who does not take part any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ParticipantStatus>,
    /// `present`, `removed` or `moved`.
    pub standing: &'static str,
    /// The session that everything of theirs is in now, if they were moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<FacilitationId>,
    pub joined_at: Timestamp,
    /// What is attested to have gone before, beside what sessions here show.
    pub history: History,
    pub preparations: Vec<Preparation>,
    /// Who has reviewed the forms, and when.
    pub reviews: Vec<Signature>,
    pub items: Vec<ItemView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administration: Option<Administered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
}

/// A survey, form or document of a participant.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionItem")]
pub struct ItemView {
    pub code: ItemCode,
    /// What a document is called, where it is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub phase: Phase,
    pub required: bool,
    /// Whether it is used as published, and never left out.
    pub fixed: bool,
    pub state: ItemState,
    /// How often it was completed.
    pub entries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion: Option<Completion>,
}

impl FacilitationView {
    /// The session as it is read.
    pub(crate) fn of(held: &Held, loaded: &Loaded) -> Self {
        Self::new(&held.session, held.is_seen_by_center(loaded))
    }

    /// The session as it will be read once its change is committed.
    pub(crate) fn after(session: &FacilitatedSession) -> Self {
        let view = Self::new(session, false);
        Self { revision: view.revision.saturating_add(1), ..view }
    }

    /// A session that is about to be written for the first time.
    pub(crate) fn begun(session: &FacilitatedSession) -> Self {
        Self::new(session, false)
    }

    fn new(session: &FacilitatedSession, to_center: bool) -> Self {
        let center = session.center.as_ref();
        let status = session.status();
        let shown = |participant| ParticipantView::new(participant, center, to_center);
        Self {
            id: session.id,
            organization_id: session.organization_id,
            group: session.group,
            status,
            counted: session.voided.is_none() && status.is_counted(),
            scheduled_at: session.scheduled_at,
            created_at: session.created_at,
            facilitators: session.facilitators.iter().copied().collect(),
            center: center.map(|center| CenterView {
                organization_id: center.organization_id,
                associated_at: center.associated_at,
                oregon: center.oregon,
            }),
            voided: session.voided,
            participants: session.participants.iter().map(shown).collect(),
            revision: session.revision,
        }
    }

    /// With the names of documents.
    pub(crate) fn titled(
        mut self,
        session: &FacilitatedSession,
        keys: &BTreeMap<ParticipantId, RecordKey>,
        permit: &Permit,
    ) -> Result<Self, Problem> {
        for (view, participant) in self.participants.iter_mut().zip(&session.participants) {
            let Some(key) = keys.get(&participant.id) else { continue };
            for item in &mut view.items {
                item.title = title(participant, item.code, key, permit)?;
            }
        }
        Ok(self)
    }
}

impl ParticipantView {
    fn new(participant: &Participant, center: Option<&CenterLink>, to_center: bool) -> Self {
        let present = participant.is_present();
        let items = if present { items(participant, center) } else { Vec::new() };
        Self {
            id: participant.id,
            client_id: (!to_center).then_some(participant.client_id),
            chart_id: (!to_center).then_some(participant.chart_id),
            facilitator: participant.facilitator,
            status: present.then(|| participant.status(center)),
            standing: match participant.standing {
                Standing::Present => "present",
                Standing::Removed { .. } => "removed",
                Standing::Moved { .. } => "moved",
            },
            moved_to: match participant.standing {
                Standing::Moved { to, .. } => Some(to),
                Standing::Present | Standing::Removed { .. } => None,
            },
            joined_at: participant.joined_at,
            history: participant.history.clone(),
            preparations: participant.preparations.clone(),
            reviews: participant.reviews.clone(),
            items,
            // What was moved is with the session it was moved to.
            administration: participant.administration.clone().filter(|_| present),
            integration: participant.integration.clone().filter(|_| present),
        }
    }
}

/// The items a participant has.
pub(crate) fn items(participant: &Participant, center: Option<&CenterLink>) -> Vec<ItemView> {
    let view = |(code, state, required): (ItemCode, ItemState, bool)| {
        let touched = participant.items.get(&code);
        ItemView {
            code,
            title: None,
            phase: code.phase(),
            required,
            fixed: code.is_fixed(),
            state,
            entries: touched.map_or(0, |item| item.entries),
            completion: touched.and_then(|item| item.completion.clone()),
        }
    };
    participant.items(center).map(view).collect()
}

/// What a document is called.
pub(crate) fn title(
    participant: &Participant,
    code: ItemCode,
    key: &RecordKey,
    permit: &Permit,
) -> Result<Option<String>, Problem> {
    let sealed = participant.items.get(&code).and_then(|item| item.title.as_ref());
    let Some(sealed) = sealed else { return Ok(None) };
    let title = key.open(permit, "session/title", &title_id(participant.id, code), sealed)?;
    Ok(Some(title.into()))
}

/// A document's title among ciphertexts.
pub(crate) fn title_id(participant: ParticipantId, code: ItemCode) -> String {
    format!("{participant}/{}", code.name())
}
