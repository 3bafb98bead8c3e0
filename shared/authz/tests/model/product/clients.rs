//! What clients permit and who stands for them, with the product's own types and rules.

use super::{Product, client_id, grantee, id, member_id, number_of, organization_id};
use crate::{
    clients::{Day, FACILITATOR, OfClient, Wanted},
    event::{CLIENTS, PEOPLE},
    reference::{Reference, With},
};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, ConsentId, FacilitationId, ParticipantId, Sealed, WrappedKey,
    client::{Client, ClientStatus},
    consent::{
        Circle, CircleMember, CircleTerms, Consent, ConsentMethod, ConsentPurpose, Said, Terms, earlier,
    },
    facilitation::{Entrant, FacilitatedSession, History, Participant},
    member::{ProxyScope, Relationship, Representation},
    proxy::{Appointment, Proxy, check_others},
    sharing::{AccessType, Grantee, end_of},
    text::{Line, Prose},
};
use jiff::{
    Span, Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use std::collections::BTreeMap;

/// What there is of clients beside their charts.
pub struct Files {
    pub clients: Vec<Client>,
    /// The session in which they all take part.
    pub session: FacilitatedSession,
    /// Their eighteenth birthdays.
    majorities: Vec<Option<Date>>,
    /// By client, in the order in which they were recorded.
    consents: Vec<Vec<Consent>>,
    circles: BTreeMap<ClientId, Circle>,
    proxies: Vec<Proxy>,
}

pub fn new_client(number: usize, now: Timestamp) -> Client {
    Client {
        id: client_id(number),
        organization_id: organization_id(0),
        status: ClientStatus::Active,
        key: WrappedKey::from_bytes(vec![]),
        demographics: Sealed::from_bytes(vec![]),
        card: Sealed::from_bytes(vec![]),
        merged_into: None,
        created_at: now,
        revision: 1,
    }
}

fn day(number: Day) -> Date {
    date(1970, 1, 1).checked_add(Span::new().days(number)).expect("a day")
}

fn end(last_day: Date) -> Timestamp {
    end_of(last_day, &TimeZone::UTC).expect("an end")
}

/// A group with both clients.
fn session(now: Timestamp) -> FacilitatedSession {
    let begun = FacilitatedSession::begin(
        id::<FacilitationId>(9, 0),
        organization_id(0),
        member_id(FACILITATOR),
        [],
        true,
        now,
    );
    let dated = begun.expect("a session").schedule(Some(now)).expect("a date");
    (0..CLIENTS).fold(dated, |session, number| {
        let entrant = Entrant {
            id: id::<ParticipantId>(10, number),
            client_id: client_id(number),
            chart_id: id::<ChartId>(5, number),
            facilitator: member_id(FACILITATOR),
            client_key: WrappedKey::from_bytes(vec![]),
            key: WrappedKey::from_bytes(vec![]),
            person: Sealed::from_bytes(vec![]),
            history: History::default(),
        };
        session.admit(entrant.join(now)).expect("a participant")
    })
}

impl Files {
    /// As the story begins: who stands for a client is the client.
    pub fn like(reference: &Reference, now: Timestamp) -> Self {
        let mut proxies = Vec::new();
        for (who, person) in reference.people.iter().enumerate() {
            proxies.extend(person.stands_for.keys().map(|client| Proxy {
                organization_id: organization_id(0),
                client_id: client_id(*client),
                member_id: member_id(who),
                relationship: Relationship::Oneself,
                consent_id: None,
                expires_on: None,
                of_child: false,
                scope: ProxyScope::Read,
                appointed_by: member_id(0),
                appointed_at: now,
                revision: 1,
            }));
        }
        Self {
            clients: (0..CLIENTS).map(|number| new_client(number, now)).collect(),
            session: session(now),
            majorities: reference.clients.iter().map(|client| client.of_age_on.map(day)).collect(),
            consents: vec![Vec::new(); CLIENTS],
            circles: BTreeMap::new(),
            proxies,
        }
    }

    /// A client's part in the session.
    pub fn part(&self, client: usize) -> &Participant {
        self.session.participant_of(client_id(client)).expect("they take part")
    }

    fn consent(&self, client: usize, number: usize) -> Option<&Consent> {
        let last = self.consents[client].len().checked_sub(1)?;
        self.consents[client].get(number.min(last))
    }

    fn consent_by_id(&self, client: usize, id: ConsentId) -> Option<&Consent> {
        self.consents[client].iter().find(|consent| consent.id == id)
    }

    fn proxy_at(&self, client: usize, who: usize) -> Option<usize> {
        let is_it = |proxy: &Proxy| (proxy.client_id, proxy.member_id) == (client_id(client), member_id(who));
        self.proxies.iter().position(is_it)
    }
}

impl Product {
    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    fn in_days(&self, days: Day) -> Date {
        self.today().checked_add(Span::new().days(days)).expect("a day")
    }

    pub fn is_of_client(&mut self, event: &OfClient) -> bool {
        match event.clone() {
            OfClient::Permit { client, purpose, given_by, days } => {
                let (signed_on, expires_on) = (self.today(), days.map(|days| self.in_days(days)));
                let method = ConsentMethod::Written;
                self.records(client, Terms { purpose, given_by, method, signed_on, expires_on })
            }
            OfClient::Withdraw { client, permission } => self.withdraws(client, permission),
            OfClient::NameCircle { client, permission, of } => self.names_circle(client, permission, &of),
            OfClient::ShareWithCircle { chart, days } => self.shares_with_circle(chart, days),
            OfClient::Appoint { client, who, asked } => self.appoints(client, who, asked),
            OfClient::EndProxy { client, who } => {
                let may = self.is_given(client, Action::EndProxy);
                let Some(at) = self.files.proxy_at(client, who).filter(|_| may) else { return false };
                self.files.proxies.remove(at);
                self.members[who] = self.members[who].clone().represent_no_longer(client_id(client));
                true
            }
            OfClient::CorrectBirth { client, of_age_on } => self.corrects_birth(client, of_age_on.map(day)),
            OfClient::Merge { client, into } => self.merges(client, into),
            OfClient::Unmerge { client } => {
                let Ok(unmerged) = self.files.clients[client].clone().unmerge() else { return false };
                let may = self.is_done(client, Action::UnmergeClient);
                if may {
                    self.files.clients[client] = unmerged;
                }
                may
            }
        }
    }

    /// Whether one of the client's charts lets somebody do it.
    fn is_given(&self, client: usize, action: Action) -> bool {
        let mut charts = self.charts.iter().filter(|chart| chart.client_id == client_id(client));
        charts.any(|chart| (0..PEOPLE).any(|who| self.may(who, action, Resource::Chart(chart))))
    }

    fn is_done(&self, client: usize, action: Action) -> bool {
        (0..PEOPLE).any(|who| self.may(who, action, Resource::Client(&self.files.clients[client])))
    }

    /// As a handler asks it before anything new is written down of a client.
    fn takes_new(&self, client: usize, action: Action) -> bool {
        self.files.clients[client].merged_into.is_none() && self.is_given(client, action)
    }

    fn records(&mut self, client: usize, terms: Terms) -> bool {
        let said = Said {
            note: Prose::new("Everything, with whom I trust.").expect("a note"),
            authority: Some(Line::new("order 12").expect("a line")),
        };
        let sound = terms.check(&said, self.files.majorities[client], self.today()).is_ok();
        let recorded = sound && self.takes_new(client, Action::RecordConsent);
        if recorded {
            let consents = &mut self.files.consents[client];
            consents.push(Consent {
                id: id(8, client * 1_000 + consents.len()),
                organization_id: organization_id(0),
                client_id: client_id(client),
                terms,
                said: Sealed::from_bytes(vec![]),
                recorded_by: member_id(0),
                recorded_at: self.now,
                withdrawn: None,
                revision: 1,
            });
        }
        recorded
    }

    fn withdraws(&mut self, client: usize, number: usize) -> bool {
        let Some(consent) = self.files.consent(client, number).cloned() else { return false };
        let may = self.is_given(client, Action::WithdrawConsent);
        let Some(withdrawn) = consent.withdraw(member_id(0), self.now).ok().filter(|_| may) else {
            return false;
        };
        let (id, of) = (withdrawn.id, client_id(client));
        for consent in self.files.consents[client].iter_mut().filter(|consent| consent.id == id) {
            consent.clone_from(&withdrawn);
        }
        for chart in self.charts.iter_mut().filter(|chart| chart.client_id == of) {
            chart.grants = chart.grants.clone().without(id).0;
        }
        let stands_on_it = |proxy: &Proxy| proxy.client_id == of && proxy.consent_id == Some(id);
        let proxies = std::mem::take(&mut self.files.proxies);
        let (ended, kept): (Vec<Proxy>, Vec<Proxy>) = proxies.into_iter().partition(stands_on_it);
        self.files.proxies = kept;
        for proxy in ended {
            let who = number_of(proxy.member_id);
            self.members[who] = self.members[who].clone().represent_no_longer(of);
        }
        true
    }

    fn takes(&self, grantee: Grantee) -> bool {
        let Grantee::Member(member) = grantee else { return true };
        let member = &self.members[number_of(member)];
        member.organization_id == organization_id(0) && member.must_be_colleague().is_ok()
    }

    fn names_circle(&mut self, client: usize, number: usize, of: &BTreeMap<With, AccessType>) -> bool {
        let Some(consent) = self.files.consent(client, number) else { return false };
        let members: Vec<CircleMember> = of
            .iter()
            .map(|(with, access)| CircleMember { grantee: grantee(*with), access: *access })
            .collect();
        let sound = Circle::check(&members).is_ok()
            && consent.must_hold(ConsentPurpose::CircleOfCare, self.today()).is_ok()
            && members.iter().all(|member| self.takes(member.grantee));
        let named = sound && self.takes_new(client, Action::SetCircle);
        if named {
            let circle = Circle {
                organization_id: organization_id(0),
                client_id: client_id(client),
                members,
                consent_id: consent.id,
                set_by: member_id(0),
                set_at: self.now,
                revision: 1,
            };
            self.files.circles.insert(client_id(client), circle);
        }
        named
    }

    fn shares_with_circle(&mut self, at: usize, days: Option<Day>) -> bool {
        let chart = self.charts[at].clone();
        let client = (0..CLIENTS).find(|number| client_id(*number) == chart.client_id).expect("a client");
        let Some(circle) = self.files.circles.get(&chart.client_id) else { return false };
        let consent = self.files.consent_by_id(client, circle.consent_id).expect("a permission");
        let may = self.may_with_chart(self.owner(at), Action::ShareWithCircle, at)
            && chart.must_not_be_offered().is_ok()
            && consent.must_hold(ConsentPurpose::CircleOfCare, self.today()).is_ok();
        let last_day = earlier(consent.terms.expires_on, days.map(|days| self.in_days(days)));
        let terms = CircleTerms { by: chart.owner, now: self.now, expires_at: last_day.map(end) };
        let shared = circle.share(chart, |grantee| self.takes(grantee), terms);
        may && self.becomes_chart(at, shared.map(|(chart, _)| chart))
    }

    fn appoints(&mut self, client: usize, who: usize, asked: Wanted) -> bool {
        let consent = asked.on.map(|number| self.files.consent(client, number).cloned());
        if matches!(consent, Some(None)) || !self.takes_new(client, Action::AppointProxy) {
            return false;
        }
        let (consent, today, of) = (consent.flatten(), self.today(), client_id(client));
        let expires_on = asked.days.map(|days| self.in_days(days));
        let appointment = Appointment { relationship: asked.as_who, consent: consent.as_ref(), expires_on };
        let Ok(term) = appointment.term(self.files.majorities[client], today) else { return false };
        let is_other = |proxy: &&Proxy| proxy.client_id == of && proxy.member_id != member_id(who);
        let others = self.files.proxies.iter().filter(is_other);
        let here = self.members[who].organization_id == organization_id(0);
        if !here || check_others(others, asked.as_who, today).is_err() {
            return false;
        }
        let wanted = if asked.answers { ProxyScope::ReadAndAnswer } else { ProxyScope::Read };
        let how = Representation {
            relationship: asked.as_who,
            consent_id: consent.as_ref().map(|consent| consent.id),
            expires_at: term.expires_on.map(end),
            of_child: term.of_child,
            scope: asked.as_who.scope(wanted),
        };
        let proxy = Proxy {
            organization_id: organization_id(0),
            client_id: of,
            member_id: member_id(who),
            relationship: how.relationship,
            consent_id: how.consent_id,
            expires_on: term.expires_on,
            of_child: how.of_child,
            scope: how.scope,
            appointed_by: member_id(0),
            appointed_at: self.now,
            revision: 1,
        };
        let appointed = self.members[who].clone().represent(of, how, self.now);
        let appointed = self.becomes(who, appointed);
        if appointed {
            // One that is over may be there still.
            if let Some(at) = self.files.proxy_at(client, who) {
                self.files.proxies.remove(at);
            }
            self.files.proxies.push(proxy);
        }
        appointed
    }

    fn corrects_birth(&mut self, client: usize, majority: Option<Date>) -> bool {
        if !self.is_done(client, Action::ReviseClient) {
            return false;
        }
        let before = std::mem::replace(&mut self.files.majorities[client], majority);
        let Some(majority) = majority.filter(|after| before != Some(*after)) else { return true };
        let today = self.today();
        for at in 0..self.files.proxies.len() {
            let proxy = self.files.proxies[at].clone();
            if proxy.client_id != client_id(client) {
                continue;
            }
            let consent = proxy.consent_id.and_then(|id| self.files.consent_by_id(client, id));
            let giver = consent.map(|consent| consent.terms.given_by);
            let Some(cut) = proxy.cut(giver, majority, today) else { continue };
            let (who, last_day) = (number_of(cut.member_id), cut.expires_on.expect("a last day"));
            let member = self.members[who].clone();
            self.members[who] = member.represent_child_until(cut.client_id, end(last_day));
            self.files.proxies[at] = cut;
        }
        true
    }

    fn merges(&mut self, client: usize, into: usize) -> bool {
        let clients = &self.files.clients;
        let has_merged = clients.iter().any(|other| other.merged_into == Some(client_id(client)));
        let Ok(merged) = clients[client].clone().merge(&clients[into]) else { return false };
        let may = self.is_done(client, Action::MergeClient) && self.is_done(into, Action::MergeClient);
        let happens = may && !has_merged;
        if happens {
            self.files.clients[client] = merged;
        }
        happens
    }
}
