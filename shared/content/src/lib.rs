//! What an uploaded file really is (R006, R017, R121, R193): its class, facts, preview and dangers, judged by
//! its bytes and never by its name.
//!
//! Every reader here is our own walk over bounded reads, or a decoder behind limits that are set before it starts.
//! A length found in a file is compared with the bytes really there before anything is allocated for it; what
//! unpacks is charged against one budget for the whole file, however deep it is nested.
//!
//! ```text
//! examine   sniff → facts and preview of the class → dangers → does the content keep the name's promise
//! sniff     which of the known formats the first bytes are
//! dicom     data set walk, character sets, rendering, whose picture it is
//! picture   images, EXIF; tiff, boxes (HEIC, AVIF, JPEG 2000, MP4) are walked by hand
//! pdf       objects, streams, active content, the scanned page
//! media     length and codecs of audio and video
//! office    OOXML, ODF, legacy office, RTF
//! scan      malware signature, programs, bombs, at any depth of nesting
//! name      a file name that is safe to keep
//! ```

mod boxes;
mod declared;
mod dicom;
mod examination;
mod examine;
mod limits;
mod media;
mod name;
mod office;
mod pdf;
mod picture;
mod scan;
mod sniff;
mod source;
mod text;
mod tiff;

pub use declared::Declared;
pub use dicom::{DicomFacts, Difference, Directory, Mismatch, Patient, PatientMatch, PatientName, Person};
pub use dicom::{compare_client, compare_patient, judge_patient};
pub use examination::{
    ArchiveFacts, Class, DocumentFacts, Examination, Facts, ImageFacts, MediaFacts, PdfFacts, Preview,
    Reason, ReasonCode, TextFacts, Verdict, Warning, WarningCode,
};
pub use examine::examine;
pub use limits::Limits;
pub use name::{SafeName, safe_file_name};
