//! What happens in the story, and what the rules make of it.

use crate::{
    clients::OfClient,
    reference::{Chart, ESCROWS, Escrow, OnChart, OnRecord, Record, Reference, Share, Verbs, With},
};
use domain::{
    confidentiality::Compartment,
    member::{Role, Verb},
    record::RecordType,
    sharing::AccessType,
};
use proptest::{collection::btree_set, prelude::*, sample::select};
use std::collections::BTreeSet;

/// People, teams, charts and clients are named by their numbers.
pub const PEOPLE: usize = 9;
pub const TEAMS: usize = 2;
pub const CLIENTS: usize = 2;
/// The first and the last are the first client's.
pub const CHARTS: usize = 3;
/// Records there are at most; an event on one that is not there yet is about the last.
pub const RECORDS: usize = 8;

#[derive(Clone, Debug)]
pub enum Event {
    Share {
        chart: usize,
        with: With,
        access: AccessType,
        hours: Option<u32>,
    },
    ChangeShare {
        chart: usize,
        with: With,
        access: AccessType,
        hours: Option<u32>,
    },
    EndShare {
        chart: usize,
        with: With,
    },
    Leave {
        chart: usize,
        who: usize,
    },
    JoinTeam {
        who: usize,
        team: usize,
    },
    LeaveTeam {
        who: usize,
        team: usize,
    },
    TimePasses {
        hours: u32,
    },
    Offer {
        chart: usize,
        offer: crate::reference::Offer,
    },
    Accept {
        chart: usize,
    },
    /// Declined, or withdrawn: the same to everybody.
    EndOffer {
        chart: usize,
    },
    AskEscrow {
        chart: usize,
        who: usize,
    },
    /// Of the oldest that waits.
    ApproveEscrow {
        chart: usize,
        who: usize,
    },
    RefuseEscrow {
        chart: usize,
        who: usize,
    },
    /// Of the oldest that waits or is open.
    EndEscrow {
        chart: usize,
        who: usize,
    },
    MarkChart {
        chart: usize,
        confidential: bool,
    },
    MarkRecord {
        record: usize,
        confidential: bool,
        /// As what a minor may have come for alone.
        alone: bool,
    },
    File {
        chart: usize,
        by: usize,
        kind: RecordType,
        compartment: Compartment,
        for_client: bool,
    },
    Sign {
        record: usize,
    },
    Cosign {
        record: usize,
    },
    Void {
        record: usize,
        by: usize,
    },
    Limit {
        record: usize,
        who: usize,
        verbs: Verbs,
    },
    Permit {
        who: usize,
        kind: RecordType,
        verbs: Verbs,
    },
    TakeRoles {
        who: usize,
        roles: BTreeSet<Role>,
    },
    Suspend {
        who: usize,
    },
    Restore {
        who: usize,
    },
    OfClient(OfClient),
}

impl Event {
    pub fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            5 => sharing(),
            6 => handing(),
            3 => marking(),
            5 => filing(),
            4 => permitting(),
            2 => controlling(),
            3 => OfClient::any().prop_map(Self::OfClient),
        ]
    }

    /// Mostly what concerns clients, and what that meets.
    pub fn about_clients() -> impl Strategy<Value = Self> {
        prop_oneof![
            12 => OfClient::any().prop_map(Self::OfClient),
            2 => sharing(),
            2 => handing(),
            2 => marking(),
            2 => filing(),
            1 => permitting(),
            2 => (1..4_u32).prop_map(|days| Self::TimePasses { hours: 24 * days }),
        ]
    }
}

pub fn person() -> impl Strategy<Value = usize> {
    0..PEOPLE
}

/// Mostly somebody who works with charts.
fn practitioner() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..3_usize, 1 => person()]
}

pub fn with() -> impl Strategy<Value = With> {
    prop_oneof![2 => practitioner().prop_map(With::Person), 1 => (0..TEAMS).prop_map(With::Team)]
}

fn hours() -> impl Strategy<Value = Option<u32>> {
    proptest::option::weighted(0.3, 1..6_u32)
}

