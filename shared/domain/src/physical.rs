//! Physical records: where a folder is, who has it, and how it got there (R030, R033, R036, R037).

use crate::{
    LocationId, MemberId, OrganizationId, RecordId,
    limits::{CHECK_OUT_DAYS, LOCATION_LEVELS, NAME_CHARS},
    member::{Member, Role, Verb},
    record::RecordType,
    text::Line,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A place; places nest from site to folder, and each is of a finer kind than the one around it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Location {
    pub id: LocationId,
    pub organization_id: OrganizationId,
    pub kind: LocationKind,
    pub name: Line<NAME_CHARS>,
    /// From the site down to the place around this one.
    pub within: Vec<LocationStep>,
    /// The roles that may take folders out of here; none named, every role may (R037).
    #[serde(default)]
    pub cleared: BTreeSet<Role>,
    pub created_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocationStep {
    pub id: LocationId,
    pub kind: LocationKind,
    pub name: Line<NAME_CHARS>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LocationKind {
    Site,
    Room,
    Cabinet,
    Shelf,
    Box,
    Folder,
}

/// A machine-readable label: letters, digits and `-`, `.`, `_`, as Code 128 and QR readers send them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a barcode has 1 to 64 letters, digits, `-`, `.` or `_`")]
pub struct BarcodeError;

impl Barcode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Barcode {
    type Err = BarcodeError;

    fn from_str(raw: &str) -> Result<Self, BarcodeError> {
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if (1..=64).contains(&raw.len()) && raw.chars().all(sound) {
            Ok(Self(raw.to_owned()))
        } else {
            Err(BarcodeError)
        }
    }
}

impl TryFrom<String> for Barcode {
    type Error = BarcodeError;

    fn try_from(raw: String) -> Result<Self, BarcodeError> {
        raw.parse()
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> String {
        barcode.0
    }
}

/// The physical body of a record: an index entry of something on a shelf.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Folder {
    pub location_id: LocationId,
    /// Where exactly: `third from the left`.
    pub position: Option<Line<80>>,
    pub barcode: Option<Barcode>,
    pub state: FolderState,
    /// The electronic record that is its scan, and whether someone has compared the two (R036).
    pub scan: Option<Scan>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    pub record_id: RecordId,
    pub verified: bool,
}

/// Where the folder is now (R033). Destruction is a disposition, not a state someone types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FolderState {
    OnShelf,
    CheckedOut { to: MemberId, due_on: Date, since: Timestamp },
    InTransit { to: LocationId, since: Timestamp },
    Missing { since: Timestamp, last_custodian: Option<MemberId> },
}

impl FolderState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OnShelf => "on_shelf",
            Self::CheckedOut { .. } => "checked_out",
            Self::InTransit { .. } => "in_transit",
            Self::Missing { .. } => "missing",
        }
    }
}

/// One entry of a folder's custody log; entries are only ever added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Custody {
    pub record_id: RecordId,
    pub at: Timestamp,
    pub by: MemberId,
    pub act: CustodyAct,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum CustodyAct {
    Filed { location_id: LocationId },
    CheckedOut { to: MemberId, due_on: Date },
    CheckedIn { location_id: LocationId },
    Sent { to: LocationId },
    Received { location_id: LocationId },
    ReportedMissing,
    Found { location_id: LocationId },
    ScanLinked { record_id: RecordId, verified: bool },
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FolderError {
    #[error("the record is not a physical record")]
    NotFolder,
    #[error("the folder is {0}")]
    State(&'static str),
    #[error("the due date must be from today to {CHECK_OUT_DAYS} days ahead")]
    Due,
    #[error("a {inner} cannot be inside a {outer}")]
    Nesting { inner: &'static str, outer: &'static str },
    #[error("only a site stands by itself; say what the place is within")]
    NeedsParent,
    #[error("a location has at most {LOCATION_LEVELS} levels")]
    TooDeep,
    #[error("a folder can only be linked to an electronic record of the same chart")]
    ScanKind,
    #[error("a place is open to no more roles than the place around it")]
    Clearance,
    #[error("a folder can only be handed to an active member")]
    CustodianNotActive,
    #[error("the member is not cleared to hold folders of this place")]
    CustodianNotCleared,
}

impl LocationKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Room => "room",
            Self::Cabinet => "cabinet",
            Self::Shelf => "shelf",
            Self::Box => "box",
            Self::Folder => "folder",
        }
    }
}

