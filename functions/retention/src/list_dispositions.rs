//! Lists dispositions, newest first: who proposed what, who approved it, and how far it is (R154).

use crate::disposing::DispositionView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{disposition::Disposition, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("list_dispositions", "/dispositions", Action::ListDispositions, Kind::DispositionsListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the dispositions of records, newest first (R154)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub dispositions: Vec<DispositionView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.dispositions(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let ids = page.items.iter().map(|entry| keys::disposition(entry.disposition_id));
    let found = call.system.store.fetch(ids.clone().map(|key| key.any())).await?;
    let mut dispositions: Vec<Disposition> = Vec::with_capacity(page.items.len());
    for key in ids {
        dispositions.extend(found.get(&key)?);
    }
    let dispositions = DispositionView::all(&call, &loaded, &permit, &dispositions).await?;
    call.witness(&permit, Fact::new().detail("results", dispositions.len())).await?;
    Ok(Reply::with(Output { dispositions, next: page.next.as_deref().map(Cursor::new) }))
}
