//! E-mail that was not sent, though the table's stream has brought it for as long as it does: it stands in the outbox, and
//! the work of each day has the stream bring it once more, until it is sent, is given up, or is forgotten (R150).

use crate::worker::{Worker, permit, raced};
use api::Problem;
use authz::Action;
use domain::{OrganizationId, limits::PAGE_ITEMS_DEFAULT, message::left_if_before};
use jiff::civil::Date;
use store::{Change, Recall, keys};

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    on: Date,
) -> Result<(), Problem> {
    let (by, at) = (left_if_before(worker.now), worker.now);
    let permit = permit(organization_id, Action::SweepRetention);
    let mut after = None::<String>;
    loop {
        let page = worker.store().unsent(organization_id, by, after.as_deref(), PAGE_ITEMS_DEFAULT).await?;
        if page.items.is_empty() {
            return Ok(());
        }
        let change = page.items.iter().fold(Change::new(), |change, message| {
            let recall = Recall { organization_id, message_id: message.id, at };
            change.set("recall", &keys::recall(organization_id, message.id, on), &recall)
        });
        // Where somebody else writes the same at this moment, it is written.
        raced(worker.store().note(&permit, change).await)?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
