//! A part of a list of folders held against what there is: clients, places, barcodes, charts and their owners (R031).

use crate::place;
use api::{Call, Loaded, Problem};
use domain::{
    ClientId, LocationId,
    chart::Chart,
    client::{Client, ClientStatus},
    csv,
    import::{self, Column, Fault, FaultCode, ImportRow, Imported},
    limits::{CLIENT_CHARTS, MEMBERS_LOOKED_AT},
    member::{Member, MemberStatus, Role},
    physical::{Barcode, Location},
    search::Terms,
};
use futures_util::{StreamExt, TryFutureExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use store::{BarcodeEntry, Claim, Key, keys};
use vault::BlindIndex;

/// Clients whose charts are read at the same time.
const AT_ONCE: usize = 16;

/// The rows of a part, those that cannot be read with what is wrong with them.
pub(crate) struct Part {
    pub(crate) readable: Vec<ImportRow>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) rows: usize,
}

/// Reads a part of a list; `first_line` is the line of the whole list on which its first row stands.
pub(crate) fn read(
    call: &Call,
    loaded: &Loaded,
    text: &str,
    first_line: Option<u32>,
) -> Result<Part, Problem> {
    let today = call.today(&loaded.organization);
    let (columns, rows) = import::split(csv::parse(text)?)?;
    let mut part = Part { readable: Vec::new(), faults: Vec::new(), rows: rows.len() };
    // The names of the columns stand on the line before.
    let ahead = first_line.map_or(0, |line| line.saturating_sub(2));
    for mut row in rows {
        row.line = row.line.saturating_add(ahead);
        match ImportRow::read(&columns, &row, today) {
            Ok(row) => part.readable.push(row),
            Err(faults) => part.faults.extend(faults),
        }
    }
    Ok(part)
}

/// What there is, of all that the rows of a part name.
pub(crate) struct Known {
    pub(crate) index: BlindIndex,
    pub(crate) places: BTreeMap<LocationId, Location>,
    by_path: BTreeMap<String, LocationId>,
    by_number: BTreeMap<String, ClientId>,
    pub(crate) clients: BTreeMap<ClientId, Client>,
    pub(crate) charts: BTreeMap<ClientId, Vec<Chart>>,
    taken: BTreeSet<String>,
    imported: BTreeMap<String, Imported>,
    owners: BTreeMap<String, Member>,
}

/// Where a row goes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) client: ClientId,
    pub(crate) place: LocationId,
    /// Whose chart is to be opened, if the client has none of theirs.
    pub(crate) owner: Option<Member>,
}

/// A file number as its claim knows it: spelling and case do not matter.
fn number(row: &ImportRow) -> String {
    Terms::new([], None, row.file_number.as_str(), []).file_number
}

impl Known {
    pub(crate) async fn of(call: &Call, loaded: &Loaded, rows: &[ImportRow]) -> Result<Self, Problem> {
        let organization_id = loaded.organization.id;
        let index = call.directory(&loaded.organization).await?.blind_index();
        let numbers: BTreeSet<String> = rows.iter().map(number).collect();
        let claim_keys: Vec<(String, Key<Claim>)> = numbers
            .into_iter()
            .map(|number| {
                let digest = index.digest(&format!("file number taken\u{0}{number}"));
                (number, keys::file_number(organization_id, &digest))
            })
            .collect();
        let barcode_keys: Vec<(&Barcode, Key<BarcodeEntry>)> = rows
            .iter()
            .filter_map(|row| row.barcode.as_ref())
            .map(|barcode| (barcode, keys::barcode(organization_id, barcode)))
            .collect();
        let row_keys: Vec<(String, Key<Imported>)> = rows
            .iter()
            .map(|row| row.identity())
            .map(|identity| {
                let key = keys::imported(organization_id, &index.digest(&identity));
                (identity, key)
            })
            .collect();
        let store = &call.system.store;
        let claims = store.fetch_all(claim_keys.iter().map(|(_, key)| key.any())).err_into::<Problem>();
        let entries = store.fetch_all(barcode_keys.iter().map(|(_, key)| key.any())).err_into::<Problem>();
        let earlier = store.fetch_all(row_keys.iter().map(|(_, key)| key.any())).err_into::<Problem>();
        let has_owners = rows.iter().any(|row| row.owner.is_some());
        let (claims, entries, earlier, places, owners) =
            tokio::try_join!(claims, entries, earlier, place::all(call), owners(call, has_owners))?;

        let mut known = Self {
            index,
            by_path: paths(&places),
            places: places.into_iter().map(|place| (place.id, place)).collect(),
            by_number: BTreeMap::new(),
            clients: BTreeMap::new(),
            charts: BTreeMap::new(),
            taken: BTreeSet::new(),
            imported: BTreeMap::new(),
            owners,
        };
        for (number, key) in claim_keys {
            known.by_number.extend(claims.get(&key)?.map(|claim| (number, claim.client_id)));
        }
        for (barcode, key) in barcode_keys {
            known.taken.extend(entries.get(&key)?.map(|_| barcode.as_str().to_owned()));
        }
        for (identity, key) in row_keys {
            known.imported.extend(earlier.get(&key)?.map(|imported| (identity, imported)));
        }
        known.with_clients(call).await
    }