fn verbs() -> impl Strategy<Value = Verbs> {
    btree_set(select(Verb::ALL.to_vec()), 0..=4)
}

fn kind() -> impl Strategy<Value = RecordType> {
    select(RecordType::ALL.to_vec())
}

/// Mostly the chart that most is about.
pub fn chart() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0), 1 => Just(1), 1 => Just(2)]
}

fn sharing() -> impl Strategy<Value = Event> {
    let access = || select(AccessType::ALL.to_vec());
    let share = (chart(), with(), access(), hours());
    let change = (chart(), with(), access(), hours());
    prop_oneof![
        6 => share.prop_map(|(chart, with, access, hours)| Event::Share { chart, with, access, hours }),
        2 => change.prop_map(|(chart, with, access, hours)| Event::ChangeShare { chart, with, access, hours }),
        1 => (chart(), with()).prop_map(|(chart, with)| Event::EndShare { chart, with }),
        1 => (chart(), practitioner()).prop_map(|(chart, who)| Event::Leave { chart, who }),
        2 => (practitioner(), 0..TEAMS).prop_map(|(who, team)| Event::JoinTeam { who, team }),
        1 => (practitioner(), 0..TEAMS).prop_map(|(who, team)| Event::LeaveTeam { who, team }),
        2 => (1..6_u32).prop_map(|hours| Event::TimePasses { hours }),
    ]
}

fn handing() -> impl Strategy<Value = Event> {
    let wish = (practitioner(), any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.7));
    let offer = wish.prop_map(|(to, by_coordinator, confidential, raw_data, keep_copy)| {
        crate::reference::Offer { to, by_coordinator, confidential, raw_data, keep_copy }
    });
    prop_oneof![
        4 => (chart(), offer).prop_map(|(chart, offer)| Event::Offer { chart, offer }),
        5 => chart().prop_map(|chart| Event::Accept { chart }),
        1 => chart().prop_map(|chart| Event::EndOffer { chart }),
    ]
}

fn controlling() -> impl Strategy<Value = Event> {
    let who = || prop_oneof![6 => select(vec![3, 7]), 1 => person()];
    prop_oneof![
        3 => (chart(), who()).prop_map(|(chart, who)| Event::AskEscrow { chart, who }),
        4 => (chart(), who()).prop_map(|(chart, who)| Event::ApproveEscrow { chart, who }),
        1 => (chart(), who()).prop_map(|(chart, who)| Event::RefuseEscrow { chart, who }),
        1 => (chart(), who()).prop_map(|(chart, who)| Event::EndEscrow { chart, who }),
        1 => Just(Event::TimePasses { hours: 24 }),
    ]
}

fn marking() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => (chart(), any::<bool>()).prop_map(|(chart, confidential)| Event::MarkChart { chart, confidential }),
        3 => (0..RECORDS, prop::bool::weighted(0.7), prop::bool::weighted(0.4))
            .prop_map(|(record, confidential, alone)| Event::MarkRecord { record, confidential, alone }),
    ]
}

fn filing() -> impl Strategy<Value = Event> {
    let compartment = prop_oneof![
        3 => Just(Compartment::Chart),
        1 => Just(Compartment::RawData),
        1 => select(vec![Compartment::PsychotherapyNotes, Compartment::Private]),
    ];
    let file = (chart(), practitioner(), kind(), compartment, any::<bool>());
    prop_oneof![
        5 => file.prop_map(|(chart, by, kind, compartment, for_client)| {
            Event::File { chart, by, kind, compartment, for_client }
        }),
        3 => (0..RECORDS).prop_map(|record| Event::Sign { record }),
        1 => (0..RECORDS).prop_map(|record| Event::Cosign { record }),
        1 => (0..RECORDS, practitioner()).prop_map(|(record, by)| Event::Void { record, by }),
    ]
}

