//! Whose picture it is: the patient in the file against the person it is being filed under (R017).
//!
//! It warns a person who can look; so it tolerates what differs between registries (order, case, accents, scripts,
//! middle names, initials) and only tells of what can be compared on both sides.

use super::facts::{DicomFacts, Patient};
use domain::client::Demographics;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The person a file is being filed under.
#[derive(Debug, Clone, Copy, Default)]
pub struct Person<'a> {
    /// Every name they are known by, in any order of parts.
    pub names: &'a [&'a str],
    /// `YYYY-MM-DD`.
    pub birth_date: Option<&'a str>,
    pub identifiers: &'a [&'a str],
}

/// What the comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "patient")]
pub enum PatientMatch {
    Same,
    /// The file names nobody, or nothing that could be compared.
    Unknown,
    Differs(Mismatch),
}

/// What differs, in the order name, birth date, identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mismatch {
    pub differs: Vec<Difference>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    Name,
    BirthDate,
    Identifier,
}

/// The mismatch, if the file is known to be of somebody else.
pub fn compare_patient(facts: &DicomFacts, person: &Person<'_>) -> Option<Mismatch> {
    match judge_patient(facts, person) {
        PatientMatch::Differs(mismatch) => Some(mismatch),
        PatientMatch::Same | PatientMatch::Unknown => None,
    }
}

/// Compares a picture's patient with a client. A file number that we made ourselves is on no picture, so that
/// another number there says nothing.
pub fn compare_client(facts: &DicomFacts, known: &Demographics, made_number: &str) -> Option<Mismatch> {
    let names: Vec<&str> =
        std::iter::once(&known.full_name).chain(&known.other_names).map(|name| name.as_str()).collect();
    let birth_date = known.birth_date.map(|date| date.to_string());
    let number = known.file_number.as_ref().map(|number| number.as_str());
    let identifiers: Vec<&str> = number.into_iter().filter(|number| *number != made_number).collect();
    let person = Person { names: &names, birth_date: birth_date.as_deref(), identifiers: &identifiers };
    compare_patient(facts, &person)
}

/// Compares what both sides know.
pub fn judge_patient(facts: &DicomFacts, person: &Person<'_>) -> PatientMatch {
    let patient = &facts.patient;
    if patient.identity_removed {
        return PatientMatch::Unknown;
    }
    let compared = [
        (Difference::Name, same_name(patient, person.names)),
        (Difference::BirthDate, same_birth_date(patient, person.birth_date)),
        (Difference::Identifier, same_identifier(patient, person.identifiers)),
    ];
    let differs: Vec<_> =
        compared.iter().filter(|(_, same)| *same == Some(false)).map(|(what, _)| *what).collect();
    // A name of nobody says nothing even if a number beside it happens to differ: anonymizers make numbers up.
    if is_anonymous(patient) || compared.iter().all(|(_, same)| same.is_none()) {
        return PatientMatch::Unknown;
    }
    if differs.is_empty() { PatientMatch::Same } else { PatientMatch::Differs(Mismatch { differs }) }
}

fn is_anonymous(patient: &Patient) -> bool {
    let groups = patient.name.iter().flat_map(|name| name.groups());
    groups.map(joined).any(|name| name_of_nobody(&name))
}

fn name_of_nobody(joined: &str) -> bool {
    ["anonym", "deidentified", "unknown", "noname", "removed", "redacted", "unbekannt"]
        .iter()
        .any(|mark| joined.contains(mark))
}

fn same_name(patient: &Patient, names: &[&str]) -> Option<bool> {
    let in_file: Vec<&str> =
        patient.name.iter().chain(&patient.other_names).flat_map(|n| n.groups()).collect();
    let known: Vec<&&str> = names.iter().filter(|name| !words(name).is_empty()).collect();
    if in_file.is_empty() || known.is_empty() {
        return None;
    }
    let same = known.iter().any(|name| in_file.iter().any(|group| names_agree(group, name)));
    // Names in two scripts cannot be told apart by comparing letters.
    let comparable = known.iter().any(|name| in_file.iter().any(|group| is_latin(group) == is_latin(name)));
    if same || comparable { Some(same) } else { None }
}

