//! A note: the data record people type (R003, R011, R014).
//!
//! A note is a draft of its author until signed. A signed version is never changed: an amendment appends a
//! version with its reason, and every earlier version stays readable.

use crate::{
    MemberId, RecordId, Sealed,
    limits::{NAME_CHARS, NOTE_CHARS, NOTE_SECTION_CHARS, NOTE_SECTIONS, REASON_CHARS},
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
}

impl NoteContent {
    pub fn check(&self) -> Result<(), NoteError> {
        if !(1..=NOTE_SECTIONS).contains(&self.sections.len()) {
            return Err(NoteError::Sections);
        }
        let chars: usize = self.sections.iter().map(|section| section.text.as_str().len()).sum();
        if chars > NOTE_CHARS { Err(NoteError::TooLong) } else { Ok(()) }
    }
}
