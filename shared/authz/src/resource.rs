//! What an action is asked on, and how Cedar sees it.

use crate::decide::{PolicyError, set, uid};
use cedar_policy::{Entity, EntityUid, RestrictedExpression};
use domain::{
    ChartId, ClientId, OrganizationId, RecordId,
    chart::Chart,
    client::Client,
    member::{Member, Verb},
    record::{Record, RecordType},
};
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
}

impl Resource<'_> {
    /// Whether even its existence is a secret: then denied and missing look the same.
    pub const fn is_secret(&self) -> bool {
        !matches!(self, Self::Organization(_))
    }

    /// What it is, for who is in the same organization; to others even an id says something.
    pub(crate) fn about_for(&self, asking: &Member) -> About {
        let (organization, about) = match self {
            Self::Organization(_) | Self::Member(_) => return About::default(),
            Self::Client(client) => {
                (client.organization_id, About { client_id: Some(client.id), ..About::default() })
            }
            Self::Chart(chart) => (chart.organization_id, About::chart(chart)),
            Self::Record(record, chart) => {
                (record.organization_id, About { record_id: Some(record.id), ..About::chart(chart) })
            }
        };
        if organization == asking.organization_id { about } else { About::default() }
    }

    pub(crate) fn uid(&self) -> Result<EntityUid, PolicyError> {
        match self {
            Self::Organization(id) => uid("Organization", id),
            Self::Member(member) => uid("Member", &member.id),
            Self::Client(client) => uid("Client", &client.id),
            Self::Chart(chart) => uid("Chart", &chart.id),
            Self::Record(record, _) => uid("Record", &record.id),
        }
    }

    /// The entity, as the member who asks sees it.
    pub(crate) fn entity(&self, asking: &Member) -> Result<Entity, PolicyError> {
        let attributes = match self {
            Self::Organization(id) => HashMap::from([organization(*id)?]),
            Self::Member(member) => member_attributes(member)?,
            Self::Client(client) => HashMap::from([organization(client.organization_id)?]),
            Self::Chart(chart) => HashMap::from([
                organization(chart.organization_id)?,
                reference("owner", "Member", &chart.owner)?,
            ]),
            Self::Record(record, chart) => HashMap::from([
                organization(record.organization_id)?,
                reference("owner", "Member", &chart.owner)?,
                reference("author", "Member", &record.author)?,
                ("kind".into(), RestrictedExpression::new_string(record.record_type().name().into())),
                ("draft".into(), RestrictedExpression::new_bool(record.is_draft())),
                ("verbs".into(), set(record.limits.verbs(asking.id).into_iter().map(Verb::name))),
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
}

impl About {
    const fn chart(chart: &Chart) -> Self {
        Self { client_id: Some(chart.client_id), chart_id: Some(chart.id), record_id: None }
    }
}

type Attribute = (String, RestrictedExpression);

fn reference(name: &str, entity: &str, id: &impl ToString) -> Result<Attribute, PolicyError> {
    Ok((name.to_owned(), RestrictedExpression::new_entity_uid(uid(entity, id)?)))
}

fn organization(id: OrganizationId) -> Result<Attribute, PolicyError> {
    reference("organization", "Organization", &id)
}

pub(crate) fn member_attributes(
    member: &Member,
) -> Result<HashMap<String, RestrictedExpression>, PolicyError> {
    let allowed = |verb| {
        let types = RecordType::ALL.into_iter().filter(move |kind| member.permissions.allows(*kind, verb));
        set(types.map(RecordType::name))
    };
    let mut attributes = HashMap::from([
        organization(member.organization_id)?,
        ("active".to_owned(), RestrictedExpression::new_bool(member.is_active())),
        ("roles".to_owned(), set(member.roles.iter().map(|role| role.name()))),
    ]);
    attributes.extend(Verb::ALL.map(|verb| (verb.name().to_owned(), allowed(verb))));
    Ok(attributes)
}
