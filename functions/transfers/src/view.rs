//! A transfer in progress, as lists show it.

use api::{Names, view::ClientCard};
use domain::{
    ChartId, MemberId, TransferId,
    chart::Chart,
    transfer::{Initiator, Offer, TransferSection},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A chart on its way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TransferView {
    pub id: TransferId,
    /// Absent where a coordinator sees that a confidential chart is on its way, and no more (P-33); without whom it is
    /// about for the one who began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<OfferedChart>,
    /// The present owner.
    pub from: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    pub to: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_name: Option<String>,
    /// Who began it.
    pub by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// While an owner's offer is open, collaborators wait; while a coordinator's is, they go on (P-47).
    pub initiator: Initiator,
    pub sections: BTreeSet<TransferSection>,
    /// Whether the former owner keeps a read-only copy (P-45).
    pub keep_copy: bool,
    pub offered_at: Timestamp,
}

/// Which chart it is, and whom it is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OfferedChart {
    pub id: ChartId,
    /// As lists show them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCard>,
}

impl TransferView {
    /// The offer of a chart, without a word of the chart.
    pub fn new(chart: &Chart, offer: &Offer) -> Self {
        Self {
            id: offer.id,
            chart: None,
            from: chart.owner,
            from_name: None,
            to: offer.to,
            to_name: None,
            by: offer.by,
            by_name: None,
            initiator: offer.initiator,
            sections: offer.sections.clone(),
            keep_copy: offer.keep_copy,
            offered_at: offer.offered_at,
        }
    }

    #[must_use]
    pub fn with_chart(self, id: ChartId, client: Option<ClientCard>) -> Self {
        Self { chart: Some(OfferedChart { id, client }), ..self }
    }

    /// With the names of those it concerns, as far as the reader may know them.
    #[must_use]
    pub fn named(self, names: &Names) -> Self {
        let name = |id| names.member(id).map(str::to_owned);
        Self { from_name: name(self.from), to_name: name(self.to), by_name: name(self.by), ..self }
    }
}
