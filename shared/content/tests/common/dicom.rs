//! DICOM files, written by another library so that the reader is not checked against its own mistakes.

#![allow(dead_code, reason = "each test binary uses its own part of the makers")]

use dicom_core::{DataElement, PrimitiveValue, VR, value::PixelFragmentSequence};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
pub const JPEG: &str = "1.2.840.10008.1.2.4.50";

/// What to write about an image of grey words.
pub struct Grey<'a> {
    pub photometric: &'a str,
    pub rows: u16,
    pub columns: u16,
    pub pixels: Vec<u16>,
    pub window: Option<(&'a str, &'a str)>,
}

pub fn base(modality: &str) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::from("ISO_IR 192")),
        DataElement::new(tags::SOP_CLASS_UID, VR::UI, PrimitiveValue::from("1.2.840.10008.5.1.4.1.1.1.3")),
        DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, PrimitiveValue::from("1.2.3.4")),
        DataElement::new(tags::STUDY_DATE, VR::DA, PrimitiveValue::from("20240229")),
        DataElement::new(tags::MODALITY, VR::CS, PrimitiveValue::from(modality)),
        DataElement::new(tags::PATIENT_NAME, VR::PN, PrimitiveValue::from("Müller^Anna=山田^太郎")),
        DataElement::new(tags::PATIENT_ID, VR::LO, PrimitiveValue::from("P-0042")),
        DataElement::new(tags::PATIENT_BIRTH_DATE, VR::DA, PrimitiveValue::from("19800203")),
        DataElement::new(tags::PATIENT_SEX, VR::CS, PrimitiveValue::from("F")),
        DataElement::new(tags::BODY_PART_EXAMINED, VR::CS, PrimitiveValue::from("JAW")),
        DataElement::new(tags::STUDY_INSTANCE_UID, VR::UI, PrimitiveValue::from("1.2.3")),
        DataElement::new(tags::SERIES_INSTANCE_UID, VR::UI, PrimitiveValue::from("1.2.3.5")),
    ])
}

fn layout(
    object: &mut InMemDicomObject,
    samples: u16,
    photometric: &str,
    rows: u16,
    columns: u16,
    bits: u16,
) {
    object.put(DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, PrimitiveValue::from(samples)));
    object.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, PrimitiveValue::from(photometric)));
    object.put(DataElement::new(tags::ROWS, VR::US, PrimitiveValue::from(rows)));
    object.put(DataElement::new(tags::COLUMNS, VR::US, PrimitiveValue::from(columns)));
    object.put(DataElement::new(tags::BITS_ALLOCATED, VR::US, PrimitiveValue::from(bits)));
    object.put(DataElement::new(tags::BITS_STORED, VR::US, PrimitiveValue::from(bits)));
    object.put(DataElement::new(tags::HIGH_BIT, VR::US, PrimitiveValue::from(bits - 1)));
    object.put(DataElement::new(tags::PIXEL_REPRESENTATION, VR::US, PrimitiveValue::from(0u16)));
}

pub fn grey(image: &Grey<'_>) -> InMemDicomObject {
    let mut object = base("IO");
    layout(&mut object, 1, image.photometric, image.rows, image.columns, 16);
    if let Some((center, width)) = image.window {
        object.put(DataElement::new(tags::WINDOW_CENTER, VR::DS, PrimitiveValue::from(center)));
        object.put(DataElement::new(tags::WINDOW_WIDTH, VR::DS, PrimitiveValue::from(width)));
    }
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(image.pixels.clone().into())));
    object
}

pub fn colour(image: &image::RgbImage) -> InMemDicomObject {
    let mut object = base("XC");
    layout(&mut object, 3, "RGB", image.height() as u16, image.width() as u16, 8);
    object.put(DataElement::new(tags::PLANAR_CONFIGURATION, VR::US, PrimitiveValue::from(0u16)));
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(image.as_raw().clone().into())));
    object
}

pub fn jpeg(jpeg: Vec<u8>, width: u16, height: u16) -> InMemDicomObject {
    let mut object = base("XC");
    layout(&mut object, 3, "YBR_FULL_422", height, width, 8);
    object.put(DataElement::new(
        tags::PIXEL_DATA,
        VR::OB,
        PixelFragmentSequence::new(vec![0u32], vec![jpeg]),
    ));
    object
}

pub fn file(object: InMemDicomObject, transfer_syntax: &str) -> Vec<u8> {
    let meta = FileMetaTableBuilder::new().transfer_syntax(transfer_syntax);
    let mut out = Vec::new();
    object.with_meta(meta).unwrap().write_all(&mut out).unwrap();
    out
}

/// Only the data set, as old devices send it.
pub fn bare(bytes: &[u8]) -> Vec<u8> {
    let file = dicom_object::from_reader(bytes).unwrap();
    let mut out = Vec::new();
    file.write_dataset(&mut out).unwrap();
    out
}

pub fn meta(transfer_syntax: &str) -> Vec<u8> {
    let mut out = vec![0; 128];
    out.extend(b"DICM\x02\0\x10\0UI");
    out.extend(u16::try_from(transfer_syntax.len()).unwrap().to_le_bytes());
    out.extend(transfer_syntax.as_bytes());
    if transfer_syntax.len() % 2 == 1 {
        let at = out.len() - transfer_syntax.len() - 2;
        out[at] += 1;
        out.push(0);
    }
    out
}

/// An implicit data set under a syntax that promises explicit ones: read as told, text becomes a length of a gigabyte.
pub fn implicit_under_explicit() -> Vec<u8> {
    let mut out = meta(JPEG);
    let mut element = |tag: [u8; 4], value: &[u8]| {
        out.extend(tag);
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
    };
    element([8, 0, 8, 0], b"DERIVED\\SECONDARY\\OTHER ");
    element([8, 0, 0x16, 0], b"1.2.840.10008.5.1.4.1.1.7\0");
    element([8, 0, 0x60, 0], b"OT");
    element([0x10, 0, 0x10, 0], b"Doe^Jane");
    out
}

/// A sequence of unknown kind whose items are implicit in an explicit data set.
pub fn unknown_sequence() -> Vec<u8> {
    let mut out = meta("1.2.840.10008.1.2.4.70");
    out.extend(b"\x0c\0\x10\x53UN\0\0\xff\xff\xff\xff");
    for _ in 0..3 {
        out.extend(b"\xfe\xff\0\xe0\xff\xff\xff\xff\x08\0\x15\x11\xff\xff\xff\xff");
    }
    out.extend(b"\xfe\xff\0\xe0\xff\xff\xff\xff\x08\0\x50\x11\x08\0\0\x001.2.840\0");
    for _ in 0..4 {
        out.extend(b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
    }
    out.extend(b"\x10\0\x10\0PN\x08\0Doe^Jane");
    out
}
