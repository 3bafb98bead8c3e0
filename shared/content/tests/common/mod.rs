//! Makers of test files: everything is generated here, with other people's writers where there are any.
#![allow(dead_code, reason = "each test binary uses its own part of the makers")]

use content::{Declared, Examination, Limits, ReasonCode, Verdict, WarningCode, examine};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

pub fn look(bytes: &[u8], name: &str, media_type: &str) -> Examination {
    examine(&mut Cursor::new(bytes), &Declared { name, media_type }, &Limits::default())
}

pub fn plain(bytes: &[u8]) -> Examination {
    look(bytes, "upload", "application/octet-stream")
}

pub fn reason(examination: &Examination) -> Option<ReasonCode> {
    match &examination.verdict {
        Verdict::Clean => None,
        Verdict::Quarantine(reason) | Verdict::Reject(reason) => Some(reason.code),
    }
}

pub fn warns(examination: &Examination, code: WarningCode) -> bool {
    examination.warnings.iter().any(|warning| warning.code == code)
}

/// The EICAR test signature, put together only here and now.
pub fn signature() -> Vec<u8> {
    let mut parts = ["$H+H*", "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", r"X5O!P%@AP[4\PZX54(P^)7CC)7}"];
    parts.reverse();
    parts.concat().into_bytes()
}

pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if *name == "mimetype" {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn docx(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types xmlns='x'/>"),
        ("word/document.xml", b"<w:document xmlns:w='x'/>"),
    ];
    entries.extend(extra);
    zip(&entries)
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A picture of four coloured quarters: red, green, blue, white.
pub fn quarters(width: u32, height: u32) -> image::RgbImage {
    image::RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => image::Rgb([250, 0, 0]),
        (false, true) => image::Rgb([0, 250, 0]),
        (true, false) => image::Rgb([0, 0, 250]),
        (false, false) => image::Rgb([250, 250, 250]),
    })
}

pub fn encoded(image: &image::RgbImage, format: image::ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// The JPEG of a picture with an EXIF segment behind its first marker.
pub fn jpeg_with_exif(image: &image::RgbImage, entries: &[[u8; 12]], tail: &[u8]) -> Vec<u8> {
    let jpeg = encoded(image, image::ImageFormat::Jpeg);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    entries.iter().for_each(|entry| tiff.extend(entry));
    tiff.extend([0; 4]);
    tiff.extend(tail);
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(&tiff);
    out.extend(&jpeg[2..]);
    out
}

/// The colour in the middle of a quarter of a preview.
pub fn preview_colour(examination: &Examination, right: bool, bottom: bool) -> [u8; 3] {
    let preview = examination.preview.as_ref().expect("there is a preview");
    let image = image::load_from_memory(&preview.bytes).unwrap().to_rgb8();
    let at = |far: bool, size: u32| if far { size * 3 / 4 } else { size / 4 };
    image.get_pixel(at(right, image.width()), at(bottom, image.height())).0
}

pub fn is_near(colour: [u8; 3], wanted: [u8; 3]) -> bool {
    colour.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 24)
}

/// A PDF of one page with further objects, which begin at number five.
pub fn pdf(page_extra: &str, catalog_extra: &str, objects: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    write!(out, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalog_extra} >>\nendobj\n").unwrap();
    write!(out, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n").unwrap();
    write!(out, "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] {page_extra} >>\nendobj\n")
        .unwrap();
    for (at, (dictionary, stream)) in objects.iter().enumerate() {
        let len = stream.len();
        write!(out, "{} 0 obj\n<< /Length {len} {dictionary} >>\nstream\n", at + 5).unwrap();
        out.extend(stream);
        out.extend(b"\nendstream\nendobj\n");
    }
    out.extend(b"trailer\n<< /Root 1 0 R /Size 9 >>\n%%EOF\n");
    out
}

pub fn wav(seconds: u32) -> Vec<u8> {
    let data = vec![0u8; (seconds * 32_000) as usize];
    let mut out = b"RIFF".to_vec();
    out.extend((36 + data.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(16_000u32.to_le_bytes());
    out.extend(32_000u32.to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out
}

pub fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend(kind);
    out.extend(content);
    out
}

pub fn mp4() -> Vec<u8> {
    let mut movie = vec![0; 100];
    movie[12..16].copy_from_slice(&1000u32.to_be_bytes());
    movie[16..20].copy_from_slice(&2500u32.to_be_bytes());
    let mut track = vec![0; 84];
    track[76..80].copy_from_slice(&(640u32 << 16).to_be_bytes());
    track[80..84].copy_from_slice(&(480u32 << 16).to_be_bytes());
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let mut description = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 86];
    description.extend(b"avc1");
    description.extend([0; 78]);
    let samples = boxed(b"minf", &boxed(b"stbl", &boxed(b"stsd", &description)));
    let media = boxed(b"mdia", &[handler, samples].concat());
    let trak = boxed(b"trak", &[boxed(b"tkhd", &track), media].concat());
    let moov = boxed(b"moov", &[boxed(b"mvhd", &movie), trak].concat());
    [boxed(b"ftyp", b"isom\0\0\x02\0isommp41"), moov, boxed(b"mdat", &[0; 100])].concat()
}
