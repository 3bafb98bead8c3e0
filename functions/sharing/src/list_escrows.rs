//! Lists escrows, whatever became of them, newest first: a facilitator those of a chart of theirs, an administrator
//! all of the organization's or those of a chart.

use crate::escrows::{self, EscrowView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{ChartId, chart::Chart, escrow::Escrow, purpose::Purpose};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{EscrowEntry, Page, keys};

pub static OPERATION: Operation =
    Operation::get("list_escrows", "/escrows", Action::ListEscrows, Kind::EscrowsListed)
        .purpose(Purpose::Legal)
        .summary("List which charts are or were opened for a legal cause, or one chart's escrows (X-3)");

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Of this chart alone: what its facilitator asks for.
    #[serde(default)]
    pub chart_id: Option<ChartId>,
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub escrows: Vec<EscrowView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    match input.chart_id {
        Some(chart_id) => of_chart(&call, chart_id, limit, after.as_deref()).await,
        None => of_organization(&call, limit, after.as_deref()).await,
    }
}

async fn of_chart(call: &Call, chart_id: ChartId, limit: u32, after: Option<&str>) -> Outcome<Output> {
    let key = keys::chart(chart_id);
    let (loaded, page) = tokio::try_join!(
        call.load([key.any()]),
        call.system.store.escrows(chart_id, after, limit).err_into::<Problem>()
    )?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let fact = Fact::new().client(chart.client_id).chart(chart_id).member(chart.owner);
    let found = page.items.into_iter().map(|escrow| (escrow, chart.clone())).collect();
    shown(call, &loaded, &permit, fact, Page { items: found, next: page.next }).await
}

async fn of_organization(call: &Call, limit: u32, after: Option<&str>) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let (loaded, page) = tokio::try_join!(
        call.load([]),
        call.system.store.escrow_entries(organization_id, after, limit).err_into::<Problem>()
    )?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let found = with_charts(call, &page.items).await?;
    shown(call, &loaded, &permit, Fact::new(), Page { items: found, next: page.next }).await
}

/// Two batches, as each may fill one.
async fn with_charts(call: &Call, entries: &[EscrowEntry]) -> Result<Vec<(Escrow, Chart)>, Problem> {
    let store = &call.system.store;
    let escrow_key = |entry: &EscrowEntry| keys::escrow(entry.chart_id, entry.escrow_id);
    let (escrows, charts) = tokio::try_join!(
        store.fetch(entries.iter().map(|entry| escrow_key(entry).any())),
        store.fetch(entries.iter().map(|entry| keys::chart(entry.chart_id).any())),
    )?;
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        let escrow: Option<Escrow> = escrows.get(&escrow_key(entry))?;
        found.extend(escrow.zip(charts.get(&keys::chart(entry.chart_id))?));
    }
    Ok(found)
}

async fn shown(
    call: &Call,
    loaded: &api::Loaded,
    permit: &Permit,
    fact: Fact,
    page: Page<(Escrow, Chart)>,
) -> Outcome<Output> {
    let fact = fact.detail("results", page.items.len());
    let ((), escrows) =
        tokio::try_join!(call.witness(permit, fact), escrows::views(call, loaded, permit, &page.items))?;
    Ok(Reply::with(Output { escrows, next: page.next.as_deref().map(Cursor::new) }))
}
