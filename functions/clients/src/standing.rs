//! Whether a client is served and who they are held to be: what closing, reopening, merging and unmerging
//! answer with, and what they share.

use api::Problem;
use domain::{
    ClientId,
    chart::Chart,
    client::{Client, ClientStatus},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use store::{Change, keys};

/// A client after a change of their standing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Standing {
    pub id: ClientId,
    pub status: ClientStatus,
    /// The client this one is held to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ClientId>,
    /// To be sent back with the next edit.
    pub revision: u64,
}

impl Standing {
    /// As it will be once the change of this client is committed.
    pub(crate) const fn committed(client: &Client) -> Self {
        Self {
            id: client.id,
            status: client.status,
            merged_into: client.merged_into,
            revision: client.revision.saturating_add(1),
        }
    }
}

/// The query of an operation that takes something back, and so has no body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The client's revision as it was read.
    #[serde(deserialize_with = "revision")]
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
}

/// Query strings hold text, whatever the schema calls it.
fn revision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom("`expected_revision` must be a whole number"))
}

/// The caller decided on what the client is now.
pub(crate) fn must_be_current(client: &Client, expected_revision: u64) -> Result<(), Problem> {
    if client.revision == expected_revision { Ok(()) } else { Err(Problem::stale(client.revision)) }
}

/// Writes the client, and their status into each of their charts, where additions look for it.
pub(crate) fn spread(client: &Client, charts: Vec<Chart>) -> Change {
    let change = Change::new().replace("client", &keys::client(client.id), client);
    charts.into_iter().fold(change, |change, chart| {
        let chart = Chart { client_status: client.status, ..chart };
        change.replace("chart", &keys::chart(chart.id), &chart).replace(
            "chart",
            &keys::client_chart(client.id, chart.id),
            &chart,
        )
    })
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
}
