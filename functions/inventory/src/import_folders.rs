//! Imports a part of a list of folders: each row is one transaction, done whole or not at all, and none is done twice
//! however often the list is sent (R031).

use crate::{
    filing::{self, Filed, NewFolder},
    importing::{self, Known, Target},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, ClientId, RecordId,
    chart::Chart,
    client::Client,
    import::{Column, Fault, FaultCode, ImportRow, Imported},
    purpose::Purpose,
    record::Direction,
};
use evidence::Kind;
use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Change, StoreError, keys};

pub static OPERATION: Operation =
    Operation::post("import_folders", "/imports", Action::ImportFolders, Kind::FoldersImported)
        .success(200)
        .purpose(Purpose::RecordsManagement)
        .summary("Import a part of a list of folders (R031)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ImportFoldersInput")]
pub struct Input {
    /// Comma-separated values; the first row names the columns, 1,000 rows at most are below it.
    csv: String,
    /// The line of the whole list on which the first row below the names stands; 2 unless given.
    #[serde(default)]
    first_line: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportFoldersOutput")]
pub struct Output {
    imported: usize,
    already_imported: usize,
    refused: usize,
    /// In the order of their lines.
    rows: Vec<RowResult>,
}

/// What became of a row.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportedRow")]
pub struct RowResult {
    line: u32,
    #[serde(flatten)]
    outcome: RowOutcome,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RowOutcome {
    Imported { chart_id: ChartId, record_id: RecordId },
    AlreadyImported { record_id: RecordId },
    Refused { faults: Vec<Fault> },
}

/// Clients whose rows are imported at the same time; the rows of one follow each other, in one chart.
const AT_ONCE: usize = 8;
/// Tries of a row that somebody else got in the way of.
const TRIES: u32 = 4;

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let part = importing::read(&call, &loaded, &input.csv, input.first_line)?;
    let known = Known::of(&call, &loaded, &part.readable).await?;
    let mut rows = unreadable(part.faults);
    let mut by_client: BTreeMap<ClientId, Vec<(ImportRow, Target)>> = BTreeMap::new();
    for row in part.readable {
        match (known.imported(&row), known.target(&row)) {
            (Some(imported), _) => {
                let outcome = RowOutcome::AlreadyImported { record_id: imported.record_id };
                rows.push(RowResult { line: row.line, outcome });
            }
            (None, Ok(target)) => by_client.entry(target.client).or_default().push((row, target)),
            (None, Err(faults)) => {
                rows.push(RowResult { line: row.line, outcome: RowOutcome::Refused { faults } });
            }
        }
    }
    let import = Import { call: &call, loaded: &loaded, permit: &permit, known: &known };
    let done = by_client.into_iter().map(|(client, rows)| import.rows(client, rows));
    let done: Vec<Vec<RowResult>> = stream::iter(done).buffer_unordered(AT_ONCE).try_collect().await?;
    rows.extend(done.into_iter().flatten());
    rows.sort_by_key(|row| row.line);
    let output = Output::of(rows);
    let fact = Fact::new()
        .detail("imported", output.imported)
        .detail("already_imported", output.already_imported)
        .detail("refused", output.refused);
    call.commit(&loaded.organization, &permit, Change::new(), fact, Reply::with(output)).await
}

fn unreadable(faults: Vec<Fault>) -> Vec<RowResult> {
    let mut by_line: BTreeMap<u32, Vec<Fault>> = BTreeMap::new();
    for fault in faults {
        by_line.entry(fault.line).or_default().push(fault);
    }
    let refused = |(line, faults)| RowResult { line, outcome: RowOutcome::Refused { faults } };
    by_line.into_iter().map(refused).collect()
}

impl Output {
    fn of(rows: Vec<RowResult>) -> Self {
        let count = |is: fn(&RowOutcome) -> bool| rows.iter().filter(|row| is(&row.outcome)).count();
        Self {
            imported: count(|outcome| matches!(outcome, RowOutcome::Imported { .. })),
            already_imported: count(|outcome| matches!(outcome, RowOutcome::AlreadyImported { .. })),
            refused: count(|outcome| matches!(outcome, RowOutcome::Refused { .. })),
            rows,
        }
    }
}

struct Import<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
    permit: &'a Permit,
    known: &'a Known,
}

/// A client and their charts, as the rows before have left them.
struct File {
    client: Client,
    charts: Vec<Chart>,
}

