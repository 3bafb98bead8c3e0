//! Facilitated sessions: no sequence of approving, associating, releasing, moving people and changing roles ever gives
//! access that the rules do not. What becomes of a session, and what the rules give, is said here once more, in other
//! words, without the product's own rules and without Cedar.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up should stop")]

use authz::{Action, Authorizer, Resource};
use domain::{
    ChartId, ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId, Sealed, WrappedKey,
    facilitation::{
        Administration, CenterOffer, CenterProfile, Entrant, FacilitatedSession, FacilitationError,
        FacilitatorCode, History, License, Participant, VoidReason, Voided,
    },
    member::{Member, Permissions, ProxyScope, Relationship, Representation, Role, Verb},
    record::RecordType,
    text::Line,
};
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// The clinic, two centers, and an organization that is neither.
const ORGANIZATIONS: usize = 4;
/// Members of each.
const PEOPLE: usize = 3;
/// Two groups, of which the second takes people over from the first.
const SESSIONS: usize = 2;
const CLIENTS: usize = 2;

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(|| Authorizer::new().unwrap());

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
const OTHERS: [Action; 3] = [Action::AddParticipant, Action::ReleaseFacilitation, Action::ReadChart];

#[derive(Clone, Debug)]
enum Event {
    /// A center approves a facilitator of the clinic, or no longer does.
    Approve {
        center: usize,
        who: usize,
        on: bool,
    },
    Within {
        session: usize,
        act: Act,
    },
    /// A client goes from the first session into the second.
    Move {
        client: usize,
    },
    TakeRoles {
        who: usize,
        roles: BTreeSet<Role>,
    },
    Permit {
        who: usize,
        verbs: BTreeSet<Verb>,
    },
    Suspend {
        who: usize,
    },
    Restore {
        who: usize,
    },
    /// To see, or to answer as well; or no longer.
    StandFor {
        who: usize,
        client: usize,
        answering: Option<bool>,
    },
}

/// What is done to one session.
#[derive(Clone, Debug)]
enum Act {
    Associate { center: usize },
    Release,
    Staff { who: BTreeSet<usize> },
    Assign { client: usize, who: usize },
    Remove { client: usize },
    Administer { client: usize },
    Void,
}

fn act() -> impl Strategy<Value = Act> {
    let (client, who) = (0..CLIENTS, 0..PEOPLE);
    prop_oneof![
        6 => (0..ORGANIZATIONS).prop_map(|center| Act::Associate { center }),
        3 => Just(Act::Release),
        4 => prop::collection::btree_set(who.clone(), 0..=PEOPLE).prop_map(|who| Act::Staff { who }),
        2 => (client.clone(), who).prop_map(|(client, who)| Act::Assign { client, who }),
        1 => client.clone().prop_map(|client| Act::Remove { client }),
        1 => client.prop_map(|client| Act::Administer { client }),
        1 => Just(Act::Void),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..ORGANIZATIONS * PEOPLE;
    let roles = [Role::Administrator, Role::Practitioner, Role::Staff, Role::Auditor, Role::Client];
    let roles = prop::collection::btree_set(prop::sample::select(roles.to_vec()), 1..3);
    let verbs = prop::collection::btree_set(prop::sample::select(Verb::ALL.to_vec()), 0..=4);
    // An approval is given more often than taken back, so that sessions find centers.
    let approval = (0..ORGANIZATIONS, 0..PEOPLE, prop::bool::weighted(0.8));
    prop_oneof![
        5 => approval.prop_map(|(center, who, on)| Event::Approve { center, who, on }),
        8 => (0..SESSIONS, act()).prop_map(|(session, act)| Event::Within { session, act }),
        3 => (0..CLIENTS).prop_map(|client| Event::Move { client }),
        3 => (who.clone(), roles).prop_map(|(who, roles)| Event::TakeRoles { who, roles }),
        2 => (who.clone(), verbs).prop_map(|(who, verbs)| Event::Permit { who, verbs }),
        1 => who.clone().prop_map(|who| Event::Suspend { who }),
        1 => who.clone().prop_map(|who| Event::Restore { who }),
        2 => (who, 0..CLIENTS, any::<Option<bool>>())
            .prop_map(|(who, client, answering)| Event::StandFor { who, client, answering }),
    ]
}

fn organization(at: usize) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(at as u128 + 1))
}

