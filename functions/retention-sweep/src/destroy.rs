//! One disposition goes on, record by record: what may still go is destroyed, what may not is left out, paper is
//! ordered, and when every record has come to its end the certificate is signed (R154-R156).

use crate::{
    batch::{Batch, Step},
    beginning, certify, clearing, ordering,
    review::said,
    standing::{HELD, IN_SPACE, MISSING, NOTICE_NOT_GIVEN, Standing, Verdict},
    worker::{Worker, is_passing, raced},
};
use api::Problem;
use domain::{
    ChartId, DispositionId, MemberId, OrganizationId,
    chart::Chart,
    disposition::{DispositionItem, ItemState},
    notice::NoticeReason,
    record::{Record, RecordType},
    work::Work,
};
use evidence::Kind;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, EligibleEntry, keys};

/// Records of one chart that are looked at together, so that the look is never old.
const TOGETHER: usize = 10;
/// Records of one piece of work; what is left is another piece of it.
const RECORDS: usize = 100;

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    disposition_id: DispositionId,
) -> Result<(), Problem> {
    let Some(batch) = Batch::find(worker, organization_id, disposition_id).await? else { return Ok(()) };
    let items = worker.store().all_disposition_items(disposition_id).await?;
    let mut run = Run { batch: &batch, taken: 0, raced: 0, failure: None };
    let whole = run.all(&items).await?;
    let Run { taken, raced, failure, .. } = run;
    if taken > 0 {
        let on = worker.today(&batch.organization);
        worker.queue.send(&Work::Digest { organization_id, on }).await?;
    }
    if taken > 0 && (!whole || raced > 0) {
        worker.queue.send(&Work::Destroy { organization_id, disposition_id }).await?;
    }
    let items = worker.store().all_disposition_items(disposition_id).await?;
    if items.iter().all(|item| item.state.is_ended()) {
        certify::certify(&batch, &items).await?;
    }
    match failure {
        Some(failure) => Err(failure),
        // Whoever has changed what was read is done in a moment.
        None if raced > 0 && taken == 0 => {
            Err(Problem::unavailable("records of a disposition keep changing"))
        }
        None => Ok(()),
    }
}

/// One piece of work on a disposition.
struct Run<'a> {
    batch: &'a Batch<'a>,
    taken: usize,
    raced: usize,
    failure: Option<Problem>,
}

