//! What is known of the client, as far as a permission depends on it, and who decides on one.

use api::{Call, Loaded, Problem};
use authz::{Permit, Resource};
use domain::{
    chart::Chart,
    client::{Client, ClientError},
};
use jiff::civil::Date;
use vault::ClientKey;

/// A permit from the one of the client's charts that gives it; where none does, it is denied of the client.
pub(crate) fn permit(
    call: &Call,
    loaded: &Loaded,
    client: &Client,
    charts: &[Chart],
) -> Result<Permit, Problem> {
    for chart in charts {
        if call.may(loaded, call.operation.action, Resource::Chart(chart))? {
            return call.permit(loaded, Resource::Chart(chart));
        }
    }
    call.permit(loaded, Resource::Client(client))
}

/// The client's key, under which it is sealed what a permission says; no call to KMS when it is warm.
pub(crate) async fn client_key(call: &Call, client: &Client) -> Result<ClientKey, Problem> {
    Ok(call.system.vault.client_key(client.organization_id, client.id, &client.key).await?)
}

/// When the client is of age, if their birth date is known.
pub(crate) fn majority(client: &Client, key: &ClientKey, permit: &Permit) -> Result<Option<Date>, Problem> {
    let demographics = key.open(permit, "client/demographics", &client.id, &client.demographics)?;
    Ok(demographics.majority())
}

/// What is new is written down of the client they are held to be (R021).
pub(crate) fn must_not_be_merged(client: &Client) -> Result<(), ClientError> {
    if client.merged_into.is_some() { Err(ClientError::Merged) } else { Ok(()) }
}
