//! A record: an item in a chart, of one of three types that never changes (R002).
//!
//! Nothing is overwritten and nothing is deleted here: versions append, and a wrong record is voided
//! (entered in error, X-4), struck through but kept.

use crate::{
    ChartId, ClientId, MemberId, OrganizationId, RecordId, Sealed, UploadId, WrappedKey,
    chart::Section,
    confidentiality::{Compartment, Guard},
    limits::{NAME_CHARS, REASON_CHARS, RECORD_PERMISSIONS},
    member::{Verb, Verbs},
    note::NoteError,
    physical::Folder,
    retention::RecordClass,
    text::{Line, Prose},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordType {
    /// An index entry of something on a shelf.
    Physical,
    /// An uploaded file.
    Electronic,
    /// Typed in.
    Data,
}

impl RecordType {
    pub const ALL: [Self; 3] = [Self::Physical, Self::Electronic, Self::Data];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Electronic => "electronic",
            Self::Data => "data",
        }
    }
}

/// A record as the table keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub id: RecordId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    /// Who made it: always the signed-in member (R004).
    pub author: MemberId,
    /// Whether the client sent it and `author` accepted it.
    #[serde(default)]
    pub from_client: bool,
    pub section: Section,
    pub direction: Direction,
    /// When what it tells of happened: orders the timeline (R015).
    pub occurred_on: Date,
    pub created_at: Timestamp,
    /// The record's own key under the client's key: destroyed, the record is unreadable everywhere. The store keeps it
    /// apart from the rest, out of every backup.
    #[serde(default)]
    pub key: WrappedKey,
    pub title: Sealed<Title>,
    pub body: Body,
    pub voided: Option<Voided>,
    /// The record-level half of the two-fold permission: whom this record limits to which verbs (R050).
    #[serde(default)]
    pub limits: RecordLimits,
    /// Whether it is confidential or kept apart (R080-R086).
    #[serde(default)]
    pub guard: Guard,
    /// What it is for retention, where somebody has said so; else its section and compartment say (R151).
    #[serde(default)]
    pub class: Option<RecordClass>,
    /// The signature beside its author's, where one is needed (P-13).
    #[serde(default)]
    pub cosignature: Option<Cosignature>,
    pub revision: u64,
}

pub type Title = Line<NAME_CHARS>;

/// Whom a record speaks to (R024).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    AboutClient,
    ForClient,
}

/// What a record consists of; the variant is its type and never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    Data {
        /// Signed versions; 0 while the note is a draft.
        versions: u32,
        signed_at: Option<Timestamp>,
    },
    Electronic {
        /// Uploaded versions; the newest is `current`.
        versions: u32,
        current: Box<FileVersion>,
    },
    Physical(Folder),
}

/// A file as it arrived.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileVersion {
    pub record_id: RecordId,
    /// Counted from 1.
    pub number: u32,
    pub upload_id: UploadId,
    pub author: MemberId,
    pub added_at: Timestamp,
    pub object: ObjectRef,
    pub size_bytes: u64,
    /// The type the sender declared, until inspection has found the real one.
    pub media_type: String,
    pub file_name: Sealed<Line<NAME_CHARS>>,
    pub state: FileState,
}

/// A file that has arrived, before it is a version of any record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceivedFile {
    pub upload_id: UploadId,
    pub object: ObjectRef,
    pub size_bytes: u64,
    /// As `FileVersion::media_type`.
    pub media_type: String,
    pub file_name: Sealed<Line<NAME_CHARS>>,
    pub state: FileState,
}

/// One version of one object: what a presigned URL is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    pub key: String,
    pub version_id: String,
}

/// What inspection found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// The bytes are here; what they are is being looked at.
    Inspecting,
    /// What it is said to be, and safe to open.
    Available(Finding),
    /// Kept and not handed out, for the reason given.
    Quarantined(Finding),
    /// Not what was promised (size, digest): never part of the chart's content.
    Rejected(Finding),
}

