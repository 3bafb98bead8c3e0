//! Documents: what an OOXML, ODF, legacy office or RTF file is, and whether it can run something.

pub(crate) mod ole;

use crate::examination::{ArchiveFacts, Class, DocumentFacts, Facts};
use crate::limits::Limits;
use crate::scan::Scan;
use crate::scan::archive::{self, Directory};
use crate::source::{Source, contains};

const PART_BYTES: u64 = 1 << 20;

/// What a ZIP turned out to be.
pub(crate) struct Reading {
    pub facts: Facts,
    pub class: Class,
    pub media_type: String,
}

/// Names a ZIP by the parts in it; a plain archive stays one.
pub(crate) fn read_zip(source: &mut Source<'_>, limits: &Limits) -> Reading {
    let Some(directory) = archive::directory(source, limits) else {
        let facts = Facts::Archive(ArchiveFacts { format: "zip".to_owned(), ..ArchiveFacts::default() });
        return Reading { facts, class: Class::Other, media_type: "application/zip".to_owned() };
    };
    match format(source, &directory) {
        Some((media_type, short)) => {
            let facts = DocumentFacts {
                format: short,
                macros: has_macros(&directory),
                encrypted: directory.entries.iter().any(|entry| entry.encrypted)
                    || is_encrypted_odf(source, &directory),
                embedded_objects: count(&directory, is_embedded),
            };
            Reading { facts: Facts::Document(facts), class: Class::Document, media_type }
        }
        None => {
            let media_type = if is_java(&directory) { "application/java-archive" } else { "application/zip" };
            Reading {
                facts: Facts::Archive(directory.facts()),
                class: Class::Other,
                media_type: media_type.to_owned(),
            }
        }
    }
}

/// Reports what in the parts could run.
pub(crate) fn dangers(source: &mut Source<'_>, directory: &Directory, scan: &mut Scan<'_>) {
    if has_macros(directory) {
        scan.active("macros");
    }
    if is_java(directory) || directory.find("AndroidManifest.xml").is_some() {
        scan.program("a program archive");
    }
    if has_remote_template(source, directory) {
        scan.active("a template that is loaded from elsewhere");
    }
}

/// Media type and short name of an office format.
fn format(source: &mut Source<'_>, directory: &Directory) -> Option<(String, String)> {
    if let Some(entry) = directory.find("mimetype") {
        let text = archive::read_entry(source, entry, 256)?;
        let media_type = String::from_utf8_lossy(&text).trim().to_owned();
        let short = match media_type.strip_prefix("application/vnd.oasis.opendocument.") {
            Some(kind) => match kind.split('-').next().unwrap_or_default() {
                "text" => "odt",
                "spreadsheet" => "ods",
                "presentation" => "odp",
                "graphics" => "odg",
                _ => "odf",
            },
            None if media_type == "application/epub+zip" => "epub",
            None => return None,
        };
        return Some((media_type, short.to_owned()));
    }
    directory.find("[Content_Types].xml")?;
    let has = |prefix: &str| directory.entries.iter().any(|entry| entry.name.starts_with(prefix));
    let (word, kind, short) = if has("word/") {
        ("wordprocessingml.document", "word.document", "doc")
    } else if has("xl/") {
        ("spreadsheetml.sheet", "excel.sheet", "xls")
    } else if has("ppt/") {
        ("presentationml.presentation", "powerpoint.presentation", "ppt")
    } else {
        return None;
    };
    Some(if has_macros(directory) {
        (format!("application/vnd.ms-{kind}.macroenabled.12"), format!("{short}m"))
    } else {
        (format!("application/vnd.openxmlformats-officedocument.{word}"), format!("{short}x"))
    })
}

/// OOXML keeps macros in one part, ODF in folders of their own.
fn has_macros(directory: &Directory) -> bool {
    let odf = directory.find("mimetype").is_some();
    directory.entries.iter().any(|entry| {
        let name = entry.name.to_ascii_lowercase();
        name.ends_with("vbaproject.bin")
            || odf && entry.unpacked > 0 && (name.starts_with("basic/") || name.starts_with("scripts/"))
    })
}

fn is_java(directory: &Directory) -> bool {
    directory.find("META-INF/MANIFEST.MF").is_some()
        && directory.entries.iter().any(|entry| entry.name.ends_with(".class"))
}

fn is_embedded(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("/embeddings/") || name.starts_with("object ") && name.ends_with("/content.xml")
}

fn count(directory: &Directory, wanted: impl Fn(&str) -> bool) -> u32 {
    u32::try_from(directory.entries.iter().filter(|entry| wanted(&entry.name)).count()).unwrap_or(u32::MAX)
}

fn is_encrypted_odf(source: &mut Source<'_>, directory: &Directory) -> bool {
    let manifest = directory
        .find("META-INF/manifest.xml")
        .and_then(|entry| archive::read_entry(source, entry, PART_BYTES));
    manifest.is_some_and(|manifest| contains(&manifest, b"encryption-data"))
}

fn has_remote_template(source: &mut Source<'_>, directory: &Directory) -> bool {
    let relations = directory.find("word/_rels/settings.xml.rels");
    let text = relations.and_then(|entry| archive::read_entry(source, entry, PART_BYTES)).unwrap_or_default();
    let text = text.to_ascii_lowercase();
    contains(&text, b"attachedtemplate") && (contains(&text, b"\"http") || contains(&text, b"\"\\\\"))
}
