//! A chart: one member's client record for one client; what is owned, shared whole and transferred (P-01).

use crate::{
    ChartId, ClientId, MemberId, OrganizationId, WrappedKey,
    client::{ClientError, ClientStatus},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chart {
    pub id: ChartId,
    pub organization_id: OrganizationId,
    pub client_id: ClientId,
    /// The one member responsible for it; by default only they have access (P-01).
    pub owner: MemberId,
    pub opened_at: Timestamp,
    /// The client's key, as in the client's own item: a record is added with one read.
    pub client_key: WrappedKey,
    /// Whether the client is served, as in the client's own item, for the same reason.
    pub client_status: ClientStatus,
    pub revision: u64,
}

impl Chart {
    /// Something new is filed only while the client is served (R022).
    pub const fn must_be_open(&self) -> Result<(), ClientError> {
        match self.client_status {
            ClientStatus::Active => Ok(()),
            ClientStatus::Closed => Err(ClientError::Closed),
        }
    }
}

/// Where in a chart a record is filed: the labelled tabs of the cabinet (R038).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Overview,
    ProgressNotes,
    #[default]
    Documents,
    Imaging,
    Correspondence,
    Consents,
}
