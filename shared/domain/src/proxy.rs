//! Proxies: who sees what is meant for a client, with an account of their own: the client themselves, or
//! somebody who cares for them (R066; 45 CFR 164.502(g)).
//!
//! That somebody stands for a client is written in two places that change together: in the member, where
//! every decision finds it, and under the client, where it is listed.

use crate::{
    ClientId, ConsentId, MemberId, OrganizationId,
    consent::{Consent, ConsentError, ConsentPurpose, Giver, earlier},
    limits::{CLIENT_PROXIES, MEMBER_CLIENTS},
    member::{Member, MemberStatus, ProxyScope, Relationship, Representation, Role},
    record::Record,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// That a member stands for a client, as it is listed under the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    pub member_id: MemberId,
    pub relationship: Relationship,
    pub consent_id: Option<ConsentId>,
    /// The last day on which they stand for the client.
    pub expires_on: Option<Date>,
    /// As `Representation::of_child`.
    #[serde(default)]
    pub of_child: bool,
    /// As `Representation::scope`.
    #[serde(default)]
    pub scope: ProxyScope,
    pub appointed_by: MemberId,
    pub appointed_at: Timestamp,
    pub revision: u64,
}

impl Proxy {
    pub fn is_live(&self, today: Date) -> bool {
        self.expires_on.is_none_or(|last| today <= last)
    }

    /// The same as another birth date makes it, where that is less: who cares for a child does so as for one, until
    /// it is of age at the latest. What was typed before may have made the child an adult. `giver` gave the permission
    /// on which it stands; nothing that was ever for a child becomes more by a correction.
    pub fn cut(self, giver: Option<Giver>, majority: Date, today: Date) -> Option<Self> {
        let of_child = self.of_child || (today < majority && is_as_for_child(self.relationship, giver));
        if !of_child {
            return None;
        }
        let expires_on = earlier(self.expires_on, majority.yesterday().ok());
        let cut = Self { of_child, expires_on, ..self.clone() };
        (cut != self).then_some(cut)
    }
}

/// Whether somebody stands for a client as for a child, as long as the client is one: parents and guardians, and whomever
/// these have let stand for it. What a minor permits themselves is theirs to permit (45 CFR 164.502(g)(3)(i)).
pub fn is_as_for_child(relationship: Relationship, giver: Option<Giver>) -> bool {
    let cares = matches!(relationship, Relationship::Parent | Relationship::Guardian);
    relationship != Relationship::Oneself && (cares || giver.is_some_and(|giver| giver != Giver::Client))
}

/// Why somebody does not stand for a client.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProxyError {
    #[error("who stands for a client is a member with the role `client` and an account of their own")]
    NotClient,
    #[error("the member is suspended")]
    Suspended,
    #[error("the member stands for the client already; end that first")]
    Appointed,
    #[error("another member is the client themselves already; end that first")]
    OneselfTaken,
    #[error(
        "a member stands for at most {MEMBER_CLIENTS} clients, and at most {CLIENT_PROXIES} members for a client"
    )]
    TooMany,
    #[error("who is not the client themselves stands for them by a permission")]
    ConsentRequired,
    #[error("the last day must be today or to come")]
    Past,
    #[error("the client is of age: what a parent has permitted lets nobody stand for them any more")]
    OfAge,
    #[error("enter the birth date first: who speaks for a child does so until the child is of age")]
    BirthDateUnknown,
    #[error(transparent)]
    Consent(#[from] ConsentError),
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Appointment<'a> {
    pub relationship: Relationship,
    pub consent: Option<&'a Consent>,
    /// The last day, if it is to be earlier than the permission's.
    pub expires_on: Option<Date>,
}

/// Until when somebody stands for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    pub expires_on: Option<Date>,
    /// Whether it is as long as childhood at most.
    pub of_child: bool,
    /// Whether it is shorter than what was asked for, because the client comes of age.
    pub ends_with_majority: bool,
}

