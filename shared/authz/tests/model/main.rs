//! The policies held against the rules: whatever happens to a chart, everybody may do with it and with what is in it
//! exactly what the requirements give them, no more and no less (R021, R024, R050, R053, R060-R068, R080-R095, R120).
//!
//! `reference` says who may what, from the requirements alone; `event` what happens, and what the rules make of it;
//! `clients` both of what is apart from charts; `product` tells the same story with the product's own types and asks
//! its policies. `client_stories` are those in which rules about clients meet.
//!
//! What is modelled:
//! - charts: sharing with people and teams until a day, leaving, transfers by owner and coordinator with what is left
//!   out and copied, escrow, the mark on the whole;
//! - records: types, drafts, signatures and co-signatures, what is struck through, marked or kept apart, what is
//!   written for the client, limits of one record;
//! - people: roles, their own permissions, teams, suspension, another organization;
//! - clients: recorded permissions with giver, purpose and last day; circles of care, sharing with one in one action,
//!   and what a withdrawal ends in every chart; who stands for a client, in what scope, until when, and as for a child
//!   or not; birth dates that are corrected; two clients held to be one person, and no longer; answers in a session.
//!
//! What is not: named roles, spaces, holds and the end of records; sessions beyond who answers in one, which have a
//! model of their own (`facilitation`).

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod client_stories;
mod clients;
mod event;
mod product;
mod reference;

use authz::{Action, Resource};
use cedar_policy::Schema;
use clients::{Client, OfClient, OnClient, Proxy, Wanted};
use domain::{
    confidentiality::{Compartment, Confidentiality},
    consent::{ConsentPurpose, Giver},
    member::{Relationship, Role, Verb},
    record::RecordType,
    sharing::AccessType,
};
use event::Event;
use product::Product;
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};
use reference::{Chart, OnChart, OnRecord, Person, Record, Reference, Verbs, With};
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str = include_str!("../../src/schema.cedarschema");

/// What an action is, done with a chart.
const fn on_chart(action: Action) -> Option<OnChart> {
    Some(match action {
        Action::ReadChart => OnChart::Open,
        Action::ListRecords => OnChart::ListRecords,
        Action::ListGrants => OnChart::SeeShares,
        Action::ListReaders => OnChart::SeeReaders,
        Action::ReadPassages => OnChart::SeePassages,
        Action::ListDestroyed => OnChart::SeeDestroyed,
        Action::ListContributions | Action::ListIntakeLinks => OnChart::SeeInbox,
        Action::SignContributionDownload => OnChart::OpenInboxFile,
        Action::ReadUpload => OnChart::SeeUpload,
        Action::DraftNote => OnChart::Add(RecordType::Data),
        Action::AddFolder => OnChart::Add(RecordType::Physical),
        Action::StartUpload | Action::SignParts | Action::CompleteUpload | Action::AbandonUpload => {
            OnChart::Add(RecordType::Electronic)
        }
        Action::CreateIntakeLink
        | Action::RevokeIntakeLink
        | Action::AcceptContribution
        | Action::DeclineContribution => OnChart::TakeIn,
        Action::ShareChart | Action::ChangeGrant | Action::ShareWithCircle | Action::MarkChart => {
            OnChart::Hold
        }
        Action::RevokeGrant => OnChart::EndShare,
        Action::LeaveChart => OnChart::Leave,
        Action::RecordConsent
        | Action::WithdrawConsent
        | Action::SetCircle
        | Action::AppointProxy
        | Action::EndProxy => OnChart::LetIn,
        Action::OfferTransfer => OnChart::HandOver,
        Action::WithdrawTransfer => OnChart::TakeBack,
        Action::RequestEscrow | Action::ApproveEscrow | Action::RefuseEscrow | Action::EndEscrow => {
            OnChart::ControlEscrow
        }
        Action::ListEscrows => OnChart::SeeEscrows,
        Action::AcceptTransfer | Action::DeclineTransfer => OnChart::Answer,
        Action::AddParticipant => OnChart::TakeIntoSession,
        _ => return None,
    })
}

