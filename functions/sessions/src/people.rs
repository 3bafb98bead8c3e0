//! Participants: made from a facilitator's own chart, and kept as their client is known.

use crate::rows;
use api::{Call, Loaded, Problem};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, MemberId, ParticipantId,
    chart::Chart,
    client::Client,
    facilitation::{Entrant, FacilitatedSession, History, Participant, Person},
    limits::PAGE_ITEMS,
    member::{Member, Role},
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Key, keys};
use vault::{ClientKey, RecordKey};

/// A client who is to take part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParticipant {
    /// The caller's own chart of the client, which stays their own.
    pub chart_id: ChartId,
    /// Who is contacted and counter-signs; the caller, if not said otherwise.
    #[serde(default)]
    pub facilitator_id: Option<MemberId>,
    /// What the caller attests went before, beside what sessions here show; the rules say where something stands on
    /// it. Nothing, if not said otherwise.
    #[serde(default)]
    pub history: History,
}

/// Something else than the operation's own thing has to be permitted, too.
pub(crate) fn must_also(
    call: &Call,
    loaded: &Loaded,
    action: Action,
    resource: Resource<'_>,
) -> Result<(), Problem> {
    call.system.authorizer.permit(&loaded.member, action, resource, call.now)?;
    Ok(())
}

/// Makes participants of the clients of the caller's charts, which were loaded.
pub(crate) async fn join(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    wanted: Vec<NewParticipant>,
) -> Result<Vec<Participant>, Problem> {
    let mut charts: Vec<(NewParticipant, Chart)> = Vec::new();
    for new in wanted {
        let chart = loaded.require(&keys::chart(new.chart_id))?;
        must_also(call, loaded, Action::AddParticipant, Resource::Chart(&chart))?;
        chart.must_be_open()?;
        charts.push((new, chart));
    }
    let clients: Vec<Key<Client>> = charts.iter().map(|(_, chart)| keys::client(chart.client_id)).collect();
    let found = call.system.store.fetch(clients.iter().map(Key::any)).await?;
    let mut joined = Vec::new();
    for ((new, chart), key) in charts.into_iter().zip(&clients) {
        let client = found.get(key)?.ok_or_else(|| Problem::internal("a chart without its client"))?;
        joined.push(participant(call, loaded, permit, new, &chart, &client).await?);
    }
    Ok(joined)
}

async fn participant(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    new: NewParticipant,
    chart: &Chart,
    client: &Client,
) -> Result<Participant, Problem> {
    let (vault, id) = (&call.system.vault, call.new_id::<ParticipantId>());
    let client_key = vault.client_key(client.organization_id, client.id, &client.key).await?;
    let (key, wrapped) = client_key.new_record_key(vault, &id)?;
    let person = person(client, &client_key, permit)?;
    Ok(Entrant {
        id,
        client_id: client.id,
        chart_id: chart.id,
        facilitator: new.facilitator_id.unwrap_or(loaded.member.id),
        client_key: client.key.clone(),
        key: wrapped,
        person: key.seal(vault, "session/person", &id, &person)?,
        history: new.history,
    }
    .join(call.now))
}

/// What the session needs to know of a client.
fn person(client: &Client, key: &ClientKey, permit: &Permit) -> Result<Person, Problem> {
    let known = key.open(permit, "client/demographics", &client.id, &client.demographics)?;
    Ok(Person { name: known.full_name, birth_date: known.birth_date })
}

/// Who takes part, opened.
pub(crate) fn persons(
    session: &FacilitatedSession,
    keys: &BTreeMap<ParticipantId, RecordKey>,
    permit: &Permit,
) -> Result<BTreeMap<ParticipantId, Person>, Problem> {
    let mut persons = BTreeMap::new();
    for participant in session.present() {
        let Some(key) = keys.get(&participant.id) else { continue };
        let person = key.open(permit, "session/person", &participant.id, &participant.person)?;
        persons.insert(participant.id, person);
    }
    Ok(persons)
}

/// The session with what earlier ones, which its facilitators held, show of each client (O-08, O-09). What was corrected
/// since it was administered stands on what was known then.
pub(crate) async fn remembered(
    call: &Call,
    mut session: FacilitatedSession,
) -> Result<FacilitatedSession, Problem> {
    let before = session.clone();
    for participant in session.participants.iter_mut().filter(|one| one.is_present() && !is_corrected(one)) {
        let page = call.system.store.facilitations_of_client(participant.client_id, None, PAGE_ITEMS).await?;
        let others = rows::sessions(call, &page.items).await?;
        participant.known = participant.known_from(&before, &others);
        // Of who has more sessions than these, nobody can tell which was the first.
        if page.next.is_some() {
            participant.known.first_at.clear();
        }
    }
    Ok(session)
}

fn is_corrected(participant: &Participant) -> bool {
    participant.administration.as_ref().is_some_and(|given| given.entries > 1)
}

/// The session with everybody as their client is known now: a birth date may have become known, or been corrected, and
/// another session been held.
pub(crate) async fn refreshed(
    call: &Call,
    permit: &Permit,
    session: FacilitatedSession,
    keys: &BTreeMap<ParticipantId, RecordKey>,
) -> Result<FacilitatedSession, Problem> {
    let is_checked = session.center.as_ref().is_some_and(|center| center.oregon);
    let mut session = if is_checked { remembered(call, session).await? } else { session };
    let vault = &call.system.vault;
    let clients: Vec<Key<Client>> = session.present().map(|one| keys::client(one.client_id)).collect();
    let found = call.system.store.fetch(clients.iter().map(Key::any)).await?;
    let before = persons(&session, keys, permit)?;
    for participant in session.participants.iter_mut().filter(|one| one.is_present()) {
        let client = found.get(&keys::client(participant.client_id))?;
        let (Some(client), Some(key)) = (client, keys.get(&participant.id)) else { continue };
        let client_key = vault.client_key(client.organization_id, client.id, &client.key).await?;
        let now = person(&client, &client_key, permit)?;
        if before.get(&participant.id) != Some(&now) {
            participant.person = key.seal(vault, "session/person", &participant.id, &now)?;
        }
    }
    Ok(session)
}

/// Whoever facilitates is a practitioner of the organization.
pub(crate) fn must_be_practitioners(loaded: &Loaded, people: &BTreeSet<MemberId>) -> Result<(), Problem> {
    let may_hold = |member: &Member| member.is_active() && member.roles.contains(&Role::Practitioner);
    for id in people {
        let member = loaded.get(&keys::member(loaded.organization.id, *id))?;
        if !member.as_ref().is_some_and(may_hold) {
            let detail = "a facilitator is an active practitioner of this organization";
            return Err(Problem::unprocessable("invalid_facilitators", detail));
        }
    }
    Ok(())
}