impl Appointment<'_> {
    /// Until when they stand for the client: as long as the permission, or shorter. `majority` is the
    /// client's eighteenth birthday, where it is known.
    pub fn term(&self, majority: Option<Date>, today: Date) -> Result<Term, ProxyError> {
        match self.consent {
            Some(consent) => consent.must_hold(ConsentPurpose::ProxyAccess, today)?,
            None if self.relationship == Relationship::Oneself => {}
            None => return Err(ProxyError::ConsentRequired),
        }
        let permitted = self.consent.and_then(|consent| consent.terms.expires_on);
        let asked = earlier(permitted, self.expires_on);
        let childhood = self.childhood(majority, today)?;
        let expires_on = earlier(asked, childhood);
        if expires_on.is_some_and(|last| last < today) {
            return Err(ProxyError::Past);
        }
        Ok(Term { expires_on, of_child: childhood.is_some(), ends_with_majority: expires_on != asked })
    }

    /// The last day on which the client is a child, for whom it matters (`is_as_for_child`). Of age, they are spoken
    /// for by appointment alone.
    fn childhood(&self, majority: Option<Date>, today: Date) -> Result<Option<Date>, ProxyError> {
        let giver = self.consent.map(|consent| consent.terms.given_by);
        if !is_as_for_child(self.relationship, giver) {
            return Ok(None);
        }
        let majority = majority.ok_or(ProxyError::BirthDateUnknown)?;
        if today < majority {
            return Ok(majority.yesterday().ok());
        }
        if giver == Some(Giver::Parent) { Err(ProxyError::OfAge) } else { Ok(None) }
    }
}

/// Checks an appointment against who stands for the client already, apart from this member.
pub fn check_others<'a>(
    others: impl IntoIterator<Item = &'a Proxy>,
    relationship: Relationship,
    today: Date,
) -> Result<(), ProxyError> {
    let (mut count, mut themselves) = (0_usize, false);
    for other in others {
        count = count.saturating_add(1);
        themselves |= other.relationship == Relationship::Oneself && other.is_live(today);
    }
    if count >= CLIENT_PROXIES {
        return Err(ProxyError::TooMany);
    }
    if themselves && relationship == Relationship::Oneself { Err(ProxyError::OneselfTaken) } else { Ok(()) }
}

impl Member {
    /// From now on they stand for the client.
    pub fn represent(
        mut self,
        client: ClientId,
        how: Representation,
        now: Timestamp,
    ) -> Result<Self, ProxyError> {
        if !self.roles.contains(&Role::Client) {
            return Err(ProxyError::NotClient);
        }
        if self.status == MemberStatus::Suspended {
            return Err(ProxyError::Suspended);
        }
        // What is over is in nobody's way.
        self.represents.retain(|_, other| other.expires_at.is_none_or(|end| now < end));
        if self.represents.contains_key(&client) {
            return Err(ProxyError::Appointed);
        }
        if self.represents.len() >= MEMBER_CLIENTS {
            return Err(ProxyError::TooMany);
        }
        self.represents.insert(client, how);
        Ok(self)
    }

    /// Whether something that is meant for a client is theirs to see in the client's place: who stands for a
    /// child sees nothing that is marked as what a minor may have come for alone.
    pub fn sees_in_place(&self, record: &Record) -> bool {
        let of_child = self.represents.get(&record.client_id).is_some_and(|how| how.of_child);
        !(of_child && record.guard.labels.iter().any(|label| label.is_minors_own()))
    }

    /// They stand for the client as for a child, until then at the latest.
    #[must_use]
    pub fn represent_child_until(mut self, client: ClientId, end: Timestamp) -> Self {
        if let Some(how) = self.represents.get_mut(&client) {
            how.of_child = true;
            how.expires_at = earlier(how.expires_at, Some(end));
        }
        self
    }

    /// They stand for the client no longer, if they did.
    #[must_use]
    pub fn represent_no_longer(mut self, client: ClientId) -> Self {
        self.represents.remove(&client);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Sealed, WrappedKey,
        chart::Section,
        confidentiality::{Guard, Sensitivity},
        consent::{ConsentMethod, Terms},
        record::{Body, Direction, RecordLimits},
        text::Line,
    };
    use jiff::{SignedDuration, Span, civil::date};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const TODAY: Date = date(2026, 3, 1);
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn id<Id: From<Uuid>>(number: u128) -> Id {
        Id::from(Uuid::from_u128(number))
    }

    fn consent(given_by: Giver, expires_on: Date) -> Consent {
        Consent {
            id: id(1),
            organization_id: id(2),
            client_id: id(3),
            terms: Terms {
                purpose: ConsentPurpose::ProxyAccess,
                given_by,
                method: ConsentMethod::Written,
                signed_on: TODAY,
                expires_on: Some(expires_on),
            },
            said: Sealed::from_bytes(vec![]),
            recorded_by: id(4),
            recorded_at: NOW,
            withdrawn: None,
            revision: 1,
        }
    }

