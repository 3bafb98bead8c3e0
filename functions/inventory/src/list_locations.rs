//! Lists the places where physical records are kept, each with its path from the site, and with how many folders
//! belong in it if they are to be counted (R030, R032).

use crate::place::LocationView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{LocationId, limits::FOLDERS_COUNTED, purpose::Purpose};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub static OPERATION: Operation =
    Operation::get("list_locations", "/locations", Action::ListLocations, Kind::LocationsListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the places where physical records are kept (R030)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ListLocationsInput")]
pub struct Input {
    /// Whether the folders in each place are counted; where there are very many, they are not.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    counts: bool,
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    locations: Vec<LocationView>,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let query = async {
        Ok::<_, Problem>(call.system.store.locations(organization_id, after.as_deref(), limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([]), query)?;
    let organization = Resource::Organization(organization_id);
    let permit = call.permit(&loaded, organization)?;
    // A count speaks of folders: it is for who may list them, and others know the places alone (R046).
    let counted = input.counts && call.may(&loaded, Action::ListInventory, organization)?;
    let counts = if counted { counts(&call).await? } else { None };
    call.witness(&permit, Fact::new().detail("locations", page.items.len())).await?;
    let shown = page.items.into_iter().map(|location| {
        let (own, within) = counts.as_ref().map_or((None, None), |counts| {
            let (own, within) = counts.get(&location.id).copied().unwrap_or_default();
            (Some(own), Some(within))
        });
        LocationView { folders: own, folders_within: within, ..LocationView::from(location) }
    });
    Ok(Reply::with(Output { locations: shown.collect(), next: page.next.as_deref().map(Cursor::new) }))
}

/// For each place, the folders that belong in it, and in it or in anything within it.
async fn counts(call: &Call) -> Result<Option<BTreeMap<LocationId, (u32, u32)>>, Problem> {
    let organization_id = call.organization_id()?;
    let (places, folders) = tokio::try_join!(crate::place::all(call), async {
        Ok::<_, Problem>(call.system.store.filed_all(organization_id, &[], FOLDERS_COUNTED).await?)
    })?;
    let Some(folders) = folders else { return Ok(None) };
    let mut counts: BTreeMap<LocationId, (u32, u32)> = BTreeMap::new();
    for folder in &folders {
        let count = counts.entry(folder.location_id).or_default();
        count.0 = count.0.saturating_add(1);
    }
    for place in &places {
        let own = counts.get(&place.id).copied().unwrap_or_default().0;
        for id in place.ids() {
            let count = counts.entry(id).or_default();
            count.1 = count.1.saturating_add(own);
        }
    }
    Ok(Some(counts))
}
