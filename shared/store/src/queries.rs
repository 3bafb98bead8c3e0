//! The queries, one function for each access pattern that reads more than known keys. None scans.

use crate::item::DigestDraft;
use crate::item::{EscrowEntry, FiledEntry, ImportPart, StocktakeExpected, StocktakeReport, StocktakeScan};
use crate::{
    Item, Store, StoreError,
    change::Attributes,
    item::{
        ChartEntry, Claim, CosignatureEntry, DigestLine, DispositionEntry, DueEntry, EligibleEntry,
        EndingSpace, FacilitationEntry, InboxEntry, Invitation, Membership, OrganizationEntry, RenewalEntry,
        ScheduleVersion, SearchEntry, SpaceEntry, TeamEntry, TransferEntry, UnknownEntry,
    },
    keys,
    read::{from_attributes, text},
    secrets::{Secrets, by_place},
};
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::{
    ChartId, ClientId, DispositionId, FacilitationId, MemberId, OrganizationId, ParticipantId, RecordId,
    SpaceId, TeamId,
    chart::Chart,
    consent::Consent,
    contribution::Contribution,
    disposition::{DispositionItem, Tombstone},
    escrow::Escrow,
    facilitation::{Approval, Entry},
    hold::Hold,
    intake::IntakeLink,
    limits::PAGE_ITEMS,
    member::Member,
    message::Message,
    notice::Notice,
    physical::{Custody, Location},
    proxy::Proxy,
    record::Record,
    role::PermissionChange,
    sharing::Grantee,
    space::{EndedDocument, SpaceItem},
    team::Team,
};
use domain::{
    ImportId, LocationId, StocktakeId,
    incident::Incident,
    limits::{IMPORT_FILE_ROWS, STOCKTAKE_FOLDERS},
    physical::Barcode,
    stocktake::{Expected, Stocktake},
};
use evidence::{Evidence, custody::CustodyEvent};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// Items of one round trip where the whole of a list is read; DynamoDB ends a reply at 1 MB anyway.
const WHOLE_PAGE_ITEMS: u32 = 5_000;

/// One page of a list, and where the next one starts.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The sort key after which the next page starts; `None` at the end.
    pub next: Option<String>,
}

/// Who and what a client is tied to: the clients who were merged into them, and the sessions they take part in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    pub merged: Vec<ClientId>,
    pub sessions: Vec<FacilitationId>,
}

/// One of either: a [`Claim`] or a [`FacilitationEntry`].
#[derive(Deserialize)]
struct Tie {
    #[serde(default)]
    client_id: Option<ClientId>,
    #[serde(default)]
    facilitation_id: Option<FacilitationId>,
}

/// A query within one partition of the table or of an index.
struct Query<'a> {
    index: Option<&'static str>,
    partition_name: &'static str,
    sort_name: &'static str,
    partition: String,
    /// Sort keys begin with this.
    prefix: &'a str,
    /// The sort key of the last item of the page before.
    after: Option<&'a str>,
    newest_first: bool,
    /// Sort keys end before this.
    until: Option<&'a str>,
    limit: u32,
    /// The attribute of each item that stands in the table of keys.
    secret: Option<&'static str>,
}

impl<'a> Query<'a> {
    fn table(partition: String, prefix: &'a str, after: Option<&'a str>, limit: u32) -> Self {
        Self {
            index: None,
            partition_name: "pk",
            sort_name: "sk",
            partition,
            prefix,
            after,
            newest_first: false,
            until: None,
            limit,
            secret: None,
        }
    }

