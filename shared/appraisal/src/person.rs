//! What is known of the person a chart is about: all clients who are held to be them, and all of their charts (R021,
//! R153).

use crate::{
    Asking,
    gathered::{Days, earlier, records, with_days},
};
use api::Problem;
use domain::{
    ChartId, ClientId, FacilitationId,
    chart::Chart,
    client::{Client, Demographics},
    facilitation::FacilitatedSession,
    retention::{ClientFacts, RecordFacts, RetentionFacts},
};
use futures_util::future::try_join_all;
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeSet;
use store::{Key, keys};

/// One client, as far as it matters.
struct Known {
    client: Client,
    entered: Option<RetentionFacts>,
    charts: Vec<Chart>,
    /// The clients who were merged into them.
    merged: Vec<ClientId>,
    /// When they were seen last in a facilitated session.
    seen_at: Option<Timestamp>,
}

impl Asking<'_> {
    /// What is known of the person without the records of the chart itself.
    pub(crate) async fn person(&self, chart: &Chart) -> Result<ClientFacts, Problem> {
        let store = &self.system.store;
        let known = self.known(chart.client_id).await?;
        let known = known.ok_or_else(|| Problem::internal("a chart without its client"))?;
        let others = self.others(&known).await?;
        let all: Vec<Known> = [known].into_iter().chain(others).collect();
        let mut person = ClientFacts::default();
        for one in &all {
            person = self.with(person, one).await?;
        }
        let elsewhere = all.iter().flat_map(|known| &known.charts).filter(|other| other.id != chart.id);
        let elsewhere: Vec<ChartId> = elsewhere.map(|other| other.id).collect();
        let elsewhere = try_join_all(elsewhere.into_iter().map(|id| records(store, id))).await?;
        let (retention, zone) = (&self.organization.retention, self.organization.policy.time_zone.zone());
        Ok(elsewhere.iter().flatten().fold(person, |person, record| {
            with_days(person, Days::of(record, &RecordFacts::of(record, retention, &zone)))
        }))
    }

    async fn known(&self, id: ClientId) -> Result<Option<Known>, Problem> {
        let store = &self.system.store;
        let (key, facts_key) = (keys::client(id), keys::retention_facts(id));
        let (items, charts, ties) =
            tokio::try_join!(store.fetch([key.any(), facts_key.any()]), store.charts(id), store.ties(id))?;
        let client: Option<Client> = items.get(&key)?;
        let entered = items.get(&facts_key)?;
        let client = client.filter(|client| client.organization_id == self.organization.id);
        let Some(client) = client else { return Ok(None) };
        let seen_at = self.seen_at(id, &ties.sessions).await?;
        Ok(Some(Known { client, entered, charts, merged: ties.merged, seen_at }))
    }

    /// When a client was seen last in one of these sessions. Where there are none, nothing is read.
    async fn seen_at(
        &self,
        client: ClientId,
        sessions: &[FacilitationId],
    ) -> Result<Option<Timestamp>, Problem> {
        if sessions.is_empty() {
            return Ok(None);
        }
        let wanted: Vec<Key<FacilitatedSession>> =
            sessions.iter().map(|id| keys::facilitation(*id)).collect();
        let found = self.system.store.fetch_all(wanted.iter().map(Key::any)).await?;
        let mut seen_at = None;
        for key in &wanted {
            let session: Option<FacilitatedSession> = found.get(key)?;
            seen_at = seen_at.max(session.and_then(|session| session.last_seen_at(client)));
        }
        Ok(seen_at)
    }

    /// The other clients who are held to be the same person.
    async fn others(&self, known: &Known) -> Result<Vec<Known>, Problem> {
        let client = &known.client;
        let mut ids: BTreeSet<ClientId> = known.merged.iter().copied().collect();
        if let Some(survivor) = client.merged_into {
            let siblings = self.system.store.merged(survivor).await?;
            ids.extend(siblings.into_iter().map(|claim| claim.client_id).chain([survivor]));
        }
        ids.remove(&client.id);
        let found = try_join_all(ids.into_iter().map(|id| self.known(id))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What is known, with what one client adds. Where two say different things, the longer counts: the later birth, the
    /// later death.
    async fn with(&self, person: ClientFacts, known: &Known) -> Result<ClientFacts, Problem> {
        let client = &known.client;
        let key = self.system.vault.client_key(client.organization_id, client.id, &client.key).await?;
        let demographics: Demographics =
            key.open(self.permit, "client/demographics", &client.id, &client.demographics)?;
        let contacts = known.charts.iter().map(|chart| chart.opened_at).chain([client.created_at]);
        let first_contact_on =
            contacts.fold(person.first_contact_on, |first, at| earlier(first, self.day(at)));
        let person = ClientFacts {
            birth_date: person.birth_date.max(demographics.birth_date),
            death_date: person.death_date.max(demographics.death_date),
            first_contact_on,
            last_encounter_on: person.last_encounter_on.max(known.seen_at.map(|at| self.day(at))),
            ..person
        };
        Ok(match &known.entered {
            Some(entered) => person.entered(entered),
            None => person,
        })
    }

    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.organization.policy.time_zone.zone()).date()
    }
}