impl FileState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Inspecting => "inspecting",
            Self::Available(_) => "available",
            Self::Quarantined(_) => "quarantined",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The bytes may be handed out.
    pub const fn must_be_available(&self) -> Result<&Finding, RecordError> {
        match self {
            Self::Available(finding) => Ok(finding),
            other => Err(RecordError::Unavailable(other.name())),
        }
    }

    pub const fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Inspecting => None,
            Self::Available(finding) | Self::Quarantined(finding) | Self::Rejected(finding) => Some(finding),
        }
    }
}

/// The outcome of an inspection. Facts can hold names (DICOM), so they are sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub inspected_at: Timestamp,
    /// Hexadecimal SHA-256 of the whole file, computed from the stored bytes.
    pub sha256: String,
    pub class: String,
    pub media_type: String,
    /// Stable code of the reason, when there is one.
    pub reason: Option<String>,
    /// `FileFacts` of the inspection, as JSON.
    pub facts: Sealed<serde_json::Value>,
    pub preview: Option<Box<Preview>>,
    /// Codes of the warnings the facts explain, such as `patient_mismatch` (R017).
    pub warnings: Vec<String>,
}

/// A small picture of a file's content, made by inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub object: ObjectRef,
    pub media_type: String,
    pub width: u32,
    pub height: u32,
}

/// The supervisor's signature on a note written under approval (P-03, P-13).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Cosignature {
    /// The newest version waits for it.
    Pending { since: Timestamp },
    /// The newest version has it.
    Given { by: MemberId, at: Timestamp },
    /// It was sent back to its author, who amends it.
    Returned { by: MemberId, at: Timestamp, reason: Sealed<Prose<REASON_CHARS>> },
}

impl Cosignature {
    /// Who has decided.
    pub const fn by(&self) -> Option<MemberId> {
        match self {
            Self::Pending { .. } => None,
            Self::Given { by, .. } | Self::Returned { by, .. } => Some(*by),
        }
    }
}

/// A record struck through: entered in error, kept, excluded from counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Voided {
    pub by: MemberId,
    pub at: Timestamp,
    pub reason: Sealed<Prose<REASON_CHARS>>,
}

/// Record-level permissions: whom a row names has only its verbs on this record; others are not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RecordLimits(BTreeMap<MemberId, Verbs>);

impl RecordLimits {
    pub fn new(rows: BTreeMap<MemberId, Verbs>) -> Result<Self, RecordError> {
        if rows.len() > RECORD_PERMISSIONS { Err(RecordError::TooManyLimits) } else { Ok(Self(rows)) }
    }

    /// The verbs this record leaves to a member.
    pub fn verbs(&self, member: MemberId) -> Verbs {
        self.0.get(&member).cloned().unwrap_or_else(|| Verb::ALL.into())
    }

