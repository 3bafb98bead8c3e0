//! Reads the audit trail of a client, newest first (R130, R131, R135).
//!
//! Who may read the whole trail sees all of it. A practitioner sees what concerns the client as such and
//! the charts they may read, as `sight` says.

use crate::{
    entry::{self, Output},
    sight::Sight,
    trail::Query,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ClientId, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_client_evidence",
    "/clients/{client_id}/evidence",
    Action::ReadClientEvidence,
    Kind::ClientEvidenceRead,
)
.purpose(Purpose::Operations)
.summary("Read the audit trail of a client (R130, R131)");

pub async fn handle(call: Call, query: Query) -> Outcome<Output> {
    let wanted = query.check()?;
    let client_id: ClientId = call.path("client_id")?;
    let client_key = keys::client(client_id);
    let store = &call.system.store;
    let trail = async {
        Ok::<_, Problem>(store.evidence_of_client(client_id, wanted.after.as_deref(), wanted.limit).await?)
    };
    let charts = async { Ok::<_, Problem>(store.charts(client_id).await?) };
    let (loaded, page, charts) = tokio::try_join!(call.load([client_key.any()]), trail, charts)?;
    let client = loaded.require(&client_key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let sight = Sight::of(&call, &loaded, &charts)?;
    let (facts, next) = wanted.select(loaded.organization.id, page);
    let facts = sight.seen(&call, &loaded, &charts, facts).await?;
    let fact = Fact::new().client(client_id);
    Ok(Reply::with(entry::show(&call, &loaded, &permit, fact, (facts, next)).await?))
}
