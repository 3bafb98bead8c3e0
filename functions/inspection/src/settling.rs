//! An outcome is committed to what stands on the upload, whoever else changes the same things meanwhile.

use crate::{
    notice::Notice,
    standing::{self, Standing},
};
use api::{Fact, Problem, System};
use authz::Permit;
use domain::{record::FileState, upload::Upload};
use evidence::Kind;
use jiff::Timestamp;
use store::{Change, StoreError, keys};

/// Tries of a commit that loses a race against a completion, a voiding or another delivery of the event.
const TRIES: u32 = 8;

/// Commits the outcome, once: whoever comes second finds it settled.
pub async fn settle(
    system: &System,
    permit: &Permit,
    notice: &Notice,
    outcome: &FileState,
    now: Timestamp,
) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let Some(upload) = standing::upload(&system.store, notice.place).await? else { return Ok(()) };
        let stands = standing::of(&system.store, &upload, notice).await?;
        let Some((change, fact)) = written(upload, stands, notice, outcome) else { return Ok(()) };
        let fact = told(fact, outcome);
        let evidence = system.evidence_by_itself(permit, Kind::FileInspected, now, &notice.event_id, fact);
        match system.store.commit(permit, change, &evidence, None).await {
            Err(StoreError::Conflict { .. }) => {}
            other => return Ok(other?),
        }
    }
    Err(Problem::conflict("changed_meanwhile", "what stands on the upload keeps changing"))
}

/// What is written, and what the evidence is about; `None` when there is nothing to write.
///
/// INVARIANT: the upload is written every time, so that of two deliveries of an event one finds it changed.
fn written(upload: Upload, stands: Standing, notice: &Notice, outcome: &FileState) -> Option<(Change, Fact)> {
    let upload_key = keys::upload(upload.chart_id, upload.id);
    let fact = Fact::of_upload(&upload);
    let change = Change::new();
    let (change, fact, upload) = match stands {
        Standing::Settled => return None,
        Standing::Waiting => {
            let upload = upload.inspected(notice.object.clone(), outcome.clone());
            (change, fact, upload)
        }
        Standing::Filed(record, version) => {
            let (record_id, version) = (record.id, version.inspected(outcome.clone()));
            let version_key = keys::file_version(upload.chart_id, record_id, version.number);
            let change = match record.inspected(&version) {
                Some(record) => change.replace("record", &keys::record(upload.chart_id, record_id), &record),
                None => change,
            };
            let fact = fact.detail("version", version.number);
            (change.set("version", &version_key, &version), fact, upload)
        }
        Standing::Contributed(contribution) => {
            let contribution = contribution.inspected(outcome.clone());
            let key = keys::contribution(upload.chart_id, contribution.id);
            (change.replace("contribution", &key, &contribution), fact, upload)
        }
    };
    Some((change.replace("upload", &upload_key, &upload), fact))
}

/// The outcome in codes.
fn told(fact: Fact, outcome: &FileState) -> Fact {
    let fact = fact.detail("state", outcome.name());
    let Some(finding) = outcome.finding() else { return fact };
    let fact = fact.detail("class", &finding.class);
    let fact = match &finding.reason {
        Some(reason) => fact.detail("reason", reason),
        None => fact,
    };
    if finding.warnings.is_empty() { fact } else { fact.detail("warnings", finding.warnings.join(" ")) }
}
