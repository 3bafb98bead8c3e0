//! Whether records of one chart may still go: looked at when they are about to, and asked again by the transaction in
//! which they do (R153, R156).
//!
//! ```text
//! the client, what was entered of them, the chart, the records     read first
//! the client who stands for the same person, if another one does   then
//! the holds; the appraisal of the chart                            then
//! the transaction: none of the first has changed, nor has the schedule
//! ```
//!
//! So a hold, a date of birth or a fact that comes in between stops it, and so does a further client who is found to be
//! the same person: every merge writes the client who stands for all of them. That the appraisal is made of all records
//! of the client cannot be a condition; it is made anew for every few records, a moment before they go.
//!
//! A document that was promoted from a collaborative space is the same object there. While the space shows it, or a hold
//! keeps the space, the record stays: what has begun to end would have to wait for the space's own time, half destroyed.
//! Once that is over it never comes back, and nothing is promoted from it any more.

use crate::batch::Batch;
use api::Problem;
use appraisal::{Appraised, Asking};
use domain::{
    ChartId, ClientId, RecordId,
    chart::Chart,
    client::Client,
    disposition::{DispositionItem, Eligibility, Ground, ItemState},
    hold::HoldSubject,
    physical::{Folder, FolderState},
    record::{Body, Record, RecordType},
    retention::RetentionFacts,
    space::{ItemKind, RecordOrigin, SpaceItem},
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, Key, StandingHolds, Store, keys};

/// Why a record is left out, as the certificate counts it.
pub(crate) const HELD: &str = "held";
const GONE: &str = "gone";
/// A folder that nobody finds: nobody can destroy it, or say that they have.
pub(crate) const MISSING: &str = "missing";
const NOT_ELIGIBLE: &str = "not_eligible";
/// The rules want somebody told of whom nobody has said so.
pub(crate) const NOTICE_NOT_GIVEN: &str = "notice_not_given";
const SCAN_NOT_VERIFIED: &str = "scan_not_verified";
pub(crate) const IN_SPACE: &str = "in_space";

pub(crate) struct Standing {
    pub(crate) chart: Chart,
    pub(crate) holds: StandingHolds,
    ground: Ground,
    client: Option<u64>,
    /// The client into whom that one is merged, if they are.
    survivor: Option<(ClientId, Option<u64>)>,
    facts: Option<u64>,
    schedule: u64,
    records: BTreeMap<RecordId, Record>,
    /// The scans that are kept in the place of paper, by the paper's record.
    scans: BTreeMap<RecordId, Record>,
    /// Of the records whose time has ended: what says so.
    eligible: BTreeMap<RecordId, Eligibility>,
    /// Those of them of which not all were told whom the rules want told.
    untold: BTreeSet<RecordId>,
    /// Of the records whose document a space still has: what keeps it there.
    shared: BTreeMap<RecordId, &'static str>,
}

