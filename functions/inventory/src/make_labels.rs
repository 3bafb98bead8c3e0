//! Gives what labels on folders and places say: the text of the barcode, the lines below it, and the coloured bands
//! of the filing scheme (R035). No label names a client unless that is asked for by who may see them.

use crate::{handling, rows::Around};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, LocationId, RecordId,
    chart::Chart,
    filing::ShelfLabel,
    limits::LABELS,
    physical::{Barcode, Location},
    purpose::Purpose,
    record::Record,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Key, keys};

pub static OPERATION: Operation =
    Operation::post("make_labels", "/labels", Action::MakeLabels, Kind::LabelsMade)
        .success(200)
        .purpose(Purpose::RecordsManagement)
        .summary("Get what labels on folders and places say (R035)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MakeLabelsInput")]
pub struct Input {
    #[serde(default)]
    folders: Vec<FolderRef>,
    #[serde(default)]
    locations: Vec<LocationId>,
    /// Whether clients are named, masked, to who may see them.
    #[serde(default)]
    names: bool,
}

/// A folder, by its record.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderRef {
    chart_id: ChartId,
    record_id: RecordId,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MakeLabelsOutput")]
pub struct Output {
    labels: Vec<Label>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Label {
    Folder {
        chart_id: ChartId,
        record_id: RecordId,
        /// Absent while the folder has none: `label_folder` makes one.
        #[serde(skip_serializing_if = "Option::is_none")]
        barcode: Option<Barcode>,
        shelf_label: ShelfLabel,
        /// From the top.
        lines: Vec<String>,
    },
    Location {
        location_id: LocationId,
        barcode: Barcode,
        lines: Vec<String>,
    },
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let wanted = input.folders.len().saturating_add(input.locations.len());
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    if wanted == 0 || wanted > LABELS {
        let detail = format!("name from 1 to {LABELS} folders and places");
        return Err(Problem::unprocessable("invalid_labels", detail));
    }
    let records = folders(&call, &loaded, &input.folders).await?;
    let clients = records.iter().map(|record| record.client_id).collect();
    let mut places: std::collections::BTreeSet<LocationId> = input.locations.iter().copied().collect();
    for record in &records {
        places.insert(handling::folder(record)?.location_id);
    }
    let around = Around::of(&call, &loaded, &permit, &clients, &places).await?;

    let mut labels = Vec::new();
    for record in &records {
        let name = if input.names { around.name(&call, &loaded, record.client_id)? } else { None };
        labels.push(of_folder(record, &around, name)?);
    }
    for id in &input.locations {
        labels.push(of_place(around.places.get(id).ok_or_else(Problem::not_found)?));
    }
    let fact = Fact::new().detail("folders", records.len()).detail("locations", input.locations.len());
    call.witness(&permit, fact.detail("names", input.names)).await?;
    Ok(Reply::with(Output { labels }))
}

/// The records of the folders, all of which the caller handles or reads.
async fn folders(call: &Call, loaded: &Loaded, folders: &[FolderRef]) -> Result<Vec<Record>, Problem> {
    let keys: Vec<(Key<Chart>, Key<Record>)> = folders
        .iter()
        .map(|one| (keys::chart(one.chart_id), keys::record(one.chart_id, one.record_id)))
        .collect();
    let wanted = keys.iter().flat_map(|(chart, record)| [chart.any(), record.any()]);
    let found = call.system.store.fetch_all(wanted).await?;
    let mut records = Vec::new();
    for (chart, record) in &keys {
        let (chart, record): (Option<Chart>, Option<Record>) = (found.get(chart)?, found.get(record)?);
        let (chart, record) = chart.zip(record).ok_or_else(Problem::not_found)?;
        if !call.may(loaded, Action::ListCustody, Resource::Record(&record, &chart))? {
            return Err(Problem::not_found());
        }
        records.push(record);
    }
    Ok(records)
}

fn of_folder(record: &Record, around: &Around, name: Option<String>) -> Result<Label, Problem> {
    let folder = handling::folder(record)?;
    let shelf_label = around.shelf_label(record, folder.location_id);
    let file_number = around.file_number(record.client_id);
    let mut lines = vec![shelf_label.text.clone()];
    if file_number != shelf_label.text {
        lines.push(file_number);
    }
    lines.extend(name);
    Ok(Label::Folder {
        chart_id: record.chart_id,
        record_id: record.id,
        barcode: folder.barcode.clone(),
        shelf_label,
        lines,
    })
}

fn of_place(place: &Location) -> Label {
    let around: Vec<&str> = place.within.iter().map(|step| step.name.as_str()).collect();
    let mut lines = vec![place.name.to_string()];
    if !around.is_empty() {
        lines.push(around.join(" / "));
    }
    Label::Location { location_id: place.id, barcode: Barcode::of_location(place.id), lines }
}
