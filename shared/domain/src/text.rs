//! Text as people type it, held to a length and free of control characters from the moment it is parsed.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use unicode_normalization::UnicodeNormalization;

/// Why a text was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    #[error("text must not be empty")]
    Empty,
    #[error("text is longer than {0} characters")]
    TooLong(usize),
    #[error("text holds a control character")]
    Control,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $multiline:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name<const MAX: usize>(String);

        impl<const MAX: usize> $name<MAX> {
            pub fn new(raw: &str) -> Result<Self, TextError> {
                clean(raw, MAX, $multiline).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> TryFrom<String> for $name<MAX> {
            type Error = TextError;

            fn try_from(raw: String) -> Result<Self, TextError> {
                Self::new(&raw)
            }
        }

        impl<const MAX: usize> From<$name<MAX>> for String {
            fn from(text: $name<MAX>) -> String {
                text.0
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Shows the length only: text typed by people has no place in a log.
        impl<const MAX: usize> fmt::Debug for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        impl<const MAX: usize> JsonSchema for $name<MAX> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                format!("{}{}", stringify!($name), MAX).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX })
            }
        }
    };
}

text!(
    /// One line: trimmed, not empty, at most `MAX` characters, in Unicode's composed form.
    Line,
    false
);
text!(
    /// Several lines: as `Line`, with line breaks and tabs kept.
    Prose,
    true
);

fn clean(raw: &str, max: usize, multiline: bool) -> Result<String, TextError> {
    // The length is looked at first, so that an enormous text costs nothing.
    if raw.len() > max.saturating_mul(4).saturating_add(64) {
        return Err(TextError::TooLong(max));
    }
    let text: String = raw.nfc().collect::<String>().replace("\r\n", "\n").trim().to_owned();
    let allowed = |c: char| !c.is_control() || (multiline && matches!(c, '\n' | '\t'));
    if text.is_empty() {
        Err(TextError::Empty)
    } else if text.chars().count() > max {
        Err(TextError::TooLong(max))
    } else if !text.chars().all(allowed) || text.chars().any(is_bidi_override) {
        Err(TextError::Control)
    } else {
        Ok(text)
    }
}

/// Characters that make text read otherwise than it is stored (Unicode Technical Report 36).
fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_composed_and_bounded() {
        assert_eq!(Line::<8>::new("  Rene\u{301} ").map(String::from), Ok("Ren\u{e9}".to_owned()));
        assert_eq!(Line::<8>::new(" \t "), Err(TextError::Empty));
        assert_eq!(Line::<8>::new("123456789"), Err(TextError::TooLong(8)));
        assert_eq!(Line::<8>::new("a\nb"), Err(TextError::Control));
        assert_eq!(Line::<8>::new("a\u{202e}b"), Err(TextError::Control));
        assert_eq!(Line::<8>::new(&"x".repeat(1_000_000)), Err(TextError::TooLong(8)));
    }

    #[test]
    fn prose_keeps_its_lines() {
        assert_eq!(
            Prose::<20>::new("S: pain\r\nO: swelling").map(String::from),
            Ok("S: pain\nO: swelling".into())
        );
        assert_eq!(Prose::<20>::new("a\u{0}b"), Err(TextError::Control));
    }
}