/// What may become of a record now.
#[derive(Debug)]
pub(crate) enum Verdict<'a> {
    Goes(&'a Record),
    /// It is not destroyed, for this reason.
    Stays(&'static str),
}

impl Standing {
    /// `None` if there is no such chart.
    pub(crate) async fn of(
        batch: &Batch<'_>,
        chart_id: ChartId,
        items: &[DispositionItem],
    ) -> Result<Option<Self>, Problem> {
        let (store, organization) = (batch.worker.store(), &batch.organization);
        let Some(client_id) = items.first().map(|item| item.client_id) else { return Ok(None) };
        let (chart_key, client_key) = (keys::chart(chart_id), keys::client(client_id));
        let facts_key = keys::retention_facts(client_id);
        let record_key = |item: &DispositionItem| keys::record(chart_id, item.record_id);
        let wanted = items.iter().map(|item| record_key(item).closed());
        let found = store.fetch(wanted.chain([chart_key.any(), client_key.any(), facts_key.any()])).await?;
        let Some(chart) = found.get(&chart_key)? else { return Ok(None) };
        let client: Option<Client> = found.get(&client_key)?;
        let survivor = match client.as_ref().and_then(|client| client.merged_into) {
            Some(survivor) => Some((survivor, revision(store, survivor).await?)),
            None => None,
        };
        // Behind the clients: who is the same person as somebody a hold names is known by then, or changes one of them.
        let holds = store.standing_holds(organization.id).await?;
        let facts: Option<RetentionFacts> = found.get(&facts_key)?;
        let mut records = BTreeMap::new();
        for item in items {
            let record: Option<Record> = found.get(&record_key(item))?;
            records.extend(record.map(|record| (item.record_id, record)));
        }
        let mut standing = Self {
            chart,
            holds,
            ground: batch.ground,
            client: client.map(|client| client.revision),
            survivor,
            facts: facts.map(|facts| facts.revision),
            schedule: organization.revision,
            records,
            scans: BTreeMap::new(),
            eligible: BTreeMap::new(),
            untold: BTreeSet::new(),
            shared: BTreeMap::new(),
        };
        let asks =
            |item: &DispositionItem| matches!(item.state, ItemState::Listed | ItemState::Ordered { .. });
        if items.iter().any(asks) {
            standing.look(batch).await?;
            standing.look_into_spaces(batch).await?;
        }
        Ok(Some(standing))
    }

    async fn look(&mut self, batch: &Batch<'_>) -> Result<(), Problem> {
        match self.ground {
            Ground::RetentionEnded => {
                let Batch { worker, organization, permit, .. } = batch;
                let asking = Asking { system: &worker.system, permit, organization };
                let gathered = Box::pin(asking.of(&self.chart)).await?;
                let today = worker.today(organization);
                let appraised = gathered.under(&organization.retention, today);
                let version = organization.retention.version;
                for one in &appraised {
                    let Some(found) = found(one, version, today) else { continue };
                    if !one.appraisal.notices().is_subset(&batch.notices) {
                        self.untold.insert(one.record.id);
                    }
                    self.eligible.insert(one.record.id, found);
                }
            }
            Ground::Digitised => {
                let key = |scan: RecordId| keys::record(self.chart.id, scan);
                let of: Vec<(RecordId, RecordId)> = self
                    .records
                    .values()
                    .filter_map(|record| Some((record.id, record.verified_scan()?)))
                    .collect();
                let wanted = of.iter().map(|(_, scan)| key(*scan).closed());
                let found = batch.worker.store().fetch(wanted).await?;
                for (paper, scan) in &of {
                    let scan: Option<Record> = found.get(&key(*scan))?;
                    self.scans.extend(scan.filter(Record::stands_for_paper).map(|scan| (*paper, scan)));
                }
            }
        }
        Ok(())
    }

    /// Which documents are still those of the spaces they were promoted from.
    async fn look_into_spaces(&mut self, batch: &Batch<'_>) -> Result<(), Problem> {
        let (store, chart) = (batch.worker.store(), self.chart.id);
        let files = self.records.values().filter(|record| record.record_type() == RecordType::Electronic);
        let files: Vec<(RecordId, Key<RecordOrigin>)> =
            files.map(|record| (record.id, keys::record_origin(chart, record.id))).collect();
        let found = store.fetch(files.iter().map(|(_, key)| key.any())).await?;
        let mut origins: Vec<(RecordId, RecordOrigin, Key<SpaceItem>)> = Vec::new();
        for (record, key) in &files {
            let origin: Option<RecordOrigin> = found.get(key)?;
            origins.extend(
                origin.map(|origin| (*record, origin, keys::space_item(origin.space_id, origin.item_id))),
            );
        }
        let found = store.fetch(origins.iter().map(|(.., key)| key.any())).await?;
        for (record, origin, key) in &origins {
            let item: Option<SpaceItem> = found.get(key)?;
            let Some(item) = item.filter(|item| item.kind() == ItemKind::Document) else { continue };
            if !self.holds.covering_space(origin.space_id).is_empty() {
                self.shared.insert(*record, HELD);
            } else if item.must_be_kept(batch.worker.now).is_ok() {
                self.shared.insert(*record, IN_SPACE);
            }
        }
        Ok(())
    }

    /// The record, as it was read.
    pub(crate) fn record(&self, id: RecordId) -> Option<&Record> {
        self.records.get(&id)
    }

    /// The item of a record that goes, with what has just been found of its time.
    pub(crate) fn found(&self, item: &DispositionItem) -> DispositionItem {
        match self.eligible.get(&item.record_id) {
            Some(found) => item.clone().found(found.clone()),
            None => item.clone(),
        }
    }

    pub(crate) fn is_held(&self, record: &Record) -> bool {
        !self.holds.covering(&HoldSubject::from(record)).is_empty()
    }

    /// Whether a hold covers a record whose key is gone and whose objects may not be. Nobody knows any more who has
    /// written it: a hold on what somebody wrote counts as if it were theirs.
    pub(crate) fn keeps_objects(&self, item: &DispositionItem) -> bool {
        if item.record_type != RecordType::Electronic {
            return false;
        }
        let queries = self.holds.holds.iter().filter_map(|hold| hold.scope.query.as_ref());
        let authors = queries.flat_map(|query| query.authors.iter().copied());
        authors.chain([self.chart.owner]).any(|author| {
            let subject = HoldSubject {
                client_id: item.client_id,
                chart_id: item.chart_id,
                record_id: item.record_id,
                section: item.section,
                author,
                occurred_on: item.occurred_on,
            };
            !self.holds.covering(&subject).is_empty()
        })
    }

    /// A hold goes before everything else: what it keeps is not even asked about.
    pub(crate) fn verdict(&self, id: RecordId) -> Verdict<'_> {
        let Some(record) = self.records.get(&id) else { return Verdict::Stays(GONE) };
        if self.is_held(record) {
            return Verdict::Stays(HELD);
        }
        if let Some(&reason) = self.shared.get(&id) {
            return Verdict::Stays(reason);
        }
        if matches!(&record.body, Body::Physical(Folder { state: FolderState::Missing { .. }, .. })) {
            return Verdict::Stays(MISSING);
        }
        match self.ground {
            Ground::RetentionEnded if !self.eligible.contains_key(&id) => Verdict::Stays(NOT_ELIGIBLE),
            Ground::RetentionEnded if self.untold.contains(&id) => Verdict::Stays(NOTICE_NOT_GIVEN),
            Ground::Digitised if !self.scans.contains_key(&id) => Verdict::Stays(SCAN_NOT_VERIFIED),
            Ground::RetentionEnded | Ground::Digitised => Verdict::Goes(record),
        }
    }

    /// Refuses a change if anything that made the verdict of these records has changed since, but for the records
    /// themselves.
    pub(crate) fn guarded<'r>(
        &self,
        change: Change,
        records: impl IntoIterator<Item = &'r Record>,
    ) -> Change {
        let (organization, client) = (self.chart.organization_id, self.chart.client_id);
        // Who is the same person as the client stands with the client, or with whoever they are merged into.
        let clients = [(client, self.client)].into_iter().chain(self.survivor);
        let change = clients.fold(change.unless_holds_changed(&self.holds), |change, (client, revision)| {
            change.check("client", &keys::client(client), revision)
        });
        match self.ground {
            Ground::RetentionEnded => change
                .check("facts", &keys::retention_facts(client), self.facts)
                .check("schedule", &keys::organization(organization), Some(self.schedule)),
            Ground::Digitised => {
                let scans: BTreeMap<RecordId, u64> = records
                    .into_iter()
                    .filter_map(|paper| self.scans.get(&paper.id))
                    .map(|scan| (scan.id, scan.revision))
                    .collect();
                scans.into_iter().fold(change, |change, (scan, revision)| {
                    change.check("scan", &keys::record(self.chart.id, scan), Some(revision))
                })
            }
        }
    }
}

/// That the time of a record has ended, if it has.
fn found(one: &Appraised<'_>, schedule_version: u32, today: Date) -> Option<Eligibility> {
    let Appraised { facts, appraisal, .. } = one;
    if !appraisal.is_eligible(today) {
        return None;
    }
    let rule = appraisal.decisive()?;
    Some(Eligibility {
        class: facts.class?,
        eligible_on: appraisal.eligible_on()?,
        rule_id: rule.rule_id.clone(),
        rule_version: rule.version.clone(),
        schedule_version,
    })
}

/// The revision of a client as they stand in the table.
async fn revision(store: &Store, id: ClientId) -> Result<Option<u64>, Problem> {
    let key = keys::client(id);
    let client: Option<Client> = store.fetch([key.any()]).await?.get(&key)?;
    Ok(client.map(|client| client.revision))
}
