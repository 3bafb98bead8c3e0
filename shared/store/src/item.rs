//! What stands in the table: each item says its key, its revision and the index entries it needs.

use crate::keys::{self, Key};
use domain::EscrowId;
use domain::EvidenceId;
use domain::{
    ChartId, ClientId, ContributionId, DispositionId, FacilitationId, FilingId, LinkId, LocationId, MemberId,
    MessageId, OrganizationId, RecordId, SessionId, SpaceId, TransferId, UploadId,
    chart::{Chart, Section},
    client::Client,
    consent::{Circle, Consent},
    contribution::Contribution,
    disposition::{Disposition, DispositionItem, Tombstone},
    escrow::Escrow,
    facilitation::{Approval, CenterProfile, Entry, FacilitatedSession},
    hold::{Hold, HoldGuard},
    intake::IntakeLink,
    member::Member,
    message::Message,
    note::{Draft, NoteVersion},
    notice::{Notice, NoticeReason},
    organization::Organization,
    physical::Location,
    proxy::Proxy,
    record::{FileVersion, Record, RecordType},
    retention::{NoticeDuty, Profile, RecordClass, RetentionFacts, RuleId},
    role::PermissionChange,
    space::{EndedDocument, RecordOrigin, Space, SpaceItem},
    team::Team,
    transfer::Offer,
    upload::Upload,
};
use domain::{
    import::Imported,
    incident::Incident,
    physical::{Barcode, Folder},
    stocktake::{Expected, ReportLine, Stocktake},
};
use evidence::{Evidence, custody::CustodyEvent};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet};

/// Something the table keeps.
pub trait Item: Serialize + DeserializeOwned {
    /// What it is, in the item itself, for people who look at the table and for its stream.
    const KIND: &'static str;

    /// The attribute that stands in the table of keys and never in the main table: a copy of the main table, whoever
    /// restores it, opens nothing that was destroyed (R158).
    const SECRET: Option<&'static str> = None;

    /// The version that a commit is conditional on; `None` for what is written once.
    fn revision(&self) -> Option<u64> {
        None
    }

    /// Attributes beyond the item's own: index keys, expiry.
    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        Vec::new()
    }
}

/// The value of an additional attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    Text(String),
    /// Seconds since 1970, as DynamoDB's TTL wants them.
    Seconds(i64),
}

fn expiry(at: Timestamp) -> (&'static str, Attribute) {
    ("purge_at", Attribute::Seconds(at.as_second()))
}

macro_rules! items {
    ($($kind:literal $name:ty),+ $(,)?) => {$(
        impl Item for $name {
            const KIND: &'static str = $kind;

            fn revision(&self) -> Option<u64> {
                Some(self.revision)
            }
        }
    )+};
}

items!(
    "organization" Organization,
    "member" Member,
    "client" Client,
    "chart" Chart,
    "location" Location,
    "team" Team,
    "consent" Consent,
    "circle" Circle,
    "proxy" Proxy,
    "draft" Draft,
    "intake_link" IntakeLink,
    "digest" DigestEntry,
    "facilitation" FacilitatedSession,
    "center_profile" CenterProfile,
    "approval" Approval,
    "space" Space,
    "space_item" SpaceItem,
    "retention_facts" RetentionFacts,
    "hold" Hold,
    "hold_guard" HoldGuard,
    "escrow" Escrow,
    "disposition" Disposition,
    "disposition_item" DispositionItem,
    "listed" ListedEntry,
);

impl Item for Contribution {
    const KIND: &'static str = "contribution";
    const SECRET: Option<&'static str> = Some("key");

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

impl Item for Record {
    const KIND: &'static str = "record";
    const SECRET: Option<&'static str> = Some("key");

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("timeline_sk", Attribute::Text(keys::timeline_sort(self.occurred_on, self.id)))]
    }
}

impl Item for Upload {
    const KIND: &'static str = "upload";
    const SECRET: Option<&'static str> = Some("key");

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }

    /// The item outlives the upload by a week, so that a late caller is told what became of it.
    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(
            self.expires_at
                .saturating_add(jiff::SignedDuration::from_hours(7 * 24))
                .unwrap_or(Timestamp::MAX),
        )]
    }
}

