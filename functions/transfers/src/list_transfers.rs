//! Lists transfers in progress: what is offered to the caller and by them, or all of the organization's for those who
//! coordinate it (P-35, P-40, R094).

use crate::view::TransferView;
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply, view::ClientCard};
use authz::{Action, Permit, Resource};
use domain::{MemberId, chart::Chart, client::Client, transfer::Offer};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{TransferEntry, keys};

pub static OPERATION: Operation =
    Operation::get("list_transfers", "/transfers", Action::ListTransfers, Kind::TransfersListed)
        .summary("List the transfers in progress that concern you, or all for coordinators (P-40)");

/// Whose transfers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What is offered to the caller, and what of theirs is offered.
    #[default]
    Mine,
    /// All there are, for coordinators.
    Organization,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    #[serde(default)]
    pub scope: Scope,
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
    /// The newest offer first.
    pub transfers: Vec<TransferView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, member_id) = (call.organization_id()?, call.member_id()?);
    let whose = (input.scope == Scope::Mine).then_some(member_id);
    let store = &call.system.store;
    let (loaded, page) = tokio::try_join!(
        call.load([]),
        store.transfers(organization_id, whose, after.as_deref(), limit).err_into::<Problem>(),
    )?;
    let permit = permit(&call, &loaded, input.scope)?;
    let pending = pending(&call, &page.items).await?;
    let members = pending.iter().flat_map(|one| [one.chart.owner, one.offer.to, one.offer.by]);
    let ((), names, directory) = tokio::try_join!(
        call.witness(&permit, Fact::new().detail("results", pending.len())),
        call.names(&loaded, members.collect::<Vec<MemberId>>(), []),
        call.directory(&loaded.organization),
    )?;
    let view = |one: &Pending| {
        let view = TransferView::new(&one.chart, &one.offer).named(&names);
        if !one.shows_chart_to(member_id) {
            // Whoever began it can take it back, and for that has to name it (P-36).
            return Ok(if one.offer.by == member_id { view.with_chart(one.chart.id, None) } else { view });
        }
        let client = ClientCard::new(&one.client, &directory, &permit)?;
        Ok(view.with_chart(one.chart.id, Some(client)))
    };
    let transfers = pending.iter().map(view).collect::<Result<_, Problem>>()?;
    Ok(Reply::with(Output { transfers, next: page.next.as_deref().map(Cursor::new) }))
}

/// All of the organization's are for those who see its caseloads.
fn permit(call: &Call, loaded: &Loaded, scope: Scope) -> Result<Permit, Problem> {
    let organization = Resource::Organization(loaded.organization.id);
    if scope == Scope::Organization {
        call.system.authorizer.permit(&loaded.member, Action::ListCaseloads, organization, call.now)?;
    }
    call.permit(loaded, organization)
}

/// A chart on its way, and whom it is about.
struct Pending {
    chart: Chart,
    offer: Offer,
    client: Client,
}

impl Pending {
    /// Whom it concerns sees which chart it is; a coordinator does unless it is confidential (P-33).
    fn shows_chart_to(&self, reader: MemberId) -> bool {
        self.chart.owner == reader || self.offer.to == reader || !self.chart.confidential
    }
}

/// The offers of a page that are still open: two batches, as each may fill one.
async fn pending(call: &Call, entries: &[TransferEntry]) -> Result<Vec<Pending>, Problem> {
    let store = &call.system.store;
    let (charts, clients) = tokio::try_join!(
        store.fetch(entries.iter().map(|entry| keys::chart(entry.chart_id).any())),
        store.fetch(entries.iter().map(|entry| keys::client(entry.client_id).any())),
    )?;
    let mut pending = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(chart) = charts.get(&keys::chart(entry.chart_id))? else { continue };
        let Some(client) = clients.get(&keys::client(entry.client_id))? else { continue };
        let offer = chart.offer.clone().filter(|offer| offer.id == entry.transfer_id);
        pending.extend(offer.map(|offer| Pending { chart, offer, client }));
    }
    Ok(pending)
}
