//! Lists the sessions at the caller's center, newest first: the board, with the status the facilitators see too
//! (R105, R108).

use crate::rows::{self, RowView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_center_facilitations",
    "/center/facilitated-sessions",
    Action::ListCenterFacilitations,
    Kind::CenterFacilitationsListed,
)
.purpose(Purpose::Operations)
.summary("List the sessions at your center, with how far each is (R105, R108)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub sessions: Vec<RowView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let loaded = call.load([]).await?;
    let center_id = loaded.organization.id;
    let permit = call.permit(&loaded, Resource::Organization(center_id))?;
    let page = call.system.store.facilitations_at(center_id, after.as_deref(), limit).await?;
    let mut sessions = Vec::new();
    for session in rows::sessions(&call, &page.items).await? {
        // The row goes with the release; should it be read a moment before, the session itself decides.
        if call.may(&loaded, Action::ReadFacilitation, Resource::Facilitation(&session))? {
            sessions.push(RowView::new(&session));
        }
    }
    call.witness(&permit, Fact::new().detail("results", sessions.len())).await?;
    Ok(Reply::with(Output { sessions, next: page.next.as_deref().map(Cursor::new) }))
}
