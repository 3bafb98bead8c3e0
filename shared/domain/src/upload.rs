//! A file on its way in: how it is cut into parts, and what becomes of it (R005, R007).

use crate::{
    ChartId, ClientId, ContributionId, LinkId, MemberId, OrganizationId, RecordId, Sealed, SpaceId,
    SpaceItemId, UploadId, WrappedKey,
    chart::Section,
    confidentiality::Compartment,
    limits::{FILE_BYTES, NAME_CHARS, PART_BYTES_LEAST, PARTS, SINGLE_PUT_BYTES},
    record::{Direction, FileState, ObjectRef, ReceivedFile, Title},
    text::Line,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a file of a given size is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Plan {
    /// One PUT of the whole file.
    Single,
    /// Parts of `part_bytes` each, the last one shorter.
    Multipart { part_bytes: u64, parts: u32 },
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UploadError {
    #[error("a file has 1 to {FILE_BYTES} bytes")]
    Size,
    #[error("a part number is from 1 to {0}")]
    PartNumber(u32),
    #[error("the upload is one PUT and has no parts")]
    NoParts,
    #[error("the upload was {0} already")]
    Over(&'static str),
    #[error("the upload has expired; start it again")]
    Expired,
    #[error("the bytes are not all there yet")]
    Incomplete,
    #[error("a SHA-256 is 64 hexadecimal digits")]
    Digest,
    #[error("a media type looks like `image/png`")]
    MediaType,
}

impl Plan {
    pub fn new(size_bytes: u64) -> Result<Self, UploadError> {
        if size_bytes == 0 || size_bytes > FILE_BYTES {
            return Err(UploadError::Size);
        }
        if size_bytes <= SINGLE_PUT_BYTES {
            return Ok(Self::Single);
        }
        let mut part_bytes = PART_BYTES_LEAST;
        while size_bytes.div_ceil(part_bytes) > u64::from(PARTS) {
            part_bytes = part_bytes.saturating_mul(2);
        }
        let parts = u32::try_from(size_bytes.div_ceil(part_bytes)).map_err(|_| UploadError::Size)?;
        Ok(Self::Multipart { part_bytes, parts })
    }

    /// How many bytes a part has.
    pub fn part_size(self, size_bytes: u64, number: u32) -> Result<u64, UploadError> {
        match self {
            Self::Single => Err(UploadError::NoParts),
            Self::Multipart { parts, .. } if number == 0 || number > parts => {
                Err(UploadError::PartNumber(parts))
            }
            Self::Multipart { part_bytes, .. } => {
                let before = u64::from(number - 1).saturating_mul(part_bytes);
                Ok(size_bytes.saturating_sub(before).min(part_bytes))
            }
        }
    }
}

/// A SHA-256, as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

impl Sha256 {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn bytes(&self) -> Vec<u8> {
        let digit =
            |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
        let pair = |pair: &[u8]| pair.iter().fold(0_u8, |byte, c| byte.wrapping_shl(4) | digit(*c));
        self.0.as_bytes().chunks(2).map(pair).collect()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = UploadError;

    fn try_from(raw: String) -> Result<Self, UploadError> {
        let lower = raw.to_ascii_lowercase();
        if lower.len() == 64 && lower.chars().all(|c| c.is_ascii_hexdigit()) {
            Ok(Self(lower))
        } else {
            Err(UploadError::Digest)
        }
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> String {
        digest.0
    }
}

/// A declared media type: `type/subtype` without parameters, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct MediaType(String);

impl MediaType {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MediaType {
    type Error = UploadError;

    fn try_from(raw: String) -> Result<Self, UploadError> {
        let lower = raw.trim().to_ascii_lowercase();
        let token = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+' | '_'))
        };
        let sound = lower.len() <= 100
            && lower.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype));
        if sound { Ok(Self(lower)) } else { Err(UploadError::MediaType) }
    }
}

impl From<MediaType> for String {
    fn from(media_type: MediaType) -> String {
        media_type.0
    }
}

/// What keeps a file: a chart, or a collaborative space (R072).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    Chart(ChartId),
    Space(SpaceId),
}

impl From<ChartId> for Holder {
    fn from(id: ChartId) -> Self {
        Self::Chart(id)
    }
}

impl From<SpaceId> for Holder {
    fn from(id: SpaceId) -> Self {
        Self::Space(id)
    }
}

/// Where a file is sent; a space has no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Home {
    Chart { chart_id: ChartId, client_id: ClientId },
    Space { space_id: SpaceId },
}

impl Home {
    pub const fn holder(self) -> Holder {
        match self {
            Self::Chart { chart_id, .. } => Holder::Chart(chart_id),
            Self::Space { space_id } => Holder::Space(space_id),
        }
    }
}

/// What becomes of the file when it has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Destination {
    /// A new electronic record of the chart.
    Record {
        record_id: RecordId,
        section: Section,
        direction: Direction,
        occurred_on: Date,
        #[serde(default)]
        compartment: Compartment,
    },
    /// Another version of an electronic record.
    Version { record_id: RecordId },
    /// A contribution of the client, to be accepted or declined.
    Contribution { contribution_id: ContributionId, link_id: LinkId },
    /// A document of a space, seen by all its members and no record (R072).
    SpaceItem { item_id: SpaceItemId },
}

