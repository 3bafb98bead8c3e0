//! Which format the first bytes are. Only content decides; the name is not even known here.

use crate::dicom;
use crate::examination::Class;
use crate::source::{Source, contains, has, le32};
use crate::text;

/// How much of the front is looked at.
const HEAD_BYTES: u64 = 64 * 1024;

/// A format we know. What only has a media type is `Known`; what nobody knows is `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Dicom,
    Raster(Raster),
    Pdf,
    Zip,
    Ole,
    Rtf,
    Gzip,
    Tar,
    Media(Media),
    Markup(Markup),
    Text,
    Program(Program),
    Known(&'static str, Class),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raster {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    Webp,
    Heic,
    Avif,
    Jpeg2000,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Wav,
    Mp3,
    Flac,
    Ogg,
    Mp4,
    QuickTime,
    Audio4,
    Matroska,
    Avi,
    Adts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    Html,
    Svg,
    Xml,
}

/// Things a computer would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Windows,
    Linux,
    Mac,
    Java,
    Script,
    Shortcut,
    Android,
    WebAssembly,
}

impl Kind {
    pub fn class(&self) -> Class {
        match self {
            Self::Dicom => Class::Dicom,
            Self::Raster(_) | Self::Markup(Markup::Svg) => Class::Image,
            Self::Pdf => Class::Pdf,
            Self::Rtf | Self::Ole => Class::Document,
            Self::Markup(_) | Self::Text => Class::Text,
            Self::Media(Media::Wav | Media::Mp3 | Media::Flac | Media::Ogg | Media::Audio4 | Media::Adts) => {
                Class::Audio
            }
            Self::Media(_) => Class::Video,
            Self::Known(_, class) => *class,
            Self::Zip | Self::Gzip | Self::Tar | Self::Program(_) | Self::Unknown => Class::Other,
        }
    }

    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Dicom => "application/dicom",
            Self::Raster(raster) => raster.media_type(),
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Ole => "application/x-ole-storage",
            Self::Rtf => "application/rtf",
            Self::Gzip => "application/gzip",
            Self::Tar => "application/x-tar",
            Self::Media(media) => media.media_type(),
            Self::Markup(Markup::Html) => "text/html",
            Self::Markup(Markup::Svg) => "image/svg+xml",
            Self::Markup(Markup::Xml) => "application/xml",
            Self::Text => "text/plain",
            Self::Program(program) => program.media_type(),
            Self::Known(media_type, _) => media_type,
            Self::Unknown => "application/octet-stream",
        }
    }
}

impl Raster {
    fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Jpeg2000 => "image/jp2",
        }
    }
}

impl Media {
    fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Flac => "audio/flac",
            Self::Ogg => "audio/ogg",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::Audio4 => "audio/mp4",
            Self::Matroska => "video/x-matroska",
            Self::Avi => "video/x-msvideo",
            Self::Adts => "audio/aac",
        }
    }
}

impl Program {
    fn media_type(self) -> &'static str {
        match self {
            Self::Windows => "application/vnd.microsoft.portable-executable",
            Self::Linux => "application/x-executable",
            Self::Mac => "application/x-mach-binary",
            Self::Java => "application/java-vm",
            Self::Script => "text/x-script",
            Self::Shortcut => "application/x-ms-shortcut",
            Self::Android => "application/vnd.android.dex",
            Self::WebAssembly => "application/wasm",
        }
    }
}

/// Names the format of a file.
pub(crate) fn sniff(source: &mut Source<'_>) -> Kind {
    let head = source.part(0, HEAD_BYTES);
    // The DICOM mark stands behind a preamble that may imitate anything, so it is looked for first.
    if has(&head, 128, b"DICM") {
        return Kind::Dicom;
    }
    program(&head)
        .map(Kind::Program)
        .or_else(|| raster(&head).map(Kind::Raster))
        .or_else(|| container(&head))
        .or_else(|| media(&head).map(Kind::Media))
        .or_else(|| dicom::is_dicom(source).then_some(Kind::Dicom))
        .or_else(|| characters(&head, source.len()))
        .or_else(|| late_pdf(&head))
        .or_else(|| listed(&head))
        .unwrap_or(Kind::Unknown)
}

/// Programs by their headers. A DICOM preamble is checked with this too.
pub(crate) fn program(head: &[u8]) -> Option<Program> {
    match head {
        // "MZ" also begins ordinary words; a program says where its other header is.
        [b'M', b'Z', ..] => {
            let next = le32(head, 0x3c).map(|at| at as usize);
            let portable = next.is_some_and(|at| {
                [&b"PE\0\0"[..], b"NE", b"LE", b"LX"].iter().any(|mark| has(head, at, mark))
            });
            let dos = head.len() >= 64 && text::encoding(head).is_none();
            (portable || dos).then_some(Program::Windows)
        }
        [0x7f, b'E', b'L', b'F', ..] => Some(Program::Linux),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Some(Program::Mac),
        // Java classes and fat Mac binaries share their mark.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, _, count, ..] => {
            Some(if *count < 40 { Program::Mac } else { Program::Java })
        }
        [b'#', b'!', rest @ ..] => {
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let path = line.iter().find(|byte| !byte.is_ascii_whitespace());
            (path == Some(&b'/')).then_some(Program::Script)
        }
        [0x4c, 0, 0, 0, 1, 0x14, 2, 0, ..] => Some(Program::Shortcut),
        [b'd', b'e', b'x', b'\n', ..] => Some(Program::Android),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Some(Program::WebAssembly),
        _ => None,
    }
}

