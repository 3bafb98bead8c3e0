//! Proves that one record was destroyed, without a word of the others in its batch (R155).

use crate::{Nothing, certified::Certified};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{RecordId, purpose::Purpose};
use evidence::{Kind, certificate::Proof};

pub static OPERATION: Operation = Operation::get(
    "prove_destruction",
    "/dispositions/{disposition_id}/records/{record_id}/proof",
    Action::ProveDestruction,
    Kind::DestructionProved,
)
.purpose(Purpose::RecordsManagement)
.summary("Prove that one record was destroyed, showing nothing of the others (R155)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<Proof> {
    let record_id: RecordId = call.path("record_id")?;
    let Certified { permit, disposition, document, .. } = Certified::find(&call).await?;
    let proof = document.prove(record_id).ok_or_else(Problem::not_found)?;
    call.witness(&permit, Fact::new().disposition(disposition.id).record(record_id)).await?;
    Ok(Reply::with(proof))
}
