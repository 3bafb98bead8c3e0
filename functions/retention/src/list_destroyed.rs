//! Lists what was destroyed of a chart: ids, classes and days, and the dispositions that tell how (R154).

use crate::gone::GoneRecord;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{ChartId, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_destroyed",
    "/charts/{chart_id}/destroyed-records",
    Action::ListDestroyed,
    Kind::DestroyedListed,
)
.purpose(Purpose::RecordsManagement)
.summary("List what was destroyed of a chart (R154)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub records: Vec<GoneRecord>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let (loaded, page) =
        tokio::join!(call.load([key.any()]), call.system.store.tombstones(chart_id, after.as_deref(), limit));
    let loaded = loaded?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let page = page?;
    let records: Vec<GoneRecord> = page.items.into_iter().map(GoneRecord::from).collect();
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("results", records.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output { records, next: page.next.as_deref().map(Cursor::new) }))
}
