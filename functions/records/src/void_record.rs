//! Voids a wrong record: entered in error, struck through, kept. The barcode of a folder is free again, so that the
//! paper that bears it can be indexed as it should have been (R030).

use crate::filed::{Filed, Place, Reason};
use api::{Call, Operation, Outcome, Reply, view::RecordView};
use authz::Action;
use domain::record::Voided;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "void_record",
    "/charts/{chart_id}/records/{record_id}/void",
    Action::VoidRecord,
    Kind::RecordVoided,
)
.success(200)
.summary("Void a record that was entered in error; it is kept, struck through (X-4)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// What was wrong.
    pub reason: Reason,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let place = Place::of(&call)?;
    let loaded = call.load(place.keys()).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;
    let key = filed.key(&call).await?;
    let voided = Voided {
        by: loaded.member.id,
        at: call.now,
        reason: key.seal(&call.system.vault, "record/void", &place.record_id, &input.reason)?,
    };
    let before = filed.record.clone();
    let filed = Filed { record: filed.record.void(voided)?, ..filed };
    let change = filed.replacing(&place, &before).unlabel(&before);
    let view = filed.view(&key, &loaded)?.revised();
    call.commit(&loaded.organization, &filed.permit, change, filed.fact(), Reply::with(view)).await
}