impl Run<'_> {
    /// Goes through the records; false if some are left for another piece of work. What fails of one chart keeps none of
    /// the others from their end.
    async fn all(&mut self, items: &[DispositionItem]) -> Result<bool, Problem> {
        let mut charts: BTreeMap<ChartId, Vec<DispositionItem>> = BTreeMap::new();
        for item in items.iter().filter(|item| !item.state.is_ended()) {
            charts.entry(item.chart_id).or_default().push(item.clone());
        }
        for (chart, items) in charts {
            for some in items.chunks(TOGETHER) {
                if self.taken >= RECORDS {
                    return Ok(false);
                }
                match self.some(chart, some).await {
                    Ok(()) => {}
                    Err(problem) if is_passing(&problem) => return Err(problem),
                    Err(problem) => {
                        tracing::error!(chart_id = %chart, code = problem.code(), cause = %problem, "records wait");
                        self.failure.get_or_insert(problem);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Some records of one chart.
    async fn some(&mut self, chart: ChartId, items: &[DispositionItem]) -> Result<(), Problem> {
        let batch = self.batch;
        let Some(standing) = Box::pin(Standing::of(batch, chart, items)).await? else {
            return Err(Problem::internal("a disposition of a chart that is not there"));
        };
        let mut chart = standing.chart.clone();
        let mut papers: Vec<(&DispositionItem, &Record)> = Vec::new();
        for item in items {
            let step = match (&item.state, standing.verdict(item.record_id)) {
                (ItemState::LeftOut { .. } | ItemState::Destroyed(_), _) => continue,
                // Its key is gone. What is left of it stays, for as long as a hold that came later covers it.
                (ItemState::Destroying { .. }, _) if standing.keeps_objects(item) => Step::Waits,
                (ItemState::Destroying { .. }, _) => clearing::clear(batch, item.clone()).await?,
                (ItemState::Confirmed { .. }, _) => confirmed(batch, &standing, &mut chart, item).await?,
                (ItemState::Listed | ItemState::Ordered { .. }, Verdict::Stays(reason)) => {
                    leave_out(batch, &standing, item, reason).await?
                }
                (ItemState::Ordered { .. }, Verdict::Goes(_)) => Step::Waits,
                (ItemState::Listed, Verdict::Goes(record)) if item.record_type == RecordType::Physical => {
                    papers.push((item, record));
                    continue;
                }
                (ItemState::Listed, Verdict::Goes(_)) if is_retained(batch, item).await? => Step::Waits,
                (ItemState::Listed, Verdict::Goes(record)) => {
                    beginning::begun(batch, &standing, &mut chart, item, record, true).await?
                }
            };
            self.count(step, 1);
        }
        if !papers.is_empty() {
            let step = ordering::order(batch, &standing, &papers).await?;
            self.count(step, papers.len());
        }
        Ok(())
    }

    const fn count(&mut self, step: Step, records: usize) {
        match step {
            Step::Taken => self.taken += records,
            Step::Raced => self.raced += records,
            Step::Waits => {}
        }
    }
}

/// Whether Object Lock retains anything of a record. Then nothing of it is destroyed before everything can be, and until
/// then it is whole, and a hold that comes is asked; the item says from which day it can go.
async fn is_retained(batch: &Batch<'_>, item: &DispositionItem) -> Result<bool, Problem> {
    let (worker, organization) = (batch.worker, &batch.organization);
    let today = worker.today(organization);
    if item.waits_until.is_some_and(|day| today < day) {
        return Ok(true);
    }
    let until = clearing::retained_until(batch, item).await?.filter(|until| worker.now < *until);
    let Some(until) = until else { return Ok(false) };
    let last = until.to_zoned(organization.policy.time_zone.zone()).date();
    let waits_until = Some(last.tomorrow().unwrap_or(Date::MAX));
    let waiting = DispositionItem { waits_until, ..item.clone() };
    let key = keys::disposition_item(batch.id, item.record_id);
    let change = Change::new().replace("item", &key, &waiting);
    raced(worker.store().note(&batch.permit, change).await)?;
    Ok(true)
}

/// People have destroyed the paper. What a hold covers meanwhile keeps its index entry, for as long as it stands.
async fn confirmed(
    batch: &Batch<'_>,
    standing: &Standing,
    chart: &mut Chart,
    item: &DispositionItem,
) -> Result<Step, Problem> {
    match standing.record(item.record_id) {
        Some(record) if standing.is_held(record) => Ok(Step::Waits),
        Some(record) => beginning::begun(batch, standing, chart, item, record, false).await,
        None => Err(Problem::internal("the index entry of destroyed paper is gone")),
    }
}

/// It is not destroyed in this batch, and can be proposed in another one once nothing keeps it any more.
/// Whoever has the order to destroy it is told that it stands no longer.
async fn leave_out(
    batch: &Batch<'_>,
    standing: &Standing,
    item: &DispositionItem,
    reason: &'static str,
) -> Result<Step, Problem> {
    let left = item.clone().leave_out(reason, batch.worker.now)?;
    let key = keys::eligible(item.organization_id, item.record_id);
    let entry: Option<EligibleEntry> = batch.worker.store().fetch([key.any()]).await?.get(&key)?;
    let own = entry.filter(|entry| entry.disposition_id == Some(batch.id));
    let fact = || batch.fact(item).detail("reason", reason);
    let left_on_list = || match &own {
        // Its time has ended all the same: it stays on the worklist.
        Some(entry) if [HELD, IN_SPACE, MISSING, NOTICE_NOT_GIVEN].contains(&reason) => {
            Change::new().replace("eligible", &key, &EligibleEntry { disposition_id: None, ..entry.clone() })
        }
        Some(entry) => Change::new().take("eligible", &key, entry),
        None => Change::new(),
    };
    let told = match item.state {
        ItemState::Ordered { .. } => batch.ordering(),
        _ => BTreeSet::new(),
    };
    let withdrawn =
        |to: &MemberId| batch.line(item, *to, standing.chart.owner, NoticeReason::DestructionWithdrawn);
    let change = || told.iter().map(withdrawn).fold(left_on_list(), said);
    batch.ended(&left, Kind::RecordLeftOut, fact, change).await
}
