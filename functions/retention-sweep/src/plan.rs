//! What is to be done today, in every organization: one piece of work each, one for everything that was begun and is not
//! at its end, or may not be, and one for each collaborative space in which something is over.

use crate::worker::Worker;
use api::{Problem, ScheduledEvent, System};
use domain::{
    HoldId, OrganizationId, SpaceId, hold::Hold, limits::PAGE_ITEMS, organization::Organization, work::Work,
};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use store::{OrganizationEntry, keys};

/// How long ago a hold was placed or released whose objects the plan has looked at once more: the message that was sent
/// then may have got lost.
const CHANGED_LATELY: SignedDuration = SignedDuration::from_hours(48);

/// Handles the schedule. A plan that is made twice sends everything twice, and no harm is done by that.
pub(crate) async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    let event = ScheduledEvent::parse(event)?;
    let worker = Worker::new(system, &event.schedule)?;
    page(&worker, None).await?;
    Ok(Value::Null)
}

/// The work of one page of organizations. The next page is a piece of work of its own, so that no number of
/// organizations is too large for the time one invocation has.
pub(crate) async fn page(worker: &Worker, after: Option<&str>) -> Result<(), Problem> {
    let page = worker.store().organizations(after, PAGE_ITEMS).await?;
    // What follows is sent first: cut short, this page comes again, and the next one too.
    if let Some(next) = page.next {
        worker.queue.send(&Work::Plan { after: Some(next) }).await?;
    }
    let work = try_join_all(found(worker, &page.items).await?.iter().map(|one| of(worker, one))).await?;
    Ok(worker.queue.send_all(work.into_iter().flatten()).await?)
}

async fn found(worker: &Worker, entries: &[OrganizationEntry]) -> Result<Vec<Organization>, Problem> {
    let key = |entry: &OrganizationEntry| keys::organization(entry.organization_id);
    let items = worker.store().fetch(entries.iter().map(|entry| key(entry).any())).await?;
    let organizations = entries.iter().map(|entry| items.get(&key(entry))).collect::<Result<Vec<_>, _>>()?;
    Ok(organizations.into_iter().flatten().collect())
}

async fn of(worker: &Worker, organization: &Organization) -> Result<Vec<Work>, Problem> {
    let organization_id = organization.id;
    let store = worker.store();
    let (executing, changed, spaces) = tokio::try_join!(
        async { Ok::<_, Problem>(store.executing(organization_id).await?) },
        changed_lately(worker, organization_id),
        ending(worker, organization_id)
    )?;
    let dispositions = executing
        .into_iter()
        .map(|entry| Work::Destroy { organization_id, disposition_id: entry.disposition_id });
    let locks = changed.into_iter().map(|hold_id| Work::Lock { organization_id, hold_id, after: None });
    let spaces = spaces.into_iter().map(|space_id| Work::EndSpaceItems { organization_id, space_id });
    let sweep = Work::Sweep { organization_id, on: worker.today(organization), after: None };
    Ok(dispositions.chain(locks).chain(spaces).chain([sweep]).collect())
}

/// Spaces in which something is over: as many as there are, however many are kept.
async fn ending(worker: &Worker, organization_id: OrganizationId) -> Result<Vec<SpaceId>, Problem> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let store = worker.store();
        let page = store.ending_spaces(organization_id, worker.now, after.as_deref(), PAGE_ITEMS).await?;
        found.extend(page.items.iter().map(|entry| entry.space_id));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Holds that were placed or released lately.
async fn changed_lately(worker: &Worker, organization_id: OrganizationId) -> Result<Vec<HoldId>, Problem> {
    let lately = |at: Timestamp| worker.now.duration_since(at) < CHANGED_LATELY;
    let changed = |hold: &&Hold| {
        lately(hold.issued_at) || hold.released.as_ref().is_some_and(|released| lately(released.at))
    };
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = worker.store().holds(organization_id, after.as_deref(), PAGE_ITEMS).await?;
        found.extend(page.items.iter().filter(changed).map(|hold| hold.id));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
