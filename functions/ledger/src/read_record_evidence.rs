//! Reads the audit trail of a record: every act on it and every attempt, newest first (R130, R131, R135).

use crate::{
    entry::{self, Output},
    trail::Query,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, RecordId, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_record_evidence",
    "/charts/{chart_id}/records/{record_id}/evidence",
    Action::ReadRecordEvidence,
    Kind::RecordEvidenceRead,
)
.purpose(Purpose::Operations)
.summary("Read the audit trail of a record (R130, R131)");

pub async fn handle(call: Call, query: Query) -> Outcome<Output> {
    let wanted = query.check()?;
    let (chart_id, record_id): (ChartId, RecordId) = (call.path("chart_id")?, call.path("record_id")?);
    let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
    let store = &call.system.store;
    let trail = async {
        Ok::<_, Problem>(store.evidence_of_record(record_id, wanted.after.as_deref(), wanted.limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([chart_key.any(), record_key.closed()]), trail)?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let facts = wanted.select(loaded.organization.id, page);
    let fact = Fact::new().client(record.client_id).chart(chart_id).record(record_id);
    Ok(Reply::with(entry::show(&call, &loaded, &permit, fact, facts).await?))
}
