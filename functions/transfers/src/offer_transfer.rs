//! Offers a chart to a colleague: by its owner, or by a coordinator who never sees what is in it (P-36, P-40 to P-42,
//! R090-R092, R094).

use crate::{
    handover::{self, Terms},
    view::TransferView,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, MemberId,
    transfer::{TransferError, TransferSection},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "offer_transfer",
    "/charts/{chart_id}/transfers",
    Action::OfferTransfer,
    Kind::TransferOffered,
)
.summary("Offer a chart to a colleague, who accepts or declines (R090-R092)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The chart's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// An active practitioner who has no chart of this client.
    pub to: MemberId,
    /// Overview, progress notes and general documents always; confidential information and raw data if they go too.
    /// What is left out is sealed, and kept by the organization.
    pub sections: BTreeSet<TransferSection>,
    /// Whether the present owner keeps a read-only copy of what is in it until then.
    pub keep_copy: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub transfer: TransferView,
    /// The chart's revision after it.
    pub chart_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let (chart_key, to_key) = (keys::chart(chart_id), keys::member(call.organization_id()?, input.to));
    let loaded = call.load([chart_key.any(), to_key.any()]).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    Problem::unless_current(chart.revision, input.expected_revision)?;
    let recipient = loaded.get(&to_key)?.ok_or(TransferError::Recipient)?;
    let terms = Terms { to: recipient.id, sections: input.sections, keep_copy: input.keep_copy };
    let offer = terms.offer(&call, &chart)?;
    let chart = chart.offer(offer.clone())?;
    // Whether they have a chart of this client is not asked here: they learn it when they accept (P-01, P-33).
    recipient.must_keep_charts()?;
    let output = Output {
        transfer: TransferView::new(&chart, &offer).with_chart(chart_id, None),
        chart_revision: chart.revision.saturating_add(1),
    };
    let (change, fact) = (handover::begun(&call, &chart, &offer), handover::fact(&chart, &offer, offer.to));
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}
