//! A record becomes unreadable for ever: its keys are destroyed, and with them, in the same transaction, goes the record,
//! and a tombstone comes (R154, R158).
//!
//! INVARIANT: the transaction fails if a hold was placed, the schedule or a fact of the client has changed, the record
//! has, or anybody else has begun; then nothing at all is destroyed.

use crate::{
    batch::{Batch, Step},
    derivatives,
    standing::Standing,
};
use api::Problem;
use domain::{
    chart::Chart,
    disposition::{DispositionItem, Tombstone},
    limits::PAGE_ITEMS,
    note::{Draft, NoteVersion},
    record::{Body, FileVersion, Record},
};
use evidence::{Kind, merkle::Digest};
use std::fmt::Write as _;
use store::{Change, ChartEntry, Item, keys};

/// Uploads whose copies of the key go with the record; those of older versions were forgotten by themselves years ago,
/// and are looked for with the version all the same.
const UPLOADS: usize = 50;

/// Destroys the keys of a record; gives the item as it stands then, or `None` if something has changed. The chart is the
/// one as it stands, and will be: several records of it go one after the other.
pub(crate) async fn begin(
    batch: &Batch<'_>,
    standing: &Standing,
    chart: &mut Chart,
    item: &DispositionItem,
    record: &Record,
    guarded: bool,
) -> Result<Option<DispositionItem>, Problem> {
    let worker = batch.worker;
    let content = Content::of(batch, record).await?;
    let contribution = worker.store().contribution_of(record).await?;
    let files = content.files.iter().rev().take(UPLOADS).cloned().collect::<Vec<FileVersion>>();
    let keys_destroyed = 1 + files.len() + usize::from(contribution.is_some());
    let sha256 = content.sha256(record)?;
    let holds = standing.holds.revision();
    let count = u32::try_from(keys_destroyed).unwrap_or(u32::MAX);
    // Of paper that people have destroyed it stands as it was found when the order went out.
    let found = if guarded { standing.found(item) } else { item.clone() };
    let begun = found.begin(sha256.clone(), count, holds, worker.now)?;
    let change = Change::new()
        .replace("item", &keys::disposition_item(batch.id, item.record_id), &begun)
        .insert("tombstone", &keys::tombstone(item.chart_id, item.record_id), &tombstone(batch, &begun));
    let change =
        derivatives::first(change, record, contribution).destroy_keys_of(record, &files, contribution);
    let after = chart.without(record);
    let change = match &after {
        Some(after) => recounted(change, chart, after),
        None => change,
    };
    let change = match guarded {
        true => standing.guarded(change, [record]),
        // Paper that people have destroyed is gone, whatever became known since; a hold still keeps its index entry.
        false => change.unless_holds_changed(&standing.holds),
    };
    let fact = batch
        .fact(&begun)
        .detail("eligible_on", begun.eligible_on)
        .detail("rule_id", &begun.rule_id)
        .detail("rule_version", &begun.rule_version)
        .detail("content_sha256", sha256)
        .detail("keys", count)
        .detail("holds", holds)
        .detail("ground", batch.ground.name())
        .detail("schedule_version", batch.organization.retention.version);
    let evidence = worker.evidence(&batch.permit, Kind::RecordDestroyed, fact);
    let done = worker.store().commit(&batch.permit, change, &evidence, None).await;
    if crate::worker::raced(done)?.is_none() {
        return Ok(None);
    }
    if let Some(after) = after {
        *chart = Chart { revision: after.revision.saturating_add(1), ..after };
    }
    Ok(Some(DispositionItem { revision: item.revision.saturating_add(1), ..begun }))
}

/// Looks at a record and destroys its keys, if it may go.
pub(crate) async fn begun(
    batch: &Batch<'_>,
    standing: &Standing,
    chart: &mut Chart,
    item: &DispositionItem,
    record: &Record,
    guarded: bool,
) -> Result<Step, Problem> {
    match begin(batch, standing, chart, item, record, guarded).await? {
        Some(item) => crate::clearing::clear(batch, item).await,
        None => Ok(Step::Raced),
    }
}

fn tombstone(batch: &Batch<'_>, item: &DispositionItem) -> Tombstone {
    Tombstone {
        record_id: item.record_id,
        organization_id: item.organization_id,
        client_id: item.client_id,
        chart_id: item.chart_id,
        record_type: item.record_type,
        section: item.section,
        class: item.class,
        occurred_on: item.occurred_on,
        disposition_id: batch.id,
        destroyed_at: batch.worker.now,
    }
}

/// The chart counts the record no longer.
fn recounted(change: Change, chart: &Chart, after: &Chart) -> Change {
    let change = change.replace_chart(after);
    if after.cosignatures == chart.cosignatures {
        return change;
    }
    let owned = keys::owned_chart(chart.organization_id, chart.owner, chart.id);
    change.set("owned chart", &owned, &ChartEntry::of(after))
}

/// What a record consists of, as far as the certificate says what it was.
pub(crate) struct Content {
    notes: Vec<NoteVersion>,
    pub(crate) files: Vec<FileVersion>,
    draft: Option<Draft>,
}

impl Content {
    pub(crate) async fn of(batch: &Batch<'_>, record: &Record) -> Result<Self, Problem> {
        let (mut notes, mut files, mut draft) = (Vec::new(), Vec::new(), None);
        match &record.body {
            Body::Data { .. } => {
                notes = versions(batch, record).await?;
                let key = keys::draft(record.chart_id, record.id);
                draft = batch.worker.store().fetch([key.any()]).await?.get(&key)?;
            }
            Body::Electronic { .. } => files = versions(batch, record).await?,
            Body::Physical(_) => {}
        }
        Ok(Self { notes, files, draft })
    }

    /// The digest of a file as inspection has computed it; of several, and of what a note's versions say sealed, the
    /// digest of all of them, one on a line; of paper, its index entry's.
    pub(crate) fn sha256(&self, record: &Record) -> Result<String, Problem> {
        let mut lines = Vec::new();
        for note in &self.notes {
            lines.push(Digest::of(note.content.as_bytes()).to_string());
        }
        lines.extend(self.draft.iter().map(|draft| Digest::of(draft.content.as_bytes()).to_string()));
        for file in &self.files {
            lines.push(match file.state.finding() {
                Some(finding) => finding.sha256.clone(),
                None => Digest::of(file.file_name.as_bytes()).to_string(),
            });
        }
        if let [only] = lines.as_slice() {
            return Ok(only.clone());
        }
        if lines.is_empty() {
            return Ok(Digest::of(&serde_json::to_vec(record).map_err(Problem::internal)?).to_string());
        }
        let mut text = String::new();
        for line in lines {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{line}");
        }
        Ok(Digest::of(text.as_bytes()).to_string())
    }
}

async fn versions<T: Item>(batch: &Batch<'_>, record: &Record) -> Result<Vec<T>, Problem> {
    let (mut versions, mut after) = (Vec::new(), None::<String>);
    loop {
        let store = batch.worker.store();
        let page = store.versions(record.chart_id, record.id, after.as_deref(), PAGE_ITEMS).await?;
        versions.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(versions);
        }
    }
}
