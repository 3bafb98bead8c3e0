//! The chain of custody: each time a chart changes hands a statement is made of it, names the one before by its
//! digest, and is signed (R095).
//!
//! The statement is kept as the very text that was signed, so that whoever has it and the public key can check it
//! with tools that know nothing of this product.

use crate::{canonical, sha256};
use domain::{
    ChartId, ClientId, MemberId, OrganizationId, SessionId, TransferId, chart::Chart,
    transfer::TransferSection,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is signed: who handed which chart to whom, with what, and that it was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    /// Counted from 1: the how manieth time the chart changed hands.
    pub number: u32,
    pub transfer_id: TransferId,
    pub from: MemberId,
    pub to: MemberId,
    /// Who began it: the owner, or a coordinator.
    pub offered_by: MemberId,
    pub offered_at: Timestamp,
    pub sections: BTreeSet<TransferSection>,
    /// Whether the former owner kept a read-only copy.
    pub keep_copy: bool,
    /// How many records were left out, and are sealed since.
    pub sealed_records: u32,
    pub receipt: Receipt,
    /// Hexadecimal SHA-256 of the statement before; absent from the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_sha256: Option<String>,
}

/// That the recipient took the chart over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CustodyReceipt")]
pub struct Receipt {
    pub member_id: MemberId,
    /// The sign-in in which they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    pub at: Timestamp,
}

/// A statement with its signature, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyEvent {
    pub transfer_id: TransferId,
    /// What was signed, byte for byte: JSON in canonical form (RFC 8785).
    pub statement: String,
    /// Hexadecimal SHA-256 of the statement.
    pub sha256: String,
    /// ECDSA over P-256 and SHA-256, ASN.1 DER in Base64.
    pub signature: String,
    /// The key that signed.
    pub key_id: String,
}

impl Statement {
    /// The statement of the newest passage of a chart that was just accepted.
    pub fn of_newest(chart: &Chart, session_id: Option<SessionId>) -> Option<Self> {
        let (passage, earlier) = chart.passages.split_last()?;
        Some(Self {
            organization_id: chart.organization_id,
            client_id: chart.client_id,
            chart_id: chart.id,
            number: u32::try_from(chart.passages.len()).ok()?,
            transfer_id: passage.id,
            from: passage.from,
            to: passage.to,
            offered_by: passage.by,
            offered_at: passage.offered_at,
            sections: passage.sections.clone(),
            keep_copy: passage.keep_copy,
            sealed_records: passage.sealed_records,
            receipt: Receipt { member_id: passage.to, session_id, at: passage.accepted_at },
            previous_sha256: earlier.last().and_then(|before| before.custody_sha256.clone()),
        })
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        String::from_utf8(canonical(self)).unwrap_or_default()
    }

    /// What a text says that was signed.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl CustodyEvent {
    /// The event of a statement that was signed.
    pub fn signed(transfer_id: TransferId, statement: String, signature: String, key_id: String) -> Self {
        Self { transfer_id, sha256: sha256(statement.as_bytes()), statement, signature, key_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn statement(number: u32, previous_sha256: Option<String>) -> Statement {
        let id = Uuid::from_u128(7);
        Statement {
            organization_id: OrganizationId::new(id),
            client_id: ClientId::new(id),
            chart_id: ChartId::new(id),
            number,
            transfer_id: TransferId::new(id),
            from: MemberId::new(id),
            to: MemberId::new(id),
            offered_by: MemberId::new(id),
            offered_at: Timestamp::UNIX_EPOCH,
            sections: TransferSection::ALWAYS.into(),
            keep_copy: true,
            sealed_records: 2,
            receipt: Receipt { member_id: MemberId::new(id), session_id: None, at: Timestamp::UNIX_EPOCH },
            previous_sha256,
        }
    }

    #[test]
    fn a_statement_is_steady_and_reads_back() {
        let first = statement(1, None);
        let event = CustodyEvent::signed(first.transfer_id, first.text(), String::new(), String::new());
        let second = statement(2, Some(event.sha256.clone()));
        assert_eq!(Statement::read(&second.text()).unwrap(), second);
        assert!(first.text().starts_with(r#"{"chart_id":"#) && !first.text().contains("previous"));
        assert_eq!(event.sha256.len(), 64);
        assert_ne!(sha256(second.text().as_bytes()), event.sha256);
    }
}
