//! Checks a part of a list of folders before anything is imported: what cannot be read, who is not known, what stands
//! there twice, in this part, in an earlier one, or in the table already (R031).

use crate::importing::{self, Known};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    ImportId,
    import::{Column, Fault, FaultCode, ImportRow, duplicates},
    limits::IMPORT_DAYS,
    purpose::Purpose,
};
use evidence::Kind;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Change, ImportPart, keys};

pub static OPERATION: Operation =
    Operation::post("validate_import", "/imports/validation", Action::ValidateImport, Kind::ImportValidated)
        .success(200)
        .purpose(Purpose::RecordsManagement)
        .summary("Check a part of a list of folders before its import (R031)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ValidateImportInput")]
pub struct Input {
    /// Comma-separated values; the first row names the columns, 1,000 rows at most are below it.
    csv: String,
    /// The line of the whole list on which the first row below the names stands; 2 unless given.
    #[serde(default)]
    first_line: Option<u32>,
    /// As the first part's answer gave it, so that the parts are checked against each other.
    #[serde(default)]
    import_id: Option<ImportId>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ValidateImportOutput")]
pub struct Output {
    /// To be sent with the next parts of the same list.
    import_id: ImportId,
    rows: usize,
    /// Rows that can be imported.
    good: usize,
    /// Rows that were imported already, and will not be twice.
    imported: usize,
    /// In the order of their lines.
    faults: Vec<Fault>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let part = importing::read(&call, &loaded, &input.csv, input.first_line)?;
    let import_id = input.import_id.unwrap_or_else(|| call.new_id());
    let (known, parts) = tokio::try_join!(Known::of(&call, &loaded, &part.readable), async {
        Ok(call.system.store.import_parts(organization_id, import_id).await?)
    })?;
    let first_line = input.first_line.unwrap_or(2);
    let earlier: BTreeSet<String> = parts
        .into_iter()
        .filter(|other| other.first_line != first_line)
        .flat_map(|other| other.said)
        .collect();

    let said: Vec<(u32, Column, String)> = part.readable.iter().map(|row| said(&known, row)).collect();
    let mut faults = part.faults;
    for wanted in [Column::Title, Column::Barcode] {
        let of_one = said.iter().filter(|(_, column, _)| *column == wanted);
        let twice = duplicates(of_one.map(|(line, _, digest)| (*line, digest.as_str())), &earlier);
        let fault = |line| Fault::new(line, Some(wanted), FaultCode::DuplicateInFile);
        faults.extend(twice.into_iter().map(fault));
    }
    let mut imported = 0_usize;
    for row in &part.readable {
        if known.imported(row).is_some() {
            imported = imported.saturating_add(1);
        } else if let Err(wrong) = known.target(row) {
            faults.extend(wrong);
        }
    }
    faults.sort_by_key(|fault| (fault.line, fault.column, fault.code));
    let bad: BTreeSet<u32> = faults.iter().map(|fault| fault.line).collect();

    let entry = ImportPart {
        first_line,
        said: said.into_iter().map(|(_, _, digest)| digest).collect(),
        forgotten_at: forgotten_at(call.now),
    };
    let key = keys::import_part(organization_id, import_id, first_line);
    let change = Change::new().set("import part", &key, &entry);
    let good = part.rows.saturating_sub(bad.len());
    let fact = Fact::new().detail("import_id", import_id).detail("rows", part.rows).detail("good", good);
    let output = Output { import_id, rows: part.rows, good, imported, faults };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

/// What a row says that no other row may say, as a digest that means nothing without the organization's key.
fn said(known: &Known, row: &ImportRow) -> (u32, Column, String) {
    let (column, text) = match &row.barcode {
        Some(barcode) => (Column::Barcode, format!("barcode\u{0}{}", barcode.as_str())),
        None => (Column::Title, format!("row\u{0}{}", row.identity())),
    };
    (row.line, column, known.index.digest(&text))
}

fn forgotten_at(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * IMPORT_DAYS)).unwrap_or(Timestamp::MAX)
}
