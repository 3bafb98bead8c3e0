//! Whether the content keeps the promise of the name and the declared media type. Imprecision is fine; a text
//! posing as an X-ray, or a web page posing as a photo, is not.

use crate::examination::{Class, Reason, ReasonCode};

/// What the uploader said about the file. It is only compared, never believed.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    pub name: &'a str,
    pub media_type: &'a str,
}

/// How content and declaration relate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    Kept,
    /// Another harmless type, as when a photo is called `scan.pdf`.
    Imprecise,
    Broken(Reason),
}

/// Extensions, what they promise, and under which media type.
const KNOWN: &[(&str, Class, &str)] = &[
    ("dcm", Class::Dicom, "application/dicom"),
    ("dicom", Class::Dicom, "application/dicom"),
    ("jpg", Class::Image, "image/jpeg"),
    ("jpeg", Class::Image, "image/jpeg"),
    ("png", Class::Image, "image/png"),
    ("gif", Class::Image, "image/gif"),
    ("bmp", Class::Image, "image/bmp"),
    ("tif", Class::Image, "image/tiff"),
    ("tiff", Class::Image, "image/tiff"),
    ("webp", Class::Image, "image/webp"),
    ("heic", Class::Image, "image/heic"),
    ("heif", Class::Image, "image/heif"),
    ("avif", Class::Image, "image/avif"),
    ("jp2", Class::Image, "image/jp2"),
    ("jpx", Class::Image, "image/jpx"),
    ("pdf", Class::Pdf, "application/pdf"),
    ("wav", Class::Audio, "audio/wav"),
    ("mp3", Class::Audio, "audio/mpeg"),
    ("m4a", Class::Audio, "audio/mp4"),
    ("flac", Class::Audio, "audio/flac"),
    ("ogg", Class::Audio, "audio/ogg"),
    ("mp4", Class::Video, "video/mp4"),
    ("m4v", Class::Video, "video/mp4"),
    ("mov", Class::Video, "video/quicktime"),
    ("avi", Class::Video, "video/x-msvideo"),
    ("mkv", Class::Video, "video/x-matroska"),
    ("webm", Class::Video, "video/webm"),
    ("doc", Class::Document, "application/msword"),
    ("xls", Class::Document, "application/vnd.ms-excel"),
    ("ppt", Class::Document, "application/vnd.ms-powerpoint"),
    ("docx", Class::Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", Class::Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", Class::Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", Class::Document, "application/vnd.oasis.opendocument.text"),
    ("ods", Class::Document, "application/vnd.oasis.opendocument.spreadsheet"),
    ("odp", Class::Document, "application/vnd.oasis.opendocument.presentation"),
    ("rtf", Class::Document, "application/rtf"),
];

/// Other spellings browsers and scanners send for the types above.
const SYNONYMS: &[(&str, &str)] = &[
    ("application/dicom+octet-stream", "application/dicom"),
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/x-png", "image/png"),
    ("image/x-ms-bmp", "image/bmp"),
    ("image/tif", "image/tiff"),
    ("image/heic-sequence", "image/heic"),
    ("application/x-pdf", "application/pdf"),
    ("audio/x-wav", "audio/wav"),
    ("audio/wave", "audio/wav"),
    ("audio/vnd.wave", "audio/wav"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/m4a", "audio/mp4"),
    ("audio/x-flac", "audio/flac"),
    ("audio/webm", "video/webm"),
    ("application/ogg", "audio/ogg"),
    ("video/ogg", "audio/ogg"),
    ("video/avi", "video/x-msvideo"),
    ("text/rtf", "application/rtf"),
];

impl Declared<'_> {
    /// The media type without parameters, in its usual spelling.
    pub(crate) fn canonical(&self) -> String {
        let bare = self.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let known = SYNONYMS.iter().find(|(other, _)| *other == bare);
        known.map_or(bare, |(_, usual)| (*usual).to_owned())
    }

    pub(crate) fn extension(&self) -> String {
        extension(self.name)
    }

    /// What is promised: by the media type if it says anything, else by the extension.
    fn promise(&self) -> Option<(Class, String)> {
        let canonical = self.canonical();
        if let Some((_, class, known)) = KNOWN.iter().find(|(_, _, known)| *known == canonical) {
            // A name that claims to be an X-ray has to be one whatever the media type says.
            let extension = self.extension();
            let dicom = KNOWN.iter().find(|(ext, class, _)| *ext == extension && *class == Class::Dicom);
            return Some(dicom.map_or((*class, (*known).to_owned()), |(_, c, m)| (*c, (*m).to_owned())));
        }
        let extension = self.extension();
        let known = KNOWN.iter().find(|(ext, _, _)| *ext == extension);
        known.map(|(_, class, media_type)| (*class, (*media_type).to_owned()))
    }

    /// Compares the promise with what the content turned out to be.
    pub(crate) fn compare(&self, class: Class, media_type: &str) -> Promise {
        let Some((promised, promised_type)) = self.promise() else {
            return Promise::Kept;
        };
        // A drawing can carry scripts and is no photo, though both are pictures.
        let drawing = media_type == "image/svg+xml";
        if (promised == class && !drawing) || is_recording(promised) && is_recording(class) {
            return Promise::Kept;
        }
        let plain = matches!(class, Class::Text | Class::Other);
        let broken = match promised {
            Class::Dicom => true,
            Class::Image | Class::Pdf | Class::Audio | Class::Video => plain || drawing,
            _ => false,
        };
        if !broken {
            return Promise::Imprecise;
        }
        let text =
            format!("the content is not what was declared: declared `{promised_type}`, found `{media_type}`");
        Promise::Broken(Reason::new(ReasonCode::ContentMismatch, text))
    }
}

fn is_recording(class: Class) -> bool {
    matches!(class, Class::Audio | Class::Video)
}

/// The lower-case part after the last dot of the last path part; empty if there is none.
pub(crate) fn extension(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match last.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.trim().to_ascii_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(name: &str, media_type: &str, class: Class, found: &str) -> Promise {
        Declared { name, media_type }.compare(class, found)
    }

    #[test]
    fn a_text_posing_as_an_x_ray_breaks_the_promise_and_both_types_are_named() {
        for (name, declared) in
            [("a.dcm", "application/octet-stream"), ("a", "application/dicom"), ("A.DCM", "")]
        {
            let Promise::Broken(reason) = compare(name, declared, Class::Text, "text/plain") else {
                panic!("{name} {declared} was believed");
            };
            assert_eq!(reason.code, ReasonCode::ContentMismatch);
            assert!(reason.text.contains("`application/dicom`") && reason.text.contains("`text/plain`"));
        }
    }

    #[test]
    fn imprecision_is_harmless() {
        assert_eq!(compare("a.jpg", "image/jpg", Class::Image, "image/jpeg"), Promise::Kept);
        assert_eq!(compare("a.csv", "text/csv", Class::Text, "text/csv"), Promise::Kept);
        assert_eq!(
            compare("x", "application/octet-stream", Class::Dicom, "application/dicom"),
            Promise::Kept
        );
        assert_eq!(compare("a.webm", "audio/webm; codecs=opus", Class::Audio, "audio/webm"), Promise::Kept);
        assert_eq!(compare("scan.pdf", "application/pdf", Class::Image, "image/jpeg"), Promise::Imprecise);
        assert_eq!(compare("new.x3d", "model/x3d", Class::Other, "application/octet-stream"), Promise::Kept);
    }

    #[test]
    fn a_page_posing_as_a_picture_is_a_lie() {
        let lie = compare("photo.jpg", "image/jpeg", Class::Text, "text/html");
        assert!(matches!(lie, Promise::Broken(_)));
    }

    #[test]
    fn only_the_last_part_of_a_path_has_an_extension() {
        assert_eq!(extension("a.b/c"), "");
        assert_eq!(extension("a\\b.TXT"), "txt");
        assert_eq!(extension(".hidden"), "");
    }
}
