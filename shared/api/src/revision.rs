//! The query of an operation that takes something away, and so has no body.

use crate::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// What the caller has read, and decided on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The revision as it was read.
    #[serde(deserialize_with = "revision")]
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
}

/// Query strings hold text, whatever the schema calls it.
fn revision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom("`expected_revision` must be a whole number"))
}

impl Problem {
    /// The caller decided on what there is now (R055).
    pub fn unless_current(current_revision: u64, expected_revision: u64) -> Result<(), Self> {
        if current_revision == expected_revision { Ok(()) } else { Err(Self::stale(current_revision)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_in_a_query_is_a_whole_number() {
        let read =
            |text: &str| serde_json::from_value::<Revision>(serde_json::json!({ "expected_revision": text }));
        assert_eq!(read("7").unwrap().expected_revision, 7);
        assert!(read("seven").is_err() && read("").is_err() && read("-1").is_err());
    }

    #[test]
    fn what_was_read_is_still_so_or_the_caller_is_told() {
        assert!(Problem::unless_current(3, 3).is_ok());
        assert_eq!(Problem::unless_current(4, 3).unwrap_err().code(), "stale_revision");
    }
}
