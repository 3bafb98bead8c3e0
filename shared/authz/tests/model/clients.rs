//! What clients permit, who stands for them, and that two of them are one person: what happens, and what the rules make
//! of it, in words of their own (P-08, R021, R024, R060, R066, R120; 45 CFR 164.502(g), 164.508(b)(5)).

use crate::{
    event::{CLIENTS, PEOPLE, chart, person, with},
    reference::{Hour, OnChart, Reference, Share, With},
};
use domain::{
    consent::{ConsentPurpose, Giver},
    member::{Relationship, Role, Verb},
    record::RecordType,
    sharing::AccessType,
};
use proptest::{collection::btree_map, option::weighted, prelude::*, sample::select};
use std::collections::BTreeMap;

/// Days since the day the story began.
pub type Day = i32;

/// Who holds the session in which both clients take part.
pub const FACILITATOR: usize = 0;

/// What a client has permitted, or who spoke for them.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    pub purpose: ConsentPurpose,
    pub given_by: Giver,
    /// Its last day.
    pub until: Option<Day>,
    pub withdrawn: bool,
}

/// Who may be shared with in one action.
#[derive(Clone, Debug)]
pub struct Circle {
    pub of: BTreeMap<With, AccessType>,
    /// The permission it stands on, by its number among the client's.
    pub on: usize,
}

/// That somebody stands for a client.
#[derive(Clone, Copy, Debug)]
pub struct Proxy {
    pub as_who: Relationship,
    /// As of a circle; who is the client needs none.
    pub on: Option<usize>,
    /// The last day of it.
    pub until: Option<Day>,
    /// What a minor may have come for alone is not for them.
    pub for_child: bool,
    /// They fill in what the client is asked in a session, beside seeing what is meant for them.
    pub answers: bool,
}

impl Proxy {
    pub const ONESELF: Self =
        Self { as_who: Relationship::Oneself, on: None, until: None, for_child: false, answers: true };

    pub fn lasts(&self, today: Day) -> bool {
        self.until.is_none_or(|last| today <= last)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Client {
    pub merged_into: Option<usize>,
    /// Their eighteenth birthday, by the birth date that is known.
    pub of_age_on: Option<Day>,
    /// In the order in which they were recorded.
    pub permissions: Vec<Permission>,
    pub circle: Option<Circle>,
}

/// How somebody is asked to stand for a client.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub as_who: Relationship,
    pub on: Option<usize>,
    /// Until so many days from now, if the permission is not to be the end.
    pub days: Option<Day>,
    pub answers: bool,
}

/// What happens with a client. It is done by whoever may, if anybody does; that others may not is asked of everybody
/// after each event. A permission that is not there yet is the last.
#[derive(Clone, Debug)]
pub enum OfClient {
    Permit { client: usize, purpose: ConsentPurpose, given_by: Giver, days: Option<Day> },
    Withdraw { client: usize, permission: usize },
    NameCircle { client: usize, permission: usize, of: BTreeMap<With, AccessType> },
    ShareWithCircle { chart: usize, days: Option<Day> },
    Appoint { client: usize, who: usize, asked: Wanted },
    EndProxy { client: usize, who: usize },
    CorrectBirth { client: usize, of_age_on: Option<Day> },
    Merge { client: usize, into: usize },
    Unmerge { client: usize },
}

/// Mostly the client that most is about.
fn client() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0_usize), 1 => 0..CLIENTS]
}

fn purpose() -> impl Strategy<Value = ConsentPurpose> {
    select(vec![ConsentPurpose::CircleOfCare, ConsentPurpose::ProxyAccess])
}

fn giver() -> impl Strategy<Value = Giver> {
    select(vec![Giver::Client, Giver::Parent, Giver::Guardian, Giver::LegalRepresentative])
}

fn days() -> impl Strategy<Value = Option<Day>> {
    weighted(0.7, 0..8_i32)
}

/// Mostly an account of a client's.
fn account() -> impl Strategy<Value = usize> {
    prop_oneof![6 => select(vec![5, 8]), 1 => person()]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let as_who = prop_oneof![
        2 => select(vec![Relationship::Parent, Relationship::Guardian]),
        2 => select(vec![Relationship::Caregiver, Relationship::LegalRepresentative]),
        1 => Just(Relationship::Oneself),
    ];
    let asked = (as_who, weighted(0.8, 0..4_usize), weighted(0.3, 0..8_i32), any::<bool>());
    asked.prop_map(|(as_who, on, days, answers)| Wanted { as_who, on, days, answers })
}

