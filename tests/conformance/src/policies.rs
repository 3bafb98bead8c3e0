//! Every action can be permitted to somebody, and to nobody who is suspended or of another organization
//! (R050, rule 4).

use crate::tree;
use authz::{Action, Authorizer, Resource};
use cedar_policy::{ActionConstraint, Effect, Policy, PolicySet};
use domain::{
    ChartId, ClientId, FacilitationId, HoldId, LocationId, MemberId, OrganizationId, ParticipantId, RecordId,
    Sealed, SpaceId, TransferId, UploadId, WrappedKey,
    chart::{Chart, Section},
    client::{Client, ClientStatus},
    confidentiality::Guard,
    facilitation::{CenterLink, Entrant, FacilitatedSession, History},
    hold::{Hold, HoldCause, HoldScope},
    member::{Member, Permissions, Role, Verb},
    physical::Folder,
    record::{Body, Direction, FileState, FileVersion, ObjectRef, Record, RecordLimits, RecordType},
    sharing::{AccessType, Grant, Grantee},
    space::{Beginning, Space, Subject},
    text::Line,
    transfer::{Initiator, Offer, TransferSection},
};
use jiff::{Timestamp, civil::date};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A member of every role that staff can have, with every verb.
pub fn all_powerful(organization: u128, id: u128) -> Member {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Client).collect();
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
pub struct Things {
    organization_id: OrganizationId,
    colleague: Member,
    client: Client,
    pub chart: Chart,
    pub note: Record,
    pub folder: Record,
    pub file: Record,
    /// A colleague's chart that is shared with the owner of the others.
    pub shared: Chart,
    /// A colleague's chart that is offered to the owner of the others.
    pub offered: Chart,
    space: Space,
    /// Facilitated by the owner, with the client taking part, at the organization's own center.
    facilitation: FacilitatedSession,
    /// With the owner as its custodian.
    hold: Hold,
}

impl Things {
    pub fn of(organization: u128, owner: MemberId) -> Self {
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
        let chart = Chart::open(ChartId::new(Uuid::from_u128(4)), &client, owner, Timestamp::UNIX_EPOCH);
        let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
        Self {
            organization_id,
            colleague: all_powerful(organization, 50),
            note: record(&chart, Body::Data { versions: 1, signed_at: None }),
            folder: record(&chart, Body::Physical(folder)),
            file: record(&chart, Body::Electronic { versions: 1, current: Box::new(file()) }),
            shared: shared(&client, owner),
            offered: offered(&client, owner),
            client,
            chart,
            space: space(&all_powerful(organization, owner.uuid().as_u128())),
            facilitation: facilitation(organization_id, owner, organization_id),
            hold: hold(organization_id, owner),
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
            Resource::Chart(&self.shared),
            Resource::Chart(&self.offered),
            Resource::Space(&self.space),
            Resource::Facilitation(&self.facilitation),
            Resource::Hold(&self.hold),
            Resource::Participation(&self.facilitation, &self.facilitation.participants[0]),
        ];
        let allows = |resource| {
            authorizer
                .decide(member, action, resource, Timestamp::UNIX_EPOCH)
                .is_ok_and(|decision| decision.allowed)
        };
        resources.into_iter().any(allows)
    }
}

fn facilitation(
    organization_id: OrganizationId,
    facilitator: MemberId,
    center: OrganizationId,
) -> FacilitatedSession {
    let (id, now) = (FacilitationId::new(Uuid::from_u128(17)), Timestamp::UNIX_EPOCH);
    let session = FacilitatedSession::begin(id, organization_id, facilitator, [], false, now).unwrap();
    let center =
        CenterLink { organization_id: center, associated_by: facilitator, associated_at: now, oregon: false };
    let participant = Entrant {
        id: ParticipantId::new(Uuid::from_u128(18)),
        client_id: ClientId::new(Uuid::from_u128(3)),
        chart_id: ChartId::new(Uuid::from_u128(4)),
        facilitator,
        client_key: WrappedKey::from_bytes(vec![]),
        key: WrappedKey::from_bytes(vec![]),
        person: Sealed::from_bytes(vec![]),
        history: History::default(),
    }
    .join(now);
    FacilitatedSession { center: Some(center), ..session.admit(participant).unwrap() }
}

fn hold(organization_id: OrganizationId, custodian: MemberId) -> Hold {
    Hold {
        id: HoldId::new(Uuid::from_u128(19)),
        organization_id,
        cause: HoldCause::Subpoena,
        matter: Sealed::from_bytes(vec![]),
        notice: Sealed::from_bytes(vec![]),
        scope: HoldScope::default(),
        custodians: BTreeMap::from([(custodian, None)]),
        issued_by: MemberId::new(Uuid::from_u128(50)),
        issued_at: Timestamp::UNIX_EPOCH,
        reaffirm_by: date(2027, 1, 1),
        reaffirmed: vec![],
        released: None,
        revision: 1,
    }
}

