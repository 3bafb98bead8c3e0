//! Registers a client: sealed, findable, numbered once, and not twice by mistake (R010, R021, R023, R085).

use crate::{
    card,
    detail::ClientDetail,
    duplicates::{self, PossibleDuplicate},
    index,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ClientId,
    client::{Client, ClientStatus, Demographics},
    organization::Organization,
    search::Terms,
};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use store::{Change, Claim, Key, keys};
use vault::DirectoryKey;

pub static OPERATION: Operation =
    Operation::post("register_client", "/clients", Action::RegisterClient, Kind::ClientRegistered)
        .summary("Register a client; possible duplicates are pointed out (R010, R021, R085)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub demographics: Demographics,
    /// Clients that were looked at and are someone else.
    #[serde(default)]
    pub acknowledged_duplicates: BTreeSet<ClientId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<ClientDetail> {
    let loaded = call.load([]).await?;
    let organization = &loaded.organization;
    let permit = call.permit(&loaded, Resource::Organization(organization.id))?;
    let today = call.today(organization);
    let client_id: ClientId = call.new_id();
    let is_number_given = input.demographics.file_number.is_some();
    let (demographics, terms) = card::numbered(input.demographics, client_id)?;
    demographics.check(&organization.policy.required_fields, today)?;

    let directory = call.directory(organization).await?;
    let claim = index::file_number_claim(organization.id, &directory.blind_index(), &terms);
    let (duplicates, taken) = tokio::try_join!(
        duplicates::possible(&call, &permit, &directory, &terms),
        call.system.store.fetch([claim.any()]).err_into::<Problem>(),
    )?;
    // A number made by us that is taken is no fault of the caller: the commit fails and another is made.
    if is_number_given && taken.get(&claim)?.is_some() {
        return Err(card::taken());
    }
    must_be_acknowledged(duplicates, &input.acknowledged_duplicates)?;

    let client = seal(&call, organization, &directory, client_id, &demographics).await?;
    let detail = ClientDetail::new(&client, &demographics, organization, today);
    let change = insert(&client, &claim, &directory, &terms);
    call.commit(organization, &permit, change, Fact::new().client(client.id), Reply::with(detail)).await
}

/// Everyone who could be the same person must have been looked at.
fn must_be_acknowledged(
    duplicates: Vec<PossibleDuplicate>,
    acknowledged: &BTreeSet<ClientId>,
) -> Result<(), Problem> {
    let unseen: Vec<PossibleDuplicate> =
        duplicates.into_iter().filter(|one| !acknowledged.contains(&one.client_id)).collect();
    if unseen.is_empty() {
        return Ok(());
    }
    let detail = "this could be someone who is registered already; acknowledge those who are someone else";
    Err(Problem::conflict("possible_duplicate", detail).with("possible_duplicates", json!(unseen)))
}

/// A new client, under a new key of their own.
async fn seal(
    call: &Call,
    organization: &Organization,
    directory: &DirectoryKey,
    id: ClientId,
    demographics: &Demographics,
) -> Result<Client, Problem> {
    let vault = &call.system.vault;
    let (key, wrapped) = vault.new_client_key(organization.id, id).await?;
    Ok(Client {
        id,
        organization_id: organization.id,
        status: ClientStatus::Active,
        key: wrapped,
        demographics: key.seal(vault, "client/demographics", &id, demographics)?,
        card: directory.seal(vault, "client/card", &id, &demographics.card(card::number(demographics)))?,
        merged_into: None,
        created_at: call.now,
        revision: 1,
    })
}

/// The client, their number and every entry they are found by: all or nothing.
fn insert(client: &Client, claim: &Key<Claim>, directory: &DirectoryKey, terms: &Terms) -> Change {
    let digests = index::digests(&directory.blind_index(), terms);
    let change = Change::new().insert("client", &keys::client(client.id), client).insert(
        "file number",
        claim,
        &Claim { client_id: client.id },
    );
    index::Difference::between(&BTreeSet::new(), &digests).write(change, client.organization_id, client.id)
}
