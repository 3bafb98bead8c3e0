//! What a browser is to do with a file: save it under its name, or show it where that is safe (RFC 6266,
//! RFC 8187).

use api::Problem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Types that a browser shows without running anything that is in them. Pages, drawings and scripts are not
/// among them, whatever they were sent as.
const SHOWN: &[&str] = &[
    "application/pdf",
    "audio/aac",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
    "video/mp4",
    "video/ogg",
    "video/webm",
];

/// RFC 8187's attr-char: everything else is percent-encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// To be saved, under the name with which it came.
pub fn attachment(file_name: &str) -> String {
    named("attachment", file_name)
}

/// To be shown in a viewer, where its type is one that can be.
pub fn inline(file_name: &str, media_type: &str) -> Result<String, Problem> {
    if SHOWN.contains(&media_type) {
        Ok(named("inline", file_name))
    } else {
        Err(Problem::conflict("not_viewable", "this type of file is downloaded, not shown in place"))
    }
}

/// Both forms of the name: programs that do not know the second take the first.
fn named(how: &str, file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(file_name, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was() {
        assert_eq!(
            attachment("Röntgen links.dcm"),
            "attachment; filename=\"R_ntgen links.dcm\"; filename*=UTF-8''R%C3%B6ntgen%20links.dcm"
        );
    }

    #[test]
    fn a_name_cannot_end_the_header_or_begin_another() {
        let told = attachment("a\"; x=\r\nSet-Cookie: b%22\\.png");
        assert_eq!(told.matches('"').count(), 2);
        assert!(!told.contains(['\r', '\n', '\\']), "{told}");
    }

    #[test]
    fn only_what_runs_nothing_is_shown() {
        assert!(inline("a.pdf", "application/pdf").unwrap().starts_with("inline; "));
        for active in ["text/html", "image/svg+xml", "application/xhtml+xml", "application/dicom", ""] {
            assert_eq!(inline("a", active).unwrap_err().code(), "not_viewable", "{active}");
        }
    }
}
