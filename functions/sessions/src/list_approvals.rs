//! Lists the facilitators the caller's center has approved, and the center's license.

use crate::set_center_profile::Profile;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    MemberId,
    facilitation::{Approval, FacilitatorCode},
    purpose::Purpose,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_approvals", "/center/approvals", Action::ListApprovals, Kind::ApprovalsListed)
        .purpose(Purpose::Operations)
        .summary("List the facilitators your center has approved (R105)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub approvals: Vec<ApprovalView>,
    /// The center's license, once it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// Whether a facilitator may hold sessions at the center.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FacilitatorApproval")]
pub struct ApprovalView {
    pub facilitator_code: FacilitatorCode,
    pub approved_by: MemberId,
    pub approved_at: Timestamp,
    /// Since when it is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
}

impl From<&Approval> for ApprovalView {
    fn from(approval: &Approval) -> Self {
        Self {
            facilitator_code: approval.facilitator,
            approved_by: approval.approved_by,
            approved_at: approval.approved_at,
            withdrawn_at: approval.withdrawn_at,
        }
    }
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let key = keys::center_profile(call.organization_id()?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let page = call.system.store.approvals(loaded.organization.id, after.as_deref(), limit).await?;
    let approvals: Vec<ApprovalView> = page.items.iter().map(ApprovalView::from).collect();
    call.witness(&permit, Fact::new().detail("results", approvals.len())).await?;
    let profile = loaded.get(&key)?.as_ref().map(Profile::from);
    Ok(Reply::with(Output { approvals, profile, next: page.next.as_deref().map(Cursor::new) }))
}
