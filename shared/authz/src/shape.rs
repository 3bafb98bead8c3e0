//! What each action is asked on, and which of the four verbs it is: read from the schema, so that who asks about all
//! of them forgets none (R051, R052).

use crate::{
    Action,
    decide::{PolicyError, uid},
};
use cedar_policy::{Entities, Schema};
use domain::member::Verb;
use std::collections::BTreeSet;

/// What kind of thing an action is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Organization,
    Member,
    Client,
    Chart,
    Record,
    Space,
    Facilitation,
    /// A client's part in a facilitated session.
    Participation,
    Hold,
}

impl Subject {
    const ALL: [(Self, &str); 9] = [
        (Self::Organization, "Organization"),
        (Self::Member, "Member"),
        (Self::Client, "Client"),
        (Self::Chart, "Chart"),
        (Self::Record, "Record"),
        (Self::Space, "Space"),
        (Self::Facilitation, "Facilitation"),
        (Self::Participation, "Participation"),
        (Self::Hold, "Hold"),
    ];

    /// The verbs that mean something on a type of record here: a chart is added to, what is in it is edited and struck
    /// out. What is within a session has no type of its own.
    const fn takes(self, verb: Verb) -> bool {
        match self {
            Self::Chart => matches!(verb, Verb::Access | Verb::Add),
            Self::Record => matches!(verb, Verb::Access | Verb::Edit | Verb::Delete),
            Self::Organization
            | Self::Member
            | Self::Client
            | Self::Space
            | Self::Facilitation
            | Self::Participation
            | Self::Hold => false,
        }
    }
}

/// An action on one kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    pub action: Action,
    pub on: Subject,
    /// The verb of the two-fold permission it is, if it is one.
    pub verb: Option<Verb>,
}

impl Shape {
    /// All of them that a schema knows; `groups` are its actions.
    pub(crate) fn all(schema: &Schema, groups: &Entities) -> Result<Vec<Self>, PolicyError> {
        let mut shapes = Vec::new();
        for action in Action::ALL.iter().copied().filter(|action| !action.is_outside_policies()) {
            let action_uid = uid("Action", &action.name())?;
            let asked_on: BTreeSet<String> = schema
                .resources_for_action(&action_uid)
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            let within: BTreeSet<String> = groups
                .ancestors(&action_uid)
                .into_iter()
                .flatten()
                .map(|group| group.id().unescaped().to_ascii_lowercase())
                .collect();
            for (on, _) in Subject::ALL.into_iter().filter(|(_, name)| asked_on.contains(*name)) {
                let is_it = |verb: &Verb| on.takes(*verb) && within.contains(verb.name());
                shapes.push(Self { action, on, verb: Verb::ALL.into_iter().find(is_it) });
            }
        }
        Ok(shapes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Authorizer;

    #[test]
    fn an_action_has_the_shape_the_schema_gives_it() {
        let authorizer = Authorizer::new().unwrap();
        let shapes = authorizer.shapes().unwrap();
        let of = |action: Action| -> Vec<(Subject, Option<Verb>)> {
            shapes.iter().filter(|shape| shape.action == action).map(|shape| (shape.on, shape.verb)).collect()
        };
        assert_eq!(of(Action::ReadRecord), [(Subject::Record, Some(Verb::Access))]);
        assert_eq!(of(Action::DraftNote), [(Subject::Chart, Some(Verb::Add))]);
        assert_eq!(of(Action::VoidRecord), [(Subject::Record, Some(Verb::Delete))]);
        assert_eq!(of(Action::SetPolicy), [(Subject::Organization, None)]);
        assert_eq!(of(Action::ReadFacilitation), [(Subject::Facilitation, None)]);
        assert_eq!(of(Action::CompleteItem), [(Subject::Participation, None)]);
        assert_eq!(of(Action::AddParticipant), [(Subject::Chart, None), (Subject::Facilitation, None)]);
        assert_eq!(of(Action::ReadSpaceItem), [(Subject::Space, None)]);
        assert_eq!(of(Action::AcknowledgeHold), [(Subject::Hold, None)]);
        // A new file is an addition to its chart; another version of one, an edit of its record.
        let upload = [(Subject::Chart, Some(Verb::Add)), (Subject::Record, Some(Verb::Edit))];
        assert_eq!(of(Action::StartUpload), upload);
    }

    #[test]
    fn no_action_is_left_out() {
        let authorizer = Authorizer::new().unwrap();
        let shapes = authorizer.shapes().unwrap();
        for action in Action::ALL.iter().filter(|action| !action.is_outside_policies()) {
            assert!(shapes.iter().any(|shape| shape.action == *action), "{action:?} is asked on nothing");
        }
    }
}
