//! An organization: a tenant with its own words for its clients and its own policy (R020, R010).

use crate::{
    OrganizationId, RoleId, WrappedKey, client::Field, limits::NAME_CHARS, retention::Profile,
    role::NamedRole, text::Line,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A tenant: clinic, service center, tutoring firm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: Line<NAME_CHARS>,
    pub vocabulary: Vocabulary,
    pub policy: Policy,
    /// The roles it has made for itself (R052).
    #[serde(default)]
    pub roles: BTreeMap<RoleId, NamedRole>,
    /// How long records are kept: the schedule in force (R150-R157).
    #[serde(default)]
    pub retention: Profile,
    /// Seals what every member works with (client cards, remembered answers) and keys the blind index.
    pub directory_key: WrappedKey,
    pub created_at: Timestamp,
    pub revision: u64,
}

/// What the organization calls the people its records are about (R020, B-01).
///
/// Only words shown to people change with it; nothing that is stored does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// One of them: `patient`, `student`, `customer`…
    pub client: Line<40>,
    /// Several of them: `patients`.
    pub clients: Line<40>,
}

impl Default for Vocabulary {
    #[expect(clippy::expect_used, reason = "the words are constants that are known to be lines")]
    fn default() -> Self {
        let word = |text| Line::new(text).expect("a constant line");
        Self { client: word("client"), clients: word("clients") }
    }
}

/// What the organization asks of its own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// IANA time zone in which dates are meant and times are shown (R014).
    #[serde(default = "utc")]
    pub time_zone: TimeZoneName,
    /// Demographics that must be known before a client is registered, besides the name (R010).
    #[serde(default)]
    pub required_fields: BTreeSet<Field>,
    /// Minutes without a call after which a member is signed out (45 CFR 164.312(a)(2)(iii)): 1 to 60.
    #[serde(default = "fifteen")]
    #[schemars(range(min = 1, max = 60))]
    pub idle_minutes: u8,
}

impl Default for Policy {
    fn default() -> Self {
        Self { time_zone: utc(), required_fields: BTreeSet::new(), idle_minutes: fifteen() }
    }
}

const fn fifteen() -> u8 {
    15
}

fn utc() -> TimeZoneName {
    TimeZoneName("UTC".to_owned())
}

/// The policy asks for what cannot be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PolicyError {
    #[error("idle minutes must be from 1 to 60")]
    IdleMinutes,
}

impl Policy {
    pub fn check(&self) -> Result<(), PolicyError> {
        if (1..=60).contains(&self.idle_minutes) { Ok(()) } else { Err(PolicyError::IdleMinutes) }
    }
}

/// The name of a time zone that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZoneName(String);

impl TimeZoneName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone; UTC if this machine's zone data has lost the name since it was taken.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// No such time zone.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a time zone, such as `America/Toronto`")]
pub struct TimeZoneError(String);

impl TryFrom<String> for TimeZoneName {
    type Error = TimeZoneError;

    fn try_from(name: String) -> Result<Self, TimeZoneError> {
        match jiff::tz::TimeZone::get(&name) {
            Ok(_) => Ok(Self(name)),
            Err(_) => Err(TimeZoneError(name.chars().take(64).collect())),
        }
    }
}

impl From<TimeZoneName> for String {
    fn from(name: TimeZoneName) -> String {
        name.0
    }
}
