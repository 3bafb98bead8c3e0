//! Stock-taking: what should be in a place, what was found there, and what that comes to (R032).
//!
//! What is expected is written down when it begins. Barcodes come in batches, from several people at once and some
//! of them twice: what counts is the set of them. What is made of it is decided when it is closed, on how things
//! stand then.

use crate::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, StocktakeId,
    limits::{STOCKTAKE_BATCHES, STOCKTAKE_FOLDERS, STOCKTAKE_MARKED},
    physical::{Barcode, Folder, FolderState, Location},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stocktake {
    pub id: StocktakeId,
    pub organization_id: OrganizationId,
    pub location_id: LocationId,
    pub begun_by: MemberId,
    pub begun_at: Timestamp,
    /// Folders that should be there.
    pub expected: u32,
    /// Batches of barcodes that have come.
    pub batches: u32,
    pub closed: Option<StocktakeClosed>,
    pub revision: u64,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StocktakeClosed {
    pub by: MemberId,
    pub at: Timestamp,
    pub tally: Tally,
    /// Whether those not found were reported missing.
    pub marked_missing: bool,
}

/// A folder that should be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub location_id: LocationId,
    pub barcode: Option<Barcode>,
}

/// What became of one folder or barcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Where it should be.
    Found,
    /// Found, though it was said to be out, on its way or missing.
    Reappeared,
    /// Neither found nor known to be elsewhere.
    Missing,
    /// Found here, and filed elsewhere.
    Misplaced,
    /// A barcode that nothing has, or nothing any more.
    Unexpected,
    /// Not found, and known to be out, on its way, moved or gone.
    Excused,
    /// It has no barcode, so that nobody could find it by one.
    Unlabelled,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    pub found: u32,
    pub reappeared: u32,
    pub missing: u32,
    pub misplaced: u32,
    pub unexpected: u32,
    pub excused: u32,
    pub unlabelled: u32,
}

/// How a folder stands now, for a stock-taking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Said to be on a shelf there.
    Here,
    /// Said to be on a shelf elsewhere.
    Elsewhere(LocationId),
    Out,
    Underway,
    Missing,
    /// Struck through or destroyed.
    Gone,
}

impl Standing {
    /// How a folder stands, seen from a place.
    pub fn of(folder: Option<&Folder>, place: LocationId) -> Self {
        let Some(folder) = folder else { return Self::Gone };
        match folder.state {
            FolderState::CheckedOut { .. } => Self::Out,
            FolderState::InTransit { .. } => Self::Underway,
            FolderState::Missing { .. } => Self::Missing,
            FolderState::OnShelf if folder.path.contains(&place) => Self::Here,
            FolderState::OnShelf => Self::Elsewhere(folder.location_id),
        }
    }
}

/// A folder that should not be there, by its barcode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub standing: Standing,
}

/// A line of the report; what was found where it should be has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    pub verdict: Verdict,
    pub barcode: Option<Barcode>,
    pub record_id: Option<RecordId>,
    pub chart_id: Option<ChartId>,
    pub client_id: Option<ClientId>,
    /// Where it belongs.
    pub location_id: Option<LocationId>,
}

impl ReportLine {
    /// The line as it is told to who may know nothing of the folder but its label.
    #[must_use]
    pub fn label_alone(self) -> Self {
        Self { record_id: None, chart_id: None, client_id: None, location_id: None, ..self }
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StocktakeError {
    #[error("the stock-taking is closed")]
    Closed,
    #[error(
        "stock is taken of at most {STOCKTAKE_FOLDERS} folders at a time; begin with a place inside this one"
    )]
    TooManyFolders,
    #[error("a stock-taking takes at most {STOCKTAKE_BATCHES} batches")]
    TooManyBatches,
    #[error(
        "more than {STOCKTAKE_MARKED} folders were not found: look again, or close without reporting them missing"
    )]
    TooManyMissing,
}

impl Stocktake {
    pub fn begin(
        id: StocktakeId,
        place: &Location,
        by: MemberId,
        expected: usize,
        now: Timestamp,
    ) -> Result<Self, StocktakeError> {
        if expected > STOCKTAKE_FOLDERS {
            return Err(StocktakeError::TooManyFolders);
        }
        Ok(Self {
            id,
            organization_id: place.organization_id,
            location_id: place.id,
            begun_by: by,
            begun_at: now,
            expected: u32::try_from(expected).unwrap_or(u32::MAX),
            batches: 0,
            closed: None,
            revision: 1,
        })
    }