fn permitting() -> impl Strategy<Value = Event> {
    let roles = prop_oneof![
        4 => btree_set(select(vec![
            Role::Administrator,
            Role::Practitioner,
            Role::Staff,
            Role::Coordinator,
            Role::Auditor,
        ]), 1..=3),
        1 => Just(BTreeSet::from([Role::Client])),
    ];
    prop_oneof![
        4 => (0..RECORDS, person(), verbs())
            .prop_map(|(record, who, verbs)| Event::Limit { record, who, verbs }),
        3 => (person(), kind(), verbs()).prop_map(|(who, kind, verbs)| Event::Permit { who, kind, verbs }),
        2 => (person(), roles).prop_map(|(who, roles)| Event::TakeRoles { who, roles }),
        1 => person().prop_map(|who| Event::Suspend { who }),
        2 => person().prop_map(|who| Event::Restore { who }),
    ]
}

impl Reference {
    /// Whether it happens. What is not allowed changes nothing.
    pub fn happens(&mut self, event: &Event) -> bool {
        match event.clone() {
            Event::TimePasses { hours } => {
                self.now += hours;
                true
            }
            Event::Share { .. }
            | Event::ChangeShare { .. }
            | Event::EndShare { .. }
            | Event::Leave { .. }
            | Event::JoinTeam { .. }
            | Event::LeaveTeam { .. } => self.is_shared(event),
            Event::Offer { .. } | Event::Accept { .. } | Event::EndOffer { .. } => self.is_handed(event),
            Event::AskEscrow { .. }
            | Event::ApproveEscrow { .. }
            | Event::RefuseEscrow { .. }
            | Event::EndEscrow { .. } => self.is_controlled(event),
            Event::MarkChart { .. }
            | Event::MarkRecord { .. }
            | Event::File { .. }
            | Event::Sign { .. }
            | Event::Cosign { .. }
            | Event::Void { .. }
            | Event::Limit { .. } => self.is_kept(event),
            Event::OfClient(event) => self.is_of_client(&event),
            _ => self.is_permitted(event),
        }
    }

    fn is_shared(&mut self, event: &Event) -> bool {
        let until = |hours: Option<u32>, now: u32| hours.map(|hours| now + hours);
        let now = self.now;
        match *event {
            Event::Share { chart, with, access, hours } => {
                let held = self.holds(chart) && self.may_be_shared(chart, with);
                let shared = held && !self.is_live(chart, with);
                if shared {
                    let share = Share { access, until: until(hours, now), on: None };
                    self.charts[chart].shares.insert(with, share);
                }
                shared
            }
            Event::ChangeShare { chart, with, access, hours } => {
                let Some(share) = self.charts[chart].shares.get(&with).copied() else { return false };
                let until = until(hours, now);
                // What stands on a permission goes on standing on it, and its end is not put off.
                let is_later = |end: u32| until.is_none_or(|later| end < later);
                let put_off = share.on.is_some() && share.until.is_some_and(is_later);
                let changed = self.holds(chart) && self.is_live(chart, with) && !put_off;
                if changed {
                    self.charts[chart].shares.insert(with, Share { access, until, on: share.on });
                }
                changed
            }
            Event::EndShare { chart, with } => {
                let by_owner = self.may_with_chart(self.charts[chart].owner, OnChart::EndShare, chart);
                let shared = self.is_live(chart, with);
                by_owner && shared && self.charts[chart].shares.remove(&with).is_some()
            }
            Event::Leave { chart, who } => {
                // What a team has is not theirs to end.
                let own = self.is_live(chart, With::Person(who));
                let left = own && self.may_with_chart(who, OnChart::Leave, chart);
                left && self.charts[chart].shares.remove(&With::Person(who)).is_some()
            }
            Event::JoinTeam { who, team } => {
                let person = &mut self.people[who];
                person.organization == 0 && !person.roles.contains(&Role::Client) && person.teams.insert(team)
            }
            Event::LeaveTeam { who, team } => self.people[who].teams.remove(&team),
            _ => false,
        }
    }

    /// What has run out is shared no longer.
    pub fn is_live(&self, chart: usize, with: With) -> bool {
        let share = self.charts[chart].shares.get(&with);
        share.is_some_and(|share| share.until.is_none_or(|end| self.now < end))
    }

