//! What became of a participant, of a session and of a client on the whole: derived from facts, never stored. The
//! first two follow from the session alone, and so are the same for the facilitator and for the center (R108, A-05,
//! The third follows from several sessions, and is the same for all who see the same ones; a center, which sees
//! no clients, is not told of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a participant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantStatus {
    Preparing,
    /// Every required item of the preparation is complete.
    Ready,
    /// Doses and reactions are recorded.
    PostJourney,
    /// Every required item after it is complete too.
    Completed,
}

/// How far a session is: as far as the participant who is least far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Without a date.
    New,
    Scheduled,
    Ready,
    PostJourney,
    Completed,
}

/// The facts a participant's status is derived from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub prepared: bool,
    pub administered: bool,
    pub followed_up: bool,
}

impl Progress {
    /// A step counts when the steps before it are done.
    pub const fn status(self) -> ParticipantStatus {
        match self {
            Self { prepared: false, .. } => ParticipantStatus::Preparing,
            Self { administered: false, .. } => ParticipantStatus::Ready,
            Self { followed_up: false, .. } => ParticipantStatus::PostJourney,
            _ => ParticipantStatus::Completed,
        }
    }
}

impl ParticipantStatus {
    /// Nobody is less far.
    pub const LEAST: Self = Self::Preparing;

    /// How far a client is on the whole, from how far they are in each session that counts for them: as far as where
    /// they are least far, because this is what they and their facilitator have before them. So they have completed
    /// once all is completed, are set back when another session begins, and are nowhere as long as none counts.
    pub fn on_the_whole(statuses: impl IntoIterator<Item = Self>) -> Option<Self> {
        statuses.into_iter().min()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::PostJourney => "post_journey",
            Self::Completed => "completed",
        }
    }
}

impl SessionStatus {
    /// The least of the participants; a session nobody takes part in yet has its date and nothing more.
    pub fn of(scheduled: bool, participants: impl IntoIterator<Item = ParticipantStatus>) -> Self {
        match participants.into_iter().min() {
            _ if !scheduled => Self::New,
            None | Some(ParticipantStatus::Preparing) => Self::Scheduled,
            Some(ParticipantStatus::Ready) => Self::Ready,
            Some(ParticipantStatus::PostJourney) => Self::PostJourney,
            Some(ParticipantStatus::Completed) => Self::Completed,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Scheduled => "scheduled",
            Self::Ready => "ready",
            Self::PostJourney => "post_journey",
            Self::Completed => "completed",
        }
    }

    /// Whether the quarterly counts include it.
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Ready | Self::PostJourney | Self::Completed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STATUSES: [ParticipantStatus; 4] = [
        ParticipantStatus::Preparing,
        ParticipantStatus::Ready,
        ParticipantStatus::PostJourney,
        ParticipantStatus::Completed,
    ];

    #[test]
    fn a_session_without_a_date_is_new_whatever_its_participants_are() {
        for status in STATUSES {
            assert_eq!(SessionStatus::of(false, [status]), SessionStatus::New);
        }
        assert_eq!(SessionStatus::of(true, []), SessionStatus::Scheduled);
    }

    #[test]
    fn counts_begin_with_ready() {
        let counted = [
            SessionStatus::New,
            SessionStatus::Scheduled,
            SessionStatus::Ready,
            SessionStatus::PostJourney,
            SessionStatus::Completed,
        ]
        .map(SessionStatus::is_counted);
        assert_eq!(counted, [false, false, true, true, true]);
    }

    /// How far a client is in each of their sessions.
    fn any_statuses() -> impl Strategy<Value = Vec<ParticipantStatus>> {
        prop::collection::vec(prop::sample::select(STATUSES.to_vec()), 0..12)
    }

    #[test]
    fn a_client_without_a_session_is_nowhere() {
        assert_eq!(ParticipantStatus::on_the_whole([]), None);
        assert!(STATUSES.iter().all(|status| *status >= ParticipantStatus::LEAST));
    }

    proptest! {
        /// A session is as far as whoever is least far, in whatever order they stand.
        #[test]
        fn a_session_is_as_far_as_its_least_participant(picks in prop::collection::vec(0_usize..4, 1..8)) {
            let statuses: Vec<_> = picks.iter().map(|pick| STATUSES[*pick]).collect();
            let alone: Vec<_> = statuses.iter().map(|status| SessionStatus::of(true, [*status])).collect();
            prop_assert_eq!(Some(SessionStatus::of(true, statuses)), alone.into_iter().min());
        }

        /// The least advanced of what is not completed decides, and only where nothing is left all is completed.
        #[test]
        fn a_client_is_as_far_as_in_the_least_advanced_session(statuses in any_statuses()) {
            let (done, left): (Vec<_>, Vec<_>) =
                statuses.iter().copied().partition(|status| *status == ParticipantStatus::Completed);
            let expected = left.into_iter().min().or(done.first().copied());
            prop_assert_eq!(ParticipantStatus::on_the_whole(statuses), expected);
        }

        /// A list that is read page by page gives what it gives at once, and nothing behind the least can change it.
        #[test]
        fn a_client_is_as_far_however_the_sessions_are_paged(
            statuses in any_statuses(),
            page in 1_usize..5,
        ) {
            let at_once = ParticipantStatus::on_the_whole(statuses.iter().copied());
            let mut paged = None::<ParticipantStatus>;
            for page in statuses.chunks(page) {
                paged = ParticipantStatus::on_the_whole(paged.into_iter().chain(page.iter().copied()));
                if paged == Some(ParticipantStatus::LEAST) {
                    break;
                }
            }
            prop_assert_eq!(paged, at_once);
        }

        /// One more session never lifts a client who takes part in others.
        #[test]
        fn one_more_session_never_lifts_a_client(statuses in any_statuses(), more in 0_usize..4) {
            let before = ParticipantStatus::on_the_whole(statuses.iter().copied());
            let after = ParticipantStatus::on_the_whole(statuses.into_iter().chain([STATUSES[more]]));
            prop_assert!(before.is_none_or(|before| after <= Some(before)));
            prop_assert!(after.is_some_and(|after| after <= STATUSES[more]));
        }

        /// Something more being done never sets a participant back.
        #[test]
        fn doing_more_never_sets_back(prepared: bool, administered: bool, followed_up: bool) {
            let before = Progress { prepared, administered, followed_up };
            for after in [
                Progress { prepared: true, ..before },
                Progress { administered: true, ..before },
                Progress { followed_up: true, ..before },
            ] {
                prop_assert!(after.status() >= before.status());
            }
        }
    }
}
