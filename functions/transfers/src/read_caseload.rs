//! Reads which charts a practitioner has, for who coordinates them: whom each is about, masked, and whether it is on
//! its way; of the confidential ones the number alone (P-33, P-35, R082, R094).

use crate::{
    caseload::{self, CaseloadView},
    view::TransferView,
};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply, view::ClientCard};
use authz::{Action, Permit, Resource};
use domain::{ChartId, MemberId, chart::Chart, purpose::Purpose};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{ChartEntry, Items, keys};
use vault::DirectoryKey;

pub static OPERATION: Operation = Operation::get(
    "read_caseload",
    "/members/{member_id}/caseload",
    Action::ReadCaseload,
    Kind::CaseloadRead,
)
.purpose(Purpose::Operations)
.summary("Read which charts a practitioner has, masked, for coordinators (P-35)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub caseload: CaseloadView,
    /// Those that are not confidential, in the order they were opened.
    pub held: Vec<HeldChart>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A chart somebody has, as far as who coordinates may know.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeldChart {
    pub chart_id: ChartId,
    /// Whom it is about, as lists show them.
    pub client: ClientCard,
    pub opened_at: Timestamp,
    /// The transfer it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferView>,
    /// To be sent back with an offer of it.
    pub revision: u64,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let owner_id: MemberId = call.path("member_id")?;
    let key = keys::member(call.organization_id()?, owner_id);
    let loaded = call.load([key.any()]).await?;
    let owner = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&owner))?;
    let (entries, transfers) =
        tokio::try_join!(caseload::entries(&call, owner_id), caseload::transfers(&call, owner_id))?;
    let place = |entry: &ChartEntry| keys::owned_chart(owner.organization_id, owner_id, entry.chart_id);
    let open = entries.iter().filter(|entry| !entry.confidential);
    let rest = open.filter(|entry| after.as_deref().is_none_or(|after| place(entry).sort() > after));
    let (shown, next) = page(rest, limit);
    let store = &call.system.store;
    let (charts, clients) = tokio::try_join!(
        store.fetch(shown.iter().map(|entry| keys::chart(entry.chart_id).any())),
        store.fetch(shown.iter().map(|entry| keys::client(entry.client_id).any())),
    )?;
    let fact = Fact::new().member(owner_id).detail("results", shown.len());
    let (directory, ()) =
        tokio::try_join!(call.directory(&loaded.organization), call.witness(&permit, fact))?;
    let rows = shown.iter().map(|entry| held(entry, owner_id, &charts, &clients, &directory, &permit));
    let held: Vec<Option<HeldChart>> = rows.collect::<Result<_, Problem>>()?;
    Ok(Reply::with(Output {
        caseload: CaseloadView::new(&owner, &entries, transfers),
        held: held.into_iter().flatten().collect(),
        next: next.map(|last| Cursor::new(place(last).sort())),
    }))
}

/// The entries of one page, and the last of them if others follow.
fn page<'e>(
    mut entries: impl Iterator<Item = &'e ChartEntry>,
    limit: u32,
) -> (Vec<&'e ChartEntry>, Option<&'e ChartEntry>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let shown: Vec<&ChartEntry> = entries.by_ref().take(limit).collect();
    let last = entries.next().and_then(|_| shown.last().copied());
    (shown, last)
}

/// What is shown of a chart that is still theirs, and still not confidential: the chart decides, not its entry.
fn held(
    entry: &ChartEntry,
    owner: MemberId,
    charts: &Items,
    clients: &Items,
    directory: &DirectoryKey,
    permit: &Permit,
) -> Result<Option<HeldChart>, Problem> {
    let chart: Option<Chart> = charts.get(&keys::chart(entry.chart_id))?;
    let client = clients.get(&keys::client(entry.client_id))?;
    let found = chart.filter(|chart| chart.owner == owner && !chart.confidential).zip(client);
    let Some((chart, client)) = found else { return Ok(None) };
    Ok(Some(HeldChart {
        chart_id: chart.id,
        client: ClientCard::new(&client, directory, permit)?,
        opened_at: chart.opened_at,
        transfer: chart.offer.as_ref().map(|offer| TransferView::new(&chart, offer)),
        revision: chart.revision,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ClientId;
    use uuid::Uuid;

    fn entry(id: u128) -> ChartEntry {
        let uuid = Uuid::from_u128(id);
        let (chart_id, client_id) = (ChartId::new(uuid), ClientId::new(uuid));
        ChartEntry { chart_id, client_id, cosignatures: 0, confidential: false }
    }

    #[test]
    fn a_page_ends_with_its_last_only_if_others_follow() {
        let entries = [entry(1), entry(2), entry(3)];
        let (shown, next) = page(entries.iter(), 2);
        assert_eq!((shown.len(), next), (2, Some(&entries[1])));
        let (shown, next) = page(entries.iter(), 3);
        assert_eq!((shown.len(), next), (3, None));
        assert_eq!(page(entries[..0].iter(), 3), (vec![], None));
    }
}
