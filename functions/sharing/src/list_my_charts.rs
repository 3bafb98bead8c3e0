//! Lists the charts a member owns, then those that are shared with them, by themselves or through a team, then those
//! they handed over and kept a copy of; each once (P-02, P-45, R046, R061).
//!
//! The list is made of entries that are written with each share; what is shown is decided on the chart as it is now,
//! so that an entry that outlived its share shows nothing.

use api::{
    Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply,
    view::{ChartView, ClientCard},
};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, TeamId, chart::Chart, client::Client, limits::CHART_CANDIDATES, member::Member, sharing::Grantee,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{ChartEntry, Key, Page, keys};
use vault::DirectoryKey;

/// Entries that are read at a time: their charts and clients are one batch.
const ENTRIES: u32 = 50;

pub static OPERATION: Operation =
    Operation::get("list_my_charts", "/charts", Action::ListMyCharts, Kind::MyChartsListed)
        .summary("List the charts you own, and those shared with you (R061)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// One's own, in the order they were opened; then those that are shared; then copies.
    pub charts: Vec<MyChart>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct MyChart {
    #[serde(flatten)]
    pub chart: ChartView,
    /// Whom it is about, as lists show them.
    pub client: ClientCard,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let start = after.as_deref().map(Place::read).transpose()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let directory = call.directory(&loaded.organization).await?;
    let listing = Listing { call: &call, loaded: &loaded };
    let (found, next) = listing.page(start, limit).await?;
    let charts = listing.views(&found, &directory, &permit)?;
    call.witness(&permit, Fact::new().detail("results", charts.len())).await?;
    Ok(Reply::with(Output { charts, next: next.map(|place| Cursor::new(&place.text())) }))
}

/// Where a chart of the list comes from, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Owned,
    Shared,
    Team(TeamId),
    /// Handed over, with a copy kept.
    Copied,
}

impl Source {
    /// The first source of a member's list from here on; a team they have left meanwhile is passed over.
    fn first(member: &Member, wanted: impl Fn(Self) -> bool) -> Option<Self> {
        let teams = member.teams.iter().copied().map(Self::Team);
        [Self::Owned, Self::Shared]
            .into_iter()
            .chain(teams)
            .chain([Self::Copied])
            .find(|source| wanted(*source))
    }

    /// Where a chart is listed: in one place, however many ways it is theirs.
    fn of(chart: &Chart, member: &Member, now: Timestamp) -> Option<Self> {
        if chart.owner == member.id {
            return Some(Self::Owned);
        }
        let sources = chart.grants.live_for(member, now).map(|grant| match grant.grantee {
            Grantee::Member(_) => Self::Shared,
            Grantee::Team(id) => Self::Team(id),
        });
        sources.min().or_else(|| chart.copy_until(member.id).map(|_| Self::Copied))
    }
}

/// A place in the list: behind an entry of a source, or at the beginning of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    source: Source,
    after: Option<String>,
}

impl Place {
    fn text(&self) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        match self.source {
            Source::Owned => format!("owned/{after}"),
            Source::Shared => format!("shared/{after}"),
            Source::Team(id) => format!("{id}/{after}"),
            Source::Copied => format!("copied/{after}"),
        }
    }

    fn read(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::invalid("invalid_cursor", "`cursor` is not one that a page has given");
        let (source, after) = text.split_once('/').ok_or_else(wrong)?;
        let source = match source {
            "owned" => Source::Owned,
            "shared" => Source::Shared,
            "copied" => Source::Copied,
            team => Source::Team(team.parse().map_err(|_| wrong())?),
        };
        Ok(Self { source, after: (!after.is_empty()).then(|| after.to_owned()) })
    }

    /// Behind a chart.
    fn behind(found: &Found, member: &Member) -> Self {
        let (organization, chart_id): (_, ChartId) = (member.organization_id, found.chart.id);
        let key = match found.source {
            Source::Owned => keys::owned_chart(organization, member.id, chart_id),
            Source::Shared => keys::shared_chart(organization, Grantee::Member(member.id), chart_id),
            Source::Team(id) => keys::shared_chart(organization, Grantee::Team(id), chart_id),
            Source::Copied => keys::copied_chart(organization, member.id, chart_id),
        };
        Self { source: found.source, after: Some(key.sort().to_owned()) }
    }
}

/// A chart of the list.
struct Found {
    source: Source,
    chart: Chart,
    client: Client,
}

struct Listing<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
}

