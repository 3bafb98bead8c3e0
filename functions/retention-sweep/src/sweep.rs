//! One organization's charts that are due, page by page: as many as are due, however many are kept (R150).
//!
//! A piece of work goes on behind the chart at which the one before has ended, so what cannot be looked at stands in
//! nobody's way: it becomes work of its own (`again`), and is found again the next day besides. The last piece has what
//! all of them found told.

use crate::{again, law, recall, remind, review::Review, worker::Worker};
use api::Problem;
use domain::{OrganizationId, limits::APPRAISED_CHARTS, work::Work};
use jiff::civil::Date;
use store::keys;

/// Pages of one piece of work; what is left is another piece of it.
const PAGES: usize = 8;

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    on: Date,
    mut after: Option<String>,
) -> Result<(), Problem> {
    let Some(organization) = worker.organization(organization_id).await? else { return Ok(()) };
    if after.is_none() {
        remind::handle(worker, &organization, on).await?;
        recall::handle(worker, organization_id, on).await?;
        law::handle(worker, &organization).await?;
        go_on_with_schedule(worker, organization_id).await?;
    }
    let review = Review::new(worker, &organization, on);
    let mut failed = Vec::new();
    for _ in 0..PAGES {
        let page = worker.store().due(organization_id, on, after.as_deref(), APPRAISED_CHARTS).await?;
        failed.extend(review.page(&page.items).await?.failed);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    again::send(worker, organization_id, &failed).await?;
    let next = match after {
        Some(after) => Work::Sweep { organization_id, on, after: Some(after) },
        None => Work::Digest { organization_id, on },
    };
    // INVARIANT: nothing comes behind this that can fail, or the piece would come again, and all that follows it.
    Ok(worker.queue.send(&next).await?)
}

/// A change of the schedule, or of the rules that ship, that has not come to every chart yet.
async fn go_on_with_schedule(worker: &Worker, organization_id: OrganizationId) -> Result<(), Problem> {
    let key = keys::rescheduling(organization_id);
    let begun = worker.store().fetch([key.any()]).await?.get(&key)?;
    match begun {
        Some(begun) => {
            Ok(worker.queue.send(&Work::Reschedule { organization_id, after: begun.after }).await?)
        }
        None => Ok(()),
    }
}
