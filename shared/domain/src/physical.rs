//! Physical records: where a folder is, who has it, and how it got there (R030, R033, R036, R037).

use crate::{
    IncidentId, LocationId, MemberId, OrganizationId, RecordId,
    filing::FilingScheme,
    incident::Harm,
    limits::{CHECK_OUT_DAYS, LOCATION_LEVELS, NAME_CHARS},
    member::{Member, Role, Verb},
    record::RecordType,
    text::Line,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

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
    /// How it is guarded (R037).
    #[serde(default)]
    pub access: AccessClass,
    /// How folders are labelled and ordered here (R035).
    #[serde(default)]
    pub scheme: FilingScheme,
    /// Where exactly it is: `left of the door`.
    #[serde(default)]
    pub position: Option<Line<80>>,
    pub created_at: Timestamp,
    /// Since when nothing is filed here any more; it is kept, because custody logs speak of it.
    #[serde(default)]
    pub retired_at: Option<Timestamp>,
    pub revision: u64,
}

/// How a place is guarded; one inside another is guarded no less (R037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessClass {
    /// Folders are handed to every role that may see physical records, or to those that are named.
    #[default]
    Open,
    /// Folders are handed to the roles that are named, or to the records room alone where none is.
    Restricted,
    /// The same, and nobody hands a folder to themselves.
    Secured,
}

/// What can be said anew of a place; where it lies stays.
#[derive(Clone, Debug)]
pub struct LocationTerms {
    pub name: Line<NAME_CHARS>,
    pub position: Option<Line<80>>,
    pub cleared: BTreeSet<Role>,
    pub access: AccessClass,
    pub scheme: FilingScheme,
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a barcode has 1 to 64 letters, digits, `-`, `.` or `_`")]
pub struct BarcodeError;

/// The letters of barcodes that are made here: Crockford's, of which none looks like another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// What barcodes of places begin with, and letters that 128 bits need.
const PLACE: &str = "L-";
const ID_LETTERS: u32 = 26;
/// Letters of a folder's barcode: 60 random bits keep two folders apart.
const FOLDER_LETTERS: u32 = 12;

fn letters(bits: u128, count: u32) -> String {
    let letter = |at: u32| {
        let five = usize::try_from(bits.checked_shr(at.saturating_mul(5)).unwrap_or_default() & 31);
        LETTERS.get(five.unwrap_or_default()).copied().map_or('0', char::from)
    };
    (0..count).rev().map(letter).collect()
}

impl Barcode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A barcode for a folder, made of the random bits of any new id.
    pub fn for_folder(fresh: Uuid) -> Self {
        Self(format!("F-{}", letters(fresh.as_u128(), FOLDER_LETTERS)))
    }

    /// What the label on a place reads as: its id in 26 letters.
    pub fn of_location(id: LocationId) -> Self {
        Self(format!("{PLACE}{}", letters(id.uuid().as_u128(), ID_LETTERS)))
    }

    /// The place whose label reads so, if it has the form of one.
    pub fn location(&self) -> Option<LocationId> {
        let rest = self.0.strip_prefix(PLACE).filter(|rest| rest.len() == 26)?;
        let mut bits = 0_u128;
        for letter in rest.bytes() {
            let five = LETTERS.iter().position(|known| *known == letter.to_ascii_uppercase())?;
            bits = bits.checked_mul(32)?.checked_add(u128::try_from(five).ok()?)?;
        }
        Some(LocationId::new(Uuid::from_u128(bits)))
    }