impl Location {
    /// The steps around a new place of this kind inside `parent`.
    pub fn steps_within(parent: Option<&Self>, kind: LocationKind) -> Result<Vec<LocationStep>, FolderError> {
        let Some(parent) = parent else {
            return if kind == LocationKind::Site { Ok(Vec::new()) } else { Err(FolderError::NeedsParent) };
        };
        if kind <= parent.kind {
            return Err(FolderError::Nesting { inner: kind.name(), outer: parent.kind.name() });
        }
        let mut steps = parent.within.clone();
        steps.push(LocationStep { id: parent.id, kind: parent.kind, name: parent.name.clone() });
        if steps.len() < LOCATION_LEVELS { Ok(steps) } else { Err(FolderError::TooDeep) }
    }

    /// The roles a new place inside `parent` is open to: those wanted, and never more than its parent's.
    pub fn clearance_within(
        parent: Option<&Self>,
        wanted: BTreeSet<Role>,
    ) -> Result<BTreeSet<Role>, FolderError> {
        let around = parent.map(|parent| &parent.cleared).filter(|cleared| !cleared.is_empty());
        match around {
            None => Ok(wanted),
            Some(around) if wanted.is_empty() => Ok(around.clone()),
            Some(around) if wanted.is_subset(around) => Ok(wanted),
            Some(_) => Err(FolderError::Clearance),
        }
    }

    /// A folder kept here may be handed to this member: active, allowed to see physical records at all, and
    /// of a role the place is open to (R037).
    pub fn must_clear(&self, member: &Member) -> Result<(), FolderError> {
        if !member.is_active() {
            return Err(FolderError::CustodianNotActive);
        }
        let open = self.cleared.is_empty() || !self.cleared.is_disjoint(&member.roles);
        if open && member.allowed().allows(RecordType::Physical, Verb::Access) {
            Ok(())
        } else {
            Err(FolderError::CustodianNotCleared)
        }
    }

    /// `Main site / Records room / Cabinet 3`.
    pub fn path(&self) -> String {
        let names = self.within.iter().map(|step| step.name.as_str()).chain([self.name.as_str()]);
        names.collect::<Vec<_>>().join(" / ")
    }
}

impl Folder {
    pub const fn filed(
        location_id: LocationId,
        position: Option<Line<80>>,
        barcode: Option<Barcode>,
    ) -> Self {
        Self { location_id, position, barcode, state: FolderState::OnShelf, scan: None }
    }

    pub fn check_out(
        mut self,
        to: MemberId,
        due_on: Date,
        today: Date,
        now: Timestamp,
    ) -> Result<(Self, CustodyAct), FolderError> {
        if self.state != FolderState::OnShelf {
            return Err(FolderError::State(self.state.name()));
        }
        let latest = today.saturating_add(jiff::Span::new().days(CHECK_OUT_DAYS));
        if due_on < today || due_on > latest {
            return Err(FolderError::Due);
        }
        self.state = FolderState::CheckedOut { to, due_on, since: now };
        Ok((self, CustodyAct::CheckedOut { to, due_on }))
    }

    /// Back on a shelf: after a check-out, a journey, or having been missing.
    pub fn check_in(
        mut self,
        at: LocationId,
        position: Option<Line<80>>,
    ) -> Result<(Self, CustodyAct), FolderError> {
        let act = match self.state {
            FolderState::OnShelf => return Err(FolderError::State(self.state.name())),
            FolderState::CheckedOut { .. } => CustodyAct::CheckedIn { location_id: at },
            FolderState::InTransit { .. } => CustodyAct::Received { location_id: at },
            FolderState::Missing { .. } => CustodyAct::Found { location_id: at },
        };
        self.state = FolderState::OnShelf;
        self.location_id = at;
        self.position = position;
        Ok((self, act))
    }

    /// Sent to another place; it is in transit until checked in there.
    pub fn send(mut self, to: LocationId, now: Timestamp) -> Result<(Self, CustodyAct), FolderError> {
        match self.state {
            FolderState::OnShelf | FolderState::CheckedOut { .. } => {}
            _ => return Err(FolderError::State(self.state.name())),
        }
        self.state = FolderState::InTransit { to, since: now };
        Ok((self, CustodyAct::Sent { to }))
    }

    pub fn report_missing(mut self, now: Timestamp) -> Result<(Self, CustodyAct), FolderError> {
        let last_custodian = match self.state {
            FolderState::Missing { .. } => return Err(FolderError::State(self.state.name())),
            FolderState::CheckedOut { to, .. } => Some(to),
            FolderState::OnShelf | FolderState::InTransit { .. } => None,
        };
        self.state = FolderState::Missing { since: now, last_custodian };
        Ok((self, CustodyAct::ReportedMissing))
    }

