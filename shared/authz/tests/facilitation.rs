//! Facilitated sessions: no sequence of associating, releasing, moving people and changing roles ever gives access
//! that the rules do not. What they give is said here once more, in other words and without Cedar.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up should stop")]

use authz::{Action, Authorizer, Resource};
use domain::{
    ChartId, ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId, Sealed, WrappedKey,
    facilitation::{CenterLink, FacilitatedSession, History, Known, Participant, Standing},
    member::{Member, Permissions, ProxyScope, Relationship, Representation, Role, Verb},
    record::RecordType,
    text::Line,
};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// The clinic, two centers, and an organization that is neither.
const ORGANIZATIONS: usize = 4;
/// Members of each.
const PEOPLE: usize = 3;

const READING: [Action; 2] = [Action::ReadFacilitation, Action::ListParticipantEntries];
const EDITING: [Action; 9] = [
    Action::PlanFacilitation,
    Action::AssociateCenter,
    Action::MoveParticipant,
    Action::AssignParticipant,
    Action::RequireItem,
    Action::CounterSignItem,
    Action::RecordPreparation,
    Action::RecordAdministration,
    Action::RecordIntegration,
];
const STRIKING: [Action; 2] = [Action::VoidFacilitation, Action::RemoveParticipant];
const OTHERS: [Action; 4] =
    [Action::AddParticipant, Action::CompleteItem, Action::ReleaseFacilitation, Action::ReadChart];

#[derive(Clone, Debug)]
enum Event {
    Associate { center: usize },
    Release,
    Facilitate { who: usize, on: bool },
    TakeRoles { who: usize, roles: BTreeSet<Role> },
    Permit { who: usize, verbs: BTreeSet<Verb> },
    Suspend { who: usize },
    Restore { who: usize },
    StandFor { who: usize, answering: Option<bool> },
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..ORGANIZATIONS * PEOPLE;
    let roles = [Role::Administrator, Role::Practitioner, Role::Staff, Role::Auditor, Role::Client];
    let roles = prop::collection::btree_set(prop::sample::select(roles.to_vec()), 1..3);
    let verbs = prop::collection::btree_set(prop::sample::select(Verb::ALL.to_vec()), 0..=4);
    prop_oneof![
        3 => (0..ORGANIZATIONS).prop_map(|center| Event::Associate { center }),
        2 => Just(Event::Release),
        3 => (who.clone(), any::<bool>()).prop_map(|(who, on)| Event::Facilitate { who, on }),
        3 => (who.clone(), roles).prop_map(|(who, roles)| Event::TakeRoles { who, roles }),
        2 => (who.clone(), verbs).prop_map(|(who, verbs)| Event::Permit { who, verbs }),
        1 => who.clone().prop_map(|who| Event::Suspend { who }),
        1 => who.clone().prop_map(|who| Event::Restore { who }),
        2 => (who, any::<Option<bool>>()).prop_map(|(who, answering)| Event::StandFor { who, answering }),
    ]
}

fn organization(at: usize) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(at as u128 + 1))
}

fn member(at: usize) -> Member {
    let member = Member::invite(
        MemberId::new(Uuid::from_u128(at as u128 + 100)),
        organization(at / PEOPLE),
        Line::new("Somebody").unwrap(),
        "somebody@north.example".to_owned().try_into().unwrap(),
        BTreeSet::from([Role::Practitioner]),
        NOW,
    );
    member.bind("identity".into())
}

fn client() -> ClientId {
    ClientId::new(Uuid::from_u128(50))
}

fn begun(facilitator: MemberId) -> FacilitatedSession {
    let id = FacilitationId::new(Uuid::from_u128(60));
    let session = FacilitatedSession::begin(id, organization(0), facilitator, [], true, NOW).unwrap();
    let participant = Participant {
        id: ParticipantId::new(Uuid::from_u128(61)),
        client_id: client(),
        chart_id: ChartId::new(Uuid::from_u128(62)),
        facilitator,
        client_key: WrappedKey::from_bytes(vec![]),
        key: WrappedKey::from_bytes(vec![]),
        person: Sealed::from_bytes(vec![]),
        joined_at: NOW,
        history: History::default(),
        known: Known::default(),
        preparations: vec![],
        reviews: vec![],
        items: BTreeMap::new(),
        administration: None,
        integration: None,
        standing: Standing::Present,
    };
    session.admit(participant).unwrap()
}