    async fn with_clients(mut self, call: &Call) -> Result<Self, Problem> {
        let ids: BTreeSet<ClientId> = self.by_number.values().copied().collect();
        let client_keys: Vec<Key<Client>> = ids.iter().map(|id| keys::client(*id)).collect();
        let store = &call.system.store;
        let found = store.fetch_all(client_keys.iter().map(Key::any)).await?;
        for key in &client_keys {
            self.clients.extend(found.get(key)?.map(|client: Client| (client.id, client)));
        }
        let charts = ids.into_iter().map(|id| async move { Ok::<_, Problem>((id, store.charts(id).await?)) });
        let charts: Vec<(ClientId, Vec<Chart>)> =
            stream::iter(charts).buffer_unordered(AT_ONCE).try_collect().await?;
        self.charts = charts.into_iter().collect();
        Ok(self)
    }

    /// What the row became when it was imported before.
    pub(crate) fn imported(&self, row: &ImportRow) -> Option<&Imported> {
        self.imported.get(&row.identity())
    }

    /// Where a row goes, or everything that is wrong with it.
    pub(crate) fn target(&self, row: &ImportRow) -> Result<Target, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut wrong = |column, code| faults.push(Fault::new(row.line, Some(column), code));
        let place = self.by_path.get(&row.location).copied();
        match place.and_then(|id| self.places.get(&id)) {
            None => wrong(Column::Location, FaultCode::UnknownLocation),
            Some(place) if place.retired_at.is_some() => wrong(Column::Location, FaultCode::LocationRetired),
            Some(_) => {}
        }
        if row.barcode.as_ref().is_some_and(|barcode| self.taken.contains(barcode.as_str())) {
            wrong(Column::Barcode, FaultCode::BarcodeTaken);
        }
        let owner = row.owner.as_ref().and_then(|email| self.owners.get(&email.folded()));
        if row.owner.is_some() && owner.is_none() {
            wrong(Column::Owner, FaultCode::UnknownOwner);
        }
        let client = self.by_number.get(&number(row)).and_then(|id| self.clients.get(id));
        match client {
            None => wrong(Column::FileNumber, FaultCode::UnknownClient),
            Some(client) if client.status == ClientStatus::Closed || client.merged_into.is_some() => {
                wrong(Column::FileNumber, FaultCode::ClientClosed);
            }
            Some(client) => {
                let charts = self.charts.get(&client.id).map(Vec::as_slice).unwrap_or_default();
                if let Some(code) = chart_fault(charts, row, owner) {
                    wrong(Column::Owner, code);
                }
            }
        }
        match (client, place) {
            (Some(client), Some(place)) if faults.is_empty() => {
                Ok(Target { client: client.id, place, owner: owner.cloned() })
            }
            _ => Err(faults),
        }
    }
}

/// What keeps a row from a chart of its client.
fn chart_fault(charts: &[Chart], row: &ImportRow, owner: Option<&Member>) -> Option<FaultCode> {
    match owner {
        None if row.owner.is_some() => None,
        None if charts.is_empty() => Some(FaultCode::NoChart),
        None if charts.len() > 1 => Some(FaultCode::OwnerNeeded),
        None => None,
        Some(owner) if charts.iter().any(|chart| chart.owner == owner.id) => None,
        Some(_) if charts.len() >= CLIENT_CHARTS => Some(FaultCode::TooManyCharts),
        Some(_) => None,
    }
}

/// The places by their paths. Two of one path are known by none: who knows which is meant?
fn paths(places: &[Location]) -> BTreeMap<String, LocationId> {
    let (mut paths, mut twice) = (BTreeMap::new(), BTreeSet::new());
    for place in places.iter().filter(|place| place.retired_at.is_none()) {
        let path = import::folded_path(&place.path());
        if paths.insert(path.clone(), place.id).is_some() {
            twice.insert(path);
        }
    }
    paths.retain(|path, _| !twice.contains(path));
    // A retired place is named as such, unless another one has taken its name.
    for place in places.iter().filter(|place| place.retired_at.is_some()) {
        paths.entry(import::folded_path(&place.path())).or_insert(place.id);
    }
    paths
}

/// The practitioners who can own a chart, by e-mail address.
async fn owners(call: &Call, wanted: bool) -> Result<BTreeMap<String, Member>, Problem> {
    let organization_id = call.organization_id()?;
    let (mut owners, mut looked_at, mut after) = (BTreeMap::new(), 0_usize, None::<String>);
    if !wanted {
        return Ok(owners);
    }
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), 1_000).await?;
        looked_at = looked_at.saturating_add(page.items.len());
        let practitioners = page.items.into_iter().filter(|member| {
            member.roles.contains(&Role::Practitioner) && member.status != MemberStatus::Suspended
        });
        owners.extend(practitioners.map(|member| (member.email.folded(), member)));
        match page.next {
            Some(next) if looked_at < MEMBERS_LOOKED_AT => after = Some(next),
            _ => return Ok(owners),
        }
    }
}
