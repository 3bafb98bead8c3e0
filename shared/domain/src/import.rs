//! The list of folders that a records room brings with it: what a row says, and what is wrong with one (R031).

use crate::{
    RecordId,
    chart::Section,
    csv::Row,
    limits::IMPORT_ROWS,
    member::Email,
    physical::Barcode,
    record::{Title, check_occurred_on},
    text::Line,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value::Error as ValueError},
};
use std::collections::BTreeSet;

/// The columns of a list; the first row names them, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    FileNumber,
    Title,
    Location,
    Position,
    Barcode,
    Section,
    OccurredOn,
    Owner,
}

impl Column {
    pub const ALL: [Self; 8] = [
        Self::FileNumber,
        Self::Title,
        Self::Location,
        Self::Position,
        Self::Barcode,
        Self::Section,
        Self::OccurredOn,
        Self::Owner,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::FileNumber => "file_number",
            Self::Title => "title",
            Self::Location => "location",
            Self::Position => "position",
            Self::Barcode => "barcode",
            Self::Section => "section",
            Self::OccurredOn => "occurred_on",
            Self::Owner => "owner",
        }
    }

    const fn is_required(self) -> bool {
        matches!(self, Self::FileNumber | Self::Title | Self::Location)
    }
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    Missing,
    Invalid,
    /// The row has more cells than the first row has names.
    TooManyCells,
    /// The same folder or barcode stands in another row.
    DuplicateInFile,
    /// Another folder has the barcode.
    BarcodeTaken,
    UnknownClient,
    ClientClosed,
    UnknownLocation,
    LocationRetired,
    /// No practitioner has this e-mail address.
    UnknownOwner,
    /// The client has several charts: say whose.
    OwnerNeeded,
    /// The client has no chart: say whose is to be opened.
    NoChart,
    /// The client has as many charts as there can be.
    TooManyCharts,
}

impl FaultCode {
    pub const fn message(self) -> &'static str {
        match self {
            Self::Missing => "the cell is empty and must not be",
            Self::Invalid => "the cell cannot be read",
            Self::TooManyCells => "the row has more cells than there are columns",
            Self::DuplicateInFile => "another row says the same",
            Self::BarcodeTaken => "another folder has this barcode",
            Self::UnknownClient => "nobody has this file number",
            Self::ClientClosed => "the file is closed",
            Self::UnknownLocation => "there is no such place",
            Self::LocationRetired => "the place is retired",
            Self::UnknownOwner => "no practitioner has this e-mail address",
            Self::OwnerNeeded => "there are several charts: say whose",
            Self::NoChart => "there is no chart: say whose is to be opened",
            Self::TooManyCharts => "there are as many charts as there can be",
        }
    }
}

/// Something wrong with a row: where, what, and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    pub line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    pub code: FaultCode,
    pub message: &'static str,
}

impl Fault {
    pub const fn new(line: u32, column: Option<Column>, code: FaultCode) -> Self {
        Self { line, column, code, message: code.message() }
    }
}

/// A row that can be read.
#[derive(Clone, Debug)]
pub struct ImportRow {
    pub line: u32,
    pub file_number: Line<40>,
    pub title: Title,
    /// `Main site / Records room / Cabinet 3`, as it is compared.
    pub location: String,
    pub position: Option<Line<80>>,
    pub barcode: Option<Barcode>,
    pub section: Section,
    pub occurred_on: Option<Date>,
    pub owner: Option<Email>,
}

