//! Lists a chart's records of all types in one order, newest first (R002, R015, R046).

use crate::timeline;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply, view::RecordView};
use authz::{Action, Resource};
use domain::ChartId;
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_records", "/charts/{chart_id}/records", Action::ListRecords, Kind::RecordsListed)
        .summary("List a chart's records of all types, newest first (R002, R015)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Voided ones among them, marked.
    pub records: Vec<RecordView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    // One more than the page holds, to know whether there is a next one.
    let wanted = limit.saturating_add(1);
    let (loaded, first) = tokio::try_join!(
        call.load([key.any()]),
        call.system.store.timeline(chart_id, after.as_deref(), wanted).err_into::<Problem>(),
    )?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let records = timeline::visible(&call, &loaded, &permit, &chart, first, wanted).await?;
    let (records, next) = timeline::cut(records, limit);
    let (authors, places) = timeline::mentioned(&records);
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("results", records.len());
    let ((), keys, names) = tokio::try_join!(
        call.witness(&permit, fact),
        timeline::client_keys(&call, std::slice::from_ref(&chart)),
        call.names(&loaded, authors, places),
    )?;
    let views = timeline::views(&records, &keys, &permit, &loaded)?;
    let shown = |view: RecordView| view.named(&names).seen_by(&chart, &loaded.member, call.now);
    let records = views.into_iter().map(shown).collect();
    Ok(Reply::with(Output { records, next: next.as_deref().map(Cursor::new) }))
}