    /// A folder does not bear the label of a place.
    pub fn must_be_a_folders(&self) -> Result<(), FolderError> {
        if self.location().is_none() { Ok(()) } else { Err(FolderError::PlacesLabel) }
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
    /// From the site down to `location_id`: where it stands in the inventory (R032).
    #[serde(default)]
    pub path: Vec<LocationId>,
    /// Where exactly: `third from the left`.
    pub position: Option<Line<80>>,
    pub barcode: Option<Barcode>,
    pub state: FolderState,
    /// The electronic record that is its scan, and whether someone has compared the two (R036).
    pub scan: Option<Scan>,
    /// The incident that its last loss raised, which is open until somebody has assessed it (R034).
    #[serde(default)]
    pub loss: Option<IncidentId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    pub record_id: RecordId,
    pub verified: bool,
    /// Who has compared the two, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
}

impl Scan {
    /// Linked by somebody at a moment, who has compared the two or has not.
    pub fn linked(record_id: RecordId, verified: bool, by: MemberId, now: Timestamp) -> Self {
        let (verified_by, verified_at) = (verified.then_some(by), verified.then_some(now));
        Self { record_id, verified, verified_by, verified_at }
    }
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

    /// Whether it is out, and should be back since before this day (R033).
    pub fn is_overdue(&self, today: Date) -> bool {
        matches!(self, Self::CheckedOut { due_on, .. } if *due_on < today)
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
    Filed {
        location_id: LocationId,
    },
    CheckedOut {
        to: MemberId,
        due_on: Date,
    },
    CheckedIn {
        location_id: LocationId,
    },
    Sent {
        to: LocationId,
    },
    Received {
        location_id: LocationId,
    },
    ReportedMissing,
    Found {
        location_id: LocationId,
    },
    ScanLinked {
        record_id: RecordId,
        verified: bool,
    },
    /// A label was made for it.
    Labelled {
        barcode: Barcode,
    },
    /// It was harmed or lost (R034); what is lost is missing from then on.
    IncidentReported {
        incident_id: IncidentId,
        harm: Harm,
    },
    /// It was not where it belongs when stock was taken (R032).
    NotFound,
}

impl CustodyAct {
    /// Whether the folder leaves its place, or whoever has it, by it.
    pub const fn is_leaving(&self) -> bool {
        matches!(self, Self::CheckedOut { .. } | Self::Sent { .. })
    }

    /// Whether the folder is said by it to have left its place.
    pub const fn is_of_loss(&self) -> bool {
        matches!(
            self,
            Self::ReportedMissing | Self::NotFound | Self::IncidentReported { harm: Harm::Lost, .. }
        )
    }

    /// Whether the folder comes into a place by it.
    pub const fn is_filing(&self) -> bool {
        matches!(
            self,
            Self::Filed { .. } | Self::CheckedIn { .. } | Self::Received { .. } | Self::Found { .. }
        )
    }
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
    #[error("nobody hands themselves a folder out of a secured place")]
    OwnHands,
    #[error("a secured place is guarded less by nobody but an administrator")]
    Unguarding,
    #[error("a place is guarded no less than the place around it")]
    Guard,
    #[error("there are folders in it, or places that are not retired")]
    NotEmpty,
    #[error("the place is retired")]
    Retired,
    #[error("the folder has a barcode already")]
    Labelled,
    #[error("the barcode is a place's")]
    PlacesLabel,
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

    /// How a new place inside `parent` is guarded: as is wanted, and never less than its parent.
    pub fn access_within(parent: Option<&Self>, wanted: AccessClass) -> Result<AccessClass, FolderError> {
        let least = parent.map(|parent| parent.access).unwrap_or_default();
        if wanted >= least { Ok(wanted) } else { Err(FolderError::Guard) }
    }

    /// From the site down to this place.
    pub fn ids(&self) -> Vec<LocationId> {
        self.within.iter().map(|step| step.id).chain([self.id]).collect()
    }

    pub fn is_within(&self, around: LocationId) -> bool {
        self.within.iter().any(|step| step.id == around)
    }

    pub const fn must_be_in_use(&self) -> Result<(), FolderError> {
        if self.retired_at.is_none() { Ok(()) } else { Err(FolderError::Retired) }
    }

    /// The place with other terms, which are its parent's at most.
    pub fn revise(self, parent: Option<&Self>, terms: LocationTerms) -> Result<Self, FolderError> {
        self.must_be_in_use()?;
        Ok(Self {
            cleared: Self::clearance_within(parent, terms.cleared)?,
            access: Self::access_within(parent, terms.access)?,
            name: terms.name,
            position: terms.position,
            scheme: terms.scheme,
            ..self
        })
    }

