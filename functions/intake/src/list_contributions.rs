//! Lists what waits in the caller's inbox: files their clients sent, newest first, and clients who wait for
//! another link (X-9, R121).

use crate::renewals::{self, RenewalView};
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{ChartId, ClientId, ContributionId, LinkId, chart::Chart, contribution::Contribution};
use evidence::Kind;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{InboxEntry, keys};

pub static OPERATION: Operation = Operation::get(
    "list_contributions",
    "/contributions",
    Action::ListContributions,
    Kind::ContributionsListed,
)
.summary("List what clients have sent and nobody has decided on (X-9, R121)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    contributions: Vec<ContributionView>,
    /// Clients who ask for another link because theirs has expired. The newest 100, on the first page.
    renewals: Vec<RenewalView>,
    next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ContributionView {
    id: ContributionId,
    chart_id: ChartId,
    client_id: ClientId,
    /// The link it came by.
    link_id: LinkId,
    title: String,
    file_name: String,
    size_bytes: u64,
    /// What inspection found it to be; what the sender declared while inspection is not done.
    media_type: String,
    /// `inspecting`, `available`, `quarantined` or `rejected`; only what is available can be accepted.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// Code of the reason why it is quarantined or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Codes of warnings, such as `patient_mismatch`.
    warnings: Vec<String>,
    has_preview: bool,
    received_at: Timestamp,
    /// To be sent back with the decision.
    revision: u64,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, member_id) = (call.organization_id()?, call.member_id()?);
    let store = &call.system.store;
    let (loaded, inbox, entries) = tokio::join!(
        call.load([]),
        store.inbox(organization_id, member_id, after.as_deref(), limit),
        renewals::entries(&call, after.is_none())
    );
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let (inbox, entries) = (inbox?, entries?);
    let (waiting, asked) = tokio::try_join!(waiting(&call, &inbox.items), renewals::asked(&call, &entries))?;
    let (waiting, asked) = (theirs(&call, &loaded, &waiting), theirs(&call, &loaded, &asked));
    let fact = Fact::new().detail("contributions", waiting.len()).detail("renewals", asked.len());
    call.witness(&permit, fact).await?;
    let contributions = waiting.iter().map(|(permit, (sent, chart))| view(&call, permit, sent, chart));
    let renewals = asked.iter().map(|(permit, (link, chart))| renewals::view(&call, permit, link, chart));
    let (contributions, renewals) = tokio::try_join!(try_join_all(contributions), try_join_all(renewals))?;
    Ok(Reply::with(Output { contributions, renewals, next: inbox.next.as_deref().map(Cursor::new) }))
}

/// Each row is its chart's: who has lost a chart has lost what its client sent.
fn theirs<'r, T>(call: &Call, loaded: &Loaded, rows: &'r [(T, Chart)]) -> Vec<(Permit, &'r (T, Chart))> {
    let (authorizer, action) = (&call.system.authorizer, call.operation.action);
    let permit = |chart| authorizer.permit(&loaded.member, action, Resource::Chart(chart), call.now).ok();
    rows.iter().filter_map(|row| Some((permit(&row.1)?, row))).collect()
}

/// The contributions of a page of the inbox with their charts: two batches, as each may fill one.
async fn waiting(call: &Call, entries: &[InboxEntry]) -> Result<Vec<(Contribution, Chart)>, Problem> {
    let store = &call.system.store;
    let (contributions, charts) = tokio::try_join!(
        store.fetch(
            entries.iter().map(|entry| keys::contribution(entry.chart_id, entry.contribution_id).any())
        ),
        store.fetch(entries.iter().map(|entry| keys::chart(entry.chart_id).any()))
    )?;
    let mut waiting = Vec::with_capacity(entries.len());
    for entry in entries {
        let contribution = contributions.get(&keys::contribution(entry.chart_id, entry.contribution_id))?;
        let chart = charts.get(&keys::chart(entry.chart_id))?;
        // One whose record was destroyed can be back from a backup, without its key.
        let waits = |one: &Contribution| one.decision.is_none() && !one.key.is_destroyed();
        waiting.extend(contribution.filter(waits).zip(chart));
    }
    Ok(waiting)
}

async fn view(
    call: &Call,
    permit: &Permit,
    contribution: &Contribution,
    chart: &Chart,
) -> Result<ContributionView, Problem> {
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&contribution.id, &contribution.key)?;
    let file = &contribution.file;
    let finding = file.state.finding();
    Ok(ContributionView {
        id: contribution.id,
        chart_id: contribution.chart_id,
        client_id: contribution.client_id,
        link_id: contribution.link_id,
        title: key.open(permit, "contribution/title", &contribution.id, &contribution.title)?.into(),
        file_name: key.open(permit, "file/name", &file.upload_id, &file.file_name)?.into(),
        size_bytes: file.size_bytes,
        media_type: file.media_type.clone(),
        state: file.state.name(),
        class: finding.map(|finding| finding.class.clone()),
        reason: finding.and_then(|finding| finding.reason.clone()),
        warnings: finding.map(|finding| finding.warnings.clone()).unwrap_or_default(),
        has_preview: finding.is_some_and(|finding| finding.preview.is_some()),
        received_at: contribution.received_at,
        revision: contribution.revision,
    })
}
