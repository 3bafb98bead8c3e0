//! What a member could do, asked of the policies that decide every call, on things made up for that member: a chart of
//! their own, charts shared with them in each way, one that is not shared, and in each a record of each type; sessions,
//! a space and holds (R051, R052, R058).
//!
//! No rule stands here: which actions there are and what they are asked on comes from the schema, and every answer
//! from the authorizer.

use crate::made_up;
use authz::{Action, Authorizer, Decision, PolicyError, Resource, Shape, Subject};
use domain::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, TransferId, UploadId,
    WrappedKey,
    chart::{Chart, Section},
    client::{Client, ClientStatus},
    confidentiality::Guard,
    facilitation::{FacilitatedSession, Participant},
    hold::Hold,
    member::{Member, MemberStatus, Permissions, ProxyScope, Relationship, Representation, Role, Verb},
    physical::Folder,
    record::{Body, Direction, FileState, FileVersion, ObjectRef, Record, RecordLimits, RecordType},
    sharing::{AccessType, Grant, Grantee},
    space::Space,
    transfer::{Initiator, Offer, TransferSection},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// On what something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PossibleOn")]
pub enum On {
    Organization,
    /// A colleague.
    Member,
    Client,
    Chart,
    /// A record that the owner of the chart has made.
    Record,
    /// A record that they have made themselves in somebody else's chart.
    WrittenRecord,
    /// A collaborative space they are in.
    Space,
    /// A session they facilitate.
    Facilitation,
    /// Another organization's session, held at theirs as its center.
    CenterFacilitation,
    /// A client's part in a session they facilitate; of a client, their own part in one.
    Participation,
    /// A legal hold.
    Hold,
    /// A legal hold that they are a custodian of.
    CustodianHold,
}

/// What the chart is to the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Their own.
    Own,
    /// Shared with them to read.
    ReadOnly,
    /// Shared with them to write in under approval.
    Approval,
    /// Shared with them to read and write.
    ReadAndWrite,
    /// Offered to them by its owner.
    Offered,
    /// A colleague's, and nothing of it theirs.
    NotShared,
    /// About them, as a client.
    AboutThem,
}

/// One thing a member could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ability {
    pub action: Action,
    pub on: On,
    pub record: Option<RecordType>,
    pub verb: Option<Verb>,
    pub held: Option<Held>,
}

pub type Abilities = BTreeSet<Ability>;

/// The verbs on each type of record, each with the charts in which a member has it.
pub type Verbs = BTreeMap<(RecordType, Verb), BTreeSet<Held>>;

/// Asks what members could do.
pub struct Inquiry<'a> {
    authorizer: &'a Authorizer,
    now: Timestamp,
    shapes: &'a [Shape],
    /// The actions that take a verb on a type of record.
    governed: BTreeMap<(Action, Subject, RecordType), Verb>,
}

impl<'a> Inquiry<'a> {
    pub fn new(authorizer: &'a Authorizer, now: Timestamp, anybody: &Member) -> Result<Self, PolicyError> {
        let shapes = authorizer.shapes()?;
        let mut inquiry = Self { authorizer, now, shapes, governed: BTreeMap::new() };
        for record in RecordType::ALL {
            for verb in Verb::ALL {
                let taken = inquiry.taken(anybody, record, verb)?;
                inquiry.governed.extend(taken.into_iter().map(|(action, on)| ((action, on, record), verb)));
            }
        }
        Ok(inquiry)
    }

    /// What an owner who may do everything loses with one verb on one type of record.
    fn taken(
        &self,
        anybody: &Member,
        record: RecordType,
        verb: Verb,
    ) -> Result<BTreeSet<(Action, Subject)>, PolicyError> {
        let everything = RecordType::ALL.map(|record| (record, Verb::ALL.into()));
        let without = everything.clone().map(|(one, verbs): (RecordType, BTreeSet<Verb>)| {
            let left = verbs.into_iter().filter(|other| (one, *other) != (record, verb));
            (one, left.collect())
        });
        let with = somebody(anybody, Role::Practitioner, Permissions::new(everything));
        let without = somebody(anybody, Role::Practitioner, Permissions::new(without));
        let things = [Thing::chart(&with, Held::Own), Thing::record_of(&with, Held::Own, record)];
        let mut taken = BTreeSet::new();
        for shape in self.shapes.iter().filter(|shape| shape.verb == Some(verb)) {
            for thing in things.iter().filter(|thing| thing.subject() == shape.on) {
                if self.decide(&with, shape.action, thing)?.allowed
                    && !self.decide(&without, shape.action, thing)?.allowed
                {
                    taken.insert((shape.action, shape.on));
                }
            }
        }
        Ok(taken)
    }

