//! What a legal hold covers is locked in object storage too, where the bucket can do that: S3 refuses to delete it,
//! whoever asks (R156). When a hold is released, what no other one covers is unlocked. Whether the bucket can or not, the
//! owner of each chart with records that the hold covers is told once that it does, and once that it was released (R150).
//!
//! It is a second door and not the first one: every destruction asks the holds themselves, and so files that come later
//! are held from the moment they come. `filed` locks them as soon as they are there.

use crate::{
    held,
    review::said,
    worker::{Worker, permit, raced},
};
use api::{Fact, Problem};
use authz::{Action, Permit};
use domain::{
    ChartId, ClientId, EvidenceId, HoldId, OrganizationId, SpaceId,
    chart::Chart,
    hold::{Hold, HoldSubject},
    limits::PAGE_ITEMS,
    notice::NoticeReason,
    record::{FileVersion, ObjectRef, Preview, Record, RecordType},
    work::Work,
};
use evidence::Kind;
use std::collections::BTreeSet;
use store::{Change, DigestLine, DueEntry, HoldTold, Persons, StandingHolds, keys};

/// Charts of one piece of work that are looked into.
const CHARTS: u32 = 50;

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    hold_id: HoldId,
    after: Option<String>,
) -> Result<(), Problem> {
    let permit = permit(organization_id, Action::LockObjects);
    let key = keys::hold(organization_id, hold_id);
    let hold: Option<Hold> = worker.store().fetch([key.any()]).await?.get(&key)?;
    let Some(hold) = hold else { return Ok(()) };
    let locks = worker.system.vault.locks_objects(&permit).await?;
    let standing = worker.store().standing_holds(organization_id).await?;
    let named: BTreeSet<ClientId> = hold.scope.named_clients().collect();
    let persons = worker.store().persons(&named).await?;
    let page = worker.store().appraisable(organization_id, after.as_deref(), CHARTS).await?;
    let mut lock = Lock { worker, permit, hold: &hold, standing, persons, locks, changed: 0, told: 0 };
    let locked = lock.page(after.is_none(), &page.items).await;
    // What was locked before something failed stays locked, and whoever comes again finds nothing to change in it.
    lock.witness().await?;
    lock.has_told().await?;
    locked?;
    lock.must_be_current().await?;
    match page.next {
        Some(after) => {
            Ok(worker.queue.send(&Work::Lock { organization_id, hold_id, after: Some(after) }).await?)
        }
        None => Ok(()),
    }
}

struct Lock<'a> {
    worker: &'a Worker,
    permit: Permit,
    hold: &'a Hold,
    standing: StandingHolds,
    /// As whom else the clients are known that the hold names.
    persons: Persons,
    /// Whether the bucket can lock anything.
    locks: bool,
    changed: u32,
    /// Owners who are told with the next digest.
    told: u32,
}

