//! What was found of a file, and what is kept and shown of it (R006, R017).
//!
//! The judgement is of the file alone and made once. How the chart stands to the file is known only when the
//! outcome is committed, so that the outcome is put together then, at each try.

use crate::duplicates::Earlier;
use content::{Class, Examination, Facts, Mismatch, Verdict, Warning};
use domain::{
    Sealed,
    record::{FileState, Finding, Preview},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Warning of a picture that is of somebody else than the chart's client (R017).
const PATIENT_MISMATCH: &str = "patient_mismatch";
/// Warning of a file whose bytes were brought into the chart before (R017).
const DUPLICATE_FILE: &str = "duplicate_file";

/// What may happen with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Available,
    Quarantined,
    Rejected,
}

/// What was found of a file.
pub struct Judgement {
    /// Hexadecimal, of the whole file.
    pub sha256: String,
    fate: Fate,
    class: Class,
    media_type: String,
    /// Stable code of the reason why the file is held back, and the same for people.
    reason: Option<String>,
    explanation: Option<String>,
    content: Facts,
    warnings: Vec<Warning>,
    mismatch: Option<Mismatch>,
    preview: Option<Box<Preview>>,
}

/// What is kept of a judgement beyond its codes: shown with the record, sealed like the record.
#[derive(Serialize)]
pub struct FileFacts<'a> {
    content: &'a Facts,
    /// Why the file is held back, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    warnings: &'a [Warning],
    /// What differs between the picture's patient and the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_mismatch: Option<&'a Mismatch>,
    /// The file of the chart that has the same bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_file: Option<&'a Earlier>,
}

impl Judgement {
    pub fn new(
        sha256: String,
        examination: Examination,
        mismatch: Option<Mismatch>,
        preview: Option<Box<Preview>>,
    ) -> Self {
        let (fate, reason) = match examination.verdict {
            Verdict::Clean => (Fate::Available, None),
            Verdict::Quarantine(reason) => (Fate::Quarantined, Some(reason)),
            Verdict::Reject(reason) => (Fate::Rejected, Some(reason)),
        };
        Self {
            sha256,
            fate,
            class: examination.class,
            media_type: examination.media_type,
            reason: reason.as_ref().map(|reason| code(&reason.code)),
            explanation: reason.map(|reason| reason.text),
            content: examination.facts,
            warnings: examination.warnings,
            mismatch,
            preview,
        }
    }

    /// Of a file into which nobody could or should look.
    pub fn unexamined(sha256: String, fate: Fate, reason: &str) -> Self {
        Self {
            sha256,
            fate,
            class: Class::Other,
            media_type: "application/octet-stream".to_owned(),
            reason: Some(reason.to_owned()),
            explanation: None,
            content: Facts::None,
            warnings: Vec::new(),
            mismatch: None,
            preview: None,
        }
    }

    /// Whether the file is content of the chart: what is rejected never is, so that sending it again, whole
    /// this time, repeats nothing.
    pub fn is_kept(&self) -> bool {
        self.fate != Fate::Rejected
    }

    /// What people are shown, where the chart has the file since `earlier`.
    pub fn facts<'a>(&'a self, earlier: Option<&'a Earlier>) -> FileFacts<'a> {
        FileFacts {
            content: &self.content,
            reason: self.explanation.as_deref(),
            warnings: &self.warnings,
            patient_mismatch: self.mismatch.as_ref(),
            duplicate_file: earlier,
        }
    }

    /// What is written; `facts` are the sealed ones.
    pub fn outcome(&self, facts: Sealed<Value>, earlier: Option<&Earlier>, now: Timestamp) -> FileState {
        let mut warnings: Vec<String> = self.warnings.iter().map(|warning| code(&warning.code)).collect();
        warnings.extend(self.mismatch.as_ref().map(|_| PATIENT_MISMATCH.to_owned()));
        warnings.extend(earlier.map(|_| DUPLICATE_FILE.to_owned()));
        let finding = Finding {
            inspected_at: now,
            sha256: self.sha256.clone(),
            class: code(&self.class),
            media_type: self.media_type.clone(),
            reason: self.reason.clone(),
            facts,
            preview: self.preview.clone(),
            warnings,
        };
        match self.fate {
            Fate::Available => FileState::Available(finding),
            Fate::Quarantined => FileState::Quarantined(finding),
            Fate::Rejected => FileState::Rejected(finding),
        }
    }
}

/// The stable code of one of the examination's enums.
fn code(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use content::WarningCode;
    use domain::RecordId;
    use serde_json::json;
    use uuid::Uuid;

    fn photo() -> Judgement {
        let examination = Examination {
            class: Class::Image,
            media_type: "image/jpeg".to_owned(),
            facts: Facts::None,
            preview: None,
            verdict: Verdict::Clean,
            warnings: vec![WarningCode::CarriesLocation.into()],
        };
        Judgement::new("00".repeat(32), examination, None, None)
    }

    fn warnings(judgement: &Judgement, earlier: Option<&Earlier>) -> Vec<String> {
        let outcome = judgement.outcome(Sealed::from_bytes(vec![]), earlier, Timestamp::UNIX_EPOCH);
        outcome.finding().unwrap().warnings.clone()
    }

    #[test]
    fn codes_are_those_of_the_examination() {
        assert_eq!(code(&WarningCode::PartlyExamined), "partly_examined");
        assert_eq!(code(&Class::Dicom), "dicom");
    }

    #[test]
    fn a_duplicate_is_warned_of_beside_everything_else() {
        let id = RecordId::new(Uuid::from_u128(7));
        let earlier = Earlier::of(Some(id));
        assert_eq!(warnings(&photo(), None), ["carries_location"]);
        assert_eq!(warnings(&photo(), Some(&earlier)), ["carries_location", "duplicate_file"]);
        let facts = serde_json::to_value(photo().facts(Some(&earlier))).unwrap();
        assert_eq!(facts["duplicate_file"]["record_id"], json!(id));
        let facts = serde_json::to_value(photo().facts(None)).unwrap();
        assert_eq!(facts.get("duplicate_file"), None);
    }

    #[test]
    fn what_is_rejected_is_not_kept() {
        let fates = [Fate::Available, Fate::Quarantined, Fate::Rejected];
        let kept = fates.map(|fate| Judgement::unexamined(String::new(), fate, "size_mismatch").is_kept());
        assert_eq!(kept, [true, true, false]);
    }
}