fn member(at: usize) -> Member {
    let member = Member::invite(
        person(at),
        organization(at / PEOPLE),
        Line::new("Somebody").unwrap(),
        "somebody@north.example".to_owned().try_into().unwrap(),
        BTreeSet::from([Role::Practitioner]),
        NOW,
    );
    member.bind("identity".into())
}

fn person(at: usize) -> MemberId {
    MemberId::new(Uuid::from_u128(at as u128 + 100))
}

fn client(at: usize) -> ClientId {
    ClientId::new(Uuid::from_u128(at as u128 + 50))
}

fn person_at(id: MemberId) -> usize {
    (0..ORGANIZATIONS * PEOPLE).find(|at| person(*at) == id).unwrap()
}

fn client_at(id: ClientId) -> usize {
    (0..CLIENTS).find(|at| client(*at) == id).unwrap()
}

/// A group of the clinic's, with a date, and with these clients whom one of the clinic facilitates.
fn begun(at: usize, facilitator: usize, clients: &[usize]) -> FacilitatedSession {
    let id = FacilitationId::new(Uuid::from_u128(at as u128 + 60));
    let session = FacilitatedSession::begin(id, organization(0), person(facilitator), [], true, NOW).unwrap();
    let session = session.schedule(Some(NOW)).unwrap();
    clients.iter().fold(session, |session, one| {
        let number = (at * CLIENTS + one) as u128;
        session.admit(participant(number, client(*one), person(facilitator))).unwrap()
    })
}

fn participant(number: u128, client_id: ClientId, facilitator: MemberId) -> Participant {
    Entrant {
        id: ParticipantId::new(Uuid::from_u128(number + 70)),
        client_id,
        chart_id: ChartId::new(Uuid::from_u128(number + 80)),
        facilitator,
        client_key: WrappedKey::from_bytes(vec![]),
        key: WrappedKey::from_bytes(vec![]),
        person: Sealed::from_bytes(vec![]),
        history: History::default(),
    }
    .join(NOW)
}

fn profile(center: usize) -> CenterProfile {
    let license = License {
        number: Line::new("SC-1").unwrap(),
        state: "CO".to_owned().try_into().unwrap(),
        expires_on: date(2100, 1, 1),
    };
    let organization_id = organization(center);
    CenterProfile { organization_id, license, set_by: person(center * PEOPLE), set_at: NOW, revision: 1 }
}

/// What the rules say a session is by now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    facilitators: BTreeSet<usize>,
    center: Option<usize>,
    /// The clients who take part, each with their own facilitator.
    present: BTreeMap<usize, usize>,
    administered: BTreeSet<usize>,
    /// Whether anything was administered to anybody, even if they were taken out of it later.
    ever: bool,
    void: bool,
}

impl Told {
    fn begun(facilitator: usize, clients: &[usize]) -> Self {
        Self {
            facilitators: BTreeSet::from([facilitator]),
            center: None,
            present: clients.iter().map(|client| (*client, facilitator)).collect(),
            administered: BTreeSet::new(),
            ever: false,
            void: false,
        }
    }

    /// As the product has it.
    fn of(session: &FacilitatedSession) -> Self {
        let center_at = |id: OrganizationId| (0..ORGANIZATIONS).find(|at| organization(*at) == id).unwrap();
        let administered = session.present().filter(|one| one.administration.is_some());
        Self {
            facilitators: session.facilitators.iter().map(|id| person_at(*id)).collect(),
            center: session.center_id().map(center_at),
            present: session
                .present()
                .map(|one| (client_at(one.client_id), person_at(one.facilitator)))
                .collect(),
            administered: administered.map(|one| client_at(one.client_id)).collect(),
            ever: session.participants.iter().any(|one| one.administration.is_some()),
            void: session.voided.is_some(),
        }
    }

