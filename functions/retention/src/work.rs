//! Hands work over to `retention-sweep`, which alone destroys and locks.
//!
//! By best effort: the change is committed when this is called, and the next sweep finds by itself what it never heard of.

use api::Call;
use domain::{OrganizationId, work::Work};
use post::{Queue, QueueError};

pub(crate) async fn hand_over(call: &Call, work: &Work) {
    if let Err(error) = sent(call, work).await {
        tracing::warn!(%error, "work is left to the next sweep");
    }
}

/// Has the sweep look once more at whatever is being executed: paper that is ordered, and that a new hold keeps, is
/// ordered no longer, and who has the order is told so.
pub(crate) async fn hand_over_executing(call: &Call, organization_id: OrganizationId) {
    let executing = match call.system.store.executing(organization_id).await {
        Ok(executing) => executing,
        Err(error) => {
            tracing::warn!(%error, "orders are left to the next sweep");
            return;
        }
    };
    for entry in executing {
        hand_over(call, &Work::Destroy { organization_id, disposition_id: entry.disposition_id }).await;
    }
}

async fn sent(call: &Call, work: &Work) -> Result<(), QueueError> {
    Queue::new(&call.system)?.send(work).await
}
