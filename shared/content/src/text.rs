//! Text: its encoding, its lines, and the markup that could run.

use crate::examination::TextFacts;
use crate::limits::Limits;
use crate::sniff::Markup;
use crate::source::Source;

/// How text is encoded, as far as the bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    Ascii,
    Utf8,
    Utf16Little,
    Utf16Big,
    Latin,
}

impl TextEncoding {
    fn name(self) -> &'static str {
        match self {
            Self::Ascii => "us-ascii",
            Self::Utf8 => "utf-8",
            Self::Utf16Little => "utf-16le",
            Self::Utf16Big => "utf-16be",
            Self::Latin => "windows-1252",
        }
    }
}

/// The encoding, if the bytes are text at all.
pub(crate) fn encoding(head: &[u8]) -> Option<TextEncoding> {
    match head {
        [] => return None,
        [0xff, 0xfe, rest @ ..] => {
            return wide(rest, u16::from_le_bytes).then_some(TextEncoding::Utf16Little);
        }
        [0xfe, 0xff, rest @ ..] => return wide(rest, u16::from_be_bytes).then_some(TextEncoding::Utf16Big),
        _ => {}
    }
    if head.contains(&0) {
        let (pairs, _) = head.as_chunks::<2>();
        let zeros = |at: usize| pairs.iter().filter(|pair| pair.get(at) == Some(&0)).count() * 10;
        return match pairs.len() * 7 {
            enough if zeros(1) >= enough && wide(head, u16::from_le_bytes) => Some(TextEncoding::Utf16Little),
            enough if zeros(0) >= enough && wide(head, u16::from_be_bytes) => Some(TextEncoding::Utf16Big),
            _ => None,
        };
    }
    if head.iter().any(|byte| is_control(u16::from(*byte))) {
        return None;
    }
    if head.is_ascii() {
        return Some(TextEncoding::Ascii);
    }
    match std::str::from_utf8(head) {
        Ok(_) => Some(TextEncoding::Utf8),
        // The last character may be cut by the end of what was read.
        Err(error) if error.valid_up_to() + 4 > head.len() && error.error_len().is_none() => {
            Some(TextEncoding::Utf8)
        }
        Err(_) => {
            let high = head.iter().filter(|byte| **byte >= 0x80).count();
            // Letters with marks are a part of any language's text; compressed bytes are high half of the time.
            (high * 10 < head.len() * 3).then_some(TextEncoding::Latin)
        }
    }
}

/// Control characters that text does not have: escape is in coloured logs and ISO 2022.
fn is_control(unit: u16) -> bool {
    unit < 0x20 && !matches!(unit, 0x09 | 0x0a | 0x0b | 0x0c | 0x0d | 0x1a | 0x1b | 0x1c) || unit == 0x7f
}

fn wide(bytes: &[u8], read: fn([u8; 2]) -> u16) -> bool {
    let (pairs, _) = bytes.as_chunks::<2>();
    !pairs.is_empty() && !pairs.iter().any(|pair| is_control(read(*pair)) || read(*pair) >= 0xfffe)
}

