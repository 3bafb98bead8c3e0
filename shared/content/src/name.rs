//! A file name that is safe to keep, show and hand to any operating system.

use unicode_normalization::UnicodeNormalization;

/// The longest name kept, in bytes of UTF-8: every file system in use takes it, with room for a suffix.
const NAME_BYTES: usize = 200;
/// An extension longer than this is no extension.
const EXTENSION_BYTES: usize = 20;
/// Names that are devices on Windows, with any extension.
const RESERVED: &[&str] = &[
    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "conin$",
    "conout$", "clock$", "com¹", "com²", "com³", "lpt¹", "lpt²", "lpt³",
];

/// A name made safe, and whether that took a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeName {
    pub name: String,
    pub changed: bool,
}

/// The last part of a path without anything that could mislead a person or a file system.
///
/// Safe names stay as they are, so applying it twice is the same as once.
pub fn safe_file_name(raw: &str) -> SafeName {
    let last =
        raw.rsplit(['/', '\\']).find(|part| !part.trim_matches(is_edge).is_empty()).unwrap_or_default();
    let visible: String = last.nfc().filter(|c| !is_hidden(*c)).map(replace_forbidden).collect();
    let mut name = shorten(visible.trim_matches(is_edge));
    if name.is_empty() {
        name = "file".to_owned();
    }
    if is_reserved(&name) {
        // Shortened first so that the mark never pushes a name over the limit and changes it the next time.
        name = shorten(&format!("_{name}"));
    }
    let changed = name != raw;
    SafeName { name, changed }
}

/// What may not stand first or last: Windows drops trailing dots and spaces, and a leading dot hides a file.
fn is_edge(c: char) -> bool {
    c == '.' || c.is_whitespace() || is_hidden(c)
}

/// Characters that do not show or that turn the order of the others around.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(
            c,
            '\u{061c}' | '\u{feff}' | '\u{00ad}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

fn replace_forbidden(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    RESERVED.contains(&stem.as_str())
}

/// Cuts the stem at a character boundary and keeps the extension.
fn shorten(name: &str) -> String {
    if name.len() <= NAME_BYTES {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= EXTENSION_BYTES => (stem, extension),
        _ => (name, ""),
    };
    let suffix = if extension.is_empty() { String::new() } else { format!(".{extension}") };
    let room = NAME_BYTES - suffix.len();
    let cut = stem.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
    let kept = stem.get(..cut.unwrap_or(0)).unwrap_or_default();
    format!("{}{suffix}", kept.trim_end_matches(is_edge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn safe(raw: &str) -> String {
        safe_file_name(raw).name
    }

    #[test]
    fn paths_are_stripped() {
        assert_eq!(safe("../../etc/passwd"), "passwd");
        assert_eq!(safe("C:\\Users\\Ann\\scan.pdf"), "scan.pdf");
        assert_eq!(safe("/"), "file");
        assert_eq!(safe("a/.."), "a");
    }

    #[test]
    fn what_does_not_show_is_removed() {
        assert_eq!(safe("exam\u{202e}gpj.exe"), "examgpj.exe");
        assert_eq!(safe("a\0b\r\n.txt"), "ab.txt");
        assert_eq!(safe("zero\u{200b}width.png"), "zerowidth.png");
    }

    #[test]
    fn devices_dots_and_empties_get_a_name() {
        assert_eq!(safe("CON"), "_CON");
        assert_eq!(safe("nul.txt"), "_nul.txt");
        assert_eq!(safe("console.txt"), "console.txt");
        assert_eq!(safe("..."), "file");
        assert_eq!(safe(""), "file");
        assert_eq!(safe("report. "), "report");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe(&format!("{}.dcm", "ж".repeat(300)));
        assert!(name.len() <= NAME_BYTES && name.ends_with("ж.dcm"));
    }

    #[test]
    fn ordinary_names_are_untouched_and_composed() {
        assert_eq!(
            safe_file_name("Röntgen 2024 (links).JPG"),
            SafeName { name: "Röntgen 2024 (links).JPG".to_owned(), changed: false }
        );
        assert_eq!(
            safe_file_name("Ro\u{308}ntgen.jpg"),
            SafeName { name: "Röntgen.jpg".to_owned(), changed: true }
        );
    }

    proptest! {
        #[test]
        fn every_name_becomes_safe_once_and_for_all(raw in "\\PC*|[\\x00-\\x7f\u{200b}\u{202e}é./\\\\]{0,300}") {
            let safe = safe_file_name(&raw);
            prop_assert!(!safe.name.is_empty() && safe.name.len() <= NAME_BYTES);
            prop_assert!(!safe.name.contains(['/', '\\', '\0']));
            prop_assert!(safe.name != "." && safe.name != "..");
            prop_assert_eq!(&safe_file_name(&safe.name).name, &safe.name);
        }
    }
}
