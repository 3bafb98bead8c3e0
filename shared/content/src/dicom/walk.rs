//! A bounded walk over a DICOM data set: explicit and implicit VR, both byte orders, nested sequences, encapsulated
//! pixel data, with or without the file's preamble and meta group.
//!
//! General parsers trust the declared transfer syntax and lengths. A 674-byte file whose `UN` sequence is encoded
//! implicitly, or one written implicitly under an explicit syntax, makes them take text for a length and allocate
//! gigabytes. Here the encoding is recognised from the elements themselves, nothing is allocated by a declared
//! length, and a length that passes the end of its container is cut there and noted.

use super::tag::{self, Tag};
use crate::limits::Limits;
use crate::source::Source;
use std::collections::BTreeMap;

/// The longest value kept; lookup tables are the longest we need.
const VALUE_BYTES: u64 = 256 * 1024;
const UNDEFINED: u32 = u32::MAX;
/// Value representations with a four-byte length.
const LONG_VR: &[&[u8; 2]] =
    &[b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];
const SHORT_VR: &[&[u8; 2]] = &[
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL",
    b"SS", b"ST", b"TM", b"UI", b"UL", b"US",
];

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub explicit: bool,
    pub big_endian: bool,
}

pub(crate) const IMPLICIT: Encoding = Encoding { explicit: false, big_endian: false };
pub(crate) const EXPLICIT: Encoding = Encoding { explicit: true, big_endian: false };

/// Where the pixels of an image lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pixels {
    Native {
        at: u64,
        len: u64,
        words: bool,
    },
    /// The offset table's content and the place of every fragment after it.
    Encapsulated {
        offsets: Vec<u32>,
        fragments: Vec<(u64, u64)>,
    },
}

/// What a walk keeps of a data set.
#[derive(Debug, Clone)]
pub(crate) struct DataSet {
    pub encoding: Encoding,
    /// The wanted values of the top level.
    pub values: BTreeMap<Tag, Vec<u8>>,
    /// Windows and scales of the first functional group, and names in a directory's records.
    pub nested: BTreeMap<Tag, Vec<u8>>,
    /// How often each nested wanted tag was met.
    pub nested_count: BTreeMap<Tag, u32>,
    pub pixels: Option<Pixels>,
    /// The place of an encapsulated document.
    pub document: Option<(u64, u64)>,
    /// A length passed the end, or elements stopped making sense.
    pub damaged: bool,
    /// Well-formed elements seen.
    pub elements: u32,
}

impl DataSet {
    fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            values: BTreeMap::new(),
            nested: BTreeMap::new(),
            nested_count: BTreeMap::new(),
            pixels: None,
            document: None,
            damaged: false,
            elements: 0,
        }
    }
}

/// The header of one element.
#[derive(Debug, Clone, Copy)]
struct Header {
    tag: Tag,
    vr: Option<[u8; 2]>,
    len: u32,
    value_at: u64,
}

/// Where an element lies: what contains it decides what its values mean.
#[derive(Debug, Clone, Copy)]
struct Place {
    end: u64,
    depth: u32,
    root: Tag,
    encoding: Encoding,
}

/// Why a walk ends before its container does.
struct Stop;

/// The encoding of the elements at `at`, judged by the first of them.
pub(crate) fn recognise(source: &mut Source<'_>, at: u64) -> Option<Encoding> {
    let head = source.exact::<8>(at)?;
    let [a, b, c, d, v, w, ..] = head;
    let little = u16::from_le_bytes([a, b]);
    let big = u16::from_be_bytes([a, b]);
    // Data sets begin with a low group; read the wrong way round it is at least 0x0100.
    let big_endian = little >= 0x0100 && big < 0x0100;
    let explicit = is_vr([v, w]);
    if !explicit && big_endian {
        // Nobody ever wrote implicit big endian.
        return None;
    }
    let group = if big_endian { big } else { little };
    let element = if big_endian { u16::from_be_bytes([c, d]) } else { u16::from_le_bytes([c, d]) };
    let plausible = group != 0 && group < 0x0100 && (group.is_multiple_of(2)) && element < 0x4000;
    plausible.then_some(Encoding { explicit, big_endian })
}

