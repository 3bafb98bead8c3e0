//! The search for dangers, in a file and in everything packed into it: one budget for all levels together.
//!
//! This is no virus scanner. It finds the standard test signature (so that the way of an infected file can be
//! exercised end to end), programs, active content, and files made to exhaust whoever unpacks them.

pub(crate) mod archive;
mod signature;

use crate::dicom;
use crate::examination::{Reason, ReasonCode, Verdict, Warning, WarningCode};
use crate::limits::Limits;
use crate::office;
use crate::pdf;
use crate::sniff::{self, Kind, Markup};
use crate::source::{Source, contains};
use crate::text;
use signature::Matcher;
use std::io::{Cursor, Read};

/// Containers in containers; each level may hold a layer in memory.
const MAX_NESTING: u32 = 5;
/// What has grown less than this is no bomb, whatever its ratio: blank pages pack a thousand to one.
const BOMB_BYTES: u64 = 64 << 20;
/// Names that make a computer run a file whose content does not show it.
const RUNNABLE: &[&str] = &[
    "exe", "dll", "scr", "com", "pif", "cpl", "msi", "msp", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js",
    "jse", "wsf", "wsh", "hta", "jar", "lnk", "reg", "sh", "command", "scf",
];

/// What came out of a compressed stream, and whether there would have been more.
pub(crate) struct Inflated {
    pub bytes: Vec<u8>,
    pub is_cut: bool,
}

/// Unpacks raw deflate up to a limit; what comes before an error is kept.
pub(crate) fn inflate_raw(packed: &[u8], limit: u64) -> Inflated {
    read_limited(flate2::read::DeflateDecoder::new(packed), limit)
}

/// Unpacks zlib up to a limit; what comes before an error is kept.
pub(crate) fn inflate_zlib(packed: &[u8], limit: u64) -> Inflated {
    read_limited(flate2::read::ZlibDecoder::new(packed), limit)
}

fn read_limited(reader: impl Read, limit: u64) -> Inflated {
    let mut bytes = Vec::new();
    // An error ends the stream; the part before it is as dangerous as ever.
    let _ = reader.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let is_cut = bytes.len() as u64 > limit;
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Inflated { bytes, is_cut }
}

/// One search, with what it may still spend and what it has found.
pub(crate) struct Scan<'l> {
    limits: &'l Limits,
    original_bytes: u64,
    inflated_bytes: u64,
    entries: u32,
    worst: Option<Reason>,
    partly: bool,
    encrypted: bool,
    damaged: bool,
}

impl<'l> Scan<'l> {
    pub fn new(limits: &'l Limits, original_bytes: u64) -> Self {
        Self {
            limits,
            original_bytes,
            inflated_bytes: 0,
            entries: 0,
            worst: None,
            partly: false,
            encrypted: false,
            damaged: false,
        }
    }

    /// Keeps the gravest of all reasons.
    pub fn report(&mut self, reason: Reason) {
        if self.worst.as_ref().is_none_or(|worst| worst.code < reason.code) {
            self.worst = Some(reason);
        }
    }

    pub fn verdict(&self) -> Verdict {
        match &self.worst {
            None => Verdict::Clean,
            Some(reason) if matches!(reason.code, ReasonCode::DecompressionBomb | ReasonCode::EmptyFile) => {
                Verdict::Reject(reason.clone())
            }
            Some(reason) => Verdict::Quarantine(reason.clone()),
        }
    }

    pub fn warnings(&self) -> Vec<Warning> {
        let all = [
            (self.partly, WarningCode::PartlyExamined),
            (self.encrypted, WarningCode::Encrypted),
            (self.damaged, WarningCode::Damaged),
        ];
        all.into_iter().filter(|(told, _)| *told).map(|(_, code)| code.into()).collect()
    }

    /// Searches a file and what is in it. `depth` counts the containers around it.
    pub fn file(&mut self, source: &mut Source<'_>, kind: &Kind, name: &str, depth: u32) {
        if self.is_over() {
            return;
        }
        self.raw(source);
        self.name(kind, name);
        match kind {
            Kind::Program(program) => {
                self.program(&format!("a program (`{}`)", Kind::Program(*program).media_type()))
            }
            Kind::Markup(Markup::Html | Markup::Svg | Markup::Xml)
                if text::is_active(source, self.limits) =>
            {
                self.active("markup that can run scripts");
            }
            Kind::Known(
                "application/vnd.microsoft.cabinet-compressed"
                | "application/vnd.microsoft.portable-executable",
                _,
            ) => {
                self.program("a program or its installer");
            }
            Kind::Dicom => self.dicom(source, depth),
            Kind::Pdf => pdf::scan(source, self, depth),
            Kind::Rtf => self.rtf(source),
            Kind::Ole => self.ole(source),
            Kind::Zip | Kind::Gzip | Kind::Tar if depth >= MAX_NESTING => self.too_deep(),
            Kind::Zip => archive::scan_zip(source, self, depth),
            Kind::Gzip => archive::scan_gzip(source, self, depth),
            Kind::Tar => archive::scan_tar(source, self, depth),
            _ => {}
        }
    }

    /// Searches something unpacked that lies in memory.
    pub fn bytes(&mut self, bytes: &[u8], name: &str, depth: u32) {
        let mut file = Cursor::new(bytes);
        let mut source = Source::new(&mut file);
        let kind = sniff::sniff(&mut source);
        self.file(&mut source, &kind, name, depth);
    }

