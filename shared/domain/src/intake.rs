//! An intake link: how a patient without an account sends files (X-9, R121, R125).

use crate::{
    ChartId, ClientId, LinkId, MemberId, OrganizationId, Sealed, UploadId, WrappedKey,
    limits::{INTAKE_BYTES, INTAKE_DAYS, INTAKE_FILES, INTAKE_RENEWAL_DAYS, NAME_CHARS, REASON_CHARS},
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
    /// The uploads that count against the limits, oldest first.
    pub uploads: Vec<IntakeUpload>,
    pub revoked_at: Option<Timestamp>,
    /// Since when the patient waits for another link, this one having expired.
    #[serde(default)]
    pub renewal_requested_at: Option<Timestamp>,
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

/// A file a patient has sent over a link, or is sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeUpload {
    pub upload_id: UploadId,
    pub size_bytes: u64,
    /// Until when it can be resumed; a file that did not come by then counts no more.
    pub expires_at: Timestamp,
    /// Whether it has come.
    pub received: bool,
}

impl IntakeUpload {
    fn counts(&self, now: Timestamp) -> bool {
        self.received || now < self.expires_at
    }
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
    #[error("the link has not expired")]
    Live,
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
    if lifetime >= SignedDuration::from_mins(1) && lifetime <= longest {
        Ok(())
    } else {
        Err(IntakeError::Lifetime)
    }
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

    /// The link has run out by itself, so that another one may be asked for.
    pub fn must_have_expired(&self, now: Timestamp) -> Result<(), IntakeError> {
        match self.must_be_live(now) {
            Ok(()) => Err(IntakeError::Live),
            Err(IntakeError::Expired) => Ok(()),
            Err(ended) => Err(ended),
        }
    }

    /// Until when its token leads to it: so long whoever holds it is told what became of the link.
    pub fn known_until(&self) -> Timestamp {
        let days = SignedDuration::from_hours(INTAKE_RENEWAL_DAYS * 24);
        self.expires_at.saturating_add(days).unwrap_or(Timestamp::MAX)
    }

    /// The patient asks for another link; who asks again has asked since the first time.
    pub fn request_renewal(mut self, now: Timestamp) -> Result<Self, IntakeError> {
        self.must_have_expired(now)?;
        self.renewal_requested_at.get_or_insert(now);
        Ok(self)
    }

    /// Another link was made: nobody waits for one any more.
    #[must_use]
    pub fn renew(mut self) -> Self {
        self.renewal_requested_at = None;
        self
    }

    /// What may still be sent.
    pub fn left(&self, now: Timestamp) -> IntakeLimits {
        let counting = || self.uploads.iter().filter(|upload| upload.counts(now));
        let files = u32::try_from(counting().count()).unwrap_or(u32::MAX);
        let bytes = counting().fold(0_u64, |sum, upload| sum.saturating_add(upload.size_bytes));
        IntakeLimits {
            files: self.limits.files.saturating_sub(files),
            bytes: self.limits.bytes.saturating_sub(bytes),
        }
    }

    /// Whether the link takes one more file of this size.
    pub fn room_for(&self, size_bytes: u64, now: Timestamp) -> Result<(), IntakeError> {
        self.must_be_live(now)?;
        let left = self.left(now);
        if left.files == 0 {
            Err(IntakeError::Files(self.limits.files))
        } else if size_bytes > left.bytes {
            Err(IntakeError::Bytes(self.limits.bytes))
        } else {
            Ok(())
        }
    }

    /// Takes one file's worth of what the link allows.
    pub fn take(mut self, upload: IntakeUpload, now: Timestamp) -> Result<Self, IntakeError> {
        self.room_for(upload.size_bytes, now)?;
        // What never came is forgotten here, so that the list never grows beyond what the link allows.
        self.uploads.retain(|earlier| earlier.counts(now));
        self.uploads.push(upload);
        Ok(self)
    }

    /// The file has come: it counts for good.
    #[must_use]
    pub fn receive(mut self, upload_id: UploadId) -> Self {
        self.uploads
            .iter_mut()
            .filter(|upload| upload.upload_id == upload_id)
            .for_each(|upload| upload.received = true);
        self
    }

