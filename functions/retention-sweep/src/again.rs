//! Charts that could not be looked at with the others, looked at once more (R150). They are work of their own, so that
//! nothing else is done again for their sake; those that cannot be looked at for too long lie among the dead letters, and
//! somebody has to look at them.

use crate::{review::Review, worker::Worker};
use api::Problem;
use domain::{ChartId, OrganizationId, work::Work};
use store::{DueEntry, keys};

/// Charts of one piece of work, which are gathered at once.
const TOGETHER: usize = 25;

/// Leaves charts to work of their own, if there are any.
pub(crate) async fn send(
    worker: &Worker,
    organization_id: OrganizationId,
    charts: &[ChartId],
) -> Result<(), Problem> {
    let work = charts.chunks(TOGETHER).map(|some| Work::Look { organization_id, charts: some.to_vec() });
    Ok(worker.queue.send_all(work).await?)
}

/// Looks at them, due or not: a schedule may have changed. One that was looked at meanwhile is found as it is.
pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    charts: &[ChartId],
) -> Result<(), Problem> {
    let Some(organization) = worker.organization(organization_id).await? else { return Ok(()) };
    let key = |chart: &ChartId| keys::due(organization_id, *chart);
    let found = worker.store().fetch(charts.iter().map(|chart| key(chart).any())).await?;
    let entries = charts.iter().map(|chart| found.get(&key(chart)));
    let entries: Vec<DueEntry> = entries.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let today = worker.today(&organization);
    let looked = Review::new(worker, &organization, today).page(&entries).await?;
    if looked.charts > 0 {
        worker.queue.send(&Work::Digest { organization_id, on: today }).await?;
    }
    looked.must_be_whole()?;
    looked.failure.map_or(Ok(()), Err)
}
