//! An intake link: how a patient without an account sends files (X-9, R121, R125).

use crate::{
    ChartId, ClientId, LinkId, MemberId, OrganizationId, Sealed, WrappedKey,
    limits::{INTAKE_BYTES, INTAKE_DAYS, INTAKE_FILES, NAME_CHARS, REASON_CHARS},
    text::{Line, Prose},
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An intake link as the table keeps it; its token exists only with the patient.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IntakeLink {
    pub id: LinkId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub chart_id: ChartId,
    pub created_by: MemberId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Hexadecimal SHA-256 of the token.
    pub token_sha256: String,
    /// Key of the link's own text, under the client's key.
    pub key: WrappedKey,
    pub ask: Sealed<Ask>,
    pub limits: IntakeLimits,
    pub used: IntakeUse,
    pub revoked_at: Option<Timestamp>,
    pub revision: u64,
}

/// What the patient reads: who asks, and for what.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    pub what: Line<NAME_CHARS>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Prose<REASON_CHARS>>,
}

/// How much may be sent over one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntakeLimits {
    pub files: u32,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeUse {
    pub files: u32,
    pub bytes: u64,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IntakeError {
    #[error("a link lives from 1 minute to {INTAKE_DAYS} days")]
    Lifetime,
    #[error("a link takes 1 to {INTAKE_FILES} files and 1 to {INTAKE_BYTES} bytes")]
    Limits,
    #[error("the link has expired")]
    Expired,
    #[error("the link was revoked")]
    Revoked,
    #[error("the link takes {0} files, and that many were sent")]
    Files(u32),
    #[error("the link takes {0} bytes in all, and the file would exceed that")]
    Bytes(u64),
}

impl IntakeLimits {
    pub fn check(&self) -> Result<(), IntakeError> {
        if (1..=INTAKE_FILES).contains(&self.files) && (1..=INTAKE_BYTES).contains(&self.bytes) {
            Ok(())
        } else {
            Err(IntakeError::Limits)
        }
    }
}

/// Checks how long a link is meant to live.
pub fn check_lifetime(now: Timestamp, expires_at: Timestamp) -> Result<(), IntakeError> {
    let lifetime = expires_at.duration_since(now);
    let longest = SignedDuration::from_hours(INTAKE_DAYS * 24);
    if lifetime >= SignedDuration::from_mins(1) && lifetime <= longest { Ok(()) } else { Err(IntakeError::Lifetime) }
}

impl IntakeLink {
    /// The link still opens.
    pub fn must_be_live(&self, now: Timestamp) -> Result<(), IntakeError> {
        if self.revoked_at.is_some() {
            Err(IntakeError::Revoked)
        } else if now >= self.expires_at {
            Err(IntakeError::Expired)
        } else {
            Ok(())
        }
    }

    /// Takes one file's worth of what the link allows.
    pub fn take(mut self, size_bytes: u64, now: Timestamp) -> Result<Self, IntakeError> {
        self.must_be_live(now)?;
        if self.used.files >= self.limits.files {
            return Err(IntakeError::Files(self.limits.files));
        }
        let bytes = self.used.bytes.saturating_add(size_bytes);
        if bytes > self.limits.bytes {
            return Err(IntakeError::Bytes(self.limits.bytes));
        }
        self.used = IntakeUse { files: self.used.files.saturating_add(1), bytes };
        Ok(self)
    }

    /// Gives back what an abandoned upload had taken.
    pub fn give_back(mut self, size_bytes: u64) -> Self {
        self.used = IntakeUse {
            files: self.used.files.saturating_sub(1),
            bytes: self.used.bytes.saturating_sub(size_bytes),
        };
        self
    }

    pub fn revoke(mut self, now: Timestamp) -> Result<Self, IntakeError> {
        if self.revoked_at.is_some() {
            return Err(IntakeError::Revoked);
        }
        self.revoked_at = Some(now);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn link() -> IntakeLink {
        let now = Timestamp::UNIX_EPOCH;
        IntakeLink {
            id: LinkId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::nil()),
            created_by: MemberId::new(Uuid::nil()),
            created_at: now,
            expires_at: now + SignedDuration::from_hours(1),
            token_sha256: String::new(),
            key: WrappedKey::from_bytes(Vec::new()),
            ask: Sealed::from_bytes(Vec::new()),
            limits: IntakeLimits { files: 2, bytes: 100 },
            used: IntakeUse::default(),
            revoked_at: None,
            revision: 1,
        }
    }

    #[test]
    fn a_link_takes_what_it_allows_and_no_more() {
        let now = Timestamp::UNIX_EPOCH;
        let once = link().take(60, now).unwrap();
        assert_eq!(once.clone().take(41, now).unwrap_err(), IntakeError::Bytes(100));
        let twice = once.take(40, now).unwrap();
        assert_eq!(twice.clone().take(1, now).unwrap_err(), IntakeError::Files(2));
        assert!(twice.give_back(40).take(1, now).is_ok());
    }

    #[test]
    fn a_link_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + SignedDuration::from_hours(1);
        assert_eq!(link().take(1, later).unwrap_err(), IntakeError::Expired);
        let revoked = link().revoke(now).unwrap();
        assert_eq!(revoked.must_be_live(now), Err(IntakeError::Revoked));
        assert_eq!(check_lifetime(now, now), Err(IntakeError::Lifetime));
    }
}
