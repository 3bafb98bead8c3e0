//! The charts that a member has something of, with what each says of itself.

use api::{Call, Problem};
use domain::{
    ChartId, OrganizationId, TeamId,
    chart::Chart,
    limits::{PAGE_ITEMS, REACH_CHARTS},
    member::Member,
    sharing::Grantee,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{ChartEntry, Key, Page, StoreError, keys};

/// The charts of a member.
pub struct Found {
    pub owned: Vec<Chart>,
    /// With them, or with a team of theirs.
    pub shared: Vec<Chart>,
    /// Handed over, with a copy kept.
    pub copied: Vec<Chart>,
    /// The names of their teams.
    pub teams: BTreeMap<TeamId, String>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

pub async fn of_member(call: &Call, member: &Member) -> Result<Found, Problem> {
    let organization_id = member.organization_id;
    let (mut owned, mut shared, mut copied) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut more = entries(call, List::Owned(organization_id, member), &mut owned).await?;
    more |= entries(call, List::Copied(organization_id, member), &mut copied).await?;
    let holders = member.teams.iter().map(|team| Grantee::Team(*team));
    for holder in holders.chain([Grantee::Member(member.id)]) {
        more |= entries(call, List::Shared(organization_id, holder), &mut shared).await?;
    }
    Ok(Found {
        owned: charts(call, &owned).await?,
        shared: charts(call, &shared).await?,
        copied: charts(call, &copied).await?,
        teams: teams(call, member).await?,
        more,
    })
}

enum List<'a> {
    Owned(OrganizationId, &'a Member),
    Shared(OrganizationId, Grantee),
    Copied(OrganizationId, &'a Member),
}

impl List<'_> {
    async fn page(&self, call: &Call, after: Option<&str>) -> Result<Page<ChartEntry>, StoreError> {
        let store = &call.system.store;
        match self {
            Self::Owned(organization, owner) => store.owned(*organization, owner.id, after, PAGE_ITEMS).await,
            Self::Shared(organization, with) => store.shared(*organization, *with, after, PAGE_ITEMS).await,
            Self::Copied(organization, former) => {
                store.copied(*organization, former.id, after, PAGE_ITEMS).await
            }
        }
    }
}

/// Adds what a list names, and says whether it names more than is looked at.
async fn entries(call: &Call, list: List<'_>, found: &mut BTreeSet<ChartId>) -> Result<bool, Problem> {
    let mut after = None::<String>;
    loop {
        if found.len() >= REACH_CHARTS {
            return Ok(true);
        }
        let page = list.page(call, after.as_deref()).await?;
        found.extend(page.items.into_iter().map(|entry| entry.chart_id));
        if page.next.is_none() {
            return Ok(false);
        }
        after = page.next;
    }
}

async fn charts(call: &Call, ids: &BTreeSet<ChartId>) -> Result<Vec<Chart>, Problem> {
    let keys: Vec<Key<Chart>> = ids.iter().map(|id| keys::chart(*id)).collect();
    let items = call.system.store.fetch_all(keys.iter().map(Key::any)).await?;
    let mut charts = Vec::new();
    for key in &keys {
        charts.extend(items.get(key)?);
    }
    Ok(charts)
}

async fn teams(call: &Call, member: &Member) -> Result<BTreeMap<TeamId, String>, Problem> {
    let keys: Vec<_> = member.teams.iter().map(|id| keys::team(member.organization_id, *id)).collect();
    let items = call.system.store.fetch(keys.iter().map(Key::any)).await?;
    let mut names = BTreeMap::new();
    for key in &keys {
        names.extend(items.get(key)?.map(|team| (team.id, team.name.to_string())));
    }
    Ok(names)
}
