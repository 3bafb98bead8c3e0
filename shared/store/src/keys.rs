//! Every key of the table, made and parsed here and nowhere else.
//!
//! Records, uploads and contributions have an item of the same key in the second table, the table of keys: their wrapped
//! key, which their item in this table lacks (R158). It comes to be with them, never changes, and goes with them or
//! before them (`Change::destroy_key`); it is also found by the index `timeline`, under the same sort key. A record's key
//! is destroyed when all that have it are: the record, the uploads of its files, and the contribution it came as
//! (`Change::destroy_keys_of`). An upload forgets its own nine days after it began.
//!
//! | access pattern | partition key | sort key | query |
//! |---|---|---|---|
//! | a person's organizations | `IDENTITY#<digest>` | `ORG#<organization>` | `Store::memberships` |
//! | who is invited by this e-mail address | `INVITATION#<digest>` | `ORG#<organization>` | `Store::invitations` |
//! | the organization | `ORG#<organization>` | `ORG` | `Store::fetch` |
//! | its members | `ORG#<organization>` | `MEMBER#<member>` | `Store::members` |
//! | its locations | `ORG#<organization>` | `LOCATION#<location>` | `Store::locations` |
//! | the folder with a barcode | `ORG#<organization>` | `BARCODE#<barcode>` | `Store::fetch` |
//! | a file number is taken | `ORG#<organization>` | `FILE#<digest>` | condition of a commit |
//! | clients by a prefix | `FIND#<organization>#<digest>` | `CLIENT#<client>` | `Store::found` |
//! | a client | `CLIENT#<client>` | `CLIENT` | `Store::fetch` |
//! | clients merged into a client | `CLIENT#<client>` | `MERGED#<client>` | `Store::merged` |
//! | the sessions of a client and who is merged into them | `CLIENT#<client>` | `FACILITATION#…` to `MERGED#…` | `Store::ties` |
//! | the charts of a client | `CLIENT#<client>` | `CHART#<chart>` | `Store::charts` |
//! | what a client has permitted | `CLIENT#<client>` | `CONSENT#<consent>` | `Store::consents` |
//! | a client's circle of care | `CLIENT#<client>` | `CIRCLE` | `Store::fetch` |
//! | who stands for a client | `CLIENT#<client>` | `PROXY#<member>` | `Store::proxies` |
//! | a record, a version, a draft | `CHART#<chart>` | `RECORD#<record>` … | `Store::fetch` |
//! | a chart's records in order of time | `CHART#<chart>` | index `timeline` | `Store::timeline` |
//! | versions of a record | `CHART#<chart>` | `VERSION#<record>#<number>` | `Store::versions` |
//! | custody log of a folder | `CHART#<chart>` | `CUSTODY#<record>#<id>` | `Store::custody` |
//! | intake links, contributions of a chart | `CHART#<chart>` | `LINK#…`, `CONTRIBUTION#…` | `Store::links`, `Store::contributions` |
//! | an upload | `CHART#<chart>` | `UPLOAD#<upload>` | `Store::fetch` |
//! | the file a chart has of these bytes | `CHART#<chart>` | `DIGEST#<sha256>` | `Store::fetch` |
//! | an intake link by its token | `INTAKE#<sha256>` | `INTAKE` | `Store::fetch` |
//! | what the address of a file asks for | `PASS#<sha256>` | `PASS` | `Store::fetch` |
//! | a member's inbox | `INBOX#<organization>#<member>` | `CONTRIBUTION#<contribution>` | `Store::inbox` |
//! | who asks a member for another link | `INBOX#<organization>#<member>` | `RENEWAL#<link>` | `Store::renewals` |
//! | the charts a member owns | `CHARTS#<organization>#<member>` | `OWNED#<chart>` | `Store::owned` |
//! | notes of a chart that wait for a co-signature | `CHART#<chart>` | `COSIGN#<record>` | `Store::cosignatures` |
//! | the charts shared with a member or a team | `CHARTS#<organization>#<member or team>` | `SHARED#<chart>` | `Store::shared` |
//! | the charts a former owner has copies of | `CHARTS#<organization>#<member>` | `COPY#<chart>` | `Store::copied` |
//! | what is offered to and by a member, or in an organization | `TRANSFERS#<organization>#<member>`, `TRANSFERS#<organization>` | `TRANSFER#<transfer>` | `Store::transfers` |
//! | the signed chain of custody of a chart | `CHART#<chart>` | `PASSAGE#<transfer>` | `Store::passages` |
//! | the escrows of a chart | `CHART#<chart>` | `ESCROW#<escrow>` | `Store::escrows` |
//! | the escrows of an organization, newest first | `ORG#<organization>` | `ESCROW#<escrow>` | `Store::escrow_entries` |
//! | the teams of an organization | `ORG#<organization>` | `TEAM#<team>` | `Store::teams` |
//! | who is in a team | `TEAM#<organization>#<team>` | `MEMBER#<member>` | `Store::team_members` |
//! | changes of roles and permissions | `ORG#<organization>` | `CHANGE#<change>` | `Store::permission_changes` |
//! | what a member is told | `INBOX#<organization>#<member>` | `NOTICE#<notice>` | `Store::notices` |
//! | a member's collaborative spaces | `SPACES#<organization>#<member>` | `SPACE#<space>` | `Store::spaces` |
//! | a space, an upload into it | `SPACE#<space>` | `SPACE`, `UPLOAD#<upload>` | `Store::fetch` |
//! | what is in a space | `SPACE#<space>` | `ITEM#<item>` | `Store::space_items` |
//! | of a document that has ended, where its file is; what of it is left to records | `SPACE#<space>` | `ENDED#<item>`, `LEFT#<item>` | `Store::ended_documents`, `Store::fetch` |
//! | spaces by when something in them ends | `ENDING#<organization>` | `SPACE#<space>`, index `timeline` | `Store::ending_spaces` |
//! | spaces everybody has left | `ORG#<organization>` | `FROZEN#<space>` | `Store::frozen_spaces` |
//! | the space a record comes from | `CHART#<chart>` | `ORIGIN#<record>` | `Store::fetch` |
//! | a facilitated session | `FACILITATION#<facilitation>` | `FACILITATION` | `Store::fetch` |
//! | what was recorded of a participant | `PARTICIPANT#<participant>` | `ENTRY#<part>#<number>` | `Store::entries` |
//! | the sessions a member facilitates | `FACILITATIONS#<organization>#<member>` | `FACILITATION#<facilitation>` | `Store::facilitations` |
//! | the sessions of a client | `CLIENT#<client>` | `FACILITATION#<facilitation>` | `Store::facilitations_of_client` |
//! | the sessions at a center | `ORG#<organization>` | `FACILITATION#<facilitation>` | `Store::facilitations_at` |
//! | a center's license | `ORG#<organization>` | `CENTER` | `Store::fetch` |
//! | the facilitators a center has approved | `ORG#<organization>` | `FACILITATOR#<code>` | `Store::approvals` |
//! | every organization, for the sweep | `ORGANIZATIONS` | `ORG#<organization>` | `Store::organizations` |
//! | earlier versions of a schedule | `ORG#<organization>` | `SCHEDULE#<version>` | `Store::schedules` |
//! | how far a changed schedule was brought to all charts | `ORG#<organization>` | `RESCHEDULING` | `Store::fetch` |
//! | the rules that ship, as the sweep has seen them last | `ORG#<organization>` | `RULES` | `Store::fetch` |
//! | facts of a client that decide how long | `CLIENT#<client>` | `RETENTION` | `Store::fetch` |
//! | charts by when the sweep looks at them | `DUE#<organization>` | `CHART#<chart>`, index `timeline` | `Store::due` |
//! | every chart of an organization | `DUE#<organization>` | `CHART#<chart>` | `Store::appraisable` |
//! | records whose time has ended | `ELIGIBLE#<organization>` | `RECORD#<record>`, index `timeline` | `Store::eligible` |
//! | charts of which too little is known | `UNKNOWN#<organization>` | `CHART#<chart>` | `Store::unknown` |
//! | what the sweep found for somebody | `DIGEST#<organization>` | `LINE#<member or managers>#<chart>#<look>#…` | `Store::digest_lines` |
//! | what of it a member is about to be told | `DIGEST#<organization>` | `DRAFT#<member>` | `Store::digest_drafts` |
//! | what a chart's owner was told of a hold | `ORG#<organization>` | `HELD#<hold>#<chart>` | `Store::fetch` |
//! | of which hold's day people were told | `ORG#<organization>` | `REMINDED#<hold>#<day>` | `Store::fetch` |
//! | legal holds of an organization, and their guard | `ORG#<organization>` | `HOLD#<hold>`, `HOLDS` | `Store::holds` |
//! | a disposition, its records, its certificate | `DISPOSITION#<disposition>` | `DISPOSITION`, `ITEM#<record>`, `CERTIFICATE` | `Store::disposition_items`, `Store::all_disposition_items` |
//! | dispositions of an organization, newest first | `DISPOSITIONS#<organization>` | `DISPOSITION#<disposition>` | `Store::dispositions` |
//! | dispositions that are being executed | `EXECUTING#<organization>` | `DISPOSITION#<disposition>` | `Store::executing` |
//! | in which disposition a record was proposed | `CHART#<chart>` | `LISTED#<record>` | `Store::fetch` |
//! | what was destroyed of a chart | `CHART#<chart>` | `GONE#<record>` | `Store::tombstones` |
//! | an e-mail on its way | `OUTBOX#<organization>` | `MESSAGE#<message>` | `Store::fetch` |
//! | e-mail that was not sent yet, by when it was written | `OUTBOX#<organization>` | index `timeline` | `Store::unsent` |
//! | that an e-mail is to be brought again | `OUTBOX#<organization>` | `RECALL#<message>#<day>` | the table's stream |
//! | the folders in a place and below it | `FOLDERS#<organization>` | `<site>#…#<place>#FOLDER#<record>` | `Store::filed` |
//! | the doors of a place, through which all comes into it | `PLACE#<location>` | `DOOR#<number>` | `Store::fetch` |
//! | stock-takings of an organization, newest first | `ORG#<organization>` | `STOCKTAKE#<stocktake>` | `Store::stocktakes` |
//! | what a stock-taking expects | `STOCKTAKE#<stocktake>` | `EXPECTED#<number>` | `Store::stocktake_expected` |
//! | what was scanned in a stock-taking | `STOCKTAKE#<stocktake>` | `SCAN#<id>` | `Store::stocktake_scans` |
//! | what a stock-taking came to | `STOCKTAKE#<stocktake>` | `REPORT#<number>` | `Store::stocktake_report` |
//! | incidents, open or closed, newest first | `INCIDENTS#<organization>` | `OPEN#<incident>`, `CLOSED#<incident>` | `Store::incidents` |
//! | what the parts of a list have said | `IMPORT#<organization>#<import>` | `PART#<line>` | `Store::import_parts` |
//! | a row was imported | `IMPORTED#<organization>` | `ROW#<digest>` | `Store::fetch` |
//! | an answer already given | `ONCE#<digest>` | `ONCE` | `Store::fetch` |
//! | evidence, newest first | `EVIDENCE#<organization>#<month>` | `<evidence>` | `Store::evidence` |
//! | evidence of a record, client, member | indexes `by_record`, `by_client`, `by_member` | `<evidence>` | `Store::evidence_of` |

