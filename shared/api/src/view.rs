//! What people are shown of records, charts and clients: one shape each, the same in every answer that holds
//! one (R014, R015, R085).
//!
//! Ciphertext is opened here and only here for these shapes, and only with a permit in hand.

use crate::{Names, Problem};
use authz::Permit;
use domain::{
    ChartId, ClientId, LocationId, MemberId, RecordId, UploadId,
    chart::{Chart, Section},
    client::{Client, ClientStatus},
    confidentiality::{Compartment, Confidentiality, REDISCLOSURE_NOTICE, Sensitivity},
    member::Member,
    note::NoteVersion,
    organization::Organization,
    physical::{Barcode, Folder, FolderState, Location, Scan},
    record::{Body, Cosignature, Direction, FileVersion, Record, RecordType},
    sharing::Relation,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use vault::{DirectoryKey, RecordKey};

/// A record as it is listed: what it is, and where it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordView {
    pub id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub title: String,
    pub section: Section,
    pub direction: Direction,
    /// The member who made it, or who accepted it from the client.
    pub author: MemberId,
    /// Where names are looked up and the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// Whether the client sent it.
    pub from_client: bool,
    /// The day it tells of.
    pub occurred_on: Date,
    /// Server time, UTC.
    pub created_at: Timestamp,
    /// The same moment where the organization is, with its zone (RFC 9557).
    pub created_at_local: String,
    /// The organization's time zone.
    pub time_zone: String,
    /// `voided`; of a note `draft`, `signed` or `amended`, whoever has signed beside its author; of a file `inspecting`, `available`, `quarantined`
    /// or `rejected`; of a folder `on_shelf`, `checked_out`, `in_transit` or `missing`.
    pub status: String,
    /// Versions there are; 0 for a draft and for a folder.
    pub versions: u32,
    /// To be sent back with the next edit.
    pub revision: u64,
    /// Set when it was entered in error: kept, struck through, not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided: Option<VoidedView>,
    /// Where in the chart's binding it lies: only `chart` is shared when the chart is.
    pub compartment: Compartment,
    /// Whether it is marked confidential. Shown to the owner and those the chart is shared with (P-34).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidential: Option<bool>,
    /// Why it asks for more care than others; shown to the same people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeSet<Sensitivity>>,
    /// What goes with every copy of it.
    pub notices: Vec<RecordNotice>,
    /// How the signature beside its author's stands, of a note written under approval (P-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosignature: Option<CosignatureView>,
    #[serde(flatten)]
    pub body: BodyView,
}

/// What goes with every copy of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordNotice {
    /// `redisclosure_prohibited`: the record is of substance use disorder (42 CFR 2.32).
    pub code: &'static str,
    pub text: &'static str,
}

/// The signature beside the author's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CosignatureView {
    /// The newest version waits for the owner of the chart.
    Pending { since: Timestamp },
    Given {
        by: MemberId,
        /// Where names are looked up and the reader may know it.
        #[serde(skip_serializing_if = "Option::is_none")]
        by_name: Option<String>,
        /// Server time, UTC.
        at: Timestamp,
    },
    /// It went back to its author, who amends it.
    Returned {
        by: MemberId,
        /// Where names are looked up and the reader may know it.
        #[serde(skip_serializing_if = "Option::is_none")]
        by_name: Option<String>,
        at: Timestamp,
        reason: String,
    },
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VoidedView {
    pub by: MemberId,
    pub at: Timestamp,
    pub reason: String,
}

/// What a record consists of, by its type.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BodyView {
    /// A note, typed in.
    Data {
        /// When the newest version was signed, UTC.
        #[serde(skip_serializing_if = "Option::is_none")]
        signed_at: Option<Timestamp>,
    },
    /// A file.
    Electronic { file: FileView },
    /// Something on a shelf.
    Physical { folder: FolderView },
}

