//! Evidence: one audited fact in the past tense, and the canonical bytes by which it is recognised
//! (R130-R137, 45 CFR 164.312(b)).
//!
//! Evidence holds ids and codes, never titles, names or text of a record (X-7): who reads it resolves names
//! under their own permission.
//!
//! | module | holds |
//! |---|---|
//! | `kind` | the facts, each named in the past tense |
//! | `custody` | the chain of custody of a chart, signed link by link (R095) |
//! | `certificate`, `merkle` | the certificate of destruction, and its proof of one record (R155) |

pub mod certificate;
pub mod custody;
mod kind;
pub mod merkle;

pub use kind::Kind;

use domain::{
    ChartId, ClientId, ConsentId, ContributionId, DispositionId, EvidenceId, FacilitationId, HoldId, LinkId,
    LocationId, MemberId, OrganizationId, ParticipantId, RecordId, RoleId, SessionId, SpaceId, SpaceItemId,
    TeamId, TransferId, UploadId, purpose::Purpose,
};
use jiff::Timestamp;
use ring::digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One audited fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    pub id: EvidenceId,
    pub organization_id: OrganizationId,
    /// Server time.
    pub at: Timestamp,
    pub kind: Kind,
    pub outcome: Outcome,
    pub actor: Actor,
    #[serde(default, skip_serializing_if = "Subjects::is_empty")]
    pub subjects: Subjects,
    pub purpose: Purpose,
    pub source: Source,
    /// The policies that decided, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Codes and numbers that say more: field names, states, versions; never text typed by people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    /// Refused by the policies named.
    Denied,
    /// Tried and not possible, such as a wrong password.
    Failed,
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "actor", rename_all = "snake_case")]
pub enum Actor {
    Member {
        member_id: MemberId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<SessionId>,
    },
    /// A patient holding an intake link.
    IntakeLink { link_id: LinkId },
    /// A function acting by itself; never used for a human's act (45 CFR 164.312(a)(2)(i)).
    Function { name: String },
}

/// What the fact is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subjects {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart_id: Option<ChartId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<UploadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_id: Option<LinkId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution_id: Option<ContributionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<TransferId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_id: Option<ConsentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_id: Option<SpaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_item_id: Option<SpaceItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facilitation_id: Option<FacilitationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<ParticipantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition_id: Option<DispositionId>,
}

impl Subjects {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn client(mut self, id: ClientId) -> Self {
        self.client_id = Some(id);
        self
    }

    #[must_use]
    pub fn chart(mut self, id: ChartId) -> Self {
        self.chart_id = Some(id);
        self
    }

    #[must_use]
    pub fn record(mut self, id: RecordId) -> Self {
        self.record_id = Some(id);
        self
    }

    #[must_use]
    pub fn member(mut self, id: MemberId) -> Self {
        self.member_id = Some(id);
        self
    }

    #[must_use]
    pub fn location(mut self, id: LocationId) -> Self {
        self.location_id = Some(id);
        self
    }

    #[must_use]
    pub fn upload(mut self, id: UploadId) -> Self {
        self.upload_id = Some(id);
        self
    }

    #[must_use]
    pub fn link(mut self, id: LinkId) -> Self {
        self.link_id = Some(id);
        self
    }

    #[must_use]
    pub fn contribution(mut self, id: ContributionId) -> Self {
        self.contribution_id = Some(id);
        self
    }

    #[must_use]
    pub fn team(mut self, id: TeamId) -> Self {
        self.team_id = Some(id);
        self
    }

    #[must_use]
    pub fn transfer(mut self, id: TransferId) -> Self {
        self.transfer_id = Some(id);
        self
    }

    #[must_use]
    pub fn consent(mut self, id: ConsentId) -> Self {
        self.consent_id = Some(id);
        self
    }

    #[must_use]
    pub fn role(mut self, id: RoleId) -> Self {
        self.role_id = Some(id);
        self
    }

    #[must_use]
    pub fn space(mut self, id: SpaceId) -> Self {
        self.space_id = Some(id);
        self
    }

    #[must_use]
    pub fn space_item(mut self, id: SpaceItemId) -> Self {
        self.space_item_id = Some(id);
        self
    }

    #[must_use]
    pub fn facilitation(mut self, id: FacilitationId) -> Self {
        self.facilitation_id = Some(id);
        self
    }

    #[must_use]
    pub fn participant(mut self, id: ParticipantId) -> Self {
        self.participant_id = Some(id);
        self
    }

    #[must_use]
    pub fn hold(mut self, id: HoldId) -> Self {
        self.hold_id = Some(id);
        self
    }

    #[must_use]
    pub fn disposition(mut self, id: DispositionId) -> Self {
        self.disposition_id = Some(id);
        self
    }
}

/// From where someone acted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The id of the request at the gateway.
    pub request_id: String,
}

impl Evidence {
    /// The bytes that are hashed: JSON with its keys in order and no space, in UTF-8 (RFC 8785 for the
    /// strings and whole numbers that evidence consists of).
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical(self)
    }

    /// Hexadecimal SHA-256 of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256(&self.canonical_bytes())
    }

    /// The member the fact is listed under: who acted, or whom it was done to.
    #[must_use]
    pub const fn member_id(&self) -> Option<MemberId> {
        match self.actor {
            Actor::Member { member_id, .. } => Some(member_id),
            _ => self.subjects.member_id,
        }
    }
}

pub(crate) fn canonical(fact: &impl Serialize) -> Vec<u8> {
    // Sorted here, so that neither the order of fields in this file nor a feature of the JSON library
    // is part of it.
    let value = serde_json::to_value(fact).map(sorted);
    value.and_then(|value| serde_json::to_vec(&value)).unwrap_or_default()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn fact(record: u128, seconds: i64) -> Evidence {
        Evidence {
            id: EvidenceId::new(Uuid::from_u128(1)),
            organization_id: OrganizationId::new(Uuid::from_u128(2)),
            at: Timestamp::from_second(seconds).unwrap(),
            kind: Kind::RecordRead,
            outcome: Outcome::Succeeded,
            actor: Actor::Member { member_id: MemberId::new(Uuid::from_u128(3)), session_id: None },
            subjects: Subjects::default().record(RecordId::new(Uuid::from_u128(record))),
            purpose: Purpose::Treatment,
            source: Source { ip: None, user_agent: None, request_id: "r".into() },
            policies: vec!["owner-of-record".into()],
            details: BTreeMap::new(),
        }
    }

    #[test]
    fn canonical_bytes_are_sorted_and_steady() {
        let text = String::from_utf8(fact(4, 0).canonical_bytes()).unwrap();
        assert!(text.starts_with(r#"{"actor":{"actor":"member","member_id":"#), "{text}");
        assert!(!text.contains(": "));
    }

    proptest! {
        /// Two different facts never have the same digest, and reading one back keeps it.
        #[test]
        fn a_digest_knows_its_fact(a in any::<u128>(), b in any::<u128>(), at in 0_i64..4_000_000_000) {
            let (one, other) = (fact(a, at), fact(b, at));
            prop_assert_eq!(one.digest() == other.digest(), a == b);
            let back: Evidence = serde_json::from_slice(&one.canonical_bytes()).unwrap();
            prop_assert_eq!(back.digest(), one.digest());
        }
    }
}
