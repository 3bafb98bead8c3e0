//! FLAC: the stream information that begins every file.

use super::milliseconds;
use crate::examination::MediaFacts;
use crate::source::{Source, be64};

pub(super) fn read(source: &mut Source<'_>) -> Option<MediaFacts> {
    let bytes = source.part(0, 42);
    // The first block is always the stream information.
    if bytes.get(4)? & 0x7f != 0 {
        return None;
    }
    let packed = be64(&bytes, 18)?;
    let rate = u32::try_from(packed >> 44).ok().filter(|rate| *rate > 0)?;
    let samples = packed & ((1 << 36) - 1);
    Some(MediaFacts {
        duration_ms: if samples == 0 { None } else { milliseconds(samples, rate) },
        audio_codec: Some("flac".to_owned()),
        channels: Some((packed >> 41 & 7) as u32 + 1),
        sample_rate_hz: Some(rate),
        ..MediaFacts::default()
    })
}
