//! One look at a chart, committed: the worklists, whom it has to be told, the evidence, and when it is looked at again,
//! all in one transaction, or in several of which the last one moves the day (R150).
//!
//! INVARIANT: what a look tells of a record is written with what makes it not be told again: of an end in the
//! transaction that puts the record on the worklist, of everything else with the chart's own next revision.

use crate::{
    look::{Before, Look, Told, Unknown},
    worker::{Worker, permit, raced},
};
use api::{Fact, Problem};
use appraisal::{Asking, Gathered};
use authz::{Action, Permit};
use domain::{
    ChartId, EvidenceId, MemberId, chart::Chart, notice::NoticeReason, organization::Organization,
    retention::NoticeDuty,
};
use evidence::{Evidence, Kind};
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::{Change, DigestLine, DueEntry, EligibleEntry, Item, Key, keys};

/// Records that come to the worklist in one transaction, each with its evidence.
const TOGETHER: usize = 30;
/// Entries that are put right in one transaction, which may hold as many that are new.
const CORRECTED: usize = 20;
/// Looks at a chart that somebody else is changing, before it is left for the next run.
const TRIES: u32 = 2;

pub(crate) struct Review<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) organization: &'a Organization,
    pub(crate) today: Date,
    permit: Permit,
}

impl<'a> Review<'a> {
    pub(crate) fn new(worker: &'a Worker, organization: &'a Organization, today: Date) -> Self {
        Self { worker, organization, today, permit: permit(organization.id, Action::SweepRetention) }
    }

    fn asking(&self) -> Asking<'_> {
        Asking { system: &self.worker.system, permit: &self.permit, organization: self.organization }
    }

    /// Looks at a page of charts; gives how many were looked at. One that cannot be looked at is no reason not to look
    /// at the others.
    pub(crate) async fn page(&self, entries: &[DueEntry]) -> Result<Looked, Problem> {
        let mut looked = Looked::default();
        let gathered = match self.asking().page(entries).await {
            Ok(gathered) => gathered,
            Err(problem) if crate::worker::is_passing(&problem) => return Err(problem),
            Err(_) => self.one_by_one(entries, &mut looked).await,
        };
        for one in gathered {
            let chart_id = one.chart.id;
            match self.chart(one).await {
                Ok(true) => looked.charts += 1,
                Ok(false) => looked.waiting += 1,
                Err(problem) if crate::worker::is_passing(&problem) => return Err(problem),
                Err(problem) => looked.fails(chart_id, problem),
            }
        }
        Ok(looked)
    }

    async fn one_by_one(&self, entries: &[DueEntry], looked: &mut Looked) -> Vec<Gathered> {
        let mut gathered = Vec::new();
        for entry in entries {
            match self.asking().page(std::slice::from_ref(entry)).await {
                Ok(one) => gathered.extend(one),
                Err(problem) => looked.fails(entry.chart_id, problem),
            }
        }
        gathered
    }

    /// Looks at one chart; false if somebody keeps changing it.
    async fn chart(&self, mut gathered: Gathered) -> Result<bool, Problem> {
        for attempt in 1..=TRIES {
            let before = self.before(&gathered).await?;
            let appraised = gathered.under(&self.organization.retention, self.today);
            let (chart, now) = (&gathered.chart, self.worker.now);
            let look = Look::at(chart, &appraised, &before, self.organization, self.today, now);
            if !look.changes(chart) || self.written(chart, look).await? {
                return Ok(true);
            }
            if attempt < TRIES {
                let key = keys::chart(gathered.chart.id);
                let found: Option<Chart> = self.worker.store().fetch([key.any()]).await?.get(&key)?;
                let Some(chart) = found else { return Ok(false) };
                gathered = self.asking().of(&chart).await?;
            }
        }
        Ok(false)
    }

    /// What earlier looks have found of the chart.
    async fn before(&self, gathered: &Gathered) -> Result<Before, Problem> {
        let organization = self.organization.id;
        let unknown_key = keys::unknown(organization, gathered.chart.id);
        let wanted: Vec<Key<EligibleEntry>> =
            gathered.records.iter().map(|record| keys::eligible(organization, record.id)).collect();
        let all = wanted.iter().map(Key::any).chain([unknown_key.any()]);
        let found = self.worker.store().fetch_all(all).await?;
        let mut before = Before { unknown: found.get(&unknown_key)?, ..Before::default() };
        for key in &wanted {
            let entry: Option<EligibleEntry> = found.get(key)?;
            before.eligible.extend(entry.map(|entry| (entry.record_id, entry)));
        }
        Ok(before)
    }

    /// Writes what was found; false if something of it has changed meanwhile.
    async fn written(&self, chart: &Chart, look: Look) -> Result<bool, Problem> {
        // The chart stands still while it is written in parts: its revision is looked at, and not raised.
        let guard = || Change::new().check("chart", &keys::chart(chart.id), Some(chart.revision));
        let store = self.worker.store();
        let corrections: Vec<Correction<'_>> = look.corrections().collect();
        let (early, late) = corrections.split_at(corrections.len().saturating_sub(CORRECTED));
        for some in early.chunks(CORRECTED) {
            let change = some.iter().fold(guard(), Correction::in_change);
            if raced(store.note(&self.permit, change).await)?.is_none() {
                return Ok(false);
            }
        }
        let (early, ended) = look.ended.split_at(look.ended.len().saturating_sub(TOGETHER));
        for some in early.chunks(TOGETHER) {
            let (change, facts) = self.ended(guard(), chart, some);
            if raced(store.commit_all(&self.permit, change, &facts).await)?.is_none() {
                return Ok(false);
            }
        }
        let look_id: EvidenceId = self.worker.new_id();
        let (change, mut facts) = self.ended(Change::new().replace_chart(&look.chart), chart, ended);
        let change = late.iter().fold(change, Correction::in_change);
        let unknown_key = keys::unknown(chart.organization_id, chart.id);
        let change = match &look.unknown {
            Unknown::Same => change,
            Unknown::Set(entry) => change.set("unknown", &unknown_key, &**entry),
            Unknown::Unset => change.unset("unknown", &unknown_key),
        };
        let change = look.told.iter().fold(change, |change, told| self.told(change, chart, *told, look_id));
        facts.push(self.reviewed(chart, &look));
        Ok(raced(store.commit_all(&self.permit, change, &facts).await)?.is_some())
    }

    /// Puts records on the worklist, each with its evidence, and one line for each who is told.
    fn ended(&self, change: Change, chart: &Chart, ended: &[EligibleEntry]) -> (Change, Vec<Evidence>) {
        let Some(first_on) = ended.iter().map(|entry| entry.eligible_on).min() else {
            return (change, Vec::new());
        };
        let facts: Vec<Evidence> = ended
            .iter()
            .map(|entry| {
                let fact = Fact::new()
                    .client(entry.client_id)
                    .chart(entry.chart_id)
                    .record(entry.record_id)
                    .detail("eligible_on", entry.eligible_on)
                    .detail("class", entry.class.name())
                    .detail("rule", entry.rule_id.as_str())
                    .detail("rule_version", &entry.rule_version)
                    .detail("schedule_version", entry.schedule_version);
                self.worker.evidence(&self.permit, Kind::RecordBecameEligible, fact)
            })
            .collect();
        let change = ended.iter().fold(change, |change, entry| {
            change.insert("eligible", &keys::eligible(entry.organization_id, entry.record_id), entry)
        });
        let count = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        let duty = NoticeDuty::strictest(ended.iter().flat_map(|entry| entry.notices.iter().copied()));
        let reason = NoticeReason::RetentionEnded;
        let told = Told { reason, days_ahead: 0, due_on: Some(first_on), count, duty };
        (self.told(change, chart, told, self.worker.new_id()), facts)
    }

    /// One line for the owner, and one for the records managers.
    fn told(&self, change: Change, chart: &Chart, told: Told, look: EvidenceId) -> Change {
        let line = |to: Option<MemberId>| DigestLine {
            organization_id: chart.organization_id,
            to,
            chart_id: chart.id,
            owner: chart.owner,
            look,
            reason: told.reason,
            days_ahead: told.days_ahead,
            due_on: told.due_on,
            count: told.count,
            disposition_id: None,
            duty: told.duty,
        };
        [Some(chart.owner), None].into_iter().map(line).fold(change, said)
    }

    fn reviewed(&self, chart: &Chart, look: &Look) -> Evidence {
        let day = |day: Option<Date>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
        let mut told: BTreeMap<String, u32> = BTreeMap::new();
        for one in look.told.iter().filter(|one| one.reason == NoticeReason::RetentionEnding) {
            told.insert(format!("ending_in_{}_days", one.days_ahead), one.count);
        }
        let fact = Fact::new()
            .client(chart.client_id)
            .chart(chart.id)
            .detail("review_on_from", day(chart.review_on))
            .detail("review_on_to", day(look.chart.review_on))
            .detail("eligible", look.eligible)
            .detail("became_eligible", look.ended.len())
            .detail("moved", look.moved);
        let fact = told.into_iter().fold(fact, |fact, (name, count)| fact.detail(&name, count));
        let fact = match &look.unknown {
            Unknown::Set(entry) => fact.detail("missing", entry.missing.join(" ")),
            Unknown::Same | Unknown::Unset => fact,
        };
        self.worker.evidence(&self.permit, Kind::ChartReviewed, fact)
    }
}