impl OfClient {
    pub fn any() -> impl Strategy<Value = Self> {
        let circle = || btree_map(with(), select(AccessType::ALL.to_vec()), 0..=3);
        let number = || 0..4_usize;
        let permit = (client(), purpose(), giver(), days());
        prop_oneof![
            5 => permit.prop_map(|(client, purpose, given_by, days)| {
                Self::Permit { client, purpose, given_by, days }
            }),
            3 => (client(), number()).prop_map(|(client, permission)| Self::Withdraw { client, permission }),
            4 => (client(), number(), circle())
                .prop_map(|(client, permission, of)| Self::NameCircle { client, permission, of }),
            5 => (chart(), days()).prop_map(|(chart, days)| Self::ShareWithCircle { chart, days }),
            6 => (client(), account(), wanted())
                .prop_map(|(client, who, asked)| Self::Appoint { client, who, asked }),
            2 => (client(), account()).prop_map(|(client, who)| Self::EndProxy { client, who }),
            3 => (client(), weighted(0.9, -2..8_i32))
                .prop_map(|(client, of_age_on)| Self::CorrectBirth { client, of_age_on }),
            2 => (0..CLIENTS, 0..CLIENTS).prop_map(|(client, into)| Self::Merge { client, into }),
            1 => client().prop_map(|client| Self::Unmerge { client }),
        ]
    }
}

/// What somebody does with a client, apart from their charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnClient {
    /// Know who they are, and correct it.
    Know,
    /// See what there is of them, as far as each record is theirs to see.
    SeeRecords,
    /// Open a chart, hold two to be one, see what they permitted to whom.
    WorkWith,
    /// Record and read what decides how long their records are kept.
    KnowFacts,
    SeeTrail,
}

/// Whether somebody is to the client what parents are to a child, as long as it is one: parents, guardians, and whom
/// somebody else than the client let in.
fn cares(as_who: Relationship, giver: Option<Giver>) -> bool {
    match as_who {
        Relationship::Oneself => false,
        Relationship::Parent | Relationship::Guardian => true,
        _ => matches!(giver, Some(Giver::Parent | Giver::Guardian | Giver::LegalRepresentative)),
    }
}

fn first(ends: impl IntoIterator<Item = Option<Day>>) -> Option<Day> {
    ends.into_iter().flatten().min()
}

/// The hour with which a day is over.
fn end_of(last: Day) -> Hour {
    Hour::try_from((last + 1) * 24).expect("a day of the story")
}

impl Reference {
    pub fn today(&self) -> Day {
        Day::try_from(self.now / 24).expect("a day of the story")
    }

    pub fn may_with_client(&self, who: usize, act: OnClient, client: usize) -> bool {
        let person = &self.people[who];
        let practises = person.is(Role::Practitioner);
        let may = match act {
            OnClient::Know => practises || person.is(Role::Staff),
            OnClient::SeeRecords => practises || self.proxy(who, client).is_some(),
            OnClient::WorkWith => practises,
            OnClient::KnowFacts => practises || person.is(Role::RecordsManager),
            OnClient::SeeTrail => practises || person.is(Role::Auditor) || person.is(Role::Administrator),
        };
        may && self.is_there(who, 0)
    }

    /// Whether somebody fills in what a client is asked in a session: the client, who was appointed to, and the
    /// facilitator as far as they may edit what is typed at all.
    pub fn may_answer(&self, who: usize, client: usize) -> bool {
        let (person, facilitates) = (&self.people[who], who == FACILITATOR);
        let answers = self.proxy(who, client).is_some_and(|proxy| proxy.answers);
        let may = (facilitates && person.is(Role::Practitioner)) || answers;
        may && (!facilitates || person.allows(RecordType::Data, Verb::Edit)) && self.is_there(who, 0)
    }

    /// How somebody stands for a client now. Who is a colleague stands for nobody, and a merge gives nobody anything.
    pub fn proxy(&self, who: usize, client: usize) -> Option<&Proxy> {
        let person = &self.people[who];
        let proxy = person.stands_for.get(&client).filter(|proxy| proxy.lasts(self.today()));
        proxy.filter(|_| person.is(Role::Client))
    }

