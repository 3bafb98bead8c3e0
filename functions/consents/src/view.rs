//! What people are shown of permissions, circles of care and proxies.

use api::{Call, Loaded, Names, Problem};
use domain::{
    ClientId, ConsentId, MemberId, OrganizationId, TeamId,
    consent::{Circle, CircleMember, Consent, ConsentMethod, ConsentPurpose, ConsentStatus, Giver, Said},
    member::{Member, ProxyScope, Relationship},
    organization::Organization,
    proxy::Proxy,
    sharing::{AccessType, Grantee},
    team::Team,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Items, keys};

/// A permission of a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConsentView {
    pub id: ConsentId,
    pub client_id: ClientId,
    pub purpose: ConsentPurpose,
    pub given_by: Giver,
    pub method: ConsentMethod,
    /// The day it was signed, or said.
    pub signed_on: Date,
    /// The last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// What may be shared, by whom, with whom and what for.
    pub note: String,
    /// By what right a guardian or representative gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    pub recorded_by: MemberId,
    /// If the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by_name: Option<String>,
    /// Server time, UTC.
    pub recorded_at: Timestamp,
    /// The same moment where the organization is, with its zone (RFC 9557).
    pub recorded_at_local: String,
    pub status: ConsentStatus,
    /// Set when it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<WithdrawnView>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct WithdrawnView {
    /// Who wrote it down.
    pub by: MemberId,
    pub at: Timestamp,
}

impl ConsentView {
    pub(crate) fn new(consent: &Consent, said: Said, organization: &Organization, today: Date) -> Self {
        let terms = &consent.terms;
        Self {
            id: consent.id,
            client_id: consent.client_id,
            purpose: terms.purpose,
            given_by: terms.given_by,
            method: terms.method,
            signed_on: terms.signed_on,
            expires_on: terms.expires_on,
            note: said.note.into(),
            authority: said.authority.map(String::from),
            recorded_by: consent.recorded_by,
            recorded_by_name: None,
            recorded_at: consent.recorded_at,
            recorded_at_local: api::view::local(consent.recorded_at, organization),
            status: consent.status(today),
            withdrawn: consent.withdrawn.map(|one| WithdrawnView { by: one.by, at: one.at }),
        }
    }

    pub(crate) fn named(mut self, names: &Names) -> Self {
        self.recorded_by_name = names.member(self.recorded_by).map(str::to_owned);
        self
    }
}

/// A client's circle of care.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CircleView {
    pub client_id: ClientId,
    /// Nobody, as long as none is named.
    pub members: Vec<CircleMemberView>,
    /// The permission on which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<CircleConsent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Timestamp>,
    /// To be sent back with the next change; 0 as long as none is named.
    pub revision: u64,
}

/// Somebody in a circle of care.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CircleMemberView {
    pub grantee: Grantee,
    /// The name of the member or the team, if the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub access: AccessType,
}

/// Whether a circle of care can be shared with.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct CircleConsent {
    pub id: ConsentId,
    pub status: ConsentStatus,
    /// The last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
}

impl CircleView {
    /// Nobody is named yet.
    pub(crate) const fn none(client_id: ClientId) -> Self {
        Self { client_id, members: Vec::new(), consent: None, set_by: None, set_at: None, revision: 0 }
    }

    pub(crate) fn new(circle: &Circle, consent: &Consent, names: &CircleNames, today: Date) -> Self {
        let member = |one: &CircleMember| CircleMemberView {
            grantee: one.grantee,
            name: names.of(one.grantee).map(str::to_owned),
            access: one.access,
        };
        Self {
            client_id: circle.client_id,
            members: circle.members.iter().map(member).collect(),
            consent: Some(CircleConsent {
                id: consent.id,
                status: consent.status(today),
                expires_on: consent.terms.expires_on,
            }),
            set_by: Some(circle.set_by),
            set_at: Some(circle.set_at),
            revision: circle.revision,
        }
    }
}

/// What those of a circle are called.
pub(crate) struct CircleNames {
    members: Names,
    teams: BTreeMap<TeamId, String>,
}

impl CircleNames {
    /// Looks them up; `team` gives the teams, which were read already.
    pub(crate) async fn of_circle(
        call: &Call,
        loaded: &Loaded,
        circle: &Circle,
        team: impl Fn(TeamId) -> Result<Option<Team>, Problem>,
    ) -> Result<Self, Problem> {
        let mut teams = BTreeMap::new();
        let mut members = Vec::new();
        for one in &circle.members {
            match one.grantee {
                Grantee::Member(id) => members.push(id),
                Grantee::Team(id) => teams.extend(team(id)?.map(|team| (id, team.name.into()))),
            }
        }
        Ok(Self { members: call.names(loaded, members, []).await?, teams })
    }

    fn of(&self, grantee: Grantee) -> Option<&str> {
        match grantee {
            Grantee::Member(id) => self.members.member(id),
            Grantee::Team(id) => self.teams.get(&id).map(String::as_str),
        }
    }
}

/// Somebody who stands for a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProxyView {
    pub client_id: ClientId,
    pub member_id: MemberId,
    /// If the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub relationship: Relationship,
    /// Whether they only see, or answer for the client, too.
    pub scope: ProxyScope,
    /// The permission on which it stands; none is needed for oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_id: Option<ConsentId>,
    /// The last day on which they stand for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// Whether they do today.
    pub is_live: bool,
    pub appointed_by: MemberId,
    /// Server time, UTC.
    pub appointed_at: Timestamp,
}

impl ProxyView {
    pub(crate) fn new(proxy: &Proxy, today: Date) -> Self {
        Self {
            client_id: proxy.client_id,
            member_id: proxy.member_id,
            name: None,
            relationship: proxy.relationship,
            scope: proxy.relationship.scope(proxy.scope),
            consent_id: proxy.consent_id,
            expires_on: proxy.expires_on,
            is_live: proxy.is_live(today),
            appointed_by: proxy.appointed_by,
            appointed_at: proxy.appointed_at,
        }
    }

    /// With the member's name. It is said here, where who is a client is what is asked, and in no list of members'
    /// names.
    pub(crate) fn named(mut self, member: &Member) -> Self {
        self.name = Some(member.name.to_string());
        self
    }

    /// The same, the member being among what was read.
    pub(crate) fn named_from(self, organization_id: OrganizationId, items: &Items) -> Result<Self, Problem> {
        let member: Option<Member> = items.get(&keys::member(organization_id, self.member_id))?;
        Ok(match member {
            Some(member) => self.named(&member),
            None => self,
        })
    }
}
