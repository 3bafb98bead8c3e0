//! Reads the organization: its name, its words and its policy (R020).

use crate::{Nothing, view::OrganizationView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation =
    Operation::get("read_organization", "/organization", Action::ReadOrganization, Kind::OrganizationRead)
        .purpose(Purpose::Operations)
        .summary("Read the organization's words and policy (R020)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<OrganizationView> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    call.witness(&permit, Fact::new()).await?;
    Ok(Reply::with(loaded.organization.into()))
}
