//! Lists the notes that wait for the caller's signature beside their authors', in the order they were begun (R068,
//! P-13).
//!
//! What waits is listed in the chart, so that it goes with the chart to another owner. The entry of a chart among
//! its owner's says how much waits in it: a chart where nothing does costs no read of its own.

use crate::timeline;
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply, view::RecordView};
use authz::{Action, Resource};
use domain::{ChartId, MemberId, OrganizationId, chart::Chart, limits::PAGE_ITEMS, record::Record};
use evidence::Kind;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Key, keys};

pub static OPERATION: Operation =
    Operation::get("list_cosignatures", "/cosignatures", Action::ListCosignatures, Kind::CosignaturesListed)
        .summary("List the notes that wait for your co-signature (R068, P-13)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub records: Vec<RecordView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// Entries of owned charts that one query reads; they are small.
const OWNED_READ: u32 = 1_000;
/// Keys that one batch read takes.
const CHARTS_READ: usize = 100;

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, member_id) = (call.organization_id()?, call.member_id()?);
    let (loaded, owned) =
        tokio::try_join!(call.load([]), where_something_waits(&call, organization_id, member_id))?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let charts = charts(&call, &owned).await?;
    // From each chart as many as could be on the page: one cursor serves them all, because their keys sort alike.
    let wanted = limit.saturating_add(1);
    let of_each = charts.iter().map(|chart| waiting(&call, &loaded, chart, after.as_deref(), wanted));
    let records: Vec<Record> = try_join_all(of_each).await?.into_iter().flatten().collect();
    let (records, next) = cut(records, limit);
    let charts: Vec<Chart> = charts.into_iter().filter(|chart| is_of(&records, chart.id)).collect();
    let (authors, places) = timeline::mentioned(&records);
    let ((), keys, names) = tokio::try_join!(
        call.witness(&permit, Fact::new().detail("results", records.len())),
        timeline::client_keys(&call, &charts),
        call.names(&loaded, authors, places),
    )?;
    let views = timeline::views(&records, &keys, &permit, &loaded)?;
    let records = views.into_iter().map(|view| view.named(&names)).collect();
    Ok(Reply::with(Output { records, next: next.as_deref().map(Cursor::new) }))
}

/// The charts of an owner in which notes wait.
async fn where_something_waits(
    call: &Call,
    organization_id: OrganizationId,
    owner: MemberId,
) -> Result<Vec<ChartId>, Problem> {
    let (mut waiting, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = call.system.store.owned(organization_id, owner, after.as_deref(), OWNED_READ).await?;
        waiting.extend(page.items.iter().filter(|entry| entry.cosignatures > 0).map(|entry| entry.chart_id));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(waiting),
        }
    }
}

async fn charts(call: &Call, ids: &[ChartId]) -> Result<Vec<Chart>, Problem> {
    let batches = ids.chunks(CHARTS_READ).map(|batch| async move {
        let keys: Vec<Key<Chart>> = batch.iter().map(|id| keys::chart(*id)).collect();
        let items = call.system.store.fetch(keys.iter().map(Key::any)).await?;
        let found: Result<Vec<Option<Chart>>, _> = keys.iter().map(|key| items.get(key)).collect();
        Ok::<_, Problem>(found?)
    });
    Ok(try_join_all(batches).await?.into_iter().flatten().flatten().collect())
}

/// The first `wanted` notes of a chart behind a key that the caller may co-sign.
async fn waiting(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    after: Option<&str>,
    wanted: u32,
) -> Result<Vec<Record>, Problem> {
    let (mut seen, mut after) = (Vec::new(), after.map(str::to_owned));
    let enough = usize::try_from(wanted).unwrap_or(usize::MAX);
    loop {
        let store = &call.system.store;
        let page = store.cosignatures(chart.id, after.as_deref(), PAGE_ITEMS.min(wanted)).await?;
        let keys: Vec<Key<Record>> =
            page.items.iter().map(|entry| keys::record(chart.id, entry.record_id)).collect();
        let items = store.fetch(keys.iter().map(Key::any)).await?;
        for key in &keys {
            let Some(record) = items.get(key)? else { continue };
            if waits_for(call, loaded, &record, chart)? {
                seen.push(record);
            }
        }
        match page.next {
            Some(next) if seen.len() < enough => after = Some(next),
            _ => return Ok(seen),
        }
    }
}

fn waits_for(call: &Call, loaded: &Loaded, record: &Record, chart: &Chart) -> Result<bool, Problem> {
    Ok(!record.key.is_destroyed()
        && record.must_wait_for(loaded.member.id).is_ok()
        && call.may(loaded, Action::CosignNote, Resource::Record(record, chart))?)
}

/// One page in the order of ids, which is that of time, and the key after which the next one starts.
fn cut(mut records: Vec<Record>, limit: u32) -> (Vec<Record>, Option<String>) {
    records.sort_by_key(|record| record.id);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = records.len() > limit;
    records.truncate(limit);
    let last = records.last().filter(|_| more);
    let next = last.map(|record| keys::cosignature(record.chart_id, record.id).sort().to_owned());
    (records, next)
}

fn is_of(records: &[Record], chart: ChartId) -> bool {
    records.iter().any(|record| record.chart_id == chart)
}
