//! The legal holds that stand, and the guard by which a transaction knows that no other one was placed meanwhile
//! (R156).
//!
//! A hold that names a client covers the records of everybody who is held to be the same person, whenever that was found
//! out: clients that are merged keep their charts (R021).

use crate::{Change, Store, StoreError, keys};
use domain::{
    ClientId, HoldId, OrganizationId, SpaceId,
    client::Client,
    hold::{Hold, HoldGuard, HoldSubject},
    limits::PAGE_ITEMS,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};

/// Persons that are looked for at the same time.
const PERSONS_AT_ONCE: usize = 8;

/// As whom else the clients that holds name are known: by each client of such a person, those of them that are named.
#[derive(Clone, Debug)]
pub struct Persons(BTreeMap<ClientId, BTreeSet<ClientId>>);

impl Persons {
    /// A client, and whoever is named and held to be the same person.
    pub fn clients(&self, client: ClientId) -> impl Iterator<Item = ClientId> {
        let named = self.0.get(&client).into_iter().flatten().copied();
        std::iter::once(client).chain(named)
    }

    /// What a hold is asked about, as of each of these clients.
    pub fn subjects(&self, subject: HoldSubject) -> impl Iterator<Item = HoldSubject> {
        self.clients(subject.client_id).map(move |client_id| HoldSubject { client_id, ..subject })
    }
}

/// All holds of an organization that stand, as of one revision of their guard.
#[derive(Clone, Debug)]
pub struct StandingHolds {
    organization_id: OrganizationId,
    /// `None` while none was ever placed.
    revision: Option<u64>,
    pub holds: Vec<Hold>,
    persons: Persons,
}

impl StandingHolds {
    /// The holds that keep a record from being destroyed.
    pub fn covering(&self, subject: &HoldSubject) -> Vec<HoldId> {
        let holds = |hold: &&Hold| self.persons.subjects(*subject).any(|subject| hold.holds(&subject));
        self.holds.iter().filter(holds).map(|hold| hold.id).collect()
    }

    /// The holds that keep what is in a collaborative space.
    pub fn covering_space(&self, space: SpaceId) -> Vec<HoldId> {
        self.holds.iter().filter(|hold| hold.holds_space(space)).map(|hold| hold.id).collect()
    }

    /// The revision of the guard they were read at; 0 if none was ever placed.
    pub fn revision(&self) -> u64 {
        self.revision.unwrap_or_default()
    }
}

impl Store {
    /// Every hold that stands. The guard is read first: a hold placed while they are read, or later, changes it.
    pub async fn standing_holds(&self, organization_id: OrganizationId) -> Result<StandingHolds, StoreError> {
        let key = keys::hold_guard(organization_id);
        let guard = self.fetch([key.any()]).await?.get(&key)?;
        let (mut holds, mut after) = (Vec::new(), None);
        loop {
            let page = self.holds(organization_id, after.as_deref(), PAGE_ITEMS).await?;
            holds.extend(page.items.into_iter().filter(Hold::stands));
            after = page.next;
            if after.is_none() {
                let revision = guard.map(|guard| guard.revision);
                let named: BTreeSet<ClientId> =
                    holds.iter().flat_map(|hold| hold.scope.named_clients()).collect();
                let persons = self.persons(&named).await?;
                return Ok(StandingHolds { organization_id, revision, holds, persons });
            }
        }
    }

    /// As whom else these clients are known.
    pub async fn persons(&self, named: &BTreeSet<ClientId>) -> Result<Persons, StoreError> {
        let found = self.fetch_all(named.iter().map(|id| keys::client(*id).any())).await?;
        let mut survivors: BTreeMap<ClientId, BTreeSet<ClientId>> = BTreeMap::new();
        for id in named {
            let client: Option<Client> = found.get(&keys::client(*id))?;
            let survivor = client.and_then(|client| client.merged_into).unwrap_or(*id);
            survivors.entry(survivor).or_default().insert(*id);
        }
        let reads = survivors.keys().copied().map(|survivor| self.person(survivor));
        let known: Vec<(ClientId, Vec<ClientId>)> =
            stream::iter(reads).buffer_unordered(PERSONS_AT_ONCE).try_collect().await?;
        let mut persons = BTreeMap::new();
        for (survivor, clients) in known {
            let named = survivors.remove(&survivor).unwrap_or_default();
            persons.extend(clients.into_iter().map(|client| (client, named.clone())));
        }
        Ok(Persons(persons))
    }

    /// All clients of one person, whom one of them stands for.
    async fn person(&self, survivor: ClientId) -> Result<(ClientId, Vec<ClientId>), StoreError> {
        let merged = self.merged(survivor).await?.into_iter().map(|claim| claim.client_id);
        Ok((survivor, merged.chain([survivor]).collect()))
    }
}

impl Change {
    /// Raises the guard: a hold is placed or released.
    #[must_use]
    pub fn holds_change(self, standing: &StandingHolds) -> Self {
        let key = keys::hold_guard(standing.organization_id);
        match standing.revision {
            Some(revision) => self.replace("holds", &key, &HoldGuard { revision }),
            None => self.insert("holds", &key, &HoldGuard { revision: 1 }),
        }
    }

    /// Refuses the change if a hold was placed or released since these were read.
    #[must_use]
    pub fn unless_holds_changed(self, standing: &StandingHolds) -> Self {
        self.check("holds", &keys::hold_guard(standing.organization_id), standing.revision)
    }
}
