//! One file of every class of records (R006): recognised by content, with its facts and, where there is one, a
//! preview that shows what it should.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "makers of test files fail by panicking, as tests do"
)]

mod common;
#[path = "common/dicom.rs"]
mod dicom;

use common::{
    boxed, deflate, docx, encoded, is_near, jpeg_with_exif, look, pdf, plain, preview_colour, quarters,
    warns, wav, zip,
};
use content::{Class, Examination, Facts, Verdict, WarningCode};
use image::ImageFormat;

fn dicom_facts(examination: &Examination) -> &content::DicomFacts {
    let Facts::Dicom(facts) = &examination.facts else { panic!("no DICOM facts: {:?}", examination.facts) };
    facts
}

fn steps() -> Vec<u16> {
    (0..64 * 64).map(|at| if at % 64 < 32 { 100 } else { 900 }).collect()
}

fn x_ray(photometric: &str) -> dicom_object::InMemDicomObject {
    dicom::grey(&dicom::Grey {
        photometric,
        rows: 64,
        columns: 64,
        pixels: steps(),
        window: Some(("500", "400")),
    })
}

#[test]
fn a_dental_x_ray_tells_its_facts_in_every_encoding() {
    for syntax in [dicom::EXPLICIT, dicom::IMPLICIT, dicom::BIG_ENDIAN] {
        let seen = look(&dicom::file(x_ray("MONOCHROME2"), syntax), "a.dcm", "application/dicom");
        assert_eq!(
            (seen.class, &seen.verdict, seen.media_type.as_str()),
            (Class::Dicom, &Verdict::Clean, "application/dicom")
        );
        let facts = dicom_facts(&seen);
        assert_eq!(facts.transfer_syntax.as_deref(), Some(syntax));
        assert_eq!(facts.modality.as_deref(), Some("IO"));
        assert_eq!(facts.study_date.as_deref(), Some("2024-02-29"));
        assert_eq!(
            (facts.rows, facts.columns, facts.frames, facts.bits_stored),
            (Some(64), Some(64), Some(1), Some(16))
        );
        assert_eq!(facts.body_part.as_deref(), Some("JAW"));
        assert_eq!(facts.study_uid.as_deref(), Some("1.2.3"));
        let name = facts.patient.name.clone().unwrap();
        assert_eq!(
            (name.alphabetic.as_deref(), name.ideographic.as_deref()),
            (Some("Müller^Anna"), Some("山田^太郎"))
        );
        assert_eq!(facts.patient.birth_date.as_deref(), Some("1980-02-03"));
        assert_eq!((facts.patient.id.as_deref(), facts.patient.sex.as_deref()), (Some("P-0042"), Some("F")));
        assert!(
            is_near(preview_colour(&seen, false, false), [0; 3])
                && is_near(preview_colour(&seen, true, false), [255; 3])
        );
    }
}

#[test]
fn a_negative_is_shown_the_right_way_round() {
    let seen = plain(&dicom::file(x_ray("MONOCHROME1"), dicom::EXPLICIT));
    assert!(is_near(preview_colour(&seen, false, false), [255; 3]));
    assert!(is_near(preview_colour(&seen, true, false), [0; 3]));
}

#[test]
fn a_data_set_without_preamble_is_dicom_too() {
    for syntax in [dicom::EXPLICIT, dicom::IMPLICIT] {
        let seen =
            look(&dicom::bare(&dicom::file(x_ray("MONOCHROME2"), syntax)), "a.dcm", "application/dicom");
        assert_eq!((seen.class, seen.verdict.clone()), (Class::Dicom, Verdict::Clean));
        assert_eq!(dicom_facts(&seen).modality.as_deref(), Some("IO"));
        assert!(seen.preview.is_some());
    }
}

