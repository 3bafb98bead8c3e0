//! What a former owner's copy shows: the chart as it was when they handed it over, and nothing that came later
//! (P-45, R093).
//!
//! Nothing is copied. The copy is the chart itself, read as of that moment: of each record the newest version of
//! before, without a later striking through, mark or signature.

use crate::{
    MemberId,
    chart::Chart,
    member::Member,
    note::NoteVersion,
    physical::{Custody, CustodyAct, Folder, FolderState, Scan},
    record::{Body, Cosignature, FileVersion, Record},
};
use jiff::Timestamp;

impl Chart {
    /// Until when a member sees the chart who has nothing of it but the copy they kept. Whoever owns it again, or
    /// shares it, sees it as it is.
    pub fn read_only_copy_until(&self, member: &Member, now: Timestamp) -> Option<Timestamp> {
        self.copy_until(member.id).filter(|_| self.shared_with(member, now).is_empty())
    }

    /// Whose it is, as a member sees it: who has a copy sees to whom they handed it, and not who has it by now.
    pub fn owner_seen_by(&self, member: &Member, now: Timestamp) -> MemberId {
        let copied = self.copied_with(member.id).filter(|_| self.read_only_copy_until(member, now).is_some());
        copied.map_or(self.owner, |passage| passage.to)
    }
}

impl NoteVersion {
    /// The version as it was just before a moment, if it was signed by then.
    pub fn as_of(mut self, moment: Timestamp) -> Option<Self> {
        self.cosignature = self.cosignature.filter(|signature| signature.since() < moment);
        (self.signed_at < moment).then_some(self)
    }
}

impl FileVersion {
    /// The version, if it was there just before a moment.
    pub fn as_of(self, moment: Timestamp) -> Option<Self> {
        (self.added_at < moment).then_some(self)
    }
}

impl Cosignature {
    const fn since(&self) -> Timestamp {
        match self {
            Self::Pending { since } => *since,
            Self::Given { at, .. } | Self::Returned { at, .. } => *at,
        }
    }
}

impl Record {
    /// Whether its newest version came at a moment or later: then an earlier one stands for it in a copy.
    pub fn has_version_since(&self, moment: Timestamp) -> bool {
        match &self.body {
            Body::Data { signed_at, .. } => signed_at.is_some_and(|at| at >= moment),
            Body::Electronic { current, .. } => current.added_at >= moment,
            Body::Physical(_) => false,
        }
    }

    /// The record as it was just before a moment, but for its body if that has changed since.
    #[must_use]
    pub fn as_of(mut self, moment: Timestamp) -> Self {
        self.voided = self.voided.filter(|voided| voided.at < moment);
        self.guard.confidential_since = self.guard.confidential_since.filter(|since| *since < moment);
        if !self.guard.is_confidential() {
            self.guard.labels.clear();
        }
        // A co-signature that was given or refused later was still waited for.
        if let (Some(signature), Body::Data { signed_at: Some(since), .. }) = (&self.cosignature, &self.body)
            && signature.since() >= moment
        {
            self.cosignature = Some(Cosignature::Pending { since: *since });
        }
        self
    }

    /// The note when this version was its newest. Its title is the version's own, and stands in what that says.
    #[must_use]
    pub fn back_to_note(mut self, version: &NoteVersion) -> Self {
        let (versions, since) = (version.number, version.signed_at);
        self.body = Body::Data { versions, signed_at: Some(since) };
        let waited = self.cosignature.map(|_| Cosignature::Pending { since });
        self.cosignature = version.cosignature.clone().or(waited);
        self
    }

    /// The file when this version was its newest.
    #[must_use]
    pub fn back_to_file(mut self, version: FileVersion) -> Self {
        self.body = Body::Electronic { versions: version.number, current: Box::new(version) };
        self
    }
}

