//! Sets what the organization calls its clients (R020, B-01). Nothing that is stored changes with it.

use crate::view::OrganizationView;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{organization::Vocabulary, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::put("set_vocabulary", "/organization/vocabulary", Action::SetVocabulary, Kind::VocabularySet)
        .purpose(Purpose::Administration)
        .summary("Say what clients are called here: patients, students, customers (R020)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    vocabulary: Vocabulary,
}

pub async fn handle(call: Call, input: Input) -> Outcome<OrganizationView> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let mut organization = loaded.organization;
    if input.expected_revision != organization.revision {
        return Err(Problem::stale(organization.revision));
    }
    organization.vocabulary = input.vocabulary;
    let key = keys::organization(organization.id);
    let change = Change::new().replace("organization", &key, &organization);
    let reply = Reply::with(OrganizationView::committed(organization.clone()));
    call.commit(&organization, &permit, change, Fact::new(), reply).await
}
