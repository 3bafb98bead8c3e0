//! A session in hand: what every operation on one loads, what evidence says of it, and the keys of its participants.

use api::{Call, Fact, Loaded, Problem};
use authz::{Permit, Resource};
use domain::{
    ParticipantId,
    chart::Chart,
    facilitation::{FacilitatedSession, Participant},
};
use evidence::Evidence;
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use store::{AnyKey, Change, Key, keys};
use vault::RecordKey;

/// A session with the permit for this call on it.
pub(crate) struct Held {
    pub(crate) session: FacilitatedSession,
    pub(crate) permit: Permit,
}

impl Held {
    /// The session of the path, for whom it is permitted, with whatever else a decision needs.
    pub(crate) async fn load(
        call: &Call,
        more: impl IntoIterator<Item = AnyKey>,
    ) -> Result<(Loaded, Self), Problem> {
        let key = keys::facilitation(call.path("facilitation_id")?);
        let loaded = call.load(more.into_iter().chain([key.any()])).await?;
        let session = loaded.require(&key)?;
        let permit = call.permit(&loaded, Resource::Facilitation(&session))?;
        Ok((loaded, Self { session, permit }))
    }

    /// The same, when the caller decided on what it is now (R055).
    pub(crate) async fn load_current(
        call: &Call,
        expected_revision: u64,
        more: impl IntoIterator<Item = AnyKey>,
    ) -> Result<(Loaded, Self), Problem> {
        let (loaded, held) = Self::load(call, more).await?;
        Problem::unless_current(held.session.revision, expected_revision)?;
        Ok((loaded, held))
    }

    /// The session as it will be once the change is committed.
    pub(crate) fn with(self, session: FacilitatedSession) -> Self {
        Self { session, ..self }
    }

    /// Whether the caller reads it as its center, and not as one of its facilitators.
    pub(crate) fn is_seen_by_center(&self, loaded: &Loaded) -> bool {
        !self.session.is_facilitated_by(&loaded.member)
    }
}

/// The key of a session, to be replaced.
pub(crate) fn key(session: &FacilitatedSession) -> Key<FacilitatedSession> {
    keys::facilitation(session.id)
}

/// Writes the next revision of a session.
pub(crate) fn replaced(session: &FacilitatedSession) -> Change {
    Change::new().replace("session", &key(session), session)
}

/// What evidence says of an act on the session: whose it is, if it is one client's.
pub(crate) fn fact(session: &FacilitatedSession) -> Fact {
    let mut present = session.present();
    match (present.next(), present.next()) {
        (Some(only), None) => fact_of(session, only),
        _ => Fact::new().facilitation(session.id),
    }
}

/// What evidence says of an act on a participant's part.
pub(crate) fn fact_of(session: &FacilitatedSession, participant: &Participant) -> Fact {
    Fact::new()
        .facilitation(session.id)
        .participant(participant.id)
        .client(participant.client_id)
        .chart(participant.chart_id)
}

/// Leaves evidence that the session was read, in the trail of each client whose part was read (R131). A center's
/// reading stands in both organizations: there who has read, here what was read of whom (R105).
pub(crate) async fn witness<'a>(
    call: &Call,
    held: &Held,
    parts: impl Iterator<Item = &'a Participant>,
) -> Result<(), Problem> {
    let session = &held.session;
    let mut facts: Vec<Fact> = parts.map(|participant| fact_of(session, participant)).collect();
    if facts.is_empty() {
        facts.push(fact(session));
    }
    let evidence: Vec<Evidence> = match held.permit.guest_of() {
        None => facts.into_iter().map(|fact| call.evidence(&held.permit, fact)).collect(),
        Some(_) => facts
            .into_iter()
            .map(|fact| elsewhere(call, held, fact))
            .chain([call.evidence(&held.permit, Fact::new().facilitation(session.id))])
            .collect(),
    };
    try_join_all(evidence.iter().map(|one| call.system.store.witness(one))).await?;
    Ok(())
}

/// What a guest did, as evidence of the organization the session belongs to.
pub(crate) fn elsewhere(call: &Call, held: &Held, fact: Fact) -> Evidence {
    let fact = fact.detail("center", held.permit.organization_id());
    Evidence { organization_id: held.session.organization_id, ..call.evidence(&held.permit, fact) }
}

/// Evidence of another organization than the caller's, in the same transaction as the change.
pub(crate) fn beside(change: Change, evidence: &Evidence) -> Change {
    let key = keys::evidence(evidence.organization_id, evidence.at, evidence.id);
    change.insert("evidence beside", &key, evidence)
}

/// Has a participant's chart looked at at once if records of it stand on the worklist: who was just seen is kept longer
/// (R153).
pub(crate) async fn seen(
    call: &Call,
    loaded: &Loaded,
    participant: &Participant,
    change: Change,
) -> Result<Change, Problem> {
    let key = keys::chart(participant.chart_id);
    let chart: Option<Chart> = call.system.store.fetch([key.any()]).await?.get(&key)?;
    let own = chart.filter(|chart| chart.organization_id == loaded.organization.id);
    Ok(match own.and_then(|chart| chart.stirred(&loaded.organization, call.now)) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    })
}

/// The key of a participant's part; no call to KMS when the client's key is warm.
pub(crate) async fn key_of(
    call: &Call,
    session: &FacilitatedSession,
    participant: &Participant,
) -> Result<RecordKey, Problem> {
    let vault = &call.system.vault;
    let client =
        vault.client_key(session.organization_id, participant.client_id, &participant.client_key).await?;
    Ok(client.record_key(&participant.id, &participant.key)?)
}

/// The keys of everybody who takes part.
pub(crate) async fn keys_of(
    call: &Call,
    session: &FacilitatedSession,
) -> Result<BTreeMap<ParticipantId, RecordKey>, Problem> {
    let each = session.present().map(async |participant| {
        Ok::<_, Problem>((participant.id, key_of(call, session, participant).await?))
    });
    Ok(try_join_all(each).await?.into_iter().collect())
}