/// One version of a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileView {
    /// Number of the version, counted from 1.
    pub version: u32,
    pub upload_id: UploadId,
    pub file_name: String,
    pub author: MemberId,
    pub added_at: Timestamp,
    pub size_bytes: u64,
    /// What inspection found it to be; what the sender declared while inspection is not done.
    pub media_type: String,
    /// `inspecting`, `available`, `quarantined` or `rejected`.
    pub state: String,
    /// Hexadecimal SHA-256 of the stored bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The kind of file in a word: `dicom`, `pdf`, `picture`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Code of the reason why it is quarantined or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Codes of warnings, such as `patient_mismatch`.
    pub warnings: Vec<String>,
    pub has_preview: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspected_at: Option<Timestamp>,
}

/// Where a folder is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FolderView {
    pub location_id: LocationId,
    /// `Main site / Records room / Cabinet 3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<Barcode>,
    #[serde(flatten)]
    pub state: FolderState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
}

impl RecordView {
    /// Opens what a list shows of a record.
    pub fn new(
        record: &Record,
        key: &RecordKey,
        permit: &Permit,
        organization: &Organization,
    ) -> Result<Self, Problem> {
        let title = key.open(permit, "record/title", &record.id, &record.title)?;
        let voided = match &record.voided {
            Some(voided) => Some(VoidedView {
                by: voided.by,
                at: voided.at,
                reason: key.open(permit, "record/void", &record.id, &voided.reason)?.into(),
            }),
            None => None,
        };
        let body = match &record.body {
            Body::Data { signed_at, .. } => BodyView::Data { signed_at: *signed_at },
            Body::Electronic { current, .. } => {
                BodyView::Electronic { file: FileView::new(current, key, permit)? }
            }
            Body::Physical(folder) => BodyView::Physical { folder: FolderView::new(folder) },
        };
        Ok(Self {
            id: record.id,
            chart_id: record.chart_id,
            client_id: record.client_id,
            title: title.into(),
            section: record.section,
            direction: record.direction,
            author: record.author,
            author_name: None,
            from_client: record.from_client,
            occurred_on: record.occurred_on,
            created_at: record.created_at,
            created_at_local: local(record.created_at, organization),
            time_zone: organization.policy.time_zone.as_str().to_owned(),
            status: status(record).to_owned(),
            versions: record.versions(),
            revision: record.revision,
            voided,
            compartment: record.guard.compartment,
            confidential: Some(record.guard.is_confidential()),
            labels: Some(record.guard.labels.clone()),
            notices: notices(record),
            cosignature: match &record.cosignature {
                Some(one) => Some(CosignatureView::new(one, record.id, record.versions(), key, permit)?),
                None => None,
            },
            body,
        })
    }

    /// As this reader may see it: what a chart's records are marked with is for its owner and those it is shared
    /// with (P-34).
    #[must_use]
    pub fn seen_by(self, chart: &Chart, reader: &Member, now: Timestamp) -> Self {
        if chart.relation(reader, now).is_some_and(|relation| relation.is_present()) {
            return self;
        }
        Self { confidential: None, labels: None, ..self }
    }

    /// The view of a record whose change is about to be committed: the commit makes the next revision of it.
    #[must_use]
    pub const fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }

    /// Where its folder is, if it is one and the place is the one given.
    #[must_use]
    pub fn located(mut self, location: Option<&Location>) -> Self {
        if let BodyView::Physical { folder } = &mut self.body {
            folder.location =
                location.filter(|location| location.id == folder.location_id).map(Location::path);
        }
        self
    }

    /// With the names of its author and of the place of its folder, as far as the reader may know them.
    #[must_use]
    pub fn named(mut self, names: &Names) -> Self {
        self.author_name = names.member(self.author).map(str::to_owned);
        self.cosignature = self.cosignature.map(|one| one.named(names));
        if let BodyView::Physical { folder } = &mut self.body {
            folder.location = names.location(folder.location_id).map(str::to_owned);
        }
        self
    }

    pub const fn record_type(&self) -> RecordType {
        match self.body {
            BodyView::Data { .. } => RecordType::Data,
            BodyView::Electronic { .. } => RecordType::Electronic,
            BodyView::Physical { .. } => RecordType::Physical,
        }
    }
}

