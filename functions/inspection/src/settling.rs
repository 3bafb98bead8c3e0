//! An outcome is committed to what stands on the upload, whoever else changes the same things meanwhile.

use crate::{
    duplicates::Likeness,
    judgement::Judgement,
    judging::Judge,
    notice::Notice,
    standing::{self, Standing},
};
use api::{Fact, Problem};
use domain::{record::FileState, upload::Upload};
use evidence::Kind;
use store::{Change, StoreError, keys};

/// Tries of a commit that loses a race against a completion, a voiding or another delivery of the event.
const TRIES: u32 = 8;

/// Commits the outcome, once: whoever comes second finds it settled.
pub async fn settle(judge: &Judge<'_>, notice: &Notice, judgement: &Judgement) -> Result<(), Problem> {
    let (store, now, sha256) = (&judge.system.store, judge.now, &judgement.sha256);
    for _ in 0..TRIES {
        let found = standing::upload_and_digest(store, notice.place, sha256).await?;
        let Some((upload, entry)) = found else { return Ok(()) };
        let (stands, likeness) = tokio::try_join!(
            standing::of(store, &upload, notice),
            Likeness::find(store, &upload, entry, now),
        )?;
        // A file that is not kept is no duplicate, and none is a duplicate of it.
        let likeness = judgement.is_kept().then_some(likeness);
        let outcome = judge.outcome(judgement, likeness.as_ref().and_then(Likeness::earlier))?;
        let change = match &likeness {
            Some(likeness) => likeness.remembered(Change::new(), &upload, sha256),
            None => Change::new(),
        };
        let Some((change, fact)) = written(change, upload, stands, notice, &outcome) else { return Ok(()) };
        match commit(judge, notice, change, told(fact, &outcome)).await {
            Err(StoreError::Conflict { .. }) => {}
            other => return Ok(other.inspect(|()| inspected(notice, &outcome))?),
        }
    }
    Err(Problem::conflict("changed_meanwhile", "what stands on the upload keeps changing"))
}

async fn commit(judge: &Judge<'_>, notice: &Notice, change: Change, fact: Fact) -> Result<(), StoreError> {
    let Judge { system, permit, now, .. } = judge;
    let evidence = system.evidence_by_itself(permit, Kind::FileInspected, *now, &notice.event_id, fact);
    system.store.commit(permit, change, &evidence, None).await
}

fn inspected(notice: &Notice, outcome: &FileState) {
    tracing::info!(upload_id = %notice.place.upload_id, state = outcome.name(), "inspected");
}

/// What is written, and what the evidence is about; `None` when there is nothing to write.
///
/// INVARIANT: the upload is written every time, so that of two deliveries of an event one finds it changed.
fn written(
    change: Change,
    upload: Upload,
    stands: Standing,
    notice: &Notice,
    outcome: &FileState,
) -> Option<(Change, Fact)> {
    let upload_key = keys::upload(upload.home.holder(), upload.id);
    let fact = Fact::of_upload(&upload);
    let (change, fact, upload) = match stands {
        Standing::Settled => return None,
        Standing::Waiting => {
            let upload = upload.inspected(notice.object.clone(), outcome.clone());
            (change, fact, upload)
        }
        Standing::Filed(record, version) => {
            let (chart_id, record_id) = (record.chart_id, record.id);
            let version = version.inspected(outcome.clone());
            let version_key = keys::file_version(chart_id, record_id, version.number);
            let change = match record.inspected(&version) {
                Some(record) => change.replace("record", &keys::record(chart_id, record_id), &record),
                None => change,
            };
            let fact = fact.detail("version", version.number);
            (change.set("version", &version_key, &version), fact, upload)
        }
        Standing::Contributed(contribution) => {
            let contribution = contribution.inspected(outcome.clone());
            let key = keys::contribution(contribution.chart_id, contribution.id);
            (change.replace("contribution", &key, &contribution), fact, upload)
        }
        Standing::Shared(item) => {
            let item = item.inspected(upload.id, outcome.clone())?;
            let key = keys::space_item(item.space_id, item.id);
            (change.replace("item", &key, &item), fact, upload)
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
