//! Says whether an item of a participant is required, and names a document of the facilitator's own.

use crate::{
    held::{self, Held},
    view::{FacilitationView, title_id},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{ParticipantId, facilitation::ItemCode, limits::NAME_CHARS, text::Line};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "require_item",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/items/{item_code}",
    Action::RequireItem,
    Kind::ItemRequired,
)
.summary("Say whether a form is required of a participant, or name a document (R104, R107)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub required: bool,
    /// What a document is called; a document is there once it is named.
    #[serde(default)]
    pub title: Option<Line<NAME_CHARS>>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let (participant_id, code): (ParticipantId, ItemCode) =
        (call.path("participant_id")?, call.path("item_code")?);
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let participant = held.session.participant(participant_id)?;
    let fact = held::fact_of(&held.session, participant)
        .detail("item", code.name())
        .detail("required", input.required);
    let title = match &input.title {
        None => None,
        Some(title) => {
            let key = held::key_of(&call, &held.session, participant).await?;
            let id = title_id(participant_id, code);
            Some(key.seal(&call.system.vault, "session/title", &id, title)?)
        }
    };
    let session = held.session.clone().require(participant_id, code, input.required, title)?;
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
