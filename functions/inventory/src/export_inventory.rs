//! Gives the inventory of a place, or what is overdue of it, as text that spreadsheets read, page by page (R032, R033).

use crate::rows::{self, Asked, ClosedRow, Inventory, InventoryRow};
use api::{Call, Cursor, Operation, Outcome, Paging, Reply, view::local};
use authz::Action;
use domain::{
    csv,
    physical::{Barcode, FolderState},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation = Operation::get(
    "export_inventory",
    "/locations/{location_id}/inventory",
    Action::ExportInventory,
    Kind::InventoryExported,
)
.purpose(Purpose::RecordsManagement)
.summary("Export the inventory of a place as comma-separated values (R032)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExportInventoryInput")]
pub struct Input {
    /// Whether clients are named, masked, to who may see them.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    names: bool,
    /// Only folders that are checked out and should be back since before today (R033); of those that are closed to the
    /// caller none.
    #[serde(default, deserialize_with = "crate::query::flag")]
    #[schemars(with = "bool")]
    overdue: bool,
    /// Folders on the page: 1 to 100, 100 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// One page: what all pages say, one behind the other, is one file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportInventoryOutput")]
pub struct Output {
    /// A name for the file, by place and day.
    file_name: String,
    csv: String,
    rows: usize,
    next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit.or(Some(100)), input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let asked = Asked { names: input.names, overdue: input.overdue };
    let Inventory { loaded, place, folders, closed, next } =
        rows::inventory(&call, (limit, after.as_deref()), asked).await?;
    let taken_at = local(call.now, &loaded.organization);
    let mut text = String::new();
    if after.is_none() {
        text.push_str(&csv::line(columns(input.names)));
    }
    folders.iter().for_each(|row| text.push_str(&line(row, &taken_at, input.names)));
    closed.iter().for_each(|row| text.push_str(&label(row, &taken_at, input.names)));
    let words: String = place.path().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let which = if input.overdue { "overdue" } else { "inventory" };
    Ok(Reply::with(Output {
        file_name: format!("{which}-{words}-{}.csv", call.today(&loaded.organization)),
        csv: text,
        rows: folders.len().saturating_add(closed.len()),
        next,
    }))
}

fn columns(names: bool) -> Vec<&'static str> {
    let mut columns = vec![
        "location",
        "position",
        "shelf_label",
        "file_number",
        "section",
        "day",
        "barcode",
        "state",
        "custodian",
        "due_on",
        "digitised",
        "record_id",
        "taken_at",
    ];
    if names {
        columns.push("client");
    }
    columns
}

fn line(row: &InventoryRow, taken_at: &str, names: bool) -> String {
    let due_on = match &row.folder.state {
        FolderState::CheckedOut { due_on, .. } => due_on.to_string(),
        _ => String::new(),
    };
    let section = serde_json::to_value(row.section).ok();
    let (day, record) = (row.occurred_on.to_string(), row.record_id.to_string());
    let mut cells = vec![
        row.folder.location.as_deref().unwrap_or_default(),
        row.folder.position.as_deref().unwrap_or_default(),
        &row.shelf_label.text,
        &row.file_number,
        section.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default(),
        &day,
        row.folder.barcode.as_ref().map(Barcode::as_str).unwrap_or_default(),
        row.folder.state.name(),
        row.custodian.as_deref().unwrap_or_default(),
        &due_on,
        if row.digitised { "yes" } else { "no" },
        &record,
        taken_at,
    ];
    if names {
        cells.push(row.client_name.as_deref().unwrap_or_default());
    }
    csv::line(cells)
}

/// The line of a folder that is closed to the caller: what they can read on it, and nothing it stands for.
fn label(row: &ClosedRow, taken_at: &str, names: bool) -> String {
    let barcode = row.barcode.as_ref().map(Barcode::as_str).unwrap_or_default();
    let cells = columns(names).into_iter().map(|column| match column {
        "barcode" => barcode,
        "taken_at" => taken_at,
        _ => "",
    });
    csv::line(cells)
}
