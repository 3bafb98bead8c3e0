//! Lists legal holds, newest first: a colleague sees those they are a custodian of, who keeps holds all of them (R156).

use crate::keeping::{self, MATTER};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    HoldId,
    hold::{Hold, HoldCause},
    limits::NAME_CHARS,
    purpose::Purpose,
    text::Line,
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_holds", "/holds", Action::ListHolds, Kind::HoldsListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the legal holds you keep or are a custodian of (R156)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub holds: Vec<HoldLine>,
    /// Where the next page starts; absent at the end. A page can hold less than was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct HoldLine {
    pub hold_id: HoldId,
    pub cause: HoldCause,
    pub matter: Line<NAME_CHARS>,
    pub stands: bool,
    pub issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    pub reaffirm_by: Date,
    pub reaffirmation_due: bool,
    pub custodians: usize,
    /// How many of them have not said yet that they know.
    pub unacknowledged: usize,
    /// Whether the caller is a custodian who has not.
    pub to_acknowledge: bool,
    pub revision: u64,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.holds(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let directory = call.directory(&loaded.organization).await?;
    let today = call.today(&loaded.organization);
    let mut holds = Vec::new();
    for hold in &page.items {
        if keeping::may_read(&call, &loaded, hold)? {
            let matter = directory.open(&permit, MATTER, &hold.id, &hold.matter)?;
            let own = hold.custodians.get(&loaded.member.id).is_some_and(Option::is_none);
            holds.push(HoldLine { to_acknowledge: hold.stands() && own, ..line(hold, matter, today) });
        }
    }
    call.witness(&permit, Fact::new().detail("results", holds.len())).await?;
    Ok(Reply::with(Output { holds, next: page.next.as_deref().map(Cursor::new) }))
}

fn line(hold: &Hold, matter: Line<NAME_CHARS>, today: Date) -> HoldLine {
    HoldLine {
        hold_id: hold.id,
        cause: hold.cause,
        matter,
        stands: hold.stands(),
        issued_at: hold.issued_at,
        released_at: hold.released.as_ref().map(|released| released.at),
        reaffirm_by: hold.reaffirm_by,
        reaffirmation_due: hold.reaffirmation_is_due(today),
        custodians: hold.custodians.len(),
        unacknowledged: hold.custodians.values().filter(|at| at.is_none()).count(),
        to_acknowledge: false,
        revision: hold.revision,
    }
}
