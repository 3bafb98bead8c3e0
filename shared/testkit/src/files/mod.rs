//! Files as clinics and patients have them, and as attackers would: made here, the same on every machine.
//!
//! Nothing is downloaded and nobody is in them; [`Patient`] says whose name a file carries.

mod bulk;
mod documents;
mod hostile;
mod pictures;
mod recordings;

pub use bulk::{Noise, bulk};
pub use documents::{letter, scan};
pub use hostile::{malware_signature, text_named_as_dicom, zip_bomb, zip_of};
pub use pictures::{photo, xray};
pub use recordings::{sound, video};

use ring::digest;

/// A file on somebody's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFile {
    pub name: String,
    /// What its sender says it is.
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

impl TestFile {
    pub fn new(name: impl Into<String>, media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), media_type, bytes }
    }

    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// Hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whose X-ray it says it is.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// As DICOM writes it: `Okafor^Grace`.
    pub name: &'a str,
    /// As DICOM writes it: `19840229`.
    pub birth_date: &'a str,
    pub id: &'a str,
}

/// Grace Okafor, born on 29 February 1984.
pub const GRACE: Patient<'static> = Patient { name: "Okafor^Grace", birth_date: "19840229", id: "N-1001" };

/// A number from a seed and a counter, spread evenly (SplitMix64).
fn mix(seed: u64, counter: u64) -> u64 {
    let mut z = seed.wrapping_add(counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use content::{Class, Declared, Examination, Limits, Verdict, WarningCode, examine};
    use std::io::Cursor;

    fn look(file: &TestFile) -> Examination {
        let declared = Declared { name: &file.name, media_type: file.media_type };
        examine(&mut Cursor::new(&file.bytes), &declared, &Limits::default())
    }

    fn reason(file: &TestFile) -> Option<String> {
        match look(file).verdict {
            Verdict::Clean => None,
            Verdict::Quarantine(reason) | Verdict::Reject(reason) => Some(format!("{:?}", reason.code)),
        }
    }

    #[test]
    fn each_harmless_file_is_what_it_says() {
        let files = [
            (xray(&GRACE), Class::Dicom),
            (scan(2), Class::Pdf),
            (photo(640, 480), Class::Image),
            (letter("Dear colleague,\nthank you for seeing Grace."), Class::Text),
            (sound(2), Class::Audio),
            (video(5), Class::Video),
        ];
        for (file, class) in files {
            let examination = look(&file);
            assert_eq!(examination.verdict, Verdict::Clean, "{}", file.name);
            assert_eq!(examination.class, class, "{}", file.name);
            assert_eq!(examination.media_type, file.media_type, "{}", file.name);
            // A telephone writes down where it was; nothing else is worth a warning.
            let located = examination.warnings.iter().any(|one| one.code == WarningCode::CarriesLocation);
            assert_eq!(located, class == Class::Image, "{}", file.name);
            assert_eq!(
                examination.warnings.len(),
                usize::from(located),
                "{}: {:?}",
                file.name,
                examination.warnings
            );
        }
    }

    #[test]
    fn pictures_and_scans_can_be_previewed() {
        for file in [xray(&GRACE), photo(640, 480)] {
            let preview = look(&file).preview.expect("a preview");
            assert!(image::load_from_memory(&preview.bytes).is_ok(), "{}", file.name);
        }
    }

    #[test]
    fn an_xray_names_its_patient() {
        let examination = look(&xray(&Patient { name: "Mensah^Kofi", ..GRACE }));
        let facts = serde_json::to_string(&examination.facts).unwrap();
        assert!(facts.contains("Mensah") && facts.contains("1984") && facts.contains("N-1001"), "{facts}");
    }

    #[test]
    fn hostile_files_are_found_out() {
        assert_eq!(reason(&malware_signature()).as_deref(), Some("MalwareSignature"));
        assert_eq!(reason(&zip_bomb()).as_deref(), Some("DecompressionBomb"));
        let mismatched = look(&text_named_as_dicom());
        let warned = mismatched.warnings.iter().any(|warning| warning.code == WarningCode::PartlyExamined);
        assert!(warned || mismatched.verdict != Verdict::Clean, "{mismatched:?}");
    }

    #[test]
    fn files_are_the_same_every_time() {
        assert_eq!(xray(&GRACE).sha256(), xray(&GRACE).sha256());
        assert_eq!(scan(1).sha256(), scan(1).sha256());
        assert_eq!(photo(64, 48).sha256(), photo(64, 48).sha256());
        assert_eq!(video(3).sha256(), video(3).sha256());
        assert_eq!(bulk(7, 100_003).sha256(), bulk(7, 100_003).sha256());
        assert_ne!(bulk(7, 100).sha256(), bulk(8, 100).sha256());
    }
}
