//! How clients are found: the terms a client has and the prefixes of them that are indexed (R021, R023).
//!
//! This module decides *which* text is indexed. `vault` turns each prefix into a keyed digest, so that no
//! name, date or number stands in clear in the table. A typed prefix longer than the indexed ones is
//! narrowed by [`Terms::matches`] after the card is opened.

use crate::limits::CLIENT_NAME_WORDS;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What a client can be found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchField {
    /// A word of the name or of another name.
    Name,
    BirthDate,
    FileNumber,
    Phone,
}

impl SearchField {
    /// The lengths, in characters, whose prefixes are indexed.
    const fn indexed_lengths(self) -> &'static [usize] {
        match self {
            Self::Name => &[2, 3, 4, 6],
            Self::BirthDate => &[4, 7, 10],
            Self::FileNumber => &[2, 4, 6],
            Self::Phone => &[3, 6],
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::BirthDate => "birth_date",
            Self::FileNumber => "file_number",
            Self::Phone => "phone",
        }
    }
}

/// The terms of one client; kept sealed in the client's card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub names: BTreeSet<String>,
    pub birth_date: Option<Date>,
    pub file_number: String,
    pub phones: BTreeSet<String>,
}

impl Terms {
    pub fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        birth_date: Option<Date>,
        file_number: &str,
        phones: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self {
            names: distinct_words(names).into_iter().take(CLIENT_NAME_WORDS).collect(),
            birth_date,
            file_number: compact(file_number),
            phones: phones.into_iter().map(digits).filter(|digits| !digits.is_empty()).collect(),
        }
    }

    /// Every prefix to index, each tagged with its field so that a year is never taken for a phone.
    pub fn prefixes(&self) -> BTreeSet<String> {
        let dates = self.birth_date.map(|date| date.to_string());
        let each = |field: SearchField, texts: Vec<&str>| {
            texts.into_iter().flat_map(move |text| cut(field, text)).collect::<Vec<_>>()
        };
        [
            each(SearchField::Name, self.names.iter().map(String::as_str).collect()),
            each(SearchField::BirthDate, dates.iter().map(String::as_str).collect()),
            each(SearchField::FileNumber, vec![&self.file_number]),
            each(SearchField::Phone, self.phones.iter().map(String::as_str).collect()),
        ]
        .concat()
        .into_iter()
        .collect()
    }

    /// The longest indexed prefix of each name, the birth date and each phone: under these stands everyone
    /// who could be the same person (R021).
    pub fn telling_prefixes(&self) -> BTreeSet<String> {
        let date = self.birth_date.map(|date| date.to_string());
        let longest = |field: SearchField| move |text: &str| cut(field, text).pop();
        let names = self.names.iter().map(String::as_str).filter_map(longest(SearchField::Name));
        let dates = date.iter().map(String::as_str).filter_map(longest(SearchField::BirthDate));
        let phones = self.phones.iter().map(String::as_str).filter_map(longest(SearchField::Phone));
        names.chain(dates).chain(phones).collect()
    }

    /// Whether the client answers to the whole of what was typed.
    pub fn matches(&self, wanted: &Wanted) -> bool {
        let starts = |text: &String| text.starts_with(&wanted.narrowest);
        match wanted.field {
            SearchField::Name => {
                wanted.words.iter().all(|word| self.names.iter().any(|name| name.starts_with(word)))
            }
            SearchField::BirthDate => self.birth_date.is_some_and(|date| starts(&date.to_string())),
            SearchField::FileNumber => starts(&self.file_number),
            SearchField::Phone => self.phones.iter().any(starts),
        }
    }
}

/// What someone typed, ready to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    field: SearchField,
    words: Vec<String>,
    narrowest: String,
}

/// What was typed cannot be looked up.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WantedError {
    #[error("type at least {0} characters")]
    TooShort(usize),
    #[error("a birth date is typed as year, year-month or year-month-day, such as `1984-07`")]
    BirthDate,
}

impl Wanted {
    pub fn new(field: SearchField, typed: &str) -> Result<Self, WantedError> {
        let words: Vec<String> = match field {
            SearchField::Name => words(typed).collect(),
            SearchField::BirthDate => vec![partial_date(typed)?],
            SearchField::FileNumber => vec![compact(typed)],
            SearchField::Phone => vec![digits(typed)],
        };
        let least = field.indexed_lengths().first().copied().unwrap_or(1);
        let narrowest = words.iter().max_by_key(|word| word.chars().count()).cloned().unwrap_or_default();
        if narrowest.chars().count() < least {
            return Err(WantedError::TooShort(least));
        }
        Ok(Self { field, words, narrowest })
    }