/// Whether at least `count` consecutive elements from `at` make sense, for files without a preamble.
pub(crate) fn is_plausible(source: &mut Source<'_>, at: u64, count: u32) -> bool {
    let Some(mut encoding) = recognise(source, at) else {
        return false;
    };
    let (mut at, mut last) = (at, 0);
    for seen in 0..count {
        if seen > 0 && at == source.len() {
            return true;
        }
        let mut header = read_header(source, at, encoding);
        if header.is_some_and(|h| last >> 16 == 2 && h.tag >> 16 != 2) {
            // The data set may be written otherwise than the meta group before it.
            let Some(next) = recognise(source, at) else { return false };
            encoding = next;
            header = read_header(source, at, encoding);
        }
        let Some(header) = header else { return false };
        let known_vr = header.vr.is_some_and(is_vr);
        if header.tag <= last || (encoding.explicit && !known_vr) {
            return false;
        }
        if header.len == UNDEFINED {
            return seen > 0 && (known_vr || !encoding.explicit);
        }
        last = header.tag;
        at = header.value_at + u64::from(header.len);
        if at > source.len() {
            return false;
        }
    }
    true
}

/// Walks from `at` to the end of the source.
pub(crate) fn walk(source: &mut Source<'_>, at: u64, encoding: Encoding, limits: &Limits) -> DataSet {
    let mut set = DataSet::new(encoding);
    let mut walker = Walker { source, limits, set: &mut set };
    let end = walker.source.len();
    let place = Place { end, depth: 0, root: 0, encoding };
    if walker.elements(at, place).is_err() {
        set.damaged = true;
    }
    set
}

/// Walks the file meta group at `at`; gives its values and where the data set begins.
pub(crate) fn walk_meta(source: &mut Source<'_>, mut at: u64) -> (BTreeMap<Tag, Vec<u8>>, u64) {
    let mut values = BTreeMap::new();
    let encoding = recognise(source, at).unwrap_or(EXPLICIT);
    // A meta group has about ten elements; more are no meta group.
    for _ in 0..64 {
        let Some(header) = read_header(source, at, encoding) else { break };
        let end = header.value_at.saturating_add(u64::from(header.len));
        if header.tag >> 16 != 2 || header.len == UNDEFINED || end > source.len() {
            break;
        }
        values.insert(header.tag, source.part(header.value_at, u64::from(header.len).min(1024)));
        at = end;
    }
    (values, at)
}

fn is_vr(vr: [u8; 2]) -> bool {
    LONG_VR.contains(&&vr) || SHORT_VR.contains(&&vr)
}

fn read_header(source: &mut Source<'_>, at: u64, encoding: Encoding) -> Option<Header> {
    let [a, b, c, d, v, w, y, z] = source.exact::<8>(at)?;
    let short = if encoding.big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    let long = if encoding.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let tag = u32::from(short([a, b])) << 16 | u32::from(short([c, d]));
    let delimiter = tag >> 16 == 0xfffe;
    let letters = v.is_ascii_uppercase() && w.is_ascii_uppercase();
    // Writers mix implicit elements into explicit data sets: no letters, no value representation.
    if delimiter || !encoding.explicit || !letters {
        return Some(Header { tag, vr: None, len: long([v, w, y, z]), value_at: at + 8 });
    }
    let vr = [v, w];
    if !LONG_VR.contains(&&vr) {
        return Some(Header { tag, vr: Some(vr), len: u32::from(short([y, z])), value_at: at + 8 });
    }
    let len = long(source.exact::<4>(at + 8)?);
    Some(Header { tag, vr: Some(vr), len, value_at: at + 12 })
}

struct Walker<'w, 's> {
    source: &'w mut Source<'s>,
    limits: &'w Limits,
    set: &'w mut DataSet,
}

impl Walker<'_, '_> {
    fn elements(&mut self, mut at: u64, place: Place) -> Result<u64, Stop> {
        while at < place.end {
            let rest = place.end - at;
            if rest < 8 {
                // Padding after the last element is common; anything else would be half a header.
                let tail = self.source.part(at, rest);
                self.set.damaged |= tail.iter().any(|byte| *byte != 0);
                return Ok(place.end);
            }
            let header = read_header(self.source, at, place.encoding).ok_or(Stop)?;
            if header.tag == tag::ITEM_END {
                return Ok(header.value_at);
            }
            if header.tag == 0 && place.depth == 0 {
                // Media are padded with zeros.
                return Ok(place.end);
            }
            if header.tag >> 16 == 0xfffe {
                // A sequence may end without ending its item; at the top a delimiter has lost its way.
                return if place.depth == 0 { Err(Stop) } else { Ok(at) };
            }
            at = self.element(header, place)?;
        }
        Ok(at)
    }

