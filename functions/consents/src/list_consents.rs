//! Lists what a client has permitted, the newest record of it first, withdrawn ones among it (R060, R066).

use crate::{known, view::ConsentView};
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ClientId,
    client::Client,
    consent::{Consent, Said},
};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_consents",
    "/clients/{client_id}/consents",
    Action::ListConsents,
    Kind::ConsentsListed,
)
.summary("List the permissions of a client, newest first (R060, R066)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub consents: Vec<ConsentView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, page) = tokio::try_join!(
        call.load([key.any()]),
        call.system.store.consents(client_id, after.as_deref(), limit).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    call.witness(&permit, Fact::new().client(client_id).detail("results", page.items.len())).await?;
    let consents = views(&call, &loaded, &permit, &client, &page.items).await?;
    Ok(Reply::with(Output { consents, next: page.next.as_deref().map(Cursor::new) }))
}

async fn views(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    client: &Client,
    consents: &[Consent],
) -> Result<Vec<ConsentView>, Problem> {
    let (key, names) = tokio::try_join!(
        known::client_key(call, client),
        call.names(loaded, consents.iter().map(|consent| consent.recorded_by), []),
    )?;
    let today = call.today(&loaded.organization);
    let view = |consent: &Consent| {
        let said: Said = key.open(permit, "consent/said", &consent.id, &consent.said)?;
        Ok(ConsentView::new(consent, said, &loaded.organization, today).named(&names))
    };
    consents.iter().map(view).collect()
}
