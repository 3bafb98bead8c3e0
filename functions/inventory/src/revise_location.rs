//! Says anew what a place is called and how it is guarded; what is within it follows (R030, R035, R037). Nobody opens
//! to themselves what is kept from them: who guards it less is cleared for it, or an administrator.

use crate::place::{self, LocationView};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    filing::FilingScheme,
    limits::NAME_CHARS,
    member::Role,
    physical::{AccessClass, Location, LocationTerms},
    purpose::Purpose,
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "revise_location",
    "/locations/{location_id}",
    Action::ReviseLocation,
    Kind::LocationRevised,
)
.purpose(Purpose::RecordsManagement)
.summary("Say anew what a place is called, how it is guarded and filed (R030, R035, R037)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReviseLocationInput")]
pub struct Input {
    expected_revision: u64,
    name: Line<NAME_CHARS>,
    /// Where exactly it is: `left of the door`.
    #[serde(default)]
    position: Option<Line<80>>,
    /// The roles that may take folders out of here.
    #[serde(default)]
    cleared: BTreeSet<Role>,
    #[serde(default)]
    access: AccessClass,
    #[serde(default)]
    scheme: FilingScheme,
}

/// Places of one transaction that follow another one.
const FOLLOWING: usize = 90;

pub async fn handle(call: Call, input: Input) -> Outcome<LocationView> {
    let organization_id = call.organization_id()?;
    let key = keys::location(organization_id, call.path("location_id")?);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let before = loaded.require(&key)?;
    Problem::unless_current(before.revision, input.expected_revision)?;
    // What is around it is known by the place alone, so it costs a round trip of its own.
    let all = place::all(&call).await?;
    let parent = before.within.last().and_then(|step| all.iter().find(|place| place.id == step.id));
    let terms = LocationTerms {
        name: input.name,
        position: input.position,
        cleared: input.cleared,
        access: input.access,
        scheme: input.scheme,
    };
    let after = before.clone().revise(parent, terms)?;
    before.must_guard_as(&after, &loaded.member)?;
    let following = left_behind(&all, &before, &after);
    // Nor is what is within it opened by way of what is around it.
    for (was, follows) in &following {
        was.must_guard_as(follows, &loaded.member)?;
    }
    let fact = Fact::new().location(after.id).detail("following", following.len());
    let fact = fact.detail("access", access(after.access)).detail("scheme", after.scheme.name());
    follow(&call, &loaded, &permit, &following).await?;
    let change = Change::new().replace("location", &key, &after);
    let change = match parent {
        Some(parent) => {
            change.check("location", &keys::location(organization_id, parent.id), Some(parent.revision))
        }
        None => change,
    };
    let reply = Reply::with(LocationView::from(after.clone()).revised());
    let reply = call.commit(&loaded.organization, &permit, change, fact, reply).await?;
    // A place that came to be in it since those were read was made after what it was before; from now on none is.
    let all = place::all(&call).await?;
    let late = left_behind(&all, &before, &after);
    follow(&call, &loaded, &permit, &late).await?;
    Ok(reply)
}

/// The places within it that are not yet as they are to be: how each is, and how it is to be.
fn left_behind<'a>(
    all: &'a [Location],
    before: &Location,
    after: &Location,
) -> Vec<(&'a Location, Location)> {
    let within = all.iter().filter(|place| place.is_within(after.id));
    within.filter_map(|place| Some((place, place.following(before, after)?))).collect()
}

/// Those within it first: cut short, the place itself is as it was, and the same call goes on.
async fn follow(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    following: &[(&Location, Location)],
) -> Result<(), Problem> {
    for some in following.chunks(FOLLOWING) {
        let change = some.iter().fold(Change::new(), |change, (_, place)| {
            change.replace("location", &keys::location(loaded.organization.id, place.id), place)
        });
        let fact = Fact::new().detail("followed", some.len());
        let evidence = call.evidence(permit, fact);
        call.system.store.commit(permit, change, &evidence, None).await?;
    }
    Ok(())
}

const fn access(class: AccessClass) -> &'static str {
    match class {
        AccessClass::Open => "open",
        AccessClass::Restricted => "restricted",
        AccessClass::Secured => "secured",
    }
}