impl Import<'_> {
    /// The rows of one client, one behind the other.
    async fn rows(
        &self,
        client: ClientId,
        rows: Vec<(ImportRow, Target)>,
    ) -> Result<Vec<RowResult>, Problem> {
        let known = self.known.clients.get(&client).ok_or_else(|| Problem::internal("a client is gone"))?;
        let charts = self.known.charts.get(&client).cloned().unwrap_or_default();
        let mut file = File { client: known.clone(), charts };
        let mut results = Vec::new();
        for (row, target) in &rows {
            let outcome = self.row(&mut file, row, target).await?;
            results.push(RowResult { line: row.line, outcome });
        }
        Ok(results)
    }

    async fn row(&self, file: &mut File, row: &ImportRow, target: &Target) -> Result<RowOutcome, Problem> {
        let mut attempt = 1;
        loop {
            let error = match self.attempt(file, row, target).await {
                Ok(outcome) => return Ok(outcome),
                Err(Failed::Store(error)) => error,
                Err(Failed::Refused(code)) => return Ok(refused(row, Column::Owner, code)),
                Err(Failed::Problem(problem)) => return Err(problem),
            };
            match error {
                StoreError::Conflict { label: "barcode" } => {
                    return Ok(refused(row, Column::Barcode, FaultCode::BarcodeTaken));
                }
                StoreError::Conflict { label: "location" } => {
                    return Ok(refused(row, Column::Location, FaultCode::LocationRetired));
                }
                StoreError::Conflict { label: "imported" } => return self.already(row).await,
                // The chart or the client has changed since: the row is decided on what there is now.
                StoreError::Conflict { .. } if attempt < TRIES => {
                    attempt = attempt.saturating_add(1);
                    self.look_again(file).await?;
                }
                other => return Err(other.into()),
            }
        }
    }

    async fn look_again(&self, file: &mut File) -> Result<(), Problem> {
        let key = keys::client(file.client.id);
        let store = &self.call.system.store;
        let (found, charts) = tokio::try_join!(store.fetch([key.any()]), store.charts(file.client.id))?;
        if let Some(client) = found.get(&key)? {
            file.client = client;
        }
        file.charts = charts;
        Ok(())
    }

    async fn already(&self, row: &ImportRow) -> Result<RowOutcome, Problem> {
        let key = keys::imported(self.loaded.organization.id, &self.known.index.digest(&row.identity()));
        let found: Option<Imported> = self.call.system.store.fetch([key.any()]).await?.get(&key)?;
        let imported = found.ok_or_else(|| Problem::internal("an imported row is gone"))?;
        Ok(RowOutcome::AlreadyImported { record_id: imported.record_id })
    }

    /// The row in one transaction: its folder, that it was imported, and a new chart if it needs one.
    async fn attempt(&self, file: &mut File, row: &ImportRow, target: &Target) -> Result<RowOutcome, Failed> {
        let (call, organization) = (self.call, &self.loaded.organization);
        let place = self.known.places.get(&target.place);
        let place = place.ok_or_else(|| Problem::internal("a place is gone"))?;
        let (chart, is_new) = chart(call, file, target)?;
        let new = NewFolder {
            title: row.title.clone(),
            position: row.position.clone(),
            barcode: row.barcode.clone(),
            section: row.section,
            direction: Direction::AboutClient,
            occurred_on: row.occurred_on.unwrap_or_else(|| call.today(organization)),
        };
        let Filed { record, change, fact, .. } =
            filing::file(call, &chart, place, self.loaded.member.id, new).await?;
        let digest = self.known.index.digest(&row.identity());
        let imported = Imported { record_id: record.id };
        let mut change = change.insert("imported", &keys::imported(organization.id, &digest), &imported);
        let mut facts = vec![call.evidence(self.permit, fact.detail("line", row.line))];
        let (chart, moved) = match chart.filed(&record, organization) {
            Some(chart) => (chart, true),
            None => (chart, false),
        };
        if is_new {
            change = opened(change, &chart, &file.client);
            let mut opened = call.evidence(self.permit, Fact::new().client(chart.client_id).chart(chart.id));
            opened.kind = Kind::ChartOpened;
            facts.push(opened);
        } else if moved {
            change = change.replace_chart(&chart);
        }
        call.system.store.commit_all(self.permit, change, &facts).await.map_err(Failed::Store)?;
        if is_new {
            file.client.revision = file.client.revision.saturating_add(1);
            file.charts.push(chart.clone());
        } else if moved {
            let next = Chart { revision: chart.revision.saturating_add(1), ..chart.clone() };
            file.charts.retain(|known| known.id != next.id);
            file.charts.push(next);
        }
        Ok(RowOutcome::Imported { chart_id: chart.id, record_id: record.id })
    }
}

/// Why a row was not written.
enum Failed {
    Store(StoreError),
    Refused(FaultCode),
    Problem(Problem),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn refused(row: &ImportRow, column: Column, code: FaultCode) -> RowOutcome {
    RowOutcome::Refused { faults: vec![Fault::new(row.line, Some(column), code)] }
}

/// The chart a row goes into, and whether it is to be opened.
fn chart(call: &Call, file: &File, target: &Target) -> Result<(Chart, bool), Failed> {
    let found = match (&target.owner, file.charts.as_slice()) {
        (Some(owner), charts) => charts.iter().find(|chart| chart.owner == owner.id),
        (None, [only]) => Some(only),
        (None, []) => return Err(Failed::Refused(FaultCode::NoChart)),
        (None, _) => return Err(Failed::Refused(FaultCode::OwnerNeeded)),
    };
    match (found, &target.owner) {
        (Some(chart), _) => {
            chart.must_be_open().map_err(|_| Failed::Refused(FaultCode::ClientClosed))?;
            Ok((chart.clone(), false))
        }
        (None, Some(owner)) => {
            file.client.must_be_active().map_err(|_| Failed::Refused(FaultCode::ClientClosed))?;
            Ok((Chart::open(call.new_id(), &file.client, owner.id, call.now), true))
        }
        (None, None) => Err(Failed::Refused(FaultCode::NoChart)),
    }
}

/// A new chart is written as `open_chart` does; the client with it, so that two of one owner follow each other.
fn opened(change: Change, chart: &Chart, client: &Client) -> Change {
    change.open_chart(chart).replace("client", &keys::client(client.id), client)
}