    fn element(&mut self, header: Header, place: Place) -> Result<u64, Stop> {
        self.set.elements += 1;
        if self.set.elements > self.limits.elements {
            return Err(Stop);
        }
        if header.len == UNDEFINED {
            return self.undefined(header, place);
        }
        let declared_end = header.value_at + u64::from(header.len);
        let end = declared_end.min(place.end);
        let cut = declared_end > place.end;
        let sequence =
            header.vr == Some(*b"SQ") || header.vr.is_none() && self.looks_like_items(header, place);
        if sequence && !cut {
            let inner = Place { end, encoding: place.encoding, ..place };
            self.items(header.value_at, header.tag, inner)?;
            return Ok(end);
        }
        self.value(header, end.saturating_sub(header.value_at), place);
        if cut {
            return Err(Stop);
        }
        Ok(end)
    }

    /// Implicit elements do not say that they are sequences; their first item does.
    fn looks_like_items(&mut self, header: Header, place: Place) -> bool {
        let item: [u8; 4] =
            if place.encoding.big_endian { [0xff, 0xfe, 0xe0, 0] } else { [0xfe, 0xff, 0, 0xe0] };
        header.tag != tag::PIXEL_DATA
            && header.len >= 8
            && self.source.exact::<4>(header.value_at).is_some_and(|start| start == item)
    }

    fn undefined(&mut self, header: Header, place: Place) -> Result<u64, Stop> {
        if header.tag == tag::PIXEL_DATA {
            return self.fragments(header, place);
        }
        match header.vr.as_ref() {
            // An unknown sequence is written implicitly, whatever surrounds it; some writers forget.
            Some(b"UN") => {
                let guess = self.first_item_encoding(header.value_at);
                self.items(
                    header.value_at,
                    header.tag,
                    Place { encoding: guess.unwrap_or(IMPLICIT), ..place },
                )
            }
            _ => self.items(header.value_at, header.tag, place),
        }
    }

    /// The value representation, if any, stands after the item's header and the first tag.
    fn first_item_encoding(&mut self, at: u64) -> Option<Encoding> {
        let vr = self.source.exact::<2>(at.checked_add(12)?)?;
        Some(if is_vr(vr) { EXPLICIT } else { IMPLICIT })
    }

    fn items(&mut self, mut at: u64, owner: Tag, place: Place) -> Result<u64, Stop> {
        if place.depth >= self.limits.depth.max(4) {
            return Err(Stop);
        }
        let root = if place.depth == 0 { owner } else { place.root };
        while at < place.end {
            let header = read_header(self.source, at, place.encoding).ok_or(Stop)?;
            match header.tag {
                tag::SEQUENCE_END => return Ok(header.value_at),
                tag::ITEM => {}
                _ => return Err(Stop),
            }
            self.set.elements += 1;
            if self.set.elements > self.limits.elements {
                return Err(Stop);
            }
            if place.depth == 0 {
                *self.set.nested_count.entry(owner).or_default() += 1;
            }
            let end = match header.len {
                UNDEFINED => place.end,
                len => header.value_at + u64::from(len),
            };
            if end > place.end {
                return Err(Stop);
            }
            let inner = Place { end, depth: place.depth + 1, root, encoding: place.encoding };
            let reached = self.elements(header.value_at, inner)?;
            at = if header.len == UNDEFINED { reached } else { end };
        }
        Ok(at)
    }

