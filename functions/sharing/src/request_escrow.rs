//! Asks to open a chart that is its facilitator's alone, for a cause the law names (X-3, OAR 333-333-4820).
//!
//! Nothing is open yet: another administrator decides. The facilitator is told at once.

use crate::escrows::{self, EscrowView, REFERENCE};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, EscrowId, MemberId,
    escrow::{Escrow, EscrowCause, EscrowReference},
    limits::{ESCROW_APPROVERS, MEMBERS_LOOKED_AT},
    member::{Member, Role},
    notice::NoticeReason,
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, EscrowEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "request_escrow",
    "/charts/{chart_id}/escrows",
    Action::RequestEscrow,
    Kind::EscrowRequested,
)
.purpose(Purpose::Legal)
.summary("Ask to open a facilitator's chart for a legal cause; another administrator decides (X-3)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub cause: EscrowCause,
    /// What names the cause: the number of a case, the date of an order. The facilitator reads it.
    pub reference: EscrowReference,
    /// For how many days the chart is opened, from the approval on.
    #[schemars(range(min = 1, max = 30))]
    pub days: u8,
}

pub async fn handle(call: Call, input: Input) -> Outcome<EscrowView> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    Escrow::check_days(input.days)?;
    let (approvers, directory) = tokio::try_join!(approvers(&call), call.directory(&loaded.organization))?;
    let id: EscrowId = call.new_id();
    let escrow = Escrow {
        id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id,
        cause: input.cause,
        reference: directory.seal(&call.system.vault, REFERENCE, &id, &input.reference)?,
        days: input.days,
        requested_by: loaded.member.id,
        requested_at: call.now,
        opened: None,
        closed: None,
        revision: 1,
    };
    let chart = chart.ask_for_escrow(&escrow, call.now)?;
    let change = Change::new()
        .insert("escrow", &keys::escrow(chart_id, id), &escrow)
        .insert(
            "escrow entry",
            &keys::escrow_entry(chart.organization_id, id),
            &EscrowEntry { escrow_id: id, chart_id },
        )
        .replace_chart(&chart);
    let change = escrows::tell(&call, change, &chart, [chart.owner], NoticeReason::EscrowRequested);
    let others = approvers.into_iter().filter(|member| *member != chart.owner);
    let change = escrows::tell(&call, change, &chart, others, NoticeReason::EscrowToApprove);
    let fact = escrows::fact(&chart, &escrow);
    let views = escrows::views(&call, &loaded, &permit, &[(escrow, chart)]).await?;
    let view = views.into_iter().next().ok_or_else(|| Problem::internal("an escrow is not shown"))?;
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}

/// Who may decide on it, or be told that it waits: the administrators.
async fn approvers(call: &Call) -> Result<Vec<MemberId>, Problem> {
    let organization_id = call.organization_id()?;
    let decides = |member: &Member| member.is_active() && member.roles.contains(&Role::Administrator);
    let (mut found, mut looked_at, mut after) = (Vec::new(), 0_usize, None::<String>);
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), 1_000).await?;
        looked_at = looked_at.saturating_add(page.items.len());
        found.extend(page.items.iter().filter(|member| decides(member)).map(|member| member.id));
        match page.next {
            Some(next) if found.len() < ESCROW_APPROVERS && looked_at < MEMBERS_LOOKED_AT => {
                after = Some(next);
            }
            _ => {
                found.truncate(ESCROW_APPROVERS);
                return Ok(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Causes are those of the list; whatever would open more than the chart is refused, not overlooked.
    #[test]
    fn a_request_has_a_cause_of_the_list() {
        let request = |cause: &str| json!({ "cause": cause, "reference": "Case 26-114", "days": 7 });
        for cause in EscrowCause::ALL {
            assert!(serde_json::from_value::<Input>(request(cause.name())).is_ok(), "{cause:?}");
        }
        for cause in ["curiosity", "quality", ""] {
            assert!(serde_json::from_value::<Input>(request(cause)).is_err(), "{cause}");
        }
        let mut more = request("court_order");
        more["compartments"] = json!(["raw_data"]);
        assert!(serde_json::from_value::<Input>(more).is_err());
    }
}
