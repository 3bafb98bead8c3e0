//! Matroska and WebM: the segment's information and tracks, which stand before the content.

use crate::examination::MediaFacts;
use crate::limits::Limits;
use crate::source::Source;

const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const CODEC: u32 = 0x86;
const VIDEO: u32 = 0xe0;
const WIDTH: u32 = 0xb0;
const HEIGHT: u32 = 0xba;
const AUDIO: u32 = 0xe1;
const RATE: u32 = 0xb5;
const CHANNELS: u32 = 0x9f;
const HEADER: u32 = 0x1a45_dfa3;

struct Walk<'w, 's> {
    source: &'w mut Source<'s>,
    left: u32,
    facts: MediaFacts,
    scale_ns: u64,
    duration: Option<f64>,
}

pub(super) fn read(source: &mut Source<'_>, limits: &Limits) -> Option<MediaFacts> {
    let end = source.len();
    let mut walk = Walk {
        source,
        left: limits.elements.min(100_000),
        facts: MediaFacts::default(),
        scale_ns: 1_000_000,
        duration: None,
    };
    walk.level(0, end, 0);
    let Walk { mut facts, scale_ns, duration, .. } = walk;
    // Browsers' recorders leave the duration out.
    facts.duration_ms = duration
        .map(|units| units * scale_ns as f64 / 1e6)
        .filter(|ms| ms.is_finite() && *ms >= 0.0 && *ms < 1e15)
        .map(|ms| ms.round() as u64);
    (facts.audio_codec.is_some() || facts.video_codec.is_some()).then_some(facts)
}

impl Walk<'_, '_> {
    fn level(&mut self, mut at: u64, end: u64, depth: u32) {
        while at < end && self.left > 0 && depth < 8 {
            self.left -= 1;
            let Some((id, size, content)) = self.element(at) else { return };
            let element_end =
                size.and_then(|size| content.checked_add(size)).unwrap_or(end).min(end).max(content);
            match id {
                HEADER | SEGMENT | INFO | TRACKS | TRACK | VIDEO | AUDIO => {
                    self.level(content, element_end, depth + 1)
                }
                _ => self.value(id, content, element_end - content),
            }
            at = element_end;
        }
    }

    /// An element's id, size (if it has one) and where its content begins.
    fn element(&mut self, at: u64) -> Option<(u32, Option<u64>, u64)> {
        let first = *self.source.part(at, 1).first()?;
        let id_bytes = first.leading_zeros() as u64 + 1;
        if id_bytes > 4 {
            return None;
        }
        let id = self.number(at, id_bytes)?;
        let size_at = at + id_bytes;
        let first = self.source.exact::<1>(size_at)?[0];
        let size_bytes = u64::from(first.leading_zeros()) + 1;
        if size_bytes > 8 {
            return None;
        }
        let mask = (1u64 << (7 * size_bytes)) - 1;
        let size = self.number(size_at, size_bytes)? & mask;
        Some((u32::try_from(id).ok()?, Some(size).filter(|size| *size != mask), size_at + size_bytes))
    }

    fn number(&mut self, at: u64, count: u64) -> Option<u64> {
        (0..count).try_fold(0u64, |value, offset| {
            let [byte] = self.source.exact::<1>(at.checked_add(offset)?)?;
            Some(value << 8 | u64::from(byte))
        })
    }

    fn value(&mut self, id: u32, at: u64, size: u64) {
        if !matches!(id, DOC_TYPE | TIMESTAMP_SCALE | DURATION | CODEC | WIDTH | HEIGHT | RATE | CHANNELS) {
            return;
        }
        let bytes = self.source.part(at, size.min(64));
        let whole = bytes.iter().take(8).fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        let small = u32::try_from(whole).ok();
        match id {
            DOC_TYPE => self.facts.container = String::from_utf8_lossy(&bytes).trim_matches('\0').to_owned(),
            TIMESTAMP_SCALE => self.scale_ns = whole.max(1),
            DURATION => self.duration = float(&bytes),
            CODEC => self.codec(&String::from_utf8_lossy(&bytes)),
            WIDTH => self.facts.width = self.facts.width.or(small),
            HEIGHT => self.facts.height = self.facts.height.or(small),
            CHANNELS => self.facts.channels = self.facts.channels.or(small),
            _ => {
                self.facts.sample_rate_hz =
                    self.facts.sample_rate_hz.or(float(&bytes).map(|rate| rate as u32))
            }
        }
    }

    fn codec(&mut self, id: &str) {
        let id = id.trim_matches('\0');
        if let Some(codec) = id.strip_prefix("A_") {
            self.facts.audio_codec.get_or_insert(codec.to_ascii_lowercase());
        } else if let Some(codec) = id.strip_prefix("V_") {
            self.facts.video_codec.get_or_insert(codec.to_ascii_lowercase());
        }
    }
}

fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        4 => Some(f64::from(f32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}
