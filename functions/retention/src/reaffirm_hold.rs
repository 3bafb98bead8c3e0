//! Says that a legal hold is still needed, until another day (R156).

use crate::keeping::{self, HoldView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::Change;

pub static OPERATION: Operation = Operation::post(
    "reaffirm_hold",
    "/holds/{hold_id}/reaffirmations",
    Action::ReaffirmHold,
    Kind::HoldReaffirmed,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Say that a legal hold is still needed (R156)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// When somebody has to say so again: within 366 days.
    pub until: Date,
}

pub async fn handle(call: Call, input: Input) -> Outcome<HoldView> {
    let key = keeping::named(&call)?;
    let loaded = call.load([key.any()]).await?;
    let hold = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Hold(&hold))?;
    let today = call.today(&loaded.organization);
    let hold = hold.reaffirm(loaded.member.id, input.until, today, call.now)?;
    let view = HoldView::of(&call, &loaded, &permit, &hold).await?.revised();
    let change = Change::new().replace("hold", &key, &hold);
    let fact = Fact::new().hold(hold.id).detail("until", input.until);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