    /// Whether it happens.
    pub fn is_of_client(&mut self, event: &OfClient) -> bool {
        match event.clone() {
            OfClient::Permit { client, purpose, given_by, days } => {
                let until = days.map(|days| self.today() + days);
                self.permits(client, Permission { purpose, given_by, until, withdrawn: false })
            }
            OfClient::Withdraw { client, permission } => self.withdraws(client, permission),
            OfClient::NameCircle { client, permission, of } => self.names_circle(client, permission, of),
            OfClient::ShareWithCircle { chart, days } => self.shares_with_circle(chart, days),
            OfClient::Appoint { client, who, asked } => self.appoints(client, who, asked),
            OfClient::EndProxy { client, who } => {
                self.is_let_in(client) && self.people[who].stands_for.remove(&client).is_some()
            }
            OfClient::CorrectBirth { client, of_age_on } => self.corrects_birth(client, of_age_on),
            OfClient::Merge { client, into } => {
                let merged = |at: usize| self.clients[at].merged_into.is_some();
                let takes_others = self.clients.iter().any(|other| other.merged_into == Some(client));
                let sound = client != into && !merged(client) && !merged(into) && !takes_others;
                let happens = sound && self.is_done(OnClient::WorkWith, client);
                if happens {
                    self.clients[client].merged_into = Some(into);
                }
                happens
            }
            OfClient::Unmerge { client } => {
                self.is_done(OnClient::WorkWith, client) && self.clients[client].merged_into.take().is_some()
            }
        }
    }

    fn is_done(&self, act: OnClient, client: usize) -> bool {
        (0..PEOPLE).any(|who| self.may_with_client(who, act, client))
    }

    /// With the client decides who has a chart of theirs to write in, of which there is somebody.
    fn is_let_in(&self, client: usize) -> bool {
        let of_client = (0..self.charts.len()).filter(|at| self.charts[*at].client == client);
        of_client
            .flat_map(|at| (0..PEOPLE).map(move |who| (who, at)))
            .any(|(who, at)| self.may_with_chart(who, OnChart::LetIn, at))
    }

    /// What is new is written down of the client they are held to be.
    fn takes_new(&self, client: usize) -> bool {
        self.clients[client].merged_into.is_none() && self.is_let_in(client)
    }

    /// Which permission is meant.
    fn permission(&self, client: usize, number: usize) -> Option<usize> {
        let last = self.clients[client].permissions.len().checked_sub(1)?;
        Some(number.min(last))
    }

    /// Whether something can stand on it today.
    fn holds_for(&self, client: usize, at: usize, wanted: ConsentPurpose) -> bool {
        let Permission { purpose, until, withdrawn, .. } = self.clients[client].permissions[at];
        purpose == wanted && !withdrawn && until.is_none_or(|last| self.today() <= last)
    }

    /// Access for somebody of the client's own has an end, and a parent speaks for who is known to be a child.
    fn permits(&mut self, client: usize, permission: Permission) -> bool {
        let is_child = self.clients[client].of_age_on.is_some_and(|day| self.today() < day);
        let ends = permission.purpose == ConsentPurpose::CircleOfCare || permission.until.is_some();
        let speaks = permission.given_by != Giver::Parent || is_child;
        let sound = ends && speaks && self.takes_new(client);
        if sound {
            self.clients[client].permissions.push(permission);
        }
        sound
    }

    /// What stands on it ends with it, wherever it is, and nothing else.
    fn withdraws(&mut self, client: usize, number: usize) -> bool {
        let Some(at) = self.permission(client, number) else { return false };
        if self.clients[client].permissions[at].withdrawn || !self.is_let_in(client) {
            return false;
        }
        self.clients[client].permissions[at].withdrawn = true;
        for chart in self.charts.iter_mut().filter(|chart| chart.client == client) {
            chart.shares.retain(|_, share| share.on != Some(at));
        }
        for person in &mut self.people {
            person.stands_for.retain(|of, proxy| *of != client || proxy.on != Some(at));
        }
        true
    }

    /// Naming somebody gives them nothing.
    fn names_circle(&mut self, client: usize, number: usize, of: BTreeMap<With, AccessType>) -> bool {
        let Some(on) = self.permission(client, number) else { return false };
        let sound = self.takes_new(client)
            && self.holds_for(client, on, ConsentPurpose::CircleOfCare)
            && of.keys().all(|with| self.works_here(*with));
        if sound {
            self.clients[client].circle = Some(Circle { of, on });
        }
        sound
    }

