//! What a legal hold covers is locked in object storage too, where the bucket can do that: S3 refuses to delete it,
//! whoever asks (R156). When a hold is released, what no other one covers is unlocked.
//!
//! It is a second door and not the first one: every destruction asks the holds themselves, and so files that come later
//! are held from the moment they come. `filed` locks them as soon as they are there.

use crate::worker::{Worker, permit};
use api::{Fact, Problem};
use authz::{Action, Permit};
use domain::{
    ChartId, HoldId, OrganizationId, SpaceId,
    hold::{Hold, HoldScope, HoldSubject},
    limits::PAGE_ITEMS,
    record::{FileVersion, ObjectRef, Preview, Record, RecordType},
    space::SpaceItem,
    work::Work,
};
use evidence::Kind;
use store::{DueEntry, StandingHolds, keys};

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
    if !worker.system.vault.locks_objects(&permit).await? {
        return Ok(());
    }
    let standing = worker.store().standing_holds(organization_id).await?;
    let mut lock = Lock { worker, permit, hold: &hold, standing, changed: 0 };
    if after.is_none() {
        for space in &hold.scope.spaces {
            lock.space(*space).await?;
        }
    }
    let page = worker.store().appraisable(organization_id, after.as_deref(), CHARTS).await?;
    for entry in page.items.iter().filter(|entry| may_cover(&hold.scope, entry)) {
        lock.chart(entry.chart_id).await?;
    }
    lock.witness().await?;
    match page.next {
        Some(after) => {
            Ok(worker.queue.send(&Work::Lock { organization_id, hold_id, after: Some(after) }).await?)
        }
        None => Ok(()),
    }
}

/// Whether anything in a chart can be covered: most holds name a few charts, and the others need not be looked into.
fn may_cover(scope: &HoldScope, entry: &DueEntry) -> bool {
    let asked = scope.query.as_ref();
    scope.charts.contains(&entry.chart_id)
        || scope.clients.contains(&entry.client_id)
        || !scope.records.is_empty()
        || asked.is_some_and(|query| query.clients.is_empty() || query.clients.contains(&entry.client_id))
}

struct Lock<'a> {
    worker: &'a Worker,
    permit: Permit,
    hold: &'a Hold,
    standing: StandingHolds,
    changed: u32,
}

impl Lock<'_> {
    async fn chart(&mut self, chart: ChartId) -> Result<(), Problem> {
        let mut after = None::<String>;
        loop {
            let page = self.worker.store().timeline_closed(chart, after.as_deref(), PAGE_ITEMS).await?;
            for record in &page.items {
                if record.record_type() == RecordType::Electronic {
                    self.record(record).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn record(&mut self, record: &Record) -> Result<(), Problem> {
        let subject = HoldSubject::from(record);
        if !self.hold.scope.covers(&subject) {
            return Ok(());
        }
        let held = !self.standing.covering(&subject).is_empty();
        let mut after = None::<String>;
        loop {
            let store = self.worker.store();
            let page = store
                .versions::<FileVersion>(record.chart_id, record.id, after.as_deref(), PAGE_ITEMS)
                .await?;
            for file in &page.items {
                let preview = file.state.finding().and_then(|finding| finding.preview.as_deref());
                self.file(&file.object, preview, held).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn space(&mut self, space: SpaceId) -> Result<(), Problem> {
        let held = !self.standing.covering_space(space).is_empty();
        let mut after = None::<String>;
        loop {
            let page = self.worker.store().space_items(space, after.as_deref(), PAGE_ITEMS).await?;
            for file in page.items.iter().filter_map(|item: &SpaceItem| item.file().ok()) {
                let preview = file.state.finding().and_then(|finding| finding.preview.as_deref());
                self.file(&file.object, preview, held).await?;
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
        witness(self.worker, &self.permit, self.hold.id, self.hold.stands(), self.changed).await
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

/// Says that versions of objects were locked because of a hold, or unlocked, if any were.
pub(crate) async fn witness(
    worker: &Worker,
    permit: &Permit,
    hold: HoldId,
    held: bool,
    versions: u32,
) -> Result<(), Problem> {
    if versions == 0 {
        return Ok(());
    }
    let state = if held { "locked" } else { "unlocked" };
    let fact = Fact::new().hold(hold).detail("state", state).detail("versions", versions);
    let evidence = worker.evidence(permit, Kind::ObjectsLocked, fact);
    Ok(worker.store().witness(&evidence).await?)
}
