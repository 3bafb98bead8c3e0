//! Whether a client is served and who they are held to be: what closing, reopening, merging and unmerging
//! answer with, and what they share.

use api::Problem;
use domain::{
    ClientId,
    chart::Chart,
    client::{Client, ClientStatus},
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
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

/// The caller decided on what the client is now.
pub(crate) fn must_be_current(client: &Client, expected_revision: u64) -> Result<(), Problem> {
    Problem::unless_current(client.revision, expected_revision)
}

/// Writes the client, and their status into each of their charts, where additions look for it.
pub(crate) fn spread(client: &Client, charts: Vec<Chart>, today: Date) -> Change {
    let change = Change::new().replace("client", &keys::client(client.id), client);
    let charts = charts.into_iter().map(|chart| Chart { client_status: client.status, ..chart });
    reviewed(change, charts, today)
}

/// Has charts looked at anew: something that decides how long their records are kept has changed (R153).
pub(crate) fn reviewed(change: Change, charts: impl IntoIterator<Item = Chart>, today: Date) -> Change {
    charts.into_iter().fold(change, |change, chart| {
        let due = chart.due(today);
        change.replace_chart(due.as_ref().unwrap_or(&chart))
    })
}