    /// The place as it follows when one around it has changed; `None` if nothing of it follows.
    ///
    /// INVARIANT: it is called as the place around it is, open to no more roles and guarded no less.
    pub fn following(&self, before: &Self, after: &Self) -> Option<Self> {
        let mut next = self.clone();
        for step in next.within.iter_mut().filter(|step| step.id == after.id) {
            step.name = after.name.clone();
        }
        if !after.cleared.is_empty() {
            let left: BTreeSet<Role> = next.cleared.intersection(&after.cleared).copied().collect();
            next.cleared = if left.is_empty() { after.cleared.clone() } else { left };
        }
        next.access = next.access.max(after.access);
        if next.scheme == before.scheme {
            next.scheme = after.scheme;
        }
        let same = next.within == self.within
            && next.cleared == self.cleared
            && next.access == self.access
            && next.scheme == self.scheme;
        (!same).then_some(next)
    }

    /// The place out of use: with nothing in it.
    pub fn retire(self, folders: usize, places: usize, now: Timestamp) -> Result<Self, FolderError> {
        self.must_be_in_use()?;
        if folders > 0 || places > 0 {
            return Err(FolderError::NotEmpty);
        }
        Ok(Self { retired_at: Some(now), ..self })
    }

    /// A folder kept here may be handed to this member by that one (R037).
    pub fn must_hand(&self, to: &Member, by: MemberId) -> Result<(), FolderError> {
        self.must_clear(to)?;
        if self.access == AccessClass::Secured && to.id == by { Err(FolderError::OwnHands) } else { Ok(()) }
    }

    /// The roles a folder kept here may be handed to; `None` for all of them.
    fn open_to(&self) -> Option<BTreeSet<Role>> {
        if !self.cleared.is_empty() {
            return Some(self.cleared.clone());
        }
        let room = BTreeSet::from([Role::Staff, Role::RecordsManager]);
        (self.access != AccessClass::Open).then_some(room)
    }

    /// A folder kept here may be handed to this member: active, allowed to see physical records at all, and
    /// of a role the place is open to (R037).
    pub fn must_clear(&self, member: &Member) -> Result<(), FolderError> {
        if !member.is_active() {
            return Err(FolderError::CustodianNotActive);
        }
        let open = self.open_to().is_none_or(|roles| !roles.is_disjoint(&member.roles));
        if open && member.allowed().allows(RecordType::Physical, Verb::Access) {
            Ok(())
        } else {
            Err(FolderError::CustodianNotCleared)
        }
    }

    /// Whether folders kept here are handed to nobody to whom they would not be handed there, and no more easily.
    pub fn is_guarded_as(&self, other: &Self) -> bool {
        let is_within = match (self.open_to(), other.open_to()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(here), Some(there)) => here.is_subset(&there),
        };
        is_within && self.access >= other.access
    }

    /// A folder that belongs here may be put or sent elsewhere by this member: by everybody who handles folders to where
    /// it is guarded no less, and to any other place by who is cleared here, or where such a one has sent it. Out of a
    /// secured place nobody does both: let it go (`let_go_by`), and put it where it is guarded less (R037).
    pub fn must_release(
        &self,
        folder: &Folder,
        to: &Self,
        by: &Member,
        let_go_by: &BTreeSet<MemberId>,
    ) -> Result<(), FolderError> {
        if to.is_guarded_as(self) {
            return Ok(());
        }
        if self.access == AccessClass::Secured && let_go_by.contains(&by.id) {
            return Err(FolderError::OwnHands);
        }
        if folder.is_sent_to(to) { Ok(()) } else { self.must_clear(by) }
    }

