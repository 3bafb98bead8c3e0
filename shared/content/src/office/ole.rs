//! OLE compound files: the directory of a legacy office document, walked through its allocation table.

use crate::examination::DocumentFacts;
use crate::limits::Limits;
use crate::source::{Source, le16, le32};

const ENTRY_BYTES: usize = 128;
const FREE: u32 = 0xffff_fffa;
/// A directory of more sectors is no document's.
const MAX_SECTORS: u32 = 4096;

/// What the names in the directory tell.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub media_type: &'static str,
    pub format: &'static str,
    pub has_macros: bool,
    pub has_packages: bool,
    pub is_encrypted: bool,
    pub is_installer: bool,
    pub objects: u32,
}

impl Storage {
    pub fn facts(&self) -> DocumentFacts {
        DocumentFacts {
            format: self.format.to_owned(),
            macros: self.has_macros,
            encrypted: self.is_encrypted,
            embedded_objects: self.objects,
        }
    }
}

/// Reads the directory; nothing if it cannot be found.
pub(crate) fn read(source: &mut Source<'_>, limits: &Limits) -> Option<Storage> {
    let header = source.exact::<512>(0)?;
    let shift = u32::from(le16(&header, 30)?);
    if shift != 9 && shift != 12 {
        return None;
    }
    let sector_bytes = 1u64 << shift;
    let place = |sector: u32| (u64::from(sector) + 1) * sector_bytes;
    // The first 109 sectors of the table are listed in the header; they cover 6 MB of small sectors, and directories
    // beyond that are found by following the list in the table's own sectors.
    let mut table: Vec<u32> =
        (0..109).filter_map(|at| le32(&header, 76 + at * 4)).filter(|s| *s < FREE).collect();
    let mut extension = le32(&header, 68)?;
    for _ in 0..limits.elements.min(MAX_SECTORS) {
        if extension >= FREE {
            break;
        }
        let bytes = source.part(place(extension), sector_bytes);
        let (numbers, _) = bytes.as_chunks::<4>();
        let mut numbers: Vec<u32> = numbers.iter().map(|n| u32::from_le_bytes(*n)).collect();
        extension = numbers.pop().unwrap_or(u32::MAX);
        table.extend(numbers.into_iter().filter(|sector| *sector < FREE));
    }
    let mut sector = le32(&header, 48)?;
    let mut names = Names::default();
    let per_sector = u32::try_from(sector_bytes / 4).ok()?;
    for _ in 0..MAX_SECTORS {
        if sector >= FREE || place(sector) >= source.len() {
            break;
        }
        let bytes = source.part(place(sector), sector_bytes);
        bytes.chunks_exact(ENTRY_BYTES).for_each(|entry| names.see(entry));
        let in_table = table.get((sector / per_sector) as usize)?;
        let next = source.exact::<4>(place(*in_table) + u64::from(sector % per_sector) * 4)?;
        sector = u32::from_le_bytes(next);
    }
    names.seen.then(|| names.storage())
}

#[derive(Default)]
struct Names {
    seen: bool,
    word: bool,
    excel: bool,
    powerpoint: bool,
    message: bool,
    encrypted_package: bool,
    installer: bool,
    macros: bool,
    packages: bool,
    objects: u32,
}

impl Names {
    fn see(&mut self, entry: &[u8]) {
        let length = usize::from(le16(entry, 64).unwrap_or(0)).min(64);
        let kind = entry.get(66).copied().unwrap_or(0);
        if kind == 0 || length < 2 {
            return;
        }
        let (units, _) = entry.get(..length - 2).unwrap_or_default().as_chunks::<2>();
        let name: String = char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)))
            .map(|c| c.unwrap_or('?'))
            .collect();
        self.seen = true;
        // The root of an installer has a class of its own.
        self.installer |= kind == 5 && entry.get(80..84) == Some(&[0x84, 0x10, 0x0c, 0]);
        match name.as_str() {
            "WordDocument" => self.word = true,
            "Workbook" | "Book" => self.excel = true,
            "PowerPoint Document" => self.powerpoint = true,
            "__properties_version1.0" => self.message = true,
            "EncryptedPackage" => self.encrypted_package = true,
            "VBA" | "_VBA_PROJECT" | "_VBA_PROJECT_CUR" => self.macros = true,
            "\u{1}Ole10Native" => self.packages = true,
            _ if name.starts_with("MBD") || name.starts_with("_1") && kind == 1 => self.objects += 1,
            _ => {}
        }
    }

    fn storage(&self) -> Storage {
        let (media_type, format) = match self {
            Self { word: true, .. } => ("application/msword", "doc"),
            Self { powerpoint: true, .. } => ("application/vnd.ms-powerpoint", "ppt"),
            Self { excel: true, .. } => ("application/vnd.ms-excel", "xls"),
            Self { message: true, .. } => ("application/vnd.ms-outlook", "msg"),
            Self { installer: true, .. } => ("application/x-msi", "msi"),
            // An OOXML document under a password is kept inside of an OLE file.
            Self { encrypted_package: true, .. } => {
                ("application/x-ole-storage", "encrypted office document")
            }
            _ => ("application/x-ole-storage", "ole"),
        };
        Storage {
            media_type,
            format,
            has_macros: self.macros,
            has_packages: self.packages,
            is_encrypted: self.encrypted_package,
            is_installer: self.installer,
            objects: self.objects,
        }
    }
}
