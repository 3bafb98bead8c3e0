//! Places as people see them, and the one question every act with a place asks: is there such a place?

use api::{Call, Loaded, Problem};
use domain::{
    LocationId,
    filing::FilingScheme,
    limits::LOCATIONS_LOOKED_AT,
    member::Role,
    physical::{AccessClass, Barcode, Location, LocationKind, LocationStep},
    text::Line,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::Key;

/// A place.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LocationView {
    pub id: LocationId,
    pub kind: LocationKind,
    pub name: String,
    /// `Main site / Records room / Cabinet 3`.
    pub path: String,
    /// From the site down to the place around this one.
    pub within: Vec<LocationStep>,
    /// The roles that may take folders out of here; none named, every role may, or in a place that is not open the
    /// records room.
    pub cleared: BTreeSet<Role>,
    pub access: AccessClass,
    pub scheme: FilingScheme,
    /// Where exactly it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Line<80>>,
    /// What its label reads as.
    pub barcode: Barcode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
    /// Folders that belong in it, and in it and everything within it, if they were to be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folders: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folders_within: Option<u32>,
    pub revision: u64,
}

impl LocationView {
    /// The view of a place whose change is about to be committed: the commit makes the next revision of it.
    #[must_use]
    pub const fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        Self {
            id: location.id,
            kind: location.kind,
            path: location.path(),
            name: location.name.into(),
            within: location.within,
            cleared: location.cleared,
            access: location.access,
            scheme: location.scheme,
            position: location.position,
            barcode: Barcode::of_location(location.id),
            retired_at: location.retired_at,
            folders: None,
            folders_within: None,
            revision: location.revision,
        }
    }
}

/// The place a request names, which is in use; a place of another organization is none.
pub fn named(loaded: &Loaded, key: &Key<Location>) -> Result<Location, Problem> {
    let location = loaded.get(key)?;
    let location =
        location.ok_or_else(|| Problem::unprocessable("unknown_location", "there is no such location"))?;
    location.must_be_in_use()?;
    Ok(location)
}

/// All places of the organization.
pub async fn all(call: &Call) -> Result<Vec<Location>, Problem> {
    let found = call.system.store.locations_all(call.organization_id()?, LOCATIONS_LOOKED_AT).await?;
    let detail = format!("this looks at {LOCATIONS_LOOKED_AT} places at most");
    found.ok_or_else(|| Problem::conflict("too_many_locations", detail))
}
