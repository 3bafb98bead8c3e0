//! Strikes a session through: it is kept, with its center too, and counted no more.

use crate::{
    held::{self, Held},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::facilitation::{VoidReason, Voided};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "void_facilitation",
    "/facilitated-sessions/{facilitation_id}/void",
    Action::VoidFacilitation,
    Kind::FacilitationVoided,
)
.success(200)
.summary("Void a session; it is kept, struck through (X-4)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub reason: VoidReason,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let voided = Voided { by: loaded.member.id, at: call.now, reason: input.reason };
    let session = held.session.clone().void(voided)?;
    let fact = held::fact(&session).detail("reason", input.reason.code());
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