fn same_birth_date(patient: &Patient, birth_date: Option<&str>) -> Option<bool> {
    Some(patient.birth_date.as_deref()? == birth_date?.trim())
}

fn same_identifier(patient: &Patient, identifiers: &[&str]) -> Option<bool> {
    let bare = |text: &str| {
        let letters: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        letters.trim_start_matches('0').to_owned()
    };
    let in_file: Vec<_> =
        patient.id.iter().chain(&patient.other_ids).map(|id| bare(id)).filter(|id| !id.is_empty()).collect();
    let known: Vec<_> = identifiers.iter().map(|id| bare(id)).filter(|id| !id.is_empty()).collect();
    if in_file.is_empty() || known.is_empty() {
        return None;
    }
    Some(known.iter().any(|id| in_file.contains(id)))
}

/// Whether every word of the shorter name has its counterpart in the longer one.
fn names_agree(group: &str, name: &str) -> bool {
    let (left, right) = (words(group), words(name));
    let (short, mut long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short.is_empty() {
        return false;
    }
    let all_found = short.iter().all(|word| {
        let found = long.iter().position(|other| words_agree(word, other));
        found.map(|at| long.swap_remove(at)).is_some()
    });
    all_found && short.iter().any(|word| word.chars().count() > 1) || joined_agree(group, name)
}

/// Scripts without spaces do not show where a name is divided, nor do double names.
fn joined_agree(group: &str, name: &str) -> bool {
    let (left, right) = (words(group), words(name));
    let turned = |words: &[String]| words.iter().rev().cloned().collect::<String>();
    left.concat() == right.concat() || turned(&left) == right.concat() || left.concat() == turned(&right)
}

fn words_agree(left: &str, right: &str) -> bool {
    let initial =
        |short: &str, long: &str| short.chars().count() == 1 && is_latin(short) && long.starts_with(short);
    left == right
        || initial(left, right)
        || initial(right, left)
        || without_umlauts(left) == without_umlauts(right)
}

/// `Mueller` and `Müller` are both written for the same name; folding has already made the latter `muller`.
fn without_umlauts(word: &str) -> String {
    word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// Folded words, without titles.
fn words(name: &str) -> Vec<String> {
    const TITLES: &[&str] =
        &["dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "jr", "sr", "md", "phd", "dds"];
    let folded: String =
        name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).flat_map(fold).collect();
    let all: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let kept: Vec<String> = all.iter().filter(|word| !TITLES.contains(&word.as_str())).cloned().collect();
    if kept.is_empty() { all } else { kept }
}

/// Letters that do not decompose into a base and a mark.
fn fold(c: char) -> Vec<char> {
    let folded: &[char] = match c {
        'ß' => &['s', 's'],
        'ø' => &['o'],
        'æ' => &['a', 'e'],
        'œ' => &['o', 'e'],
        'ł' => &['l'],
        'đ' | 'ð' => &['d'],
        'þ' => &['t', 'h'],
        'ı' => &['i'],
        '\'' | '’' | '`' | 'ʼ' => &[],
        other => return vec![other],
    };
    folded.to_vec()
}

fn joined(name: &str) -> String {
    words(name).concat()
}

fn is_latin(name: &str) -> bool {
    words(name).concat().is_ascii()
}

#[cfg(test)]
mod tests {
    use super::super::facts::PatientName;
    use super::*;

    fn file(name: &str, id: &str, born: &str) -> DicomFacts {
        let mut groups = name.split('=').map(str::to_owned);
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let name = PatientName {
            alphabetic: groups.next().filter(|group| !group.is_empty()),
            ideographic: groups.next(),
            phonetic: groups.next(),
        };
        let name = Some(name).filter(|name| name.groups().any(|group| !group.is_empty()));
        let patient = Patient { name, id: given(id), birth_date: given(born), ..Patient::default() };
        DicomFacts { patient, ..DicomFacts::default() }
    }

    fn named(in_file: &str, person: &str) -> PatientMatch {
        judge_patient(&file(in_file, "", ""), &Person { names: &[person], ..Person::default() })
    }

    fn grace(file_number: &str) -> Demographics {
        serde_json::from_value(serde_json::json!({
            "full_name": "Grace Okonkwo", "birth_date": "2010-02-28", "file_number": file_number
        }))
        .unwrap()
    }

    #[test]
    fn a_picture_of_somebody_else_is_noticed() {
        let other = file("MILLER^JOHN", "N-7", "1950-01-01");
        let found = compare_client(&other, &grace("N-7"), "0000-0000").unwrap();
        assert_eq!(found.differs, [Difference::Name, Difference::BirthDate]);
        let hers = file("Okonkwo^Grace", "N-7", "2010-02-28");
        assert_eq!(compare_client(&hers, &grace("N-7"), "0000-0000"), None);
    }

    #[test]
    fn a_number_we_made_ourselves_is_on_no_picture() {
        let hers = file("Okonkwo^Grace", "HOSPITAL-99", "2010-02-28");
        assert_eq!(compare_client(&hers, &grace("AB12-CD34"), "AB12-CD34"), None);
        let found = compare_client(&hers, &grace("N-7"), "AB12-CD34").unwrap();
        assert_eq!(found.differs, [Difference::Identifier]);
    }

    #[test]
    fn the_same_person_is_written_in_many_ways() {
        for (in_file, person) in [
            ("MÜLLER^ANNA^MARIA", "Anna Müller"),
            ("MUELLER^ANNA", "Anna Maria Müller"),
            ("Muller^Anna", "Müller, Anna"),
            ("Doe^John^Q^Dr^Jr", "Dr. John Doe"),
            ("O'Brien^Sean", "Seán OBrien"),
            ("Yamada^Tarou=山田^太郎", "山田太郎"),
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Tarou Yamada"),
            ("LANCASTER-SMITH^J", "Jane Lancaster Smith"),
            ("Buc^Jérôme", "JEROME BUC"),
            ("Люкceмбypг", "люкceмбypг"),
        ] {
            assert_eq!(named(in_file, person), PatientMatch::Same, "{in_file} / {person}");
        }
    }

    #[test]
    fn another_person_is_told_with_what_differs() {
        let person =
            Person { names: &["Anna Müller"], birth_date: Some("1980-02-03"), identifiers: &["P-0042"] };
        let other = compare_patient(&file("SCHMIDT^ANNA", "0043", "1980-02-04"), &person);
        let all = vec![Difference::Name, Difference::BirthDate, Difference::Identifier];
        assert_eq!(other, Some(Mismatch { differs: all }));
        let twin = compare_patient(&file("MÜLLER^ANNA", "p0042", "1980-02-04"), &person);
        assert_eq!(twin, Some(Mismatch { differs: vec![Difference::BirthDate] }));
        assert_eq!(compare_patient(&file("MÜLLER^ANNA", "P0042", "1980-02-03"), &person), None);
    }

    #[test]
    fn aliases_on_either_side_count() {
        let person = Person { names: &["Anna Müller", "Anna Schmidt"], ..Person::default() };
        assert_eq!(compare_patient(&file("SCHMIDT^ANNA", "", ""), &person), None);
    }

    #[test]
    fn nobody_is_unknown_not_another() {
        let person =
            Person { names: &["Anna Müller"], birth_date: Some("1980-02-03"), identifiers: &["42"] };
        for facts in [file("", "", ""), file("Anonymized^^", "X1", ""), file("ANONYMOUS", "", "1900-01-01")] {
            assert_eq!(judge_patient(&facts, &person), PatientMatch::Unknown);
        }
        let mut removed = file("Doe^Jane", "7", "");
        removed.patient.identity_removed = true;
        assert_eq!(judge_patient(&removed, &person), PatientMatch::Unknown);
    }

    #[test]
    fn scripts_that_cannot_be_compared_say_nothing() {
        assert_eq!(named("=山田^太郎", "Tarou Yamada"), PatientMatch::Unknown);
        assert_eq!(
            named("Smith^J", "Jones J"),
            PatientMatch::Differs(Mismatch { differs: vec![Difference::Name] })
        );
    }
}