/// The text of some bytes.
pub(crate) fn decode(bytes: &[u8], encoding: TextEncoding) -> String {
    let encoding = match encoding {
        TextEncoding::Ascii | TextEncoding::Utf8 => encoding_rs::UTF_8,
        TextEncoding::Utf16Little => encoding_rs::UTF_16LE,
        TextEncoding::Utf16Big => encoding_rs::UTF_16BE,
        TextEncoding::Latin => encoding_rs::WINDOWS_1252,
    };
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// The kind of markup a lower-case text begins with, comments and declarations aside.
pub(crate) fn markup(front: &str) -> Option<Markup> {
    let mut rest = front.trim_start_matches('\u{feff}').trim_start();
    let declared = rest.starts_with("<?xml");
    while rest.starts_with("<?") || rest.starts_with("<!--") || rest.starts_with("<!doctype") {
        if rest.starts_with("<!doctype html") {
            return Some(Markup::Html);
        }
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let Some((_, after)) = rest.split_once(end) else { break };
        rest = after.trim_start();
    }
    const HTML: &[&str] = &[
        "<html", "<head", "<body", "<script", "<iframe", "<title", "<meta", "<div", "<table", "<img",
        "<style", "<h1", "<a href", "<p>", "<br", "<form", "<object", "<embed", "<link",
    ];
    if rest.starts_with("<svg") || rest.starts_with("<svg:svg") {
        Some(Markup::Svg)
    } else if HTML.iter().any(|tag| rest.starts_with(tag)) {
        Some(Markup::Html)
    } else if declared || is_element(rest) {
        Some(Markup::Xml)
    } else {
        None
    }
}

/// An XML document without its declaration: one element with a namespace.
fn is_element(rest: &str) -> bool {
    let Some((tag, _)) = rest.strip_prefix('<').and_then(|tag| tag.split_once('>')) else { return false };
    tag.starts_with(|c: char| c.is_ascii_alphabetic()) && tag.contains("xmlns")
}

/// Encoding and lines within the limit.
pub(crate) fn facts(source: &mut Source<'_>, limits: &Limits) -> TextFacts {
    let head = source.part(0, 64 * 1024);
    let mut encoding = encoding(&head).unwrap_or(TextEncoding::Latin);
    let (mut lines, mut last, mut ascii) = (0u64, None, true);
    source.stream(limits.text_bytes, |chunk| {
        lines += memchr::memchr_iter(b'\n', chunk).count() as u64;
        ascii &= chunk.is_ascii();
        last = chunk.iter().rev().find(|byte| **byte != 0).copied().or(last);
        true
    });
    if encoding == TextEncoding::Ascii && !ascii {
        encoding = TextEncoding::Utf8;
    }
    lines += u64::from(last.is_some_and(|byte| byte != b'\n'));
    TextFacts { encoding: encoding.name().to_owned(), lines, complete: source.len() <= limits.text_bytes }
}

/// Whether markup could run something when it is opened.
pub(crate) fn is_active(source: &mut Source<'_>, limits: &Limits) -> bool {
    let bytes = source.part(0, limits.text_bytes.min(limits.layer_bytes()));
    let encoding = encoding(bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default());
    let text = decode(&bytes, encoding.unwrap_or(TextEncoding::Utf8)).to_ascii_lowercase();
    const ACTIVE: &[&str] = &[
        "<script",
        "<svg:script",
        "javascript:",
        "vbscript:",
        "<iframe",
        "<object",
        "<embed",
        "<foreignobject",
        "srcdoc=",
        "data:text/html",
        "<!entity",
        "http-equiv=\"refresh",
        "http-equiv='refresh",
        "http-equiv=refresh",
    ];
    ACTIVE.iter().any(|mark| text.contains(mark)) || has_handler(&text)
}

/// An attribute that runs on an event: `onload=`, `onclick =` and their like, inside of a tag.
fn has_handler(text: &str) -> bool {
    text.split('<').skip(1).map(|tag| tag.split_once('>').map_or(tag, |(tag, _)| tag)).any(|tag| {
        let mut waiting = false;
        let separator = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'');
        tag.split(separator).filter(|part| !part.is_empty()).skip(1).any(|part| {
            // The equals sign may stand apart from the name.
            let assigned = waiting && part.starts_with('=');
            let (name, value) =
                part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
            waiting = is_event(name);
            assigned || waiting && value.is_some()
        })
    })
}

fn is_event(name: &str) -> bool {
    name.strip_prefix("on")
        .is_some_and(|event| event.len() >= 3 && event.chars().all(|c| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn active(text: &str) -> bool {
        is_active(&mut Source::new(&mut Cursor::new(text.as_bytes())), &Limits::default())
    }

    #[test]
    fn encodings_are_told_by_their_bytes() {
        assert_eq!(encoding(b"plain"), Some(TextEncoding::Ascii));
        assert_eq!(encoding("Zähne".as_bytes()), Some(TextEncoding::Utf8));
        assert_eq!(encoding(b"Befund der Z\xe4hne: gut"), Some(TextEncoding::Latin));
        assert_eq!(encoding(b"h\0e\0l\0l\0o\0"), Some(TextEncoding::Utf16Little));
        assert_eq!(encoding(b"\xfe\xff\0h\0i"), Some(TextEncoding::Utf16Big));
        assert_eq!(encoding(b"\0\x01\x02\x03"), None);
        assert_eq!(encoding(&"é".as_bytes()[..1]), Some(TextEncoding::Utf8));
        assert_eq!(encoding(b"\x80\x81\x82\x83"), None);
    }

    #[test]
    fn lines_are_counted_to_the_end() {
        let lines =
            |text: &str| facts(&mut Source::new(&mut Cursor::new(text.as_bytes())), &Limits::default()).lines;
        assert_eq!((lines("a"), lines("a\n"), lines("a\nb")), (1, 1, 2));
    }

    #[test]
    fn what_could_run_is_seen() {
        for text in [
            "<svg onload=alert(1)>",
            "<p><SCRIPT src=x>",
            "<a href='JavaScript:x'>",
            "<img src=x onerror = 'x'>",
            "<svg/onload=x>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///'>]>",
        ] {
            assert!(active(text), "{text}");
        }
        for text in ["<svg><path d='M0 0'/></svg>", "<p>based on=off</p>", "<p class='one'>once = twice</p>"]
        {
            assert!(!active(text), "{text}");
        }
    }
}
