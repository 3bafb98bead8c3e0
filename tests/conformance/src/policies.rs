//! Every action can be permitted to somebody, and to nobody who is suspended or of another organization
//! (R050, rule 4).

use authz::{Action, Authorizer, Resource};
use domain::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, UploadId, WrappedKey,
    chart::{Chart, Section},
    client::{Client, ClientStatus},
    member::{Member, Permissions, Role, Verb},
    physical::Folder,
    record::{Body, Direction, FileState, FileVersion, ObjectRef, Record, RecordLimits, RecordType},
    text::Line,
};
use jiff::{Timestamp, civil::date};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A member of every role that staff can have, with every verb.
fn all_powerful(organization: u128, id: u128) -> Member {
    let roles = BTreeSet::from([Role::Administrator, Role::Practitioner, Role::Staff, Role::Auditor]);
    let mut member = Member::invite(
        MemberId::new(Uuid::from_u128(id)),
        OrganizationId::new(Uuid::from_u128(organization)),
        Line::new("Dr Amara").unwrap(),
        "amara@north.example".to_owned().try_into().unwrap(),
        roles,
        Timestamp::UNIX_EPOCH,
    );
    member.permissions = Permissions::new(RecordType::ALL.map(|record| (record, Verb::ALL.into())));
    member.bind("identity".into())
}

/// One of everything an organization has, the charts and records being one member's own.
struct Things {
    organization_id: OrganizationId,
    colleague: Member,
    client: Client,
    chart: Chart,
    note: Record,
    folder: Record,
    file: Record,
}

impl Things {
    fn of(organization: u128, owner: MemberId) -> Self {
        let organization_id = OrganizationId::new(Uuid::from_u128(organization));
        let client = Client {
            id: ClientId::new(Uuid::from_u128(3)),
            organization_id,
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let chart = Chart {
            id: ChartId::new(Uuid::from_u128(4)),
            organization_id,
            client_id: client.id,
            owner,
            opened_at: Timestamp::UNIX_EPOCH,
            client_key: WrappedKey::from_bytes(vec![]),
            client_status: ClientStatus::Active,
            revision: 1,
        };
        let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
        Self {
            organization_id,
            colleague: all_powerful(organization, 50),
            note: record(&chart, Body::Data { versions: 1, signed_at: None }),
            folder: record(&chart, Body::Physical(folder)),
            file: record(&chart, Body::Electronic { versions: 1, current: Box::new(file()) }),
            client,
            chart,
        }
    }

    /// Whether the member may do this to anything of it. A resource that the action is not about is an
    /// error or a refusal, never a permission.
    fn may(&self, authorizer: &Authorizer, member: &Member, action: Action) -> bool {
        let resources = [
            Resource::Organization(self.organization_id),
            Resource::Member(&self.colleague),
            Resource::Client(&self.client),
            Resource::Chart(&self.chart),
            Resource::Record(&self.note, &self.chart),
            Resource::Record(&self.folder, &self.chart),
            Resource::Record(&self.file, &self.chart),
        ];
        let allows =
            |resource| authorizer.decide(member, action, resource).is_ok_and(|decision| decision.allowed);
        resources.into_iter().any(allows)
    }
}

fn record(chart: &Chart, body: Body) -> Record {
    Record {
        id: RecordId::new(Uuid::from_u128(5)),
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        author: chart.owner,
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

fn file() -> FileVersion {
    FileVersion {
        record_id: RecordId::new(Uuid::from_u128(5)),
        number: 1,
        upload_id: UploadId::new(Uuid::from_u128(6)),
        author: MemberId::new(Uuid::from_u128(2)),
        added_at: Timestamp::UNIX_EPOCH,
        object: ObjectRef { key: "uploads/6".into(), version_id: "1".into() },
        size_bytes: 1,
        media_type: "image/png".into(),
        file_name: Sealed::from_bytes(vec![]),
        state: FileState::Inspecting,
    }
}

fn decided() -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(|action| !action.is_outside_policies())
}

#[test]
fn every_action_is_permitted_by_a_policy() {
    let (authorizer, amara) = (Authorizer::new().unwrap(), all_powerful(1, 2));
    let hers = Things::of(1, amara.id);
    for action in decided() {
        assert!(hers.may(&authorizer, &amara, action), "no policy permits {action:?}");
    }
}

/// Even of charts that are said to be their own.
#[test]
fn nothing_is_permitted_to_a_suspended_member_or_across_organizations() {
    let authorizer = Authorizer::new().unwrap();
    let suspended = all_powerful(1, 2).suspend(MemberId::new(Uuid::from_u128(99))).unwrap();
    let stranger = all_powerful(2, 2);
    let theirs = Things::of(1, suspended.id);
    for action in decided() {
        assert!(!theirs.may(&authorizer, &suspended, action), "a suspended member may {action:?}");
        assert!(!theirs.may(&authorizer, &stranger, action), "another organization may {action:?}");
    }
}

/// An account that is a client's own reaches nothing of the organization's yet but its words and its session.
#[test]
fn a_client_reaches_nothing_of_the_organization() {
    let authorizer = Authorizer::new().unwrap();
    let mut grace = all_powerful(1, 7);
    grace.roles = BTreeSet::from([Role::Client]);
    grace.permissions = Permissions::starting(&grace.roles);
    let amaras = Things::of(1, MemberId::new(Uuid::from_u128(2)));
    let allowed: BTreeSet<Action> =
        decided().filter(|action| amaras.may(&authorizer, &grace, *action)).collect();
    let harmless = [Action::EndSession, Action::ReadOrganization, Action::ListContributions];
    assert_eq!(allowed, BTreeSet::from(harmless));
}
