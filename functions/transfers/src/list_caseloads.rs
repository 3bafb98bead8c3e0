//! Lists the practitioners of the organization with how many charts each has, for who coordinates them: numbers, and
//! never what is in a chart (P-33, P-35, P-48, R082).

use crate::caseload::{self, CaseloadView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    member::{Member, Role},
    purpose::Purpose,
};
use evidence::Kind;
use futures_util::{TryFutureExt, future::try_join_all};
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_caseloads", "/caseloads", Action::ListCaseloads, Kind::CaseloadsListed)
        .purpose(Purpose::Operations)
        .summary("List how many charts each practitioner has, for coordinators (P-35)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Practitioners, those who have left among them, and whoever else has a chart. A page may hold fewer than were
    /// asked for.
    pub caseloads: Vec<CaseloadView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) = tokio::try_join!(
        call.load([]),
        call.system.store.members(organization_id, after.as_deref(), limit).err_into::<Problem>(),
    )?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let colleagues = page.items.iter().filter(|member| !member.roles.contains(&Role::Client));
    let caseloads = try_join_all(colleagues.map(|member| caseload(&call, member))).await?;
    let caseloads: Vec<CaseloadView> = caseloads.into_iter().flatten().collect();
    call.witness(&permit, Fact::new().detail("results", caseloads.len())).await?;
    Ok(Reply::with(Output { caseloads, next: page.next.as_deref().map(Cursor::new) }))
}

/// What a colleague has; nothing of who is no practitioner and has no chart.
async fn caseload(call: &Call, member: &Member) -> Result<Option<CaseloadView>, Problem> {
    let (entries, transfers) =
        tokio::try_join!(caseload::entries(call, member.id), caseload::transfers(call, member.id))?;
    let keeps_charts = member.roles.contains(&Role::Practitioner) || !entries.is_empty();
    Ok(keeps_charts.then(|| CaseloadView::new(member, &entries, transfers)))
}