    /// Everything a member could do.
    pub fn abilities(&self, member: &Member) -> Result<Abilities, PolicyError> {
        let member = asking(member);
        let mut abilities = Abilities::new();
        for thing in things(&member) {
            for shape in self.shapes.iter().filter(|shape| shape.on == thing.subject()) {
                if self.decide(&member, shape.action, &thing)?.allowed {
                    abilities.insert(self.ability(shape, &thing));
                }
            }
        }
        Ok(abilities)
    }

    fn ability(&self, shape: &Shape, thing: &Thing) -> Ability {
        let governs = |record: &RecordType| self.governed.get(&(shape.action, shape.on, *record)).copied();
        // A chart has no type; what is added to it has.
        let record =
            thing.record().or_else(|| RecordType::ALL.into_iter().find(|one| governs(one).is_some()));
        let verb = record.as_ref().and_then(governs);
        Ability { action: shape.action, on: thing.on, record, verb, held: thing.held }
    }

    /// What decides whether a member has a verb on a type of record in a chart of their own: what permits it if
    /// anything does, or else what forbids it.
    pub fn verdict(&self, member: &Member, record: RecordType, verb: Verb) -> Result<Decision, PolicyError> {
        let things = [Thing::chart(member, Held::Own), Thing::record_of(member, Held::Own, record)];
        let mut refusal = Decision { allowed: false, policies: Vec::new() };
        let taking = self.governed.iter().filter(|((.., of), taken)| (*of, **taken) == (record, verb));
        for ((action, on, _), _) in taking {
            for thing in things.iter().filter(|thing| thing.subject() == *on) {
                let decision = self.decide(member, *action, thing)?;
                if decision.allowed {
                    return Ok(decision);
                }
                if refusal.policies.is_empty() {
                    refusal = decision;
                }
            }
        }
        Ok(refusal)
    }

    fn decide(&self, member: &Member, action: Action, thing: &Thing) -> Result<Decision, PolicyError> {
        self.authorizer.decide(member, action, thing.resource(member.organization_id), self.now)
    }
}

/// Somebody who is this and is allowed that, and otherwise like any member.
pub fn somebody(anybody: &Member, role: Role, permissions: Permissions) -> Member {
    let mut somebody = anybody.clone();
    (somebody.roles, somebody.status) = (BTreeSet::from([role]), MemberStatus::Active);
    (somebody.role_id, somebody.permissions) = (None, permissions);
    somebody
}

/// Which verbs a member has on which types of records, and in which charts.
pub fn verbs(abilities: &Abilities) -> Verbs {
    let mut verbs = Verbs::new();
    for ability in abilities {
        if let (Some(record), Some(verb), Some(held)) = (ability.record, ability.verb, ability.held) {
            verbs.entry((record, verb)).or_default().insert(held);
        }
    }
    verbs
}

// ---- Things made up for a member -----------------------------------------------------------------------

/// Something made up for a member; its ids are those of the member and of their organization.
struct Thing {
    on: On,
    held: Option<Held>,
    made: Made,
}

enum Made {
    Organization,
    Member(Box<Member>),
    Client(Box<Client>),
    Chart(Box<Chart>),
    Record(Box<(Record, Chart)>),
    Space(Box<Space>),
    Facilitation(Box<FacilitatedSession>),
    Participation(Box<(FacilitatedSession, Participant)>),
    Hold(Box<Hold>),
}