/// A row that was imported, so that it is not imported twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub record_id: RecordId,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ImportError {
    #[error("the first row names the columns; `{0}` is none of them")]
    UnknownColumn(String),
    #[error("the column `{0}` stands there twice")]
    ColumnTwice(&'static str),
    #[error("the column `{0}` is missing")]
    MissingColumn(&'static str),
    #[error("a call takes at most {IMPORT_ROWS} rows")]
    TooManyRows,
    #[error("there are no rows")]
    NoRows,
}

/// A path of places as two of them are compared: case and spaces do not matter.
pub fn folded_path(path: &str) -> String {
    let part = |part: &str| crate::search::fold(part).split_whitespace().collect::<Vec<_>>().join(" ");
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The columns in the order of the first row.
pub fn columns(first: &Row) -> Result<Vec<Column>, ImportError> {
    let mut columns = Vec::new();
    for cell in &first.cells {
        let name = cell.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let column = Column::ALL.into_iter().find(|column| column.name() == name);
        let column = column.ok_or_else(|| ImportError::UnknownColumn(name.chars().take(40).collect()))?;
        if columns.contains(&column) {
            return Err(ImportError::ColumnTwice(column.name()));
        }
        columns.push(column);
    }
    match Column::ALL.into_iter().find(|column| column.is_required() && !columns.contains(column)) {
        Some(missing) => Err(ImportError::MissingColumn(missing.name())),
        None => Ok(columns),
    }
}

/// The columns and the rows under them: one at least, and not too many.
pub fn split(mut rows: Vec<Row>) -> Result<(Vec<Column>, Vec<Row>), ImportError> {
    if rows.is_empty() {
        return Err(ImportError::NoRows);
    }
    let columns = columns(&rows.remove(0))?;
    match rows.len() {
        0 => Err(ImportError::NoRows),
        many if many > IMPORT_ROWS => Err(ImportError::TooManyRows),
        _ => Ok((columns, rows)),
    }
}

impl ImportRow {
    /// Reads a row, or says everything that is wrong with it.
    pub fn read(columns: &[Column], row: &Row, today: Date) -> Result<Self, Vec<Fault>> {
        let mut cells = Cells { columns, row, faults: Vec::new() };
        if row.cells.len() > columns.len() {
            cells.faults.push(Fault::new(row.line, None, FaultCode::TooManyCells));
        }
        let file_number = cells.required(Column::FileNumber, |text| Line::new(text).ok());
        let title = cells.required(Column::Title, |text| Title::new(text).ok());
        let location = cells.required(Column::Location, |text| {
            let path = folded_path(text);
            (text.len() <= 2_000 && path.split('/').all(|part| !part.is_empty())).then_some(path)
        });
        let position = cells.optional(Column::Position, |text| Line::new(text).ok());
        let barcode = cells.optional(Column::Barcode, |text| {
            text.parse().ok().filter(|barcode: &Barcode| barcode.must_be_a_folders().is_ok())
        });
        let section = cells.optional(Column::Section, |text| {
            let text: serde::de::value::StrDeserializer<'_, ValueError> = text.into_deserializer();
            Section::deserialize(text).ok()
        });
        let occurred_on = cells.optional(Column::OccurredOn, |text| {
            text.parse().ok().filter(|day: &Date| check_occurred_on(*day, today).is_ok())
        });
        let owner = cells.optional(Column::Owner, |text| Email::try_from(text.to_owned()).ok());
        match (file_number, title, location, cells.faults) {
            (Some(file_number), Some(title), Some(location), faults) if faults.is_empty() => Ok(Self {
                line: row.line,
                file_number,
                title,
                location,
                position,
                barcode,
                section: section.unwrap_or_default(),
                occurred_on,
                owner,
            }),
            (.., faults) => Err(faults),
        }
    }

    /// All that is said of the folder: two rows that say the same are one.
    pub fn identity(&self) -> String {
        let number = crate::search::Terms::new([], None, self.file_number.as_str(), []).file_number;
        let barcode = self.barcode.as_ref().map(Barcode::as_str).unwrap_or_default();
        let position = self.position.as_ref().map(Line::as_str).unwrap_or_default();
        let day = self.occurred_on.map(|day| day.to_string()).unwrap_or_default();
        let title = crate::search::fold(self.title.as_str());
        let (location, section) = (&self.location, self.section);
        format!("{number}\u{0}{barcode}\u{0}{title}\u{0}{location}\u{0}{position}\u{0}{section:?}\u{0}{day}")
    }
}

struct Cells<'a> {
    columns: &'a [Column],
    row: &'a Row,
    faults: Vec<Fault>,
}

impl Cells<'_> {
    fn optional<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let at = self.columns.iter().position(|known| *known == column)?;
        let text = self.row.cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.faults.push(Fault::new(self.row.line, Some(column), FaultCode::Invalid));
        }
        value
    }

    fn required<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let before = self.faults.len();
        let value = self.optional(column, read);
        if value.is_none() && self.faults.len() == before {
            self.faults.push(Fault::new(self.row.line, Some(column), FaultCode::Missing));
        }
        value
    }
}

