//! Every chart of an organization, looked at because its schedule or the law has changed (R157): one page of them, and
//! where the next one begins stands in the table, so that nothing is begun anew.

use crate::{
    again,
    review::Review,
    worker::{Worker, permit, raced},
};
use api::Problem;
use authz::Action;
use domain::{OrganizationId, limits::APPRAISED_CHARTS, work::Work};
use store::{Change, Rescheduling, keys};

pub(crate) async fn handle(worker: &Worker, organization_id: OrganizationId) -> Result<(), Problem> {
    let key = keys::rescheduling(organization_id);
    let begun: Option<Rescheduling> = worker.store().fetch([key.any()]).await?.get(&key)?;
    let (Some(begun), Some(organization)) = (begun, worker.organization(organization_id).await?) else {
        return Ok(());
    };
    let page = worker.store().appraisable(organization_id, begun.after.as_deref(), APPRAISED_CHARTS).await?;
    let today = worker.today(&organization);
    let looked = Review::new(worker, &organization, today).page(&page.items).await?;
    // They are due no sooner for it, so no other run would come to them: the page comes again, and is done where it was.
    looked.must_be_whole()?;
    again::send(worker, organization_id, &looked.failed).await?;
    let change = match &page.next {
        Some(next) => {
            Change::new().replace("rescheduling", &key, &Rescheduling { after: Some(next.clone()), ..begun })
        }
        None => Change::new().take("rescheduling", &key, &begun),
    };
    let permit = permit(organization_id, Action::SweepRetention);
    // Somebody else is as far, or the schedule has changed once more: the work goes on without this piece of it.
    if raced(worker.store().note(&permit, change).await)?.is_none() {
        return Ok(());
    }
    let next = match page.next {
        Some(after) => Work::Reschedule { organization_id, after: Some(after) },
        None => Work::Digest { organization_id, on: today },
    };
    Ok(worker.queue.send(&next).await?)
}