/// Who and what there is, and what has become of it.
struct World {
    people: Vec<Member>,
    session: FacilitatedSession,
}

impl World {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Associate { center } => {
                self.session.center = Some(CenterLink {
                    organization_id: organization(*center),
                    associated_by: self.people[0].id,
                    associated_at: NOW,
                    oregon: false,
                });
            }
            Event::Release => self.session.center = None,
            Event::Facilitate { who, on: true } => {
                let _ = self.session.facilitators.insert(self.people[*who].id);
            }
            Event::Facilitate { who, on: false } => {
                let _ = self.session.facilitators.remove(&self.people[*who].id);
            }
            Event::TakeRoles { who, roles } => self.people[*who].roles.clone_from(roles),
            Event::Permit { who, verbs } => {
                self.people[*who].permissions = Permissions::new([(RecordType::Data, verbs.clone())]);
            }
            Event::Suspend { who } => self.change(*who, |one| one.suspend(MemberId::new(Uuid::nil())).ok()),
            Event::Restore { who } => self.change(*who, |one| one.restore().ok()),
            Event::StandFor { who, answering: Some(answering) } => {
                let how = Representation {
                    relationship: Relationship::Caregiver,
                    consent_id: None,
                    expires_at: None,
                    of_child: false,
                    scope: if *answering { ProxyScope::ReadAndAnswer } else { ProxyScope::Read },
                };
                self.people[*who].represents.insert(client(), how);
            }
            Event::StandFor { who, answering: None } => drop(self.people[*who].represents.remove(&client())),
        }
    }

    fn change(&mut self, who: usize, change: impl FnOnce(Member) -> Option<Member>) {
        if let Some(changed) = change(self.people[who].clone()) {
            self.people[who] = changed;
        }
    }

    /// What the rules give, in plain words.
    fn may(&self, who: &Member, action: Action) -> bool {
        if !who.is_active() {
            return false;
        }
        let at_home = who.organization_id == self.session.organization_id;
        let has = |verb| who.permissions.allows(RecordType::Data, verb);
        let facilitates = at_home && self.session.facilitators.contains(&who.id);
        let holds = |verb| facilitates && has(verb) && who.roles.contains(&Role::Practitioner);
        let center = self.session.center_id() == Some(who.organization_id);
        let of_center = center && who.roles.contains(&Role::Administrator);
        if READING.contains(&action) {
            // Who facilitates is held to their own permissions, whatever else they are.
            return holds(Verb::Access) || (of_center && (!facilitates || has(Verb::Access)));
        }
        if EDITING.contains(&action) {
            return holds(Verb::Edit);
        }
        if STRIKING.contains(&action) {
            return holds(Verb::Delete);
        }
        match action {
            Action::ReleaseFacilitation => of_center,
            Action::AddParticipant => holds(Verb::Add),
            Action::CompleteItem => {
                let is_client = who.roles.contains(&Role::Client);
                let appointed = who.represents.get(&client()).map(|how| how.scope);
                let stands_for = at_home && is_client && appointed == Some(ProxyScope::ReadAndAnswer);
                holds(Verb::Edit) || (stands_for && (!facilitates || has(Verb::Edit)))
            }
            _ => false,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_sequence_gives_what_the_rules_do_not(events in prop::collection::vec(event(), 1..16)) {
        let authorizer = Authorizer::new().unwrap();
        let people: Vec<Member> = (0..ORGANIZATIONS * PEOPLE).map(member).collect();
        let session = begun(people[0].id);
        let mut world = World { people, session };
        for event in events {
            world.take(&event);
            let session = &world.session;
            for who in &world.people {
                for action in READING.into_iter().chain(EDITING).chain(STRIKING).chain(OTHERS) {
                    let allowed = [
                        Resource::Facilitation(session),
                        Resource::Participation(session, &session.participants[0]),
                    ]
                    .into_iter()
                    .any(|resource| {
                        authorizer.decide(who, action, resource, NOW).is_ok_and(|decision| decision.allowed)
                    });
                    prop_assert_eq!(allowed, world.may(who, action), "{:?} {:?} after {:?}", who.id, action, event);
                }
            }
        }
    }
}