impl Item for NoteVersion {
    const KIND: &'static str = "note_version";
}

impl Item for FileVersion {
    const KIND: &'static str = "file_version";
}

impl Item for domain::physical::Custody {
    const KIND: &'static str = "custody";
}

impl Item for Evidence {
    const KIND: &'static str = "evidence";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let mut attributes = vec![
            ("evidence_sk", Attribute::Text(self.id.to_string())),
            ("digest", Attribute::Text(self.digest())),
        ];
        let mut index =
            |name, id: Option<String>| attributes.extend(id.map(|id| (name, Attribute::Text(id))));
        index("record_pk", self.subjects.record_id.map(|id| id.to_string()));
        index("client_pk", self.subjects.client_id.map(|id| id.to_string()));
        index("member_pk", self.member_id().map(|id| id.to_string()));
        attributes
    }
}

/// That an identity is a member of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
}

impl Item for Membership {
    const KIND: &'static str = "membership";
}

/// That an e-mail address is invited; gone when its owner has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
}

impl Item for Invitation {
    const KIND: &'static str = "invitation";
}

/// That a client has a term of this prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchEntry {
    pub client_id: ClientId,
}

impl Item for SearchEntry {
    const KIND: &'static str = "search_entry";
}

/// Which folder has a barcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarcodeEntry {
    pub chart_id: ChartId,
    pub record_id: RecordId,
}

impl Item for BarcodeEntry {
    const KIND: &'static str = "barcode";
}

/// Which upload first brought these bytes into a chart, and what it was to become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestEntry {
    pub upload_id: UploadId,
    /// Unless it came as a contribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution_id: Option<ContributionId>,
    pub revision: u64,
}

/// A claim on something that can be taken once, by a client: a file number, a place in another's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub client_id: ClientId,
}

impl Item for Claim {
    const KIND: &'static str = "claim";
}

/// Which intake link a token opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkToken {
    pub organization_id: OrganizationId,
    pub chart_id: ChartId,
    pub link_id: LinkId,
    /// Thirty days after the link has expired its token is forgotten (`limits::INTAKE_RENEWAL_DAYS`).
    pub forgotten_at: Timestamp,
}

impl Item for LinkToken {
    const KIND: &'static str = "link_token";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(self.forgotten_at)]
    }
}

/// What a member asked for when they were handed the address of a file, to be asked again by whoever brings the address
/// (R057).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    /// Digest of the person who the member was.
    pub identity: String,
    pub session_id: Option<SessionId>,
    /// The operation that made it, and of which thing.
    pub operation: String,
    pub path: BTreeMap<String, String>,
    /// The version of the file, where it has several.
    pub version: Option<u32>,
    /// To be shown in place, not saved.
    pub inline: bool,
    pub expires_at: Timestamp,
}

impl Item for Pass {
    const KIND: &'static str = "pass";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(self.expires_at)]
    }
}

/// That a contribution waits for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEntry {
    pub chart_id: ChartId,
    pub contribution_id: ContributionId,
}

impl Item for InboxEntry {
    const KIND: &'static str = "inbox_entry";
}

/// That a client waits for another link of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalEntry {
    pub chart_id: ChartId,
    pub link_id: LinkId,
}

impl Item for RenewalEntry {
    const KIND: &'static str = "renewal_entry";
}

/// That a member owns a chart, or that one is shared with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartEntry {
    pub chart_id: ChartId,
    pub client_id: ClientId,
    /// As the chart counts the notes that wait for its owner's signature; kept where it is owned.
    #[serde(default)]
    pub cosignatures: u32,
    /// Whether the whole chart is confidential; kept where it is owned, so that charts are counted unread (P-33).
    #[serde(default)]
    pub confidential: bool,
}

impl ChartEntry {
    pub const fn of(chart: &Chart) -> Self {
        Self {
            chart_id: chart.id,
            client_id: chart.client_id,
            cosignatures: chart.cosignatures,
            confidential: chart.confidential,
        }
    }
}

