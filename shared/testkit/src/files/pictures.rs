//! Pictures: an X-ray as a device sends it, and a photo as a telephone takes it.

use super::{Patient, TestFile};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::jpeg::JpegEncoder};

/// Rows and columns of the X-ray.
const EDGE: u16 = 512;

/// A digital X-ray of a chest: 512 by 512 pixels of 12 bits in 16, uncompressed.
pub fn xray(patient: &Patient<'_>) -> TestFile {
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let object = InMemDicomObject::from_element_iter([
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"),
        text(tags::SOP_CLASS_UID, VR::UI, uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION),
        text(tags::SOP_INSTANCE_UID, VR::UI, "2.25.102030405060708090"),
        text(tags::STUDY_DATE, VR::DA, "20260914"),
        text(tags::STUDY_TIME, VR::TM, "101500"),
        text(tags::MODALITY, VR::CS, "DX"),
        text(tags::MANUFACTURER, VR::LO, "Example Imaging"),
        text(tags::STUDY_DESCRIPTION, VR::LO, "Chest PA"),
        text(tags::PATIENT_NAME, VR::PN, patient.name),
        text(tags::PATIENT_ID, VR::LO, patient.id),
        text(tags::PATIENT_BIRTH_DATE, VR::DA, patient.birth_date),
        text(tags::PATIENT_SEX, VR::CS, "O"),
        text(tags::BODY_PART_EXAMINED, VR::CS, "CHEST"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, "2.25.102030405060708091"),
        text(tags::SERIES_INSTANCE_UID, VR::UI, "2.25.102030405060708092"),
        number(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        number(tags::ROWS, EDGE),
        number(tags::COLUMNS, EDGE),
        number(tags::BITS_ALLOCATED, 16),
        number(tags::BITS_STORED, 12),
        number(tags::HIGH_BIT, 11),
        number(tags::PIXEL_REPRESENTATION, 0),
        text(tags::WINDOW_CENTER, VR::DS, "2048"),
        text(tags::WINDOW_WIDTH, VR::DS, "4096"),
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(shadows().into())),
    ]);
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut bytes = Vec::new();
    let file = object.with_meta(meta).expect("a complete object");
    file.write_all(&mut bytes).expect("memory takes it");
    TestFile::new("chest-pa.dcm", "application/dicom", bytes)
}

/// A bright gradient with two dark lungs.
fn shadows() -> Vec<u16> {
    let edge = u32::from(EDGE);
    let lung = |x: u32, y: u32, middle: u32| {
        let (across, along) = (x.abs_diff(middle), y.abs_diff(edge / 2));
        across * across * 4 + along * along < 150 * 150
    };
    let pixel = |at: u32| {
        let (x, y) = (at % edge, at / edge);
        let dark = lung(x, y, 150) || lung(x, y, 362);
        let light = (x + y) * 4095 / (2 * edge);
        u16::try_from(if dark { light / 3 } else { light }).expect("twelve bits")
    };
    (0..edge * edge).map(pixel).collect()
}

/// A photo from a telephone held upright: turned by its EXIF orientation, with the place it was taken at.
pub fn photo(width: u32, height: u32) -> TestFile {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 85);
    encoder.set_exif_metadata(exif()).expect("a jpeg holds exif");
    let picture = skin(width, height);
    encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8).expect("memory takes it");
    TestFile::new("rash-left-arm.jpg", "image/jpeg", bytes)
}

/// A JPEG without anything around it, as scanners put it into a page.
pub(super) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 80);
    encoder
        .write_image(&skin(width, height), width, height, ExtendedColorType::Rgb8)
        .expect("memory takes it");
    bytes
}

fn skin(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let spot = (x / 24 + y / 24) % 5 == 0;
        let shade = u8::try_from(x * 60 / width.max(1)).unwrap_or(0);
        if spot { image::Rgb([214, 96, 90]) } else { image::Rgb([230 - shade, 190 - shade, 170 - shade]) }
    })
}

/// A TIFF of one directory, and of one for the place: what cameras put in front of a JPEG.
fn exif() -> Vec<u8> {
    let (ascii, short, long, rational) = (2_u16, 3_u16, 4_u16, 5_u16);
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    // Offsets from the start: 8 + 2 + 3 * 12 + 4 = 50 for the place, 50 + 2 + 4 * 12 + 4 = 104 for its numbers.
    let first = [
        entry(0x0112, short, 1, [6, 0, 0, 0]),
        entry(0x0132, ascii, 20, 152_u32.to_le_bytes()),
        entry(0x8825, long, 1, 50_u32.to_le_bytes()),
    ];
    let place = [
        entry(0x0001, ascii, 2, *b"N\0\0\0"),
        entry(0x0002, rational, 3, 104_u32.to_le_bytes()),
        entry(0x0003, ascii, 2, *b"E\0\0\0"),
        entry(0x0004, rational, 3, 128_u32.to_le_bytes()),
    ];
    let degrees =
        |parts: [u32; 3]| parts.iter().flat_map(|part| [*part, 1]).flat_map(u32::to_le_bytes).collect();
    let latitude: Vec<u8> = degrees([48, 8, 14]);
    let longitude: Vec<u8> = degrees([11, 34, 31]);
    let directory = |entries: &[Vec<u8>]| {
        let count = u16::try_from(entries.len()).expect("few entries").to_le_bytes();
        [&count[..], &entries.concat(), &[0; 4]].concat()
    };
    let head = b"II*\0\x08\0\0\0".to_vec();
    let taken = b"2026:09:14 10:15:00\0".to_vec();
    [head, directory(&first), directory(&place), latitude, longitude, taken].concat()
}