    fn term(relationship: Relationship, giver: Giver, majority: Option<Date>) -> Result<Term, ProxyError> {
        let consent = consent(giver, date(2030, 1, 1));
        Appointment { relationship, consent: Some(&consent), expires_on: None }.term(majority, TODAY)
    }

    /// As long as childhood, which is cut or not.
    fn as_child(day: Date, ends_with_majority: bool) -> Result<Term, ProxyError> {
        Ok(Term { expires_on: Some(day), of_child: true, ends_with_majority })
    }

    fn until(day: Date) -> Result<Term, ProxyError> {
        Ok(Term { expires_on: Some(day), of_child: false, ends_with_majority: false })
    }

    fn member(role: Role) -> Member {
        Member::invite(
            id(5),
            id(2),
            Line::new("Gail").unwrap(),
            "gail@people.example".to_owned().try_into().unwrap(),
            BTreeSet::from([role]),
            NOW,
        )
    }

    fn record(labels: BTreeSet<Sensitivity>) -> Record {
        Record {
            id: id(6),
            organization_id: id(2),
            client_id: id(3),
            chart_id: id(7),
            author: id(4),
            from_client: false,
            section: Section::Documents,
            direction: Direction::ForClient,
            occurred_on: TODAY,
            created_at: NOW,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: None },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard { labels, ..Guard::default() },
            cosignature: None,
            revision: 1,
        }
    }

    fn proxy(relationship: Relationship, expires_on: Option<Date>) -> Proxy {
        Proxy {
            organization_id: id(2),
            client_id: id(3),
            member_id: id(5),
            relationship,
            consent_id: None,
            expires_on,
            of_child: false,
            scope: ProxyScope::Read,
            appointed_by: id(4),
            appointed_at: NOW,
            revision: 1,
        }
    }

    fn as_parent(expires_at: Option<Timestamp>) -> Representation {
        Representation {
            relationship: Relationship::Parent,
            consent_id: Some(id(1)),
            expires_at,
            of_child: true,
            scope: ProxyScope::Read,
        }
    }

    #[test]
    fn a_parent_stands_for_a_child_until_the_eighteenth_birthday() {
        let (birthday, eve) = (date(2027, 6, 1), date(2027, 5, 31));
        for giver in [Giver::Parent, Giver::Guardian, Giver::LegalRepresentative, Giver::Client] {
            for relationship in [Relationship::Parent, Relationship::Guardian] {
                assert_eq!(term(relationship, giver, Some(birthday)), as_child(eve, true), "{giver:?}");
            }
        }
        // An aunt whom the parents have let in is in as long as the parents.
        assert_eq!(term(Relationship::Caregiver, Giver::Parent, Some(birthday)), as_child(eve, true));
        assert_eq!(
            term(Relationship::Parent, Giver::Parent, Some(date(2031, 1, 1))),
            as_child(date(2030, 1, 1), false)
        );
        assert_eq!(term(Relationship::Parent, Giver::Parent, None), Err(ProxyError::BirthDateUnknown));
    }

    #[test]
    fn a_minor_permits_what_is_theirs_to_permit() {
        let birthday = Some(date(2027, 6, 1));
        assert_eq!(term(Relationship::Partner, Giver::Client, birthday), until(date(2030, 1, 1)));
        assert_eq!(term(Relationship::Caregiver, Giver::Client, None), until(date(2030, 1, 1)));
    }

    #[test]
    fn of_age_nobody_stands_for_them_by_a_parents_word() {
        let birthday = Some(TODAY);
        let whole = until(date(2030, 1, 1));
        assert_eq!(term(Relationship::Parent, Giver::Parent, birthday), Err(ProxyError::OfAge));
        assert_eq!(term(Relationship::Caregiver, Giver::Parent, birthday), Err(ProxyError::OfAge));
        assert_eq!(term(Relationship::Parent, Giver::Client, birthday), whole);
        assert_eq!(term(Relationship::Guardian, Giver::Guardian, birthday), whole);
        assert_eq!(term(Relationship::LegalRepresentative, Giver::LegalRepresentative, birthday), whole);
    }

    #[test]
    fn oneself_needs_no_permission_and_others_do() {
        let ask = |relationship| Appointment { relationship, consent: None, expires_on: None };
        let endless = Term { expires_on: None, of_child: false, ends_with_majority: false };
        assert_eq!(ask(Relationship::Oneself).term(None, TODAY), Ok(endless));
        assert_eq!(ask(Relationship::Child).term(None, TODAY), Err(ProxyError::ConsentRequired));
        let past = Appointment { expires_on: Some(date(2026, 2, 28)), ..ask(Relationship::Oneself) };
        assert_eq!(past.term(None, TODAY), Err(ProxyError::Past));
        let withdrawn = consent(Giver::Client, date(2030, 1, 1)).withdraw(id(9), NOW).unwrap();
        let on_it = Appointment { consent: Some(&withdrawn), ..ask(Relationship::Child) };
        assert_eq!(on_it.term(None, TODAY), Err(ConsentError::Withdrawn.into()));
    }

    #[test]
    fn a_corrected_birth_date_cuts_what_lasts_too_long() {
        let parent = Proxy { of_child: true, ..proxy(Relationship::Parent, Some(date(2027, 5, 31))) };
        let cut =
            |majority| parent.clone().cut(Some(Giver::Parent), majority, TODAY).map(|proxy| proxy.expires_on);
        assert_eq!(cut(date(2027, 6, 1)), None);
        assert_eq!(cut(date(2026, 6, 1)), Some(Some(date(2026, 5, 31))));
        assert_eq!(cut(TODAY), Some(Some(date(2026, 2, 28))), "of age already");
        let partner = proxy(Relationship::Partner, None);
        assert_eq!(partner.cut(Some(Giver::Client), date(2026, 6, 1), TODAY), None);
        let end = NOW + SignedDuration::from_hours(1);
        let gail = member(Role::Client).represent(id(3), as_parent(None), NOW).unwrap();
        let gail = gail
            .represent_child_until(id(3), end)
            .represent_child_until(id(3), end + SignedDuration::from_hours(1));
        assert_eq!(gail.represents[&id(3)].expires_at, Some(end));
    }

    /// Who stood for what was typed as an adult stands for a child, where that is what the client is.
    #[test]
    fn a_corrected_birth_date_makes_who_stands_for_an_adult_stand_for_a_child() {
        let (birthday, eve, year) = (date(2026, 6, 1), date(2026, 5, 31), Some(date(2027, 1, 1)));
        let cut = |relationship, giver, expires_on| {
            let cut = proxy(relationship, expires_on).cut(giver, birthday, TODAY);
            cut.map(|proxy| (proxy.of_child, proxy.expires_on))
        };
        let (court, herself) = (Some(Giver::Guardian), Some(Giver::Client));
        assert_eq!(cut(Relationship::Guardian, court, year), Some((true, Some(eve))));
        assert_eq!(cut(Relationship::Parent, herself, year), Some((true, Some(eve))));
        assert_eq!(cut(Relationship::Caregiver, court, year), Some((true, Some(eve))));
        let soon = Some(date(2026, 4, 1));
        assert_eq!(cut(Relationship::Guardian, court, soon), Some((true, soon)), "and no longer than before");
        assert_eq!(
            cut(Relationship::Caregiver, herself, year),
            None,
            "what a minor permits is theirs to permit"
        );
        assert_eq!(cut(Relationship::Oneself, None, None), None);
        let of_age = proxy(Relationship::Guardian, year).cut(court, TODAY, TODAY);
        assert_eq!(of_age, None, "by another birth date, and of age as before");
        let how = Representation { of_child: false, ..as_parent(None) };
        let gail = member(Role::Client).represent(id(3), how, NOW).unwrap().represent_child_until(id(3), NOW);
        assert!(gail.represents[&id(3)].of_child);
    }

    #[test]
    fn one_member_is_the_client_and_a_client_has_so_many_proxies() {
        let themselves = [proxy(Relationship::Oneself, None)];
        assert_eq!(check_others(&themselves, Relationship::Oneself, TODAY), Err(ProxyError::OneselfTaken));
        assert_eq!(check_others(&themselves, Relationship::Parent, TODAY), Ok(()));
        let before = [proxy(Relationship::Oneself, Some(date(2026, 2, 28)))];
        assert_eq!(check_others(&before, Relationship::Oneself, TODAY), Ok(()));
        let many = vec![proxy(Relationship::Child, None); CLIENT_PROXIES];
        assert_eq!(check_others(&many, Relationship::Child, TODAY), Err(ProxyError::TooMany));
    }

    #[test]
    fn only_a_client_with_an_account_stands_for_somebody_and_once() {
        assert_eq!(
            member(Role::Staff).represent(id(3), as_parent(None), NOW).unwrap_err(),
            ProxyError::NotClient
        );
        let suspended = member(Role::Client).suspend(id(9)).unwrap();
        assert_eq!(suspended.represent(id(3), as_parent(None), NOW).unwrap_err(), ProxyError::Suspended);
        let end = NOW + SignedDuration::from_hours(1);
        let gail = member(Role::Client).represent(id(3), as_parent(Some(end)), NOW).unwrap();
        let twice = gail.clone().represent(id(3), as_parent(None), NOW).unwrap_err();
        assert_eq!(twice, ProxyError::Appointed);
        let again = gail.represent(id(3), as_parent(None), end).unwrap();
        assert!(again.represent_no_longer(id(3)).represents.is_empty());
    }

    /// Whoever was appointed before there was a scope sees, and does not answer.
    #[test]
    fn who_stands_for_a_client_answers_if_they_were_appointed_to() {
        let appointed = |relationship, scope| {
            let how = Representation { relationship, scope, ..as_parent(None) };
            let gail = member(Role::Client).represent(id(3), how, NOW).unwrap();
            (gail.stands_for(NOW).count(), gail.answers_for(NOW).count())
        };
        assert_eq!(appointed(Relationship::Caregiver, ProxyScope::Read), (1, 0));
        assert_eq!(appointed(Relationship::Caregiver, ProxyScope::ReadAndAnswer), (1, 1));
        assert_eq!(appointed(Relationship::Oneself, ProxyScope::Read), (1, 1));
        let mut before = serde_json::to_value(as_parent(None)).unwrap();
        before.as_object_mut().unwrap().remove("scope");
        let before: Representation = serde_json::from_value(before).unwrap();
        assert_eq!(before, as_parent(None));
    }

    #[test]
    fn a_member_stands_for_so_many() {
        let mut gail = member(Role::Client);
        for number in 0..MEMBER_CLIENTS as u128 {
            gail = gail.represent(id(100 + number), as_parent(None), NOW).unwrap();
        }
        assert_eq!(gail.represent(id(3), as_parent(None), NOW).unwrap_err(), ProxyError::TooMany);
    }

    #[test]
    fn a_parent_does_not_see_what_a_minor_may_have_come_for_alone() {
        let gail = member(Role::Client).represent(id(3), as_parent(None), NOW).unwrap();
        let themselves = Representation { of_child: false, ..as_parent(None) };
        let grace = member(Role::Client).represent(id(3), themselves, NOW).unwrap();
        for (label, seen) in [
            (Sensitivity::Reproductive, false),
            (Sensitivity::Psychological, false),
            (Sensitivity::Minor, true),
            (Sensitivity::Genetic, true),
        ] {
            let record = record(BTreeSet::from([label]));
            assert_eq!(
                (gail.sees_in_place(&record), grace.sees_in_place(&record)),
                (seen, true),
                "{label:?}"
            );
        }
        assert!(gail.sees_in_place(&record(BTreeSet::new())));
    }

    fn any_relationship() -> impl Strategy<Value = Relationship> {
        prop::sample::select(vec![
            Relationship::Oneself,
            Relationship::Parent,
            Relationship::Guardian,
            Relationship::Partner,
            Relationship::Child,
            Relationship::Caregiver,
            Relationship::LegalRepresentative,
        ])
    }

    fn any_giver() -> impl Strategy<Value = Giver> {
        prop::sample::select(vec![Giver::Client, Giver::Parent, Giver::Guardian, Giver::LegalRepresentative])
    }

    proptest! {
        /// However it is asked for, nobody stands for a client longer than was permitted or asked for, and no
        /// parent beyond the day before the client is of age.
        #[test]
        fn nobody_stands_for_a_client_too_long(
            relationship in any_relationship(),
            giver in any_giver(),
            permitted in 0_i32..5_000,
            asked in prop::option::of(-100_i32..5_000),
            majority in prop::option::of(-5_000_i32..5_000),
        ) {
            let day = |days: i32| TODAY.checked_add(Span::new().days(days)).unwrap();
            let consent = consent(giver, day(permitted));
            let (asked, majority) = (asked.map(day), majority.map(day));
            let ask = Appointment { relationship, consent: Some(&consent), expires_on: asked };
            if let Ok(term) = ask.term(majority, TODAY) {
                let last = term.expires_on.unwrap();
                prop_assert!(TODAY <= last && last <= day(permitted));
                prop_assert!(asked.is_none_or(|asked| last <= asked));
                let parent = matches!(relationship, Relationship::Parent | Relationship::Guardian);
                if let Some(majority) = majority.filter(|majority| TODAY < *majority && parent) {
                    prop_assert!(last < majority);
                }
            }
        }
    }
}