/// What an action is, done with a record.
const fn on_record(action: Action) -> Option<OnRecord> {
    Some(match action {
        Action::ReadRecord => OnRecord::See,
        Action::ListVersions | Action::ReadVersion | Action::SignDownload | Action::SignPreview => {
            OnRecord::Possess
        }
        Action::ListCustody => OnRecord::SeeCustody,
        Action::ReadRecordEvidence => OnRecord::SeeTrail,
        Action::ExplainRetention => OnRecord::AskHowLong,
        Action::ClassifyRecord => OnRecord::Classify,
        Action::ReadUpload => OnRecord::SeeUpload,
        Action::SaveDraft | Action::SignNote | Action::AmendNote => OnRecord::Write,
        Action::StartUpload
        | Action::SignParts
        | Action::CompleteUpload
        | Action::AbandonUpload
        | Action::MarkRecord
        | Action::LinkScan => OnRecord::Change,
        Action::CheckOutFolder
        | Action::CheckInFolder
        | Action::SendFolder
        | Action::ReportFolderMissing
        | Action::LabelFolder
        | Action::ReportIncident => OnRecord::HandleFolder,
        Action::VoidRecord => OnRecord::Void,
        Action::LimitRecord | Action::ListRecordReaders => OnRecord::Hold,
        Action::CosignNote | Action::ReturnNote => OnRecord::Cosign,
        _ => return None,
    })
}

/// What an action is, done with a client.
const fn on_client(action: Action) -> Option<OnClient> {
    Some(match action {
        Action::ReadClient
        | Action::ReviseClient
        | Action::RevealField
        | Action::CloseClient
        | Action::ReopenClient => OnClient::Know,
        Action::ReadTimeline | Action::ListCharts | Action::ListClientFacilitations => OnClient::SeeRecords,
        Action::OpenChart
        | Action::MergeClient
        | Action::UnmergeClient
        | Action::ListConsents
        | Action::ReadCircle
        | Action::ListProxies => OnClient::WorkWith,
        Action::RecordRetentionFacts | Action::ReadRetentionFacts => OnClient::KnowFacts,
        Action::ReadClientEvidence => OnClient::SeeTrail,
        _ => return None,
    })
}

/// Whether an action is to fill in a client's part in a session.
fn is_answer(action: Action) -> bool {
    action == Action::CompleteItem
}

/// A new action on a client, a chart or a record has its place among the rules first.
#[test]
fn every_action_on_clients_charts_and_records_is_held_against_the_rules() {
    let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
    let on = |kind: &str| -> BTreeSet<String> {
        let applies = |action: &&cedar_policy::EntityUid| {
            let resources = schema.resources_for_action(action).into_iter().flatten();
            resources.into_iter().any(|resource| resource.to_string() == kind)
        };
        schema.actions().filter(applies).map(|action| action.id().unescaped().to_owned()).collect()
    };
    let named = |has: fn(Action) -> bool| -> BTreeSet<String> {
        Action::ALL.iter().filter(|action| has(**action)).map(|action| action.name().to_owned()).collect()
    };
    assert_eq!(on("Chart"), named(|action| on_chart(action).is_some()));
    assert_eq!(on("Record"), named(|action| on_record(action).is_some()));
    assert_eq!(on("Client"), named(|action| on_client(action).is_some()));
    assert_eq!(on("Participation"), named(is_answer));
}