use domain::{
    ChangeId, ChartId, ClientId, ConsentId, ContributionId, DispositionId, EvidenceId, FacilitationId,
    HoldId, LinkId, LocationId, MemberId, MessageId, NoticeId, OrganizationId, ParticipantId, RecordId,
    SpaceId, SpaceItemId, TeamId, TransferId, UploadId,
    chart::Chart,
    client::Client,
    consent::{Circle, Consent},
    contribution::Contribution,
    disposition::{Disposition, DispositionItem, Tombstone},
    escrow::Escrow,
    facilitation::{Approval, CenterProfile, Entry, FacilitatedSession, FacilitatorCode, Part},
    hold::{Hold, HoldGuard},
    intake::IntakeLink,
    member::Member,
    message::Message,
    note::{Draft, NoteVersion},
    notice::Notice,
    organization::Organization,
    physical::{Barcode, Custody, Location},
    proxy::Proxy,
    record::{FileVersion, Record},
    retention::RetentionFacts,
    role::PermissionChange,
    sharing::Grantee,
    space::{EndedDocument, RecordOrigin, Space, SpaceItem},
    team::Team,
    upload::{Holder, Upload},
};
use domain::{ImportId, IncidentId, StocktakeId, import::Imported, incident::Incident, stocktake::Stocktake};
use jiff::{Timestamp, civil::Date};
use std::{fmt, marker::PhantomData};

