//! An e-mail to a member: counts, days and reasons, never a name, a title or anything about a client (R150, P-10).
//!
//! It is written in the transaction of what it tells of, and sent when the table's stream brings it to `notify`. The
//! stream forgets; the message stands in the table. One that was not sent is brought again by the work of each day.

use crate::{
    MemberId, MessageId, OrganizationId, limits::MESSAGE_STREAM_HOURS, notice::NoticeReason,
    retention::NoticeDuty,
};
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

/// Whether the table's stream has brought a message for so long in vain that it is left to the work of a day.
pub fn is_left(brought_since: Timestamp, now: Timestamp) -> bool {
    brought_since <= left_if_before(now)
}

/// What the stream has brought since this moment or longer is left to the work of a day.
pub fn left_if_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(MESSAGE_STREAM_HOURS)).unwrap_or(Timestamp::MIN)
}

impl Message {
    /// Whether somebody has to send it still. Of one that is being sent it is not known yet.
    pub const fn is_unsent(&self) -> bool {
        matches!(self.state, MessageState::Pending | MessageState::Sending { .. })
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_993_281_300 + seconds).unwrap()
    }

    fn message(state: MessageState) -> Message {
        Message {
            id: MessageId::new(Uuid::from_u128(1)),
            organization_id: OrganizationId::new(Uuid::from_u128(2)),
            member_id: MemberId::new(Uuid::from_u128(3)),
            lines: vec![MessageLine {
                reason: NoticeReason::RetentionEnded,
                count: 3,
                due_on: None,
                duty: None,
            }],
            written_at: at(0),
            state,
            revision: 1,
        }
    }

    #[test]
    fn one_takes_it_and_the_next_one_only_when_the_first_was_cut_short() {
        let taken = message(MessageState::Pending).claim(at(0)).unwrap();
        assert_eq!(taken.state, MessageState::Sending { since: at(0), attempt: 1 });
        assert_eq!(taken.clone().claim(at(SENDING_SECONDS - 1)), Err(MessageError::Underway));
        let again = taken.claim(at(SENDING_SECONDS)).unwrap();
        assert_eq!(again.state, MessageState::Sending { since: at(SENDING_SECONDS), attempt: 2 });
    }

    #[test]
    fn what_was_put_back_is_taken_at_once() {
        let back = message(MessageState::Pending).claim(at(0)).unwrap().put_back();
        assert_eq!(back.state, MessageState::Pending);
        assert_eq!(back.claim(at(1)).unwrap().state, MessageState::Sending { since: at(1), attempt: 1 });
    }

    #[test]
    fn what_has_ended_is_not_taken_again() {
        let taken = message(MessageState::Pending).claim(at(0)).unwrap();
        assert!(taken.is_unsent() && taken.clone().put_back().is_unsent());
        let given_up = taken.clone().give_up("refused", at(5));
        assert_eq!(given_up.state, MessageState::GivenUp { reason: "refused".into(), at: at(5) });
        for ended in [taken.sent(at(5)), given_up] {
            assert!(!ended.is_unsent());
            assert_eq!(ended.claim(at(1_000_000)), Err(MessageError::Ended));
        }
    }

    #[test]
    fn the_stream_keeps_nothing_waiting_for_longer_than_it_remembers() {
        let hours = |hours: i64| at(hours * 3600);
        assert!(!is_left(hours(0), hours(MESSAGE_STREAM_HOURS - 1)));
        assert!(is_left(hours(0), hours(MESSAGE_STREAM_HOURS)));
        const { assert!(MESSAGE_STREAM_HOURS < 24) };
    }

    proptest! {
        /// However often it fails and is taken again, at no time two have it, and it ends once.
        #[test]
        fn nobody_sends_what_somebody_else_sends(steps in prop::collection::vec((0_u8..4, 0_i64..200), 0..40)) {
            let (mut kept, mut now) = (message(MessageState::Pending), 0);
            for (step, seconds) in steps {
                now += seconds;
                let before = kept.clone();
                let taken = kept.clone().claim(at(now));
                let free = match before.state {
                    MessageState::Pending => true,
                    MessageState::Sending { since, .. } => at(now - SENDING_SECONDS) >= since,
                    MessageState::Sent { .. } | MessageState::GivenUp { .. } => false,
                };
                prop_assert_eq!(taken.is_ok(), free);
                prop_assert_eq!(taken == Err(MessageError::Ended), !before.is_unsent());
                let Ok(taken) = taken else { continue };
                kept = match step {
                    0 => taken,
                    1 => taken.put_back(),
                    2 => taken.sent(at(now)),
                    _ => taken.give_up("refused", at(now)),
                };
            }
        }
    }
}
