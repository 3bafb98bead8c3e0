//! A contribution: a file a patient sent, waiting to be accepted or declined (X-9, R121).

use crate::{
    ChartId, ClientId, ContributionId, LinkId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
    limits::REASON_CHARS,
    record::{FileState, ReceivedFile, Title},
    text::Prose,
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
    #[serde(default)]
    pub key: WrappedKey,
    pub title: Sealed<Title>,
    /// The file; numbered and attributed when it becomes a record.
    pub file: ReceivedFile,
    /// In whose inbox it waits: the owner of the chart when it came.
    pub recipient: MemberId,
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
    pub fn accept(
        mut self,
        by: MemberId,
        record_id: RecordId,
        at: Timestamp,
    ) -> Result<Self, ContributionError> {
        self.must_be_open()?;
        if !matches!(self.file.state, FileState::Available(_)) {
            return Err(ContributionError::NotAvailable(self.file.state.name()));
        }
        self.decision = Some(Decision::Accepted { by, at, record_id });
        Ok(self)
    }

    /// What inspection found of the file, whether or not anybody has decided meanwhile.
    #[must_use]
    pub fn inspected(mut self, outcome: FileState) -> Self {
        self.file = self.file.inspected(outcome);
        self
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        UploadId,
        record::{Finding, ObjectRef},
    };
    use uuid::Uuid;

    fn finding() -> Finding {
        Finding {
            inspected_at: Timestamp::UNIX_EPOCH,
            sha256: "00".repeat(32),
            class: "image".into(),
            media_type: "image/jpeg".into(),
            reason: None,
            facts: Sealed::from_bytes(vec![]),
            preview: None,
            warnings: vec![],
        }
    }

    fn received() -> Contribution {
        let nil = Uuid::nil();
        Contribution {
            id: ContributionId::new(nil),
            organization_id: OrganizationId::new(nil),
            client_id: ClientId::new(nil),
            chart_id: ChartId::new(nil),
            link_id: LinkId::new(nil),
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            file: ReceivedFile {
                upload_id: UploadId::new(nil),
                object: ObjectRef { key: "k".into(), version_id: "v".into() },
                size_bytes: 1,
                media_type: "application/octet-stream".into(),
                file_name: Sealed::from_bytes(vec![]),
                state: FileState::Inspecting,
            },
            recipient: MemberId::new(nil),
            received_at: Timestamp::UNIX_EPOCH,
            decision: None,
            revision: 1,
        }
    }

    /// nothing a patient sent is filed before it was looked at, and a decision is made once.
    #[test]
    fn only_what_is_available_is_accepted_and_only_once() {
        let (by, record, now) =
            (MemberId::new(Uuid::nil()), RecordId::new(Uuid::nil()), Timestamp::UNIX_EPOCH);
        assert_eq!(
            received().accept(by, record, now).unwrap_err(),
            ContributionError::NotAvailable("inspecting")
        );
        let quarantined = received().inspected(FileState::Quarantined(finding()));
        assert_eq!(
            quarantined.clone().accept(by, record, now).unwrap_err(),
            ContributionError::NotAvailable("quarantined")
        );
        assert!(quarantined.decline(by, Sealed::from_bytes(vec![]), now).is_ok());
        let available = received().inspected(FileState::Available(finding()));
        assert_eq!(available.file.media_type, "image/jpeg");
        let accepted = available.accept(by, record, now).unwrap();
        assert_eq!(
            accepted.clone().accept(by, record, now).unwrap_err(),
            ContributionError::Decided("accepted")
        );
        assert_eq!(
            accepted.decline(by, Sealed::from_bytes(vec![]), now).unwrap_err(),
            ContributionError::Decided("accepted")
        );
    }
}
