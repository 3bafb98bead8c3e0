//! Lists the sessions the caller facilitates, newest first, with the masked cards of their clients (R100, R108).

use crate::rows::{self, RowView};
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply, view::ClientCard};
use authz::{Action, Permit, Resource};
use domain::{ClientId, client::Client, facilitation::FacilitatedSession};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Key, keys};

pub static OPERATION: Operation = Operation::get(
    "list_facilitations",
    "/facilitated-sessions",
    Action::ListFacilitations,
    Kind::FacilitationsListed,
)
.summary("List the sessions you facilitate, with how far each is (R108)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub sessions: Vec<Row>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FacilitatorsRow")]
pub struct Row {
    #[serde(flatten)]
    pub session: RowView,
    /// Who takes part.
    pub clients: Vec<ClientCard>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let loaded = call.load([]).await?;
    let organization_id = loaded.organization.id;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let store = &call.system.store;
    let page = store.facilitations(organization_id, loaded.member.id, after.as_deref(), limit).await?;
    let mut readable = Vec::new();
    for session in rows::sessions(&call, &page.items).await? {
        if call.may(&loaded, Action::ReadFacilitation, Resource::Facilitation(&session))? {
            readable.push(session);
        }
    }
    let sessions = shown(&call, &loaded, &permit, &readable).await?;
    call.witness(&permit, Fact::new().detail("results", sessions.len())).await?;
    Ok(Reply::with(Output { sessions, next: page.next.as_deref().map(Cursor::new) }))
}

async fn shown(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    sessions: &[FacilitatedSession],
) -> Result<Vec<Row>, Problem> {
    let clients: BTreeSet<ClientId> = sessions
        .iter()
        .flat_map(FacilitatedSession::present)
        .map(|participant| participant.client_id)
        .collect();
    let clients: Vec<Key<Client>> = clients.into_iter().map(keys::client).collect();
    let found = call.system.store.fetch_all(clients.iter().map(Key::any)).await?;
    let directory = call.directory(&loaded.organization).await?;
    let mut rows = Vec::new();
    for session in sessions {
        let mut cards = Vec::new();
        for participant in session.present() {
            let client = found.get(&keys::client(participant.client_id))?;
            cards.extend(client.map(|client| ClientCard::new(&client, &directory, permit)).transpose()?);
        }
        rows.push(Row { session: RowView::new(session), clients: cards });
    }
    Ok(rows)
}