impl Thing {
    const fn subject(&self) -> Subject {
        match self.made {
            Made::Organization => Subject::Organization,
            Made::Member(_) => Subject::Member,
            Made::Client(_) => Subject::Client,
            Made::Chart(_) => Subject::Chart,
            Made::Record(_) => Subject::Record,
            Made::Space(_) => Subject::Space,
            Made::Facilitation(_) => Subject::Facilitation,
            Made::Participation(_) => Subject::Participation,
            Made::Hold(_) => Subject::Hold,
        }
    }

    fn resource(&self, organization_id: OrganizationId) -> Resource<'_> {
        match &self.made {
            Made::Organization => Resource::Organization(organization_id),
            Made::Member(member) => Resource::Member(member),
            Made::Client(client) => Resource::Client(client),
            Made::Chart(chart) => Resource::Chart(chart),
            Made::Record(filed) => Resource::Record(&filed.0, &filed.1),
            Made::Space(space) => Resource::Space(space),
            Made::Facilitation(session) => Resource::Facilitation(session),
            Made::Participation(taken) => Resource::Participation(&taken.0, &taken.1),
            Made::Hold(hold) => Resource::Hold(hold),
        }
    }

    fn record(&self) -> Option<RecordType> {
        match &self.made {
            Made::Record(filed) => Some(filed.0.record_type()),
            _ => None,
        }
    }

    fn chart(member: &Member, held: Held) -> Self {
        Self { on: On::Chart, held: Some(held), made: Made::Chart(Box::new(chart(member, held))) }
    }

    /// A record of the chart's owner.
    fn record_of(member: &Member, held: Held, record: RecordType) -> Self {
        let chart = chart(member, held);
        let made = Made::Record(Box::new((self::record(&chart, chart.owner, record), chart)));
        Self { on: On::Record, held: Some(held), made }
    }

    /// A record of the member's in somebody else's chart.
    fn written_record(member: &Member, held: Held, record: RecordType) -> Self {
        let chart = chart(member, held);
        let made = Made::Record(Box::new((self::record(&chart, member.id, record), chart)));
        Self { on: On::WrittenRecord, held: Some(held), made }
    }
}

/// A client is asked about as themselves.
fn asking(member: &Member) -> Member {
    let mut asking = member.clone();
    if member.roles.contains(&Role::Client) {
        let oneself = Representation {
            relationship: Relationship::Oneself,
            consent_id: None,
            expires_at: None,
            of_child: false,
            scope: ProxyScope::ReadAndAnswer,
        };
        asking.represents.insert(ClientId::new(member.id.uuid()), oneself);
    }
    asking
}

fn things(member: &Member) -> Vec<Thing> {
    let mut colleague = member.clone();
    colleague.id = somebody_else(member);
    // Of somebody whose records these are, they themselves; of everybody else, any client.
    let oneself = client(member, ClientId::new(member.id.uuid()));
    let mut things = vec![
        Thing { on: On::Organization, held: None, made: Made::Organization },
        Thing { on: On::Member, held: None, made: Made::Member(Box::new(colleague)) },
        Thing { on: On::Client, held: None, made: Made::Client(Box::new(oneself)) },
    ];
    let charts: &[Held] = if member.roles.contains(&Role::Client) {
        &[Held::NotShared, Held::AboutThem]
    } else {
        &[Held::Own, Held::ReadOnly, Held::Approval, Held::ReadAndWrite, Held::Offered, Held::NotShared]
    };
    for held in charts.iter().copied() {
        things.push(Thing::chart(member, held));
        things.extend(RecordType::ALL.map(|record| Thing::record_of(member, held, record)));
        if matches!(held, Held::ReadOnly | Held::Approval | Held::ReadAndWrite) {
            things.extend(RecordType::ALL.map(|record| Thing::written_record(member, held, record)));
        }
    }
    things.extend(beside_charts(member));
    things
}