    /// With a batch of barcodes more.
    pub fn take_batch(self) -> Result<Self, StocktakeError> {
        self.must_be_open()?;
        if self.batches >= STOCKTAKE_BATCHES {
            return Err(StocktakeError::TooManyBatches);
        }
        Ok(Self { batches: self.batches.saturating_add(1), ..self })
    }

    pub fn close(self, closed: StocktakeClosed) -> Result<Self, StocktakeError> {
        self.must_be_open()?;
        Ok(Self { closed: Some(closed), ..self })
    }

    pub const fn must_be_open(&self) -> Result<(), StocktakeError> {
        if self.closed.is_none() { Ok(()) } else { Err(StocktakeError::Closed) }
    }
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        let counted = match verdict {
            Verdict::Found => &mut self.found,
            Verdict::Reappeared => &mut self.reappeared,
            Verdict::Missing => &mut self.missing,
            Verdict::Misplaced => &mut self.misplaced,
            Verdict::Unexpected => &mut self.unexpected,
            Verdict::Excused => &mut self.excused,
            Verdict::Unlabelled => &mut self.unlabelled,
        };
        *counted = counted.saturating_add(1);
    }
}

/// What became of a folder that should be there.
pub const fn of_expected(labelled: bool, scanned: bool, standing: Standing) -> Verdict {
    match (scanned, standing) {
        (true, Standing::Out | Standing::Underway | Standing::Missing) => Verdict::Reappeared,
        (true, _) => Verdict::Found,
        (false, Standing::Out | Standing::Underway | Standing::Elsewhere(_) | Standing::Gone) => {
            Verdict::Excused
        }
        (false, Standing::Here | Standing::Missing) if !labelled => Verdict::Unlabelled,
        (false, Standing::Here | Standing::Missing) => Verdict::Missing,
    }
}

/// What a barcode is that nobody expected.
pub const fn of_stranger(stranger: Option<&Stranger>) -> Verdict {
    let Some(stranger) = stranger else { return Verdict::Unexpected };
    match stranger.standing {
        Standing::Here => Verdict::Found,
        Standing::Out | Standing::Underway | Standing::Missing => Verdict::Reappeared,
        Standing::Elsewhere(_) => Verdict::Misplaced,
        Standing::Gone => Verdict::Unexpected,
    }
}