/// Three practitioners, one of them a coordinator too; an administrator who manages the records; staff; the first
/// client; everything at once of another organization; a second administrator, who has a chart of the first client's,
/// too; and the second client.
fn beginning() -> Reference {
    let person = |organization: usize, roles: &[Role]| {
        let roles = BTreeSet::from_iter(roles.iter().copied());
        let keeps = roles.contains(&Role::Practitioner);
        let verbs = |kind: RecordType| match kind {
            _ if keeps => BTreeSet::from(Verb::ALL),
            RecordType::Physical if roles.contains(&Role::Staff) => {
                BTreeSet::from([Verb::Access, Verb::Add, Verb::Edit])
            }
            _ => BTreeSet::new(),
        };
        let may: BTreeMap<_, _> = RecordType::ALL.map(|kind| (kind, verbs(kind))).into();
        let (teams, stands_for) = (BTreeSet::new(), BTreeMap::new());
        Person { organization, roles, active: true, may, teams, stands_for }
    };
    let themselves = |client: usize| {
        let stands_for = BTreeMap::from([(client, Proxy::ONESELF)]);
        Person { stands_for, ..person(0, &[Role::Client]) }
    };
    let everything: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Client).collect();
    let people = vec![
        person(0, &[Role::Practitioner]),
        person(0, &[Role::Practitioner]),
        person(0, &[Role::Practitioner, Role::Coordinator]),
        person(0, &[Role::Administrator, Role::RecordsManager]),
        person(0, &[Role::Staff]),
        themselves(0),
        person(1, &everything),
        person(0, &[Role::Administrator, Role::Practitioner]),
        themselves(1),
    ];
    assert_eq!(people.len(), event::PEOPLE);
    // A child of three days less than eighteen years, and somebody of age.
    let of_age_on = [Some(3), Some(-1)];
    let clients = of_age_on.map(|of_age_on| Client { of_age_on, ..Client::default() }).into();
    let held = [(0, 0), (1, 1), (0, 7)];
    assert_eq!(held.len(), event::CHARTS);
    let charts = held.into_iter().map(|(client, owner)| Chart {
        organization: 0,
        client,
        owner,
        shares: BTreeMap::new(),
        offer: None,
        offered_by: owner,
        escrows: Vec::new(),
        confidential: false,
        copies: BTreeSet::new(),
    });
    let record = |chart: usize, kind: RecordType, signed: bool| Record {
        chart,
        author: chart,
        kind,
        compartment: Default::default(),
        signed,
        voided: false,
        awaits_cosignature: false,
        for_client: signed && kind == RecordType::Data,
        marked: false,
        alone: false,
        rows: BTreeMap::new(),
        sealed: false,
        handed_over: false,
        copies: BTreeSet::new(),
    };
    let records = vec![
        record(0, RecordType::Data, true),
        record(0, RecordType::Data, false),
        record(0, RecordType::Physical, true),
        record(1, RecordType::Data, true),
    ];
    Reference { now: 0, people, clients, charts: charts.collect(), records }
}

/// Something that is done, on which chart or record, or with which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Chart(OnChart, usize),
    Record(OnRecord, usize),
    Client(OnClient, usize),
    Answer(usize),
}

impl Deed {
    /// All there is to do, with the actions that are this.
    fn all(reference: &Reference) -> Vec<(Self, Vec<Action>)> {
        let actions = Action::ALL.iter().copied();
        let mut deeds: BTreeMap<Self, Vec<Action>> = BTreeMap::new();
        for action in actions {
            let charts = on_chart(action).into_iter();
            let charts =
                charts.flat_map(|act| (0..reference.charts.len()).map(move |at| Self::Chart(act, at)));
            let records = on_record(action).into_iter();
            let records =
                records.flat_map(|act| (0..reference.records.len()).map(move |at| Self::Record(act, at)));
            let clients = on_client(action).into_iter();
            let clients =
                clients.flat_map(|act| (0..reference.clients.len()).map(move |at| Self::Client(act, at)));
            let answers = (0..reference.clients.len()).filter(|_| is_answer(action)).map(Self::Answer);
            for deed in charts.chain(records).chain(clients).chain(answers) {
                deeds.entry(deed).or_default().push(action);
            }
        }
        deeds.into_iter().collect()
    }

    fn by_the_rules(self, reference: &Reference, who: usize) -> bool {
        match self {
            Self::Chart(act, at) => reference.may_with_chart(who, act, at),
            Self::Record(act, at) => reference.may_with_record(who, act, at),
            Self::Client(act, at) => reference.may_with_client(who, act, at),
            Self::Answer(at) => reference.may_answer(who, at),
        }
    }

    fn by_the_policies(self, product: &Product, who: usize, action: Action) -> bool {
        match self {
            Self::Chart(_, at) => product.may(who, action, Resource::Chart(&product.charts[at])),
            Self::Record(_, at) => {
                let resource = Resource::Record(&product.records[at], &product.charts[product.chart_at(at)]);
                product.may(who, action, resource)
            }
            Self::Client(_, at) => product.may(who, action, Resource::Client(&product.files.clients[at])),
            Self::Answer(at) => {
                let files = &product.files;
                product.may(who, action, Resource::Participation(&files.session, files.part(at)))
            }
        }
    }
}

