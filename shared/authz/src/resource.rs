//! What an action is asked on, and how Cedar sees it.

use crate::decide::{PolicyError, set, uid};
use cedar_policy::{Entity, EntityUid, RestrictedExpression};
use domain::{
    ChartId, ClientId, EscrowId, FacilitationId, OrganizationId, RecordId, SpaceId,
    chart::Chart,
    client::Client,
    confidentiality::Compartment,
    facilitation::{FacilitatedSession, Participant},
    hold::Hold,
    member::{Member, Verb, Verbs},
    record::{Direction, Record, RecordType},
    sharing::AccessType,
    space::Space,
};
use jiff::Timestamp;
use std::collections::HashMap;

/// What an action is asked on.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    Organization(OrganizationId),
    Member(&'a Member),
    Client(&'a Client),
    Chart(&'a Chart),
    /// A record and the chart it is filed in, whose owner is the record's.
    Record(&'a Record, &'a Chart),
    /// A collaborative space with everything in it: nothing in it is decided apart (P-22).
    Space(&'a Space),
    /// A facilitated session with everybody's part in it (R105).
    Facilitation(&'a FacilitatedSession),
    /// A legal hold (R156).
    Hold(&'a Hold),
    /// One client's part in a facilitated session.
    Participation(&'a FacilitatedSession, &'a Participant),
}

impl Resource<'_> {
    /// Whether even its existence is a secret: then denied and missing look the same.
    pub const fn is_secret(&self) -> bool {
        !matches!(self, Self::Organization(_))
    }

    /// What it is, for who is in the same organization; to others even an id says something.
    pub(crate) fn about_for(&self, asking: &Member) -> About {
        let (organization, about) = match self {
            Self::Organization(_) | Self::Member(_) | Self::Hold(_) => return About::default(),
            Self::Client(client) => {
                (client.organization_id, About { client_id: Some(client.id), ..About::default() })
            }
            Self::Chart(chart) => (chart.organization_id, About::chart(chart)),
            Self::Record(record, chart) => {
                (record.organization_id, About { record_id: Some(record.id), ..About::chart(chart) })
            }
            Self::Space(space) => {
                (space.organization_id, About { space_id: Some(space.id), ..About::default() })
            }
            Self::Facilitation(session) => {
                (session.organization_id, About { facilitation_id: Some(session.id), ..About::default() })
            }
            Self::Participation(session, participant) => {
                let (client_id, chart_id) = (Some(participant.client_id), Some(participant.chart_id));
                let about =
                    About { client_id, chart_id, facilitation_id: Some(session.id), ..About::default() };
                (session.organization_id, about)
            }
        };
        if organization == asking.organization_id { about } else { About::default() }
    }

    /// The organization whose content a permit on it opens beside the member's own: a session's, to its center.
    pub(crate) const fn opens(&self) -> Option<OrganizationId> {
        match self {
            Self::Facilitation(session) => Some(session.organization_id),
            _ => None,
        }
    }

    /// The escrow that opens it to a member at a moment.
    pub(crate) fn escrow_for(&self, asking: &Member, now: Timestamp) -> Option<EscrowId> {
        match self {
            Self::Chart(chart) | Self::Record(_, chart) => chart.escrow_for(asking.id, now),
            _ => None,
        }
    }

    pub(crate) fn uid(&self) -> Result<EntityUid, PolicyError> {
        match self {
            Self::Organization(id) => uid("Organization", id),
            Self::Member(member) => uid("Member", &member.id),
            Self::Client(client) => uid("Client", &client.id),
            Self::Chart(chart) => uid("Chart", &chart.id),
            Self::Record(record, _) => uid("Record", &record.id),
            Self::Space(space) => uid("Space", &space.id),
            Self::Facilitation(session) => uid("Facilitation", &session.id),
            Self::Hold(hold) => uid("Hold", &hold.id),
            Self::Participation(_, participant) => uid("Participation", &participant.id),
        }
    }

    /// The entity, as the member who asks sees it.
    pub(crate) fn entity(&self, asking: &Member, now: Timestamp) -> Result<Entity, PolicyError> {
        let attributes = match self {
            Self::Organization(id) => HashMap::from([organization(*id)?]),
            Self::Member(member) => member_attributes(member, now)?,
            Self::Client(client) => HashMap::from([organization(client.organization_id)?]),
            Self::Chart(chart) => chart_attributes(chart, asking, now)?,
            Self::Record(record, chart) => record_attributes(record, chart, asking, now)?,
            Self::Space(space) => HashMap::from([
                organization(space.organization_id)?,
                flag("joined", space.has_member(asking.id)),
            ]),
            Self::Hold(hold) => HashMap::from([
                organization(hold.organization_id)?,
                flag("custodian", hold.custodians.contains_key(&asking.id)),
            ]),
            Self::Facilitation(session) => facilitation_attributes(session, asking)?,
            Self::Participation(session, participant) => HashMap::from([
                organization(session.organization_id)?,
                flag("facilitates", session.is_facilitated_by(asking)),
                reference("client", "Client", &participant.client_id)?,
            ]),
        };
        Entity::new(self.uid()?, attributes, Default::default())
            .map_err(|error| PolicyError(error.to_string()))
    }
}

/// Whose and which thing was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub client_id: Option<ClientId>,
    pub chart_id: Option<ChartId>,
    pub record_id: Option<RecordId>,
    pub space_id: Option<SpaceId>,
    pub facilitation_id: Option<FacilitationId>,
}

impl About {
    const fn chart(chart: &Chart) -> Self {
        Self {
            client_id: Some(chart.client_id),
            chart_id: Some(chart.id),
            record_id: None,
            space_id: None,
            facilitation_id: None,
        }
    }
}

type Attribute = (String, RestrictedExpression);

fn reference(name: &str, entity: &str, id: &impl ToString) -> Result<Attribute, PolicyError> {
    Ok((name.to_owned(), RestrictedExpression::new_entity_uid(uid(entity, id)?)))
}

fn organization(id: OrganizationId) -> Result<Attribute, PolicyError> {
    reference("organization", "Organization", &id)
}

/// How a chart is held, for the member who asks: the same of the chart and of each of its records.
fn held(
    chart: &Chart,
    asking: &Member,
    now: Timestamp,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let shared = chart.shared_with(asking, now);
    Ok(HashMap::from([
        organization(chart.organization_id)?,
        reference("owner", "Member", &chart.owner)?,
        reference("client", "Client", &chart.client_id)?,
        ("shared".into(), set(shared.into_iter().map(AccessType::name))),
        flag("suspended", chart.is_suspended()),
        flag("escrowed", chart.escrow_for(asking.id, now).is_some()),
    ]))
}

fn chart_attributes(
    chart: &Chart,
    asking: &Member,
    now: Timestamp,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let mut attributes = held(chart, asking, now)?;
    attributes.extend([
        flag("offered", chart.offer.as_ref().is_some_and(|offer| offer.to == asking.id)),
        flag("copied", chart.copy_until(asking.id).is_some()),
        flag("confidential", chart.confidential),
        flag("offered_by_them", chart.offer.as_ref().is_some_and(|offer| offer.by == asking.id)),
    ]);
    Ok(attributes)
}

fn record_attributes(
    record: &Record,
    chart: &Chart,
    asking: &Member,
    now: Timestamp,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let mut attributes = held(chart, asking, now)?;
    let copied = record.is_in_copy(chart, asking.id);
    let text = |name: &str, value: &str| (name.to_owned(), RestrictedExpression::new_string(value.into()));
    attributes.extend([
        organization(record.organization_id)?,
        reference("author", "Member", &record.author)?,
        text("kind", record.record_type().name()),
        text("compartment", record.guard.compartment.name()),
        flag("draft", record.is_draft()),
        flag("inherited", record.is_inherited(chart)),
        flag("residue", record.is_residue(chart)),
        flag("copied", copied),
        flag("for_client", speaks_to_client(record, chart) && asking.sees_in_place(record)),
        ("verbs".into(), set(left_to(record, chart, asking, copied, now).into_iter().map(Verb::name))),
    ]);
    Ok(attributes)
}

/// The verbs that a record leaves to the member who asks. It is not kept from whoever has the chart whole: one record
/// hidden in it would make a share, a transfer or a copy of less than was given (X-1, P-41, P-45).
fn left_to(record: &Record, chart: &Chart, asking: &Member, copied: bool, now: Timestamp) -> Verbs {
    let mut verbs = record.limits.verbs(asking.id);
    let shared = !chart.is_suspended() && !chart.shared_with(asking, now).is_empty();
    if chart.owner == asking.id || shared || copied {
        verbs.insert(Verb::Access);
    }
    verbs
}

/// Whether a record is for its client to read: written for them, signed by everybody who must, and not kept from them.
fn speaks_to_client(record: &Record, chart: &Chart) -> bool {
    record.direction == Direction::ForClient
        && record.voided.is_none()
        && !record.is_draft()
        && record.cosignature_is_complete()
        && record.guard.compartment == Compartment::Chart
        && !record.is_residue(chart)
}

fn facilitation_attributes(
    session: &FacilitatedSession,
    asking: &Member,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let mut attributes = HashMap::from([
        organization(session.organization_id)?,
        flag("facilitates", session.is_facilitated_by(asking)),
    ]);
    if let Some(center) = session.center_id() {
        attributes.extend([reference("center", "Organization", &center)?]);
    }
    Ok(attributes)
}

fn flag(name: &str, value: bool) -> Attribute {
    (name.to_owned(), RestrictedExpression::new_bool(value))
}

pub(crate) fn member_attributes(
    member: &Member,
    now: Timestamp,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let allowed = |verb| {
        let types = RecordType::ALL.into_iter().filter(move |kind| member.allowed().allows(*kind, verb));
        set(types.map(RecordType::name))
    };
    let mut attributes = HashMap::from([
        organization(member.organization_id)?,
        ("active".to_owned(), RestrictedExpression::new_bool(member.is_active())),
        ("roles".to_owned(), set(member.roles.iter().map(|role| role.name()))),
    ]);
    attributes.extend(Verb::ALL.map(|verb| (verb.name().to_owned(), allowed(verb))));
    attributes.extend([
        clients("represents", member.stands_for(now))?,
        clients("answers_for", member.answers_for(now))?,
    ]);
    Ok(attributes)
}

fn clients(name: &str, clients: impl Iterator<Item = ClientId>) -> Result<Attribute, PolicyError> {
    let uids: Result<Vec<_>, PolicyError> =
        clients.map(|client| uid("Client", &client).map(RestrictedExpression::new_entity_uid)).collect();
    Ok((name.to_owned(), RestrictedExpression::new_set(uids?)))
}
