//! An incident: a folder that was lost, or harmed by water, fire or otherwise (R034).
//!
//! A loss is presumed to be a breach unless an assessment shows a low probability that what is in it was compromised
//! (45 CFR 164.402(2)); so each incident stays open until somebody has assessed it.

use crate::{
    ChartId, ClientId, IncidentId, LocationId, MemberId, OrganizationId, RecordId, Sealed,
    limits::REASON_CHARS, text::Prose,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    Lost,
    Water,
    Fire,
    Other,
}

impl Harm {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Water => "water",
            Self::Fire => "fire",
            Self::Other => "other",
        }
    }
}

/// What the assessment of 45 CFR 164.402(2) came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// A low probability that what is in it was compromised, shown by the four factors.
    LowProbability,
    Breach,
}

impl Assessment {
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowProbability => "low_probability",
            Self::Breach => "breach",
        }
    }
}

pub type IncidentNote = Prose<REASON_CHARS>;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub harm: Harm,
    pub reported_by: MemberId,
    pub reported_at: Timestamp,
    /// Where it belonged.
    pub location_id: LocationId,
    /// Who had it last, as far as its custody log knows.
    pub last_custodian: Option<MemberId>,
    /// From what, and how far, its content can be put together again; what a loss raised by itself says nothing of it.
    #[serde(default)]
    pub note: Option<Sealed<IncidentNote>>,
    pub closed: Option<Closed>,
    pub revision: u64,
}

/// How an incident ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Closed {
    pub by: MemberId,
    pub at: Timestamp,
    pub assessment: Assessment,
    pub note: Sealed<IncidentNote>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IncidentError {
    #[error("the incident is closed")]
    Closed,
    #[error("the loss was told already, and waits to be assessed")]
    Told,
}

impl Incident {
    /// What somebody says of a loss that has raised it by itself, once.
    pub fn told(self, note: Sealed<IncidentNote>) -> Result<Self, IncidentError> {
        match self.note {
            Some(_) => Err(IncidentError::Told),
            None => Ok(Self { note: Some(note), ..self }),
        }
    }

    /// Assessed once, by somebody who says why.
    pub fn close(self, closed: Closed) -> Result<Self, IncidentError> {
        match self.closed {
            Some(_) => Err(IncidentError::Closed),
            None => Ok(Self { closed: Some(closed), ..self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn note() -> Sealed<IncidentNote> {
        Sealed::from_bytes(vec![])
    }

    fn incident(note: Option<Sealed<IncidentNote>>) -> Incident {
        let id = Uuid::from_u128(1);
        Incident {
            id: IncidentId::new(id),
            organization_id: OrganizationId::new(id),
            client_id: ClientId::new(id),
            chart_id: ChartId::new(id),
            record_id: RecordId::new(id),
            harm: Harm::Lost,
            reported_by: MemberId::new(id),
            reported_at: Timestamp::UNIX_EPOCH,
            location_id: LocationId::new(id),
            last_custodian: None,
            note,
            closed: None,
            revision: 1,
        }
    }

    #[test]
    fn of_a_loss_that_raised_itself_somebody_tells_once() {
        let told = incident(None).told(note()).unwrap();
        assert_eq!(told.note, Some(note()));
        assert_eq!(told.told(note()).unwrap_err(), IncidentError::Told);
    }

    #[test]
    fn an_incident_is_assessed_once() {
        let assessed = || Closed {
            by: MemberId::new(Uuid::from_u128(1)),
            at: Timestamp::UNIX_EPOCH,
            assessment: Assessment::Breach,
            note: note(),
        };
        let closed = incident(Some(note())).close(assessed()).unwrap();
        assert_eq!(closed.close(assessed()).unwrap_err(), IncidentError::Closed);
    }
}
