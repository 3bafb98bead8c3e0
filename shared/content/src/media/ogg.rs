//! Ogg: the first page of each stream names its codec, the last one says how long it is.

use super::milliseconds;
use crate::examination::MediaFacts;
use crate::source::{Source, has, le16, le32, le64};

const TAIL_BYTES: u64 = 64 * 1024;
const MAX_STREAMS: u32 = 16;

pub(super) fn read(source: &mut Source<'_>) -> Option<MediaFacts> {
    let mut facts = MediaFacts::default();
    let mut timed = None;
    let mut at = 0;
    for _ in 0..MAX_STREAMS {
        let page = source.part(at, 27 + 255 + 128);
        // Only pages that begin a stream carry its header.
        if !page.starts_with(b"OggS") || page.get(5)? & 2 == 0 {
            break;
        }
        let segments = usize::from(*page.get(26)?);
        let sizes = page.get(27..27 + segments)?;
        let rate = header(page.get(27 + segments..)?, &mut facts);
        if let Some((rate, skipped)) = rate {
            timed = timed.or(Some((le32(&page, 14)?, rate, skipped)));
        }
        at += 27 + segments as u64 + sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
    }
    if let Some((stream, rate, skipped)) = timed {
        facts.duration_ms =
            last_position(source, stream).and_then(|end| milliseconds(end.saturating_sub(skipped), rate));
    }
    (facts.audio_codec.is_some() || facts.video_codec.is_some()).then_some(facts)
}

/// Reads a codec's header; gives the clock of the stream's positions, and where they start.
fn header(packet: &[u8], facts: &mut MediaFacts) -> Option<(u32, u64)> {
    let mut audio = |codec: &str, channels: Option<u32>, rate: Option<u32>| {
        facts.audio_codec = Some(codec.to_owned());
        facts.channels = channels;
        facts.sample_rate_hz = rate;
        rate.filter(|rate| *rate > 0)
    };
    let byte = |at: usize| packet.get(at).copied().map(u32::from);
    if has(packet, 0, b"\x01vorbis") {
        return audio("vorbis", byte(11), le32(packet, 12)).map(|rate| (rate, 0));
    }
    if has(packet, 0, b"OpusHead") {
        audio("opus", byte(9), le32(packet, 12));
        // Opus positions always count at 48 kHz.
        return Some((48_000, u64::from(le16(packet, 10).unwrap_or(0))));
    }
    if has(packet, 0, b"Speex   ") {
        return audio("speex", le32(packet, 48), le32(packet, 36)).map(|rate| (rate, 0));
    }
    if has(packet, 0, b"\x7fFLAC") {
        audio("flac", None, None);
    }
    if has(packet, 0, b"\x80theora") {
        facts.video_codec = Some("theora".to_owned());
        facts.width = crate::source::be16(packet, 10).map(|blocks| u32::from(blocks) * 16);
        facts.height = crate::source::be16(packet, 12).map(|blocks| u32::from(blocks) * 16);
    }
    None
}

/// The position of the last page of a stream.
fn last_position(source: &mut Source<'_>, stream: u32) -> Option<u64> {
    let tail = source.part(source.len().saturating_sub(TAIL_BYTES), TAIL_BYTES);
    let mut pages = memchr::memmem::rfind_iter(&tail, b"OggS");
    pages.find_map(|at| {
        let position = le64(&tail, at + 6).filter(|position| *position != u64::MAX)?;
        (le32(&tail, at + 14)? == stream).then_some(position)
    })
}
