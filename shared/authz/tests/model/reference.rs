//! The rules of access as the requirements state them, and nothing else: no policy and no type of the product's own
//! rules was looked at for this file, only what the words are (R050-R053, R060-R068, R080-R086, R090-R095, R120). What
//! is apart from charts, of their clients, is in `clients`.
//!
//! Where the product derives, this keeps: who kept a copy of what, and what was sealed, is written down when it
//! happens.

use crate::clients::{Client, Proxy};
use domain::{
    confidentiality::Compartment,
    member::{Role, Verb},
    record::RecordType,
    sharing::AccessType,
};
use std::collections::{BTreeMap, BTreeSet};

/// Hours since the story began.
pub type Hour = u32;
pub type Verbs = BTreeSet<Verb>;

#[derive(Clone, Debug)]
pub struct Person {
    pub organization: usize,
    pub roles: BTreeSet<Role>,
    pub active: bool,
    /// The user-level half of the two-fold permission.
    pub may: BTreeMap<RecordType, Verbs>,
    pub teams: BTreeSet<usize>,
    /// The clients they stand for.
    pub stands_for: BTreeMap<usize, Proxy>,
}

/// With whom a chart is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    Person(usize),
    Team(usize),
}

#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub access: AccessType,
    pub until: Option<Hour>,
    /// The permission on which it stands, by its number among those of the chart's client (R060).
    pub on: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub to: usize,
    pub by_coordinator: bool,
    pub confidential: bool,
    pub raw_data: bool,
    pub keep_copy: bool,
}

/// Escrows of one chart that wait or are open.
pub const ESCROWS: usize = 4;

/// One administrator asks, another one approves.
#[derive(Clone, Copy, Debug)]
pub struct Escrow {
    pub asked_by: usize,
    pub approved: Option<(usize, Hour)>,
    pub closed: bool,
}

impl Escrow {
    pub const fn waits(self) -> bool {
        self.approved.is_none() && !self.closed
    }

    pub fn is_open(self, now: Hour) -> bool {
        !self.closed && self.approved.is_some_and(|(_, until)| now < until)
    }
}

#[derive(Clone, Debug)]
pub struct Chart {
    pub organization: usize,
    pub client: usize,
    pub owner: usize,
    pub shares: BTreeMap<With, Share>,
    pub offer: Option<Offer>,
    /// Who began the offer that is on it.
    pub offered_by: usize,
    /// The organization's ways in, the oldest first.
    pub escrows: Vec<Escrow>,
    pub confidential: bool,
    /// Former owners who kept a copy, when they handed it over.
    pub copies: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub chart: usize,
    pub author: usize,
    pub kind: RecordType,
    pub compartment: Compartment,
    pub signed: bool,
    pub voided: bool,
    /// A signature beside the author's is missing.
    pub awaits_cosignature: bool,
    pub for_client: bool,
    pub marked: bool,
    /// It is about what a minor may have come for alone (45 CFR 164.502(g)(3)(i)).
    pub alone: bool,
    /// The record-level half of the two-fold permission; who is not named is not limited.
    pub rows: BTreeMap<usize, Verbs>,
    /// Left out of a transfer.
    pub sealed: bool,
    /// A draft that its author handed over with the chart (P-41).
    pub handed_over: bool,
    /// Whose copies it is in (P-45).
    pub copies: BTreeSet<usize>,
}

/// What somebody does with a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnChart {
    Open,
    ListRecords,
    /// The access list (P-08), and to whom it was handed (R095).
    SeeShares,
    SeeReaders,
    SeePassages,
    /// What was destroyed of it, by number and day (R154).
    SeeDestroyed,
    /// What came in and waits: the links that were given out, what was sent by them, and its files.
    SeeInbox,
    OpenInboxFile,
    /// How far a file on its way in is.
    SeeUpload,
    /// Add a record of a type (P-03).
    Add(RecordType),
    /// Ask the client for files, and take in what came.
    TakeIn,
    /// Share it, change or narrow a share, mark it (P-08).
    Hold,
    EndShare,
    Leave,
    /// Record what the client permits, name the circle of care, and appoint who stands for the client (R060, R066).
    LetIn,
    HandOver,
    /// Take back that it is offered.
    TakeBack,
    Answer,
    /// Ask to open it for a legal cause, decide on that, and end it.
    ControlEscrow,
    SeeEscrows,
    /// Take the client of it into a facilitated session.
    TakeIntoSession,
}

