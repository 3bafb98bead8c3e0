//! What stands in the table: each item says its key, its revision and the index entries it needs.

use crate::keys::{self, Key};
use domain::{
    ChartId, ClientId, ContributionId, FacilitationId, LinkId, MemberId, OrganizationId, RecordId, SpaceId,
    TransferId, UploadId,
    chart::Chart,
    client::Client,
    consent::{Circle, Consent},
    contribution::Contribution,
    facilitation::{Approval, CenterProfile, Entry, FacilitatedSession},
    intake::IntakeLink,
    member::Member,
    note::{Draft, NoteVersion},
    notice::Notice,
    organization::Organization,
    physical::Location,
    proxy::Proxy,
    record::{FileVersion, Record},
    role::PermissionChange,
    space::{RecordOrigin, Space, SpaceItem},
    team::Team,
    transfer::Offer,
    upload::Upload,
};
use evidence::{Evidence, custody::CustodyEvent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Something the table keeps.
pub trait Item: Serialize + DeserializeOwned {
    /// What it is, in the item itself, for people who look at the table and for its stream.
    const KIND: &'static str;

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
    "contribution" Contribution,
    "digest" DigestEntry,
    "facilitation" FacilitatedSession,
    "center_profile" CenterProfile,
    "approval" Approval,
    "space" Space,
    "space_item" SpaceItem,
);

impl Item for Record {
    const KIND: &'static str = "record";

    fn revision(&self) -> Option<u64> {
        Some(self.revision)
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("timeline_sk", Attribute::Text(keys::timeline_sort(self.occurred_on, self.id)))]
    }
}

impl Item for Upload {
    const KIND: &'static str = "upload";

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
}

impl Item for SpaceEntry {
    const KIND: &'static str = "space_entry";
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

impl<T> Key<T> {
    /// The key without its type, to be read in one batch with others.
    pub fn any(&self) -> (String, String) {
        (self.pk.clone(), self.sk.clone())
    }
}
