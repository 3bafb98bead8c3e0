//! Filing: how folders are ordered on a shelf, and what a label says (R035).
//!
//! A label tells where a folder stands among others and nothing about the person: a number and its colours, or
//! the two letters that alphabetical filing cannot do without. A name is added by who may see it, and only if asked.

use crate::chart::Section;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By what folders are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingScheme {
    /// By file number, as it is written.
    #[default]
    StraightNumeric,
    /// By the last two digits of the file number, then the two before, then the rest: folders spread evenly.
    TerminalDigit,
    /// By the first letters of the last name, then of the first.
    Alphabetic,
    /// By the section of the file plan, then the file number.
    FilePlan,
}

impl FilingScheme {
    pub const fn name(self) -> &'static str {
        match self {
            Self::StraightNumeric => "straight_numeric",
            Self::TerminalDigit => "terminal_digit",
            Self::Alphabetic => "alphabetic",
            Self::FilePlan => "file_plan",
        }
    }
}

/// A colour of a band on a label's edge: the same for folders that stand together, so that one that strayed is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    Red,
    Grey,
    Blue,
    Orange,
    Purple,
    Black,
    Yellow,
    Brown,
    Pink,
    Green,
}

impl Colour {
    /// One for each digit, in its order.
    const ALL: [Self; 10] = [
        Self::Red,
        Self::Grey,
        Self::Blue,
        Self::Orange,
        Self::Purple,
        Self::Black,
        Self::Yellow,
        Self::Brown,
        Self::Pink,
        Self::Green,
    ];

    fn of(number: usize) -> Self {
        Self::ALL.get(number.checked_rem(10).unwrap_or_default()).copied().unwrap_or(Self::Red)
    }
}

/// What a folder is filed by.
#[derive(Clone, Copy, Debug)]
pub struct FiledBy<'a> {
    pub file_number: &'a str,
    /// The name as it is masked in lists: more of it is on no label.
    pub masked_name: &'a str,
    pub section: Section,
}

/// Where a folder stands among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShelfLabel {
    /// `56-34-12` for the file number 123456 by terminal digits.
    pub text: String,
    /// The bands of its edge, from the top.
    pub bands: Vec<Colour>,
}

/// Digits of a file number that terminal-digit filing needs at least.
const TERMINAL_DIGITS: usize = 6;

impl FilingScheme {
    /// The label of a folder. What has no digits, or no letters, is filed by its number as it is written.
    pub fn label(self, by: &FiledBy<'_>) -> ShelfLabel {
        let straight = || ShelfLabel { text: by.file_number.to_owned(), bands: Vec::new() };
        match self {
            Self::StraightNumeric => straight(),
            Self::TerminalDigit => terminal(by.file_number).unwrap_or_else(straight),
            Self::Alphabetic => alphabetic(by.masked_name).unwrap_or_else(straight),
            Self::FilePlan => {
                let (code, colour) = plan(by.section);
                ShelfLabel { text: format!("{code} {}", by.file_number), bands: vec![Colour::of(colour)] }
            }
        }
    }
}

fn terminal(file_number: &str) -> Option<ShelfLabel> {
    let digits: Vec<char> = file_number.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let missing = TERMINAL_DIGITS.saturating_sub(digits.len());
    let digits: Vec<char> = std::iter::repeat_n('0', missing).chain(digits).collect();
    let (primary, rest) = digits.split_at(digits.len().saturating_sub(4));
    let (secondary, terminal) = rest.split_at(2);
    let text = |part: &[char]| part.iter().collect::<String>();
    let value = |digit: &char| digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    let bands = terminal.iter().filter_map(value).map(Colour::of).collect();
    Some(ShelfLabel { text: format!("{}-{}-{}", text(terminal), text(secondary), text(primary)), bands })
}

/// `OK G` for Grace Okafor.
fn alphabetic(masked_name: &str) -> Option<ShelfLabel> {
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).collect::<Vec<char>>();
    let words: Vec<Vec<char>> =
        masked_name.split_whitespace().map(letters).filter(|word| !word.is_empty()).collect();
    let (last, first) = (words.last()?, words.first()?);
    let upper = |word: &[char], count: usize| {
        word.iter().take(count).flat_map(|c| c.to_uppercase()).collect::<String>()
    };
    let code = upper(last, 2);
    let place = |c: char| usize::try_from(u32::from(c)).unwrap_or_default();
    let bands = code.chars().map(|c| Colour::of(place(c))).collect();
    let text = if words.len() > 1 { format!("{code} {}", upper(first, 1)) } else { code };
    Some(ShelfLabel { text, bands })
}

/// The code of a section in the file plan, and the number of its colour.
const fn plan(section: Section) -> (&'static str, usize) {
    match section {
        Section::Overview => ("OV", 0),
        Section::ProgressNotes => ("PN", 2),
        Section::Documents => ("DO", 3),
        Section::Imaging => ("IM", 4),
        Section::Correspondence => ("CO", 6),
        Section::Consents => ("CN", 9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by<'a>(file_number: &'a str, masked_name: &'a str) -> FiledBy<'a> {
        FiledBy { file_number, masked_name, section: Section::ProgressNotes }
    }

    #[test]
    fn each_scheme_has_its_label() {
        let of = |scheme: FilingScheme| scheme.label(&by("12-34-56", "Gr••• Ok•••"));
        assert_eq!(of(FilingScheme::StraightNumeric).text, "12-34-56");
        let terminal = of(FilingScheme::TerminalDigit);
        assert_eq!(terminal.text, "56-34-12");
        assert_eq!(terminal.bands, [Colour::Black, Colour::Yellow]);
        assert_eq!(of(FilingScheme::Alphabetic).text, "OK G");
        assert_eq!(of(FilingScheme::FilePlan).text, "PN 12-34-56");
        assert_eq!(FilingScheme::TerminalDigit.label(&by("ABC", "B•••")).text, "ABC");
        assert_eq!(FilingScheme::TerminalDigit.label(&by("7", "B•••")).text, "07-00-00");
        assert_eq!(FilingScheme::Alphabetic.label(&by("7", "B•••")).text, "B");
        assert_eq!(FilingScheme::Alphabetic.label(&by("7", "•••")).text, "7");
    }

    proptest! {
        /// Nothing of a number is lost, and folders with the same last digits have the same bands.
        #[test]
        fn terminal_digits_are_the_number_turned_about(number in 0_u64..10_000_000_000, other in 0_u64..1_000_000) {
            let label = |number: u64| FilingScheme::TerminalDigit.label(&by(&number.to_string(), ""));
            let text = label(number).text;
            let mut parts: Vec<&str> = text.split('-').collect();
            parts.reverse();
            prop_assert_eq!(parts.concat().parse::<u64>().ok(), Some(number));
            let together = other * 100 + number % 100;
            prop_assert_eq!(label(number).bands, label(together).bands);
            prop_assert_eq!(&label(together).text[..2], &text[..2]);
        }

        /// A label shows three letters of a name at most, whatever the name.
        #[test]
        fn a_label_is_no_name(name in "\\PC{0,40}", number in "[A-Z0-9-]{1,12}") {
            let masked = crate::secret::words(&name);
            for scheme in [FilingScheme::StraightNumeric, FilingScheme::TerminalDigit, FilingScheme::FilePlan] {
                prop_assert_eq!(scheme.label(&by(&number, &masked)), scheme.label(&by(&number, "")));
            }
            if let Some(label) = alphabetic(&masked) {
                prop_assert!(label.text.split(' ').count() <= 2);
            }
        }
    }
}
