//! Shares a session with a service center that has approved its facilitators: the whole of it, and what was there
//! before (R105, R106, A-03, A-04).

use crate::{
    center,
    checking::{self, Asked},
    held::{self, Held},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{OrganizationId, facilitation::Act};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "associate_center",
    "/facilitated-sessions/{facilitation_id}/center",
    Action::AssociateCenter,
    Kind::CenterAssociated,
)
.summary("Share a session, whole, with a service center that approved its facilitators (R105, R106)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// The center's organization.
    pub center_id: OrganizationId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let session = center::associated(&call, held.session.clone(), input.center_id).await?;
    if session.scheduled_at.is_some() {
        let keys = held::keys_of(&call, &session).await?;
        let asked = Asked { act: Act::Schedule, participant_id: None, given: None };
        checking::must_be_allowed(&call, &held.permit, &session, &keys, asked).await?;
    }
    let held = held.with(session);
    let session = &held.session;
    let change = center::arrival(&call, held::replaced(session), &held).await?;
    let fact = held::fact(session).detail("center", input.center_id);
    let reply = Reply::with(FacilitationView::after(session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}