    /// What is struck through stays as it is, but for a center that it was never held at; what a rule stands against does
    /// not happen.
    fn take(&mut self, act: &Act, approved: &BTreeSet<(usize, usize)>) {
        if self.void && !matches!(act, Act::Release) {
            return;
        }
        let approves = |center: usize, who: &usize| approved.contains(&(center, *who));
        match act {
            // A center takes on whom it has approved, all of them, and one center at a time.
            Act::Associate { center } => {
                if self.center.is_none() && self.facilitators.iter().all(|who| approves(*center, who)) {
                    self.center = Some(*center);
                }
            }
            // What was administered at a center stays with it.
            Act::Release => {
                if !self.ever {
                    self.center = None;
                }
            }
            // Nobody who is assigned to somebody goes, and at a center nobody comes whom it has not approved.
            Act::Staff { who } => {
                let assigned = self.present.values().all(|facilitator| who.contains(facilitator));
                let mut new = who.difference(&self.facilitators);
                let welcome = self.center.is_none_or(|center| new.all(|one| approves(center, one)));
                if !who.is_empty() && assigned && welcome {
                    self.facilitators.clone_from(who);
                }
            }
            Act::Assign { client, who } => {
                if let Some(facilitator) =
                    self.present.get_mut(client).filter(|_| self.facilitators.contains(who))
                {
                    *facilitator = *who;
                }
            }
            Act::Remove { client } => {
                self.present.remove(client);
                self.administered.remove(client);
            }
            Act::Administer { client } => {
                if self.present.contains_key(client) {
                    self.administered.insert(*client);
                    self.ever = true;
                }
            }
            Act::Void => self.void = true,
        }
    }

    /// A client goes over with their facilitator, before anything was administered, and never from one center to
    /// another or out of one.
    fn goes_over(from: &mut Self, into: &mut Self, client: usize) {
        let Some(facilitator) = from.present.get(&client).copied() else { return };
        let stand = !from.void && !into.void;
        let nothing_yet = !from.administered.contains(&client) && into.administered.is_empty();
        let stays = from.center.is_none() || from.center == into.center;
        let fits = !into.present.contains_key(&client) && into.facilitators.contains(&facilitator);
        if stand && nothing_yet && stays && fits {
            from.present.remove(&client);
            into.present.insert(client, facilitator);
        }
    }
}

/// Who and what there is, and what has become of it: by the product, and by the rules.
struct World {
    people: Vec<Member>,
    /// Whom each center has approved.
    approved: BTreeSet<(usize, usize)>,
    sessions: [FacilitatedSession; SESSIONS],
    told: [Told; SESSIONS],
}

impl World {
    fn begin() -> Self {
        Self {
            people: (0..ORGANIZATIONS * PEOPLE).map(member).collect(),
            approved: BTreeSet::new(),
            sessions: [begun(0, 0, &[0, 1]), begun(1, 1, &[1])],
            told: [Told::begun(0, &[0, 1]), Told::begun(1, &[1])],
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Approve { center, who, on: true } => {
                self.approved.insert((*center, *who));
            }
            Event::Approve { center, who, on: false } => {
                self.approved.remove(&(*center, *who));
            }
            Event::Within { session, act } => {
                if let Ok(changed) = self.act(self.sessions[*session].clone(), act) {
                    self.sessions[*session] = changed;
                }
                self.told[*session].take(act, &self.approved);
            }
            Event::Move { client } => {
                let [first, second] = self.sessions.clone();
                let part = part(&first, *client);
                if let Ok((second, first)) = second.take_from(first, part, person(0), NOW) {
                    self.sessions = [first, second];
                }
                let [first, second] = &mut self.told;
                Told::goes_over(first, second, *client);
            }
            Event::TakeRoles { who, roles } => self.people[*who].roles.clone_from(roles),
            Event::Permit { who, verbs } => {
                self.people[*who].permissions = Permissions::new([(RecordType::Data, verbs.clone())]);
            }
            Event::Suspend { who } => self.change(*who, |one| one.suspend(MemberId::new(Uuid::nil())).ok()),
            Event::Restore { who } => self.change(*who, |one| one.restore().ok()),
            Event::StandFor { who, client: of, answering: Some(answering) } => {
                let how = Representation {
                    relationship: Relationship::Caregiver,
                    consent_id: None,
                    expires_at: None,
                    of_child: false,
                    scope: if *answering { ProxyScope::ReadAndAnswer } else { ProxyScope::Read },
                };
                self.people[*who].represents.insert(client(*of), how);
            }
            Event::StandFor { who, client: of, answering: None } => {
                self.people[*who].represents.remove(&client(*of));
            }
        }
    }