/// Sessions, a space and holds: a client has a part in a session, and nothing else of these.
fn beside_charts(member: &Member) -> Vec<Thing> {
    let thing = |on: On, made: Made| Thing { on, held: None, made };
    let (other, client) = (somebody_else(member), ClientId::new(member.id.uuid()));
    let is_client = member.roles.contains(&Role::Client);
    let session = made_up::session(member, if is_client { other } else { member.id }, client);
    let parts = session.participants.iter().map(|part| (session.clone(), part.clone()));
    let mut things: Vec<Thing> =
        parts.map(|part| thing(On::Participation, Made::Participation(Box::new(part)))).collect();
    if !is_client {
        let at_center = made_up::session_at_center(member, other, client);
        things.extend([
            thing(On::Space, Made::Space(Box::new(made_up::space(member)))),
            thing(On::Facilitation, Made::Facilitation(Box::new(session))),
            thing(On::CenterFacilitation, Made::Facilitation(Box::new(at_center))),
            thing(On::Hold, Made::Hold(Box::new(made_up::hold(member, other)))),
            thing(On::CustodianHold, Made::Hold(Box::new(made_up::hold(member, member.id)))),
        ]);
    }
    things
}

fn somebody_else(member: &Member) -> MemberId {
    MemberId::new(member.organization_id.uuid())
}

fn client(member: &Member, id: ClientId) -> Client {
    Client {
        id,
        organization_id: member.organization_id,
        status: ClientStatus::Active,
        key: WrappedKey::from_bytes(vec![]),
        demographics: Sealed::from_bytes(vec![]),
        card: Sealed::from_bytes(vec![]),
        merged_into: None,
        created_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

fn chart(member: &Member, held: Held) -> Chart {
    let owner = if held == Held::Own { member.id } else { somebody_else(member) };
    let about = if held == Held::AboutThem { member.id } else { somebody_else(member) };
    let client = client(member, ClientId::new(about.uuid()));
    let mut chart = Chart::open(ChartId::new(member.id.uuid()), &client, owner, Timestamp::UNIX_EPOCH);
    match held {
        Held::Own | Held::NotShared | Held::AboutThem => {}
        Held::ReadOnly => share(&mut chart, member, AccessType::ReadOnly),
        Held::Approval => share(&mut chart, member, AccessType::Approval),
        Held::ReadAndWrite => share(&mut chart, member, AccessType::ReadAndWrite),
        Held::Offered => chart.offer = Some(offer(&chart, member)),
    }
    chart
}

fn share(chart: &mut Chart, member: &Member, access: AccessType) {
    let grant = Grant {
        grantee: Grantee::Member(member.id),
        access,
        granted_by: chart.owner,
        granted_at: chart.opened_at,
        expires_at: None,
        consent_id: None,
    };
    // The first grant of a chart, and one without an end, is never refused.
    if let Ok(grants) = chart.grants.clone().add(grant, chart.opened_at) {
        chart.grants = grants;
    }
}

fn offer(chart: &Chart, member: &Member) -> Offer {
    Offer {
        id: TransferId::new(member.id.uuid()),
        to: member.id,
        by: chart.owner,
        initiator: Initiator::Owner,
        sections: TransferSection::ALWAYS.into(),
        keep_copy: false,
        offered_at: chart.opened_at,
    }
}

fn record(chart: &Chart, author: MemberId, record: RecordType) -> Record {
    let id = RecordId::new(chart.id.uuid());
    let body = match record {
        RecordType::Data => Body::Data { versions: 1, signed_at: Some(chart.opened_at) },
        RecordType::Electronic => Body::Electronic { versions: 1, current: Box::new(file(id, author)) },
        RecordType::Physical => Body::Physical(Folder::filed(LocationId::new(chart.id.uuid()), None, None)),
    };
    Record {
        id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        author,
        from_client: false,
        section: Section::Documents,
        // So that what is meant for a client counts among what a client could see.
        direction: Direction::ForClient,
        occurred_on: Date::ZERO,
        created_at: chart.opened_at,
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

fn file(record_id: RecordId, author: MemberId) -> FileVersion {
    FileVersion {
        record_id,
        number: 1,
        upload_id: UploadId::new(record_id.uuid()),
        author,
        added_at: Timestamp::UNIX_EPOCH,
        object: ObjectRef { key: String::new(), version_id: String::new() },
        size_bytes: 0,
        media_type: String::new(),
        file_name: Sealed::from_bytes(vec![]),
        state: FileState::Inspecting,
    }
}
