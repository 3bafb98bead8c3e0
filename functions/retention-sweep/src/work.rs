//! Work from the queue. What of a batch fails comes again, and no others.

use crate::{again, destroy, digest, lock, plan, reschedule, sweep, worker::Worker};
use api::{Problem, QueueEvent, QueueMessage, System};
use domain::work::Work;
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
    let worker = Worker::new(Arc::clone(system), &message.id)?;
    match message.read()? {
        Work::Plan { after } => plan::page(&worker, after.as_deref()).await,
        Work::Sweep { organization_id, on, after } => {
            sweep::handle(&worker, organization_id, on, after).await
        }
        Work::Look { organization_id, charts } => again::handle(&worker, organization_id, &charts).await,
        Work::Digest { organization_id, on } => digest::handle(&worker, organization_id, on).await,
        Work::Reschedule { organization_id, .. } => reschedule::handle(&worker, organization_id).await,
        Work::Destroy { organization_id, disposition_id } => {
            destroy::handle(&worker, organization_id, disposition_id).await
        }
        Work::Lock { organization_id, hold_id, after } => {
            lock::handle(&worker, organization_id, hold_id, after).await
        }
    }
}
