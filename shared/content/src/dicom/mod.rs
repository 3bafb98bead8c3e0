//! DICOM: what an X-ray or dental image says about itself, and what it shows (R006, R017).

mod charset;
mod facts;
mod jpegls;
mod patient;
mod pixels;
mod render;
mod rle;
mod tag;
mod walk;

pub use facts::{DicomFacts, Directory, Patient, PatientName};
pub use patient::{
    Difference, Mismatch, PatientMatch, Person, compare_client, compare_patient, judge_patient,
};

use crate::examination::{Facts, Preview, Warning, WarningCode};
use crate::limits::Limits;
use crate::scan::{self, Inflated};
use crate::source::{Source, has};
use std::io::Cursor;
use walk::{EXPLICIT, Encoding};

const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const PREAMBLE_BYTES: u64 = 128;

/// What reading a DICOM file gave.
pub(crate) struct Reading {
    pub facts: Facts,
    pub preview: Option<Preview>,
    pub warnings: Vec<Warning>,
}

/// Something packed into a DICOM file, still to be searched for dangers.
pub(crate) struct Inner {
    pub bytes: Vec<u8>,
    /// A document of another type, as against the data set itself.
    pub is_document: bool,
    /// What unpacking it cost.
    pub inflated_bytes: u64,
    pub is_cut: bool,
}

/// Whether the file is DICOM: by its mark, or, without a preamble, by elements that make sense.
pub(crate) fn is_dicom(source: &mut Source<'_>) -> bool {
    let marked = source.exact::<4>(PREAMBLE_BYTES).is_some_and(|mark| &mark == b"DICM");
    if marked {
        return true;
    }
    // The first element of a data set has a low group; a meta group may stand without its preamble.
    let head = source.part(0, 8);
    let start = match head.as_slice() {
        [b'D', b'I', b'C', b'M', ..] => 4,
        [2 | 8, 0, _, _, ..] | [0, 2 | 8, _, _, ..] => 0,
        _ => return false,
    };
    walk::is_plausible(source, start, 4)
}

/// The data set of a file, unpacked if it was deflated.
struct Opened {
    meta: facts::Values,
    at: u64,
    encoding: Encoding,
    inflated: Option<Inflated>,
}

fn open(source: &mut Source<'_>, limits: &Limits) -> Opened {
    let start = data_start(source);
    let (meta, at) = walk::walk_meta(source, start);
    let syntax = meta.get(&tag::TRANSFER_SYNTAX).map(|value| facts::text(value)).unwrap_or_default();
    let seen = walk::recognise(source, at);
    // Some writers name the deflated syntax and forget to deflate.
    if syntax == DEFLATED && seen.is_none_or(|encoding| !encoding.explicit) {
        let packed = source.part(at, limits.layer_bytes());
        let inflated = scan::inflate_raw(&packed, limits.layer_bytes());
        return Opened { meta, at: 0, encoding: EXPLICIT, inflated: Some(inflated) };
    }
    Opened { meta, at, encoding: seen.unwrap_or_else(|| encoding_of(&syntax)), inflated: None }
}

/// Reads facts and renders a preview.
pub(crate) fn read(source: &mut Source<'_>, limits: &Limits) -> Reading {
    let opened = open(source, limits);
    match opened.inflated {
        None => read_set(source, opened.at, opened.encoding, &opened.meta, limits),
        Some(inflated) => {
            let mut file = Cursor::new(inflated.bytes);
            let mut reading = read_set(&mut Source::new(&mut file), 0, EXPLICIT, &opened.meta, limits);
            if inflated.is_cut {
                reading.warnings.push(WarningCode::PartlyExamined.into());
            }
            reading
        }
    }
}

/// What is packed into the file: the deflated data set, an encapsulated document.
pub(crate) fn inner(source: &mut Source<'_>, limits: &Limits) -> Vec<Inner> {
    let opened = open(source, limits);
    let document = |source: &mut Source<'_>, at, encoding| {
        let set = walk::walk(source, at, encoding, limits);
        let (at, len) = set.document?;
        let bytes = source.part(at, len.min(limits.layer_bytes()));
        Some(Inner { bytes, is_document: true, inflated_bytes: 0, is_cut: len > limits.layer_bytes() })
    };
    let Some(inflated) = opened.inflated else {
        return document(source, opened.at, opened.encoding).into_iter().collect();
    };
    let mut file = Cursor::new(inflated.bytes);
    let found = document(&mut Source::new(&mut file), 0, opened.encoding);
    let bytes = file.into_inner();
    let inflated_bytes = bytes.len() as u64;
    let set = Inner { bytes, is_document: false, inflated_bytes, is_cut: inflated.is_cut };
    std::iter::once(set).chain(found).collect()
}

fn data_start(source: &mut Source<'_>) -> u64 {
    let head = source.part(0, PREAMBLE_BYTES + 4);
    if has(&head, 128, b"DICM") {
        PREAMBLE_BYTES + 4
    } else if head.starts_with(b"DICM") {
        4
    } else {
        0
    }
}

fn encoding_of(syntax: &str) -> Encoding {
    match syntax {
        "1.2.840.10008.1.2" => walk::IMPLICIT,
        BIG_ENDIAN => Encoding { explicit: true, big_endian: true },
        _ => EXPLICIT,
    }
}

fn read_set(
    source: &mut Source<'_>,
    at: u64,
    encoding: Encoding,
    meta: &facts::Values,
    limits: &Limits,
) -> Reading {
    let set = walk::walk(source, at, encoding, limits);
    let facts = facts::gather(&set, meta);
    let mut warnings = Vec::new();
    if set.damaged {
        warnings.push(WarningCode::Damaged.into());
    }
    if facts.burned_in_annotation == Some(true) {
        warnings.push(WarningCode::BurnedInAnnotation.into());
    }
    let preview = render::preview(source, &set, &facts, limits);
    if preview.is_none() && set.pixels.is_some() {
        warnings.push(WarningCode::NoPreview.into());
    }
    Reading { facts: Facts::Dicom(Box::new(facts)), preview, warnings }
}