impl Item for ChartEntry {
    const KIND: &'static str = "chart_entry";
}

/// That an escrow of a chart was asked for in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowEntry {
    pub escrow_id: EscrowId,
    pub chart_id: ChartId,
}

impl Item for EscrowEntry {
    const KIND: &'static str = "escrow_entry";
}

/// That a chart is offered by somebody to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferEntry {
    pub transfer_id: TransferId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    /// The present owner.
    pub from: MemberId,
    pub to: MemberId,
}

impl TransferEntry {
    pub const fn of(chart: &Chart, offer: &Offer) -> Self {
        Self {
            transfer_id: offer.id,
            chart_id: chart.id,
            client_id: chart.client_id,
            from: chart.owner,
            to: offer.to,
        }
    }
}

impl Item for TransferEntry {
    const KIND: &'static str = "transfer_entry";
}

impl Item for CustodyEvent {
    const KIND: &'static str = "custody_event";
}

/// That a note of a chart waits for the signature of the chart's owner, whoever that is at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CosignatureEntry {
    pub record_id: RecordId,
}

impl Item for CosignatureEntry {
    const KIND: &'static str = "cosignature_entry";
}

/// That a member is in a space, or that everybody has left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceEntry {
    pub space_id: SpaceId,
    /// Since when it is among those that nobody looks after, though its members have not left it.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl SpaceEntry {
    pub const fn of(space_id: SpaceId) -> Self {
        Self { space_id, since: None }
    }
}

impl Item for SpaceEntry {
    const KIND: &'static str = "space_entry";
}

/// That something in a space ends, and when the first of it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingSpace {
    pub organization_id: OrganizationId,
    pub space_id: SpaceId,
    pub ends_at: Timestamp,
}

impl Item for EndingSpace {
    const KIND: &'static str = "ending_space";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("timeline_sk", Attribute::Text(keys::ending_sort(self.ends_at, self.space_id)))]
    }
}

impl Item for EndedDocument {
    const KIND: &'static str = "ended_document";
}

/// That a member facilitates a session, that a client takes part in it, or that it is at a center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacilitationEntry {
    pub facilitation_id: FacilitationId,
}

impl Item for FacilitationEntry {
    const KIND: &'static str = "facilitation_entry";
}

impl Item for Entry {
    const KIND: &'static str = "facilitation_record";
}

impl Item for RecordOrigin {
    const KIND: &'static str = "record_origin";
}

/// That a member is in a team. The member's own item says so too, and is what decisions are made on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamEntry {
    pub member_id: MemberId,
}

impl Item for TeamEntry {
    const KIND: &'static str = "team_entry";
}

impl Item for PermissionChange {
    const KIND: &'static str = "permission_change";
}

impl Item for Notice {
    const KIND: &'static str = "notice";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(self.forgotten_at())]
    }
}

impl Item for crate::change::Answer {
    const KIND: &'static str = "answer";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(self.forgotten_at)]
    }
}

/// A key without its type, to be read in one batch with others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnyKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
    /// The attribute to be read from the table of keys as well.
    pub(crate) secret: Option<&'static str>,
}

impl<T: Item> Key<T> {
    /// The key without its type.
    pub fn any(&self) -> AnyKey {
        AnyKey { secret: T::SECRET, ..self.closed() }
    }

    /// The same of something that nobody is going to open: its own key is left where it is, and need not be granted.
    pub fn closed(&self) -> AnyKey {
        AnyKey { pk: self.pk.clone(), sk: self.sk.clone(), secret: None }
    }
}

/// An organization among all, for the sweep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationEntry {
    pub organization_id: OrganizationId,
}

impl Item for OrganizationEntry {
    const KIND: &'static str = "organization_entry";
}

/// A version of an organization's schedule, kept for ever: certificates name it (R157).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScheduleVersion {
    pub organization_id: OrganizationId,
    pub profile: Profile,
}

impl Item for ScheduleVersion {
    const KIND: &'static str = "schedule_version";
}

