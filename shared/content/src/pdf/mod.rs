//! PDF: pages, what in it could run, and the picture of a scanned page.
//!
//! The file is read by looking for its objects rather than by trusting its tables, which finds the same objects in
//! damaged files as in sound ones, and hidden ones too. Streams are unpacked one at a time, each within a limit.

mod document;
mod filter;
mod object;
mod page;

use crate::examination::{PdfFacts, Preview, Warning, WarningCode};
use crate::limits::Limits;
use crate::scan::Scan;
use crate::source::Source;
use document::Document;
use object::Object;

pub(crate) struct Reading {
    pub facts: PdfFacts,
    pub preview: Option<Preview>,
    pub warnings: Vec<Warning>,
}

/// Reads the facts and shows the first page if it is a scan.
pub(crate) fn read(source: &mut Source<'_>, limits: &Limits) -> Reading {
    let mut facts = PdfFacts { version: version(source), ..PdfFacts::default() };
    if source.len() > limits.pdf_bytes {
        return Reading { facts, preview: None, warnings: vec![WarningCode::PartlyExamined.into()] };
    }
    let bytes = source.part(0, limits.pdf_bytes);
    let mut room = limits.layer_bytes();
    let document = Document::open(&bytes, limits, &mut |wanted| spend(&mut room, wanted));
    let found = survey(&document);
    facts.encrypted = document.is_encrypted;
    facts.javascript = found.javascript;
    facts.launch_action = found.launch;
    facts.embedded_files = found.embedded_files;
    facts.has_forms = found.forms;
    let pages = page::pages(&document);
    facts.pages = pages.count;
    let mut warnings = Vec::new();
    if facts.encrypted {
        warnings.push(WarningCode::Encrypted.into());
    }
    if pages.count.is_none() && !facts.encrypted || document.is_cut || document.is_exhausted() {
        warnings.push(WarningCode::Damaged.into());
    }
    let scanned =
        pages.first.filter(|_| !facts.encrypted).and_then(|first| page::scanned(&document, &first, limits));
    facts.scanned = scanned.is_some();
    let preview = scanned.and_then(|scan| page::preview(&document, &scan, limits));
    if facts.scanned && preview.is_none() {
        warnings.push(WarningCode::NoPreview.into());
    }
    Reading { facts, preview, warnings }
}

/// Grants what is left of a budget.
fn spend(room: &mut u64, wanted: u64) -> u64 {
    let granted = wanted.min(*room);
    *room -= granted;
    granted
}

/// The version the header tells.
fn version(source: &mut Source<'_>) -> Option<String> {
    let front = source.part(0, 1024 + 8);
    let at = memchr::memmem::find(&front, b"%PDF-")? + 5;
    let text: String = front
        .get(at..)?
        .iter()
        .map(|byte| char::from(*byte))
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    (text.len() >= 3 && text.len() <= 4).then_some(text)
}

/// What any of the objects says could happen.
#[derive(Debug, Default)]
struct Survey {
    javascript: bool,
    launch: bool,
    forms: bool,
    embedded_files: u32,
}

fn survey(document: &Document<'_>) -> Survey {
    let mut found = Survey::default();
    document.each(|object, stream| {
        let is_file = object.name("Type") == Some("EmbeddedFile");
        found.embedded_files += u32::from(stream && is_file);
        object.visit(&mut |key, value| look(key, value, &mut found));
    });
    found
}

fn look(key: &str, value: &Object, found: &mut Survey) {
    match (key, value) {
        ("S", Object::Name(name)) => match name.as_str() {
            "JavaScript" => found.javascript = true,
            "Launch" | "ImportData" => found.launch = true,
            _ => {}
        },
        ("JS", Object::String | Object::Reference(_)) => found.javascript = true,
        ("AcroForm" | "XFA", _) => found.forms = true,
        _ => {}
    }
}

/// Searches the streams, looks into attached files, and reports what could run.
pub(crate) fn scan(source: &mut Source<'_>, scan: &mut Scan<'_>, depth: u32) {
    let limits = scan.limits();
    if source.len() > limits.pdf_bytes.min(if depth == 0 { u64::MAX } else { limits.layer_bytes() }) {
        scan.note_partly();
        return;
    }
    let bytes = source.part(0, limits.pdf_bytes);
    let document = Document::open(&bytes, limits, &mut |wanted| {
        let granted = wanted.min(scan.room());
        scan.charge(granted);
        granted
    });
    let found = survey(&document);
    if found.javascript {
        scan.active("JavaScript");
    }
    if found.launch {
        scan.active("an action that starts a program or loads data");
    }
    if document.is_encrypted {
        scan.note_encrypted();
    }
    for (object, packed) in document.streams() {
        if !scan.entry() {
            return;
        }
        stream(&object, packed, scan, depth);
    }
    if document.is_cut || document.is_exhausted() {
        scan.note_partly();
    }
}

fn stream(object: &Object, packed: &[u8], scan: &mut Scan<'_>, depth: u32) {
    let filters = filter::names(object);
    let picture = filters
        .iter()
        .any(|name| matches!(name.as_str(), "DCTDecode" | "JPXDecode" | "CCITTFaxDecode" | "JBIG2Decode"));
    if picture {
        return;
    }
    let attached = object.name("Type") == Some("EmbeddedFile");
    if filters.is_empty() {
        // Plain bytes were searched with the file; an attachment has to be looked into all the same.
        if attached {
            scan.bytes(packed, "", depth + 1);
        }
        return;
    }
    let unpacked = filter::decode(object, packed, scan.room());
    if !scan.charge(unpacked.bytes.len() as u64) {
        return;
    }
    if unpacked.is_cut {
        scan.note_partly();
        // A stream that does not end within the room may be a bomb: charge what it would have been.
        scan.charge(scan.limits().layer_bytes());
    }
    if attached {
        scan.bytes(&unpacked.bytes, "", depth + 1);
    } else {
        scan.search(&unpacked.bytes);
    }
}