impl CosignatureView {
    /// What was decided on a version of a note; the reason is sealed with that version.
    pub fn new(
        cosignature: &Cosignature,
        record: RecordId,
        version: u32,
        key: &RecordKey,
        permit: &Permit,
    ) -> Result<Self, Problem> {
        Ok(match cosignature {
            Cosignature::Pending { since } => Self::Pending { since: *since },
            Cosignature::Given { by, at } => Self::Given { by: *by, by_name: None, at: *at },
            Cosignature::Returned { by, at, reason } => {
                let id = NoteVersion::identity(record, version);
                let reason = key.open(permit, "note/return", &id, reason)?.into();
                Self::Returned { by: *by, by_name: None, at: *at, reason }
            }
        })
    }

    /// With the name of who has decided, if the reader may know it.
    #[must_use]
    pub fn named(mut self, names: &Names) -> Self {
        if let Self::Given { by, by_name, .. } | Self::Returned { by, by_name, .. } = &mut self {
            *by_name = names.member(*by).map(str::to_owned);
        }
        self
    }
}

impl FileView {
    pub fn new(file: &FileVersion, key: &RecordKey, permit: &Permit) -> Result<Self, Problem> {
        let finding = file.state.finding();
        Ok(Self {
            version: file.number,
            upload_id: file.upload_id,
            file_name: key.open(permit, "file/name", &file.upload_id, &file.file_name)?.into(),
            author: file.author,
            added_at: file.added_at,
            size_bytes: file.size_bytes,
            media_type: finding.map_or(&file.media_type, |finding| &finding.media_type).clone(),
            state: file.state.name().to_owned(),
            sha256: finding.map(|finding| finding.sha256.clone()),
            class: finding.map(|finding| finding.class.clone()),
            reason: finding.and_then(|finding| finding.reason.clone()),
            warnings: finding.map(|finding| finding.warnings.clone()).unwrap_or_default(),
            has_preview: finding.is_some_and(|finding| finding.preview.is_some()),
            inspected_at: finding.map(|finding| finding.inspected_at),
        })
    }
}

impl FolderView {
    pub fn new(folder: &Folder) -> Self {
        Self {
            location_id: folder.location_id,
            location: None,
            position: folder.position.as_ref().map(ToString::to_string),
            barcode: folder.barcode.clone(),
            state: folder.state.clone(),
            scan: folder.scan.clone(),
        }
    }
}

/// What became of a record, in a word.
pub const fn status(record: &Record) -> &'static str {
    match &record.body {
        _ if record.voided.is_some() => "voided",
        Body::Data { versions: 0, .. } => "draft",
        Body::Data { versions: 1, .. } => "signed",
        Body::Data { .. } => "amended",
        Body::Electronic { current, .. } => current.state.name(),
        Body::Physical(folder) => folder.state.name(),
    }
}

/// The notices that its labels ask for.
fn notices(record: &Record) -> Vec<RecordNotice> {
    let redisclosure = RecordNotice { code: "redisclosure_prohibited", text: REDISCLOSURE_NOTICE };
    record.guard.labels.contains(&Sensitivity::SubstanceUse).then_some(redisclosure).into_iter().collect()
}

/// A moment where the organization is, with offset and zone: `2026-03-01T09:00:00-05:00[America/Toronto]`.
pub fn local(at: Timestamp, organization: &Organization) -> String {
    at.to_zoned(organization.policy.time_zone.zone()).to_string()
}

/// A chart: one member's client record for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChartView {
    pub id: ChartId,
    pub client_id: ClientId,
    /// The one member responsible for it; of a copy, to whom its reader handed it over.
    pub owner: MemberId,
    /// What the reader is to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    pub opened_at: Timestamp,
    /// Shown to the owner and those it is shared with, and to nobody else (P-34).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidentiality: Option<Confidentiality>,
    /// How many raw data there are, whoever may open them (P-37). Shown to the same people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_data_records: Option<u32>,
    /// Of a copy that its reader kept: until when it shows the chart. It is archived and never changes (P-45).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_copy_until: Option<Timestamp>,
    /// To be sent back with a change; of a copy always 0, as it does not tell of changes that came later.
    pub revision: u64,
}