use crate::item::{
    BarcodeEntry, ChartEntry, Claim, CosignatureEntry, DigestEntry, DigestLine, DispositionEntry, DueEntry,
    EligibleEntry, EndingSpace, FacilitationEntry, InboxEntry, Invitation, LinkToken, Membership,
    OrganizationEntry, Pass, RenewalEntry, ScheduleVersion, SearchEntry, SpaceEntry, TeamEntry,
    TransferEntry, UnknownEntry,
};
use crate::item::{
    Door, EscrowEntry, FiledEntry, ImportPart, StocktakeExpected, StocktakeReport, StocktakeScan,
};
use domain::EscrowId;
use evidence::{Evidence, custody::CustodyEvent};

/// The key of a `T`.
pub struct Key<T> {
    pub(crate) pk: String,
    pub(crate) sk: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(crate) const fn new(pk: String, sk: String) -> Self {
        Self { pk, sk, of: PhantomData }
    }

    pub fn partition(&self) -> &str {
        &self.pk
    }

    pub fn sort(&self) -> &str {
        &self.sk
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self::new(self.pk.clone(), self.sk.clone())
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.pk == other.pk && self.sk == other.sk
    }
}

// ---- Partitions -------------------------------------------------------------------------------------------

pub fn organization_partition(id: OrganizationId) -> String {
    format!("ORG#{id}")
}

pub fn client_partition(id: ClientId) -> String {
    format!("CLIENT#{id}")
}

pub fn chart_partition(id: ChartId) -> String {
    format!("CHART#{id}")
}

pub fn identity_partition(digest: &str) -> String {
    format!("IDENTITY#{digest}")
}

pub fn invitation_partition(digest: &str) -> String {
    format!("INVITATION#{digest}")
}

pub fn search_partition(organization: OrganizationId, digest: &str) -> String {
    format!("FIND#{organization}#{digest}")
}

pub fn inbox_partition(organization: OrganizationId, member: MemberId) -> String {
    format!("INBOX#{organization}#{member}")
}

pub fn spaces_partition(organization: OrganizationId, member: MemberId) -> String {
    format!("SPACES#{organization}#{member}")
}

pub fn space_partition(id: SpaceId) -> String {
    format!("SPACE#{id}")
}

/// The charts that a member, or a team, has something of. Ids of members and teams never meet.
pub fn charts_partition(organization: OrganizationId, holder: Grantee) -> String {
    format!("CHARTS#{organization}#{}", holder.uuid())
}

/// What is on its way between owners: to and from a member, or all of an organization.
pub fn transfers_partition(organization: OrganizationId, member: Option<MemberId>) -> String {
    match member {
        Some(member) => format!("TRANSFERS#{organization}#{member}"),
        None => format!("TRANSFERS#{organization}"),
    }
}

pub fn team_partition(organization: OrganizationId, team: TeamId) -> String {
    format!("TEAM#{organization}#{team}")
}

pub fn facilitations_partition(organization: OrganizationId, member: MemberId) -> String {
    format!("FACILITATIONS#{organization}#{member}")
}

pub fn participant_partition(id: ParticipantId) -> String {
    format!("PARTICIPANT#{id}")
}

/// Evidence is partitioned by month, so that no partition grows for ever and none is scanned.
pub fn evidence_partition(organization: OrganizationId, at: Timestamp) -> String {
    format!("EVIDENCE#{organization}#{}", at.strftime("%Y-%m"))
}

// ---- Keys -------------------------------------------------------------------------------------------------

pub fn organization(id: OrganizationId) -> Key<Organization> {
    Key::new(organization_partition(id), "ORG".into())
}

pub fn membership(identity: &str, organization: OrganizationId) -> Key<Membership> {
    Key::new(identity_partition(identity), format!("ORG#{organization}"))
}

pub fn invitation(email_digest: &str, organization: OrganizationId) -> Key<Invitation> {
    Key::new(invitation_partition(email_digest), format!("ORG#{organization}"))
}

pub fn member(organization: OrganizationId, id: MemberId) -> Key<Member> {
    Key::new(organization_partition(organization), format!("MEMBER#{id}"))
}

pub fn location(organization: OrganizationId, id: LocationId) -> Key<Location> {
    Key::new(organization_partition(organization), format!("LOCATION#{id}"))
}

pub fn barcode(organization: OrganizationId, barcode: &Barcode) -> Key<BarcodeEntry> {
    Key::new(organization_partition(organization), format!("BARCODE#{}", barcode.as_str()))
}

pub fn file_number(organization: OrganizationId, digest: &str) -> Key<Claim> {
    Key::new(organization_partition(organization), format!("FILE#{digest}"))
}

pub fn search_entry(organization: OrganizationId, digest: &str, client: ClientId) -> Key<SearchEntry> {
    Key::new(search_partition(organization, digest), format!("CLIENT#{client}"))
}

pub fn client(id: ClientId) -> Key<Client> {
    Key::new(client_partition(id), "CLIENT".into())
}

pub fn merged(survivor: ClientId, merged: ClientId) -> Key<Claim> {
    Key::new(client_partition(survivor), format!("MERGED#{merged}"))
}

/// The chart's entry under its client.
pub fn client_chart(client: ClientId, chart: ChartId) -> Key<Chart> {
    Key::new(client_partition(client), format!("CHART#{chart}"))
}

pub fn consent(client: ClientId, id: ConsentId) -> Key<Consent> {
    Key::new(client_partition(client), format!("CONSENT#{id}"))
}

