//! Reports that a folder was lost, or harmed by water, fire or otherwise: with who had it last, and what can be put
//! together again. Whoever assesses breaches is told (R034, 45 CFR 164.402).

use crate::{
    handling,
    incidents::{self, IncidentView},
    raising::{self, Said},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    IncidentId,
    incident::{Harm, IncidentNote},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation = Operation::post(
    "report_incident",
    "/charts/{chart_id}/records/{record_id}/incidents",
    Action::ReportIncident,
    Kind::IncidentReported,
)
.purpose(Purpose::RecordsManagement)
.summary("Report that a folder was lost or harmed (R034)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReportIncidentInput")]
pub struct Input {
    expected_revision: u64,
    harm: Harm,
    /// From what, and how far, its content can be put together again.
    note: IncidentNote,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportIncidentOutput")]
pub struct Output {
    incident: IncidentView,
    /// The record's, for the next act on the folder.
    revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let loaded = call.load([chart_key.any(), record_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let incident_id: IncidentId = call.new_id();
    let acted = handling::act(record, input.expected_revision, |folder| {
        Ok(folder.report_incident(incident_id, input.harm, call.now))
    })?;
    let (assessors, handed_to, directory) = tokio::try_join!(
        raising::assessors(&call),
        raising::handed_to(&call, acted.record.chart_id, acted.record.id),
        call.directory(&loaded.organization)
    )?;
    let note = directory.seal(&call.system.vault, "incident/note", &incident_id, &input.note)?;
    let said = Said { id: incident_id, harm: input.harm, handed_to, note: Some(note) };
    let incident = raising::incident(&call, loaded.member.id, &acted, said);
    let change = raising::raise(&call, acted.change(&call, loaded.member.id), &incident, &assessors);
    let shown = incidents::shown(&call, &loaded, &permit, std::slice::from_ref(&incident)).await?;
    let view = shown.into_iter().next().ok_or_else(|| Problem::internal("no incident is shown"))?;
    let fact = handling::fact(&acted.record, &acted.act).detail("state", acted.folder.state.name());
    let output = Output { incident: view, revision: acted.record.revision.saturating_add(1) };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}
