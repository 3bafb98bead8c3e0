//! Who waits for another link, theirs having expired: what the owner of their chart sees.

use api::{Call, Problem};
use authz::Permit;
use domain::{ChartId, ClientId, LinkId, chart::Chart, intake::IntakeLink, limits::PAGE_ITEMS};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{RenewalEntry, keys};

/// A client who waits for another link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RenewalView {
    /// The link that has expired; name it when you create another one.
    link_id: LinkId,
    chart_id: ChartId,
    client_id: ClientId,
    /// What the link asks for.
    what: String,
    requested_at: Timestamp,
}

/// The caller's renewals, as many as one batch can load. They come with the first page of the inbox.
pub async fn entries(call: &Call, first_page: bool) -> Result<Vec<RenewalEntry>, Problem> {
    if !first_page {
        return Ok(Vec::new());
    }
    Ok(call.system.store.renewals(call.organization_id()?, call.member_id()?, PAGE_ITEMS).await?)
}

/// The links on which others are still asked for, with their charts: two batches, as each may fill one.
pub async fn asked(call: &Call, entries: &[RenewalEntry]) -> Result<Vec<(IntakeLink, Chart)>, Problem> {
    let store = &call.system.store;
    let (links, charts) = tokio::try_join!(
        store.fetch(entries.iter().map(|entry| keys::link(entry.chart_id, entry.link_id).any())),
        store.fetch(entries.iter().map(|entry| keys::chart(entry.chart_id).any()))
    )?;
    let mut asked = Vec::with_capacity(entries.len());
    for entry in entries {
        let link = links.get(&keys::link(entry.chart_id, entry.link_id))?;
        let chart = charts.get(&keys::chart(entry.chart_id))?;
        asked.extend(link.filter(|link| link.renewal_requested_at.is_some()).zip(chart));
    }
    Ok(asked)
}

pub async fn view(
    call: &Call,
    permit: &Permit,
    link: &IntakeLink,
    chart: &Chart,
) -> Result<RenewalView, Problem> {
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let ask = client_key.record_key(&link.id, &link.key)?.open(permit, "link/ask", &link.id, &link.ask)?;
    Ok(RenewalView {
        link_id: link.id,
        chart_id: link.chart_id,
        client_id: link.client_id,
        what: ask.what.into(),
        requested_at: link.renewal_requested_at.ok_or_else(Problem::not_found)?,
    })
}
