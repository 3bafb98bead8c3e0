//! Every key of the table, made and parsed here and nowhere else.
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
//! | the charts of a client | `CLIENT#<client>` | `CHART#<chart>` | `Store::charts` |
//! | a record, a version, a draft | `CHART#<chart>` | `RECORD#<record>` … | `Store::fetch` |
//! | a chart's records in order of time | `CHART#<chart>` | index `timeline` | `Store::timeline` |
//! | versions of a record | `CHART#<chart>` | `VERSION#<record>#<number>` | `Store::versions` |
//! | custody log of a folder | `CHART#<chart>` | `CUSTODY#<record>#<id>` | `Store::custody` |
//! | intake links, contributions of a chart | `CHART#<chart>` | `LINK#…`, `CONTRIBUTION#…` | `Store::links`, `Store::contributions` |
//! | an upload | `CHART#<chart>` | `UPLOAD#<upload>` | `Store::fetch` |
//! | the file a chart has of these bytes | `CHART#<chart>` | `DIGEST#<sha256>` | `Store::fetch` |
//! | an intake link by its token | `INTAKE#<sha256>` | `INTAKE` | `Store::fetch` |
//! | a member's inbox | `INBOX#<organization>#<member>` | `CONTRIBUTION#<contribution>` | `Store::inbox` |
//! | who asks a member for another link | `INBOX#<organization>#<member>` | `RENEWAL#<link>` | `Store::renewals` |
//! | an answer already given | `ONCE#<digest>` | `ONCE` | `Store::fetch` |
//! | evidence, newest first | `EVIDENCE#<organization>#<month>` | `<evidence>` | `Store::evidence` |
//! | evidence of a record, client, member | indexes `by_record`, `by_client`, `by_member` | `<evidence>` | `Store::evidence_of` |

use domain::{
    ChartId, ClientId, ContributionId, EvidenceId, LinkId, LocationId, MemberId, OrganizationId, RecordId,
    UploadId,
    chart::Chart,
    client::Client,
    contribution::Contribution,
    intake::IntakeLink,
    member::Member,
    note::{Draft, NoteVersion},
    organization::Organization,
    physical::{Barcode, Custody, Location},
    record::{FileVersion, Record},
    upload::Upload,
};
use jiff::{Timestamp, civil::Date};
use std::{fmt, marker::PhantomData};

use crate::item::{
    BarcodeEntry, Claim, DigestEntry, InboxEntry, Invitation, LinkToken, Membership, RenewalEntry,
    SearchEntry,
};
use evidence::Evidence;

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

pub fn upload(chart: ChartId, id: UploadId) -> Key<Upload> {
    Key::new(chart_partition(chart), format!("UPLOAD#{id}"))
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

pub fn inbox_entry(organization: OrganizationId, member: MemberId, id: ContributionId) -> Key<InboxEntry> {
    Key::new(inbox_partition(organization, member), format!("CONTRIBUTION#{id}"))
}

pub fn renewal_entry(organization: OrganizationId, member: MemberId, id: LinkId) -> Key<RenewalEntry> {
    Key::new(inbox_partition(organization, member), format!("RENEWAL#{id}"))
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
                { let k = self::chart(chart); text(k.partition(), k.sort()) },
                { let k = client(ClientId::new(c)); text(k.partition(), k.sort()) },
                { let k = client_chart(ClientId::new(c), chart); text(k.partition(), k.sort()) },
            ];
            let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
            prop_assert_eq!(distinct.len(), keys.len());
        }
    }

    #[test]
    fn evidence_is_partitioned_by_month() {
        let at: Timestamp = "2026-03-31T23:59:59Z".parse().unwrap();
        let partition = evidence_partition(OrganizationId::new(Uuid::nil()), at);
        assert!(partition.ends_with("#2026-03"), "{partition}");
    }
}
