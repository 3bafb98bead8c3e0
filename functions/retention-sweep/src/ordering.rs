//! The order to destroy paper: people do it, another one sees it, and its index entry stands until they have said so
//! (R154).

use crate::{
    batch::{Batch, Step},
    beginning::Content,
    review::said,
    standing::Standing,
    worker::raced,
};
use api::Problem;
use domain::{MemberId, disposition::DispositionItem, notice::NoticeReason, record::Record};
use evidence::{Evidence, Kind};
use store::{Change, keys};

/// Orders all of them, or none.
pub(crate) async fn order(
    batch: &Batch<'_>,
    standing: &Standing,
    papers: &[(&DispositionItem, &Record)],
) -> Result<Step, Problem> {
    let told = batch.ordering();
    let mut change = standing.guarded(Change::new(), papers.iter().map(|(_, record)| *record));
    let mut facts: Vec<Evidence> = Vec::new();
    for (item, record) in papers {
        let content = Content::of(batch, record).await?.sha256(record)?;
        let ordered = standing.found(item).order(content, batch.worker.now)?;
        change = change
            .check("record", &keys::record(record.chart_id, record.id), Some(record.revision))
            .replace("item", &keys::disposition_item(batch.id, item.record_id), &ordered);
        let line =
            |to: &MemberId| batch.line(item, *to, standing.chart.owner, NoticeReason::DestructionOrdered);
        change = told.iter().map(line).fold(change, said);
        facts.push(batch.worker.evidence(&batch.permit, Kind::DestructionOrdered, batch.fact(&ordered)));
    }
    let done = batch.worker.store().commit_all(&batch.permit, change, &facts).await;
    Ok(raced(done)?.map_or(Step::Raced, |()| Step::Taken))
}