/// What somebody does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnRecord {
    See,
    /// Have its versions and files (R054).
    Possess,
    SeeCustody,
    SeeTrail,
    /// How long it is kept and why: days and rules, and nothing that is in it (R151).
    AskHowLong,
    /// Say of which class it is (R041).
    Classify,
    /// How far another version of its file is.
    SeeUpload,
    /// Write on in a note.
    Write,
    /// Change what is no note's text: mark it, add another version of a file, link a scan.
    Change,
    /// Take a folder out, bring it back, send it, miss it.
    HandleFolder,
    Void,
    /// Set whom it limits, and see who read it.
    Hold,
    /// Put the second signature beside the author's, or ask for another version (P-13).
    Cosign,
}

/// Everything there is.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub now: Hour,
    pub people: Vec<Person>,
    pub clients: Vec<Client>,
    pub charts: Vec<Chart>,
    pub records: Vec<Record>,
}

/// Who has a chart in some way: on what somebody's access to it stands.
#[derive(Clone, Copy, Debug)]
struct Standing {
    owner: bool,
    /// A collaborator who does not wait for the end of a transfer; and one who does.
    reads: bool,
    writes: bool,
    waits: bool,
    copy: bool,
    client: bool,
}

impl Person {
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn allows(&self, kind: RecordType, verb: Verb) -> bool {
        self.may.get(&kind).is_some_and(|verbs| verbs.contains(&verb))
    }

    fn sees_any_type(&self) -> bool {
        RecordType::ALL.into_iter().any(|kind| self.allows(kind, Verb::Access))
    }
}

const fn is_over(until: Option<Hour>, now: Hour) -> bool {
    match until {
        Some(end) => end <= now,
        None => false,
    }
}

impl Reference {
    /// The access types by which a chart is shared with somebody now: with themselves or with a team they are in
    /// (P-02, P-03, P-12).
    pub fn shares_of(&self, who: usize, chart: usize) -> BTreeSet<AccessType> {
        let person = &self.people[who];
        let reaches = |with: &With| match with {
            With::Person(other) => *other == who,
            With::Team(team) => person.teams.contains(team),
        };
        let live = self.charts[chart]
            .shares
            .iter()
            .filter(|(with, share)| reaches(with) && !is_over(share.until, self.now));
        live.map(|(_, share)| share.access).collect()
    }

    fn standing(&self, who: usize, at: usize) -> Standing {
        let (person, chart) = (&self.people[who], &self.charts[at]);
        // An account of a client's, or of who stands for them, is that and nothing else.
        let colleague = !person.is(Role::Client);
        let shares = self.shares_of(who, at);
        let shared = colleague && !shares.is_empty();
        // While the owner hands it over, collaborators lose access; while a coordinator does, they keep it (P-47).
        let waiting = chart.offer.is_some_and(|offer| !offer.by_coordinator);
        let writing = shares.contains(&AccessType::ReadAndWrite) || shares.contains(&AccessType::Approval);
        Standing {
            owner: colleague && chart.owner == who,
            reads: shared && !waiting,
            writes: shared && !waiting && writing,
            waits: shared && waiting,
            copy: colleague && chart.owner != who && chart.copies.contains(&who),
            client: self.proxy(who, chart.client).is_some(),
        }
    }

    /// Nobody who is suspended or of another organization does anything (R053, P-09, P-48).
    pub fn is_there(&self, who: usize, organization: usize) -> bool {
        self.people[who].active && self.people[who].organization == organization
    }

    /// Whether a chart is opened to somebody: to the two administrators who control an escrow that lives.
    pub fn is_opened_to(&self, who: usize, at: usize) -> bool {
        let chart = &self.charts[at];
        let controls = |escrow: &Escrow| {
            escrow.asked_by == who || escrow.approved.is_some_and(|(other, _)| other == who)
        };
        let open = chart.escrows.iter().any(|escrow| escrow.is_open(self.now) && controls(escrow));
        open && self.people[who].is(Role::Administrator) && chart.owner != who
    }

