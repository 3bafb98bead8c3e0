//! Closes a stock-taking: what was found, what is missing, misplaced or unexpected, and what is excused because it is
//! out; those not found are reported missing if that is asked for, and their loss is to be assessed (R032-R034).
//!
//! Each folder that is reported missing is a transaction of its own, with its custody entry, its incident and its
//! evidence. Those who assess incidents are told of all of them at once, when it closes. Cut short, the stock-taking is
//! still open, and whatever closes it then tells of those as well. Each holds only if nothing was scanned and nothing done
//! with the folder since it was looked for: what somebody has in their hands by then is not missing.

use crate::{
    handling, raising,
    taking::{self, StocktakeView},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    RecordId,
    chart::Chart,
    limits::{STOCKTAKE_LINES, STOCKTAKE_MARKED},
    physical::{Folder, FolderState},
    purpose::Purpose,
    record::Record,
    stocktake::{
        self, Expected, ReportLine, Standing, Stocktake, StocktakeClosed, StocktakeError, Tally, Verdict,
    },
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{Change, Key, StocktakeReport, StoreError, keys};

pub static OPERATION: Operation = Operation::post(
    "close_stocktake",
    "/stocktakes/{stocktake_id}/closing",
    Action::CloseStocktake,
    Kind::StocktakeClosed,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Close a stock-taking and report what is missing, misplaced or unexpected (R032)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CloseStocktakeInput")]
pub struct Input {
    expected_revision: u64,
    /// Whether folders that were not found, and should be on their shelf, are reported missing.
    #[serde(default)]
    mark_missing: bool,
}

/// Lines of the report in one item of the table.
const PART: usize = 200;

pub async fn handle(call: Call, input: Input) -> Outcome<StocktakeView> {
    let organization_id = call.organization_id()?;
    let key = keys::stocktake(organization_id, call.path("stocktake_id")?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let stocktake = loaded.require(&key)?;
    Problem::unless_current(stocktake.revision, input.expected_revision)?;
    stocktake.must_be_open()?;
    let mut taken = take(&call, &stocktake).await?;
    let (mut marked, lost_before) = (0, taken.lost_since(stocktake.begun_at));
    if input.mark_missing {
        let marking = mark(&call, &loaded, &stocktake, &taken).await?;
        marked = marking.marked;
        if marking.stepped_over > 0 {
            taken = take(&call, &stocktake).await?;
        }
    }
    let lost = lost_before.saturating_add(marked);

    let Taken { tally, mut lines, .. } = taken;
    let all = lines.len();
    lines.truncate(STOCKTAKE_LINES);
    let id = stocktake.id;
    let closed =
        StocktakeClosed { by: loaded.member.id, at: call.now, tally, marked_missing: input.mark_missing };
    let location_id = stocktake.location_id;
    let stocktake = stocktake.close(closed)?;
    let mut change = Change::new().replace("stocktake", &key, &stocktake);
    for (number, some) in lines.chunks(PART).enumerate() {
        let part = StocktakeReport { lines: some.to_vec() };
        change = change.insert("report", &keys::stocktake_report(id, number), &part);
    }
    if lost > 0 {
        let (assessors, lost) = (raising::assessors(&call).await?, u32::try_from(lost).unwrap_or(u32::MAX));
        change = raising::tell_of(&call, change, &loaded, (&assessors, lost));
    }
    let fact = Fact::new()
        .location(location_id)
        .detail("stocktake_id", id)
        .detail("found", tally.found)
        .detail("missing", tally.missing)
        .detail("misplaced", tally.misplaced)
        .detail("unexpected", tally.unexpected)
        .detail("marked_missing", marked)
        .detail("lines_left_out", all.saturating_sub(lines.len()));
    let names = call.names(&loaded, [stocktake.begun_by], [location_id]).await?;
    let reply = Reply::with(StocktakeView::new(&stocktake, &names).revised());
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}

/// What was taken stock of, as things stand now.
struct Taken {
    records: BTreeMap<RecordId, Record>,
    tally: Tally,
    lines: Vec<ReportLine>,
}

impl Taken {
    /// Folders that an earlier call has reported missing, which was cut short before it told of them. Whether this one
    /// reports any or not, they are told of; those that somebody else has reported meanwhile are counted with them.
    fn lost_since(&self, begun_at: Timestamp) -> usize {
        let missing = self.lines.iter().filter(|line| line.verdict == Verdict::Missing);
        let records = missing.filter_map(|line| self.records.get(&line.record_id?));
        let folders = records.filter_map(|record| handling::folder(record).ok());
        let is_lost =
            |folder: &Folder| matches!(folder.state, FolderState::Missing { since, .. } if since > begun_at);
        folders.filter(|folder| is_lost(folder)).count()
    }
}

async fn take(call: &Call, stocktake: &Stocktake) -> Result<Taken, Problem> {
    let store = &call.system.store;
    let (expected, scanned) =
        tokio::try_join!(store.stocktake_expected(stocktake.id), store.stocktake_scans(stocktake.id))?;
    let records = records(call, &expected).await?;
    let place = stocktake.location_id;
    let standings = expected
        .iter()
        .map(|one| {
            let record = records.get(&one.record_id);
            (one.record_id, Standing::of(taking::standing_folder(record), place))
        })
        .collect();
    let known: std::collections::BTreeSet<_> =
        expected.iter().filter_map(|one| one.barcode.clone()).collect();
    let strange = scanned.difference(&known).cloned().collect();
    let strangers = taking::by_barcode(call, stocktake.organization_id, &strange).await?;
    let strangers = strangers
        .into_iter()
        .map(|(barcode, (record, _))| (barcode, taking::stranger(&record, place)))
        .collect();
    let (tally, lines) = stocktake::report(&expected, &scanned, &standings, &strangers);
    Ok(Taken { records, tally, lines })
}

async fn records(call: &Call, expected: &[Expected]) -> Result<BTreeMap<RecordId, Record>, Problem> {
    let mut records = BTreeMap::new();
    // Read in turns, so that the records of thousands of folders are not looked for one among all.
    for some in expected.chunks(800) {
        let keys: Vec<Key<Record>> =
            some.iter().map(|one| keys::record(one.chart_id, one.record_id)).collect();
        let found = call.system.store.fetch_all(keys.iter().map(Key::any)).await?;
        for key in &keys {
            records.extend(found.get(key)?.map(|record: Record| (record.id, record)));
        }
    }
    Ok(records)
}

/// How many folders were reported missing, and how many not, because something was done with them meanwhile.
#[derive(Default)]
struct Marking {
    marked: usize,
    stepped_over: usize,
}

/// Reports those missing that should be on their shelf and were not found, as far as the caller may.
async fn mark(
    call: &Call,
    loaded: &Loaded,
    stocktake: &Stocktake,
    taken: &Taken,
) -> Result<Marking, Problem> {
    let missing: Vec<&Record> = taken
        .lines
        .iter()
        .filter(|line| line.verdict == Verdict::Missing)
        .filter_map(|line| taken.records.get(&line.record_id?))
        .filter(|record| handling::folder(record).is_ok_and(|folder| folder.state.name() == "on_shelf"))
        .collect();
    if missing.len() > STOCKTAKE_MARKED {
        return Err(StocktakeError::TooManyMissing.into());
    }
    let chart_keys: Vec<Key<Chart>> = missing.iter().map(|record| keys::chart(record.chart_id)).collect();
    let charts = call.system.store.fetch_all(chart_keys.iter().map(Key::any)).await?;
    let mut marking = Marking::default();
    for (record, key) in missing.into_iter().zip(&chart_keys) {
        let chart = charts.get(key)?.ok_or_else(|| Problem::internal("a record's chart is gone"))?;
        if !call.may(loaded, Action::ReportFolderMissing, Resource::Record(record, &chart))? {
            continue;
        }
        if report_missing(call, loaded, stocktake, record, &chart).await? {
            marking.marked = marking.marked.saturating_add(1);
        } else {
            marking.stepped_over = marking.stepped_over.saturating_add(1);
        }
    }
    Ok(marking)
}

/// Reports a folder missing, unless something was done with it since it was looked for.
async fn report_missing(
    call: &Call,
    loaded: &Loaded,
    stocktake: &Stocktake,
    record: &Record,
    chart: &Chart,
) -> Result<bool, Problem> {
    let (action, resource) = (Action::ReportFolderMissing, Resource::Record(record, chart));
    let permit = call.system.authorizer.permit(&loaded.member, action, resource, call.now)?;
    let revision = record.revision;
    let acted = handling::act(record.clone(), revision, |folder| folder.not_found(call.now))?;
    let key = keys::stocktake(stocktake.organization_id, stocktake.id);
    let handed_to = raising::handed_to(call, record.chart_id, record.id).await?;
    let (acted, change) = raising::lost(call, loaded, &permit, acted, (&[], handed_to));
    let change = change.check("stocktake", &key, Some(stocktake.revision));
    let fact = handling::fact(&acted.record, &acted.act).detail("state", acted.folder.state.name());
    let mut evidence = call.evidence(&permit, fact);
    evidence.kind = Kind::FolderReportedMissing;
    match call.system.store.commit(&permit, change, &evidence, None).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { label: "record" }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