    fn works_here(&self, with: With) -> bool {
        let With::Person(who) = with else { return true };
        let person = &self.people[who];
        person.organization == 0 && person.active && !person.is(Role::Client)
    }

    /// Its owner shares a chart with everybody in the circle who has none of it, for as long as the client permits at
    /// most. What somebody has stays as it is.
    fn shares_with_circle(&mut self, chart: usize, days: Option<Day>) -> bool {
        let client = self.charts[chart].client;
        let Some(Circle { of, on }) = self.clients[client].circle.clone() else { return false };
        if !self.holds(chart) || !self.holds_for(client, on, ConsentPurpose::CircleOfCare) {
            return false;
        }
        let permitted = self.clients[client].permissions[on].until;
        let until = first([permitted, days.map(|days| self.today() + days)]).map(end_of);
        for (with, access) in of {
            let has = with == With::Person(self.charts[chart].owner) || self.is_live(chart, with);
            if !has && self.works_here(with) {
                self.charts[chart].shares.insert(with, Share { access, until, on: Some(on) });
            }
        }
        true
    }

    fn appoints(&mut self, client: usize, who: usize, asked: Wanted) -> bool {
        let on = asked.on.map(|number| self.permission(client, number));
        if on == Some(None) || !self.takes_new(client) || !self.may_stand_for(client, who, asked.as_who) {
            return false;
        }
        let (on, today, oneself) = (on.flatten(), self.today(), asked.as_who == Relationship::Oneself);
        if !on.map_or(oneself, |at| self.holds_for(client, at, ConsentPurpose::ProxyAccess)) {
            return false;
        }
        let Client { of_age_on, permissions, .. } = &self.clients[client];
        let permission = on.map(|at| permissions[at]);
        let giver = permission.map(|permission| permission.given_by);
        let is_child = of_age_on.is_some_and(|day| today < day);
        let for_child = cares(asked.as_who, giver) && is_child;
        // Who cares for a child is asked whether it is one; of who is of age no parent disposes any more.
        let disposes = is_child || (of_age_on.is_some() && giver != Some(Giver::Parent));
        if cares(asked.as_who, giver) && !disposes {
            return false;
        }
        let childhood = of_age_on.filter(|_| for_child).map(|day| day - 1);
        let permitted = permission.and_then(|permission| permission.until);
        let until = first([permitted, asked.days.map(|days| today + days), childhood]);
        let answers = asked.answers || oneself;
        let proxy = Proxy { as_who: asked.as_who, on, until, for_child, answers };
        self.people[who].stands_for.insert(client, proxy);
        true
    }

    /// An account of a client's that does not stand for them yet; and one alone is the client.
    fn may_stand_for(&self, client: usize, who: usize, as_who: Relationship) -> bool {
        let person = &self.people[who];
        let account = person.organization == 0 && person.active && person.is(Role::Client);
        let lasting = |at: usize| {
            let proxy = self.people[at].stands_for.get(&client);
            proxy.filter(|proxy| proxy.lasts(self.today()))
        };
        let is_them = |at: usize| lasting(at).is_some_and(|proxy| proxy.as_who == Relationship::Oneself);
        let taken = as_who == Relationship::Oneself && (0..PEOPLE).any(|at| at != who && is_them(at));
        account && lasting(who).is_none() && !taken
    }

    /// Whatever is found to be the birth date: who cares for a child does so as for one and until it is of age. Nothing
    /// becomes more by it.
    fn corrects_birth(&mut self, client: usize, of_age_on: Option<Day>) -> bool {
        if !self.is_done(OnClient::Know, client) {
            return false;
        }
        let today = self.today();
        let known = &mut self.clients[client];
        known.of_age_on = of_age_on;
        let Some(day) = of_age_on else { return true };
        for proxy in self.people.iter_mut().filter_map(|person| person.stands_for.get_mut(&client)) {
            let giver = proxy.on.map(|at| known.permissions[at].given_by);
            proxy.for_child |= today < day && cares(proxy.as_who, giver);
            if proxy.for_child {
                proxy.until = first([proxy.until, Some(day - 1)]);
            }
        }
        true
    }
}
