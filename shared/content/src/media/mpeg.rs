//! MPEG audio: MP3 frames, with the length from the Xing or VBRI header or else from the bit rate, and AAC in ADTS.

use super::milliseconds;
use crate::examination::MediaFacts;
use crate::source::{Source, be32, has};

/// kbit/s by index: MPEG-1 layers I, II, III, then MPEG-2 layer I and layers II and III.
const BIT_RATES: [[u32; 16]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
];
const SAMPLE_RATES: [u32; 3] = [44_100, 48_000, 32_000];
const ADTS_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

struct Frame {
    codec: &'static str,
    kbit_rate: u32,
    sample_rate: u32,
    channels: u32,
    samples: u64,
    /// Where a Xing header would stand after the frame's start.
    xing_at: usize,
}

pub(super) fn read(source: &mut Source<'_>) -> Option<MediaFacts> {
    let start = after_tags(source);
    let front = source.part(start, 64 * 1024);
    let (at, frame) =
        (0..front.len().saturating_sub(4)).find_map(|at| parse(front.get(at..)?).map(|frame| (at, frame)))?;
    let first = front.get(at..)?;
    let audio_bytes = source.len().saturating_sub(start + at as u64);
    let counted = frame_count(first, &frame).map(|frames| u64::from(frames) * frame.samples);
    let duration_ms = match counted {
        Some(samples) => milliseconds(samples, frame.sample_rate),
        None => (audio_bytes * 8).checked_div(u64::from(frame.kbit_rate)),
    };
    Some(MediaFacts {
        duration_ms,
        audio_codec: Some(frame.codec.to_owned()),
        channels: Some(frame.channels),
        sample_rate_hz: Some(frame.sample_rate),
        ..MediaFacts::default()
    })
}

/// Where the ID3 tag at the front ends; its size has seven bits a byte.
fn after_tags(source: &mut Source<'_>) -> u64 {
    let Some([b'I', b'D', b'3', _, _, _, a, b, c, d]) = source.exact::<10>(0) else { return 0 };
    let size = [a, b, c, d].iter().fold(0u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
    10 + size
}

fn parse(bytes: &[u8]) -> Option<Frame> {
    let [0xff, second, third, fourth, ..] = *bytes else { return None };
    if second & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if version == 1 || layer == 0 {
        return None;
    }
    let first_version = version == 3;
    let row = match (first_version, layer) {
        (true, 3) => 0,
        (true, 2) => 1,
        (true, _) => 2,
        (false, 3) => 3,
        (false, _) => 4,
    };
    let kbit_rate = *BIT_RATES.get(row)?.get(usize::from(third >> 4)).filter(|rate| **rate > 0)?;
    let halved = match version {
        3 => 0,
        2 => 1,
        _ => 2,
    };
    let sample_rate = SAMPLE_RATES.get(usize::from(third >> 2 & 3))? >> halved;
    let mono = fourth >> 6 == 3;
    let (codec, samples) = match layer {
        3 => ("mp1", 384),
        2 => ("mp2", 1152),
        _ => ("mp3", if first_version { 1152 } else { 576 }),
    };
    let xing_at = match (first_version, mono) {
        (true, false) => 36,
        (true, true) | (false, false) => 21,
        (false, true) => 13,
    };
    Some(Frame { codec, kbit_rate, sample_rate, channels: if mono { 1 } else { 2 }, samples, xing_at })
}

fn frame_count(first: &[u8], frame: &Frame) -> Option<u32> {
    let at = frame.xing_at;
    if has(first, at, b"Xing") || has(first, at, b"Info") {
        let has_count = be32(first, at + 4)? & 1 == 1;
        return if has_count { be32(first, at + 8) } else { None };
    }
    if has(first, 36, b"VBRI") { be32(first, 50) } else { None }
}

pub(super) fn adts(source: &mut Source<'_>) -> Option<MediaFacts> {
    let head = source.exact::<4>(0)?;
    let [_, _, third, fourth] = head;
    let channels = u32::from((third & 1) << 2 | fourth >> 6);
    Some(MediaFacts {
        audio_codec: Some("aac".to_owned()),
        channels: Some(channels).filter(|channels| *channels > 0),
        sample_rate_hz: ADTS_RATES.get(usize::from(third >> 2 & 15)).copied(),
        ..MediaFacts::default()
    })
}
