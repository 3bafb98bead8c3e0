//! The result of an examination, as it is stored with a record and shown to people.

use crate::dicom::DicomFacts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was found out about one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    pub class: Class,
    /// The media type by content; what the uploader declared only refines it where content cannot tell.
    pub media_type: String,
    pub facts: Facts,
    pub preview: Option<Preview>,
    pub verdict: Verdict,
    pub warnings: Vec<Warning>,
}

/// The classes of records keeping (R006); what no class knows is kept safely as `Other` (R193).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Dicom,
    Image,
    Pdf,
    Document,
    Text,
    Audio,
    Video,
    Other,
}

/// A small picture of the content, ready for a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    pub width: u32,
    pub height: u32,
}

/// What may happen with the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "reason")]
pub enum Verdict {
    /// Nothing speaks against keeping it.
    Clean,
    /// A person has to look at it before anyone else may open it.
    Quarantine(Reason),
    /// It must not be kept at all.
    Reject(Reason),
}

/// Why a file was held back: a stable code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    pub code: ReasonCode,
    pub text: String,
}

/// Stable codes of [`Reason`], the gravest last: when several apply, the last one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The examination itself failed; nothing is known about the file.
    NotExamined,
    NestedTooDeeply,
    ContentMismatch,
    ActiveContent,
    Executable,
    MalwareSignature,
    EmptyFile,
    DecompressionBomb,
}

impl Reason {
    pub(crate) fn new(code: ReasonCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Something worth knowing that does not hold the file back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    pub code: WarningCode,
    pub text: String,
}

/// Stable codes of [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// A place on earth is written in the file.
    CarriesLocation,
    /// A person's name is written in the file beside its content.
    CarriesPersonalName,
    /// The file ends before its content does, or its structure is broken.
    Damaged,
    /// The content could not be read without a password.
    Encrypted,
    /// The content is larger than what is looked at; the rest was not searched for dangers.
    PartlyExamined,
    /// No preview could be made.
    NoPreview,
    /// The content is of another harmless type than declared.
    TypeDiffers,
    /// Names may be painted into the pixels.
    BurnedInAnnotation,
}

impl WarningCode {
    fn text(self) -> &'static str {
        match self {
            Self::CarriesLocation => "the file says where it was made",
            Self::CarriesPersonalName => "the file names a person outside of its visible content",
            Self::Damaged => "the file is damaged or cut off",
            Self::Encrypted => "the content is encrypted and could not be examined",
            Self::PartlyExamined => "the file is too large to be examined completely",
            Self::NoPreview => "no preview could be made",
            Self::TypeDiffers => "the content is of another type than declared",
            Self::BurnedInAnnotation => "a name may be visible in the picture itself",
        }
    }
}

impl From<WarningCode> for Warning {
    fn from(code: WarningCode) -> Self {
        Self { code, text: code.text().to_owned() }
    }
}

/// What the content says about itself. No titles and no text: those may name people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Facts {
    Dicom(Box<DicomFacts>),
    Image(ImageFacts),
    Pdf(PdfFacts),
    Document(DocumentFacts),
    Text(TextFacts),
    Media(MediaFacts),
    Archive(ArchiveFacts),
    None,
}

/// A still picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageFacts {
    pub format: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Pages of a TIFF; one for other formats.
    pub pages: Option<u32>,
    /// The EXIF orientation, 1 to 8, where one is given; previews are already upright.
    pub orientation: Option<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PdfFacts {
    pub version: Option<String>,
    pub pages: Option<u32>,
    pub encrypted: bool,
    pub javascript: bool,
    /// An action that starts a program or loads other data.
    pub launch_action: bool,
    pub embedded_files: u32,
    pub has_forms: bool,
    /// The page is one scanned picture.
    pub scanned: bool,
}

/// A word processor, spreadsheet or presentation file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentFacts {
    pub format: String,
    pub macros: bool,
    pub encrypted: bool,
    pub embedded_objects: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextFacts {
    pub encoding: String,
    /// Lines within the part that was looked at.
    pub lines: u64,
    pub complete: bool,
}

/// Audio and video.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MediaFacts {
    pub container: String,
    pub duration_ms: Option<u64>,
    pub audio_codec: Option<String>,
    pub channels: Option<u32>,
    pub sample_rate_hz: Option<u32>,
    pub video_codec: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArchiveFacts {
    pub format: String,
    pub entries: Option<u32>,
    pub unpacked_bytes: Option<u64>,
    pub encrypted: bool,
}
