//! Every action can be permitted to somebody, and to nobody who is suspended or of another organization
//! (R050, rule 4).

use authz::{Action, Authorizer, Resource};
use domain::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
    chart::{Chart, Section},
    client::{Client, ClientStatus},
    member::{Member, Permissions, Role, Verb},
    physical::Folder,
    record::{Body, Direction, Record, RecordLimits, RecordType},
    text::Line,
};
use jiff::{Timestamp, civil::date};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A member with every role that staff can have, and every verb.
fn all_powerful(organization: u128) -> Member {
    let roles = BTreeSet::from([Role::Administrator, Role::Practitioner, Role::Staff, Role::Auditor]);
    let mut member = Member::invite(
        MemberId::new(Uuid::from_u128(2)),
        OrganizationId::new(Uuid::from_u128(organization)),
        Line::new("Dr Amara").unwrap(),
        "amara@north.example".to_owned().try_into().unwrap(),
        roles,
        Timestamp::UNIX_EPOCH,
    );
    member.permissions = Permissions::new(RecordType::ALL.map(|record| (record, Verb::ALL.into())));
    member.bind("identity".into())
}

fn chart(owner: &Member) -> Chart {
    Chart {
        id: ChartId::new(Uuid::from_u128(4)),
        organization_id: owner.organization_id,
        client_id: ClientId::new(Uuid::from_u128(3)),
        owner: owner.id,
        opened_at: Timestamp::UNIX_EPOCH,
        client_key: WrappedKey::from_bytes(vec![]),
        client_status: ClientStatus::Active,
        revision: 1,
    }
}

fn record(owner: &Member, body: Body) -> Record {
    Record {
        id: RecordId::new(Uuid::from_u128(5)),
        organization_id: owner.organization_id,
        client_id: ClientId::new(Uuid::from_u128(3)),
        chart_id: ChartId::new(Uuid::from_u128(4)),
        author: owner.id,
        from_client: false,
        section: Section::Documents,
        direction: Direction::AboutClient,
        occurred_on: date(2026, 3, 1),
        created_at: Timestamp::UNIX_EPOCH,
        key: WrappedKey::from_bytes(vec![]),
        title: Sealed::from_bytes(vec![]),
        body,
        voided: None,
        limits: RecordLimits::default(),
        revision: 1,
    }
}

fn client(of: &Member) -> Client {
    Client {
        id: ClientId::new(Uuid::from_u128(3)),
        organization_id: of.organization_id,
        status: ClientStatus::Active,
        key: WrappedKey::from_bytes(vec![]),
        demographics: Sealed::from_bytes(vec![]),
        card: Sealed::from_bytes(vec![]),
        merged_into: None,
        created_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

/// Whether the member may do this to anything at all of what `owner` has; a draft and a folder among it.
fn may(authorizer: &Authorizer, member: &Member, action: Action, owner: &Member) -> bool {
    let (chart, client) = (chart(owner), client(owner));
    let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
    let note = record(owner, Body::Data { versions: 1, signed_at: None });
    let folder = record(owner, Body::Physical(folder));
    let resources = [
        Resource::Organization(owner.organization_id),
        Resource::Member(owner),
        Resource::Client(&client),
        Resource::Chart(&chart),
        Resource::Record(&note, &chart),
        Resource::Record(&folder, &chart),
    ];
    // A resource that the action is not about is an error or a refusal, never a permission.
    resources
        .into_iter()
        .any(|resource| authorizer.decide(member, action, resource).is_ok_and(|decision| decision.allowed))
}

fn decided() -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(|action| !action.is_outside_policies())
}

#[test]
fn every_action_is_permitted_by_a_policy() {
    let (authorizer, amara) = (Authorizer::new().unwrap(), all_powerful(1));
    for action in decided() {
        assert!(may(&authorizer, &amara, action, &amara), "no policy permits {action:?}");
    }
}

#[test]
fn nothing_is_permitted_to_a_suspended_member_or_across_organizations() {
    let (authorizer, amara) = (Authorizer::new().unwrap(), all_powerful(1));
    let suspended = all_powerful(1).suspend(MemberId::new(Uuid::from_u128(99))).unwrap();
    let stranger = all_powerful(2);
    for action in decided() {
        assert!(!may(&authorizer, &suspended, action, &amara), "a suspended member may {action:?}");
        assert!(!may(&authorizer, &stranger, action, &amara), "another organization may {action:?}");
    }
}

/// An account that is a client's own has its session and its own trail, and nothing else yet.
#[test]
fn a_client_reaches_nothing_of_the_organization() {
    let (authorizer, amara) = (Authorizer::new().unwrap(), all_powerful(1));
    let mut grace = all_powerful(1);
    grace.id = MemberId::new(Uuid::from_u128(7));
    grace.roles = BTreeSet::from([Role::Client]);
    grace.permissions = Permissions::starting(&grace.roles);
    let allowed: BTreeSet<Action> =
        decided().filter(|action| may(&authorizer, &grace, *action, &amara)).collect();
    let harmless = [Action::EndSession, Action::ReadOrganization, Action::ListContributions];
    assert_eq!(allowed, BTreeSet::from(harmless));
}