impl ChartView {
    /// The chart as this reader sees it at a moment.
    pub fn new(chart: &Chart, reader: &Member, now: Timestamp) -> Self {
        let relation = chart.relation(reader, now);
        let present = relation.filter(|relation| relation.is_present());
        let copied = chart.read_only_copy_until(reader, now);
        Self {
            id: chart.id,
            client_id: chart.client_id,
            owner: chart.owner_seen_by(reader, now),
            relation,
            opened_at: chart.opened_at,
            confidentiality: present.map(|_| chart.confidentiality()),
            raw_data_records: present.map(|_| chart.raw_data_records),
            read_only_copy_until: copied,
            revision: copied.map_or(chart.revision, |_| 0),
        }
    }

    /// The view of a chart whose change is about to be committed: the commit makes the next revision of it.
    #[must_use]
    pub const fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }
}

/// A client as lists show them: masked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClientCard {
    pub id: ClientId,
    /// `Gr••• Ok•••`.
    pub name: String,
    /// `1984-••-••`; empty when it is not known.
    pub birth: String,
    /// The organization's own number for the person.
    pub file_number: String,
    pub status: ClientStatus,
    /// The client this one is held to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ClientId>,
}

impl ClientCard {
    /// Opens a client's card.
    pub fn new(client: &Client, directory: &DirectoryKey, permit: &Permit) -> Result<Self, Problem> {
        let card = directory.open(permit, "client/card", &client.id, &client.card)?;
        Ok(Self::of(client, card))
    }

    /// Shows a card that is open already, without the terms by which it is searched.
    pub fn of(client: &Client, card: domain::client::Card) -> Self {
        Self {
            id: client.id,
            name: card.name,
            birth: card.birth,
            file_number: card.file_number,
            status: client.status,
            merged_into: client.merged_into,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        OrganizationId, Sealed, WrappedKey,
        confidentiality::Guard,
        organization::{Policy, Vocabulary},
        record::RecordLimits,
        text::Line,
    };
    use jiff::civil::date;
    use serde_json::json;
    use uuid::Uuid;

    fn note(versions: u32) -> Record {
        Record {
            id: RecordId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::nil()),
            author: MemberId::new(Uuid::nil()),
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions, signed_at: None },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 1,
        }
    }

    #[test]
    fn a_note_is_a_draft_then_signed_then_amended_and_voided_above_all() {
        assert_eq!(
            [0, 1, 2, 7].map(|versions| status(&note(versions))),
            ["draft", "signed", "amended", "amended"]
        );
        let mut voided = note(3);
        voided.voided = Some(domain::record::Voided {
            by: voided.author,
            at: Timestamp::UNIX_EPOCH,
            reason: Sealed::from_bytes(vec![]),
        });
        assert_eq!(status(&voided), "voided");
    }

    #[test]
    fn times_are_shown_with_the_zone_of_the_organization() {
        let organization = Organization {
            id: OrganizationId::new(Uuid::nil()),
            name: Line::new("North Clinic").unwrap(),
            vocabulary: Vocabulary::default(),
            policy: Policy {
                time_zone: "America/Toronto".to_owned().try_into().unwrap(),
                ..Policy::default()
            },
            roles: std::collections::BTreeMap::new(),
            retention: Default::default(),
            directory_key: WrappedKey::from_bytes(vec![]),
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let at: Timestamp = "2026-03-01T14:00:00Z".parse().unwrap();
        assert_eq!(local(at, &organization), "2026-03-01T09:00:00-05:00[America/Toronto]");
    }

    #[test]
    fn a_folder_says_its_state_beside_its_place() {
        let folder = Folder::filed(LocationId::new(Uuid::nil()), None, None);
        let shown = serde_json::to_value(FolderView::new(&folder)).unwrap();
        assert_eq!(shown, json!({ "location_id": Uuid::nil(), "state": "on_shelf" }));
    }
}
