//! Stories in which the rules about what clients permit and who stands for them meet each other and those about charts.

use crate::{
    appointed, beginning,
    clients::{Day, OfClient, Wanted},
    event::Event,
    filed, offer, permits,
    reference::{OnChart, OnRecord, Reference, With},
    roles, told,
};
use domain::{
    confidentiality::Compartment,
    consent::{ConsentPurpose, Giver},
    member::{Relationship, Role},
    record::RecordType,
    sharing::AccessType,
};

/// People, as `beginning` has them.
const AMARA: usize = 0;
const BEN: usize = 1;
const SAM: usize = 4;
/// The two clients; the second may stand for the first.
const ADA: usize = 5;
const GAIL: usize = 8;

const ACCEPT: Event = Event::Accept { chart: 0 };

fn days(days: u32) -> Event {
    Event::TimePasses { hours: 24 * days }
}

/// Ben and Sam are in the first client's circle, and a team.
fn circle(permission: usize) -> Event {
    let of = [
        (With::Person(BEN), AccessType::ReadAndWrite),
        (With::Person(SAM), AccessType::ReadOnly),
        (With::Team(0), AccessType::Approval),
    ];
    Event::OfClient(OfClient::NameCircle { client: 0, permission, of: of.into() })
}

const fn shares_with_circle(chart: usize, days: Option<Day>) -> Event {
    Event::OfClient(OfClient::ShareWithCircle { chart, days })
}

const fn withdraws(permission: usize) -> Event {
    Event::OfClient(OfClient::Withdraw { client: 0, permission })
}

const fn corrects_birth(of_age_on: Day) -> Event {
    Event::OfClient(OfClient::CorrectBirth { client: 0, of_age_on: Some(of_age_on) })
}

const fn merges(client: usize, into: usize) -> Event {
    Event::OfClient(OfClient::Merge { client, into })
}

const fn marked_alone() -> Event {
    Event::MarkRecord { record: 0, confidential: true, alone: true }
}

const fn for_circle(days: Option<Day>) -> Event {
    permits(ConsentPurpose::CircleOfCare, Giver::Client, days)
}

const fn for_access(given_by: Giver, days: Option<Day>) -> Event {
    permits(ConsentPurpose::ProxyAccess, given_by, days)
}