/// What was asked and answered, while nothing has changed that it depends on: a decision has four arguments.
#[derive(Default)]
struct Asked {
    times: usize,
    answers: BTreeMap<(usize, Deed), (Action, bool)>,
    members: Vec<String>,
    charts: Vec<String>,
    records: Vec<String>,
    hour: u32,
}

fn said<T: std::fmt::Debug>(things: &[T]) -> Vec<String> {
    things.iter().map(|thing| format!("{thing:?}")).collect()
}

impl Asked {
    /// Forgets the answers about whoever and whatever is not as it was.
    fn forget(&mut self, product: &Product, now: u32) {
        let (members, charts, records) =
            (said(&product.members), said(&product.charts), said(&product.records));
        let same = |old: &[String], new: &[String], at: usize| old.get(at) == new.get(at);
        let chart = |at| same(&self.charts, &charts, at);
        let stands = |who: usize, deed: Deed| {
            let as_it_was = match deed {
                Deed::Chart(_, at) => chart(at),
                Deed::Record(_, at) => chart(product.chart_at(at)) && same(&self.records, &records, at),
                // A session does not change here, and of a client no more than whom they are held to be.
                Deed::Client(..) | Deed::Answer(_) => true,
            };
            as_it_was && same(&self.members, &members, who) && self.hour == now
        };
        let mut answers = self.answers.clone();
        answers.retain(|(who, deed), _| stands(*who, *deed));
        *self = Self { times: self.times + 1, answers, members, charts, records, hour: now };
    }
}

/// Everybody tries everything; of several actions that are the same thing to do, another one each time.
fn is_the_same(asked: &mut Asked, product: &Product, reference: &Reference) -> Result<(), TestCaseError> {
    asked.forget(product, reference.now);
    for (deed, actions) in Deed::all(reference) {
        for who in 0..event::PEOPLE {
            let (action, answer) = *asked.answers.entry((who, deed)).or_insert_with(|| {
                let action = actions[(asked.times + who) % actions.len()];
                (action, deed.by_the_policies(product, who, action))
            });
            prop_assert_eq!(answer, deed.by_the_rules(reference, who), "{:?} by {}: {:?}", action, who, deed);
        }
    }
    Ok(())
}

/// Everybody tries every action.
fn is_all_the_same(product: &Product, reference: &Reference) -> Result<(), TestCaseError> {
    for (deed, actions) in Deed::all(reference) {
        for (who, action) in
            (0..event::PEOPLE).flat_map(|who| actions.iter().map(move |action| (who, *action)))
        {
            let answer = deed.by_the_policies(product, who, action);
            prop_assert_eq!(answer, deed.by_the_rules(reference, who), "{:?} by {}: {:?}", action, who, deed);
        }
    }
    Ok(())
}

/// What a chart is said to be follows from what is in it (P-30, P-37).
fn is_counted(product: &Product, reference: &Reference) -> Result<(), TestCaseError> {
    for (at, chart) in product.charts.iter().enumerate() {
        let is_partial = chart.confidentiality() == Confidentiality::PartiallyConfidential;
        prop_assert_eq!(is_partial, reference.is_partially_confidential(at), "chart {}", at);
        let counted = [chart.confidential_records, chart.raw_data_records, chart.cosignatures];
        let there = [reference.marked_in(at), reference.raw_data_in(at), reference.awaited_in(at)];
        prop_assert_eq!(counted.map(|count| count as usize), there, "chart {}", at);
    }
    Ok(())
}

/// Tells a story both ways; after each event everything is as the rules have it.
fn told(events: &[Event]) -> Result<(), TestCaseError> {
    let mut reference = beginning();
    let (mut product, mut asked) = (Product::like(&reference), Asked::default());
    for event in events {
        let happened = product.happens(event);
        prop_assert_eq!(happened, reference.happens(event), "{:?}", event);
        is_the_same(&mut asked, &product, &reference)?;
        is_counted(&product, &reference)?;
    }
    is_all_the_same(&product, &reference)
}