    /// Gives back what an abandoned upload had taken.
    #[must_use]
    pub fn give_back(mut self, upload_id: UploadId) -> Self {
        self.uploads.retain(|upload| upload.upload_id != upload_id || upload.received);
        self
    }

    /// Ends the link for good; with it goes a request for another one.
    pub fn revoke(mut self, now: Timestamp) -> Result<Self, IntakeError> {
        if self.revoked_at.is_some() {
            return Err(IntakeError::Revoked);
        }
        self.revoked_at = Some(now);
        self.renewal_requested_at = None;
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
            uploads: Vec::new(),
            revoked_at: None,
            renewal_requested_at: None,
            revision: 1,
        }
    }

    fn file(id: u128, size_bytes: u64) -> IntakeUpload {
        let expires_at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30);
        IntakeUpload {
            upload_id: UploadId::new(Uuid::from_u128(id)),
            size_bytes,
            expires_at,
            received: false,
        }
    }

    #[test]
    fn a_link_takes_what_it_allows_and_no_more() {
        let now = Timestamp::UNIX_EPOCH;
        let once = link().take(file(1, 60), now).unwrap();
        assert_eq!(once.clone().take(file(2, 41), now).unwrap_err(), IntakeError::Bytes(100));
        let twice = once.take(file(2, 40), now).unwrap();
        assert_eq!(twice.left(now), IntakeLimits { files: 0, bytes: 0 });
        assert_eq!(twice.clone().take(file(3, 1), now).unwrap_err(), IntakeError::Files(2));
        let again = twice.give_back(UploadId::new(Uuid::from_u128(2))).take(file(3, 1), now).unwrap();
        assert_eq!(again.left(now), IntakeLimits { files: 0, bytes: 39 });
    }

    #[test]
    fn what_never_came_counts_no_more_and_what_came_counts_for_good() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + SignedDuration::from_mins(30);
        let sent = link().take(file(1, 60), now).unwrap().take(file(2, 10), now).unwrap();
        let received = sent.receive(UploadId::new(Uuid::from_u128(1)));
        assert_eq!(received.left(later), IntakeLimits { files: 1, bytes: 40 });
        assert_eq!(received.clone().give_back(UploadId::new(Uuid::from_u128(1))).uploads.len(), 2);
        let third = received.take(file(3, 40), later).unwrap();
        assert_eq!(third.uploads.len(), 2);
    }

    #[test]
    fn a_link_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + SignedDuration::from_hours(1);
        assert_eq!(link().take(file(1, 1), later).unwrap_err(), IntakeError::Expired);
        let revoked = link().revoke(now).unwrap();
        assert_eq!(revoked.must_be_live(now), Err(IntakeError::Revoked));
        assert_eq!(check_lifetime(now, now), Err(IntakeError::Lifetime));
    }

    #[test]
    fn renewal_is_of_a_link_that_has_expired() {
        let now = Timestamp::UNIX_EPOCH;
        let (early, late) = (now + SignedDuration::from_mins(59), now + SignedDuration::from_hours(1));
        assert_eq!(link().request_renewal(early).unwrap_err(), IntakeError::Live);
        let revoked = link().revoke(now).unwrap();
        assert_eq!(revoked.request_renewal(late).unwrap_err(), IntakeError::Revoked);
        let asked = link().request_renewal(late).unwrap();
        assert_eq!(asked.renewal_requested_at, Some(late));
        let again = asked.request_renewal(late + SignedDuration::from_hours(1)).unwrap();
        assert_eq!(again.renewal_requested_at, Some(late), "since the first time");
    }

    #[test]
    fn renewal_is_over_with_another_link_or_with_the_end_of_this_one() {
        let late = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let asked = link().request_renewal(late).unwrap();
        assert_eq!(asked.clone().renew().renewal_requested_at, None);
        assert_eq!(asked.revoke(late).unwrap().renewal_requested_at, None);
    }

    #[test]
    fn renewal_can_be_asked_for_as_long_as_the_link_is_known() {
        let days = link().known_until().duration_since(link().expires_at);
        assert_eq!(days, SignedDuration::from_hours(INTAKE_RENEWAL_DAYS * 24));
        let endless = IntakeLink { expires_at: Timestamp::MAX, ..link() };
        assert_eq!(endless.known_until(), Timestamp::MAX);
    }
}
