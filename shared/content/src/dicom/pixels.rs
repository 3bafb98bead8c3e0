//! One frame's samples, out of whatever the pixel data was packed with.

use super::facts::{DicomFacts, text};
use super::tag;
use super::walk::{DataSet, Pixels};
use super::{jpegls, rle};
use crate::limits::Limits;
use crate::source::{Source, be16, has, le16};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

/// Samples in the widths pixel data comes in; signs are put on when reading.
#[derive(Debug)]
enum Samples {
    Bits(Vec<u8>, u8),
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    Longs(Vec<u32>),
    /// Two luminances, then the two colours they share.
    Shared(Vec<u8>),
}

/// What colour the samples stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    Palette,
    Rgb,
    Ybr,
}

/// A decoded frame.
#[derive(Debug)]
pub(crate) struct Raster {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub colour: Colour,
    pub bits: u32,
    pub signed: bool,
    planar: bool,
    /// Bits below the lowest stored one.
    shift: u32,
    samples: Samples,
}

impl Raster {
    pub fn sample(&self, x: usize, y: usize, channel: usize) -> i32 {
        let pixel = y * self.width + x;
        let index = if self.planar {
            channel * self.width * self.height + pixel
        } else {
            pixel * self.channels + channel
        };
        let raw = match &self.samples {
            Samples::Bytes(bytes) => bytes.get(index).copied().map_or(0, u32::from),
            Samples::Words(words) => words.get(index).copied().map_or(0, u32::from),
            Samples::Longs(longs) => longs.get(index).copied().unwrap_or(0),
            Samples::Bits(bytes, skipped) => {
                let bit = index + usize::from(*skipped);
                bytes.get(bit / 8).map_or(0, |byte| u32::from(byte >> (bit % 8) & 1))
            }
            Samples::Shared(bytes) => {
                let group = pixel / 2 * 4;
                let at = if channel == 0 { group + pixel % 2 } else { group + 1 + channel };
                bytes.get(at).copied().map_or(0, u32::from)
            }
        };
        self.value(raw)
    }

    /// Cuts away what is not stored and puts the sign on.
    fn value(&self, raw: u32) -> i32 {
        let unused = 32 - self.bits.clamp(1, 32);
        let moved = (raw >> self.shift) << unused;
        if self.signed {
            moved.cast_signed() >> unused
        } else {
            i32::try_from(moved >> unused).unwrap_or(i32::MAX)
        }
    }
}

/// How the data set describes its pixels.
struct Layout {
    rows: usize,
    columns: usize,
    channels: usize,
    allocated: u32,
    bits: u32,
    shift: u32,
    signed: bool,
    planar: bool,
    photometric: String,
    frames: u64,
    big_endian: bool,
}

impl Layout {
    fn of(set: &DataSet, facts: &DicomFacts) -> Option<Self> {
        let big_endian = set.encoding.big_endian;
        let number = |tag| {
            let value = set.values.get(&tag)?;
            if big_endian { be16(value, 0) } else { le16(value, 0) }
        };
        let allocated =
            u32::from(number(tag::BITS_ALLOCATED).filter(|bits| matches!(bits, 1 | 8 | 16 | 32))?);
        let bits = number(tag::BITS_STORED).map_or(allocated, u32::from).clamp(1, allocated.max(1));
        let high = number(tag::HIGH_BIT).map_or(bits - 1, u32::from);
        Some(Self {
            rows: facts.rows.filter(|rows| *rows > 0)? as usize,
            columns: facts.columns.filter(|columns| *columns > 0)? as usize,
            channels: usize::from(number(tag::SAMPLES).unwrap_or(1).clamp(1, 4)),
            allocated,
            bits,
            shift: (high + 1).saturating_sub(bits).min(allocated.saturating_sub(bits)),
            signed: number(tag::REPRESENTATION) == Some(1),
            planar: number(tag::PLANAR) == Some(1),
            photometric: facts.photometric.clone().unwrap_or_default(),
            frames: u64::from(facts.frames.unwrap_or(1)),
            big_endian,
        })
    }

    fn samples(&self) -> u64 {
        (self.rows * self.columns * self.channels) as u64
    }

    fn colour(&self) -> Colour {
        match self.photometric.as_str() {
            "PALETTE COLOR" => Colour::Palette,
            "YBR_FULL" | "YBR_FULL_422" | "YBR_PARTIAL_422" => Colour::Ybr,
            _ if self.channels >= 3 => Colour::Rgb,
            _ => Colour::Grey,
        }
    }

