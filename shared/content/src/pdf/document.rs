//! Where the objects of a PDF lie: plainly in the file, and packed into object streams.

use super::filter;
use super::object::{Object, Parser};
use crate::limits::Limits;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Where an object begins.
#[derive(Debug, Clone, Copy)]
enum Place {
    File(usize),
    /// In one of the unpacked object streams.
    Packed(usize, usize),
}

/// A PDF whose objects can be looked up.
pub(crate) struct Document<'b> {
    bytes: &'b [u8],
    places: BTreeMap<u32, Place>,
    /// Every definition in the file, replaced ones too: nothing hides in them.
    all: Vec<usize>,
    unpacked: Vec<Vec<u8>>,
    stream_ends: Vec<usize>,
    /// Bytes parsed so far: strings that never end, begun a million times, would take hours.
    work: Cell<u64>,
    pub root: Option<Object>,
    pub is_encrypted: bool,
    pub is_cut: bool,
}

impl<'b> Document<'b> {
    /// Finds the objects; `grant` says how much of what is wanted may be unpacked.
    pub fn open(bytes: &'b [u8], limits: &Limits, grant: &mut dyn FnMut(u64) -> u64) -> Self {
        let mut document = Self {
            bytes,
            places: BTreeMap::new(),
            all: Vec::new(),
            unpacked: Vec::new(),
            work: Cell::new(0),
            stream_ends: memchr::memmem::find_iter(bytes, b"endstream").collect(),
            root: None,
            is_encrypted: false,
            is_cut: false,
        };
        document.find_objects(limits);
        document.find_trailers();
        if !document.is_encrypted {
            document.unpack_objects(limits, grant);
        }
        document.find_root();
        document
    }

    /// Looks for `12 0 obj`. Later definitions replace earlier ones; within streams they only fill gaps.
    fn find_objects(&mut self, limits: &Limits) {
        let mut in_stream_until = 0;
        for at in memchr::memmem::find_iter(self.bytes, b"obj") {
            let Some((number, start)) = self.number_before(at) else { continue };
            if self.all.len() as u64 >= u64::from(limits.elements) {
                self.is_cut = true;
                return;
            }
            let body = at + 3;
            self.all.push(body);
            if start < in_stream_until {
                self.places.entry(number).or_insert(Place::File(body));
                continue;
            }
            self.places.insert(number, Place::File(body));
            if let Some((_, Some(range))) = self.parse_at(body) {
                in_stream_until = range.1;
            }
        }
    }

    /// The object number in front of a place, over the generation: `12 0 ` reversed.
    fn number_before(&self, at: usize) -> Option<(u32, usize)> {
        let before = self.bytes.get(at.saturating_sub(24)..at)?;
        let space = |bytes: &[u8]| bytes.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        let digits = |bytes: &[u8]| bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = before.len() - space(before);
        let generation = digits(before.get(..end)?);
        if generation == 0 || generation > 5 {
            return None;
        }
        end -= generation;
        let gap = space(before.get(..end)?);
        end -= gap;
        let count = digits(before.get(..end)?);
        if gap == 0 || count == 0 || count > 9 {
            return None;
        }
        let text = std::str::from_utf8(before.get(end - count..end)?).ok()?;
        Some((text.parse().ok()?, at - before.len() + end - count))
    }

    /// The object at a place in the file, and the range of its stream.
    fn parse_at(&self, at: usize) -> Option<(Object, Option<(usize, usize)>)> {
        if self.is_exhausted() {
            return None;
        }
        let mut parser = Parser::new(self.bytes, at);
        let parsed = parser.object();
        self.work.set(self.work.get() + (parser.at - at) as u64);
        let object = parsed?;
        if !matches!(object, Object::Dictionary(_)) || !parser.keyword(b"stream") {
            return Some((object, None));
        }
        let start = match self.bytes.get(parser.at..) {
            Some([b'\r', b'\n', ..]) => parser.at + 2,
            Some([b'\n' | b'\r', ..]) => parser.at + 1,
            _ => parser.at,
        };
        let range = (start, self.stream_end(&object, start));
        Some((object, Some(range)))
    }

    /// A sound file is parsed about four times over.
    pub fn is_exhausted(&self) -> bool {
        self.work.get() > 16 * self.bytes.len() as u64 + (1 << 20)
    }

    /// The declared length if a stream really ends there, else the next end there is.
    fn stream_end(&self, object: &Object, start: usize) -> usize {
        let declared =
            object.get("Length").and_then(Object::as_count).and_then(|len| start.checked_add(len as usize));
        if let Some(end) = declared.filter(|end| *end <= self.bytes.len()) {
            let mut parser = Parser::new(self.bytes, end);
            if parser.keyword(b"endstream") {
                return end;
            }
        }
        let next = self.stream_ends.partition_point(|end| *end < start);
        self.stream_ends.get(next).copied().unwrap_or(self.bytes.len())
    }