pub fn circle(client: ClientId) -> Key<Circle> {
    Key::new(client_partition(client), "CIRCLE".into())
}

pub fn proxy(client: ClientId, member: MemberId) -> Key<Proxy> {
    Key::new(client_partition(client), format!("PROXY#{member}"))
}

pub fn chart(id: ChartId) -> Key<Chart> {
    Key::new(chart_partition(id), "CHART".into())
}

pub fn record(chart: ChartId, id: RecordId) -> Key<Record> {
    Key::new(chart_partition(chart), format!("RECORD#{id}"))
}

pub fn draft(chart: ChartId, id: RecordId) -> Key<Draft> {
    Key::new(chart_partition(chart), format!("DRAFT#{id}"))
}

pub fn note_version(chart: ChartId, record: RecordId, number: u32) -> Key<NoteVersion> {
    Key::new(chart_partition(chart), format!("VERSION#{record}#{number:06}"))
}

pub fn file_version(chart: ChartId, record: RecordId, number: u32) -> Key<FileVersion> {
    Key::new(chart_partition(chart), format!("VERSION#{record}#{number:06}"))
}

/// `id` is any new id: the log is read in order of time.
pub fn custody(chart: ChartId, record: RecordId, id: EvidenceId) -> Key<Custody> {
    Key::new(chart_partition(chart), format!("CUSTODY#{record}#{id}"))
}

pub fn upload(holder: impl Into<Holder>, id: UploadId) -> Key<Upload> {
    let partition = match holder.into() {
        Holder::Chart(chart) => chart_partition(chart),
        Holder::Space(space) => space_partition(space),
    };
    Key::new(partition, format!("UPLOAD#{id}"))
}

/// Of a chart, not of an organization: what another chart holds is nobody's business here (R046).
pub fn digest(chart: ChartId, sha256: &str) -> Key<DigestEntry> {
    Key::new(chart_partition(chart), format!("DIGEST#{sha256}"))
}

pub fn link(chart: ChartId, id: LinkId) -> Key<IntakeLink> {
    Key::new(chart_partition(chart), format!("LINK#{id}"))
}

pub fn link_token(sha256: &str) -> Key<LinkToken> {
    Key::new(format!("INTAKE#{sha256}"), "INTAKE".into())
}

pub fn contribution(chart: ChartId, id: ContributionId) -> Key<Contribution> {
    Key::new(chart_partition(chart), format!("CONTRIBUTION#{id}"))
}

pub fn pass(sha256: &str) -> Key<Pass> {
    Key::new(format!("PASS#{sha256}"), "PASS".into())
}

pub fn inbox_entry(organization: OrganizationId, member: MemberId, id: ContributionId) -> Key<InboxEntry> {
    Key::new(inbox_partition(organization, member), format!("CONTRIBUTION#{id}"))
}

pub fn renewal_entry(organization: OrganizationId, member: MemberId, id: LinkId) -> Key<RenewalEntry> {
    Key::new(inbox_partition(organization, member), format!("RENEWAL#{id}"))
}

pub fn owned_chart(organization: OrganizationId, owner: MemberId, chart: ChartId) -> Key<ChartEntry> {
    Key::new(charts_partition(organization, Grantee::Member(owner)), format!("OWNED#{chart}"))
}

pub fn shared_chart(organization: OrganizationId, with: Grantee, chart: ChartId) -> Key<ChartEntry> {
    Key::new(charts_partition(organization, with), format!("SHARED#{chart}"))
}

pub fn copied_chart(organization: OrganizationId, former: MemberId, chart: ChartId) -> Key<ChartEntry> {
    Key::new(charts_partition(organization, Grantee::Member(former)), format!("COPY#{chart}"))
}

/// The transfer's row among those of a member, or of the organization.
pub fn transfer(
    organization: OrganizationId,
    member: Option<MemberId>,
    id: TransferId,
) -> Key<TransferEntry> {
    Key::new(transfers_partition(organization, member), format!("TRANSFER#{id}"))
}

/// Ids of transfers sort by when they were offered, and a chart is offered once at a time.
pub fn passage(chart: ChartId, id: TransferId) -> Key<CustodyEvent> {
    Key::new(chart_partition(chart), format!("PASSAGE#{id}"))
}

/// Of a chart, not of its owner: when the chart changes hands, what waits goes with it.
pub fn cosignature(chart: ChartId, record: RecordId) -> Key<CosignatureEntry> {
    Key::new(chart_partition(chart), format!("COSIGN#{record}"))
}

pub fn team(organization: OrganizationId, id: TeamId) -> Key<Team> {
    Key::new(organization_partition(organization), format!("TEAM#{id}"))
}

pub fn team_member(organization: OrganizationId, team: TeamId, member: MemberId) -> Key<TeamEntry> {
    Key::new(team_partition(organization, team), format!("MEMBER#{member}"))
}

/// Of a role or of what a member is given: the list is in order of time.
pub fn permission_change(organization: OrganizationId, id: ChangeId) -> Key<PermissionChange> {
    Key::new(organization_partition(organization), format!("CHANGE#{id}"))
}

pub fn notice(organization: OrganizationId, member: MemberId, id: NoticeId) -> Key<Notice> {
    Key::new(inbox_partition(organization, member), format!("NOTICE#{id}"))
}

pub fn space(id: SpaceId) -> Key<Space> {
    Key::new(space_partition(id), "SPACE".into())
}

pub fn space_item(space: SpaceId, id: SpaceItemId) -> Key<SpaceItem> {
    Key::new(space_partition(space), format!("ITEM#{id}"))
}

pub fn space_entry(organization: OrganizationId, member: MemberId, space: SpaceId) -> Key<SpaceEntry> {
    Key::new(spaces_partition(organization, member), format!("SPACE#{space}"))
}

pub fn frozen_space(organization: OrganizationId, space: SpaceId) -> Key<SpaceEntry> {
    Key::new(organization_partition(organization), format!("FROZEN#{space}"))
}

/// There until its file is destroyed, or left to the records that have it too.
pub fn ended_document(space: SpaceId, id: SpaceItemId) -> Key<EndedDocument> {
    Key::new(space_partition(space), format!("ENDED#{id}"))
}