impl Folder {
    /// Where the folder was just before a moment, by its custody log, oldest first. The log begins with its filing.
    #[must_use]
    pub fn as_of<'a>(self, moment: Timestamp, log: impl IntoIterator<Item = &'a Custody>) -> Self {
        let mut log = log.into_iter().peekable();
        let mut then = Self { state: FolderState::OnShelf, scan: None, ..self.clone() };
        while let Some(entry) = log.next_if(|entry| entry.at < moment) {
            then = then.after(entry);
        }
        // Nothing has happened to it since: then it is as it was, to its place on the shelf.
        if log.peek().is_none() { self } else { Self { position: None, ..then } }
    }

    fn after(mut self, entry: &Custody) -> Self {
        let since = entry.at;
        match entry.act.clone() {
            CustodyAct::Filed { location_id }
            | CustodyAct::CheckedIn { location_id }
            | CustodyAct::Received { location_id }
            | CustodyAct::Found { location_id } => {
                self.location_id = location_id;
                self.state = FolderState::OnShelf;
            }
            CustodyAct::CheckedOut { to, due_on } => {
                self.state = FolderState::CheckedOut { to, due_on, since }
            }
            CustodyAct::Sent { to } => self.state = FolderState::InTransit { to, since },
            CustodyAct::ReportedMissing => {
                let last_custodian = match self.state {
                    FolderState::CheckedOut { to, .. } => Some(to),
                    _ => None,
                };
                self.state = FolderState::Missing { since, last_custodian };
            }
            CustodyAct::NotFound => self.state = FolderState::Missing { since, last_custodian: None },
            CustodyAct::IncidentReported { incident_id, harm } => {
                self = self.report_incident(incident_id, harm, since).0;
            }
            CustodyAct::ScanLinked { record_id, verified } => {
                self.scan = Some(Scan::linked(record_id, verified, entry.by, since));
            }
            CustodyAct::Labelled { barcode } => self.barcode = Some(barcode),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
        chart::Section,
        confidentiality::{Guard, Sensitivity},
        record::{Direction, RecordLimits, Voided},
    };
    use jiff::civil::date;
    use uuid::Uuid;

    const ID: Uuid = Uuid::from_u128(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn note(versions: u32, signed_at: i64) -> Record {
        Record {
            id: RecordId::new(ID),
            organization_id: OrganizationId::new(ID),
            client_id: ClientId::new(ID),
            chart_id: ChartId::new(ID),
            author: MemberId::new(ID),
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: at(1),
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions, signed_at: Some(at(signed_at)) },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 1,
        }
    }

    fn given(second: i64) -> Option<Cosignature> {
        Some(Cosignature::Given { by: MemberId::new(ID), at: at(second) })
    }

    /// P-45: what was struck through, marked and co-signed after the moment is as if it had not been.
    #[test]
    fn a_copy_shows_nothing_that_came_later() {
        let mut record = note(1, 20);
        record.voided =
            Some(Voided { by: MemberId::new(ID), at: at(60), reason: Sealed::from_bytes(vec![]) });
        record.guard.confidential_since = Some(at(40));
        record.guard.labels.insert(Sensitivity::Hiv);
        record.cosignature = given(55);
        let then = record.clone().as_of(at(30));
        assert!(then.voided.is_none() && then.guard == Guard::default());
        assert_eq!(then.cosignature, Some(Cosignature::Pending { since: at(20) }));
        let now = record.clone().as_of(at(61));
        assert!(now.voided.is_some() && now.guard == record.guard && now.cosignature == record.cosignature);
    }

    /// Of a note that was amended since, the version of before; a version of later is not there at all.
    #[test]
    fn an_earlier_version_stands_for_a_later_one() {
        let mut record = note(3, 50);
        record.cosignature = Some(Cosignature::Pending { since: at(50) });
        assert!(record.has_version_since(at(30)) && !record.has_version_since(at(51)));
        let version = |second, cosignature| NoteVersion {
            record_id: record.id,
            number: 2,
            author: record.author,
            signed_at: at(second),
            content: Sealed::from_bytes(vec![]),
            reason: None,
            cosignature,
        };
        assert!(version(30, None).as_of(at(30)).is_none());
        let decided = version(20, given(25)).as_of(at(30)).unwrap();
        let then = record.clone().as_of(at(30)).back_to_note(&decided);
        assert!(matches!(then.body, Body::Data { versions: 2, .. }) && then.cosignature == given(25));
        let undecided = version(20, given(45)).as_of(at(30)).unwrap();
        let then = record.clone().as_of(at(30)).back_to_note(&undecided);
        assert_eq!(then.cosignature, Some(Cosignature::Pending { since: at(20) }));
    }

    fn entry(second: i64, act: CustodyAct) -> Custody {
        Custody { record_id: RecordId::new(ID), at: at(second), by: MemberId::new(ID), act }
    }

    #[test]
    fn a_folder_is_where_it_was() {
        let place = |n| LocationId::new(Uuid::from_u128(n));
        let to = MemberId::new(ID);
        let folder = Folder::filed(place(9), None, None);
        let log = [
            entry(1, CustodyAct::Filed { location_id: place(1) }),
            entry(2, CustodyAct::CheckedOut { to, due_on: date(2026, 3, 9) }),
            entry(3, CustodyAct::ReportedMissing),
            entry(4, CustodyAct::Found { location_id: place(9) }),
        ];
        let then = |moment| folder.clone().as_of(at(moment), &log);
        assert_eq!((then(2).location_id, then(2).state), (place(1), FolderState::OnShelf));
        let out = FolderState::CheckedOut { to, due_on: date(2026, 3, 9), since: at(2) };
        assert_eq!((then(3).location_id, then(3).state), (place(1), out));
        assert_eq!(then(4).state, FolderState::Missing { since: at(3), last_custodian: Some(to) });
        assert_eq!((then(5).location_id, then(5).state), (place(9), FolderState::OnShelf));
    }
}
