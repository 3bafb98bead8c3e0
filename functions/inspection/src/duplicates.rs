//! Whether a file was brought into its chart before (R017).
//!
//! The chart remembers of each digest which upload came with it first. Only the chart itself is asked: what
//! another one holds, even of the same client, is not told here (R046). A file counts for as long as the chart
//! keeps it, voided or not; an upload that was given up or has expired leaves no file and counts for nothing.

use api::Problem;
use domain::{
    ChartId, RecordId,
    confidentiality::Compartment,
    contribution::{Contribution, Decision},
    record::Record,
    upload::{Destination, Home, Upload, UploadState},
};
use jiff::Timestamp;
use serde::Serialize;
use store::{Change, DigestEntry, Key, Store, keys};

/// The file that was there before, as people are told of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// The record of the same chart that has it, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<RecordId>,
    text: &'static str,
}

impl Earlier {
    pub const fn of(record_id: Option<RecordId>) -> Self {
        Self { record_id, text: "the same file was sent to this chart before" }
    }
}

/// How a file stands to what its chart remembers of the same bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The chart does not know these bytes.
    New,
    /// It knows them from this very upload: an event came again.
    Itself,
    /// It knows them from an upload that came to nothing, whose place this one takes.
    Instead(DigestEntry),
    Duplicate(Earlier),
    /// It is sent into a collaborative space, or is kept apart from the chart: nothing is remembered of it, and
    /// nobody is warned by it of anything (R046, R103).
    Elsewhere,
}

impl Likeness {
    /// Compares an upload with the entry of its digest: one read, and only if the entry is of another upload.
    pub async fn find(
        store: &Store,
        upload: &Upload,
        entry: Option<DigestEntry>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let Home::Chart { chart_id, .. } = upload.home else { return Ok(Self::Elsewhere) };
        if is_kept_apart(store, chart_id, &upload.destination).await? {
            return Ok(Self::Elsewhere);
        }
        let Some(entry) = entry else { return Ok(Self::New) };
        if entry.upload_id == upload.id {
            return Ok(Self::Itself);
        }
        Ok(match came_to(store, chart_id, &entry, now).await? {
            Some(earlier) => Self::Duplicate(earlier),
            None => Self::Instead(entry),
        })
    }

    pub const fn earlier(&self) -> Option<&Earlier> {
        match self {
            Self::Duplicate(earlier) => Some(earlier),
            Self::New | Self::Itself | Self::Instead(_) | Self::Elsewhere => None,
        }
    }

    /// The chart remembers the upload, if it is the first one.
    ///
    /// INVARIANT: of two uploads of the same bytes that are inspected at once, one finds the entry changed and
    /// is compared again.
    pub fn remembered(&self, change: Change, upload: &Upload, sha256: &str) -> Change {
        let Home::Chart { chart_id, .. } = upload.home else { return change };
        let key = keys::digest(chart_id, sha256);
        match self {
            Self::New => change.insert("digest", &key, &entry_of(upload, 1)),
            Self::Instead(before) => change.replace("digest", &key, &entry_of(upload, before.revision)),
            Self::Itself | Self::Duplicate(_) | Self::Elsewhere => change,
        }
    }
}

fn entry_of(upload: &Upload, revision: u64) -> DigestEntry {
    let (record_id, contribution_id) = match upload.destination {
        Destination::Record { record_id, .. } | Destination::Version { record_id } => (Some(record_id), None),
        Destination::Contribution { contribution_id, .. } => (None, Some(contribution_id)),
        Destination::SpaceItem { .. } => (None, None),
    };
    DigestEntry { upload_id: upload.id, record_id, contribution_id, revision }
}

/// Whether the file is none of those that the chart's readers see: they learn nothing of it, not even that they
/// have the same.
async fn is_kept_apart(store: &Store, chart_id: ChartId, destination: &Destination) -> Result<bool, Problem> {
    let compartment = match destination {
        Destination::Record { compartment, .. } => *compartment,
        Destination::Version { record_id } => {
            let key = keys::record(chart_id, *record_id);
            let record: Option<Record> = store.fetch([key.any()]).await?.get(&key)?;
            record.map(|record| record.guard.compartment).unwrap_or_default()
        }
        Destination::Contribution { .. } | Destination::SpaceItem { .. } => Compartment::Chart,
    };
    Ok(compartment != Compartment::Chart)
}