    fn fragments(&mut self, header: Header, place: Place) -> Result<u64, Stop> {
        let mut at = header.value_at;
        let mut found: Vec<(u64, u64)> = Vec::new();
        let mut stopped = true;
        while let Some(item) = read_header(self.source, at, place.encoding) {
            let end = item.value_at.saturating_add(u64::from(item.len)).min(place.end);
            if item.tag != tag::ITEM || item.len == UNDEFINED {
                stopped = item.tag != tag::SEQUENCE_END;
                at = item.value_at;
                break;
            }
            if found.len() as u64 >= u64::from(self.limits.elements) {
                break;
            }
            found.push((item.value_at, end.saturating_sub(item.value_at)));
            at = end;
        }
        let mut fragments = found.into_iter();
        let table = fragments.next().map(|(at, len)| self.source.part(at, len.min(VALUE_BYTES)));
        let offsets =
            table.unwrap_or_default().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
        if place.depth == 0 {
            self.set.pixels = Some(Pixels::Encapsulated { offsets, fragments: fragments.collect() });
        }
        if stopped { Err(Stop) } else { Ok(at) }
    }

    fn value(&mut self, header: Header, len: u64, place: Place) {
        if place.depth == 0 {
            return self.top_value(header, len);
        }
        let functional = place.root == tag::SHARED_GROUPS || place.root == tag::FRAME_GROUPS;
        let directory = place.root == tag::DIRECTORY_RECORDS && place.depth == 1;
        let wanted = functional && tag::FUNCTIONAL.contains(&header.tag)
            || directory && tag::WANTED.contains(&header.tag);
        if !wanted {
            return;
        }
        *self.set.nested_count.entry(header.tag).or_default() += 1;
        if !self.set.nested.contains_key(&header.tag) {
            let value = self.source.part(header.value_at, len.min(VALUE_BYTES));
            self.set.nested.insert(header.tag, value);
        }
    }

    fn top_value(&mut self, header: Header, len: u64) {
        if header.tag == tag::PIXEL_DATA {
            let words = header.vr != Some(*b"OB");
            self.set.pixels = Some(Pixels::Native { at: header.value_at, len, words });
        } else if header.tag == tag::ENCAPSULATED_DOCUMENT {
            self.set.document = Some((header.value_at, len));
        } else if tag::WANTED.contains(&header.tag) {
            let value = self.source.part(header.value_at, len.min(VALUE_BYTES));
            self.set.values.insert(header.tag, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn walked(bytes: &[u8], encoding: Encoding) -> DataSet {
        let mut file = Cursor::new(bytes);
        walk(&mut Source::new(&mut file), 0, encoding, &Limits::default())
    }

    #[test]
    fn a_length_past_the_end_is_cut_and_noted() {
        let set = walked(b"\x10\0\x10\0PN\xff\xffAB^C", EXPLICIT);
        assert!(set.damaged);
        assert_eq!(set.values[&tag::PATIENT_NAME], b"AB^C");
    }

    #[test]
    fn an_unknown_sequence_is_read_implicitly() {
        let mut bytes = b"\x40\0\x75\x02UN\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff".to_vec();
        bytes.extend(b"\x40\0\x07\0\x04\0\0\0text\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
        bytes.extend(b"\x40\0\x54\x02LO\x02\0ab");
        let set = walked(&bytes, EXPLICIT);
        assert!(!set.damaged);
        assert_eq!(set.elements, 4);
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let mut bytes = Vec::new();
        for _ in 0..100_000 {
            bytes.extend(b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff");
        }
        assert!(walked(&bytes, EXPLICIT).damaged);
    }

    #[test]
    fn the_encoding_is_seen_in_the_first_element() {
        let of = |bytes: &[u8]| recognise(&mut Source::new(&mut Cursor::new(bytes)), 0);
        assert_eq!(of(b"\x08\0\x05\0CS\x0a\0"), Some(EXPLICIT));
        assert_eq!(of(b"\x08\0\x05\0\x0a\0\0\0"), Some(IMPLICIT));
        assert_eq!(of(b"\0\x08\0\x05CS\0\x0a"), Some(Encoding { explicit: true, big_endian: true }));
        assert_eq!(of(b"MSH|^~\\&"), None);
    }

    #[test]
    fn fragments_are_found_and_the_table_is_kept_apart() {
        let mut bytes = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\x04\0\0\0\0\0\0\0".to_vec();
        bytes.extend(b"\xfe\xff\0\xe0\x02\0\0\0\xff\xd8\xfe\xff\xdd\xe0\0\0\0\0");
        let set = walked(&bytes, EXPLICIT);
        assert_eq!(set.pixels, Some(Pixels::Encapsulated { offsets: vec![0], fragments: vec![(32, 2)] }));
        assert!(!set.damaged);
    }
}