    /// Nothing of how a chart is held changes while it is being handed over, and only its owner changes it (P-08).
    pub fn holds(&self, chart: usize) -> bool {
        let Chart { owner, offer, .. } = &self.charts[chart];
        offer.is_none() && self.may_with_chart(*owner, OnChart::Hold, chart)
    }

    /// With colleagues, and with teams; not with its owner, and not with a client (P-02, P-09).
    fn may_be_shared(&self, chart: usize, with: With) -> bool {
        let With::Person(who) = with else { return true };
        let (person, chart) = (&self.people[who], &self.charts[chart]);
        let colleague = person.organization == chart.organization && !person.roles.contains(&Role::Client);
        colleague && person.active && chart.owner != who
    }

    fn is_handed(&mut self, event: &Event) -> bool {
        match *event {
            Event::Offer { chart, offer } => {
                let Chart { owner, organization, offer: pending, .. } = &self.charts[chart];
                let by = if offer.by_coordinator { self.coordinator() } else { Some(*owner) };
                let to = &self.people[offer.to];
                let keeps =
                    to.active && to.organization == *organization && to.roles.contains(&Role::Practitioner);
                // Who hands charts on without seeing into them does not hand them to themselves (P-35).
                let to_oneself = offer.by_coordinator && by == Some(offer.to);
                let sound = pending.is_none()
                    && offer.to != *owner
                    && !to_oneself
                    && keeps
                    && by.is_some_and(|by| self.may_with_chart(by, OnChart::HandOver, chart));
                if let Some(by) = by.filter(|_| sound) {
                    self.charts[chart].offer = Some(offer);
                    self.charts[chart].offered_by = by;
                }
                sound
            }
            Event::Accept { chart } => match self.charts[chart].offer {
                Some(offer) if self.may_take(offer.to, chart) => {
                    self.hand_over(chart, offer);
                    true
                }
                _ => false,
            },
            Event::EndOffer { chart } => self.charts[chart].offer.take().is_some(),
            _ => false,
        }
    }

    /// Nobody has two charts of one client.
    fn may_take(&self, who: usize, chart: usize) -> bool {
        let client = self.charts[chart].client;
        let has_one = self.charts.iter().any(|other| other.client == client && other.owner == who);
        !has_one && self.may_with_chart(who, OnChart::Answer, chart)
    }

    /// Two administrators open a chart, neither of whom is its facilitator.
    fn is_controlled(&mut self, event: &Event) -> bool {
        let now = self.now;
        let stands = |escrow: &Escrow| escrow.waits() || escrow.is_open(now);
        match *event {
            Event::AskEscrow { chart, who } => {
                let standing = self.charts[chart].escrows.iter().filter(|one| stands(one)).count();
                let sound = self.may_with_chart(who, OnChart::ControlEscrow, chart) && standing < ESCROWS;
                if sound {
                    let asked = Escrow { asked_by: who, approved: None, closed: false };
                    self.charts[chart].escrows.push(asked);
                }
                sound
            }
            Event::ApproveEscrow { chart, who } | Event::RefuseEscrow { chart, who } => {
                let may = self.may_with_chart(who, OnChart::ControlEscrow, chart);
                let approves = matches!(event, Event::ApproveEscrow { .. });
                let Chart { owner, escrows, .. } = &mut self.charts[chart];
                let Some(escrow) = escrows.iter_mut().find(|one| one.waits()) else { return false };
                let sound = may && escrow.asked_by != who && !(approves && escrow.asked_by == *owner);
                if sound && approves {
                    escrow.approved = Some((who, now + 24));
                }
                escrow.closed |= sound && !approves;
                sound
            }
            Event::EndEscrow { chart, who } => {
                let may = self.may_with_chart(who, OnChart::ControlEscrow, chart);
                let found = self.charts[chart].escrows.iter_mut().find(|one| stands(one));
                let Some(escrow) = found else { return false };
                let sound = may && (escrow.is_open(now) || escrow.asked_by == who);
                escrow.closed |= sound;
                sound
            }
            _ => false,
        }
    }