/// An upload as the table keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub organization_id: OrganizationId,
    pub home: Home,
    /// Who sends it; `None` for a patient with an intake link.
    pub author: Option<MemberId>,
    pub destination: Destination,
    /// The key of the record this becomes, or of the contribution until it is one; in a space the space's.
    #[serde(default)]
    pub key: WrappedKey,
    pub file_name: Sealed<Line<NAME_CHARS>>,
    pub title: Sealed<Title>,
    pub size_bytes: u64,
    pub media_type: MediaType,
    /// Known when the sender could compute it; inspection computes it in any case.
    pub sha256: Option<Sha256>,
    pub plan: Plan,
    pub object_key: String,
    /// The store's id of the multipart upload.
    pub multipart_id: Option<String>,
    pub state: UploadState,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UploadState {
    /// Waiting for bytes.
    Open,
    /// Inspection was quicker than `complete`: what it found waits here.
    Inspected {
        object: ObjectRef,
        outcome: FileState,
    },
    /// A record, a contribution or an item of a space exists.
    Completed {
        object: ObjectRef,
        at: Timestamp,
        /// The number of the file among its record's versions; `None` of everything else.
        version: Option<u32>,
    },
    Abandoned,
}

impl Upload {
    /// The upload still takes bytes.
    pub fn must_be_open(&self, now: Timestamp) -> Result<(), UploadError> {
        match self.state {
            UploadState::Completed { .. } => Err(UploadError::Over("completed")),
            UploadState::Abandoned => Err(UploadError::Over("abandoned")),
            UploadState::Open | UploadState::Inspected { .. } if now >= self.expires_at => {
                Err(UploadError::Expired)
            }
            UploadState::Open | UploadState::Inspected { .. } => Ok(()),
        }
    }