    /// The place may be guarded from now on as `after` is: less by an administrator, or by who is cleared for it; and if
    /// it is secured by an administrator alone, because who is cleared would open it to their own hands (R037).
    pub fn must_guard_as(&self, after: &Self, by: &Member) -> Result<(), FolderError> {
        if after.is_guarded_as(self) || by.roles.contains(&Role::Administrator) {
            return Ok(());
        }
        if self.access == AccessClass::Secured && after.access < self.access {
            return Err(FolderError::Unguarding);
        }
        self.must_clear(by)
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
        Self {
            location_id,
            path: Vec::new(),
            position,
            barcode,
            state: FolderState::OnShelf,
            scan: None,
            loss: None,
        }
    }

    /// The folder standing in a place.
    #[must_use]
    pub fn at(mut self, place: &Location) -> Self {
        self.location_id = place.id;
        self.path = place.ids();
        self
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
        if let FolderState::Missing { .. } = self.state {
            return Err(FolderError::State(self.state.name()));
        }
        self.state = FolderState::Missing { since: now, last_custodian: self.holder() };
        Ok((self, CustodyAct::ReportedMissing))
    }

    /// Not where it belongs when stock was taken: missing, if it was said to be on the shelf.
    pub fn not_found(mut self, now: Timestamp) -> Result<(Self, CustodyAct), FolderError> {
        if self.state != FolderState::OnShelf {
            return Err(FolderError::State(self.state.name()));
        }
        self.state = FolderState::Missing { since: now, last_custodian: None };
        Ok((self, CustodyAct::NotFound))
    }

    /// Whether it is on its way to a place, or to the one around it.
    pub fn is_sent_to(&self, place: &Location) -> bool {
        matches!(self.state, FolderState::InTransit { to, .. } if place.id == to || place.is_within(to))
    }

    /// Who has it, or had it last before it went missing.
    pub const fn holder(&self) -> Option<MemberId> {
        match self.state {
            FolderState::CheckedOut { to, .. } => Some(to),
            FolderState::Missing { last_custodian, .. } => last_custodian,
            FolderState::OnShelf | FolderState::InTransit { .. } => None,
        }
    }

    /// The incident of the loss by which it is missing.
    pub const fn present_loss(&self) -> Option<IncidentId> {
        match self.state {
            FolderState::Missing { .. } => self.loss,
            FolderState::OnShelf | FolderState::CheckedOut { .. } | FolderState::InTransit { .. } => None,
        }
    }

    /// Harmed, or lost and so missing if it was not already (R034).
    pub fn report_incident(
        mut self,
        incident_id: IncidentId,
        harm: Harm,
        now: Timestamp,
    ) -> (Self, CustodyAct) {
        if harm == Harm::Lost {
            self.loss = Some(incident_id);
        }
        if harm == Harm::Lost && !matches!(self.state, FolderState::Missing { .. }) {
            self.state = FolderState::Missing { since: now, last_custodian: self.holder() };
        }
        (self, CustodyAct::IncidentReported { incident_id, harm })
    }

    /// A label for a folder that has none.
    pub fn label(mut self, barcode: Barcode) -> Result<(Self, CustodyAct), FolderError> {
        if self.barcode.is_some() {
            return Err(FolderError::Labelled);
        }
        self.barcode = Some(barcode.clone());
        Ok((self, CustodyAct::Labelled { barcode }))
    }

    pub fn link_scan(mut self, scan: Scan) -> (Self, CustodyAct) {
        let act = CustodyAct::ScanLinked { record_id: scan.record_id, verified: scan.verified };
        self.scan = Some(scan);
        (self, act)
    }

