//! Approves a facilitator of any organization for the caller's center, by the code the facilitator gives: their
//! organization's id and their own.

use crate::list_approvals::ApprovalView;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    facilitation::{Approval, FacilitatorCode},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "approve_facilitator",
    "/center/approvals",
    Action::ApproveFacilitator,
    Kind::FacilitatorApproved,
)
.purpose(Purpose::Operations)
.summary("Approve a facilitator to hold sessions at your center (R105)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// As the facilitator gave it; whether there is such a person is not looked up.
    pub facilitator_code: FacilitatorCode,
}

pub async fn handle(call: Call, input: Input) -> Outcome<ApprovalView> {
    let key = keys::approval(call.organization_id()?, input.facilitator_code);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let (approval, change) = match loaded.get(&key)? {
        Some(before) => {
            let approval = before.renew(loaded.member.id, call.now)?;
            let change = Change::new().replace("approval", &key, &approval);
            (approval, change)
        }
        None => {
            let approval = Approval {
                center_id: loaded.organization.id,
                facilitator: input.facilitator_code,
                approved_by: loaded.member.id,
                approved_at: call.now,
                withdrawn_at: None,
                revision: 1,
            };
            let change = Change::new().insert("approval", &key, &approval);
            (approval, change)
        }
    };
    let fact = Fact::new().detail("facilitator", input.facilitator_code);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(ApprovalView::from(&approval))).await
}