    /// What the state is called where it is shown.
    pub fn state_name(&self, now: Timestamp) -> &'static str {
        match (&self.state, self.must_be_open(now)) {
            (UploadState::Completed { .. }, _) => "completed",
            (UploadState::Abandoned, _) => "abandoned",
            (_, Err(_)) => "expired",
            (_, Ok(())) => "open",
        }
    }

    /// The file, now that its bytes are where they belong; with the outcome if inspection was quicker.
    pub fn received(&self, object: ObjectRef) -> ReceivedFile {
        let file = ReceivedFile {
            upload_id: self.id,
            object,
            size_bytes: self.size_bytes,
            media_type: self.media_type.as_str().to_owned(),
            file_name: self.file_name.clone(),
            state: FileState::Inspecting,
        };
        match &self.state {
            UploadState::Inspected { outcome, .. } => file.inspected(outcome.clone()),
            _ => file,
        }
    }

    /// A record, a contribution or an item of a space stands on the upload.
    pub fn complete(
        mut self,
        object: ObjectRef,
        version: Option<u32>,
        now: Timestamp,
    ) -> Result<Self, UploadError> {
        self.must_be_open(now)?;
        self.state = UploadState::Completed { object, at: now, version };
        Ok(self)
    }

    /// Given up by whoever started it; giving up what has expired is no mistake.
    pub fn abandon(mut self) -> Result<Self, UploadError> {
        match self.state {
            UploadState::Completed { .. } => Err(UploadError::Over("completed")),
            UploadState::Abandoned => Err(UploadError::Over("abandoned")),
            UploadState::Open | UploadState::Inspected { .. } => {
                self.state = UploadState::Abandoned;
                Ok(self)
            }
        }
    }

    /// Inspection came before `complete`: what it found waits for it.
    #[must_use]
    pub fn inspected(mut self, object: ObjectRef, outcome: FileState) -> Self {
        if matches!(self.state, UploadState::Open) {
            self.state = UploadState::Inspected { object, outcome };
        }
        self
    }

    /// The numbers of the parts that are not there in their size, in order.
    pub fn missing_parts(&self, there: impl IntoIterator<Item = (u32, u64)>) -> Vec<u32> {
        let Plan::Multipart { parts, .. } = self.plan else { return Vec::new() };
        let there: BTreeMap<u32, u64> = there.into_iter().collect();
        let whole = |number: &u32| {
            let size = self.plan.part_size(self.size_bytes, *number).ok();
            size.is_some() && there.get(number).copied() == size
        };
        (1..=parts).filter(|number| !whole(number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The parts of any file add up to it, and fit what S3 takes.
        #[test]
        fn parts_add_up(size in 1_u64..=FILE_BYTES) {
            let plan = Plan::new(size).unwrap();
            if let Plan::Multipart { parts, .. } = plan {
                prop_assert!(parts <= PARTS);
                let sizes: Vec<u64> = (1..=parts).map(|number| plan.part_size(size, number).unwrap()).collect();
                prop_assert_eq!(sizes.iter().sum::<u64>(), size);
                prop_assert!(sizes.iter().rev().skip(1).all(|part| *part >= 5 * 1024 * 1024));
                prop_assert!(sizes.iter().all(|part| *part > 0));
            } else {
                prop_assert!(size <= SINGLE_PUT_BYTES);
            }
        }
    }

    fn upload(size_bytes: u64) -> Upload {
        let nil = uuid::Uuid::nil();
        Upload {
            id: UploadId::new(nil),
            organization_id: OrganizationId::new(nil),
            home: Home::Chart { chart_id: ChartId::new(nil), client_id: ClientId::new(nil) },
            author: None,
            destination: Destination::Version { record_id: RecordId::new(nil) },
            key: WrappedKey::from_bytes(vec![]),
            file_name: Sealed::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            size_bytes,
            media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
            sha256: None,
            plan: Plan::new(size_bytes).unwrap(),
            object_key: "k".into(),
            multipart_id: None,
            state: UploadState::Open,
            started_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(48),
            revision: 1,
        }
    }

    #[test]
    fn a_part_of_another_size_is_missing() {
        let part = PART_BYTES_LEAST;
        let upload = upload(part * 3 - 1);
        assert_eq!(upload.missing_parts([]), [1, 2, 3]);
        assert_eq!(upload.missing_parts([(1, part), (2, part - 1), (3, part - 1)]), [2]);
        assert!(upload.missing_parts([(3, part - 1), (2, part), (1, part)]).is_empty());
    }

    #[test]
    fn an_upload_ends_once() {
        let (now, object) = (Timestamp::UNIX_EPOCH, ObjectRef { key: "k".into(), version_id: "v".into() });
        let late = now + jiff::SignedDuration::from_hours(48);
        assert_eq!(upload(1).complete(object.clone(), Some(1), late).unwrap_err(), UploadError::Expired);
        let completed = upload(1).complete(object.clone(), Some(1), now).unwrap();
        assert_eq!(completed.state_name(late), "completed");
        assert_eq!(completed.clone().abandon().unwrap_err(), UploadError::Over("completed"));
        let inspected = completed.inspected(object.clone(), FileState::Inspecting);
        assert!(matches!(inspected.state, UploadState::Completed { .. }));
        let abandoned = upload(1).abandon().unwrap();
        assert_eq!(abandoned.complete(object, Some(1), now).unwrap_err(), UploadError::Over("abandoned"));
    }

    #[test]
    fn sizes_digests_and_types_are_checked() {
        assert_eq!(Plan::new(0), Err(UploadError::Size));
        assert_eq!(Plan::new(FILE_BYTES + 1), Err(UploadError::Size));
        assert_eq!(Plan::new(SINGLE_PUT_BYTES), Ok(Plan::Single));
        assert!(Sha256::try_from("00ff".repeat(16)).is_ok_and(|digest| digest.bytes().len() == 32));
        assert!(Sha256::try_from("zz".repeat(32)).is_err());
        assert!(
            MediaType::try_from("Image/JPEG".to_owned()).is_ok_and(|media| media.as_str() == "image/jpeg")
        );
        for wrong in ["", "image", "image/", "a/b/c", "text/html; charset=utf-8", "x\r\ny/z"] {
            assert!(MediaType::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
