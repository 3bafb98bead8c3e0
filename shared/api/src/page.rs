//! Pages of lists: a limit and an opaque cursor.

use crate::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::limits::{PAGE_ITEMS, PAGE_ITEMS_DEFAULT};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The query of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// Reads a `limit` where a list has a query of its own: query strings hold text, whatever the schema calls it.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| serde::de::Error::custom("`limit` must be a whole number"))
}

impl Paging {
    pub fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub fn limit(&self) -> Result<u32, Problem> {
        let limit = self.limit.unwrap_or(PAGE_ITEMS_DEFAULT);
        if (1..=PAGE_ITEMS).contains(&limit) {
            Ok(limit)
        } else {
            Err(Problem::invalid("invalid_limit", format!("`limit` must be from 1 to {PAGE_ITEMS}")))
        }
    }

    /// The sort key the page before ended with.
    pub fn after(&self) -> Result<Option<String>, Problem> {
        self.cursor.as_deref().map(Cursor::read).transpose()
    }
}

/// Where the next page starts; to be handed back as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    pub fn new(sort: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(sort))
    }

    fn read(text: &str) -> Result<String, Problem> {
        let wrong = || Problem::invalid("invalid_cursor", "`cursor` is not one that a page has given");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let sort = String::from_utf8(bytes).map_err(|_| wrong())?;
        if (1..=512).contains(&sort.len()) && sort.is_ascii() { Ok(sort) } else { Err(wrong()) }
    }
}
