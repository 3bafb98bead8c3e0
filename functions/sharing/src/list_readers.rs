//! Lists who can open a chart, and why (P-08, R052). Who opens it for a legal cause is told to who may know of that
//!

use crate::readers::{self, Reader, ReaderView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, limits::PAGE_ITEMS};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_readers", "/charts/{chart_id}/readers", Action::ListReaders, Kind::ReadersListed)
        .summary("List who can open a chart, and why in plain words (P-08)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub readers: Vec<ReaderView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (chart_id, organization_id): (ChartId, _) = (call.path("chart_id")?, call.organization_id()?);
    let key = keys::chart(chart_id);
    let (loaded, first) = tokio::try_join!(
        call.load([key.any()]),
        call.system.store.members(organization_id, after.as_deref(), PAGE_ITEMS).err_into::<Problem>(),
    )?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let knows_escrows = call.may(&loaded, Action::ListEscrows, Resource::Chart(&chart))?;
    let chart = if knows_escrows { chart } else { chart.without_escrows() };
    let (readers, next) = readers::found(&call, first, limit, |member| {
        let decision = call.decide(&loaded, member, Action::ReadChart, Resource::Chart(&chart))?;
        Ok(decision.allowed.then(|| Reader::new(&call, &chart, member, decision)))
    })
    .await?;
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("results", readers.len());
    let ((), readers) =
        tokio::try_join!(call.witness(&permit, fact), readers::views(&call, &loaded, readers))?;
    Ok(Reply::with(Output { readers, next }))
}