fn all_told(stories: Vec<(&str, Vec<Event>)>) {
    for (story, events) in stories {
        told(&events).unwrap_or_else(|error| panic!("{story}: {error}"));
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story for each place where rules meet")]
fn where_rules_about_the_circle_of_care_meet() {
    all_told(vec![
        (
            "a withdrawal ends what stands on it in every chart, and nothing else",
            vec![
                for_circle(None),
                for_circle(None),
                circle(0),
                Event::Share { chart: 0, with: With::Person(SAM), access: AccessType::ReadOnly, hours: None },
                Event::JoinTeam { who: 2, team: 0 },
                shares_with_circle(0, None),
                circle(1),
                shares_with_circle(2, None),
                filed(BEN, RecordType::Data, Compartment::Chart),
                Event::ChangeShare {
                    chart: 0,
                    with: With::Person(BEN),
                    access: AccessType::ReadOnly,
                    hours: None,
                },
                withdraws(0),
                shares_with_circle(0, None),
                withdraws(1),
                shares_with_circle(0, None),
            ],
        ),
        (
            "what the client permits until a day ends with it, whatever is asked for, and is not put off",
            vec![
                for_circle(Some(1)),
                circle(0),
                shares_with_circle(0, Some(5)),
                Event::ChangeShare {
                    chart: 0,
                    with: With::Person(BEN),
                    access: AccessType::ReadAndWrite,
                    hours: None,
                },
                days(1),
                shares_with_circle(2, None),
                days(1),
                shares_with_circle(0, None),
                for_circle(Some(7)),
                circle(1),
                shares_with_circle(0, Some(0)),
                days(1),
            ],
        ),
        (
            "what is withdrawn while a chart is on its way does not come back with the answer",
            vec![
                for_circle(None),
                circle(0),
                shares_with_circle(0, None),
                offer(0, 2, true, true),
                shares_with_circle(0, None),
                withdraws(0),
                Event::EndOffer { chart: 0 },
                for_circle(None),
                circle(1),
                shares_with_circle(0, None),
                offer(0, BEN, true, false),
                ACCEPT,
                shares_with_circle(0, None),
                withdraws(1),
            ],
        ),
        (
            "nobody gets something by being named, nor who works here no more, nor an account of a client's",
            vec![
                for_access(Giver::Client, Some(7)),
                circle(0),
                for_circle(None),
                circle(1),
                Event::Suspend { who: SAM },
                roles(BEN, &[Role::Client]),
                shares_with_circle(0, None),
                Event::Restore { who: SAM },
                circle(1),
                roles(BEN, &[Role::Practitioner]),
                shares_with_circle(0, None),
                roles(BEN, &[Role::Client]),
            ],
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story for each place where rules meet")]
fn where_rules_about_who_stands_for_a_client_meet() {
    let answering = |who, as_who, on| {
        let asked = Wanted { as_who, on: Some(on), days: Some(1), answers: true };
        Event::OfClient(OfClient::Appoint { client: 0, who, asked })
    };
    all_told(vec![
        (
            "a parent stands for a child until it is of age, and not by the same word after that",
            vec![
                for_access(Giver::Parent, Some(7)),
                marked_alone(),
                appointed(GAIL, Relationship::Parent, Some(0)),
                days(2),
                days(1),
                appointed(GAIL, Relationship::Parent, Some(0)),
                for_access(Giver::Parent, Some(7)),
                for_access(Giver::Client, Some(1)),
                appointed(GAIL, Relationship::Parent, Some(1)),
                days(2),
            ],
        ),
        (
            "a corrected birth date cuts what lasts too long, and gives nothing back",
            vec![
                marked_alone(),
                for_access(Giver::Parent, Some(7)),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                corrects_birth(6),
                corrects_birth(0),
                corrects_birth(6),
                appointed(GAIL, Relationship::Parent, Some(0)),
            ],
        ),
        (
            "whoever stood for an adult stands for a child, if the adult is one",
            vec![
                marked_alone(),
                corrects_birth(-2),
                for_access(Giver::Guardian, Some(7)),
                appointed(GAIL, Relationship::Guardian, Some(0)),
                corrects_birth(2),
                days(2),
            ],
        ),
        (
            "what a minor permits themselves is as they say",
            vec![
                marked_alone(),
                for_access(Giver::Client, Some(5)),
                answering(GAIL, Relationship::Caregiver, 0),
                corrects_birth(4),
                Event::MarkRecord { record: 0, confidential: true, alone: false },
                days(2),
                withdraws(0),
            ],
        ),
        (
            "who answers for a client does so no longer than they stand for them",
            vec![
                for_access(Giver::Client, Some(7)),
                answering(GAIL, Relationship::LegalRepresentative, 0),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                roles(GAIL, &[Role::Staff]),
                roles(GAIL, &[Role::Client]),
                Event::OfClient(OfClient::EndProxy { client: 0, who: GAIL }),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                Event::Suspend { who: GAIL },
                withdraws(0),
                Event::Restore { who: GAIL },
                appointed(GAIL, Relationship::Oneself, None),
                Event::OfClient(OfClient::EndProxy { client: 0, who: ADA }),
                appointed(GAIL, Relationship::Oneself, None),
            ],
        ),
        (
            "what is for the client stays theirs in other hands, and a draft, what waits and what is struck is not",
            vec![
                for_access(Giver::Client, Some(7)),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                Event::Share { chart: 0, with: With::Person(BEN), access: AccessType::Approval, hours: None },
                filed(BEN, RecordType::Data, Compartment::Chart),
                Event::Sign { record: 4 },
                Event::Cosign { record: 4 },
                Event::MarkRecord { record: 4, confidential: true, alone: false },
                offer(0, 2, false, true),
                ACCEPT,
                Event::Void { record: 0, by: 2 },
            ],
        ),
    ]);
}

#[test]
fn two_clients_held_to_be_one_give_nobody_anything() {
    all_told(vec![
        (
            "who stands for the one does not see the other, and what is new is written of who stays",
            vec![
                for_access(Giver::Client, Some(7)),
                for_circle(None),
                circle(1),
                merges(0, 1),
                merges(1, 0),
                shares_with_circle(0, None),
                for_circle(None),
                circle(1),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                withdraws(1),
                Event::OfClient(OfClient::Unmerge { client: 0 }),
                appointed(GAIL, Relationship::Caregiver, Some(0)),
                Event::OfClient(OfClient::Unmerge { client: 0 }),
            ],
        ),
        (
            "whoever practises holds two to be one, and nobody else",
            vec![
                merges(0, 0),
                roles(AMARA, &[Role::Staff]),
                roles(BEN, &[Role::Staff]),
                roles(2, &[Role::Coordinator]),
                roles(7, &[Role::Administrator]),
                merges(1, 0),
                roles(2, &[Role::Practitioner]),
                merges(1, 0),
                merges(0, 1),
            ],
        ),
    ]);
}

/// What the stories are held against is no empty rule: here is what it gives, and takes.
#[test]
fn what_was_permitted_is_given_and_what_was_withdrawn_is_not() {
    let mut reference = beginning();
    let has = |reference: &Reference| [0, 2].map(|at| reference.may_with_chart(BEN, OnChart::Open, at));
    let sees = |reference: &Reference| {
        let answers = reference.may_answer(GAIL, 0);
        (reference.may_with_record(GAIL, OnRecord::See, 0), answers)
    };
    let happen = |reference: &mut Reference, events: &[Event]| {
        for event in events {
            assert!(reference.happens(event), "{event:?}");
        }
    };
    happen(&mut reference, &[for_circle(Some(5)), circle(0)]);
    assert_eq!(has(&reference), [false, false], "they are only named");
    happen(&mut reference, &[shares_with_circle(0, None), shares_with_circle(2, Some(1))]);
    assert_eq!(has(&reference), [true, true]);
    happen(&mut reference, &[days(2)]);
    assert_eq!(has(&reference), [true, false]);
    happen(&mut reference, &[withdraws(0)]);
    assert_eq!(has(&reference), [false, false]);

    assert_eq!(sees(&reference), (false, false));
    let asked = Wanted { as_who: Relationship::Guardian, on: Some(1), days: None, answers: true };
    let guardian = Event::OfClient(OfClient::Appoint { client: 0, who: GAIL, asked });
    happen(&mut reference, &[for_access(Giver::Guardian, Some(5)), guardian]);
    assert_eq!(sees(&reference), (true, true));
    happen(&mut reference, &[marked_alone()]);
    assert_eq!(sees(&reference), (false, true), "the client is a child until tomorrow");
    happen(&mut reference, &[days(1)]);
    assert_eq!(sees(&reference), (false, false));
}
