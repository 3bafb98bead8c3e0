//! Work from the queue. What of a batch fails comes again, and no others.

use crate::{again, destroy, digest, lock, plan, reschedule, spaces, sweep, worker::Worker};
use api::{Problem, QueueEvent, QueueMessage, System};
use domain::work::Work;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

pub(crate) async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    let batch = QueueEvent::parse(event)?;
    let mut failed = Vec::new();
    for message in &batch.messages {
        if let Err(problem) = done(&system, message).await {
            let (code, attempt) = (problem.code(), message.attempt);
            tracing::error!(message_id = %message.id, attempt, code, cause = %problem, "work failed");
            failed.push(message);
        }
    }
    Ok(batch.failed(failed))
}

async fn done(system: &Arc<System>, message: &QueueMessage) -> Result<(), Problem> {
    let worker = &Worker::new(Arc::clone(system), &message.id)?;
    // On the heap: the largest kind of work would take the stack of all of them.
    let work: BoxFuture<'_, Result<(), Problem>> = match message.read()? {
        Work::Plan { after } => Box::pin(async move { plan::page(worker, after.as_deref()).await }),
        Work::Sweep { organization_id, on, after } => {
            Box::pin(sweep::handle(worker, organization_id, on, after))
        }
        Work::Look { organization_id, charts } => {
            Box::pin(async move { again::handle(worker, organization_id, &charts).await })
        }
        Work::Digest { organization_id, on } => Box::pin(digest::handle(worker, organization_id, on)),
        Work::Reschedule { organization_id, .. } => Box::pin(reschedule::handle(worker, organization_id)),
        Work::Destroy { organization_id, disposition_id } => {
            Box::pin(destroy::handle(worker, organization_id, disposition_id))
        }
        Work::EndSpaceItems { organization_id, space_id } => {
            Box::pin(spaces::handle(worker, organization_id, space_id))
        }
        Work::Lock { organization_id, hold_id, after } => {
            Box::pin(lock::handle(worker, organization_id, hold_id, after))
        }
    };
    work.await
}
