//! Moves a client with everything they have done into a group.

use crate::{
    checking::{self, Asked},
    held::{self, Held},
    people::must_also,
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{FacilitationId, ParticipantId, facilitation::Act};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{FacilitationEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "move_participant",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/move",
    Action::MoveParticipant,
    Kind::ParticipantMoved,
)
.success(200)
.summary("Move a client with everything they have done into a group (R109)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The revision, as it was read, of the session that is left.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// The group; it has no other center than the session that is left.
    pub to: FacilitationId,
}

/// The group as it is then.
pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let group_key = keys::facilitation(input.to);
    let (loaded, held) = Held::load_current(&call, input.expected_revision, [group_key.any()]).await?;
    let group = loaded.require(&group_key)?;
    must_also(&call, &loaded, Action::MoveParticipant, Resource::Facilitation(&group))?;
    let left = held.session.clone();
    let (group, left) = group.take_from(left, participant_id, loaded.member.id, call.now)?;
    if group.scheduled_at.is_some() {
        let keys = held::keys_of(&call, &group).await?;
        let asked = Asked { act: Act::Schedule, participant_id: Some(participant_id), given: None };
        checking::must_be_allowed(&call, &held.permit, &group, &keys, asked).await?;
    }
    let participant = group.participant(participant_id)?;
    let row = |session| keys::client_facilitation(participant.client_id, session);
    let change = held::replaced(&group)
        .replace("session", &held::key(&left), &left)
        .set("row", &row(group.id), &FacilitationEntry { facilitation_id: group.id })
        .unset("row", &row(left.id));
    let fact = held::fact_of(&group, participant).detail("from", left.id);
    let reply = Reply::with(FacilitationView::after(&group));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}