    /// The condition on the sort key; a page starts behind a key, so that nothing between two pages can be
    /// lost or shown twice however the list changes meanwhile.
    ///
    /// INVARIANT: both bounds lie within the prefix. The key comes from a caller, who may have made it up: it
    /// chooses a place in the list and never another list of the same partition.
    fn condition(&self) -> (String, Vec<(&'static str, String)>) {
        let partition = format!("{} = :partition", self.partition_name);
        let sort = self.sort_name;
        if let Some(until) = self.until {
            let first = self.after.map_or_else(|| "\u{20}".to_owned(), |after| format!("{after}\u{20}"));
            let last = until.to_owned().max(first.clone());
            return (
                format!("{partition} AND {sort} BETWEEN :first AND :last"),
                vec![(":first", first), (":last", last)],
            );
        }
        match self.after {
            None if self.prefix.is_empty() => (partition, vec![]),
            None => (
                format!("{partition} AND begins_with({sort}, :prefix)"),
                vec![(":prefix", self.prefix.to_owned())],
            ),
            Some(after) => {
                let (first, last) = self.bounds(after);
                (
                    format!("{partition} AND {sort} BETWEEN :first AND :last"),
                    vec![(":first", first), (":last", last)],
                )
            }
        }
    }

    /// The first and the last sort key that can be on the page behind `after`.
    fn bounds(&self, after: &str) -> (String, String) {
        let (first, last) = (format!("{}\u{20}", self.prefix), format!("{}\u{10ffff}", self.prefix));
        if self.newest_first {
            (first, last.min(before(after)))
        } else {
            (first.max(format!("{after}\u{20}")), last)
        }
    }
}

/// The greatest string that sorts before `key` and matters here: keys are ASCII, so the last character is
/// lowered and the rest filled up.
fn before(key: &str) -> String {
    let mut chars: Vec<char> = key.chars().collect();
    match chars.pop() {
        Some(last) => {
            let lower = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('\u{20}');
            chars.push(lower);
            chars.push('\u{10ffff}');
            chars.into_iter().collect()
        }
        None => String::new(),
    }
}

fn timeline(chart: ChartId, after: Option<&str>, limit: u32) -> Query<'_> {
    Query {
        index: Some("timeline"),
        sort_name: "timeline_sk",
        newest_first: true,
        ..Query::table(keys::chart_partition(chart), "", after, limit)
    }
}

impl Store {
    /// The organizations an identity is a member of.
    pub async fn memberships(&self, identity: &str) -> Result<Vec<Membership>, StoreError> {
        let query = Query::table(keys::identity_partition(identity), "ORG#", None, 100);
        Ok(self.page(query).await?.items)
    }

    /// The organizations that have invited an e-mail address.
    pub async fn invitations(&self, email_digest: &str) -> Result<Vec<Invitation>, StoreError> {
        let query = Query::table(keys::invitation_partition(email_digest), "ORG#", None, 100);
        Ok(self.page(query).await?.items)
    }

