//! Where a rule is in force.

use super::{CodeError, written};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A country or a part of one: `US`, `US-MD`, `CA-ON`, `UK-England`, `DE`; or `EU`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jurisdiction(String);

written!(Jurisdiction, "US-MD");

const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
    "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
    "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
    "AS", "GU", "MP", "PR", "VI",
];
const PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];
const NATIONS: &[&str] = &["England", "NorthernIreland", "Scotland", "Wales"];
/// Members of the European Union.
const UNION: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Jurisdiction {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn country(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Whether what is in force there is in force here.
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || self.country() == other.0 || (other.0 == "EU" && UNION.contains(&self.country()))
    }

    /// At which birthday a minor comes of age.
    pub fn majority(&self) -> u16 {
        match self.0.as_str() {
            "US-MS" => 21,
            "US-AL" | "US-NE" | "CA-BC" | "CA-NB" | "CA-NL" | "CA-NS" | "CA-NT" | "CA-NU" | "CA-YT" => 19,
            _ => 18,
        }
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Jurisdiction {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (country, part) =
            text.split_once('-').map_or((text, None), |(country, part)| (country, Some(part)));
        let letters = |text: &str| text.chars().all(|c| c.is_ascii_uppercase());
        let is_country = country.len() == 2 && letters(country) && country != "GB";
        let is_part = |part: &str| match country {
            "US" => STATES.contains(&part),
            "CA" => PROVINCES.contains(&part),
            "UK" => NATIONS.contains(&part),
            "EU" => false,
            _ => {
                (1..=3).contains(&part.len())
                    && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            }
        };
        if is_country && part.is_none_or(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError::new(text, "a jurisdiction, such as `US-MD`, `CA-ON`, `UK-England`, `DE` or `EU`"))
        }
    }
}
