//! Reads what was entered of a client that decides how long their records are kept (R153).

use crate::known::FactsView;
use api::{Call, Fact, Nothing, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{ClientId, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_retention_facts",
    "/clients/{client_id}/retention-facts",
    Action::ReadRetentionFacts,
    Kind::RetentionFactsRead,
)
.purpose(Purpose::RecordsManagement)
.summary("Read what was entered of a client that decides how long their records are kept (R153)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<FactsView> {
    let client_id: ClientId = call.path("client_id")?;
    let (key, facts_key) = (keys::client(client_id), keys::retention_facts(client_id));
    let loaded = call.load([key.any(), facts_key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let view = match loaded.get(&facts_key)? {
        Some(facts) => FactsView::of(&call, &loaded, &facts).await?,
        None => FactsView::nothing(client_id),
    };
    call.witness(&permit, Fact::new().client(client_id)).await?;
    Ok(Reply::with(view))
}
