//! The directories of a TIFF, walked by hand: sizes and pages of scans whose compression no decoder here knows, and
//! the EXIF of photos, which is the same format.

use crate::source::{Source, be16, be32, le16, le32};

/// More pages than any scanner feeds; directories may also form a circle.
const MAX_PAGES: u32 = 10_000;
const MAX_ENTRIES: u16 = 1000;

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const ORIENTATION: u16 = 0x0112;
const EXIF: u16 = 0x8769;
const GPS: u16 = 0x8825;
/// Description, artist, copyright, and their later doubles; camera owner.
const PERSONAL: &[u16] = &[0x010e, 0x013b, 0x9c9d, 0x9c9c, 0xa430];

/// What the directories say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Directories {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub orientation: Option<u8>,
    pub pages: u32,
    pub location: bool,
    pub personal: bool,
}

/// Walks the pages of a TIFF, and into the EXIF of the first.
pub(crate) fn walk(source: &mut Source<'_>) -> Option<Directories> {
    let big_endian = match source.exact::<4>(0)? {
        [b'I', b'I', 42, 0] => false,
        [b'M', b'M', 0, 42] => true,
        _ => return None,
    };
    let mut reader = Reader { source, big_endian };
    let mut found = Directories::default();
    let mut next = u64::from(reader.long(4)?);
    let mut last = 0;
    // Directories usually follow each other; one that goes back is read once and ends the walk.
    while next != 0 && found.pages < MAX_PAGES {
        let Some(after) = reader.directory(next, &mut found, 0) else { break };
        found.pages += 1;
        if next <= last {
            break;
        }
        last = next;
        next = after;
    }
    (found.pages > 0).then_some(found)
}

struct Reader<'r, 's> {
    source: &'r mut Source<'s>,
    big_endian: bool,
}

impl Reader<'_, '_> {
    fn short(&mut self, at: u64) -> Option<u16> {
        let bytes = self.source.exact::<2>(at)?;
        if self.big_endian { be16(&bytes, 0) } else { le16(&bytes, 0) }
    }

    fn long(&mut self, at: u64) -> Option<u32> {
        let bytes = self.source.exact::<4>(at)?;
        if self.big_endian { be32(&bytes, 0) } else { le32(&bytes, 0) }
    }

    /// Reads one directory; gives where the next one is.
    fn directory(&mut self, at: u64, found: &mut Directories, depth: u32) -> Option<u64> {
        let count = self.short(at)?;
        if count == 0 || count > MAX_ENTRIES {
            return None;
        }
        for entry in 0..u64::from(count) {
            self.entry(at + 2 + entry * 12, found, depth);
        }
        self.long(at + 2 + u64::from(count) * 12).map(u64::from).or(Some(0))
    }

    fn entry(&mut self, at: u64, found: &mut Directories, depth: u32) -> Option<()> {
        let tag = self.short(at)?;
        let kind = self.short(at + 2)?;
        let count = self.long(at + 4)?;
        let value = if kind == 3 { u32::from(self.short(at + 8)?) } else { self.long(at + 8)? };
        let first_page = found.pages == 0;
        match tag {
            WIDTH if first_page && depth == 0 => found.width = Some(value),
            HEIGHT if first_page && depth == 0 => found.height = Some(value),
            ORIENTATION if first_page => {
                found.orientation = u8::try_from(value).ok().filter(|v| (1..=8).contains(v))
            }
            GPS => found.location |= self.short(u64::from(value)).is_some_and(|entries| entries > 1),
            EXIF if depth == 0 => {
                self.directory(u64::from(value), found, 1);
            }
            _ if PERSONAL.contains(&tag) => found.personal |= self.has_words(at, kind, count),
            _ => {}
        }
        Some(())
    }

    /// Whether a text value has letters in it; cameras write blanks.
    fn has_words(&mut self, at: u64, kind: u16, count: u32) -> bool {
        let place = if count <= 4 { Some(at + 8) } else { self.long(at + 8).map(u64::from) };
        let bytes = place.map(|place| self.source.part(place, u64::from(count.min(256)))).unwrap_or_default();
        matches!(kind, 1 | 2 | 7) && bytes.iter().any(u8::is_ascii_alphabetic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_circle_of_directories_ends() {
        let mut bytes = b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0".to_vec();
        bytes.extend([8, 0, 0, 0]);
        let found = walk(&mut Source::new(&mut Cursor::new(bytes))).unwrap();
        assert_eq!((found.width, found.pages), (Some(5), 2));
    }

    #[test]
    fn a_place_and_a_name_are_noticed() {
        let mut bytes = b"II*\0\x08\0\0\0\x02\0".to_vec();
        bytes.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0");
        bytes.extend(b"\x3b\x01\x02\0\x03\0\0\0Ann\0\0\0\0\0");
        bytes.extend(b"\x02\0");
        let found = walk(&mut Source::new(&mut Cursor::new(bytes))).unwrap();
        assert!(found.location && found.personal);
    }
}
