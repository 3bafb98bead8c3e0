//! Points out who could be the same person, before or without registering anyone (R021).

use crate::{
    card,
    duplicates::{self, PossibleDuplicate},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{ClientId, client::Demographics};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation = Operation::post(
    "find_duplicate_clients",
    "/clients/duplicates",
    Action::FindDuplicateClients,
    Kind::DuplicateClientsFound,
)
.success(200)
.summary("Find clients who could be the same person (R021)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub demographics: Demographics,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The most alike first.
    pub possible_duplicates: Vec<PossibleDuplicate>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let loaded = call.load([]).await?;
    let organization = &loaded.organization;
    let permit = call.permit(&loaded, Resource::Organization(organization.id))?;
    let today = call.today(organization);
    input.demographics.check([], today)?;
    let (_, terms) = card::numbered(input.demographics, call.new_id::<ClientId>())?;
    let directory = call.directory(organization).await?;
    let possible_duplicates = duplicates::possible(&call, &permit, &directory, &terms).await?;
    call.witness(&permit, Fact::new().detail("results", possible_duplicates.len())).await?;
    Ok(Reply::with(Output { possible_duplicates }))
}
