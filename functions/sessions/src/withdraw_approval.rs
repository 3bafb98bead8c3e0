//! Withdraws the approval of a facilitator: nothing new of theirs comes to the center, and what is there stays until it
//! is released.

use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{facilitation::FacilitatorCode, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "withdraw_approval",
    "/center/approvals",
    Action::WithdrawApproval,
    Kind::ApprovalWithdrawn,
)
.purpose(Purpose::Operations)
.summary("Withdraw the approval of a facilitator; their sessions stay until released (R105)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub facilitator_code: FacilitatorCode,
}

pub async fn handle(call: Call, input: Input) -> Outcome<()> {
    let key = keys::approval(call.organization_id()?, input.facilitator_code);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let approval = loaded.require(&key)?.withdraw(call.now)?;
    let change = Change::new().replace("approval", &key, &approval);
    let fact = Fact::new().detail("facilitator", input.facilitator_code);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
