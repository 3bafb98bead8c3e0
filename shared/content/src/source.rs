//! Bounded reading at any place of a file: short when the file is, never more than asked for.

use std::io::{self, Read, Seek, SeekFrom};

const PAGE_BYTES: usize = 16 * 1024;

/// What a source reads from: the uploaded file, or something unpacked from it.
pub(crate) trait Stream: Read + Seek {}
impl<T: Read + Seek> Stream for T {}

/// A file whose length is known and whose reads are clamped to it.
pub(crate) struct Source<'a> {
    inner: &'a mut dyn Stream,
    len: u64,
    position: u64,
    page: Vec<u8>,
    page_at: u64,
}

impl<'a> Source<'a> {
    pub fn new(inner: &'a mut dyn Stream) -> Self {
        let len = inner.seek(SeekFrom::End(0)).unwrap_or(0);
        Self { inner, len, position: 0, page: Vec::new(), page_at: 0 }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    /// Up to `count` bytes from `at`; fewer when the file ends or cannot be read there.
    pub fn part(&mut self, at: u64, count: u64) -> Vec<u8> {
        let count = count.min(self.len.saturating_sub(at));
        let mut out = Vec::new();
        if count == 0 || self.inner.seek(SeekFrom::Start(at)).is_err() {
            return out;
        }
        // A read error leaves what was read before it, which every caller treats as a short file.
        let _ = (&mut *self.inner).take(count).read_to_end(&mut out);
        out
    }

    /// Exactly `N` bytes from `at`, served from a page so that walks of small headers stay cheap.
    pub fn exact<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        let end = at.checked_add(N as u64)?;
        if end > self.len {
            return None;
        }
        let cached = at >= self.page_at && end <= self.page_at + self.page.len() as u64;
        if !cached {
            self.page = self.part(at, PAGE_BYTES.max(N) as u64);
            self.page_at = at;
        }
        let from = usize::try_from(at - self.page_at).ok()?;
        self.page.get(from..from + N)?.try_into().ok()
    }

    /// Gives every chunk of the file, up to `limit` bytes, to `see` until it returns false.
    pub fn stream(&mut self, limit: u64, mut see: impl FnMut(&[u8]) -> bool) {
        if self.inner.seek(SeekFrom::Start(0)).is_err() {
            return;
        }
        let mut chunk = vec![0; 64 * 1024];
        let mut reader = (&mut *self.inner).take(limit);
        while let Ok(read) = reader.read(&mut chunk) {
            if read == 0 || !see(chunk.get(..read).unwrap_or_default()) {
                return;
            }
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.seek(SeekFrom::Start(self.position))?;
        let read = self.inner.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

macro_rules! number {
    ($name:ident, $kind:ty, $from:ident) => {
        /// The number at an offset, if it lies within the bytes.
        pub(crate) fn $name(bytes: &[u8], at: usize) -> Option<$kind> {
            let end = at.checked_add(size_of::<$kind>())?;
            Some(<$kind>::$from(bytes.get(at..end)?.try_into().ok()?))
        }
    };
}
number!(le16, u16, from_le_bytes);
number!(le32, u32, from_le_bytes);
number!(le64, u64, from_le_bytes);
number!(be16, u16, from_be_bytes);
number!(be32, u32, from_be_bytes);
number!(be64, u64, from_be_bytes);

/// Whether `needle` stands at `at`.
pub(crate) fn has(bytes: &[u8], at: usize, needle: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(needle))
}

/// Whether `needle` stands anywhere.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn reads_never_pass_the_end() {
        let mut file = Cursor::new(vec![1, 2, 3, 4, 5]);
        let mut source = Source::new(&mut file);
        assert_eq!(source.part(3, u64::MAX), [4, 5]);
        assert!(source.part(9, 1).is_empty());
        assert_eq!(source.exact::<2>(3), Some([4, 5]));
        assert_eq!(source.exact::<2>(4), None);
        assert_eq!(source.exact::<2>(u64::MAX), None);
    }

    #[test]
    fn a_page_is_reread_when_the_walk_leaves_it() {
        let bytes: Vec<u8> = (0..PAGE_BYTES * 3).map(|at| (at % 251) as u8).collect();
        let mut file = Cursor::new(bytes.clone());
        let mut source = Source::new(&mut file);
        for at in [0, PAGE_BYTES - 1, PAGE_BYTES * 2 - 1, 5, PAGE_BYTES * 3 - 2] {
            assert_eq!(source.exact::<2>(at as u64).unwrap(), bytes[at..at + 2]);
        }
    }
}