/// What came of the upload that is remembered; `None` if nothing did or ever will.
async fn came_to(
    store: &Store,
    chart_id: ChartId,
    entry: &DigestEntry,
    now: Timestamp,
) -> Result<Option<Earlier>, Problem> {
    let upload_key = keys::upload(chart_id, entry.upload_id);
    let record_key = entry.record_id.map(|id| keys::record(chart_id, id));
    let contribution_key = entry.contribution_id.map(|id| keys::contribution(chart_id, id));
    let others = [record_key.as_ref().map(Key::any), contribution_key.as_ref().map(Key::any)];
    let items = store.fetch(others.into_iter().flatten().chain([upload_key.any()])).await?;
    let upload = items.get(&upload_key)?;
    let file = match (&record_key, &contribution_key) {
        (Some(key), _) => items.get(key)?.map(|record: Record| Earlier::of(Some(record.id))),
        (None, Some(key)) => items.get(key)?.map(|contribution| contributed(&contribution)),
        (None, None) => None,
    };
    Ok(still(upload.as_ref(), file, now))
}

/// A contribution has no record before it is accepted.
const fn contributed(contribution: &Contribution) -> Earlier {
    match contribution.decision {
        Some(Decision::Accepted { record_id, .. }) => Earlier::of(Some(record_id)),
        Some(Decision::Declined { .. }) | None => Earlier::of(None),
    }
}

/// What is left of an earlier upload, where `file` is what stands in the place it was sent to.
fn still(upload: Option<&Upload>, file: Option<Earlier>, now: Timestamp) -> Option<Earlier> {
    match upload.map(|upload| (&upload.state, upload)) {
        Some((UploadState::Abandoned, _)) => None,
        // Its bytes are here and it is about to be completed: it has no record that could be named.
        Some((UploadState::Open | UploadState::Inspected { .. }, upload)) => {
            upload.must_be_open(now).is_ok().then_some(Earlier::of(None))
        }
        // The table forgets an upload some days after its end, and not what stands on it.
        Some((UploadState::Completed { .. }, _)) | None => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ClientId, ContributionId, LinkId, OrganizationId, Sealed, UploadId, WrappedKey,
        record::{FileState, ObjectRef},
        upload::{MediaType, Plan},
    };
    use jiff::SignedDuration;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn record_id() -> RecordId {
        RecordId::new(Uuid::from_u128(5))
    }

    fn upload(state: UploadState) -> Upload {
        let nil = Uuid::nil();
        Upload {
            id: UploadId::new(Uuid::from_u128(1)),
            organization_id: OrganizationId::new(nil),
            home: Home::Chart { chart_id: ChartId::new(nil), client_id: ClientId::new(nil) },
            author: None,
            destination: Destination::Version { record_id: record_id() },
            key: WrappedKey::from_bytes(vec![]),
            file_name: Sealed::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            size_bytes: 1,
            media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
            sha256: None,
            plan: Plan::Single,
            object_key: "k".into(),
            multipart_id: None,
            state,
            started_at: NOW,
            expires_at: NOW + SignedDuration::from_hours(48),
            revision: 1,
        }
    }

    fn object() -> ObjectRef {
        ObjectRef { key: "k".into(), version_id: "v".into() }
    }

    fn named() -> Option<Earlier> {
        Some(Earlier::of(Some(record_id())))
    }

    #[test]
    fn what_stands_in_the_chart_is_named_long_after_its_upload_is_forgotten() {
        let completed = upload(UploadState::Completed { object: object(), at: NOW, version: Some(1) });
        assert_eq!(still(Some(&completed), named(), NOW), named());
        assert_eq!(still(None, named(), NOW), named());
        assert_eq!(still(None, None, NOW), None, "neither upload nor record");
    }

    #[test]
    fn an_upload_under_way_counts_until_it_expires() {
        let waiting = upload(UploadState::Inspected { object: object(), outcome: FileState::Inspecting });
        assert_eq!(still(Some(&waiting), None, NOW), Some(Earlier::of(None)));
        // The record whose version it is to become does not have it yet.
        assert_eq!(still(Some(&waiting), named(), NOW), Some(Earlier::of(None)));
        assert_eq!(still(Some(&waiting), named(), waiting.expires_at), None);
        assert_eq!(still(Some(&upload(UploadState::Abandoned)), named(), NOW), None);
    }

    #[test]
    fn an_entry_says_what_the_upload_was_to_become() {
        let mut upload = upload(UploadState::Open);
        let entry = entry_of(&upload, 3);
        assert_eq!((entry.record_id, entry.contribution_id, entry.revision), (Some(record_id()), None, 3));
        let contribution_id = ContributionId::new(Uuid::from_u128(6));
        upload.destination = Destination::Contribution { contribution_id, link_id: LinkId::new(Uuid::nil()) };
        let entry = entry_of(&upload, 1);
        assert_eq!((entry.record_id, entry.contribution_id), (None, Some(contribution_id)));
    }
}
