//! The same story told with the product's own types and rules.

mod clients;

use crate::{
    event::{Event, PEOPLE, RECORDS, TEAMS},
    reference::{Person, Reference, With},
};
use authz::{Action, Authorizer, Resource};
use clients::{Files, new_client};
use domain::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, TeamId, TransferId, UploadId,
    WrappedKey,
    chart::{Chart, Section},
    confidentiality::{Compartment, Guard, Sensitivity},
    escrow::{Escrow, EscrowCause, EscrowError, EscrowStatus},
    member::{Member, Permissions, ProxyScope, Relationship, Representation, Role, check_roles},
    physical::Folder,
    record::{Body, Direction, FileState, FileVersion, ObjectRef, Record, RecordLimits, RecordType, Voided},
    sharing::{AccessType, Grant, Grantee},
    text::Line,
    transfer::{Initiator, Offer, TransferSection},
};
use jiff::{Span, Timestamp, civil::date};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub struct Product {
    pub authorizer: Authorizer,
    pub now: Timestamp,
    pub members: Vec<Member>,
    pub charts: Vec<Chart>,
    pub records: Vec<Record>,
    pub files: Files,
    escrows: Vec<Escrow>,
    transfers: u128,
}

fn id<T: From<Uuid>>(kind: u128, number: usize) -> T {
    T::from(Uuid::from_u128((kind << 64) | number as u128))
}

pub fn member_id(number: usize) -> MemberId {
    id(1, number)
}

fn organization_id(number: usize) -> OrganizationId {
    id(2, number)
}

fn client_id(number: usize) -> ClientId {
    id(3, number)
}

fn team_id(number: usize) -> TeamId {
    id(4, number)
}

fn grantee(with: With) -> Grantee {
    match with {
        With::Person(number) => Grantee::Member(member_id(number)),
        With::Team(number) => Grantee::Team(team_id(number)),
    }
}

fn number_of(member: MemberId) -> usize {
    (0..PEOPLE).find(|number| member_id(*number) == member).expect("one of the people")
}

impl Product {
    /// As the story begins.
    pub fn like(reference: &Reference) -> Self {
        let authorizer = Authorizer::new().expect("policies");
        let now = Timestamp::UNIX_EPOCH;
        let members =
            reference.people.iter().enumerate().map(|(number, person)| member(number, person)).collect();
        let charts: Vec<Chart> = reference
            .charts
            .iter()
            .enumerate()
            .map(|(number, chart)| new_chart(number, chart, now))
            .collect();
        let records = reference.records.iter().enumerate().map(|(number, record)| {
            let mut begun =
                new_record(number, &charts[record.chart], member_id(record.author), record.kind, now);
            if let Body::Data { versions, .. } = &mut begun.body {
                *versions = u32::from(record.signed);
            }
            begun.direction = direction(record.for_client);
            begun
        });
        let (records, files) = (records.collect(), Files::like(reference, now));
        Self { authorizer, now, members, charts, records, files, escrows: Vec::new(), transfers: 0 }
    }

    pub fn may(&self, who: usize, action: Action, resource: Resource<'_>) -> bool {
        self.authorizer.decide(&self.members[who], action, resource, self.now).expect("a decision").allowed
    }

    fn may_with_chart(&self, who: usize, action: Action, chart: usize) -> bool {
        self.may(who, action, Resource::Chart(&self.charts[chart]))
    }

    fn may_with_record(&self, who: usize, action: Action, record: usize) -> bool {
        let record = &self.records[record];
        self.may(who, action, Resource::Record(record, self.chart_of(record)))
    }

    fn chart_of(&self, record: &Record) -> &Chart {
        self.charts.iter().find(|chart| chart.id == record.chart_id).expect("a record is in a chart")
    }

    pub fn chart_at(&self, record: usize) -> usize {
        let id = self.records[record].chart_id;
        self.charts.iter().position(|chart| chart.id == id).expect("a record is in a chart")
    }

    fn owner(&self, chart: usize) -> usize {
        number_of(self.charts[chart].owner)
    }

    /// To the hour, as in the story, however late within it something happens.
    fn after(&self, hours: Option<u32>) -> Option<Timestamp> {
        let hour = Timestamp::from_second(self.now.as_second()).expect("a moment");
        hours.map(|hours| hour + Span::new().hours(i64::from(hours)))
    }