/// There until the last record that has its file takes that along.
pub fn left_document(space: SpaceId, id: SpaceItemId) -> Key<EndedDocument> {
    Key::new(space_partition(space), format!("LEFT#{id}"))
}

pub fn ending_partition(organization: OrganizationId) -> String {
    format!("ENDING#{organization}")
}

/// One for each space in which something is; when it ends sorts it in the index.
pub fn ending_space(organization: OrganizationId, space: SpaceId) -> Key<EndingSpace> {
    Key::new(ending_partition(organization), format!("SPACE#{space}"))
}

pub fn record_origin(chart: ChartId, record: RecordId) -> Key<RecordOrigin> {
    Key::new(chart_partition(chart), format!("ORIGIN#{record}"))
}

pub fn facilitation(id: FacilitationId) -> Key<FacilitatedSession> {
    Key::new(format!("FACILITATION#{id}"), "FACILITATION".into())
}

pub fn entry(participant: ParticipantId, part: Part, number: u32) -> Key<Entry> {
    Key::new(participant_partition(participant), format!("ENTRY#{}#{number:06}", part.name()))
}

/// The session's row among those a member facilitates.
pub fn facilitated(
    organization: OrganizationId,
    member: MemberId,
    id: FacilitationId,
) -> Key<FacilitationEntry> {
    Key::new(facilitations_partition(organization, member), format!("FACILITATION#{id}"))
}

/// The session's row among those of a client.
pub fn client_facilitation(client: ClientId, id: FacilitationId) -> Key<FacilitationEntry> {
    Key::new(client_partition(client), format!("FACILITATION#{id}"))
}

/// The session's row among those at a center.
pub fn center_facilitation(center: OrganizationId, id: FacilitationId) -> Key<FacilitationEntry> {
    Key::new(organization_partition(center), format!("FACILITATION#{id}"))
}

pub fn center_profile(organization: OrganizationId) -> Key<CenterProfile> {
    Key::new(organization_partition(organization), "CENTER".into())
}

pub fn approval(center: OrganizationId, facilitator: FacilitatorCode) -> Key<Approval> {
    Key::new(organization_partition(center), format!("FACILITATOR#{facilitator}"))
}

// ---- The end of records -------------------------------------------------------------------------------------

pub const ORGANIZATIONS: &str = "ORGANIZATIONS";

pub fn organization_entry(id: OrganizationId) -> Key<OrganizationEntry> {
    Key::new(ORGANIZATIONS.into(), format!("ORG#{id}"))
}

pub fn schedule(organization: OrganizationId, version: u32) -> Key<ScheduleVersion> {
    Key::new(organization_partition(organization), format!("SCHEDULE#{version:06}"))
}

/// There while the sweep looks at every chart anew because the schedule has changed.
pub fn rescheduling(organization: OrganizationId) -> Key<crate::item::Rescheduling> {
    Key::new(organization_partition(organization), "RESCHEDULING".into())
}

/// The rules in force by which every chart was looked at.
pub fn known_rules(organization: OrganizationId) -> Key<crate::item::KnownRules> {
    Key::new(organization_partition(organization), "RULES".into())
}

pub fn retention_facts(client: ClientId) -> Key<RetentionFacts> {
    Key::new(client_partition(client), "RETENTION".into())
}

pub fn due_partition(organization: OrganizationId) -> String {
    format!("DUE#{organization}")
}

/// One for each chart; the day it is due sorts it in the index, so that another day moves it.
pub fn due(organization: OrganizationId, chart: ChartId) -> Key<DueEntry> {
    Key::new(due_partition(organization), format!("CHART#{chart}"))
}

pub fn eligible_partition(organization: OrganizationId) -> String {
    format!("ELIGIBLE#{organization}")
}

pub fn eligible(organization: OrganizationId, record: RecordId) -> Key<EligibleEntry> {
    Key::new(eligible_partition(organization), format!("RECORD#{record}"))
}

pub fn unknown_partition(organization: OrganizationId) -> String {
    format!("UNKNOWN#{organization}")
}

pub fn unknown(organization: OrganizationId, chart: ChartId) -> Key<UnknownEntry> {
    Key::new(unknown_partition(organization), format!("CHART#{chart}"))
}

pub fn digest_partition(organization: OrganizationId) -> String {
    format!("DIGEST#{organization}")
}

/// `look` is the id of the evidence of what was found: whatever is found is told once, whenever the digest goes out.
pub fn digest_line(line: &DigestLine) -> Key<DigestLine> {
    let DigestLine { organization_id, to, chart_id, look, reason, days_ahead, .. } = line;
    let to = to.map_or_else(|| "managers".to_owned(), |member| member.to_string());
    let sort = format!("LINE#{to}#{chart_id}#{look}#{}#{days_ahead}", reason.name());
    Key::new(digest_partition(*organization_id), sort)
}

pub fn digest_draft(organization: OrganizationId, member: MemberId) -> Key<crate::item::DigestDraft> {
    Key::new(digest_partition(organization), format!("DRAFT#{member}"))
}

pub fn hold_reminder(organization: OrganizationId, id: HoldId, day: Date) -> Key<crate::item::HoldReminder> {
    Key::new(organization_partition(organization), format!("REMINDED#{id}#{day}"))
}

pub fn hold_told(organization: OrganizationId, id: HoldId, chart: ChartId) -> Key<crate::item::HoldTold> {
    Key::new(organization_partition(organization), format!("HELD#{id}#{chart}"))
}

pub fn hold(organization: OrganizationId, id: HoldId) -> Key<Hold> {
    Key::new(organization_partition(organization), format!("HOLD#{id}"))
}

/// Among the chart's: its facilitator sees them there.
pub fn escrow(chart: ChartId, id: EscrowId) -> Key<Escrow> {
    Key::new(chart_partition(chart), format!("ESCROW#{id}"))
}

pub fn escrow_entry(organization: OrganizationId, id: EscrowId) -> Key<EscrowEntry> {
    Key::new(organization_partition(organization), format!("ESCROW#{id}"))
}

