//! Reads how far a stock-taking is, and once it is closed what it came to, line by line (R032).

use crate::taking::{self, StocktakeLine, StocktakeView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{StocktakeId, physical::Barcode, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_stocktake",
    "/stocktakes/{stocktake_id}",
    Action::ReadStocktake,
    Kind::StocktakeRead,
)
.purpose(Purpose::RecordsManagement)
.summary("Read how far a stock-taking is, or what it came to (R032)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReadStocktakeInput")]
pub struct Input {
    /// `next` of the page of lines before.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReadStocktakeOutput")]
pub struct Output {
    #[serde(flatten)]
    stocktake: StocktakeView,
    /// While it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    /// Once it is closed: what was not where it should be, a page of it.
    lines: Vec<StocktakeLine>,
    next: Option<Cursor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StocktakeProgress")]
pub struct Progress {
    /// Different barcodes that were scanned.
    scanned: usize,
    /// Of the folders that should be there.
    found: usize,
    left: usize,
    /// Folders that should be there and have no barcode.
    unlabelled: usize,
    /// Scanned, and not expected.
    strangers: usize,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let after = Paging::new(None, input.cursor).after()?;
    let organization_id = call.organization_id()?;
    let key = keys::stocktake(organization_id, call.path("stocktake_id")?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let stocktake = loaded.require(&key)?;
    let fact = Fact::new().location(stocktake.location_id).detail("stocktake_id", stocktake.id);
    let (names, ()) = tokio::try_join!(
        call.names(&loaded, [stocktake.begun_by], [stocktake.location_id]),
        call.witness(&permit, fact)
    )?;
    let view = StocktakeView::new(&stocktake, &names);
    if stocktake.closed.is_none() {
        let progress = Some(progress(&call, stocktake.id).await?);
        return Ok(Reply::with(Output { stocktake: view, progress, lines: Vec::new(), next: None }));
    }
    let page = call.system.store.stocktake_report(stocktake.id, after.as_deref()).await?;
    let lines = page.items.into_iter().flat_map(|part| part.lines).collect();
    Ok(Reply::with(Output {
        stocktake: view,
        progress: None,
        lines: taking::lines(&call, &loaded, &permit, lines).await?,
        next: page.next.as_deref().map(Cursor::new),
    }))
}

async fn progress(call: &Call, id: StocktakeId) -> Result<Progress, Problem> {
    let store = &call.system.store;
    let (expected, scanned) = tokio::try_join!(store.stocktake_expected(id), store.stocktake_scans(id))?;
    let labelled: BTreeSet<&Barcode> = expected.iter().filter_map(|one| one.barcode.as_ref()).collect();
    let found = labelled.iter().filter(|barcode| scanned.contains(**barcode)).count();
    Ok(Progress {
        scanned: scanned.len(),
        found,
        left: labelled.len().saturating_sub(found),
        unlabelled: expected.len().saturating_sub(labelled.len()),
        strangers: scanned.len().saturating_sub(found),
    })
}