/// That a schedule has changed and every chart has to be looked at again, and how far that has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescheduling {
    pub organization_id: OrganizationId,
    /// The version it was begun for.
    pub version: u32,
    /// The key behind which the next page begins, as `Store::appraisable` has given it.
    #[serde(default)]
    pub after: Option<String>,
    pub revision: u64,
}

impl Item for Rescheduling {
    const KIND: &'static str = "rescheduling";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// The rules that ship and were in force when every chart was looked at by them: their ids and versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRules {
    pub organization_id: OrganizationId,
    pub rules: BTreeSet<String>,
    pub revision: u64,
}

impl Item for KnownRules {
    const KIND: &'static str = "known_rules";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// A chart, and when the sweep looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueEntry {
    pub organization_id: OrganizationId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub review_on: Date,
}

impl Item for DueEntry {
    const KIND: &'static str = "due";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("timeline_sk", Attribute::Text(keys::due_sort(self.review_on, self.chart_id)))]
    }
}

/// A record whose time has ended and that nobody has disposed of yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EligibleEntry {
    pub organization_id: OrganizationId,
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub owner: MemberId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    pub eligible_on: Date,
    pub rule_id: RuleId,
    pub rule_version: String,
    pub schedule_version: u32,
    pub found_at: Timestamp,
    /// Whom the rules that apply want told before it is destroyed.
    #[serde(default)]
    pub notices: BTreeSet<NoticeDuty>,
    /// The disposition it was proposed in, while that is not rejected.
    #[serde(default)]
    pub disposition_id: Option<DispositionId>,
    pub revision: u64,
}

impl Item for EligibleEntry {
    const KIND: &'static str = "eligible";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("timeline_sk", Attribute::Text(keys::timeline_sort(self.eligible_on, self.record_id)))]
    }
}

/// A chart with records of which too little is known to say how long they are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnknownEntry {
    pub organization_id: OrganizationId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub owner: MemberId,
    /// Codes of what is missing.
    pub missing: Vec<String>,
    pub records: u32,
    /// Some of them: those without a class first, and no more than `limits::RETENTION_UNKNOWN_NAMED`.
    #[serde(default)]
    pub which: Vec<UnknownRecord>,
    pub found_at: Timestamp,
}

/// A record of which too little is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownRecord {
    pub record_id: RecordId,
    pub record_type: RecordType,
    pub section: Section,
    pub occurred_on: Date,
    /// Codes of what is missing.
    pub missing: Vec<String>,
}

impl Item for UnknownEntry {
    const KIND: &'static str = "unknown";
}

/// What the sweep found of one chart, until somebody is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DigestLine {
    pub organization_id: OrganizationId,
    /// `None`: the records managers, whoever that is when it is told.
    pub to: Option<MemberId>,
    pub chart_id: ChartId,
    /// The chart's owner, who is told for themselves and not a second time as a records manager.
    pub owner: MemberId,
    /// The evidence of what was found.
    pub look: EvidenceId,
    pub reason: NoticeReason,
    pub days_ahead: i32,
    #[serde(default)]
    pub due_on: Option<Date>,
    /// Of how many records or charts.
    pub count: u32,
    #[serde(default)]
    pub disposition_id: Option<DispositionId>,
    /// Whom the law wants told before these records are destroyed: the strictest of what it asks of any of them.
    #[serde(default)]
    pub duty: Option<NoticeDuty>,
}

impl Item for DigestLine {
    const KIND: &'static str = "digest_line";
}

/// What a member is about to be told, put together from lines that are gone by then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DigestDraft {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub parts: Vec<DigestPart>,
    pub revision: u64,
}

/// One thing a member is told: of many charts together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPart {
    pub reason: NoticeReason,
    pub days_ahead: i32,
    pub disposition_id: Option<DispositionId>,
    pub count: u32,
    /// The first of their days.
    pub due_on: Option<Date>,
    /// The strictest of what the law asks of any of them.
    #[serde(default)]
    pub duty: Option<NoticeDuty>,
}