fn raster(head: &[u8]) -> Option<Raster> {
    let brand = |at| head.get(at..at + 4);
    match head {
        [0xff, 0xd8, 0xff, ..] => Some(Raster::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Raster::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Raster::Gif),
        [b'B', b'M', ..] if is_bitmap(head) => Some(Raster::Bmp),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Raster::Tiff),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Raster::Webp),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some(Raster::Jpeg2000),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            let compatible = head.get(8..64.min(head.len())).unwrap_or_default();
            match brand(8)? {
                b"avif" | b"avis" => Some(Raster::Avif),
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(Raster::Heic),
                b"mif1" | b"msf1" if contains(compatible, b"avif") => Some(Raster::Avif),
                b"mif1" | b"msf1" => Some(Raster::Heic),
                _ => None,
            }
        }
        _ => None,
    }
}

/// "BM" begins words too; a bitmap has one of few header sizes and reserved zeros.
fn is_bitmap(head: &[u8]) -> bool {
    has(head, 6, &[0, 0, 0, 0]) && matches!(le32(head, 14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

fn container(head: &[u8]) -> Option<Kind> {
    match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Kind::Pdf),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(Kind::Ole),
        [b'{', b'\\', b'r', b't', ..] => Some(Kind::Rtf),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Gzip),
        _ if has(head, 257, b"ustar") => Some(Kind::Tar),
        _ => None,
    }
}

fn media(head: &[u8]) -> Option<Media> {
    match head {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Media::Wav),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => Some(Media::Avi),
        [b'f', b'L', b'a', b'C', ..] => Some(Media::Flac),
        [b'O', b'g', b'g', b'S', ..] => Some(Media::Ogg),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Media::Matroska),
        [b'I', b'D', b'3', 2..=4, ..] => Some(Media::Mp3),
        [0xff, 0xf1 | 0xf9, third, ..] if (third >> 2 & 15) < 13 => Some(Media::Adts),
        [0xff, second, third, ..] if second & 0xe6 == 0xe2 && third >> 4 != 15 && third >> 4 != 0 => {
            Some(Media::Mp3)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', b'q', b't', b' ', b' ', ..] => Some(Media::QuickTime),
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A' | b'B', b' ', ..] => Some(Media::Audio4),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Media::Mp4),
        [0, 0, _, _, b'm', b'o', b'o', b'v', ..] | [0, 0, _, _, b'w', b'i', b'd', b'e', ..] => {
            Some(Media::QuickTime)
        }
        [_, _, _, _, b'm', b'd', b'a', b't', ..] => Some(Media::QuickTime),
        _ => None,
    }
}

/// Readers accept a PDF that begins within the first kilobyte.
fn late_pdf(head: &[u8]) -> Option<Kind> {
    let front = head.get(..1024.min(head.len()))?;
    contains(front, b"%PDF-").then_some(Kind::Pdf)
}

fn characters(head: &[u8], len: u64) -> Option<Kind> {
    let encoding = text::encoding(head)?;
    let front = text::decode(head.get(..4096.min(head.len()))?, encoding).to_ascii_lowercase();
    if front.trim_start().starts_with("%pdf-") || (len > 1024 && late_pdf(head).is_some()) {
        return Some(Kind::Pdf);
    }
    Some(text::markup(&front).map_or(Kind::Text, Kind::Markup))
}

/// What a general list of marks knows beyond the above.
fn listed(head: &[u8]) -> Option<Kind> {
    let found = infer::get(head)?;
    let class = match found.matcher_type() {
        infer::MatcherType::Image => Class::Image,
        infer::MatcherType::Audio => Class::Audio,
        infer::MatcherType::Video => Class::Video,
        infer::MatcherType::Doc | infer::MatcherType::Book => Class::Document,
        _ => Class::Other,
    };
    Some(Kind::Known(found.mime_type(), class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn kind(bytes: &[u8]) -> Kind {
        sniff(&mut Source::new(&mut Cursor::new(bytes)))
    }

    #[test]
    fn words_are_not_mistaken_for_marks() {
        assert_eq!(
            kind(b"MZ is the mark of a program, and this sentence is long enough to hold its header."),
            Kind::Text
        );
        assert_eq!(kind(b"BM stands for bone marrow in this report"), Kind::Text);
        assert_eq!(kind(b"#!not a path"), Kind::Text);
    }

    #[test]
    fn programs_are_known_by_their_headers() {
        let mut windows = vec![0; 256];
        windows[..2].copy_from_slice(b"MZ");
        windows[0x3c] = 128;
        windows[128..132].copy_from_slice(b"PE\0\0");
        assert_eq!(kind(&windows), Kind::Program(Program::Windows));
        assert_eq!(kind(b"\x7fELF\x02\x01\x01"), Kind::Program(Program::Linux));
        assert_eq!(kind(b"#!/bin/sh\necho"), Kind::Program(Program::Script));
        assert_eq!(kind(b"\x4c\0\0\0\x01\x14\x02\0\0\0"), Kind::Program(Program::Shortcut));
    }

    #[test]
    fn text_and_markup_are_told_apart() {
        assert_eq!(kind("Befund: unauffällig".as_bytes()), Kind::Text);
        assert_eq!(kind(b"\xff\xfeh\0i\0"), Kind::Text);
        assert_eq!(kind(b"<!DOCTYPE html><p>"), Kind::Markup(Markup::Html));
        assert_eq!(kind(b"<?xml version='1.0'?><svg xmlns='x'/>"), Kind::Markup(Markup::Svg));
        assert_eq!(kind(b"<?xml version='1.0'?><ClinicalDocument/>"), Kind::Markup(Markup::Xml));
    }

    #[test]
    fn dicom_needs_no_preamble() {
        let bytes = b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100\x08\0\x16\0\x02\0\0\x001.\x08\0\x18\0\x02\0\0\x001.\x10\0\x10\0\x04\0\0\0A^B ";
        assert_eq!(kind(bytes), Kind::Dicom);
    }
}
