//! Folders as an inventory shows them: by number, place and state; by name only for who may see the client (R032). Of one
//! that is closed to the caller there is its label, so that nothing is counted that is not listed (R046).

use crate::handling;
use api::{
    Call, Cursor, Fact, Loaded, Problem,
    view::{ClientCard, FolderView},
};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, ClientId, LocationId, MemberId, RecordId,
    chart::Section,
    client::{Card, Client},
    filing::{FiledBy, ShelfLabel},
    limits::OVERDUE_PAGES,
    physical::{Barcode, Location},
    record::Record,
};
use futures_util::TryFutureExt;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{FiledEntry, Key, keys};

/// A folder in an inventory.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InventoryRow {
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub file_number: String,
    /// Masked, as in lists; only if names were asked for, and for who may see the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub shelf_label: ShelfLabel,
    pub section: Section,
    pub occurred_on: Date,
    #[serde(flatten)]
    pub folder: FolderView,
    /// The name of who has it, or had it last before it went missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// Whether it is out, and should be back since before today, where the organization is (R033).
    pub overdue: bool,
    /// Whether it may be destroyed because it was digitised: its scan was compared with it (R036).
    pub digitised: bool,
    /// The record's, for the next act on it.
    pub revision: u64,
}

/// A folder that is closed to the caller: what they can read on it, and nothing it stands for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClosedRow {
    /// Absent while it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<Barcode>,
}

/// The clients and the places that folders are shown with.
pub(crate) struct Around {
    clients: BTreeMap<ClientId, (Client, Card)>,
    pub(crate) places: BTreeMap<LocationId, Location>,
}

impl Around {
    pub(crate) async fn of(
        call: &Call,
        loaded: &Loaded,
        permit: &Permit,
        clients: &BTreeSet<ClientId>,
        places: &BTreeSet<LocationId>,
    ) -> Result<Self, Problem> {
        let organization_id = loaded.organization.id;
        let client_keys: Vec<Key<Client>> = clients.iter().map(|id| keys::client(*id)).collect();
        let place_keys: Vec<Key<Location>> =
            places.iter().map(|id| keys::location(organization_id, *id)).collect();
        let wanted = client_keys.iter().map(Key::any).chain(place_keys.iter().map(Key::any));
        let (found, directory) = tokio::try_join!(
            call.system.store.fetch_all(wanted).err_into::<Problem>(),
            call.directory(&loaded.organization)
        )?;
        let mut around = Self { clients: BTreeMap::new(), places: BTreeMap::new() };
        for key in &client_keys {
            let Some(client) = found.get(key)? else { continue };
            let card = directory.open(permit, "client/card", &client.id, &client.card)?;
            around.clients.insert(client.id, (client, card));
        }
        for key in &place_keys {
            let found = found.get(key)?;
            around.places.extend(found.map(|place: Location| (place.id, place)));
        }
        Ok(around)
    }

    /// The number a client is filed under.
    pub(crate) fn file_number(&self, client: ClientId) -> String {
        self.clients.get(&client).map(|(_, card)| card.file_number.clone()).unwrap_or_default()
    }

    /// The client's masked name, for who may see the client.
    pub(crate) fn name(
        &self,
        call: &Call,
        loaded: &Loaded,
        client: ClientId,
    ) -> Result<Option<String>, Problem> {
        let Some((client, card)) = self.clients.get(&client) else { return Ok(None) };
        let may = call.may(loaded, Action::ReadClient, Resource::Client(client))?;
        Ok(may.then(|| ClientCard::of(client, card.clone()).name))
    }

    /// Where a folder stands among others, by the scheme of its place.
    pub(crate) fn shelf_label(&self, record: &Record, location: LocationId) -> ShelfLabel {
        let scheme = self.places.get(&location).map(|place| place.scheme).unwrap_or_default();
        let card = self.clients.get(&record.client_id).map(|(_, card)| card);
        scheme.label(&FiledBy {
            file_number: card.map(|card| card.file_number.as_str()).unwrap_or_default(),
            masked_name: card.map(|card| card.name.as_str()).unwrap_or_default(),
            section: record.section,
        })
    }

    pub(crate) fn path(&self, location: LocationId) -> Option<String> {
        self.places.get(&location).map(Location::path)
    }
}

/// A page of the inventory of a place.
pub(crate) struct Inventory {
    pub(crate) loaded: Loaded,
    pub(crate) place: Location,
    pub(crate) folders: Vec<InventoryRow>,
    pub(crate) closed: Vec<ClosedRow>,
    pub(crate) next: Option<Cursor>,
}

/// Which folders of a place are asked for, and how they are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// Whether clients are named, masked, to who may see them.
    pub(crate) names: bool,
    /// Only those that are out and should be back. Of a folder that is closed to the caller, nobody tells them so much.
    pub(crate) overdue: bool,
}