    pub fn may_with_chart(&self, who: usize, act: OnChart, at: usize) -> bool {
        let (person, chart) = (&self.people[who], &self.charts[at]);
        if !self.is_there(who, chart.organization) {
            return false;
        }
        let has = self.standing(who, at);
        let colleague = !person.is(Role::Client);
        let coordinates = person.is(Role::Coordinator) && !chart.confidential;
        match act {
            OnChart::Open => {
                ((has.owner || has.reads || has.copy) && person.sees_any_type()) || self.is_opened_to(who, at)
            }
            OnChart::ListRecords => {
                ((has.owner || has.reads || has.copy) && person.sees_any_type())
                    || has.client
                    || self.is_opened_to(who, at)
            }
            OnChart::SeeShares => has.owner || has.reads || person.is(Role::Administrator),
            OnChart::SeeReaders => (has.owner || has.reads) && person.sees_any_type(),
            OnChart::SeePassages => has.owner || coordinates,
            OnChart::SeeDestroyed => {
                let sees_ends = person.is(Role::RecordsManager) || person.is(Role::Auditor);
                has.owner || has.reads || (colleague && sees_ends)
            }
            OnChart::SeeInbox => has.owner && person.sees_any_type(),
            OnChart::OpenInboxFile => has.owner && person.allows(RecordType::Electronic, Verb::Access),
            OnChart::SeeUpload => (has.owner || has.writes) && person.sees_any_type(),
            OnChart::Add(kind) => (has.owner || has.writes) && person.allows(kind, Verb::Add),
            OnChart::TakeIn => has.owner && person.allows(RecordType::Electronic, Verb::Add),
            OnChart::Hold => has.owner,
            OnChart::TakeIntoSession => has.owner && person.allows(RecordType::Data, Verb::Add),
            OnChart::EndShare => has.owner || person.is(Role::Administrator),
            OnChart::Leave => has.reads || has.waits,
            OnChart::LetIn => {
                let writes = has.reads && self.shares_of(who, at).contains(&AccessType::ReadAndWrite);
                colleague && person.is(Role::Practitioner) && (has.owner || writes)
            }
            OnChart::HandOver => has.owner || coordinates,
            OnChart::TakeBack => {
                let began = chart.offer.is_some() && chart.offered_by == who;
                has.owner || coordinates || (began && person.is(Role::Coordinator))
            }
            // The facilitator has no part in it, and is told.
            OnChart::ControlEscrow => person.is(Role::Administrator) && chart.owner != who,
            OnChart::SeeEscrows => has.owner || person.is(Role::Administrator),
            OnChart::Answer => {
                colleague && person.is(Role::Practitioner) && chart.offer.is_some_and(|offer| offer.to == who)
            }
        }
    }

    pub fn may_with_record(&self, who: usize, act: OnRecord, at: usize) -> bool {
        let record = &self.records[at];
        let person = &self.people[who];
        if !self.is_there(who, self.charts[record.chart].organization) {
            return false;
        }
        let has = self.standing(who, record.chart);
        let wrote_it = record.author == who;
        if act == OnRecord::SeeTrail {
            // It holds nothing of what is in the record.
            let examines = person.is(Role::Auditor) || person.is(Role::Administrator);
            return examines || has.owner || (has.writes && wrote_it);
        }
        let asks = matches!(act, OnRecord::AskHowLong | OnRecord::Classify);
        if asks && person.is(Role::RecordsManager) && !person.is(Role::Client) {
            return true;
        }
        if matches!(act, OnRecord::See | OnRecord::Possess) && self.is_in_escrow(who, at) {
            return true;
        }
        if !self.reaches(who, act, at, has) {
            return false;
        }
        let row = record.rows.get(&who);
        let left = |verb: Verb| row.is_none_or(|verbs| verbs.contains(&verb));
        // Whose the chart is, with whom it is shared whole, and who kept all of it is not kept from one record.
        let sees = left(Verb::Access) || has.owner || has.reads || has.copy || record.copies.contains(&who);
        let both = |verb: Verb| sees && left(verb) && person.allows(record.kind, verb);
        match act {
            OnRecord::SeeTrail => unreachable!("decided above"),
            OnRecord::See | OnRecord::Possess | OnRecord::SeeCustody | OnRecord::SeeUpload => {
                sees && (has.client || person.allows(record.kind, Verb::Access))
            }
            OnRecord::Write | OnRecord::Change | OnRecord::HandleFolder | OnRecord::Cosign => {
                both(Verb::Edit)
            }
            OnRecord::Void => both(Verb::Delete),
            OnRecord::Hold | OnRecord::AskHowLong | OnRecord::Classify => true,
        }
    }

    /// Whether an escrow opens a record to somebody, whatever they may see besides: what was signed, and private notes;
    /// no raw data, no psychotherapy notes and nothing that is sealed.
    fn is_in_escrow(&self, who: usize, at: usize) -> bool {
        let record = &self.records[at];
        let for_the_law = matches!(record.compartment, Compartment::Chart | Compartment::Private);
        let finished = record.signed || record.author == who;
        self.is_opened_to(who, record.chart) && for_the_law && finished && !record.sealed
    }

