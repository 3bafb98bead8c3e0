//! Hands work over to `retention-sweep`, which alone destroys and locks.
//!
//! By best effort: the change is committed when this is called, and the next sweep finds by itself what it never heard of.
//! But for a hold that was released: what stays locked for its sake is unlocked when it is destroyed.

use api::Call;
use domain::work::Work;
use post::{Queue, QueueError};

pub(crate) async fn hand_over(call: &Call, work: &Work) {
    if let Err(error) = sent(call, work).await {
        tracing::warn!(%error, "work is left to the next sweep");
    }
}

async fn sent(call: &Call, work: &Work) -> Result<(), QueueError> {
    Queue::new(&call.system)?.send(work).await
}
