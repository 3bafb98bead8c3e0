//! Lists the folders that were lost or harmed, those to be assessed or those that were, the newest first (R034).

use crate::incidents::{self, IncidentView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation =
    Operation::get("list_incidents", "/incidents", Action::ListIncidents, Kind::IncidentsListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the folders that were lost or harmed (R034)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ListIncidentsInput")]
pub struct Input {
    /// Those that were assessed, instead of those that are to be.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    closed: bool,
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListIncidentsOutput")]
pub struct Output {
    incidents: Vec<IncidentView>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let query = async {
        let store = &call.system.store;
        Ok::<_, Problem>(store.incidents(organization_id, !input.closed, after.as_deref(), limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([]), query)?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let shown = incidents::shown(&call, &loaded, &permit, &page.items).await?;
    call.witness(&permit, Fact::new().detail("incidents", shown.len())).await?;
    Ok(Reply::with(Output { incidents: shown, next: page.next.as_deref().map(Cursor::new) }))
}
