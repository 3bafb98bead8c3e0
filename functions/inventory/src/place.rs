//! Places as people see them, and the one question every act with a place asks: is there such a place?

use api::{Loaded, Problem};
use domain::{
    LocationId,
    member::Role,
    physical::{Location, LocationKind, LocationStep},
};
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
    /// The roles that may take folders out of here; none named, every role may.
    pub cleared: BTreeSet<Role>,
    pub revision: u64,
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
            revision: location.revision,
        }
    }
}

/// The place a request names; a place of another organization is none.
pub fn named(loaded: &Loaded, key: &Key<Location>) -> Result<Location, Problem> {
    let location = loaded.get(key)?;
    location.ok_or_else(|| Problem::unprocessable("unknown_location", "there is no such location"))
}