proptest! {
    // `PROPTEST_CASES=2000` in a release build is for a long evening.
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_everybody_may_what_the_rules_give_them(events in vec(Event::any(), 1..=25)) {
        told(&events)?;
    }

    #[test]
    fn whatever_happens_with_clients_everybody_may_what_the_rules_give_them(
        events in vec(Event::about_clients(), 1..=25),
    ) {
        told(&events)?;
    }
}

const fn offer(chart: usize, to: usize, whole: bool, keep_copy: bool) -> Event {
    let offer =
        reference::Offer { to, by_coordinator: false, confidential: whole, raw_data: whole, keep_copy };
    Event::Offer { chart, offer }
}

const fn shared(with: With, access: AccessType) -> Event {
    Event::Share { chart: 0, with, access, hours: None }
}

fn roles(who: usize, roles: &[Role]) -> Event {
    Event::TakeRoles { who, roles: roles.iter().copied().collect() }
}

fn filed(by: usize, kind: RecordType, compartment: Compartment) -> Event {
    Event::File { chart: 0, by, kind, compartment, for_client: true }
}

/// Of the first client.
const fn permits(purpose: ConsentPurpose, given_by: Giver, days: Option<clients::Day>) -> Event {
    Event::OfClient(OfClient::Permit { client: 0, purpose, given_by, days })
}

/// To see what is meant for the first client, on one of their permissions.
const fn appointed(who: usize, as_who: Relationship, on: Option<usize>) -> Event {
    let asked = Wanted { as_who, on, days: None, answers: false };
    Event::OfClient(OfClient::Appoint { client: 0, who, asked })
}