    /// Unpacks a stream piece by piece, searching all of it and looking into it if it fits a layer.
    pub fn unpack(&mut self, mut reader: impl Read, name: &str, depth: u32) {
        let mut matcher = Matcher::new();
        let mut kept = Vec::new();
        let mut whole = true;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let read = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(_) => {
                    self.damaged = true;
                    break;
                }
            };
            let piece = chunk.get(..read).unwrap_or_default();
            if matcher.feed(piece) {
                self.malware();
            }
            if !self.charge(read as u64) {
                return;
            }
            whole &= (kept.len() + read) as u64 <= self.limits.layer_bytes();
            if whole {
                kept.extend_from_slice(piece);
            }
        }
        if whole {
            self.bytes(&kept, name, depth);
        } else {
            // Too large to be looked into; what it is can be told from its front.
            self.partly = true;
            let front = kept.get(..kept.len().min(64 * 1024)).unwrap_or_default();
            let kind = sniff::sniff(&mut Source::new(&mut Cursor::new(front)));
            self.name(&kind, name);
            if let Kind::Program(_) = kind {
                self.program("a program");
            }
        }
    }

    /// Counts unpacked bytes; false when no more may be unpacked.
    pub fn charge(&mut self, bytes: u64) -> bool {
        self.inflated_bytes = self.inflated_bytes.saturating_add(bytes);
        let ratio = self.inflated_bytes / self.original_bytes.max(1);
        if self.inflated_bytes > BOMB_BYTES.min(self.limits.inflated_bytes)
            && ratio > self.limits.inflation_ratio
        {
            self.bomb("the file unpacks to far more than its size");
        }
        if self.inflated_bytes > self.limits.inflated_bytes {
            self.partly = true;
        }
        !self.is_over()
    }

    /// Counts an entry; false when there are too many.
    pub fn entry(&mut self) -> bool {
        self.entries += 1;
        self.partly |= self.entries > self.limits.entries;
        self.entries <= self.limits.entries && !self.is_over()
    }

    /// How much one stream may unpack to in memory.
    pub fn room(&self) -> u64 {
        let left = self.limits.inflated_bytes.saturating_sub(self.inflated_bytes);
        self.limits.layer_bytes().min(left)
    }

    pub fn limits(&self) -> &'l Limits {
        self.limits
    }

    fn is_over(&self) -> bool {
        let bomb = self.worst.as_ref().is_some_and(|worst| worst.code == ReasonCode::DecompressionBomb);
        bomb || self.inflated_bytes > self.limits.inflated_bytes
    }

    pub fn bomb(&mut self, text: &str) {
        self.report(Reason::new(ReasonCode::DecompressionBomb, text));
    }

    pub fn active(&mut self, what: &str) {
        self.report(Reason::new(ReasonCode::ActiveContent, format!("the file holds {what}")));
    }

    pub fn program(&mut self, what: &str) {
        self.report(Reason::new(ReasonCode::Executable, format!("the file is or holds {what}")));
    }

    fn too_deep(&mut self) {
        self.report(Reason::new(
            ReasonCode::NestedTooDeeply,
            "archives are nested too deeply to be examined",
        ));
    }

    fn malware(&mut self) {
        let text = "the file holds the signature of known malware";
        self.report(Reason::new(ReasonCode::MalwareSignature, text));
    }

    pub fn note_encrypted(&mut self) {
        self.encrypted = true;
    }

    pub fn note_damaged(&mut self) {
        self.damaged = true;
    }

    pub fn note_partly(&mut self) {
        self.partly = true;
    }

    fn raw(&mut self, source: &mut Source<'_>) {
        let mut matcher = Matcher::new();
        let mut found = false;
        source.stream(self.limits.scanned_bytes, |chunk| {
            found = matcher.feed(chunk);
            !found
        });
        if found {
            self.malware();
        }
        self.partly |= source.len() > self.limits.scanned_bytes;
    }

    /// Searches bytes that were unpacked elsewhere, without looking into them.
    pub fn search(&mut self, bytes: &[u8]) {
        if Matcher::new().feed(bytes) {
            self.malware();
        }
    }

    /// A name matters only where the content is not known to be harmless.
    fn name(&mut self, kind: &Kind, name: &str) {
        let vague = matches!(
            kind,
            Kind::Text | Kind::Markup(_) | Kind::Unknown | Kind::Known(..) | Kind::Zip | Kind::Ole
        );
        let extension = crate::declared::extension(name);
        if vague && RUNNABLE.contains(&extension.as_str()) {
            self.program(&format!("something that runs by its name (`.{extension}`)"));
        }
    }

    /// The preamble may hold another format's header, so that the same file runs as a program.
    fn dicom(&mut self, source: &mut Source<'_>, depth: u32) {
        let head = source.part(0, 4096);
        let marked = crate::source::has(&head, 128, b"DICM");
        let starts_program = matches!(head.as_slice(), [b'M', b'Z', ..]) || sniff::program(&head).is_some();
        if marked && starts_program {
            self.program("a program in the preamble of an image");
        }
        for inner in dicom::inner(source, self.limits) {
            if !self.charge(inner.inflated_bytes) {
                return;
            }
            if inner.is_cut {
                self.partly = true;
            }
            if inner.is_document {
                self.bytes(&inner.bytes, "", depth + 1);
            } else {
                self.search(&inner.bytes);
            }
        }
    }

    fn rtf(&mut self, source: &mut Source<'_>) {
        let bytes = source.part(0, self.limits.layer_bytes());
        if contains(&bytes, b"\\objdata") || contains(&bytes, b"\\objocx") || contains(&bytes, b"\\objupdate")
        {
            self.active("embedded objects");
        }
    }

    fn ole(&mut self, source: &mut Source<'_>) {
        let Some(storage) = office::ole::read(source, self.limits) else {
            self.damaged = true;
            return;
        };
        if storage.has_macros {
            self.active("macros");
        }
        if storage.is_installer {
            self.program("an installer");
        }
        if storage.has_packages {
            self.active("packaged files");
        }
        self.encrypted |= storage.is_encrypted;
    }
}
