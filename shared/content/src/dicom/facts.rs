//! The facts of a DICOM file, gathered from the values the walk kept.

use super::charset::CharacterSet;
use super::tag::{self, Tag};
use super::walk::DataSet;
use crate::source::{be16, le16};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) type Values = BTreeMap<Tag, Vec<u8>>;

const DIRECTORY_CLASS: &str = "1.2.840.10008.1.3.10";

/// What a DICOM file says about itself and its patient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DicomFacts {
    pub transfer_syntax: Option<String>,
    pub sop_class: Option<String>,
    pub modality: Option<String>,
    pub study_uid: Option<String>,
    pub series_uid: Option<String>,
    pub instance_uid: Option<String>,
    /// `YYYY-MM-DD`.
    pub study_date: Option<String>,
    pub body_part: Option<String>,
    pub rows: Option<u32>,
    pub columns: Option<u32>,
    pub frames: Option<u32>,
    pub bits_stored: Option<u16>,
    pub photometric: Option<String>,
    /// Whether names are painted into the pixels, where the file says.
    pub burned_in_annotation: Option<bool>,
    pub patient: Patient,
    /// Set for the directory of a disc or folder of images.
    pub directory: Option<Directory>,
}

/// The person in the picture, as the device knew them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Patient {
    pub name: Option<PatientName>,
    pub other_names: Vec<PatientName>,
    pub id: Option<String>,
    pub other_ids: Vec<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    /// The file says that what identified the patient was removed.
    pub identity_removed: bool,
}

/// A name in up to three scripts; parts are separated by `^` in the order family, given, middle, prefix, suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PatientName {
    pub alphabetic: Option<String>,
    pub ideographic: Option<String>,
    pub phonetic: Option<String>,
}

impl PatientName {
    fn parse(text: &str) -> Option<Self> {
        let mut groups = text.split('=').map(|group| {
            let parts: Vec<_> = group.split('^').map(str::trim).collect();
            let joined = parts.join("^").trim_end_matches('^').to_owned();
            (!joined.is_empty()).then_some(joined)
        });
        let name = Self {
            alphabetic: groups.next().flatten(),
            ideographic: groups.next().flatten(),
            phonetic: groups.next().flatten(),
        };
        (name != Self::default()).then_some(name)
    }

    /// The scripts that are given.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        [&self.alphabetic, &self.ideographic, &self.phonetic].into_iter().flatten().map(String::as_str)
    }

    /// For people: `Family, Given Middle`, scripts apart by a slash.
    pub fn readable(&self) -> String {
        let one = |group: &str| {
            let mut parts = group.split('^').filter(|part| !part.is_empty());
            let family = parts.next().unwrap_or_default().to_owned();
            let rest = parts.collect::<Vec<_>>().join(" ");
            if rest.is_empty() { family } else { format!("{family}, {rest}") }
        };
        self.groups().map(one).collect::<Vec<_>>().join(" / ")
    }
}

/// A DICOMDIR: what a disc contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Directory {
    pub records: u32,
    /// Patients named in it.
    pub patients: u32,
}

/// Text of a value that only has ASCII characters by its definition.
pub(crate) fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// A number written as text.
pub(crate) fn decimal(value: &[u8]) -> Option<f64> {
    let first = text(value).split('\\').next()?.trim().replace(',', ".").parse::<f64>().ok()?;
    first.is_finite().then_some(first)
}

pub(crate) fn gather(set: &DataSet, meta: &Values) -> DicomFacts {
    let reader = Reader { set, set_names: CharacterSet::parse(set.values.get(&tag::CHARACTER_SET)) };
    let meta_text = |tag| meta.get(&tag).map(|value| text(value)).filter(|text| !text.is_empty());
    let sop_class = reader.text(tag::SOP_CLASS).or_else(|| meta_text(tag::MEDIA_SOP_CLASS));
    let directory = (sop_class.as_deref() == Some(DIRECTORY_CLASS)).then(|| Directory {
        records: set.nested_count.get(&tag::DIRECTORY_RECORDS).copied().unwrap_or(0),
        patients: set.nested_count.get(&tag::PATIENT_NAME).copied().unwrap_or(0),
    });
    DicomFacts {
        transfer_syntax: meta_text(tag::TRANSFER_SYNTAX),
        sop_class,
        modality: reader.text(tag::MODALITY),
        study_uid: reader.text(tag::STUDY_INSTANCE),
        series_uid: reader.text(tag::SERIES_INSTANCE),
        instance_uid: reader.text(tag::SOP_INSTANCE),
        study_date: reader.date(tag::STUDY_DATE),
        body_part: reader.text(tag::BODY_PART),
        rows: reader.number(tag::ROWS).map(u32::from),
        columns: reader.number(tag::COLUMNS).map(u32::from),
        frames: reader.frames(),
        bits_stored: reader.number(tag::BITS_STORED),
        photometric: reader.text(tag::PHOTOMETRIC),
        burned_in_annotation: reader.yes_no(tag::BURNED_IN),
        patient: reader.patient(directory),
        directory,
    }
}