fn space(creator: &Member) -> Space {
    let beginning = Beginning {
        id: SpaceId::new(Uuid::from_u128(15)),
        name: Sealed::from_bytes(vec![]),
        subject: Subject::Person,
        chart_id: None,
        key: WrappedKey::from_bytes(vec![]),
    };
    Space::create(beginning, creator, Timestamp::UNIX_EPOCH).unwrap()
}

fn shared(client: &Client, with: MemberId) -> Chart {
    let granted_by = MemberId::new(Uuid::from_u128(50));
    let chart = Chart::open(ChartId::new(Uuid::from_u128(40)), client, granted_by, Timestamp::UNIX_EPOCH);
    let grant = Grant {
        grantee: Grantee::Member(with),
        access: AccessType::ReadAndWrite,
        granted_by,
        granted_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        consent_id: None,
    };
    chart.share(grant, Timestamp::UNIX_EPOCH).unwrap()
}

fn offered(client: &Client, to: MemberId) -> Chart {
    let by = MemberId::new(Uuid::from_u128(50));
    let chart = Chart::open(ChartId::new(Uuid::from_u128(41)), client, by, Timestamp::UNIX_EPOCH);
    let offer = Offer {
        id: TransferId::new(Uuid::from_u128(42)),
        to,
        by,
        initiator: Initiator::Owner,
        sections: TransferSection::ALWAYS.into(),
        keep_copy: false,
        offered_at: Timestamp::UNIX_EPOCH,
    };
    chart.offer(offer).unwrap()
}

pub fn record(chart: &Chart, body: Body) -> Record {
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
        class: None,
        guard: Guard::default(),
        cosignature: None,
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

/// Held here, as no process checks them when it starts.
#[test]
fn the_policies_say_only_what_the_schema_knows() {
    Authorizer::validate().unwrap();
}

/// The policies as they are written, each with its name.
fn written() -> Vec<(String, Policy)> {
    let text = tree::read("shared/authz/src/policies.cedar");
    let policies: PolicySet = text.parse().unwrap();
    let named = |policy: &Policy| (policy.annotation("id").expect("a name").to_owned(), policy.clone());
    policies.policies().map(named).collect()
}

/// Who does not have to be anybody in particular: what every active member of the organization may.
const FOR_EVERYBODY: [&str; 1] = ["member-uses-organization"];

/// A permit names what it permits, and asks something of whom it permits it to.
#[test]
fn nothing_is_permitted_without_saying_what_and_to_whom() {
    let policies = written();
    let permits: Vec<_> = policies.iter().filter(|(_, policy)| policy.effect() == Effect::Permit).collect();
    for (name, permit) in &permits {
        assert_ne!(permit.action_constraint(), ActionConstraint::Any, "`{name}` permits whatever there is");
    }
    let unasked: BTreeSet<&str> = permits
        .iter()
        .filter(|(_, permit)| !permit.has_non_scope_constraint())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(unasked, BTreeSet::from(FOR_EVERYBODY));
}

/// Two forbids are for everybody, everything and every action; their exceptions are in their own words.
#[test]
fn another_organization_and_a_suspension_are_asked_about_always() {
    for (name, policy) in written() {
        let always = ["other-organization", "member-not-active"].contains(&name.as_str());
        let scope = format!("{:?}{:?}", policy.principal_constraint(), policy.resource_constraint());
        let is_for_all = policy.effect() == Effect::Forbid
            && policy.action_constraint() == ActionConstraint::Any
            && scope == "AnyAny";
        assert!(!always || is_for_all, "`{name}` is not asked about always");
    }
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

/// The one way across organizations (R105): to read a session, and to let it go, for the administrators of its center.
#[test]
fn nothing_crosses_organizations_but_a_session_to_its_center() {
    let authorizer = Authorizer::new().unwrap();
    let (amara, wanda) = (all_powerful(1, 2), all_powerful(2, 3));
    let center = wanda.organization_id;
    let there = Things {
        facilitation: facilitation(amara.organization_id, amara.id, center),
        ..Things::of(1, amara.id)
    };
    let allowed = |member: &Member| -> BTreeSet<Action> {
        decided().filter(|action| there.may(&authorizer, member, *action)).collect()
    };
    let for_the_center =
        [Action::ReadFacilitation, Action::ListParticipantEntries, Action::ReleaseFacilitation];
    assert_eq!(allowed(&wanda), BTreeSet::from(for_the_center));
    let mut employee = wanda.clone();
    employee.roles.remove(&Role::Administrator);
    assert_eq!(allowed(&employee), BTreeSet::new());
    let suspended = wanda.suspend(MemberId::new(Uuid::from_u128(99))).unwrap();
    assert_eq!(allowed(&suspended), BTreeSet::new());
    assert_eq!(allowed(&all_powerful(4, 3)), BTreeSet::new(), "of a third organization");
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
    let harmless = [
        Action::EndSession,
        Action::ReadOrganization,
        Action::ListContributions,
        // Of their own inbox.
        Action::ListNotices,
        Action::DismissNotice,
    ];
    assert_eq!(allowed, BTreeSet::from(harmless));
}
