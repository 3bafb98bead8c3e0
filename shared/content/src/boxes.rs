//! The boxes of ISO media files: MP4 and QuickTime, HEIC and AVIF, JPEG 2000. Only sizes, times and names of codecs
//! are read, never samples.

use crate::examination::{ImageFacts, MediaFacts};
use crate::limits::Limits;
use crate::source::{Source, be16, be32, be64};

/// The longest box content read; the ones we read are small.
const CONTENT_BYTES: u64 = 4096;

/// Boxes that only hold other boxes, and how many bytes come before those.
const CONTAINERS: &[(&[u8; 4], u64)] = &[
    (b"moov", 0),
    (b"trak", 0),
    (b"mdia", 0),
    (b"minf", 0),
    (b"stbl", 0),
    (b"meta", 4),
    (b"iprp", 0),
    (b"ipco", 0),
    (b"jp2h", 0),
];

/// What the boxes said.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub media: MediaFacts,
    pub image: ImageFacts,
    pub has_video: bool,
    pub has_audio: bool,
    pub complete: bool,
    handler: [u8; 4],
    boxes: u32,
}

/// Walks all boxes within the limits.
pub(crate) fn walk(source: &mut Source<'_>, limits: &Limits) -> Found {
    let mut found = Found::default();
    let end = source.len();
    found.complete = level(source, 0, end, 0, limits, &mut found).is_some();
    found
}

/// Walks one level; nothing means that a box passed its container's end.
fn level(
    source: &mut Source<'_>,
    mut at: u64,
    end: u64,
    depth: u32,
    limits: &Limits,
    found: &mut Found,
) -> Option<()> {
    while at + 8 <= end {
        found.boxes += 1;
        if found.boxes > limits.elements.min(100_000) || depth > limits.depth {
            return None;
        }
        let [a, b, c, d, kind @ ..] = source.exact::<8>(at)?;
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, end - at),
            1 => (16, u64::from_be_bytes(source.exact::<8>(at + 8)?)),
            size => (8, u64::from(size)),
        };
        let box_end = at.checked_add(size)?;
        if size < header || box_end > end {
            // A recording that was cut off still has what came before.
            return if depth == 0 && &kind == b"mdat" { Some(()) } else { None };
        }
        let content = at + header;
        match CONTAINERS.iter().find(|(name, _)| **name == kind) {
            Some((_, skipped)) => {
                let skipped = if &kind == b"meta" && is_plain_meta(source, content) { 0 } else { *skipped };
                if &kind == b"trak" {
                    found.handler = [0; 4];
                }
                level(source, content + skipped, box_end, depth + 1, limits, found)?;
            }
            None => {
                if let Some(read) = reader(&kind) {
                    let bytes = source.part(content, (box_end - content).min(CONTENT_BYTES));
                    read(&bytes, found);
                }
            }
        }
        at = box_end;
    }
    Some(())
}

/// QuickTime writes `meta` without the version that ISO files have.
fn is_plain_meta(source: &mut Source<'_>, content: u64) -> bool {
    source.exact::<8>(content).is_some_and(|bytes| bytes.ends_with(b"hdlr"))
}

/// Takes what a box says; nothing if it ends early.
type Read = fn(&[u8], &mut Found) -> Option<()>;

fn reader(kind: &[u8; 4]) -> Option<Read> {
    Some(match kind {
        b"mvhd" => movie_header,
        b"tkhd" => track_header,
        b"hdlr" => handler,
        b"stsd" => samples,
        b"ispe" => image_extent,
        b"irot" => rotation,
        b"ihdr" => jpeg2000_header,
        _ => return None,
    })
}

fn movie_header(bytes: &[u8], found: &mut Found) -> Option<()> {
    let (scale, duration) = match bytes.first()? {
        1 => (be32(bytes, 20)?, be64(bytes, 24)?),
        _ => (be32(bytes, 12)?, u64::from(be32(bytes, 16)?)),
    };
    let unknown = duration == u64::MAX || duration == u64::from(u32::MAX) || scale == 0;
    found.media.duration_ms =
        duration.checked_mul(1000).filter(|_| !unknown).map(|units| units / u64::from(scale));
    Some(())
}

fn track_header(bytes: &[u8], found: &mut Found) -> Option<()> {
    let at = if bytes.first()? == &1 { 88 } else { 76 };
    let (width, height) = (be32(bytes, at)? >> 16, be32(bytes, at + 4)? >> 16);
    if width > 0 && height > 0 && found.media.width.is_none() {
        found.media.width = Some(width);
        found.media.height = Some(height);
    }
    Some(())
}

fn handler(bytes: &[u8], found: &mut Found) -> Option<()> {
    let kind: [u8; 4] = bytes.get(8..12)?.try_into().ok()?;
    if found.handler == [0; 4] {
        found.handler = kind;
    }
    Some(())
}

fn samples(bytes: &[u8], found: &mut Found) -> Option<()> {
    let codec = String::from_utf8_lossy(bytes.get(12..16)?).trim().to_owned();
    match &found.handler {
        b"vide" => {
            found.has_video = true;
            found.media.video_codec.get_or_insert(codec);
        }
        b"soun" => {
            found.has_audio = true;
            found.media.audio_codec.get_or_insert(codec);
            found.media.channels =
                found.media.channels.or(be16(bytes, 32).map(u32::from).filter(|n| (1..=64).contains(n)));
            found.media.sample_rate_hz =
                found.media.sample_rate_hz.or(be32(bytes, 40).map(|rate| rate >> 16).filter(|r| *r > 0));
        }
        _ => {}
    }
    Some(())
}

/// The largest of the pictures in the file: the others are tiles and thumbnails of it, unless it is only tiles.
fn image_extent(bytes: &[u8], found: &mut Found) -> Option<()> {
    let (width, height) = (be32(bytes, 4)?, be32(bytes, 8)?);
    let area = |w: Option<u32>, h: Option<u32>| u64::from(w.unwrap_or(0)) * u64::from(h.unwrap_or(0));
    if u64::from(width) * u64::from(height) > area(found.image.width, found.image.height) {
        found.image.width = Some(width);
        found.image.height = Some(height);
    }
    Some(())
}

/// Turns to the left in quarters, told as the EXIF orientation.
fn rotation(bytes: &[u8], found: &mut Found) -> Option<()> {
    found.image.orientation = Some(match bytes.first()? & 3 {
        0 => 1,
        1 => 8,
        2 => 3,
        _ => 6,
    });
    Some(())
}

fn jpeg2000_header(bytes: &[u8], found: &mut Found) -> Option<()> {
    found.image.height = Some(be32(bytes, 0)?);
    found.image.width = Some(be32(bytes, 4)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut out = (content.len() as u32 + 8).to_be_bytes().to_vec();
        out.extend(kind);
        out.extend(content);
        out
    }

    #[test]
    fn the_movie_header_gives_the_duration() {
        let mut header = vec![0; 100];
        header[12..16].copy_from_slice(&600u32.to_be_bytes());
        header[16..20].copy_from_slice(&1500u32.to_be_bytes());
        let file = boxed(b"moov", &boxed(b"mvhd", &header));
        let found = walk(&mut Source::new(&mut Cursor::new(file)), &Limits::default());
        assert_eq!(found.media.duration_ms, Some(2500));
        assert!(found.complete);
    }

    #[test]
    fn boxes_in_boxes_end_at_the_limit() {
        let mut file = Vec::new();
        for _ in 0..1000 {
            file = boxed(b"moov", &file);
        }
        let found = walk(&mut Source::new(&mut Cursor::new(file)), &Limits::default());
        assert!(!found.complete && found.boxes < 100);
    }
}