struct Reader<'a> {
    set: &'a DataSet,
    set_names: CharacterSet,
}

impl Reader<'_> {
    fn value(&self, tag: Tag) -> Option<&Vec<u8>> {
        self.set.values.get(&tag)
    }

    fn text(&self, tag: Tag) -> Option<String> {
        let text = text(self.value(tag)?);
        // Codes and identifiers are short; what is not is no code.
        Some(text.chars().take(128).collect()).filter(|text: &String| !text.is_empty())
    }

    fn number(&self, tag: Tag) -> Option<u16> {
        let value = self.value(tag)?;
        if self.set.encoding.big_endian { be16(value, 0) } else { le16(value, 0) }
    }

    fn frames(&self) -> Option<u32> {
        self.set.pixels.as_ref()?;
        let declared = self.value(tag::FRAMES).and_then(|value| text(value).parse::<u32>().ok());
        Some(declared.unwrap_or(1).max(1))
    }

    fn date(&self, tag: Tag) -> Option<String> {
        date(&text(self.value(tag)?))
    }

    fn yes_no(&self, tag: Tag) -> Option<bool> {
        match self.text(tag)?.to_ascii_uppercase().as_str() {
            "YES" | "Y" => Some(true),
            "NO" | "N" => Some(false),
            _ => None,
        }
    }

    /// A directory tells its patient only if it has exactly one.
    fn patient(&self, directory: Option<Directory>) -> Patient {
        if directory.is_some_and(|directory| directory.patients != 1) {
            return Patient::default();
        }
        let (values, names) = if directory.is_some() {
            (&self.set.nested, CharacterSet::parse(self.set.nested.get(&tag::CHARACTER_SET)))
        } else {
            (&self.set.values, self.set_names.clone())
        };
        let decoded = |tag| values.get(&tag).map(|value| names.decode(value)).filter(|text| !text.is_empty());
        let listed = |tag| {
            decoded(tag).map(|text| text.split('\\').map(str::trim).map(str::to_owned).collect::<Vec<_>>())
        };
        let plain = |tag| values.get(&tag).map(|value| text(value)).filter(|text| !text.is_empty());
        Patient {
            name: decoded(tag::PATIENT_NAME).and_then(|text| PatientName::parse(&text)),
            other_names: listed(tag::OTHER_NAMES)
                .unwrap_or_default()
                .iter()
                .filter_map(|n| PatientName::parse(n))
                .collect(),
            id: decoded(tag::PATIENT_ID),
            other_ids: listed(tag::OTHER_IDS).unwrap_or_default(),
            birth_date: plain(tag::BIRTH_DATE).and_then(|text| date(&text)),
            sex: plain(tag::SEX),
            identity_removed: plain(tag::IDENTITY_REMOVED)
                .is_some_and(|text| text.eq_ignore_ascii_case("YES")),
        }
    }
}

/// `YYYYMMDD`, and the older `YYYY.MM.DD`, as an ISO date.
fn date(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    let real = (1..=12).contains(&month.parse::<u8>().ok()?) && (1..=31).contains(&day.parse::<u8>().ok()?);
    real.then(|| format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_old_and_new() {
        assert_eq!(date("19991231").as_deref(), Some("1999-12-31"));
        assert_eq!(date("1999.12.31").as_deref(), Some("1999-12-31"));
        assert_eq!(date("19991331"), None);
        assert_eq!(date("unknown!"), None);
    }

    #[test]
    fn names_are_readable_in_every_script() {
        let name = PatientName::parse("Yamada^Tarou^^^=山田^太郎=やまだ^たろう").unwrap();
        assert_eq!(name.alphabetic.as_deref(), Some("Yamada^Tarou"));
        assert_eq!(name.readable(), "Yamada, Tarou / 山田, 太郎 / やまだ, たろう");
        assert_eq!(PatientName::parse("^^^"), None);
    }
}
