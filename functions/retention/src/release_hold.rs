//! Releases a legal hold, with a reason; what other holds cover stays held (R156).

use crate::{
    keeping::{self, HoldView, REASON},
    work,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{hold::HoldReleased, limits::REASON_CHARS, purpose::Purpose, text::Prose, work::Work};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::Change;

pub static OPERATION: Operation =
    Operation::post("release_hold", "/holds/{hold_id}/release", Action::ReleaseHold, Kind::HoldReleased)
        .success(200)
        .purpose(Purpose::RecordsManagement)
        .summary("Release a legal hold, with the reason (R156)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The hold's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub reason: Prose<REASON_CHARS>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<HoldView> {
    let key = keeping::named(&call)?;
    let loaded = call.load([key.any()]).await?;
    let hold = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Hold(&hold))?;
    Problem::unless_current(hold.revision, input.expected_revision)?;
    let organization_id = hold.organization_id;
    let standing = call.system.store.standing_holds(organization_id).await?;
    let directory = call.directory(&loaded.organization).await?;
    let reason = directory.seal(&call.system.vault, REASON, &hold.id, &input.reason)?;
    let hold = hold.release(HoldReleased { by: loaded.member.id, at: call.now, reason })?;
    let view = HoldView::of(&call, &loaded, &permit, &hold).await?.revised();
    let change = Change::new().replace("hold", &key, &hold).holds_change(&standing);
    let change = keeping::tell(&call, change, &hold).await?;
    let (fact, hold_id) = (Fact::new().hold(hold.id), hold.id);
    let reply = call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await?;
    work::hand_over(&call, &Work::Lock { organization_id, hold_id, after: None }).await;
    Ok(reply)
}