    /// Paper may be destroyed because it was digitised only behind a scan that somebody has compared with it (R036).
    pub fn may_be_destroyed_as_digitised(&self) -> bool {
        self.scan.as_ref().is_some_and(|scan| scan.verified && scan.verified_by.is_some())
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
            access: AccessClass::Open,
            scheme: FilingScheme::default(),
            position: None,
            created_at: Timestamp::UNIX_EPOCH,
            retired_at: None,
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

    #[test]
    fn a_folder_is_overdue_from_the_day_after_it_was_due() {
        let (ben, now) = (MemberId::new(Uuid::from_u128(7)), Timestamp::UNIX_EPOCH);
        let due_on = date(2026, 3, 8);
        let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
        assert!(!folder.state.is_overdue(date(2030, 1, 1)), "what is on its shelf is due never");
        let (out, _) = folder.check_out(ben, due_on, date(2026, 3, 1), now).unwrap();
        assert!(!out.state.is_overdue(due_on));
        assert!(out.state.is_overdue(date(2026, 3, 9)));
        let (missing, _) = out.report_missing(now).unwrap();
        assert!(!missing.state.is_overdue(date(2026, 3, 9)), "what is missing is looked for otherwise");
    }

    fn of_role(role: Role) -> Member {
        let email = "ben@north.example".to_owned().try_into().unwrap();
        let (id, organization) = (MemberId::new(Uuid::from_u128(7)), OrganizationId::new(Uuid::nil()));
        let name = Line::new("Ben").unwrap();
        let roles = BTreeSet::from([role]);
        let mut member = Member::invite(id, organization, name, email, roles, Timestamp::UNIX_EPOCH);
        member.permissions =
            crate::member::Permissions::new([(RecordType::Physical, Verb::ALL.into_iter().collect())]);
        member.bind("identity".into())
    }

    #[test]
    fn a_guarded_place_hands_folders_to_its_room_and_a_secured_one_to_nobody_by_themselves() {
        let mut vault = place(LocationKind::Site, None).unwrap();
        let (staff, amara, other) =
            (of_role(Role::Staff), of_role(Role::Practitioner), MemberId::new(Uuid::from_u128(8)));
        assert_eq!(vault.must_hand(&amara, amara.id), Ok(()));
        vault.access = AccessClass::Restricted;
        assert_eq!(vault.must_hand(&amara, other), Err(FolderError::CustodianNotCleared));
        assert_eq!(vault.must_hand(&staff, staff.id), Ok(()));
        vault.access = AccessClass::Secured;
        assert_eq!(vault.must_hand(&staff, staff.id), Err(FolderError::OwnHands));
        assert_eq!(vault.must_hand(&staff, other), Ok(()));
        vault.cleared = BTreeSet::from([Role::Practitioner]);
        assert_eq!(vault.must_hand(&amara, other), Ok(()));
        assert_eq!(Location::access_within(Some(&vault), AccessClass::Open), Err(FolderError::Guard));
    }

    fn guarded(access: AccessClass, cleared: impl IntoIterator<Item = Role>) -> Location {
        let site = place(LocationKind::Site, None).unwrap();
        Location { access, cleared: cleared.into_iter().collect(), ..site }
    }

    #[test]
    fn a_folder_leaves_a_guarded_place_by_who_is_cleared_for_it() {
        let shelf = Location { id: LocationId::new(Uuid::from_u128(99)), ..guarded(AccessClass::Open, []) };
        let vault = guarded(AccessClass::Restricted, [Role::RecordsManager]);
        let (sam, ruth) = (of_role(Role::Staff), of_role(Role::RecordsManager));
        let folder = Folder::filed(vault.id, None, None);
        let nobody = BTreeSet::new();
        assert_eq!(
            vault.must_release(&folder, &shelf, &sam, &nobody),
            Err(FolderError::CustodianNotCleared),
            "it would be handed to everybody there"
        );
        assert_eq!(vault.must_release(&folder, &shelf, &ruth, &nobody), Ok(()));
        assert_eq!(vault.must_release(&folder, &vault, &sam, &nobody), Ok(()), "who has it brings it back");
        assert_eq!(shelf.must_release(&folder, &vault, &sam, &nobody), Ok(()), "it is locked away");
        let (sent, _) = folder.send(shelf.id, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(vault.must_release(&sent, &shelf, &sam, &nobody), Ok(()), "it was sent there");
        let inside = Location {
            id: LocationId::new(Uuid::from_u128(98)),
            within: Location::steps_within(Some(&shelf), LocationKind::Room).unwrap(),
            ..shelf.clone()
        };
        assert_eq!(vault.must_release(&sent, &inside, &sam, &nobody), Ok(()));
        let other = Location { id: LocationId::new(Uuid::from_u128(97)), ..shelf };
        assert_eq!(
            vault.must_release(&sent, &other, &sam, &nobody),
            Err(FolderError::CustodianNotCleared),
            "nobody sent it there"
        );
    }

    #[test]
    fn out_of_a_secured_place_a_folder_goes_through_two_pairs_of_hands() {
        let (vault, shelf) = (guarded(AccessClass::Secured, []), guarded(AccessClass::Open, []));
        let shelf = Location { id: LocationId::new(Uuid::from_u128(99)), ..shelf };
        let (sam, other) = (of_role(Role::Staff), MemberId::new(Uuid::from_u128(8)));
        let folder = Folder::filed(vault.id, None, None);
        let (sent, act) = folder.send(shelf.id, Timestamp::UNIX_EPOCH).unwrap();
        assert!(act.is_leaving() && !act.is_filing());
        assert_eq!(
            vault.must_release(&sent, &shelf, &sam, &BTreeSet::from([sam.id])),
            Err(FolderError::OwnHands)
        );
        assert_eq!(vault.must_release(&sent, &shelf, &sam, &BTreeSet::from([other])), Ok(()));
        let (missing, act) = sent.clone().report_missing(Timestamp::UNIX_EPOCH).unwrap();
        assert!(act.is_of_loss() && !act.is_leaving(), "who says that it is missing has not let it go");
        let both = BTreeSet::from([sam.id, other]);
        assert_eq!(vault.must_release(&missing, &shelf, &sam, &both), Err(FolderError::OwnHands));
        assert_eq!(
            vault.must_release(&sent, &vault, &sam, &BTreeSet::from([sam.id])),
            Ok(()),
            "it comes back"
        );
    }

    #[test]
    fn a_place_is_guarded_less_by_who_is_cleared_for_it_or_an_administrator() {
        let (sam, ruth) = (of_role(Role::Staff), of_role(Role::RecordsManager));
        let administrator = of_role(Role::Administrator);
        let open = guarded(AccessClass::Open, []);
        let vault = guarded(AccessClass::Restricted, [Role::RecordsManager]);
        let secured = guarded(AccessClass::Secured, [Role::RecordsManager]);
        for after in [&open, &guarded(AccessClass::Restricted, [])] {
            assert_eq!(vault.must_guard_as(after, &sam), Err(FolderError::CustodianNotCleared));
            assert_eq!(vault.must_guard_as(after, &ruth), Ok(()));
            assert_eq!(vault.must_guard_as(after, &administrator), Ok(()));
        }
        assert_eq!(open.must_guard_as(&vault, &sam), Ok(()), "who guards it more needs no leave");
        assert_eq!(vault.must_guard_as(&secured, &sam), Ok(()));
        assert_eq!(secured.must_guard_as(&vault, &ruth), Err(FolderError::Unguarding));
        assert_eq!(secured.must_guard_as(&vault, &administrator), Ok(()));
    }

    #[test]
    fn what_is_inside_follows_what_is_around_it() {
        let site = place(LocationKind::Site, None).unwrap();
        let mut room = place(LocationKind::Room, Some(&site)).unwrap();
        room.cleared = BTreeSet::from([Role::Practitioner, Role::Staff]);
        let terms = LocationTerms {
            name: Line::new("Annex").unwrap(),
            position: None,
            cleared: BTreeSet::from([Role::Staff]),
            access: AccessClass::Restricted,
            scheme: FilingScheme::TerminalDigit,
        };
        let moved = site.clone().revise(None, terms).unwrap();
        let next = room.following(&site, &moved).unwrap();
        assert_eq!(next.path(), "Annex / room");
        assert_eq!((&next.cleared, next.access), (&moved.cleared, AccessClass::Restricted));
        assert_eq!(next.scheme, FilingScheme::TerminalDigit);
        assert!(next.following(&moved, &moved).is_none());
    }

    #[test]
    fn a_place_goes_out_of_use_empty() {
        let site = place(LocationKind::Site, None).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(site.clone().retire(1, 0, now).unwrap_err(), FolderError::NotEmpty);
        assert_eq!(site.clone().retire(0, 1, now).unwrap_err(), FolderError::NotEmpty);
        let retired = site.retire(0, 0, now).unwrap();
        assert_eq!(retired.must_be_in_use(), Err(FolderError::Retired));
    }

    #[test]
    fn paper_goes_behind_a_scan_that_somebody_has_compared() {
        let (by, scan) = (MemberId::new(Uuid::from_u128(7)), RecordId::new(Uuid::from_u128(5)));
        let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
        assert!(!folder.may_be_destroyed_as_digitised());
        let linked =
            |verified| folder.clone().link_scan(Scan::linked(scan, verified, by, Timestamp::UNIX_EPOCH)).0;
        assert!(!linked(false).may_be_destroyed_as_digitised());
        assert!(linked(true).may_be_destroyed_as_digitised());
    }

    #[test]
    fn a_lost_folder_is_missing_and_a_wet_one_is_where_it_was() {
        let (incident, now) = (IncidentId::new(Uuid::from_u128(3)), Timestamp::UNIX_EPOCH);
        let folder = Folder::filed(LocationId::new(Uuid::from_u128(9)), None, None);
        let (lost, _) = folder.clone().report_incident(incident, Harm::Lost, now);
        assert_eq!((lost.state.name(), lost.loss), ("missing", Some(incident)));
        assert_eq!(lost.present_loss(), Some(incident));
        let (found, _) = lost.check_in(LocationId::new(Uuid::from_u128(9)), None).unwrap();
        assert_eq!(found.present_loss(), None, "the next loss is another one");
        let (wet, _) = folder.report_incident(incident, Harm::Water, now);
        assert_eq!((wet.state.name(), wet.loss), ("on_shelf", None));
    }

    proptest::proptest! {
        /// Whoever a folder may be handed to where it is guarded as elsewhere may be handed it there, too; and to be
        /// guarded as something is passed on from place to place, so no way round leads out.
        #[test]
        fn a_place_that_is_guarded_as_another_hands_folders_to_nobody_else(
            places in proptest::collection::vec((0_u8..3, 0_u8..8), 3),
        ) {
            let roles = [Role::Staff, Role::Practitioner, Role::RecordsManager];
            let places: Vec<Location> = places
                .into_iter()
                .map(|(access, cleared)| {
                    let access = match access {
                        0 => AccessClass::Open,
                        1 => AccessClass::Restricted,
                        _ => AccessClass::Secured,
                    };
                    let named = roles.iter().enumerate().filter(|(at, _)| cleared & (1_u8 << at) != 0);
                    guarded(access, named.map(|(_, role)| *role))
                })
                .collect();
            let [one, two, three] = [&places[0], &places[1], &places[2]];
            proptest::prop_assert!(one.is_guarded_as(one));
            if one.is_guarded_as(two) {
                for role in roles {
                    let member = of_role(role);
                    proptest::prop_assert!(one.must_clear(&member).is_err() || two.must_clear(&member).is_ok());
                }
                proptest::prop_assert!(!two.is_guarded_as(three) || one.is_guarded_as(three));
            }
        }

        /// A place's label leads back to it, in either case, and a folder's never to a place.
        #[test]
        fn labels_lead_back(id in proptest::prelude::any::<u128>()) {
            let id = Uuid::from_u128(id);
            let label = Barcode::of_location(LocationId::new(id));
            proptest::prop_assert_eq!(label.location(), Some(LocationId::new(id)));
            let again: Barcode = label.as_str().to_lowercase().replacen('l', "L", 1).parse().unwrap();
            proptest::prop_assert_eq!(again.location(), Some(LocationId::new(id)));
            let folder = Barcode::for_folder(id);
            proptest::prop_assert_eq!(folder.location(), None);
            proptest::prop_assert!(folder.as_str().parse::<Barcode>().is_ok());
        }
    }
}
