//! Archives: their directory of entries, checked for tricks before anything is unpacked, and the search inside.

use super::Scan;
use crate::examination::ArchiveFacts;
use crate::limits::Limits;
use crate::office;
use crate::sniff::{self, Kind};
use crate::source::{Source, has, le16, le32, le64};
use std::io::{Cursor, Read, Seek, SeekFrom};

const END: &[u8] = b"PK\x05\x06";
const END_BYTES: u64 = 22;
const COMMENT_BYTES: u64 = 65_535;
const TAR_BLOCK: u64 = 512;

/// An entry as the central directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub method: u16,
    pub encrypted: bool,
    pub packed: u64,
    pub unpacked: u64,
    header_at: u64,
}

/// The entries of a ZIP.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub entries: Vec<Entry>,
    /// More entries are declared than were read.
    pub is_cut: bool,
    pub overlaps: bool,
}

impl Directory {
    pub fn facts(&self) -> ArchiveFacts {
        ArchiveFacts {
            format: "zip".to_owned(),
            entries: u32::try_from(self.entries.len()).ok(),
            unpacked_bytes: Some(
                self.entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.unpacked)),
            ),
            encrypted: self.entries.iter().any(|entry| entry.encrypted),
        }
    }

    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// Reads the central directory; nothing if there is none.
pub(crate) fn directory(source: &mut Source<'_>, limits: &Limits) -> Option<Directory> {
    let tail_at = source.len().saturating_sub(END_BYTES + COMMENT_BYTES);
    let tail = source.part(tail_at, END_BYTES + COMMENT_BYTES);
    let at = memchr::memmem::rfind_iter(&tail, END).find(|at| tail.len() - at >= END_BYTES as usize)?;
    let end_at = tail_at + at as u64;
    let record = tail.get(at..)?;
    let (mut count, mut size, mut start) =
        (u64::from(le16(record, 10)?), u64::from(le32(record, 12)?), u64::from(le32(record, 16)?));
    let mut directory_end = end_at;
    if let Some((large_at, large)) = zip64(source, end_at) {
        (count, size, start) = (le64(&large, 32)?, le64(&large, 40)?, le64(&large, 48)?);
        directory_end = large_at;
    }
    // Something may stand before the archive, as in self-extracting ones; offsets count from after it.
    let real_start = directory_end.checked_sub(size)?;
    let shift = real_start.saturating_sub(start);
    let limit = u64::from(limits.entries);
    let mut found = Directory { is_cut: count > limit, ..Directory::default() };
    let mut at = real_start;
    while found.entries.len() as u64 <= count.min(limit) && at < directory_end {
        let Some((entry, next)) = entry(source, at, shift) else { break };
        found.entries.push(entry);
        at = next;
    }
    found.overlaps = overlaps(&found.entries);
    Some(found)
}

fn zip64(source: &mut Source<'_>, end_at: u64) -> Option<(u64, Vec<u8>)> {
    let locator = source.part(end_at.checked_sub(20)?, 20);
    if !locator.starts_with(b"PK\x06\x07") {
        return None;
    }
    let at = le64(&locator, 8)?;
    let record = source.part(at, 56);
    record.starts_with(b"PK\x06\x06").then_some((at, record))
}

fn entry(source: &mut Source<'_>, at: u64, shift: u64) -> Option<(Entry, u64)> {
    let fixed = source.exact::<46>(at)?;
    if !has(&fixed, 0, b"PK\x01\x02") {
        return None;
    }
    let (name_len, extra_len, comment_len) = (le16(&fixed, 28)?, le16(&fixed, 30)?, le16(&fixed, 32)?);
    let name = source.part(at + 46, u64::from(name_len));
    let extra = source.part(at + 46 + u64::from(name_len), u64::from(extra_len));
    let mut entry = Entry {
        name: String::from_utf8_lossy(&name).into_owned(),
        method: le16(&fixed, 10)?,
        encrypted: le16(&fixed, 8)? & 1 == 1,
        packed: u64::from(le32(&fixed, 20)?),
        unpacked: u64::from(le32(&fixed, 24)?),
        header_at: u64::from(le32(&fixed, 42)?),
    };
    widen(&mut entry, &extra);
    entry.header_at = entry.header_at.saturating_add(shift);
    let next = at + 46 + u64::from(name_len) + u64::from(extra_len) + u64::from(comment_len);
    Some((entry, next))
}

/// Takes the sizes that do not fit four bytes from the extra field.
fn widen(entry: &mut Entry, mut extra: &[u8]) {
    const FULL: u64 = u32::MAX as u64;
    while let (Some(id), Some(len)) = (le16(extra, 0), le16(extra, 2)) {
        let content = extra.get(4..4 + usize::from(len)).unwrap_or_default();
        if id == 1 {
            let mut at = 0;
            for field in [&mut entry.unpacked, &mut entry.packed, &mut entry.header_at] {
                if *field == FULL
                    && let Some(value) = le64(content, at)
                {
                    *field = value;
                    at += 8;
                }
            }
            return;
        }
        extra = extra.get(4 + usize::from(len)..).unwrap_or_default();
    }
}

/// Entries that share bytes make a small archive unpack without end; no honest tool writes them.
fn overlaps(entries: &[Entry]) -> bool {
    const HEADER: u64 = 30;
    let mut places: Vec<(u64, u64)> = entries
        .iter()
        .map(|e| (e.header_at, e.header_at.saturating_add(HEADER).saturating_add(e.packed)))
        .collect();
    places.sort_unstable();
    places.windows(2).any(|pair| matches!(pair, [(_, end), (next, _)] if next < end))
}