    pub const fn rows(&self) -> &BTreeMap<MemberId, Verbs> {
        &self.0
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordError {
    #[error("the record was voided")]
    Voided,
    #[error("a draft is not voided; it is its author's until signed")]
    Draft,
    #[error("a record has at most {RECORD_PERMISSIONS} rows of its own permissions")]
    TooManyLimits,
    #[error("the owner of the chart cannot be limited to less than access")]
    OwnerLocked,
    #[error("the record holds no file")]
    NoFile,
    #[error("the file is not available: it is {0}")]
    Unavailable(&'static str),
    #[error("the file has no preview")]
    NoPreview,
    #[error("a record tells of a day from 1850 to today")]
    OccurredOn,
    #[error("the chart is shared whole: nothing in it is kept from a collaborator")]
    ShareIsWhole,
    #[error("only the owner of the chart files what is kept apart from it")]
    NotOwner,
    #[error("raw data are never altered; file another record")]
    Unalterable,
    #[error("what is filed in a chart is of a class of clients' records")]
    Class,
}

/// Checks the day a record tells of: it has happened, and sorts among the others in the timeline.
pub fn check_occurred_on(day: Date, today: Date) -> Result<(), RecordError> {
    if day.year() >= 1850 && day <= today { Ok(()) } else { Err(RecordError::OccurredOn) }
}

impl Record {
    pub const fn record_type(&self) -> RecordType {
        match self.body {
            Body::Data { .. } => RecordType::Data,
            Body::Electronic { .. } => RecordType::Electronic,
            Body::Physical(_) => RecordType::Physical,
        }
    }

    /// Whether this is a note nobody has signed.
    pub const fn is_draft(&self) -> bool {
        matches!(self.body, Body::Data { versions: 0, .. })
    }

    /// Whether no signature is missing beside its author's.
    pub const fn cosignature_is_complete(&self) -> bool {
        matches!(self.cosignature, None | Some(Cosignature::Given { .. }))
    }

    /// Whether the newest version waits for a signature beside its author's.
    pub const fn awaits_cosignature(&self) -> bool {
        self.voided.is_none() && matches!(self.cosignature, Some(Cosignature::Pending { .. }))
    }

    /// The versions there are; 0 of a draft and of a folder.
    pub const fn versions(&self) -> u32 {
        match &self.body {
            Body::Data { versions, .. } | Body::Electronic { versions, .. } => *versions,
            Body::Physical(_) => 0,
        }
    }

    pub const fn must_stand(&self) -> Result<(), RecordError> {
        if self.voided.is_some() { Err(RecordError::Voided) } else { Ok(()) }
    }

    /// The author of a note goes on with its draft.
    pub fn must_be_draft_of(&self, member: MemberId) -> Result<(), NoteError> {
        match self.body {
            _ if self.voided.is_some() => Err(NoteError::Voided),
            Body::Data { .. } if self.author != member => Err(NoteError::NotAuthor),
            Body::Data { versions: 0, .. } => Ok(()),
            Body::Data { .. } => Err(NoteError::Signed),
            _ => Err(NoteError::NotNote),
        }
    }

    /// The first version is signed.
    pub fn sign(mut self, by: MemberId, title: Sealed<Title>, now: Timestamp) -> Result<Self, NoteError> {
        self.must_be_draft_of(by)?;
        self.body = Body::Data { versions: 1, signed_at: Some(now) };
        self.title = title;
        Ok(self)
    }

    /// Another version is appended; the number it gets comes back with the record.
    pub fn amend(
        mut self,
        by: MemberId,
        title: Sealed<Title>,
        now: Timestamp,
    ) -> Result<(Self, u32), NoteError> {
        let versions = match self.body {
            _ if self.voided.is_some() => return Err(NoteError::Voided),
            Body::Data { .. } if self.author != by => return Err(NoteError::NotAuthor),
            Body::Data { versions: 0, .. } => return Err(NoteError::NotSigned),
            Body::Data { versions, .. } => versions.saturating_add(1),
            _ => return Err(NoteError::NotNote),
        };
        self.body = Body::Data { versions, signed_at: Some(now) };
        self.title = title;
        Ok((self, versions))
    }

    /// The version that was just signed waits for the owner's signature, where its author writes under approval
    /// (P-13); where not, the author's is enough.
    #[must_use]
    pub fn awaiting_cosignature(mut self, needed: bool, now: Timestamp) -> Self {
        self.cosignature = needed.then_some(Cosignature::Pending { since: now });
        self
    }

    /// The supervisor signs beside the author.
    pub fn cosign(mut self, by: MemberId, now: Timestamp) -> Result<Self, NoteError> {
        self.must_wait_for(by)?;
        self.cosignature = Some(Cosignature::Given { by, at: now });
        Ok(self)
    }

    /// The supervisor sends it back to its author, who amends it.
    pub fn send_back(
        mut self,
        by: MemberId,
        reason: Sealed<Prose<REASON_CHARS>>,
        now: Timestamp,
    ) -> Result<Self, NoteError> {
        self.must_wait_for(by)?;
        self.cosignature = Some(Cosignature::Returned { by, at: now, reason });
        Ok(self)
    }

    /// The note waits for a signature, and this is not its author's second one.
    pub fn must_wait_for(&self, by: MemberId) -> Result<(), NoteError> {
        if self.voided.is_some() {
            Err(NoteError::Voided)
        } else if !self.awaits_cosignature() {
            Err(NoteError::NotAwaited)
        } else if self.author == by {
            Err(NoteError::OwnNote)
        } else {
            Ok(())
        }
    }

    pub fn void(mut self, voided: Voided) -> Result<Self, RecordError> {
        self.must_stand()?;
        if self.is_draft() {
            return Err(RecordError::Draft);
        }
        self.voided = Some(voided);
        Ok(self)
    }

    /// Says what it is for retention, or leaves that to its compartment and its section (R041).
    pub fn classify(self, class: Option<RecordClass>) -> Result<Self, RecordError> {
        match class {
            Some(class) if !class.is_clients() => Err(RecordError::Class),
            _ => Ok(Self { class, ..self }),
        }
    }

    /// Sets the record's own permissions. The owner keeps access to their own record.
    pub fn limit(mut self, owner: MemberId, limits: RecordLimits) -> Result<Self, RecordError> {
        if !limits.verbs(owner).contains(&Verb::Access) {
            return Err(RecordError::OwnerLocked);
        }
        self.limits = limits;
        Ok(self)
    }

    /// Another file may become a version of it; of a scan of raw data none does (P-37).
    pub fn must_take_versions(&self) -> Result<(), RecordError> {
        self.must_stand()?;
        self.file()?;
        if self.guard.compartment == Compartment::RawData { Err(RecordError::Unalterable) } else { Ok(()) }
    }

    /// The file becomes the next version of an electronic record; the one before it is kept.
    pub fn add_version(
        mut self,
        file: ReceivedFile,
        author: MemberId,
        now: Timestamp,
    ) -> Result<(Self, FileVersion), RecordError> {
        self.must_take_versions()?;
        let Body::Electronic { versions, .. } = self.body else { return Err(RecordError::NoFile) };
        let number = versions.saturating_add(1);
        let current = file.into_version(self.id, number, author, now);
        self.body = Body::Electronic { versions: number, current: Box::new(current.clone()) };
        Ok((self, current))
    }

    /// What inspection found of a version, shown by the record too if that version is its newest.
    pub fn inspected(mut self, version: &FileVersion) -> Option<Self> {
        match &mut self.body {
            Body::Electronic { current, .. } if current.number == version.number => {
                (**current).clone_from(version);
                Some(self)
            }
            _ => None,
        }
    }

    /// The newest file, whatever its state.
    pub const fn file(&self) -> Result<&FileVersion, RecordError> {
        match &self.body {
            Body::Electronic { current, .. } => Ok(current),
            _ => Err(RecordError::NoFile),
        }
    }

    /// The scan that somebody has compared with the paper: for its sake the paper may be destroyed (R036).
    pub fn verified_scan(&self) -> Option<RecordId> {
        match &self.body {
            Body::Physical(folder) if folder.may_be_destroyed_as_digitised() => {
                folder.scan.as_ref().map(|scan| scan.record_id)
            }
            _ => None,
        }
    }

    /// Whether a scan can stand in the place of paper: it is there to be opened, and was not struck through.
    pub fn stands_for_paper(&self) -> bool {
        self.voided.is_none() && self.file().is_ok_and(|file| matches!(file.state, FileState::Available(_)))
    }
}

impl FileVersion {
    /// The bytes may be handed out.
    pub const fn must_be_available(&self) -> Result<&Finding, RecordError> {
        self.state.must_be_available()
    }

    /// The version with what inspection found of it.
    #[must_use]
    pub fn inspected(mut self, outcome: FileState) -> Self {
        if let Some(finding) = outcome.finding() {
            finding.media_type.clone_into(&mut self.media_type);
        }
        self.state = outcome;
        self
    }
}

impl ReceivedFile {
    /// The file with what inspection found of it.
    #[must_use]
    pub fn inspected(mut self, outcome: FileState) -> Self {
        if let Some(finding) = outcome.finding() {
            finding.media_type.clone_into(&mut self.media_type);
        }
        self.state = outcome;
        self
    }

    /// The file as the numbered version of a record that `author` added.
    pub fn into_version(
        self,
        record_id: RecordId,
        number: u32,
        author: MemberId,
        added_at: Timestamp,
    ) -> FileVersion {
        FileVersion {
            record_id,
            number,
            upload_id: self.upload_id,
            author,
            added_at,
            object: self.object,
            size_bytes: self.size_bytes,
            media_type: self.media_type,
            file_name: self.file_name,
            state: self.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn member(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn record(body: Body) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(5)),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::nil()),
            author: member(2),
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: NOW,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body,
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 1,
        }
    }

    fn draft() -> Record {
        record(Body::Data { versions: 0, signed_at: None })
    }

    fn signed(under_approval: bool) -> Record {
        let signed = draft().sign(member(2), Sealed::from_bytes(vec![]), NOW).unwrap();
        signed.awaiting_cosignature(under_approval, NOW)
    }

    fn amended(record: Record, under_approval: bool) -> Record {
        let (record, _) = record.amend(member(2), Sealed::from_bytes(vec![]), NOW).unwrap();
        record.awaiting_cosignature(under_approval, NOW)
    }

    /// P-13: a draft waits for nobody; a signed note waits until it is co-signed, or goes back and waits again
    /// once it is amended.
    #[test]
    fn a_note_under_approval_waits_for_a_second_signature() {
        assert!(!draft().awaits_cosignature() && draft().cosignature_is_complete());
        let waiting = signed(true);
        assert!(waiting.awaits_cosignature() && !waiting.cosignature_is_complete());
        let given = waiting.clone().cosign(member(1), NOW).unwrap();
        assert_eq!(given.cosignature, Some(Cosignature::Given { by: member(1), at: NOW }));
        assert!(given.cosignature_is_complete());
        assert_eq!(given.clone().cosign(member(1), NOW).unwrap_err(), NoteError::NotAwaited);
        assert!(amended(given, true).awaits_cosignature(), "another version, another signature");

        let returned = waiting.send_back(member(1), Sealed::from_bytes(vec![]), NOW).unwrap();
        assert!(!returned.awaits_cosignature() && !returned.cosignature_is_complete());
        assert_eq!(returned.clone().cosign(member(1), NOW).unwrap_err(), NoteError::NotAwaited);
        assert!(amended(returned.clone(), true).awaits_cosignature());
        assert!(amended(returned, false).cosignature_is_complete(), "who writes on their own needs none");
    }

    #[test]
    fn nobody_is_their_own_supervisor_and_what_is_struck_through_waits_no_more() {
        assert_eq!(signed(true).cosign(member(2), NOW).unwrap_err(), NoteError::OwnNote);
        assert_eq!(signed(false).cosign(member(1), NOW).unwrap_err(), NoteError::NotAwaited);
        let voided = Voided { by: member(2), at: NOW, reason: Sealed::from_bytes(vec![]) };
        let voided = signed(true).void(voided).unwrap();
        assert!(!voided.awaits_cosignature());
        assert_eq!(voided.cosign(member(1), NOW).unwrap_err(), NoteError::Voided);
    }

    fn file() -> ReceivedFile {
        ReceivedFile {
            upload_id: UploadId::new(Uuid::from_u128(6)),
            object: ObjectRef { key: "k".into(), version_id: "v".into() },
            size_bytes: 1,
            media_type: "image/png".into(),
            file_name: Sealed::from_bytes(vec![]),
            state: FileState::Inspecting,
        }
    }

    /// P-37: a scan of raw data is what it is.
    #[test]
    fn a_scan_of_raw_data_takes_no_other_version() {
        let current = Box::new(file().into_version(RecordId::new(Uuid::from_u128(5)), 1, member(2), NOW));
        let mut scan = record(Body::Electronic { versions: 1, current });
        for compartment in Compartment::ALL {
            scan.guard = Guard::within(compartment);
            let again = scan.clone().add_version(file(), member(2), NOW).map(|(record, _)| record.versions());
            let expected =
                if compartment == Compartment::RawData { Err(RecordError::Unalterable) } else { Ok(2) };
            assert_eq!(again, expected, "{compartment:?}");
        }
        assert_eq!(draft().must_take_versions(), Err(RecordError::NoFile));
    }
}
