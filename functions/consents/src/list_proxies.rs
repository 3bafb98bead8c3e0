//! Lists who stands for a client, those whose time is over among them until they are ended (R066).

use crate::view::ProxyView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::ClientId;
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_proxies", "/clients/{client_id}/proxies", Action::ListProxies, Kind::ProxiesListed)
        .summary("List who sees what is meant for a client (R066)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub proxies: Vec<ProxyView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let store = &call.system.store;
    let (loaded, page) = tokio::try_join!(
        call.load([key.any()]),
        store.proxies(client_id, after.as_deref(), limit).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let members = page.items.iter().map(|proxy| keys::member(proxy.organization_id, proxy.member_id).any());
    let fact = Fact::new().client(client_id).detail("results", page.items.len());
    let ((), members) =
        tokio::try_join!(call.witness(&permit, fact), store.fetch(members).err_into::<Problem>())?;
    let today = call.today(&loaded.organization);
    let view = |proxy| ProxyView::new(proxy, today).named_from(loaded.organization.id, &members);
    let proxies = page.items.iter().map(view).collect::<Result<_, _>>()?;
    Ok(Reply::with(Output { proxies, next: page.next.as_deref().map(Cursor::new) }))
}