    pub async fn members(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Member>, StoreError> {
        self.page(Query::table(keys::organization_partition(organization), "MEMBER#", after, limit)).await
    }

    pub async fn locations(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Location>, StoreError> {
        self.page(Query::table(keys::organization_partition(organization), "LOCATION#", after, limit)).await
    }

    pub async fn teams(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Team>, StoreError> {
        self.page(Query::table(keys::organization_partition(organization), "TEAM#", after, limit)).await
    }

    /// Who is in a team: all of them, as a team has at most `limits::TEAM_MEMBERS`.
    pub async fn team_members(
        &self,
        organization: OrganizationId,
        team: TeamId,
    ) -> Result<Vec<MemberId>, StoreError> {
        let query = Query::table(keys::team_partition(organization, team), "MEMBER#", None, 100);
        let entries: Vec<TeamEntry> = self.page(query).await?.items;
        Ok(entries.into_iter().map(|entry| entry.member_id).collect())
    }

    /// The changes of roles and of what members are given, newest first (R052).
    pub async fn permission_changes(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<PermissionChange>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::organization_partition(organization), "CHANGE#", after, limit)
        };
        self.page(query).await
    }

    /// The charts a member owns, in the order they were opened.
    pub async fn owned(
        &self,
        organization: OrganizationId,
        owner: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ChartEntry>, StoreError> {
        let partition = keys::charts_partition(organization, Grantee::Member(owner));
        self.page(Query::table(partition, "OWNED#", after, limit)).await
    }

    /// The charts shared with a member or with a team.
    pub async fn shared(
        &self,
        organization: OrganizationId,
        with: Grantee,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ChartEntry>, StoreError> {
        let partition = keys::charts_partition(organization, with);
        self.page(Query::table(partition, "SHARED#", after, limit)).await
    }

    /// The charts a former owner kept a copy of (P-45).
    pub async fn copied(
        &self,
        organization: OrganizationId,
        former: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ChartEntry>, StoreError> {
        let partition = keys::charts_partition(organization, Grantee::Member(former));
        self.page(Query::table(partition, "COPY#", after, limit)).await
    }

    /// What is offered to and by a member, or in the whole organization, the newest offer first (P-40).
    pub async fn transfers(
        &self,
        organization: OrganizationId,
        member: Option<MemberId>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<TransferEntry>, StoreError> {
        let partition = keys::transfers_partition(organization, member);
        let query = Query { newest_first: true, ..Query::table(partition, "TRANSFER#", after, limit) };
        self.page(query).await
    }

    /// The escrows of a chart, whatever became of them, the newest first.
    pub async fn escrows(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Escrow>, StoreError> {
        let partition = keys::chart_partition(chart);
        self.page(Query { newest_first: true, ..Query::table(partition, "ESCROW#", after, limit) }).await
    }

    /// The escrows of all charts of an organization, the newest first.
    pub async fn escrow_entries(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<EscrowEntry>, StoreError> {
        let partition = keys::organization_partition(organization);
        self.page(Query { newest_first: true, ..Query::table(partition, "ESCROW#", after, limit) }).await
    }

    /// Each time a chart changed hands, oldest first (R095).
    pub async fn passages(&self, chart: ChartId) -> Result<Vec<CustodyEvent>, StoreError> {
        let query = Query::table(keys::chart_partition(chart), "PASSAGE#", None, PAGE_ITEMS);
        Ok(self.page(query).await?.items)
    }

    /// The notes of a chart that wait for its owner's signature, in the order they were begun (P-13).
    pub async fn cosignatures(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<CosignatureEntry>, StoreError> {
        self.page(Query::table(keys::chart_partition(chart), "COSIGN#", after, limit)).await
    }

    /// What a member is told, newest first (P-10).
    pub async fn notices(
        &self,
        organization: OrganizationId,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Notice>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::inbox_partition(organization, member), "NOTICE#", after, limit)
        };
        self.page(query).await
    }

    /// The collaborative spaces a member is in, newest first.
    pub async fn spaces(
        &self,
        organization: OrganizationId,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SpaceEntry>, StoreError> {
        let partition = keys::spaces_partition(organization, member);
        let query = Query { newest_first: true, ..Query::table(partition, "SPACE#", after, limit) };
        self.page(query).await
    }

    /// What is in a space, newest first.
    pub async fn space_items(
        &self,
        space: SpaceId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SpaceItem>, StoreError> {
        let partition = keys::space_partition(space);
        let query = Query { newest_first: true, ..Query::table(partition, "ITEM#", after, limit) };
        self.page(query).await
    }

    /// The same, the first begun first.
    pub async fn space_items_oldest(
        &self,
        space: SpaceId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SpaceItem>, StoreError> {
        self.page(Query::table(keys::space_partition(space), "ITEM#", after, limit)).await
    }

    /// The documents of a space that have ended, and whose file is still to be destroyed or left to records.
    pub async fn ended_documents(
        &self,
        space: SpaceId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<EndedDocument>, StoreError> {
        self.page(Query::table(keys::space_partition(space), "ENDED#", after, limit)).await
    }

    /// The spaces in which something has ended by a moment, the longest ago first.
    pub async fn ending_spaces(
        &self,
        organization: OrganizationId,
        by: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<EndingSpace>, StoreError> {
        let until = format!("{by:.0}#\u{7e}");
        let query = Query {
            index: Some("timeline"),
            sort_name: "timeline_sk",
            until: Some(&until),
            ..Query::table(keys::ending_partition(organization), "", after, limit)
        };
        self.page(query).await
    }

    /// The spaces that everybody has left, the newest of them first.
    pub async fn frozen_spaces(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SpaceEntry>, StoreError> {
        let partition = keys::organization_partition(organization);
        let query = Query { newest_first: true, ..Query::table(partition, "FROZEN#", after, limit) };
        self.page(query).await
    }

    /// Clients listed under a blinded prefix.
    pub async fn found(
        &self,
        organization: OrganizationId,
        digest: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SearchEntry>, StoreError> {
        self.page(Query::table(keys::search_partition(organization, digest), "CLIENT#", after, limit)).await
    }

    /// The clients that are held to be this one (R021).
    pub async fn merged(&self, survivor: ClientId) -> Result<Vec<Claim>, StoreError> {
        Ok(self.page(Query::table(keys::client_partition(survivor), "MERGED#", None, 100)).await?.items)
    }

    /// Who was merged into a client and which sessions the client takes part in, all of both. They stand next to each
    /// other, with nothing between them, and so come with one query.
    pub async fn ties(&self, client: ClientId) -> Result<Ties, StoreError> {
        let (mut ties, mut after) = (Ties::default(), Some("FACILITATION#".to_owned()));
        while after.is_some() {
            let query = Query {
                until: Some("MERGED#\u{7e}"),
                ..Query::table(keys::client_partition(client), "", after.as_deref(), WHOLE_PAGE_ITEMS)
            };
            let page = self.page::<Tie>(query).await?;
            ties.merged.extend(page.items.iter().filter_map(|tie| tie.client_id));
            ties.sessions.extend(page.items.iter().filter_map(|tie| tie.facilitation_id));
            after = page.next;
        }
        Ok(ties)
    }

    /// The charts of a client.
    pub async fn charts(&self, client: ClientId) -> Result<Vec<Chart>, StoreError> {
        Ok(self.page(Query::table(keys::client_partition(client), "CHART#", None, 100)).await?.items)
    }

    /// What a client has permitted, the newest record of it first (R060).
    pub async fn consents(
        &self,
        client: ClientId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Consent>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::client_partition(client), "CONSENT#", after, limit)
        };
        self.page(query).await
    }

    /// Who stands for a client (R066).
    pub async fn proxies(
        &self,
        client: ClientId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Proxy>, StoreError> {
        self.page(Query::table(keys::client_partition(client), "PROXY#", after, limit)).await
    }

    /// A chart's records, newest first by the day they tell of (R015).
    pub async fn timeline(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Record>, StoreError> {
        self.page(Query { secret: Record::SECRET, ..timeline(chart, after, limit) }).await
    }

    /// The same without their keys: for whoever opens none of them.
    pub async fn timeline_closed(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Record>, StoreError> {
        self.page(timeline(chart, after, limit)).await
    }

    /// Every organization, for what is done in each by itself.
    pub async fn organizations(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<OrganizationEntry>, StoreError> {
        self.page(Query::table(keys::ORGANIZATIONS.into(), "ORG#", after, limit)).await
    }

    /// The versions of an organization's schedule, the newest first (R157).
    pub async fn schedules(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ScheduleVersion>, StoreError> {
        let partition = keys::organization_partition(organization);
        let query = Query { newest_first: true, ..Query::table(partition, "SCHEDULE#", after, limit) };
        self.page(query).await
    }

    /// The charts the sweep has to look at by a day, the longest due first. `after` steps over those that could not be
    /// done.
    pub async fn due(
        &self,
        organization: OrganizationId,
        by: Date,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DueEntry>, StoreError> {
        let until = format!("{by}#\u{7e}");
        let query = Query {
            index: Some("timeline"),
            sort_name: "timeline_sk",
            until: Some(&until),
            ..Query::table(keys::due_partition(organization), "", after, limit)
        };
        self.page(query).await
    }

    /// Every chart of an organization, in the order of their ids.
    pub async fn appraisable(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DueEntry>, StoreError> {
        self.page(Query::table(keys::due_partition(organization), "CHART#", after, limit)).await
    }

    /// The records whose time has ended, the longest ago first.
    pub async fn eligible(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<EligibleEntry>, StoreError> {
        let query = Query {
            index: Some("timeline"),
            sort_name: "timeline_sk",
            ..Query::table(keys::eligible_partition(organization), "", after, limit)
        };
        self.page(query).await
    }

    /// The charts of which too little is known to say how long their records are kept.
    pub async fn unknown(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<UnknownEntry>, StoreError> {
        self.page(Query::table(keys::unknown_partition(organization), "CHART#", after, limit)).await
    }

    /// What the sweep found and nobody was told of yet, by whom it is for.
    pub async fn digest_lines(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DigestLine>, StoreError> {
        self.page(Query::table(keys::digest_partition(organization), "LINE#", after, limit)).await
    }

    /// What members are about to be told.
    pub async fn digest_drafts(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DigestDraft>, StoreError> {
        self.page(Query::table(keys::digest_partition(organization), "DRAFT#", after, limit)).await
    }

    /// The e-mail written by a moment that was not sent yet, the oldest first; what is being sent is among it.
    pub async fn unsent(
        &self,
        organization: OrganizationId,
        by: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, StoreError> {
        let until = format!("{by:.0}");
        let query = Query {
            index: Some("timeline"),
            sort_name: "timeline_sk",
            until: Some(&until),
            ..Query::table(keys::outbox_partition(organization), "", after, limit)
        };
        self.page(query).await
    }

    /// The legal holds of an organization, released ones included, the newest first.
    pub async fn holds(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Hold>, StoreError> {
        let partition = keys::organization_partition(organization);
        let query = Query { newest_first: true, ..Query::table(partition, "HOLD#", after, limit) };
        self.page(query).await
    }

    /// The dispositions of an organization, the newest first.
    pub async fn dispositions(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DispositionEntry>, StoreError> {
        let partition = keys::dispositions_partition(organization);
        let query = Query { newest_first: true, ..Query::table(partition, "DISPOSITION#", after, limit) };
        self.page(query).await
    }

    /// All dispositions that are being executed: one of paper is so until the last of it is destroyed.
    pub async fn executing(&self, organization: OrganizationId) -> Result<Vec<DispositionEntry>, StoreError> {
        let (mut entries, mut after) = (Vec::new(), None::<String>);
        loop {
            let partition = keys::executing_partition(organization);
            let query = Query::table(partition, "DISPOSITION#", after.as_deref(), PAGE_ITEMS);
            let page: Page<DispositionEntry> = self.page(query).await?;
            entries.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(entries);
            }
        }
    }

    /// The records of a disposition.
    pub async fn disposition_items(
        &self,
        disposition: DispositionId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<DispositionItem>, StoreError> {
        self.page(Query::table(keys::disposition_partition(disposition), "ITEM#", after, limit)).await
    }

    /// All of them: a disposition has at most `limits::DISPOSITION_ITEMS`.
    pub async fn all_disposition_items(
        &self,
        disposition: DispositionId,
    ) -> Result<Vec<DispositionItem>, StoreError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let page = self.disposition_items(disposition, after.as_deref(), PAGE_ITEMS).await?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// What was destroyed of a chart.
    pub async fn tombstones(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Tombstone>, StoreError> {
        self.page(Query::table(keys::chart_partition(chart), "GONE#", after, limit)).await
    }

    /// The folders that belong in a place and in all places within it, place by place (R032). Of an empty path, all
    /// of an organization.
    pub async fn filed(
        &self,
        organization: OrganizationId,
        path: &[LocationId],
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<FiledEntry>, StoreError> {
        let prefix = keys::filed_prefix(path);
        self.page(Query::table(keys::filed_partition(organization), &prefix, after, limit)).await
    }

    /// All of them, or `None` if there are more than `most`.
    pub async fn filed_all(
        &self,
        organization: OrganizationId,
        path: &[LocationId],
        most: usize,
    ) -> Result<Option<Vec<FiledEntry>>, StoreError> {
        let prefix = keys::filed_prefix(path);
        self.whole(keys::filed_partition(organization), &prefix, most).await
    }

    /// All places of an organization, or `None` if there are more than `most`.
    pub async fn locations_all(
        &self,
        organization: OrganizationId,
        most: usize,
    ) -> Result<Option<Vec<Location>>, StoreError> {
        self.whole(keys::organization_partition(organization), "LOCATION#", most).await
    }

    /// The stock-takings of an organization, the newest first.
    pub async fn stocktakes(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Stocktake>, StoreError> {
        let partition = keys::organization_partition(organization);
        let query = Query { newest_first: true, ..Query::table(partition, "STOCKTAKE#", after, limit) };
        self.page(query).await
    }

    /// What a stock-taking expects: all of it.
    pub async fn stocktake_expected(&self, id: StocktakeId) -> Result<Vec<Expected>, StoreError> {
        let parts = self.whole(keys::stocktake_partition(id), "EXPECTED#", STOCKTAKE_FOLDERS).await?;
        let parts: Vec<StocktakeExpected> = parts.unwrap_or_default();
        Ok(parts.into_iter().flat_map(|part| part.folders).collect())
    }

    /// What was scanned in a stock-taking: all of it, each barcode once.
    pub async fn stocktake_scans(&self, id: StocktakeId) -> Result<BTreeSet<Barcode>, StoreError> {
        let batches = self.whole(keys::stocktake_partition(id), "SCAN#", usize::MAX).await?;
        let batches: Vec<StocktakeScan> = batches.unwrap_or_default();
        Ok(batches.into_iter().flat_map(|batch| batch.barcodes).collect())
    }

    /// What a stock-taking came to, part by part.
    pub async fn stocktake_report(
        &self,
        id: StocktakeId,
        after: Option<&str>,
    ) -> Result<Page<StocktakeReport>, StoreError> {
        self.page(Query::table(keys::stocktake_partition(id), "REPORT#", after, 1)).await
    }

    /// The incidents of an organization, the newest first.
    pub async fn incidents(
        &self,
        organization: OrganizationId,
        open: bool,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Incident>, StoreError> {
        let prefix = if open { "OPEN#" } else { "CLOSED#" };
        let partition = keys::incidents_partition(organization);
        self.page(Query { newest_first: true, ..Query::table(partition, prefix, after, limit) }).await
    }

    /// What the parts of a list have said.
    pub async fn import_parts(
        &self,
        organization: OrganizationId,
        id: ImportId,
    ) -> Result<Vec<ImportPart>, StoreError> {
        let parts = self.whole(keys::import_partition(organization, id), "PART#", IMPORT_FILE_ROWS).await?;
        Ok(parts.unwrap_or_default())
    }

    /// Everything of a list, or `None` if it is longer than `most`.
    async fn whole<T: DeserializeOwned>(
        &self,
        partition: String,
        prefix: &str,
        most: usize,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page: Page<T> = self
                .page(Query::table(partition.clone(), prefix, after.as_deref(), WHOLE_PAGE_ITEMS))
                .await?;
            all.extend(page.items);
            match page.next {
                _ if all.len() > most => return Ok(None),
                Some(next) => after = Some(next),
                None => return Ok(Some(all)),
            }
        }
    }

    /// The versions of a record, oldest first; `T` is the kind of version the record has.
    pub async fn versions<T: Item>(
        &self,
        chart: ChartId,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let prefix = format!("VERSION#{record}#");
        self.page(Query::table(keys::chart_partition(chart), &prefix, after, limit)).await
    }

    /// The newest version of a record that fits; `None` if none does. For what has changed since somebody saw it.
    pub async fn versions_newest<T: Item>(
        &self,
        chart: ChartId,
        record: RecordId,
        fits: impl Fn(T) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let (mut newest, mut after) = (None, None::<String>);
        loop {
            let page = self.versions(chart, record, after.as_deref(), PAGE_ITEMS).await?;
            newest = page.items.into_iter().filter_map(&fits).last().or(newest);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(newest),
            }
        }
    }

    /// The custody log of a folder, newest first (R033).
    pub async fn custody(
        &self,
        chart: ChartId,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Custody>, StoreError> {
        let prefix = format!("CUSTODY#{record}#");
        let query =
            Query { newest_first: true, ..Query::table(keys::chart_partition(chart), &prefix, after, limit) };
        self.page(query).await
    }

    pub async fn links(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<IntakeLink>, StoreError> {
        let query =
            Query { newest_first: true, ..Query::table(keys::chart_partition(chart), "LINK#", after, limit) };
        self.page(query).await
    }

    /// Everything a chart's client has sent, newest first, without the keys: a list of it opens nothing.
    pub async fn contributions(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Contribution>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::chart_partition(chart), "CONTRIBUTION#", after, limit)
        };
        self.page(query).await
    }

    /// What waits for a member, newest first.
    pub async fn inbox(
        &self,
        organization: OrganizationId,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<InboxEntry>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::inbox_partition(organization, member), "CONTRIBUTION#", after, limit)
        };
        self.page(query).await
    }

    /// Whose clients wait for another link, the newest of the old links first.
    pub async fn renewals(
        &self,
        organization: OrganizationId,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<RenewalEntry>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::inbox_partition(organization, member), "RENEWAL#", None, limit)
        };
        Ok(self.page(query).await?.items)
    }

    /// The sessions a member facilitates, newest first.
    pub async fn facilitations(
        &self,
        organization: OrganizationId,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<FacilitationEntry>, StoreError> {
        let partition = keys::facilitations_partition(organization, member);
        let query = Query { newest_first: true, ..Query::table(partition, "FACILITATION#", after, limit) };
        self.page(query).await
    }

    /// The sessions a client takes part in, newest first (R100).
    pub async fn facilitations_of_client(
        &self,
        client: ClientId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<FacilitationEntry>, StoreError> {
        let partition = keys::client_partition(client);
        let query = Query { newest_first: true, ..Query::table(partition, "FACILITATION#", after, limit) };
        self.page(query).await
    }

    /// The sessions at a center, newest first (R108).
    pub async fn facilitations_at(
        &self,
        center: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<FacilitationEntry>, StoreError> {
        let partition = keys::organization_partition(center);
        let query = Query { newest_first: true, ..Query::table(partition, "FACILITATION#", after, limit) };
        self.page(query).await
    }

    /// The facilitators a center has approved or no longer approves.
    pub async fn approvals(
        &self,
        center: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Approval>, StoreError> {
        self.page(Query::table(keys::organization_partition(center), "FACILITATOR#", after, limit)).await
    }

    /// Everything that was ever recorded of a participant, part by part.
    pub async fn entries(
        &self,
        participant: ParticipantId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Entry>, StoreError> {
        self.page(Query::table(keys::participant_partition(participant), "ENTRY#", after, limit)).await
    }

    /// An organization's evidence of the month of `month`, newest first.
    pub async fn evidence(
        &self,
        organization: OrganizationId,
        month: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::evidence_partition(organization, month), "", after, limit)
        };
        self.page(query).await
    }

    pub async fn evidence_of_record(
        &self,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_record", "record_pk", record.to_string(), after, limit).await
    }

    pub async fn evidence_of_client(
        &self,
        client: ClientId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_client", "client_pk", client.to_string(), after, limit).await
    }

    /// What a member did, and what was done to them without another member acting.
    pub async fn evidence_of_member(
        &self,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_member", "member_pk", member.to_string(), after, limit).await
    }

    async fn evidence_of(
        &self,
        index: &'static str,
        partition_name: &'static str,
        partition: String,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        let query = Query {
            index: Some(index),
            partition_name,
            sort_name: "evidence_sk",
            newest_first: true,
            ..Query::table(partition, "", after, limit)
        };
        self.page(query).await
    }

    async fn page<T: DeserializeOwned>(&self, query: Query<'_>) -> Result<Page<T>, StoreError> {
        // Behind the end there is nothing, and DynamoDB refuses to be asked for it.
        if let [(_, first), (_, last)] = query.condition().1.as_slice()
            && first > last
        {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let items = self.ask(self.table(), &query);
        let (reply, secrets) = match query.secret {
            None => (items.await?, Secrets::new()),
            // The keys lie in the same order under the same bounds: both pages come in one round trip.
            Some(_) => {
                let (reply, apart) = tokio::try_join!(items, self.ask(self.keys_table(), &query))?;
                (reply, by_place(apart.items.unwrap_or_default())?)
            }
        };
        // A reply ends at 1 MB: then there is more even if fewer items came than were asked for.
        let cut_short = reply.last_evaluated_key.is_some();
        let mut found: Vec<Attributes> = reply.items.unwrap_or_default();
        let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted || cut_short;
        found.truncate(wanted);
        let next = match found.last() {
            Some(last) if more => Some(text(last, query.sort_name)?),
            _ => None,
        };
        if let Some(name) = query.secret {
            self.put_together(found.iter_mut().map(|item| (name, item)).collect(), secrets).await?;
        }
        let items = found.iter().map(from_attributes).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    async fn ask(&self, table: &str, query: &Query<'_>) -> Result<QueryOutput, StoreError> {
        let (condition, values) = query.condition();
        // One more than asked for, to know whether there is a next page without promising an empty one.
        let ask = query.limit.saturating_add(1);
        let mut request = self
            .client()
            .query()
            .table_name(table)
            .set_index_name(query.index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_values(":partition", AttributeValue::S(query.partition.clone()))
            .scan_index_forward(!query.newest_first)
            .consistent_read(query.index.is_none_or(|index| index == "timeline"))
            .limit(i32::try_from(ask).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for (name, value) in values {
            request = request.expression_attribute_values(name, AttributeValue::S(value));
        }
        request.send().await.map_err(StoreError::from_sdk)
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, before};
    use proptest::prelude::*;

    proptest! {
        /// Whatever key a caller makes up, a page holds keys of its list alone.
        #[test]
        fn a_page_stays_within_its_list(after in "[ -~]{1,40}", other in "[ -~]{1,40}", newest_first: bool) {
            let list = Query { newest_first, ..Query::table("PARTITION".into(), "LINK#", Some(&after), 10) };
            let (first, last) = list.bounds(&after);
            prop_assert!(other < first || last < other || other.starts_with("LINK#"), "{other} in {first}..{last}");
        }

        /// A page that starts before a key holds every smaller key and not the key itself.
        #[test]
        fn before_is_just_before(key in "[0-9a-f#-]{1,40}", other in "[0-9a-f#-]{1,40}") {
            let bound = before(&key);
            prop_assert!(bound < key);
            if other < key && !key.starts_with(&other) {
                prop_assert!(other <= bound, "{other} {bound}");
            }
        }
    }
}
