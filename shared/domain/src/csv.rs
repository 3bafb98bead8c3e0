//! Lists of folders as spreadsheets write and read them: comma-separated values (RFC 4180).

use std::fmt::Write as _;

/// One row and the line it begins on, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u32,
    pub cells: Vec<String>,
}

#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CsvError {
    #[error("a quoted cell that begins on line {0} does not end")]
    Unended(u32),
    #[error("line {0} has something behind a quoted cell")]
    BehindQuote(u32),
}

/// The rows of a text; empty lines are none.
pub fn parse(text: &str) -> Result<Vec<Row>, CsvError> {
    let mut rows = Vec::new();
    let (mut cells, mut cell, mut line, mut begun) = (Vec::new(), String::new(), 1_u32, 1_u32);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if cell.is_empty() => {
                cell = quoted(&mut chars, &mut line)?;
                match chars.peek() {
                    None | Some(',' | '\n' | '\r') => {}
                    Some(_) => return Err(CsvError::BehindQuote(line)),
                }
            }
            ',' => cells.push(std::mem::take(&mut cell)),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                cells.push(std::mem::take(&mut cell));
                end(&mut rows, &mut cells, begun);
                line = line.saturating_add(1);
                begun = line;
            }
            other => cell.push(other),
        }
    }
    cells.push(cell);
    end(&mut rows, &mut cells, begun);
    Ok(rows)
}

fn end(rows: &mut Vec<Row>, cells: &mut Vec<String>, line: u32) {
    let cells = std::mem::take(cells);
    if cells.iter().any(|cell| !cell.trim().is_empty()) {
        rows.push(Row { line, cells });
    }
}

/// The rest of a quoted cell; two quotes in it are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, line: &mut u32) -> Result<String, CsvError> {
    let (begun, mut cell) = (*line, String::new());
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => return Ok(cell),
            other => {
                if other == '\n' {
                    *line = line.saturating_add(1);
                }
                cell.push(other);
            }
        }
    }
    Err(CsvError::Unended(begun))
}

/// One row as text, with the end of its line. A cell that a spreadsheet would take for a formula is made text.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let cell = if risky { format!("'{cell}") } else { cell.to_owned() };
        if cell.contains(['"', ',', '\n', '\r']) || cell.trim() != cell {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_know_their_lines() {
        let rows = parse("\u{feff}a,b\r\n\r\n\"x\ny\",\"say \"\"no\"\"\"\nz,\n").unwrap();
        let told: Vec<(u32, Vec<&str>)> =
            rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect();
        assert_eq!(told, [(1, vec!["a", "b"]), (3, vec!["x\ny", "say \"no\""]), (5, vec!["z", ""])]);
        assert_eq!(parse("a\n\"b\n"), Err(CsvError::Unended(2)));
        assert_eq!(parse("\"a\"b"), Err(CsvError::BehindQuote(1)));
        assert_eq!(line(["=1+1", "a,b"]), "'=1+1,\"a,b\"\r\n");
    }

    proptest! {
        /// Whatever is written reads back, and whatever comes in is read or refused, without an end in between.
        #[test]
        fn what_is_written_reads_back(cells in prop::collection::vec("[a-z\"',;\n äé]{1,12}", 1..6), noise in "\\PC{0,200}") {
            let text = line(cells.iter().map(String::as_str));
            let rows = parse(&text).unwrap();
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                prop_assert_eq!(&rows[0].cells, &cells);
            }
            let _ = parse(&noise);
        }
    }
}
