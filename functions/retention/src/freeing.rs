//! Records of a rejected disposition go back to the worklist.
//!
//! They are free from the moment the rejection is written; that their entries say so too is for people who look at the
//! worklist. An entry that could not be written is put right when its record is proposed again. The rejection was said
//! with the rejection: each transaction here says only which part of this it did.

use api::{Call, Fact, Problem};
use authz::Permit;
use domain::{disposition::Disposition, limits::DISPOSITION_STEP};
use evidence::{Evidence, Kind};
use store::{Change, EligibleEntry, keys};

pub(crate) async fn free(call: &Call, permit: &Permit, disposition: &Disposition) {
    if let Err(problem) = freed(call, permit, disposition).await {
        tracing::warn!(disposition_id = %disposition.id, code = problem.code(), "entries still name the disposition");
    }
}

async fn freed(call: &Call, permit: &Permit, disposition: &Disposition) -> Result<(), Problem> {
    let store = &call.system.store;
    let items = store.all_disposition_items(disposition.id).await?;
    for step in items.chunks(DISPOSITION_STEP) {
        let key = |record| keys::eligible(disposition.organization_id, record);
        let found = store.fetch(step.iter().map(|item| key(item.record_id).any())).await?;
        let mut change = Change::new();
        let mut entries = 0_u32;
        for item in step {
            let entry: Option<EligibleEntry> = found.get(&key(item.record_id))?;
            let Some(entry) = entry.filter(|entry| entry.disposition_id == Some(disposition.id)) else {
                continue;
            };
            let entry = EligibleEntry { disposition_id: None, ..entry };
            change = change.replace("eligible", &key(item.record_id), &entry);
            entries = entries.saturating_add(1);
        }
        if entries > 0 {
            let fact = Fact::new().disposition(disposition.id).detail("freed", entries);
            let evidence = Evidence { kind: Kind::DispositionFreed, ..call.evidence(permit, fact) };
            store.commit(permit, change, &evidence, None).await?;
        }
    }
    Ok(())
}