impl Item for DigestDraft {
    const KIND: &'static str = "digest_draft";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// That people were told that a hold has to be reaffirmed by a day.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct HoldReminder {
    pub told_at: Timestamp,
}

impl Item for HoldReminder {
    const KIND: &'static str = "hold_reminder";
}

/// What the owner of a chart was told last of a hold that covers records of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct HoldTold {
    /// Whether it stood then.
    pub stands: bool,
    pub revision: u64,
}

impl Item for HoldTold {
    const KIND: &'static str = "hold_told";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// That a record was proposed for destruction. It counts as long as that disposition keeps the record, and is written
/// over when it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedEntry {
    pub organization_id: OrganizationId,
    pub disposition_id: DispositionId,
    pub revision: u64,
}

/// A disposition among those of its organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DispositionEntry {
    pub disposition_id: DispositionId,
}

impl Item for DispositionEntry {
    const KIND: &'static str = "disposition_entry";
}

/// The signed head of a certificate; its leaves are the disposition's items, which are kept as long (R155).
impl Item for evidence::certificate::Signed {
    const KIND: &'static str = "certificate";
}

impl Item for Tombstone {
    const KIND: &'static str = "tombstone";
}

impl Item for Message {
    const KIND: &'static str = "message";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let sort = || ("timeline_sk", Attribute::Text(keys::unsent_sort(self.written_at, self.id)));
        let unsent = self.is_unsent().then(sort);
        unsent.into_iter().chain([expiry(self.forgotten_at())]).collect()
    }
}

/// Hours for which it stands that a message is to be brought again: the table's stream has told of it by then.
const RECALL_HOURS: i64 = 48;

/// That a message which was not sent is to be brought to `notify` again, by the table's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    pub organization_id: OrganizationId,
    pub message_id: MessageId,
    pub at: Timestamp,
}

impl Item for Recall {
    const KIND: &'static str = "recall";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let until = self.at.saturating_add(SignedDuration::from_hours(RECALL_HOURS));
        vec![expiry(until.unwrap_or(Timestamp::MAX))]
    }
}

/// That a folder belongs in a place. Where it is now, its record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledEntry {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub location_id: LocationId,
    #[serde(default)]
    pub barcode: Option<Barcode>,
}

impl FiledEntry {
    /// Where a folder of a record belongs.
    pub fn of(record: &Record, folder: &Folder) -> Self {
        Self {
            record_id: record.id,
            chart_id: record.chart_id,
            client_id: record.client_id,
            location_id: folder.location_id,
            barcode: folder.barcode.clone(),
        }
    }
}

impl Item for FiledEntry {
    const KIND: &'static str = "filed";
}

/// One of the doors of a place, through which folders and places come into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Of what came through it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_filing: Option<FilingId>,
    /// Since when the place is retired and nothing comes through it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl Item for Door {
    const KIND: &'static str = "door";
}

impl Item for Stocktake {
    const KIND: &'static str = "stocktake";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// Part of what a stock-taking expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeExpected {
    pub folders: Vec<Expected>,
}

impl Item for StocktakeExpected {
    const KIND: &'static str = "stocktake_expected";
}

/// A batch of barcodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeScan {
    pub by: MemberId,
    pub at: Timestamp,
    pub barcodes: Vec<Barcode>,
}

impl Item for StocktakeScan {
    const KIND: &'static str = "stocktake_scan";
}

/// Part of what a stock-taking came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeReport {
    pub lines: Vec<ReportLine>,
}

impl Item for StocktakeReport {
    const KIND: &'static str = "stocktake_report";
}

impl Item for Incident {
    const KIND: &'static str = "incident";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }
}

/// What a part of a list has said, as digests: the next parts are checked against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPart {
    pub first_line: u32,
    pub said: Vec<String>,
    pub forgotten_at: Timestamp,
}

impl Item for ImportPart {
    const KIND: &'static str = "import_part";

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![expiry(self.forgotten_at)]
    }
}

impl Item for Imported {
    const KIND: &'static str = "imported";
}