    fn raster(&self, samples: Samples) -> Raster {
        // The lowest of 32 bits is given up so that every sample fits a signed number.
        let lost = u32::from(self.bits == 32 && !self.signed);
        Raster {
            width: self.columns,
            height: self.rows,
            channels: self.channels,
            colour: self.colour(),
            bits: self.bits - lost,
            signed: self.signed,
            planar: self.planar && self.channels > 1,
            shift: self.shift + lost,
            samples,
        }
    }
}

/// The middle frame: the first of a volume is mostly air.
pub(crate) fn middle_frame(
    source: &mut Source<'_>,
    set: &DataSet,
    facts: &DicomFacts,
    limits: &Limits,
) -> Option<Raster> {
    let layout = Layout::of(set, facts)?;
    let pixels = (layout.rows * layout.columns) as u64;
    if pixels > limits.pixels
        || layout.samples() * u64::from(layout.allocated.div_ceil(8)) > limits.memory_bytes / 2
    {
        return None;
    }
    let wanted = layout.frames / 2;
    match set.pixels.as_ref()? {
        Pixels::Native { at, len, words } => native(source, &layout, (*at, *len), *words, wanted),
        Pixels::Encapsulated { offsets, fragments } => {
            let frame = encapsulated_frame(source, offsets, fragments, layout.frames, wanted, limits)?;
            decode(&frame, &layout, &facts.transfer_syntax.clone().unwrap_or_default(), limits)
        }
    }
}

fn native(
    source: &mut Source<'_>,
    layout: &Layout,
    (at, len): (u64, u64),
    words: bool,
    wanted: u64,
) -> Option<Raster> {
    let shared = layout.photometric.contains("_422") && layout.allocated == 8 && layout.channels == 3;
    let pixels = (layout.rows * layout.columns) as u64;
    let bits = if shared { pixels * 16 } else { layout.samples() * u64::from(layout.allocated) };
    let frame_bytes = bits.div_ceil(8);
    // A file with fewer frames than it says still shows its first.
    let start_bit = wanted
        .checked_mul(bits)
        .filter(|start| start.checked_add(bits).is_some_and(|end| end.div_ceil(8) <= len))
        .unwrap_or(0);
    let mut bytes = source.part(at + start_bit / 8, (frame_bytes + 1).min(len - start_bit / 8));
    if bytes.is_empty() {
        return None;
    }
    if layout.big_endian && words && layout.allocated == 8 {
        bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.reverse());
    }
    let skipped = u8::try_from(start_bit % 8).unwrap_or(0);
    let samples = match layout.allocated {
        1 => Samples::Bits(bytes, skipped),
        8 if shared => Samples::Shared(bytes),
        8 => Samples::Bytes(bytes),
        16 => Samples::Words(to_words(&bytes, layout.big_endian)),
        32 => Samples::Longs(to_longs(&bytes, layout.big_endian)),
        _ => return None,
    };
    Some(layout.raster(samples))
}

fn to_words(bytes: &[u8], big_endian: bool) -> Vec<u16> {
    let read = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    bytes.as_chunks::<2>().0.iter().map(|pair| read(*pair)).collect()
}

fn to_longs(bytes: &[u8], big_endian: bool) -> Vec<u32> {
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    bytes.as_chunks::<4>().0.iter().map(|four| read(*four)).collect()
}

