//! RIFF: WAV and AVI.

use super::milliseconds;
use crate::examination::MediaFacts;
use crate::limits::Limits;
use crate::source::{Source, le16, le32};

/// Gives every chunk between two places to `see`: its name, its content and its size.
fn chunks(
    source: &mut Source<'_>,
    mut at: u64,
    end: u64,
    limits: &Limits,
    mut see: impl FnMut(&mut Source<'_>, [u8; 4], u64, u64),
) {
    for _ in 0..limits.elements.min(10_000) {
        let Some([a, b, c, d, size @ ..]) = source.exact::<8>(at).filter(|_| at < end) else { return };
        let size = u64::from(u32::from_le_bytes(size));
        see(source, [a, b, c, d], at + 8, size);
        at = at + 8 + size + size % 2;
    }
}

pub(super) fn wave(source: &mut Source<'_>, limits: &Limits) -> Option<MediaFacts> {
    let mut format = Vec::new();
    let mut data = None;
    let end = source.len();
    chunks(source, 12, end, limits, |source, name, at, size| match &name {
        b"fmt " => format = source.part(at, size.min(64)),
        // Recorders that were cut off leave a size of nothing or of everything.
        b"data" if data.is_none() => {
            let there = end.saturating_sub(at);
            data = Some(if size == 0 || size == u64::from(u32::MAX) { there } else { size.min(there) });
        }
        _ => {}
    });
    let code = le16(&format, 0)?;
    let code = if code == 0xfffe { le16(&format, 24).unwrap_or(code) } else { code };
    let bytes_per_second = le32(&format, 8).filter(|rate| *rate > 0);
    Some(MediaFacts {
        duration_ms: data.zip(bytes_per_second).and_then(|(bytes, rate)| milliseconds(bytes, rate)),
        audio_codec: Some(codec(code)),
        channels: le16(&format, 2).map(u32::from),
        sample_rate_hz: le32(&format, 4),
        ..MediaFacts::default()
    })
}

fn codec(code: u16) -> String {
    match code {
        1 => "pcm".to_owned(),
        2 | 0x11 => "adpcm".to_owned(),
        3 => "pcm-float".to_owned(),
        6 => "alaw".to_owned(),
        7 => "ulaw".to_owned(),
        0x55 => "mp3".to_owned(),
        0xff => "aac".to_owned(),
        other => format!("wave-{other:04x}"),
    }
}

pub(super) fn avi(source: &mut Source<'_>, limits: &Limits) -> Option<MediaFacts> {
    let mut header = None;
    let end = source.len();
    chunks(source, 12, end, limits, |source, name, at, size| {
        if &name == b"LIST" && header.is_none() && source.exact::<4>(at).is_some_and(|kind| &kind == b"hdrl")
        {
            header = Some((at + 4, at + size));
        }
    });
    let (at, end) = header?;
    let mut facts = MediaFacts::default();
    let mut lists = Vec::new();
    chunks(source, at, end, limits, |source, name, at, size| match &name {
        b"avih" => main_header(&source.part(at, size.min(56)), &mut facts),
        b"LIST" if lists.len() < 64 => lists.push((at + 4, at + size)),
        _ => {}
    });
    for (at, end) in lists {
        stream(source, at, end, limits, &mut facts);
    }
    Some(facts)
}

fn main_header(bytes: &[u8], facts: &mut MediaFacts) {
    let frames = le32(bytes, 16).map(u64::from);
    let frame_us = le32(bytes, 0).map(u64::from).filter(|us| *us > 0);
    facts.duration_ms = frames.zip(frame_us).map(|(frames, us)| frames * us / 1000);
    facts.width = le32(bytes, 32);
    facts.height = le32(bytes, 36);
}

fn stream(source: &mut Source<'_>, at: u64, end: u64, limits: &Limits, facts: &mut MediaFacts) {
    let mut kind = Vec::new();
    chunks(source, at, end, limits, |source, name, at, size| match &name {
        b"strh" => {
            kind = source.part(at, size.min(8));
            if kind.starts_with(b"vids") {
                let code = String::from_utf8_lossy(kind.get(4..).unwrap_or_default())
                    .trim_matches(['\0', ' '])
                    .to_owned();
                facts.video_codec.get_or_insert(if code.is_empty() { "raw".to_owned() } else { code });
            }
        }
        b"strf" if kind.starts_with(b"auds") => {
            let format = source.part(at, size.min(16));
            facts.audio_codec = le16(&format, 0).map(codec);
            facts.channels = le16(&format, 2).map(u32::from);
            facts.sample_rate_hz = le32(&format, 4);
        }
        _ => {}
    });
}
