//! Adds a place where physical records are kept: a site, or something inside another place (R030), with the
//! roles that may take folders out of it (R037).

use crate::place::{self, LocationView};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    LocationId,
    filing::FilingScheme,
    limits::NAME_CHARS,
    member::Role,
    physical::{AccessClass, Location, LocationKind},
    purpose::Purpose,
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, Key, keys};

pub static OPERATION: Operation =
    Operation::post("add_location", "/locations", Action::AddLocation, Kind::LocationAdded)
        .purpose(Purpose::RecordsManagement)
        .summary("Add a place where physical records are kept (R030)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    kind: LocationKind,
    name: Line<NAME_CHARS>,
    /// The place around it; only a site has none.
    #[serde(default)]
    within: Option<LocationId>,
    /// The roles that may take folders out of here; those of the place around it unless given.
    #[serde(default)]
    cleared: BTreeSet<Role>,
    /// How it is guarded; as the place around it unless given.
    #[serde(default)]
    access: Option<AccessClass>,
    /// How folders are filed in it; as in the place around it unless given.
    #[serde(default)]
    scheme: Option<FilingScheme>,
    /// Where exactly it is: `left of the door`.
    #[serde(default)]
    position: Option<Line<80>>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<LocationView> {
    let organization_id = call.organization_id()?;
    let parent_key = input.within.map(|id| keys::location(organization_id, id));
    let loaded = call.load(parent_key.iter().map(Key::any)).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let parent = parent_key.map(|key| place::named(&loaded, &key)).transpose()?;
    let around = parent.as_ref();
    let access = input.access.or(around.map(|place| place.access)).unwrap_or_default();
    let location = Location {
        id: call.new_id(),
        organization_id,
        kind: input.kind,
        name: input.name,
        within: Location::steps_within(parent.as_ref(), input.kind)?,
        cleared: Location::clearance_within(parent.as_ref(), input.cleared)?,
        access: Location::access_within(parent.as_ref(), access)?,
        scheme: input.scheme.or(around.map(|place| place.scheme)).unwrap_or_default(),
        position: input.position,
        created_at: call.now,
        retired_at: None,
        revision: 1,
    };
    let key = keys::location(organization_id, location.id);
    let change = Change::new().insert("location", &key, &location);
    let change = match &parent {
        Some(parent) => {
            // Nor does it come into one that is called or guarded otherwise at the same moment.
            let around = keys::location(organization_id, parent.id);
            change.put_into(parent.id, call.new_id()).check("location", &around, Some(parent.revision))
        }
        None => change,
    };
    let fact = Fact::new().location(location.id).detail("kind", location.kind.name());
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(location.into())).await
}