    /// Whether it happens. Each event is a moment later than the one before, as in life.
    pub fn happens(&mut self, event: &Event) -> bool {
        self.now += Span::new().milliseconds(1);
        match event.clone() {
            Event::TimePasses { hours } => {
                self.now += Span::new().hours(i64::from(hours));
                true
            }
            Event::Share { chart, with, access, hours } => self.is_shared(chart, with, access, hours),
            Event::ChangeShare { chart, with, access, hours } => self.is_changed(chart, with, access, hours),
            Event::EndShare { chart, with } => {
                let may = self.may_with_chart(self.owner(chart), Action::RevokeGrant, chart);
                let row = self.charts[chart].grants.of(grantee(with));
                row.is_some_and(|row| row.is_live(self.now)) && may && self.is_ended(chart, with)
            }
            Event::Leave { chart, who } => {
                let own = self.charts[chart].must_be_own_grant(&self.members[who], self.now).is_ok();
                own && self.may_with_chart(who, Action::LeaveChart, chart)
                    && self.is_ended(chart, With::Person(who))
            }
            Event::JoinTeam { who, team } => {
                let member = &mut self.members[who];
                let colleague = member.organization_id == organization_id(0);
                colleague && !member.roles.contains(&Role::Client) && member.teams.insert(team_id(team))
            }
            Event::LeaveTeam { who, team } => self.members[who].teams.remove(&team_id(team)),
            Event::Offer { .. } | Event::Accept { .. } | Event::EndOffer { .. } => self.is_handed(event),
            Event::AskEscrow { chart, who } => self.is_asked(chart, who),
            Event::ApproveEscrow { chart, who } => {
                let waits = |status| status == EscrowStatus::Requested;
                let approve = |escrow: Escrow, owner, now| escrow.approve(member_id(who), owner, now);
                self.is_controlled(Action::ApproveEscrow, (chart, who), waits, approve)
            }
            Event::RefuseEscrow { chart, who } => {
                let waits = |status| status == EscrowStatus::Requested;
                let refuse = |escrow: Escrow, owner, now| escrow.refuse(member_id(who), owner, now);
                self.is_controlled(Action::RefuseEscrow, (chart, who), waits, refuse)
            }
            Event::EndEscrow { chart, who } => {
                let stands = |status| matches!(status, EscrowStatus::Requested | EscrowStatus::Open);
                let end = |escrow: Escrow, owner, now| escrow.end(member_id(who), owner, now);
                self.is_controlled(Action::EndEscrow, (chart, who), stands, end)
            }
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

    fn becomes<E>(&mut self, who: usize, changed: Result<Member, E>) -> bool {
        let happened = changed.is_ok();
        if let Ok(member) = changed {
            self.members[who] = member;
        }
        happened
    }

    fn grant(&self, chart: usize, with: With, access: AccessType, hours: Option<u32>) -> Grant {
        Grant {
            grantee: grantee(with),
            access,
            granted_by: self.charts[chart].owner,
            granted_at: self.now,
            expires_at: self.after(hours),
            consent_id: None,
        }
    }

    fn is_shared(&mut self, chart: usize, with: With, access: AccessType, hours: Option<u32>) -> bool {
        let may = self.may_with_chart(self.owner(chart), Action::ShareChart, chart)
            && self.charts[chart].must_not_be_offered().is_ok()
            && self.may_be_shared(chart, with);
        let grant = self.grant(chart, with, access, hours);
        let shared = self.charts[chart].clone().share(grant, self.now);
        may && self.becomes_chart(chart, shared)
    }

    fn becomes_chart<E>(&mut self, at: usize, changed: Result<Chart, E>) -> bool {
        changed.is_ok_and(|changed| {
            self.charts[at] = changed;
            true
        })
    }

    fn may_be_shared(&self, chart: usize, with: With) -> bool {
        let With::Person(who) = with else { return true };
        let member = &self.members[who];
        member.organization_id == self.charts[chart].organization_id && member.must_be_colleague().is_ok()
    }

    fn is_changed(&mut self, chart: usize, with: With, access: AccessType, hours: Option<u32>) -> bool {
        let may = self.may_with_chart(self.owner(chart), Action::ChangeGrant, chart)
            && self.charts[chart].must_not_be_offered().is_ok();
        let row = self.charts[chart].grants.of(grantee(with));
        let consent_id = row.and_then(|row| row.consent_id);
        let grant = Grant { consent_id, ..self.grant(chart, with, access, hours) };
        let changed = self.charts[chart].clone().change_grant(grant, self.now);
        may && self.becomes_chart(chart, changed)
    }

    fn is_ended(&mut self, chart: usize, with: With) -> bool {
        let ended = self.charts[chart].clone().end_grant(grantee(with));
        self.becomes_chart(chart, ended)
    }

    fn is_handed(&mut self, event: &Event) -> bool {
        match *event {
            Event::Offer { chart, offer } => self.is_offered(chart, offer),
            Event::Accept { chart } => {
                let Some(Offer { id, to, .. }) = self.charts[chart].offer else { return false };
                let of_client: Vec<Chart> = self
                    .charts
                    .iter()
                    .filter(|one| one.client_id == self.charts[chart].client_id)
                    .cloned()
                    .collect();
                let may = self.may_with_chart(number_of(to), Action::AcceptTransfer, chart)
                    && self.members[number_of(to)].must_take(&of_client).is_ok();
                let accepted = self.charts[chart].clone().accept_offer(id, self.now);
                may && self.becomes_chart(chart, accepted.map(|(accepted, _)| accepted))
            }
            Event::EndOffer { chart } => {
                let Some(Offer { id, .. }) = self.charts[chart].offer else { return false };
                let ended = self.charts[chart].clone().end_offer(id);
                self.becomes_chart(chart, ended.map(|(ended, _)| ended))
            }
            _ => false,
        }
    }

    fn is_asked(&mut self, chart: usize, who: usize) -> bool {
        let escrow = Escrow {
            id: id(7, self.escrows.len()),
            organization_id: self.charts[chart].organization_id,
            client_id: self.charts[chart].client_id,
            chart_id: self.charts[chart].id,
            cause: EscrowCause::CourtOrder,
            reference: Sealed::from_bytes(vec![]),
            days: 1,
            requested_by: member_id(who),
            requested_at: self.now,
            opened: None,
            closed: None,
            revision: 1,
        };
        let may = self.may_with_chart(who, Action::RequestEscrow, chart);
        let asked = self.charts[chart].clone().ask_for_escrow(&escrow, self.now);
        let asked = may && self.becomes_chart(chart, asked);
        if asked {
            self.escrows.push(escrow);
        }
        asked
    }

    /// The oldest escrow of a chart that is so changes.
    fn is_controlled(
        &mut self,
        action: Action,
        (chart, who): (usize, usize),
        is_so: impl Fn(EscrowStatus) -> bool,
        changed: impl Fn(Escrow, MemberId, Timestamp) -> Result<Escrow, EscrowError>,
    ) -> bool {
        let (now, of) = (self.now, &self.charts[chart]);
        let found = self.escrows.iter().position(|one| one.chart_id == of.id && is_so(one.status(now)));
        let Some(at) = found else { return false };
        let changed = changed(self.escrows[at].clone(), of.owner, now);
        let may = self.may_with_chart(who, action, chart);
        let Some(changed) = changed.ok().filter(|_| may) else { return false };
        self.charts[chart] = self.charts[chart].clone().with_escrow(&changed, now);
        self.escrows[at] = changed;
        true
    }

    fn is_offered(&mut self, chart: usize, wish: crate::reference::Offer) -> bool {
        let is_coordinator = |member: &Member| {
            member.is_active()
                && member.roles.contains(&Role::Coordinator)
                && member.organization_id == organization_id(0)
        };
        let coordinator = self.members.iter().position(is_coordinator);
        let by = if wish.by_coordinator { coordinator } else { Some(self.owner(chart)) };
        let Some(by) = by else { return false };
        let to = &self.members[wish.to];
        let keeps = to.is_active()
            && to.organization_id == self.charts[chart].organization_id
            && to.roles.contains(&Role::Practitioner);
        let mut sections = BTreeSet::from(TransferSection::ALWAYS);
        sections.extend(wish.confidential.then_some(TransferSection::ConfidentialInformation));
        sections.extend(wish.raw_data.then_some(TransferSection::RawData));
        self.transfers += 1;
        let offer = Offer {
            id: TransferId::new(Uuid::from_u128(self.transfers)),
            to: member_id(wish.to),
            by: member_id(by),
            initiator: if wish.by_coordinator { Initiator::Coordinator } else { Initiator::Owner },
            sections,
            keep_copy: wish.keep_copy,
            offered_at: self.now,
        };
        let may = keeps && self.may_with_chart(by, Action::OfferTransfer, chart);
        let offered = self.charts[chart].clone().offer(offer);
        may && self.becomes_chart(chart, offered)
    }

    fn named(&self, record: usize) -> usize {
        record.min(self.records.len() - 1)
    }

    fn is_kept(&mut self, event: &Event) -> bool {
        match event.clone() {
            Event::MarkChart { chart, confidential } => {
                let marked = self.charts[chart].clone().mark(confidential);
                let may = self.may_with_chart(self.owner(chart), Action::MarkChart, chart);
                may && self.becomes_chart(chart, marked)
            }
            Event::MarkRecord { record, confidential, alone } => {
                let labels = alone.then_some(Sensitivity::Reproductive).into_iter().collect();
                self.is_marked(self.named(record), confidential, labels)
            }
            Event::File { chart, by, kind, compartment, for_client } => {
                self.is_filed(chart, by, kind, compartment, for_client)
            }
            Event::Sign { record } => self.is_signed(self.named(record)),
            Event::Cosign { record } => self.is_cosigned(self.named(record)),
            Event::Void { record, by } => {
                let at = self.named(record);
                let may = self.may_with_record(by, Action::VoidRecord, at);
                let voided = Voided { by: member_id(by), at: self.now, reason: Sealed::from_bytes(vec![]) };
                let voided = self.records[at].clone().void(voided);
                may && self.becomes_record(at, voided)
            }
            Event::Limit { record, who, verbs } => {
                let (at, owner) = (self.named(record), self.owner(self.chart_at(self.named(record))));
                let mut rows: BTreeMap<_, _> = self.records[at].limits.rows().clone();
                rows.remove(&member_id(owner));
                rows.insert(member_id(who), verbs);
                let limits = RecordLimits::new(rows).expect("few enough");
                let limited = self.records[at].clone().limit(member_id(owner), limits);
                self.may_with_record(owner, Action::LimitRecord, at) && self.becomes_record(at, limited)
            }
            _ => false,
        }
    }

    /// A record changes, and with it what its chart counts.
    fn becomes_record<E>(&mut self, at: usize, changed: Result<Record, E>) -> bool {
        let chart = self.chart_at(at);
        changed.is_ok_and(|changed| {
            if let Some(counted) = self.charts[chart].recounted(Some(&self.records[at]), &changed) {
                self.charts[chart] = counted;
            }
            self.records[at] = changed;
            true
        })
    }

    fn is_marked(&mut self, at: usize, confidential: bool, labels: BTreeSet<Sensitivity>) -> bool {
        let chart = self.chart_at(at);
        let may = self.may_with_record(self.owner(chart), Action::MarkRecord, at);
        let record = self.records[at].clone();
        let marked = record.mark(&self.charts[chart], confidential, labels, self.now);
        may && self.becomes_record(at, marked)
    }

    fn is_filed(
        &mut self,
        chart: usize,
        by: usize,
        kind: RecordType,
        compartment: Compartment,
        for_client: bool,
    ) -> bool {
        let action = match kind {
            RecordType::Data => Action::DraftNote,
            RecordType::Physical => Action::AddFolder,
            RecordType::Electronic => Action::CompleteUpload,
        };
        let takes = self.charts[chart].must_take(compartment, member_id(by)).is_ok();
        if self.records.len() >= RECORDS || !takes || !self.may_with_chart(by, action, chart) {
            return false;
        }
        let into = &self.charts[chart];
        let mut record = new_record(self.records.len(), into, member_id(by), kind, self.now);
        record.guard = Guard::within(compartment);
        record.direction = direction(for_client);
        if let Some(counted) = into.recounted(None, &record) {
            self.charts[chart] = counted;
        }
        self.records.push(record);
        true
    }

    fn is_signed(&mut self, at: usize) -> bool {
        let author = self.records[at].author;
        let (by, chart) = (number_of(author), self.chart_at(at));
        let may = self.may_with_record(by, Action::SignNote, at);
        let signed = self.records[at].clone().sign(author, Sealed::from_bytes(vec![]), self.now);
        let needed = self.charts[chart].needs_cosignature(&self.members[by], self.now);
        may && self.becomes_record(at, signed.map(|signed| signed.awaiting_cosignature(needed, self.now)))
    }

    fn is_cosigned(&mut self, at: usize) -> bool {
        let owner = self.owner(self.chart_at(at));
        let may = self.may_with_record(owner, Action::CosignNote, at);
        let cosigned = self.records[at].clone().cosign(member_id(owner), self.now);
        may && self.becomes_record(at, cosigned)
    }

    fn is_permitted(&mut self, event: &Event) -> bool {
        let administrator = MemberId::new(Uuid::nil());
        match event.clone() {
            Event::Permit { who, kind, verbs } => {
                let member = &self.members[who];
                let kept = RecordType::ALL.into_iter().filter(|other| *other != kind).map(|other| {
                    let has = |verb: &domain::member::Verb| member.permissions.allows(other, *verb);
                    (other, domain::member::Verb::ALL.into_iter().filter(has).collect())
                });
                let permissions = Permissions::new(kept.chain([(kind, verbs)]).collect::<Vec<_>>());
                let changed = member.clone().change(administrator, member.roles.clone(), permissions);
                self.becomes(who, changed)
            }
            Event::TakeRoles { who, roles } => {
                check_roles(&roles).expect("sound roles");
                let member = self.members[who].clone();
                let permissions = member.permissions.clone();
                self.becomes(who, member.change(administrator, roles, permissions))
            }
            Event::Suspend { who } => {
                let suspended = self.members[who].clone().suspend(administrator);
                self.becomes(who, suspended)
            }
            Event::Restore { who } => {
                let restored = self.members[who].clone().restore();
                self.becomes(who, restored)
            }
            _ => false,
        }
    }
}

fn member(number: usize, person: &Person) -> Member {
    let mut member = Member::invite(
        member_id(number),
        organization_id(person.organization),
        Line::new("A colleague").expect("a name"),
        "colleague@north.example".to_owned().try_into().expect("an address"),
        person.roles.clone(),
        Timestamp::UNIX_EPOCH,
    )
    .bind("identity".into());
    member.permissions = Permissions::new(person.may.iter().map(|(kind, verbs)| (*kind, verbs.clone())));
    for client in person.stands_for.keys() {
        member.represents.insert(client_id(*client), oneself());
    }
    member
}

const fn oneself() -> Representation {
    Representation {
        relationship: Relationship::Oneself,
        consent_id: None,
        expires_at: None,
        of_child: false,
        scope: ProxyScope::Read,
    }
}

const fn direction(for_client: bool) -> Direction {
    if for_client { Direction::ForClient } else { Direction::AboutClient }
}

fn new_chart(number: usize, chart: &crate::reference::Chart, now: Timestamp) -> Chart {
    assert!(TEAMS > 0 && chart.shares.is_empty() && chart.offer.is_none(), "a story begins with new charts");
    let client = new_client(chart.client, now);
    Chart::open(id::<ChartId>(5, number), &client, member_id(chart.owner), now)
}

fn new_record(number: usize, chart: &Chart, author: MemberId, kind: RecordType, now: Timestamp) -> Record {
    let record_id: RecordId = id(6, number);
    Record {
        id: record_id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        author,
        from_client: false,
        section: Section::Documents,
        direction: Direction::AboutClient,
        occurred_on: date(2026, 3, 1),
        created_at: now,
        key: WrappedKey::from_bytes(vec![]),
        title: Sealed::from_bytes(vec![]),
        body: match kind {
            RecordType::Data => Body::Data { versions: 0, signed_at: None },
            RecordType::Physical => Body::Physical(Folder::filed(LocationId::new(Uuid::nil()), None, None)),
            RecordType::Electronic => {
                Body::Electronic { versions: 1, current: Box::new(file(record_id, author)) }
            }
        },
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
        upload_id: UploadId::new(Uuid::nil()),
        author,
        added_at: Timestamp::UNIX_EPOCH,
        object: ObjectRef { key: "uploads/1".into(), version_id: "1".into() },
        size_bytes: 1,
        media_type: "image/png".into(),
        file_name: Sealed::from_bytes(vec![]),
        state: FileState::Inspecting,
    }
}