/// The bytes of one frame, which may be spread over fragments.
fn encapsulated_frame(
    source: &mut Source<'_>,
    offsets: &[u32],
    fragments: &[(u64, u64)],
    frames: u64,
    wanted: u64,
    limits: &Limits,
) -> Option<Vec<u8>> {
    let wanted = usize::try_from(wanted).ok()?;
    let base = fragments.first()?.0 - 8;
    let chosen = if frames <= 1 {
        fragments
    } else if fragments.len() as u64 == frames {
        fragments.get(wanted..=wanted)?
    } else {
        let start = offsets.get(wanted).map_or(0, |offset| u64::from(*offset));
        let from = fragments.iter().position(|(at, _)| at - 8 - base >= start).unwrap_or(0);
        let next = offsets.get(wanted + 1).map(|offset| u64::from(*offset));
        let rest = fragments.get(from..)?;
        let count = match next {
            Some(next) => rest.iter().take_while(|(at, _)| at - 8 - base < next).count(),
            None => 1 + rest.iter().skip(1).take_while(|(at, _)| !begins_picture(source, *at)).count(),
        };
        rest.get(..count)?
    };
    let mut bytes = Vec::new();
    for (at, len) in chosen {
        let room = limits.layer_bytes().saturating_sub(bytes.len() as u64);
        bytes.extend(source.part(*at, (*len).min(room)));
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn begins_picture(source: &mut Source<'_>, at: u64) -> bool {
    source.exact::<2>(at).is_some_and(|start| matches!(start, [0xff, 0xd8 | 0x4f]))
}

/// Chooses the decoder by the bytes where they tell, for writers confuse transfer syntaxes.
fn decode(frame: &[u8], layout: &Layout, syntax: &str, limits: &Limits) -> Option<Raster> {
    if syntax == "1.2.840.10008.1.2.5" {
        return decode_rle(frame, layout);
    }
    if has(frame, 0, &[0xff, 0x4f, 0xff, 0x51]) || has(frame, 4, b"jP  ") {
        return decode_jpeg2000(frame, layout, limits);
    }
    if !has(frame, 0, &[0xff, 0xd8]) {
        return None;
    }
    if syntax.ends_with(".4.80") || syntax.ends_with(".4.81") || has_frame_marker(frame, 0xf7) {
        return decode_jpegls(frame, layout, limits);
    }
    decode_jpeg(frame, layout, limits)
}

/// Whether the first frame header among the leading segments is of this kind.
fn has_frame_marker(frame: &[u8], kind: u8) -> bool {
    let is_frame = |marker: u8| matches!(marker, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xf7);
    segments(frame).map(|(marker, _)| marker).find(|marker| is_frame(*marker)) == Some(kind)
}

/// The segments of a JPEG before its coded data.
fn segments(frame: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    std::iter::from_fn(move || {
        let marker = *frame.get(at + 1).filter(|marker| frame.get(at) == Some(&0xff) && **marker != 0xda)?;
        let end = at + 2 + usize::from(be16(frame, at + 2)?);
        let body = frame.get(at + 4..end)?;
        at = end;
        Some((marker, body))
    })
    .take(64)
}

fn decode_rle(frame: &[u8], layout: &Layout) -> Option<Raster> {
    let bytes = layout.allocated.div_ceil(8) as usize;
    let area = layout.rows * layout.columns;
    let planes = rle::decode(frame, bytes * layout.channels, area)?;
    let mut longs = vec![0u32; area * layout.channels];
    for (target, sample_planes) in longs.chunks_mut(area).zip(planes.chunks(bytes)) {
        for plane in sample_planes {
            target.iter_mut().zip(plane).for_each(|(value, byte)| *value = *value << 8 | u32::from(*byte));
        }
    }
    let mut raster = layout.raster(Samples::Longs(longs));
    raster.planar = layout.channels > 1;
    Some(raster)
}

fn decode_jpeg(frame: &[u8], layout: &Layout, limits: &Limits) -> Option<Raster> {
    let mut decoder = Decoder::new(frame);
    decoder.set_max_decoding_buffer_size(usize::try_from(limits.memory_bytes / 4).ok()?);
    // Written without a mark of its colours, the data set has the word; marked ones tell the decoder.
    if layout.channels == 3 && !says_its_colours(frame) {
        let rgb = layout.photometric == "RGB";
        decoder.set_color_transform(if rgb { ColorTransform::RGB } else { ColorTransform::YCbCr });
    }
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    if u64::from(info.width) * u64::from(info.height) > limits.pixels {
        return None;
    }
    let lossless = info.coding_process == jpeg_decoder::CodingProcess::Lossless;
    let bytes = decoder.decode().ok()?;
    let (channels, samples) = match info.pixel_format {
        PixelFormat::L8 => (1, Samples::Bytes(bytes)),
        PixelFormat::L16 => {
            (1, Samples::Words(bytes.as_chunks::<2>().0.iter().map(|p| u16::from_ne_bytes(*p)).collect()))
        }
        PixelFormat::RGB24 => (3, Samples::Bytes(bytes)),
        PixelFormat::CMYK32 => return None,
    };
    let mut raster = layout.raster(samples);
    raster.width = usize::from(info.width);
    raster.height = usize::from(info.height);
    raster.channels = channels;
    raster.planar = false;
    if channels == 3 {
        // Lossless coding keeps the colours it was given; the others are converted by the decoder.
        raster.colour = if lossless { layout.colour() } else { Colour::Rgb };
        raster.bits = 8;
        raster.shift = 0;
    }
    Some(raster)
}

/// Whether the JPEG itself tells how its colours are coded. An Adobe mark that is too short tells nothing.
fn says_its_colours(frame: &[u8]) -> bool {
    segments(frame).any(|(marker, body)| match marker {
        0xe0 => body.starts_with(b"JFIF"),
        0xee => body.starts_with(b"Adobe") && body.len() >= 12,
        _ => false,
    })
}

fn decode_jpegls(frame: &[u8], layout: &Layout, limits: &Limits) -> Option<Raster> {
    let picture = jpegls::decode(frame, limits.memory_bytes / 8)?;
    let mut raster = layout.raster(Samples::Words(picture.planes.concat()));
    raster.width = picture.width;
    raster.height = picture.height;
    raster.channels = picture.planes.len();
    raster.planar = true;
    Some(raster)
}

fn decode_jpeg2000(frame: &[u8], layout: &Layout, limits: &Limits) -> Option<Raster> {
    let settings = hayro_jpeg2000::DecodeSettings {
        resolve_palette_indices: true,
        strict: false,
        target_resolution: Some((limits.preview_edge, limits.preview_edge)),
    };
    let image = hayro_jpeg2000::Image::new(frame, &settings).ok()?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    // The decoder holds four-byte samples, and coefficients beside them.
    let memory = width as u64 * height as u64 * layout.channels as u64 * 16;
    if memory > limits.memory_bytes {
        return None;
    }
    let mut context = hayro_jpeg2000::DecoderContext::default();
    let decoded = image.decode(&mut context).ok()?;
    let components = decoded.components();
    let depth = u32::from(components.first()?.bit_depth());
    let signed = is_signed_codestream(frame);
    let offset = if signed { 1i64 << (depth - 1) } else { 0 };
    let mask = (1i64 << layout.bits.max(depth).min(32)) - 1;
    let value = |sample: &f32| u32::try_from((sample.round() as i64 - offset) & mask).unwrap_or(0);
    let samples =
        components.iter().take(layout.channels).flat_map(|c| c.samples().iter().map(value)).collect();
    let mut raster = layout.raster(Samples::Longs(samples));
    raster.width = width;
    raster.height = height;
    raster.channels = layout.channels.min(components.len());
    raster.planar = true;
    raster.shift = 0;
    // Where header and codestream differ about the sign, the codestream made the samples.
    raster.signed = signed;
    raster.bits = layout.bits.max(depth);
    if layout.channels >= 3 {
        raster.colour = if layout.photometric == "YBR_FULL" { Colour::Ybr } else { Colour::Rgb };
    }
    Some(raster)
}

/// The sign bit of the first component in the size marker.
fn is_signed_codestream(frame: &[u8]) -> bool {
    let start = memchr::memmem::find(frame, &[0xff, 0x4f, 0xff, 0x51]);
    start.and_then(|at| frame.get(at + 42)).is_some_and(|depth| depth & 0x80 != 0)
}

/// One of the palette's colours: where it begins, and its entries.
pub(crate) struct Palette {
    first: i32,
    entries: Vec<u8>,
}

impl Palette {
    pub fn of(set: &DataSet, descriptor: tag::Tag, data: tag::Tag) -> Option<Self> {
        let big_endian = set.encoding.big_endian;
        let word = |bytes: &[u8], at| if big_endian { be16(bytes, at) } else { le16(bytes, at) };
        let descriptor = set.values.get(&descriptor)?;
        let count = match word(descriptor, 0)? {
            0 => 65_536,
            count => usize::from(count),
        };
        let first = i32::from(word(descriptor, 2)?);
        let bits = word(descriptor, 4)?;
        let data = set.values.get(&data)?;
        let entries = if bits == 8 && data.len() < count * 2 {
            data.clone()
        } else {
            let words = to_words(data, big_endian);
            // Eight-bit entries are sometimes stored in words.
            let wide = bits > 8 && words.iter().any(|entry| *entry > 255);
            words.iter().map(|entry| if wide { (entry >> 8) as u8 } else { *entry as u8 }).collect()
        };
        Some(Self { first, entries })
    }

    pub fn colour(&self, index: i32) -> u8 {
        let at = usize::try_from(index.saturating_sub(self.first)).unwrap_or(0);
        self.entries.get(at).or_else(|| self.entries.last()).copied().unwrap_or(0)
    }
}

/// The padding value, as the raster would give it.
pub(crate) fn padding(set: &DataSet, raster: &Raster) -> Option<i32> {
    let value = set.values.get(&tag::PADDING)?;
    let raw = if set.encoding.big_endian { be16(value, 0) } else { le16(value, 0) }?;
    Some(raster.value(u32::from(raw) << raster.shift))
}

/// Whether dark and light are turned around.
pub(crate) fn is_inverse(set: &DataSet, facts: &DicomFacts) -> bool {
    let shape = set.values.get(&tag::PRESENTATION_SHAPE).map(|value| text(value));
    facts.photometric.as_deref() == Some("MONOCHROME1") || shape.as_deref() == Some("INVERSE")
}