/// Where rules meet, and chance seldom leads.
#[test]
#[expect(clippy::too_many_lines, reason = "one story for each place where rules meet")]
fn where_rules_meet() {
    const ACCEPT: Event = Event::Accept { chart: 0 };
    let marked = || Event::MarkRecord { record: 0, confidential: true, alone: false };
    let asks = |who| Event::AskEscrow { chart: 0, who };
    let approves = |who| Event::ApproveEscrow { chart: 0, who };
    let stories: [(&str, Vec<Event>); 12] = [
        (
            "what was left out stays in the copy of who gets the chart back, and is changed by nobody",
            vec![
                marked(),
                offer(0, 1, false, true),
                ACCEPT,
                shared(With::Person(0), AccessType::ReadAndWrite),
                offer(0, 0, false, false),
                ACCEPT,
                offer(0, 2, true, true),
                ACCEPT,
            ],
        ),
        (
            "who waits as a collaborator does not wait as an administrator, an auditor or staff",
            vec![
                shared(With::Person(1), AccessType::ReadAndWrite),
                filed(1, RecordType::Physical, Compartment::Chart),
                offer(0, 2, true, true),
                roles(1, &[Role::Practitioner, Role::Staff]),
                Event::Limit { record: 2, who: 1, verbs: [Verb::Edit].into() },
                roles(1, &[Role::Practitioner, Role::Administrator]),
                Event::Leave { chart: 0, who: 1 },
            ],
        ),
        (
            "a draft comes with the chart of who began it, and not with a colleague's",
            vec![
                shared(With::Person(1), AccessType::Approval),
                filed(1, RecordType::Data, Compartment::Chart),
                offer(0, 2, true, false),
                ACCEPT,
                Event::Sign { record: 4 },
                Event::Cosign { record: 4 },
            ],
        ),
        (
            "a limit that was set on a colleague does not blind the owner they become, nor their copy",
            vec![
                Event::Limit { record: 0, who: 1, verbs: Verbs::new() },
                offer(0, 1, true, true),
                ACCEPT,
                Event::Limit { record: 0, who: 0, verbs: Verbs::new() },
                Event::Limit { record: 0, who: 3, verbs: Verbs::new() },
            ],
        ),
        (
            "an account that becomes a client's has nothing of what it had",
            vec![
                shared(With::Person(1), AccessType::ReadAndWrite),
                filed(0, RecordType::Data, Compartment::Chart),
                Event::Sign { record: 4 },
                roles(0, &[Role::Client]),
                permits(ConsentPurpose::ProxyAccess, Giver::Client, Some(0)),
                appointed(0, Relationship::Caregiver, Some(0)),
                roles(1, &[Role::Client]),
                Event::TimePasses { hours: 24 },
            ],
        ),
        (
            "what is kept apart is its author's and the owner's, and goes no further by a role",
            vec![
                filed(0, RecordType::Physical, Compartment::RawData),
                filed(0, RecordType::Data, Compartment::Private),
                roles(0, &[Role::Practitioner, Role::Staff]),
                offer(0, 1, true, true),
                ACCEPT,
                shared(With::Team(0), AccessType::ReadAndWrite),
                Event::JoinTeam { who: 0, team: 0 },
                Event::LeaveTeam { who: 0, team: 0 },
            ],
        ),
        (
            "a share that has run out gives nothing, and another one beside it what it says",
            vec![
                Event::Share {
                    chart: 0,
                    with: With::Person(1),
                    access: AccessType::ReadAndWrite,
                    hours: Some(3),
                },
                shared(With::Team(1), AccessType::ReadOnly),
                Event::JoinTeam { who: 1, team: 1 },
                Event::TimePasses { hours: 3 },
                Event::EndShare { chart: 0, with: With::Team(1) },
                shared(With::Person(1), AccessType::Approval),
            ],
        ),
        (
            "a coordinator hands on what is not confidential, and never to themselves",
            vec![
                roles(2, &[Role::Coordinator]),
                Event::Offer {
                    chart: 0,
                    offer: reference::Offer {
                        to: 1,
                        by_coordinator: true,
                        confidential: false,
                        raw_data: false,
                        keep_copy: false,
                    },
                },
                Event::EndOffer { chart: 0 },
                Event::MarkChart { chart: 0, confidential: true },
                Event::MarkChart { chart: 0, confidential: false },
            ],
        ),
        (
            "who may not edit may not put their name beside another's",
            vec![
                shared(With::Person(1), AccessType::Approval),
                filed(1, RecordType::Data, Compartment::Chart),
                Event::Sign { record: 4 },
                Event::Permit { who: 0, kind: RecordType::Data, verbs: [Verb::Access].into() },
                Event::Cosign { record: 4 },
            ],
        ),
        (
            "two administrators open what is the facilitator's alone, and no raw data, drafts or psychotherapy notes",
            vec![
                filed(0, RecordType::Data, Compartment::Private),
                Event::Sign { record: 4 },
                filed(0, RecordType::Electronic, Compartment::RawData),
                filed(0, RecordType::Data, Compartment::PsychotherapyNotes),
                Event::Sign { record: 6 },
                Event::Limit { record: 0, who: 3, verbs: Verbs::new() },
                asks(3),
                approves(3),
                approves(0),
                approves(7),
                offer(0, 1, false, true),
                ACCEPT,
                roles(3, &[Role::Auditor]),
                roles(3, &[Role::Administrator]),
                Event::TimePasses { hours: 24 },
            ],
        ),
        (
            "nobody takes part in opening their own chart, nor decides on what they asked for",
            vec![
                roles(0, &[Role::Practitioner, Role::Administrator]),
                asks(0),
                roles(1, &[Role::Practitioner, Role::Administrator]),
                asks(1),
                offer(0, 1, true, false),
                ACCEPT,
                approves(3),
                Event::RefuseEscrow { chart: 0, who: 1 },
                Event::RefuseEscrow { chart: 0, who: 3 },
                asks(3),
                approves(7),
                offer(0, 2, true, false),
                roles(2, &[Role::Practitioner, Role::Administrator]),
                ACCEPT,
                Event::EndEscrow { chart: 0, who: 2 },
                Event::EndEscrow { chart: 0, who: 1 },
            ],
        ),
        (
            "who began an offer takes it back though the chart is confidential since",
            vec![
                roles(2, &[Role::Coordinator]),
                Event::Offer {
                    chart: 0,
                    offer: reference::Offer {
                        to: 1,
                        by_coordinator: true,
                        confidential: false,
                        raw_data: false,
                        keep_copy: false,
                    },
                },
                Event::MarkChart { chart: 0, confidential: true },
                roles(3, &[Role::Coordinator]),
                Event::EndOffer { chart: 0 },
            ],
        ),
    ];
    for (story, events) in stories {
        told(&events).unwrap_or_else(|error| panic!("{story}: {error}"));
    }
}