impl Listing<'_> {
    /// The charts of one page, and the place where the next one starts.
    async fn page(&self, start: Option<Place>, limit: u32) -> Result<(Vec<Found>, Option<Place>), Problem> {
        let member = &self.loaded.member;
        let enough = usize::try_from(limit).unwrap_or(usize::MAX);
        let start = start.unwrap_or(Place { source: Source::Owned, after: None });
        let beginning = |source| Place { source, after: None };
        let mut place = match Source::first(member, |source| source >= start.source) {
            Some(source) if source == start.source => Some(start),
            later => later.map(beginning),
        };
        let (mut found, mut looked_at) = (Vec::new(), 0_usize);
        // One more than the page holds, to know whether there is a next one.
        while let Some(here) = place.take_if(|_| found.len() <= enough && looked_at < CHART_CANDIDATES) {
            let page = self.entries(&here, limit.saturating_add(1).min(ENTRIES)).await?;
            looked_at = looked_at.saturating_add(page.items.len());
            found.extend(self.open(here.source, &page.items).await?);
            place = match page.next {
                after @ Some(_) => Some(Place { source: here.source, after }),
                None => Source::first(member, |source| source > here.source).map(beginning),
            };
        }
        if found.len() > enough {
            found.truncate(enough);
            place = found.last().map(|last| Place::behind(last, member));
        }
        Ok((found, place))
    }

    async fn entries(&self, place: &Place, limit: u32) -> Result<Page<ChartEntry>, Problem> {
        let (store, member) = (&self.call.system.store, &self.loaded.member);
        let (organization, after) = (member.organization_id, place.after.as_deref());
        let page = match place.source {
            Source::Owned => store.owned(organization, member.id, after, limit).await,
            Source::Shared => store.shared(organization, Grantee::Member(member.id), after, limit).await,
            Source::Team(id) => store.shared(organization, Grantee::Team(id), after, limit).await,
            Source::Copied => store.copied(organization, member.id, after, limit).await,
        };
        Ok(page?)
    }

    /// The charts of these entries that belong here and may be read.
    async fn open(&self, source: Source, entries: &[ChartEntry]) -> Result<Vec<Found>, Problem> {
        let keys: Vec<(Key<Chart>, Key<Client>)> = entries
            .iter()
            .map(|entry| (keys::chart(entry.chart_id), keys::client(entry.client_id)))
            .collect();
        let wanted = keys.iter().flat_map(|(chart, client)| [chart.any(), client.any()]);
        let items = self.call.system.store.fetch(wanted).await?;
        let mut found = Vec::with_capacity(entries.len());
        for (chart_key, client_key) in &keys {
            let Some(chart) = items.get(chart_key)? else { continue };
            let is_here = Source::of(&chart, &self.loaded.member, self.call.now) == Some(source);
            if !is_here || !self.call.may(self.loaded, Action::ReadChart, Resource::Chart(&chart))? {
                continue;
            }
            let client =
                items.get(client_key)?.ok_or_else(|| Problem::internal("a chart without its client"))?;
            found.push(Found { source, chart, client });
        }
        Ok(found)
    }

    fn views(
        &self,
        found: &[Found],
        directory: &DirectoryKey,
        permit: &Permit,
    ) -> Result<Vec<MyChart>, Problem> {
        let view = |one: &Found| {
            let chart = ChartView::new(&one.chart, &self.loaded.member, self.call.now);
            Ok(MyChart { chart, client: ClientCard::new(&one.client, directory, permit)? })
        };
        found.iter().map(view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ClientId, MemberId, OrganizationId, Sealed, WrappedKey,
        client::ClientStatus,
        member::Role,
        sharing::{AccessType, Grant},
        text::Line,
    };
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn team(id: u128) -> TeamId {
        TeamId::new(Uuid::from_u128(id))
    }

    fn ben() -> Member {
        let member = Member::invite(
            MemberId::new(Uuid::from_u128(2)),
            OrganizationId::new(Uuid::nil()),
            Line::new("Dr Ben").unwrap(),
            "ben@north.example".to_owned().try_into().unwrap(),
            BTreeSet::from([Role::Practitioner]),
            NOW,
        );
        member.join(team(8)).unwrap().join(team(7)).unwrap()
    }

    /// A chart of somebody else's, shared with these.
    fn chart(grantees: &[Grantee]) -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(11)),
            organization_id: OrganizationId::new(Uuid::nil()),
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: NOW,
            revision: 1,
        };
        let owner = MemberId::new(Uuid::from_u128(1));
        let chart = Chart::open(ChartId::new(Uuid::from_u128(10)), &client, owner, NOW);
        grantees.iter().fold(chart, |chart, grantee| {
            let grant = Grant {
                grantee: *grantee,
                access: AccessType::ReadOnly,
                granted_by: owner,
                granted_at: NOW,
                expires_at: None,
                consent_id: None,
            };
            chart.share(grant, NOW).unwrap()
        })
    }

    #[test]
    fn a_chart_is_listed_once_however_many_ways_it_is_shared() {
        let (ben, own) = (ben(), Grantee::Member(ben().id));
        let (seven, eight) = (Grantee::Team(team(7)), Grantee::Team(team(8)));
        let listed = |grantees: &[Grantee]| Source::of(&chart(grantees), &ben, NOW);
        assert_eq!(listed(&[eight, seven, own]), Some(Source::Shared));
        assert_eq!(listed(&[eight, seven]), Some(Source::Team(team(7))));
        assert_eq!(listed(&[Grantee::Team(team(9))]), None);
        let own = Chart { owner: ben.id, ..chart(&[seven]) };
        assert_eq!(Source::of(&own, &ben, NOW), Some(Source::Owned));
    }

    #[test]
    fn a_place_reads_back_and_a_made_up_one_is_refused() {
        for source in [Source::Owned, Source::Shared, Source::Team(team(7)), Source::Copied] {
            for after in [None, Some("SHARED#0199a000-0000-7000-8000-000000000004".to_owned())] {
                let place = Place { source, after };
                assert_eq!(Place::read(&place.text()).unwrap(), place);
            }
        }
        for wrong in ["", "owned", "OWNED/", "everything/", "0199a000/SHARED#"] {
            assert_eq!(Place::read(wrong).unwrap_err().code(), "invalid_cursor", "{wrong}");
        }
    }

    /// Who has left a team between two pages goes on with the next one.
    #[test]
    fn sources_come_in_their_order() {
        let ben = ben();
        let from = |wanted| Source::first(&ben, move |source| source >= wanted);
        assert_eq!(from(Source::Owned), Some(Source::Owned));
        assert_eq!(from(Source::Team(team(5))), Some(Source::Team(team(7))));
        assert_eq!(from(Source::Team(team(9))), Some(Source::Copied));
        assert_eq!(Source::first(&ben, |source| source > Source::Copied), None);
        assert_eq!(Source::first(&ben, |source| source > Source::Shared), Some(Source::Team(team(7))));
    }
}