/// The content of an entry, still packed, ready to be read from the source.
fn data_at(source: &mut Source<'_>, entry: &Entry) -> Option<u64> {
    let header = source.exact::<30>(entry.header_at)?;
    if !has(&header, 0, b"PK\x03\x04") {
        return None;
    }
    Some(entry.header_at + 30 + u64::from(le16(&header, 26)?) + u64::from(le16(&header, 28)?))
}

/// Unpacks one small entry, such as the one that names an office format.
pub(crate) fn read_entry(source: &mut Source<'_>, entry: &Entry, limit: u64) -> Option<Vec<u8>> {
    let at = data_at(source, entry)?;
    let packed = source.part(at, entry.packed.min(limit));
    match entry.method {
        0 => Some(packed),
        8 => Some(super::inflate_raw(&packed, limit).bytes),
        _ => None,
    }
}

pub(super) fn scan_zip(source: &mut Source<'_>, scan: &mut Scan<'_>, depth: u32) {
    let Some(directory) = directory(source, scan.limits()) else {
        scan.note_damaged();
        scan.note_partly();
        return;
    };
    if directory.overlaps {
        scan.bomb("entries of the archive overlap");
        return;
    }
    if directory.is_cut {
        scan.note_partly();
    }
    office::dangers(source, &directory, scan);
    for entry in &directory.entries {
        if !scan.entry() {
            return;
        }
        if entry.encrypted {
            scan.note_encrypted();
            scan.name(&Kind::Unknown, &entry.name);
        } else if !entry.name.ends_with('/') {
            scan_entry(source, entry, scan, depth);
        }
    }
}

fn scan_entry(source: &mut Source<'_>, entry: &Entry, scan: &mut Scan<'_>, depth: u32) {
    let Some(at) = data_at(source, entry) else {
        scan.note_damaged();
        return;
    };
    if source.seek(SeekFrom::Start(at)).is_err() {
        return;
    }
    let packed = source.take(entry.packed);
    match entry.method {
        0 => scan.unpack(packed, &entry.name, depth + 1),
        8 => scan.unpack(flate2::read::DeflateDecoder::new(packed), &entry.name, depth + 1),
        _ => {
            scan.note_partly();
            scan.name(&Kind::Unknown, &entry.name);
        }
    }
}

pub(super) fn scan_gzip(source: &mut Source<'_>, scan: &mut Scan<'_>, depth: u32) {
    if source.seek(SeekFrom::Start(0)).is_err() {
        return;
    }
    scan.unpack(flate2::read::MultiGzDecoder::new(source), "", depth + 1);
}

/// Members of a tar lie in it unpacked: the signature was already looked for, their kinds were not.
pub(super) fn scan_tar(source: &mut Source<'_>, scan: &mut Scan<'_>, depth: u32) {
    let members = tar_members(source, scan.limits());
    for (name, at, size) in members {
        if !scan.entry() {
            return;
        }
        if size <= scan.limits().layer_bytes() {
            let bytes = source.part(at, size);
            scan.bytes(&bytes, &name, depth + 1);
        } else {
            scan.note_partly();
            let front = source.part(at, 64 * 1024);
            let kind = sniff::sniff(&mut Source::new(&mut Cursor::new(front)));
            scan.name(&kind, &name);
            if let Kind::Program(_) = kind {
                scan.program("a program");
            }
        }
    }
}

/// Name, place and size of the files in a tar.
pub(crate) fn tar_members(source: &mut Source<'_>, limits: &Limits) -> Vec<(String, u64, u64)> {
    let mut members = Vec::new();
    let mut at = 0;
    while members.len() as u64 <= u64::from(limits.entries) {
        let Some(header) = source.exact::<512>(at) else { break };
        let Some(size) = tar_size(header.get(124..136).unwrap_or_default()) else { break };
        let name = header.get(..100).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
        if name.is_empty() {
            break;
        }
        let file = matches!(header.get(156), Some(b'0' | 0));
        if file && size > 0 {
            members.push((String::from_utf8_lossy(name).into_owned(), at + TAR_BLOCK, size));
        }
        let Some(next) =
            at.checked_add(TAR_BLOCK).and_then(|at| at.checked_add(size.div_ceil(TAR_BLOCK) * TAR_BLOCK))
        else {
            break;
        };
        at = next;
    }
    members
}

/// Octal digits, or binary when the first bit is set.
fn tar_size(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|byte| byte & 0x80 != 0) {
        let low = field.get(4..12)?.try_into().ok()?;
        return Some(u64::from_be_bytes(low)).filter(|size| *size < 1 << 48);
    }
    let digits = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(header_at: u64, packed: u64) -> Entry {
        Entry { name: String::new(), method: 8, encrypted: false, packed, unpacked: 0, header_at }
    }

    #[test]
    fn entries_that_share_bytes_are_seen_in_any_order() {
        assert!(!overlaps(&[entry(130, 10), entry(0, 100)]));
        assert!(overlaps(&[entry(100, 10), entry(0, 100)]));
        assert!(overlaps(&[entry(0, 5), entry(0, 5)]));
        assert!(overlaps(&[entry(0, u64::MAX), entry(7, 1)]));
    }

    #[test]
    fn sizes_of_tar_members() {
        assert_eq!(tar_size(b"00000000644\0"), Some(0o644));
        assert_eq!(tar_size(b"\x80\0\0\0\0\0\0\0\0\0\x01\0"), Some(256));
        assert_eq!(tar_size(b"zz"), None);
    }
}