#[test]
fn photos_in_dicom_keep_their_colours_plain_and_compressed() {
    let photo = quarters(64, 64);
    let jpeg = encoded(&photo, ImageFormat::Jpeg);
    for file in [
        dicom::file(dicom::colour(&photo), dicom::EXPLICIT),
        dicom::file(dicom::jpeg(jpeg, 64, 64), dicom::JPEG),
    ] {
        let seen = plain(&file);
        assert!(is_near(preview_colour(&seen, false, false), [250, 0, 0]));
        assert!(is_near(preview_colour(&seen, true, false), [0, 250, 0]));
        assert!(is_near(preview_colour(&seen, false, true), [0, 0, 250]));
    }
}

#[test]
fn a_deflated_data_set_is_read() {
    let whole = dicom::file(x_ray("MONOCHROME2"), dicom::EXPLICIT);
    let set = dicom::bare(&whole);
    let mut file = dicom::meta("1.2.840.10008.1.2.1.99");
    let mut packer = flate2::write::DeflateEncoder::new(&mut file, flate2::Compression::default());
    std::io::Write::write_all(&mut packer, &set).unwrap();
    packer.finish().unwrap();
    let seen = plain(&file);
    assert_eq!(dicom_facts(&seen).rows, Some(64));
    assert!(seen.preview.is_some());
}

#[test]
fn a_cut_off_image_still_has_facts_and_what_is_there() {
    let whole = dicom::file(x_ray("MONOCHROME2"), dicom::EXPLICIT);
    let seen = plain(&whole[..whole.len() - 3000]);
    assert!(warns(&seen, WarningCode::Damaged));
    assert_eq!(dicom_facts(&seen).columns, Some(64));
    assert!(is_near(preview_colour(&seen, true, false), [255; 3]));
}

#[test]
fn pictures_have_size_and_a_small_preview() {
    for (format, media_type) in [
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::Bmp, "image/bmp"),
        (ImageFormat::Tiff, "image/tiff"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let seen = plain(&encoded(&quarters(1600, 800), format));
        assert_eq!((seen.class, seen.media_type.as_str()), (Class::Image, media_type));
        let Facts::Image(facts) = &seen.facts else { panic!("{media_type}") };
        assert_eq!((facts.width, facts.height, facts.pages), (Some(1600), Some(800), Some(1)));
        let preview = seen.preview.as_ref().unwrap();
        assert_eq!((preview.width, preview.height), (1024, 512));
        assert!(is_near(preview_colour(&seen, true, false), [0, 250, 0]), "{media_type}");
    }
}

#[test]
fn a_photo_is_turned_upright_and_gives_away_where_it_was_taken() {
    let turned = *b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
    let place = *b"\x25\x88\x04\0\x01\0\0\0\x3e\0\0\0";
    let artist = *b"\x3b\x01\x02\0\x03\0\0\0Ann\0";
    let photo =
        jpeg_with_exif(&quarters(64, 32), &[turned, artist, place], b"\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0");
    let seen = look(&photo, "photo.jpg", "image/jpg");
    assert_eq!(seen.verdict, Verdict::Clean);
    assert!(warns(&seen, WarningCode::CarriesLocation) && warns(&seen, WarningCode::CarriesPersonalName));
    let preview = seen.preview.as_ref().unwrap();
    assert_eq!((preview.width, preview.height), (32, 64));
    // Turned to the right, what was below on the left is above on the left.
    assert!(is_near(preview_colour(&seen, false, false), [0, 0, 250]));
    assert!(!warns(&plain(&encoded(&quarters(64, 32), ImageFormat::Jpeg)), WarningCode::CarriesLocation));
}

#[test]
fn a_scanned_pdf_shows_its_page() {
    let page = quarters(300, 300);
    let resources = "/Resources << /XObject << /Im0 5 0 R >> >> /Rotate 180";
    let dictionary =
        "/Type /XObject /Subtype /Image /Width 300 /Height 300 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    let jpeg = encoded(&page, ImageFormat::Jpeg);
    let raw = deflate(page.as_raw());
    for (filter, stream) in [("DCTDecode", jpeg), ("FlateDecode", raw)] {
        let seen = plain(&pdf(resources, "", &[(format!("{dictionary} /Filter /{filter}"), stream)]));
        let Facts::Pdf(facts) = &seen.facts else { panic!("no PDF") };
        assert_eq!((facts.pages, facts.scanned, facts.version.as_deref()), (Some(1), true, Some("1.7")));
        assert!(is_near(preview_colour(&seen, true, true), [250, 0, 0]), "{filter}");
        assert_eq!((seen.class, seen.verdict), (Class::Pdf, Verdict::Clean));
    }
}

