//! Everything that is kept of a record, in one place: what goes with its key, what goes with each of its versions, and
//! what is left, with the reason (R154; rules of destruction: derived copies are enumerated and destroyed too).
//!
//! | of a record | where | when it goes |
//! |---|---|---|
//! | its key, and its copies under the uploads of its files and the contribution it came as | table of keys | first, with the record |
//! | the record, its place in the timeline | `RECORD#` | first |
//! | the contribution it came as | `CONTRIBUTION#` | first |
//! | a draft | `DRAFT#` | first |
//! | that it waits for a co-signature, that it was proposed | `COSIGN#`, `LISTED#` | first |
//! | its place among those whose time has ended | `ELIGIBLE#` | first |
//! | of paper: its place in the inventory, its barcode | `FOLDERS#`, `BARCODE#` | first |
//! | files and their previews, all versions of them | object storage | then |
//! | versions of a note or a file, an upload, that the chart has these bytes | `VERSION#`, `UPLOAD#`, `DIGEST#` | with the file |
//! | what its space has left to the records, when they are all at their end | `ENDED#`, `LEFT#` | with the file |
//! | the space it was promoted from | `ORIGIN#` | last |
//!
//! There is nothing else. A former owner's copy is the chart itself, read as of a day (`domain::copied`), and so ends
//! with it. Pages of search hold clients and never records. What a member is told, evidence, the custody log of paper
//! and the tombstone hold ids, days and codes. An answer remembered for a repeated call may hold a title; it is sealed,
//! and forgotten a day after the call.
//!
//! A document that was promoted from a collaborative space is the same object there, and in every chart it was promoted
//! into. No record of it begins to end while the space has it (`standing`), and it goes with the last of them (`clearing`).
//! When its time in the space is over and a record has it still, the space leaves it to the records (`documents`).

use domain::{
    ContributionId, SpaceId, SpaceItemId,
    record::{FileVersion, Record},
};
use store::{Change, DigestEntry, keys};

/// Everything that goes in the transaction that destroys the key, but for the keys themselves.
///
/// INVARIANT: every item of a record is taken away here, in [`with_note`], in [`with_file`] or in [`last`], or stands
/// among those that are kept. A test holds the families of keys against this file.
pub(crate) fn first(change: Change, record: &Record, contribution: Option<ContributionId>) -> Change {
    let (organization, chart, id) = (record.organization_id, record.chart_id, record.id);
    let change = change
        .take("record", &keys::record(chart, id), record)
        .unset("draft", &keys::draft(chart, id))
        .unset("co-signature", &keys::cosignature(chart, id))
        .unset("listed", &keys::listed(chart, id))
        .unset("eligible", &keys::eligible(organization, id))
        .unshelve(record);
    match contribution {
        Some(contribution) => change.unset("contribution", &keys::contribution(chart, contribution)),
        None => change,
    }
}

/// What goes with one version of a note.
pub(crate) fn with_note(change: Change, record: &Place, number: u32) -> Change {
    change.unset("version", &keys::note_version(record.chart_id, record.record_id, number))
}

/// What goes with one version of a file: `known` is what the chart has noted of its bytes.
pub(crate) fn with_file(
    change: Change,
    record: &Place,
    file: &FileVersion,
    known: Option<&DigestEntry>,
) -> Change {
    let chart = record.chart_id;
    let change = change
        .unset("version", &keys::file_version(chart, record.record_id, file.number))
        .unset("upload", &keys::upload(chart, file.upload_id));
    match (file.state.finding(), known) {
        // Another file of the chart that has the same bytes is noted under the same digest.
        (Some(finding), Some(known)) if known.upload_id == file.upload_id => {
            change.take("digest", &keys::digest(chart, &finding.sha256), known)
        }
        _ => change,
    }
}

/// What goes with a document of a space whose file no other record has.
pub(crate) fn with_document(change: Change, space: SpaceId, item: SpaceItemId) -> Change {
    change
        .unset("document", &keys::ended_document(space, item))
        .unset("document", &keys::left_document(space, item))
}

/// What goes when nothing else is left.
pub(crate) fn last(change: Change, record: &Place) -> Change {
    change.unset("origin", &keys::record_origin(record.chart_id, record.record_id))
}

/// Where a record was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) chart_id: domain::ChartId,
    pub(crate) record_id: domain::RecordId,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Where every key is made.
    const KEYS: &str = include_str!("../../../shared/store/src/keys.rs");

    /// Of a record, and taken away by this file.
    const DESTROYED: [&str; 9] =
        ["RECORD", "DRAFT", "VERSION", "UPLOAD", "DIGEST", "CONTRIBUTION", "COSIGN", "ORIGIN", "LISTED"];
    /// Of the chart, of links and transfers, of who may open it; the custody log, which is evidence; the tombstone.
    const KEPT: [&str; 6] = ["CHART", "LINK", "PASSAGE", "ESCROW", "CUSTODY", "GONE"];

    /// The families of keys that are made in the partition of a chart.
    fn families() -> BTreeSet<String> {
        let code = KEYS.split("#[cfg(test)]").next().unwrap();
        let made = code.split("Key::new(chart_partition(").skip(1).map(|rest| {
            let quoted = rest.split('"').nth(1).unwrap();
            quoted.split('#').next().unwrap().to_owned()
        });
        let families: BTreeSet<String> = made.chain(["UPLOAD".to_owned()]).collect();
        // Any other key of that partition is made of a partition that was made before: uploads are.
        assert_eq!(
            code.matches("=> chart_partition(").count(),
            1,
            "another key is made of a chart's partition"
        );
        families
    }

    #[test]
    fn every_family_of_keys_in_a_chart_is_known_here() {
        let known: BTreeSet<String> = DESTROYED.iter().chain(&KEPT).map(|&name| name.to_owned()).collect();
        assert_eq!(families(), known, "say here what becomes of it when a record is destroyed");
    }
}