impl Lock<'_> {
    /// A page of charts, and the spaces before the first one.
    async fn page(&mut self, is_first: bool, entries: &[DueEntry]) -> Result<(), Problem> {
        let hold = self.hold;
        if is_first && self.locks {
            for space in &hold.scope.spaces {
                self.space(*space).await?;
            }
        }
        for entry in entries {
            if self.may_cover(entry) {
                self.chart(entry.chart_id).await?;
            }
        }
        Ok(())
    }

    /// Whether anything in a chart can be covered: most holds name a few charts, and the others need not be looked into.
    fn may_cover(&self, entry: &DueEntry) -> bool {
        let scope = &self.hold.scope;
        let names = |clients: &BTreeSet<ClientId>| {
            self.persons.clients(entry.client_id).any(|client| clients.contains(&client))
        };
        scope.charts.contains(&entry.chart_id)
            || names(&scope.clients)
            || !scope.records.is_empty()
            || scope.query.as_ref().is_some_and(|query| query.clients.is_empty() || names(&query.clients))
    }

    /// A hold that was placed meanwhile can cover some of what was unlocked here: then all of it is looked at anew.
    async fn must_be_current(&self) -> Result<(), Problem> {
        let now = self.worker.store().standing_holds(self.hold.organization_id).await?;
        if !self.locks || now.revision() == self.standing.revision() {
            return Ok(());
        }
        Err(Problem::unavailable("holds were placed or released while objects were locked"))
    }

    async fn chart(&mut self, chart: ChartId) -> Result<(), Problem> {
        let (mut covered, mut after) = (0_u32, None::<String>);
        loop {
            let page = self.worker.store().timeline_closed(chart, after.as_deref(), PAGE_ITEMS).await?;
            for record in &page.items {
                if !self.covers(record) {
                    continue;
                }
                covered = covered.saturating_add(1);
                if self.locks && record.record_type() == RecordType::Electronic {
                    self.record(record).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if covered > 0 { self.tell(chart, covered).await } else { Ok(()) }
    }

    fn covers(&self, record: &Record) -> bool {
        let mut subjects = self.persons.subjects(HoldSubject::from(record));
        subjects.any(|subject| self.hold.scope.covers(&subject))
    }

    /// Tells the owner of a chart that the hold keeps so many records of it, or that it was released: once, however often
    /// the work is done, and of a release only whoever was told of the hold. Custodians know of it.
    async fn tell(&mut self, chart: ChartId, records: u32) -> Result<(), Problem> {
        let (organization_id, stands) = (self.hold.organization_id, self.hold.stands());
        let (key, chart_key) = (keys::hold_told(organization_id, self.hold.id, chart), keys::chart(chart));
        let found = self.worker.store().fetch([key.any(), chart_key.any()]).await?;
        let (before, chart): (Option<HoldTold>, Option<Chart>) = (found.get(&key)?, found.get(&chart_key)?);
        let known = before.map_or(!stands, |before| before.stands == stands);
        let chart = chart.filter(|chart| !known && !self.hold.custodians.contains_key(&chart.owner));
        let Some(chart) = chart else { return Ok(()) };
        let change = match before {
            Some(before) => Change::new().replace("told", &key, &HoldTold { stands, ..before }),
            None => Change::new().insert("told", &key, &HoldTold { stands, revision: 1 }),
        };
        let reason = if stands { NoticeReason::RecordsHeld } else { NoticeReason::RecordsReleased };
        let line = DigestLine {
            organization_id,
            to: Some(chart.owner),
            chart_id: chart.id,
            owner: chart.owner,
            look: self.worker.new_id::<EvidenceId>(),
            reason,
            days_ahead: 0,
            due_on: None,
            count: records,
            disposition_id: None,
            duty: None,
        };
        // Whoever does the same work at the same moment has told them.
        if raced(self.worker.store().note(&self.permit, said(change, line)).await)?.is_some() {
            self.told = self.told.saturating_add(1);
        }
        Ok(())
    }

    /// Has the digest written at once, if there is one.
    async fn has_told(&self) -> Result<(), Problem> {
        let organization_id = self.hold.organization_id;
        let Some(organization) = self.worker.organization(organization_id).await? else { return Ok(()) };
        if self.told == 0 {
            return Ok(());
        }
        let on = self.worker.today(&organization);
        Ok(self.worker.queue.send(&Work::Digest { organization_id, on }).await?)
    }

    async fn record(&mut self, record: &Record) -> Result<(), Problem> {
        let subject = HoldSubject::from(record);
        let (store, mut after) = (self.worker.store(), None::<String>);
        loop {
            let page = store
                .versions::<FileVersion>(record.chart_id, record.id, after.as_deref(), PAGE_ITEMS)
                .await?;
            for file in &page.items {
                let hold = held::file(store, &self.standing, &subject, &file.object).await?;
                let preview = file.state.finding().and_then(|finding| finding.preview.as_deref());
                self.file(&file.object, preview, hold.is_some()).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn space(&mut self, space: SpaceId) -> Result<(), Problem> {
        let (store, mut after) = (self.worker.store(), None::<String>);
        loop {
            let page = store.space_items(space, after.as_deref(), PAGE_ITEMS).await?;
            for item in &page.items {
                let Ok(file) = item.file() else { continue };
                let hold = held::document(store, &self.standing, space, item.id).await?;
                let preview = file.state.finding().and_then(|finding| finding.preview.as_deref());
                self.file(&file.object, preview, hold.is_some()).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn file(
        &mut self,
        object: &ObjectRef,
        preview: Option<&Preview>,
        held: bool,
    ) -> Result<(), Problem> {
        let changed = file(self.worker, &self.permit, object, preview, held).await?;
        self.changed = self.changed.saturating_add(changed);
        Ok(())
    }

    async fn witness(&self) -> Result<(), Problem> {
        let fact = Fact::new().hold(self.hold.id);
        witness(self.worker, &self.permit, fact, self.hold.stands(), self.changed).await
    }
}

/// Locks every version of a file and of its preview, or unlocks it; how many were not so already.
pub(crate) async fn file(
    worker: &Worker,
    permit: &Permit,
    object: &ObjectRef,
    preview: Option<&Preview>,
    held: bool,
) -> Result<u32, Problem> {
    let (vault, mut changed) = (&worker.system.vault, 0_u32);
    for object in [Some(object), preview.map(|preview| &preview.object)].into_iter().flatten() {
        for version in vault.versions(permit, &object.key).await?.iter().filter(|one| !one.is_marker) {
            if vault.hold_version(permit, &version.object, held).await? {
                changed = changed.saturating_add(1);
            }
        }
    }
    Ok(changed)
}

/// Lifts S3's legal holds on an object in all its versions, which was left there: `fact` says of what. Nobody needs them any
/// more, or the object would not go.
pub(crate) async fn lift(worker: &Worker, permit: &Permit, fact: Fact, key: &str) -> Result<(), Problem> {
    let vault = &worker.system.vault;
    let mut left: Vec<ObjectRef> = Vec::new();
    for version in vault.versions(permit, key).await?.into_iter().filter(|version| !version.is_marker) {
        if vault.is_held(permit, &version.object).await? {
            left.push(version.object);
        }
    }
    // It is said before it is done: whoever is cut off in between says it again, and nothing is lifted unsaid.
    let versions = u32::try_from(left.len()).unwrap_or(u32::MAX);
    witness(worker, permit, fact, false, versions).await?;
    for version in &left {
        vault.hold_version(permit, version, false).await?;
    }
    Ok(())
}

/// Says that versions of objects were locked, or unlocked, if any were; `fact` says what for.
pub(crate) async fn witness(
    worker: &Worker,
    permit: &Permit,
    fact: Fact,
    held: bool,
    versions: u32,
) -> Result<(), Problem> {
    if versions == 0 {
        return Ok(());
    }
    let state = if held { "locked" } else { "unlocked" };
    let fact = fact.detail("state", state).detail("versions", versions);
    let evidence = worker.evidence(permit, Kind::ObjectsLocked, fact);
    Ok(worker.store().witness(&evidence).await?)
}