    pub fn link_scan(mut self, record_id: RecordId, verified: bool) -> (Self, CustodyAct) {
        self.scan = Some(Scan { record_id, verified });
        (self, CustodyAct::ScanLinked { record_id, verified })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    fn place(kind: LocationKind, parent: Option<&Location>) -> Result<Location, FolderError> {
        Ok(Location {
            id: LocationId::new(Uuid::from_u128(kind as u128 + 1)),
            organization_id: OrganizationId::new(Uuid::nil()),
            kind,
            name: Line::new(kind.name()).unwrap(),
            within: Location::steps_within(parent, kind)?,
            cleared: BTreeSet::new(),
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        })
    }

    #[test]
    fn places_nest_from_site_to_folder() {
        let site = place(LocationKind::Site, None).unwrap();
        let cabinet = place(LocationKind::Cabinet, Some(&site)).unwrap();
        assert_eq!(cabinet.path(), "site / cabinet");
        assert_eq!(place(LocationKind::Room, None).unwrap_err(), FolderError::NeedsParent);
        assert_eq!(
            place(LocationKind::Room, Some(&cabinet)).unwrap_err(),
            FolderError::Nesting { inner: "room", outer: "cabinet" }
        );
    }

    #[test]
    fn a_place_is_open_to_no_more_than_the_place_around_it() {
        let mut room = place(LocationKind::Site, None).unwrap();
        let staff = BTreeSet::from([Role::Staff]);
        let both = BTreeSet::from([Role::Staff, Role::Practitioner]);
        assert_eq!(Location::clearance_within(Some(&room), both.clone()), Ok(both.clone()));
        room.cleared = staff.clone();
        assert_eq!(Location::clearance_within(Some(&room), BTreeSet::new()), Ok(staff.clone()));
        assert_eq!(Location::clearance_within(Some(&room), both), Err(FolderError::Clearance));
        assert_eq!(Location::clearance_within(Some(&room), staff.clone()), Ok(staff));
    }

    #[test]
    fn a_folder_is_handed_to_who_is_cleared() {
        let member = |role| {
            let email = "ben@north.example".to_owned().try_into().unwrap();
            let id = MemberId::new(Uuid::from_u128(7));
            let invited = Member::invite(
                id,
                OrganizationId::new(Uuid::nil()),
                Line::new("Ben").unwrap(),
                email,
                BTreeSet::from([role]),
                Timestamp::UNIX_EPOCH,
            );
            invited.bind("identity".into())
        };
        let mut shelf = place(LocationKind::Site, None).unwrap();
        assert_eq!(shelf.must_clear(&member(Role::Practitioner)), Ok(()));
        assert_eq!(shelf.must_clear(&member(Role::Client)), Err(FolderError::CustodianNotCleared));
        shelf.cleared = BTreeSet::from([Role::Practitioner]);
        assert_eq!(shelf.must_clear(&member(Role::Practitioner)), Ok(()));
        assert_eq!(shelf.must_clear(&member(Role::Staff)), Err(FolderError::CustodianNotCleared));
        let gone = member(Role::Practitioner).suspend(MemberId::new(Uuid::from_u128(8))).unwrap();
        assert_eq!(shelf.must_clear(&gone), Err(FolderError::CustodianNotActive));
    }

    #[test]
    fn a_folder_is_in_one_place_or_one_pair_of_hands() {
        let (shelf, ben) = (LocationId::new(Uuid::from_u128(9)), MemberId::new(Uuid::from_u128(7)));
        let (today, now) = (date(2026, 3, 1), Timestamp::UNIX_EPOCH);
        let folder = Folder::filed(shelf, None, None);
        let (out, _) = folder.clone().check_out(ben, date(2026, 3, 8), today, now).unwrap();
        assert_eq!(
            out.clone().check_out(ben, today, today, now).unwrap_err(),
            FolderError::State("checked_out")
        );
        let (missing, _) = out.report_missing(now).unwrap();
        assert_eq!(missing.state, FolderState::Missing { since: now, last_custodian: Some(ben) });
        let (found, act) = missing.check_in(shelf, None).unwrap();
        assert_eq!((found.state, act), (FolderState::OnShelf, CustodyAct::Found { location_id: shelf }));
        assert_eq!(folder.check_out(ben, date(2026, 2, 28), today, now).unwrap_err(), FolderError::Due);
    }
}