pub fn hold_guard(organization: OrganizationId) -> Key<HoldGuard> {
    Key::new(organization_partition(organization), "HOLDS".into())
}

pub fn disposition_partition(id: DispositionId) -> String {
    format!("DISPOSITION#{id}")
}

pub fn disposition(id: DispositionId) -> Key<Disposition> {
    Key::new(disposition_partition(id), "DISPOSITION".into())
}

pub fn disposition_item(id: DispositionId, record: RecordId) -> Key<DispositionItem> {
    Key::new(disposition_partition(id), format!("ITEM#{record}"))
}

/// Written once, with the state `certified`, and kept for ever (R155).
pub fn certificate(id: DispositionId) -> Key<evidence::certificate::Signed> {
    Key::new(disposition_partition(id), "CERTIFICATE".into())
}

pub fn dispositions_partition(organization: OrganizationId) -> String {
    format!("DISPOSITIONS#{organization}")
}

/// The disposition's row among those of its organization.
pub fn disposition_entry(organization: OrganizationId, id: DispositionId) -> Key<DispositionEntry> {
    Key::new(dispositions_partition(organization), format!("DISPOSITION#{id}"))
}

pub fn executing_partition(organization: OrganizationId) -> String {
    format!("EXECUTING#{organization}")
}

/// There while it is being executed, so that the sweep goes on with what was cut short.
pub fn executing(organization: OrganizationId, id: DispositionId) -> Key<DispositionEntry> {
    Key::new(executing_partition(organization), format!("DISPOSITION#{id}"))
}

/// In which disposition a record was proposed last.
pub fn listed(chart: ChartId, record: RecordId) -> Key<crate::item::ListedEntry> {
    Key::new(chart_partition(chart), format!("LISTED#{record}"))
}

pub fn tombstone(chart: ChartId, record: RecordId) -> Key<Tombstone> {
    Key::new(chart_partition(chart), format!("GONE#{record}"))
}

pub fn outbox_partition(organization: OrganizationId) -> String {
    format!("OUTBOX#{organization}")
}

pub fn message(organization: OrganizationId, id: MessageId) -> Key<Message> {
    Key::new(outbox_partition(organization), format!("MESSAGE#{id}"))
}

/// One for each message and day: written twice, the table's stream tells of it once.
pub fn recall(organization: OrganizationId, id: MessageId, day: Date) -> Key<crate::item::Recall> {
    Key::new(outbox_partition(organization), format!("RECALL#{id}#{day}"))
}

// ---- Physical inventory -------------------------------------------------------------------------------------

pub fn filed_partition(organization: OrganizationId) -> String {
    format!("FOLDERS#{organization}")
}

/// What the sort keys of the folders in a place, and in all places within it, begin with.
pub fn filed_prefix(path: &[LocationId]) -> String {
    path.iter().map(|id| format!("{id}#")).collect()
}

/// A place and what is within it lie together: places never move, so neither do the keys of what stands in them.
pub fn filed(organization: OrganizationId, path: &[LocationId], record: RecordId) -> Key<FiledEntry> {
    Key::new(filed_partition(organization), format!("{}FOLDER#{record}", filed_prefix(path)))
}

pub fn door(place: LocationId, number: u8) -> Key<Door> {
    Key::new(format!("PLACE#{place}"), format!("DOOR#{number:02}"))
}

pub fn stocktake(organization: OrganizationId, id: StocktakeId) -> Key<Stocktake> {
    Key::new(organization_partition(organization), format!("STOCKTAKE#{id}"))
}

pub fn stocktake_partition(id: StocktakeId) -> String {
    format!("STOCKTAKE#{id}")
}

pub fn stocktake_expected(id: StocktakeId, number: usize) -> Key<StocktakeExpected> {
    Key::new(stocktake_partition(id), format!("EXPECTED#{number:06}"))
}

/// `batch` is any new id.
pub fn stocktake_scan(id: StocktakeId, batch: EvidenceId) -> Key<StocktakeScan> {
    Key::new(stocktake_partition(id), format!("SCAN#{batch}"))
}

pub fn stocktake_report(id: StocktakeId, number: usize) -> Key<StocktakeReport> {
    Key::new(stocktake_partition(id), format!("REPORT#{number:06}"))
}

pub fn incidents_partition(organization: OrganizationId) -> String {
    format!("INCIDENTS#{organization}")
}

pub fn open_incident(organization: OrganizationId, id: IncidentId) -> Key<Incident> {
    Key::new(incidents_partition(organization), format!("OPEN#{id}"))
}

pub fn closed_incident(organization: OrganizationId, id: IncidentId) -> Key<Incident> {
    Key::new(incidents_partition(organization), format!("CLOSED#{id}"))
}

pub fn import_partition(organization: OrganizationId, id: ImportId) -> String {
    format!("IMPORT#{organization}#{id}")
}

/// A part of a list, by the line it begins on: said anew, it takes the place of what it said before.
pub fn import_part(organization: OrganizationId, id: ImportId, first_line: u32) -> Key<ImportPart> {
    Key::new(import_partition(organization, id), format!("PART#{first_line:010}"))
}

pub fn imported(organization: OrganizationId, digest: &str) -> Key<Imported> {
    Key::new(format!("IMPORTED#{organization}"), format!("ROW#{digest}"))
}

pub fn answer(digest: &str) -> Key<crate::change::Answer> {
    Key::new(format!("ONCE#{digest}"), "ONCE".into())
}

pub fn evidence(organization: OrganizationId, at: Timestamp, id: EvidenceId) -> Key<Evidence> {
    Key::new(evidence_partition(organization, at), id.to_string())
}

// ---- Sort keys of the indexes -------------------------------------------------------------------------------

/// Where a record stands in its chart's timeline: by day, then by when it was made.
pub fn timeline_sort(occurred_on: Date, record: RecordId) -> String {
    format!("{occurred_on}#{record}")
}

/// The day and record a timeline sort key was made of.
pub fn parse_timeline_sort(sort: &str) -> Option<(Date, RecordId)> {
    let (day, record) = sort.split_once('#')?;
    Some((day.parse().ok()?, record.parse().ok()?))
}

