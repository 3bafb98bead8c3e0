//! Lists who can open a record, and why; and which of those who share its chart cannot (P-05, R051, R052).

use crate::readers::{self, Reader, ReaderView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, RecordId, limits::PAGE_ITEMS};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_record_readers",
    "/charts/{chart_id}/records/{record_id}/readers",
    Action::ListRecordReaders,
    Kind::RecordReadersListed,
)
.summary("List who can open a record of your chart, and why in plain words (R051)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub readers: Vec<ReaderView>,
    /// With whom the chart is shared, and who cannot open this record of it all the same.
    pub kept_from: Vec<ReaderView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (chart_id, record_id): (ChartId, RecordId) = (call.path("chart_id")?, call.path("record_id")?);
    let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
    let members = call.system.store.members(call.organization_id()?, after.as_deref(), PAGE_ITEMS);
    let (loaded, first) =
        tokio::try_join!(call.load([chart_key.any(), record_key.closed()]), members.err_into::<Problem>())?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let resource = Resource::Record(&record, &chart);
    let permit = call.permit(&loaded, resource)?;
    let (told, next) = readers::found(&call, first, limit, |member| {
        let decision = call.decide(&loaded, member, Action::ReadRecord, resource)?;
        let is_told = decision.allowed || !chart.shared_with(member, call.now).is_empty();
        Ok(is_told.then(|| Reader::new(&call, &chart, member, decision)))
    })
    .await?;
    let (readers, kept_from): (Vec<_>, Vec<_>) = told.into_iter().partition(|one| one.decision.allowed);
    let fact = Fact::new().client(chart.client_id).chart(chart_id).record(record_id);
    let fact = fact.detail("readers", readers.len()).detail("kept_from", kept_from.len());
    let ((), readers, kept_from) = tokio::try_join!(
        call.witness(&permit, fact),
        readers::views(&call, &loaded, readers),
        readers::views(&call, &loaded, kept_from)
    )?;
    Ok(Reply::with(Output { readers, kept_from, next }))
}