    fn find_trailers(&mut self) {
        let trailers = memchr::memmem::find_iter(self.bytes, b"trailer").map(|at| at + 7);
        let found: Vec<_> =
            trailers.take(1000).filter_map(|at| Parser::new(self.bytes, at).object()).collect();
        found.iter().for_each(|trailer| self.take_trailer(trailer));
        let tables: Vec<_> = self.all.iter().filter_map(|at| self.cross_reference(*at)).collect();
        tables.iter().for_each(|table| self.take_trailer(table));
    }

    /// The dictionary of a cross-reference stream is a trailer.
    fn cross_reference(&self, at: usize) -> Option<Object> {
        let front = self.bytes.get(at..self.bytes.len().min(at + 4096))?;
        memchr::memmem::find(front, b"XRef")?;
        let (object, _) = self.parse_at(at)?;
        (object.name("Type") == Some("XRef")).then_some(object)
    }

    fn take_trailer(&mut self, trailer: &Object) {
        self.is_encrypted |= trailer.get("Encrypt").is_some_and(|value| !matches!(value, Object::Null));
        if let Some(root) = trailer.get("Root") {
            self.root = Some(root.clone());
        }
    }

    fn unpack_objects(&mut self, limits: &Limits, grant: &mut dyn FnMut(u64) -> u64) {
        let holders = self.all.clone();
        for at in holders {
            let near = self.bytes.get(at..self.bytes.len().min(at + 4096)).unwrap_or_default();
            if memchr::memmem::find(near, b"ObjStm").is_none() {
                continue;
            }
            let Some((object, Some((start, end)))) = self.parse_at(at) else { continue };
            if object.name("Type") != Some("ObjStm") {
                continue;
            }
            let packed = self.bytes.get(start..end).unwrap_or_default();
            // Object streams are text; they do not pack better than this.
            let room = grant((packed.len() as u64).saturating_mul(200).min(limits.layer_bytes()));
            let unpacked = filter::decode(&object, packed, room);
            self.is_cut |= unpacked.is_cut;
            self.index_packed(&object, &unpacked.bytes);
            self.unpacked.push(unpacked.bytes);
            if room == 0 || self.places.len() as u64 > u64::from(limits.elements) {
                self.is_cut = true;
                return;
            }
        }
    }

    /// An object stream begins with pairs of number and offset.
    fn index_packed(&mut self, object: &Object, bytes: &[u8]) {
        let holder = self.unpacked.len();
        let first = object.get("First").and_then(Object::as_count).unwrap_or(0) as usize;
        let count = object.get("N").and_then(Object::as_count).unwrap_or(0).min(bytes.len() as u64);
        let header = bytes.get(..first).unwrap_or_default();
        let mut numbers = header.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let mut next = || std::str::from_utf8(numbers.next()?).ok()?.parse::<u32>().ok();
        for _ in 0..count {
            let (Some(number), Some(offset)) = (next(), next()) else { return };
            self.places.entry(number).or_insert(Place::Packed(holder, first.saturating_add(offset as usize)));
        }
    }

    /// Without a trailer any catalog will do.
    fn find_root(&mut self) {
        let known =
            self.root.clone().and_then(|root| self.resolve(&root)).filter(|root| root.get("Pages").is_some());
        self.root = known.or_else(|| {
            let mut catalogs = self.places.values().filter_map(|place| self.parse(*place));
            catalogs.find(|object| object.name("Type") == Some("Catalog"))
        });
    }

    fn parse(&self, place: Place) -> Option<Object> {
        match place {
            Place::File(at) => self.parse_at(at).map(|(object, _)| object),
            Place::Packed(holder, at) => Parser::new(self.unpacked.get(holder)?, at).object(),
        }
    }

    /// The object a reference stands for; other objects stand for themselves.
    pub fn resolve(&self, object: &Object) -> Option<Object> {
        let mut object = object.clone();
        // References to references are not allowed, so a short chain is generous.
        for _ in 0..8 {
            let Object::Reference(number) = object else { return Some(object) };
            object = self.parse(*self.places.get(&number)?)?;
        }
        None
    }

    /// A value of a dictionary, looked up.
    pub fn get(&self, object: &Object, key: &str) -> Option<Object> {
        self.resolve(object.get(key)?)
    }

    /// The dictionary and packed bytes of a stream object.
    pub fn stream(&self, number: u32) -> Option<(Object, &'b [u8])> {
        let Place::File(at) = self.places.get(&number)? else { return None };
        let (object, range) = self.parse_at(*at)?;
        let (start, end) = range?;
        Some((object, self.bytes.get(start..end)?))
    }

    /// Every object there is, and whether it has a stream.
    pub fn each(&self, mut see: impl FnMut(&Object, bool)) {
        for (object, range) in self.all.iter().filter_map(|at| self.parse_at(*at)) {
            see(&object, range.is_some());
        }
        for place in self.places.values().filter(|place| matches!(place, Place::Packed(..))) {
            if let Some(object) = self.parse(*place) {
                see(&object, false);
            }
        }
    }

    /// Every stream with its dictionary.
    pub fn streams(&self) -> impl Iterator<Item = (Object, &'b [u8])> {
        self.all.iter().filter_map(|at| {
            let (object, range) = self.parse_at(*at)?;
            let (start, end) = range?;
            Some((object, self.bytes.get(start..end)?))
        })
    }
}