/// An entry of the worklist that is to be put right, or taken off.
enum Correction<'a> {
    Revise(&'a EligibleEntry),
    TakeBack(&'a EligibleEntry),
}

impl Correction<'_> {
    fn in_change(change: Change, one: &Self) -> Change {
        let key = |entry: &EligibleEntry| keys::eligible(entry.organization_id, entry.record_id);
        match one {
            Self::Revise(entry) => change.replace("eligible", &key(entry), *entry),
            Self::TakeBack(entry) => change.take("eligible", &key(entry), *entry),
        }
    }
}

impl Look {
    fn corrections(&self) -> impl Iterator<Item = Correction<'_>> {
        let revised = self.revised.iter().map(Correction::Revise);
        revised.chain(self.taken_back.iter().map(Correction::TakeBack))
    }
}

/// Something to be told, in the change it is told of.
pub(crate) fn said(change: Change, line: DigestLine) -> Change {
    change.insert(DigestLine::KIND, &keys::digest_line(&line), &line)
}

/// What came of a page of charts.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Charts that were looked at, and are not due any more.
    pub(crate) charts: usize,
    /// Charts that somebody kept changing.
    pub(crate) waiting: usize,
    /// Charts that could not be looked at, and the first reason.
    pub(crate) failed: Vec<ChartId>,
    pub(crate) failure: Option<Problem>,
}

impl Looked {
    fn fails(&mut self, chart: ChartId, problem: Problem) {
        tracing::error!(chart_id = %chart, code = problem.code(), cause = %problem, "a chart is not looked at");
        self.failed.push(chart);
        self.failure.get_or_insert(problem);
    }

    /// Where no other run would come to the charts that somebody kept changing, all of them come again.
    pub(crate) fn must_be_whole(&self) -> Result<(), Problem> {
        match self.waiting {
            0 => Ok(()),
            _ => Err(Problem::unavailable("charts keep changing while they are looked at")),
        }
    }
}
