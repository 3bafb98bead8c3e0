//! The examination itself: sniff, read the class's facts, search for dangers, compare with what was declared.

use crate::declared::{Declared, Promise};
use crate::dicom;
use crate::examination::{
    ArchiveFacts, Class, DocumentFacts, Examination, Facts, Preview, Reason, ReasonCode, Verdict, Warning,
    WarningCode,
};
use crate::limits::Limits;
use crate::media;
use crate::office;
use crate::pdf;
use crate::picture;
use crate::scan::{Scan, archive};
use crate::sniff::{self, Kind};
use crate::source::Source;
use crate::text;
use std::io::{Read, Seek};

/// Examines one uploaded file. It never fails: what cannot be understood is `Other`, with the reason told.
pub fn examine(file: &mut (impl Read + Seek), declared: &Declared<'_>, limits: &Limits) -> Examination {
    // Not known to happen; but one hostile file must not keep the others of a batch from being examined.
    picture::guarded(|| Some(examine_unguarded(file, declared, limits))).unwrap_or_else(|| {
        refused(Verdict::Quarantine(Reason::new(ReasonCode::NotExamined, "the file could not be examined")))
    })
}

fn examine_unguarded(file: &mut (impl Read + Seek), declared: &Declared<'_>, limits: &Limits) -> Examination {
    let mut source = Source::new(file);
    if source.len() == 0 {
        return refused(Verdict::Reject(Reason::new(ReasonCode::EmptyFile, "the file is empty")));
    }
    let kind = sniff::sniff(&mut source);
    let reading = Reading::of(&mut source, &kind, declared, limits);
    let mut scan = Scan::new(limits, source.len());
    scan.file(&mut source, &kind, declared.name, 0);
    let mut warnings = reading.warnings;
    match declared.compare(reading.class, &reading.media_type) {
        Promise::Kept => {}
        Promise::Imprecise => warnings.push(WarningCode::TypeDiffers.into()),
        Promise::Broken(reason) => scan.report(reason),
    }
    for warning in scan.warnings() {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    let verdict = scan.verdict();
    Examination {
        class: reading.class,
        media_type: reading.media_type,
        facts: reading.facts,
        // What is dangerous is not shown either.
        preview: reading.preview.filter(|_| verdict == Verdict::Clean),
        verdict,
        warnings,
    }
}

fn refused(verdict: Verdict) -> Examination {
    Examination {
        class: Class::Other,
        media_type: Kind::Unknown.media_type().to_owned(),
        facts: Facts::None,
        preview: None,
        verdict,
        warnings: Vec::new(),
    }
}

/// What the reader of the class gave.
struct Reading {
    class: Class,
    media_type: String,
    facts: Facts,
    preview: Option<Preview>,
    warnings: Vec<Warning>,
}

impl Reading {
    fn new(kind: &Kind, facts: Facts) -> Self {
        let media_type = kind.media_type().to_owned();
        Self { class: kind.class(), media_type, facts, preview: None, warnings: Vec::new() }
    }

    fn of(source: &mut Source<'_>, kind: &Kind, declared: &Declared<'_>, limits: &Limits) -> Self {
        match kind {
            Kind::Dicom => {
                let read = dicom::read(source, limits);
                Self { preview: read.preview, warnings: read.warnings, ..Self::new(kind, read.facts) }
            }
            Kind::Raster(raster) => {
                let read = picture::read(source, *raster, limits);
                Self {
                    preview: read.preview,
                    warnings: read.warnings,
                    ..Self::new(kind, Facts::Image(read.facts))
                }
            }
            Kind::Pdf => {
                let read = pdf::read(source, limits);
                Self {
                    preview: read.preview,
                    warnings: read.warnings,
                    ..Self::new(kind, Facts::Pdf(read.facts))
                }
            }
            Kind::Media(media) => {
                let read = media::read(source, *media, limits);
                let media_type = read.media_type.to_owned();
                Self {
                    class: read.class,
                    media_type,
                    facts: Facts::Media(read.facts),
                    preview: None,
                    warnings: read.warnings,
                }
            }
            Kind::Zip => {
                let read = office::read_zip(source, limits);
                Self { class: read.class, media_type: read.media_type, ..Self::new(kind, read.facts) }
            }
            Kind::Ole => Self::of_ole(source, kind, limits),
            Kind::Rtf => {
                let facts = DocumentFacts { format: "rtf".to_owned(), ..DocumentFacts::default() };
                Self::new(kind, Facts::Document(facts))
            }
            Kind::Text | Kind::Markup(_) => Self::of_text(source, kind, declared, limits),
            Kind::Gzip => Self::new(kind, archive_facts("gzip", Some(1))),
            Kind::Tar => {
                let members = archive::tar_members(source, limits);
                let mut reading = Self::new(kind, archive_facts("tar", u32::try_from(members.len()).ok()));
                if let Facts::Archive(facts) = &mut reading.facts {
                    facts.unpacked_bytes =
                        Some(members.iter().fold(0, |sum: u64, (_, _, size)| sum.saturating_add(*size)));
                }
                reading
            }
            Kind::Program(_) | Kind::Known(..) | Kind::Unknown => Self::new(kind, Facts::None),
        }
    }

    fn of_ole(source: &mut Source<'_>, kind: &Kind, limits: &Limits) -> Self {
        let Some(storage) = office::ole::read(source, limits) else {
            let damaged = vec![WarningCode::Damaged.into()];
            return Self { class: Class::Other, warnings: damaged, ..Self::new(kind, Facts::None) };
        };
        let class = if storage.is_installer { Class::Other } else { Class::Document };
        let media_type = storage.media_type.to_owned();
        Self { class, media_type, ..Self::new(kind, Facts::Document(storage.facts())) }
    }

    /// Text looks alike whatever it means, so here the declared type is taken if it is a text's.
    fn of_text(source: &mut Source<'_>, kind: &Kind, declared: &Declared<'_>, limits: &Limits) -> Self {
        let mut reading = Self::new(kind, Facts::Text(text::facts(source, limits)));
        let said = declared.canonical();
        let named = match declared.extension().as_str() {
            "csv" => "text/csv",
            "tsv" => "text/tab-separated-values",
            "md" => "text/markdown",
            "json" => "application/json",
            "hl7" => "x-application/hl7-v2+er7",
            _ => "",
        };
        if *kind == Kind::Text {
            if is_texts(&said) {
                reading.media_type = said;
            } else if !named.is_empty() {
                named.clone_into(&mut reading.media_type);
            }
        } else if reading.media_type == "application/xml"
            && (said.ends_with("+xml") && said != "image/svg+xml" || said == "text/xml")
        {
            reading.media_type = said;
        }
        if kind.class() == Class::Image {
            reading.facts =
                Facts::Image(crate::ImageFacts { format: "svg".to_owned(), ..crate::ImageFacts::default() });
            reading.warnings.push(WarningCode::NoPreview.into());
        }
        reading
    }
}

/// Types whose content is plain characters, markup that could run excepted.
fn is_texts(media_type: &str) -> bool {
    let plain = media_type
        .strip_prefix("text/")
        .is_some_and(|kind| !matches!(kind, "" | "html" | "xml" | "javascript"));
    plain
        || matches!(media_type, "application/json" | "application/x-ndjson" | "x-application/hl7-v2+er7")
        || media_type.ends_with("+json")
}

fn archive_facts(format: &str, entries: Option<u32>) -> Facts {
    Facts::Archive(ArchiveFacts { format: format.to_owned(), entries, ..ArchiveFacts::default() })
}
