//! Lengths of time as rules say them, and what they come to in days.
//!
//! Where a day does not exist in the month a period ends in, the longer reading is taken: 29 February and a year is
//! 1 March. `until` a birthday includes the birthday.

use super::{CodeError, written};
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// `7y`, `11y3m`, `30d`, `permanent`, or `unfixed`: no fixed period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    Of(Length),
    Permanent,
    Unfixed,
}

written!(Period, "7y");

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length {
    pub years: u16,
    pub months: u16,
    pub days: u16,
}

/// The longest a rule may name: no record is kept for longer than for a life and a bit.
const YEARS_MOST: u16 = 200;

impl Length {
    pub const fn years(years: u16) -> Self {
        Self { years, months: 0, days: 0 }
    }

    /// The day this long after another.
    pub fn after(self, day: Date) -> Date {
        let months = i32::from(self.years) * 12 + i32::from(self.months);
        let total = i32::from(day.year()) * 12 + i32::from(day.month()) - 1 + months;
        let year = i16::try_from(total.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(total.rem_euclid(12) + 1).unwrap_or(12);
        let Ok(first) = Date::new(year, month, 1) else { return Date::MAX };
        let there = Date::new(year, month, day.day()).or_else(|_| first.last_of_month().tomorrow());
        there.unwrap_or(Date::MAX).saturating_add(i64::from(self.days).days())
    }
}

/// The birthday somebody has at an age.
pub(super) fn birthday(birth: Date, age: u16) -> Date {
    Length::years(age).after(birth)
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, unit) in [(self.years, 'y'), (self.months, 'm'), (self.days, 'd')] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if *self == Self::default() { f.write_str("0d") } else { Ok(()) }
    }
}

impl FromStr for Length {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let wrong = || CodeError::new(text, "a period, such as `7y`, `11y3m`, `30d` or `permanent`");
        let (mut length, mut rest) = (Self::default(), text);
        for (unit, most) in [('y', YEARS_MOST), ('m', 11), ('d', 365)] {
            let Some((count, after)) = rest.split_once(unit) else { continue };
            let digits = !count.is_empty() && count.len() <= 3 && count.chars().all(|c| c.is_ascii_digit());
            let count: u16 = count.parse().ok().filter(|count| digits && *count <= most).ok_or_else(wrong)?;
            match unit {
                'y' => length.years = count,
                'm' => length.months = count,
                _ => length.days = count,
            }
            rest = after;
        }
        if rest.is_empty() && length != Self::default() { Ok(length) } else { Err(wrong()) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(length) => length.fmt(f),
            Self::Permanent => f.write_str("permanent"),
            Self::Unfixed => f.write_str("unfixed"),
        }
    }
}

impl FromStr for Period {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match text {
            "permanent" => Ok(Self::Permanent),
            "unfixed" => Ok(Self::Unfixed),
            _ => text.parse().map(Self::Of),
        }
    }
}

/// What a rule says of records that were made while the client was a minor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MinorRule {
    /// The same as of everybody's.
    Same,
    /// They are kept until the last of these at least.
    Until(Vec<MinorBound>),
    /// The text does not say, or was not read so far.
    Unsettled,
}

written!(MinorRule, "age:18+7y");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MinorBound {
    /// `age:18+7y`, `age:21`: so long after a birthday.
    Age(u16, Length),
    /// `majority+10y`: so long after the client came of age, where the rule is in force.
    Majority(Length),
    /// `until:30`: the birthday included.
    UntilBirthday(u16),
    /// `until:25/26`: until the one birthday, and until the other if they were 17 when treatment ended.
    UntilBirthdayOr(u16, u16),
    /// `period:13y`: a period of their own from the rule's trigger.
    Period(Length),
}

/// The age from which `MinorBound::UntilBirthdayOr` asks for the later birthday.
pub(super) const LATER_FROM_AGE: u16 = 17;

impl fmt::Display for MinorBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(age, length) if *length == Length::default() => write!(f, "age:{age}"),
            Self::Age(age, length) => write!(f, "age:{age}+{length}"),
            Self::Majority(length) => write!(f, "majority+{length}"),
            Self::UntilBirthday(age) => write!(f, "until:{age}"),
            Self::UntilBirthdayOr(age, later) => write!(f, "until:{age}/{later}"),
            Self::Period(length) => write!(f, "period:{length}"),
        }
    }
}

impl FromStr for MinorBound {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let wrong =
            || CodeError::new(text, "a rule for minors, such as `age:18+7y`, `majority+10y` or `until:30`");
        let age = |text: &str| text.parse::<u16>().ok().filter(|age| *age <= 120).ok_or_else(wrong);
        if let Some(length) = text.strip_prefix("majority+") {
            return length.parse().map(Self::Majority);
        }
        match text.split_once(':').ok_or_else(wrong)? {
            ("age", rest) => match rest.split_once('+') {
                Some((from, length)) => Ok(Self::Age(age(from)?, length.parse()?)),
                None => Ok(Self::Age(age(rest)?, Length::default())),
            },
            ("until", rest) => match rest.split_once('/') {
                Some((sooner, later)) => Ok(Self::UntilBirthdayOr(age(sooner)?, age(later)?)),
                None => age(rest).map(Self::UntilBirthday),
            },
            ("period", rest) => rest.parse().map(Self::Period),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for MinorRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("same"),
            Self::Unsettled => f.write_str("unsettled"),
            Self::Until(bounds) => {
                let bounds: Vec<String> = bounds.iter().map(ToString::to_string).collect();
                f.write_str(&bounds.join(" "))
            }
        }
    }
}

impl FromStr for MinorRule {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match text {
            "same" => Ok(Self::Same),
            "unsettled" => Ok(Self::Unsettled),
            "" => Err(CodeError::new(text, "a rule for minors")),
            _ => text.split(' ').map(str::parse).collect::<Result<_, _>>().map(Self::Until),
        }
    }
}

/// What a rule says of the records of the dead: the same, or so long after death at least (`3y`).
///
/// Where a law asks for less after death than otherwise, the longer of both counts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeathRule {
    Same,
    AtLeast(Length),
}

written!(DeathRule, "same");

impl fmt::Display for DeathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("same"),
            Self::AtLeast(length) => length.fmt(f),
        }
    }
}

impl FromStr for DeathRule {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        if text == "same" { Ok(Self::Same) } else { text.parse().map(Self::AtLeast) }
    }
}
