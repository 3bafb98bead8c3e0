//! Marks a record confidential, with why it asks for more care, or takes the mark off; the chart it is filed in
//! follows (R080, R083, P-30).

use crate::filed::{Filed, Place};
use api::{Call, Fact, Operation, Outcome, Reply, view::RecordView};
use authz::Action;
use domain::confidentiality::{Guard, Sensitivity};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

pub static OPERATION: Operation = Operation::put(
    "mark_record",
    "/charts/{chart_id}/records/{record_id}/confidentiality",
    Action::MarkRecord,
    Kind::RecordMarked,
)
.summary("Mark a record confidential, or take the mark off (R080, R083)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub confidential: bool,
    /// Why it asks for more care than others; with any of them it is confidential. Replaces those set before.
    #[serde(default)]
    pub labels: BTreeSet<Sensitivity>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;
    let before = filed.record.clone();
    let record = filed.record.mark(&filed.chart, input.confidential, input.labels, call.now)?;
    let filed = Filed { record, ..filed };
    let key = filed.key(&call).await?;
    let change = filed.replacing(&place, &before);
    let fact = told(filed.fact(), &before.guard, &filed.record.guard);
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(view)).await
}

/// That it was marked anew, and how many labels came and went: which, and whether the mark is on, is for who has the
/// chart (P-34), and the trail is read by others too.
fn told(fact: Fact, before: &Guard, after: &Guard) -> Fact {
    let added = after.labels.difference(&before.labels).count();
    let removed = before.labels.difference(&after.labels).count();
    fact.detail("labels_added", added).detail("labels_removed", removed)
}