#[test]
fn pages_are_counted_as_another_library_counts_them() {
    let mut document = lopdf::Document::with_version("1.5");
    let pages = document.new_object_id();
    let kids: Vec<lopdf::Object> = (0..7)
        .map(|_| document.add_object(lopdf::dictionary! { "Type" => "Page", "Parent" => pages }).into())
        .collect();
    document
        .objects
        .insert(pages, lopdf::dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 7 }.into());
    let catalog = document.add_object(lopdf::dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut plainly = Vec::new();
    document.save_to(&mut plainly).unwrap();
    let mut packed = Vec::new();
    document.save_modern(&mut packed).unwrap();
    for bytes in [plainly, packed] {
        let Facts::Pdf(facts) = plain(&bytes).facts else { panic!("no PDF") };
        assert_eq!(facts.pages, Some(7));
    }
}

#[test]
fn documents_are_named_by_their_parts() {
    let odt: &[(&str, &[u8])] = &[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", b"<office:document-content xmlns:office='x'/>"),
    ];
    for (bytes, media_type, format) in [
        (docx(&[]), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        (zip(odt), "application/vnd.oasis.opendocument.text", "odt"),
        (b"{\\rtf1\\ansi Befund}".to_vec(), "application/rtf", "rtf"),
    ] {
        let seen = look(&bytes, "letter", "");
        assert_eq!(
            (seen.class, seen.media_type.as_str(), &seen.verdict),
            (Class::Document, media_type, &Verdict::Clean)
        );
        let Facts::Document(facts) = &seen.facts else { panic!("{format}") };
        assert_eq!((facts.format.as_str(), facts.macros), (format, false));
    }
}

#[test]
fn text_keeps_the_meaning_that_was_declared() {
    let seen = look("name;wert\nä;1\n".as_bytes(), "values.csv", "text/csv; charset=utf-8");
    assert_eq!(
        (seen.class, seen.media_type.as_str(), &seen.verdict),
        (Class::Text, "text/csv", &Verdict::Clean)
    );
    let Facts::Text(facts) = &seen.facts else { panic!("no text") };
    assert_eq!((facts.encoding.as_str(), facts.lines, facts.complete), ("utf-8", 2, true));
    assert_eq!(look(b"MSH|^~\\&|LAB\r", "a.hl7", "").media_type, "x-application/hl7-v2+er7");
    assert_eq!(
        look(b"{\"resourceType\":\"Patient\"}", "a", "application/fhir+json").media_type,
        "application/fhir+json"
    );
}

#[test]
fn recordings_tell_their_length() {
    let seen = look(&wav(3), "note.wav", "audio/x-wav");
    let Facts::Media(facts) = &seen.facts else { panic!("no media") };
    assert_eq!(
        (seen.class, facts.duration_ms, facts.channels, facts.sample_rate_hz),
        (Class::Audio, Some(3000), Some(1), Some(16_000))
    );
    let seen = plain(&common::mp4());
    let Facts::Media(facts) = &seen.facts else { panic!("no media") };
    assert_eq!(
        (seen.class, facts.duration_ms, facts.width, facts.height),
        (Class::Video, Some(2500), Some(640), Some(480))
    );
    assert_eq!(facts.video_codec.as_deref(), Some("avc1"));
}

#[test]
fn compressed_audio_tells_its_length() {
    let mut flac = b"fLaC\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0".to_vec();
    let packed: u64 = 44_100 << 44 | 1 << 41 | 15 << 36 | 88_200;
    flac.extend(packed.to_be_bytes());
    flac.extend([0; 16]);
    let mut ogg =
        b"OggS\0\x02\0\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\x01\x1e\x01vorbis\0\0\0\0\x02\x44\xac\0\0"
            .to_vec();
    ogg.extend([0; 14]);
    ogg.extend(b"OggS\0\x04");
    ogg.extend(44_100u64.to_le_bytes());
    ogg.extend(b"\x07\0\0\0\x01\0\0\0\0\0\0\0\0");
    // 128 kbit/s, 44.1 kHz: two seconds are 32,000 bytes.
    let mut mp3 = vec![0; 32_000];
    mp3[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    for (bytes, codec, duration) in [(flac, "flac", 2000), (ogg, "vorbis", 1000), (mp3, "mp3", 2000)] {
        let seen = plain(&bytes);
        let Facts::Media(facts) = &seen.facts else { panic!("{codec}") };
        assert_eq!(
            (seen.class, facts.audio_codec.as_deref(), facts.duration_ms),
            (Class::Audio, Some(codec), Some(duration))
        );
    }
}

#[test]
fn a_recording_from_a_browser_is_told_to_be_audio() {
    let track =
        [b"\x83\x81\x02\x86\x86A_OPUS\xe1\x89\xb5\x84".as_slice(), &48_000f32.to_be_bytes(), b"\x9f\x81\x01"]
            .concat();
    let entry = [b"\xae".as_slice(), &[0x80 | track.len() as u8], &track].concat();
    let tracks = [b"\x16\x54\xae\x6b".as_slice(), &[0x80 | entry.len() as u8], &entry].concat();
    let info = b"\x15\x49\xa9\x66\x8e\x2a\xd7\xb1\x83\x0f\x42\x40\x44\x89\x84\x44\xbb\x80\x00".to_vec();
    let body = [info, tracks].concat();
    let header = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm";
    let file = [header.as_slice(), b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", &body].concat();
    let seen = look(&file, "voice.webm", "audio/webm;codecs=opus");
    let Facts::Media(facts) = &seen.facts else { panic!("no media") };
    assert_eq!(
        (seen.class, seen.media_type.as_str(), facts.duration_ms),
        (Class::Audio, "audio/webm", Some(1500))
    );
    assert_eq!((facts.audio_codec.as_deref(), facts.sample_rate_hz), (Some("opus"), Some(48_000)));
}

#[test]
fn pictures_in_boxes_tell_their_size_without_a_preview() {
    let mut extent = vec![0; 4];
    extent.extend(4032u32.to_be_bytes());
    extent.extend(3024u32.to_be_bytes());
    let meta =
        boxed(b"meta", &[vec![0; 4], boxed(b"iprp", &boxed(b"ipco", &boxed(b"ispe", &extent)))].concat());
    for (brand, media_type) in
        [(b"heic\0\0\0\0mif1heic", "image/heic"), (b"avif\0\0\0\0mif1avif", "image/avif")]
    {
        let seen = plain(&[boxed(b"ftyp", brand), meta.clone()].concat());
        let Facts::Image(facts) = &seen.facts else { panic!("{media_type}") };
        assert_eq!(
            (seen.media_type.as_str(), facts.width, facts.height),
            (media_type, Some(4032), Some(3024))
        );
        assert!(seen.preview.is_none() && warns(&seen, WarningCode::NoPreview));
    }
}

#[test]
fn what_nobody_knows_is_kept_safely() {
    let seen = look(&[0x9c, 1, 2, 3, 0, 0, 7, 0xfe].repeat(50), "hologram.xyz", "model/hologram");
    assert_eq!(
        (seen.class, seen.media_type.as_str(), &seen.verdict),
        (Class::Other, "application/octet-stream", &Verdict::Clean)
    );
    assert_eq!(seen.facts, Facts::None);
}

#[test]
fn facts_survive_being_stored() {
    for bytes in [
        dicom::file(x_ray("MONOCHROME2"), dicom::EXPLICIT),
        wav(1),
        docx(&[]),
        b"text".to_vec(),
        vec![0, 1, 2],
    ] {
        let facts = plain(&bytes).facts;
        let stored = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&stored).unwrap(), facts);
    }
}