    /// By the product's own rules.
    fn act(&self, session: FacilitatedSession, act: &Act) -> Result<FacilitatedSession, FacilitationError> {
        let by = person(0);
        match act {
            Act::Associate { center } => {
                let (profile, approved) = (profile(*center), self.approved_by(*center));
                session.associate(&CenterOffer { profile: &profile, approved }, by, date(2027, 1, 1), NOW)
            }
            Act::Release => session.release(),
            Act::Staff { who } => {
                let center = Told::of(&session).center;
                let approved = center.map(|center| self.approved_by(center)).unwrap_or_default();
                session.staff(who.iter().map(|at| person(*at)).collect(), &approved)
            }
            Act::Assign { client, who } => {
                let part = part(&session, *client);
                session.assign(part, person(*who))
            }
            Act::Remove { client } => {
                let part = part(&session, *client);
                session.remove(part, by, Sealed::from_bytes(vec![]), NOW)
            }
            Act::Administer { client } => {
                let (part, given) = (part(&session, *client), Administration::default());
                session.administer(part, &given, vec![], by, true, NOW).map(|(session, _)| session)
            }
            Act::Void => session.void(Voided { by, at: NOW, reason: VoidReason::Other }),
        }
    }

    fn approved_by(&self, center: usize) -> BTreeSet<FacilitatorCode> {
        let of_center = self.approved.iter().filter(|(one, _)| *one == center);
        let code = |who: usize| FacilitatorCode { organization_id: organization(0), member_id: person(who) };
        of_center.map(|(_, who)| code(*who)).collect()
    }

    fn change(&mut self, who: usize, change: impl FnOnce(Member) -> Option<Member>) {
        if let Some(changed) = change(self.people[who].clone()) {
            self.people[who] = changed;
        }
    }

    /// What the rules give in a session, in plain words; to a client's part in it, if it is about one.
    fn may(&self, who: usize, action: Action, session: &Told, of: Option<ClientId>) -> bool {
        let member = &self.people[who];
        if !member.is_active() {
            return false;
        }
        let at_home = who < PEOPLE;
        let has = |verb| member.permissions.allows(RecordType::Data, verb);
        let facilitates = session.facilitators.contains(&who);
        let holds = |verb| facilitates && has(verb) && member.roles.contains(&Role::Practitioner);
        let of_center = session.center == Some(who / PEOPLE) && member.roles.contains(&Role::Administrator);
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
                let is_client = at_home && member.roles.contains(&Role::Client);
                let appointed = of.and_then(|client| member.represents.get(&client)).map(|how| how.scope);
                let stands_for = is_client && appointed == Some(ProxyScope::ReadAndAnswer);
                holds(Verb::Edit) || (stands_for && (!facilitates || has(Verb::Edit)))
            }
            _ => false,
        }
    }
}

/// The part of a client who takes part; of nobody, if they do not.
fn part(session: &FacilitatedSession, at: usize) -> ParticipantId {
    session.participant_of(client(at)).map_or(ParticipantId::new(Uuid::nil()), |one| one.id)
}

fn allows(member: &Member, action: Action, resource: Resource<'_>) -> bool {
    AUTHORIZER.decide(member, action, resource, NOW).is_ok_and(|decision| decision.allowed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is the beginning of a sequence is one by itself, so who may do what is asked at the end of each.
    #[test]
    fn no_sequence_gives_what_the_rules_do_not(events in prop::collection::vec(event(), 1..24)) {
        let mut world = World::begin();
        for event in &events {
            world.take(event);
            for (session, told) in world.sessions.iter().zip(&world.told) {
                prop_assert_eq!(&Told::of(session), told, "after {:?}", event);
            }
        }
        for (session, told) in world.sessions.iter().zip(&world.told) {
            for (at, who) in world.people.iter().enumerate() {
                for action in READING.into_iter().chain(EDITING).chain(STRIKING).chain(OTHERS) {
                    let allowed = allows(who, action, Resource::Facilitation(session));
                    prop_assert_eq!(allowed, world.may(at, action, told, None), "{:?} {:?}", at, action);
                }
                for one in &session.participants {
                    let allowed = allows(who, Action::CompleteItem, Resource::Participation(session, one));
                    let may = world.may(at, Action::CompleteItem, told, Some(one.client_id));
                    prop_assert_eq!(allowed, may, "{:?} in the part of {:?}", at, one.client_id);
                }
            }
        }
    }
}