    /// Anybody who may hand charts on without seeing what is in them (P-35).
    pub fn coordinator(&self) -> Option<usize> {
        let is =
            |who: &usize| self.people[*who].active && self.people[*who].roles.contains(&Role::Coordinator);
        (0..PEOPLE).find(|who| is(who) && self.people[*who].organization == 0)
    }

    /// The record an event is about.
    pub fn named(&self, record: usize) -> usize {
        record.min(self.records.len() - 1)
    }

    fn is_kept(&mut self, event: &Event) -> bool {
        match event.clone() {
            Event::MarkChart { chart, confidential } => {
                let held = self.holds(chart);
                if held {
                    self.charts[chart].confidential = confidential;
                }
                held
            }
            Event::File { chart, by, kind, compartment, for_client } => {
                self.is_filed(chart, by, kind, compartment, for_client)
            }
            Event::MarkRecord { record, confidential, alone } => {
                let at = self.named(record);
                let by = self.charts[self.records[at].chart].owner;
                let Record { compartment, signed, voided, .. } = self.records[at];
                let sound = self.may_with_record(by, OnRecord::Change, at)
                    && compartment == Compartment::Chart
                    && signed
                    && !voided
                    && (confidential || !alone);
                if sound {
                    self.records[at].marked = confidential;
                    self.records[at].alone = alone;
                }
                sound
            }
            Event::Sign { record } => {
                let at = self.named(record);
                let Record { author, chart, signed, kind, voided, .. } = self.records[at];
                let sound = self.may_with_record(author, OnRecord::Write, at)
                    && kind == RecordType::Data
                    && !signed
                    && !voided;
                if sound {
                    self.records[at].awaits_cosignature = self.needs_cosignature(author, chart);
                    self.records[at].signed = true;
                }
                sound
            }
            Event::Cosign { record } => {
                let at = self.named(record);
                let owner = self.charts[self.records[at].chart].owner;
                // Nobody is their own supervisor.
                let may =
                    self.may_with_record(owner, OnRecord::Cosign, at) && self.records[at].author != owner;
                may && !self.records[at].voided && std::mem::take(&mut self.records[at].awaits_cosignature)
            }
            Event::Void { record, by } => {
                let at = self.named(record);
                let sound = self.may_with_record(by, OnRecord::Void, at)
                    && self.records[at].signed
                    && !self.records[at].voided;
                self.records[at].voided |= sound;
                sound
            }
            Event::Limit { record, who, verbs } => {
                let at = self.named(record);
                let owner = self.charts[self.records[at].chart].owner;
                let sound = self.may_with_record(owner, OnRecord::Hold, at)
                    && (who != owner || verbs.contains(&Verb::Access));
                if sound {
                    // Whoever owns it now is done with what others set on them.
                    self.records[at].rows.remove(&owner);
                    self.records[at].rows.insert(who, verbs);
                }
                sound
            }
            _ => false,
        }
    }

    fn is_filed(
        &mut self,
        chart: usize,
        by: usize,
        kind: RecordType,
        compartment: Compartment,
        for_client: bool,
    ) -> bool {
        // What no share reaches, no share files.
        let apart = compartment != Compartment::Chart;
        let sound = self.records.len() < RECORDS
            && self.may_with_chart(by, OnChart::Add(kind), chart)
            && (!apart || self.charts[chart].owner == by);
        if sound {
            self.records.push(Record {
                chart,
                author: by,
                kind,
                compartment,
                signed: kind != RecordType::Data,
                voided: false,
                awaits_cosignature: false,
                for_client,
                marked: false,
                alone: false,
                rows: Default::default(),
                sealed: false,
                handed_over: false,
                copies: BTreeSet::new(),
            });
        }
        sound
    }

    fn is_permitted(&mut self, event: &Event) -> bool {
        match event.clone() {
            Event::Permit { who, kind, verbs } => {
                self.people[who].may.insert(kind, verbs);
                true
            }
            Event::TakeRoles { who, roles } => {
                self.people[who].roles = roles;
                true
            }
            Event::Suspend { who } => std::mem::replace(&mut self.people[who].active, false),
            Event::Restore { who } => !std::mem::replace(&mut self.people[who].active, true),
            _ => false,
        }
    }
}