    /// The one indexed prefix under which every match is listed.
    pub fn prefix(&self) -> String {
        let typed = self.narrowest.chars().count();
        let length = self.field.indexed_lengths().iter().rev().find(|length| **length <= typed);
        tagged(self.field, &self.narrowest, length.copied().unwrap_or(typed))
    }
}

fn cut(field: SearchField, text: &str) -> Vec<String> {
    let length = text.chars().count();
    field.indexed_lengths().iter().filter(|at| **at <= length).map(|at| tagged(field, text, *at)).collect()
}

fn tagged(field: SearchField, text: &str, length: usize) -> String {
    let prefix: String = text.chars().take(length).collect();
    format!("{}\u{0}{prefix}", field.tag())
}

/// Lower case without accents: what two spellings of one name have in common.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// How many different words these names have.
pub fn count_words<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    distinct_words(names).len()
}

/// Each word once, in the order of the names: the first ones are those of the full name.
fn distinct_words<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().flat_map(words).filter(|word| seen.insert(word.clone())).collect()
}

fn compact(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter_map(|c| c.to_digit(10)).filter_map(|digit| char::from_digit(digit, 10)).collect()
}

fn partial_date(typed: &str) -> Result<String, WantedError> {
    let typed = typed.trim();
    let shape_is_right = matches!(typed.len(), 4 | 7 | 10)
        && typed
            .char_indices()
            .all(|(at, c)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() });
    if shape_is_right { Ok(typed.to_owned()) } else { Err(WantedError::BirthDate) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms() -> Terms {
        Terms::new(
            ["Zoë Ångström-Smith", "Zoe Miller"],
            Some(jiff::civil::date(1984, 7, 2)),
            "NC-0042",
            ["+1 503 555 0142"],
        )
    }

    fn found(field: SearchField, typed: &str) -> bool {
        let wanted = Wanted::new(field, typed).unwrap();
        terms().prefixes().contains(&wanted.prefix()) && terms().matches(&wanted)
    }

    #[test]
    fn a_client_is_found_by_each_field_and_prefix() {
        for typed in ["zo", "ZOË", "angstr", "Angström", "smith zoe", "mill"] {
            assert!(found(SearchField::Name, typed), "{typed}");
        }
        assert!(found(SearchField::BirthDate, "1984") && found(SearchField::BirthDate, "1984-07-02"));
        assert!(found(SearchField::FileNumber, "nc00") && found(SearchField::FileNumber, "NC-0042"));
        assert!(found(SearchField::Phone, "1503") && found(SearchField::Phone, "+1 (503) 555-01"));
    }

    #[test]
    fn the_same_person_stands_under_the_telling_prefixes() {
        let telling = terms().telling_prefixes();
        assert!(telling.is_subset(&terms().prefixes()));
        let typo = Terms::new(["Zoe Angstrom"], Some(jiff::civil::date(1984, 7, 2)), "", []);
        let shared = telling.intersection(&typo.telling_prefixes()).count();
        assert_eq!(shared, 3, "both names and the birth date");
    }

    #[test]
    fn others_are_not_found() {
        for typed in ["smithe", "zoe jones", "angstrom-x"] {
            assert!(!found(SearchField::Name, typed), "{typed}");
        }
        assert!(!found(SearchField::BirthDate, "1984-08"));
        assert!(!found(SearchField::Phone, "1504"));
        assert_eq!(Wanted::new(SearchField::Name, "z"), Err(WantedError::TooShort(2)));
        assert_eq!(Wanted::new(SearchField::BirthDate, "84-7"), Err(WantedError::BirthDate));
    }

    proptest! {
        /// Whatever of a name is typed from its start, the client is found; and one transaction suffices.
        #[test]
        fn every_prefix_finds(name in "[a-zA-ZÀ-ž]{2,20}( [a-zA-Z]{1,12}){0,9}", typed in 2_usize..20) {
            let terms = Terms::new([name.as_str()], None, "", []);
            prop_assert!(terms.prefixes().len() <= 46);
            let first = terms.names.iter().next().unwrap().clone();
            let typed: String = first.chars().take(typed).collect();
            if let Ok(wanted) = Wanted::new(SearchField::Name, &typed) {
                prop_assert!(terms.prefixes().contains(&wanted.prefix()));
                prop_assert!(terms.matches(&wanted));
            }
        }

        #[test]
        fn anything_typed_is_taken_or_refused(typed in ".{0,60}") {
            for field in [SearchField::Name, SearchField::BirthDate, SearchField::FileNumber, SearchField::Phone] {
                let _ = Wanted::new(field, &typed).map(|wanted| wanted.prefix());
            }
        }
    }
}