/// The folders that belong in the place the path names and in everything within it. That they were read is evidence.
pub(crate) async fn inventory(
    call: &Call,
    (limit, after): (u32, Option<&str>),
    asked: Asked,
) -> Result<Inventory, Problem> {
    let organization_id = call.organization_id()?;
    let place_key = keys::location(organization_id, call.path("location_id")?);
    let loaded = call.load([place_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let place = loaded.require(&place_key)?;
    let (Listed { open, closed }, next) = if asked.overdue {
        overdue(call, &loaded, &place, (limit, after)).await?
    } else {
        page(call, &loaded, &place, (limit, after)).await?
    };
    let folders = rows(call, &loaded, &permit, &open, asked.names).await?;
    let all = folders.len().saturating_add(closed.len());
    let fact = Fact::new().location(place.id).detail("folders", all).detail("names", asked.names);
    call.witness(&permit, fact.detail("overdue", asked.overdue)).await?;
    Ok(Inventory { loaded, place, folders, closed, next: next.as_deref().map(Cursor::new) })
}

/// A page of all folders, and where the next one begins.
async fn page(
    call: &Call,
    loaded: &Loaded,
    place: &Location,
    (limit, after): (u32, Option<&str>),
) -> Result<(Listed, Option<String>), Problem> {
    let page = call.system.store.filed(loaded.organization.id, &place.ids(), after, limit).await?;
    Ok((listed(call, loaded, &page.items).await?, page.next))
}

/// A page of those that are overdue. Pages on which none is are passed over, as many as one call looks at.
async fn overdue(
    call: &Call,
    loaded: &Loaded,
    place: &Location,
    (limit, after): (u32, Option<&str>),
) -> Result<(Listed, Option<String>), Problem> {
    let today = call.today(&loaded.organization);
    let is_overdue =
        |record: &Record| handling::folder(record).is_ok_and(|folder| folder.state.is_overdue(today));
    let (mut after, mut looked_at) = (after.map(str::to_owned), 0_u32);
    loop {
        let (Listed { mut open, .. }, next) = page(call, loaded, place, (limit, after.as_deref())).await?;
        open.retain(is_overdue);
        looked_at = looked_at.saturating_add(1);
        if !open.is_empty() || next.is_none() || looked_at >= OVERDUE_PAGES {
            return Ok((Listed { open, closed: Vec::new() }, next));
        }
        after = next;
    }
}

/// The folders of a page, in their order; one that is gone by now is among neither.
struct Listed {
    open: Vec<Record>,
    closed: Vec<ClosedRow>,
}

async fn listed(call: &Call, loaded: &Loaded, entries: &[FiledEntry]) -> Result<Listed, Problem> {
    let mut filed =
        handling::filed(call, entries.iter().map(|entry| (entry.chart_id, entry.record_id))).await?;
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for entry in entries {
        let Some((record, chart)) = filed.remove(&entry.record_id) else { continue };
        if record.voided.is_some() {
            continue;
        }
        if handling::is_closed(call, loaded, &record, &chart)? {
            closed.push(ClosedRow { barcode: handling::folder(&record)?.barcode.clone() });
        } else {
            open.push(record);
        }
    }
    Ok(Listed { open, closed })
}

/// The rows of these folders.
async fn rows(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    records: &[Record],
    names: bool,
) -> Result<Vec<InventoryRow>, Problem> {
    let clients = records.iter().map(|record| record.client_id).collect();
    let places = records.iter().filter_map(place).collect();
    let custodians: Vec<MemberId> = records.iter().filter_map(holder).collect();
    let (around, called) = tokio::try_join!(
        Around::of(call, loaded, permit, &clients, &places),
        call.names(loaded, custodians, [])
    )?;
    let today = call.today(&loaded.organization);
    let mut rows = Vec::new();
    for record in records {
        let folder = handling::folder(record)?;
        rows.push(InventoryRow {
            chart_id: record.chart_id,
            record_id: record.id,
            file_number: around.file_number(record.client_id),
            client_name: if names { around.name(call, loaded, record.client_id)? } else { None },
            shelf_label: around.shelf_label(record, folder.location_id),
            section: record.section,
            occurred_on: record.occurred_on,
            folder: FolderView { location: around.path(folder.location_id), ..FolderView::new(folder) },
            custodian: folder.holder().and_then(|id| called.member(id)).map(str::to_owned),
            overdue: folder.state.is_overdue(today),
            digitised: folder.may_be_destroyed_as_digitised(),
            revision: record.revision,
        });
    }
    Ok(rows)
}

fn place(record: &Record) -> Option<LocationId> {
    handling::folder(record).ok().map(|folder| folder.location_id)
}

fn holder(record: &Record) -> Option<MemberId> {
    handling::folder(record).ok().and_then(|folder| folder.holder())
}
