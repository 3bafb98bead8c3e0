//! Reads a client with every confidential detail masked (R010, R021, R022, R085).

use crate::{Nothing, card, detail::ClientDetail};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::ClientId;
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_client", "/clients/{client_id}", Action::ReadClient, Kind::ClientRead)
        .summary("Read a client, with confidential details masked (R010, R085)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub client: ClientDetail,
    /// Clients that are held to be this one.
    pub merged: Vec<ClientId>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, merged) =
        tokio::try_join!(call.load([key.any()]), call.system.store.merged(client_id).err_into::<Problem>())?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let organization = &loaded.organization;
    let client_key = card::client_key(&call, organization, &client).await?;
    let demographics = card::demographics(&client, &client_key, &permit)?;
    call.witness(&permit, Fact::new().client(client_id)).await?;
    let detail = ClientDetail::new(&client, &demographics, organization, call.today(organization));
    let merged = merged.into_iter().map(|claim| claim.client_id).collect();
    Ok(Reply::with(Output { client: detail, merged }))
}
