//! How much one file may cost us. Everything that grows with input is held against one of these.

/// The most that examining one file may use. The defaults fit a function with 1 GB of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes read from the front of the file when looking for the malware signature.
    pub scanned_bytes: u64,
    /// The largest thing held in memory at once: a decoded picture, an unpacked archive entry's share of it.
    pub memory_bytes: u64,
    /// Pixels of a picture that will be decoded for a preview.
    pub pixels: u64,
    /// The longer edge of a preview, in pixels.
    pub preview_edge: u32,
    /// Bytes that may come out of compressed streams and archives, all levels together.
    pub inflated_bytes: u64,
    /// Unpacked size over file size beyond which a large result is taken for a bomb.
    pub inflation_ratio: u64,
    /// Entries of archives, streams of PDFs, members of tars, all levels together.
    pub entries: u32,
    /// How deep archives, data set sequences and boxes may nest.
    pub depth: u32,
    /// Data elements, boxes and chunks walked in one file.
    pub elements: u32,
    /// The largest PDF that is loaded to be understood; a larger one is scanned but has few facts.
    pub pdf_bytes: u64,
    /// Bytes of a text whose lines are counted and whose markup is searched.
    pub text_bytes: u64,
}

impl Limits {
    /// The share of memory one unpacked layer may hold: nesting keeps several layers alive at the same time.
    pub(crate) fn layer_bytes(&self) -> u64 {
        self.memory_bytes / 8
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            scanned_bytes: 4 << 30,
            memory_bytes: 256 << 20,
            pixels: 100_000_000,
            preview_edge: 1024,
            inflated_bytes: 512 << 20,
            inflation_ratio: 100,
            entries: 20_000,
            depth: 16,
            elements: 500_000,
            pdf_bytes: 64 << 20,
            text_bytes: 64 << 20,
        }
    }
}
