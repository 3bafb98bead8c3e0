//! One organization's charts that are due, page by page: as many as are due, however many are kept (R150).
//!
//! A chart that was looked at is due another day, so whoever comes next finds the others. One that cannot be looked at
//! is stepped over, and found again the next day.

use crate::{remind, review::Review, worker::Worker};
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
) -> Result<(), Problem> {
    let Some(organization) = worker.organization(organization_id).await? else { return Ok(()) };
    remind::handle(worker, &organization, on).await?;
    go_on_with_schedule(worker, organization_id).await?;
    let review = Review::new(worker, &organization, on);
    let (mut after, mut charts, mut failure) = (None::<String>, 0, None);
    for _ in 0..PAGES {
        let page = worker.store().due(organization_id, on, after.as_deref(), APPRAISED_CHARTS).await?;
        let looked = review.page(&page.items).await?;
        charts += looked.charts;
        failure = failure.or(looked.failure);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let next = if after.is_some() && charts > 0 {
        Work::Sweep { organization_id, on }
    } else {
        Work::Digest { organization_id, on }
    };
    worker.queue.send(&next).await?;
    // All others are done: somebody has to look at this one.
    failure.map_or(Ok(()), Err)
}

/// A change of the schedule that has not come to every chart yet.
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