    /// Whether it is somebody's to do, before the two-fold permission is asked.
    fn reaches(&self, who: usize, act: OnRecord, at: usize, has: Standing) -> bool {
        let record = &self.records[at];
        let wrote_it = record.author == who;
        let kept = !self.people[who].is(Role::Client) && record.copies.contains(&who);
        let reading = matches!(act, OnRecord::See | OnRecord::Possess);
        // A draft is its author's. With the chart it comes to the next owners, to read.
        if !record.signed && !wrote_it {
            return record.handed_over
                && has.owner
                && act == OnRecord::See
                && !record.sealed
                && !is_private(record.compartment);
        }
        if record.sealed {
            return reading && kept;
        }
        match record.compartment {
            Compartment::Chart => {}
            Compartment::RawData if has.owner || wrote_it || (kept && reading) => {}
            Compartment::RawData => return false,
            Compartment::PsychotherapyNotes | Compartment::Private if wrote_it => {}
            Compartment::PsychotherapyNotes | Compartment::Private => return false,
        }
        let own = has.owner || (has.writes && wrote_it);
        let folder = record.kind == RecordType::Physical;
        let keeps_folders =
            [Role::Staff, Role::RecordsManager].into_iter().any(|role| self.people[who].is(role));
        let records_room = folder && record.compartment == Compartment::Chart && keeps_folders;
        // Who stands for a child does not see what it came for without them.
        let proxy = self.proxy(who, self.charts[record.chart].client);
        let kept_from = record.alone && proxy.is_some_and(|proxy| proxy.for_child);
        let spoken_to = has.client
            && !kept_from
            && record.for_client
            && record.signed
            && !record.voided
            && !record.awaits_cosignature
            && record.compartment == Compartment::Chart;
        match act {
            OnRecord::SeeTrail => true,
            OnRecord::See | OnRecord::Possess => has.owner || has.reads || kept || spoken_to,
            OnRecord::SeeCustody => has.owner || has.reads || records_room,
            OnRecord::Write => own && wrote_it,
            OnRecord::SeeUpload | OnRecord::Change | OnRecord::Void => own,
            OnRecord::HandleFolder => own || records_room,
            OnRecord::AskHowLong => has.owner || has.reads,
            OnRecord::Hold | OnRecord::Cosign | OnRecord::Classify => has.owner,
        }
    }

    /// The new owner has the chart; the former one has a copy of all they could see, or nothing (P-42 to P-47, X-5).
    pub fn hand_over(&mut self, at: usize, offer: Offer) {
        let chart = &mut self.charts[at];
        let from = std::mem::replace(&mut chart.owner, offer.to);
        chart.offer = None;
        chart.shares.remove(&With::Person(offer.to));
        if offer.keep_copy {
            chart.copies.insert(from);
        } else {
            chart.copies.remove(&from);
        }
        for record in self.records.iter_mut().filter(|record| record.chart == at) {
            if !offer.keep_copy {
                record.copies.remove(&from);
            } else if !record.sealed {
                record.copies.insert(from);
            }
            let left_out = (record.marked && !offer.confidential)
                || (record.compartment == Compartment::RawData && !offer.raw_data);
            record.sealed |= left_out;
            record.handed_over |= record.author == from;
        }
    }

    /// Partial confidentiality is derived: something in the chart is marked, and the chart is not (P-30).
    pub fn is_partially_confidential(&self, at: usize) -> bool {
        !self.charts[at].confidential && self.marked_in(at) > 0
    }

    pub fn marked_in(&self, at: usize) -> usize {
        self.there(at).filter(|record| record.marked).count()
    }

    pub fn raw_data_in(&self, at: usize) -> usize {
        self.there(at).filter(|record| record.compartment == Compartment::RawData).count()
    }

    /// How many notes wait for the owner's signature (P-13).
    pub fn awaited_in(&self, at: usize) -> usize {
        self.there(at).filter(|record| record.awaits_cosignature).count()
    }

    /// What is in a chart: what was struck through counts no longer, nor what was left out.
    fn there(&self, at: usize) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.chart == at && !record.sealed && !record.voided)
    }

    pub fn needs_cosignature(&self, who: usize, chart: usize) -> bool {
        let shares = self.shares_of(who, chart);
        self.charts[chart].owner != who
            && shares.contains(&AccessType::Approval)
            && !shares.contains(&AccessType::ReadAndWrite)
    }
}

const fn is_private(compartment: Compartment) -> bool {
    matches!(compartment, Compartment::PsychotherapyNotes | Compartment::Private)
}
