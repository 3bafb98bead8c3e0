//! Ends a session: the evidence of a sign-out (R132).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation =
    Operation::delete("end_session", "/sessions/current", Action::EndSession, Kind::SessionEnded)
        .purpose(Purpose::Administration)
        .summary("End the session (R132)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    call.witness(&permit, Fact::new().member(loaded.member.id)).await?;
    Ok(Reply::none())
}
