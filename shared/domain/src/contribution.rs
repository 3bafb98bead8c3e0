//! A contribution: a file a patient sent, waiting to be accepted or declined (X-9, R121).

use crate::{
    ChartId, ClientId, ContributionId, LinkId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
    limits::{NAME_CHARS, REASON_CHARS},
    record::{FileState, FileVersion, Title},
    text::{Line, Prose},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contribution {
    pub id: ContributionId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub link_id: LinkId,
    /// The key its record will have.
    pub key: WrappedKey,
    pub title: Sealed<Title>,
    pub file_name: Sealed<Line<NAME_CHARS>>,
    /// The file, numbered and attributed when it becomes a record.
    pub file: FileVersion,
    pub received_at: Timestamp,
    pub decision: Option<Decision>,
    pub revision: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    Accepted { by: MemberId, at: Timestamp, record_id: RecordId },
    Declined { by: MemberId, at: Timestamp, reason: Sealed<Prose<REASON_CHARS>> },
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ContributionError {
    #[error("the contribution was {0} already")]
    Decided(&'static str),
    #[error("the file is {0}; it can be declined, not accepted")]
    NotAvailable(&'static str),
}

impl Contribution {
    fn must_be_open(&self) -> Result<(), ContributionError> {
        match self.decision {
            None => Ok(()),
            Some(Decision::Accepted { .. }) => Err(ContributionError::Decided("accepted")),
            Some(Decision::Declined { .. }) => Err(ContributionError::Decided("declined")),
        }
    }

    /// Files the contribution as a record of the chart.
    pub fn accept(mut self, by: MemberId, record_id: RecordId, at: Timestamp) -> Result<Self, ContributionError> {
        self.must_be_open()?;
        if !matches!(self.file.state, FileState::Available(_)) {
            return Err(ContributionError::NotAvailable(self.file.state.name()));
        }
        self.decision = Some(Decision::Accepted { by, at, record_id });
        Ok(self)
    }

    pub fn decline(
        mut self,
        by: MemberId,
        reason: Sealed<Prose<REASON_CHARS>>,
        at: Timestamp,
    ) -> Result<Self, ContributionError> {
        self.must_be_open()?;
        self.decision = Some(Decision::Declined { by, at, reason });
        Ok(self)
    }
}