/// The rows that say what one before them says; `earlier` is what other parts of the same list have said.
pub fn duplicates<'a>(
    identities: impl IntoIterator<Item = (u32, &'a str)>,
    earlier: &BTreeSet<String>,
) -> Vec<u32> {
    let mut seen: BTreeSet<&str> = earlier.iter().map(String::as_str).collect();
    identities.into_iter().filter(|(_, identity)| !seen.insert(identity)).map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 3, 1);

    fn read(text: &str) -> Vec<Result<ImportRow, Vec<Fault>>> {
        let (columns, rows) = split(csv::parse(text).unwrap()).unwrap();
        rows.iter().map(|row| ImportRow::read(&columns, row, TODAY)).collect()
    }

    #[test]
    fn the_first_row_names_the_columns() {
        let refused = |text: &str| split(csv::parse(text).unwrap()).unwrap_err();
        assert_eq!(refused(""), ImportError::NoRows);
        assert_eq!(refused("file_number,title,location"), ImportError::NoRows);
        assert_eq!(refused("file_number,title\n1,2"), ImportError::MissingColumn("location"));
        assert_eq!(refused("title,Title,location\n1,2,3"), ImportError::ColumnTwice("title"));
        assert_eq!(refused("colour\n1"), ImportError::UnknownColumn("colour".into()));
        assert!(split(csv::parse("Location,File Number,Title\nA,1,B").unwrap()).is_ok());
    }

    #[test]
    fn a_bad_row_says_where_and_what() {
        let text = "file_number,title,location,barcode,section,occurred_on,owner\n\
                    1,Chart,Main / Room,B-1,documents,2020-01-01,amara@north.example\n\
                    ,Chart,Main,a b,attic,2030-01-01,amara\n\
                    2,Chart,Main//Room,,,,,,\n";
        let rows = read(text);
        let first = rows[0].as_ref().unwrap();
        assert_eq!((first.line, first.location.as_str()), (2, "main/room"));
        let faults = rows[1].as_ref().unwrap_err();
        let told: Vec<_> =
            faults.iter().map(|fault| (fault.line, fault.column.unwrap(), fault.code)).collect();
        assert_eq!(told[0], (3, Column::FileNumber, FaultCode::Missing));
        let invalid = [Column::Barcode, Column::Section, Column::OccurredOn, Column::Owner];
        assert_eq!(told[1..], invalid.map(|column| (3, column, FaultCode::Invalid)));
        let faults = rows[2].as_ref().unwrap_err();
        assert_eq!((faults[0].column, faults[0].code), (None, FaultCode::TooManyCells));
        assert_eq!((faults[1].column, faults[1].code), (Some(Column::Location), FaultCode::Invalid));
    }

    #[test]
    fn a_place_is_known_by_its_path_however_it_is_typed() {
        assert_eq!(folded_path("Main  site /RECORDS Room"), folded_path("main site / Records room"));
    }

    proptest! {
        /// The same row twice is one folder; another file number or barcode makes it another.
        #[test]
        fn a_row_is_known_by_what_it_says(number in "[0-9]{1,8}", title in "[a-z]{1,12}", barcode in "[A-Z0-9]{0,8}") {
            let row = |number: &str, barcode: &str| {
                let text = format!("file_number,title,location,barcode\n{number},{title},Main,{barcode}\n");
                read(&text).remove(0).unwrap().identity()
            };
            prop_assert_eq!(row(&number, &barcode), row(&number, &barcode));
            prop_assert_ne!(row(&number, &barcode), row(&format!("{number}0"), &barcode));
            prop_assert_ne!(row(&number, &barcode), row(&number, &format!("{barcode}X")));
            let same = row(&number, &barcode);
            prop_assert_eq!(duplicates([(2, same.as_str()), (3, same.as_str())], &BTreeSet::new()), [3]);
            prop_assert_eq!(duplicates([(2, same.as_str())], &BTreeSet::from([same.clone()])), [2]);
        }
    }
}
