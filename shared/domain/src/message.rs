//! An e-mail to a member: counts, days and reasons, never a name, a title or anything about a client (R150, P-10).
//!
//! It is written in the transaction of what it tells of, and sent when the table's stream brings it to `notify`.

use crate::{MemberId, MessageId, OrganizationId, notice::NoticeReason, retention::NoticeDuty};
use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An e-mail on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub organization_id: OrganizationId,
    /// To whom: the address is looked up when it is sent.
    pub member_id: MemberId,
    pub lines: Vec<MessageLine>,
    pub written_at: Timestamp,
    pub state: MessageState,
    pub revision: u64,
}

/// One thing a member is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct MessageLine {
    pub reason: NoticeReason,
    /// Of how many records, charts or things.
    pub count: u32,
    #[serde(default)]
    pub due_on: Option<Date>,
    /// Whom the law wants told before these records are destroyed.
    #[serde(default)]
    pub duty: Option<NoticeDuty>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MessageState {
    Pending,
    /// Somebody is sending it. One that stays so was cut short: whether it went out is not known.
    Sending {
        since: Timestamp,
        attempt: u32,
    },
    Sent {
        at: Timestamp,
    },
    /// It is not sent any more: a code says why (`no_member`, `refused`).
    GivenUp {
        reason: String,
        at: Timestamp,
    },
}

/// How long a sender has for one message before another one may try.
pub const SENDING_SECONDS: i64 = 120;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MessageError {
    #[error("the message was sent, or was given up")]
    Ended,
    #[error("the message is being sent")]
    Underway,
}

impl Message {
    /// Somebody takes it to send it; who comes later in that time does not.
    pub fn claim(mut self, now: Timestamp) -> Result<Self, MessageError> {
        let attempt = match self.state {
            MessageState::Pending => 1,
            MessageState::Sending { since, attempt } => {
                let until = since.saturating_add(SignedDuration::from_secs(SENDING_SECONDS));
                if until.is_ok_and(|until| now < until) {
                    return Err(MessageError::Underway);
                }
                attempt.saturating_add(1)
            }
            MessageState::Sent { .. } | MessageState::GivenUp { .. } => return Err(MessageError::Ended),
        };
        self.state = MessageState::Sending { since: now, attempt };
        Ok(self)
    }

    /// It can be taken again at once: sending it is known to have failed.
    #[must_use]
    pub fn put_back(mut self) -> Self {
        self.state = MessageState::Pending;
        self
    }

    #[must_use]
    pub fn sent(mut self, at: Timestamp) -> Self {
        self.state = MessageState::Sent { at };
        self
    }

    #[must_use]
    pub fn give_up(mut self, reason: &str, at: Timestamp) -> Self {
        self.state = MessageState::GivenUp { reason: reason.to_owned(), at };
        self
    }

    /// When it is forgotten.
    pub fn forgotten_at(&self) -> Timestamp {
        self.written_at
            .saturating_add(SignedDuration::from_hours(24 * crate::limits::NOTICE_DAYS))
            .unwrap_or(Timestamp::MAX)
    }
}
