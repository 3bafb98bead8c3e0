//! The product's main job as one story: a clinic is set up, a patient is registered, records of all three kinds
//! are kept, a patient sends an X-ray of their own, everything is read again, and the audit trail tells it all
//! (R001-R011, R014, R015, R017, R020-R024, R030, R033, R036, R055, R085, R130-R132, X-4, X-9).
//!
//! It is told over HTTP alone, so the same story runs on one machine and through a deployed gateway, and again
//! on the same data: each time the patient is another one.

mod cast;
mod clinic;
mod files;
mod folders;
mod intake;
mod notes;
mod patient;
mod reading;
mod trail;

pub use cast::{Cast, PEOPLE, Person};

use crate::narrator::Narrator;
use serde_json::Value;
use std::{fmt::Display, str::FromStr, sync::Arc};

/// What the object storage behind the product can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// All that S3 does.
    Full,
    /// That of the emulator: of one version of an object it gives the whole, whatever range was asked for.
    WithoutRanges,
}

/// Tells the whole story.
pub async fn tell(narrator: Arc<Narrator>, cast: Cast, storage: Storage) {
    let cast = clinic::opens(&narrator, cast).await;
    let grace = patient::arrives(&narrator, &cast).await;
    let note = notes::are_written(&narrator, &cast, &grace).await;
    let folder = folders::are_kept(&narrator, &cast, &grace).await;
    let files = files::are_uploaded(&narrator, &cast, &grace).await;
    folders::is_scanned(&narrator, &cast, folder, files.scan).await;
    let sent = intake::is_asked_for(&narrator, &cast, &grace).await;
    reading::goes_on(&narrator, &cast, &grace, &files, sent).await;
    match storage {
        Storage::Full => reading::in_pieces(&narrator, &cast, &grace, &files).await,
        Storage::WithoutRanges => {
            narrator.remark("Nobody asks for a piece: this storage gives whole files only.")
        }
    }
    trail::tells(&narrator, &cast, &grace, note).await;
    narrator.farewell("Every answer was as it should be.");
}

/// The text of a field of an answer.
fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("no text in `{field}` of {answer}"))
}

/// The rows of a list in an answer.
fn rows<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().unwrap_or_else(|| panic!("no list in `{field}` of {answer}"))
}

/// An id in an answer.
fn id<Id: FromStr>(answer: &Value, field: &str) -> Id
where
    Id::Err: Display,
{
    let text = text(answer, field);
    text.parse().unwrap_or_else(|error| panic!("`{field}` of {answer}: {error}"))
}

/// A number in an answer: a revision, a size.
fn number(answer: &Value, field: &str) -> u64 {
    answer[field].as_u64().unwrap_or_else(|| panic!("no number in `{field}` of {answer}"))
}