/// Where a chart stands among those that are due.
pub fn due_sort(review_on: Date, chart: ChartId) -> String {
    format!("{review_on}#{chart}")
}

/// Where a space stands among those in which something ends.
pub fn ending_sort(ends_at: Timestamp, space: SpaceId) -> String {
    format!("{ends_at:.0}#{space}")
}

/// Where a message stands among those that were not sent yet.
pub fn unsent_sort(written_at: Timestamp, id: MessageId) -> String {
    format!("{written_at:.0}#{id}")
}

/// The version of a file that a key was made of.
pub fn parse_file_version(partition: &str, sort: &str) -> Option<(ChartId, RecordId, u32)> {
    let (record, number) = sort.strip_prefix("VERSION#")?.split_once('#')?;
    Some((partition.strip_prefix("CHART#")?.parse().ok()?, record.parse().ok()?, number.parse().ok()?))
}

/// The item of a space that a key was made of.
pub fn parse_space_item(partition: &str, sort: &str) -> Option<(SpaceId, SpaceItemId)> {
    Some((partition.strip_prefix("SPACE#")?.parse().ok()?, sort.strip_prefix("ITEM#")?.parse().ok()?))
}

/// The last segment of a key, as an id.
pub fn parse_last<Id: std::str::FromStr>(sort: &str) -> Option<Id> {
    sort.rsplit('#').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    prop_compose! {
        fn a_day()(year in 1900_i16..2100, month in 1_i8..=12, day in 1_i8..=28) -> Date { date(year, month, day) }
    }

    proptest! {
        /// A key parses back to itself, and the order of keys is the order of time.
        #[test]
        fn timeline_keys_read_back_and_sort(a in a_day(), b in a_day(), x in any::<u128>(), y in any::<u128>()) {
            let (x, y) = (RecordId::new(Uuid::from_u128(x)), RecordId::new(Uuid::from_u128(y)));
            let (one, other) = (timeline_sort(a, x), timeline_sort(b, y));
            prop_assert_eq!(parse_timeline_sort(&one), Some((a, x)));
            prop_assert_eq!(one.cmp(&other), (a, x).cmp(&(b, y)));
        }

        #[test]
        fn versions_sort_by_number(chart in any::<u128>(), record in any::<u128>(), a in 1_u32..999_999, b in 1_u32..999_999) {
            let (chart, record) = (ChartId::new(Uuid::from_u128(chart)), RecordId::new(Uuid::from_u128(record)));
            let (one, other) = (note_version(chart, record, a), note_version(chart, record, b));
            prop_assert_eq!(one.sort().cmp(other.sort()), a.cmp(&b));
            prop_assert_eq!(parse_last::<u32>(one.sort()), Some(a));
        }

        #[test]
        fn what_was_filed_parses_back(a in any::<u128>(), b in any::<u128>(), number in 1_u32..999_999) {
            let (chart, record) = (ChartId::new(Uuid::from_u128(a)), RecordId::new(Uuid::from_u128(b)));
            let key = file_version(chart, record, number);
            let parsed = parse_file_version(key.partition(), key.sort());
            prop_assert_eq!(parsed, Some((chart, record, number)));
            prop_assert_eq!(parse_space_item(key.partition(), key.sort()), None);
            let (space, item) = (SpaceId::new(Uuid::from_u128(a)), SpaceItemId::new(Uuid::from_u128(b)));
            let key = space_item(space, item);
            prop_assert_eq!(parse_space_item(key.partition(), key.sort()), Some((space, item)));
            prop_assert_eq!(parse_file_version(key.partition(), key.sort()), None);
        }

        /// Keys of different things, or of different ids, never collide.
        #[test]
        fn no_two_keys_collide(ids in prop::array::uniform4(any::<u128>())) {
            let [a, b, c, d] = ids.map(Uuid::from_u128);
            let (organization, chart) = (OrganizationId::new(a), ChartId::new(b));
            let text = |pk: &str, sk: &str| format!("{pk} {sk}");
            let keys = [
                { let k = record(chart, RecordId::new(c)); text(k.partition(), k.sort()) },
                { let k = draft(chart, RecordId::new(c)); text(k.partition(), k.sort()) },
                { let k = upload(chart, UploadId::new(c)); text(k.partition(), k.sort()) },
                { let k = digest(chart, &format!("{:064x}", c.as_u128())); text(k.partition(), k.sort()) },
                { let k = digest(chart, &format!("{:064x}", c.as_u128() ^ 1)); text(k.partition(), k.sort()) },
                { let k = digest(ChartId::new(c), &format!("{:064x}", c.as_u128())); text(k.partition(), k.sort()) },
                { let k = link(chart, LinkId::new(c)); text(k.partition(), k.sort()) },
                { let k = contribution(chart, ContributionId::new(c)); text(k.partition(), k.sort()) },
                { let k = inbox_entry(organization, MemberId::new(c), ContributionId::new(d)); text(k.partition(), k.sort()) },
                { let k = renewal_entry(organization, MemberId::new(c), LinkId::new(d)); text(k.partition(), k.sort()) },
                { let k = note_version(chart, RecordId::new(c), 1); text(k.partition(), k.sort()) },
                { let k = custody(chart, RecordId::new(c), EvidenceId::new(d)); text(k.partition(), k.sort()) },
                { let k = member(organization, MemberId::new(c)); text(k.partition(), k.sort()) },
                { let k = location(organization, LocationId::new(c)); text(k.partition(), k.sort()) },
                { let k = facilitation(FacilitationId::new(c)); text(k.partition(), k.sort()) },
                { let k = entry(ParticipantId::new(c), Part::Administration, 1); text(k.partition(), k.sort()) },
                { let k = entry(ParticipantId::new(c), Part::Integration, 1); text(k.partition(), k.sort()) },
                { let k = facilitated(organization, MemberId::new(c), FacilitationId::new(d)); text(k.partition(), k.sort()) },
                { let k = client_facilitation(ClientId::new(c), FacilitationId::new(d)); text(k.partition(), k.sort()) },
                { let k = center_facilitation(organization, FacilitationId::new(d)); text(k.partition(), k.sort()) },
                { let k = center_profile(organization); text(k.partition(), k.sort()) },
                { let k = approval(organization, FacilitatorCode { organization_id: OrganizationId::new(c), member_id: MemberId::new(d) }); text(k.partition(), k.sort()) },
                { let k = self::chart(chart); text(k.partition(), k.sort()) },
                { let k = client(ClientId::new(c)); text(k.partition(), k.sort()) },
                { let k = owned_chart(organization, MemberId::new(c), chart); text(k.partition(), k.sort()) },
                { let k = shared_chart(organization, Grantee::Member(MemberId::new(c)), chart); text(k.partition(), k.sort()) },
                { let k = cosignature(chart, RecordId::new(c)); text(k.partition(), k.sort()) },
                { let k = copied_chart(organization, MemberId::new(c), chart); text(k.partition(), k.sort()) },
                { let k = transfer(organization, Some(MemberId::new(c)), TransferId::new(d)); text(k.partition(), k.sort()) },
                { let k = transfer(organization, None, TransferId::new(d)); text(k.partition(), k.sort()) },
                { let k = passage(chart, TransferId::new(c)); text(k.partition(), k.sort()) },
                { let k = team(organization, TeamId::new(c)); text(k.partition(), k.sort()) },
                { let k = escrow(chart, EscrowId::new(c)); text(k.partition(), k.sort()) },
                { let k = escrow_entry(organization, EscrowId::new(c)); text(k.partition(), k.sort()) },
                { let k = team_member(organization, TeamId::new(c), MemberId::new(d)); text(k.partition(), k.sort()) },
                { let k = permission_change(organization, ChangeId::new(c)); text(k.partition(), k.sort()) },
                { let k = notice(organization, MemberId::new(c), NoticeId::new(d)); text(k.partition(), k.sort()) },
                { let k = message(organization, MessageId::new(c)); text(k.partition(), k.sort()) },
                { let k = recall(organization, MessageId::new(c), date(2033, 3, 1)); text(k.partition(), k.sort()) },
                { let k = recall(organization, MessageId::new(c), date(2033, 3, 2)); text(k.partition(), k.sort()) },
                { let k = client_chart(ClientId::new(c), chart); text(k.partition(), k.sort()) },
                { let k = consent(ClientId::new(c), ConsentId::new(d)); text(k.partition(), k.sort()) },
                { let k = circle(ClientId::new(c)); text(k.partition(), k.sort()) },
                { let k = proxy(ClientId::new(c), MemberId::new(d)); text(k.partition(), k.sort()) },
                { let k = upload(SpaceId::new(b), UploadId::new(c)); text(k.partition(), k.sort()) },
                { let k = space(SpaceId::new(b)); text(k.partition(), k.sort()) },
                { let k = space_item(SpaceId::new(b), SpaceItemId::new(c)); text(k.partition(), k.sort()) },
                { let k = ended_document(SpaceId::new(b), SpaceItemId::new(c)); text(k.partition(), k.sort()) },
                { let k = left_document(SpaceId::new(b), SpaceItemId::new(c)); text(k.partition(), k.sort()) },
                { let k = ending_space(organization, SpaceId::new(c)); text(k.partition(), k.sort()) },
                { let k = space_entry(organization, MemberId::new(c), SpaceId::new(d)); text(k.partition(), k.sort()) },
                { let k = frozen_space(organization, SpaceId::new(d)); text(k.partition(), k.sort()) },
                { let k = record_origin(chart, RecordId::new(c)); text(k.partition(), k.sort()) },
                { let k = filed(organization, &[LocationId::new(c)], RecordId::new(d)); text(k.partition(), k.sort()) },
                { let k = filed(organization, &[LocationId::new(c), LocationId::new(d)], RecordId::new(d)); text(k.partition(), k.sort()) },
                { let k = door(LocationId::new(c), 0); text(k.partition(), k.sort()) },
                { let k = door(LocationId::new(c), 1); text(k.partition(), k.sort()) },
                { let k = stocktake(organization, StocktakeId::new(c)); text(k.partition(), k.sort()) },
                { let k = stocktake_expected(StocktakeId::new(c), 0); text(k.partition(), k.sort()) },
                { let k = stocktake_scan(StocktakeId::new(c), EvidenceId::new(d)); text(k.partition(), k.sort()) },
                { let k = stocktake_report(StocktakeId::new(c), 0); text(k.partition(), k.sort()) },
                { let k = open_incident(organization, IncidentId::new(c)); text(k.partition(), k.sort()) },
                { let k = closed_incident(organization, IncidentId::new(c)); text(k.partition(), k.sort()) },
                { let k = import_part(organization, ImportId::new(c), 1); text(k.partition(), k.sort()) },
                { let k = imported(organization, &format!("{:032x}", c.as_u128())); text(k.partition(), k.sort()) },
            ];
            let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
            prop_assert_eq!(distinct.len(), keys.len());
        }
    }

    /// What stands in a place or within it has the place's prefix, and nothing else has.
    #[test]
    fn a_prefix_is_of_a_place_and_of_what_is_within_it() {
        let [a, b, c] = [1, 2, 3].map(|n| LocationId::new(Uuid::from_u128(n)));
        let (organization, record) = (OrganizationId::new(Uuid::nil()), RecordId::new(Uuid::from_u128(9)));
        let is_within = |path: &[LocationId], place: &[LocationId]| {
            filed(organization, path, record).sort().starts_with(&filed_prefix(place))
        };
        assert!(is_within(&[a, b], &[a]) && is_within(&[a, b], &[a, b]) && is_within(&[a, b], &[]));
        assert!(!is_within(&[a], &[a, b]) && !is_within(&[a, c], &[a, b]) && !is_within(&[b], &[a]));
    }

    #[test]
    fn evidence_is_partitioned_by_month() {
        let at: Timestamp = "2026-03-31T23:59:59Z".parse().unwrap();
        let partition = evidence_partition(OrganizationId::new(Uuid::nil()), at);
        assert!(partition.ends_with("#2026-03"), "{partition}");
    }
}
