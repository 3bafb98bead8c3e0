//! Audio and video: how long, which codecs, which size. Containers are walked by hand and nothing is decoded.

mod ebml;
mod flac;
mod mpeg;
mod ogg;
mod riff;

use crate::boxes;
use crate::examination::{Class, MediaFacts, Warning, WarningCode};
use crate::limits::Limits;
use crate::sniff::Media;
use crate::source::Source;

pub(crate) struct Reading {
    pub facts: MediaFacts,
    pub class: Class,
    pub media_type: &'static str,
    pub warnings: Vec<Warning>,
}

/// Reads the facts of a recording.
pub(crate) fn read(source: &mut Source<'_>, media: Media, limits: &Limits) -> Reading {
    let facts = match media {
        Media::Wav => riff::wave(source, limits),
        Media::Avi => riff::avi(source, limits),
        Media::Flac => flac::read(source),
        Media::Mp3 => mpeg::read(source),
        Media::Adts => mpeg::adts(source),
        Media::Ogg => ogg::read(source),
        Media::Matroska => ebml::read(source, limits),
        Media::Mp4 | Media::QuickTime | Media::Audio4 => return from_boxes(source, media, limits),
    };
    let found = facts.is_some();
    let mut facts = facts.unwrap_or_default();
    let has_video = facts.video_codec.is_some();
    let (container, class, media_type) = match media {
        Media::Wav => ("wav", Class::Audio, "audio/wav"),
        Media::Avi => ("avi", Class::Video, "video/x-msvideo"),
        Media::Flac => ("flac", Class::Audio, "audio/flac"),
        Media::Mp3 => ("mp3", Class::Audio, "audio/mpeg"),
        Media::Adts => ("aac", Class::Audio, "audio/aac"),
        Media::Ogg if has_video => ("ogg", Class::Video, "video/ogg"),
        Media::Ogg => ("ogg", Class::Audio, "audio/ogg"),
        _ => matroska(&facts),
    };
    container.clone_into(&mut facts.container);
    let warnings = if found { Vec::new() } else { vec![WarningCode::Damaged.into()] };
    Reading { facts, class, media_type, warnings }
}

fn matroska(facts: &MediaFacts) -> (&'static str, Class, &'static str) {
    let audio_only = facts.video_codec.is_none() && facts.audio_codec.is_some();
    match (facts.container == "webm", audio_only) {
        (true, true) => ("webm", Class::Audio, "audio/webm"),
        (true, false) => ("webm", Class::Video, "video/webm"),
        (false, true) => ("matroska", Class::Audio, "audio/x-matroska"),
        (false, false) => ("matroska", Class::Video, "video/x-matroska"),
    }
}

fn from_boxes(source: &mut Source<'_>, media: Media, limits: &Limits) -> Reading {
    let found = boxes::walk(source, limits);
    let audio_only = media == Media::Audio4 || (found.has_audio && !found.has_video);
    let mut facts = found.media;
    let (container, class, media_type) = match media {
        _ if audio_only => ("mp4", Class::Audio, "audio/mp4"),
        Media::QuickTime => ("quicktime", Class::Video, "video/quicktime"),
        _ => ("mp4", Class::Video, "video/mp4"),
    };
    container.clone_into(&mut facts.container);
    let damaged = !found.complete || facts.duration_ms.is_none();
    let warnings = if damaged { vec![WarningCode::Damaged.into()] } else { Vec::new() };
    Reading { facts, class, media_type, warnings }
}

/// A duration from counted samples.
fn milliseconds(samples: u64, rate: u32) -> Option<u64> {
    samples.checked_mul(1000)?.checked_div(u64::from(rate))
}
