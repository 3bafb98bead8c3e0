//! Reads the timeline of a client: the records of every chart the caller may read, theirs and those of the
//! clients held to be them, in one order (R015, R021).

use crate::timeline;
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply, view::RecordView};
use authz::{Action, Permit, Resource};
use domain::{ClientId, chart::Chart, client::Client, record::Record};
use evidence::Kind;
use futures_util::{TryFutureExt, future::try_join_all};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Claim, keys};

pub static OPERATION: Operation = Operation::get(
    "read_timeline",
    "/clients/{client_id}/timeline",
    Action::ReadTimeline,
    Kind::TimelineRead,
)
.summary("Read a client's records over all charts you may read, newest first (R015)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// What the client is called, to who stands for them and may not read the client (R066).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Voided ones among them, marked.
    pub records: Vec<RecordView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let store = &call.system.store;
    let (loaded, charts, merged) = tokio::try_join!(
        call.load([key.any()]),
        store.charts(client_id).err_into::<Problem>(),
        store.merged(client_id).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let charts = readable(&call, &loaded, charts, merged).await?;
    let records =
        records(&call, &loaded, &permit, &charts, after.as_deref(), limit.saturating_add(1)).await?;
    let (records, next) = timeline::cut(records, limit);
    let (authors, places) = timeline::mentioned(&records);
    let ((), keys, names, client_name) = tokio::try_join!(
        call.witness(&permit, Fact::new().client(client_id).detail("results", records.len())),
        timeline::client_keys(&call, &charts),
        call.names(&loaded, authors, places),
        name(&call, &loaded, &permit, &client),
    )?;
    let views = timeline::views(&records, &keys, &permit, &loaded)?;
    let shown = |view: RecordView| match charts.iter().find(|chart| chart.id == view.chart_id) {
        Some(chart) => view.named(&names).seen_by(chart, &loaded.member, call.now),
        None => view.named(&names),
    };
    let records = views.into_iter().map(shown).collect();
    Ok(Reply::with(Output { client_name, records, next: next.as_deref().map(Cursor::new) }))
}

/// What the client is called, to who stands for them; everybody else has it where its reading is evidence (R085).
async fn name(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    client: &Client,
) -> Result<Option<String>, Problem> {
    if !loaded.member.stands_for(call.now).any(|one| one == client.id) {
        return Ok(None);
    }
    let key = call.system.vault.client_key(client.organization_id, client.id, &client.key).await?;
    let known = key.open(permit, "client/demographics", &client.id, &client.demographics)?;
    Ok(Some(known.full_name.into()))
}

/// The client's own charts and those of the clients merged into them, as far as the caller may list them. A chart that is
/// open to them in escrow is read by itself, where the evidence names the escrow.
async fn readable(
    call: &Call,
    loaded: &Loaded,
    own: Vec<Chart>,
    merged: Vec<Claim>,
) -> Result<Vec<Chart>, Problem> {
    let of_merged =
        try_join_all(merged.iter().map(|claim| call.system.store.charts(claim.client_id))).await?;
    let mut readable = Vec::new();
    for chart in own.into_iter().chain(of_merged.into_iter().flatten()).map(Chart::without_escrows) {
        if call.may(loaded, Action::ListRecords, Resource::Chart(&chart))? {
            readable.push(chart);
        }
    }
    Ok(readable)
}

/// From each chart as many as could be on the page: one cursor serves them all, because their keys sort alike.
async fn records(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    charts: &[Chart],
    after: Option<&str>,
    wanted: u32,
) -> Result<Vec<Record>, Problem> {
    let of_each = charts.iter().map(|chart| async move {
        let first = call.system.store.timeline(chart.id, after, wanted).await?;
        timeline::visible(call, loaded, permit, chart, first, wanted).await
    });
    Ok(try_join_all(of_each).await?.into_iter().flatten().collect())
}
