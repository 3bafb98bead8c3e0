//! A note: the data record people type (R003, R011, R014).
//!
//! A note is a draft of its author until signed. A signed version is never changed: an amendment appends a
//! version with its reason, and every earlier version stays readable.

use crate::{
    MemberId, RecordId, Sealed,
    limits::{NAME_CHARS, NOTE_CHARS, NOTE_SECTION_CHARS, NOTE_SECTIONS, REASON_CHARS},
    record::Cosignature,
    text::{Line, Prose},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a note says. Text is CommonMark; nothing in it is executed when it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteContent {
    pub title: Line<NAME_CHARS>,
    pub sections: Vec<NoteSection>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<Line<NAME_CHARS>>,
    pub text: Prose<NOTE_SECTION_CHARS>,
}

/// The unfinished text of a note, seen by its author alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    pub record_id: RecordId,
    pub author: MemberId,
    pub content: Sealed<NoteContent>,
    pub saved_at: Timestamp,
    pub revision: u64,
}

/// A version of a note as it was signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteVersion {
    pub record_id: RecordId,
    /// Counted from 1.
    pub number: u32,
    pub author: MemberId,
    /// Server time of the signature (R014).
    pub signed_at: Timestamp,
    pub content: Sealed<NoteContent>,
    /// Why the version before it was amended.
    pub reason: Option<Sealed<Prose<REASON_CHARS>>>,
    /// What the supervisor decided on it, where its author wrote under approval (P-13).
    #[serde(default)]
    pub cosignature: Option<Cosignature>,
}

impl NoteVersion {
    /// A version's identity among ciphertexts: none opens in the place of another.
    pub fn identity(record: RecordId, number: u32) -> String {
        format!("{record}/{number}")
    }
}

/// Why a note was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    #[error("a note has 1 to {NOTE_SECTIONS} sections")]
    Sections,
    #[error("a note has at most {NOTE_CHARS} characters")]
    TooLong,
    #[error("only the author may edit a note")]
    NotAuthor,
    #[error("the note is signed; amend it instead")]
    Signed,
    #[error("the note is a draft; sign it first")]
    NotSigned,
    #[error("the record was voided")]
    Voided,
    #[error("the record is not a note")]
    NotNote,
    #[error("the note does not wait for a co-signature")]
    NotAwaited,
    #[error("a note is co-signed by somebody else than its author")]
    OwnNote,
}

impl NoteContent {
    /// What may be signed: something is said, and not too much.
    pub fn check(&self) -> Result<(), NoteError> {
        if self.sections.is_empty() { Err(NoteError::Sections) } else { self.check_draft() }
    }

    /// What may be kept while it is being typed: a title alone is a beginning.
    pub fn check_draft(&self) -> Result<(), NoteError> {
        if self.sections.len() > NOTE_SECTIONS {
            return Err(NoteError::Sections);
        }
        let chars: usize = self.sections.iter().map(|section| section.text.as_str().chars().count()).sum();
        if chars > NOTE_CHARS { Err(NoteError::TooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(sections: usize, chars: usize) -> NoteContent {
        let section = NoteSection { heading: None, text: Prose::new(&"é".repeat(chars)).unwrap() };
        NoteContent { title: Line::new("Visit").unwrap(), sections: vec![section; sections] }
    }

    #[test]
    fn a_draft_may_be_a_beginning_and_a_signed_note_says_something() {
        assert_eq!(note(0, 1).check_draft(), Ok(()));
        assert_eq!(note(0, 1).check(), Err(NoteError::Sections));
        assert_eq!(note(NOTE_SECTIONS + 1, 1).check_draft(), Err(NoteError::Sections));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(note(3, NOTE_SECTION_CHARS).check(), Ok(()));
        assert_eq!(note(4, NOTE_SECTION_CHARS).check(), Err(NoteError::TooLong));
    }
}
