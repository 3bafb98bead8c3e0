//! Flags in query strings, which hold text whatever the schema calls it.

use serde::{Deserialize, Deserializer};

pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom("a flag is `true` or `false`"))
}