/// What it all comes to. Folders of which no standing is given are gone.
pub fn report(
    expected: &[Expected],
    scanned: &BTreeSet<Barcode>,
    standings: &BTreeMap<RecordId, Standing>,
    strangers: &BTreeMap<Barcode, Stranger>,
) -> (Tally, Vec<ReportLine>) {
    let (mut tally, mut lines) = (Tally::default(), Vec::new());
    let mut known = BTreeSet::new();
    for folder in expected {
        let was_scanned = folder.barcode.as_ref().is_some_and(|barcode| scanned.contains(barcode));
        known.extend(folder.barcode.clone());
        let standing = standings.get(&folder.record_id).copied().unwrap_or(Standing::Gone);
        let verdict = of_expected(folder.barcode.is_some(), was_scanned, standing);
        tally.count(verdict);
        if verdict != Verdict::Found {
            lines.push(ReportLine {
                verdict,
                barcode: folder.barcode.clone(),
                record_id: Some(folder.record_id),
                chart_id: Some(folder.chart_id),
                client_id: Some(folder.client_id),
                location_id: Some(folder.location_id),
            });
        }
    }
    for barcode in scanned.difference(&known) {
        let stranger = strangers.get(barcode);
        let verdict = of_stranger(stranger);
        tally.count(verdict);
        if verdict != Verdict::Found {
            let belongs = stranger.and_then(|stranger| match stranger.standing {
                Standing::Elsewhere(location) => Some(location),
                _ => None,
            });
            lines.push(ReportLine {
                verdict,
                barcode: Some(barcode.clone()),
                record_id: stranger.map(|stranger| stranger.record_id),
                chart_id: stranger.map(|stranger| stranger.chart_id),
                client_id: stranger.map(|stranger| stranger.client_id),
                location_id: belongs,
            });
        }
    }
    lines.sort_by_key(|line| line.verdict);
    (tally, lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn barcode(n: u8) -> Barcode {
        format!("B-{n}").parse().unwrap()
    }

    fn folder(n: u8, labelled: bool) -> Expected {
        let id = Uuid::from_u128(u128::from(n));
        Expected {
            record_id: RecordId::new(id),
            chart_id: ChartId::new(id),
            client_id: ClientId::new(id),
            location_id: LocationId::new(id),
            barcode: labelled.then(|| barcode(n)),
        }
    }

    fn standing() -> impl Strategy<Value = Standing> {
        prop_oneof![
            Just(Standing::Here),
            Just(Standing::Elsewhere(LocationId::new(Uuid::nil()))),
            Just(Standing::Out),
            Just(Standing::Underway),
            Just(Standing::Missing),
            Just(Standing::Gone),
        ]
    }

    fn begun(batches: u32) -> Stocktake {
        Stocktake {
            id: StocktakeId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            location_id: LocationId::new(Uuid::nil()),
            begun_by: MemberId::new(Uuid::nil()),
            begun_at: Timestamp::UNIX_EPOCH,
            expected: 3,
            batches,
            closed: None,
            revision: 1,
        }
    }

    #[test]
    fn it_takes_barcodes_until_it_is_closed() {
        let closed = StocktakeClosed {
            by: MemberId::new(Uuid::nil()),
            at: Timestamp::UNIX_EPOCH,
            tally: Tally::default(),
            marked_missing: false,
        };
        let scanned = begun(0).take_batch().unwrap();
        assert_eq!(scanned.batches, 1);
        let over = scanned.close(closed.clone()).unwrap();
        assert_eq!(over.clone().take_batch().unwrap_err(), StocktakeError::Closed);
        assert_eq!(over.close(closed).unwrap_err(), StocktakeError::Closed);
        assert_eq!(begun(STOCKTAKE_BATCHES).take_batch().unwrap_err(), StocktakeError::TooManyBatches);
    }

    proptest! {
        /// Each folder that was expected is told of once; what was scanned is never missing, and what is out is excused.
        #[test]
        fn every_folder_is_accounted_for(
            folders in prop::collection::btree_map(any::<u8>(), (any::<bool>(), standing()), 0..40),
            seen in prop::collection::btree_set(any::<u8>(), 0..40),
            strange in prop::collection::btree_map(any::<u8>(), standing(), 0..40),
        ) {
            let expected: Vec<Expected> = folders.iter().map(|(n, (labelled, _))| folder(*n, *labelled)).collect();
            let scanned: BTreeSet<Barcode> = seen.iter().map(|n| barcode(*n)).collect();
            let standings = folders
                .iter()
                .map(|(n, (_, standing))| (RecordId::new(Uuid::from_u128(u128::from(*n))), *standing))
                .collect();
            let strangers: BTreeMap<Barcode, Stranger> = strange
                .iter()
                .map(|(n, standing)| {
                    let Expected { record_id, chart_id, client_id, .. } = folder(*n, true);
                    (barcode(*n), Stranger { record_id, chart_id, client_id, standing: *standing })
                })
                .collect();
            let (tally, lines) = report(&expected, &scanned, &standings, &strangers);
            let known: BTreeSet<Barcode> = expected.iter().filter_map(|one| one.barcode.clone()).collect();
            let unknown = scanned.difference(&known).count();
            let told = tally.found + tally.reappeared + tally.missing + tally.misplaced
                + tally.unexpected + tally.excused + tally.unlabelled;
            prop_assert_eq!(usize::try_from(told).unwrap(), expected.len() + unknown);
            prop_assert_eq!(lines.len(), usize::try_from(told - tally.found).unwrap());
            for line in &lines {
                let was_scanned = line.barcode.as_ref().is_some_and(|one| scanned.contains(one));
                prop_assert!(!was_scanned || !matches!(line.verdict, Verdict::Missing | Verdict::Unlabelled));
                prop_assert!(was_scanned || !matches!(line.verdict, Verdict::Misplaced | Verdict::Unexpected));
                if line.verdict == Verdict::Misplaced {
                    let found = &strangers[line.barcode.as_ref().unwrap()];
                    prop_assert!(matches!(found.standing, Standing::Elsewhere(_)) && line.location_id.is_some());
                }
                if line.verdict == Verdict::Missing {
                    let record = line.record_id.unwrap();
                    let standings: &BTreeMap<RecordId, Standing> = &standings;
                    prop_assert!(matches!(standings[&record], Standing::Here | Standing::Missing));
                }
            }
        }
    }
}
